//! Databases whose locks do not keep two commands apart: clusters, replicas, proxies that share connections.

use super::at_every_vendor;
use crate::fixture::refused;
use crate::proof::{Command, holds};
use crate::sandbox::database::{Age, Cluster, Database};

/// A kind of server in English and Russian words, and what makes the simulated one such.
type Unsound = (&'static str, &'static str, fn(&Database));

/// What a server may be like whose locks do not keep two commands apart.
const UNSOUND: [Unsound; 4] = [
    ("Galera", "узел кластера Galera", |database| {
        database.set_cluster(Some(Cluster::Galera));
    }),
    (
        "several primaries",
        "несколькими основными",
        |database| {
            database.set_age(Age::MySql80);
            database.set_cluster(Some(Cluster::Group));
        },
    ),
    (
        "read-only (read_only)",
        "только для чтения (read_only)",
        |database| {
            database.set_read_only(true);
        },
    ),
    (
        "does not stay",
        "не остаётся за соединением",
        |database| {
            database.set_multiplexed(true);
        },
    ),
];

#[test]
fn where_locks_do_not_keep_commands_apart_nothing_is_ordered_and_the_look_goes_on() {
    at_every_vendor(|shop| {
        for command in [Command::Open, Command::Prolong] {
            if !command.is_served_by(shop.trade) {
                continue;
            }
            for (words, russian, begin) in UNSOUND {
                let tell = |what: String| format!("{words} {command:?}: {what}");
                let staged = shop.stage(command);
                let before = shop.vendor().vendor().sales().len();
                begin(shop.world.database());
                let outcome = shop.run(&staged);
                let operation = staged.operation.unwrap();
                let item = staged.item.to_string();
                let doctor = shop.tool(&["doctor", "--lang", "ru"]).output().unwrap();
                let looked = shop.tool(&["show", "--item", &item]).output().unwrap();
                shop.world.database().set_age(Age::default());
                shop.world.database().clear_faults();
                let doctor = String::from_utf8_lossy(&doctor.stdout).into_owned();
                holds(doctor.contains(russian), || tell(doctor.clone()))?;
                holds(looked.status.success(), || tell(format!("{looked:?}")))?;
                holds(!outcome.is_ok(), || tell("it went on".to_owned()))?;
                let told = refused(&outcome);
                // A lock that a proxy has left with another connection is in everybody's way.
                let is_busy = words == "does not stay" && told.kind == "pmssl_busy";
                holds(is_busy || told.kind == "pmssl_locks_do_not_hold", || {
                    tell(outcome.stdout.clone())
                })?;
                holds(is_busy || told.text.contains(words), || {
                    tell(told.text.clone())
                })?;
                let sold = shop.vendor().vendor().sales().len() - before;
                holds(sold == 0, || tell(format!("{sold} sales")))?;
                shop.world.retry(operation);
                shop.repeat(&staged);
                holds(shop.is_done(&staged), || {
                    tell("it does not go on".to_owned())
                })?;
            }
        }
        Ok(())
    });
}
