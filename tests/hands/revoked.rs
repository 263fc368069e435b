//! Certificates that their authority revokes: the vendors' lists show it, and nobody else would look.

use super::at_every_vendor;
use crate::proof::{Shop, holds};

/// A day and a little: the lists are asked for once a day.
const DAY: i64 = 86_500;

/// Vendors whose lists are known to show it.
const SHOWN: [&str; 3] = ["pmthesslstore", "pmglobalsign", "pmenomssl"];

/// How often people got the task, and clients the notice.
fn heard(shop: &Shop) -> (usize, usize) {
    let panel = shop.world.panel();
    let (tasks, messages) = (panel.free_tasks(), panel.messages());
    let tasks = tasks
        .iter()
        .filter(|text| text.contains("is revoked or about to be"));
    let told = messages
        .iter()
        .filter(|(.., text)| text.contains("has been revoked"));
    (tasks.count(), told.count())
}

#[test]
fn a_revoked_certificate_is_told_once_and_never_reissued_by_itself() {
    at_every_vendor(|shop| {
        let (item, other) = (shop.issued(), shop.issued());
        let order = shop.world.order_of(item);
        let is_shown = SHOWN.contains(&shop.trade.module);
        let revoked = shop.vendor().vendor().revoke(&order);
        holds(revoked.is_ok() == is_shown, || format!("{revoked:?}"))?;
        for _ in 0..3 {
            let pass = shop.tool(&["daemon", "--once"]).output().unwrap();
            holds(pass.status.success(), || format!("{pass:?}"))?;
            shop.world.advance(DAY);
        }
        let expected = usize::from(is_shown);
        let found = heard(shop);
        holds(found == (expected, expected), || format!("heard {found:?}"))?;
        // Nobody is sent to a reissue that the vendor never makes.
        let messages = shop.world.panel().messages();
        let is_sent = messages.iter().any(|(.., text)| {
            text.contains("has been revoked") && text.contains("in the client area")
        });
        let is_reissued = is_shown && shop.trade.module != "pmenomssl";
        holds(is_sent == is_reissued, || format!("{messages:?}"))?;
        let sales = shop.vendor().vendor().sales();
        let is_reissue = |order: &str| {
            let mut sales = sales.iter();
            sales.any(|sale| sale.order == order && !sale.is_paid())
        };
        holds(!is_reissue(&order), || "it was reissued".to_owned())?;
        let stored = |item| shop.world.item(item).parameter("pmssl_revoked").to_owned();
        let known = stored(item).starts_with(&format!("1|{order}|"));
        holds(known == is_shown, || stored(item))?;
        holds(stored(other).is_empty(), || stored(other))?;
        // Neither are they asked for a new key there.
        let number = other.to_string();
        let words = ["reissue", "--item", &number, "--new-key"];
        let words = [&words[..], &["--dry-run", "--json"]].concat();
        let told = shop.tool(&words).output().unwrap();
        let told: serde_json::Value = serde_json::from_slice(&told.stdout).unwrap();
        let expected = match shop.trade.reissues {
            true => "due",
            false => "vendor",
        };
        holds(told[0]["reason"] == expected, || told.to_string())?;
        let list = ["orders", "--stuck", "--json"];
        let list = shop.tool(&list).output().unwrap();
        let list = String::from_utf8_lossy(&list.stdout).into_owned();
        let is_listed = list.contains("\"revoked\"");
        holds(is_listed == is_shown, || list)
    });
}
