//! `pmssl products`: the vendor's price list for an account, to make tariffs from.

use super::output::{Answer, Cell, Tone};
use super::scene::{self, Scene};
use crate::ca::{Offer, Price};
use crate::domain::AccountId;
use crate::failure::Failure;
use crate::module::{Module, Text};

const CODE: Text = Text::new("code", "код");
const NAME: Text = Text::new("name", "название");
const MONTHS: Text = Text::new("months", "месяцев");
const PRICE: Text = Text::new("price", "цена");
const PER_NAME: Text = Text::new("per name", "за имя");
const PER_WILDCARD: Text = Text::new("per wildcard", "за wildcard");
const TARIFF: Text = Text::new("in tariffs", "в тарифах");
const YES: Text = Text::new("yes", "да");
const NO: Text = Text::new("no", "нет");
const NOTHING: Text = Text::new(
    "the vendor lists no products for this account",
    "поставщик не предлагает этой учётной записи продуктов",
);

/// Arguments of `pmssl products`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Prices are what the vendor asks of the account. \"in tariffs\" tells whether the module knows the
product, so that a tariff can be made of it.

Example:
  pmssl products --module 3 --only wildcard")]
pub(super) struct Arguments {
    /// Account id
    #[arg(long, value_name = "ACCOUNT")]
    module: u64,
    /// Only products whose code or name contains this text
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,
}

/// Asks the vendor for its list.
pub(super) fn run(scene: &Scene, arguments: &Arguments) -> Result<Answer, Failure> {
    let (module, mut offers) = scene::wait(async {
        let connected = scene.connect(AccountId(arguments.module)).await?;
        let offers = connected.authority.products().await?;
        Ok((connected.module, offers))
    })?;
    if let Some(text) = &arguments.only {
        let text = text.to_lowercase();
        offers.retain(|offer| {
            offer.code.to_lowercase().contains(&text) || offer.name.to_lowercase().contains(&text)
        });
    }
    let view = &scene.view;
    if view.json {
        let list: Vec<_> = offers.iter().map(|offer| json(module, offer)).collect();
        return Ok(Answer::done(view.json(&list)?));
    }
    if offers.is_empty() {
        return Ok(Answer::done(format!("{}\n", view.say(&NOTHING))));
    }
    let mut rows = Vec::new();
    for offer in &offers {
        let known = module.template(&offer.code).is_some();
        let mark = if known {
            Cell::toned(view.say(&YES), Tone::Good)
        } else {
            Cell::toned(view.say(&NO), Tone::Faint)
        };
        let head: [Cell; 3] = [offer.code.as_str().into(), offer.name.as_str().into(), mark];
        if offer.prices.is_empty() {
            rows.push(head.to_vec());
        }
        for (index, price) in offer.prices.iter().enumerate() {
            let first = if index == 0 {
                head.clone()
            } else {
                Default::default()
            };
            rows.push(first.into_iter().chain(columns(price)).collect::<Vec<_>>());
        }
    }
    let heads = [CODE, NAME, TARIFF, MONTHS, PRICE, PER_NAME, PER_WILDCARD];
    let heads = heads.map(|head| view.say(&head));
    Ok(Answer::done(view.table(&heads, &rows)))
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
