//! One method per call of the vendor, named as the vendor names it. No decisions.

use serde::Deserialize;

use super::envelope::{self, Unusable};
use super::error::{GlobalSignError, verdict};
use super::model::query::{
    AccountSnapshot, ChangeApproverEmail, DateRange, DnsForIssue, GetCertificateOrders,
    GetDvApproverList, GetOrderByOrderId, MailType, Modification, ModifyOrder, OrderQueryOption,
    ResendEmail, UrlForIssue, ValidateOrderParameters,
};
use super::model::reply::{Approvers, Done, Issued, Ordered, Orders, Parameters, Reply, Search};
use super::model::request::{Call, Header, Request, Text};
use super::settings::AccountSettings;
use crate::ca::http::{self, Http, Method, SendClass, Url};
use crate::ca::{ConnectOptions, Permit};
use crate::domain::text::{Bilingual, Words};
use crate::failure::Failure;

/// The most elements a reply may skip over while a list is collected; a listing holds about 500
/// orders of some 60 elements.
const SKIPPED_ELEMENTS: usize = 200_000;

/// The calls that buy or order (globalsign.md 4.1); sent with a permit only.
const PAID: &[&str] = &[
    "DVOrder",
    "DVDNSOrder",
    "URLVerification",
    "OVOrder",
    "EVOrder",
    "ReIssue",
];

/// A reply and the remarks that came with its success.
#[derive(Debug)]
pub(super) struct Remarked<R> {
    pub(super) reply: R,
    pub(super) remarks: Vec<Words>,
}

/// The way to one account's services.
#[derive(Debug)]
pub(super) struct Client {
    http: Http,
    base: Url,
    header: Header,
}

impl Client {
    pub(super) fn vendors_time(&self) -> Option<chrono::DateTime<chrono::Utc>> {
        self.http.vendors_time()
    }

    pub(super) fn new(
        account: &AccountSettings,
        options: &ConnectOptions,
    ) -> Result<Self, Failure> {
        Ok(Self {
            http: Http::new(options, account.local_address)?.selling(PAID),
            base: account.base.clone(),
            header: Header::new(&account.user, account.password.clone()),
        })
    }

    /// The header every request starts with.
    pub(super) fn header(&self) -> Header {
        self.header.clone()
    }

    /// Approver addresses of a name, and a fresh order number (globalsign.md 4.1).
    pub(super) async fn get_dv_approver_list(
        &self,
        fqdn: &str,
    ) -> Result<Remarked<Approvers>, GlobalSignError> {
        let request = GetDvApproverList {
            query_request_header: self.header(),
            fqdn: Text::new(fqdn),
        };
        self.read(Call::GetDvApproverList(Request { request }))
            .await
    }

    /// Price and acceptance of an order without buying it (globalsign.md 4.2).
    pub(super) async fn validate_order_parameters(
        &self,
        request: ValidateOrderParameters,
    ) -> Result<Remarked<Parameters>, GlobalSignError> {
        self.read(Call::ValidateOrderParameters(Request { request }))
            .await
    }

    /// DVOrder, DVDNSOrder, URLVerification, OVOrder, EVOrder and ReIssue: **the calls that order.**
    pub(super) async fn order(
        &self,
        call: Call,
        permit: Permit,
    ) -> Result<Remarked<Ordered>, GlobalSignError> {
        let request = self.request(&call, SendClass::Once);
        let reply = match request {
            Ok(request) => self.http.send_paid(request, permit).await,
            Err(failure) => Err(failure),
        };
        let reply = reply.map_err(GlobalSignError::Send)?;
        read(&call, &reply)
    }

    /// Everything about one order (globalsign.md 4.2).
    pub(super) async fn get_order_by_order_id(
        &self,
        order: &str,
        parts: OrderQueryOption,
    ) -> Result<Remarked<Orders>, GlobalSignError> {
        let request = GetOrderByOrderId {
            query_request_header: self.header(),
            order_id: Text::new(order),
            order_query_option: parts,
        };
        self.read(Call::GetOrderByOrderId(Request { request }))
            .await
    }

    /// Orders placed in a span of time; answers about 500 at most (globalsign.md 11).
    pub(super) async fn get_order_by_date_range(
        &self,
        from: &str,
        to: &str,
        parts: OrderQueryOption,
    ) -> Result<Remarked<Orders>, GlobalSignError> {
        let request = self.date_range(from, to, parts);
        self.read(Call::GetOrderByDateRange(Request { request }))
            .await
    }

    /// Orders changed in a span of time; answers about 500 at most.
    pub(super) async fn get_modified_orders(
        &self,
        from: &str,
        to: &str,
        parts: OrderQueryOption,
    ) -> Result<Remarked<Orders>, GlobalSignError> {
        let request = self.date_range(from, to, parts);
        self.read(Call::GetModifiedOrders(Request { request }))
            .await
    }

    fn date_range(&self, from: &str, to: &str, parts: OrderQueryOption) -> DateRange {
        DateRange {
            query_request_header: self.header(),
            from_date: Text::new(from),
            to_date: Text::new(to),
            order_query_option: parts,
        }
    }

    /// Orders of a name placed in a span of time (globalsign.md 4.2).
    pub(super) async fn get_certificate_orders(
        &self,
        from: &str,
        to: &str,
        fqdn: &str,
    ) -> Result<Remarked<Search>, GlobalSignError> {
        let request = GetCertificateOrders {
            query_request_header: self.header(),
            from_date: Text::new(from),
            to_date: Text::new(to),
            fqdn: Text::new(fqdn),
        };
        self.read(Call::GetCertificateOrders(Request { request }))
            .await
    }

    /// Asks the vendor to look for the TXT record; a success issues at once (globalsign.md 6).
    pub(super) async fn dv_dns_verification_for_issue(
        &self,
        order: &str,
        fqdn: &str,
    ) -> Result<Remarked<Issued>, GlobalSignError> {
        let request = DnsForIssue {
            order_request_header: self.header(),
            approver_fqdn: Text::new(fqdn),
            order_id: Text::new(order),
        };
        self.call(
            Call::DvDnsVerificationForIssue(Request { request }),
            SendClass::Once,
        )
        .await
    }

    /// Asks the vendor to look for the file; a success issues at once (globalsign.md 6).
    pub(super) async fn url_verification_for_issue(
        &self,
        order: &str,
        url: &str,
    ) -> Result<Remarked<Issued>, GlobalSignError> {
        let request = UrlForIssue {
            order_request_header: self.header(),
            approver_url: Text::new(url),
            order_id: Text::new(order),
        };
        self.call(
            Call::UrlVerificationForIssue(Request { request }),
            SendClass::Once,
        )
        .await
    }

    /// Cancels an order.
    pub(super) async fn modify_order_cancel(
        &self,
        order: &str,
    ) -> Result<Remarked<Done>, GlobalSignError> {
        let request = ModifyOrder {
            order_request_header: self.header(),
            order_id: Text::new(order),
            modify_order_operation: Modification::Cancel,
        };
        self.call(Call::ModifyOrder(Request { request }), SendClass::Once)
            .await
    }

    /// Sends the approver mail to another address.
    pub(super) async fn change_approver_email(
        &self,
        order: &str,
        email: &str,
        fqdn: &str,
    ) -> Result<Remarked<Done>, GlobalSignError> {
        let request = ChangeApproverEmail {
            order_request_header: self.header(),
            order_id: Text::new(order),
            approver_email: Text::new(email),
            fqdn: Text::new(fqdn),
        };
        self.call(
            Call::ChangeApproverEmail(Request { request }),
            SendClass::Once,
        )
        .await
    }

    /// Sends the approver mail again.
    pub(super) async fn resend_email(
        &self,
        order: &str,
    ) -> Result<Remarked<Done>, GlobalSignError> {
        let request = ResendEmail {
            order_request_header: self.header(),
            order_id: Text::new(order),
            resend_email_type: MailType::Approver,
        };
        self.call(Call::ResendEmail(Request { request }), SendClass::Once)
            .await
    }

    /// Balance and usage, as the XML of the reply: its element names are not public
    /// (globalsign.md 4.3).
    pub(super) async fn account_snapshot(&self) -> Result<String, GlobalSignError> {
        let request = AccountSnapshot {
            query_request_header: self.header(),
        };
        let call = Call::AccountSnapshot(Request { request });
        let reply = self.exchange(&call, SendClass::Read).await?;
        let response = opened(&call, &reply)?;
        let done: Done = parse(reply.status, response)?;
        verdict(done.header())?;
        Ok(response.to_owned())
    }

    /// The address of the services.
    pub(super) fn address(&self) -> &Url {
        &self.base
    }

    /// The raw answer of the one call that only reads and whose reply is not public
    /// (globalsign.md 4.3).
    pub(super) async fn raw_account_snapshot(&self) -> Result<http::Reply, Failure> {
        let request = AccountSnapshot {
            query_request_header: self.header(),
        };
        let call = Call::AccountSnapshot(Request { request });
        self.send(&call, SendClass::Read)
            .await
            .map_err(|failure| failure.into_failure(SendClass::Read))
    }

    async fn read<R: Reply>(&self, call: Call) -> Result<Remarked<R>, GlobalSignError> {
        self.call(call, SendClass::Read).await
    }

    /// Sends a call and reads its reply. Success needs a complete envelope of that operation and a
    /// SuccessCode that says so.
    async fn call<R: Reply>(
        &self,
        call: Call,
        class: SendClass,
    ) -> Result<Remarked<R>, GlobalSignError> {
        read(&call, &self.exchange(&call, class).await?)
    }

    async fn exchange(
        &self,
        call: &Call,
        class: SendClass,
    ) -> Result<http::Reply, GlobalSignError> {
        self.send(call, class).await.map_err(GlobalSignError::Send)
    }

    async fn send(&self, call: &Call, class: SendClass) -> Result<http::Reply, http::SendFailure> {
        let request = self.request(call, class)?;
        self.http.send(request).await
    }

    fn request(&self, call: &Call, class: SendClass) -> Result<http::Request, http::SendFailure> {
        let not_sent = http::SendFailure::NotSent;
        let url = self
            .base
            .join(call.service().path())
            .map_err(|error| not_sent(Words::verbatim(error)))?;
        let body = envelope::write(call).map_err(|error| not_sent(Words::verbatim(error)))?;
        Ok(http::Request {
            operation: call.operation(),
            method: Method::POST,
            url,
            headers: vec![
                ("Content-Type", "text/xml; charset=utf-8".to_owned()),
                ("SOAPAction", "\"\"".to_owned()),
            ],
            body: Some(body),
            class,
        })
    }
}

/// A reply: a complete envelope of that operation and a SuccessCode that says so.
fn read<R: Reply>(call: &Call, reply: &http::Reply) -> Result<Remarked<R>, GlobalSignError> {
    let reply: R = parse(reply.status, opened(call, reply)?)?;
    let remarks = verdict(reply.header())?;
    Ok(Remarked { reply, remarks })
}

/// The status that a SOAP fault has (SOAP 1.1, section 6.2).
const STATUS_OF_FAULT: u16 = 500;

/// The reply's `Response`; what is no envelope at all is told as at every vendor, and so is a fault under a status that
/// says more than the fault.
fn opened<'a>(call: &Call, reply: &'a http::Reply) -> Result<&'a str, GlobalSignError> {
    response(call.operation(), reply.status, &reply.body).map_err(|error| {
        match (&error, reply.unserved()) {
            (
                GlobalSignError::Unusable {
                    why: Unusable::Malformed(_),
                    ..
                },
                Some(unserved),
            ) => GlobalSignError::Unserved(unserved),
            (GlobalSignError::Unusable { status, why }, Some(unserved))
                if *status != STATUS_OF_FAULT && unserved.concerns_all() =>
            {
                GlobalSignError::Unserved(unserved.saying(&why.both()))
            }
            _ => error,
        }
    })
}

/// The reply's `Response`. A fault may come with status 500 (SOAP 1.1, section 6.2), so the body is
/// read whatever the status; a success with a bad status is none.
pub(super) fn response<'a>(
    operation: &str,
    status: u16,
    body: &'a [u8],
) -> Result<&'a str, GlobalSignError> {
    let unusable = |why| GlobalSignError::Unusable { status, why };
    let response = envelope::open(operation, body).map_err(unusable)?;
    if (200..300).contains(&status) {
        Ok(response)
    } else {
        let why = words!(
            "an answer under an error status",
            "ответ со статусом ошибки"
        );
        Err(unusable(Unusable::Malformed(why)))
    }
}

pub(super) fn parse<R: for<'de> Deserialize<'de>>(
    status: u16,
    response: &str,
) -> Result<R, GlobalSignError> {
    let mut deserializer = quick_xml::de::Deserializer::from_str(response);
    deserializer.event_buffer_size(std::num::NonZeroUsize::new(SKIPPED_ELEMENTS));
    R::deserialize(&mut deserializer).map_err(|error| {
        // The reader's own words are for developers, and English only.
        crate::log!(Order, ExtInfo, "the answer cannot be read: {error}");
        GlobalSignError::Unusable {
            status,
            why: Unusable::Malformed(words!(
                "the answer's fields cannot be read",
                "поля ответа не читаются"
            )),
        }
    })
}
