//! Everything that can be known before an order is paid for.

use super::family::wire_code;
use super::mapping::{CsrForm, new_order};
use super::model::reply::{DecodedCsr, Order};
use super::{TheSslStore, account, not_ready, progress};
use crate::ca::{Stage, funds};
use crate::domain::text::{Bilingual, Words};
use crate::domain::{DomainName, Purchase, VendorOrderId};
use crate::failure::{Failure, Reason};

impl TheSslStore {
    /// Asks the free `csr` call how the vendor reads this CSR (thesslstore.md 5.2): as it is, else
    /// percent-encoded. The form that shows the right name is used for ordering.
    pub(super) async fn csr_form(&self, purchase: &Purchase) -> Result<CsrForm, Failure> {
        let pem = purchase.csr_pem.as_str();
        if let Some((known, form)) = &*self.known_form.borrow()
            && known == pem
        {
            return Ok(*form);
        }
        let form = match self.forced_form {
            Some(form) => {
                self.try_form(purchase, form).await?.map_err(bad_csr)?;
                form
            }
            None => match self.try_form(purchase, CsrForm::Raw).await? {
                Ok(()) => CsrForm::Raw,
                Err(why) => match self.try_form(purchase, CsrForm::Percent).await? {
                    Ok(()) => CsrForm::Percent,
                    // The plain form is what the vendor documents: its complaint is the telling one.
                    Err(_) => return Err(bad_csr(why)),
                },
            },
        };
        *self.known_form.borrow_mut() = Some((pem.to_owned(), form));
        Ok(form)
    }

    /// One question; the inner error is why this form is not read.
    async fn try_form(
        &self,
        purchase: &Purchase,
        form: CsrForm,
    ) -> Result<Result<(), Words>, Failure> {
        let csr = form.apply(&purchase.csr_pem);
        let decoded = match self.client.csr(wire_code(&purchase.template), &csr).await {
            Ok(decoded) => decoded,
            Err(error) => {
                return match error.refusal() {
                    Some(refusal) if !refusal.is_authentication() => Ok(Err(refusal.both())),
                    _ => Err(error.into()),
                };
            }
        };
        let DecodedCsr {
            domain_name,
            domin_name,
        } = decoded;
        Ok(match domain_name.or(domin_name) {
            Some(name) if DomainName::parse(&name).as_ref() == Ok(&purchase.common_name) => Ok(()),
            Some(name) => Err(words!(
                "the vendor reads the name '{name}' in it",
                "поставщик читает в нём имя '{name}'"
            )),
            // A forced form is the administrator's word; the vendor has accepted the CSR.
            None if self.forced_form.is_some() => Ok(()),
            None => Err(words!(
                "the vendor does not tell the name it reads in it",
                "поставщик не сообщает, какое имя в нём читает"
            )),
        })
    }

    /// Refuses a renewal of an order that is not alive (thesslstore.md 6.6).
    pub(super) async fn check_renewable(&self, previous: &VendorOrderId) -> Result<(), Failure> {
        let order = self.order(previous).await?;
        check_active(&order, previous)?;
        match progress::certificate_end(&order) {
            Some(_) => Ok(()),
            None => Err(not_ready(
                previous,
                words!(
                    "its certificate has no end date",
                    "у его сертификата нет даты окончания"
                ),
            )),
        }
    }

    /// Compares the price with the balance. Whatever cannot be read is no obstacle, nor is an account with credit.
    pub(super) async fn check_funds(&self, purchase: &Purchase) -> Result<(), Failure> {
        let code = wire_code(&purchase.template);
        let products = funds::readable(self.client.product_query(code).await)?;
        let price = products.and_then(|products| account::cost(&products, purchase));
        funds::must_cover(price, async |price| {
            let detail = self.client.account_detail().await?;
            match account::has_credit(&detail) {
                true => Ok(None),
                false => account::balance(&detail, price.currency).map(Some),
            }
        })
        .await
    }

    /// Sends the dry run. A server that does not have it is no obstacle (thesslstore.md 5.5).
    pub(super) async fn dry_run(&self, purchase: &Purchase, form: CsrForm) -> Result<(), Failure> {
        let order = new_order(purchase, form)?;
        match self.client.validate_order_parameters(&order).await {
            Err(error) => match error.refusal() {
                Some(refusal) if !refusal.is_unknown_operation() => Err(error.into()),
                _ => Ok(()),
            },
            Ok(()) => Ok(()),
        }
    }
}

/// Refuses an order that has no certificate to renew or replace (thesslstore.md 9.1).
fn check_active(order: &Order, id: &VendorOrderId) -> Result<(), Failure> {
    match progress::stage(order) {
        Stage::Issued => Ok(()),
        Stage::Cancelled(words) => Err(Failure::new(Reason::OrderDead)
            .value(id.as_str())
            .detail(Words::verbatim(words))),
        Stage::Expired => Err(not_ready(
            id,
            words!(
                "it has expired, order a new certificate",
                "срок истёк, закажите новый сертификат"
            ),
        )),
        Stage::Reissuing(words)
        | Stage::Pending(words)
        | Stage::Held(words)
        | Stage::Unpaid(words)
        | Stage::Unknown(words) => Err(not_ready(
            id,
            words!("the vendor says '{words}'", "поставщик сообщает '{words}'"),
        )),
    }
}

/// Whether an order's certificate may be reissued. Whether it does so with what was revoked, the vendor says itself.
pub(super) fn check_reissuable(order: &Order, id: &VendorOrderId) -> Result<(), Failure> {
    match progress::is_revoked(order) {
        true => Ok(()),
        false => check_active(order, id),
    }
}

fn bad_csr(why: Words) -> Failure {
    Failure::field(Reason::BadCsr, "csr").detail(why)
}
