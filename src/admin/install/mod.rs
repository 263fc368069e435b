//! `pmssl install` and `pmssl uninstall`: links, forms, system files, cache refresh.
//!
//! What is to be done is planned first and then carried out, so that `--dry-run` tells the truth. A
//! ledger under the platform root remembers what was made; nothing else is ever overwritten or removed
//! without `--replace`, which moves the former file aside and lets `uninstall` bring it back. Settings
//! of the platform and of accounts are never touched.

mod adopt;
mod ledger;
mod refresh;
mod system;
mod work;

use std::path::{Path, PathBuf};

use super::context::{self, AdminContext};
use super::exit::Code;
use super::forms;
use super::output::{AdminAnswer, Tone};
use super::select::MODULE;
use crate::cli;
use crate::domain::text::Bilingual;
use crate::failure::{Failure, Reason};
use crate::module::{self, MODULES, Module, Text};
use adopt::Taken;
use ledger::Ledger;
use work::{Deed, Outcome, Work};

const DRY: Text = Text::new(
    "nothing was done (--dry-run)",
    "ничего не сделано (--dry-run)",
);
const NOTHING: Text = Text::new("nothing to do", "делать нечего");
const NEXT: Text = Text::new(
    "next: add an account in BILLmanager (Integration, Processing modules), then run 'pmssl check --all' and 'pmssl doctor'",
    "далее: добавьте обработчик в BILLmanager (Интеграция - Модули обработки), затем выполните 'pmssl check --all' и 'pmssl doctor'",
);
const CONFLICTS: Text = Text::new(
    "files not created by pmssl are in the way; --replace moves them to var/pmssl/replaced, and 'pmssl uninstall' puts them back",
    "мешают файлы, созданные не pmssl; --replace переместит их в var/pmssl/replaced, а 'pmssl uninstall' вернёт на место",
);
const LEFT: Text = Text::new(
    "files marked as kept were edited and stay as they are; 'pmssl install --replace' installs this version's",
    "файлы с пометкой \"сохранён\" изменены вручную и остаются как есть; установить файлы этой версии: 'pmssl install --replace'",
);
const LEFT_BEHIND: Text = Text::new(
    "files marked as kept were edited and stay; remove them by hand if they are not needed",
    "файлы с пометкой \"сохранён\" изменены вручную и остаются; если они не нужны, удалите их сами",
);
const NO_SYSTEM_FILES: Text = Text::new(
    "units and log rotation are not installed because --root is not /usr/local/mgr5; use --etc DIR to install them",
    "юниты и ротация журналов не устанавливаются, так как --root не /usr/local/mgr5; чтобы установить их, укажите --etc КАТАЛОГ",
);
const LOCK_HOST: Text = Text::new(
    "from now on every node must take its locks where this one does",
    "теперь все узлы должны брать блокировки там же, где этот",
);
const IN_USE: Text = Text::new(
    "accounts use these modules, and services of these accounts would stop working: __list__; --yes removes the modules anyway",
    "эти модули используются обработчиками, услуги этих обработчиков перестанут работать: __list__; с --yes модули будут всё равно удалены",
);
const USE_UNKNOWN: Text = Text::new(
    "it is not known whether accounts use these modules (__list__); --yes removes them anyway",
    "не удалось выяснить, используются ли эти модули (__list__); с --yes они будут всё равно удалены",
);

/// Arguments of `pmssl install`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
May be run again at any time: an upgrade renews what an earlier version installed and keeps all
settings, edited units and log rotation among them. Units of a package are used as they are.

--adopt takes over the services of the platform vendor's own modules: those modules are moved aside
(as with --replace), accounts and services stay as they are, order numbers that are missing are asked
for at the vendor, and an order that may have been lost is handed to a person. Nothing is ordered.

--beside installs under other names (pmssl_thesslstore, pmssl_globalsign, ...), so that the platform
vendor's own modules go on working. --module takes these names as well as the plain ones.

Examples:
  pmssl install --dry-run
  pmssl install --module pmthesslstore,pmglobalsign
  pmssl install --adopt --dry-run
  pmssl install --beside --module pmglobalsign")]
pub(super) struct Arguments {
    /// Only these modules, separated by commas
    #[arg(long = "module", alias = "modules", value_name = "NAMES", value_delimiter = ',',
        value_parser = MODULE)]
    modules: Vec<&'static str>,
    /// Copy the program instead of linking to it
    #[arg(long)]
    copy: bool,
    /// Move files of somebody else out of the way
    #[arg(long)]
    replace: bool,
    /// Take over the services of the platform vendor's own modules
    #[arg(long, conflicts_with = "beside")]
    adopt: bool,
    /// Install under other names, beside the platform vendor's own modules
    #[arg(long)]
    beside: bool,
    /// SSLLockHost names another server for locks now, or none, on all nodes: go on with it
    #[arg(long)]
    lock_host_moved: bool,
    /// Directory of the system's settings for units and log rotation; /etc for the usual root
    #[arg(long, value_name = "DIRECTORY")]
    etc: Option<PathBuf>,
    /// Put the cron line that starts a pass of the daemon, for systems without systemd; it works at once
    #[arg(long)]
    cron: bool,
    /// Do not refresh the platform's caches
    #[arg(long)]
    no_refresh: bool,
    /// Only tell what would be done
    #[arg(long)]
    dry_run: bool,
}

/// Arguments of `pmssl uninstall`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Removes only what 'pmssl install' made and nobody changed since; what was changed is named and stays.
Logs, accounts and services stay.

Example:
  pmssl uninstall --module pmenomssl")]
pub(super) struct Removal {
    /// Only these modules, separated by commas
    #[arg(long = "module", alias = "modules", value_name = "NAMES", value_delimiter = ',',
        value_parser = MODULE)]
    modules: Vec<&'static str>,
    /// Remove modules that accounts use
    #[arg(long)]
    yes: bool,
    /// Do not refresh the platform's caches
    #[arg(long)]
    no_refresh: bool,
    /// Only tell what would be done
    #[arg(long)]
    dry_run: bool,
}

/// Installs.
pub(super) fn run(
    admin: &AdminContext,
    program: &Path,
    arguments: &Arguments,
) -> Result<AdminAnswer, Failure> {
    let mut modules = chosen(&arguments.modules);
    admin.must_be_a_platform()?;
    if arguments.beside {
        modules = modules.iter().map(|module| module.beside()).collect();
        without_doubles(&mut modules);
    } else if arguments.adopt && arguments.modules.is_empty() {
        // Stock modules that are called differently are taken over under their own names.
        let stock = module::all().filter(|module| module.is_renamed());
        modules.extend(stock.filter(|module| place_of(admin, module).exists()));
    }
    let own = own_file(program)?;
    // Before the modules change hands: the platform may run an operation at any moment.
    let taken = if arguments.adopt {
        adopt::run(admin, &modules, arguments.dry_run)?
    } else {
        Vec::new()
    };
    let mut ledger = Ledger::read(&admin.root)?;
    let mut work = Work::new(
        &mut ledger,
        &admin.root,
        arguments.replace || arguments.adopt,
        arguments.dry_run,
    );
    for module in &modules {
        let place = place_of(admin, module);
        if arguments.copy {
            work.copy(&own, &place)?;
        } else {
            work.link(&own, &place)?;
        }
        let form = admin
            .root
            .join("etc/xml")
            .join(forms::file_name(module.name));
        work.write(&form, module.xml_form().as_bytes(), 0o644)?;
    }
    // Where the units and administrators find the program.
    let tool = admin.root.join("sbin/pmssl");
    if arguments.copy {
        work.copy(&own, &tool)?;
    } else if own != tool {
        work.link(&own, &tool)?;
    }
    let etc = arguments.etc.clone().or_else(|| {
        let usual = admin.root == Path::new(cli::USUAL_ROOT);
        usual.then(|| PathBuf::from("/etc"))
    });
    if let Some(etc) = &etc {
        let places = system::Places {
            etc,
            root: &admin.root,
            program: if arguments.copy { &tool } else { &own },
        };
        // Taking over modules is no reason to move settings aside.
        work.set_replace(arguments.replace);
        system::put(&mut work, places, arguments.cron)?;
    }
    let outcome = work.finish();
    let mut notes = Vec::new();
    if etc.is_none() {
        notes.push(admin.view.say(&NO_SYSTEM_FILES).to_owned());
    }
    if outcome.left() > 0 {
        notes.push(admin.view.say(&LEFT).to_owned());
    }
    let changed = outcome.changed();
    if changed && !arguments.dry_run {
        ledger.write(&admin.root)?;
    }
    let commands = if changed && !arguments.no_refresh {
        let units = outcome.changed_any(system::is_unit);
        refresh::run(&admin.root, units, arguments.dry_run)
    } else {
        Vec::new()
    };
    if arguments.lock_host_moved && !arguments.dry_run {
        accept_lock_host(admin, &mut notes)?;
    }
    let locks = refused_for_locks(admin);
    let is_refused = locks.is_some();
    notes.extend(locks);
    if !arguments.dry_run && outcome.conflicts() == 0 && changed {
        notes.push(admin.view.say(&NEXT).to_owned());
    }
    let to_look_at = is_refused || adopt::needs_person(&taken);
    let taken = (taken.as_slice(), to_look_at);
    answer(admin, &outcome, taken, &commands, notes, arguments.dry_run)
}

/// Why nothing will be ordered here, as far as the database can be asked: before the first order fails.
fn refused_for_locks(admin: &AdminContext) -> Option<String> {
    let platform = admin.any_platform();
    let examined = context::wait(async { platform.examine_locks().await });
    let failure = examined.err()?;
    matches!(failure.reason(), Reason::LocksDoNotHold | Reason::LockHost)
        .then(|| admin.view.failure(&failure))
}

/// A person's word that every node takes its locks where this one does.
fn accept_lock_host(admin: &AdminContext, notes: &mut Vec<String>) -> Result<(), Failure> {
    let platform = admin.any_platform();
    if context::wait(async { platform.accept_lock_host().await })? {
        notes.push(admin.view.say(&LOCK_HOST).to_owned());
    }
    Ok(())
}

/// Where a module stands.
fn place_of(admin: &AdminContext, module: &Module) -> PathBuf {
    admin.root.join("processing").join(module.name)
}

/// Uninstalls.
pub(super) fn remove(
    admin: &AdminContext,
    program: &Path,
    arguments: &Removal,
) -> Result<AdminAnswer, Failure> {
    let is_all = arguments.modules.is_empty();
    let modules = if is_all {
        module::all().collect()
    } else {
        chosen(&arguments.modules)
    };
    admin.must_be_a_platform()?;
    let own = own_file(program)?;
    let mut ledger = Ledger::read(&admin.root)?;
    let mut work = Work::new(&mut ledger, &admin.root, false, arguments.dry_run);
    let mut places = Vec::new();
    for module in &modules {
        places.push(place_of(admin, module));
        let form = forms::file_name(module.name);
        places.push(admin.root.join("etc/xml").join(form));
    }
    let installed: Vec<_> = modules
        .iter()
        .copied()
        .filter(|module| work.knows(&place_of(admin, module), &own))
        .collect();
    if !arguments.yes && !arguments.dry_run && !installed.is_empty() {
        nobody_uses(admin, &installed)?;
    }
    for place in &places {
        work.take_away(place, &own)?;
    }
    // Units and log rotation go with the last module.
    if is_all {
        for place in work.others(&admin.root) {
            work.take_away(&place, &own)?;
        }
    }
    let outcome = work.finish();
    let changed = outcome.changed();
    if changed && !arguments.dry_run {
        ledger.write(&admin.root)?;
    }
    let commands = if changed && !arguments.no_refresh {
        let units = outcome.changed_any(system::is_unit);
        refresh::run(&admin.root, units, arguments.dry_run)
    } else {
        Vec::new()
    };
    let notes = if outcome.left() > 0 {
        vec![admin.view.say(&LEFT_BEHIND).to_owned()]
    } else {
        Vec::new()
    };
    answer(
        admin,
        &outcome,
        (&[], false),
        &commands,
        notes,
        arguments.dry_run,
    )
}

/// The modules of names, under all of which modules may stand: the packages name those that are installed.
fn chosen(names: &[&str]) -> Vec<&'static Module> {
    if names.is_empty() {
        return MODULES.to_vec();
    }
    let mut modules = names.iter().copied().filter_map(module::by_name).collect();
    without_doubles(&mut modules);
    modules
}

/// Each module once, where it is named first.
fn without_doubles(modules: &mut Vec<&'static Module>) {
    let mut seen = std::collections::BTreeSet::new();
    modules.retain(|module| seen.insert(module.name));
}

/// The program itself, without links.
fn own_file(program: &Path) -> Result<PathBuf, Failure> {
    std::env::current_exe()
        .and_then(std::fs::canonicalize)
        .map_err(|error| {
            Failure::field(Reason::PlatformFile, program.display().to_string()).because(error)
        })
}

fn nobody_uses(admin: &AdminContext, modules: &[&'static Module]) -> Result<(), Failure> {
    let users = context::wait(async {
        let platform = admin.any_platform();
        let mut users = Vec::new();
        for module in modules {
            let lines = platform.account_lines(module).await?;
            users.extend(
                lines
                    .iter()
                    .map(|line| format!("{} {} ({})", line.id, line.name, module.name)),
            );
        }
        Ok(users)
    });
    let (text, list) = match users {
        Ok(users) if users.is_empty() => return Ok(()),
        Ok(users) => (IN_USE, users.join(", ")),
        Err(failure) => (USE_UNKNOWN, admin.view.failure(&failure)),
    };
    let text = text.both().map(|text| text.replace("__list__", &list));
    Err(cli::needed("--yes").detail(text))
}

fn answer(
    admin: &AdminContext,
    outcome: &Outcome,
    (taken, needs_person): (&[Taken], bool),
    commands: &[refresh::Ran],
    mut notes: Vec<String>,
    dry_run: bool,
) -> Result<AdminAnswer, Failure> {
    let view = &admin.view;
    let failed_command = commands.iter().any(|ran| ran.complaint.is_some());
    let to_look_at = failed_command || needs_person;
    let code = match (outcome.conflicts(), to_look_at) {
        (0, false) => Code::Done,
        (0, true) => Code::Warnings,
        _ => Code::Failed,
    };
    if outcome.conflicts() > 0 {
        notes.push(view.say(&CONFLICTS).to_owned());
    }
    if dry_run {
        notes.push(view.say(&DRY).to_owned());
    } else if !outcome.changed() && outcome.conflicts() == 0 {
        notes.push(view.say(&NOTHING).to_owned());
    }
    if view.json {
        let deeds: Vec<_> = outcome
            .deeds
            .iter()
            .map(|(deed, place)| {
                serde_json::json!({ "deed": deed.word(), "file": place.display().to_string() })
            })
            .collect();
        let ran: Vec<_> = commands
            .iter()
            .map(|ran| serde_json::json!({ "command": ran.line, "complaint": ran.complaint }))
            .collect();
        let document = serde_json::json!({
            "dry_run": dry_run, "services": adopt::json(taken), "files": deeds,
            "commands": ran, "notes": notes,
        });
        return Ok(AdminAnswer::new(view.json(&document)?, code));
    }
    let mut text = adopt::text(view, taken);
    for (deed, place) in &outcome.deeds {
        let tone = match deed {
            Deed::Keep => Tone::Faint,
            Deed::Conflict => Tone::Bad,
            _ => Tone::Plain,
        };
        let line = format!("{}  {}", view.say(&deed.label()), place.display());
        text.push_str(&format!("{}\n", view.paint(tone, &line)));
    }
    for ran in commands {
        text.push_str(&format!("$ {}\n", ran.line));
        if let Some(complaint) = &ran.complaint {
            text.push_str(&format!("  {}\n", view.paint(Tone::Warning, complaint)));
        }
    }
    for note in notes {
        text.push_str(&format!("{note}\n"));
    }
    Ok(AdminAnswer::new(text, code))
}

#[cfg(test)]
mod tests;
