//! `pmssl forecast`: how many reissues and renewals are coming, by week and vendor.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate, TimeDelta};
use serde_json::{Value, json};

use super::context::{self, AdminContext};
use super::orders::Survey;
use super::output::{AdminAnswer, Cell, View};
use super::plan;
use super::select::{Chosen, whole};
use super::table::{Column, Layout, List, Row};
use crate::domain::AccountId;
use crate::failure::{Failure, Reason};
use crate::module::{Module, Text};
use crate::order::forecast::{Event, Kind, forecast};
use crate::order::outlook::Around;
use crate::platform::billmanager::overview::{QueuedLine, ServiceLine};
use crate::platform::{DELETED, Platform, Service};

/// Weeks that are looked at unless others are asked for.
const WEEKS: u32 = 52;

/// Marks of the longest bar: so much is left of 80 columns.
const BAR: usize = 24;

/// The columns. What a table shows of them fits 80 characters, in both languages.
pub(super) static COLUMNS: [Column; 9] = [
    Column::new("week", Text::new("week of", "неделя с"), 0),
    Column::new("vendor", Text::new("vendor", "поставщик"), 0),
    Column::new("reissues", Text::new("reissues", "перевыпуск"), 0),
    Column::new("client", Text::new("client", "клиент"), 0),
    Column::new("person", Text::new("by hand", "вручную"), 0),
    Column::new("renewals", Text::new("renewals", "продление"), 0),
    Column::new("lapses", Text::new("lapses", "без замены"), 0),
    Column::new("unknown", Text::new("unknown", "неизвестно"), 0),
    Column::new("bar", Text::NONE, 0),
];

/// What a table shows of a week.
const USUAL: [&str; 6] = ["week", "reissues", "client", "renewals", "lapses", "bar"];

const NONE: Text = Text::new(
    "no reissue or renewal is due in this time",
    "перевыпусков и продлений за это время нет",
);
const COUNT: Text = Text::new(
    "weeks: __count__ (from Monday on, UTC)",
    "недель: __count__ (с понедельника, UTC)",
);
const LEGEND: Text = Text::new(
    "# reissue, * reissue with the client, o renewal, ! lapse (a mark: up to __mark__)",
    "# перевыпуск, * с участием клиента, o продление, ! без замены (знак: до __mark__)",
);
const UNKNOWN: Text = Text::new(
    "unknown: the end of the paid term is not known, nothing else is counted; 'pmssl plan' names these services",
    "неизвестно: конец оплаченного срока не известен, такие услуги не подсчитаны; их показывает 'pmssl plan'",
);

/// Arguments of `pmssl forecast`.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(after_help = "\
What 'pmssl plan' says of each service, counted: reissues by the lifetimes of their day, the vendor's
practice, the paid term and the policy, and the renewal at the end of the paid term. Whether a client
renews is not known: what would follow is not counted. What is overdue counts in the current week.

  reissues  certificates that are replaced inside the paid term, in the week from which that is due
  client    of these: with the client, since the proof of the names or the company's verification is
            too old by then, or the policy leaves the reissue to the client
  person    of these: the vendor has no call for it, the administrator reissues (\"by hand\")
  renewals  paid terms that end
  lapses    certificates that end inside the paid term and that nobody replaces (policy none, or the
            service is not active)
  unknown   services whose paid term is not known

A table has a row for each week and totals by vendor; CSV and JSON have one for each week and vendor,
and one without a week for a vendor's unknown services. Weeks without any are left out. What a vendor
really issues may differ, and so may the law.

Examples:
  pmssl forecast                                  the next 52 weeks
  pmssl forecast --until 2029-12-31               what the lifetimes of 2027 and 2029 bring
  pmssl forecast --weeks 13 --vendor globalsign
  pmssl forecast -o csv --columns week,vendor,reissues,client")]
pub(super) struct Arguments {
    /// So many weeks, the current one included; 52 otherwise
    #[arg(long, value_name = "COUNT", value_parser = whole::<u32>, conflicts_with = "until")]
    weeks: Option<u32>,
    /// Up to this day
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day)]
    until: Option<NaiveDate>,
    #[command(flatten)]
    chosen: Chosen,
    #[command(flatten)]
    layout: Layout,
}

pub(super) fn day(text: &str) -> Result<NaiveDate, &'static str> {
    text.trim()
        .parse()
        .map_err(|_| "a day is needed, such as 2029-12-31")
}

impl Arguments {
    /// How it is printed.
    pub(super) fn layout(&self) -> &Layout {
        &self.layout
    }

    /// The last day that is looked at.
    fn last(&self, today: NaiveDate) -> Result<NaiveDate, Failure> {
        match self.until {
            Some(until) if until < today => Err(Failure::field(Reason::Invalid, "--until")
                .value(until.to_string())
                .detail(words!("This day is past", "Этот день уже прошёл"))),
            Some(until) => Ok(until),
            None => {
                let weeks = TimeDelta::weeks(self.weeks.unwrap_or(WEEKS).max(1).into());
                let next = monday(today).checked_add_signed(weeks);
                Ok(next.map_or(NaiveDate::MAX, |next| next - TimeDelta::days(1)))
            }
        }
    }
}

/// The Monday of a day's week.
fn monday(day: NaiveDate) -> NaiveDate {
    day - TimeDelta::days(day.weekday().num_days_from_monday().into())
}

/// What was counted, in the order of the columns.
#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    reissues: usize,
    client: usize,
    person: usize,
    renewals: usize,
    lapses: usize,
    unknown: usize,
}

impl Counts {
    fn count(&mut self, kind: Kind) {
        match kind {
            Kind::Reissue { client, person } => {
                self.reissues += 1;
                self.client += usize::from(client);
                self.person += usize::from(person);
            }
            Kind::Renewal => self.renewals += 1,
            Kind::Lapse => self.lapses += 1,
        }
    }

    fn add(&mut self, other: &Self) {
        self.reissues += other.reissues;
        self.client += other.client;
        self.person += other.person;
        self.renewals += other.renewals;
        self.lapses += other.lapses;
        self.unknown += other.unknown;
    }

    fn events(&self) -> usize {
        self.reissues + self.renewals + self.lapses
    }

    fn cells(&self) -> impl Iterator<Item = Cell> + use<> {
        let numbers = [
            self.reissues,
            self.client,
            self.person,
            self.renewals,
            self.lapses,
            self.unknown,
        ];
        numbers.into_iter().map(|number| number.to_string().into())
    }

    /// A mark for each event, or for several where a bar of the most events would be too long.
    fn bar(&self, most: usize) -> String {
        let parts = [
            (self.reissues - self.client, '#'),
            (self.client, '*'),
            (self.renewals, 'o'),
            (self.lapses, '!'),
        ];
        let (mut sum, mut bar) = (0, String::new());
        for (count, mark) in parts {
            sum += count;
            let end = (sum * BAR).div_ceil(most.max(BAR));
            bar.extend(std::iter::repeat_n(mark, end - bar.len()));
        }
        bar
    }
}

/// A week of one vendor or of several; without a day, the services of which nothing is known.
struct Line {
    week: Option<NaiveDate>,
    vendors: Vec<&'static str>,
    counts: Counts,
}

impl Line {
    fn row(&self, list: &List<'_>, most: usize) -> Row {
        let (week, vendors) = (
            self.week.map(|day| day.to_string()),
            self.vendors.join(", "),
        );
        let document = || self.json(week.as_deref(), &vendors);
        let head: [Cell; 2] = [
            week.as_deref().unwrap_or_default().into(),
            vendors.as_str().into(),
        ];
        let bar: Cell = self.counts.bar(most).into();
        let cells = head.into_iter().chain(self.counts.cells()).chain([bar]);
        list.row(|| cells.collect(), document)
    }

    fn json(&self, week: Option<&str>, vendor: &str) -> Value {
        json!({
            "week": week,
            "vendor": vendor,
            "reissues": self.counts.reissues,
            "client": self.counts.client,
            "person": self.counts.person,
            "renewals": self.counts.renewals,
            "lapses": self.counts.lapses,
            "unknown": self.counts.unknown,
        })
    }
}

/// What is counted of a shop, whatever its size: the weeks and vendors.
#[derive(Debug, Default)]
struct Found {
    weeks: BTreeMap<(NaiveDate, &'static str), Counts>,
    vendors: BTreeMap<&'static str, Counts>,
}

impl Found {
    /// One service; without events where its paid term is not known.
    fn take(&mut self, vendor: &'static str, events: Option<Vec<Event>>) {
        let total = self.vendors.entry(vendor).or_default();
        let Some(events) = events else {
            total.unknown += 1;
            return;
        };
        for event in events {
            let week = self.weeks.entry((monday(event.day), vendor)).or_default();
            week.count(event.kind);
            total.count(event.kind);
        }
    }

    /// A line for each week.
    fn by_week(&self) -> Vec<Line> {
        let mut lines: Vec<Line> = Vec::new();
        for ((week, vendor), counts) in &self.weeks {
            match lines.last_mut().filter(|line| line.week == Some(*week)) {
                Some(line) => {
                    line.vendors.push(*vendor);
                    line.counts.add(counts);
                }
                None => lines.push(Line {
                    week: Some(*week),
                    vendors: vec![*vendor],
                    counts: *counts,
                }),
            }
        }
        lines
    }

    /// A line for each week and vendor, and for each vendor with services of which nothing is known.
    fn by_vendor(&self) -> Vec<Line> {
        let line = |week, vendor, counts| Line {
            week,
            vendors: vec![vendor],
            counts,
        };
        let weeks = self.weeks.iter();
        let weeks = weeks.map(|((week, vendor), counts)| line(Some(*week), *vendor, *counts));
        let unknown = self.vendors.iter().filter(|(_, total)| total.unknown > 0);
        let unknown = unknown.map(|(vendor, total)| {
            let counts = Counts {
                unknown: total.unknown,
                ..Counts::default()
            };
            line(None, *vendor, counts)
        });
        weeks.chain(unknown).collect()
    }

    /// What people read below the weeks.
    fn totals(&self, view: &View, most: usize) -> String {
        let heads: Vec<&str> = COLUMNS[1..=7]
            .iter()
            .map(|column| view.say(&column.head))
            .collect();
        let rows = self.vendors.iter().map(|(vendor, total)| {
            let vendor: Cell = (*vendor).into();
            std::iter::once(vendor).chain(total.cells()).collect()
        });
        let rows: Vec<Vec<Cell>> = rows.collect();
        let mut text = String::new();
        if most > 0 {
            let mark = most.div_ceil(BAR).to_string();
            text += &format!("{}\n", view.say(&LEGEND).replace("__mark__", &mark));
        }
        let table = view.table(&heads, &rows);
        if !table.is_empty() {
            text += &format!("\n{table}");
        }
        if self.vendors.values().any(|total| total.unknown > 0) {
            text += &format!("{}\n", view.say(&UNKNOWN));
        }
        text
    }
}

/// Counts and prints.
pub(super) fn run(admin: &AdminContext, arguments: &Arguments) -> Result<AdminAnswer, Failure> {
    let found = context::wait(count(admin, arguments))?;
    let view = &admin.view;
    let mut list = List::new(view, &arguments.layout, &COLUMNS, &USUAL);
    let is_for_people = list.is_for_people();
    let lines = match is_for_people {
        true => found.by_week(),
        false => found.by_vendor(),
    };
    let events = lines.iter().map(|line| line.counts.events());
    let most = events.max().unwrap_or_default();
    let rows = lines.iter().map(|line| line.row(&list, most)).collect();
    if !list.add(rows)? {
        return Ok(AdminAnswer::done(""));
    }
    let mut answer = list.end(&NONE, &COUNT)?;
    if is_for_people {
        answer.text += &found.totals(view, most);
    }
    Ok(answer)
}

/// Goes through all services that are chosen, some at a time.
async fn count(admin: &AdminContext, arguments: &Arguments) -> Result<Found, Failure> {
    let today = admin.clock.now().date_naive();
    let last = arguments.last(today)?;
    let chosen = &arguments.chosen;
    // An account that does not exist is no empty list.
    if let Some(id) = chosen.account() {
        admin.any_platform().account(AccountId(id)).await?;
    }
    let judge = |line: ServiceLine,
                 service: Service,
                 module: &'static Module,
                 _: Vec<QueuedLine>,
                 around: &Around| {
        if line.status == DELETED || !chosen.has_account(line.account) {
            return None;
        }
        let service = Service {
            module: Some(module.name.to_owned()),
            ..service
        };
        let facts = plan::facts(&service, module, around.subscription, around.vendor, today);
        let events = facts.ok().map(|facts| forecast(&facts, last));
        // What is not ordered yet has no term either.
        (events.is_some() || service.certificate.is_some()).then_some((module.vendor, events))
    };
    let mut survey = Survey::begin(admin, &chosen.modules()).await?;
    let mut found = Found::default();
    while let Some(services) = survey.page(&judge).await? {
        for (vendor, events) in services.into_iter().flatten() {
            found.take(vendor, events);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::Language;

    #[test]
    fn a_bar_has_a_mark_for_each_event_or_for_several() {
        let counts = Counts {
            reissues: 3,
            client: 1,
            person: 3,
            renewals: 2,
            lapses: 1,
            unknown: 9,
        };
        assert_eq!(counts.bar(6), "##*oo!");
        assert_eq!(counts.bar(24), "##*oo!");
        assert_eq!(counts.bar(48), "#*o");
        assert_eq!(Counts::default().bar(6), "");
        let many = Counts {
            reissues: 1000,
            ..Counts::default()
        };
        assert_eq!(many.bar(1000), "#".repeat(BAR));
    }

    #[test]
    fn weeks_begin_on_monday_and_the_current_one_counts() {
        let on = |text: &str| day(text).unwrap();
        assert_eq!(monday(on("2026-11-25")), on("2026-11-23"));
        assert_eq!(monday(on("2026-11-23")), on("2026-11-23"));
        assert_eq!(monday(on("2026-11-29")), on("2026-11-23"));
        let last = |weeks, until| {
            let arguments = Arguments {
                weeks,
                until,
                ..Arguments::default()
            };
            arguments.last(on("2026-11-25")).ok()
        };
        assert_eq!(last(Some(1), None), Some(on("2026-11-29")));
        assert_eq!(last(Some(0), None), Some(on("2026-11-29")));
        assert_eq!(last(None, None), Some(on("2027-11-21")));
        assert_eq!(last(Some(u32::MAX), None), Some(NaiveDate::MAX));
        let today = Some(on("2026-11-25"));
        assert_eq!(last(None, today), today);
        assert_eq!(last(None, Some(on("2026-11-24"))), None);
        assert!(day("soon").is_err() && day("2026-02-30").is_err());
    }

    /// The widest tables: a shop of millions has six digits in a week.
    #[test]
    fn both_tables_fit_a_terminal_in_both_languages() {
        let width = |language, words: &[&str]| {
            let widths = words.iter().map(|word| {
                let column = COLUMNS.iter().find(|column| column.word == *word);
                let most = match *word {
                    "week" => "2026-11-23".len(),
                    "vendor" => "LeaderTelecom".len(),
                    "bar" => BAR,
                    _ => 6,
                };
                column.unwrap().head.get(language).chars().count().max(most)
            });
            widths.sum::<usize>() + 2 * (words.len() - 1)
        };
        let totals: Vec<&str> = COLUMNS[1..=7].iter().map(|column| column.word).collect();
        for language in [Language::English, Language::Russian] {
            for words in [&USUAL[..], &totals] {
                let width = width(language, words);
                assert!(width <= 80, "{words:?}: {width}");
            }
        }
    }
}
