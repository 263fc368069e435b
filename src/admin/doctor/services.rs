//! Services: unknown outcomes, stuck ones, certificates near their end.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::daemon;
use super::findings::{self, FindingKind, Findings};
use crate::admin::context::AdminContext;
use crate::admin::orders::{Judged, Survey};
use crate::admin::{plan, policy};
use crate::certificate;
use crate::domain::{AccountId, ItemId};
use crate::failure::Failure;
use crate::module::{self, Module};
use crate::order::calendar::MAIL_ENDS;
use crate::order::outlook::{self, Around, Next, Outlook};
use crate::order::owner::Owner;
use crate::order::policy::Subscription;
use crate::order::position::Position;
use crate::order::replacement::Able;
use crate::order::{checks, current};
use crate::platform::billmanager::BillManager;
use crate::platform::{Platform, Service, fields};

/// Operations that bring a new certificate.
const PLANS: [&str; 3] = ["prolong", "reopen", "open"];

/// Examines.
pub(super) async fn examine(admin: &AdminContext, near_end: u32, findings: &mut Findings<'_>) {
    let before = findings.count();
    match survey(admin, near_end, findings).await {
        Ok(count) if findings.count() == before => {
            findings.add(&findings::SERVICES_GOOD, &count.to_string(), "");
        }
        Ok(_) => {}
        Err(failure) => findings.add(&findings::DATABASE, &admin.view.failure(&failure), ""),
    }
}

/// What adds up over all services.
#[derive(Default)]
struct Sums {
    services: usize,
    /// Order numbers by module, with the services that have them.
    owners: BTreeMap<(&'static str, String), Vec<u64>>,
    by_mail: usize,
    /// Products that are proved by e-mail only.
    mail_only: BTreeSet<String>,
    long_terms: usize,
    /// Products whose term is sold on request only.
    long_products: BTreeSet<&'static str>,
}

/// Goes through all services, some at a time; answers how many there are.
async fn survey(
    admin: &AdminContext,
    near_end: u32,
    findings: &mut Findings<'_>,
) -> Result<usize, Failure> {
    let mut survey = Survey::begin(admin, &module::all().collect::<Vec<_>>()).await?;
    let watch = Watch::new(admin, near_end);
    let mut sums = Sums::default();
    while let Some(services) = survey.next().await? {
        for service in &services {
            let item = service.line.item.to_string();
            match (service.position(), service.stuck_words(&admin.view)) {
                (Position::Unsettled, _) => {
                    let key = service.intent.as_ref().and_then(|intent| {
                        let intent = intent.as_ref().ok()?;
                        Some(intent.key.to_string())
                    });
                    findings.add(&findings::INTENT_UNKNOWN, &item, &key.unwrap_or_default());
                }
                (Position::Unreadable, _) => findings.add(&findings::INTENT_UNREADABLE, &item, ""),
                (_, Some(why)) => findings.add(&findings::STUCK, &item, &why),
                _ => {}
            }
            if let Some((kind, end)) = watch.looks_at(service).await {
                findings.add(kind, &item, &end.to_string());
            }
        }
        sums.services += services.len();
        note_owners(&services, &mut sums);
        note_mail(&services, admin.clock.now(), &mut sums);
        note_long_terms(&services, admin.clock.now(), &mut sums);
        keys(&watch.platform, &services, findings).await?;
    }
    sums.owners.retain(|_, owners| owners.len() > 1);
    for ((_, order), owners) in &sums.owners {
        let owners: Vec<String> = owners.iter().map(ToString::to_string).collect();
        findings.add(&findings::ORDER_SHARED, order, &owners.join(", "));
    }
    if sums.by_mail > 0 {
        let products: Vec<&str> = sums.mail_only.iter().map(String::as_str).collect();
        let products = match products.as_slice() {
            [] => "-".to_owned(),
            _ => products.join(", "),
        };
        findings.add(&findings::MAIL_PROOF, &sums.by_mail.to_string(), &products);
    }
    if sums.long_terms > 0 {
        let products: Vec<&str> = sums.long_products.iter().copied().collect();
        let (count, products) = (sums.long_terms.to_string(), products.join(", "));
        findings.add(&findings::LONG_TERMS, &count, &products);
    }
    Ok(sums.services)
}

/// Which services need another method than e-mail inside their paid terms, and which of their products have none.
fn note_mail(services: &[Judged], now: DateTime<Utc>, sums: &mut Sums) {
    let found = services.iter().filter(|service| {
        let is_alive = service.is_active()
            && matches!(service.position(), Position::Issued | Position::Waiting);
        let paid = service.outlook.paid;
        is_alive
            && service.is_by_mail()
            && paid.is_some_and(|paid| paid >= MAIL_ENDS && paid > now.date_naive())
    });
    for service in found {
        sums.by_mail += 1;
        let code = service.line.template.as_ref().map(|code| code.as_str());
        let template = code.and_then(|code| service.module.template(code));
        if let (Some(code), Some(template)) = (code, template)
            && checks::instead_of_mail(template, template.wildcard).is_none()
        {
            sums.mail_only.insert(code.to_owned());
        }
    }
}

/// Which services have a term that their product's authority sells on request only, and that their next order buys.
fn note_long_terms(services: &[Judged], now: DateTime<Utc>, sums: &mut Sums) {
    for service in services {
        if service.position() == Position::Deleted {
            continue;
        }
        let code = service.line.template.as_ref().map(|code| code.as_str());
        let template = code.and_then(|code| service.module.template(code));
        if let Some(template) = template
            && checks::term(template, service.line.months, now.date_naive()).is_some()
        {
            sums.long_terms += 1;
            sums.long_products.insert(template.code);
        }
    }
}

/// Names certificates that are stored for a service and are not of its CSR's key. While something is under way the
/// CSR may be ahead of the certificate.
async fn keys(
    platform: &BillManager,
    services: &[Judged],
    findings: &mut Findings<'_>,
) -> Result<(), Failure> {
    let at_rest: BTreeMap<u64, &Judged> = services
        .iter()
        .filter(|service| {
            let is_issued = service.position() == Position::Issued && service.is_active();
            is_issued && service.queued.is_empty()
        })
        .map(|service| (service.line.item, service))
        .collect();
    let (Some(first), Some(last)) = (at_rest.keys().next(), at_rest.keys().last()) else {
        return Ok(());
    };
    for (item, csr, certificate) in platform.certificates_between(*first, *last).await? {
        let Some(service) = at_rest.get(&item) else {
            continue;
        };
        let csr = certificate::listed(&csr);
        if let (Some(csr), Some(certificate)) = (csr, current::read(&certificate))
            && !certificate.is_for_listed(&csr)
        {
            let order = service.order().unwrap_or("-");
            findings.add(&findings::OTHER_KEY, &item.to_string(), order);
        }
    }
    Ok(())
}

/// Notes who has which order. Numbers of different vendors may be the same, and what a deleted service had is
/// nobody's loss.
fn note_owners(services: &[Judged], sums: &mut Sums) {
    let living = services
        .iter()
        .filter(|service| service.position() != Position::Deleted);
    for service in living {
        if let Some(order) = service.order() {
            // Modules beside the original names serve the same vendor.
            let key = (service.module.origin, order.to_owned());
            sums.owners.entry(key).or_default().push(service.line.item);
        }
    }
}

/// Who is to be named because of a certificate's end. The certificate itself tells it; what is stored beside
/// it only spares reading all of them.
struct Watch {
    platform: BillManager,
    subscription: Subscription,
    now: DateTime<Utc>,
    /// Days of notice.
    days: TimeDelta,
    /// Modules whose services the daemon looks at.
    daemon_works: BTreeSet<&'static str>,
    /// What the vendor of an account can do.
    vendors: RefCell<BTreeMap<AccountId, Able>>,
}

impl Watch {
    fn new(admin: &AdminContext, near_end: u32) -> Self {
        let platform = admin.any_platform();
        let subscription = policy::shown(&platform);
        Self {
            platform,
            subscription,
            now: admin.clock.now(),
            days: TimeDelta::days(near_end.into()),
            daemon_works: module::all()
                .filter(|module| daemon::works(admin, module))
                .map(|module| module.name)
                .collect(),
            vendors: RefCell::default(),
        }
    }

    /// What is to be said about a service's certificate, whatever is under way: that it expired, or that it
    /// does soon and nobody can be relied on to replace it.
    async fn looks_at(&self, service: &Judged) -> Option<(&'static FindingKind, NaiveDate)> {
        // Beyond the calendar everything is near.
        let last = self.now.date_naive().checked_add_signed(self.days);
        let last = last.unwrap_or(NaiveDate::MAX);
        if !may_end_by(service, last) {
            return None;
        }
        let read = self
            .platform
            .service(ItemId(service.line.item))
            .await
            .ok()?;
        let current = current::certificate(&read, service.module)?;
        let end = current.life.end.date_naive();
        if end > last {
            return None;
        }
        let able = self.vendor_of(&read, service).await;
        let around = Around {
            now: self.now,
            subscription: self.subscription,
            vendor: able,
            tries: 0,
            tasks: 0,
            idle: false,
        };
        let ahead = outlook::of_service(&read, service.module, &around);
        let is_paid = ahead.is_paid_longer(self.now);
        let is_urgent = ahead.ahead.is_some_and(|one| one.is_urgent(self.now));
        let (over, near) = match is_paid {
            true => (&findings::OVER_PAID, &findings::NEAR_END_PAID),
            false => (&findings::OVER, &findings::NEAR_END),
        };
        if current.life.end <= self.now {
            return Some((over, end));
        }
        let is_cared_for =
            is_queued(service) || (is_paid && self.daemon_replaces(service.module, &ahead));
        match (is_urgent, is_cared_for) {
            (true, false) if is_paid => Some((&findings::ENDING_PAID, end)),
            (false, true) => None,
            _ => Some((near, end)),
        }
    }

    /// Asked once for each account: its settings have to be decrypted.
    async fn vendor_of(&self, read: &Service, service: &Judged) -> Able {
        let known = |account| self.vendors.borrow().get(&account).copied();
        if let Some(known) = read.account.and_then(known) {
            return known;
        }
        let can = plan::vendor(&self.platform, read.account, service.module).await;
        let can = can.unwrap_or(Able::UNUSABLE);
        if let Some(account) = read.account {
            self.vendors.borrow_mut().insert(account, can);
        }
        can
    }

    /// Whether the daemon replaces a certificate inside the paid term: it runs, and it is its turn or that of those
    /// who answer for its reissue.
    fn daemon_replaces(&self, module: &Module, ahead: &Outlook) -> bool {
        self.daemon_works.contains(module.name)
            && match ahead.next {
                Next::Reissue => ahead.owner == Owner::Program,
                Next::Wait(_) => ahead.owner != Owner::Administrator,
                _ => false,
            }
    }
}

/// Whether an active service may have a certificate that ends by that day. The End date may show the paid term,
/// and an end that was stored in an earlier form may be a former certificate's.
fn may_end_by(service: &Judged, last: NaiveDate) -> bool {
    // A cancelled order may have left a certificate behind.
    let is_ours = !matches!(service.position(), Position::NotOrdered | Position::Deleted);
    if !service.is_active() || !is_ours {
        return false;
    }
    let stored = service
        .line
        .parameter(fields::CERTIFICATE_END)
        .filter(|text| text.contains(' '))
        .and_then(current::end_of);
    stored.is_none_or(|stored| stored <= last)
        || service.line.expire_date.is_some_and(|shown| shown <= last)
}

/// The platform will order a new certificate, and nothing stands in its way.
fn is_queued(service: &Judged) -> bool {
    service
        .queued
        .iter()
        .any(|queued| PLANS.contains(&queued.command.as_str()) && queued.tasks == 0)
}
