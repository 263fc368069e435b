//! The canary: did a secret of this world come out anywhere it may not?

use std::path::{Path, PathBuf};

use rusqlite::params;

use super::lock;
use super::world::Core;

/// Shorter values would be found by chance.
const SHORTEST: usize = 6;

impl Core {
    /// Secrets of accounts, the database's password, clients' private keys.
    pub fn secrets(&self) -> Vec<(String, String)> {
        let mut secrets = vec![(
            "the database password".to_owned(),
            self.database().password().to_owned(),
        )];
        for account in self.accounts() {
            for (name, value) in self.secrets_of(account) {
                secrets.push((format!("{name} of account {account}"), value));
            }
        }
        let keys: Vec<(u64, String)> = self.database().engine().with(|connection| {
            connection
                .prepare("SELECT item, pkey FROM certificate")?
                .query_map(params![], |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect()
        });
        for (item, key) in keys {
            // A line from the middle: the frame of a PEM text is no secret.
            if let Some(line) = key.lines().nth(1) {
                secrets.push((format!("the private key of item {item}"), line.to_owned()));
            }
        }
        secrets.retain(|(_, value)| value.len() >= SHORTEST);
        secrets
    }

    /// Places where a secret can be read: files below `var`, what modules printed, arguments of mgrctl, stored
    /// error documents, problems and tasks. Empty in a sound world.
    pub fn leaks(&self) -> Vec<String> {
        let mut places: Vec<(String, String)> = Vec::new();
        for file in files(&self.root().join("var")) {
            let bytes = std::fs::read(&file).unwrap_or_default();
            let text = String::from_utf8_lossy(&bytes).into_owned();
            places.push((file.display().to_string(), text));
        }
        for (number, call) in self.mgrctl_calls().into_iter().enumerate() {
            let place = format!("arguments of mgrctl call {number} ({})", call.function);
            places.push((place, call.arguments.join("\n")));
            // What a module told the panel is kept by it, whatever became of the operation since.
            for (name, value) in call.parameters {
                places.push((format!("{name} of mgrctl call {number}"), value));
            }
        }
        for (number, text) in lock(self.printed()).iter().enumerate() {
            places.push((format!("output of run {number}"), text.clone()));
        }
        let mut leaks = Vec::new();
        for (what, secret) in self.secrets() {
            let found = places.iter().filter(|(_, text)| text.contains(&secret));
            leaks.extend(found.map(|(place, _)| format!("{what} in {place}")));
        }
        leaks
    }
}

/// All files below a directory but those of the world itself.
fn files(directory: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    entries
        .map(|entry| entry.path())
        .filter(|path| path.file_name().is_none_or(|name| name != ".sandbox"))
        .flat_map(|path| {
            if path.is_dir() {
                files(&path)
            } else {
                vec![path]
            }
        })
        .collect()
}
