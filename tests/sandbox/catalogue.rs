//! What stands in the platform before anything is ordered: product types, countries, tariffs.

use rusqlite::params;
use rusqlite::types::Value;

use super::database::Database;
use super::world::Core;

/// Product types of the tariffs.
const CERTIFICATE: u64 = 3;
const ALTNAME: u64 = 30;

/// Internal name of the product type of addons for additional names.
pub(super) const NAMES: &str = "altname";

/// Countries with ids that are not their alphabetical order, as on a grown installation.
const COUNTRIES: [(u64, &str); 8] = [
    (182, "RU"),
    (233, "US"),
    (57, "DE"),
    (76, "GB"),
    (108, "KZ"),
    (34, "BY"),
    (73, "FR"),
    (156, "NL"),
];

/// Fills a new database.
pub fn fill(database: &Database) {
    database.engine().with(|connection| {
        for (id, name) in [(CERTIFICATE, "certificate"), (ALTNAME, NAMES)] {
            connection.execute(
                "INSERT INTO itemtype (id, intname) VALUES (?, ?)",
                params![id, name],
            )?;
        }
        // The person of the client who owns all services.
        connection.execute("INSERT INTO user (id, account) VALUES (77, 1)", [])?;
        for (id, code) in COUNTRIES {
            connection.execute(
                "INSERT INTO country (id, iso2, name_ru) VALUES (?, ?, ?)",
                params![id, code, code],
            )?;
        }
        Ok(())
    });
}

impl Core {
    /// The platform's id of a country; new countries get one.
    pub fn country(&self, code: &str) -> u64 {
        let found = self
            .panel()
            .find("SELECT id FROM country WHERE iso2 = ?", params![code]);
        if let Some(Value::Integer(id)) = found {
            return id.cast_unsigned();
        }
        let id = self.panel().next_id("country");
        self.panel().execute(
            "INSERT INTO country (id, iso2, name_ru) VALUES (?, ?, ?)",
            params![id, code, code],
        );
        id
    }

    /// The tariff of a product, made when it is not there.
    pub fn tariff(&self, account: u64, template: &str) -> u64 {
        let found = self.panel().find(
            "SELECT id FROM pricelist WHERE intname = ? AND itemtype = ?",
            params![template, CERTIFICATE],
        );
        let id = match found {
            Some(Value::Integer(id)) => id.cast_unsigned(),
            _ => {
                let id = self.panel().next_id("pricelist");
                self.panel().execute(
                    "INSERT INTO pricelist (id, intname, itemtype, project) VALUES (?, ?, ?, 1)",
                    params![id, template, CERTIFICATE],
                );
                id
            }
        };
        self.panel().execute(
            "INSERT OR IGNORE INTO processingmodule2pricelist (processingmodule, pricelist) VALUES (?, ?)",
            params![account, id],
        );
        id
    }

    /// The addon tariff of a product type, made when it is not there.
    pub(super) fn addon(&self, tariff: u64, kind: &str) -> u64 {
        let itemtype = self.itemtype(kind);
        let found = self.panel().find(
            "SELECT id FROM pricelist WHERE parent = ? AND itemtype = ?",
            params![tariff, itemtype],
        );
        if let Some(Value::Integer(id)) = found {
            return id.cast_unsigned();
        }
        let id = self.panel().next_id("pricelist");
        self.panel().execute(
            "INSERT INTO pricelist (id, intname, itemtype, parent, addontype, billtype, addonlimit) \
             VALUES (?, ?, ?, ?, 2, 2, 0)",
            params![id, kind, itemtype, tariff],
        );
        id
    }

    /// The product type of that internal name, made when it is not there.
    fn itemtype(&self, name: &str) -> u64 {
        let found = self
            .panel()
            .find("SELECT id FROM itemtype WHERE intname = ?", params![name]);
        if let Some(Value::Integer(id)) = found {
            return id.cast_unsigned();
        }
        let id = self.panel().next_id("itemtype");
        self.panel().execute(
            "INSERT INTO itemtype (id, intname) VALUES (?, ?)",
            params![id, name],
        );
        id
    }
}
