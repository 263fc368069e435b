use super::*;
use crate::domain::DomainName;

fn record(name: &str, task: ValidationTask) -> ValidationRecord {
    ValidationRecord {
        name: DomainName::parse(name).unwrap(),
        task,
        done: false,
    }
}

fn filled(records: &[ValidationRecord]) -> Vec<(&'static str, String)> {
    let all = parameters(records).into_iter();
    all.filter(|(_, value)| !value.is_empty()).collect()
}

#[test]
fn validation_data_is_listed_by_kind() {
    let cname = |name: &str, value: &str| ValidationTask::Cname {
        name: name.into(),
        value: value.into(),
    };
    let file = ValidationTask::File {
        url: "http://c.example/f.txt".into(),
        content: "one\r\ntwo\n".into(),
    };
    let records = [
        record("a.example", cname("_1.a.example", "x.ca.example")),
        record("b.example", cname("_2.b.example", "y.ca.example")),
        record("c.example", file),
        record("d.example", ValidationTask::Email("admin@d.example".into())),
    ];
    assert_eq!(
        filled(&records),
        [
            (
                fields::DOMAINS_LIST,
                "a.example,b.example,c.example".to_owned()
            ),
            (fields::CNAME_NAME, "_1.a.example,_2.b.example".to_owned()),
            (fields::CNAME_VALUE, "x.ca.example,y.ca.example".to_owned()),
            (fields::FILE_NAME, "http://c.example/f.txt".to_owned()),
            (fields::FILE_VALUE, "one\ntwo".to_owned()),
        ]
    );
    assert_eq!(filled(&records[3..]), []);
}

#[test]
fn a_record_is_shown_at_the_host_where_it_belongs_and_a_common_value_once() {
    let txt = |name: &str| ValidationTask::Txt {
        name: name.into(),
        value: "token".into(),
    };
    let records = [
        record("*.shop.example.com", txt("shop.example.com")),
        record("example.com", txt("example.com")),
    ];
    assert_eq!(
        filled(&records),
        [
            (
                fields::DOMAINS_LIST,
                "shop.example.com,example.com".to_owned()
            ),
            (fields::TXT_VALUE, "token".to_owned()),
        ]
    );
}

#[test]
fn a_file_is_shown_as_it_is_to_be_copied_whoever_stored_it() {
    let mut service = Service::default();
    let mut set = |name: &str, value: &str| service.parameters.insert(name.into(), value.into());
    set(fields::FILE_NAME, "http://a.example/f,http://b.example/f");
    for stored in ["one\ntwo", "one\\ntwo"] {
        let mut service = service.clone();
        service
            .parameters
            .insert(fields::FILE_VALUE.into(), stored.into());
        assert_eq!(
            shown(&service, fields::FILE_NAME, fields::FILE_VALUE),
            [
                ("http://a.example/f".to_owned(), "one\ntwo".to_owned()),
                ("http://b.example/f".to_owned(), "one\ntwo".to_owned()),
            ]
        );
    }
}

/// What belonged to a former method is not left for the client to publish; what a vendor tells once is not lost either.
#[test]
fn approvers_alone_empty_the_fields_only_where_mail_is_the_method() {
    let mail = [record(
        "a.example",
        ValidationTask::Email("admin@a.example".into()),
    )];
    let txt = [record(
        "a.example",
        ValidationTask::Txt {
            name: "a.example".into(),
            value: "token".into(),
        },
    )];
    for (method, by_mail) in [("auth_email", true), ("auth_cname", false)] {
        let mut service = Service::default();
        service
            .parameters
            .insert(fields::APPROVER_METHOD.into(), method.into());
        assert_eq!(tells(&service, &mail), by_mail, "{method}");
        assert!(tells(&service, &txt), "{method}");
        assert!(!tells(&service, &[]), "{method}");
    }
}
