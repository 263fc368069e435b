//! What a server says about itself: `SHOW VARIABLES`, of one kind or another.

use std::net::SocketAddr;
use std::ops::Range;

use rusqlite::types::Value;

use super::Age;
use super::engine::{Answer, Column};
use super::packet::Kind;

/// Numbers of the connections that a proxy keeps to the server.
pub const POOL: Range<u32> = 4_000_000..4_000_003;

/// Several servers that are all written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cluster {
    /// A node of a Galera cluster.
    Galera,
    /// A member of a replication group in which all members are primary.
    Group,
}

/// How the server is set up.
#[derive(Debug, Clone, Copy, Default)]
pub struct ServerSetup {
    pub read_only: bool,
    pub cluster: Option<Cluster>,
    pub multiplexed: bool,
}

/// Whether a statement asks for variables, or for the state of its connection.
pub fn asks(sql: &str) -> bool {
    sql.starts_with("SHOW VARIABLES") || sql.starts_with("SHOW STATUS")
}

impl ServerSetup {
    /// Those variables that the statement names and that a server of this age has.
    pub fn answer(self, sql: &str, age: Age, address: SocketAddr) -> Answer {
        let port = address.port().to_string();
        let on = |is: bool| if is { "ON" } else { "OFF" };
        let mut all = vec![
            ("read_only", on(self.read_only)),
            // Copies of one machine: only what belongs to the address tells them apart.
            ("hostname", "db"),
            ("server_id", "1"),
            ("port", &port),
            // This server speaks no TLS.
            ("Ssl_cipher", ""),
        ];
        if matches!(age, Age::MySql57 | Age::MySql80) {
            all.push(("super_read_only", on(self.read_only)));
            let is_group = self.cluster == Some(Cluster::Group);
            let name = if is_group {
                "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"
            } else {
                ""
            };
            all.push(("group_replication_group_name", name));
            all.push(("group_replication_single_primary_mode", on(!is_group)));
        }
        if matches!(age, Age::MariaDb1011 | Age::MariaDb114) {
            let is_node = self.cluster == Some(Cluster::Galera);
            let provider = if is_node {
                "/usr/lib/galera/libgalera_smm.so"
            } else {
                "none"
            };
            all.push(("wsrep_on", on(is_node)));
            all.push(("wsrep_provider", provider));
        }
        let text = |text: &str| Value::Text(text.to_owned());
        let named = all
            .into_iter()
            .filter(|(name, _)| sql.contains(&format!("'{name}'")));
        Answer {
            columns: ["Variable_name", "Value"].map(column).into(),
            rows: named
                .map(|(name, value)| vec![text(name), text(value)])
                .collect(),
            affected: 0,
        }
    }
}

fn column(name: &str) -> Column {
    Column {
        name: name.to_owned(),
        kind: Kind::VarString,
        unsigned: false,
    }
}
