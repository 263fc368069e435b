//! The vendor's commands, one method each, under the vendor's names. No decisions.

use secrecy::{ExposeSecret, SecretString};

use super::envelope::CommandReply;
use super::error::EnomError;
use super::model::{CatalogueEntry, Detail, OrderLook, OrderPage, Slot, approvers, number};
use crate::ca::Permit;
use crate::ca::http::{Http, Method, Reply, Request, SendClass, SendFailure, Url};
use crate::domain::text::Words;

/// Largest page of `CertGetCerts` (enom.md 7).
const PAGE: usize = 250;

/// More rows than this are not a listing that can be trusted to end.
const PAGES: usize = 80;

/// Parameters of a command in their order.
pub(super) type Parameters = Vec<(String, String)>;

/// Adds one parameter.
pub(super) fn add(parameters: &mut Parameters, name: impl Into<String>, value: impl Into<String>) {
    parameters.push((name.into(), value.into()));
}

/// What `CertGetCerts` is asked for.
#[derive(Debug, Clone, Default)]
pub(super) struct Listing {
    pub(super) kind: Option<u32>,
    pub(super) status: Option<u32>,
    /// `MM/DD/YYYY`.
    pub(super) ordered_from: Option<String>,
}

/// The commands that buy or order; sent with a permit only.
const PAID: &[&str] = &["PurchaseServices", "CertReissueCert"];

/// A way to one account at the vendor.
#[derive(Debug)]
pub(super) struct Client {
    http: Http,
    address: Url,
    user: String,
    password: SecretString,
}

impl Client {
    pub(super) fn vendors_time(&self) -> Option<chrono::DateTime<chrono::Utc>> {
        self.http.vendors_time()
    }

    pub(super) fn new(http: Http, address: Url, user: String, password: SecretString) -> Self {
        Self {
            http: http.selling(PAID),
            address,
            user,
            password,
        }
    }

    /// The address of the interface.
    pub(super) fn address(&self) -> &Url {
        &self.address
    }

    /// A reading command's answer as it came, for a record.
    pub(super) async fn look(
        &self,
        command: &'static str,
        parameters: Parameters,
    ) -> Result<Reply, SendFailure> {
        self.send(command, parameters, SendClass::Read).await
    }

    /// `CheckLogin`: whether this is a reseller, where it says (enom.md 5).
    pub(super) async fn check_login(&self) -> Result<Option<bool>, EnomError> {
        let answer = self.read("CheckLogin", Parameters::new()).await?;
        let reseller = answer.root().find("Reseller");
        Ok(reseller
            .and_then(|node| node.text())
            .and_then(super::envelope::boolean))
    }

    /// `GetBalance`: the available balance as written, holds taken off (enom.md 5).
    pub(super) async fn get_balance(&self) -> Result<Option<String>, EnomError> {
        let answer = self.read("GetBalance", Parameters::new()).await?;
        Ok(answer.payload().owned("AvailableBalance"))
    }

    /// `GetCerts`: the catalogue, a numbered list whose place in the tree is not certain (enom.md 5).
    pub(super) async fn get_certs(&self) -> Result<Vec<CatalogueEntry>, EnomError> {
        let answer = self.read("GetCerts", Parameters::new()).await?;
        let list = answer.root().find("Certs");
        let rows = list.into_iter().flat_map(|list| list.listed("Cert"));
        Ok(rows.filter_map(CatalogueEntry::read).collect())
    }

    /// **`PurchaseServices`: buys a blank slot** (enom.md 6). The raw answer, because its reading has
    /// rules of its own.
    pub(super) async fn purchase_services(
        &self,
        service: &str,
        years: u32,
        permit: Permit,
    ) -> Result<Reply, SendFailure> {
        let mut parameters = Parameters::new();
        add(&mut parameters, "Service", service);
        add(&mut parameters, "NumYears", years.to_string());
        self.send_paid(PAID[0], &parameters, permit).await
    }

    /// **`CertReissueCert`: orders** a new certificate in a slot (enom.md 9).
    pub(super) async fn cert_reissue_cert(
        &self,
        id: &str,
        csr: &str,
        permit: Permit,
    ) -> Result<Reply, SendFailure> {
        let mut parameters = about(id);
        add(&mut parameters, "CSR", csr);
        self.send_paid(PAID[1], &parameters, permit).await
    }

    /// `CertGetCerts`: all pages of a listing, or a failure (enom.md 7). What the total counts, the
    /// filter or the account, is not known (enom.md 19), so it only asks for a further page.
    pub(super) async fn cert_get_certs(&self, listing: &Listing) -> Result<Vec<Slot>, EnomError> {
        const COMMAND: &str = "CertGetCerts";
        let incomplete = |why: Words| EnomError::Unreadable {
            command: COMMAND,
            why: words!("the listing cannot be trusted: {why}", "этому списку нельзя доверять: {why}"; why),
            passing: true,
        };
        let mut slots: Vec<Slot> = Vec::new();
        for _ in 0..PAGES {
            let answer = self
                .read(COMMAND, listing_page(listing, slots.len() + 1))
                .await?;
            let own = answer
                .own()
                .ok_or_else(|| incomplete(words!("it is missing", "его нет")))?;
            let Some(list) = own.find("Certs") else {
                // No row fits, or none is left behind the last full page.
                if own.is_empty() {
                    return Ok(slots);
                }
                return Err(incomplete(words!("it has no rows", "в нём нет строк")));
            };
            let mut count = 0;
            for row in list.listed("Cert") {
                let slot = Slot::read(row).ok_or_else(|| {
                    incomplete(words!("a row has no number", "в строке нет номера"))
                })?;
                if slots.iter().any(|known| known.id == slot.id) {
                    return Err(incomplete(words!("a row came twice", "строка повторяется")));
                }
                slots.push(slot);
                count += 1;
            }
            if count == 0 && list.holds_rows() {
                return Err(incomplete(words!(
                    "its rows have an unknown name",
                    "его строки названы неизвестным именем"
                )));
            }
            let total = number::<usize>(list, "TotalRecords");
            let full = number::<usize>(list, "PagingPageSize").map_or(PAGE, |size| size.min(PAGE));
            let is_last = count < full && total.is_none_or(|total| total < slots.len());
            if count == 0 || is_last || total == Some(slots.len()) {
                return Ok(slots);
            }
        }
        Err(incomplete(words!("it does not end", "он не кончается")))
    }

    /// `CertGetCertDetail` (enom.md 7). The answer must be about the slot asked for.
    pub(super) async fn cert_get_cert_detail(&self, id: &str) -> Result<Detail, EnomError> {
        const COMMAND: &str = "CertGetCertDetail";
        let answer = self.read(COMMAND, about(id)).await?;
        let detail = Detail::read(answer.payload());
        if detail.id.map(|id| id.to_string()).as_deref() != Some(id) {
            return Err(EnomError::Unreadable {
                command: COMMAND,
                why: words!(
                    "asked for slot {id}, the answer is about another one",
                    "запрошен слот {id}, ответ о другом"
                ),
                passing: false,
            });
        }
        Ok(detail)
    }

    /// `CertConfigureCert`: stores CSR and contacts, "add or update" (enom.md 8).
    pub(super) async fn cert_configure_cert(
        &self,
        parameters: Parameters,
    ) -> Result<CommandReply, EnomError> {
        self.call("CertConfigureCert", parameters, SendClass::Once)
            .await
    }

    /// `CertGetApproverEmail`: the mailboxes for a name of a slot (enom.md 9).
    pub(super) async fn cert_get_approver_email(
        &self,
        id: &str,
        domain: &str,
    ) -> Result<Vec<String>, EnomError> {
        let mut parameters = about(id);
        add(&mut parameters, "Domain", domain);
        let answer = self.read("CertGetApproverEmail", parameters).await?;
        Ok(approvers(answer.payload()))
    }

    /// `CertPurchaseCert`: submits to the authority; takes no money despite its name (enom.md 9).
    pub(super) async fn cert_purchase_cert(
        &self,
        parameters: Parameters,
    ) -> Result<CommandReply, EnomError> {
        self.call("CertPurchaseCert", parameters, SendClass::Once)
            .await
    }

    /// `CertChangeApproverEmail` (enom.md 9). Not repeated: it sends a mail.
    pub(super) async fn cert_change_approver_email(
        &self,
        id: &str,
        email: &str,
    ) -> Result<(), EnomError> {
        let mut parameters = about(id);
        add(&mut parameters, "ApproverEmail", email);
        let outcome = self
            .call("CertChangeApproverEmail", parameters, SendClass::Once)
            .await;
        outcome.map(drop)
    }

    /// `CertResendApproverEmail` (enom.md 9). Not repeated: it sends a mail.
    pub(super) async fn cert_resend_approver_email(&self, id: &str) -> Result<(), EnomError> {
        let outcome = self
            .call("CertResendApproverEmail", about(id), SendClass::Once)
            .await;
        outcome.map(drop)
    }

    /// `CertModifyOrder`: withdraws a pending order from the authority (enom.md 9).
    pub(super) async fn cert_modify_order(&self, id: &str) -> Result<(), EnomError> {
        let outcome = self
            .call("CertModifyOrder", about(id), SendClass::Once)
            .await;
        outcome.map(drop)
    }

    /// `GetOrderList`: one page of the account's orders, newest first, of the last six months or
    /// between two days (`MM/DD/YYYY`; enom.md 14).
    pub(super) async fn get_order_list(
        &self,
        start: u64,
        days: Option<&(String, String)>,
    ) -> Result<OrderPage, EnomError> {
        const COMMAND: &str = "GetOrderList";
        let mut parameters = Parameters::new();
        add(&mut parameters, "Start", start.to_string());
        if let Some((first, last)) = days {
            add(&mut parameters, "BeginDate", first.as_str());
            add(&mut parameters, "EndDate", last.as_str());
        }
        let answer = self.read(COMMAND, parameters).await?;
        OrderPage::read(&answer).ok_or_else(|| EnomError::Unreadable {
            command: COMMAND,
            why: words!(
                "the list of orders cannot be read",
                "список заказов не читается"
            ),
            passing: false,
        })
    }

    /// `GetOrderDetail` (enom.md 14).
    pub(super) async fn get_order_detail(&self, order: u64) -> Result<OrderLook, EnomError> {
        let mut parameters = Parameters::new();
        add(&mut parameters, "OrderID", order.to_string());
        let answer = self.read("GetOrderDetail", parameters).await?;
        Ok(OrderLook::read(answer.root()))
    }

    async fn read(
        &self,
        command: &'static str,
        parameters: Parameters,
    ) -> Result<CommandReply, EnomError> {
        self.call(command, parameters, SendClass::Read).await
    }

    async fn call(
        &self,
        command: &'static str,
        parameters: Parameters,
        class: SendClass,
    ) -> Result<CommandReply, EnomError> {
        let reply = self
            .send(command, parameters, class)
            .await
            .map_err(EnomError::Send)?;
        CommandReply::read(command, &reply)?.accepted()
    }

    async fn send(
        &self,
        command: &'static str,
        parameters: Parameters,
        class: SendClass,
    ) -> Result<Reply, SendFailure> {
        self.http
            .send(self.request(command, &parameters, class))
            .await
    }

    async fn send_paid(
        &self,
        command: &'static str,
        parameters: &Parameters,
        permit: Permit,
    ) -> Result<Reply, SendFailure> {
        let request = self.request(command, parameters, SendClass::Once);
        self.http.send_paid(request, permit).await
    }

    fn request(&self, command: &'static str, parameters: &Parameters, class: SendClass) -> Request {
        Request {
            operation: command,
            method: Method::POST,
            url: self.address.clone(),
            headers: vec![
                ("accept", "text/xml".to_owned()),
                (
                    "content-type",
                    "application/x-www-form-urlencoded".to_owned(),
                ),
            ],
            body: Some(self.form(command, parameters)),
            class,
        }
    }

    /// The form of a command. Credentials stand in the body only: an address ends in logs (enom.md 2).
    pub(super) fn form(&self, command: &str, parameters: &Parameters) -> Vec<u8> {
        // The serializer of queries is that of forms.
        let mut scratch = self.address.clone();
        scratch
            .query_pairs_mut()
            .clear()
            .append_pair("Command", command)
            .append_pair("UID", &self.user)
            .append_pair("PW", self.password.expose_secret())
            .append_pair("ResponseType", "XML")
            .extend_pairs(parameters);
        scratch.query().unwrap_or_default().as_bytes().to_vec()
    }
}

/// The parameter that names a slot.
pub(super) fn about(id: &str) -> Parameters {
    vec![("CertID".to_owned(), id.to_owned())]
}

fn listing_page(listing: &Listing, start: usize) -> Parameters {
    let mut parameters = Parameters::new();
    if let Some(kind) = listing.kind {
        add(&mut parameters, "ProdType", kind.to_string());
    }
    let status = listing.status.unwrap_or(0);
    add(&mut parameters, "CertStatusID", status.to_string());
    if let Some(day) = &listing.ordered_from {
        add(&mut parameters, "OrderDateStart", day.as_str());
    }
    add(&mut parameters, "StartPosition", start.to_string());
    add(&mut parameters, "PagingPageSize", PAGE.to_string());
    add(&mut parameters, "SortBy", "CertID");
    add(&mut parameters, "SortByDirection", "Desc");
    parameters
}
