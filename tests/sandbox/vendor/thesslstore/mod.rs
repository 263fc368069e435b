//! The simulated TheSSLStore: partner REST API in JSON and XML (facts: thesslstore.md).

mod calls;
mod changes;
mod download;
mod fields;
mod further;
mod place;
pub mod products;
mod refusal;
mod reply;
mod state;
pub mod switches;
mod validation;

use std::sync::Mutex;

use serde_json::{Value, json};

use super::authority::{Authority, LineEnds, pem};
use super::csr;
use super::table::{from_xml, problems};
use super::{
    Approval, OrderView, Sale, Vendor, VendorClock, VendorRequest, VendorResponse, Violation, lock,
    xml,
};
use calls::{Answer, Context};
use fields::{CALLS, Call, Credentials};
use refusal::Refusal;
use state::State;

#[allow(unused_imports)] // not every user changes behaviour
pub use switches::{Strictness, Switches, UtcDates};

/// Path of the API below the host.
const BASE: &str = "/rest/";

/// The simulated vendor.
pub struct TheSslStore {
    partner: String,
    token: String,
    state: Mutex<State>,
    clock: VendorClock,
    authority: Authority,
}

impl Default for TheSslStore {
    fn default() -> Self {
        Self::new()
    }
}

impl TheSslStore {
    /// A store with 1000.00 on the account and invented credentials.
    pub fn new() -> Self {
        Self::with_credentials("11112222", "secret-0f0f0f0f0f0f")
    }

    /// The same with chosen credentials.
    pub fn with_credentials(partner: &str, token: &str) -> Self {
        let state = State {
            balance: 100_000,
            ..State::default()
        };
        Self {
            partner: partner.to_owned(),
            token: token.to_owned(),
            state: Mutex::new(state),
            clock: VendorClock::default(),
            authority: Authority::new("Store"),
        }
    }

    /// Changes switches.
    pub fn switch(&self, change: impl FnOnce(&mut Switches)) {
        change(&mut lock(&self.state).switches);
    }

    /// Staff decides on a refund request.
    pub fn decide_refund(&self, order: &str, granted: bool) -> Result<(), String> {
        lock(&self.state).decide_refund(order, granted)
    }

    /// How many validation mails an order has sent.
    pub fn mails(&self, order: &str) -> u32 {
        lock(&self.state)
            .order(order)
            .map_or(0, |order| order.mails)
    }

    /// Names that `digicert/checkdcv` was asked to look at.
    pub fn looks(&self) -> Vec<String> {
        lock(&self.state).looks.clone()
    }

    /// The authority's root as PEM.
    pub fn root(&self) -> String {
        pem(&[self.authority.root()], LineEnds::Lf)
    }

    fn violation(&self, call: &str, problem: impl Into<String>) {
        lock(&self.state).violations.push(Violation {
            call: call.to_owned(),
            problem: problem.into(),
        });
    }

    /// Reads a request into JSON's shape; `Err` is an answer outside the API.
    fn read(&self, call: &Call, request: &VendorRequest, xml: bool) -> Result<Value, String> {
        let text = std::str::from_utf8(&request.body).map_err(|_| "the body is not UTF-8")?;
        if !xml {
            return serde_json::from_str(text).map_err(|error| format!("JSON: {error}"));
        }
        let root = xml::read(text).map_err(|error| format!("XML: {error}"))?;
        let wanted = call.root.ok_or("no source shows this call in XML")?;
        if root.name != wanted {
            return Err(format!("the root is {}, not {wanted}", root.name));
        }
        let mut root = root;
        // The platform vendor's XML client writes the block in British spelling (6.2).
        for child in &mut root.children {
            if child.name == "OrganisationInfo" {
                child.name = "OrganizationInfo".to_owned();
            }
        }
        Ok(from_xml(&root, fields::fields(call, true)))
    }

    fn is_authorised(&self, call: &Call, body: &Value, state: &State) -> bool {
        let switches = &state.switches;
        let fits = |place: &Value| {
            place::text(place, "PartnerCode") == self.partner
                && place::text(place, "AuthToken") == self.token
        };
        let nested = body.get("AuthRequest");
        match call.credentials {
            Credentials::None => true,
            Credentials::Flat => fits(body),
            Credentials::FlatMayNest => {
                fits(body) && nested.is_none_or(|nested| nested.is_null() || fits(nested))
            }
            Credentials::Nested
                if call.name == "order/query"
                    && !further::is_by_token(body)
                    && !switches.query_checks_token =>
            {
                nested.is_some_and(|nested| place::text(nested, "PartnerCode") == self.partner)
            }
            Credentials::Nested if further::is_by_token(body) => {
                call.name != "order/inviteorder" && further::scope(state, body).is_some()
            }
            Credentials::Nested => nested.is_some_and(fits),
        }
    }

    fn serve(&self, call: &Call, body: &Value) -> Answer {
        let state = &mut *lock(&self.state);
        if !self.is_authorised(call, body, state) {
            return Err(Refusal::credentials());
        }
        let now = self.clock.now();
        state.settle(&self.authority, now);
        // The vendor's sandbox lets a wrong token pass here; nothing is known to be shown for it.
        if call.name == "order/query"
            && !further::is_by_token(body)
            && body.pointer("/AuthRequest/AuthToken") != Some(&json!(self.token))
        {
            return Ok(json!([]));
        }
        let scope = further::scope(state, body);
        let mut context = Context {
            scope,
            state,
            authority: &self.authority,
            now,
            request: body,
        };
        let context = &mut context;
        match call.name {
            "health/status" | "health/validate" => Ok(context.good()),
            "user/accountdetail" => calls::account(context),
            "product/query" => calls::products(context),
            "csr" => calls::decode_csr(context),
            "order/approverlist" => calls::approver_list(context),
            "order/agreement" => calls::agreement(context),
            "order/validate" => calls::validate(context),
            "order/validateorderparameters" => {
                place::examine(context.state, body)?;
                Ok(context.wrapped(json!({})))
            }
            "order/neworder" => changes::new_order(context),
            "order/status" => calls::status(context),
            "order/query" => calls::query(context),
            "order/download" => download::download(context, false),
            "order/downloadaszip" => download::download(context, true),
            "order/reissue" => changes::reissue(context),
            "order/refundrequest" => changes::refund_request(context),
            "order/refundstatus" => Ok(context.order_answer(context.need_order()?)),
            "order/resend" => changes::resend(context),
            "order/changeapproveremail" => changes::change_email(context),
            "order/changeapprovermethod" => changes::change_method(context),
            "digicert/checkdcv" => changes::check_dcv(context),
            "order/inviteorder" => further::invite(context),
            "order/getmodifiedorderssummary" => further::modified(context),
            "order/certificaterevokerequest" => further::revoke(context),
            "csr/download" => further::csr(context),
            "digicert/organizationlist" => Ok(further::organizations(context)),
            "digicert/getdomaininfo" => further::domain(context),
            _ => Err(Refusal::own("The operation is not available")),
        }
    }
}

/// The call of a path and whether the client speaks XML.
fn call_of(request: &VendorRequest) -> Option<&'static Call> {
    let name = request.path.strip_prefix(BASE)?.trim_end_matches('/');
    CALLS.iter().find(|call| call.name == name)
}

fn speaks_xml(request: &VendorRequest) -> bool {
    let field = |name| request.header(name).unwrap_or_default();
    field("content-type").contains("xml")
        || (request.method == "GET" && field("accept").contains("xml"))
}

fn write(call: &str, value: &Value, xml: bool) -> VendorResponse {
    if xml {
        VendorResponse::ok("application/xml; charset=utf-8", reply::to_xml(call, value))
    } else {
        VendorResponse::ok("application/json; charset=utf-8", value.to_string())
    }
}

impl Vendor for TheSslStore {
    fn name(&self) -> &'static str {
        "thesslstore"
    }

    fn call_name(&self, request: &VendorRequest) -> String {
        let path = request.path.trim_end_matches('/');
        path.strip_prefix(BASE).unwrap_or(path).to_owned()
    }

    fn handle(&self, request: &VendorRequest) -> VendorResponse {
        let name = self.call_name(request);
        let Some(call) = call_of(request) else {
            self.violation(&name, "no such call");
            return VendorResponse::with_status(404, "text/html", "<h1>404 Not Found</h1>");
        };
        let open = call.credentials == Credentials::None;
        if request.method != if open { "GET" } else { "POST" } {
            self.violation(&name, format!("method {}", request.method));
            return VendorResponse::with_status(405, "text/html", "<h1>405</h1>");
        }
        if !request.query.is_empty() {
            self.violation(&name, "a query in the address");
        }
        let xml = speaks_xml(request);
        let kind = request.header("content-type").unwrap_or_default();
        if !open && !xml && !kind.starts_with("application/json") {
            self.violation(&name, format!("content type {kind:?}"));
            return VendorResponse::with_status(415, "text/html", "<h1>415</h1>");
        }
        let switches = lock(&self.state).switches.clone();
        let body = if open {
            json!({})
        } else {
            match self.read(call, request, xml) {
                Ok(body) => body,
                Err(problem) => {
                    self.violation(&name, problem);
                    return VendorResponse::with_status(400, "text/html", "<h1>400</h1>");
                }
            }
        };
        let now = self.clock.now();
        let found = match switches.strictness {
            Strictness::Ignore => Vec::new(),
            _ => problems(&body, fields::fields(call, xml)),
        };
        for problem in &found {
            self.violation(&name, problem);
        }
        let answer = match found.first() {
            Some(problem) if switches.strictness == Strictness::Refuse => {
                Err(Refusal::own(format!("The request is not valid: {problem}")))
            }
            _ => self.serve(call, &body),
        };
        let value = answer
            .unwrap_or_else(|refusal| reply::refused(call.name, &refusal, &body, &switches, now));
        write(call.name, &value, xml)
    }

    fn refusal(&self, request: &VendorRequest) -> VendorResponse {
        let switches = lock(&self.state).switches.clone();
        let refusal = Refusal::authority("The service is not available at the moment");
        let name = self.call_name(request);
        let body = reply::refused(&name, &refusal, &json!({}), &switches, self.clock.now());
        write(&name, &body, speaks_xml(request))
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
        let now = self.clock.now();
        let orders = state.orders.iter().map(|order| {
            let (major, minor) = order.status(now, &state.switches.waiting_word);
            OrderView {
                key: order.key(),
                proofs: order.open_checks().map(reply::proof).collect(),
                id: order.id.clone(),
                custom: order.custom.clone(),
                product: order.product.code.to_owned(),
                common_name: order.common_name.clone(),
                names: order.names.clone(),
                status: format!("{major}/{minor}").trim_end_matches('/').to_owned(),
                serial: order.certificate.as_ref().map(|c| c.serial.clone()),
                certificate: order
                    .certificate
                    .as_ref()
                    .map(|c| pem(&[&c.der], LineEnds::Lf)),
            }
        });
        orders.collect()
    }

    fn approve(&self, order: &str, what: &Approval) -> Result<(), String> {
        lock(&self.state).approve(order, what, &self.authority, self.clock.now())
    }

    fn fail(&self, order: &str, reason: &str) -> Result<(), String> {
        lock(&self.state).reject(order, reason)
    }

    fn order_by_hand(&self, common_name: &str, csr: &str) -> Result<String, String> {
        let csr = csr::by_hand(common_name, csr)?;
        let mut state = lock(&self.state);
        let mut order = state
            .orders
            .last()
            .cloned()
            .ok_or("there is no order yet")?;
        order.id = (7_700_001 + state.orders.len()).to_string();
        order.custom.clear();
        order.common_name = common_name.to_owned();
        order.purchased = self.clock.now();
        order.begin_anew(csr);
        state.orders.push(order.clone());
        Ok(order.id)
    }

    fn reissue_by_hand(&self, order: &str, csr: &str) -> Result<(), String> {
        let now = self.clock.now();
        lock(&self.state).reissue_by_hand(order, csr, &self.authority, now)
    }

    fn cancel_by_hand(&self, order: &str) -> Result<(), String> {
        lock(&self.state).cancel_by_hand(order)
    }

    fn revoke(&self, order: &str) -> Result<(), String> {
        lock(&self.state).revoke(order)
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
        lock(&self.state).switches.set(name, value)
    }

    fn settings(&self, base: &str) -> Vec<(&'static str, String, bool)> {
        vec![
            ("url", format!("{base}/rest/"), false),
            ("partner_code", self.partner.clone(), false),
            ("auth_token", self.token.clone(), true),
        ]
    }
}
