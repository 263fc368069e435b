//! How services are listed.

use chrono::{DateTime, Utc};

use super::{Arguments, Judged, Survey, tone, wanted};
use crate::admin::context::AdminContext;
use crate::admin::output::{AdminAnswer, Cell, Tone, View};
use crate::admin::table::{Column, List};
use crate::failure::{Failure, Language};
use crate::module::Text;
use crate::order::owner::Owner;
use crate::order::position::Position;
use crate::platform::fields;

const NONE: Text = Text::new("no service matches", "подходящих услуг нет");
const COUNT: Text = Text::new(
    "services: __count__ (times in UTC)",
    "услуг: __count__ (время UTC)",
);
const LOOK: &str = "!";

/// The columns. What a table shows of them fits 80 characters, in both languages.
pub(in crate::admin) static COLUMNS: [Column; 12] = [
    Column::new("service", Text::new("service", "услуга"), 0),
    Column::new("name", Text::new("name", "имя"), 25),
    Column::new("module", Text::new("module", "модуль"), 0),
    Column::new("account", Text::new("account", "обработчик"), 0),
    Column::new("product", Text::new("product", "продукт"), 30),
    Column::new("state", Text::new("state", "состояние"), 25),
    Column::new("acts", Text::new("acts", "действует"), 0),
    Column::new("since", Text::new("since", "с"), 0),
    Column::new("order", Text::new("order", "заказ"), 0),
    Column::new("end-date", Text::new("end date", "дата окончания"), 0),
    Column::new("look", Text::same(LOOK), 0),
    Column::new("why", Text::new("needs a look", "требует внимания"), 27),
];

const USUAL: [&str; 5] = ["service", "name", "state", "end-date", "look"];
const USUAL_STUCK: [&str; 4] = ["service", "name", "why", "acts"];

/// Prints what is found at once.
pub(super) async fn print(
    admin: &AdminContext,
    arguments: &Arguments,
) -> Result<AdminAnswer, Failure> {
    let (view, now) = (&admin.view, admin.clock.now());
    let usual = match arguments.stuck {
        true => &USUAL_STUCK[..],
        false => &USUAL,
    };
    let mut list = List::new(view, &arguments.layout, &COLUMNS, usual);
    let modules = arguments.chosen.modules();
    let mut survey = Survey::begin(admin, &modules).await?;
    while let Some(mut services) = survey.next().await? {
        services.retain(|service| wanted(arguments, service, now.date_naive()));
        let rows = services.iter();
        let rows = rows.map(|service| list.row(|| cells(view, service, now), || json(service)));
        let rows = rows.collect();
        // Nobody reads on behind a pipe that was closed.
        if !list.add(rows)? {
            return Ok(AdminAnswer::done(""));
        }
    }
    list.end(&NONE, &COUNT)
}

fn cells(view: &View, service: &Judged, now: DateTime<Utc>) -> Vec<Cell> {
    let line = &service.line;
    let name = match service.names() {
        [] => line.name.clone(),
        [only] => only.clone(),
        [first, others @ ..] => format!("{first} +{}", others.len()),
    };
    let past = line.expire_date.is_some_and(|date| date < now.date_naive());
    let end_tone = match past && service.position() == Position::Issued {
        true => Tone::Bad,
        false => Tone::Plain,
    };
    let outlook = &service.outlook;
    let since = outlook
        .since
        .map(|since| since.format("%Y-%m-%d").to_string());
    let mark = service.stuck.map_or("", |_| LOOK);
    let why = service.stuck.map_or("", |why| view.say(&why));
    vec![
        line.item.to_string().into(),
        name.into(),
        service.module.name.into(),
        line.account.to_string().into(),
        line.template
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default()
            .into(),
        Cell::toned(view.say(&outlook.label(now)), tone(service.position())),
        match outlook.owner {
            Owner::Nobody => Cell::default(),
            // Without the article that English sentences have.
            owner if view.language == Language::English => owner.word().into(),
            owner => view.say(&owner.text()).into(),
        },
        since.unwrap_or_default().into(),
        service.order().unwrap_or_default().into(),
        Cell::toned(
            line.expire_date
                .map(|date| date.to_string())
                .unwrap_or_default(),
            end_tone,
        ),
        Cell::toned(mark, Tone::Warning),
        Cell::toned(why, Tone::Warning),
    ]
}

fn json(service: &Judged) -> serde_json::Value {
    let line = &service.line;
    serde_json::json!({
        "item": line.item,
        "service": line.name,
        "names": service.names(),
        "module": service.module.name,
        "account": line.account,
        "account_name": line.account_name,
        "template": line.template.as_ref().map(ToString::to_string),
        "state": service.position().word(),
        "next": service.outlook.next.word(),
        "owner": service.outlook.owner.word(),
        "since": service.outlook.since.map(|since| since.to_rfc3339()),
        "until": service.outlook.until.map(|until| until.to_rfc3339()),
        "order": service.order(),
        "end_date": line.expire_date,
        "paid_till": line.parameter(fields::PAID_TILL),
        "stuck": service.stuck.map(|why| why.en),
        "vendor_says": service.vendor_says(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The widest table that the columns allow.
    #[test]
    fn a_table_fits_a_terminal_in_both_languages() {
        let days = "2026-04-02".len();
        for language in [Language::English, Language::Russian] {
            let widest = |word: &str| -> usize {
                let column = COLUMNS.iter().find(|column| column.word == word).unwrap();
                let most = match (word, column.most) {
                    // Services of seven digits.
                    ("service", _) => 7,
                    ("end-date", _) => days,
                    ("look", _) => 1,
                    ("acts", _) => "administrator".len(),
                    (_, most) => most,
                };
                assert!(most > 0, "{word}");
                column.head.get(language).chars().count().max(most)
            };
            for usual in [&USUAL[..], &USUAL_STUCK] {
                let gaps = 2 * (usual.len() - 1);
                let width = usual.iter().map(|word| widest(word)).sum::<usize>() + gaps;
                assert!(width <= 80, "{usual:?}: {width}");
            }
        }
    }
}
