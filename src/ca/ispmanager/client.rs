//! The billing's functions over HTTP (ispmanager.md 2, 3). No decisions, but for one: what a call may
//! do is fixed by its purpose, so that a look can never become an order.

use secrecy::{ExposeSecret, SecretString};

use super::document::Node;
use super::error::{IspmanagerError, accepted};
use super::wire::{ACTING, Entry, Wire};
use crate::ca::Permit;
use crate::ca::http::{Http, Method, Reply, Request, SendClass, SendFailure, Url};
use crate::domain::text::{Bilingual, Words};

/// Form fields in the order in which they are sent.
pub(super) type Fields = Vec<(String, String)>;

/// The pair that makes a function act instead of showing its form (4.6).
const ACT: (&str, &str) = ("sok", "ok");
/// The pair that charges at once instead of filling the cart (8.2).
const PAY: (&str, &str) = ("skipbasket", "on");

/// What a call may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Purpose {
    /// Shows a form, a list or a record.
    Look,
    /// Goes a step that costs nothing.
    Step,
    /// Orders.
    Order,
}

/// A way to one account at the other billing.
#[derive(Debug)]
pub(super) struct Client {
    http: Http,
    address: Url,
    login: String,
    password: SecretString,
    pub(super) wire: Wire,
}

impl Client {
    pub(super) fn vendors_time(&self) -> Option<chrono::DateTime<chrono::Utc>> {
        self.http.vendors_time()
    }

    pub(super) fn new(
        http: Http,
        address: Url,
        login: String,
        password: SecretString,
        wire: Wire,
    ) -> Self {
        Self {
            http,
            address,
            login,
            password,
            wire,
        }
    }

    /// The address of the billing.
    pub(super) fn address(&self) -> &Url {
        &self.address
    }

    /// Opens a form, a list or a record: executes nothing (4.6).
    pub(super) async fn look(
        &self,
        function: Entry,
        fields: &[(&str, &str)],
    ) -> Result<Node, IspmanagerError> {
        let reply = self.look_raw(function, fields).await?;
        let doc = accepted(function.default(), &reply, &self.wire)?;
        // Instead of data: the session waits for a second factor (3).
        if doc.child("ok").is_some() {
            return Err(IspmanagerError::TwoFactor);
        }
        Ok(doc)
    }

    /// The same with the answer as it came: files are no XML (11).
    pub(super) async fn look_raw(
        &self,
        function: Entry,
        fields: &[(&str, &str)],
    ) -> Result<Reply, IspmanagerError> {
        let fields = owned(fields);
        self.send(function, &fields, Purpose::Look, SendClass::Read)
            .await
    }

    /// Goes a step of a wizard that creates nothing (8.1).
    pub(super) async fn step(
        &self,
        function: Entry,
        fields: &Fields,
    ) -> Result<Node, IspmanagerError> {
        let fields = [vec![pair(ACT)], fields.clone()].concat();
        let reply = self
            .send(function, &fields, Purpose::Step, SendClass::Read)
            .await?;
        accepted(function.default(), &reply, &self.wire)
    }

    /// Whether nothing may be changed at the vendor.
    pub(super) fn is_rehearsed(&self) -> bool {
        self.http.is_rehearsed()
    }

    /// Empties the saved filter of a list: takes effect only without `out` (4.4). What it answers is
    /// of no use; opening the form again shows the effect.
    pub(super) async fn reset_filter(&self, names: &[String]) -> Result<(), IspmanagerError> {
        let mut fields = vec![pair(ACT)];
        fields.extend(names.iter().map(|name| (name.clone(), String::new())));
        let function = Entry::FilterFunction;
        let request = self.request(function, &fields, SendClass::Read, false);
        self.http
            .send(request)
            .await
            .map(drop)
            .map_err(IspmanagerError::Send)
    }

    /// **Orders and charges at once.** The answer as it came: reading it has rules of its own.
    pub(super) async fn order(
        &self,
        function: Entry,
        fields: &Fields,
        permit: Permit,
    ) -> Result<Reply, SendFailure> {
        let fields = [vec![pair(ACT), pair(PAY)], fields.clone()].concat();
        self.send_paid(function, &fields, permit).await
    }

    /// **Orders a new certificate inside the paid term.** Nothing is charged.
    pub(super) async fn reissue(
        &self,
        function: Entry,
        fields: &Fields,
        permit: Permit,
    ) -> Result<Reply, SendFailure> {
        let fields = [vec![pair(ACT)], fields.clone()].concat();
        self.send_paid(function, &fields, permit).await
    }

    async fn send_paid(
        &self,
        function: Entry,
        fields: &Fields,
        permit: Permit,
    ) -> Result<Reply, SendFailure> {
        if let Some(why) = forbidden(self.wire.text(function), fields, Purpose::Order) {
            let error = IspmanagerError::Forbidden(function.default(), why);
            return Err(SendFailure::NotSent(error.both()));
        }
        let request = self.request(function, fields, SendClass::Once, true);
        self.http.send_paid(request, permit).await
    }

    async fn send(
        &self,
        function: Entry,
        fields: &Fields,
        purpose: Purpose,
        class: SendClass,
    ) -> Result<Reply, IspmanagerError> {
        let name = self.wire.text(function);
        if let Some(why) = forbidden(name, fields, purpose) {
            return Err(IspmanagerError::Forbidden(function.default(), why));
        }
        self.http
            .send(self.request(function, fields, class, true))
            .await
            .map_err(IspmanagerError::Send)
    }

    /// POST always: credentials stay out of the address and out of access logs (2).
    fn request(
        &self,
        function: Entry,
        fields: &Fields,
        class: SendClass,
        with_form: bool,
    ) -> Request {
        let credentials = format!("{}:{}", self.login, self.password.expose_secret());
        let mut body = Vec::new();
        append(&mut body, "authinfo", &credentials);
        append(&mut body, "func", self.wire.text(function));
        if with_form {
            append(&mut body, "out", "xml");
        }
        append(&mut body, "lang", "en");
        for (name, value) in fields {
            append(&mut body, name, value);
        }
        Request {
            operation: function.default(),
            method: Method::POST,
            url: self.address.clone(),
            headers: vec![(
                "content-type",
                "application/x-www-form-urlencoded; charset=utf-8".to_owned(),
            )],
            body: Some(body),
            class,
        }
    }
}

/// Why a call of this purpose must not be sent.
fn forbidden(function: &str, fields: &Fields, purpose: Purpose) -> Option<Words> {
    let has = |wanted: (&str, &str)| fields.iter().any(|(name, _)| name == wanted.0);
    if function.is_empty() {
        return Some(words!("the function is switched off", "функция отключена"));
    }
    if ACTING.iter().any(|ending| function.ends_with(ending)) {
        return Some(words!(
            "the function acts without being told to",
            "функция действует без подтверждения"
        ));
    }
    match purpose {
        Purpose::Look if has(ACT) || has(PAY) => Some(words!(
            "a look must not act",
            "проверка не должна ничего менять"
        )),
        Purpose::Step if has(PAY) => Some(words!(
            "a free step must not pay",
            "бесплатный шаг не должен платить"
        )),
        Purpose::Look | Purpose::Step | Purpose::Order => None,
    }
}

fn pair((name, value): (&str, &str)) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

fn owned(fields: &[(&str, &str)]) -> Fields {
    fields.iter().copied().map(pair).collect()
}

/// Appends one field, everything but letters, digits and `-._~` percent-encoded: a blank is `%20`,
/// which is safe in every form of a request (2).
fn append(body: &mut Vec<u8>, name: &str, value: &str) {
    if !body.is_empty() {
        body.push(b'&');
    }
    encode(body, name);
    body.push(b'=');
    encode(body, value);
}

fn encode(body: &mut Vec<u8>, text: &str) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            body.push(byte);
        } else {
            let (high, low) = (usize::from(byte >> 4), usize::from(byte & 15));
            body.extend([b'%', DIGITS[high], DIGITS[low]]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_look_cannot_act_and_a_step_cannot_pay() {
        let act = vec![pair(ACT)];
        let pay = vec![pair(ACT), pair(PAY)];
        let plain = owned(&[("elid", "7")]);
        let cases = [
            ("certificate", &plain, Purpose::Look, true),
            ("certificate", &act, Purpose::Look, false),
            ("certificate.order.param", &pay, Purpose::Look, false),
            ("certificate.order.csr", &act, Purpose::Step, true),
            ("certificate.order.param", &pay, Purpose::Step, false),
            ("certificate.order.param", &pay, Purpose::Order, true),
            ("certificate.delete", &plain, Purpose::Look, false),
            ("soft.suspend", &plain, Purpose::Look, false),
            ("certificate.delete", &act, Purpose::Order, false),
            ("", &plain, Purpose::Look, false),
        ];
        for (function, fields, purpose, allowed) in cases {
            let why = forbidden(function, fields, purpose);
            assert_eq!(why.is_none(), allowed, "{function} {purpose:?} {why:?}");
        }
    }

    #[test]
    fn values_are_encoded_so_that_every_reader_agrees() {
        let mut body = Vec::new();
        append(&mut body, "csr", "a+b /\n=&");
        append(&mut body, "O", "Пример ~1-2_3.4");
        let text = String::from_utf8(body).unwrap();
        assert_eq!(
            text,
            "csr=a%2Bb%20%2F%0A%3D%26&O=%D0%9F%D1%80%D0%B8%D0%BC%D0%B5%D1%80%20~1-2_3.4"
        );
    }
}
