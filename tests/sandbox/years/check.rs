//! What must hold on every day, and the figures of a run.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::time::Duration;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use x509_parser::prelude::{FromDer, X509Certificate};

use super::{Shop, TRADES};
use crate::platform::SavedCertificate;

/// First day of issue and longest life in days (CA/Browser Forum, ballot SC-081v3).
const LAWFUL: [(&str, i64); 3] = [("2026-03-15", 200), ("2027-03-15", 100), ("2029-03-15", 47)];

/// A task comes in time when the person has at least so many days. The program calls with five left; passes of
/// this story are up to two days apart.
const IN_TIME: i64 = 3;

/// Days before its end from which on a certificate may be replaced by default, at the most.
const LONGEST_LEAD: i64 = 21;

/// So many of the things that went wrong are kept as text.
const KEPT: usize = 20;

/// The certificate that the platform has.
#[derive(Debug, Clone)]
pub struct Current {
    pub serial: String,
    pub begin: DateTime<Utc>,
    pub end: DateTime<Utc>,
}

impl Current {
    /// The first moment at which something may happen: ten days before the end as the product documents, up to
    /// three weeks where others have to act.
    pub fn due(&self) -> DateTime<Utc> {
        self.end - TimeDelta::days(LONGEST_LEAD).min((self.end - self.begin) / 2)
    }

    /// Nothing follows but a renewal.
    pub fn ends_the_term(&self, till: NaiveDate) -> bool {
        self.end.date_naive() + TimeDelta::days(1) >= till
    }

    /// The first certificate of what was saved.
    pub fn read(saved: &SavedCertificate) -> Option<Self> {
        let pem = saved.pem();
        let der = CertificateDer::from_pem_slice(pem.as_bytes()).ok()?;
        let (_, leaf) = X509Certificate::from_der(&der).ok()?;
        let moment = |seconds: i64| DateTime::from_timestamp(seconds, 0);
        Some(Self {
            serial: saved.serial.clone(),
            begin: moment(leaf.validity().not_before.timestamp())?,
            end: moment(leaf.validity().not_after.timestamp())?,
        })
    }

    /// Days of life, both ends counted.
    pub fn days(&self) -> i64 {
        (self.end - self.begin + TimeDelta::seconds(86_399)).num_days()
    }

    /// The longest life by the law of its first day, in days.
    fn limit(&self) -> i64 {
        let day = self.begin.date_naive().to_string();
        let law = LAWFUL.iter().rfind(|(from, _)| *from <= day.as_str());
        law.map_or(0, |(_, days)| *days)
    }

    /// Whether the life is within the law of its first day.
    pub fn is_lawful(&self) -> bool {
        self.end - self.begin + TimeDelta::seconds(1) <= TimeDelta::days(self.limit())
    }
}

/// Figures of one vendor.
#[derive(Debug, Clone, Default)]
pub struct Vendor {
    /// First orders and renewals that clients paid for.
    pub bought: usize,
    /// Renewals among them.
    pub renewals: usize,
    /// Paid sales in the vendor's books.
    pub sold: usize,
    /// Certificates that reached the platform.
    pub certificates: usize,
    /// Days that the closest successor came before its predecessor's end.
    pub closest: Option<i64>,
}

/// What a run came to.
#[derive(Debug, Clone, Default)]
pub struct Figures {
    pub services: usize,
    pub vendors: BTreeMap<&'static str, Vendor>,
    pub passes: usize,
    pub kills: usize,
    pub faults: usize,
    pub outages: usize,
    /// Orders of another system on the same accounts.
    pub elsewhere: usize,
    /// Tasks of the daemon, and the days that were left at the tightest one.
    pub tasks: usize,
    pub tightest_task: Option<i64>,
    /// Times that a person acted for a task, restarted an operation, settled an order.
    pub helped: usize,
    pub restarted: usize,
    pub settled: usize,
    /// Days on which paid services were looked at, and found covered.
    pub covered_looks: usize,
    /// Messages to clients, and clients who reissued because of one.
    pub messages: usize,
    pub reissued: usize,
    /// Services whose names are proved by another method than e-mail at the end, which all began with; times that a person
    /// had a vendor change it; services without another method whose certificate has ended inside its term.
    pub otherwise: usize,
    pub by_person: usize,
    pub without_proof: BTreeSet<u64>,
    /// Changes of options, and times that doctor was asked about all services.
    pub options: usize,
    pub doctors: usize,
    pub wall: Duration,
    /// What must not be; empty in a sound run.
    pub wrongs: Vec<String>,
    pub wrong_count: usize,
}

impl Figures {
    pub(super) fn vendor(&mut self, module: &'static str) -> &mut Vendor {
        self.vendors.entry(module).or_default()
    }

    pub(super) fn wrong(&mut self, text: String) {
        self.wrong_count += 1;
        if self.wrongs.len() < KEPT {
            self.wrongs.push(text);
        }
    }

    pub(super) fn task_came(&mut self, left: i64, item: u64) {
        self.tightest_task = Some(self.tightest_task.map_or(left, |least| least.min(left)));
        if left < IN_TIME {
            self.wrong(format!("service {item}: a task with {left} days left"));
        }
    }

    /// Certificates of all vendors.
    pub fn certificates(&self) -> usize {
        self.vendors.values().map(|one| one.certificates).sum()
    }

    /// One line of progress.
    pub(super) fn line(&self, wall: Duration) -> String {
        format!(
            "{} certificates, {} passes, {} kills, {} tasks, {} wrong, {:.0} s",
            self.certificates(),
            self.passes,
            self.kills,
            self.tasks,
            self.wrong_count,
            wall.as_secs_f64()
        )
    }

    /// The table.
    pub fn table(&self) -> String {
        let mut text = format!(
            "{:<18}{:>10}{:>10}{:>14}{:>20}\n",
            "vendor", "bought", "sold", "certificates", "closest successor"
        );
        for (name, one) in &self.vendors {
            let closest = one
                .closest
                .map_or("-".to_owned(), |days| format!("{days} days"));
            let _ = writeln!(
                text,
                "{name:<18}{:>10}{:>10}{:>14}{closest:>20}",
                one.bought, one.sold, one.certificates
            );
        }
        let days = |days: Option<i64>| days.map_or("-".to_owned(), |days| days.to_string());
        let _ = writeln!(
            text,
            "{} services; {} passes of the daemon, {} of them killed; {} outages, {} orders of others, {} broken answers; \
             {} tasks, the tightest with {} days left; a person acted {} times, restarted {} operations, \
             settled {} orders; {} messages, {} clients reissued; {} options changed, doctor asked {} times; \
             {} looks at paid services; {} services proved otherwise than by e-mail in the end, {} times a person had it \
             changed, {} had no other method; {:.0} s",
            self.services,
            self.passes,
            self.kills,
            self.outages,
            self.elsewhere,
            self.faults,
            self.tasks,
            days(self.tightest_task),
            self.helped,
            self.restarted,
            self.settled,
            self.messages,
            self.reissued,
            self.options,
            self.doctors,
            self.covered_looks,
            self.otherwise,
            self.by_person,
            self.without_proof.len(),
            self.wall.as_secs_f64()
        );
        if self.wrong_count == 0 {
            text.push_str(
                "0 wrong: every paid day covered, every lifetime lawful, every sale as bought, no paid-till moved back\n",
            );
        } else {
            let _ = writeln!(text, "{} WRONG:", self.wrong_count);
            for wrong in &self.wrongs {
                let _ = writeln!(text, "  {wrong}");
            }
        }
        text
    }
}

impl Shop {
    /// Reads the certificates that the platform got since the last look.
    pub(super) fn collect(&mut self) {
        let now = self.now();
        for index in 0..self.customers.len() {
            let customer = &self.customers[index];
            let fresh = self.world.panel().saved_after(customer.item, customer.seen);
            if fresh.is_empty() {
                continue;
            }
            self.customers[index].seen += fresh.len();
            for saved in &fresh {
                self.take(index, saved, now);
            }
            self.customers[index].dates_unread = true;
        }
    }

    /// Looks at the dates of what was delivered in this step: after its last, undisturbed pass, because a
    /// killed command may leave them behind the certificate.
    pub(super) fn read_dates(&mut self) {
        for index in 0..self.customers.len() {
            if std::mem::take(&mut self.customers[index].dates_unread) {
                self.check_dates(index);
            }
        }
    }

    fn take(&mut self, index: usize, saved: &SavedCertificate, now: DateTime<Utc>) {
        let customer = &self.customers[index];
        let (item, module) = (customer.item, customer.trade.module);
        let Some(next) = Current::read(saved) else {
            return self
                .figures
                .wrong(format!("service {item}: an unreadable certificate"));
        };
        let mut wrongs = Vec::new();
        if !next.is_lawful() {
            wrongs.push(format!("an unlawful life {} to {}", next.begin, next.end));
        }
        if customer.current.is_none() {
            // The term began when the order went through, perhaps days after the client had paid.
            let till = self.value(item, "pmssl_term_end");
            let till = till.split(' ').next().unwrap_or_default().parse();
            let bought = customer.till;
            match till {
                Ok(till) if till >= bought && till < bought + TimeDelta::days(14) => {
                    self.customers[index].till = till;
                }
                _ => wrongs.push(format!("bought till {bought}, stored {till:?}")),
            }
        }
        let customer = &self.customers[index];
        let mut left = None;
        if let Some(former) = &customer.current {
            // A killed command saves the same one again.
            if former.serial == next.serial {
                return;
            }
            if former.end < now {
                wrongs.push(format!("a gap from {} to {now}", former.end));
            }
            // A renewal right after a change of the law may end before the certificate it replaces.
            if next.end < former.end && next.limit() == former.limit() {
                wrongs.push(format!("the end moved from {} to {}", former.end, next.end));
            }
            left = Some((former.end - now).num_days());
        }
        self.customers[index].current = Some(next);
        for wrong in wrongs {
            self.figures.wrong(format!("service {item}: {wrong}"));
        }
        let vendor = self.figures.vendor(module);
        vendor.certificates += 1;
        vendor.closest = match (vendor.closest, left) {
            (Some(least), Some(left)) => Some(least.min(left)),
            (least, left) => least.or(left),
        };
    }

    /// The two dates that the platform shows, and the stored term.
    fn check_dates(&mut self, index: usize) {
        let customer = &self.customers[index];
        let item = customer.item;
        let mut wrongs = Vec::new();
        // Behind the day stands the key of the purchase.
        let stored = self.value(item, "pmssl_term_end");
        let stored = stored.split(' ').next().unwrap_or_default();
        if stored != customer.till.to_string() && !self.is_queued(item) {
            wrongs.push(format!("paid till {stored}, bought {}", customer.till));
        }
        let end = customer.current.as_ref().map(|one| one.end.date_naive());
        let end = end.map(|end| self.options.shown(customer, end).0);
        let shown = self.world.item(item).expiredate;
        let shown = shown.and_then(|day| day.parse::<NaiveDate>().ok());
        let issued = self.value(item, "service_status") == "5" && !self.is_under_way(item);
        if issued && shown != end && !self.is_queued(item) {
            wrongs.push(format!("shows the end {shown:?}, not {end:?}"));
        }
        let paid = self.value(item, "paid_till");
        let paid: Option<NaiveDate> = paid.parse().ok();
        if issued && paid.is_some_and(|paid| paid < customer.till) && !self.is_queued(item) {
            wrongs.push(format!(
                "shows paid till {paid:?}, bought {}",
                customer.till
            ));
        }
        for wrong in wrongs {
            self.figures.wrong(format!("service {item}: {wrong}"));
        }
    }

    /// Whether the certificate of an operation is still awaited: a command that was killed between saving
    /// the certificate and its dates stays so while its vendor is away.
    pub(super) fn is_under_way(&self, item: u64) -> bool {
        let intent = self.value(item, "pmssl_intent");
        let awaited = ["|placed|", "|pending|"];
        awaited.iter().any(|state| intent.contains(state))
    }

    /// A renewal may be on its way: the client has paid, the vendor has not been asked.
    pub(super) fn is_queued(&self, item: u64) -> bool {
        let queued = self.world.operations();
        queued.iter().any(|operation| operation.item == item)
    }

    /// Is every service that is paid for covered at this moment?
    pub(super) fn look_around(&mut self) {
        let now = self.now();
        let mut wrongs = Vec::new();
        for customer in &self.customers {
            let Some(current) = &customer.current else {
                // The first certificate is awaited; the vendor or the client may take some days.
                let patience = customer.opens + TimeDelta::days(14);
                if customer.opened && now > patience {
                    wrongs.push(format!("service {}: never issued", customer.item));
                }
                continue;
            };
            // The story ends before this client's next renewal.
            let is_over = !customer.goes_on(self.last) && now >= customer.renews();
            let is_over = is_over && !customer.has_no_proof(now);
            if now.date_naive() > customer.till || is_over {
                continue;
            }
            // What e-mail alone proves is issued no more: nobody can help, but somebody was told in time.
            let is_told = customer.told.person > Some(current.begin);
            if current.end < now && is_told && customer.has_no_proof(now) {
                self.figures.without_proof.insert(customer.item);
                continue;
            }
            self.figures.covered_looks += 1;
            if current.end < now {
                wrongs.push(format!(
                    "service {} ({}) is uncovered on {now}, paid till {}: {}",
                    customer.item,
                    customer.trade.module,
                    customer.till,
                    self.value(customer.item, "pmssl_intent")
                ));
            }
        }
        for wrong in wrongs {
            self.figures.wrong(wrong);
        }
    }

    /// The vendors' books against what clients bought.
    pub(super) fn check_books(&mut self) {
        let reconciled = self.world.reconcile();
        if !reconciled.is_sound() {
            self.figures.wrong(format!("the books: {reconciled:?}"));
        }
        for trade in &TRADES {
            let name = trade.module.trim_start_matches("pm");
            let sold = reconciled
                .sales
                .iter()
                .find(|(vendor, _)| self.world.vendor(trade.module).vendor().name() == **vendor);
            let sold = sold.map_or(0, |(_, sold)| *sold);
            let vendor = self.figures.vendor(trade.module);
            vendor.sold = sold;
            let bought = vendor.bought;
            if sold != bought {
                self.figures
                    .wrong(format!("{name}: {sold} sold, {bought} bought"));
            }
        }
        for index in 0..self.customers.len() {
            if self.customers[index].opened {
                self.check_dates(index);
            }
            let method = self.value(self.customers[index].item, "approver_method");
            let is_changed = !matches!(method.as_str(), "" | "auth_email");
            self.figures.otherwise += usize::from(is_changed);
        }
    }
}
