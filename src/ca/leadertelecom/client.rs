//! The vendor's calls, one method each, under the vendor's names. No decisions but one: a read that
//! meets an expired token signs in again once.

use std::cell::RefCell;

use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use super::encode::{Encoding, form};
use super::reply::{self, LeaderTelecomError};
use super::settings::AccountSettings;
use super::wire::{
    CALL_ENCODING, PATH_APPROVERS, PATH_BALANCE, PATH_CHANGE, PATH_DOWNLOAD, PATH_LIST, PATH_ORDER,
    PATH_PRODUCTS, PATH_REISSUE, PATH_RESEND, PATH_SIGN_IN, PATH_STATUS, PATH_VALIDATION,
    PRODUCTS_QUERY, TOKEN_PLACE, Wire, WireFact,
};
use crate::ca::Permit;
use crate::ca::http::{Http, Method, Reply, Request, SendClass, SendFailure, Url};
use crate::domain::VendorOrderId;
use crate::domain::text::Words;
use crate::logging::{self, HeldSecret};
use crate::module::Choice as _;

/// The sign-in's name.
const SIGN_IN: &str = "users/signin";

/// Longest address that is sent, in bytes: servers begin to refuse at 8 kB (leaderssl.md 2).
const LONGEST_ADDRESS: usize = 7900;

/// A way to one account at the vendor.
#[derive(Debug)]
pub(super) struct Client {
    http: Http,
    address: Url,
    /// The same without a trailing slash.
    base: String,
    login: String,
    password: SecretString,
    order_encoding: Encoding,
    /// Signed in once per run; the lifetime of a token is not known (leaderssl.md 3).
    session: RefCell<Option<HeldSecret>>,
    wire: Wire,
}

/// With which token a read for a record is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pass {
    /// The session's, where it is usually put.
    Usual,
    /// The session's, in the other of the two places (leaderssl.md 3).
    Elsewhere,
    /// One that nobody has issued.
    Junk,
}

/// What [`Pass::Junk`] sends: as long as the documented ones.
const JUNK: &str = "0000000000000000000000";

/// A token and its place.
struct Token {
    secret: SecretString,
    in_query: bool,
}

/// The calls that buy or order; sent with a permit only.
const PAID: &[&str] = &["order", "reissue"];

/// One call before its token is added.
struct Call<'a> {
    operation: &'static str,
    method: Method,
    path: &'a str,
    query: String,
    parameters: Option<(Encoding, Value)>,
    class: SendClass,
}

impl<'a> Call<'a> {
    fn get(operation: &'static str, path: &'a str) -> Self {
        Self {
            operation,
            method: Method::GET,
            path,
            query: String::new(),
            parameters: None,
            class: SendClass::Read,
        }
    }

    fn post(operation: &'static str, path: &'a str, encoding: Encoding, parameters: Value) -> Self {
        Self {
            method: Method::POST,
            parameters: Some((encoding, parameters)),
            class: SendClass::Once,
            ..Self::get(operation, path)
        }
    }
}

impl Client {
    pub(super) fn vendors_time(&self) -> Option<chrono::DateTime<chrono::Utc>> {
        self.http.vendors_time()
    }

    pub(super) fn new(http: Http, account: &AccountSettings, wire: Wire) -> Self {
        Self {
            http: http.selling(PAID),
            address: account.address.clone(),
            base: account.address.as_str().trim_end_matches('/').to_owned(),
            login: account.login.clone(),
            password: account.password.clone(),
            order_encoding: account.order_encoding,
            session: RefCell::new(None),
            wire,
        }
    }

    /// The address of the API.
    pub(super) fn address(&self) -> &Url {
        &self.address
    }

    /// The facts in force.
    pub(super) fn wire(&self) -> &Wire {
        &self.wire
    }

    /// `POST users/signin` (leaderssl.md 3), unless this run has a token.
    pub(super) async fn sign_in(&self) -> Result<(), LeaderTelecomError> {
        if self.session.borrow().is_some() {
            return Ok(());
        }
        let reply = self.ask_for_token().await?;
        self.take_token(&reply)
    }

    /// The sign-in's answer as it came; it holds the token.
    pub(super) async fn ask_for_token(&self) -> Result<Reply, LeaderTelecomError> {
        let parameters = json!({"login": self.login, "password": self.password.expose_secret()});
        let call = Call {
            class: SendClass::Read,
            ..Call::post(
                SIGN_IN,
                self.wire.text(&PATH_SIGN_IN),
                Encoding::Form,
                parameters,
            )
        };
        self.send(call, None)
            .await
            .map_err(LeaderTelecomError::Send)
    }

    /// Begins a session with the token of an answer.
    pub(super) fn take_token(&self, reply: &Reply) -> Result<(), LeaderTelecomError> {
        let answer = reply::json(SIGN_IN, reply, &self.wire)?;
        let token = answer
            .get("auth_token")
            .and_then(Value::as_str)
            .filter(|token| !token.is_empty() && token.bytes().all(|b| b.is_ascii_graphic()));
        let Some(token) = token else {
            return Err(reply::unreadable(
                SIGN_IN,
                reply,
                words!("no auth_token in it", "в нём нет auth_token"),
            ));
        };
        if let Some(public) = answer.get("public_token").and_then(Value::as_str) {
            logging::register_passing_secret(&SecretString::from(public));
        }
        // Masked as long as it is sent: a daemon has others by then.
        let held = logging::hold_secret(SecretString::from(token));
        self.session.replace(Some(held));
        Ok(())
    }

    /// `GET billing/balance` (leaderssl.md 5).
    pub(super) async fn balance(&self) -> Result<Reply, LeaderTelecomError> {
        let path = self.wire.text(&PATH_BALANCE);
        self.read(Call::get("billing/balance", path)).await
    }

    /// `GET products` (leaderssl.md 5).
    pub(super) async fn products(&self) -> Result<Reply, LeaderTelecomError> {
        let call = Call {
            query: self.wire.text(&PRODUCTS_QUERY).to_owned(),
            ..Call::get("products", self.wire.text(&PATH_PRODUCTS))
        };
        self.read(call).await
    }

    /// `POST dcv_emails`: a list, in spite of its verb (leaderssl.md 6).
    pub(super) async fn dcv_emails(&self, domain: &str) -> Result<Reply, LeaderTelecomError> {
        let parameters = json!({"domain_name": domain});
        let path = self.wire.text(&PATH_APPROVERS);
        let call = Call {
            class: SendClass::Read,
            ..Call::post("dcv_emails", path, small(&self.wire), parameters)
        };
        self.read(call).await
    }

    /// `GET ssl_certificates` (leaderssl.md 9).
    pub(super) async fn certificates(&self) -> Result<Reply, LeaderTelecomError> {
        let path = self.wire.text(&PATH_LIST);
        self.read(Call::get("ssl_certificates", path)).await
    }

    /// `GET ssl_certificates/{id}/status` (leaderssl.md 9).
    pub(super) async fn status(&self, id: &VendorOrderId) -> Result<Reply, LeaderTelecomError> {
        let path = about(&self.wire, &PATH_STATUS, id);
        let call = Call::get("ssl_certificates/status", &path);
        self.read(call).await
    }

    /// `GET ssl_certificates/{id}/dcv` (leaderssl.md 9).
    pub(super) async fn dcv(&self, id: &VendorOrderId) -> Result<Reply, LeaderTelecomError> {
        let path = about(&self.wire, &PATH_VALIDATION, id);
        self.read(Call::get("ssl_certificates/dcv", &path)).await
    }

    /// `GET ssl_certificates/{id}/download` (leaderssl.md 9).
    pub(super) async fn download(&self, id: &VendorOrderId) -> Result<Reply, LeaderTelecomError> {
        let path = about(&self.wire, &PATH_DOWNLOAD, id);
        let call = Call::get("ssl_certificates/download", &path);
        self.read(call).await
    }

    /// `POST ssl_certificates/{id}/change_dcv` (leaderssl.md 6). Not repeated: it sends a mail.
    pub(super) async fn change_dcv(
        &self,
        id: &VendorOrderId,
        email: &str,
    ) -> Result<Reply, LeaderTelecomError> {
        let path = about(&self.wire, &PATH_CHANGE, id);
        let parameters = json!({"email": email});
        let call = Call::post(
            "ssl_certificates/change_dcv",
            &path,
            small(&self.wire),
            parameters,
        );
        self.act(call).await
    }

    /// `POST ssl_certificates/{id}/resend_dcv` (leaderssl.md 4). Not repeated.
    pub(super) async fn resend_dcv(&self, id: &VendorOrderId) -> Result<Reply, LeaderTelecomError> {
        let path = about(&self.wire, &PATH_RESEND, id);
        let call = Call::post(
            "ssl_certificates/resend_dcv",
            &path,
            small(&self.wire),
            json!({}),
        );
        self.act(call).await
    }

    /// **`POST order`: buys** (leaderssl.md 7). Needs [`sign_in`](Self::sign_in) before it, so that no
    /// failure of that can be taken for one of this. The raw answer, because its reading has rules of
    /// its own.
    pub(super) async fn order(&self, order: Value, permit: Permit) -> Result<Reply, SendFailure> {
        let path = self.wire.text(&PATH_ORDER);
        let call = Call::post(PAID[0], path, self.order_encoding, order);
        self.send_paid(call, permit).await
    }

    /// **The reissue call of the override file: orders.** None is public (leaderssl.md 10).
    pub(super) async fn reissue(
        &self,
        id: &VendorOrderId,
        body: Value,
        permit: Permit,
    ) -> Result<Reply, SendFailure> {
        let path = about(&self.wire, &PATH_REISSUE, id);
        let call = Call::post(PAID[1], &path, self.order_encoding, body);
        self.send_paid(call, permit).await
    }

    /// Whether an order fits into an address, when it has to.
    pub(super) fn is_too_long(&self, order: &Value) -> bool {
        self.order_encoding == Encoding::Query
            && self.base.len() + form(order).len() > LONGEST_ADDRESS
    }

    /// Forgets the token: it was refused.
    pub(super) fn sign_out(&self) {
        self.session.borrow_mut().take();
    }

    /// A call that may be repeated: once more with a new token when the old one is refused.
    async fn read(&self, call: Call<'_>) -> Result<Reply, LeaderTelecomError> {
        let had_token = self.session.borrow().is_some();
        self.sign_in().await?;
        let again = Call {
            operation: call.operation,
            method: call.method.clone(),
            path: call.path,
            query: call.query.clone(),
            parameters: call.parameters.clone(),
            class: call.class,
        };
        let reply = self.with_token(call).await?;
        // A token of a moment ago that is refused will be refused again.
        if reply.status != 401 || !had_token {
            return Ok(reply);
        }
        // Its room, if it is large, is the next answer's.
        drop(reply);
        self.sign_out();
        self.sign_in().await?;
        self.with_token(again).await
    }

    /// A call that does something: never repeated.
    async fn act(&self, call: Call<'_>) -> Result<Reply, LeaderTelecomError> {
        self.sign_in().await?;
        let reply = self.with_token(call).await?;
        if reply.status == 401 {
            self.sign_out();
        }
        Ok(reply)
    }

    /// A read of any path for a record, once, in a session that has begun.
    pub(super) async fn look(
        &self,
        operation: &'static str,
        path: &str,
        query: &str,
        pass: Pass,
    ) -> Result<Reply, LeaderTelecomError> {
        let call = Call {
            query: query.to_owned(),
            ..Call::get(operation, path)
        };
        let usual = self.token();
        let token = match pass {
            Pass::Usual => usual,
            Pass::Elsewhere => usual.map(|token| Token {
                in_query: !token.in_query,
                ..token
            }),
            Pass::Junk => usual.map(|token| Token {
                secret: SecretString::from(JUNK),
                ..token
            }),
        };
        self.send(call, token)
            .await
            .map_err(LeaderTelecomError::Send)
    }

    fn token(&self) -> Option<Token> {
        let session = self.session.borrow();
        let secret = session.as_ref()?.secret().clone();
        let in_query = self.wire.is(&TOKEN_PLACE, "query");
        Some(Token { secret, in_query })
    }

    async fn with_token(&self, call: Call<'_>) -> Result<Reply, LeaderTelecomError> {
        self.send(call, self.token())
            .await
            .map_err(LeaderTelecomError::Send)
    }

    async fn send_paid(&self, call: Call<'_>, permit: Permit) -> Result<Reply, SendFailure> {
        let Some(token) = self.token() else {
            let text = words!("not signed in", "вход не выполнен").about(call.operation);
            return Err(SendFailure::NotSent(text));
        };
        let request = self.request(call, Some(token))?;
        let reply = self.http.send_paid(request, permit).await?;
        if reply.status == 401 {
            self.sign_out();
        }
        Ok(reply)
    }

    async fn send(&self, call: Call<'_>, token: Option<Token>) -> Result<Reply, SendFailure> {
        let request = self.request(call, token)?;
        self.http.send(request).await
    }

    fn request(&self, call: Call<'_>, token: Option<Token>) -> Result<Request, SendFailure> {
        let operation = call.operation;
        let mut headers = vec![("accept", "application/json".to_owned())];
        let mut query = call.query;
        let mut body = None;
        match call.parameters {
            Some((Encoding::Json, value)) => {
                headers.push(("content-type", "application/json".to_owned()));
                body = Some(value.to_string().into_bytes());
            }
            Some((Encoding::Form, value)) => {
                let kind = "application/x-www-form-urlencoded".to_owned();
                headers.push(("content-type", kind));
                body = Some(form(&value).into_bytes());
            }
            Some((Encoding::Query, value)) => {
                join(&mut query, &form(&value));
                body = Some(Vec::new());
            }
            None => {}
        }
        if body.as_ref().is_some_and(Vec::is_empty) {
            // Some servers want to be told that a POST has no body.
            headers.push(("content-length", "0".to_owned()));
        }
        if let Some(Token { secret, in_query }) = token {
            let secret = secret.expose_secret();
            if in_query {
                join(&mut query, &form(&json!({"auth_token": secret})));
            } else {
                headers.push(("x-auth-token", secret.to_owned()));
            }
        }
        let mut url = Url::parse(&format!("{}/{}", self.base, call.path)).map_err(|error| {
            SendFailure::NotSent(Words::verbatim(format!("{operation}: {error}")))
        })?;
        url.set_query(Some(query.as_str()).filter(|query| !query.is_empty()));
        Ok(Request {
            operation,
            method: call.method,
            url,
            headers,
            body,
            class: call.class,
        })
    }
}

fn join(query: &mut String, more: &str) {
    if !query.is_empty() && !more.is_empty() {
        query.push('&');
    }
    query.push_str(more);
}

/// Encoding of small calls.
fn small(wire: &Wire) -> Encoding {
    Encoding::of(wire.text(&CALL_ENCODING)).unwrap_or(Encoding::Form)
}

/// A path with the certificate's number, whose characters cannot change the path.
fn about(wire: &Wire, path: &WireFact, id: &VendorOrderId) -> String {
    let safe: String = id
        .as_str()
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
        .collect();
    wire.text(path).replace("{id}", &safe)
}
