//! What the hoster's people do about an operation that waits for them.

use chrono::TimeDelta;

use super::action::Luck;
use super::world::{ModelWorld, Place, Run};
use crate::commands;
use crate::domain::VendorOrderId;
use crate::order::{Intent, State, intent, person};

impl ModelWorld {
    /// A person looks into the vendor's panel where the program asks for it, and restarts what waits.
    pub(super) fn person(&self, place: &Place, luck: Luck) -> Option<Run> {
        let settled = self.settle(place, luck);
        for (id, queued) in self.queue.all() {
            if queued.item != place.platform.item || !queued.manual {
                continue;
            }
            if self.doubted.borrow_mut().remove(&id) {
                let sales = self.vendor.sales.borrow();
                if sales.iter().any(|sale| sale.operation == Some(id)) {
                    self.queue.remove(id);
                    continue;
                }
                drop(sales);
                self.resolve(place, luck, None);
            }
            self.queue.change(id, |one| {
                one.manual = false;
                one.task = false;
                one.tries = 0;
            });
        }
        settled
    }

    fn settle(&self, place: &Place, luck: Luck) -> Option<Run> {
        let text = place.platform.parameter(intent::PARAMETER)?;
        let stored = Intent::from_text(&text).ok()?;
        // Nobody can swear to it while the call may still be on its way.
        let sure = self.now() - stored.since > TimeDelta::minutes(15);
        let awaited = place.platform.parameter(person::PARAMETER).is_some();
        let barred = awaited && stored.state == State::Rejected;
        if !(stored.state.is_unsettled() || barred) || !sure {
            return None;
        }
        Some(self.resolve(place, luck, self.vendor.truth(stored.key.as_str())))
    }

    /// `pmssl resolve` with the truth: the order, or that nothing was bought.
    fn resolve(&self, place: &Place, luck: Luck, truth: Option<String>) -> Run {
        let (failure, undisturbed) = self.live(place, None, luck, async || {
            let context = self.context(place, "resolve", None);
            commands::with_session(&context, place.platform.item, async |session, _| {
                let Some(order) = truth else {
                    return session.reject_by_person().await;
                };
                let order = VendorOrderId::new(order);
                // What pmssl resolve checks before it asks.
                match session.other_owner(&order).await? {
                    Some(_) => session.reject_by_person().await,
                    None => session.adopt_by_person(&order).await,
                }
            })
            .await
        });
        Run {
            operation: None,
            failure,
            undisturbed,
        }
    }
}
