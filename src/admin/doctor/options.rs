//! `etc/debug.conf` and the options of `etc/billmgr.conf`: mistakes with their lines.

use std::path::{Path, PathBuf};

use super::findings::{self, Findings};
use crate::admin::context::AdminContext;
use crate::admin::output::View;
use crate::ca::http::proxy_address;
use crate::certificate::Certificate;
use crate::dns;
use crate::domain::options::{self, Described, Takes};
use crate::domain::text::Words;
use crate::logging::config::parse_debug_conf;
use crate::module::Text;
use crate::platform::billmanager::lock_host::lock_place;
use crate::platform::billmanager::owner;
use crate::platform::billmanager::settings::split_line;
use crate::regular;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;

const LINE: Text = Text::new("line", "строка");
const NO_VALUE: Text = Text::new("has no value", "не имеет значения");
const TWICE: Text = Text::new(
    "is set again here; the last line wins",
    "задан здесь повторно; действует последняя строка",
);
const NO_NUMBER: Text = Text::new(
    "is not a whole number from __from__ to __to__",
    "не целое число от __from__ до __to__",
);
const NO_LENGTH: Text = Text::new(
    "is not a number of seconds above 0",
    "не число секунд больше 0",
);
const NOT_ONE_OF: Text = Text::new("is not one of: ", "не из списка: ");
const NO_ADDRESS: Text = Text::new("is not an address", "не адрес");
const NO_PLACE: Text = Text::new(
    "is not a file in a directory that exists (an absolute path is needed)",
    "не файл в существующем каталоге (нужен абсолютный путь)",
);
const MEANT: Text = Text::new(
    "is not known; was this meant: ",
    "неизвестен; возможно, имелся в виду: ",
);
const UNKNOWN: Text = Text::new(
    "is not read by pmssl; the nearest option that is: ",
    "не читается pmssl; ближайший известный ей параметр: ",
);
const NO_PORT: Text = Text::new("is not a port", "не номер порта");

/// Examines both kinds of files.
pub(super) fn examine(admin: &AdminContext, findings: &mut Findings<'_>) {
    debug_conf(admin, findings);
    for file in files(&admin.root) {
        settings(admin, &file, findings);
    }
    roots(admin, findings);
    let nothing = admin.root.join(crate::commands::DO_NOTHING);
    if nothing.exists() {
        findings.add(&findings::DO_NOTHING, &nothing.display().to_string(), "");
    }
}

fn debug_conf(admin: &AdminContext, findings: &mut Findings<'_>) {
    let file = admin.root.join("etc/debug.conf");
    let name = file.display().to_string();
    let Some(text) = read(&file, findings) else {
        return;
    };
    let (_, mistakes) = parse_debug_conf(&text);
    for mistake in &mistakes {
        let place = format!("{name}, {} {}", admin.view.say(&LINE), mistake.line);
        let reason = mistake.reason.get(admin.view.language);
        let words = format!("'{}': {reason}", mistake.text);
        findings.add(&findings::DEBUG_CONF, &place, &words);
    }
    if mistakes.is_empty() {
        findings.add(&findings::CONF_GOOD, &name, "");
    }
}

fn files(root: &Path) -> Vec<PathBuf> {
    let mut further: Vec<PathBuf> = std::fs::read_dir(root.join("etc/billmgr.conf.d"))
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|kind| kind == "conf"))
        .collect();
    further.sort();
    further.insert(0, root.join("etc/billmgr.conf"));
    further
}

/// A file's text; a missing one is no finding.
fn read(file: &Path, findings: &mut Findings<'_>) -> Option<String> {
    match regular::read(file, regular::SETTINGS) {
        Ok(bytes) => Some(String::from_utf8_lossy(&bytes).into_owned()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => {
            let name = file.display().to_string();
            let why = regular::told(&error);
            findings.add(
                &findings::CONF_UNREADABLE,
                &name,
                why.get(findings.view.language),
            );
            None
        }
    }
}

fn settings(admin: &AdminContext, file: &Path, findings: &mut Findings<'_>) {
    let Some(text) = read(file, findings) else {
        return;
    };
    let name = file.display().to_string();
    let mistakes = mistakes(&admin.view, &text);
    for (line, broken, words) in &mistakes {
        let place = format!("{name}, {} {line}", admin.view.say(&LINE));
        let kind = if *broken {
            &findings::OPTION_BROKEN
        } else {
            &findings::OPTION
        };
        findings.add(kind, &place, words);
    }
    if mistakes.is_empty() {
        findings.add(&findings::CONF_GOOD, &name, "");
    }
}

/// Mistakes in the lines about our options: line, whether orders fail with it, words. Never shows the
/// value of an option that is not ours: it may be a password.
fn mistakes(view: &View, text: &str) -> Vec<(usize, bool, String)> {
    let mut found = Vec::new();
    let mut seen: Vec<&str> = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (name, value) = split_line(line);
        let Some(option) = options::ALL.iter().find(|known| known.name() == name) else {
            if let Some((text, nearest)) = nearest(name) {
                let words = format!("{name} {}{nearest}", view.say(&text));
                found.push((index + 1, false, words));
            }
            continue;
        };
        if seen.contains(&name) {
            found.push((index + 1, false, format!("{name} {}", view.say(&TWICE))));
        }
        seen.push(name);
        if value.is_empty() {
            found.push((index + 1, false, format!("{name} {}", view.say(&NO_VALUE))));
        } else if let Some((broken, why)) = wrong(view, *option, value) {
            // A proxy address may hold credentials.
            let shown = match option.takes() {
                Takes::Proxy => name.to_owned(),
                _ => format!("{name} '{value}'"),
            };
            found.push((index + 1, broken, format!("{shown} {why}")));
        }
    }
    found
}

fn wrong(view: &View, option: &dyn Described, value: &str) -> Option<(bool, String)> {
    match option.takes() {
        Takes::Proxy => {
            let bad = proxy_address(value).is_none();
            bad.then(|| (true, view.say(&NO_ADDRESS).to_owned()))
        }
        Takes::Port => {
            let bad = value.parse::<u16>().map_or(true, |port| port == 0);
            bad.then(|| (true, view.say(&NO_PORT).to_owned()))
        }
        Takes::LockHost => {
            let why = lock_place(value).err()?;
            Some((true, format!("({})", why.get(view.language))))
        }
        Takes::Resolver => {
            let is_good = value.eq_ignore_ascii_case(dns::OFF) || dns::address(value).is_some();
            (!is_good).then(|| (true, view.say(&NO_ADDRESS).to_owned()))
        }
        Takes::NewFile => {
            let file = Path::new(value);
            let fits = file.is_absolute() && file.parent().is_some_and(Path::is_dir);
            (!fits).then(|| (false, view.say(&NO_PLACE).to_owned()))
        }
        Takes::Program => {
            let failure = owner::check_program(Path::new(value)).err()?;
            let why = failure.particulars().get(view.language).to_owned();
            Some((false, format!("({why})")))
        }
        _ if option.fits(value) => None,
        Takes::Number(from, to) => {
            let words = view
                .say(&NO_NUMBER)
                .replace("__from__", &from.to_string())
                .replace("__to__", &to.to_string());
            Some((false, words))
        }
        Takes::Seconds => Some((false, view.say(&NO_LENGTH).to_owned())),
        Takes::Words(words) => {
            let list = format!("{}{}", view.say(&NOT_ONE_OF), words.join(", "));
            // No default takes its place: that could be plain text.
            Some((option.name() == options::DATABASE_TLS.name, list))
        }
        Takes::Anything => None,
    }
}

/// The option of ours that an unknown name resembles most, with what is to be said: a slip of the finger, or any that
/// begins like ours and is none of the platform's own.
fn nearest(name: &str) -> Option<(Text, &'static str)> {
    let lower = name.to_ascii_lowercase();
    let is_platforms = |own: &str| lower.starts_with(&own.to_ascii_lowercase());
    let slips = |known: &str| strsim::damerau_levenshtein(&known.to_ascii_lowercase(), &lower);
    let ours = options::ALL.iter().map(|known| known.name());
    let nearest = ours
        .filter(|known| known.starts_with(PREFIX))
        .min_by_key(|known| slips(known))?;
    let begins = lower.starts_with(&PREFIX.to_ascii_lowercase());
    match slips(nearest) {
        0..=SLIPS => Some((MEANT, nearest)),
        _ if begins && !PLATFORMS.into_iter().any(is_platforms) => Some((UNKNOWN, nearest)),
        _ => None,
    }
}

/// How our options begin.
const PREFIX: &str = "SSL";

/// So many letters off are a slip of the finger.
const SLIPS: usize = 2;

/// How options of the platform begin that begin like ours: the certificate of its own web server \[inferred: no page lists
/// them\].
const PLATFORMS: [&str; 1] = ["SSLCertificate"];

/// The root certificates by which vendors, and the database's server, are recognized: built-in ones and the
/// administrator's own.
fn roots(admin: &AdminContext, findings: &mut Findings<'_>) {
    use crate::platform::Platform;
    let platform = admin.any_platform();
    let built_in = webpki_roots::TLS_SERVER_ROOTS.len().to_string();
    for option in [&options::CA_FILE, &options::DATABASE_CA_FILE] {
        let is_for_vendors = option.name == options::CA_FILE.name;
        let Some(file) = platform.option(option.name) else {
            if is_for_vendors {
                findings.add(&findings::ROOTS_GOOD, &built_in, "0");
            }
            continue;
        };
        let path = admin.root.join(&file);
        let name = format!("{} {}", option.name, path.display());
        match read_roots(&path) {
            Err(why) => findings.add(&findings::ROOTS, &name, why.get(admin.view.language)),
            Ok(list) => {
                let now = chrono::Utc::now();
                let over = list.iter().filter(|one| one.not_after <= now).count();
                if over > 0 {
                    findings.add(&findings::ROOTS_EXPIRED, &name, &over.to_string());
                } else if is_for_vendors {
                    findings.add(&findings::ROOTS_GOOD, &built_in, &list.len().to_string());
                }
            }
        }
    }
}

fn read_roots(path: &Path) -> Result<Vec<Certificate>, Words> {
    let pem = regular::read(path, regular::ROOTS).map_err(|error| regular::told(&error))?;
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
    let list = found.map_err(Words::verbatim)?;
    if list.is_empty() {
        return Err(words!("no certificate in it", "в нём нет сертификатов"));
    }
    // What only TLS understands counts as usable and endless.
    Ok(list
        .iter()
        .filter_map(|der| Certificate::from_der(der))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::Language;

    fn of(text: &str) -> Vec<(usize, bool, String)> {
        let view = View {
            language: Language::English,
            json: false,
            color: false,
        };
        mistakes(&view, text)
    }

    #[test]
    fn what_is_right_or_not_ours_is_no_mistake() {
        let text = "# x\n\nDBPassword a#b '\nSSLExpireDate paid\nSSLProxy http://10.0.0.1:3128\n\
                    SSLReadTimeout 30\nPathSomething /x\nSSLSubscriptionPolicy auto\nSSLCertificate x\n\
                    SSLCertificateKey /x\nSSHPort 22\n";
        assert_eq!(of(text), []);
    }

    #[test]
    fn mistakes_have_their_line_and_show_no_secret() {
        let cases = [
            (
                "\nSSLExpireDate payed",
                2,
                false,
                "SSLExpireDate 'payed' is not one of: certificate, paid",
            ),
            (
                "SSLReadTimeout soon",
                1,
                false,
                "'soon' is not a number of seconds above 0",
            ),
            (
                "SSLReadTimeout 0",
                1,
                false,
                "'0' is not a number of seconds",
            ),
            ("SSLPlatformWait 99999999", 1, false, "from 0 to 86400"),
            ("SSLProxy", 1, false, "SSLProxy has no value"),
            (
                "SSLProxy user:s3cr3t@",
                1,
                true,
                "SSLProxy is not an address",
            ),
            ("DBPort 70000", 1, true, "DBPort '70000' is not a port"),
            (
                "SSLDBTls verfy",
                1,
                true,
                "SSLDBTls 'verfy' is not one of: prefer, off, require, verify",
            ),
            (
                "SSLHook hook.sh",
                1,
                false,
                "SSLHook 'hook.sh' (an absolute path is needed)",
            ),
            (
                "SSLHook /nonexistent/hook",
                1,
                false,
                "SSLHook '/nonexistent/hook' (it does not exist)",
            ),
            (
                "SSLProxi x",
                1,
                false,
                "SSLProxi is not known; was this meant: SSLProxy",
            ),
            ("sslcafile /x", 1, false, "was this meant: SSLCaFile"),
            (
                "Option SSLSubscriptionPolicy always",
                1,
                false,
                "SSLSubscriptionPolicy 'always' is not one of: auto",
            ),
            (
                "Option SSLSubscriptionBefor 5",
                1,
                false,
                "was this meant: SSLSubscriptionBefore",
            ),
            (
                "SSLSubscriptionTemplate 4",
                1,
                false,
                "SSLSubscriptionTemplate is not read by pmssl; the nearest option that is: SSLSubscription",
            ),
            (
                "Option SSLTerm s3cr3t",
                1,
                false,
                "SSLTerm is not read by pmssl",
            ),
            (
                "SSLCaFile /a\nSSLCaFile /b",
                2,
                false,
                "SSLCaFile is set again here",
            ),
        ];
        for (text, line, broken, words) in cases {
            let found = of(text);
            assert_eq!(found.len(), 1, "{text}: {found:?}");
            assert_eq!((found[0].0, found[0].1), (line, broken), "{text}");
            assert!(found[0].2.contains(words), "{text}: {}", found[0].2);
            assert!(!found[0].2.contains("s3cr3t"), "{text}");
        }
    }
}
