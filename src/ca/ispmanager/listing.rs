//! Lists and records of services at the other billing (ispmanager.md 4.4, 10).

use std::collections::BTreeSet;

use super::Ispmanager;
use super::error::IspmanagerError;
use super::mapping::form_values;
use super::record::Record;
use super::wire::Entry;
use crate::domain::VendorOrderId;
use crate::failure::{Failure, Reason};
use crate::log;

/// Rows asked for at once.
const PAGE_SIZE: usize = 500;

/// Most pages read: a list that does not end is no list.
const PAGES: usize = 200;

/// What is known about a list filter that was saved on the account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Filter {
    /// None is set, or not any more.
    Clear,
    /// The billing does not show it.
    Unseen,
    /// It cannot be emptied.
    Stuck,
}

/// All services that the billing lists.
#[derive(Debug)]
pub(super) struct Listing {
    pub(super) rows: Vec<Record>,
    /// As many rows came as the list counts, and no filter hides others.
    pub(super) complete: bool,
}

impl Ispmanager {
    /// Lists all services, after emptying a filter that a person may have left on the account.
    pub(super) async fn listing(&self) -> Result<Listing, Failure> {
        let filter = self.empty_filter().await?;
        let mut listing = self.pages().await?;
        match filter {
            Filter::Clear => {}
            Filter::Unseen => {
                log!(
                    Order,
                    Info,
                    "the list's filter cannot be seen; rows may be hidden"
                );
                listing.complete = false;
            }
            Filter::Stuck => {
                log!(
                    Order,
                    Warning,
                    "the list's filter cannot be emptied; rows may be hidden"
                );
                listing.complete = false;
            }
        }
        Ok(listing)
    }

    async fn pages(&self) -> Result<Listing, Failure> {
        let operation = Entry::ListFunction.default();
        let mut rows: Vec<Record> = Vec::new();
        let mut seen = BTreeSet::new();
        for page in 1..=PAGES {
            let (size, number) = (PAGE_SIZE.to_string(), page.to_string());
            let fields = [("p_cnt", size.as_str()), ("p_num", number.as_str())];
            let doc = self.client.look(Entry::ListFunction, &fields).await?;
            let total: Option<usize> = doc.value("p_elems").and_then(|total| total.parse().ok());
            let mut is_new = false;
            let mut has_odd = false;
            for row in doc.all("elem") {
                let record = Record::read(row, &self.client.wire);
                match &record.id {
                    Some(id) => {
                        if seen.insert(id.clone()) {
                            is_new = true;
                            rows.push(record);
                        }
                    }
                    None => has_odd = true,
                }
            }
            if has_odd {
                let why = words!(
                    "the list of services holds rows without a number",
                    "в списке услуг есть строки без номера"
                );
                return Err(Failure::field(Reason::UnreadableAnswer, operation).detail(why));
            }
            let complete = total == Some(rows.len());
            if complete || !is_new {
                return Ok(Listing { rows, complete });
            }
        }
        Err(Failure::field(Reason::UnreadableAnswer, operation)
            .detail(words!("the list does not end", "список не кончается")))
    }

    /// Empties the list's saved filter, only if one is set: it belongs to the account's people.
    async fn empty_filter(&self) -> Result<Filter, Failure> {
        let set = match self.filter().await? {
            Some(set) if set.is_empty() => return Ok(Filter::Clear),
            Some(_) if self.client.is_rehearsed() => return Ok(Filter::Stuck),
            Some(set) => set,
            None => return Ok(Filter::Unseen),
        };
        log!(
            Order,
            Info,
            "emptying the saved filter of the list: {}",
            set.join(", ")
        );
        self.client.reset_filter(&set).await?;
        Ok(match self.filter().await? {
            Some(set) if set.is_empty() => Filter::Clear,
            Some(_) => Filter::Stuck,
            None => Filter::Unseen,
        })
    }

    /// The fields that the saved filter sets; `None` when the billing does not show its form.
    async fn filter(&self) -> Result<Option<Vec<String>>, Failure> {
        if self.client.wire.optional(Entry::FilterFunction).is_none() {
            return Ok(None);
        }
        match self.client.look(Entry::FilterFunction, &[]).await {
            Ok(form) => Ok(Some(
                form_values(&form)
                    .filter(|(_, value)| !matches!(*value, "off" | "null"))
                    .map(|(name, _)| name.to_owned())
                    .collect(),
            )),
            Err(error) if error.is_about_the_account() => Err(error.into()),
            Err(_) => Ok(None),
        }
    }

    /// The record of a service by its form; `None` when the billing has no such form for us.
    pub(super) async fn form_record(&self, id: &str) -> Result<Option<Record>, IspmanagerError> {
        if self.client.wire.optional(Entry::ReadFunction).is_none() {
            return Ok(None);
        }
        match self.client.look(Entry::ReadFunction, &[("elid", id)]).await {
            Ok(form) => {
                let record = Record::read(&form, &self.client.wire);
                if record.id.as_deref().is_some_and(|shown| shown != id) {
                    let why = words!(
                        "asked for service {id}, another one was answered",
                        "запрошена услуга {id}, ответ о другой"
                    );
                    return Err(IspmanagerError::Unreadable(
                        Entry::ReadFunction.default(),
                        why,
                    ));
                }
                Ok(Some(record))
            }
            Err(IspmanagerError::Refused(refusal)) if refusal.is_unknown_function() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// A service by its number: its form, and what the form lacks from its row in the list.
    ///
    /// # Errors
    /// The service is not there, or is not shown.
    pub(super) async fn service(&self, order: &VendorOrderId) -> Result<Record, Failure> {
        let id = order.as_str();
        let form = match self.form_record(id).await {
            Ok(form) => form,
            Err(IspmanagerError::Refused(refusal)) if refusal.is_unknown_service() => {
                return Err(Failure::field(Reason::Rejected, refusal.operation)
                    .detail(words!("there is no service {id} ({refusal})", "услуги {id} нет ({refusal})"; refusal)));
            }
            Err(error) => return Err(error.into()),
        };
        let is_whole = |record: &Record| {
            record.expires.is_some()
                && (record.service_state.is_some() || record.certificate_state.is_some())
        };
        match form {
            Some(record) if is_whole(&record) => Ok(record),
            form => self.completed(id, form).await,
        }
    }

    async fn completed(&self, id: &str, form: Option<Record>) -> Result<Record, Failure> {
        let mut rows = self.listing().await?.rows;
        let row = rows.iter().position(|row| row.id.as_deref() == Some(id));
        match (form, row.map(|row| rows.swap_remove(row))) {
            (Some(form), None) => Ok(form),
            (None, Some(row)) => Ok(row),
            (Some(form), Some(row)) => Ok(Record {
                common_name: form.common_name.or(row.common_name),
                created: form.created.or(row.created),
                expires: form.expires.or(row.expires),
                service_state: form.service_state.or(row.service_state),
                certificate_state: form.certificate_state.or(row.certificate_state),
                ..form
            }),
            (None, None) => Err(
                Failure::field(Reason::Rejected, Entry::ListFunction.default()).detail(words!(
                    "service {id} is not in the list of the Ispmanager account",
                    "услуги {id} нет в списке учётной записи Ispmanager"
                )),
            ),
        }
    }
}
