//! The simulated LeaderTelecom (facts: leaderssl.md). The requests are held to what is public; the
//! answers take the shape that switches choose, since none is public.

mod download;
mod reply;
mod request;
mod state;
pub mod switches;

use std::sync::Mutex;

use chrono::SubsecRound as _;
use serde_json::{Value, json};

use super::authority::{Authority, LineEnds, pem};
use super::csr;
use super::{
    Approval, OrderView, Sale, Vendor, VendorClock, VendorRequest, VendorResponse, Violation, lock,
};
use request::{Parameters, Place};
use state::State;

/// Path of the API below the host.
const BASE: &str = "/api/v1/";

/// Calls that take no number: path and verb (leaderssl.md 4).
const CALLS: &[(&str, &str)] = &[
    ("users/signin", "POST"),
    ("billing/balance", "GET"),
    ("products", "GET"),
    ("dcv_emails", "POST"),
    ("order", "POST"),
    ("preorder", "POST"),
    ("preorders", "POST"),
    ("ssl_certificates", "GET"),
];

/// Calls about one certificate: last part and verb.
const CERTIFICATE_CALLS: &[(&str, &str)] = &[
    ("status", "GET"),
    ("dcv", "GET"),
    ("change_dcv", "POST"),
    ("resend_dcv", "POST"),
    ("download", "GET"),
];

/// The simulated vendor.
pub struct LeaderTelecom {
    login: String,
    password: String,
    state: Mutex<State>,
    clock: VendorClock,
    authority: Authority,
}

impl Default for LeaderTelecom {
    fn default() -> Self {
        Self::new()
    }
}

impl LeaderTelecom {
    /// A vendor with 1000.00 EUR on the account and invented credentials.
    pub fn new() -> Self {
        Self::with_credentials("billing@host.example", "secret-5e5e5e5e")
    }

    /// The same with chosen credentials.
    pub fn with_credentials(login: &str, password: &str) -> Self {
        let state = State {
            balance: 100_000,
            ..State::default()
        };
        Self {
            login: login.to_owned(),
            password: password.to_owned(),
            state: Mutex::new(state),
            clock: VendorClock::default(),
            authority: Authority::new("Leader"),
        }
    }

    /// How often somebody signed in.
    pub fn sign_ins(&self) -> u32 {
        lock(&self.state).sign_ins
    }

    /// Ends all sessions.
    pub fn end_sessions(&self) {
        lock(&self.state).tokens.clear();
    }

    /// Tokens handed out that still work.
    pub fn tokens(&self) -> Vec<String> {
        let state = lock(&self.state);
        state
            .tokens
            .iter()
            .map(|(token, _)| token.clone())
            .collect()
    }

    /// How many validation mails an order has sent.
    pub fn mails(&self, id: &str) -> u32 {
        lock(&self.state).certificate(id).map_or(0, |one| one.mails)
    }

    /// The item of an order as it arrived.
    pub fn item(&self, id: &str) -> Option<Value> {
        let mut state = lock(&self.state);
        state.certificate(id).ok().map(|one| one.item.clone())
    }

    /// Puts somebody else's order into the account.
    pub fn sell_by_hand(&self, item: &Value) -> Result<u64, String> {
        let sold = lock(&self.state).sell(item, self.clock.now())?;
        Ok(sold.id)
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

    fn sign_in(&self, parameters: &Parameters) -> VendorResponse {
        let fits = |name: &str, wanted: &str| parameters.value.get(name) == Some(&json!(wanted));
        if !fits("login", &self.login) || !fits("password", &self.password) {
            return reply::error(401, "Invalid login or password");
        }
        let mut state = lock(&self.state);
        state.sign_ins += 1;
        let token = format!("canary_token-{:09}", state.sign_ins);
        if state.switches.word("single_session") == "on" {
            state.tokens.clear();
        }
        state.tokens.push((token.clone(), 0));
        let public = format!("canary_public-{}", state.sign_ins);
        reply::answer(
            200,
            &json!({"id": 40417, "auth_token": token, "public_token": public}),
        )
    }

    /// Looks for a live token and counts its use.
    fn is_authorised(&self, request: &VendorRequest, parameters: &Parameters) -> bool {
        let mut state = lock(&self.state);
        let place = state.switches.word("token_place");
        let header = request.header("x-auth-token").filter(|_| place != "query");
        let query = parameters
            .query_token
            .as_deref()
            .filter(|_| place != "header");
        let Some(token) = header.or(query) else {
            return false;
        };
        let limit = state.switches.token_uses.unwrap_or(u32::MAX);
        let known = state.tokens.iter_mut().find(|(known, _)| known == token);
        known.is_some_and(|(_, uses)| {
            *uses += 1;
            *uses <= limit
        })
    }

    fn serve(&self, call: &str, id: &str, parameters: &Parameters) -> VendorResponse {
        let now = self.clock.now();
        let mut state = lock(&self.state);
        let switches = state.switches.clone();
        match call {
            "billing/balance" => return reply::balance(state.balance, &switches),
            "products" => return reply::products(&switches),
            "dcv_emails" => {
                let domain = parameters.value["domain_name"].as_str().unwrap_or_default();
                return reply::emails(domain, &switches);
            }
            "ssl_certificates" => return reply::list(&state, now),
            "preorder" => {
                return match state.preorder(&parameters.value, now) {
                    Ok(one) => reply::answer(200, &reply::preorder(&one)),
                    Err(text) => reply::refusal(&text, &switches),
                };
            }
            "preorders" => {
                let list = state.preorders.iter().map(reply::preorder).collect();
                return reply::answer(200, &Value::Array(list));
            }
            // Whether `issue` reads or starts something is not known: here it reads (4, number 9).
            "preorders/one" | "preorders/issue" => {
                let one = state.preorders.iter().find(|one| one.id.to_string() == id);
                return match one {
                    Some(one) => reply::answer(200, &reply::preorder(one)),
                    None => reply::error(404, "Preorder not found"),
                };
            }
            "order" => {
                let item = &parameters.value["order"]["items"][0];
                return match state.sell(item, now) {
                    Ok(sold) => reply::order(&sold, &switches),
                    Err(text) => reply::refusal(&text, &switches),
                };
            }
            _ => {}
        }
        let Ok(one) = state.certificate(id) else {
            return reply::error(404, "Certificate not found");
        };
        match call {
            "ssl_certificates/status" => reply::status(one, &switches),
            "ssl_certificates/dcv" => reply::dcv(one, &switches),
            "ssl_certificates/download" => download::download(one, &self.authority, &switches),
            "ssl_certificates/resend_dcv" => {
                one.mails += 1;
                reply::answer(200, &json!({"success": true}))
            }
            _ => {
                one.mails += 1;
                let email = parameters.value["email"].clone();
                one.item["dcv_email"] = email;
                one.item["dcv_type"] = "EMAIL".into();
                reply::answer(200, &json!({"success": true}))
            }
        }
    }
}

/// The call of a path, its verb and the certificate's number.
fn route(path: &str) -> Option<(String, &'static str, String)> {
    let path = path.strip_prefix(BASE)?;
    if let Some((name, verb)) = CALLS.iter().find(|(name, _)| *name == path) {
        return Some(((*name).to_owned(), verb, String::new()));
    }
    let is_number = |id: &str| !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit());
    if let Some(rest) = path.strip_prefix("preorders/") {
        let (id, call) = match rest.split_once('/') {
            None => (rest, "preorders/one"),
            Some((id, "issue")) => (id, "preorders/issue"),
            Some(_) => return None,
        };
        return is_number(id).then(|| (call.to_owned(), "GET", id.to_owned()));
    }
    let (id, last) = path.strip_prefix("ssl_certificates/")?.split_once('/')?;
    let (name, verb) = CERTIFICATE_CALLS.iter().find(|(name, _)| *name == last)?;
    is_number(id).then(|| (format!("ssl_certificates/{name}"), *verb, id.to_owned()))
}

impl Vendor for LeaderTelecom {
    fn name(&self) -> &'static str {
        "leadertelecom"
    }

    fn call_name(&self, request: &VendorRequest) -> String {
        route(&request.path).map_or_else(|| "unknown".to_owned(), |(call, ..)| call)
    }

    fn handle(&self, request: &VendorRequest) -> VendorResponse {
        let Some((call, verb, id)) = route(&request.path) else {
            self.violation("unknown", "no such path");
            return VendorResponse::with_status(404, "text/html", "<h1>404 Not Found</h1>");
        };
        if request.method != verb {
            self.violation(&call, format!("method {}", request.method));
            return VendorResponse::with_status(405, "text/html", "<h1>405</h1>");
        }
        let parameters = match request::read(request) {
            Ok(parameters) => parameters,
            Err(problem) => {
                self.violation(&call, problem);
                return reply::error(400, "Bad request");
            }
        };
        if call == "users/signin" {
            if parameters.place != Place::Form {
                self.violation(&call, "credentials outside a form body");
            }
        } else if !self.is_authorised(request, &parameters) {
            return reply::error(401, "Authentication required");
        }
        let problems = request::wrong(&call, &parameters.value);
        for problem in &problems {
            self.violation(&call, problem);
        }
        if let Some(problem) = problems.first() {
            return reply::error(500, &format!("Invalid data: {problem}"));
        }
        if call == "users/signin" {
            return self.sign_in(&parameters);
        }
        let encoding = lock(&self.state).switches.word("order_encoding");
        let fits = match (encoding, parameters.place) {
            ("any", _) => true,
            (wanted, Place::Json) => wanted == "json",
            (wanted, Place::Form) => wanted == "form",
            (wanted, _) => wanted == "query",
        };
        if call == "order" && !fits {
            return reply::error(500, "param is missing or the value is empty: order");
        }
        self.serve(&call, &id, &parameters)
    }

    fn refusal(&self, _request: &VendorRequest) -> VendorResponse {
        reply::error(200, "The service is not available at the moment")
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
        let views = state.certificates.iter().map(|one| OrderView {
            key: csr::hex(&one.csr.public_key),
            proofs: one.proofs(),
            id: one.id.to_string(),
            custom: one.text("unique_value").to_owned(),
            product: one.product.id.to_string(),
            common_name: one.names[0].clone(),
            names: one.names[1..].to_vec(),
            status: one.word(&state.switches),
            serial: one.issued.as_ref().map(|issued| issued.serial.clone()),
            certificate: one
                .issued
                .as_ref()
                .map(|issued| pem(&[&issued.der], LineEnds::Lf)),
        });
        views.collect()
    }

    fn approve(&self, order: &str, what: &Approval) -> Result<(), String> {
        let now = self.clock.now().trunc_subsecs(0);
        lock(&self.state).approve(order, what, &self.authority, now)
    }

    fn reissue_by_hand(&self, order: &str, csr: &str) -> Result<(), String> {
        let now = self.clock.now().trunc_subsecs(0);
        let mut state = lock(&self.state);
        let certificate = state.certificate(order)?;
        if certificate.issued.is_none() {
            return Err(format!("certificate {order} is not issued yet"));
        }
        if !csr.is_empty() {
            certificate.csr = csr::Csr::parse(csr)?;
        }
        certificate.issue(&self.authority, now)
    }

    fn cancel_by_hand(&self, order: &str) -> Result<(), String> {
        lock(&self.state).cancel_by_hand(order)
    }

    fn fail(&self, order: &str, reason: &str) -> Result<(), String> {
        lock(&self.state).reject(order, reason)
    }

    fn order_by_hand(&self, common_name: &str, csr: &str) -> Result<String, String> {
        let csr = csr::by_hand(common_name, csr)?;
        let mut state = lock(&self.state);
        let mut one = state
            .certificates
            .last()
            .cloned()
            .ok_or("there is no order yet")?;
        let count = state.certificates.len() as u64;
        (one.id, one.order) = (70_001 + count * 3, 31_001 + count);
        one.item["unique_value"] = "".into();
        one.item["domain_name"] = common_name.into();
        one.item["csr"] = csr.pem.clone().into();
        one.csr = csr;
        one.names = vec![common_name.to_owned()];
        one.open.clone_from(&one.names);
        one.bought = self.clock.now();
        (one.issued, one.rejected) = (None, None);
        let id = one.id.to_string();
        state.certificates.push(one);
        Ok(id)
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
            ("url", format!("{base}/api/v1"), false),
            ("username", self.login.clone(), false),
            ("password", self.password.clone(), true),
            (
                "nomenclature_ids",
                "leader_dv=5001 leader_dv_wild=5002 leader_dv_md=5003 leader_ov=5004".to_owned(),
                false,
            ),
        ]
    }
}
