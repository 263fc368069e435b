//! What the program says to an administrator who asks, against what it does: `doctor` about certificates that end,
//! `orders` about who acts, both compared with the platform's own values.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde_json::Value;

use super::options::Policy;
use super::{Customer, Shop};

/// It is asked in one of so many steps in a large shop, in every one in a small one.
const ASKED: u32 = 9;

/// A large shop.
const LARGE: usize = 100;

/// A certificate that ends so soon, while its service is paid for, is named whatever is under way.
const SOON: TimeDelta = TimeDelta::days(2);

/// Before this nobody speaks of an end.
const FAR: TimeDelta = TimeDelta::days(25);

/// What is due is taken up within this time, in this story. Counted from the first look that finds it due: an option that
/// changes moves the day from which it counts into the past.
const LOOKED: TimeDelta = TimeDelta::days(3);

/// Services that doctor names in findings of some kinds; none where it does not name all of them.
struct Named<'a>(&'a Value);

impl Named<'_> {
    fn of(&self, kinds: &[&str]) -> Option<BTreeSet<u64>> {
        if kinds.iter().any(|kind| !self.0["more"][kind].is_null()) {
            return None;
        }
        let findings = self.0["findings"].as_array()?.iter();
        let findings = findings.filter(|one| kinds.contains(&one["id"].as_str().unwrap_or("")));
        let item = |finding: &Value| {
            let (_, rest) = finding["text"].as_str()?.split_once("service ")?;
            let digits = rest.chars().take_while(char::is_ascii_digit);
            digits.collect::<String>().parse().ok()
        };
        Some(findings.filter_map(item).collect())
    }
}

impl Shop {
    /// An administrator asks what is wrong, and about all orders.
    pub(super) fn ask_doctor(&mut self) {
        self.steps += 1;
        if self.customers.len() >= LARGE && !self.steps.is_multiple_of(ASKED) {
            return;
        }
        let (Some(told), Some(orders)) = (
            self.answer(&["doctor", "--quiet", "--json"]),
            self.answer(&["orders", "--json"]),
        ) else {
            return;
        };
        self.figures.doctors += 1;
        let orders: BTreeMap<u64, &Value> = orders
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|order| Some((order["item"].as_u64()?, order)))
            .collect();
        let named = Named(&told);
        let over = named.of(&["over", "over-paid"]);
        let near = named.of(&["near-end", "near-end-paid", "ending-paid"]);
        let now = self.now();
        let mut wrongs = Vec::new();
        let mut idle = BTreeMap::new();
        for customer in self.customers.iter().filter(|customer| customer.opened) {
            let item = customer.item;
            let about_end = self.about_end(customer, over.as_ref(), near.as_ref(), now);
            let about_order = match orders.get(&item) {
                Some(order) if self.is_idle(customer, order, now) => {
                    let begun = self.idle.get(&item).copied().unwrap_or(now);
                    idle.insert(item, begun);
                    (now - begun >= LOOKED)
                        .then(|| format!("is due since {begun}, and nothing happens: {order}"))
                }
                Some(order) => about_order(customer, order),
                None => Some("'orders' does not list it".to_owned()),
            };
            let about_dates = self.about_dates(customer);
            let all = about_end.into_iter().chain(about_order).chain(about_dates);
            wrongs.extend(all.map(|wrong| format!("service {item}, {now}: {wrong}")));
        }
        self.idle = idle;
        for wrong in wrongs {
            self.figures.wrong(wrong);
        }
    }

    fn answer(&mut self, words: &[&str]) -> Option<Value> {
        let output = self.world.tool(words).output().expect("the program");
        let answer = serde_json::from_slice(&output.stdout).ok();
        if answer.is_none() {
            let text = String::from_utf8_lossy(&output.stderr).into_owned();
            self.figures
                .wrong(format!("{words:?} says nothing: {text}"));
        }
        answer
    }

    /// Doctor names what has ended and what will, unless somebody is at work.
    fn about_end(
        &self,
        customer: &Customer,
        over: Option<&BTreeSet<u64>>,
        near: Option<&BTreeSet<u64>>,
        now: DateTime<Utc>,
    ) -> Option<String> {
        let end = customer.current.as_ref()?.end;
        let item = customer.item;
        let is_over = end <= now;
        if over.is_some_and(|over| over.contains(&item) != is_over) {
            return Some(format!("ends {end}, doctor says over: {}", !is_over));
        }
        let is_named = near?.contains(&item);
        if !is_over && !is_named && end < now + SOON {
            return Some(format!("ends {end}, and doctor does not name it"));
        }
        if is_named && end > now + FAR {
            return Some(format!("ends {end}, and doctor says soon"));
        }
        let unattended = self
            .unattended(customer, now)
            .filter(|_| !is_over && !is_named);
        unattended.map(|wrong| format!("{wrong}, and doctor does not name it"))
    }

    /// What `orders` calls due the daemon has not taken up, and has told nobody of.
    fn is_idle(&self, customer: &Customer, order: &Value, now: DateTime<Utc>) -> bool {
        let text = |name: &str| order[name].as_str().unwrap_or_default();
        let since: Option<DateTime<Utc>> = text("since").parse().ok();
        let is_late = since.is_some_and(|since| since < now);
        let may_be = self.options.policy == Policy::Nobody || self.is_hindered(customer);
        text("next") == "reissue" && is_late && !may_be && customer.is_untold_since(since)
    }

    /// Both dates are shown as the options of now want them, whatever they wanted before.
    fn about_dates(&self, customer: &Customer) -> Option<String> {
        let item = customer.item;
        let end = customer.current.as_ref()?.end.date_naive();
        let is_at_rest = self.value(item, "service_status") == "5"
            && !self.is_under_way(item)
            && !self.is_queued(item);
        if !is_at_rest || self.is_hindered(customer) {
            return None;
        }
        let day = |text: &str| text.parse::<NaiveDate>().ok();
        let shown = self.world.item(item).expiredate;
        let shown = shown.as_deref().and_then(day);
        let paid = day(&self.value(item, "paid_till"));
        let (end_date, paid_till) = self.options.shown(customer, end);
        ((shown, paid) != (Some(end_date), paid_till)).then(|| {
            format!("shows {shown:?} and {paid:?}; it should show {end_date} and {paid_till:?}")
        })
    }

    /// Its vendor is away: the daemon leaves its account alone.
    fn is_hindered(&self, customer: &Customer) -> bool {
        self.trouble.is_away(customer.trade.module)
    }
}

/// `orders` says who acts.
fn about_order(customer: &Customer, order: &Value) -> Option<String> {
    let is_forgotten = customer.current.is_none() && order["owner"] == "nobody";
    is_forgotten.then(|| format!("has no certificate, and nobody acts: {order}"))
}

impl Customer {
    fn is_untold_since(&self, moment: Option<DateTime<Utc>>) -> bool {
        let told = [self.told.client, self.told.person];
        !told.iter().any(|told| *told >= moment)
    }
}
