//! The XML documents that go to the platform on stdout, into its error history, and come from it on
//! stdin (billmanager.md 3, 9).
//!
//! Everything that is written passes the log's masking, and every text is cleaned of characters that
//! XML cannot hold.

use chrono::{DateTime, Local, Utc};
use secrecy::SecretString;

use crate::domain::text::{Bilingual, Words};
use crate::domain::{AccountId, Currency, DomainName, EmailAddress, Money, Settings};
use crate::failure::{Failure, Language, Reason};
use crate::logging::{mask, visible};
use crate::module::{Module, SettingKind};
use crate::xml::{self, Broken, DECLARATION, attribute, cdata, escape};

/// Most bytes of log that an operation's error document carries. The document travels to mgrctl in
/// one environment variable, which Linux limits to 128 KiB (billmanager.md 5.1).
const MAX_LOG: usize = 48 * 1024;

/// Longest single text from elsewhere (a vendor's words) that a document repeats.
const MAX_TEXT: usize = 4 * 1024;

/// The success document of checks: `<doc><ok/></doc>` (billmanager.md 2.3).
#[must_use]
pub fn ok() -> String {
    format!("{DECLARATION}<doc><ok/></doc>\n")
}

/// The empty success document (billmanager.md 2.3).
#[must_use]
pub fn empty() -> String {
    format!("{DECLARATION}<doc/>\n")
}

/// The error document of a failed command, ready for stdout, masked (billmanager.md 9.1).
///
/// It carries both ways of giving a text: the type with its parameters, for which the platform has the
/// module's `msg_error_<type>` texts, and a ready `msg` in `language`. `value` and `detail` are always
/// there, so that no placeholder of the texts stays open.
#[must_use]
pub fn error(failure: &Failure, language: Language) -> String {
    let mut document = format!("{DECLARATION}<doc><error");
    document.push_str(&attribute("type", failure.reason().type_name()));
    let object = clean(failure.object());
    if !object.is_empty() {
        document.push_str(&attribute("object", &object));
    }
    document.push('>');
    if !object.is_empty() {
        document.push_str(&format!(
            "<param name=\"object\" type=\"msg\"{}>{}</param>",
            attribute("msg", &object),
            escape(&object)
        ));
    }
    document.push_str(&particulars(failure, language));
    document.push_str("<param name=\"desc\" type=\"msg\">desck_empty</param>");
    document.push_str(&format!(
        "<msg>{}</msg></error></doc>\n",
        escape(&clean(&failure.text(language)))
    ));
    document
}

/// The error document kept in a running operation (`errorxml`, billmanager.md 9.2), masked.
///
/// `account` is the id and name of the account, when it is known. `log` holds the last lines of this
/// run, oldest first; when they are too long the oldest are left out.
#[must_use]
pub fn operation_error(
    failure: &Failure,
    account: Option<(AccountId, &str)>,
    log: &[String],
    now: DateTime<Utc>,
) -> String {
    // The panel shows local times (inferred).
    let date = now
        .with_timezone(&Local)
        .format("%Y-%m-%d %H:%M:%S")
        .to_string();
    let head = format!(
        "<error{}{}{}{}>{}",
        attribute("date", &date),
        attribute("type", failure.reason().type_name()),
        attribute("object", &clean(failure.object())),
        attribute("value", &clean(failure.offending_value())),
        // Stored for every reader: in English.
        particulars(failure, Language::English)
    );
    let mut document = format!("{DECLARATION}<doc>");
    if let Some((id, name)) = account {
        document.push_str(&format!(
            "<processingmodule{}{}{}>{head}</error></processingmodule>",
            attribute("date", &date),
            attribute("id", &id.to_string()),
            attribute("name", &clean(name)),
        ));
    }
    document.push_str(&format!(
        "{head}<backtrace>{}</backtrace><log>{}</log></error></doc>\n",
        cdata(&clean(&failure.chain())),
        cdata(&mask(&newest_lines(log)))
    ));
    document
}

/// The parameters that the texts of both error documents refer to.
fn particulars(failure: &Failure, language: Language) -> String {
    format!(
        "<param name=\"value\">{}</param><param name=\"detail\">{}</param>",
        escape(&clean(failure.offending_value())),
        escape(&clean(failure.particulars().get(language)))
    )
}

/// Masked, without characters that the panel's readers do not see, and cut when somebody was too talkative.
fn clean(text: &str) -> String {
    let mut shown = visible(&mask(text), &['\n', '\t']);
    if shown.len() > MAX_TEXT {
        shown.truncate(shown.floor_char_boundary(MAX_TEXT));
        shown.push('…');
    }
    shown
}

/// As many of the last lines as fit. A single line that does not fit is left out.
fn newest_lines(log: &[String]) -> String {
    let mut room = MAX_LOG;
    let fitting = log
        .iter()
        .rev()
        .take_while(|line| {
            let fits = line.len() < room;
            room = room.saturating_sub(line.len() + 1);
            fits
        })
        .count();
    log[log.len() - fitting..].join("\n")
}

/// The answer of `approver`: approver addresses grouped by domain (billmanager.md 3.2).
#[must_use]
pub fn approvers(groups: &[(DomainName, Vec<EmailAddress>)]) -> String {
    let mut document = format!("{DECLARATION}<doc>");
    for (domain, addresses) in groups {
        document.push_str(&format!("<domain{}>", attribute("name", domain.as_str())));
        for address in addresses {
            document.push_str(&format!(
                "<approver>{}</approver>",
                escape(address.as_str())
            ));
        }
        document.push_str("</domain>");
    }
    document.push_str("</doc>\n");
    document
}

/// The answer of `getbalance` (billmanager.md 3.6).
#[must_use]
pub fn balance(balance: &Money) -> String {
    let currency = match balance.currency {
        Currency::NONE => "",
        ref stated => stated.as_str(),
    };
    format!(
        "{DECLARATION}<doc><balance>{balance}</balance><currency>{}</currency><credit></credit><extensions/></doc>\n",
        currency
    )
}

/// Reads the account form that is being checked (stdin of `check_connection`, billmanager.md 3.1).
///
/// Only the module's own settings are taken over; those declared secret become secrets. The id is
/// there once the account exists.
///
/// # Errors
/// `BrokenInput` when stdin is empty or not such a document. The text never quotes the document.
pub fn connection_form(
    document: &str,
    module: &Module,
) -> Result<(Option<AccountId>, Settings), Failure> {
    let expected = words!(
        "expected /doc/processingmodule with the account's settings",
        "ожидается /doc/processingmodule с настройками обработчика"
    );
    let form = xml::read(document, "doc").map_err(|broken| broken_input(&broken, &expected))?;
    let fields = form.root.child("processingmodule").ok_or_else(|| {
        Failure::new(Reason::BrokenInput).detail(words!("no processingmodule in it; {expected}", "в нём нет processingmodule; {expected}"; expected))
    })?;
    let id = fields.value("id").and_then(|id| id.parse().ok());
    let mut settings = Settings::default();
    for field in &fields.children {
        let name = field.name.as_str();
        match module.setting(name).map(|setting| setting.kind) {
            Some(SettingKind::Secret) => {
                let secret = SecretString::from(field.text.as_str());
                crate::logging::register_secret(&secret);
                settings.set_secret(name, secret);
            }
            Some(_) => settings.set(name, field.text.as_str()),
            None => {}
        }
    }
    Ok((id, settings))
}

fn broken_input(broken: &Broken, expected: &Words) -> Failure {
    Failure::new(Reason::BrokenInput).detail(Words::joined([broken.both(), expected.clone()], "; "))
}

/// What a form command adds to the form it was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Addition {
    /// The choices of a select field (`slist`, billmanager.md 3.1).
    Choices {
        /// Name of the field.
        field: &'static str,
        /// Stored value and text. The text is a message key of the form's group, shown as it is when
        /// there is no such message.
        entries: Vec<(String, String)>,
    },
    /// The registration link of `usercreate`.
    RegistrationLink(String),
}

/// The whole form that came on stdin, with additions before its end (`tune_connection`, `usercreate`;
/// billmanager.md 3). What came in is passed on byte by byte.
///
/// # Errors
/// `BrokenInput` when stdin is empty or not a form.
pub fn extend_form(form: &str, additions: &[Addition]) -> Result<String, Failure> {
    let refused = |broken: &Broken| {
        let expected = words!(
            "expected the form, with /doc as its root",
            "ожидается форма с корнем /doc"
        );
        broken_input(broken, &expected)
    };
    let document = xml::read(form, "doc").map_err(|broken| refused(&broken))?;
    let added: String = additions.iter().map(addition).collect();
    let head = &form[..document.tail.start];
    let tag = &form[document.tail.clone()];
    let rest = &form[document.tail.end..];
    Ok(if document.root_is_empty_tag {
        let opening = tag.trim_end_matches('>').trim_end_matches('/').trim_end();
        // Names with a prefix are told apart from it by nothing that can be relied on; BILLmanager has none.
        let name = opening.split([' ', '\t', '\r', '\n']).next();
        if name != Some("<doc") {
            return Err(refused(&Broken::Root("doc")));
        }
        format!("{head}{opening}>{added}</doc>{rest}")
    } else {
        format!("{head}{added}{tag}{rest}")
    })
}

fn addition(addition: &Addition) -> String {
    match addition {
        Addition::Choices { field, entries } => {
            let entries: String = entries
                .iter()
                .map(|(value, text)| {
                    format!("<msg{}>{}</msg>", attribute("key", value), escape(text))
                })
                .collect();
            format!("<slist{}>{entries}</slist>", attribute("name", field))
        }
        Addition::RegistrationLink(address) => {
            format!("<outerlink>{}</outerlink>", escape(address))
        }
    }
}

#[cfg(test)]
mod tests;
