use super::*;
use crate::domain::Currency;
use crate::domain::text::Words;
use crate::xml::{Element, read};
use secrecy::ExposeSecret;

fn module() -> &'static Module {
    crate::module::by_name("pmglobalsign").unwrap()
}

fn root(document: &str) -> Element {
    assert!(document.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"));
    read(document, "doc").unwrap().root
}

fn parameter<'a>(error: &'a Element, name: &str) -> &'a str {
    let found: Vec<_> = error
        .children
        .iter()
        .filter(|child| child.name == "param" && child.attribute("name") == Some(name))
        .collect();
    assert_eq!(found.len(), 1, "{name}");
    &found[0].text
}

#[test]
fn an_error_document_carries_type_object_value_detail_and_a_ready_text() {
    let failure = Failure::field(Reason::Invalid, "adm_phone")
        .value("<12&3>")
        .detail(Words::verbatim("not \"international\""));
    let root = root(&error(&failure, Language::Russian));
    let error = root.child("error").unwrap();
    assert_eq!(error.attribute("type"), Some("pmssl_invalid"));
    assert_eq!(error.attribute("object"), Some("adm_phone"));
    assert_eq!(parameter(error, "object"), "adm_phone");
    assert_eq!(parameter(error, "value"), "<12&3>");
    assert_eq!(parameter(error, "detail"), "not \"international\"");
    assert_eq!(parameter(error, "desc"), "desck_empty");
    assert_eq!(
        error.value("msg"),
        Some(failure.text(Language::Russian).as_str())
    );
}

#[test]
fn an_error_without_object_names_none() {
    let root = root(&error(&Failure::new(Reason::MissingCsr), Language::English));
    let error = root.child("error").unwrap();
    assert_eq!(error.attribute("object"), None);
    assert!(
        error
            .children
            .iter()
            .all(|child| child.attribute("name") != Some("object"))
    );
    assert_eq!(parameter(error, "value"), "");
    assert_eq!(parameter(error, "detail"), "");
}

#[test]
fn an_error_document_survives_hostile_words() {
    let failure = Failure::new(Reason::Rejected).detail(Words::verbatim(format!(
        "]]></doc><evil/>\u{0}\u{b}{}",
        "я".repeat(100_000)
    )));
    let text = error(&failure, Language::English);
    let root = root(&text);
    assert_eq!(root.children.len(), 1);
    let detail = parameter(root.child("error").unwrap(), "detail");
    assert!(detail.starts_with("]]></doc><evil/>\\u{0}\\u{b}яя"));
    assert!(text.len() < 10 * MAX_TEXT);
}

#[test]
fn an_operation_error_names_the_account_and_carries_the_log() {
    let failure = Failure::field(Reason::VendorTrouble, "order").detail(Words::verbatim("busy"));
    let now = DateTime::from_timestamp(1_770_000_000, 0).unwrap();
    let log = vec!["first ]]> line".to_owned(), "second\u{1b} line".to_owned()];
    let root = root(&operation_error(
        &failure,
        Some((AccountId(12), "Test \"A\" & B")),
        &log,
        now,
    ));
    let module = root.child("processingmodule").unwrap();
    assert_eq!(module.attribute("id"), Some("12"));
    assert_eq!(module.attribute("name"), Some("Test \"A\" & B"));
    let date = now.with_timezone(&Local).format("%Y-%m-%d %H:%M:%S");
    assert_eq!(module.attribute("date"), Some(date.to_string().as_str()));
    for error in [module.child("error").unwrap(), root.child("error").unwrap()] {
        assert_eq!(error.attribute("type"), Some("pmssl_vendor_trouble"));
        assert_eq!(error.attribute("object"), Some("order"));
        assert_eq!(error.attribute("value"), Some(""));
        assert_eq!(parameter(error, "detail"), "busy");
    }
    let error = root.child("error").unwrap();
    assert_eq!(error.value("log"), Some("first ]]> line\nsecond line"));
    assert!(error.value("backtrace").unwrap().contains("busy"));
}

#[test]
fn an_operation_error_without_account_has_only_the_error() {
    let failure = Failure::new(Reason::MissingCsr);
    let root = root(&operation_error(&failure, None, &[], Utc::now()));
    assert!(root.child("processingmodule").is_none());
    assert!(root.child("error").is_some());
}

#[test]
fn a_long_log_loses_its_oldest_lines() {
    let log: Vec<String> = (0..100)
        .map(|number| format!("{number} {}", "x".repeat(2_000)))
        .collect();
    let text = operation_error(&Failure::new(Reason::Internal), None, &log, Utc::now());
    assert!(text.len() < 64 * 1024);
    assert!(text.contains("\n99 x"));
    assert!(!text.contains("\n10 x"));
    assert_eq!(newest_lines(&["y".repeat(MAX_LOG)]), "");
    assert_eq!(newest_lines(&["a".to_owned(), "b".to_owned()]), "a\nb");
}

#[test]
fn plain_answers_have_the_attested_shapes() {
    assert_eq!(
        ok(),
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<doc><ok/></doc>\n"
    );
    assert!(empty().ends_with("<doc/>\n"));
    let money = Money {
        minor: 15_240,
        currency: Currency::EUR,
    };
    assert!(balance(&money).ends_with(
        "<doc><balance>152.40</balance><currency>EUR</currency><credit></credit><extensions/></doc>\n"
    ));
    let groups = [
        (
            DomainName::parse("example.com").unwrap(),
            vec![
                EmailAddress::parse("admin@example.com").unwrap(),
                EmailAddress::parse("o'brien@example.com").unwrap(),
            ],
        ),
        (DomainName::parse("*.example.net").unwrap(), Vec::new()),
    ];
    assert!(approvers(&groups).ends_with(
        "<doc><domain name=\"example.com\"><approver>admin@example.com</approver>\
         <approver>o&apos;brien@example.com</approver></domain><domain name=\"*.example.net\"></domain></doc>\n"
    ));
}

#[test]
fn a_connection_form_yields_the_modules_settings() {
    let form = "<?xml version=\"1.0\"?><doc><processingmodule><id>12</id><name>x</name>\
        <username> reseller7 </username><password>s3&amp;cr&lt;t </password>\
        <usedemo>on</usedemo><other>y</other></processingmodule></doc>";
    let (id, settings) = connection_form(form, module()).unwrap();
    assert_eq!(id, Some(AccountId(12)));
    assert_eq!(settings.text("username"), Some("reseller7"));
    assert!(settings.flag("usedemo"));
    assert_eq!(settings.text("password"), None);
    assert_eq!(settings.text("other"), None);
    assert_eq!(
        settings.secret("password").unwrap().expose_secret(),
        "s3&cr<t "
    );
    assert_eq!(settings.secrets().count(), 1);
}

#[test]
fn a_new_account_has_no_id_yet() {
    for form in [
        "<doc><processingmodule/></doc>",
        "<doc><processingmodule><id></id></processingmodule></doc>",
    ] {
        let (id, settings) = connection_form(form, module()).unwrap();
        assert_eq!(id, None);
        assert_eq!(settings.text("username"), None);
    }
}

#[test]
fn anything_else_on_stdin_is_told_apart_from_bad_settings() {
    for form in [
        "",
        "   \n",
        "garbage",
        "<doc/>",
        "<html><processingmodule/></html>",
        "<!DOCTYPE d><doc><processingmodule/></doc>",
        "<doc><processingmodule><password>s3cr3t&s3cr3t;</password></processingmodule></doc>",
    ] {
        let failure = connection_form(form, module()).unwrap_err();
        assert_eq!(failure.reason(), Reason::BrokenInput, "{form}");
        assert!(failure.words().contains("expected /doc/processingmodule"));
        assert!(!format!("{failure:?}").contains("s3cr3t"));
    }
}

#[test]
fn a_form_comes_back_whole_with_its_additions() {
    let choices = Addition::Choices {
        field: "sourceip",
        entries: vec![
            (String::new(), "null".to_owned()),
            ("192.0.2.10".to_owned(), "192.0.2.10".to_owned()),
        ],
    };
    let link = Addition::RegistrationLink("https://ca.example.com/?a=1&b=2".to_owned());
    let slist = "<slist name=\"sourceip\"><msg key=\"\">null</msg><msg key=\"192.0.2.10\">192.0.2.10</msg></slist>";
    let outer = "<outerlink>https://ca.example.com/?a=1&amp;b=2</outerlink>";
    let cases = [
        (
            "<?xml version=\"1.0\"?>\n<doc lang=\"ru\"><func>f</func></doc>\n",
            format!(
                "<?xml version=\"1.0\"?>\n<doc lang=\"ru\"><func>f</func>{slist}{outer}</doc>\n"
            ),
        ),
        (
            "<doc lang=\"ru\" />",
            format!("<doc lang=\"ru\">{slist}{outer}</doc>"),
        ),
        (
            "\u{feff}<doc></doc>",
            format!("\u{feff}<doc>{slist}{outer}</doc>"),
        ),
    ];
    for (form, expected) in cases {
        assert_eq!(
            extend_form(form, &[choices.clone(), link.clone()]).unwrap(),
            expected
        );
        assert_eq!(root_name(&extend_form(form, &[]).unwrap()), root_name(form));
    }
    // BILLmanager writes no prefixes, and where a strange name ends is told by nothing.
    for form in ["", "<x:doc n=\"/\"/>", "<:doc/>", "<<:doc />"] {
        let refused = extend_form(form, std::slice::from_ref(&link)).unwrap_err();
        assert_eq!(refused.reason(), Reason::BrokenInput, "{form}");
    }
}

fn root_name(text: &str) -> Element {
    read(text, "doc").unwrap().root
}
