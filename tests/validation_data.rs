//! What the client has to publish is the client's only way to the certificate: it is kept as well as the order's
//! number, whatever the platform does, and where it is lost a person hears of it at once.

use crate::proof::{Command, Shop, TOLD_ONCE, Trade};
use crate::sandbox::vendor::fault::Fault;
use crate::sandbox::{PlatformFault, Strike};

const SAVE: &str = "service.saveparam";

/// Longer than the patience of the saves that wait for the platform.
const FOR_LONG: u32 = 1000;

const STRIKES: [(Strike, u32); 3] = [
    (Strike::Garbage, 1),
    (Strike::Failing, FOR_LONG),
    (Strike::KillBefore, 1),
];

/// The parameter that shows the value.
fn parameter(trade: &Trade) -> String {
    format!("{}_value", trade.method)
}

/// The value belongs to the service's present order, or a person was told that it is lost.
fn is_known_or_tasked(shop: &Shop, item: u64) -> Result<bool, String> {
    let view = shop.world.item(item);
    let value = view.parameter(&parameter(shop.trade));
    let order = shop.world.order_of(item);
    if value.contains(&order) {
        return Ok(true);
    }
    let tasks = shop.world.panel().free_tasks();
    let told = tasks.iter().any(|text| text.contains(&order));
    if !value.is_empty() || !told {
        return Err(format!("order {order} shows '{value}', tasks {tasks:?}"));
    }
    Ok(false)
}

/// How many positions were tried, and where something was lost.
fn prove(trade: &'static Trade, command: Command) -> (usize, Vec<String>) {
    let mut failures = Vec::new();
    let mut shop = Shop::new(trade);
    shop.world.set_option("SSLPlatformWait", "1");
    let staged = shop.stage(command);
    shop.world.panel().forget_calls();
    shop.run(&staged);
    let calls = shop.world.mgrctl_calls();
    let saves = calls.iter().filter(|call| call.function == SAVE).count();
    shop.recover(&staged, crate::proof::Extra::Nothing).unwrap();
    for position in 0..saves {
        for (strike, times) in &STRIKES {
            let staged = shop.stage(command);
            shop.world.panel().add_fault(PlatformFault {
                function: Some(SAVE.to_owned()),
                strike: *strike,
                skip: u32::try_from(position).unwrap(),
                times: *times,
            });
            shop.run(&staged);
            shop.world.panel().clear_faults();
            shop.repeat(&staged);
            if let Some(operation) = staged.operation.filter(|_| !shop.is_done(&staged)) {
                shop.world.retry(operation);
                shop.repeat(&staged);
            }
            let what = format!(
                "{} {command:?} {position} {strike:?} x{times}",
                trade.method
            );
            match is_known_or_tasked(&shop, staged.item) {
                Ok(true) => {}
                Ok(false) => failures.push(format!("{what}: lost, and a person was told")),
                Err(why) => failures.push(format!("{what}: {why}")),
            }
            if let Err(why) = shop.recover(&staged, crate::proof::Extra::Nothing) {
                failures.push(format!("{what}: {why}"));
            }
        }
    }
    (saves * STRIKES.len(), failures)
}

#[test]
fn no_failing_save_loses_what_the_client_has_to_publish() {
    let proved: Vec<(usize, Vec<String>)> = std::thread::scope(|scope| {
        let threads: Vec<_> = TOLD_ONCE
            .iter()
            .flat_map(|trade| [Command::Open, Command::Prolong].map(|command| (trade, command)))
            .map(|(trade, command)| scope.spawn(move || prove(trade, command)))
            .collect();
        let joined = threads.into_iter().map(|thread| thread.join().unwrap());
        joined.collect()
    });
    let positions: usize = proved.iter().map(|(positions, _)| positions).sum();
    let failures: Vec<String> = proved
        .into_iter()
        .flat_map(|(_, failures)| failures)
        .collect();
    crate::proof::tell(format_args!(
        "{positions} fault positions of open and prolong: {} without what the client needs and without a task",
        failures.len()
    ));
    assert!(positions > 0);
    assert!(failures.is_empty(), "{}: {failures:#?}", failures.len());
}

/// The order is found again, the value in its answer is not.
#[test]
fn an_order_whose_answer_was_lost_is_a_task_at_once_and_shows_no_former_value() {
    for trade in &TOLD_ONCE {
        for command in [Command::Open, Command::Prolong] {
            let mut shop = Shop::new(trade);
            let staged = shop.stage(command);
            shop.set_patience("1");
            for call in ["DVDNSOrder", "URLVerification"] {
                shop.vendor().set_fault(call, Fault::ResetBeforeAnswer, 1);
            }
            shop.run(&staged);
            shop.vendor().clear_faults();
            shop.set_patience("30");
            shop.repeat(&staged);
            if let Some(operation) = staged.operation.filter(|_| !shop.is_done(&staged)) {
                shop.world.retry(operation);
                shop.repeat(&staged);
            }
            let what = format!("{} {command:?}", trade.method);
            assert!(shop.is_done(&staged), "{what}");
            assert_eq!(is_known_or_tasked(&shop, staged.item), Ok(false), "{what}");
            let tasks = shop.world.panel().free_tasks();
            assert_eq!(tasks.len(), 1, "{what}: {tasks:?}");
            for word in [
                parameter(trade).as_str(),
                "GlobalSign",
                "cancel",
                "отмените",
            ] {
                assert!(tasks[0].contains(word), "{what}: {word}: {}", tasks[0]);
            }
            shop.world.advance(600);
            shop.world.sync(staged.item);
            let again = shop.world.panel().free_tasks().len();
            assert_eq!(again, 1, "{what}: told once");
            let end = shop.recover(&staged, crate::proof::Extra::Nothing);
            assert!(end.is_ok(), "{what}: {end:?}");
        }
    }
}
