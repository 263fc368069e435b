//! The canary: did a secret of this world come out anywhere it may not?

use std::collections::{BTreeSet, HashMap};
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
    /// error documents, problems and tasks, addresses of requests to vendors. Empty in a sound world.
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
        // An address stands in the logs of every proxy; vendors take it, the program may not use it so.
        for (name, server) in self.vendors() {
            for request in server.requests() {
                let place = format!("the address of request {} to {name}", request.sequence);
                let query = crate::vendor::csr::form_decoded(&request.request.query);
                places.push((place, query));
            }
        }
        let secrets = self.secrets();
        let search = Search::new(&secrets);
        let found = places.iter().flat_map(|(place, text)| {
            let found = search.found_in(text.as_bytes()).into_iter();
            found.map(move |what| format!("{what} in {place}"))
        });
        found.collect()
    }
}

/// All secrets in one pass: a world that is searched after everything that happened in it has hundreds of keys
/// and megabytes of log.
struct Search<'a> {
    /// What begins with these bytes.
    by_head: HashMap<[u8; SHORTEST], Vec<&'a (String, String)>>,
    /// Whether any head has this hash.
    hashes: Vec<bool>,
}

impl<'a> Search<'a> {
    fn new(secrets: &'a [(String, String)]) -> Self {
        let mut by_head = HashMap::<_, Vec<_>>::new();
        let mut hashes = vec![false; 1 << 16];
        for one in secrets {
            if let Some(head) = one.1.as_bytes().first_chunk::<SHORTEST>() {
                by_head.entry(*head).or_default().push(one);
                hashes[hash(head)] = true;
            }
        }
        Self { by_head, hashes }
    }

    /// Names of the secrets that a text holds.
    fn found_in(&self, text: &[u8]) -> BTreeSet<&'a str> {
        let mut found = BTreeSet::new();
        for (at, window) in text.windows(SHORTEST).enumerate() {
            let Some(head) = window.first_chunk::<SHORTEST>() else {
                continue;
            };
            if !self.hashes[hash(head)] {
                continue;
            }
            let candidates = self.by_head.get(head).into_iter().flatten();
            let real = candidates.filter(|(_, secret)| text[at..].starts_with(secret.as_bytes()));
            found.extend(real.map(|(what, _)| what.as_str()));
        }
        found
    }
}

/// 16 bits of six bytes.
fn hash(head: &[u8; SHORTEST]) -> usize {
    let [a, b, c, d, e, f] = *head;
    let number = u64::from_le_bytes([a, b, c, d, e, f, 0, 0]);
    (number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 48) as usize
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
