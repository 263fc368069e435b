//! All services of the account (ispmanager.md 10).

use chrono::{Months as CalendarMonths, NaiveDate};

use super::Ispmanager;
use super::record::{Record, code};
use super::wire::{Entry, Wire};
use crate::ca::Holding;
use crate::domain::{Months, TemplateCode, VendorOrderId};
use crate::failure::Failure;
use crate::log;

impl Ispmanager {
    /// Everything that the account holds. A list that may hide rows is used as far as it goes: nothing is decided by
    /// what is missing in it.
    pub(super) async fn all_holdings(&self) -> Result<Vec<Holding>, Failure> {
        let listing = self.listing().await?;
        if !listing.complete {
            log!(
                Order,
                Warning,
                "the list of services may be incomplete: run the import again when its filter is empty"
            );
        }
        let wire = self.wire();
        let mut holdings = Vec::new();
        for row in &listing.rows {
            let mut found = holding(wire, row);
            // Rows may show the tariff by its name; the record's form has the number.
            if let (Some(held), Some(id), None) = (&mut found, &row.id, &row.tariff)
                && held.issued
                && let Some(form) = self.form_record(id).await?
            {
                held.template = form.tariff.as_deref().map(TemplateCode::new);
                held.product = form.tariff.unwrap_or_default();
            }
            holdings.extend(found);
        }
        Ok(holdings)
    }
}

fn holding(wire: &Wire, record: &Record) -> Option<Holding> {
    let service = record.service_state.as_deref().map(code);
    let certificate = record.certificate_state.as_deref().map(code);
    let refused = certificate.is_some_and(|code| wire.holds(Entry::CertificateFailed, code));
    let active = service.is_some_and(|code| wire.holds(Entry::StateActive, code));
    let state = [&record.service_state, &record.certificate_state];
    Some(Holding {
        order: VendorOrderId::new(record.id.clone()?),
        template: record.tariff.as_deref().map(TemplateCode::new),
        product: record.tariff.clone().unwrap_or_default(),
        common_name: record.common_name.clone(),
        // Rows do not always show the certificate's state: its file decides.
        issued: active && !refused,
        state: state
            .into_iter()
            .flatten()
            .cloned()
            .collect::<Vec<_>>()
            .join(", "),
        term: record
            .created
            .zip(record.expires)
            .and_then(|(created, expires)| term(wire, created, expires)),
        term_end: None,
        references: Vec::new(),
    })
}

/// The sold term that lies between the two days. A renewed service shows more than it was sold for:
/// then no term fits, and none is told.
fn term(wire: &Wire, created: NaiveDate, expires: NaiveDate) -> Option<Months> {
    wire.words(Entry::Periods)
        .filter_map(|term| term.parse().ok())
        .find(|months| created.checked_add_months(CalendarMonths::new(*months)) == Some(expires))
        .map(Months)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(state: &str, expires: &str) -> Record {
        Record {
            id: Some("7741203".into()),
            tariff: Some("3033".into()),
            created: "2025-11-20".parse().ok(),
            expires: expires.parse().ok(),
            service_state: Some(state.into()),
            ..Record::default()
        }
    }

    #[test]
    fn rows_are_read_and_a_term_is_told_only_when_it_fits() {
        let wire = Wire::default();
        let sold: u32 = wire.words(Entry::Periods).next().unwrap().parse().unwrap();
        let end = "2025-11-20"
            .parse::<NaiveDate>()
            .unwrap()
            .checked_add_months(CalendarMonths::new(sold))
            .unwrap();
        let found = holding(&wire, &record("2", &end.to_string())).unwrap();
        assert_eq!(found.term, Some(Months(sold)));
        assert!(found.issued);
        let other = holding(&wire, &record("5_open", "2026-11-27")).unwrap();
        assert_eq!((other.term, other.issued), (None, false));
        assert!(!holding(&wire, &record("4", "2026-11-20")).unwrap().issued);
    }
}
