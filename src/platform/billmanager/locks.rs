//! Whether the database's advisory locks hold for everybody who orders (design, section 3).
//!
//! They belong to one server. On a cluster whose nodes are all written to, each node has locks of its own, and
//! so has a replica; a proxy that shares its connections gives a lock to whoever comes next. Where one server is named
//! for the locks (`super::lock_host`), the database may be a node beside others.

use std::time::Duration;

use super::BillManager;
use super::database::Database;
use super::row::Row;
use super::statements;
use crate::domain::ItemId;
use crate::domain::text::Words;
use crate::failure::{Failure, Reason};

/// The lock that an examination takes; a service's key is a number.
const EXAMINATION: &str = "examination";

/// So many statements have to find the lock where it was taken: a proxy has few connections, but more than one.
const PROOFS: usize = 3;

impl BillManager {
    /// Refuses a server whose locks do not hold for everybody who orders. To be asked by whoever holds the
    /// lock of a service, and of a login where one is named.
    ///
    /// # Errors
    /// `LocksDoNotHold`, `Database`.
    pub(super) async fn must_lock_for_all(
        &self,
        item: ItemId,
        login: Option<&str>,
    ) -> Result<(), Failure> {
        // Each has a connection of its own, which may have come to another server.
        let (locks, key) = match login {
            Some(login) => (self.login_locks()?, login_lock(login)),
            None => (self.item_locks()?, item.to_string()),
        };
        self.must_be_seen_by_all(locks).await?;
        locks.holds_lock(&key).await.map(drop)
    }

    /// The same for whoever only examines the installation: takes a lock of its own for a moment.
    ///
    /// # Errors
    /// As [`must_lock_for_all`](Self::must_lock_for_all).
    pub async fn examine_locks(&self) -> Result<(), Failure> {
        let locks = self.login_locks()?;
        // Taken by another examination: what the server says of itself is told all the same.
        let is_taken = locks.take_lock(EXAMINATION, Duration::ZERO).await;
        let is_taken = is_taken.map_err(|failure| self.of_locks(failure))?;
        let mut outcome = self.must_be_seen_by_all(locks).await;
        if outcome.is_ok() && self.lock_host().is_none() {
            outcome = self.must_be_everybodys(None).await;
        }
        for _ in 0..PROOFS {
            if outcome.is_ok() && is_taken {
                outcome = locks.holds_lock(EXAMINATION).await.map(drop);
            }
        }
        let given_back = locks.give_lock_back().await;
        outcome.and(given_back)
    }

    /// Locks at a server of their own are seen by every node that names it; otherwise the database must be the
    /// only one.
    async fn must_be_seen_by_all(&self, locks: &Database) -> Result<(), Failure> {
        let Some(_) = self.lock_host() else {
            return refused(examine(locks, false).await?);
        };
        // What another node has written must be seen here, too.
        refused(examine(self.database()?, true).await?)?;
        let place = self.place_at(locks).await?;
        self.must_be_everybodys(Some(&place)).await
    }
}

/// The key of a login's lock; items' keys are bare numbers.
pub(super) fn login_lock(login: &str) -> String {
    format!("login-{login}")
}

fn refused(trouble: Option<Words>) -> Result<(), Failure> {
    match trouble {
        None => Ok(()),
        Some(why) => Err(Failure::new(Reason::LocksDoNotHold).detail(why)),
    }
}

/// Why a database server is no place for locks, or no place to read from where they are taken `elsewhere`.
///
/// # Errors
/// `Database`.
pub(super) async fn examine(
    database: &Database,
    elsewhere: bool,
) -> Result<Option<Words>, Failure> {
    let variables = database.variables(statements::LOCK_VARIABLES).await?;
    Ok(trouble(&variables, elsewhere))
}

/// A variable of an answer to `SHOW VARIABLES`.
pub(super) fn value<'a>(variables: &'a [Row], name: &str) -> Option<&'a str> {
    let row = variables.iter().find(|row| {
        let known = row.text(0).unwrap_or_default();
        known.eq_ignore_ascii_case(name)
    });
    row.and_then(|row| row.text(1)).map(str::trim)
}

/// Why others may not see the locks of a server with these variables; `None` when they do. Where locks are taken
/// elsewhere a node beside others is as good as any, while a replica may not show what was written long ago.
fn trouble(variables: &[Row], elsewhere: bool) -> Option<Words> {
    let value = |name: &str| value(variables, name);
    // Newer servers know more kinds of "on" than one.
    let is_on = |name: &str| {
        value(name).is_some_and(|value| {
            !["OFF", "0"]
                .iter()
                .any(|off| value.eq_ignore_ascii_case(off))
        })
    };
    // Some servers are built for a cluster, have it switched on and belong to none.
    let provider = value("wsrep_provider").filter(|path| !path.eq_ignore_ascii_case("none"));
    if !elsewhere && is_on("wsrep_on") && provider.is_some() {
        return Some(words!(
            "it is a node of a Galera cluster (wsrep_on), and a lock taken on one node is not seen by the others",
            "это узел кластера Galera (wsrep_on), и блокировку, взятую на одном узле, остальные не видят"
        ));
    }
    let is_one_of_many = value("group_replication_single_primary_mode").is_some()
        && !is_on("group_replication_single_primary_mode");
    if !elsewhere && is_one_of_many && value("group_replication_group_name").is_some() {
        return Some(words!(
            "it belongs to a group with several primaries (group_replication_single_primary_mode is OFF), and a lock taken on one of them is not seen by the others",
            "он входит в группу с несколькими основными серверами (group_replication_single_primary_mode выключен), и блокировку, взятую на одном из них, остальные не видят"
        ));
    }
    let read_only = ["read_only", "super_read_only", "innodb_read_only"];
    let name = read_only.into_iter().find(|name| is_on(name))?;
    if elsewhere {
        return Some(words!(
            "it is read-only ({name}), a replica that may be late, and what other commands have written must be seen at once",
            "он доступен только для чтения ({name}): это реплика, которая может отставать, а записанное другими командами должно быть видно сразу"
        ));
    }
    Some(words!(
        "it is read-only ({name}), so BILLmanager writes to another server, and commands that lock there do not see the locks here",
        "он доступен только для чтения ({name}): BILLmanager пишет в другой сервер, и команды, берущие блокировки там, не видят здешних"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(variables: &[(&str, &str)]) -> Option<Words> {
        let rows: Vec<Row> = variables
            .iter()
            .map(|(name, value)| Row::of(&[Some(*name), Some(*value)]))
            .collect();
        let nodes = ["Galera", "several primaries"];
        let words = trouble(&rows, false);
        // Where locks are taken elsewhere only what is late is no good.
        let elsewhere = trouble(&rows, true);
        let is_node = words
            .as_ref()
            .is_some_and(|words| nodes.iter().any(|node| words.en().contains(node)));
        assert_eq!(
            elsewhere.is_some(),
            words.is_some() && !is_node,
            "{variables:?}"
        );
        words
    }

    #[test]
    fn an_ordinary_server_of_any_kind_is_good() {
        const GOOD: [&[(&str, &str)]; 7] = [
            &[],
            &[("read_only", "OFF")],
            &[("read_only", "0"), ("innodb_read_only", "OFF")],
            // Built for Galera, belongs to no cluster.
            &[("wsrep_on", "ON"), ("wsrep_provider", "none")],
            &[
                ("wsrep_on", "OFF"),
                ("wsrep_provider", "/usr/lib/galera/libgalera_smm.so"),
            ],
            // The plugin is loaded, no group is named; one primary.
            &[
                ("group_replication_group_name", ""),
                ("group_replication_single_primary_mode", "OFF"),
            ],
            &[
                (
                    "group_replication_group_name",
                    "8a94f357-aab4-11df-86ab-c80aa9429562",
                ),
                ("group_replication_single_primary_mode", "ON"),
            ],
        ];
        for variables in GOOD {
            assert_eq!(told(variables), None, "{variables:?}");
        }
    }

    #[test]
    fn servers_beside_others_and_replicas_are_told() {
        let galera = [
            ("wsrep_on", "ON"),
            ("WSREP_PROVIDER", "/usr/lib/libgalera_smm.so"),
        ];
        assert!(told(&galera).unwrap().en().contains("Galera"));
        let group = [
            ("group_replication_group_name", "8a94f357"),
            ("group_replication_single_primary_mode", "OFF"),
        ];
        assert!(told(&group).unwrap().en().contains("several primaries"));
        for (name, value) in [
            ("read_only", "ON"),
            ("read_only", "1"),
            ("read_only", "NO_LOCK_NO_ADMIN"),
            ("super_read_only", "ON"),
            ("innodb_read_only", "ON"),
        ] {
            let words = told(&[(name, value)]).unwrap();
            assert!(words.en().contains(&format!("({name})")), "{words:?}");
        }
    }
}
