//! Finding out whether an order arrived (ispmanager.md 15).
//!
//! The billing has no proven look-up by our own number, so a first order is found as the one new
//! service that fits. Its absence proves nothing: filters hide rows. "Not placed" is therefore never
//! said of a call that costs money.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::Ispmanager;
use super::listing::Listing;
use super::mapping::{marker, tariff};
use super::progress::is_quiet;
use super::record::{Record, code, same_request};
use super::token::{Known, Memory, mark};
use super::wire::Entry;
use crate::ca::{Located, Placed, Reference, Token};
use crate::domain::{Purchase, VendorOrderId};
use crate::failure::Failure;
use crate::log;

/// Most services whose records are opened.
const MOST_CANDIDATES: usize = 10;

/// A service that may be the order.
struct Candidate {
    id: String,
    record: Record,
    /// Its request or our marker shows that it is ours.
    proven: bool,
}

impl Ispmanager {
    /// The services of the same domain, before anything is ordered.
    pub(super) async fn picture(&self, purchase: &Purchase) -> Result<Memory, Failure> {
        let listing = self.listing().await?;
        // A row whose domain cannot be read could be of this one.
        let may_be_same = |row: &&Record| {
            row.common_name
                .as_ref()
                .is_none_or(|name| *name == purchase.common_name)
        };
        let numbers = listing
            .rows
            .iter()
            .filter(may_be_same)
            .filter_map(|row| row.id.as_deref()?.parse().ok())
            .collect();
        Ok(Memory::New(Known::new(numbers)))
    }

    /// A first order: the one service that was not there before.
    pub(super) async fn locate_new(
        &self,
        purchase: &Purchase,
        token: &Token,
        since: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<Located, Failure> {
        let Some(Memory::New(known)) = Memory::read(token) else {
            return Ok(Located::CannotTell(
                "it was not remembered which services the account had before".to_owned(),
            ));
        };
        let listing = self.listing().await?;
        let candidates = self.candidates(purchase, &known, since, &listing).await?;
        let proven: Vec<&Candidate> = candidates.iter().filter(|one| one.proven).collect();
        let own = marker(&self.client.wire, purchase);
        let only = match (proven.as_slice(), candidates.as_slice()) {
            ([one], _) => Some(*one),
            ([], [one]) if listing.complete && is_dated(one, since) => Some(one),
            _ => None,
        };
        if let Some(one) = only {
            log!(
                Order,
                Info,
                "service {} is new and fits (proven: {})",
                one.id,
                one.proven
            );
            return Ok(Located::Found(placed(one, own)));
        }
        match (proven.as_slice(), candidates.as_slice()) {
            ([], []) if now < since + self.settle_time() => Ok(Located::TooEarly),
            ([], []) => Ok(Located::CannotTell(format!(
                "the Ispmanager account lists no new service for {}, which proves nothing because lists may be \
                 filtered; look there for a service ordered about {} with the number {own}",
                purchase.common_name,
                since.format("%Y-%m-%d %H:%M UTC")
            ))),
            _ => {
                let several = if proven.is_empty() {
                    candidates.iter().collect()
                } else {
                    proven
                };
                let ids: Vec<&str> = several.iter().map(|one| one.id.as_str()).collect();
                Ok(Located::CannotTell(format!(
                    "services that may be the order for {}: {}; its number there would be {own}",
                    purchase.common_name,
                    ids.join(", ")
                )))
            }
        }
    }

    async fn candidates(
        &self,
        purchase: &Purchase,
        known: &Known,
        since: DateTime<Utc>,
        listing: &Listing,
    ) -> Result<Vec<Candidate>, Failure> {
        let wire = &self.client.wire;
        let own = marker(wire, purchase);
        let tariff = tariff(&purchase.template)?;
        let fits = |record: &Record| {
            let is_ours = record.marker.as_deref() == Some(own.as_str());
            let is_others = record.marker.is_some() && !is_ours;
            let is_deleted = record
                .service_state
                .as_deref()
                .is_some_and(|state| wire.holds(Entry::StateDeleted, code(state)));
            let is_older = record.created.is_some_and(|day| day < first_day(since));
            let same_name = record
                .common_name
                .as_ref()
                .is_none_or(|name| *name == purchase.common_name);
            let same_tariff = record.tariff.as_deref().is_none_or(|shown| shown == tariff);
            is_ours || (!is_others && !is_deleted && !is_older && same_name && same_tariff)
        };
        let mut candidates = Vec::new();
        let mut opened = 0;
        for row in &listing.rows {
            let Some(id) = &row.id else { continue };
            let is_known = id.parse().is_ok_and(|number| known.holds(number));
            if is_known || !fits(row) {
                continue;
            }
            opened += 1;
            let form = if opened <= MOST_CANDIDATES {
                match self.form_record(id).await {
                    Ok(form) => form,
                    Err(error) if error.is_about_the_account() => return Err(error.into()),
                    Err(_) => None,
                }
            } else {
                None
            };
            let record = form.as_ref().unwrap_or(row);
            if !fits(record) {
                continue;
            }
            let same = record
                .csr
                .as_deref()
                .and_then(|csr| same_request(csr, &purchase.csr_pem));
            let is_marked = [row, record]
                .iter()
                .any(|record| record.marker.as_deref() == Some(own.as_str()));
            if same == Some(false) && !is_marked {
                continue;
            }
            candidates.push(Candidate {
                id: id.clone(),
                proven: is_marked || same == Some(true),
                record: Record {
                    created: record.created.or(row.created),
                    common_name: record
                        .common_name
                        .clone()
                        .or_else(|| row.common_name.clone()),
                    ..record.clone()
                },
            });
        }
        Ok(candidates)
    }

    /// A renewal: the service is paid for longer than before.
    pub(super) async fn locate_renewal(
        &self,
        service: &VendorOrderId,
        token: &Token,
        since: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<Located, Failure> {
        let Some(Memory::Renewal(before)) = Memory::read(token) else {
            return Ok(Located::CannotTell(
                "it was not remembered until when the service was paid".to_owned(),
            ));
        };
        let paid_till = self.paid_till(service).await?;
        Ok(match paid_till {
            Some(day) if day > before => Located::Found(Placed {
                order: service.clone(),
                references: Vec::new(),
                validation: Vec::new(),
                remark: Some(format!("paid till {day}")),
            }),
            _ if now < since + self.settle_time() => Located::TooEarly,
            Some(day) => Located::CannotTell(format!(
                "service {service} is still paid till {day}; the renewal may be waiting for payment in the \
                 Ispmanager client area"
            )),
            None => Located::CannotTell(format!(
                "service {service} does not show until when it is paid"
            )),
        })
    }

    /// A reissue: the service shows our request, or is being processed, or has a new certificate.
    pub(super) async fn locate_reissue(
        &self,
        purchase: &Purchase,
        service: &VendorOrderId,
        token: &Token,
        since: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<Located, Failure> {
        let Some(Memory::Reissue {
            certificate,
            request,
        }) = Memory::read(token)
        else {
            return Ok(Located::CannotTell(
                "the certificate before the reissue was not remembered".to_owned(),
            ));
        };
        let record = self.service(service).await?;
        let found = Located::Found(Placed {
            order: service.clone(),
            references: Vec::new(),
            validation: Vec::new(),
            remark: None,
        });
        let shows_ours = record
            .csr
            .as_deref()
            .and_then(|csr| same_request(csr, &purchase.csr_pem));
        let now_shown = record.certificate.as_deref().map(mark);
        let same_certificate = match (&certificate, &now_shown) {
            (Some(before), Some(now)) => Some(before == now),
            _ => None,
        };
        let had_ours = request
            .as_deref()
            .map(|before| before == mark_of_request(&purchase.csr_pem));
        if shows_ours == Some(true) && had_ours == Some(false) {
            return Ok(found);
        }
        if shows_ours == Some(false) && !is_quiet(&self.client.wire, &record) {
            return Ok(Located::CannotTell(format!(
                "service {service} is being reissued with another request"
            )));
        }
        if !is_quiet(&self.client.wire, &record) || same_certificate == Some(false) {
            return Ok(found);
        }
        if now < since + self.settle_time() {
            return Ok(Located::TooEarly);
        }
        // A reissue costs nothing, so clear signs of its absence are enough to try again.
        if shows_ours == Some(false) && same_certificate == Some(true) {
            return Ok(Located::NotPlaced);
        }
        Ok(Located::CannotTell(format!(
            "service {service} does not show whether it was reissued"
        )))
    }

    /// The last paid day of a service: its record, else the renewal's form.
    pub(super) async fn paid_till(
        &self,
        service: &VendorOrderId,
    ) -> Result<Option<NaiveDate>, Failure> {
        if let Some(day) = self.service(service).await?.expires {
            return Ok(Some(day));
        }
        let form = self
            .client
            .look(Entry::ProlongFunction, &[("elid", service.as_str())])
            .await?;
        Ok(Record::read(&form, &self.client.wire).expires)
    }

    pub(super) fn settle_time(&self) -> TimeDelta {
        TimeDelta::from_std(super::SETTLE_TIME).unwrap_or(TimeDelta::MAX)
    }
}

/// A short mark of a request that does not mind line ends.
pub(super) fn mark_of_request(pem: &str) -> String {
    mark(&pem.replace("NEW CERTIFICATE REQUEST", "CERTIFICATE REQUEST"))
}

/// The earliest day on which the order can have been made by the billing's own calendar.
fn first_day(since: DateTime<Utc>) -> NaiveDate {
    (since - TimeDelta::days(1)).date_naive()
}

fn is_dated(candidate: &Candidate, since: DateTime<Utc>) -> bool {
    candidate
        .record
        .created
        .is_some_and(|day| day >= first_day(since))
        && candidate.record.common_name.is_some()
}

fn placed(candidate: &Candidate, marker: String) -> Placed {
    Placed {
        order: VendorOrderId::new(&candidate.id),
        references: vec![(Reference::Client, marker)],
        validation: Vec::new(),
        remark: (!candidate.proven).then(|| {
            format!(
                "service {} was taken over because it is the only new one for its domain",
                candidate.id
            )
        }),
    }
}
