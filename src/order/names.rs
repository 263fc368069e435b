//! A look at the names of an order before it is paid for: what authorities will find there. Only warnings come of it
//! (RFC 8659 binds authorities, not us), and never a long wait.

use std::cell::RefCell;
use std::collections::HashMap;
use std::time::Duration;

use async_trait::async_trait;

mod remark;

use super::OrderSession;
use super::current::name_of;
use super::notices::subject;
use crate::domain::text::Language;
use crate::domain::{Caa, DnsAnswer, DomainName, ItemId, Standing};
use crate::log;
use crate::module::{Method, Template};
use crate::platform::details::{Details, chosen_method, comes_with_product, name_list};
use crate::platform::{Service, fields};

use remark::About;
pub use remark::Remark;

/// Longest time of all questions of one order together.
pub const LIMIT: Duration = Duration::from_secs(2);

/// So many names are looked at.
const MOST_NAMES: usize = 20;

/// The domain name system, as far as it is asked.
#[async_trait(?Send)]
pub trait Zone {
    /// Whether anybody can be asked.
    fn is_open(&self) -> bool {
        true
    }

    /// The CAA records at a name, those of its alias included; `is_checked`: a resolver that verifies signatures may
    /// refuse what it does not believe.
    async fn caa(&self, name: &str, is_checked: bool) -> DnsAnswer<Caa>;
}

/// The domains by which authorities are named in CAA, by a word in a product's name or code (inferred from the
/// authorities' practice statements; a wrong entry costs a warning too many or too few).
const ISSUERS: &[(&str, &[&str])] = &[
    ("globalsign", GLOBALSIGN),
    ("alphassl", GLOBALSIGN),
    ("certum", &["certum.pl", "certum.eu"]),
    ("positivessl", SECTIGO),
    ("sectigo", SECTIGO),
    ("comodo", SECTIGO),
    ("instantssl", SECTIGO),
    ("elitessl", SECTIGO),
    ("essentialssl", SECTIGO),
    ("premiumssl", SECTIGO),
    ("digicert", DIGICERT),
    ("geotrust", DIGICERT),
    ("rapidssl", DIGICERT),
    ("thawte", DIGICERT),
    ("symantec", DIGICERT),
    ("verisign", DIGICERT),
    ("freessl", DIGICERT),
];

const GLOBALSIGN: &[&str] = &["globalsign.com"];

const SECTIGO: &[&str] = &[
    "sectigo.com",
    "usertrust.com",
    "trust-provider.com",
    "comodoca.com",
    "comodo.com",
];

const DIGICERT: &[&str] = &[
    "digicert.com",
    "geotrust.com",
    "rapidssl.com",
    "thawte.com",
    "symantec.com",
];

/// The domains of a product's authority; empty where it is not known.
#[must_use]
pub fn issuers(vendor: &str, template: &Template) -> &'static [&'static str] {
    let name = format!("{vendor} {} {}", template.label, template.code).to_lowercase();
    let found = ISSUERS.iter().find(|(word, _)| name.contains(word));
    found.map_or(&[], |(_, domains)| domains)
}

/// What is looked at.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// The names of the order.
    pub names: &'a [DomainName],
    /// The authority's own domains; empty where they are not known.
    pub issuers: &'a [&'a str],
    /// How control is to be proved.
    pub method: Option<Method>,
}

/// Looks at the names within a limit; what was found until then counts. A resolver that is silent ends it.
pub async fn look(zone: &dyn Zone, question: &Question<'_>, limit: Duration) -> Vec<Remark> {
    let remarks = RefCell::new(Vec::new());
    if !zone.is_open() {
        return remarks.into_inner();
    }
    let looks = async {
        let mut known = HashMap::new();
        for name in question.names.iter().take(MOST_NAMES) {
            if look_at(zone, question, name, &mut known, &remarks)
                .await
                .is_none()
            {
                break;
            }
        }
    };
    // What takes longer is left: the order does not wait for it.
    let _ = tokio::time::timeout(limit, looks).await;
    remarks.into_inner()
}

/// Climbs from a name to its registered domain, up to the first CAA records (RFC 8659, 3). `None`: nobody answers.
async fn look_at(
    zone: &dyn Zone,
    question: &Question<'_>,
    name: &DomainName,
    known: &mut HashMap<String, DnsAnswer<Caa>>,
    remarks: &RefCell<Vec<Remark>>,
) -> Option<()> {
    let note = |remark: Remark| {
        let mut remarks = remarks.borrow_mut();
        if !remarks.contains(&remark) {
            remarks.push(remark);
        }
    };
    // A public suffix has nothing above it that counts.
    let top = name.registrable().unwrap_or(name.base());
    let mut place = name.base();
    loop {
        let answer = match known.get(place) {
            Some(answer) => answer.clone(),
            None => {
                let answer = zone.caa(place, true).await;
                known.insert(place.to_owned(), answer.clone());
                answer
            }
        };
        match answer {
            DnsAnswer::Silent => return None,
            DnsAnswer::Failed => {
                // Whoever does not verify signatures sees it: they are what is wrong.
                let unchecked = zone.caa(place, false).await;
                if !matches!(unchecked, DnsAnswer::Failed | DnsAnswer::Silent) {
                    note(Remark::Signatures(place.to_owned()));
                }
                return Some(());
            }
            DnsAnswer::Found(records) => {
                if let Some(remark) = judge(place, &records, question, name.is_wildcard()) {
                    note(remark);
                }
                return Some(());
            }
            DnsAnswer::NoName if place == top => {
                note(Remark::NoDomain(top.to_owned()));
                return Some(());
            }
            DnsAnswer::NoName if place == name.base() && is_file(question.method) => {
                note(Remark::NoHost(place.to_owned()));
            }
            DnsAnswer::NoName | DnsAnswer::Nothing => {}
        }
        if place == top {
            return Some(());
        }
        place = place.split_once('.')?.1;
    }
}

fn is_file(method: Option<Method>) -> bool {
    matches!(method, Some(Method::HttpFile | Method::HttpsFile))
}

/// What the records at a domain mean for an order. Pure.
fn judge(
    domain: &str,
    records: &[Caa],
    question: &Question<'_>,
    is_wildcard: bool,
) -> Option<Remark> {
    let unknown = records
        .iter()
        .find(|one| one.is_critical && !KNOWN_TAGS.contains(&one.tag.as_str()));
    if let Some(unknown) = unknown {
        return Some(Remark::Critical(domain.to_owned(), unknown.tag.clone()));
    }
    let of = |tag: &str| -> Vec<Permit<'_>> {
        let meant = records.iter().filter(|one| one.tag == tag);
        meant.map(|one| Permit::read(&one.value)).collect()
    };
    let wild = if is_wildcard {
        of("issuewild")
    } else {
        Vec::new()
    };
    let permits = if wild.is_empty() { of("issue") } else { wild };
    // Records of other kinds restrict nothing.
    if permits.is_empty() {
        return None;
    }
    let named: Vec<&str> = permits
        .iter()
        .map(|one| one.issuer)
        .filter(|issuer| !issuer.is_empty())
        .collect();
    if named.is_empty() {
        return Some(Remark::Nobody(domain.to_owned()));
    }
    let is_ours = |one: &&Permit<'_>| {
        let is_one = |own: &&str| one.issuer.eq_ignore_ascii_case(own);
        !one.issuer.is_empty()
            && (question.issuers.is_empty() || question.issuers.iter().any(is_one))
    };
    let ours: Vec<&Permit<'_>> = permits.iter().filter(is_ours).collect();
    if ours.is_empty() {
        return Some(Remark::Others(domain.to_owned(), named.join(", ")));
    }
    let remark = parameters(domain, &ours, question.method)?;
    // Where the product's authority is not known, the account may be one at another.
    let is_known = !question.issuers.is_empty() || !matches!(remark, Remark::Account(..));
    is_known.then_some(remark)
}

/// What the parameters of the permits for the authority mean (RFC 8657): one permit without them is enough.
fn parameters(domain: &str, ours: &[&Permit<'_>], method: Option<Method>) -> Option<Remark> {
    let fits = |one: &&&Permit<'_>| one.methods().is_none_or(|list| takes(list, method));
    let by_method: Vec<&&Permit<'_>> = ours.iter().filter(fits).collect();
    if by_method.is_empty() {
        let list: Vec<&str> = ours.iter().filter_map(|one| one.methods()).collect();
        return Some(Remark::Methods(domain.to_owned(), list.join("; ")));
    }
    if by_method.iter().any(|one| one.account().is_none()) {
        return None;
    }
    let accounts: Vec<&str> = by_method.iter().filter_map(|one| one.account()).collect();
    Some(Remark::Account(domain.to_owned(), accounts.join(", ")))
}

/// Whether a list of ways holds the one of an order. The labels of authorities' own ways begin with `ca-`, and what
/// is behind them is theirs to know (RFC 8657, 4).
fn takes(list: &str, method: Option<Method>) -> bool {
    let labels = || list.split(',').map(str::trim);
    if labels().any(|label| label.starts_with("ca-")) {
        return true;
    }
    let wanted = match method {
        None => return true,
        Some(Method::Email) => return false,
        Some(Method::HttpFile | Method::HttpsFile) => "http-01",
        Some(Method::DnsCname | Method::DnsTxt) => "dns-01",
    };
    labels().any(|label| label.eq_ignore_ascii_case(wanted))
}

/// Tags that authorities know.
const KNOWN_TAGS: [&str; 6] = [
    "issue",
    "issuewild",
    "iodef",
    "issuemail",
    "contactemail",
    "contactphone",
];

/// The value of an `issue` property: `digicert.com; accounturi=...; validationmethods=...`.
struct Permit<'a> {
    issuer: &'a str,
    parameters: Vec<(&'a str, &'a str)>,
}

impl<'a> Permit<'a> {
    fn read(value: &'a str) -> Self {
        let mut parts = value.split(';').map(str::trim);
        let issuer = parts.next().unwrap_or_default();
        let parameters = parts
            .filter_map(|part| part.split_once('='))
            .map(|(name, value)| (name.trim(), value.trim()))
            .collect();
        Self { issuer, parameters }
    }

    fn parameter(&self, name: &str) -> Option<&'a str> {
        let mut all = self.parameters.iter();
        let found = all.find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| *value)
    }

    fn methods(&self) -> Option<&'a str> {
        self.parameter("validationmethods")
    }

    fn account(&self) -> Option<&'a str> {
        self.parameter("accounturi")
    }
}

/// What is to be said about the names of an order without asking anybody; `listed`: those of the form.
#[must_use]
pub fn of_order(
    template: &Template,
    details: &Details,
    listed: &[DomainName],
    issuers: &'static [&'static str],
) -> Vec<Remark> {
    let ordered = details.names();
    let is_covered = |name: &DomainName| ordered.iter().any(|one| one.covers(name));
    let main = details.common_name.as_str();
    // The other names that come with a product for one are documented, or usual at the authority (globalsign.md 5); what
    // any of them does below a registered domain is not.
    let is_site_root = details.common_name.registrable() == Some(main);
    let may_be_missing = |name: &DomainName| {
        !template.multidomain
            && (issuers == GLOBALSIGN || !is_site_root)
            && name.as_str().strip_prefix("www.") == Some(main)
    };
    let mut left: Vec<&str> = Vec::new();
    let mut remarks = Vec::new();
    for name in details.csr.names().iter().chain(listed) {
        if may_be_missing(name) && !is_covered(name) {
            let remark = Remark::NotAdded(name.to_string());
            if !remarks.contains(&remark) {
                remarks.push(remark);
            }
        } else if !is_covered(name) && !comes_with_product(template, &details.common_name, name) {
            left.push(name.as_str());
        }
    }
    if !left.is_empty() {
        remarks.push(Remark::NotOrdered(left.join(", ")));
    }
    let suffixes = ordered
        .iter()
        .filter(|name| name.standing() == Standing::Suffix);
    remarks.extend(suffixes.map(|name| Remark::Suffix(name.to_string())));
    remarks
}

/// Subject and text for the client of an order whose names may make trouble.
fn letter(service: &Service, item: ItemId, remarks: &[Remark]) -> (String, String) {
    let name = name_of(service);
    let (en, ru) = (name.en(), name.get(Language::Russian));
    let part = |(about, head): (About, &str), of: fn(&Remark) -> String| {
        let list = remarks.iter().filter(|remark| remark.about() == about);
        let lines: String = list.map(|one| format!("\n- {}", of(one))).collect();
        match lines.as_str() {
            "" => lines,
            _ => format!("\n{head}{lines}"),
        }
    };
    let heads = [
        (About::Names, "Please look at its names:"),
        (
            About::Dns,
            "Its issue may fail until this is changed in DNS:",
        ),
        (About::Method, "About the proof that the domain is yours:"),
    ];
    let parts_en: String = heads.map(|head| part(head, Remark::english)).concat();
    let heads = [
        (About::Names, "Проверьте его домены:"),
        (
            About::Dns,
            "Выпуск может не состояться, пока в DNS не исправлено следующее:",
        ),
        (About::Method, "О подтверждении прав на домен:"),
    ];
    let parts_ru: String = heads.map(|head| part(head, Remark::russian)).concat();
    let text = format!(
        "The certificate for {en} (service {item}) is ordered.{parts_en}\n\n\
         Сертификат для {ru} (услуга {item}) заказан.{parts_ru}"
    );
    (subject(&name), text)
}

impl OrderSession<'_> {
    /// What the form and the CSR say about the names of an order.
    pub(super) fn names_left(&self, template: &Template, details: &Details) -> Vec<Remark> {
        let listed = name_list(
            &self.service,
            fields::ADDITIONAL_NAMES,
            &details.common_name,
        );
        let issuers = issuers(self.authority.abilities().vendor, template);
        of_order(template, details, &listed.unwrap_or_default(), issuers)
    }

    /// Looks at the names before an order is paid for. Whatever comes of it, the order goes on; what was `said` of it
    /// already is part of what is returned.
    pub(super) async fn look_at_names(
        &self,
        template: &Template,
        names: &[DomainName],
        said: Vec<Remark>,
    ) -> Vec<Remark> {
        let question = Question {
            names,
            issuers: issuers(self.authority.abilities().vendor, template),
            method: chosen_method(&self.service, template).ok().flatten(),
        };
        let mut remarks = said;
        remarks.extend(look(self.zone.as_ref(), &question, LIMIT).await);
        for remark in &remarks {
            log!(Order, Warning, "{}", remark.english());
        }
        remarks
    }

    /// Tells the client what was found, once the order stands. It is no part of the order.
    pub(super) async fn tell_of_names(&self, remarks: &[Remark]) {
        if remarks.is_empty() {
            return;
        }
        let (subject, text) = letter(&self.service, self.item, remarks);
        if let Err(failure) = self
            .platform
            .notify_client(self.item, &subject, &text)
            .await
        {
            let why = failure.chain();
            log!(Order, Warning, "the client cannot be told of it: {why}");
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;
