//! How the steps of plans are listed.

use serde_json::{Value, json};

use crate::admin::output::{Cell, Tone, View};
use crate::admin::table::{Column, List, Row};
use crate::domain::ItemId;
use crate::failure::Language;
use crate::module::Text;
use crate::order::calendar::{MAIL_ENDS, MailProof};
use crate::order::owner::Owner;
use crate::order::plan::{Facts, Proof, Step, What};

/// Nothing is planned.
pub(super) const NONE: Text = Text::new("nothing is planned", "ничего не запланировано");
/// How many steps there are.
pub(super) const COUNT: Text = Text::new(
    "steps: __count__ (days in UTC)",
    "шагов: __count__ (дни по UTC)",
);
const SERVICE: Text = Text::new(
    "service __item__: __certificate__, paid till __end__",
    "услуга __item__: __certificate__, оплачено до __end__",
);
const NO_PLAN: Text = Text::new("service __item__: ", "услуга __item__: ");
const NO_CERTIFICATE: Text = Text::new("no certificate yet", "сертификата ещё нет");
const CERTIFICATE: Text = Text::new(
    "certificate __start__ to __end__",
    "сертификат с __start__ по __end__",
);
const COMPANY: Text = Text::new(
    "the company's verification may be used again for __days__ days",
    "проверка организации действует повторно __days__ дней",
);
const COMPANY_ANEW: Text = Text::new(
    "the vendor verifies the company anew",
    "поставщик заново проверяет организацию",
);
const NEW_PROOF: Text = Text::new(
    "new proof of domain control by the client",
    "клиент заново подтверждает права на домены",
);
const OLD_PROOF: Text = Text::new(
    "the last proof may be used again until __day__",
    "прежнее подтверждение может действовать до __day__",
);
const WITH_ORDER: Text = Text::new("with the new order", "с новым заказом");
const MAIL_DISCOURAGED: Text = Text::new(
    "proof by e-mail is discouraged and ends on __day__: choose DNS or a file",
    "подтверждение письмом не рекомендуется и заканчивается __day__: выберите DNS или файл",
);
const MAIL_FORBIDDEN: Text = Text::new(
    "proof by e-mail is forbidden since __day__: choose DNS or a file",
    "подтверждение письмом запрещено с __day__: выберите DNS или файл",
);
const MAIL_ALONE: Text = Text::new(
    "proof by e-mail ends on __day__, and this product has no other method: sell another product",
    "подтверждение письмом заканчивается __day__, а другого способа у этого продукта нет: продавайте другой продукт",
);
const MAIL_ALONE_FORBIDDEN: Text = Text::new(
    "proof by e-mail is forbidden since __day__, and this product has no other method: sell another product",
    "подтверждение письмом запрещено с __day__, а другого способа у этого продукта нет: продавайте другой продукт",
);

const UNKNOWN: Text = Text::new("not known", "неизвестно");

/// The columns. What a table shows of them fits 80 characters, in both languages.
pub(in crate::admin) static COLUMNS: [Column; 11] = [
    Column::new("service", Text::new("service", "услуга"), 0),
    Column::new("day", Text::new("day", "день"), 0),
    Column::new("what", Text::new("what", "что"), 17),
    Column::new("by", Text::new("by", "кто"), 16),
    Column::new("until", Text::new("latest", "не позднее"), 0),
    Column::new("end", Text::new("valid till", "срок до"), 0),
    Column::new("lifetime", Text::new("days at most", "не более дней"), 0),
    Column::new("paid", Text::new("paid till", "оплачено до"), 0),
    Column::new("proof", Text::new("names", "домены"), 40),
    Column::new("company", Text::new("company", "организация"), 40),
    Column::new("warning", Text::new("remark", "примечание"), 40),
];

/// What a table shows.
pub(super) const USUAL: [&str; 6] = ["service", "day", "what", "by", "until", "end"];

/// Programs read English in every language.
pub(super) const ENGLISH: View = View {
    language: Language::English,
    json: true,
    color: false,
};

fn what(step: &Step) -> Text {
    match step.what {
        What::Issue => Text::new("first certificate", "первый сертификат"),
        What::Reissue => Text::new("reissue", "перевыпуск"),
        What::Renewal => Text::new("renewal", "продление"),
    }
}

fn by(step: &Step) -> Text {
    match step.by {
        Owner::Program => Text::same("pmssl daemon"),
        Owner::Client => Text::new("client", "клиент"),
        Owner::Administrator => Text::new("person (task)", "администратор"),
        Owner::Vendor => Text::new("vendor", "поставщик"),
        Owner::Nobody => Text::new(
            "nobody (policy none, or the service is not active)",
            "никто (политика none или услуга не активна)",
        ),
    }
}

fn proof(view: &View, step: &Step) -> String {
    match step.proof {
        Proof::New => view.say(&NEW_PROOF).to_owned(),
        Proof::ReusableUntil(day) => view.say(&OLD_PROOF).replace("__day__", &day.to_string()),
        Proof::NotNeeded => view.say(&WITH_ORDER).to_owned(),
    }
}

pub(super) fn mail(view: &View, mail: MailProof, mail_only: bool) -> String {
    let text = match (mail, mail_only) {
        (MailProof::Discouraged, false) => MAIL_DISCOURAGED,
        (MailProof::Forbidden, false) => MAIL_FORBIDDEN,
        (MailProof::Discouraged, true) => MAIL_ALONE,
        (MailProof::Forbidden, true) => MAIL_ALONE_FORBIDDEN,
    };
    view.say(&text).replace("__day__", &MAIL_ENDS.to_string())
}

fn term_end(facts: &Facts) -> String {
    let end = facts.horizon.term_end;
    end.map(|end| end.to_string()).unwrap_or_default()
}

/// A service's certificate and term, or why there is no plan.
pub(super) fn head(view: &View, item: ItemId, facts: &Result<Facts, Text>) -> String {
    let facts = match facts {
        Ok(facts) => facts,
        Err(why) => {
            let line = view.say(&NO_PLAN).replace("__item__", &item.to_string());
            return format!("{line}{}\n", view.say(why));
        }
    };
    let certificate = facts.certificate.map_or_else(
        || view.say(&NO_CERTIFICATE).to_owned(),
        |(start, end)| {
            view.say(&CERTIFICATE)
                .replace("__start__", &start.to_string())
                .replace("__end__", &end.to_string())
        },
    );
    let line = view
        .say(&SERVICE)
        .replace("__item__", &item.to_string())
        .replace("__certificate__", &certificate)
        .replace("__end__", &term_end(facts));
    line + "\n"
}

/// A row for each step; for programs one of the service, which stands where its next step does.
pub(super) fn rows(
    list: &List<'_>,
    view: &View,
    item: ItemId,
    facts: &Facts,
    steps: &[Step],
) -> Vec<Row> {
    let row = |step: Option<&Step>| {
        let cells = || match step {
            Some(step) => cells(view, item, facts, step),
            None => vec![Cell::default(); COLUMNS.len()],
        };
        list.row(cells, || as_json(item, facts, steps))
    };
    match list.is_json() {
        true => vec![row(steps.first())],
        false => steps.iter().map(|step| row(Some(step))).collect(),
    }
}

/// The row of a service whose plan is not known.
pub(super) fn unknown(list: &List<'_>, view: &View, item: ItemId, why: &Text) -> Row {
    let mut cells = vec![Cell::default(); COLUMNS.len()];
    let mut set = |word: &str, cell: Cell| {
        if let Some(place) = COLUMNS.iter().position(|column| column.word == word) {
            cells[place] = cell;
        }
    };
    set("service", item.to_string().into());
    set("what", Cell::toned(view.say(&UNKNOWN), Tone::Warning));
    set("warning", Cell::toned(view.say(why), Tone::Warning));
    list.row(|| cells, || json!({ "item": item.0, "unknown": why.en }))
}

fn cells(view: &View, item: ItemId, facts: &Facts, step: &Step) -> Vec<Cell> {
    let end = step.certificate.map(|(_, end)| end.to_string());
    let lifetime = end.as_ref().map(|_| step.rule.lifetime.to_string());
    let company = (facts.horizon.organization && step.certificate.is_some()).then(|| {
        if step.company_anew {
            return view.say(&COMPANY_ANEW).to_owned();
        }
        view.say(&COMPANY)
            .replace("__days__", &step.rule.identity_reuse.to_string())
    });
    let warning = step.mail.map(|proof| mail(view, proof, facts.mail_only));
    vec![
        item.to_string().into(),
        step.day.to_string().into(),
        view.say(&what(step)).into(),
        view.say(&by(step)).into(),
        step.until.to_string().into(),
        end.unwrap_or_default().into(),
        lifetime.unwrap_or_default().into(),
        term_end(facts).into(),
        proof(view, step).into(),
        company.unwrap_or_default().into(),
        Cell::toned(warning.unwrap_or_default(), Tone::Warning),
    ]
}

/// What the administrator should know of a service's method.
pub(super) fn warnings<'a>(
    view: &'a View,
    facts: &'a Facts,
    steps: &'a [Step],
) -> impl Iterator<Item = String> + 'a {
    let steps = steps.iter().filter_map(|step| step.mail);
    steps.map(move |proof| mail(view, proof, facts.mail_only))
}

pub(super) fn as_json(item: ItemId, facts: &Facts, steps: &[Step]) -> Value {
    let steps: Vec<Value> = steps
        .iter()
        .map(|step| {
            json!({
                "day": step.day.to_string(),
                "until": step.until.to_string(),
                "what": what(step).en,
                "by": by(step).en,
                "certificate_end": step.certificate.map(|(_, end)| end.to_string()),
                "lifetime_limit_days": step.rule.lifetime,
                "rule_since": step.rule.from.to_string(),
                "proof": proof(&ENGLISH, step),
                "warning": step.mail.map(|proof| mail(&ENGLISH, proof, facts.mail_only)),
            })
        })
        .collect();
    json!({
        "item": item.0,
        "certificate_end": facts.certificate.map(|(_, end)| end.to_string()),
        "paid_till": term_end(facts),
        "steps": steps,
    })
}
