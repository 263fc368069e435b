//! When control of a service's names, and its company, were last proved (design, section 5). Pure.

use std::collections::BTreeMap;

use chrono::{NaiveDate, TimeDelta};

use super::calendar;
use super::intent::{Intent, Operation, State};
use super::policy::Life;
pub use super::stored::Proved;

impl Proved {
    /// The days of the names in hand. What is stored is from before the order at hand; that one's own day counts once
    /// its certificate is there, unless the vendor could still use the older proof: then nobody may have been asked.
    /// Names that are in hand no more decide nothing; none given: those of the first day stand for all.
    #[must_use]
    pub fn of(
        stored: Option<&str>,
        intent: Option<&Intent>,
        life: Option<Life>,
        module: &str,
        in_hand: &[String],
    ) -> Self {
        let stored = stored.map(Self::from_text).unwrap_or_default();
        let ordered = intent
            .filter(|intent| intent.operation == Operation::Open || intent.state == State::Issued);
        let ordered = ordered.map(|intent| intent.since.date_naive());
        let begin = life.map(|life| life.start.date_naive());
        let newest = |former: Option<NaiveDate>, reuse: &dyn Fn(NaiveDate) -> u16| {
            let Some(day) = ordered else {
                return former.or(begin);
            };
            let is_used_again = |former: &NaiveDate| {
                *former <= day && *former + TimeDelta::days(reuse(day).into()) >= day
            };
            former.filter(is_used_again).or(Some(day))
        };
        let of_name = |former| newest(former, &|day| calendar::domain_reuse(module, day));
        let own = in_hand.iter().filter_map(|name| {
            let former = stored.later.get(name).copied().or(stored.names);
            Some((name.clone(), of_name(former)?))
        });
        let mut later: BTreeMap<String, NaiveDate> = own.collect();
        let oldest = later.values().min().copied();
        let names = oldest.or_else(|| of_name(stored.names));
        later.retain(|_, day| Some(*day) > names);
        Self {
            names,
            company: newest(stored.company, &|day| calendar::rule_on(day).identity_reuse),
            later,
        }
    }

    /// The same for an order that is sent on a day: names that the certificate in hand does not have are proved for it.
    #[must_use]
    pub fn with_order(
        mut self,
        ordered: impl IntoIterator<Item = String>,
        in_hand: &[String],
        day: NaiveDate,
    ) -> Self {
        if !in_hand.is_empty() {
            let new = ordered.into_iter().filter(|name| !in_hand.contains(name));
            self.later.extend(new.map(|name| (name, day)));
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::certificate::testing::{FROM, TO, at};
    use crate::order::stored::MAXIMUM_LENGTH;

    /// Names in hand, day of the order, day of the names, names with a day of their own.
    type Case<'a> = (&'a [&'a str], &'a str, &'a str, &'a [(&'a str, &'a str)]);

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn intent(operation: Operation, state: State, day: &str) -> Intent {
        let since = format!("{day}T12:00:00Z").parse().unwrap();
        let one = Intent::decide("i", crate::domain::ItemId(7), operation, "", 1, None, since);
        one.with_state(state)
    }

    fn of(stored: Option<&str>, intent: Option<&Intent>, in_hand: &[&str]) -> Proved {
        let life = Some(Life {
            start: at(FROM),
            end: at(TO),
        });
        let in_hand: Vec<String> = in_hand.iter().map(|name| (*name).to_owned()).collect();
        Proved::of(stored, intent, life, "pmthesslstore", &in_hand)
    }

    #[test]
    fn the_day_of_a_proof_outlives_the_orders_that_use_it_again() {
        let opened = intent(Operation::Open, State::Pending, "2026-05-01");
        assert_eq!(of(None, Some(&opened), &[]).names, Some(day("2026-05-01")));
        assert_eq!(of(None, None, &[]).names, Some(at(FROM).date_naive()));
        let reissue = |state, day| intent(Operation::Reissue, state, day);
        let stored = Some("1|2026-05-01|2025-06-01");
        let cases = [
            // Within 198 and 398 days nobody may have been asked.
            (State::Issued, "2026-11-01", "2026-05-01", "2026-11-01"),
            (State::Issued, "2026-12-01", "2026-12-01", "2026-12-01"),
            (State::Issued, "2026-06-01", "2026-05-01", "2025-06-01"),
            // What is still awaited has proved nothing yet.
            (State::Pending, "2026-12-01", "2026-05-01", "2025-06-01"),
        ];
        for (state, since, names, company) in cases {
            let found = of(stored, Some(&reissue(state, since)), &[]);
            let expected = (Some(day(names)), Some(day(company)));
            assert_eq!((found.names, found.company), expected, "{state:?} {since}");
            assert_eq!(Proved::from_text(&found.to_text()), found);
        }
        assert_eq!(Proved::from_text("2|2026-05-01|-"), Proved::default());
    }

    /// A name that a reissue adds is proved on that day, the others go on with their own; each counts until the vendor
    /// may use it no more, and a name that left the certificate counts no more at all.
    #[test]
    fn each_name_has_its_own_day() {
        let hand = |names: &[&str]| -> Vec<String> {
            names.iter().map(|name| (*name).to_owned()).collect()
        };
        let (old, both) = (["a.example.com"], ["a.example.com", "b.example.com"]);
        let sent = of(Some("1|2026-05-01|-"), None, &old).with_order(
            hand(&both),
            &hand(&old),
            day("2026-08-01"),
        );
        let text = sent.to_text();
        assert!(text.starts_with("1|2026-05-01|"), "{text}");
        assert!(text.ends_with("|2026-08-01 b.example.com"), "{text}");
        let issued = |since| intent(Operation::Reissue, State::Issued, since);
        let cases: [Case<'_>; 4] = [
            (
                &both,
                "2026-08-01",
                "2026-05-01",
                &[("b.example.com", "2026-08-01")],
            ),
            // The first one's proof was too old, the second one's not.
            (
                &both,
                "2026-11-20",
                "2026-08-01",
                &[("a.example.com", "2026-11-20")],
            ),
            // The elder one has left.
            (&["b.example.com"], "2026-09-01", "2026-08-01", &[]),
            // Nobody knows which names there are.
            (&[], "2026-08-01", "2026-05-01", &[]),
        ];
        for (in_hand, since, names, later) in cases {
            let found = of(Some(&text), Some(&issued(since)), in_hand);
            let later = later
                .iter()
                .map(|(name, own)| ((*name).to_owned(), day(own)));
            assert_eq!(found.names, Some(day(names)), "{in_hand:?} {since}");
            assert_eq!(found.later, later.collect(), "{in_hand:?} {since}");
        }
        // It was never issued: the name is not in hand, and is new again the next time.
        let pending = intent(Operation::Reissue, State::Pending, "2026-08-01");
        assert_eq!(of(Some(&text), Some(&pending), &old).later, BTreeMap::new());
    }

    #[test]
    fn names_that_do_not_fit_count_as_older_than_they_are() {
        let many = (0..40).map(|number| (format!("n{number}.example.com"), day("2026-08-01")));
        let few = (0..3).map(|number| (format!("m{number}.example.com"), day("2026-09-01")));
        let proved = Proved {
            names: Some(day("2026-05-01")),
            company: None,
            later: many.chain(few).collect(),
        };
        let text = proved.to_text();
        assert!(text.len() <= MAXIMUM_LENGTH, "{text}");
        let read = Proved::from_text(&text);
        assert_eq!((read.names, read.later.len()), (proved.names, 3));
    }
}
