//! The vendor's calls, one method each, under the vendor's names. No decisions.

use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::error::{TheSslStoreError, Verdict, field, json};
use super::model::reply::{AccountDetail, Approvers, DecodedCsr, Download, Order, Product, object};
use super::model::request::{
    ApproverList, Authenticated, Credentials, CsrCheck, NewOrder, OrderCall, OrderQuery,
    ProductQuery, Reissue,
};
use crate::ca::Permit;
use crate::ca::http::{Http, Method, Reply, Request, SendClass, SendFailure, Unserved, Url};
use crate::domain::text::Words;

/// The calls that buy or order; sent with a permit only.
const PAID: &[&str] = &["order/neworder", "order/reissue"];

/// A way to one account at the vendor.
#[derive(Debug)]
pub(super) struct Client {
    http: Http,
    address: Url,
    /// The address without a trailing slash.
    base: String,
    partner_code: String,
    auth_token: SecretString,
}

impl Client {
    pub(super) fn vendors_time(&self) -> Option<chrono::DateTime<chrono::Utc>> {
        self.http.vendors_time()
    }

    pub(super) fn new(
        http: Http,
        base: &Url,
        partner_code: String,
        auth_token: SecretString,
    ) -> Self {
        Self {
            http: http.selling(PAID),
            address: base.clone(),
            base: base.as_str().trim_end_matches('/').to_owned(),
            partner_code,
            auth_token,
        }
    }

    /// `GET health/status`: no credentials (thesslstore.md 4.1).
    pub(super) async fn health_status(&self) -> Result<(), TheSslStoreError> {
        const OPERATION: &str = "health/status";
        let reply = self
            .send(OPERATION, Method::GET, None, SendClass::Read)
            .await
            .map_err(TheSslStoreError::Send)?;
        accepted(OPERATION, &reply).map(drop)
    }

    /// `health/validate`: the credentials stand at the top (thesslstore.md 4.2).
    pub(super) async fn health_validate(&self) -> Result<(), TheSslStoreError> {
        const OPERATION: &str = "health/validate";
        let reply = self
            .post(OPERATION, &self.credentials(), SendClass::Read)
            .await?;
        accepted(OPERATION, &reply).map(drop)
    }

    /// `user/accountdetail`: credentials at the top and nested, the vendor's own habit. The verdict
    /// may say error on success, so it counts only when the data are missing (thesslstore.md 4.4).
    pub(super) async fn account_detail(&self) -> Result<AccountDetail, TheSslStoreError> {
        const OPERATION: &str = "user/accountdetail";
        let body = Authenticated {
            credentials: self.credentials(),
            call: self.credentials(),
        };
        let reply = self.post(OPERATION, &body, SendClass::Read).await?;
        if reply.is_success() {
            let detail: AccountDetail = decode(single(OPERATION, json(OPERATION, &reply)?)?);
            if detail.partner_code.is_some() || detail.account_balance.is_some() {
                return Ok(detail);
            }
        }
        accepted(OPERATION, &reply).map(decode)
    }

    /// `product/query` (thesslstore.md 5.1). An empty code asks for all.
    pub(super) async fn product_query(&self, code: &str) -> Result<Vec<Product>, TheSslStoreError> {
        const OPERATION: &str = "product/query";
        let call = ProductQuery {
            product_code: code,
            product_type: 0,
            need_sorted_list: false,
            is_force_new_skus: true,
        };
        let reply = self.call(OPERATION, call, SendClass::Read).await?;
        Ok(accepted_list(OPERATION, &reply)?
            .into_iter()
            .map(decode)
            .collect())
    }

    /// `csr` (thesslstore.md 5.2).
    pub(super) async fn csr(
        &self,
        product: &str,
        csr: &str,
    ) -> Result<DecodedCsr, TheSslStoreError> {
        let call = CsrCheck {
            product_code: product,
            csr,
        };
        self.read("csr", call).await
    }

    /// `order/approverlist` (thesslstore.md 5.3).
    pub(super) async fn approver_list(
        &self,
        product: &str,
        domain: &str,
    ) -> Result<Approvers, TheSslStoreError> {
        let call = ApproverList {
            product_code: product,
            domain_name: domain,
        };
        self.read("order/approverlist", call).await
    }

    /// `order/validateorderparameters`: the dry run, documented as changing nothing (thesslstore.md 5.5).
    pub(super) async fn validate_order_parameters(
        &self,
        order: &NewOrder,
    ) -> Result<(), TheSslStoreError> {
        const OPERATION: &str = "order/validateorderparameters";
        let reply = self.call(OPERATION, order, SendClass::Read).await?;
        accepted(OPERATION, &reply).map(drop)
    }

    /// **`order/neworder`: buys.** The raw answer, because its reading has rules of its own.
    pub(super) async fn new_order(
        &self,
        order: &NewOrder,
        permit: Permit,
    ) -> Result<Reply, SendFailure> {
        self.send_paid(PAID[0], order, permit).await
    }

    /// **`order/reissue`: orders.** Free of charge, but it restarts validation.
    pub(super) async fn reissue(
        &self,
        order: &Reissue,
        permit: Permit,
    ) -> Result<Reply, SendFailure> {
        self.send_paid(PAID[1], order, permit).await
    }

    /// `order/status` (thesslstore.md 8.1).
    pub(super) async fn order_status(
        &self,
        call: OrderCall<'_>,
    ) -> Result<Order, TheSslStoreError> {
        self.read("order/status", call).await
    }

    /// `order/query`: one page. Anything but an array is a failure (thesslstore.md 8.2).
    pub(super) async fn order_query(
        &self,
        query: &OrderQuery,
    ) -> Result<Vec<Order>, TheSslStoreError> {
        const OPERATION: &str = "order/query";
        let reply = self.call(OPERATION, query, SendClass::Read).await?;
        Ok(accepted_list(OPERATION, &reply)?
            .into_iter()
            .map(decode)
            .collect())
    }

    /// `order/download` (thesslstore.md 8.4).
    pub(super) async fn download(&self, call: OrderCall<'_>) -> Result<Download, TheSslStoreError> {
        self.read("order/download", call).await
    }

    /// `order/refundrequest` (thesslstore.md 9.3). Not repeated: what a second request does is unknown.
    pub(super) async fn refund_request(
        &self,
        call: OrderCall<'_>,
    ) -> Result<Order, TheSslStoreError> {
        const OPERATION: &str = "order/refundrequest";
        let reply = self.call(OPERATION, call, SendClass::Once).await?;
        accepted(OPERATION, &reply).map(decode)
    }

    /// `order/resend`, `order/changeapproveremail`, `order/changeapprovermethod` (thesslstore.md 9.2).
    /// Not repeated: each sends a mail.
    pub(super) async fn change_approver(
        &self,
        operation: &'static str,
        call: OrderCall<'_>,
    ) -> Result<(), TheSslStoreError> {
        let reply = self.call(operation, call, SendClass::Once).await?;
        accepted(operation, &reply).map(drop)
    }

    /// `digicert/checkdcv` (thesslstore.md 9.2).
    pub(super) async fn check_dcv(&self, call: OrderCall<'_>) -> Result<(), TheSslStoreError> {
        const OPERATION: &str = "digicert/checkdcv";
        let reply = self.call(OPERATION, call, SendClass::Read).await?;
        accepted(OPERATION, &reply).map(drop)
    }

    /// The address of the API.
    pub(super) fn address(&self) -> &Url {
        &self.address
    }

    /// The raw answers of the calls that only read (thesslstore.md 4.1, 4.2, 4.4, 5.1).
    pub(super) async fn harmless_reads(&self) -> Vec<(&'static str, Result<Reply, SendFailure>)> {
        const STATUS: &str = "health/status";
        const VALIDATE: &str = "health/validate";
        const ACCOUNT: &str = "user/accountdetail";
        const PRODUCTS: &str = "product/query";
        let read = SendClass::Read;
        let mut answers = vec![(STATUS, self.send(STATUS, Method::GET, None, read).await)];
        let account = Authenticated {
            credentials: self.credentials(),
            call: self.credentials(),
        };
        let products = Authenticated {
            credentials: self.credentials(),
            call: ProductQuery {
                product_code: "",
                product_type: 0,
                need_sorted_list: false,
                is_force_new_skus: true,
            },
        };
        for (operation, body) in [
            (VALIDATE, encode(VALIDATE, &self.credentials())),
            (ACCOUNT, encode(ACCOUNT, &account)),
            (PRODUCTS, encode(PRODUCTS, &products)),
        ] {
            let answer = match body {
                Ok(body) => self.send(operation, Method::POST, Some(body), read).await,
                Err(failure) => Err(failure),
            };
            answers.push((operation, answer));
        }
        answers
    }

    fn credentials(&self) -> Credentials<'_> {
        Credentials {
            partner_code: &self.partner_code,
            auth_token: self.auth_token.expose_secret(),
        }
    }

    /// A repeatable call whose reply is one object.
    async fn read<T: DeserializeOwned + Default>(
        &self,
        operation: &'static str,
        call: impl Serialize,
    ) -> Result<T, TheSslStoreError> {
        let reply = self.call(operation, call, SendClass::Read).await?;
        accepted(operation, &reply).map(decode)
    }

    async fn call(
        &self,
        operation: &'static str,
        call: impl Serialize,
        class: SendClass,
    ) -> Result<Reply, TheSslStoreError> {
        let credentials = self.credentials();
        let body = Authenticated { credentials, call };
        self.post(operation, &body, class).await
    }

    async fn post(
        &self,
        operation: &'static str,
        body: &impl Serialize,
        class: SendClass,
    ) -> Result<Reply, TheSslStoreError> {
        let body = encode(operation, body).map_err(TheSslStoreError::Send)?;
        self.send(operation, Method::POST, Some(body), class)
            .await
            .map_err(TheSslStoreError::Send)
    }

    async fn send_paid(
        &self,
        operation: &'static str,
        call: &impl Serialize,
        permit: Permit,
    ) -> Result<Reply, SendFailure> {
        let credentials = self.credentials();
        let body = encode(operation, &Authenticated { credentials, call })?;
        let request = self.request(operation, Method::POST, Some(body), SendClass::Once)?;
        self.http.send_paid(request, permit).await
    }

    async fn send(
        &self,
        operation: &'static str,
        method: Method,
        body: Option<Vec<u8>>,
        class: SendClass,
    ) -> Result<Reply, SendFailure> {
        let request = self.request(operation, method, body, class)?;
        self.http.send(request).await
    }

    fn request(
        &self,
        operation: &'static str,
        method: Method,
        body: Option<Vec<u8>>,
        class: SendClass,
    ) -> Result<Request, SendFailure> {
        let url = Url::parse(&format!("{}/{operation}", self.base)).map_err(|error| {
            SendFailure::NotSent(Words::verbatim(format!("{operation}: {error}")))
        })?;
        let mut headers = vec![("accept", "application/json".to_owned())];
        if body.is_some() {
            let json = "application/json; charset=utf-8".to_owned();
            headers.push(("content-type", json));
        }
        Ok(Request {
            operation,
            method,
            url,
            headers,
            body,
            class,
        })
    }
}

fn encode(operation: &'static str, body: &impl Serialize) -> Result<Vec<u8>, SendFailure> {
    serde_json::to_vec(body).map_err(|error| {
        SendFailure::NotSent(words!(
            "{operation}: no request: {error}",
            "{operation}: запрос не составлен: {error}"
        ))
    })
}

/// The JSON of a reply. A status that concerns the account or the service as a whole counts before whatever the body
/// says: words under it are no refusal of this call, and the end of no listing.
fn served(operation: &'static str, reply: &Reply) -> Result<Value, TheSslStoreError> {
    let value = json(operation, reply);
    let Some(unserved) = reply.unserved().filter(Unserved::concerns_all) else {
        return value;
    };
    let said = value.map_or_else(
        |_| String::new(),
        |value| {
            let first = value.as_array().and_then(|items| items.first());
            Verdict::of(first.unwrap_or(&value)).refusal.text
        },
    );
    Err(TheSslStoreError::Unserved {
        operation,
        unserved: unserved.saying(&Words::verbatim(said)),
    })
}

/// The one object of a reply that is not an error. Some operations answer with an array of one.
fn accepted(operation: &'static str, reply: &Reply) -> Result<Value, TheSslStoreError> {
    let value = single(operation, served(operation, reply)?)?;
    let verdict = Verdict::of(&value);
    if verdict.is_error == Some(true) {
        let refusal = verdict.refusal;
        return Err(TheSslStoreError::Refused { operation, refusal });
    }
    if let Some(unserved) = reply.unserved() {
        return Err(TheSslStoreError::Unserved {
            operation,
            unserved,
        });
    }
    // Without a verdict an object is a reply only when it is an order.
    if verdict.is_error.is_none() && field(&value, "TheSSLStoreOrderID").is_none() {
        let why = words!("the answer has no verdict", "в ответе нет результата");
        return Err(TheSslStoreError::Unreadable { operation, why });
    }
    Ok(value)
}

/// The elements of a reply that is an array without errors (thesslstore.md 2.2).
fn accepted_list(operation: &'static str, reply: &Reply) -> Result<Vec<Value>, TheSslStoreError> {
    let items = match served(operation, reply)? {
        Value::Array(items) => items,
        other => {
            let verdict = Verdict::of(&other);
            return Err(match (verdict.is_error, reply.unserved()) {
                (Some(true), _) => TheSslStoreError::Refused {
                    operation,
                    refusal: verdict.refusal,
                },
                (_, Some(unserved)) => TheSslStoreError::Unserved {
                    operation,
                    unserved,
                },
                _ => TheSslStoreError::Unreadable {
                    operation,
                    why: words!("the answer is not a list", "ответ - не список"),
                },
            });
        }
    };
    for item in &items {
        let verdict = Verdict::of(item);
        if verdict.is_error == Some(true) {
            let refusal = verdict.refusal;
            return Err(TheSslStoreError::Refused { operation, refusal });
        }
    }
    match reply.unserved() {
        None => Ok(items),
        Some(unserved) => Err(TheSslStoreError::Unserved {
            operation,
            unserved,
        }),
    }
}

/// The object of a reply: itself, or the only element of a list.
pub(super) fn single(operation: &'static str, value: Value) -> Result<Value, TheSslStoreError> {
    let unreadable = |why: Words| TheSslStoreError::Unreadable {
        operation,
        why: why.to_owned(),
    };
    match value {
        Value::Array(mut items) if items.len() == 1 => {
            let item = items.remove(0);
            if item.is_object() {
                Ok(item)
            } else {
                Err(unreadable(words!(
                    "the answer's only element is no object",
                    "единственный элемент ответа - не объект"
                )))
            }
        }
        Value::Array(_) => Err(unreadable(words!("the answer is a list", "ответ - список"))),
        value => Ok(value),
    }
}

/// Fields of an object; odd ones count as absent.
pub(super) fn decode<T: DeserializeOwned + Default>(value: Value) -> T {
    object(value).unwrap_or_default()
}
