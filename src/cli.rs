//! The two faces: platform arguments and the administrator's subcommands. `argv[0]` chooses.
//!
//! The platform's own style (`--command open --item 7`) is parsed here by hand: a platform of
//! tomorrow may pass options that this program does not know, and they must not disturb the others.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::domain::{AccountId, ItemId, OperationId};
use crate::failure::{Failure, Language, Reason};
use crate::module::{self, Module};

/// What the program was asked to be.
#[derive(Debug)]
pub enum Face {
    /// A processing module of the platform.
    Module(&'static Module, Vec<String>),
    /// The administrator's tool, with its arguments behind the program name.
    Administrator(Vec<String>),
}

/// Chooses the face by `argv[0]`, else by the first argument.
#[must_use]
pub fn face(arguments: &[OsString]) -> Face {
    let texts: Vec<String> = arguments
        .iter()
        .map(|text| text.to_string_lossy().into_owned())
        .collect();
    let (program, rest) = texts
        .split_first()
        .map_or(("", &[][..]), |(first, rest)| (first.as_str(), rest));
    let name = Path::new(program)
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    if let Some(module) = module::by_name(&name) {
        return Face::Module(module, rest.to_vec());
    }
    match rest {
        [first, others @ ..] if module::by_name(first).is_some() => match module::by_name(first) {
            Some(module) => Face::Module(module, others.to_vec()),
            None => Face::Administrator(rest.to_vec()),
        },
        _ => Face::Administrator(rest.to_vec()),
    }
}

/// Where the platform usually lives.
pub const USUAL_ROOT: &str = "/usr/local/mgr5";

/// The variable that names another platform root.
pub const ROOT_VARIABLE: &str = "PMSSL_MGR_ROOT";

/// The platform root: `PMSSL_MGR_ROOT`, else the platform's usual place (design, section 3). Never
/// what happens to be around this program or the current directory: it tells which mgrctl is run.
#[must_use]
pub fn platform_root() -> PathBuf {
    std::env::var_os(ROOT_VARIABLE)
        .filter(|root| !root.is_empty())
        .map_or_else(|| PathBuf::from(USUAL_ROOT), PathBuf::from)
}

/// Arguments of a module call (billmanager.md 2.1). Options of other product types and unknown ones
/// are ignored.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Arguments {
    /// `--command`.
    pub command: String,
    /// `--item`.
    pub item: Option<ItemId>,
    /// `--module`.
    pub account: Option<AccountId>,
    /// `--runningoperation`.
    pub operation: Option<OperationId>,
    /// `--lang`.
    pub language: Language,
    /// `--intname`: product code.
    pub template: Option<String>,
    /// `--domain`.
    pub domain: Option<String>,
    /// `--emails`.
    pub emails: Option<String>,
    /// `--param`.
    pub parameter: Option<String>,
    /// `--value`.
    pub value: Option<String>,
    /// `--itemtype`: product type to import.
    pub item_type: Option<String>,
    /// `--searchstring`: what to import.
    pub search: Option<String>,
    /// `--help`, `--version` or `-T` was given.
    pub information: Option<Information>,
}

/// Flags that print and end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Information {
    /// `--help`, `-h`.
    Help,
    /// `--version`, `-V`.
    Version,
    /// `-T`: the official C++ base class prints a copyright line.
    Title,
}

/// Options that take a value and that this program reads, by long and short name.
const KNOWN: &[(&str, &str)] = &[
    ("--command", "-c"),
    ("--item", "-i"),
    ("--module", "-m"),
    ("--runningoperation", ""),
    ("--lang", "-l"),
    ("--intname", ""),
    ("--domain", ""),
    ("--emails", ""),
    ("--param", ""),
    ("--value", ""),
    ("--itemtype", "-t"),
    ("--searchstring", ""),
];

/// Options that take a value and that are of no use here (billmanager.md 2.1); their value may begin
/// with a dash.
const KNOWN_AND_IGNORED: &[(&str, &str)] = &[
    ("--subcommand", ""),
    ("--id", ""),
    ("--level", ""),
    ("--addon", "-a"),
    ("--tld", ""),
    ("--userid", ""),
    ("--password", ""),
    ("--panelkey", ""),
];

impl Arguments {
    /// Parses the arguments behind the program (and module) name. A later option wins.
    ///
    /// # Errors
    /// A number that is none.
    pub fn parse(texts: &[String]) -> Result<Self, Failure> {
        let mut arguments = Self::default();
        let mut rest = texts.iter();
        while let Some(text) = rest.next() {
            let (name, attached) = match text.split_once('=') {
                Some((name, value)) if name.starts_with("--") => (name, Some(value.to_owned())),
                _ => (text.as_str(), None),
            };
            if let Some(information) = information(name) {
                arguments.information = Some(information);
                continue;
            }
            let find = |table: &[(&'static str, &str)]| {
                table
                    .iter()
                    .find(|(long, short)| *long == name || *short == name && !short.is_empty())
                    .map(|(l, _)| *l)
            };
            let known = find(KNOWN);
            if known.is_none() && find(KNOWN_AND_IGNORED).is_none() {
                // Unknown: a following word that is no option is taken for its value by being no option.
                continue;
            }
            let value = attached
                .or_else(|| rest.next().cloned())
                .unwrap_or_default();
            if let Some(long) = known {
                arguments.set(long, value)?;
            }
        }
        Ok(arguments)
    }

    fn set(&mut self, option: &str, value: String) -> Result<(), Failure> {
        fn number<T: std::str::FromStr>(option: &str, value: &str) -> Result<T, Failure> {
            value.trim().parse().map_err(|_| {
                Failure::field(Reason::Invalid, option)
                    .value(value)
                    .detail(words!("A number is needed", "Нужно число"))
            })
        }
        match option {
            "--command" => self.command = value,
            "--item" => self.item = Some(number(option, &value)?),
            "--module" => self.account = Some(number(option, &value)?),
            // Zero is how shells and older platforms say "none".
            "--runningoperation" => {
                self.operation = Some(number(option, &value)?).filter(|id| *id != OperationId(0))
            }
            "--lang" => self.language = Language::parse(&value),
            "--intname" => self.template = Some(value),
            "--domain" => self.domain = Some(value),
            "--emails" => self.emails = Some(value),
            "--param" => self.parameter = Some(value),
            "--value" => self.value = Some(value),
            "--itemtype" => self.item_type = Some(value),
            "--searchstring" => self.search = Some(value),
            _ => {}
        }
        Ok(())
    }

    /// The item.
    ///
    /// # Errors
    /// The option is missing.
    pub fn needs_item(&self) -> Result<ItemId, Failure> {
        self.item.ok_or_else(|| missing("--item"))
    }

    /// The account.
    ///
    /// # Errors
    /// The option is missing.
    pub fn needs_account(&self) -> Result<AccountId, Failure> {
        self.account.ok_or_else(|| missing("--module"))
    }
}

/// The language of arguments that cannot be parsed as a whole.
#[must_use]
pub fn language(texts: &[String]) -> Language {
    named_language(texts)
        .map(Language::parse)
        .unwrap_or_default()
}

/// The value of `--lang`, among arguments that are not parsed yet.
#[must_use]
pub fn named_language(texts: &[String]) -> Option<&str> {
    let attached = texts.iter().find_map(|text| text.strip_prefix("--lang="));
    let following = texts
        .windows(2)
        .find(|pair| matches!(pair[0].as_str(), "--lang" | "-l"))
        .map(|pair| pair[1].as_str());
    attached.or(following)
}

/// The failure of a command that was called without an option it needs.
#[must_use]
pub fn missing(option: &str) -> Failure {
    Failure::field(Reason::Missing, option).detail(words!(
        "The command cannot be run without it",
        "Без него команду выполнить нельзя"
    ))
}

/// The failure of an administrator's command that was called without an option it needs.
#[must_use]
pub fn needed(option: &str) -> Failure {
    Failure::field(Reason::Usage, option)
}

fn information(name: &str) -> Option<Information> {
    match name {
        "--help" | "-h" => Some(Information::Help),
        "--version" | "-V" => Some(Information::Version),
        "-T" => Some(Information::Title),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parse(line: &str) -> Arguments {
        let texts: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        Arguments::parse(&texts).unwrap()
    }

    #[test]
    fn long_and_short_options_are_read() {
        let long = parse(
            "--command open --item 7 --module 3 --runningoperation 41 --lang ru --intname t --domain d",
        );
        assert_eq!(long.command, "open");
        assert_eq!(long.item, Some(ItemId(7)));
        assert_eq!(long.account, Some(AccountId(3)));
        assert_eq!(long.operation, Some(OperationId(41)));
        assert_eq!(long.language, Language::Russian);
        assert_eq!(long.template.as_deref(), Some("t"));
        let short = parse("-c open -i 7 -m 3 --runningoperation=41 -l ru --intname=t --domain=d");
        assert_eq!(short, long);
    }

    #[test]
    fn the_language_is_known_where_other_arguments_are_wrong() {
        let language = |line: &str| {
            let texts: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
            super::language(&texts)
        };
        for line in [
            "--item x --lang ru",
            "-l ru_RU --item x",
            "--lang=ru --item x",
        ] {
            assert_eq!(language(line), Language::Russian, "{line}");
        }
        for line in [
            "--item x",
            "--item x --lang en",
            "--item x --lang",
            "--emails --lang",
        ] {
            assert_eq!(language(line), Language::English, "{line}");
        }
    }

    #[test]
    fn unknown_options_do_not_disturb() {
        let expected = parse("--command open --item 7");
        for line in [
            "--newflag --command open --item 7",
            "--command open --newflag 9 --item 7",
            "--command open --newflag=9 --item 7 trailing words",
            "--level -1 --command open -x --item 7 --userid 5",
            "--password --item --command open --item 7",
        ] {
            assert_eq!(parse(line), expected, "{line}");
        }
    }

    #[test]
    fn numbers_are_checked() {
        for line in [
            "--item seven",
            "--item -1",
            "--item",
            "--module 1.5",
            "--runningoperation x",
        ] {
            let texts: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
            let failure = Arguments::parse(&texts).unwrap_err();
            assert_eq!(failure.reason(), Reason::Invalid, "{line}");
            assert!(line.starts_with(failure.object()), "{line}");
        }
        assert_eq!(parse("--runningoperation 0").operation, None);
    }

    #[test]
    fn the_program_name_or_the_first_argument_chooses_the_module() {
        let name =
            |words: &[&str]| match face(&words.iter().map(OsString::from).collect::<Vec<_>>()) {
                Face::Module(module, rest) => format!("{} {}", module.name, rest.join(" ")),
                Face::Administrator(rest) => format!("admin {}", rest.join(" ")),
            };
        assert_eq!(
            name(&["/x/processing/pmglobalsign", "-c", "open"]),
            "pmglobalsign -c open"
        );
        assert_eq!(
            name(&["pmssl", "pmenomssl", "-c", "open"]),
            "pmenomssl -c open"
        );
        assert_eq!(name(&["/usr/bin/pmssl", "resolve"]), "admin resolve");
        assert_eq!(name(&["pmssl"]), "admin ");
        assert_eq!(name(&[]), "admin ");
    }

    proptest! {
        #[test]
        fn an_item_is_found_among_any_unknown_options(
            noise in proptest::collection::vec("--[a-z]{3}x{3}( [a-z0-9]{1,5})?", 0..6),
            position in 0usize..6,
        ) {
            let mut words: Vec<String> = noise;
            words.insert(position.min(words.len()), "--item 7".into());
            prop_assert_eq!(parse(&words.join(" ")).item, Some(ItemId(7)));
        }
    }
}
