//! `pmssl plan`: the coming reissues and renewals of services, with dates, rules and who acts.

use chrono::NaiveDate;
use serde_json::{Value, json};

use super::output::Answer;
use super::scene::{self, Scene};
use crate::cli;
use crate::domain::{AccountId, ItemId};
use crate::failure::{Failure, Reason};
use crate::module::{self, Module};
use crate::order::plan::{By, Facts, Proof, Step, What, plan};
use crate::order::policy::Subscription;
use crate::order::{Intent, current, intent};
use crate::platform::billmanager::BillManager;
use crate::platform::{Platform, Service, fields};

/// Item status of a deleted service (billmanager.md 8.2).
const DELETED: i64 = 4;

/// Arguments of `pmssl plan`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  pmssl plan --item 7         the coming years of one service
  pmssl plan --module 3       all services of an account

Dates are days in UTC. What a vendor really issues may differ by hours; proofs may be asked for earlier.")]
pub(super) struct Arguments {
    /// Service id in the platform
    #[arg(long, required_unless_present = "module", conflicts_with = "module")]
    item: Option<u64>,
    /// Account id in the platform
    #[arg(long)]
    module: Option<u64>,
}

/// Prints the plans.
pub(super) fn run(scene: &Scene, arguments: &Arguments) -> Result<Answer, Failure> {
    scene::wait(show(scene, arguments)).map(Answer::done)
}

async fn show(scene: &Scene, arguments: &Arguments) -> Result<String, Failure> {
    // Reading needs no module's name in particular.
    let platform = scene.any_platform();
    let (subscription, complaints) = Subscription::read(|name| platform.option(name));
    let items = match (arguments.item, arguments.module) {
        (Some(item), _) => vec![ItemId(item)],
        (None, Some(account)) => items_of(&platform, AccountId(account)).await?,
        (None, None) => return Err(cli::missing("--item or --module")),
    };
    let mut text: String = complaints.iter().map(|line| format!("{line}\n")).collect();
    let mut documents = Vec::new();
    for item in &items {
        let service = platform.service(*item).await?;
        if arguments.item.is_none()
            && Some(service.account) != arguments.module.map(|id| Some(AccountId(id)))
        {
            continue;
        }
        let module = owner(&service, *item)?;
        let reissues = vendor_reissues(&platform, &service, module).await?;
        let today = scene.clock.now().date_naive();
        match facts(&service, module, subscription, reissues, today) {
            Ok(facts) => {
                let steps = plan(&facts);
                text.push_str(&as_text(*item, &facts, &steps));
                documents.push(as_json(*item, &facts, &steps));
            }
            Err(why) => {
                text.push_str(&format!("service {item}: {why}\n"));
                documents.push(json!({ "item": item.0, "unknown": why }));
            }
        }
    }
    if scene.view.json {
        return Ok(format!("{:#}\n", Value::Array(documents)));
    }
    Ok(text)
}

async fn items_of(platform: &BillManager, account: AccountId) -> Result<Vec<ItemId>, Failure> {
    let module = platform.account(account).await?.module;
    let services = platform.services_of(&module).await?;
    let alive = services.iter().filter(|service| service.status != DELETED);
    Ok(alive.map(|service| service.item).collect())
}

/// Whether the vendor of a service's account reissues on request; told by the adapter, without any call.
pub(super) async fn vendor_reissues(
    platform: &BillManager,
    service: &Service,
    module: &Module,
) -> Result<bool, Failure> {
    let Some(account) = service.account else {
        return Ok(false);
    };
    let account = platform.account(account).await?;
    let reach = crate::commands::reach(platform);
    let vendor = crate::ca::connect(module.origin, &account.settings, &reach);
    Ok(vendor.is_ok_and(|vendor| vendor.abilities().reissue))
}

fn owner(service: &Service, item: ItemId) -> Result<&'static Module, Failure> {
    let name = service.module.as_deref().unwrap_or_default();
    module::by_name(name)
        .ok_or_else(|| Failure::field(Reason::ForeignModule, format!("service {item}")).value(name))
}

/// What is known, or why there is no plan.
fn facts(
    service: &Service,
    module: &'static Module,
    subscription: Subscription,
    vendor_reissues: bool,
    today: NaiveDate,
) -> Result<Facts, String> {
    let template = service
        .template
        .as_ref()
        .and_then(|code| module.template(code.as_str()));
    let term_end = current::term_end(service).ok_or(
        "the end of the paid term is not known: it is stored with the next order or told by the vendor",
    )?;
    let life = current::certificate(service, module.origin).map(|current| current.life);
    let intent = service.parameter(intent::PARAMETER);
    let ordered = intent.and_then(|text| Intent::from_text(text).ok());
    let method = service
        .parameter(fields::APPROVER_METHOD)
        .unwrap_or_default();
    Ok(Facts {
        module: module.origin,
        today,
        certificate: life.map(|life| (life.start.date_naive(), life.end.date_naive())),
        term_end,
        // The last proof was given for the last order or reissue, at the latest for the certificate.
        proved: ordered
            .map(|intent| intent.since.date_naive())
            .or(life.map(|life| life.start.date_naive())),
        by_mail: method.is_empty() || method == "auth_email",
        organization: template.is_some_and(|template| template.organization),
        vendor_reissues,
        subscription,
    })
}

fn what(step: &Step) -> &'static str {
    match step.what {
        What::Issue => "first certificate",
        What::Reissue => "reissue",
        What::Renewal => "renewal",
    }
}

fn by(step: &Step) -> &'static str {
    match step.by {
        By::Program => "pmssl daemon",
        By::Client => "client",
        By::Person => "person (task)",
        By::Nobody => "nobody (policy none)",
    }
}

fn proof(step: &Step) -> String {
    match step.proof {
        Proof::New => "new proof of domain control by the client".to_owned(),
        Proof::ReusableUntil(day) => format!("the last proof may be used again until {day}"),
        Proof::NotNeeded => "with the new order".to_owned(),
    }
}

fn as_text(item: ItemId, facts: &Facts, steps: &[Step]) -> String {
    let certificate = facts.certificate.map_or_else(
        || "no certificate yet".to_owned(),
        |(start, end)| format!("certificate {start} to {end}"),
    );
    let mut text = format!(
        "service {item}: {certificate}, paid till {}\n",
        facts.term_end
    );
    for step in steps {
        let issued = step
            .certificate
            .map(|(_, end)| {
                format!(
                    ", certificate till {end} (at most {} days)",
                    step.rule.lifetime
                )
            })
            .unwrap_or_default();
        let mail = step
            .mail
            .map(|mail| format!("; {}", mail.words()))
            .unwrap_or_default();
        let company = if facts.organization && step.certificate.is_some() {
            format!(
                "; the company's verification may be used again for {} days",
                step.rule.identity_reuse
            )
        } else {
            String::new()
        };
        text.push_str(&format!(
            "  {} {} by {}, at the latest {}{issued}; {}{company}{mail}\n",
            step.day,
            what(step),
            by(step),
            step.until,
            proof(step)
        ));
    }
    text
}

fn as_json(item: ItemId, facts: &Facts, steps: &[Step]) -> Value {
    let steps: Vec<Value> = steps
        .iter()
        .map(|step| {
            json!({
                "day": step.day.to_string(),
                "until": step.until.to_string(),
                "what": what(step),
                "by": by(step),
                "certificate_end": step.certificate.map(|(_, end)| end.to_string()),
                "lifetime_limit_days": step.rule.lifetime,
                "rule_since": step.rule.from.to_string(),
                "proof": proof(step),
                "warning": step.mail.map(|mail| mail.words()),
            })
        })
        .collect();
    json!({
        "item": item.0,
        "certificate_end": facts.certificate.map(|(_, end)| end.to_string()),
        "paid_till": facts.term_end.to_string(),
        "steps": steps,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn today() -> NaiveDate {
        "2026-04-02".parse().unwrap()
    }

    #[test]
    fn a_service_without_a_known_term_has_no_plan() {
        let module = module::by_name("pmthesslstore").unwrap();
        let failure = facts(
            &Service::default(),
            module,
            Subscription::default(),
            true,
            today(),
        )
        .unwrap_err();
        assert!(failure.contains("not known"));
    }

    #[test]
    fn the_plan_names_dates_rules_and_people() {
        let module = module::by_name("pmthesslstore").unwrap();
        let mut service = Service::default();
        let mut set =
            |name: &str, value: &str| service.parameters.insert(name.into(), value.into());
        set("pmssl_term_end", "2031-04-02");
        let facts = facts(&service, module, Subscription::default(), true, today()).unwrap();
        let steps = plan(&facts);
        let text = as_text(ItemId(7), &facts, &steps);
        assert!(text.starts_with("service 7: no certificate yet, paid till 2031-04-02\n  2026-04-02 first certificate by pmssl daemon"), "{text}");
        assert!(text.contains("  2026-08-29 reissue by pmssl daemon, at the latest 2026-10-18, certificate till 2027-03-16 (at most 200 days)"), "{text}");
        assert!(
            text.contains("renewal by client, at the latest 2031-04-02"),
            "{text}"
        );
        let document = as_json(ItemId(7), &facts, &steps);
        assert_eq!(document["steps"][0]["certificate_end"], "2026-10-18");
        assert_eq!(document["steps"][3]["lifetime_limit_days"], 100);
    }
}
