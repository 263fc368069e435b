//! Which commands may buy: a look that spends money is found, whatever the product thinks it is doing.

use std::path::Path;
use std::sync::{Arc, Weak};

use super::item::ItemView;
use super::lock;
use super::vendor::SaleKind;
use super::vendor::buyer::Program;
use super::world::Core;

/// Parameter of a service whose order a person has been given (docs/stored-forms.md).
const GIVEN_TO_PERSON: &str = "pmssl_person";

/// The product's program file; others buy by hand.
const PRODUCT: &str = "pmssl";

/// Has all sales of a world's product looked at.
pub(super) fn watch(core: &Arc<Core>) {
    for (&name, server) in core.vendors() {
        let core: Weak<Core> = Arc::downgrade(core);
        server.on_sale(move |sale, program| {
            let Some(core) = core.upgrade() else { return };
            if program.file.file_name().is_none_or(|file| file != PRODUCT) {
                return;
            }
            let mut purchases = lock(core.purchases());
            purchases.seen += 1;
            let words = program.words.get(1..).unwrap_or_default();
            if let Some(problem) = objection(words, sale.kind) {
                let text = format!(
                    "{name}: order {}: {problem}: {}",
                    sale.order,
                    words.join(" ")
                );
                purchases.wrong.push(text);
            }
            if let Some(item) = core.item_of(program)
                && has_person(&core.item(item))
            {
                let text = format!("{name}: order {}: a person has service {item}", sale.order);
                purchases.wrong.push(text);
            }
        });
    }
}

/// Sales of the product in one world.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Purchases {
    /// How many there were whose program could be asked.
    pub seen: usize,
    /// Those that should not have been.
    pub wrong: Vec<String>,
}

/// What is wrong with a sale to a command: ordering operations buy, the daemon and `reopen` replace a certificate inside
/// its paid term, and nobody else does anything of the kind (design: the law).
fn objection(words: &[String], sold: SaleKind) -> Option<&'static str> {
    let after = |name: &str| {
        let at = words.iter().position(|word| word == name)?;
        words.get(at + 1).map(String::as_str)
    };
    let is_reissue = sold == SaleKind::Reissue;
    let is_dry = words.iter().any(|word| word == "--dry-run");
    let command = after("--command").or(words.first().map(String::as_str));
    match command.unwrap_or_default() {
        "open" | "prolong" => None,
        "reopen" | "reissue" if is_reissue => None,
        "daemon" if is_reissue && !is_dry => None,
        "reopen" | "reissue" | "daemon" => Some("bought where only a reissue may be"),
        _ => Some("bought by a look"),
    }
}

/// Whether a person has the order that the service's intent is about: one that was settled long ago binds nobody.
fn has_person(service: &ItemView) -> bool {
    // Version, operation, state, attempt, key ...
    let key = service.parameter("pmssl_intent").split('|').nth(4);
    let given = service.parameter(GIVEN_TO_PERSON);
    key.is_some_and(|key| !key.is_empty() && given.contains(key))
}

impl Core {
    /// The service that a module of this world, on any of its nodes, was started for.
    fn item_of(&self, program: &Program) -> Option<u64> {
        let called = Path::new(program.words.first()?);
        self.roots().iter().find(|root| called.starts_with(root))?;
        let at = program.words.iter().position(|word| word == "--item")?;
        program.words.get(at + 1)?.parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_ordering_commands_buy() {
        let of = |line: &str, sold| {
            let words: Vec<_> = line.split(' ').map(str::to_owned).collect();
            objection(&words, sold).is_none()
        };
        for (line, order, reissue) in [
            ("--command open --item 5 --runningoperation 7", true, true),
            (
                "--command prolong --item 5 --runningoperation 7",
                true,
                true,
            ),
            (
                "--command reopen --item 5 --runningoperation 7",
                false,
                true,
            ),
            ("daemon", false, true),
            ("daemon --once --item 5", false, true),
            ("daemon --once --dry-run", false, false),
            ("--command sync_item --item 5", false, false),
            (
                "--command close --item 5 --runningoperation 7",
                false,
                false,
            ),
            ("resolve --item 5", false, false),
            ("check --account 1", false, false),
            ("doctor", false, false),
            ("", false, false),
        ] {
            for kind in [SaleKind::Order, SaleKind::Renewal] {
                assert_eq!(of(line, kind), order, "{line} {kind:?}");
            }
            assert_eq!(of(line, SaleKind::Reissue), reissue, "{line}");
        }
    }
}
