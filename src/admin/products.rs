//! `pmssl products`: the vendor's price list for an account, to make tariffs from, and beside the tariffs that are there.

mod diff;

use super::context::{self, AdminContext};
use super::output::{AdminAnswer, Cell, Tone, View};
use super::select::whole;
use super::table::{Column, Layout, List};
use crate::ca::{Offer, Price};
use crate::cli;
use crate::domain::AccountId;
use crate::failure::Failure;
use crate::module::{Module, Text};

/// The columns. What a table shows of them fits 80 characters.
pub(super) static COLUMNS: [Column; 7] = [
    Column::new("code", Text::new("code", "код"), 24),
    Column::new("name", Text::new("name", "название"), 20),
    Column::new("in-tariffs", Text::new("in tariffs", "в тарифах"), 0),
    Column::new("months", Text::new("months", "месяцев"), 0),
    Column::new("price", Text::new("price", "цена"), 12),
    Column::new("per-name", Text::new("per name", "за домен"), 0),
    Column::new("per-wildcard", Text::new("per wildcard", "за wildcard"), 0),
];

/// What a table shows.
const USUAL: [&str; 5] = ["code", "name", "in-tariffs", "months", "price"];

const COUNT: Text = Text::new("prices: __count__", "цен: __count__");
const YES: Text = Text::new("yes", "да");
const NO: Text = Text::new("no", "нет");
const NOTHING: Text = Text::new(
    "the vendor lists no products for this account",
    "у поставщика нет продуктов для этой учётной записи",
);

/// Arguments of `pmssl products`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Prices are what the vendor asks of the account. \"in tariffs\" tells whether the module knows the
product, so that a tariff can be made of it. A row is a price; in JSON a product is one element.

--diff lists what the tariffs of BILLmanager sell, at one account or at all, with the vendor's prices.
The tariffs' own prices are not compared: how BILLmanager stores the price of a year is not documented.
Nothing is written. Of each account, first comes what needs a look:

  not listed       a tariff sells it, the vendor's list for this account does not have it
  unknown product  a tariff sells it, the module does not know it
  cannot be told   the vendor has no list, or one by numbers of its own (GlobalSign, LeaderTelecom)
  listed           a tariff sells it, the vendor lists it

Examples:
  pmssl products --account 3 --only wildcard
  pmssl products --account 3 -o wide --sort price
  pmssl products --diff                       all accounts")]
pub(super) struct Arguments {
    /// The account; not needed with --diff
    #[arg(long, alias = "module", value_name = "ID", value_parser = whole::<u64>,
        required_unless_present = "diff")]
    account: Option<u64>,
    /// Compare with the tariffs that sell the products
    #[arg(long, conflicts_with_all = ["sort", "columns"])]
    diff: bool,
    /// Only products whose code or name contains this text
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,
    #[command(flatten)]
    layout: Layout,
}

impl Arguments {
    /// How it is printed.
    pub(super) fn layout(&self) -> &Layout {
        &self.layout
    }

    /// Whether a product is asked for.
    fn wants(&self, code: &str, name: &str) -> bool {
        self.only.as_ref().is_none_or(|text| {
            let text = text.to_lowercase();
            code.to_lowercase().contains(&text) || name.to_lowercase().contains(&text)
        })
    }
}

/// Asks the vendor for its list.
pub(super) fn run(admin: &AdminContext, arguments: &Arguments) -> Result<AdminAnswer, Failure> {
    if arguments.diff {
        return diff::run(admin, arguments);
    }
    let account = arguments.account.ok_or_else(|| cli::needed("--account"))?;
    let (module, mut offers) = context::wait(async {
        let connected = admin.connect(AccountId(account)).await?;
        let offers = connected.authority.products().await?;
        Ok((connected.module, offers))
    })?;
    offers.retain(|offer| arguments.wants(&offer.code, &offer.name));
    let view = &admin.view;
    let mut list = List::new(view, &arguments.layout, &COLUMNS, &USUAL);
    // All at once: a listing is short, and its columns stand below each other.
    let mut all = Vec::new();
    for offer in &offers {
        let row = |price| list.row(|| cells(view, module, offer, price), || json(module, offer));
        all.extend(match offer.prices.as_slice() {
            [] => vec![row(None)],
            // A product with all its prices is one document.
            [first, ..] if list.is_json() => vec![row(Some(first))],
            prices => prices.iter().map(|price| row(Some(price))).collect(),
        });
    }
    if !list.add(all)? {
        return Ok(AdminAnswer::done(""));
    }
    list.end(&NOTHING, &COUNT)
}

fn cells(view: &View, module: &Module, offer: &Offer, price: Option<&Price>) -> Vec<Cell> {
    let mark = match module.template(&offer.code) {
        Some(_) => Cell::toned(view.say(&YES), Tone::Good),
        None => Cell::toned(view.say(&NO), Tone::Faint),
    };
    let of_price = price.map(columns).unwrap_or_default();
    [offer.code.as_str().into(), offer.name.as_str().into(), mark]
        .into_iter()
        .chain(of_price)
        .collect()
}

fn columns(price: &Price) -> [Cell; 4] {
    let money = |money: Option<crate::domain::Money>| -> Cell {
        money
            .map(|money| money.to_string())
            .unwrap_or_default()
            .into()
    };
    [
        price.term.0.to_string().into(),
        format!("{} {}", price.amount, price.amount.currency).into(),
        money(price.per_additional_name),
        money(price.per_wildcard_name),
    ]
}

fn json(module: &Module, offer: &Offer) -> serde_json::Value {
    let prices: Vec<_> = offer
        .prices
        .iter()
        .map(|price| {
            serde_json::json!({
                "months": price.term.0,
                "price": price.amount.to_string(),
                "currency": price.amount.currency.as_str(),
                "per_additional_name": price.per_additional_name.map(|money| money.to_string()),
                "per_wildcard_name": price.per_wildcard_name.map(|money| money.to_string()),
            })
        })
        .collect();
    serde_json::json!({
        "code": offer.code,
        "name": offer.name,
        "in_tariffs": module.template(&offer.code).is_some(),
        "prices": prices,
    })
}
