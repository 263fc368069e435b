//! `pmssl capture`: a vendor's harmless answers, masked, for the developers. How an unknown wire becomes
//! known (design, law 6).

mod privacy;
mod values;

use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use secrecy::SecretString;

use super::context::{self, AdminContext, Connected};
use super::exit::Code;
use super::output::{AdminAnswer, Tone};
use super::select::whole;
use crate::domain::{AccountId, Settings};
use crate::failure::{Failure, Reason};
use crate::log;
use crate::module::{Module, SettingKind, Text};
use privacy::hide;

/// Directory of records below the platform root.
const DIRECTORY: &str = "var/pmssl/capture";

/// The program's own directory, in which it stands.
const SPOOL_AND_CAPTURE: &str = "var/pmssl";

/// Records of one account that are made within one second.
const MOST_OF_ONE_SECOND: u32 = 20;

const STORED: Text = Text::new(
    "stored in __file__; read it through before you send it",
    "сохранено в __file__; просмотрите его, прежде чем отправлять",
);
const FAILED: Text = Text::new("failed", "не удалось");

/// Arguments of `pmssl capture`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Runs only calls that change nothing and cost nothing. Secrets, the account's identification, persons,
addresses, telephone numbers and domain names are masked.

Example:
  pmssl capture --account 3")]
pub(super) struct Arguments {
    /// The account
    #[arg(long, alias = "module", value_name = "ID", value_parser = whole::<u64>)]
    account: u64,
}

/// One recorded call, masked.
struct Record {
    call: &'static str,
    answer: Result<String, String>,
}

/// Records.
pub(super) fn run(admin: &AdminContext, arguments: &Arguments) -> Result<AdminAnswer, Failure> {
    let account = AccountId(arguments.account);
    let (module, records) = context::wait(record(admin, account))?;
    let text = text(admin, module, &records);
    let file = store(admin, module, account, &text)?;
    let code = if records.iter().all(|record| record.answer.is_err()) {
        Code::Failed
    } else if records.iter().any(|record| record.answer.is_err()) {
        Code::Warnings
    } else {
        Code::Done
    };
    let view = &admin.view;
    if view.json {
        let calls: Vec<_> = records
            .iter()
            .map(|record| match &record.answer {
                Ok(answer) => serde_json::json!({ "call": record.call, "answer": answer }),
                Err(why) => serde_json::json!({ "call": record.call, "error": why }),
            })
            .collect();
        let document = serde_json::json!({
            "module": module.name,
            "version": env!("CARGO_PKG_VERSION"),
            "file": file.display().to_string(),
            "calls": calls,
        });
        return Ok(AdminAnswer::new(view.json(&document)?, code));
    }
    let stored = view
        .say(&STORED)
        .replace("__file__", &file.display().to_string());
    let stored = view.paint(Tone::Head, &stored);
    Ok(AdminAnswer::new(format!("{text}\n{stored}\n"), code))
}

async fn record(
    admin: &AdminContext,
    account: AccountId,
) -> Result<(&'static Module, Vec<Record>), Failure> {
    // Whoever reads the record must not learn whose account it is.
    let (module, stored) = admin.account(account).await?;
    identify(module, &stored.settings);
    let Connected { authority, .. } = admin.connect(account).await?;
    log!(Main, Info, "{} records harmless answers", context::person());
    let answers = authority.harmless_reads().await;
    let records = answers
        .into_iter()
        .map(|(call, answer)| Record {
            call,
            answer: answer
                .map(|text| hide(&crate::logging::mask(&text)))
                .map_err(|failure| hide(&admin.view.failure(&failure))),
        })
        .collect();
    Ok((module, records))
}

/// Masks the account's own identification: what was typed into its form, except addresses and choices.
fn identify(module: &Module, settings: &Settings) {
    for setting in module.settings {
        let typed = setting.kind == SettingKind::Text;
        if let Some(value) = settings.text(setting.name).filter(|_| typed) {
            crate::logging::register_secret(&SecretString::from(value));
        }
    }
}

fn text(admin: &AdminContext, module: &Module, records: &[Record]) -> String {
    let mut text = format!(
        "pmssl {}, {}, {}\n",
        env!("CARGO_PKG_VERSION"),
        module.name,
        admin.clock.now().format("%Y-%m-%d")
    );
    for record in records {
        text.push_str(&format!("\n==== {}\n", record.call));
        match &record.answer {
            Ok(answer) => text.push_str(answer.trim_end()),
            Err(why) => text.push_str(&format!("{}: {why}", admin.view.say(&FAILED))),
        }
        text.push('\n');
    }
    // It is read on terminals.
    crate::logging::visible(&text.replace("\r\n", "\n"), &['\n', '\t'])
}

/// Writes the record where only the administrator reads it.
fn store(
    admin: &AdminContext,
    module: &Module,
    account: AccountId,
    text: &str,
) -> Result<PathBuf, Failure> {
    let stamp = admin.clock.now().format("%Y%m%d-%H%M%S");
    let name = format!("{}-{account}-{stamp}", module.name);
    let directory = admin.root.join(DIRECTORY);
    write(&admin.root, &name, text).map_err(|error| {
        Failure::field(Reason::PlatformFile, directory.display().to_string()).because(error)
    })
}

/// A new file of its own in a directory of its own, for its owner alone whatever the umask is. Nothing
/// that stands there already is followed or replaced.
fn write(root: &Path, name: &str, text: &str) -> std::io::Result<PathBuf> {
    let directory = root.join(DIRECTORY);
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(&directory)?;
    for own in [root.join(SPOOL_AND_CAPTURE), directory.clone()] {
        if !std::fs::symlink_metadata(&own)?.is_dir() {
            let words = format!("{} is a link", own.display());
            return Err(std::io::Error::new(std::io::ErrorKind::InvalidInput, words));
        }
    }
    std::fs::set_permissions(&directory, PermissionsExt::from_mode(0o700))?;
    for count in 1..=MOST_OF_ONE_SECOND {
        let file = match count {
            1 => directory.join(format!("{name}.txt")),
            count => directory.join(format!("{name}-{count}.txt")),
        };
        let mut options = std::fs::OpenOptions::new();
        match options.write(true).create_new(true).mode(0o600).open(&file) {
            Ok(mut open) => {
                open.set_permissions(PermissionsExt::from_mode(0o600))?;
                open.write_all(text.as_bytes())?;
                return Ok(file);
            }
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(std::io::ErrorKind::AlreadyExists.into())
}

#[cfg(test)]
mod tests;
