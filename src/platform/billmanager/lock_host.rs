//! One server for the locks of all nodes (`SSLLockHost`), where each node reads a database server of its own whose
//! locks the others do not see (design, section 3).
//!
//! Nodes that name different servers must not order beside each other. The mark that every ordering command writes
//! (`crate::order::fresh`) tells the server at which its locks were taken, and each command compares.

use std::time::Duration;

use data_encoding::HEXLOWER;
use sha2::Digest;

use super::BillManager;
use super::database::{Database, Purpose};
use super::locks::{self, value};
use super::settings::{DEFAULT_PORT, DatabaseSettings, Place, split_host};
use super::{cached, statements};
use crate::domain::text::Words;
use crate::domain::{ItemId, options};
use crate::failure::{Failure, Reason};
use crate::order::fresh;
use crate::platform::{Patience, Platform};

/// Names of whatever machine asks: another server on each node.
const THIS_MACHINE: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

/// What a server's identity is made of, as far as it knows it.
const IDENTITY: [&str; 8] = [
    "hostname",
    "port",
    "server_id",
    "server_uuid",
    "server_uid",
    "bind_address",
    "wsrep_node_address",
    "wsrep_node_name",
];

/// Longest part of a host's name in a mark.
const LONGEST_HOST: usize = 64;

impl BillManager {
    /// The server that is named for the locks.
    pub(super) fn lock_host(&self) -> Option<&str> {
        self.files().get(options::LOCK_HOST.name)
    }

    /// Where services are locked: at the database, or at the server that is named for it.
    pub(super) fn item_locks(&self) -> Result<&Database, Failure> {
        match self.lock_host() {
            None => self.database(),
            Some(host) => cached(&self.item_locks, || self.at(host)),
        }
    }

    /// Where logins are locked, over a connection of its own.
    pub(super) fn login_locks(&self) -> Result<&Database, Failure> {
        cached(&self.login_locks, || match self.lock_host() {
            None => Ok(Database::new(
                self.database_settings()?,
                Purpose::Everything,
            )),
            Some(host) => self.at(host),
        })
    }

    fn at(&self, host: &str) -> Result<Database, Failure> {
        let place = lock_place(host)
            .map_err(|why| Failure::new(Reason::LockHost).value(host).detail(why))?;
        let settings = DatabaseSettings {
            place,
            ..self.database_settings()?
        };
        Ok(Database::new(settings, Purpose::Locks))
    }

    /// Takes a service's lock.
    pub(super) async fn lock_item(&self, item: ItemId, wait: Duration) -> Result<(), Failure> {
        let taken = self.item_locks()?.take_lock(&item.to_string(), wait).await;
        if taken.map_err(|failure| self.of_locks(failure))? {
            return Ok(());
        }
        Err(Failure::new(Reason::Busy).value(item.to_string()))
    }

    /// A failure of the server for locks is told as such.
    pub(super) fn of_locks(&self, failure: Failure) -> Failure {
        match self.lock_host() {
            Some(host) if failure.reason() == Reason::Database => Failure::new(Reason::LockHost)
                .value(host)
                .detail(failure.particulars()),
            _ => failure,
        }
    }

    /// The server that locks are taken at, once it is known to be the one that the other nodes use; none where it
    /// is the database's own.
    ///
    /// # Errors
    /// `LocksDoNotHold`, `LockHost`, `Database`.
    pub(super) async fn known_place_of_locks(
        &self,
        former: Option<&str>,
    ) -> Result<Option<String>, Failure> {
        let place = match self.lock_host() {
            Some(_) => Some(self.place_at(self.item_locks()?).await?),
            // Whoever knows no other place need not ask everybody.
            None if former.and_then(fresh::place_in).is_none() => return Ok(None),
            None => None,
        };
        self.must_be_everybodys(place.as_deref()).await?;
        Ok(place)
    }

    /// What tells this server from others, over the connection that takes the locks.
    pub(super) async fn place_at(&self, locks: &Database) -> Result<String, Failure> {
        let rows = locks.variables(statements::IDENTITY_VARIABLES).await;
        let rows = rows.map_err(|failure| self.of_locks(failure))?;
        let told = |name| value(&rows, name).unwrap_or_default();
        let all = IDENTITY.map(told);
        let digest = sha2::Sha256::digest(all.join("\n").as_bytes());
        let digest = HEXLOWER.encode(&digest[..6]);
        let host: String = told("hostname").chars().take(LONGEST_HOST).collect();
        Ok(format!("{host}:{}/{digest}", told("port")))
    }

    /// Compares this node's server for locks with the one of the newest mark.
    pub(super) async fn must_be_everybodys(&self, place: Option<&str>) -> Result<(), Failure> {
        let row = self.database()?.row(statements::NEWEST_MARKS, &[]).await?;
        let mark = |index| row.as_ref().and_then(|row| row.text(index));
        let (newest, named) = (mark(0), mark(1));
        let Some(theirs) = named.and_then(fresh::place_in) else {
            return Ok(());
        };
        let is_latest = newest == named;
        let words = match place {
            None if is_latest => words!(
                "another node takes its locks at {theirs} (SSLLockHost), and this one names no server for them; if SSLLockHost was removed everywhere on purpose, run 'pmssl install --lock-host-moved' once",
                "другой узел берёт блокировки на {theirs} (SSLLockHost), а на этом сервер для них не указан; если SSLLockHost намеренно убран на всех узлах, выполните один раз 'pmssl install --lock-host-moved'"
            ),
            Some(place) if place != theirs => words!(
                "this node takes its locks at {place}, and another one took them at {theirs}: SSLLockHost must name the same server on every node; if it was moved everywhere on purpose, run 'pmssl install --lock-host-moved' once",
                "этот узел берёт блокировки на {place}, а другой брал их на {theirs}: SSLLockHost должен указывать на всех узлах один и тот же сервер; если он намеренно изменён на всех узлах, выполните один раз 'pmssl install --lock-host-moved'"
            ),
            // A node of a cluster that names no server orders nothing, whatever it looks up.
            Some(place)
                if !is_latest && locks::examine(self.database()?, false).await?.is_none() =>
            {
                words!(
                    "this node takes its locks at {place}, and another one has no SSLLockHost: name the same server on every node, then run 'pmssl install --lock-host-moved' once",
                    "этот узел берёт блокировки на {place}, а на другом SSLLockHost не задан: укажите на всех узлах один и тот же сервер и выполните один раз 'pmssl install --lock-host-moved'"
                )
            }
            _ => return Ok(()),
        };
        Err(Failure::new(Reason::LocksDoNotHold).detail(words))
    }

    /// A person says that all nodes take their locks at another server from now on: the newest mark names it.
    /// `false` where no command has ordered yet, and nothing has to be said.
    ///
    /// # Errors
    /// `LockHost`, `Database`, the platform's.
    pub async fn accept_lock_host(&self) -> Result<bool, Failure> {
        let place = match self.lock_host() {
            Some(_) => Some(self.place_at(self.item_locks()?).await?),
            None => None,
        };
        let database = self.database()?;
        let row = database.row(statements::NEWEST_MARKS, &[]).await?;
        let Some(newest) = row.as_ref().and_then(|row| row.text(0)) else {
            return Ok(false);
        };
        let values = [super::database::Value::Text(newest)];
        let row = database.row(statements::SERVICE_OF_MARK, &values).await?;
        let Some(item) = row.and_then(|row| row.id(0)).map(ItemId) else {
            return Ok(false);
        };
        crate::order::lock(self, item).await?;
        let mark = fresh::mark(place.as_deref(), Some(newest));
        let saved = self
            .save_parameter(item, fresh::PARAMETER, &mark, Patience::Once)
            .await;
        // The lock dies with the process at the latest.
        let _ = self.unlock(item).await;
        saved.map(|()| true)
    }
}

/// The place that `SSLLockHost` names.
///
/// # Errors
/// What is wrong with it.
pub fn lock_place(text: &str) -> Result<Place, Words> {
    let (host, port) = split_host(text)
        .filter(|(host, _)| !host.contains(char::is_whitespace) && !host.contains('/'))
        .ok_or_else(|| {
            words!(
                "the option takes host or host:port",
                "параметр принимает узел или узел:порт"
            )
        })?;
    if THIS_MACHINE.contains(&host) {
        return Err(words!(
            "this name means another server on each node: give an address that is the same on all of them",
            "на каждом узле это имя означает свой сервер: укажите адрес, одинаковый для всех узлов"
        ));
    }
    Ok(Place::Host(host.to_owned(), port.unwrap_or(DEFAULT_PORT)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_for_locks_is_the_same_from_every_node() {
        let host = |host: &str, port| Place::Host(host.to_owned(), port);
        for (text, place) in [
            ("db1.example.com", host("db1.example.com", 3306)),
            ("192.0.2.7:3307", host("192.0.2.7", 3307)),
            ("[2001:db8::1]:3307", host("2001:db8::1", 3307)),
        ] {
            assert_eq!(lock_place(text), Ok(place), "{text}");
        }
        for text in [
            "localhost",
            "127.0.0.1:3307",
            "::1",
            "db1:",
            ":3306",
            "a b",
            "/run/s",
        ] {
            assert!(lock_place(text).is_err(), "{text}");
        }
    }
}
