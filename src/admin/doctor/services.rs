//! Services: unknown outcomes, stuck ones, certificates near their end.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::daemon;
use super::findings::{self, Findings, Kind};
use crate::admin::orders::{self, Judged};
use crate::admin::plan;
use crate::admin::position::Position;
use crate::admin::scene::Scene;
use crate::certificate::Csr;
use crate::domain::ItemId;
use crate::failure::Failure;
use crate::module::{self, Module};
use crate::order::current::{self, Current};
use crate::order::policy::{Policy, Subscription, covers};
use crate::platform::billmanager::BillManager;
use crate::platform::{Platform, Service, fields};

/// Item status of an active service (billmanager.md 8.2).
const ACTIVE: i64 = 2;

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
        match (service.position, service.stuck) {
            (Position::Unsettled, _) => {
                let key = service.intent.as_ref().and_then(|intent| {
                    let intent = intent.as_ref().ok()?;
                    Some(intent.key.to_string())
                });
                findings.add(&findings::INTENT_UNKNOWN, &item, &key.unwrap_or_default());
            }
            (Position::Unreadable, _) => findings.add(&findings::INTENT_UNREADABLE, &item, ""),
            (_, Some(why)) => findings.add(&findings::STUCK, &item, scene.view.say(&why)),
            _ => {}
        }
        if let Some((kind, end)) = watch.looks_at(service).await {
            findings.add(kind, &item, &end.to_string());
        }
    }
    for ((_, order), owners) in shared(&services) {
        findings.add(&findings::ORDER_SHARED, order, &owners.join(", "));
    }
    if let Err(failure) = keys(&watch.platform, &services, findings).await {
        findings.add(&findings::DATABASE, &scene.view.failure(&failure), "");
    }
    if findings.list.len() == before {
        findings.add(&findings::SERVICES_GOOD, &services.len().to_string(), "");
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
        .filter(|service| service.position == Position::Issued && service.queued.is_empty())
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
        .filter(|service| service.position != Position::Deleted);
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
        let (subscription, _) = Subscription::read(|name| platform.option(name));
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
        let (end, today) = (current.life.end.date_naive(), self.now.date_naive());
        if end > last {
            return None;
        }
        let term_end = current::term_end(&read).filter(|term_end| *term_end > today);
        let is_paid = term_end.is_some_and(|term_end| !covers(end, term_end));
        if current.life.end <= self.now {
            let kind = if is_paid {
                &findings::OVER_PAID
            } else {
                &findings::OVER
            };
            return Some((kind, end));
        }
        let is_urgent = current.life.is_urgent(&self.subscription, self.now);
        if !is_urgent
            && (is_queued(service)
                || (is_paid && self.daemon_replaces(service, &read, &current).await))
        {
            return None;
        }
        let kind = if is_paid {
            &findings::NEAR_END_PAID
        } else {
            &findings::NEAR_END
        };
        Some((kind, end))
    }

    /// Whether the daemon replaces a certificate inside the paid term: it runs, the policy lets it act, and
    /// the vendor reissues.
    async fn daemon_replaces(&self, service: &Judged, read: &Service, current: &Current) -> bool {
        self.daemon_works
            && self.subscription.policy == Policy::Auto
            && !current::ends_with_vendors_term(read, current)
            && plan::vendor_reissues(&self.platform, read, service.module)
                .await
                .unwrap_or(false)
    }
}

/// Whether an active service may have a certificate that ends by that day. The End date may show the paid term,
/// and an end that was stored in an earlier form may be a former certificate's.
fn may_end_by(service: &Judged, last: NaiveDate) -> bool {
    let is_ours = !matches!(
        service.position,
        Position::NotOrdered | Position::Failed | Position::Deleted
    );
    if service.line.status != ACTIVE || !is_ours {
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
