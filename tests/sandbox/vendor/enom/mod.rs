//! The simulated eNom: reseller interface of forms and XML (facts: enom.md).
//!
//! Switches (`set_switch`): `listing_delay` (seconds until purchases appear in lists), `backdate_days`
//! (purchases count as made so much earlier),
//! `totals` (`filter`, `account`: what `TotalRecords` of a filtered listing counts), `brackets` (`on`,
//! `off`: negative money as `(5.00)`), `names` (`drifting`, `documented`, `lower`), `encoding` (declared
//! charset), `private_keys` (`on`, `off`),
//! `approvers` (`standard`, `none` or addresses with commas), `servers` (ids with commas),
//! `address_allowed`, `reseller`, `codes` (`on`, `off`), `refuse_configure` (a text, empty for off),
//! `status` (`<slot>=<number>/<text>`, `<slot>=` for the real one), `certificate` (what details show instead
//! of issued ones, empty for the real ones), `order_status` (number that details of orders show),
//! `order_amounts` (`on`, `off`), `order_pages` (`on`, `off`: lists of orders tell where the next page begins).

mod answer;
mod commands;
mod parameters;
pub mod products;
mod slots;
mod state;

use std::sync::Mutex;

use chrono::TimeDelta;

use super::authority::{Authority, Content, LineEnds, pem};
use super::csr;
use super::csr::form_decoded;
use super::{
    Approval, OrderView, Sale, Vendor, VendorClock, VendorRequest, VendorResponse, Violation, lock,
};
use answer::{Complaint, Names, complaint, document};
use commands::{Context, Outcome};
use parameters::{by_name, canonical, problems};
use state::{APPROVED, DECLINED, ISSUED, OtherOrder, REFUNDED, Slot, State};

/// Path of the interface.
const PATH: &str = "/interface.asp";

/// The simulated vendor.
pub struct Enom {
    user: String,
    password: String,
    state: Mutex<State>,
    clock: VendorClock,
    authority: Authority,
}

impl Default for Enom {
    fn default() -> Self {
        Self::new()
    }
}

impl Enom {
    /// An account with 1000.00 available and invented credentials.
    pub fn new() -> Self {
        Self::with_credentials("myreseller", "secret-enom-0f0f0f")
    }

    /// The same with chosen credentials.
    pub fn with_credentials(user: &str, password: &str) -> Self {
        let state = State {
            balance: 100_000,
            ..State::default()
        };
        Self {
            user: user.to_owned(),
            password: password.to_owned(),
            state: Mutex::new(state),
            clock: VendorClock::default(),
            authority: Authority::new("Reseller"),
        }
    }

    /// Somebody buys a blank slot in the vendor's panel. Its number.
    pub fn buy_blank(&self, code: &str, years: u32) -> String {
        let product = products::by_code(code).expect("a known product");
        let mut state = lock(&self.state);
        let (id, order) = (state.number(901_000), state.number(300_111_000));
        let now = self.clock.now();
        state.slots.push(Slot::new(id, order, product, years, now));
        state.balance -= product.price * i64::from(years);
        id.to_string()
    }

    /// Somebody orders a domain in the vendor's panel.
    pub fn buy_domain(&self, cents: i64) {
        let mut state = lock(&self.state);
        let id = state.number(300_111_000);
        let at = self.clock.now();
        state.others.push(OtherOrder { id, at, cents });
        state.balance -= cents;
    }

    /// How many validation mails a slot has sent.
    pub fn mails(&self, slot: &str) -> u32 {
        lock(&self.state).slot(slot).map_or(0, |slot| slot.mails)
    }

    /// The real state of a slot.
    pub fn status(&self, slot: &str) -> u32 {
        lock(&self.state).slot(slot).map_or(0, |slot| slot.status)
    }

    /// A parameter of a slot's stored contacts.
    pub fn contact(&self, slot: &str, name: &str) -> Option<String> {
        let mut state = lock(&self.state);
        let contacts = &state.slot(slot)?.contacts;
        let found = contacts.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.clone())
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

    fn serve(&self, request: &VendorRequest) -> Outcome {
        let name = self.call_name(request);
        let Some(command) = by_name(&name) else {
            self.violation(&name, "unknown command");
            return Err(complaint("The command is unknown", 304_150));
        };
        let form = canonical(command, form_of(request));
        let value = |wanted: &str| {
            let found = form.iter().find(|(name, _)| name == wanted);
            found.map_or("", |(_, value)| value.as_str())
        };
        let mut found = problems(command, &form);
        // A query is taken as well as a form; most clients send one (enom.md 2).
        if !["GET", "POST"].contains(&request.method.as_str()) {
            found.push(format!("sent by {}", request.method));
        }
        let media = request.header("content-type").unwrap_or_default();
        if !request.body.is_empty() && !media.starts_with("application/x-www-form-urlencoded") {
            found.push(format!("content type {media}"));
        }
        let first = found.first().cloned();
        for problem in found {
            self.violation(command.name, problem);
        }
        if let Some(problem) = first {
            return Err(complaint(format!("Validation error; {problem}"), 304_999));
        }
        if !lock(&self.state).switches.address_allowed {
            return Err(complaint(
                "User not permitted from this IP address - 4",
                713_254,
            ));
        }
        if value("UID") != self.user || value("PW") != self.password {
            return Err(complaint("Bad User name or Password", 404_156));
        }
        let mut state = lock(&self.state);
        let mut context = Context {
            state: &mut state,
            authority: &self.authority,
            now: self.clock.now(),
            form: &form,
        };
        context.run(command.name)
    }

    fn answer(&self, call: &str, outcome: &Outcome) -> VendorResponse {
        let switches = lock(&self.state).switches.clone();
        let now = self.clock.now();
        let mut body = document(call, outcome, switches.names, &switches.encoding, now);
        if switches.without_codes && outcome.is_err() {
            body = without_codes(&body);
        }
        VendorResponse::ok("text/xml", body)
    }

    fn issue(&self, slot: &mut Slot) -> Result<(), String> {
        let csr = slot.csr.clone().ok_or("the slot has no CSR")?;
        let mut names = slot.names.clone();
        if !names.contains(&csr.common_name) {
            names.insert(0, csr.common_name.clone());
        }
        let content = Content {
            common_name: csr.common_name.clone(),
            names,
            subject: slot.product.is_verified().then(|| csr.subject.clone()),
            no_later_than: Some(slot.term_end()),
        };
        slot.issued = Some(self.authority.issue(&csr, &content, self.clock.now())?);
        slot.status = ISSUED;
        slot.reissuing = false;
        Ok(())
    }
}

impl Vendor for Enom {
    fn name(&self) -> &'static str {
        "enomssl"
    }

    fn call_name(&self, request: &VendorRequest) -> String {
        let form = form_of(request);
        let command = form
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case("Command"));
        let name = command.map_or("", |(_, value)| value.as_str());
        by_name(name).map_or_else(|| name.to_owned(), |command| command.name.to_owned())
    }

    fn handle(&self, request: &VendorRequest) -> VendorResponse {
        if request.path != PATH {
            self.violation(&request.path, "unknown path");
            return VendorResponse::with_status(404, "text/html", "<html>not found</html>");
        }
        self.answer(&self.call_name(request), &self.serve(request))
    }

    fn refusal(&self, request: &VendorRequest) -> VendorResponse {
        let refused: Result<_, Complaint> = Err(complaint("The request was declined", 314_220));
        self.answer(&self.call_name(request), &refused)
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
        let view = |slot: &Slot| OrderView {
            key: slot.key(),
            proofs: slots::proofs(slot),
            id: slot.id.to_string(),
            custom: String::new(),
            product: slot.product.code.to_owned(),
            common_name: slot.domain().to_owned(),
            names: slot.names.clone(),
            status: state::status_text(slot.status).to_owned(),
            serial: slot.issued.as_ref().map(|issued| issued.serial.clone()),
            certificate: slot
                .issued
                .as_ref()
                .map(|issued| pem(&[&issued.der], LineEnds::Lf)),
        };
        state.slots.iter().map(view).collect()
    }

    fn approve(&self, order: &str, what: &Approval) -> Result<(), String> {
        let mut state = lock(&self.state);
        let slot = state.slot(order).ok_or("no such slot")?;
        slot.must_wait_for(what, self.clock.now())?;
        match what {
            // The mailbox has answered, the applicant is still being verified.
            Approval::Name(_) if slot.product.is_verified() && slot.product.is_comodo() => {
                slot.status = APPROVED;
                Ok(())
            }
            _ => self.issue(slot),
        }
    }

    fn fail(&self, order: &str, reason: &str) -> Result<(), String> {
        let mut state = lock(&self.state);
        let slot = state.slot(order).ok_or("no such slot")?;
        // A reissue that is under way can be declined; the certificate before it stays.
        let is_declined = slot.reissuing && !reason.contains("refund");
        if slot.issued.is_some() && !is_declined {
            return Err("the certificate is issued".to_owned());
        }
        slot.reissuing = false;
        reason.clone_into(&mut slot.remark);
        slot.status = if reason.contains("refund") {
            REFUNDED
        } else {
            DECLINED
        };
        Ok(())
    }

    fn prove_otherwise(&self, order: &str) -> Result<(), String> {
        lock(&self.state).prove_otherwise(order)
    }

    fn order_by_hand(&self, common_name: &str, csr: &str) -> Result<String, String> {
        let id = self.buy_blank("Certificate-RapidSSL-RapidSSL", 1);
        // Without a name it stays a blank slot, for anybody to take.
        if common_name.is_empty() {
            return Ok(id);
        }
        let csr = csr::by_hand(common_name, csr)?;
        let mut state = lock(&self.state);
        let slot = state.slot(&id).ok_or("there is no slot")?;
        (slot.csr, slot.configured) = (Some(csr), Some(self.clock.now()));
        slot.status = slot.submitted_status();
        Ok(id)
    }

    fn reissue_by_hand(&self, order: &str, csr: &str) -> Result<(), String> {
        let mut state = lock(&self.state);
        let now = self.clock.now();
        let slot = state.slot(order).ok_or("no such slot")?;
        if slot.is_open() {
            // A person takes a blank slot for a certificate of their own.
            slot.csr = Some(csr::Csr::parse(csr)?);
            slot.configured = Some(now);
            slot.status = slot.submitted_status();
            return Ok(());
        }
        if slot.status != ISSUED {
            return Err(format!("slot {order} cannot be reissued now"));
        }
        if !csr.is_empty() {
            slot.csr = Some(csr::Csr::parse(csr)?);
        }
        self.issue(slot)
    }

    fn cancel_by_hand(&self, order: &str) -> Result<(), String> {
        lock(&self.state).cancel(order)
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
        let mut state = lock(&self.state);
        let list = || value.split(',').map(str::to_owned).collect::<Vec<_>>();
        let flag = match value {
            "on" | "true" => Ok(true),
            "off" | "false" => Ok(false),
            other => Err(format!("{other} is neither on nor off")),
        };
        let switches = &mut state.switches;
        match name {
            "listing_delay" => {
                let seconds = value.parse().map_err(|_| "not a number of seconds")?;
                switches.listing_delay = TimeDelta::seconds(seconds);
            }
            "backdate_days" => {
                let days = value.parse().map_err(|_| "not a number of days")?;
                switches.backdate = TimeDelta::days(days);
            }
            "totals" => {
                switches.account_totals = match value {
                    "filter" => false,
                    "account" => true,
                    other => return Err(format!("no total is {other}")),
                }
            }
            "brackets" => switches.brackets = flag?,
            "names" => {
                switches.names = match value {
                    "drifting" => Names::Drifting,
                    "documented" => Names::Documented,
                    "lower" => Names::Lower,
                    other => return Err(format!("no names are {other}")),
                }
            }
            "encoding" => value.clone_into(&mut switches.encoding),
            "private_keys" => switches.private_keys = flag?,
            "approvers" => {
                switches.approvers = match value {
                    "standard" => None,
                    "none" => Some(Vec::new()),
                    _ => Some(list()),
                }
            }
            "servers" => switches.servers = Some(list()),
            "address_allowed" => switches.address_allowed = flag?,
            "reseller" => switches.reseller = flag?,
            "codes" => switches.without_codes = !flag?,
            "refuse_configure" => {
                switches.refuse_configure = Some(value.to_owned()).filter(|text| !text.is_empty());
            }
            "status" => {
                let (slot, shown) = value.split_once('=').ok_or("not <slot>=<number>/<text>")?;
                let slot = state.slot(slot).ok_or("no such slot")?;
                slot.shown = shown
                    .split_once('/')
                    .and_then(|(number, text)| Some((number.parse().ok()?, text.to_owned())));
            }
            other => return switches.show(other, value),
        }
        Ok(())
    }

    fn settings(&self, base: &str) -> Vec<(&'static str, String, bool)> {
        vec![
            ("url", format!("{base}{PATH}"), false),
            ("username", self.user.clone(), false),
            ("password", self.password.clone(), true),
        ]
    }
}

/// The form in the body and, for requests that put it there, in the address.
fn form_of(request: &VendorRequest) -> Vec<(String, String)> {
    let text = request.text();
    [text.as_str(), request.query.as_str()]
        .into_iter()
        .flat_map(|part| part.split('&'))
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (form_decoded(name), form_decoded(value))
        })
        .collect()
}

/// Cuts the coded responses out of an answer.
fn without_codes(body: &str) -> String {
    let lower = body.to_lowercase();
    let end = "</responses>";
    match (lower.find("<responses>"), lower.find(end)) {
        (Some(from), Some(to)) => format!("{}{}", &body[..from], &body[to + end.len()..]),
        _ => body.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(method: &str, query: &str, body: &str) -> VendorRequest {
        let media = "application/x-www-form-urlencoded".to_owned();
        VendorRequest {
            method: method.to_owned(),
            path: PATH.to_owned(),
            query: query.to_owned(),
            headers: vec![("content-type".to_owned(), media)],
            body: body.as_bytes().to_vec(),
        }
    }

    #[test]
    fn a_query_and_names_in_any_letter_case_are_taken_as_the_vendor_takes_them() {
        let vendor = Enom::with_credentials("reseller", "secret");
        let slot = vendor.buy_blank("Certificate-RapidSSL-RapidSSL", 1);
        let query = format!(
            "command=CERTGETCERTDETAIL&uid=reseller&pw=secret&responsetype=xml&certid={slot}"
        );
        for request in [request("GET", &query, ""), request("POST", "", &query)] {
            let answer = String::from_utf8(vendor.handle(&request).body).expect("text");
            assert!(
                answer.contains(&slot) && answer.contains(">0</"),
                "{answer}"
            );
        }
        assert_eq!(vendor.violations(), []);
        vendor.handle(&request("DELETE", &query, ""));
        assert_eq!(vendor.violations().len(), 1);
    }

    #[test]
    fn a_listing_without_rows_has_the_recorded_form() {
        let vendor = Enom::with_credentials("reseller", "secret");
        vendor.set_switch("names", "documented").expect("a switch");
        vendor.buy_blank("Certificate-Comodo-Essential", 1);
        let form = "Command=CertGetCerts&UID=reseller&PW=secret&ResponseType=XML&ProdType=23";
        let answer = vendor.handle(&request("POST", "", form)).body;
        let answer = String::from_utf8(answer).expect("text");
        let forms = ["<CertGetCerts />", "<CertGetCerts></CertGetCerts>"];
        assert!(forms.iter().any(|form| answer.contains(form)), "{answer}");
        assert!(
            !answer.contains("Certs>\n") && !answer.contains("TotalRecords"),
            "{answer}"
        );
        assert!(
            answer.contains("<TotalCertCount>1</TotalCertCount>"),
            "{answer}"
        );
    }
}
