//! The people of the story: clients who answer mails late, and the person behind the tasks.

use chrono::{DateTime, TimeDelta, Utc};

use super::silence::item_in;
use super::{Customer, Shop};
use crate::vendor::{Approval, SaleKind, mail_has_ended};

/// Days before the certificate's end that a client leaves: the vendor may be away for four right afterwards, and
/// passes of this story are up to two apart. A client who is later has a gap that no program can close.
const CLIENT_LEAVES: i64 = 6;

/// Days before the certificate's end that the person leaves: the client may have to answer afterwards.
const PERSON_LEAVES: i64 = 7;

/// Every so many clients forget their first order until somebody speaks to them.
const FORGETFUL: (u64, u64) = (23, 2);

/// So many days later they remember.
const FORGOTTEN: i64 = 9;

/// Nobody renews so long before proof by e-mail ends what is proved by nothing else.
pub(super) const LAST_SALE: TimeDelta = TimeDelta::days(30);

impl Customer {
    /// Whether nothing that the vendor accepts proves its names then.
    pub(super) fn has_no_proof(&self, moment: DateTime<Utc>) -> bool {
        self.trade.by_mail && mail_has_ended(moment)
    }

    /// A client's delayed deed.
    pub(super) fn leaves_in_time(&self, now: DateTime<Utc>, delay: TimeDelta) -> DateTime<Utc> {
        self.at_the_latest(now, delay, CLIENT_LEAVES)
    }

    /// A delayed deed: not so late that it leaves fewer days than that before the certificate's end, which
    /// everybody can see. What comes too late already is done at once.
    fn at_the_latest(&self, now: DateTime<Utc>, delay: TimeDelta, days: i64) -> DateTime<Utc> {
        let last = self
            .current
            .as_ref()
            .map(|current| current.end - TimeDelta::days(days));
        last.map_or(now + delay, |last| last.min(now + delay))
            .max(now)
    }

    /// Whether this deed must not wait for the next regular look.
    pub(super) fn is_urgent(&self, deed: DateTime<Utc>) -> bool {
        let current = self.current.as_ref();
        current.is_some_and(|current| current.end - deed < TimeDelta::days(PERSON_LEAVES + 2))
    }
}

impl Shop {
    /// Reads the tasks that have come since the last look.
    pub(super) fn read_tasks(&mut self) {
        let tasks = self.world.panel().free_tasks();
        let now = self.now();
        for text in &tasks[self.tasks_read.min(tasks.len())..] {
            self.figures.tasks += 1;
            let item = item_in(text);
            let index = self.customers.iter().position(|one| Some(one.item) == item);
            let Some(index) = index else {
                self.figures
                    .wrong(format!("a task names no service: {text}"));
                continue;
            };
            let delay = self.chance.days(1, 3);
            let customer = &mut self.customers[index];
            customer.told.person = Some(now);
            // Of a first order the person speaks to the client, who remembers by himself.
            let Some(current) = &customer.current else {
                continue;
            };
            let left = (current.end - now).num_days();
            customer.helped = Some(customer.at_the_latest(now, delay, PERSON_LEAVES));
            // That it has ended is told beside the call for help, which came before.
            let is_over = text.contains(" expired on ");
            if !is_over && !self.customers[index].is_in_haste(now) {
                self.figures.task_came(left, self.customers[index].item);
            }
        }
        self.tasks_read = tasks.len();
    }

    /// Clients prove their names, the person does what the tasks say. Whether anybody did anything.
    pub(super) fn people_act(&mut self) -> bool {
        let now = self.now();
        let mut acted = false;
        for index in 0..self.customers.len() {
            let customer = &self.customers[index];
            if !customer.opened {
                continue;
            }
            let (item, answers, helped) = (customer.item, customer.answers, customer.helped);
            let pending = matches!(self.value(item, "service_status").as_str(), "3" | "4");
            if !pending {
                self.customers[index].answers = None;
            } else if answers.is_none() {
                // Most answer at once, some take days.
                let in_haste = customer.is_in_haste(now);
                let is_first = customer.current.is_none();
                let moment = if is_first && item % FORGETFUL.0 == FORGETFUL.1 {
                    now + TimeDelta::days(FORGOTTEN)
                } else if self.chance.one_in(5) && !in_haste && !is_last_week(now) {
                    let delay = self.chance.days(1, 3);
                    self.customers[index].at_the_latest(now, delay, CLIENT_LEAVES)
                } else {
                    now
                };
                self.customers[index].answers = Some(moment);
            }
            if self.customers[index]
                .answers
                .is_some_and(|moment| moment <= now)
                && self.approve(index)
            {
                acted = true;
            }
            if helped.is_some_and(|moment| moment <= now) {
                self.customers[index].helped = None;
                self.help(index);
                acted = true;
            }
        }
        acted
    }

    /// The client proves the name. An order that waits for nothing says so.
    fn approve(&self, index: usize) -> bool {
        let customer = &self.customers[index];
        let vendor = self.world.vendor(customer.trade.module).vendor();
        let order = self.order_of(customer);
        vendor.approve(&order, &Approval::All).is_ok()
    }

    /// Where proof by e-mail has ended and a reissue keeps the method, a person has the vendor change it. A product that
    /// e-mail alone proves has no other.
    pub(super) fn prove_otherwise(&mut self, item: u64) {
        let customer = self.customers.iter().find(|one| one.item == item);
        let Some(customer) = customer.filter(|_| mail_has_ended(self.now())) else {
            return;
        };
        let vendor = self.world.vendor(customer.trade.module).vendor();
        if vendor.prove_otherwise(&self.order_of(customer)).is_ok() {
            self.figures.by_person += 1;
        }
    }

    /// The person behind a task.
    fn help(&mut self, index: usize) {
        let customer = &self.customers[index];
        let (item, by_person) = (customer.item, customer.trade.by_person);
        self.figures.helped += 1;
        if by_person {
            let vendor = self.world.vendor(customer.trade.module).vendor();
            let order = self.order_of(customer);
            if let Err(text) = vendor.reissue_by_hand(&order, "") {
                self.figures
                    .wrong(format!("service {item}: the person cannot reissue: {text}"));
            }
            return;
        }
        self.prove_otherwise(item);
        if !self.settle(item) {
            let tomorrow = self.now() + TimeDelta::days(1);
            self.customers[index].helped = Some(tomorrow);
        }
    }

    /// An order whose outcome only the vendor's books tell: the person looks there and says so. Whether
    /// that is done: while the vendor is away, it is not.
    pub(super) fn settle(&mut self, item: u64) -> bool {
        let intent = self.value(item, "pmssl_intent");
        if !["|sent|", "|unknown|"]
            .iter()
            .any(|state| intent.contains(state))
        {
            return true;
        }
        let Some(customer) = self.customers.iter().find(|one| one.item == item) else {
            return true;
        };
        let number = item.to_string();
        let mut words = vec!["resolve", "--item", &number, "--yes"];
        let sold = self.sold_since(customer, sent_at(&intent), intent.contains("|reissue|"));
        match &sold {
            Some(order) => words.extend(["--adopt", order]),
            None => words.push("--not-placed"),
        }
        let output = self.world.tool(&words).output().expect("pmssl resolve");
        self.figures.settled += 1;
        output.status.success()
    }

    /// The latest purchase, or the latest reissue, of a customer's name since a moment, as the vendor's panel shows it.
    /// What was bought and shows no name yet may be the customer's, too.
    fn sold_since(
        &self,
        customer: &Customer,
        since: DateTime<Utc>,
        is_reissue: bool,
    ) -> Option<String> {
        let vendor = self.world.vendor(customer.trade.module).vendor();
        let view = self.world.item(customer.item);
        let name = self.world.common_name(&view);
        let own: Vec<String> = vendor
            .orders()
            .into_iter()
            .filter(|order| {
                order.common_name.is_empty() || order.common_name.eq_ignore_ascii_case(&name)
            })
            .map(|order| order.id)
            .collect();
        let sales = vendor.sales().into_iter();
        sales
            .filter(|sale| (sale.kind == SaleKind::Reissue) == is_reissue)
            .filter(|sale| own.contains(&sale.order) && sale.at >= since)
            .map(|sale| sale.order)
            .next_back()
    }
}

/// Whoever gets a mail now answers at once: soon it proves nothing any more.
fn is_last_week(now: DateTime<Utc>) -> bool {
    !mail_has_ended(now) && mail_has_ended(now + TimeDelta::days(7))
}

/// When the stored intent was sent, with a minute for the vendor's rounding.
fn sent_at(intent: &str) -> DateTime<Utc> {
    let seconds = intent.split('|').nth(5).and_then(|part| part.parse().ok());
    DateTime::from_timestamp(seconds.unwrap_or(0), 0).unwrap_or_default() - TimeDelta::minutes(1)
}
