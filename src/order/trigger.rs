//! What may make a paid call (design, law 2).
//!
//! Ordering takes a [`Trigger`] by value, and one trigger makes one permit: nothing that looks has any.

use super::replacement::Decision;
use crate::domain::OperationId;

/// The right to make one paid call. It cannot be copied.
#[derive(Debug)]
pub struct Trigger {
    cause: Cause,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cause {
    /// An ordering operation of the platform, or the same command typed by a person.
    Operation(Option<OperationId>),
    /// The policy decided to reissue inside the paid term.
    Policy,
}

impl Trigger {
    /// An ordering operation of the platform; without a number the command was typed by a person.
    #[must_use]
    pub fn operation(queued: Option<OperationId>) -> Self {
        Self {
            cause: Cause::Operation(queued),
        }
    }

    /// The policy's decision; only the one to reissue makes a trigger.
    #[must_use]
    pub fn policy(decision: &Decision) -> Option<Self> {
        matches!(decision, Decision::Reissue).then_some(Self {
            cause: Cause::Policy,
        })
    }

    /// The platform's operation that is served.
    #[must_use]
    pub fn queued(&self) -> Option<OperationId> {
        match self.cause {
            Cause::Operation(queued) => queued,
            Cause::Policy => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_decision_to_reissue_makes_a_trigger() {
        assert!(Trigger::policy(&Decision::Reissue).is_some());
        for decision in [
            Decision::Nothing,
            Decision::LeaveToRenewal,
            Decision::AskTerm,
            Decision::Notify,
            Decision::Task,
        ] {
            assert!(Trigger::policy(&decision).is_none(), "{decision:?}");
        }
    }

    /// Looking never buys: whoever makes a trigger or a permit stands in this list.
    #[test]
    fn triggers_and_permits_are_made_in_few_places() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let mut found = Vec::new();
        walk(&root, &mut |path, text| {
            let place = path.strip_prefix(&root).unwrap_or(path);
            let name = place.display().to_string();
            if name.contains("tests") || name == "order/trigger.rs" {
                return;
            }
            for maker in ["Trigger::operation(", "Trigger::policy(", "Permit {"] {
                if text.contains(maker) {
                    found.push(format!("{name}: {maker}"));
                }
            }
        });
        found.sort();
        assert_eq!(
            found,
            [
                "admin/daemon/replace.rs: Trigger::policy(",
                "commands/open.rs: Trigger::operation(",
                "order/place.rs: Permit {",
            ]
        );
    }

    fn walk(directory: &std::path::Path, work: &mut dyn FnMut(&std::path::Path, &str)) {
        for entry in std::fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, work);
            } else if path.extension().is_some_and(|kind| kind == "rs") {
                work(&path, &std::fs::read_to_string(&path).unwrap());
            }
        }
    }
}
