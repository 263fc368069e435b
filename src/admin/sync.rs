//! `pmssl sync`: what the platform does from time to time, now and for one service.

use super::context::{self, AdminContext};
use super::exit::Code;
use super::output::{AdminAnswer, Tone};
use super::select::whole;
use crate::commands;
use crate::domain::ItemId;
use crate::failure::Failure;
use crate::log;
use crate::module::Text;
use crate::order::Followed;

const NOTHING_ORDERED: Text = Text::new(
    "nothing is ordered at the vendor",
    "у поставщика ничего не заказано",
);
const WAITING: Text = Text::new("the certificate is awaited", "сертификат ожидается");
const DELIVERED: Text = Text::new(
    "the certificate is issued, verified and saved",
    "сертификат выпущен, проверен и сохранён",
);
const FAILED: Text = Text::new(
    "the order is cancelled at the vendor: there will be no certificate",
    "заказ отменён у поставщика: сертификата не будет",
);
const ORDER: Text = Text::new("order", "заказ");

/// Arguments of `pmssl sync`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Looks an unknown order up, fetches what the vendor wants published, saves the certificate once it is
issued. Never orders.

Example:
  pmssl sync --item 7")]
pub(super) struct Arguments {
    /// The service
    #[arg(long, value_name = "ID", value_parser = whole::<u64>)]
    item: u64,
}

/// Follows the order once.
pub(super) fn run(admin: &AdminContext, arguments: &Arguments) -> Result<AdminAnswer, Failure> {
    context::wait(follow(admin, ItemId(arguments.item)))
}

async fn follow(admin: &AdminContext, item: ItemId) -> Result<AdminAnswer, Failure> {
    let module = admin.module_of(&admin.any_platform(), item).await?;
    admin.start_log(module);
    let platform = admin.platform(module);
    let context = admin.context(&platform);
    let (followed, order) = commands::with_session(&context, item, async |session, _| {
        log!(Main, Info, "{} synchronizes by hand", context::person());
        let followed = session.follow().await?;
        Ok((followed, session.order_number()))
    })
    .await?;
    let (word, text, tone, code) = match followed {
        Followed::NothingOrdered => ("not-ordered", NOTHING_ORDERED, Tone::Plain, Code::Done),
        Followed::Waiting => ("waiting", WAITING, Tone::Plain, Code::Done),
        Followed::Delivered => ("issued", DELIVERED, Tone::Good, Code::Done),
        Followed::Failed => ("failed", FAILED, Tone::Bad, Code::Warnings),
    };
    let view = &admin.view;
    let order = order.map(|order| order.to_string());
    if view.json {
        let document = serde_json::json!({ "item": item.0, "order": order, "state": word });
        return Ok(AdminAnswer::new(view.json(&document)?, code));
    }
    let order = order.map_or_else(String::new, |order| {
        format!("{} {order}: ", view.say(&ORDER))
    });
    let text = view.paint(tone, view.say(&text));
    Ok(AdminAnswer::new(format!("{order}{text}\n"), code))
}
