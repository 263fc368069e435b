//! Nothing waits in silence: what the platform's people were told, against what had to be told by then. Looked at on
//! every day of the story; the program is not asked.

use chrono::{DateTime, TimeDelta, Utc};

use super::options::Policy;
use super::{Customer, Shop};

/// Days before its end within which somebody must act for a certificate inside its paid term, or have been told. The
/// program begins ten days before, and no look of this story is more than two later.
const ACTED: i64 = 7;

/// An order without a certificate is a task after a week.
const LONG: i64 = 7;

/// Its client is reminded after three days.
const REMINDED: i64 = 3;

/// Days between two looks of the story, at the most, and one for the hours.
const BETWEEN: i64 = 3;

/// What somebody was told about a customer, and what the client means to do about it.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Told {
    /// The latest message to the client.
    pub(super) client: Option<DateTime<Utc>>,
    /// The latest task.
    pub(super) person: Option<DateTime<Utc>>,
    /// The client reissues at this moment.
    pub(super) reissues: Option<DateTime<Utc>>,
}

/// The service that a task or message is about.
pub(super) fn item_in(text: &str) -> Option<u64> {
    let (_, rest) = text.split_once("(service ")?;
    rest.split_once(')')?.0.parse().ok()
}

impl Shop {
    /// Reads what clients were sent since the last look. Under a policy that leaves it to them they reissue by
    /// themselves, or ask the shop's people where only these can.
    pub(super) fn read_messages(&mut self) {
        let messages = self.world.panel().messages();
        let now = self.now();
        for (_, _, text) in &messages[self.messages_read.min(messages.len())..] {
            let item = item_in(text);
            let index = self.customers.iter().position(|one| Some(one.item) == item);
            let Some(index) = index else {
                self.figures
                    .wrong(format!("a message names no service: {text}"));
                continue;
            };
            self.figures.messages += 1;
            let is_the_clients = text.contains("Please reissue it in the client area")
                && self.options.policy == Policy::Manual
                && !self.customers[index].has_no_proof(now);
            let delay = TimeDelta::days(1 + self.customers[index].item.cast_signed() % 3);
            let customer = &mut self.customers[index];
            // What comes with an order is no word about a certificate's end.
            if !text.contains(") is ordered.") {
                customer.told.client = Some(now);
            }
            if is_the_clients {
                customer.told.reissues = Some(customer.leaves_in_time(now, delay));
            }
        }
        self.messages_read = messages.len();
    }

    /// Clients who were asked to reissue do so, unless it was done meanwhile. Whether anybody did anything.
    pub(super) fn clients_reissue(&mut self) -> bool {
        let now = self.now();
        let mut acted = false;
        for index in 0..self.customers.len() {
            let customer = &mut self.customers[index];
            let (item, by_person) = (customer.item, customer.trade.by_person);
            if customer.told.reissues.is_none_or(|moment| moment > now) {
                continue;
            }
            customer.told.reissues = None;
            let asked = customer.told.client;
            let begin = customer.current.as_ref().map(|current| current.begin);
            let is_open = self.value(item, "service_status") == "5" && !self.is_queued(item);
            if !is_open || begin > asked {
                continue;
            }
            acted = true;
            self.figures.reissued += 1;
            if by_person {
                self.customers[index].helped = Some(now);
            } else {
                self.world.reissue(item, None, &[]);
            }
        }
        acted
    }

    /// Who has to act by now does, or somebody was told.
    pub(super) fn nobody_waits_in_silence(&mut self) {
        let now = self.now();
        let mut wrongs = Vec::new();
        for customer in self.customers.iter().filter(|one| one.opened) {
            let wrong = match &customer.current {
                Some(_) => self.unattended(customer, now),
                None => self.forgotten(customer, now),
            };
            wrongs.extend(wrong.map(|wrong| format!("service {}: {wrong}", customer.item)));
        }
        for wrong in wrongs {
            self.figures.wrong(wrong);
        }
    }

    /// A certificate that ends soon inside its paid term, with nobody at work and nobody told.
    pub(super) fn unattended(&self, customer: &Customer, now: DateTime<Utc>) -> Option<String> {
        let current = customer.current.as_ref()?;
        let is_due =
            current.end - now < TimeDelta::days(ACTED).min((current.end - current.begin) / 3);
        let ends = current.ends_the_term(customer.till) || customer.till <= now.date_naive();
        if !is_due || ends || self.options.policy == Policy::Nobody || customer.is_in_haste(now) {
            return None;
        }
        let item = customer.item;
        let since = |moment: Option<DateTime<Utc>>| moment.is_some_and(|one| one > current.begin);
        let is_told = since(customer.told.client) || since(customer.told.person);
        let intent = self.value(item, "pmssl_intent");
        let states = ["|prepared|", "|sent|", "|unknown|", "|placed|", "|pending|"];
        let is_tried = states.iter().any(|state| intent.contains(state));
        (!is_told && !is_tried && !self.is_queued(item))
            .then(|| format!("ends {} unattended, now {now}: {intent}", current.end))
    }

    /// An order that was placed and has waited for its first certificate for too long, with nobody told.
    fn forgotten(&self, customer: &Customer, now: DateTime<Utc>) -> Option<String> {
        let intent = self.value(customer.item, "pmssl_intent");
        let is_placed = ["|placed|", "|pending|"]
            .iter()
            .any(|state| intent.contains(state));
        let seconds = intent.split('|').nth(5)?.parse().ok()?;
        let age = now - DateTime::from_timestamp(seconds, 0)?;
        let is_older = |days: i64| age > TimeDelta::days(days + BETWEEN);
        let told = customer.told;
        if !is_placed {
            return None;
        }
        if is_older(REMINDED) && told.client.is_none() && told.person.is_none() {
            return Some(format!("waits for {age} without a reminder: {intent}"));
        }
        (is_older(LONG) && told.person.is_none())
            .then(|| format!("waits for {age} without a task: {intent}"))
    }
}
