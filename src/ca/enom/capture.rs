//! The harmless reads of a record (enom.md 4): they charge nothing and may be repeated. Nothing outside
//! this list is ever called for one.

use super::Enom;
use super::client::{Parameters, about};
use super::envelope::CommandReply;
use crate::ca::http::{Reply, SendClass, SendFailure};
use crate::failure::Failure;

/// Rows of listings that a record needs.
const ROWS: &str = "3";

type Records = Vec<(&'static str, Result<String, Failure>)>;

impl Enom {
    /// Raw answers of the account's commands, and of those about one slot and one order, if there are any.
    pub(super) async fn reads(&self) -> Records {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let slots = vec![
            pair("CertStatusID", "0"),
            pair("StartPosition", "1"),
            pair("PagingPageSize", ROWS),
            pair("SortBy", "CertID"),
            pair("SortByDirection", "Desc"),
        ];
        let mut records = Records::new();
        for command in ["CheckLogin", "GetBalance", "GetCerts"] {
            let answer = self.client.look(command, Parameters::new()).await;
            records.push(told(command, answer));
        }
        let answer = self.client.look("CertGetCerts", slots).await;
        let slot = first(&answer, "CertGetCerts", "Cert", "CertID");
        records.push(told("CertGetCerts", answer));
        if let Some(slot) = slot {
            let answer = self.client.look("CertGetCertDetail", about(&slot)).await;
            records.push(told("CertGetCertDetail", answer));
        }
        let start = vec![pair("Start", "1")];
        let answer = self.client.look("GetOrderList", start).await;
        let order = first(&answer, "GetOrderList", "OrderDetail", "OrderID");
        records.push(told("GetOrderList", answer));
        if let Some(order) = order {
            let about_order = vec![pair("OrderID", &order)];
            let answer = self.client.look("GetOrderDetail", about_order).await;
            records.push(told("GetOrderDetail", answer));
        }
        records
    }
}

/// The number in the first row of a listing.
fn first(
    answer: &Result<Reply, SendFailure>,
    command: &'static str,
    row: &str,
    field: &str,
) -> Option<String> {
    let answer = CommandReply::read(command, answer.as_ref().ok()?).ok()?;
    let lists = ["Certs", "OrderList"];
    let list = lists.iter().find_map(|name| answer.root().find(name))?;
    let number = list.listed(row).next()?.owned(field)?;
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then_some(number)
}

fn told(
    command: &'static str,
    answer: Result<Reply, SendFailure>,
) -> (&'static str, Result<String, Failure>) {
    let text = answer
        .map(|reply| reply.transcript())
        .map_err(|failure| failure.into_failure(SendClass::Read));
    (command, text)
}
