//! `pmssl products --diff`: which tariffs sell which product, and which of these products the vendor's list does not
//! have.
//!
//! The tariffs' own prices are not read: which column of the table `price` holds that of a year is not known
//! (billmanager.md 13).

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::Arguments;
use crate::admin::context::{self, AdminContext};
use crate::admin::exit::Code;
use crate::admin::output::{AdminAnswer, Cell, Tone, View};
use crate::admin::table::{Column, List, Row};
use crate::ca::Offer;
use crate::domain::AccountId;
use crate::failure::{Failure, Reason};
use crate::module::{self, Module, Text};
use crate::platform::billmanager::overview::TariffLine;

/// The columns. What a table shows of them fits 80 characters, in both languages.
static COLUMNS: [Column; 6] = [
    Column::new("account", Text::new("account", "обработчик"), 0),
    Column::new("state", Text::new("state", "состояние"), 15),
    Column::new("code", Text::new("code", "код"), 22),
    Column::new("name", Text::new("name", "название"), 20),
    Column::new("tariffs", Text::new("tariffs", "тарифы"), 9),
    Column::new("prices", Text::new("months: price", "месяцев: цена"), 14),
];

/// What a table shows.
const USUAL: [&str; 5] = ["account", "state", "code", "tariffs", "prices"];

const NONE: Text = Text::new(
    "no tariff of these accounts sells certificates",
    "у этих обработчиков нет тарифов на сертификаты",
);
const COUNT: Text = Text::new("products: __count__", "продуктов: __count__");
const NOTE: Text = Text::new(
    "prices are the vendor's; those of the tariffs are not compared, see 'pmssl help products'",
    "указаны цены поставщика, с ценами тарифов они не сравниваются, см. 'pmssl help products'",
);
const OFF: Text = Text::new("off", "выкл.");

/// How tariffs and the vendor's list fit together; what is wrong comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum State {
    /// A tariff sells it, and the vendor's list does not have it.
    NotListed,
    /// A tariff sells it, and the module does not know it.
    Unknown,
    /// A tariff sells it; the vendor has no list, or one by numbers of its own.
    Untold,
    /// A tariff sells it, and the vendor lists it.
    Listed,
}

impl State {
    /// The word in JSON.
    fn word(self) -> &'static str {
        match self {
            Self::NotListed => "not-listed",
            Self::Unknown => "unknown",
            Self::Untold => "untold",
            Self::Listed => "listed",
        }
    }

    fn text(self) -> Text {
        match self {
            Self::NotListed => Text::new("not listed", "нет в списке"),
            Self::Unknown => Text::new("unknown product", "неизвестен"),
            Self::Untold => Text::new("cannot be told", "не проверить"),
            Self::Listed => Text::new("listed", "в списке"),
        }
    }

    fn tone(self) -> Tone {
        match self {
            Self::NotListed | Self::Unknown => Tone::Bad,
            Self::Untold => Tone::Warning,
            Self::Listed => Tone::Good,
        }
    }
}

/// A product with what sells it and what it costs.
#[derive(Debug)]
struct Product<'a> {
    state: State,
    code: &'a str,
    tariffs: Vec<&'a TariffLine>,
    offer: Option<&'a Offer>,
}

/// The products that tariffs of an account sell; no offers where the vendor has no list. Pure.
fn compare<'a>(
    module: &Module,
    tariffs: &'a [TariffLine],
    offers: Option<&'a [Offer]>,
) -> Vec<Product<'a>> {
    let is_ours = |offer: &Offer| {
        let mut templates = module.templates.iter();
        templates.any(|template| template.code.eq_ignore_ascii_case(&offer.code))
    };
    // A vendor that lists by numbers of its own catalogue says nothing about our codes.
    let offers = offers.filter(|all| all.iter().any(is_ours));
    let mut sold: BTreeMap<&'a str, Vec<&'a TariffLine>> = BTreeMap::new();
    for tariff in tariffs {
        let known = module.template(&tariff.code);
        let code = known.map_or(tariff.code.as_str(), |template| template.code);
        sold.entry(code).or_default().push(tariff);
    }
    let products = sold.into_iter().map(|(code, tariffs)| {
        let same = |offer: &&Offer| offer.code.eq_ignore_ascii_case(code);
        let offer = offers.and_then(|all| all.iter().find(same));
        let state = match (module.template(code), offers, offer) {
            (None, _, _) => State::Unknown,
            (_, None, _) => State::Untold,
            (_, _, None) => State::NotListed,
            (_, _, Some(_)) => State::Listed,
        };
        Product {
            state,
            code,
            tariffs,
            offer,
        }
    });
    let mut products: Vec<Product<'a>> = products.collect();
    products.sort_by_key(|product| (product.state, product.code));
    products
}

/// Compares one account or all. One that fails does not keep the others from being compared.
pub(super) fn run(admin: &AdminContext, arguments: &Arguments) -> Result<AdminAnswer, Failure> {
    let view = &admin.view;
    let mut list = List::new(view, &arguments.layout, &COLUMNS, &USUAL);
    let mut rows: Vec<Row> = Vec::new();
    let failures = context::wait(async {
        let mut failures = String::new();
        for id in accounts(admin, arguments.account).await? {
            match of_account(admin, id, arguments, &list).await {
                Ok(found) => rows.extend(found),
                Err(failure) if arguments.account.is_none() => {
                    rows.push(failed(&list, view, id, &failure));
                    failures += &format!("{id}: {}\n", view.failure(&failure));
                }
                Err(failure) => return Err(failure),
            }
        }
        Ok(failures)
    })?;
    let is_for_people = list.is_for_people() && !rows.is_empty();
    if !list.add(rows)? {
        return Ok(AdminAnswer::done(""));
    }
    let mut answer = list.end(&NONE, &COUNT)?;
    if is_for_people {
        // A table has cut them.
        answer.text += &format!("{failures}{}\n", view.say(&NOTE));
    }
    if !failures.is_empty() {
        answer.end = Code::Failed.into();
    }
    Ok(answer)
}

/// The account that is named, or all.
async fn accounts(admin: &AdminContext, named: Option<u64>) -> Result<Vec<AccountId>, Failure> {
    if let Some(id) = named {
        return Ok(vec![AccountId(id)]);
    }
    let platform = admin.any_platform();
    let mut all = Vec::new();
    for module in module::all() {
        let lines = platform.account_lines(module).await?;
        all.extend(lines.into_iter().map(|line| line.id));
    }
    match all.is_empty() {
        true => Err(Failure::new(Reason::NoAccounts)),
        false => Ok(all),
    }
}

async fn of_account(
    admin: &AdminContext,
    id: AccountId,
    arguments: &Arguments,
    list: &List<'_>,
) -> Result<Vec<Row>, Failure> {
    let connected = admin.connect(id).await?;
    let tariffs = admin.any_platform().tariff_lines(id).await?;
    let offers = match connected.authority.abilities().products {
        true => Some(connected.authority.products().await?),
        false => None,
    };
    let module = connected.module;
    let products = compare(module, &tariffs, offers.as_deref());
    let wanted = products
        .iter()
        .filter(|product| arguments.wants(product.code, name(module, product)));
    Ok(wanted
        .map(|product| {
            let cells = cells(&admin.view, id, module, product);
            list.row(|| cells, || document(id, module, product))
        })
        .collect())
}

fn name<'a>(module: &Module, product: &Product<'a>) -> &'a str {
    let known = module.template(product.code).map(|template| template.label);
    let offered = product.offer.map(|offer| offer.name.as_str());
    offered.or(known).unwrap_or_default()
}

fn cells(view: &View, id: AccountId, module: &Module, product: &Product<'_>) -> Vec<Cell> {
    let tariffs = product.tariffs.iter().map(|tariff| match tariff.active {
        true => tariff.id.to_string(),
        false => format!("{} ({})", tariff.id, view.say(&OFF)),
    });
    let prices = product
        .offer
        .map_or(&[][..], |offer| offer.prices.as_slice());
    let prices = prices.iter().map(|price| {
        let (months, amount) = (price.term.0, price.amount);
        format!("{months}: {amount} {}", amount.currency)
    });
    vec![
        id.to_string().into(),
        Cell::toned(view.say(&product.state.text()), product.state.tone()),
        product.code.into(),
        name(module, product).into(),
        tariffs.collect::<Vec<_>>().join(", ").into(),
        prices.collect::<Vec<_>>().join(", ").into(),
    ]
}

fn document(id: AccountId, module: &Module, product: &Product<'_>) -> Value {
    let tariffs = product.tariffs.iter();
    let tariffs = tariffs.map(|tariff| json!({ "id": tariff.id, "active": tariff.active }));
    let offer = product.offer.map(|offer| super::json(module, offer));
    json!({
        "account": id.0,
        "state": product.state.word(),
        "code": product.code,
        "name": name(module, product),
        "tariffs": tariffs.collect::<Vec<_>>(),
        "prices": offer.map_or_else(|| json!([]), |mut offer| offer["prices"].take()),
    })
}

/// The row of an account that could not be compared.
fn failed(list: &List<'_>, view: &View, id: AccountId, failure: &Failure) -> Row {
    let mut cells = vec![Cell::default(); COLUMNS.len()];
    cells[0] = id.to_string().into();
    cells[2] = Cell::toned(view.failure(failure), Tone::Bad);
    let document = || json!({ "account": id.0, "error": crate::admin::failure_json(failure) });
    list.row(|| cells, document)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::Language;

    fn tariff(id: u64, code: &str) -> TariffLine {
        TariffLine {
            id,
            code: code.to_owned(),
            active: true,
        }
    }

    fn offer(code: &str) -> Offer {
        Offer {
            code: code.to_owned(),
            name: String::new(),
            prices: Vec::new(),
        }
    }

    /// State, code and tariffs, as one text.
    fn found(module: &str, tariffs: &[TariffLine], offers: Option<&[Offer]>) -> Vec<String> {
        let module = module::by_name(module).unwrap();
        let products = compare(module, tariffs, offers);
        let line = |product: &Product<'_>| {
            let tariffs: Vec<u64> = product.tariffs.iter().map(|tariff| tariff.id).collect();
            format!("{} {} {tariffs:?}", product.state.word(), product.code)
        };
        products.iter().map(line).collect()
    }

    #[test]
    fn what_the_vendor_does_not_list_comes_first() {
        let tariffs = [
            tariff(1, "positivessl"),
            tariff(2, "essentialssl"),
            tariff(3, "positivessl"),
            tariff(4, "odd"),
        ];
        let offers = ["positivessl", "instantssl", "a-code-signing-product"].map(offer);
        let expected = [
            "not-listed essentialssl [2]",
            "unknown odd [4]",
            "listed positivessl [1, 3]",
        ];
        assert_eq!(found("pmthesslstore", &tariffs, Some(&offers)), expected);
    }

    #[test]
    fn codes_are_compared_as_the_module_reads_them() {
        let tariffs = [tariff(1, "ispmgr_1011"), tariff(2, "1011")];
        let offers = [offer("1011")];
        let expected = ["listed 1011 [1, 2]"];
        assert_eq!(found("pmispmgrssl", &tariffs, Some(&offers)), expected);
        // Letter case does not count at this vendor.
        let tariffs = [tariff(1, "Certificate-Comodo-Essential")];
        let offers = [offer("certificate-comodo-essential")];
        let expected = ["listed Certificate-Comodo-Essential [1]"];
        assert_eq!(found("pmenomssl", &tariffs, Some(&offers)), expected);
    }

    #[test]
    fn a_list_by_other_numbers_or_none_proves_nothing() {
        let tariffs = [tariff(1, "leader_dv"), tariff(2, "odd")];
        let expected = ["unknown odd [2]", "untold leader_dv [1]"];
        let offers = [offer("4711")];
        assert_eq!(found("pmleadertelecom", &tariffs, Some(&offers)), expected);
        assert_eq!(found("pmleadertelecom", &tariffs, Some(&[])), expected);
        assert_eq!(found("pmleadertelecom", &tariffs, None), expected);
    }

    #[test]
    fn a_table_fits_a_terminal_in_both_languages() {
        for language in [Language::English, Language::Russian] {
            let widest = |word: &&str| {
                let column = COLUMNS.iter().find(|column| column.word == *word);
                let column = column.unwrap();
                column.head.get(language).chars().count().max(column.most)
            };
            let width: usize = USUAL.iter().map(widest).sum();
            assert!(width + 2 * (USUAL.len() - 1) <= 80, "{width}");
        }
    }
}
