//! `pmssl doctor --upgrade`: what this version changes on its first day in an installation that another one has served
//! until now. It is run from where the new version was unpacked. Nothing is written, and no vendor is called.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};

use super::findings::{self, Finding, FindingKind, Findings, Gravity};
use super::{as_text, files, options, platform};
use crate::admin::context::{self, AdminContext};
use crate::admin::daemon;
use crate::admin::exit::Code;
use crate::admin::orders::{Judged, Survey};
use crate::admin::output::{AdminAnswer, View};
use crate::failure::Failure;
use crate::module::{self, Text};
use crate::order::outlook::{Next, Outlook};
use crate::order::owner::Owner;
use crate::order::position::Position;
use crate::order::{person, spare};
use crate::platform::fields;

/// The first day.
const DAY: TimeDelta = TimeDelta::days(1);

/// What a list knows of a certificate's due day may differ by so much from what the certificate itself tells.
const UNSURE: TimeDelta = TimeDelta::days(7);

/// So many services of a kind are named to people, the others counted.
const NAMED: usize = 20;

/// Parameters that begin with the version of their form (docs/stored-forms.md), of those that a list reads.
const VERSIONED: [&str; 3] = [person::PARAMETER, fields::WAITS, fields::PROVED];

const VERSIONS: Text = Text::new(
    "installed: __1__, this program: __2__",
    "установленная версия: __1__, эта программа: __2__",
);
const NOT_KNOWN: Text = Text::new("none, or it does not tell", "нет или не определена");
const COUNTS: Text = Text::new(
    "reissues within a day: __1__, orders under way: __2__, of them with an unknown outcome: __3__",
    "перевыпусков за сутки: __1__, незавершённых заказов: __2__, из них с неизвестным исходом: __3__",
);
const FORMER_FORMS: Text = Text::new(
    "records in a former form, which are read as they are: __1__",
    "записей в прежней форме, которые читаются как есть: __1__",
);
const NO_PLAN: Text = Text::new(
    "no plan of a daemon on this machine for __1__: earlier or later reissues cannot be told",
    "на этой машине нет плана демона для __1__: сравнить сроки перевыпуска нельзя",
);
const FIRST_DAY: Text = Text::new("on the first day:", "в первый день:");
const NOTHING: Text = Text::new(
    "nothing changes on the first day",
    "в первый день ничего не изменится",
);
const MORE: Text = Text::new("and __1__ more", "и ещё __1__");

const EARLIER: FindingKind = FindingKind {
    id: "reissue-earlier",
    gravity: Gravity::Look,
    text: Text::new(
        "__1__: certificates that are reissued within a day, and that the daemon has not planned for it: __2__ (services __3__)",
        "__1__: сертификаты, которые будут перевыпущены за сутки, хотя демон их на эти сутки не планировал: __2__ (услуги __3__)",
    ),
    remedy: Text::new(
        "'pmssl plan --item N' of this version shows the rule; SSLDaemonOrders in billmgr.conf limits how many an account orders in an hour",
        "правило покажет 'pmssl plan --item N' этой версии; SSLDaemonOrders в billmgr.conf ограничивает число заказов обработчика в час",
    ),
};
const LATER: FindingKind = FindingKind {
    id: "reissue-later",
    gravity: Gravity::Look,
    text: Text::new(
        "__1__: certificates that the daemon had planned for this day and that are reissued later: __2__ (services __3__)",
        "__1__: сертификаты, которые демон запланировал на эти сутки, но которые будут перевыпущены позже: __2__ (услуги __3__)",
    ),
    remedy: Text::new(
        "'pmssl plan --item N' of this version shows the day and the rule",
        "день и правило покажет 'pmssl plan --item N' этой версии",
    ),
};
const UNREADABLE: FindingKind = FindingKind {
    id: "intents-unreadable",
    gravity: Gravity::Bad,
    text: Text::new(
        "__1__: services whose stored intent this version cannot read; nothing is ordered for them: __2__ (services __3__)",
        "__1__: услуги, запись о заказе которых эта версия не читает; для них ничего не заказывается: __2__ (услуги __3__)",
    ),
    remedy: Text::new(
        "stay with the version that wrote them, or settle each with 'pmssl resolve --item N'",
        "оставьте версию, которая их записала, или решите каждую командой 'pmssl resolve --item N'",
    ),
};
const NEWER: FindingKind = FindingKind {
    id: "records-newer",
    gravity: Gravity::Look,
    text: Text::new(
        "__1__: services with records of a newer version than this one: __2__ (services __3__)",
        "__1__: услуги с записями более новой версии, чем эта: __2__ (услуги __3__)",
    ),
    remedy: Text::new(
        "docs/stored-forms.md says what this version makes of each",
        "как эта версия их понимает, сказано в docs/stored-forms.md",
    ),
};

/// Something that changes.
struct Change {
    finding: Finding,
    module: Option<&'static str>,
    items: Vec<u64>,
}

/// What the first day does about a certificate that the daemon reissues.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Shift {
    Planned,
    Earlier,
    Later,
}

/// Services by what is said of them and by module.
type Sorted<T> = BTreeMap<(T, &'static str), Vec<u64>>;

/// What the services tell.
#[derive(Default)]
struct Day {
    reissues: Sorted<Shift>,
    /// By the identifier of the kind.
    records: Sorted<&'static str>,
    former_forms: usize,
    waiting: usize,
    prepared: usize,
    unknown: usize,
    /// Modules with certificates of which no daemon of this machine has noted anything.
    unplanned: BTreeSet<&'static str>,
}

/// Tells.
///
/// # Errors
/// The database cannot be read.
pub(super) fn run(admin: &AdminContext) -> Result<AdminAnswer, Failure> {
    let view = &admin.view;
    let mut findings = Findings::new(view);
    options::examine(admin, &mut findings);
    let day = context::wait(async {
        platform::locks(admin, &admin.any_platform(), &mut findings).await;
        first_day(admin).await
    })?;
    let mut changes: Vec<Change> = findings
        .list
        .into_iter()
        // While an upgrade is made, BILLmanager may rest on purpose.
        .filter(|one| one.kind.gravity != Gravity::Good && one.kind.id != findings::DO_NOTHING.id)
        .map(|finding| Change {
            finding,
            module: None,
            items: Vec::new(),
        })
        .collect();
    let services = [&EARLIER, &LATER, &UNREADABLE, &NEWER];
    changes.extend(
        services
            .into_iter()
            .flat_map(|kind| day.changes(view, kind)),
    );
    changes.sort_by_key(|change| change.finding.kind.gravity);
    answer(view, files::installed_version(admin), &changes, &day)
}

async fn first_day(admin: &AdminContext) -> Result<Day, Failure> {
    let now = admin.clock.now();
    let modules: Vec<_> = module::all().collect();
    let noted = |module: &module::Module| daemon::noted(&admin.root, module.name);
    let noted: BTreeMap<_, _> = modules.iter().map(|it| (it.name, noted(it))).collect();
    let mut survey = Survey::begin(admin, &modules).await?;
    let mut day = Day::default();
    while let Some(services) = survey.next().await? {
        for service in &services {
            day.note_records(service);
            // A daemon that has noted others means to look at this one some day.
            let noted = noted.get(service.module.name).filter(|all| !all.is_empty());
            if noted.is_none() && service.position() == Position::Issued {
                day.unplanned.insert(service.module.name);
            }
            let noted = noted.map(|all| all.get(&service.line.item).copied());
            let noted = noted.map(|next| next.unwrap_or(DateTime::<Utc>::MAX_UTC));
            if is_near(service, noted, now) {
                let exact = survey.by_certificate(service).await?;
                day.note_reissue(service, &exact, noted, now);
            }
        }
    }
    Ok(day)
}

/// Whether the first day may concern a service's certificate, as far as a list knows it.
fn is_near(service: &Judged, noted: Option<DateTime<Utc>>, now: DateTime<Utc>) -> bool {
    let due = replaced_from(&service.outlook);
    due.is_some_and(|due| due <= now + DAY + UNSURE || noted.is_some_and(|next| next <= now + DAY))
}

/// From when on the daemon reissues the certificate.
fn replaced_from(outlook: &Outlook) -> Option<DateTime<Utc>> {
    let is_daemons = outlook.position == Position::Issued
        && outlook.next == Next::Reissue
        && outlook.owner == Owner::Program;
    outlook.ahead.filter(|_| is_daemons).map(|ahead| ahead.due)
}

/// Compares the day from which a certificate is reissued with the look that was noted for it.
fn shift(due: DateTime<Utc>, noted: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Option<Shift> {
    let end = now + DAY;
    match (due <= end, noted) {
        (true, Some(noted)) if noted > end => Some(Shift::Earlier),
        (true, _) => Some(Shift::Planned),
        // A look whose time is over was missed: it tells nothing.
        (false, Some(noted)) if (now..=end).contains(&noted) => Some(Shift::Later),
        (false, _) => None,
    }
}

impl Day {
    fn note_reissue(
        &mut self,
        service: &Judged,
        exact: &Outlook,
        noted: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) {
        let Some(shift) = replaced_from(exact).and_then(|due| shift(due, noted, now)) else {
            return;
        };
        // Of a new purchase the daemon looks whether it was made twice.
        let intent = service.intent.as_ref().and_then(|it| it.as_ref().ok());
        let is_new = intent.is_some_and(|intent| now < intent.since + spare::LATE + DAY);
        if shift == Shift::Later && is_new {
            return;
        }
        let key = (shift, service.module.name);
        self.reissues
            .entry(key)
            .or_default()
            .push(service.line.item);
    }

    fn note_records(&mut self, service: &Judged) {
        match service.position() {
            Position::Deleted => return,
            Position::Unreadable => self.note(UNREADABLE.id, service),
            Position::Unsettled => self.unknown += 1,
            Position::Prepared => self.prepared += 1,
            Position::Waiting => self.waiting += 1,
            _ => {}
        }
        let stored = |name| service.line.parameter(name).map(str::trim);
        let mut versioned = VERSIONED.into_iter().filter_map(stored);
        if versioned.any(|text| !text.is_empty() && !text.starts_with("1|")) {
            self.note(NEWER.id, service);
        }
        // A day without a serial number.
        let end = stored(fields::CERTIFICATE_END);
        let is_former = end.is_some_and(|text| !text.is_empty() && !text.contains(' '));
        self.former_forms += usize::from(is_former);
    }

    fn note(&mut self, id: &'static str, service: &Judged) {
        let key = (id, service.module.name);
        self.records.entry(key).or_default().push(service.line.item);
    }

    /// How many certificates are reissued within the day.
    fn reissued(&self) -> usize {
        let reissued = self
            .reissues
            .iter()
            .filter(|((shift, _), _)| *shift != Shift::Later);
        reissued.map(|(_, items)| items.len()).sum()
    }

    /// What is said of one kind, by module.
    fn changes(&self, view: &View, kind: &'static FindingKind) -> Vec<Change> {
        let shift = |shift: Shift| match shift {
            Shift::Planned => "",
            Shift::Earlier => EARLIER.id,
            Shift::Later => LATER.id,
        };
        let reissues = self.reissues.iter();
        let reissues = reissues.map(|((what, module), items)| (shift(*what), *module, items));
        let records = self.records.iter();
        let records = records.map(|((id, module), items)| (*id, *module, items));
        reissues
            .chain(records)
            .filter(|(id, ..)| *id == kind.id)
            .map(|(_, module, items)| {
                let text = view
                    .say(&kind.text)
                    .replace("__1__", module)
                    .replace("__2__", &items.len().to_string())
                    .replace("__3__", &listed(view, items));
                let remedy = view.say(&kind.remedy).to_owned();
                Change {
                    finding: Finding { kind, text, remedy },
                    module: Some(module),
                    items: items.clone(),
                }
            })
            .collect()
    }
}

/// The first services by number, and how many more there are.
fn listed(view: &View, items: &[u64]) -> String {
    let (named, more) = items.split_at(items.len().min(NAMED));
    let named: Vec<String> = named.iter().map(ToString::to_string).collect();
    match more.len() {
        0 => named.join(", "),
        count => {
            let more = view.say(&MORE).replace("__1__", &count.to_string());
            format!("{} {more}", named.join(", "))
        }
    }
}

fn answer(
    view: &View,
    installed: Option<String>,
    changes: &[Change],
    day: &Day,
) -> Result<AdminAnswer, Failure> {
    let program = env!("CARGO_PKG_VERSION");
    let code = match changes
        .iter()
        .map(|change| change.finding.kind.gravity)
        .max()
    {
        None => Code::Done,
        Some(Gravity::Bad) => Code::Failed,
        Some(_) => Code::Warnings,
    };
    if view.json {
        let changes: Vec<_> = changes
            .iter()
            .map(|change| {
                let finding = &change.finding;
                serde_json::json!({
                    "id": finding.kind.id,
                    "gravity": finding.kind.gravity.word(),
                    "text": finding.text,
                    "remedy": finding.remedy,
                    "module": change.module,
                    "items": change.items,
                })
            })
            .collect();
        let document = serde_json::json!({
            "installed": installed,
            "program": program,
            "changes": changes,
            "reissues": day.reissued(),
            "prepared": day.prepared,
            "unknown": day.unknown,
            "waiting": day.waiting,
            "former_forms": day.former_forms,
        });
        return Ok(AdminAnswer::new(view.json(&document)?, code));
    }
    let installed = installed.unwrap_or_else(|| view.say(&NOT_KNOWN).to_owned());
    let under_way = day.prepared + day.unknown + day.waiting;
    let mut lines = vec![
        view.say(&VERSIONS)
            .replace("__1__", &installed)
            .replace("__2__", program),
        view.say(&COUNTS)
            .replace("__1__", &day.reissued().to_string())
            .replace("__2__", &under_way.to_string())
            .replace("__3__", &day.unknown.to_string()),
    ];
    if day.former_forms > 0 {
        let count = day.former_forms.to_string();
        lines.push(view.say(&FORMER_FORMS).replace("__1__", &count));
    }
    if !day.unplanned.is_empty() {
        let modules: Vec<_> = day.unplanned.iter().copied().collect();
        lines.push(view.say(&NO_PLAN).replace("__1__", &modules.join(", ")));
    }
    match (changes.is_empty(), day.unplanned.is_empty()) {
        (true, true) => lines.push(view.say(&NOTHING).to_owned()),
        (true, false) => {}
        (false, _) => lines.push(view.say(&FIRST_DAY).to_owned()),
    }
    let mut text = lines.join("\n") + "\n";
    for change in changes {
        text.push_str(&as_text(view, &change.finding));
    }
    Ok(AdminAnswer::new(text, code))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::Language;

    const VIEW: View = View {
        language: Language::English,
        json: false,
        color: false,
    };

    #[test]
    fn a_reissue_is_earlier_or_later_than_it_was_planned() {
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let at = |hours| now + TimeDelta::hours(hours);
        for (due, noted, expected) in [
            (-100, None, Some(Shift::Planned)),
            (-100, Some(-2), Some(Shift::Planned)),
            (23, Some(23), Some(Shift::Planned)),
            (23, Some(25), Some(Shift::Earlier)),
            (-100, Some(240), Some(Shift::Earlier)),
            (25, Some(24), Some(Shift::Later)),
            (240, Some(0), Some(Shift::Later)),
            (240, Some(-1), None),
            (240, Some(240), None),
            (240, Some(100), None),
            (25, None, None),
        ] {
            let found = shift(at(due), noted.map(at), now);
            assert_eq!(found, expected, "{due} {noted:?}");
        }
    }

    #[test]
    fn each_change_is_told_once_by_module_with_its_services() {
        let mut day = Day::default();
        let items: Vec<u64> = (1..=25).collect();
        day.reissues.insert((Shift::Earlier, "pmenomssl"), items);
        day.reissues
            .insert((Shift::Earlier, "pmglobalsign"), vec![77]);
        day.reissues
            .insert((Shift::Later, "pmglobalsign"), vec![78]);
        day.reissues
            .insert((Shift::Planned, "pmglobalsign"), vec![79, 80]);
        assert_eq!(day.reissued(), 28);
        let earlier = day.changes(&VIEW, &EARLIER);
        let modules: Vec<_> = earlier.iter().map(|change| change.module).collect();
        assert_eq!(modules, [Some("pmenomssl"), Some("pmglobalsign")]);
        let text = &earlier[0].finding.text;
        assert!(text.contains("for it: 25 (services 1, 2, "), "{text}");
        assert!(text.ends_with(", 20 and 5 more)"), "{text}");
        assert_eq!(day.changes(&VIEW, &LATER).len(), 1);
        assert!(day.changes(&VIEW, &NEWER).is_empty());
    }

    #[test]
    fn the_gravest_change_decides_how_it_ends() {
        let mut day = Day::default();
        let end = |day: &Day, kinds: &[&'static FindingKind]| {
            let changes: Vec<_> = kinds
                .iter()
                .copied()
                .flat_map(|kind| day.changes(&VIEW, kind))
                .collect();
            let answer = answer(&VIEW, None, &changes, day).unwrap();
            (answer.end.number(), answer.text)
        };
        let (code, text) = end(&day, &[&UNREADABLE, &LATER]);
        assert_eq!(code, 0);
        assert!(
            text.ends_with("nothing changes on the first day\n"),
            "{text}"
        );
        day.reissues.insert((Shift::Later, "pmenomssl"), vec![7]);
        let (code, text) = end(&day, &[&UNREADABLE, &LATER]);
        assert_eq!(code, 3);
        assert!(
            text.contains("on the first day:\nlook  pmenomssl: "),
            "{text}"
        );
        day.records.insert((UNREADABLE.id, "pmenomssl"), vec![8]);
        assert_eq!(end(&day, &[&UNREADABLE, &LATER]).0, 1);
    }
}
