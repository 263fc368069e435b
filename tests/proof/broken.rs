//! The product with one line changed for the worse: what the suites must find. The release product knows nothing
//! of this: the sources are copied, each mistake is put in by replacing a text, and the copy is built beside the
//! product. A text that is not found any more fails the build of the proof, not silently the proof.
//!
//! One build holds all mistakes; `PMSSL_BROKEN` chooses one at run time, and without it the copy is the product.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use crate::sandbox::World;
use crate::sandbox::binaries;
use crate::sandbox::world::Setup;

/// A mistake that a programmer could make.
pub struct Mistake {
    /// Value of `PMSSL_BROKEN`.
    pub name: &'static str,
    pub file: &'static str,
    /// A text that the file has once.
    pub right: &'static str,
    /// What replaces it; `BROKEN` stands for "this mistake was chosen".
    pub wrong: &'static str,
}

/// Intent and vendor's number are stored together, once the paid call has answered: the way of the older modules
/// (billmanager.md 3.3). Whoever dies in between has ordered without a trace.
pub const LATE: Mistake = Mistake {
    name: "late",
    file: "src/order/place.rs",
    right: "        self.save_intent(sent.clone(), Patience::Once).await?;\n        self.must_be_alone().await?;\n",
    wrong: "        if !BROKEN {\n            self.save_intent(sent.clone(), Patience::Once).await?;\n            self.must_be_alone().await?;\n        }\n",
};

/// A paid call is repeated like a look-up when the line breaks.
pub const RETRIES: Mistake = Mistake {
    name: "retries",
    file: "src/ca/http.rs",
    right: "    if class == SendClass::Once || attempt >= READ_ATTEMPTS {\n",
    wrong: "    if class == SendClass::Once && !BROKEN || attempt >= READ_ATTEMPTS {\n",
};

/// An order that the look-up does not show at once counts as not placed.
pub const HASTY: Mistake = Mistake {
    name: "hasty",
    file: "src/order/settle.rs",
    right: "            Located::TooEarly(until) => self.wait_for_look_ups(intent, until).await,\n",
    wrong: "            Located::TooEarly(_) if BROKEN => {\n                self.save_intent(intent.with_state(State::Rejected), Patience::Once).await?;\n                Ok(Attempt::NothingBought { attempt: intent.attempt })\n            }\n            Located::TooEarly(until) => self.wait_for_look_ups(intent, until).await,\n",
};

/// What a person has been given is ordered all the same, once somebody restarts the operation.
pub const DEAF: Mistake = Mistake {
    name: "deaf",
    file: "src/order/person.rs",
    right: "        let (Some(given), Some(intent)) = (self.given_to_person(), &self.intent) else {\n",
    wrong: "        let given = self.given_to_person().filter(|_| !BROKEN);\n        let (Some(given), Some(intent)) = (given, &self.intent) else {\n",
};

/// What a late replica shows counts as what the platform has.
pub const STALE: Mistake = Mistake {
    name: "stale",
    file: "src/order/fresh.rs",
    right: "    service.parameter(PARAMETER) == Some(mark)\n",
    wrong: "    BROKEN || service.parameter(PARAMETER) == Some(mark)\n",
};

/// Whether another service has the order already is not asked.
pub const UNASKED: Mistake = Mistake {
    name: "unasked",
    file: "src/order/own.rs",
    right: "        match rival(self.platform, self.module, self.item, &placed.order).await? {\n",
    wrong: "        let other = rival(self.platform, self.module, self.item, &placed.order).await?;\n        match other.filter(|_| !BROKEN) {\n",
};

/// Whether another service has the order is asked before the own number is stored, so that two that ask in the same
/// moment both take it.
pub const UNCLAIMED: Mistake = Mistake {
    name: "unclaimed",
    file: "src/order/own.rs",
    right: "        let claim = Intent {\n",
    wrong: "        if BROKEN {\n            return match self.other_owner(&placed.order).await? {\n                None => Ok(Owned(placed)),\n                Some(_) => Err(Failure::new(Reason::OutcomeForPerson)),\n            };\n        }\n        let claim = Intent {\n",
};

/// The last look before the money is left out: that the lock is held is enough.
pub const UNSEEING: Mistake = Mistake {
    name: "unseeing",
    file: "src/order/fresh.rs",
    right: "    pub(super) async fn must_be_alone(&self) -> Result<(), Failure> {\n",
    wrong: "    pub(super) async fn must_be_alone(&self) -> Result<(), Failure> {\n        if BROKEN {\n            return Ok(());\n        }\n",
};

/// Neither this machine's ledger nor the vendor is asked before a first purchase whether it was made already.
pub const UNLOOKING: Mistake = Mistake {
    name: "unlooking",
    file: "src/order/before.rs",
    right: "        if intent.operation == Operation::Reissue {\n            return Ok(Before::Nothing);\n",
    wrong: "        if BROKEN || intent.operation == Operation::Reissue {\n            return Ok(Before::Nothing);\n",
};

/// What only looks like the lost order is taken for it.
pub const GULLIBLE: Mistake = Mistake {
    name: "gullible",
    file: "src/order/settle.rs",
    right: "                let open = self.open_candidates(candidates).await?;\n                let seen",
    wrong: "                let open = self.open_candidates(candidates).await?;\n                if let Some(first) = open.first().filter(|_| BROKEN) {\n                    let placed = Placed {\n                        order: first.order.clone(),\n                        references: Vec::new(),\n                        validation: Vec::new(),\n                        remark: None,\n                    };\n                    return self.take_found(intent, placed, Proof::Csr).await;\n                }\n                let seen",
};

const MISTAKES: [&Mistake; 10] = [
    &LATE, &RETRIES, &HASTY, &DEAF, &STALE, &UNASKED, &UNCLAIMED, &UNSEEING, &UNLOOKING, &GULLIBLE,
];

/// Mistakes of the order core, with the scenarios that are searched (all that every run searches, unless named) and the
/// rule that must be seen broken. RETRIES lies in the way to the vendors, which is not in the search's world: there a
/// request that was sent cannot be sent again.
pub const FOUND_BY_SEARCH: [(&Mistake, &str, &str); 9] = [
    (&LATE, "", "money: "),
    (&HASTY, "", "money: "),
    (&DEAF, "", "person: "),
    (&STALE, "", "person: "),
    (&UNASKED, "", "shared: "),
    (
        &UNCLAIMED,
        "two services of one CSR at one login",
        "shared: ",
    ),
    (&UNSEEING, "two machines that lock", "money: "),
    (&UNLOOKING, "the database is set back", "money: "),
    (&GULLIBLE, "a person orders by hand", "proof: "),
];

/// Searches all interleavings of the scenarios whose name holds these words, with a mistake in the core: whether all
/// rules held, and what was said.
pub fn search_with(mistake: &Mistake, scenarios: &str) -> (bool, String) {
    program();
    let manifest = copy().join("Cargo.toml");
    let pattern = "order::tests::search::no_interleaving";
    let environment = [("PMSSL_BROKEN", mistake.name), ("PMSSL_SEARCH", scenarios)];
    binaries::unit_tests_of(&manifest, pattern, &environment)
}

/// Where the copy is.
fn copy() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("broken")
}

/// A world whose product makes a mistake.
pub fn broken_world(mistake: &Mistake, directory: &Path) -> World {
    let setup = Setup {
        pmssl: program(),
        ..Setup::default()
    };
    let world = World::start_with(directory, &setup);
    world.set_environment("PMSSL_BROKEN", mistake.name);
    world
}

/// The broken program, built once.
fn program() -> PathBuf {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(build).clone()
}

fn build() -> PathBuf {
    let home = Path::new(env!("CARGO_MANIFEST_DIR"));
    let place = copy();
    let mut broken = 0;
    for file in files(home) {
        let mut text = std::fs::read(home.join(&file)).unwrap();
        for mistake in MISTAKES {
            if Path::new(mistake.file) == file {
                text = put_in(mistake, String::from_utf8(text).unwrap()).into_bytes();
                broken += 1;
            }
        }
        if file == Path::new("Cargo.toml") || file == Path::new("Cargo.lock") {
            text = renamed(&String::from_utf8(text).unwrap(), home).into_bytes();
        }
        write_if_changed(&place.join(file), &text);
    }
    assert_eq!(broken, MISTAKES.len());
    let name = "pmssl-broken";
    let built = binaries::build_example_of(&place.join("Cargo.toml"), name);
    assert!(built.exists(), "no program at {}", built.display());
    built
}

/// All that the product is made of.
fn files(home: &Path) -> Vec<PathBuf> {
    let mut found = vec![PathBuf::from("Cargo.toml"), PathBuf::from("Cargo.lock")];
    let mut directories = vec![PathBuf::from("src"), PathBuf::from("etc")];
    while let Some(directory) = directories.pop() {
        for entry in std::fs::read_dir(home.join(&directory)).unwrap() {
            let entry = entry.unwrap();
            let path = directory.join(entry.file_name());
            match entry.file_type().unwrap().is_dir() {
                true => directories.push(path),
                false => found.push(path),
            }
        }
    }
    found
}

fn put_in(mistake: &Mistake, text: String) -> String {
    let Mistake { name, file, .. } = mistake;
    let found = text.matches(mistake.right).count();
    assert_eq!(found, 1, "the place for '{name}' in {file}");
    let chosen = format!("std::env::var_os(\"PMSSL_BROKEN\").is_some_and(|one| one == \"{name}\")");
    text.replace(mistake.right, &mistake.wrong.replace("BROKEN", &chosen))
}

/// The copy is a package of its own, so that it never takes the product's place. Tests and examples stay away.
fn renamed(text: &str, home: &Path) -> String {
    let text = text
        .replacen("name = \"pmssl\"\n", "name = \"pmssl-broken\"\n", 1)
        .replace("default-run = \"pmssl\"\n", "")
        // A workspace of its own, with the simulated world where it is.
        .replace("members = [\"tests/sandbox\"]\n", "")
        .replace("default-members = [\".\", \"tests/sandbox\"]\n", "")
        .replace(
            "path = \"tests/sandbox\"",
            &format!("path = \"{}/tests/sandbox\"", home.display()),
        )
        // As an example it has the features of the tests' dependencies, which are built already.
        .replace(
            "[[bin]]\nname = \"pmssl\"\n",
            "[[example]]\nname = \"pmssl-broken\"\n",
        );
    let cut = |text: String, head: &str| match text.split_once(head) {
        Some((before, rest)) => {
            let end = rest.find("\n[").unwrap_or(rest.len());
            format!("{before}{}", &rest[end..])
        }
        None => text,
    };
    let text = cut(text, "[[test]]\nname = \"suite\"");
    cut(text, "[[example]]\nname = \"sandbox\"")
}

fn write_if_changed(path: &Path, text: &[u8]) {
    if std::fs::read(path).is_ok_and(|former| former == text) {
        return;
    }
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}
