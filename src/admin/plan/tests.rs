use super::list::{ENGLISH, as_json, mail};
use super::*;
use crate::admin::output::View;
use crate::failure::Language;
use crate::order::calendar::MailProof;
use crate::order::owner::Owner;

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
    let mut set = |name: &str, value: &str| service.parameters.insert(name.into(), value.into());
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
    let mut set = |name: &str, value: &str| service.parameters.insert(name.into(), value.into());
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
    let english = View {
        json: false,
        ..ENGLISH
    };
    let head = list::head(&english, ItemId(7), &Ok(facts));
    assert_eq!(
        head,
        "service 7: no certificate yet, paid till 2031-04-02\n"
    );
    let (text, facts) = printed(&service, &Layout::default());
    let rows = [
        "7        2026-04-02  first certificate  pmssl daemon",
        "7        2026-10-08  reissue            pmssl daemon  2026-10-18  2027-04-25",
    ];
    for row in rows {
        assert!(text.contains(row), "{row}: {text}");
    }
    let last = text.lines().rev().nth(1).unwrap();
    assert!(last.contains("renewal            client"), "{text}");
    assert!(last.ends_with("2031-04-02"), "{text}");
    assert!(text.ends_with(" (days in UTC)\n"), "{text}");
    assert!(text.lines().all(|line| line.len() <= 80), "{text}");
    let wide = Layout {
        format: Some(crate::admin::table::Format::Wide),
        ..Layout::default()
    };
    let (text, _) = printed(&service, &wide);
    assert!(
        text.contains("new proof of domain control by the client"),
        "{text}"
    );
    let document = as_json(ItemId(7), &facts, &steps);
    assert_eq!(document["steps"][0]["certificate_end"], "2026-10-18");
    assert_eq!(document["steps"][3]["lifetime_limit_days"], 100);
}

/// The list of one service's steps, sorted so that nothing goes out before its end.
fn printed(service: &Service, layout: &Layout) -> (String, Facts) {
    let module = module::by_name("pmthesslstore").unwrap();
    let subscription = Subscription::default();
    let facts = facts(service, module, subscription, Able::ALL, today()).unwrap();
    let english = View {
        json: false,
        ..ENGLISH
    };
    let layout = Layout {
        sort: Some("day".into()),
        ..layout.clone()
    };
    let mut list = List::new(&english, &layout, &list::COLUMNS, &list::USUAL);
    let steps = plan(&facts);
    let rows = list::rows(&list, &english, ItemId(7), &facts, &steps);
    assert!(list.add(rows).unwrap());
    let answer = list.end(&list::NONE, &list::COUNT).unwrap();
    (answer.text, facts)
}

/// The widest table that the columns allow, in both languages.
#[test]
fn a_table_of_steps_fits_a_terminal() {
    let day = "2026-04-02".len();
    for language in [Language::English, Language::Russian] {
        let widest = |word: &str| {
            let column = list::COLUMNS.iter().find(|column| column.word == word);
            let column = column.unwrap();
            let most = match (word, column.most) {
                // Services of seven digits.
                ("service", _) => 7,
                ("day" | "until" | "end", _) => day,
                (_, most) => most,
            };
            assert!(most > 0, "{word}");
            column.head.get(language).chars().count().max(most)
        };
        let gaps = 2 * (list::USUAL.len() - 1);
        let width = list::USUAL.iter().map(|word| widest(word)).sum::<usize>() + gaps;
        assert!(width <= 80, "{width}");
    }
}

#[test]
fn a_service_without_a_plan_is_a_row_that_says_why() {
    let english = View {
        json: false,
        ..ENGLISH
    };
    let layout = Layout {
        format: Some(crate::admin::table::Format::Csv),
        sort: Some("day".into()),
        columns: vec!["service".into(), "what".into(), "warning".into()],
        ..Layout::default()
    };
    let mut list = List::new(&english, &layout, &list::COLUMNS, &list::USUAL);
    let row = list::unknown(&list, &english, ItemId(7), &UNKNOWN_TERM);
    list.add(vec![row]).unwrap();
    let text = list.end(&list::NONE, &list::COUNT).unwrap().text;
    assert!(
        text.starts_with("service,what,warning\n7,not known,the end of"),
        "{text}"
    );
}
