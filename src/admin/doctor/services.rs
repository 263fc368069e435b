//! Services: unknown outcomes, stuck ones, certificates near their end.

use chrono::{NaiveDate, TimeDelta};

use super::findings::{self, Findings};
use crate::admin::orders::{self, Judged};
use crate::admin::plan;
use crate::admin::position::Position;
use crate::admin::scene::Scene;
use crate::certificate::Certificate;
use crate::domain::ItemId;
use crate::module;
use crate::order::current;
use crate::order::policy::{Policy, Subscription, covers};
use crate::platform::Platform;
use crate::platform::billmanager::BillManager;

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
    let platform = scene.any_platform();
    let by_paid_term = platform.option("SSLExpireDate").as_deref() == Some("paid");
    let today = scene.clock.now().date_naive();
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
        if let Some(end) = end(&platform, service, by_paid_term).await {
            let shown = end.to_string();
            match nearness(service, end, today, near_end) {
                Some(true) => findings.add(&findings::OVER, &item, &shown),
                Some(false) if reissue_is_planned(&platform, service, end).await => {}
                Some(false) => findings.add(&findings::NEAR_END, &item, &shown),
                None => {}
            }
        }
    }
    if findings.list.len() == before {
        findings.add(&findings::SERVICES_GOOD, &services.len().to_string(), "");
    }
}

/// The certificate's end: the platform's End date, unless that shows the paid term.
async fn end(platform: &BillManager, service: &Judged, by_paid_term: bool) -> Option<NaiveDate> {
    if service.position != Position::Issued || service.line.status != ACTIVE {
        return None;
    }
    if !by_paid_term {
        return service.line.expire_date;
    }
    let read = platform.service(ItemId(service.line.item)).await.ok()?;
    let certificate = Certificate::parse(read.certificate.as_deref()?).ok()?;
    Some(certificate.not_after.date_naive())
}

/// Whether the daemon replaces the certificate before it ends: the paid term goes on, the policy lets the
/// daemon act, and the vendor reissues.
async fn reissue_is_planned(platform: &BillManager, service: &Judged, end: NaiveDate) -> bool {
    let (subscription, _) = Subscription::read(|name| platform.option(name));
    if subscription.policy != Policy::Auto {
        return false;
    }
    let Ok(read) = platform.service(ItemId(service.line.item)).await else {
        return false;
    };
    let inside = current::term_end(&read).is_some_and(|term_end| !covers(end, term_end));
    inside
        && plan::vendor_reissues(platform, &read, service.module)
            .await
            .unwrap_or(false)
}

/// `Some(true)` when it is over, `Some(false)` when it is near, `None` when it is far or planned for.
fn nearness(service: &Judged, end: NaiveDate, today: NaiveDate, days: u32) -> Option<bool> {
    let planned = service
        .queued
        .iter()
        .any(|queued| PLANS.contains(&queued.command.as_str()) && queued.tasks == 0);
    let near = end <= today + TimeDelta::days(i64::from(days));
    (near && !planned).then_some(end < today)
}
