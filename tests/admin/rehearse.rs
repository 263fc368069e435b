//! `rehearse`: what is shown is what the command then sends, and nothing changes.

use std::collections::BTreeMap;
use std::path::Path;

use super::*;
use crate::proof::{Command as Ordering, Shop, Staged, TRADES};

/// Functions of the panel that only read.
const READS: [&str; 3] = ["paramlist", "otparamlist", "task.gettype"];

/// The account's secrets as what is shown has them.
fn masked(shop: &Shop, text: &str) -> String {
    let module = pmssl::module::by_name(shop.trade.module).unwrap();
    let names: Vec<&str> = module.secrets().collect();
    let settings = shop.world.settings_of(shop.account).into_iter();
    let secrets = settings.filter(|(name, _)| names.contains(&name.as_str()));
    secrets.fold(pmssl::logging::mask(text), |text, (_, secret)| {
        text.replace(&secret, pmssl::logging::MASK)
    })
}

/// Without the number that GlobalSign issues anew whenever it is asked for one.
fn without_number(text: &str) -> String {
    match text.split_once("<OrderID>") {
        Some((before, rest)) => {
            let after = rest.split_once("</OrderID>").map_or("", |(_, after)| after);
            format!("{before}{after}")
        }
        None => text.to_owned(),
    }
}

fn rehearse(shop: &Shop, words: &[&str]) -> (i32, serde_json::Value) {
    let output = Command::new(sandbox::binaries::pmssl())
        .args(["rehearse", "--json"])
        .args(words)
        .env_clear()
        .envs(crate::sandbox::clock::carried())
        .env("PMSSL_MGR_ROOT", shop.world.root())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let document = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
    (output.status.code().unwrap(), document)
}

/// All that a rehearsal must leave as it is.
fn everything(
    shop: &Shop,
    staged: &Staged,
) -> (BTreeMap<String, String>, usize, usize, Vec<String>) {
    let deeds = shop.world.mgrctl_calls().into_iter();
    let deeds = deeds.filter(|call| !READS.contains(&call.function.as_str()));
    let kept = shop.world.root().join("var/pmssl");
    let mut files = Vec::new();
    list(&kept, &mut files);
    files.sort();
    (
        shop.world.item(staged.item).parameters,
        shop.vendor().vendor().sales().len(),
        deeds.count(),
        files,
    )
}

/// The files of spool and ledger with their contents.
fn list(directory: &Path, found: &mut Vec<String>) {
    for entry in std::fs::read_dir(directory).into_iter().flatten().flatten() {
        let path = entry.path();
        match path.is_dir() {
            true => list(&path, found),
            false => {
                let text = std::fs::read(&path).unwrap_or_default();
                found.push(format!(
                    "{}: {}",
                    path.display(),
                    String::from_utf8_lossy(&text)
                ));
            }
        }
    }
}

#[test]
fn at_every_vendor_the_request_that_is_shown_is_the_one_that_is_sent_and_nothing_changes() {
    let mut compared = 0;
    for trade in &TRADES {
        let mut shop = Shop::new(trade);
        for command in [Ordering::Open, Ordering::Prolong, Ordering::Reopen] {
            if !command.is_served_by(trade) {
                continue;
            }
            let case = format!("{} {}", trade.module, command.word());
            let staged = shop.stage(command);
            let before = everything(&shop, &staged);
            let (code, told) = rehearse(&shop, &["--item", &staged.item.to_string()]);
            assert_eq!(everything(&shop, &staged), before, "{case}");
            assert_eq!(
                (code, told["verdict"].as_str()),
                (0, Some("would-send")),
                "{case}: {told}"
            );
            assert_eq!(told["command"].as_str(), Some(command.word()), "{case}");
            let writes = told["writes"].as_array().unwrap();
            let is_intent = |write: &&serde_json::Value| {
                let sent = write["arguments"]["value"].as_str().unwrap_or_default();
                write["arguments"]["name"] == "pmssl_intent" && sent.contains("|sent|")
            };
            assert!(
                writes.iter().any(|write| is_intent(&write)),
                "{case}: {told}"
            );
            let text = |name: &str| {
                told["request"][name]
                    .as_str()
                    .unwrap_or_default()
                    .to_owned()
            };
            let shown = without_number(&(text("address") + "\n" + &text("body")));

            shop.vendor().forget_requests();
            let outcome = shop.run(&staged);
            assert!(outcome.is_ok(), "{case}: {}", outcome.stdout);
            let sent: Vec<String> = shop
                .vendor()
                .requests()
                .iter()
                .map(|sent| {
                    let request = &sent.request;
                    let query = match request.query.as_str() {
                        "" => String::new(),
                        query => format!("?{query}"),
                    };
                    let base = shop.vendor().url();
                    let base = base.trim_end_matches('/');
                    let text = format!("{base}{}{query}\n{}", request.path, request.text());
                    without_number(&masked(&shop, &text))
                })
                .collect();
            assert!(sent.contains(&shown), "{case}: {shown}\n{sent:#?}");
            compared += 1;
        }
    }
    println!("proof: rehearsal: {compared} commands, their requests as sent");
    assert_eq!(compared, 13);
}

#[test]
fn what_would_stop_a_command_is_told_and_a_whole_account_is_rehearsed_at_once() {
    let place = Place::new();
    let account = place.account.to_string();
    let words = ["rehearse", "--account", &account];
    let text = place.tell(&words).with(0);
    assert!(text.contains("is queued"), "{text}");
    for name in ["one.example.com", "two.example.com"] {
        let item = place.paid(name);
        place.world.queue(item, "open");
    }
    let vendor = place.world.vendor(MODULE).vendor();
    vendor.set_balance(0);
    let told = place.tell(&[&words[..], &["--json"]].concat());
    assert_eq!(told.code, 3, "{told:?}");
    let list = told.json();
    let list = list.as_array().unwrap();
    assert_eq!(list.len(), 2, "{told:?}");
    for one in list {
        assert_eq!(one["verdict"], "stops", "{one}");
        assert_eq!(one["error"]["type"], "pmssl_low_funds", "{one}");
    }
    vendor.set_balance(100_000_000);
    let text = place.tell(&words).with(0);
    assert_eq!(text.matches("order/neworder").count(), 2, "{text}");
    assert!(text.ends_with("nothing was bought or written\n"), "{text}");
    let russian = place
        .tell(&[&["--lang", "ru"][..], &words].concat())
        .with(0);
    assert!(
        russian.contains("репетиция: ничего изменяющего"),
        "{russian}"
    );
    assert_eq!(vendor.sales().len(), 0);
    std::fs::write(place.world.root().join("etc/billmgr.DoNothing"), "").unwrap();
    let text = place.tell(&words).with(0);
    assert_eq!(text.matches("billmgr.DoNothing").count(), 2, "{text}");
}

#[test]
fn a_service_that_has_its_order_needs_a_command_and_one_without_an_operation_is_opened() {
    let place = Place::new();
    let paid = place.paid("one.example.com").to_string();
    let told = place.tell(&["rehearse", "--item", &paid]);
    assert!(told.stdout.contains("order/neworder"), "{told:?}");
    let issued = place.issued("two.example.com").to_string();
    let told = place.tell(&["rehearse", "--item", &issued]);
    assert_eq!(told.code, 2, "{told:?}");
    assert!(told.stderr.contains("--command"), "{told:?}");
    let text = place
        .tell(&["rehearse", "--item", &issued, "--command", "open"])
        .with(0);
    assert!(text.contains("nothing would be sent"), "{text}");
    assert_eq!(place.tell(&["rehearse", "--item", "9999"]).code, 1);
}
