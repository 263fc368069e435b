//! What `pmssl resolve` says, in English and Russian.

use crate::ca::{Progress, Stage};
use crate::failure::Language;
use crate::module::Text;

pub(super) const EVIDENCE: Text = Text::new("What is known", "Что известно");
pub(super) const SERVICE: Text = Text::new("service", "услуга");
pub(super) const INTENT: Text = Text::new("intent", "запись о заказе");
pub(super) const STATE: Text = Text::new("state", "состояние");
pub(super) const SINCE: Text = Text::new("since", "с");
pub(super) const ORDER: Text = Text::new("order", "заказ");
pub(super) const ACCOUNT: Text = Text::new("account", "обработчик");
pub(super) const LOG: Text = Text::new("log", "журнал");
pub(super) const ATTEMPT: Text = Text::new("attempt", "попытка");
pub(super) const NEWER: Text = Text::new(
    "stored by a newer version; only operation, key, time and account can be read:",
    "сохранено более новой версией; читаются только операция, ключ, время и обработчик:",
);
pub(super) const NO_INTENT: Text = Text::new(
    "pmssl has no order of this service on record",
    "в pmssl нет записи о заказе этой услуги",
);
pub(super) const SETTLED: Text = Text::new(
    "the outcome of the last order is known: nothing to resolve",
    "результат последнего заказа известен: делать нечего",
);
pub(super) const SHOWN_ONLY: Text = Text::new(
    "nothing was changed. Check the vendor's panel for an order with this key or with this name and time, then add --adopt ORDER or --not-placed",
    "ничего не изменено. Проверьте, есть ли в панели поставщика заказ с этим ключом или с этим доменом и временем, затем добавьте --adopt НОМЕР или --not-placed",
);
pub(super) const ASK_ADOPT: Text =
    Text::new("take over order __order__?", "принять заказ __order__?");
pub(super) const ASK_NOT_PLACED: Text = Text::new(
    "was really nothing bought? A new attempt will order again",
    "действительно ничего не куплено? Новая попытка закажет ещё раз",
);
pub(super) const DECLINED: Text = Text::new("nothing was changed", "ничего не изменено");
pub(super) const ADOPTED: Text = Text::new(
    "order __order__ is taken over; run the operation again in BILLmanager to finish it",
    "заказ __order__ принят; повторите операцию в BILLmanager, чтобы завершить её",
);
pub(super) const REJECTED: Text = Text::new(
    "settled: nothing was bought; run the operation again in BILLmanager to order",
    "решено: ничего не куплено; повторите операцию в BILLmanager, чтобы заказать",
);
pub(super) const ASK_REPLACE: Text = Text::new(
    "replace the service's order with order __order__?",
    "заменить заказ услуги заказом __order__?",
);
pub(super) const REPLACED: Text = Text::new(
    "order __order__ is the service's now; its certificate is fetched by the next check ('pmssl sync')",
    "заказ услуги теперь __order__; его сертификат загрузит следующая проверка ('pmssl sync')",
);
pub(super) const SEEN: Text = Text::new("at the vendor", "у поставщика");
pub(super) const NOT_ASKED: Text = Text::new(
    "the vendor cannot be asked",
    "не удалось запросить поставщика",
);
pub(super) const SHOWS_OURS: Text = Text::new(
    "this is order __order__: take it over with --adopt __order__",
    "это заказ __order__: примите его ключом --adopt __order__",
);
pub(super) const ONE_TOO_MANY: Text = Text::new(
    "the vendor has made the order more than once: take one over, and ask the vendor to cancel and refund the others",
    "поставщик выполнил заказ несколько раз: примите один, а для остальных попросите у поставщика отмену и возврат",
);
pub(super) const MAY_BE_OURS: Text = Text::new("may be this one:", "возможно, этот:");
pub(super) const HELD: Text = Text::new(
    "order __order__ was bought for this service, and service __item__ has it",
    "заказ __order__ куплен для этой услуги, но он есть у услуги __item__",
);
pub(super) const TOO_EARLY: Text = Text::new(
    "the order may still appear until __time__",
    "заказ ещё может появиться до __time__",
);
pub(super) const SHOWS_NOTHING: Text = Text::new(
    "no order that could be this one",
    "нет заказа, который мог бы быть этим",
);
pub(super) const VENDOR_SAYS: Text = Text::new("the vendor says", "поставщик сообщает");

/// Where an order stands, for people.
pub(super) fn stage(language: Language, progress: &Progress) -> String {
    let (text, words) = match &progress.stage {
        Stage::Pending(words) => (Text::new("pending", "ожидает"), words.as_str()),
        Stage::Held(words) => (
            Text::new("held for a check", "задержан для проверки"),
            words.as_str(),
        ),
        Stage::Issued => (Text::new("issued", "выпущен"), ""),
        Stage::Unpaid(words) => (Text::new("not paid", "не оплачен"), words.as_str()),
        Stage::Reissuing(words) => (
            Text::new("being reissued", "перевыпускается"),
            words.as_str(),
        ),
        Stage::Cancelled(words) => (Text::new("cancelled", "отменён"), words.as_str()),
        Stage::Expired => (Text::new("expired", "истёк"), ""),
        Stage::Unknown(word) => (
            Text::new("unknown status", "неизвестный статус"),
            word.as_str(),
        ),
    };
    let text = text.get(language);
    if words.is_empty() {
        text.to_owned()
    } else {
        format!("{text} ({words})")
    }
}
