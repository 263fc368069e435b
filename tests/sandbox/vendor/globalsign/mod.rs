//! The simulated GlobalSign: ServerSSLService, GASService and AccountService below `/kb/ws/v1/`.
//!
//! Requests are held against the schema; a deviation is a SOAP fault and a violation in the log.
//! Switches: `hold` on (new orders are held for review), `marker` off (searches do not repeat SubID),
//! `original-csr` off, `empty-fulfillment` on, `clock-fault` on (dates 12 hours early), `list-limit`
//! number, `hide` order number or `all` (listings and look-ups do not show it), `proof` order number
//! or `all` (the TXT record or file is published), `balance` plain/none/two (form of the snapshot),
//! `error` `<operation or *>:<code>` (refuses until it is empty), `silent-number` on (DVOrder does not
//! repeat its number), `key-once` on (one key under two names is refused, -6007), `month-product` on
//! (an account of old: AlphaSSL reads back as sold by the month), `proof-host` host name (the only place where the
//! record or file is published).

mod calls;
mod hands;
mod names;
mod place;
mod query;
mod reply;
pub mod schema;
mod state;

use std::collections::BTreeMap;
use std::sync::Mutex;

use chrono::{DateTime, Utc};

use super::authority::Authority;
use super::xml::{self, Element};
use super::{
    Approval, OrderView, Sale, Vendor, VendorClock, VendorRequest, VendorResponse, Violation, lock,
    mail_proves,
};
use reply::{ApiError, error, field_error};
use state::{Proof, State};

/// User name of the account.
pub const USER: &str = "PAR00000_sandbox";
/// Password of the account.
pub const PASSWORD: &str = "gs-canary-Pa55<&>word";

/// Where the services live.
const BASE_PATH: &str = "/kb/ws/v1/";

/// What a served call answers.
#[derive(Debug, Default)]
pub struct Outcome {
    number: Option<String>,
    remarks: Vec<ApiError>,
    children: Vec<Element>,
}

impl Outcome {
    fn of(children: Vec<Element>) -> Self {
        Self {
            children,
            ..Self::default()
        }
    }

    fn numbered(number: &str) -> Self {
        Self {
            number: Some(number.to_owned()),
            ..Self::default()
        }
    }
}

/// Named switches.
#[derive(Debug, Default, Clone)]
pub struct Switches(BTreeMap<String, String>);

impl Switches {
    fn value(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }

    fn is_on(&self, name: &str) -> bool {
        self.value(name) == "on"
    }

    fn is_off(&self, name: &str) -> bool {
        self.value(name) == "off"
    }

    fn number(&self, name: &str) -> Option<usize> {
        self.value(name).parse().ok()
    }

    fn hides(&self, order: &str) -> bool {
        let hidden = self.value("hide");
        hidden == "all" || hidden == order
    }

    /// The code with which an operation is refused.
    fn refusal(&self, operation: &str) -> Option<i32> {
        let (wanted, code) = self.value("error").split_once(':')?;
        (wanted == "*" || wanted == operation)
            .then(|| code.parse().ok())
            .flatten()
    }
}

const SWITCHES: [&str; 14] = [
    "proof-host",
    "key-once",
    "month-product",
    "hold",
    "marker",
    "original-csr",
    "empty-fulfillment",
    "clock-fault",
    "list-limit",
    "hide",
    "proof",
    "balance",
    "error",
    "silent-number",
];

/// The vendor.
pub struct GlobalSign {
    authority: Authority,
    clock: VendorClock,
    state: Mutex<State>,
    switches: Mutex<Switches>,
    violations: Mutex<Vec<Violation>>,
}

impl Default for GlobalSign {
    fn default() -> Self {
        Self::new()
    }
}

impl GlobalSign {
    /// A vendor with an account of 10 000 dollars.
    pub fn new() -> Self {
        Self {
            authority: Authority::new("GlobalSign"),
            clock: VendorClock::default(),
            state: Mutex::new(State {
                balance: 1_000_000,
                ..State::default()
            }),
            switches: Mutex::default(),
            violations: Mutex::default(),
        }
    }

    /// The authority that signs.
    pub fn authority(&self) -> &Authority {
        &self.authority
    }

    /// How many approver mails an order has caused.
    pub fn mails(&self, order: &str) -> u32 {
        lock(&self.state)
            .order(order)
            .map_or(0, |order| order.mails)
    }

    fn serve(
        &self,
        operation: &'static str,
        request: &Element,
        now: DateTime<Utc>,
    ) -> Result<Outcome, ApiError> {
        authenticate(request)?;
        let switches = lock(&self.switches).clone();
        if let Some(code) = switches.refusal(operation) {
            return Err(error(code, "Refused by a switch."));
        }
        let mut state = lock(&self.state);
        match operation {
            "GetDVApproverList" => calls::approver_list(request, &mut state, now),
            "DVOrder" => {
                let mut outcome = place::order(operation, request, &mut state, &switches, now)?;
                if switches.is_on("silent-number") {
                    outcome.number = None;
                }
                Ok(outcome)
            }
            "DVDNSOrder" | "URLVerification" | "OVOrder" | "EVOrder" => {
                place::order(operation, request, &mut state, &switches, now)
            }
            "ReIssue" => {
                let outcome = place::reissue(request, &mut state, now)?;
                let number = outcome.number.clone().unwrap_or_default();
                self.issue(&mut state, &number, now)?;
                Ok(outcome)
            }
            "DecodeCSR" => calls::decode(request),
            "ValidateOrderParameters" => calls::validate(request, &state, &switches, now),
            "DVDNSVerificationForIssue" | "URLVerificationForIssue" => {
                self.verify(operation, request, &mut state, &switches, now)
            }
            "ModifyOrder" => calls::modify(request, &mut state, now),
            "ChangeApproverEmail" => calls::change_approver(request, &mut state, now),
            "ResendEmail" => calls::resend(request, &mut state),
            "GetOrderByOrderID" => {
                let id = request.value("OrderID").unwrap_or_default();
                let order = state.order(id).filter(|order| !switches.hides(&order.id));
                // An unknown number is an internal error to the live service.
                let order = order.ok_or_else(|| error(-1, "Internal system error."))?;
                let detail = query::detail(order, request, &self.authority, &switches);
                Ok(Outcome {
                    children: vec![detail],
                    ..Outcome::numbered(id)
                })
            }
            "GetOrderByDateRange" | "GetModifiedOrders" => {
                let changed = operation == "GetModifiedOrders";
                query::by_date(request, &state, &self.authority, &switches, changed)
                    .map(Outcome::of)
            }
            "GetCertificateOrders" => query::search(request, &state, &switches).map(Outcome::of),
            "AccountSnapshot" => Ok(Outcome::of(calls::snapshot(
                &state,
                switches.value("balance"),
            ))),
            other => Err(error(-9100, &format!("{other} is not served."))),
        }
    }

    fn issue(&self, state: &mut State, order: &str, now: DateTime<Utc>) -> Result<(), ApiError> {
        state
            .issue(order, &self.authority, now)
            .map_err(|why| error(-9943, &why))
    }

    fn verify(
        &self,
        operation: &str,
        request: &Element,
        state: &mut State,
        switches: &Switches,
        now: DateTime<Utc>,
    ) -> Result<Outcome, ApiError> {
        let id = request.value("OrderID").unwrap_or_default();
        let order = state
            .order_mut(id)
            .ok_or_else(|| error(-9916, "The order is not found."))?;
        let host = if operation == "DVDNSVerificationForIssue" {
            if !matches!(order.proof, Proof::Dns(_)) {
                return Err(error(-4005, "Not a DNS order."));
            }
            request.value("ApproverFQDN").unwrap_or_default()
        } else {
            if !matches!(order.proof, Proof::Url(_)) {
                return Err(error(-4005, "Not a URL order."));
            }
            let url = request.value("ApproverURL").unwrap_or_default();
            url.strip_prefix("http://")
                .or_else(|| url.strip_prefix("https://"))
                .ok_or_else(|| error(-9152, "The ApproverURL format is wrong."))?
        };
        let own = order
            .common_name
            .strip_prefix("*.")
            .unwrap_or(&order.common_name);
        let registrable = psl::domain_str(own).unwrap_or(own);
        let is_above = own
            .strip_suffix(host)
            .is_some_and(|front| front.ends_with('.') && host.len() >= registrable.len());
        if host != own && !is_above {
            return Err(error(-101, "The name is not one of the order's."));
        }
        if order.status == 4 {
            return Err(error(-9938, "The status of the order has changed."));
        }
        let wanted = switches.value("proof");
        let place = switches.value("proof-host");
        let is_here = place.is_empty() || place == host;
        if !(is_here && (order.published || wanted == "all" || wanted == id)) {
            let code = if operation == "DVDNSVerificationForIssue" {
                -3026
            } else {
                -4147
            };
            return Err(error(code, "The verification text was not found."));
        }
        order.domain_done = true;
        self.issue(state, id, now)?;
        let order = state
            .order(id)
            .ok_or_else(|| error(-9916, "The order is not found."))?;
        let shown = query::issued(order, &self.authority, switches);
        Ok(Outcome::of(vec![shown]))
    }
}

fn authenticate(request: &Element) -> Result<(), ApiError> {
    let token = request
        .children
        .first()
        .and_then(|header| header.child("AuthToken"));
    let value = |name: &str| token.and_then(|token| token.value(name));
    if value("UserName") == Some(USER) && value("Password") == Some(PASSWORD) {
        Ok(())
    } else {
        Err(error(-4001, "Login failure: invalid user ID or password."))
    }
}

impl Vendor for GlobalSign {
    fn name(&self) -> &'static str {
        "globalsign"
    }

    fn call_name(&self, request: &VendorRequest) -> String {
        xml::read(&request.text())
            .ok()
            .and_then(|document| {
                let call = document.find("Body")?.children.first()?;
                Some(call.local_name().to_owned())
            })
            .unwrap_or_else(|| "unreadable".to_owned())
    }

    fn handle(&self, request: &VendorRequest) -> VendorResponse {
        let call = self.call_name(request);
        let violation = |problem: String| {
            lock(&self.violations).push(Violation {
                call: call.clone(),
                problem,
            });
        };
        let Some(service) = request.path.strip_prefix(BASE_PATH) else {
            violation(format!("the path {} is unknown", request.path));
            return VendorResponse::with_status(404, "text/html", "<html>Not Found</html>");
        };
        if request.method != "POST" {
            violation(format!("{} instead of POST", request.method));
        }
        let content_type = request.header("content-type").unwrap_or_default();
        if !content_type.starts_with("text/xml") {
            violation(format!("the content type is {content_type}"));
        }
        if request.header("soapaction") != Some("\"\"") {
            violation("SOAPAction is not empty".to_owned());
        }
        let document = match xml::read(&request.text()) {
            Ok(document) => document,
            Err(why) => {
                violation(format!("not XML: {why}"));
                return reply::fault("not XML");
            }
        };
        let accepted = match schema::check(service, &document) {
            Ok(accepted) => accepted,
            Err(problems) => {
                let text = problems.join("; ");
                problems.into_iter().for_each(violation);
                return reply::fault(&text);
            }
        };
        let now = self.clock.now();
        match self.serve(accepted.operation, &accepted.request, now) {
            Ok(outcome) => reply::success(
                accepted.operation,
                outcome.number.as_deref(),
                &outcome.remarks,
                outcome.children,
                now,
            ),
            Err(error) => reply::failure(accepted.operation, &[error], now),
        }
    }

    fn refusal(&self, request: &VendorRequest) -> VendorResponse {
        let error = field_error(-101, "OrderRequestParameter", "Invalid parameter.");
        reply::failure(&self.call_name(request), &[error], self.clock.now())
    }

    fn sales(&self) -> Vec<Sale> {
        lock(&self.state).sales.clone()
    }

    fn sold(&self) -> usize {
        lock(&self.state).sales.len()
    }

    fn violations(&self) -> Vec<Violation> {
        lock(&self.violations).clone()
    }

    fn orders(&self) -> Vec<OrderView> {
        use super::authority::{LineEnds, pem};
        lock(&self.state)
            .orders
            .iter()
            .map(|order| OrderView {
                key: super::csr::hex(&order.csr.public_key),
                proofs: order.proof.looked_for(),
                id: order.id.clone(),
                custom: order.sub_id.clone(),
                product: order.product.clone(),
                common_name: order.common_name.clone(),
                names: order.names.iter().map(|(_, name)| name.clone()).collect(),
                status: order.status.to_string(),
                serial: order.issued.as_ref().map(|issued| issued.serial.clone()),
                certificate: order
                    .issued
                    .as_ref()
                    .map(|issued| pem(&[&issued.der], LineEnds::Lf)),
            })
            .collect()
    }

    /// The approver's click, the vetting team's nod; for TXT record and file, as if the vendor's
    /// support had looked itself.
    fn approve(&self, order: &str, what: &Approval) -> Result<(), String> {
        let now = self.clock.now();
        let mut state = lock(&self.state);
        let wanted = state.order_mut(order).ok_or("no such order")?;
        if *what != Approval::Organization {
            mail_proves(wanted.proof.is_by_mail(), now)?;
        }
        if wanted.status == 2 {
            wanted.status = 1;
        }
        match what {
            Approval::All => {
                wanted.domain_done = true;
                wanted.organization_done = true;
            }
            Approval::Name(_) => wanted.domain_done = true,
            Approval::Organization => wanted.organization_done = true,
        }
        wanted.changed = now;
        state.issue(order, &self.authority, now)
    }

    fn fail(&self, order: &str, _reason: &str) -> Result<(), String> {
        let now = self.clock.now();
        let mut state = lock(&self.state);
        let wanted = state.order_mut(order).ok_or("no such order")?;
        wanted.status = 3;
        wanted.changed = now;
        state.refund(order);
        Ok(())
    }

    fn prove_otherwise(&self, order: &str) -> Result<(), String> {
        let mut state = lock(&self.state);
        let wanted = state.order_mut(order).ok_or("no such order")?;
        if !wanted.proof.is_by_mail() {
            return Err(format!("order {order} is not proved by e-mail"));
        }
        wanted.proof = Proof::Dns(format!("_globalsign-domain-verification={order}token"));
        wanted.domain_done = false;
        Ok(())
    }

    fn order_by_hand(&self, common_name: &str, csr: &str) -> Result<String, String> {
        self.order_in_panel(common_name, csr)
    }

    fn reissue_by_hand(&self, order: &str, csr: &str) -> Result<(), String> {
        self.reissue_in_panel(order, csr)
    }

    fn cancel_by_hand(&self, order: &str) -> Result<(), String> {
        self.cancel_in_panel(order)
    }

    fn revoke(&self, order: &str) -> Result<(), String> {
        self.revoke_order(order)
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
        if !SWITCHES.contains(&name) {
            return Err(format!("no switch is called {name}"));
        }
        lock(&self.switches)
            .0
            .insert(name.to_owned(), value.to_owned());
        Ok(())
    }

    fn settings(&self, base: &str) -> Vec<(&'static str, String, bool)> {
        vec![
            ("username", USER.to_owned(), false),
            ("password", PASSWORD.to_owned(), true),
            ("api_url", format!("{base}{BASE_PATH}"), false),
        ]
    }
}
