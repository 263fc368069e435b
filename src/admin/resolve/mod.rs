//! `pmssl resolve`: a person settles an order whose outcome is unknown (design, section 1).
//!
//! The evidence is shown first. An order is taken over only when the vendor knows it and no other
//! service has it. Who decided what and when stands in the module's log and with the service.

pub(super) mod confirm;
mod contradictions;
mod words;

use self::confirm::confirm;
use self::contradictions::{may_be_not_placed, must_not_hide_proof};
use self::words::{
    ACCOUNT, ADOPTED, ASK_ADOPT, ASK_NOT_PLACED, ASK_REPLACE, ATTEMPT, DECLINED, EVIDENCE, HELD,
    INTENT, LOG, MAY_BE_OURS, NEWER, NO_INTENT, NOT_ASKED, ONE_TOO_MANY, ORDER, REJECTED, REPLACED,
    SEEN, SERVICE, SETTLED, SHOWN_ONLY, SHOWS_NOTHING, SHOWS_OURS, SINCE, STATE, TOO_EARLY,
    VENDOR_SAYS, stage,
};
use super::context::{self, AdminContext};
use super::exit::Code;
use super::history;
use super::output::{AdminAnswer, Section, View};
use super::select::whole;
use crate::cli;
use crate::commands;
use crate::domain::{ItemId, VendorOrderId};
use crate::failure::{Failure, Language, Reason};
use crate::log;
use crate::order::intent::{MAXIMUM_LENGTH, PARAMETER};
use crate::order::{Evidence as Look, Intent, OrderSession};
use crate::platform::fields;

/// Arguments of `pmssl resolve`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
The vendor is looked at first, and what it shows is listed. Look in its panel, too: search for the intent key
that the message or log names.

Examples:
  pmssl resolve --item 7                   show what is known, change nothing
  pmssl resolve --item 7 --adopt 7700123   the order exists: take it over
  pmssl resolve --item 7 --not-placed      nothing was bought: allow a new attempt
  pmssl resolve --item 7 --not-placed --foreign 55,56
                                           nothing was bought: orders 55 and 56 are somebody else's
  pmssl resolve --item 7 --replace 7700124 another order takes the place of the service's one")]
pub(super) struct Arguments {
    /// The service
    #[arg(long, value_name = "ID", value_parser = whole::<u64>)]
    item: u64,
    /// The order exists: its number as the vendor's panel shows it
    #[arg(long, value_name = "ORDER", conflicts_with = "not_placed")]
    adopt: Option<String>,
    /// Nothing was bought
    #[arg(long)]
    not_placed: bool,
    /// Orders that are somebody else's, separated by commas
    #[arg(
        long,
        value_name = "ORDERS",
        value_delimiter = ',',
        conflicts_with = "replace"
    )]
    foreign: Vec<String>,
    /// The vendor cannot be asked, and a person has looked in its panel
    #[arg(long, requires = "not_placed")]
    unseen: bool,
    /// Another order number in the place of the one that the service has
    #[arg(long, value_name = "ORDER", conflicts_with_all = ["adopt", "not_placed"])]
    replace: Option<String>,
    /// Do not ask for confirmation
    #[arg(long)]
    yes: bool,
}

/// What the person decided.
enum Verdict {
    Show,
    Adopt(VendorOrderId),
    NotPlaced,
    Replace(VendorOrderId),
}

/// The verdict with what belongs to it.
struct Decision {
    verdict: Verdict,
    foreign: Vec<VendorOrderId>,
    yes: bool,
}

impl Verdict {
    fn of(arguments: &Arguments) -> Result<Self, Failure> {
        if let Some(order) = &arguments.replace {
            return match order.trim() {
                "" => Err(cli::needed("--replace")),
                order => Ok(Self::Replace(VendorOrderId::new(order))),
            };
        }
        match (&arguments.adopt, arguments.not_placed) {
            (Some(order), _) if order.trim().is_empty() => Err(cli::needed("--adopt")),
            (Some(order), _) => Ok(Self::Adopt(VendorOrderId::new(order.trim()))),
            (None, true) => Ok(Self::NotPlaced),
            (None, false) if arguments.yes => Err(cli::needed("--adopt or --not-placed")),
            (None, false) => Ok(Self::Show),
        }
    }
}

/// Shows the evidence and settles.
pub(super) fn run(admin: &AdminContext, arguments: &Arguments) -> Result<AdminAnswer, Failure> {
    let verdict = Verdict::of(arguments)?;
    context::wait(resolve(admin, arguments, verdict))
}

async fn resolve(
    admin: &AdminContext,
    arguments: &Arguments,
    verdict: Verdict,
) -> Result<AdminAnswer, Failure> {
    let item = ItemId(arguments.item);
    let module = admin.module_of(&admin.any_platform(), item).await?;
    admin.start_log(module);
    let platform = admin.platform(module);
    let context = admin.context(&platform);
    commands::with_session_for_person(&context, item, async |session, account| {
        let account = format!("{} {} ({})", account.id, account.name, module.name);
        let foreign: Vec<VendorOrderId> = arguments
            .foreign
            .iter()
            .map(|order| order.trim())
            .filter(|order| !order.is_empty())
            .map(VendorOrderId::new)
            .collect();
        let mut evidence = evidence(admin, session, item, &account, module.log_name());
        let seen = match session.open_question().is_some() {
            true => Some(session.evidence(&foreign).await),
            false => None,
        };
        evidence.seen = seen.as_ref().map(|seen| shown(&admin.view, seen));
        if matches!(verdict, Verdict::NotPlaced)
            && let Some(seen) = &seen
        {
            may_be_not_placed(seen, arguments.unseen)?;
        }
        if let (Verdict::Adopt(order), Some(Ok(seen))) = (&verdict, &seen) {
            must_not_hide_proof(order, seen)?;
        }
        let decision = Decision {
            verdict,
            foreign,
            yes: arguments.yes,
        };
        settle(admin, session, decision, evidence).await
    })
    .await
}

async fn settle(
    admin: &AdminContext,
    session: &mut OrderSession<'_>,
    decision: Decision,
    evidence: Evidence,
) -> Result<AdminAnswer, Failure> {
    let Decision {
        verdict,
        foreign,
        yes,
    } = decision;
    let view = &admin.view;
    // Also what was settled by a look-up while a person's word was awaited: nothing is ordered before it.
    let unsettled = session.open_question().is_some();
    let state = if session.intent().is_none() {
        NO_INTENT
    } else {
        SETTLED
    };
    let who = context::person();
    match verdict {
        Verdict::Show if unsettled => {
            evidence.answer(view, "unknown", view.say(&SHOWN_ONLY), Code::Person)
        }
        Verdict::Show => evidence.answer(view, "settled", view.say(&state), Code::Done),
        Verdict::Replace(order) => {
            session.may_replace(&order)?;
            let question = view.say(&ASK_REPLACE).replace("__order__", order.as_str());
            if !yes && !confirm(view, &evidence.text(view), &question)? {
                return evidence.answer(view, "declined", view.say(&DECLINED), Code::Declined);
            }
            session.must_be_as_shown().await?;
            let words = format!("order {order} takes the place of the service's");
            note(admin, session, &who, &words).await?;
            session.replace_by_person(&order).await?;
            let done = view.say(&REPLACED).replace("__order__", order.as_str());
            evidence.answer(view, "replaced", &done, Code::Done)
        }
        Verdict::NotPlaced if !session.can_be_settled() => Err(nothing_to_settle()),
        Verdict::Adopt(order) => {
            session.may_be_adopted(&order).await?;
            if let Some(other) = session.other_owner(&order).await? {
                return Err(Failure::field(Reason::Invalid, "--adopt")
                    .value(order.as_str())
                    .detail(words!(
                        "This order belongs to service {other}",
                        "Этот заказ принадлежит услуге {other}"
                    )));
            }
            let progress = session.look_at(&order).await?;
            let says = format!(
                "{}: {}",
                view.say(&VENDOR_SAYS),
                stage(view.language, &progress)
            );
            let question = view.say(&ASK_ADOPT).replace("__order__", order.as_str());
            if !yes && !confirm(view, &evidence.text(view), &format!("{says}\n{question}"))? {
                return evidence.answer(view, "declined", view.say(&DECLINED), Code::Declined);
            }
            session.must_be_as_shown().await?;
            let words = format!(
                "order {order} is the one (the vendor says: {})",
                stage(Language::English, &progress)
            );
            declare_foreign(admin, session, &who, &foreign).await?;
            note(admin, session, &who, &words).await?;
            session.adopt_by_person(&order).await?;
            let done = view.say(&ADOPTED).replace("__order__", order.as_str());
            evidence.answer(view, "adopted", &format!("{says}\n{done}"), Code::Done)
        }
        Verdict::NotPlaced => {
            if !yes && !confirm(view, &evidence.text(view), view.say(&ASK_NOT_PLACED))? {
                return evidence.answer(view, "declined", view.say(&DECLINED), Code::Declined);
            }
            session.must_be_as_shown().await?;
            declare_foreign(admin, session, &who, &foreign).await?;
            note(admin, session, &who, "nothing was bought").await?;
            session.reject_by_person().await?;
            evidence.answer(view, "not-placed", view.say(&REJECTED), Code::Done)
        }
    }
}

/// Keeps which orders a person has called somebody else's, once the verdict is confirmed.
async fn declare_foreign(
    admin: &AdminContext,
    session: &mut OrderSession<'_>,
    who: &str,
    foreign: &[VendorOrderId],
) -> Result<(), Failure> {
    if foreign.is_empty() {
        return Ok(());
    }
    let orders: Vec<&str> = foreign.iter().map(VendorOrderId::as_str).collect();
    let words = format!("orders {} are somebody else's", orders.join(","));
    session.declare_foreign(foreign).await?;
    note(admin, session, who, &words).await
}

/// What the vendor shows, for people.
fn shown(view: &View, seen: &Result<Look, Failure>) -> String {
    let evidence = match seen {
        Ok(evidence) => evidence,
        Err(failure) => {
            return format!("{}: {}", view.say(&NOT_ASKED), failure.text(view.language));
        }
    };
    let ours = evidence.proved.iter().map(|(order, _)| order.as_str());
    let mut lines: Vec<String> = ours
        .map(|order| view.say(&SHOWS_OURS).replace("__order__", order))
        .collect();
    if lines.len() > 1 {
        lines.push(view.say(&ONE_TOO_MANY).to_owned());
    }
    let alike = evidence.candidates.iter();
    lines.extend(alike.map(|one| format!("{} {one}", view.say(&MAY_BE_OURS))));
    lines.extend(evidence.held.iter().map(|(order, item)| {
        let text = view.say(&HELD).replace("__order__", order.as_str());
        text.replace("__item__", &item.to_string())
    }));
    if let Some(until) = evidence.too_early {
        let at = until.format("%Y-%m-%d %H:%M UTC").to_string();
        lines.push(view.say(&TOO_EARLY).replace("__time__", &at));
    }
    lines.extend(
        evidence
            .blind
            .iter()
            .map(|why| why.get(view.language).to_owned()),
    );
    if lines.is_empty() {
        lines.push(view.say(&SHOWS_NOTHING).to_owned());
    }
    lines.join("\n")
}

fn nothing_to_settle() -> Failure {
    Failure::field(Reason::Missing, PARAMETER).detail(words!(
        "The service has no order whose outcome is unknown",
        "У услуги нет заказа с неизвестным результатом"
    ))
}

/// Writes who decided what and when: to the log, and to the service, where it outlives the log.
async fn note(
    admin: &AdminContext,
    session: &mut OrderSession<'_>,
    who: &str,
    words: &str,
) -> Result<(), Failure> {
    let when = admin.clock.now().to_rfc3339();
    log!(Order, Warning, "{who} settles at {when}: {words}");
    let text: String = format!("{when} {who}: {words}")
        .chars()
        .take(MAXIMUM_LENGTH)
        .collect();
    session.remember(fields::SETTLED, &text).await
}

/// What is known before anything is decided.
struct Evidence {
    item: u64,
    account: String,
    names: String,
    intent: Option<(String, String, String)>,
    order: Option<String>,
    complaints: Vec<String>,
    /// What the vendor shows now.
    seen: Option<String>,
}

fn evidence(
    admin: &AdminContext,
    session: &OrderSession<'_>,
    item: ItemId,
    account: &str,
    module: &str,
) -> Evidence {
    let names = session
        .service()
        .csr
        .as_deref()
        .and_then(|csr| crate::certificate::Csr::parse(csr).ok())
        .map(|csr| {
            let names: Vec<_> = csr.names().iter().map(ToString::to_string).collect();
            names.join(", ")
        });
    let mut complaints = history::complaints(&admin.root, module, item.0);
    let stored = session.service().parameter(PARAMETER);
    if let Some(text) = stored.filter(|text| Intent::from_text(text).is_err()) {
        complaints.insert(0, format!("{} {text}", admin.view.say(&NEWER)));
    }
    Evidence {
        item: item.0,
        account: account.to_owned(),
        names: names.unwrap_or_default(),
        intent: session.intent().map(|intent| {
            let kind = format!(
                "{} ({}, {} {})",
                intent.key,
                intent.operation.word(),
                admin.view.say(&ATTEMPT),
                intent.attempt
            );
            let state = intent.state.word().to_owned();
            (kind, state, intent.since.to_rfc3339())
        }),
        order: session.order_number().map(|order| order.to_string()),
        complaints,
        seen: None,
    }
}

impl Evidence {
    fn text(&self, view: &View) -> String {
        let mut section = Section::new(view.say(&EVIDENCE));
        section.row(view.say(&SERVICE), format!("{} {}", self.item, self.names));
        section.row(view.say(&ACCOUNT), self.account.as_str());
        if let Some((kind, state, since)) = &self.intent {
            section.row(view.say(&INTENT), kind.as_str());
            section.row(view.say(&STATE), state.as_str());
            section.row(view.say(&SINCE), since.as_str());
        }
        section.row(view.say(&ORDER), self.order.clone().unwrap_or_default());
        section.row(view.say(&SEEN), self.seen.clone().unwrap_or_default());
        section.row(view.say(&LOG), self.complaints.join("\n"));
        crate::logging::mask(&view.sheet(&[section]))
    }

    fn answer(
        &self,
        view: &View,
        outcome: &str,
        closing: &str,
        code: Code,
    ) -> Result<AdminAnswer, Failure> {
        if view.json {
            let intent = self.intent.as_ref();
            let document = serde_json::json!({
                "item": self.item,
                "outcome": outcome,
                "account": self.account,
                "names": self.names,
                "intent": intent.map(|(kind, _, _)| kind),
                "state": intent.map(|(_, state, _)| state),
                "since": intent.map(|(_, _, since)| since),
                "order": self.order,
                "seen": self.seen,
                "text": closing,
            });
            return Ok(AdminAnswer::new(view.json(&document)?, code));
        }
        Ok(AdminAnswer::new(
            format!("{}\n{closing}\n", self.text(view)),
            code,
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::confirm::is_yes;
    use super::*;

    fn arguments(adopt: Option<&str>, not_placed: bool, yes: bool) -> Arguments {
        Arguments {
            item: 7,
            adopt: adopt.map(str::to_owned),
            not_placed,
            foreign: Vec::new(),
            unseen: false,
            replace: None,
            yes,
        }
    }

    #[test]
    fn yes_needs_a_verdict() {
        assert!(matches!(
            Verdict::of(&arguments(None, false, false)),
            Ok(Verdict::Show)
        ));
        assert!(Verdict::of(&arguments(None, false, true)).is_err());
        assert!(Verdict::of(&arguments(Some(" "), false, true)).is_err());
        assert!(matches!(
            Verdict::of(&arguments(Some(" 77 "), false, true)),
            Ok(Verdict::Adopt(order)) if order.as_str() == "77"
        ));
    }

    #[test]
    fn only_a_clear_yes_counts() {
        for line in ["y\n", "YES\n", " да\n", "Д"] {
            assert!(is_yes(line), "{line}");
        }
        for line in ["", "\n", "n", "yep", "нет", "ye s"] {
            assert!(!is_yes(line), "{line}");
        }
    }
}
