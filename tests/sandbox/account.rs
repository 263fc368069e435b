//! Accounts: processing modules with their settings.

use std::collections::BTreeMap;

use rusqlite::params;

use super::world::Core;

impl Core {
    /// Adds an account of a module. The settings of its simulated vendor come first, `settings` replace them; a
    /// setting that the vendor does not name is stored as plain text.
    pub fn add_account(&self, module: &str, settings: &[(&str, &str)]) -> u64 {
        let server = self.find_vendor(module);
        let mut all: BTreeMap<String, (String, bool)> = server
            .map(|server| server.vendor().settings(&server.url()))
            .unwrap_or_default()
            .into_iter()
            .map(|(name, value, secret)| (name.to_owned(), (value, secret)))
            .collect();
        for (name, value) in settings {
            let entry = all.entry((*name).to_owned()).or_default();
            entry.0 = (*value).to_owned();
        }
        let id = self.panel().next_id("processingmodule");
        self.panel().execute(
            "INSERT INTO processingmodule (id, name, module, active, orderpriority, department) \
             VALUES (?, ?, ?, 'on', 1, 1)",
            params![id, format!("{module} account"), module],
        );
        for (name, (value, secret)) in &all {
            self.set_setting(id, name, value, *secret);
        }
        id
    }

    /// Adds an account with exactly these settings; the flag tells a secret.
    pub fn add_bare_account(&self, module: &str, settings: &[(&str, &str, bool)]) -> u64 {
        let id = self.panel().next_id("processingmodule");
        self.panel().execute(
            "INSERT INTO processingmodule (id, name, module, active, orderpriority, department) \
             VALUES (?, ?, ?, 'on', 1, 1)",
            params![id, format!("{module} account"), module],
        );
        for (name, value, secret) in settings {
            self.set_setting(id, name, value, *secret);
        }
        id
    }

    /// Sets one setting of an account.
    pub fn set_setting(&self, account: u64, name: &str, value: &str, secret: bool) {
        let (table, value) = if secret {
            let value = self.panel().encrypt(value).expect("a secret of one block");
            ("processingcryptedparam", value)
        } else {
            ("processingparam", value.to_owned())
        };
        self.panel().execute(
            &format!("DELETE FROM {table} WHERE processingmodule = ? AND intname = ?"),
            params![account, name],
        );
        if secret {
            self.panel().execute(
                "INSERT INTO processingcryptedparam (processingmodule, intname, value) VALUES (?, ?, ?)",
                params![account, name, value],
            );
        } else {
            self.panel().execute(
                "INSERT INTO processingparam (id, processingmodule, intname, value) VALUES (?, ?, ?, ?)",
                params![self.panel().next_id("processingparam"), account, name, value],
            );
        }
    }

    /// Lets orders go to an account, or keeps them away.
    pub fn set_active(&self, account: u64, active: bool) {
        self.panel().execute(
            "UPDATE processingmodule SET active = ? WHERE id = ?",
            params![if active { "on" } else { "off" }, account],
        );
    }

    /// All settings of an account, secrets in clear.
    pub fn settings_of(&self, account: u64) -> Vec<(String, String)> {
        let mut all = self.values_of("processingparam", account);
        all.extend(self.secrets_of(account));
        all
    }

    /// The crypted settings of an account, in clear.
    pub fn secrets_of(&self, account: u64) -> Vec<(String, String)> {
        let secrets = self.values_of("processingcryptedparam", account);
        let secrets = secrets.into_iter();
        secrets
            // What a test has damaged is no secret any more.
            .filter_map(|(name, value)| Some((name, self.panel().find_clear(&value)?)))
            .collect()
    }

    fn values_of(&self, table: &str, account: u64) -> Vec<(String, String)> {
        let sql =
            format!("SELECT intname, value FROM {table} WHERE processingmodule = ? ORDER BY 1");
        self.database().engine().with(|connection| {
            connection
                .prepare(&sql)?
                .query_map(params![account], |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect()
        })
    }
}
