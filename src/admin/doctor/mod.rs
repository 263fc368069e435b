//! `pmssl doctor`: examines the installation. Changes nothing but one scratch file in the log directory,
//! which is removed at once. No vendor is called; that is `pmssl check`.

mod daemon;
mod files;
mod findings;
mod host;
mod nagios;
mod options;
mod paths;
mod platform;
mod services;
mod upgrade;
mod version;

use super::context::{self, AdminContext};
use super::exit::Code;
use super::output::{AdminAnswer, Cell, Tone, View};
use super::select::whole;
use crate::failure::{Failure, Reason};
use crate::module::Text;
use findings::{Finding, Findings, Gravity};
pub(super) use nagios::unknown;

const ALL_WELL: Text = Text::new("all is well", "всё в порядке");
const COUNTS: Text = Text::new(
    "__bad__ broken, __look__ to look at, __good__ good",
    "неисправностей: __bad__, требует внимания: __look__, в порядке: __good__",
);
const MORE: Text = Text::new(
    "and __1__ more of the kind '__2__'",
    "и ещё __1__ вида '__2__'",
);
const GOOD: Text = Text::new("good", "хорошо");
const LOOK: Text = Text::new("look", "проверьте");
const BAD: Text = Text::new("bad", "плохо");

/// Arguments of `pmssl doctor`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Ends with 0 when all is well, 3 when there is something to look at, 1 when something is broken.
No vendor is called: that is 'pmssl check'.
Each finding has an identifier for monitoring that never changes.

Examples:
  pmssl doctor
  pmssl doctor --quiet --near-end 30 --json
  pmssl doctor --nagios           as a plugin: OK, WARNING, CRITICAL or UNKNOWN, ends with 0, 1, 2 or 3
  pmssl doctor --list             what it can find, with identifiers and remedies
  ./pmssl doctor --upgrade        what this version would change here, before it is installed")]
pub(super) struct Arguments {
    /// Do not show what is good
    #[arg(long)]
    quiet: bool,
    /// Name services whose certificate ends within so many days
    #[arg(long, value_name = "DAYS", default_value_t = 14,
        value_parser = whole::<u32>)]
    near_end: u32,
    /// Answer as a plugin of Nagios: one line with the state and numbers, then each kind of finding once
    #[arg(long, conflicts_with_all = ["quiet", "list"])]
    nagios: bool,
    /// Only list everything that can be found, with identifiers and remedies
    #[arg(long, conflicts_with_all = ["quiet", "near_end"])]
    list: bool,
    /// Tell what this version changes on its first day here; nothing else is examined
    #[arg(long, conflicts_with_all = ["quiet", "near_end", "nagios", "list"])]
    upgrade: bool,
}

impl Arguments {
    /// Whether nothing is examined.
    pub(super) fn only_lists(&self) -> bool {
        self.list
    }
}

/// What is told where nothing can be examined, for lack of rights or of an installation: that alone. What else would be
/// found is what comes of it.
///
/// # Errors
/// For a check, and before an upgrade: what cannot be found out for lack of rights is no state of the installation.
pub(super) fn outside(
    admin: &AdminContext,
    arguments: &Arguments,
    failure: Failure,
) -> Result<AdminAnswer, Failure> {
    let mut findings = Findings::new(&admin.view);
    match failure.reason() {
        _ if arguments.upgrade => return Err(failure),
        Reason::NotRoot if !arguments.nagios => {
            let user = rustix::process::geteuid().as_raw().to_string();
            findings.add(&findings::NOT_ROOT, &user, failure.offending_value());
        }
        Reason::NoPlatform => findings.add(&findings::NO_ROOT, failure.offending_value(), ""),
        _ => return Err(failure),
    }
    told(admin, arguments, findings)
}

/// Examines.
pub(super) fn run(admin: &AdminContext, arguments: &Arguments) -> Result<AdminAnswer, Failure> {
    if arguments.list {
        return list(&admin.view);
    }
    if arguments.upgrade {
        return upgrade::run(admin);
    }
    let mut findings = Findings::new(&admin.view);
    files::examine(admin, &mut findings);
    options::examine(admin, &mut findings);
    host::examine(admin, &mut findings);
    version::examine(&mut findings);
    tell_good(&admin.view, arguments, &mut findings)?;
    context::wait(async {
        platform::answers(admin, &mut findings).await;
        if let Some(accounts) = platform::examine(admin, &mut findings).await {
            if accounts > 0 {
                daemon::examine(admin, &mut findings).await;
                daemon::examine_policy(admin, &mut findings);
            }
            tell_good(&admin.view, arguments, &mut findings)?;
            services::examine(admin, arguments.near_end, &mut findings).await;
        }
        Ok(())
    })?;
    told(admin, arguments, findings)
}

/// Prints for people what is good so far, while the rest is examined: a large shop takes its time. What matters is told
/// at the end, the gravest last.
fn tell_good(
    view: &View,
    arguments: &Arguments,
    findings: &mut Findings<'_>,
) -> Result<(), Failure> {
    if view.json || arguments.nagios || arguments.quiet {
        return Ok(());
    }
    let good = findings.take_good();
    let text: String = good.iter().map(|finding| as_text(view, finding)).collect();
    // The exit code tells as much where nobody reads on.
    view.print(&text)?;
    Ok(())
}

/// The answer in the form that was asked for.
fn told(
    admin: &AdminContext,
    arguments: &Arguments,
    findings: Findings<'_>,
) -> Result<AdminAnswer, Failure> {
    if arguments.nagios {
        return Ok(nagios::answer(&admin.view, &findings));
    }
    answer(&admin.view, findings, arguments.quiet)
}

/// Everything that can be found, for those who set monitoring up.
fn list(view: &View) -> Result<AdminAnswer, Failure> {
    let say = |text: &Text| view.say(text).replace("__1__", "*").replace("__2__", "*");
    if view.json {
        let all: Vec<_> = findings::ALL
            .iter()
            .map(|kind| {
                serde_json::json!({
                    "id": kind.id,
                    "gravity": kind.gravity.word(),
                    "text": say(&kind.text),
                    "remedy": say(&kind.remedy),
                })
            })
            .collect();
        return Ok(AdminAnswer::done(view.json(&all)?));
    }
    let troubles = findings::ALL
        .iter()
        .filter(|kind| kind.gravity != Gravity::Good);
    let mut text = String::new();
    for kind in troubles {
        let word = kind.gravity.word();
        text.push_str(&format!("{} ({word}): {}\n", kind.id, say(&kind.text)));
        text.push_str(&format!("  -> {}\n", say(&kind.remedy)));
    }
    Ok(AdminAnswer::done(text))
}

fn as_text(view: &View, finding: &Finding) -> String {
    let (label, tone) = match finding.kind.gravity {
        Gravity::Good => (GOOD, Tone::Good),
        Gravity::Look => (LOOK, Tone::Warning),
        Gravity::Bad => (BAD, Tone::Bad),
    };
    let width = [GOOD, LOOK, BAD]
        .iter()
        .map(|label| view.say(label).chars().count())
        .max()
        .unwrap_or_default();
    let word = view.say(&label);
    let pad = " ".repeat(width - word.chars().count());
    // Texts may hold what came from outside.
    let row = [Cell::from(finding.text.as_str())];
    let line = view.table(&[""], &[row.to_vec()]);
    let line = line.trim_start_matches('\n');
    let mut text = format!("{}{pad}  {line}", view.paint(tone, word));
    if !finding.remedy.is_empty() {
        text.push_str(&format!("{}  -> {}\n", " ".repeat(width), finding.remedy));
    }
    text
}

fn answer(view: &View, findings: Findings<'_>, quiet: bool) -> Result<AdminAnswer, Failure> {
    let count = |gravity| findings.count_of(gravity);
    let (good, look, bad) = (
        count(Gravity::Good),
        count(Gravity::Look),
        count(Gravity::Bad),
    );
    let code = match (bad, look) {
        (0, 0) => Code::Done,
        (0, _) => Code::Warnings,
        _ => Code::Failed,
    };
    let more = findings.hidden();
    let mut list = findings.list;
    if quiet {
        list.retain(|finding| finding.kind.gravity != Gravity::Good);
    }
    // What matters most stands last, where the eye is on a terminal.
    list.sort_by_key(|finding| finding.kind.gravity);
    if view.json {
        let findings: Vec<_> = list
            .iter()
            .map(|finding| {
                serde_json::json!({
                    "id": finding.kind.id,
                    "gravity": finding.kind.gravity.word(),
                    "text": finding.text,
                    "remedy": finding.remedy,
                })
            })
            .collect();
        let mut document = serde_json::json!({
            "good": good, "look": look, "bad": bad, "findings": findings,
        });
        if !more.is_empty() {
            let more = more.iter().map(|(kind, count)| (kind.id, *count));
            document["more"] = more
                .collect::<std::collections::BTreeMap<_, _>>()
                .into_iter()
                .collect();
        }
        return Ok(AdminAnswer::new(view.json(&document)?, code));
    }
    let mut text: String = list.iter().map(|finding| as_text(view, finding)).collect();
    for (kind, count) in more {
        let words = view.say(&MORE).replace("__1__", &count.to_string());
        text.push_str(&format!("{}\n", words.replace("__2__", kind.id)));
    }
    let counts = view
        .say(&COUNTS)
        .replace("__bad__", &bad.to_string())
        .replace("__look__", &look.to_string())
        .replace("__good__", &good.to_string());
    text.push_str(&if code == Code::Done {
        format!("{}: {counts}\n", view.say(&ALL_WELL))
    } else {
        format!("{counts}\n")
    });
    Ok(AdminAnswer::new(text, code))
}
