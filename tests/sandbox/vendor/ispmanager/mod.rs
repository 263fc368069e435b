//! The simulated billing of Ispmanager: a client-level BILLmanager over HTTP (facts: ispmanager.md).
//!
//! What is not known of the real one is a switch, so that a client's tolerance and its refusal to
//! guess can both be shown:
//!
//! - `two-factor` on: data functions wait for a second factor (a session that gave [`CODE`] does not); `captcha` on: the address is refused
//! - `filter` `<column>=<value>`: somebody saved a list filter (empty: none); `filter-form` off: its
//!   form does not exist; `filter-stuck` on: emptying it has no effect
//! - `kind` word for "own CSR" (default `existing`); `kind-choices` off: forms do not tell it;
//!   `step` generated/silent: the free step answers with a key of its own, or with nothing
//! - `countries` off, `approvers` off, `prices` off: forms do not show them
//! - `order-reply` item/inner/silent/bare/nothing/elsewhere/elsewhere-silent/payment/error/echo: shape of the
//!   answer to a sale; `poor` unpaid: without money a service is made and waits for payment
//! - `unique-marker` on: a second order with the same `remoteid` is refused
//! - `read` off: records have no form; `csr` off, `marker` on, or record (lists do not): what records show;
//!   `delivery` zip/file/none: where the certificate is; `orig` off, `total` off, `page` number: lists
//! - `prolong` off/access/elsewhere, `reissue-next` function: how renewals and reissues go;
//!   `prolong-issues` off: a renewal extends the term and brings no certificate
//! - `balance` whoami/subaccount/usrparam/words/none: where it is shown
//! - `error` `<function>:<type>[:<object>]`: refuses a function; `state` `<service>:<raw state>`

mod acts;
pub mod catalogue;
mod fields;
mod form;
mod output;
mod pages;
mod sessions;
mod state;

use std::sync::Mutex;

use chrono::{DateTime, Utc};

use super::authority::{Authority, LineEnds, pem};
use super::xml::Element;
use super::{
    Approval, OrderView, Sale, SaleKind, Vendor, VendorClock, VendorRequest, VendorResponse,
    Violation, lock,
};
use fields::FUNCTIONS;
use form::Form;
use state::State;

/// Login of the account.
pub const LOGIN: &str = "reseller@example.com";
/// Its password.
pub const PASSWORD: &str = "isp-canary-Pa55+&%:word";

/// Content of a reply, or its error.
type Answer = Result<Vec<Element>, Element>;

/// What the second factor's device shows.
pub const CODE: &str = "246813";

const SWITCHES: [&str; 26] = [
    "two-factor",
    "captcha",
    "filter",
    "filter-form",
    "filter-stuck",
    "kind",
    "kind-choices",
    "step",
    "countries",
    "approvers",
    "prices",
    "order-reply",
    "poor",
    "unique-marker",
    "read",
    "csr",
    "marker",
    "delivery",
    "orig",
    "total",
    "page",
    "prolong",
    "prolong-issues",
    "reissue-next",
    "balance",
    "error",
];

/// What a function works on.
struct Context<'a> {
    state: &'a mut State,
    authority: &'a Authority,
    now: DateTime<Utc>,
}

/// The vendor.
pub struct Ispmanager {
    authority: Authority,
    clock: VendorClock,
    state: Mutex<State>,
}

impl Default for Ispmanager {
    fn default() -> Self {
        Self::new()
    }
}

impl Ispmanager {
    /// A billing with 1000.00 EUR on the account.
    pub fn new() -> Self {
        Self {
            authority: Authority::new("Billing"),
            clock: VendorClock::default(),
            state: Mutex::new(State {
                balance: 100_000,
                last_id: 7_741_000,
                ..State::default()
            }),
        }
    }

    /// The authority's root as PEM.
    pub fn root(&self) -> String {
        pem(&[self.authority.root()], LineEnds::Lf)
    }

    /// Sets the raw state of a service.
    pub fn set_state(&self, service: &str, raw: &str) {
        let mut state = lock(&self.state);
        state.service(service).expect("a service").state = raw.to_owned();
    }

    /// A service's last paid day and its current approver addresses.
    pub fn service(&self, service: &str) -> (chrono::NaiveDate, Vec<String>) {
        let mut state = lock(&self.state);
        let service = state.service(service).expect("a service");
        (service.expires, service.approvers.clone())
    }

    fn serve(&self, function: &str, form: &Form) -> Result<Vec<u8>, Answer> {
        let state = &mut *lock(&self.state);
        if let Some(answer) = sessions::enter(state, function, form) {
            return Err(answer);
        }
        let refusal: Vec<String> = state
            .switch("error")
            .split(':')
            .map(str::to_owned)
            .collect();
        if let [wanted, kind, object @ ..] = refusal.as_slice()
            && wanted == function
        {
            let object = object.first().map_or("", String::as_str);
            return Err(Err(error(kind, object, "")));
        }
        let mut context = Context {
            state,
            authority: &self.authority,
            now: self.clock.now(),
        };
        if function == "certificate.file" {
            return pages::file(&mut context, form).map_err(Err);
        }
        Err(dispatch(&mut context, function, form))
    }
}

fn dispatch(context: &mut Context<'_>, function: &str, form: &Form) -> Answer {
    let acts = form.acts();
    match function {
        "whoami" => pages::account(context.state, LOGIN),
        "subaccount" => pages::balances(context.state),
        "usrparam" => pages::user(context.state),
        "country" => pages::countries(),
        "menu" => Ok(vec![Element::leaf("mainmenuservice", "certificate")]),
        "certificate" => pages::list(context.state, form),
        "certificate.filter" if acts => {
            // Emptied only by a request without the output format.
            if !form.has("out") && context.state.switch("filter-stuck") != "on" {
                context.state.filter.retain(|name, _| !form.has(name));
            }
            Ok(vec![Element::leaf("ok", "")])
        }
        "certificate.filter" => pages::filter_form(context.state),
        "certificate.order" => pages::tariffs(context.state, form),
        "certificate.order.csr" if acts => acts::request(context.state, form),
        "certificate.order.csr" => pages::request_form(context.state, form),
        "certificate.order.param" if acts => acts::order(context, form),
        "certificate.order.param" => pages::order_form(context.state, form),
        "certificate.edit" => pages::record(context, form),
        "certificate.reissue" => acts::reissue(context, form),
        "service.prolong" => acts::prolong(context, form),
        _ => Err(missed(function)),
    }
}

/// Functions that a client of this billing has not or may not use, in the words of any BILLmanager (5):
/// nothing is done, and asking is no offence.
fn refused(function: &str, elid: &str) -> Option<Element> {
    match function {
        "soft.edit" => Some(value_error("elid", elid)),
        "session.newkey" => Some(error("access", function, "")),
        "certificate.delete" => Some(missed(function)),
        _ => None,
    }
}

fn error(kind: &str, object: &str, value: &str) -> Element {
    let mut error = Element::node(
        "error",
        vec![Element::leaf("msg", format!("Refused ({kind} {object})"))],
    );
    error.attributes.push(("type".to_owned(), kind.to_owned()));
    for (name, text) in [("object", object), ("value", value)] {
        if !text.is_empty() {
            error.attributes.push((name.to_owned(), text.to_owned()));
        }
    }
    error
}

fn value_error(object: &str, value: &str) -> Element {
    error("value", object, value)
}

fn missed(object: &str) -> Element {
    error("missed", object, "")
}

/// The word for "own CSR".
fn kind_word(state: &State) -> String {
    match state.switch("kind") {
        "" => "existing".to_owned(),
        word => word.to_owned(),
    }
}

impl Vendor for Ispmanager {
    fn name(&self) -> &'static str {
        "ispmgrssl"
    }

    /// The function; its acting form has a `!` behind it, so that faults can tell the two.
    fn call_name(&self, request: &VendorRequest) -> String {
        let form = Form::read(request).unwrap_or_default();
        let mark = if form.acts() { "!" } else { "" };
        format!("{}{mark}", form.value("func"))
    }

    fn handle(&self, request: &VendorRequest) -> VendorResponse {
        let name = self.call_name(request);
        let blame = |problem: &str| lock(&self.state).violation(&name, problem);
        if !request.path.ends_with("/billmgr") {
            blame("no such path");
            return VendorResponse::with_status(404, "text/html", "<h1>404 Not Found</h1>");
        }
        let form = match Form::read(request) {
            Ok(form) => form,
            Err(problem) => {
                blame(&problem);
                return VendorResponse::with_status(400, "text/html", "<h1>400</h1>");
            }
        };
        let function = form.value("func");
        let reply = |function: &str, content: Vec<Element>| {
            output::document(function, &form, content).unwrap_or_else(|problem| {
                blame(&problem);
                VendorResponse::with_status(501, "text/plain", "not established")
            })
        };
        if let Some(refused) = refused(function, form.value("elid")) {
            return reply(function, vec![refused]);
        }
        let Some((_, allowed)) = FUNCTIONS.iter().find(|(known, _)| *known == function) else {
            blame("no such function");
            return reply(function, vec![missed(function)]);
        };
        for field in form.unknown(allowed) {
            blame(&format!("the field {field} is not known"));
        }
        let out = form.value("out");
        let plain = out.is_empty() && function == "certificate.filter" && form.acts();
        if !plain && !matches!(out, "xml" | "json" | "sjson" | "bjson") {
            blame("out is no known form");
        }
        let pays = matches!(function, "certificate.order.param" | "service.prolong");
        if form.acts() && pays != (form.value("skipbasket") == "on") {
            blame("skipbasket does not fit");
        }
        if !form.acts() && form.has("skipbasket") {
            blame("skipbasket without sok");
        }
        if form.has("key") && form.value("crt_type") != "generate" {
            blame("a private key beside a request of one's own");
        }
        let answer = match self.serve(function, &form) {
            Ok(file) => return VendorResponse::ok("application/zip", file),
            Err(answer) => answer,
        };
        let next = lock(&self.state).switch("reissue-next").to_owned();
        let shown = if function == "certificate.reissue" && form.acts() && !next.is_empty() {
            next.as_str()
        } else {
            function
        };
        match answer {
            Ok(content) => reply(shown, content),
            Err(error) => reply(function, vec![error]),
        }
    }

    fn refusal(&self, request: &VendorRequest) -> VendorResponse {
        let form = Form::read(request).unwrap_or_default();
        let refused = vec![error("value", "CN", "")];
        output::document(&self.call_name(request), &form, refused)
            .unwrap_or_else(|_| VendorResponse::with_status(501, "text/plain", "not established"))
    }

    fn sales(&self) -> Vec<Sale> {
        lock(&self.state).sales.clone()
    }

    fn sold(&self) -> usize {
        lock(&self.state).sales.len()
    }

    fn violations(&self) -> Vec<Violation> {
        lock(&self.state).violations.clone()
    }

    fn orders(&self) -> Vec<OrderView> {
        let state = lock(&self.state);
        let orders = state.services.iter().map(|service| OrderView {
            key: super::csr::hex(&service.csr.public_key),
            proofs: service.approvers.clone(),
            id: service.id.to_string(),
            custom: service.marker.clone(),
            product: service.tariff.id.to_owned(),
            common_name: service.common_name.clone(),
            names: service.names.clone(),
            status: format!("{}/{}", service.state, service.certificate_state),
            serial: service.certificate.as_ref().map(|one| one.serial.clone()),
            certificate: service
                .certificate
                .as_ref()
                .map(|one| pem(&[&one.der], LineEnds::Lf)),
        });
        orders.collect()
    }

    fn approve(&self, order: &str, what: &Approval) -> Result<(), String> {
        lock(&self.state).approve(order, what, &self.authority, self.clock.now())
    }

    fn fail(&self, order: &str, _reason: &str) -> Result<(), String> {
        let mut state = lock(&self.state);
        let service = state.service(order).ok_or("no such service")?;
        service.certificate_state = 6;
        Ok(())
    }

    fn order_by_hand(&self, common_name: &str, csr: &str) -> Result<String, String> {
        lock(&self.state).order_by_hand(common_name, csr, self.clock.now())
    }

    fn reissue_by_hand(&self, order: &str, csr: &str) -> Result<(), String> {
        let now = self.clock.now();
        lock(&self.state).reissue_by_hand(order, csr, &self.authority, now)
    }

    fn cancel_by_hand(&self, order: &str) -> Result<(), String> {
        lock(&self.state).cancel_by_hand(order)
    }

    fn clock(&self) -> &VendorClock {
        &self.clock
    }

    fn set_balance(&self, cents: i64) {
        lock(&self.state).balance = cents;
    }

    fn balance(&self) -> i64 {
        lock(&self.state).balance
    }

    fn set_switch(&self, name: &str, value: &str) -> Result<(), String> {
        let mut state = lock(&self.state);
        match name {
            "filter" => {
                state.filter = value
                    .split_once('=')
                    .map(|(column, value)| (column.to_owned(), value.to_owned()))
                    .into_iter()
                    .collect();
            }
            "state" => {
                let (id, raw) = value.split_once(':').ok_or("service:state is expected")?;
                let service = state
                    .service(id)
                    .ok_or_else(|| format!("there is no service {id}"))?;
                let is_paid_for = service.state == "1" && raw == "2";
                service.state = raw.to_owned();
                // Somebody pays in the panel for what waited for it.
                let sale = is_paid_for.then(|| Sale {
                    order: id.to_owned(),
                    custom: service.marker.clone(),
                    product: service.tariff.id.to_owned(),
                    amount: service.tariff.price,
                    at: self.clock.now(),
                    kind: SaleKind::Order,
                    refunded: false,
                });
                state.sales.extend(sale);
            }
            known if SWITCHES.contains(&known) => {
                state.switches.insert(name.to_owned(), value.to_owned());
            }
            _ => return Err(format!("no switch is called {name}")),
        }
        Ok(())
    }

    fn settings(&self, base: &str) -> Vec<(&'static str, String, bool)> {
        vec![
            ("url", format!("{base}/billmgr"), false),
            ("username", LOGIN.to_owned(), false),
            ("password", PASSWORD.to_owned(), true),
        ]
    }
}
