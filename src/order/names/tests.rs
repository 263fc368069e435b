use super::*;

/// Records by name; what is not there does not exist.
pub(crate) struct FakeZone(pub(crate) Vec<(&'static str, DnsAnswer<Caa>)>);

#[async_trait(?Send)]
impl Zone for FakeZone {
    async fn caa(&self, name: &str, is_checked: bool) -> DnsAnswer<Caa> {
        let found = self.0.iter().find(|(known, _)| *known == name);
        match found.map(|(_, answer)| answer.clone()) {
            // Signatures that nobody verifies are no trouble.
            Some(DnsAnswer::Failed) if !is_checked && name.starts_with("broken") => {
                DnsAnswer::Nothing
            }
            Some(answer) => answer,
            None => DnsAnswer::NoName,
        }
    }
}

/// A resolver that never answers.
struct Dead;

#[async_trait(?Send)]
impl Zone for Dead {
    async fn caa(&self, _: &str, _: bool) -> DnsAnswer<Caa> {
        std::future::pending().await
    }
}

pub(crate) fn records(all: &[(&str, &str)]) -> DnsAnswer<Caa> {
    let caa = |(tag, value): &(&str, &str)| Caa {
        is_critical: tag.starts_with('!'),
        tag: tag.trim_start_matches('!').to_owned(),
        value: (*value).to_owned(),
    };
    DnsAnswer::Found(all.iter().map(caa).collect())
}

fn run<T>(future: impl Future<Output = T>) -> T {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_time().build().unwrap().block_on(future)
}

pub(crate) fn found(zone: &FakeZone, names: &[&str], method: Method) -> Vec<Remark> {
    let names: Vec<_> = names
        .iter()
        .map(|name| DomainName::parse(name).unwrap())
        .collect();
    let question = Question {
        names: &names,
        issuers: DIGICERT,
        method: Some(method),
    };
    run(look(zone, &question, LIMIT))
}

#[test]
fn records_are_judged_as_authorities_do() {
    let permits: &[&[(&str, &str)]] = &[
        &[("issue", "digicert.com")],
        &[
            ("issue", "letsencrypt.org"),
            ("issue", "DigiCert.com ; x=1"),
        ],
        &[("iodef", "mailto:a@example.com")],
        &[("issuewild", ";"), ("iodef", "x")],
        &[("issue", "digicert.com; validationmethods=dns-01,http-01")],
        &[("issue", "digicert.com; validationmethods=ca-phone")],
        &[
            ("issue", "digicert.com; accounturi=https://a/1"),
            ("issue", "digicert.com"),
        ],
    ];
    for all in permits {
        let zone = FakeZone(vec![("example.com", records(all))]);
        assert_eq!(
            found(&zone, &["example.com"], Method::DnsTxt),
            [],
            "{all:?}"
        );
    }
    let place = || "example.com".to_owned();
    type Case = (
        &'static str,
        &'static [(&'static str, &'static str)],
        Method,
        Remark,
    );
    let cases: Vec<Case> = vec![
        (
            "example.com",
            &[("issue", "letsencrypt.org"), ("issue", "sectigo.com")],
            Method::Email,
            Remark::Others(place(), "letsencrypt.org, sectigo.com".to_owned()),
        ),
        (
            "example.com",
            &[("issue", ";")],
            Method::Email,
            Remark::Nobody(place()),
        ),
        (
            "*.example.com",
            &[("issue", "digicert.com"), ("issuewild", ";")],
            Method::Email,
            Remark::Nobody(place()),
        ),
        (
            "example.com",
            &[("issue", "digicert.com"), ("!tbs", "x")],
            Method::Email,
            Remark::Critical(place(), "tbs".to_owned()),
        ),
        (
            "example.com",
            &[("issue", "digicert.com; validationmethods=dns-01")],
            Method::HttpFile,
            Remark::Methods(place(), "dns-01".to_owned()),
        ),
        (
            "example.com",
            &[("issue", "digicert.com; accounturi=https://a/1")],
            Method::DnsTxt,
            Remark::Account(place(), "https://a/1".to_owned()),
        ),
    ];
    for (name, all, method, remark) in cases {
        let zone = FakeZone(vec![("example.com", records(all))]);
        assert_eq!(found(&zone, &[name], method), [remark], "{all:?}");
    }
}

#[test]
fn an_account_at_an_authority_is_not_the_products_where_that_is_not_known() {
    let only = "letsencrypt.org; accounturi=https://a/1";
    let zone = FakeZone(vec![("example.com", records(&[("issue", only)]))]);
    let names = [DomainName::parse("example.com").unwrap()];
    let question = Question {
        names: &names,
        issuers: &[],
        method: Some(Method::DnsTxt),
    };
    assert_eq!(run(look(&zone, &question, LIMIT)), []);
}

#[test]
fn the_nearest_records_count_and_each_trouble_is_told_once() {
    let zone = FakeZone(vec![
        ("shop.example.com", records(&[("issue", "digicert.com")])),
        ("example.com", records(&[("issue", ";")])),
        ("broken.example.net", DnsAnswer::Failed),
        ("lame.example.net", DnsAnswer::Failed),
        ("example.org", DnsAnswer::Nothing),
    ]);
    assert_eq!(found(&zone, &["a.shop.example.com"], Method::Email), []);
    let nobody = Remark::Nobody("example.com".to_owned());
    let all = ["www.example.com", "example.com", "*.example.com"];
    assert_eq!(found(&zone, &all, Method::Email), [nobody]);
    let broken = Remark::Signatures("broken.example.net".to_owned());
    let both = ["broken.example.net", "lame.example.net"];
    assert_eq!(found(&zone, &both, Method::Email), [broken]);
    let missing = Remark::NoDomain("example.co.uk".to_owned());
    assert_eq!(
        found(&zone, &["www.example.co.uk"], Method::Email),
        [missing]
    );
    let host = Remark::NoHost("new.example.org".to_owned());
    assert_eq!(found(&zone, &["new.example.org"], Method::HttpFile), [host]);
    assert_eq!(found(&zone, &["new.example.org"], Method::DnsTxt), []);
}

/// Without network an order is held up by the limit at most, and nothing is said.
#[test]
fn a_resolver_that_is_silent_holds_nothing_up() {
    let names = [DomainName::parse("example.com").unwrap()];
    let question = Question {
        names: &names,
        issuers: &[],
        method: None,
    };
    let begin = std::time::Instant::now();
    assert_eq!(run(look(&Dead, &question, Duration::from_millis(50))), []);
    assert!(begin.elapsed() >= Duration::from_millis(50));
    let silent = FakeZone(vec![("example.com", DnsAnswer::Silent)]);
    assert_eq!(run(look(&silent, &question, LIMIT)), []);
}

#[test]
fn texts_of_others_are_shown_harmless_and_short() {
    let remark = Remark::Others(
        "example.com".to_owned(),
        format!("a\u{1b}[2J{}", "b".repeat(500)),
    );
    for text in [remark.english(), remark.russian()] {
        assert!(!text.contains('\u{1b}') && text.len() < 700, "{text}");
    }
}

#[test]
fn authorities_are_known_by_their_products() {
    let of = |module: &str, code: &str| {
        let module = crate::module::by_name(module).unwrap();
        let template = module
            .templates
            .iter()
            .find(|one| one.code == code)
            .unwrap();
        issuers(module.name, template)
    };
    assert_eq!(of("pmthesslstore", "rapidssl"), DIGICERT);
    assert_eq!(of("pmthesslstore", "positivessl"), SECTIGO);
}

/// LeaderTelecom's codes are numbers, and what it sells is its own list; everybody else's products name their authority.
#[test]
fn every_product_has_its_authority() {
    let modules = crate::module::MODULES.iter();
    let others = modules.filter(|module| module.name != "pmleadertelecom");
    let unknown: Vec<_> = others
        .flat_map(|module| module.templates.iter().map(|one| (module.vendor, one)))
        .filter(|(vendor, template)| issuers(vendor, template).is_empty())
        .map(|(vendor, template)| format!("{vendor} {} {}", template.label, template.code))
        .collect();
    assert_eq!(unknown, [""; 0]);
}
