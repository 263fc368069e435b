//! Finding out whether an order arrived (ispmanager.md 15).
//!
//! The billing has no proven look-up by our own number, so a first order is found by the marker or CSR of a
//! new service; one that merely fits is a candidate for a person. Its absence proves nothing: filters hide rows. "Not placed" is therefore never
//! said of a call that costs money.

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};

use super::Ispmanager;
use super::listing::Listing;
use super::mapping::{marker, tariff};
use super::paid::is_ours;
use super::progress::is_quiet;
use super::record::{Record, code, same_request};
use super::token::{KnownServices, TokenContent, mark};
use super::wire::Entry;
use crate::ca::{Candidate, Copies, Located, Placed, Proof, Reference, Sought, Token, Wanted};
use crate::domain::{DomainName, IntentKey, Purchase, VendorOrderId};
use crate::failure::{Failure, FailureKind};
use crate::log;

/// Most services whose records are opened.
const MOST_CANDIDATES: usize = 10;

/// A service that may be the order.
struct Found {
    id: String,
    record: Record,
    /// Our marker, or its request, shows that it is ours.
    proof: Option<Proof>,
    /// The marker that it carries, ours or another's.
    marker: Option<String>,
    /// It shows another request, and not our marker.
    is_of_another_csr: bool,
}

impl Found {
    fn candidate(&self) -> Candidate {
        let day = self.record.created.map(|day| day.and_time(NaiveTime::MIN));
        Candidate {
            order: VendorOrderId::new(&self.id),
            name: self.record.common_name.as_ref().map(ToString::to_string),
            ordered: day.map(|at| at.and_utc()),
            same_csr: self.proof == Some(Proof::Csr),
        }
    }
}

impl Ispmanager {
    /// The services of the same domain, before anything is ordered.
    pub(super) async fn snapshot(&self, purchase: &Purchase) -> Result<TokenContent, Failure> {
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
        Ok(TokenContent::New(KnownServices::new(numbers)))
    }

    /// A first order: the one service that was not there before.
    pub(super) async fn locate_new(
        &self,
        purchase: &Purchase,
        token: &Token,
        since: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<Located, Failure> {
        let Some(TokenContent::New(known)) = TokenContent::read(token) else {
            return Ok(Located::CannotTell(words!(
                "it was not remembered which services the account had before",
                "не сохранено, какие услуги были у учётной записи до этого"
            )));
        };
        let listing = self.listing().await?;
        let own = marker(&self.client.wire, purchase);
        let markers = std::slice::from_ref(&own);
        let mut found = self
            .candidates(purchase, markers, &known, since, &listing)
            .await?;
        found.retain(|one| !one.is_of_another_csr);
        let until = since + self.settle_time();
        let proven: Vec<&Found> = found.iter().filter(|one| one.proof.is_some()).collect();
        if let [
            one @ Found {
                proof: Some(proof), ..
            },
        ] = proven.as_slice()
            && (*proof == Proof::Reference || now >= until)
        {
            log!(
                Order,
                Info,
                "service {} is new and ours ({proof:?})",
                one.id
            );
            return Ok(Located::Found(placed(one, own), *proof));
        }
        // Ours may still be on its way while somebody else's of the same name or CSR is there.
        if now < until {
            return Ok(Located::TooEarly(until));
        }
        if found.is_empty() {
            return Ok(Located::CannotTell(words!(
                "the Ispmanager account lists no new service for {}, which proves nothing because lists may be \
                 filtered; look there for a service ordered about {} with the number {own}",
                "в учётной записи Ispmanager нет новой услуги для {}, но списки могут быть отфильтрованы, и это ничего не доказывает; поищите там услугу, заказанную около {}, с номером {own}",
                purchase.common_name,
                since.format("%Y-%m-%d %H:%M UTC")
            )));
        }
        let shown = if proven.is_empty() {
            found.iter().collect()
        } else {
            proven
        };
        let candidates = shown.into_iter().map(Found::candidate);
        Ok(Located::Candidates(candidates.collect()))
    }

    /// A service of the account that carries our marker, or is of our name, before the first purchase
    /// (design, law 4). Filters hide rows, so that nothing seen is blindness.
    pub(super) async fn seek_service(&self, wanted: &Wanted<'_>) -> Result<Sought, Failure> {
        let purchase = wanted.purchase;
        let mut listing = self.listing().await?;
        listing
            .rows
            .retain(|row| row.id.as_deref().is_none_or(|id| wanted.may_be(id)));
        let none = KnownServices::new(Vec::new());
        // The latest attempt is the one that counts.
        let attempts: Vec<(&IntentKey, String)> = wanted
            .references
            .iter()
            .rev()
            .map(|key| (key, self.marker_of(purchase, key)))
            .collect();
        for (key, own) in &attempts {
            let carrying = listing
                .rows
                .iter()
                .filter(|row| row.marker.as_ref() == Some(own))
                .filter_map(|row| Some((row.id.as_deref()?, row.common_name.as_ref())));
            if let Some(seen) = sought(carrying, key, purchase) {
                return Ok(seen);
            }
        }
        // Records may show a marker that the list does not.
        let own: Vec<String> = attempts.iter().map(|(_, own)| own.clone()).collect();
        let found = self
            .candidates(purchase, &own, &none, wanted.from, &listing)
            .await?;
        for (key, own) in &attempts {
            let carrying = found
                .iter()
                .filter(|one| one.marker.as_ref() == Some(own))
                .map(|one| (one.id.as_str(), one.record.common_name.as_ref()));
            if let Some(seen) = sought(carrying, key, purchase) {
                return Ok(seen);
            }
        }
        let dated = found
            .iter()
            .filter(|one| is_dated(one, wanted.from) && one.marker.is_none());
        let candidates: Vec<Candidate> = dated.map(Found::candidate).collect();
        Ok(if candidates.is_empty() {
            Sought::Blind(words!(
                "lists of the billing may be filtered, and show no such service",
                "списки биллинга могут быть отфильтрованы, такой услуги в них нет"
            ))
        } else {
            Sought::Candidates(candidates)
        })
    }

    /// The marker of an attempt at a purchase.
    fn marker_of(&self, purchase: &Purchase, key: &IntentKey) -> String {
        let attempt = Purchase {
            key: key.clone(),
            ..purchase.clone()
        };
        marker(&self.client.wire, &attempt)
    }

    /// The services that carry a purchase's marker, or its request and were not there before it.
    pub(super) async fn carrying(
        &self,
        purchase: &Purchase,
        token: &Token,
        since: DateTime<Utc>,
    ) -> Result<Copies, Failure> {
        let (known, has_snapshot) = match TokenContent::read(token) {
            Some(TokenContent::New(known)) => (known, true),
            _ => (KnownServices::new(Vec::new()), false),
        };
        let listing = self.listing().await?;
        let own = [marker(&self.client.wire, purchase)];
        let found = self
            .candidates(purchase, &own, &known, since, &listing)
            .await?;
        let proved = found.into_iter().filter_map(|one| {
            let proof = one.proof?;
            (has_snapshot || proof == Proof::Reference).then(|| (VendorOrderId::new(one.id), proof))
        });
        Ok(proved.collect())
    }

    /// Whether the record behind a number shows our marker, CSR or name, and is new: the number of an answer
    /// may be a payment's.
    pub(super) async fn is_ours(
        &self,
        purchase: &Purchase,
        token: &Token,
        order: &VendorOrderId,
    ) -> Result<bool, Failure> {
        let known = TokenContent::read(token);
        if let Some(TokenContent::New(known)) = known
            && order
                .as_str()
                .parse()
                .is_ok_and(|number| known.holds(number))
        {
            return Ok(false);
        }
        let record = match self.service(order).await {
            Ok(record) => record,
            // There is no such service: it was the number of something else.
            Err(failure) if failure.kind() == FailureKind::Rejected => return Ok(false),
            Err(failure) => return Err(failure),
        };
        let own = marker(&self.client.wire, purchase);
        Ok(is_ours(&record, purchase, &own))
    }

    /// The services that carry one of our markers, or may be the purchase.
    async fn candidates(
        &self,
        purchase: &Purchase,
        own: &[String],
        known: &KnownServices,
        since: DateTime<Utc>,
        listing: &Listing,
    ) -> Result<Vec<Found>, Failure> {
        let wire = &self.client.wire;
        let tariff = tariff(&purchase.template)?;
        let fits = |record: &Record| {
            let is_ours = record
                .marker
                .as_ref()
                .is_some_and(|shown| own.contains(shown));
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
            let shown = [record, row].map(|record| record.marker.as_ref());
            let ours = shown
                .into_iter()
                .flatten()
                .find(|shown| own.contains(shown));
            let is_marked = ours.is_some();
            let marker = ours.or(shown[0]).or(shown[1]).cloned();
            let proof = match same {
                _ if is_marked => Some(Proof::Reference),
                Some(true) => Some(Proof::Csr),
                _ => None,
            };
            candidates.push(Found {
                id: id.clone(),
                proof,
                is_of_another_csr: same == Some(false) && !is_marked,
                marker,
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
        let Some(TokenContent::Renewal(before)) = TokenContent::read(token) else {
            return Ok(Located::CannotTell(words!(
                "it was not remembered until when the service was paid",
                "не сохранено, до какого дня услуга была оплачена"
            )));
        };
        let paid_till = self.paid_till(service).await?;
        Ok(match paid_till {
            Some(day) if day > before => Located::Found(
                Placed {
                    order: service.clone(),
                    references: Vec::new(),
                    validation: Vec::new(),
                    remark: Some(format!("paid till {day}")),
                },
                Proof::Change,
            ),
            _ if now < since + self.settle_time() => Located::TooEarly(since + self.settle_time()),
            Some(day) => Located::CannotTell(words!(
                "service {service} is still paid till {day}; the renewal may be waiting for payment in the \
                 Ispmanager client area",
                "услуга {service} по-прежнему оплачена до {day}; возможно, продление ждёт оплаты в личном кабинете Ispmanager"
            )),
            None => Located::CannotTell(words!(
                "service {service} does not show until when it is paid",
                "у услуги {service} не видно, до какого дня она оплачена"
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
        let Some(TokenContent::Reissue {
            certificate,
            request,
        }) = TokenContent::read(token)
        else {
            return Ok(Located::CannotTell(words!(
                "the certificate before the reissue was not remembered",
                "сертификат до перевыпуска не сохранён"
            )));
        };
        let record = self.service(service).await?;
        let found = Located::Found(
            Placed {
                order: service.clone(),
                references: Vec::new(),
                validation: Vec::new(),
                remark: None,
            },
            Proof::Change,
        );
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
            return Ok(Located::CannotTell(words!(
                "service {service} is being reissued with another request",
                "услуга {service} перевыпускается с другим запросом"
            )));
        }
        if !is_quiet(&self.client.wire, &record) || same_certificate == Some(false) {
            return Ok(found);
        }
        if now < since + self.settle_time() {
            return Ok(Located::TooEarly(since + self.settle_time()));
        }
        // A reissue costs nothing, so clear signs of its absence are enough to try again.
        if shows_ours == Some(false) && same_certificate == Some(true) {
            return Ok(Located::NotPlaced);
        }
        Ok(Located::CannotTell(words!(
            "service {service} does not show whether it was reissued",
            "по услуге {service} не видно, перевыпущен ли сертификат"
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

/// What the services with the marker of an attempt say: one of another name beside ours says nothing against ours.
fn sought<'a>(
    carrying: impl Iterator<Item = (&'a str, Option<&'a DomainName>)>,
    key: &IntentKey,
    purchase: &Purchase,
) -> Option<Sought> {
    let is_others =
        |name: Option<&DomainName>| name.filter(|name| **name != purchase.common_name).is_some();
    let mut carrying: Vec<_> = carrying.collect();
    carrying.sort_by_key(|(_, name)| is_others(*name));
    let (id, name) = *carrying.first()?;
    if is_others(name) {
        let other = Candidate::named(id, name.map(ToString::to_string));
        return Some(Sought::OtherName(other, key.clone()));
    }
    Some(Sought::Proved(Placed {
        order: VendorOrderId::new(id),
        references: vec![(Reference::Client, key.to_string())],
        validation: Vec::new(),
        remark: None,
    }))
}

fn is_dated(candidate: &Found, since: DateTime<Utc>) -> bool {
    candidate
        .record
        .created
        .is_some_and(|day| day >= first_day(since))
        && candidate.record.common_name.is_some()
}

fn placed(found: &Found, marker: String) -> Placed {
    Placed {
        order: VendorOrderId::new(&found.id),
        references: vec![(Reference::Client, marker)],
        validation: Vec::new(),
        remark: None,
    }
}
