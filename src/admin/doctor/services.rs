//! Services: unknown outcomes, stuck ones, certificates near their end.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::daemon;
use super::findings::{self, Findings, Kind};
use crate::admin::orders::{self, Judged};
use crate::admin::plan;
use crate::admin::scene::Scene;
use crate::certificate::Csr;
use crate::domain::ItemId;
use crate::failure::Failure;
use crate::module::{self, Module};
use crate::order::calendar::MAIL_ENDS;
use crate::order::outlook::{self, Around, Next, Outlook};
use crate::order::owner::Owner;
use crate::order::policy::Subscription;
use crate::order::position::Position;
use crate::order::{checks, current};
use crate::platform::billmanager::BillManager;
use crate::platform::{Platform, fields};

/// Operations that bring a new certificate.
const PLANS: [&str; 3] = ["prolong", "reopen", "open"];

/// Examines.
pub(super) async fn examine(scene: &Scene, near_end: u32, findings: &mut Findings<'_>) {
    let services = match orders::all(scene, &module::all().collect::<Vec<_>>()).await {
        Ok(services) => services,
        Err(failure) => {
            return findings.add(&findings::DATABASE, &scene.view.failure(&failure), "");
        }
    };
    let watch = Watch::new(scene, near_end);
    let before = findings.list.len();
    for service in &services {
        let item = service.line.item.to_string();
        match (service.position(), service.stuck_words(&scene.view)) {
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
    for ((_, order), owners) in shared(&services) {
        findings.add(&findings::ORDER_SHARED, order, &owners.join(", "));
    }
    if let Some((count, products)) = proved_by_mail(&services, scene.clock.now()) {
        findings.add(&findings::MAIL_PROOF, &count.to_string(), &products);
    }
    if let Some((count, products)) = long_terms(&services, scene.clock.now()) {
        findings.add(&findings::LONG_TERMS, &count.to_string(), &products);
    }
    if let Err(failure) = keys(&watch.platform, &services, findings).await {
        findings.add(&findings::DATABASE, &scene.view.failure(&failure), "");
    }
    if findings.list.len() == before {
        findings.add(&findings::SERVICES_GOOD, &services.len().to_string(), "");
    }
}

/// How many services need another method than e-mail inside their paid terms, and which of their products have none.
fn proved_by_mail(services: &[Judged], now: DateTime<Utc>) -> Option<(usize, String)> {
    let found: Vec<&Judged> = services
        .iter()
        .filter(|service| {
            let is_alive = service.is_active()
                && matches!(service.position(), Position::Issued | Position::Waiting);
            let paid = service.outlook.paid;
            is_alive
                && service.is_by_mail()
                && paid.is_some_and(|paid| paid >= MAIL_ENDS && paid > now.date_naive())
        })
        .collect();
    let without: BTreeSet<&str> = found
        .iter()
        .filter_map(|service| {
            let code = service.line.template.as_ref()?.as_str();
            let template = service.module.template(code)?;
            let has_other = checks::instead_of_mail(template, template.wildcard).is_some();
            (!has_other).then_some(code)
        })
        .collect();
    let products: Vec<&str> = without.into_iter().collect();
    let products = match products.as_slice() {
        [] => "-".to_owned(),
        _ => products.join(", "),
    };
    (!found.is_empty()).then_some((found.len(), products))
}

/// How many services have a term that their product's authority sells on request only, which their next order buys.
fn long_terms(services: &[Judged], now: DateTime<Utc>) -> Option<(usize, String)> {
    let found: Vec<&str> = services
        .iter()
        .filter(|service| service.position() != Position::Deleted)
        .filter_map(|service| {
            let template = service
                .module
                .template(service.line.template.as_ref()?.as_str())?;
            checks::term(template, service.line.months, now.date_naive())?;
            Some(template.code)
        })
        .collect();
    let products: BTreeSet<&str> = found.iter().copied().collect();
    let products: Vec<&str> = products.into_iter().collect();
    (!found.is_empty()).then(|| (found.len(), products.join(", ")))
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
        .filter(|service| service.position() == Position::Issued && service.queued.is_empty())
        .map(|service| (service.line.item, service))
        .collect();
    let modules: BTreeMap<&str, &Module> = at_rest
        .values()
        .map(|service| (service.module.name, service.module))
        .collect();
    for module in modules.values() {
        let mut last = 0;
        loop {
            let page = platform.certificates_after(module, last).await?;
            let Some((item, ..)) = page.last() else {
                break;
            };
            last = *item;
            for (item, csr, certificate) in page {
                let Some(service) = at_rest.get(&item) else {
                    continue;
                };
                if let (Ok(csr), Some(certificate)) =
                    (Csr::parse(&csr), current::read(&certificate))
                    && !certificate.is_for(&csr)
                {
                    let order = service.order().unwrap_or("-");
                    findings.add(&findings::OTHER_KEY, &item.to_string(), order);
                }
            }
        }
    }
    Ok(())
}

/// Orders that more than one service has, with its numbers. Numbers of different vendors may be the same, and what a
/// deleted service had is nobody's loss.
fn shared(services: &[Judged]) -> BTreeMap<(&str, &str), Vec<String>> {
    let mut owners: BTreeMap<(&str, &str), Vec<String>> = BTreeMap::new();
    let living = services
        .iter()
        .filter(|service| service.position() != Position::Deleted);
    for service in living {
        if let Some(order) = service.order() {
            let key = (service.module.name, order);
            owners
                .entry(key)
                .or_default()
                .push(service.line.item.to_string());
        }
    }
    owners.retain(|_, owners| owners.len() > 1);
    owners
}

/// Who is to be named because of a certificate's end. The certificate itself tells it; what is stored beside
/// it only spares reading all of them.
struct Watch {
    platform: BillManager,
    subscription: Subscription,
    now: DateTime<Utc>,
    /// Days of notice.
    days: TimeDelta,
    daemon_works: bool,
}

impl Watch {
    fn new(scene: &Scene, near_end: u32) -> Self {
        let platform = scene.any_platform();
        let (subscription, _) = Subscription::read(|name| platform.option_of_anywhere(name));
        Self {
            platform,
            subscription,
            now: scene.clock.now(),
            days: TimeDelta::days(near_end.into()),
            daemon_works: daemon::works(scene),
        }
    }

    /// What is to be said about a service's certificate, whatever is under way: that it expired, or that it
    /// does soon and nobody can be relied on to replace it.
    async fn looks_at(&self, service: &Judged) -> Option<(&'static Kind, NaiveDate)> {
        let last = self.now.date_naive() + self.days;
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
        let can = plan::vendor_reissues(&self.platform, read.account, service.module).await;
        let around = Around {
            now: self.now,
            subscription: self.subscription,
            vendor_reissues: can.unwrap_or(false),
            tries: 0,
            tasks: 0,
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
        let is_cared_for = is_queued(service) || (is_paid && self.daemon_replaces(&ahead));
        (is_urgent || !is_cared_for).then_some((near, end))
    }

    /// Whether the daemon replaces a certificate inside the paid term: it runs, and it is its turn or that of those
    /// who answer for its reissue.
    fn daemon_replaces(&self, ahead: &Outlook) -> bool {
        self.daemon_works
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
    let is_ours = !matches!(
        service.position(),
        Position::NotOrdered | Position::Failed | Position::Deleted
    );
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
