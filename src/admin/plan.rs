//! `pmssl plan`: the coming reissues and renewals of services, with dates, rules and who acts.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde_json::{Value, json};

use super::output::{Answer, Pages, View};
use super::policy;
use super::scene::{self, Scene};
use crate::cli;
use crate::domain::{AccountId, ItemId};
use crate::failure::{Failure, Language, Reason};
use crate::module::{self, Module, Text};
use crate::order::calendar::{MAIL_ENDS, MailProof};
use crate::order::owner::Owner;
use crate::order::plan::{Facts, Proof, Step, What, plan};
use crate::order::policy::Subscription;
use crate::order::replacement::Able;
use crate::order::{current, notices, waits};
use crate::platform::billmanager::BillManager;
use crate::platform::{ACTIVE, DELETED, Platform, Service};

const SERVICE: Text = Text::new(
    "service __item__: __certificate__, paid till __end__",
    "услуга __item__: __certificate__, оплачено до __end__",
);
const NO_PLAN: Text = Text::new("service __item__: ", "услуга __item__: ");
const UNKNOWN_TERM: Text = Text::new(
    "the end of the paid term is not known: it is stored with the next order or told by the vendor",
    "конец оплаченного срока неизвестен: он сохраняется со следующим заказом или сообщается поставщиком",
);
const UNTOLD_TERM: Text = Text::new(
    "the end of the paid term is not known, and this vendor does not tell it: enter it as the item parameter pmssl_term_end, the day alone (YYYY-MM-DD)",
    "конец оплаченного срока неизвестен, и этот поставщик его не сообщает: внесите его в параметр услуги pmssl_term_end, только день (ГГГГ-ММ-ДД)",
);
const NO_CERTIFICATE: Text = Text::new("no certificate yet", "сертификата ещё нет");
const CERTIFICATE: Text = Text::new(
    "certificate __start__ to __end__",
    "сертификат с __start__ по __end__",
);
const STEP: Text = Text::new(
    "__day__ __what__ by __by__, at the latest __until__",
    "__day__ __what__ (__by__), не позднее __until__",
);
const TILL: Text = Text::new(
    ", certificate till __end__ (at most __days__ days)",
    ", сертификат до __end__ (не более __days__ дней)",
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

/// Programs read English in every language.
const ENGLISH: View = View {
    language: Language::English,
    json: true,
    color: false,
};

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
    let policy::InForce {
        subscription,
        complaints,
        ..
    } = policy::in_force(&platform, None);
    let items = match (arguments.item, arguments.module) {
        (Some(item), _) => vec![ItemId(item)],
        (None, Some(account)) => items_of(&platform, AccountId(account)).await?,
        (None, None) => return Err(cli::needed("--item or --module")),
    };
    let remark = subscription.remark(scene.clock.now().date_naive());
    let view = &scene.view;
    let text: String = complaints
        .iter()
        .chain(&remark)
        .map(|line| format!("{line}\n"))
        .collect();
    if !view.json && !view.print(&text) {
        return Ok(String::new());
    }
    let (mut pages, mut vendors) = (Pages::default(), BTreeMap::new());
    for item in &items {
        let service = platform.service(*item).await?;
        if arguments.item.is_none()
            && Some(service.account) != arguments.module.map(|id| Some(AccountId(id)))
        {
            continue;
        }
        let module = owner(&service, *item)?;
        // Asked once for each account: its settings have to be decrypted.
        let able = match vendors.get(&service.account) {
            Some(known) => *known,
            None => {
                let able = vendor(&platform, service.account, module).await?;
                vendors.insert(service.account, able);
                able
            }
        };
        let today = scene.clock.now().date_naive();
        let (text, document) = match facts(&service, module, subscription, able, today) {
            Ok(facts) => {
                let steps = plan(&facts);
                let text = as_text(view, *item, &facts, &steps);
                (text, as_json(*item, &facts, &steps))
            }
            Err(why) => {
                let line = view.say(&NO_PLAN).replace("__item__", &item.to_string());
                let document = json!({ "item": item.0, "unknown": why.en });
                (format!("{line}{}\n", view.say(&why)), document)
            }
        };
        let text = match view.json {
            true => pages.json(view, &[document])?,
            false => text,
        };
        // Nobody reads on behind a pipe that was closed.
        if !view.print(&text) {
            return Ok(String::new());
        }
    }
    Ok(match view.json {
        true => pages.json_end().to_owned(),
        false => String::new(),
    })
}

async fn items_of(platform: &BillManager, account: AccountId) -> Result<Vec<ItemId>, Failure> {
    let module = platform.account(account).await?.module;
    let services = platform.services_of(&module).await?;
    let alive = services.iter().filter(|service| service.status != DELETED);
    Ok(alive.map(|service| service.item).collect())
}

/// What the vendor of a service's account can do; told by the adapter, without any call.
pub(super) async fn vendor(
    platform: &BillManager,
    account: Option<AccountId>,
    module: &Module,
) -> Result<Able, Failure> {
    let Some(account) = account else {
        return Ok(Able::UNUSABLE);
    };
    let account = platform.account(account).await?;
    let reach = crate::commands::reach(platform, platform.root(), module);
    let vendor = crate::ca::connect(module.origin, &account.settings, &reach);
    Ok(vendor.map_or(Able::UNUSABLE, |vendor| Able::of(vendor.abilities())))
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
    able: Able,
    today: NaiveDate,
) -> Result<Facts, Text> {
    let horizon = current::horizon(service, module);
    if horizon.term_end.is_none() {
        return Err(match able.tell_term {
            true => UNKNOWN_TERM,
            false => UNTOLD_TERM,
        });
    }
    let current = current::certificate(service, module);
    let can = current::can_be_reissued(service, current.as_ref());
    let life = current.map(|current| current.life);
    Ok(Facts {
        today,
        certificate: life.map(|life| (life.start.date_naive(), life.end.date_naive())),
        horizon,
        by_mail: waits::is_by_mail(service),
        mail_only: notices::is_mail_only(service),
        vendor_reissues: able.reissue && can,
        // A first certificate is on its way to a service that is not active yet.
        is_active: service.status == ACTIVE || life.is_none(),
        subscription,
    })
}

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
        Owner::Administrator => Text::new("person (task)", "сотрудник (задача)"),
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

fn mail(view: &View, mail: MailProof, mail_only: bool) -> String {
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

fn as_text(view: &View, item: ItemId, facts: &Facts, steps: &[Step]) -> String {
    let certificate = facts.certificate.map_or_else(
        || view.say(&NO_CERTIFICATE).to_owned(),
        |(start, end)| {
            view.say(&CERTIFICATE)
                .replace("__start__", &start.to_string())
                .replace("__end__", &end.to_string())
        },
    );
    let mut text = view
        .say(&SERVICE)
        .replace("__item__", &item.to_string())
        .replace("__certificate__", &certificate)
        .replace("__end__", &term_end(facts));
    text.push('\n');
    for step in steps {
        let issued = step.certificate.map(|(_, end)| {
            view.say(&TILL)
                .replace("__end__", &end.to_string())
                .replace("__days__", &step.rule.lifetime.to_string())
        });
        let company = (facts.horizon.organization && step.certificate.is_some()).then(|| {
            if step.company_anew {
                return view.say(&COMPANY_ANEW).to_owned();
            }
            view.say(&COMPANY)
                .replace("__days__", &step.rule.identity_reuse.to_string())
        });
        let line = view
            .say(&STEP)
            .replace("__day__", &step.day.to_string())
            .replace("__what__", view.say(&what(step)))
            .replace("__by__", view.say(&by(step)))
            .replace("__until__", &step.until.to_string());
        let warning = step.mail.map(|proof| mail(view, proof, facts.mail_only));
        let further = [Some(proof(view, step)), company, warning];
        let further: Vec<String> = further.into_iter().flatten().collect();
        text.push_str(&format!(
            "  {line}{}; {}\n",
            issued.unwrap_or_default(),
            further.join("; ")
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
            Able::ALL,
            today(),
        )
        .unwrap_err();
        assert_eq!(failure, UNKNOWN_TERM);
        let silent = Able {
            tell_term: false,
            ..Able::ALL
        };
        let service = Service::default();
        let failure = facts(&service, module, Subscription::default(), silent, today());
        assert_eq!(failure.unwrap_err(), UNTOLD_TERM);
    }

    /// What the daemon does not do is not planned: its last reissue brought nothing, or the service is suspended.
    #[test]
    fn the_plan_says_of_a_service_what_the_daemon_does() {
        let module = module::by_name("pmthesslstore").unwrap();
        let with = |status, replaced: &str, days: i64| {
            let (end, start) = (today(), today() - chrono::TimeDelta::days(days));
            let at = |day: NaiveDate| {
                use chrono::Datelike as _;
                let month = u8::try_from(day.month()).unwrap();
                (day.year(), month, u8::try_from(day.day()).unwrap())
            };
            let delivery = crate::certificate::testing::Delivery::new();
            let wish = crate::certificate::testing::Wish {
                from: at(start),
                to: at(end),
                ..crate::certificate::testing::Wish::of(&["www.example.com"])
            };
            let leaf = delivery.intermediate.sign(&delivery.csr, &wish);
            let mut service = Service {
                status,
                certificate: Some(leaf),
                ..Service::default()
            };
            let mut set =
                |name: &str, value: &str| service.parameters.insert(name.into(), value.into());
            set("pmssl_term_end", "2031-04-02");
            set("pmssl_replaced_serial", replaced);
            let facts = facts(
                &service,
                module,
                Subscription::default(),
                Able::ALL,
                today(),
            );
            plan(&facts.unwrap())[0].by
        };
        let former = format!("0a {}", today());
        assert_eq!(with(2, "", 100), Owner::Program);
        assert_eq!(with(2, &former, 6), Owner::Administrator);
        assert_eq!(with(3, "", 100), Owner::Nobody);
    }

    /// Nobody is told to choose what the product does not have.
    #[test]
    fn a_product_with_nothing_but_mail_is_not_told_to_take_another_method() {
        let english = View {
            json: false,
            ..ENGLISH
        };
        for proof in [MailProof::Discouraged, MailProof::Forbidden] {
            let (other, alone) = (mail(&english, proof, false), mail(&english, proof, true));
            assert!(other.contains("choose DNS or a file"), "{other}");
            assert!(alone.contains("no other method"), "{alone}");
            assert!(!alone.contains("DNS"), "{alone}");
        }
        let module = module::by_name("pmispmgrssl").unwrap();
        let mut service = Service {
            module: Some(module.name.into()),
            template: Some(crate::domain::TemplateCode::new(module.templates[0].code)),
            ..Service::default()
        };
        let mut set =
            |name: &str, value: &str| service.parameters.insert(name.into(), value.into());
        set("pmssl_term_end", "2031-04-02");
        set("approver_method", "auth_email");
        let facts = facts(
            &service,
            module,
            Subscription::default(),
            Able::ALL,
            today(),
        );
        let facts = facts.unwrap();
        assert!(facts.by_mail && facts.mail_only);
    }

    #[test]
    fn the_plan_names_dates_rules_and_people() {
        let module = module::by_name("pmthesslstore").unwrap();
        let mut service = Service::default();
        let mut set =
            |name: &str, value: &str| service.parameters.insert(name.into(), value.into());
        set("pmssl_term_end", "2031-04-02");
        let facts = facts(
            &service,
            module,
            Subscription::default(),
            Able::ALL,
            today(),
        )
        .unwrap();
        let steps = plan(&facts);
        let text = as_text(&ENGLISH, ItemId(7), &facts, &steps);
        assert!(text.starts_with("service 7: no certificate yet, paid till 2031-04-02\n  2026-04-02 first certificate by pmssl daemon"), "{text}");
        assert!(text.contains("  2026-10-08 reissue by pmssl daemon, at the latest 2026-10-18, certificate till 2027-04-25 (at most 200 days)"), "{text}");
        assert!(
            text.contains("renewal by client, at the latest 2031-04-02"),
            "{text}"
        );
        let document = as_json(ItemId(7), &facts, &steps);
        assert_eq!(document["steps"][0]["certificate_end"], "2026-10-18");
        assert_eq!(document["steps"][3]["lifetime_limit_days"], 100);
    }
}
