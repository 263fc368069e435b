//! No certificate, no order: a vendor whose name does not resolve or whose certificate is over, for another host or
//! of an unknown authority is not spoken to, at any call of any command of any vendor. Nothing may have arrived,
//! and once the vendor is itself again, everything comes to its end with one sale.
//!
//! Every run meets one of the three certificates at each call, in turn; `PMSSL_PROOF=all cargo test --test suite
//! tls::` meets all.

use crate::proof::{
    COMMANDS, Command, Extra, Shop, TRADES, Trade, everything, has_ended_well, tell,
};
use crate::sandbox::Outcome;
use crate::sandbox::vendor::server::LoggedRequest;
use crate::sandbox::vendor::tls::Identity;

/// A label longer than the 63 letters that a name server can be asked for: no resolver finds it, without asking.
fn unresolvable() -> String {
    format!("{}.invalid", "a".repeat(64))
}

fn is_unreachable(outcome: &Outcome) -> Result<(), String> {
    has_ended_well(outcome)?;
    // A look that only follows what was ordered is not the command's own end.
    let words = ["client", "pmssl_no_secure_connection"];
    let is_told = |word: &&str| outcome.stdout.contains(&format!("type=\"{word}\""));
    if outcome.exit == Some(0) || words.iter().any(is_told) {
        return Ok(());
    }
    Err(format!("not unreachable: {}", outcome.stdout))
}

/// After so many requests no new connection has carried one. A connection that stands goes on: its certificate
/// was good.
fn nobody_was_let_in(shop: &Shop, before: usize) -> Result<(), String> {
    let requests = shop.vendor().requests();
    let (good, later) = requests.split_at(before.min(requests.len()));
    let is_new = |one: &&LoggedRequest| !good.iter().any(|old| old.connection == one.connection);
    match later.iter().find(is_new) {
        Some(one) => Err(format!("{} was sent to a stranger", one.call)),
        None => Ok(()),
    }
}

/// Every call of a command meets a bad certificate once. Answers how many did.
fn distrusted(shop: &mut Shop, command: Command, failures: &mut Vec<String>) -> usize {
    let staged = shop.stage(command);
    shop.run(&staged);
    let calls: Vec<String> = shop
        .vendor()
        .requests()
        .into_iter()
        .map(|request| request.call)
        .collect();
    shop.recover(&staged, Extra::Nothing)
        .unwrap_or_else(|why| panic!("{command:?} over good TLS: {why}"));
    let mut met = 0;
    for (number, call) in calls.iter().enumerate() {
        for (at, identity) in Identity::BAD.into_iter().enumerate() {
            if !everything() && (number + at) % Identity::BAD.len() != 0 {
                continue;
            }
            met += 1;
            let staged = shop.stage(command);
            shop.vendor().show_after(number, identity);
            let outcome = shop.run(&staged);
            shop.vendor().show(Identity::Good);
            let mut check = || {
                is_unreachable(&outcome)?;
                nobody_was_let_in(shop, number)?;
                shop.recover(&staged, Extra::Nothing).map(|_| ())
            };
            if let Err(why) = check() {
                let module = shop.trade.module;
                failures.push(format!(
                    "{module} {command:?} {number} {call} {identity:?}: {why}"
                ));
            }
        }
    }
    met
}

/// The vendor's name cannot be resolved for one run.
fn unresolved(shop: &mut Shop, command: Command) -> Result<(), String> {
    let staged = shop.stage(command);
    let url = shop.vendor().url();
    let settings = shop.vendor().vendor().settings(&url);
    let host = shop.world.home().address().to_string();
    let nowhere = url.replace(&host, &unresolvable());
    for (name, value, secret) in &settings {
        if value.contains(&url) {
            let value = value.replace(&url, &nowhere);
            shop.world.set_setting(shop.account, name, &value, *secret);
        }
    }
    let outcome = shop.run(&staged);
    for (name, value, secret) in &settings {
        shop.world.set_setting(shop.account, name, value, *secret);
    }
    is_unreachable(&outcome)?;
    if !shop.vendor().requests().is_empty() {
        return Err("somebody was reached".to_owned());
    }
    shop.recover(&staged, Extra::Nothing).map(|_| ())
}

fn prove(trade: &'static Trade) -> Vec<String> {
    let mut shop = Shop::over_tls(trade);
    let mut failures = Vec::new();
    let mut met = 0;
    for command in COMMANDS {
        met += distrusted(&mut shop, command, &mut failures);
        if let Err(why) = unresolved(&mut shop, command) {
            failures.push(format!("{} {command:?} unresolved: {why}", trade.module));
        }
    }
    failures.extend(shop.settle().err());
    tell(format_args!(
        "tls: {}: {met} bad certificates at calls, {} commands without a resolvable name",
        trade.module,
        COMMANDS.len()
    ));
    failures
}

#[test]
fn a_vendor_that_cannot_prove_itself_is_not_spoken_to() {
    let failures: Vec<String> = std::thread::scope(|scope| {
        let threads: Vec<_> = TRADES
            .iter()
            .map(|trade| scope.spawn(move || prove(trade)))
            .collect();
        threads
            .into_iter()
            .flat_map(|thread| thread.join().unwrap())
            .collect()
    });
    assert!(failures.is_empty(), "{}: {failures:#?}", failures.len());
}
