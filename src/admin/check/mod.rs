//! `pmssl check`: the way to a vendor, step by step, each with its time, a verdict and what to do.

mod probe;
mod report;
pub(super) mod secret;
mod walk;
mod words;

use std::path::PathBuf;
use std::time::Duration;

use super::context::{self, AdminContext};
use super::exit::Code;
use super::output::AdminAnswer;
use super::select::{Chosen, MODULE};
use crate::ca;
use crate::cli;
use crate::domain::{AccountId, Settings};
use crate::failure::{Failure, FailureKind, Reason};
use crate::log;
use crate::module::{self, Module, SettingKind};
use report::{Report, Step, Verdict, json, text};
use walk::Walk;
use words::{COMPLETE, DO_SETTINGS, SETTINGS};

/// Arguments of `pmssl check`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
A secret is never an argument: it comes from --secret-file, from the variable PMSSL_SECRET, or is
asked for on the terminal.

Examples:
  pmssl check --account 3
  pmssl check --vendor globalsign
  pmssl check --all --json
  pmssl check pmthesslstore --url https://api.thesslstore.com/rest --partner-code 12345678")]
pub(super) struct Arguments {
    /// Check typed settings of this module instead of stored accounts
    #[arg(value_name = "MODULE", value_parser = MODULE,
        conflicts_with_all = ["account", "module", "vendor", "all"])]
    name: Option<&'static str>,
    #[command(flatten)]
    chosen: Chosen,
    /// Check all accounts of all modules
    #[arg(long, conflicts_with_all = ["account", "module", "vendor"])]
    all: bool,
    /// Typed settings: address of the vendor's API
    #[arg(long, value_name = "URL", requires = "name")]
    url: Option<String>,
    /// Typed settings: partner code
    #[arg(long, value_name = "CODE", requires = "name")]
    partner_code: Option<String>,
    /// Typed settings: user name
    #[arg(long, value_name = "NAME", requires = "name")]
    username: Option<String>,
    /// Typed settings: any other setting that is no secret
    #[arg(long, value_name = "NAME=VALUE", requires = "name")]
    set: Vec<String>,
    /// Typed settings: file whose first line is the secret
    #[arg(long, value_name = "FILE", requires = "name")]
    secret_file: Option<PathBuf>,
}

impl Arguments {
    /// Whether settings are typed: no installation is needed for that.
    pub(super) fn is_typed(&self) -> bool {
        self.name.is_some()
    }
}

/// Checks.
pub(super) fn run(admin: &AdminContext, arguments: &Arguments) -> Result<AdminAnswer, Failure> {
    let chosen = &arguments.chosen;
    let is_chosen = arguments.all || chosen.module.is_some() || chosen.vendor.is_some();
    let reports = match (arguments.name.and_then(module::by_name), chosen.account()) {
        (Some(module), _) => {
            let settings = typed(admin, module, arguments)?;
            vec![context::wait(async {
                Ok(one(admin, module, None, &settings).await)
            })?]
        }
        (None, Some(id)) => vec![context::wait(stored(admin, chosen, AccountId(id)))?],
        (None, None) if is_chosen => context::wait(every(admin, chosen))?,
        (None, None) => {
            return Err(cli::needed(
                "--account, --module, --vendor, --all or a module's name",
            ));
        }
    };
    let code = |codes: Vec<Code>| {
        [Code::Failed, Code::Warnings]
            .into_iter()
            .find(|code| codes.contains(code))
            .unwrap_or(Code::Done)
    };
    let code = code(reports.iter().map(Report::code).collect());
    let view = &admin.view;
    let text = if view.json {
        view.json(&reports.iter().map(json).collect::<Vec<_>>())?
    } else {
        reports
            .iter()
            .map(|report| text(view, report))
            .collect::<Vec<_>>()
            .join("\n")
    };
    Ok(AdminAnswer::new(crate::logging::mask(&text), code))
}

/// Settings from the command line.
fn typed(
    admin: &AdminContext,
    module: &'static Module,
    arguments: &Arguments,
) -> Result<Settings, Failure> {
    let mut settings = Settings::default();
    let named = [
        ("url", &arguments.url),
        ("partner_code", &arguments.partner_code),
        ("username", &arguments.username),
    ];
    for (name, value) in named {
        if let Some(value) = value {
            settings.set(name, value);
        }
    }
    for pair in &arguments.set {
        let (name, value) = pair.split_once('=').ok_or_else(|| {
            // The value stays out: somebody may have typed a secret.
            Failure::field(Reason::Invalid, "--set")
                .detail(words!("Use NAME=VALUE", "Укажите ИМЯ=ЗНАЧЕНИЕ"))
        })?;
        match module.setting(name).map(|setting| setting.kind) {
            Some(SettingKind::Secret) => {
                return Err(Failure::field(Reason::Invalid, "--set").value(name).detail(
                    words!("A secret must not be an argument: use --secret-file or PMSSL_SECRET", "Секрет не передаётся аргументом: используйте --secret-file или PMSSL_SECRET"),
                ));
            }
            Some(_) => settings.set(name, value),
            None => {
                return Err(Failure::field(Reason::Invalid, "--set")
                    .value(name)
                    .detail(words!(
                        "The module has no such setting",
                        "У модуля нет такой настройки"
                    )));
            }
        }
    }
    for setting in module.settings {
        if setting.kind == SettingKind::Secret {
            let label = setting.label.get(admin.view.language);
            let secret = secret::obtain(label, arguments.secret_file.as_deref())?;
            crate::logging::register_secret(&secret);
            settings.set_secret(setting.name, secret);
        }
    }
    Ok(settings)
}

/// A stored account, as the platform knows it.
struct Owner {
    id: AccountId,
    name: String,
    /// Orders may go to it.
    active: bool,
}

async fn stored(admin: &AdminContext, chosen: &Chosen, id: AccountId) -> Result<Report, Failure> {
    let (module, account) = admin.account(id).await?;
    if !chosen.has_module(module) || !chosen.has_account(id.0) {
        return Err(Failure::new(Reason::UnknownAccount).value(id.to_string()));
    }
    let lines = admin.platform(module).account_lines(module).await?;
    let owner = Owner {
        id,
        name: account.name,
        active: lines.iter().any(|line| line.id == id && line.active),
    };
    Ok(one(admin, module, Some(owner), &account.settings).await)
}

/// All accounts of the modules. One whose settings cannot even be read is a report of its own.
async fn every(admin: &AdminContext, chosen: &Chosen) -> Result<Vec<Report>, Failure> {
    let platform = admin.any_platform();
    let mut reports = Vec::new();
    for module in chosen.modules() {
        for line in platform.account_lines(module).await? {
            let report = match stored(admin, chosen, line.id).await {
                Ok(report) => report,
                Err(failure) => Report {
                    account: Some((line.id, line.name)),
                    module: module.name,
                    steps: vec![Step {
                        name: &SETTINGS,
                        verdict: Verdict::Bad,
                        text: admin.view.failure(&failure),
                        remedy: Some(&DO_SETTINGS),
                        time: Duration::ZERO,
                    }],
                },
            };
            reports.push(report);
        }
    }
    if reports.is_empty() {
        return Err(Failure::new(Reason::NoAccounts));
    }
    Ok(reports)
}

/// Goes the way to one vendor.
async fn one(
    admin: &AdminContext,
    module: &'static Module,
    owner: Option<Owner>,
    settings: &Settings,
) -> Report {
    admin.start_log(module);
    log!(Main, Info, "{} checks the connection", context::person());
    let connect_options = admin.connect_options(module);
    let mut walk = Walk::new(
        &admin.view,
        &admin.clock,
        owner.as_ref().is_none_or(|owner| owner.active),
    );
    match ca::connect(module.origin, settings, &connect_options) {
        Ok(authority) => {
            walk.say(&SETTINGS, Verdict::Good, admin.view.say(&COMPLETE), None);
            walk.vendor(authority.as_ref(), module, settings, &connect_options)
                .await;
        }
        Err(failure) => {
            let text = admin.view.failure(&failure);
            let remedy = (failure.kind() == FailureKind::Input).then_some(&DO_SETTINGS);
            walk.say(&SETTINGS, Verdict::Bad, text, remedy);
        }
    }
    Report {
        account: owner.map(|owner| (owner.id, owner.name)),
        module: module.name,
        steps: walk.steps(),
    }
}
