//! From the vendor's order to the domain's: stage, dates, what to publish. Pure functions.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, Utc};

use super::model::reply::{DomainVetting, Order};
use crate::ca::{Placed, Progress, Reference, Stage, ValidationRecord, ValidationTask};
use crate::domain::{DomainName, VendorOrderId};

/// Words of `MajorStatus`, lower case (thesslstore.md 7.2).
const IN_PROGRESS: [&str; 5] = [
    "initial",
    "pending",
    // Words of other clients, their meaning by name [inferred] (thesslstore.md 7.2).
    "waiting_approval",
    "new_order",
    "validation",
];
/// The same for a running reissue.
const REISSUING: &str = "reissue";
const ISSUED: [&str; 9] = [
    "active",
    "valid",
    "enrolled",
    "complete",
    "completed",
    "issued",
    "start",
    "replaced",
    "reissued",
];
const DEAD: [&str; 7] = [
    "cancelled",
    "canceled",
    "refunded",
    "rejected",
    REVOKED,
    "certgen_failed",
    "order rejected",
];
const REVOKED: &str = "revoked";
const EXPIRED: &str = "expired";
/// `MinorStatus` of a running reissue; the former certificate stays valid.
const MINOR_REISSUE: &str = "pending_reissue";
/// `MinorStatus` that blocks the download in the vendor's portal.
const MINOR_PENDING: &str = "pending";

/// Words of `dcvStatus` that mean done, lower case (thesslstore.md 7.1).
const VALIDATED: [&str; 4] = ["validated", "complete", "valid", "approved"];

/// Where validation files are looked for (thesslstore.md 7.1).
const FILE_FOLDER: &str = ".well-known/pki-validation";

/// What a status look-up says.
pub(super) fn progress(order: &Order) -> Progress {
    Progress {
        stage: stage(order),
        validation: validation(order),
        term_end: term_end(order),
        references: [references(order), tokens(order)].concat(),
    }
}

/// An order that exists, from any reply about it.
pub(super) fn placed(order: &Order, id: &str, remark: Option<String>) -> Placed {
    Placed {
        order: VendorOrderId::new(id),
        references: references(order),
        validation: validation(order),
        remark,
    }
}

/// The stage by the two status words. A word outside the tables is [`Stage::Unknown`].
pub(super) fn stage(order: &Order) -> Stage {
    let status = &order.order_status;
    let major = status.major_status.as_deref().unwrap_or_default();
    let minor = status.minor_status.as_deref().unwrap_or_default();
    let comment = status.authentication_comments.as_deref();
    let words = [Some(major), Some(minor), comment]
        .into_iter()
        .flatten()
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(", ");
    let major = major.to_lowercase();
    let minor = minor.to_lowercase();
    match major.as_str() {
        word if ISSUED.contains(&word) && minor == MINOR_REISSUE => Stage::Reissuing(words),
        word if ISSUED.contains(&word) && minor == MINOR_PENDING => Stage::Pending(words),
        word if ISSUED.contains(&word) => Stage::Issued,
        REISSUING => Stage::Reissuing(words),
        word if IN_PROGRESS.contains(&word) => Stage::Pending(words),
        word if DEAD.contains(&word) => Stage::Cancelled(words),
        EXPIRED => Stage::Expired,
        _ => Stage::Unknown(words),
    }
}

/// Whether the order is said to be revoked, not cancelled.
pub(super) fn is_revoked(order: &Order) -> bool {
    let major = order.order_status.major_status.as_deref();
    major.is_some_and(|word| word.eq_ignore_ascii_case(REVOKED))
}

fn references(order: &Order) -> Vec<(Reference, String)> {
    [
        (Reference::Client, &order.custom_order_id),
        (Reference::Partner, &order.partner_order_id),
        (Reference::Authority, &order.vendor_order_id),
    ]
    .into_iter()
    .filter_map(|(kind, value)| Some((kind, value.clone()?)))
    .collect()
}

/// The pair that opens the order alone, which the platform's own module keeps, too (thesslstore.md 13). Nothing is known
/// by it, so that it comes with a look: no order waits for it to be saved, and no file beside the database holds it.
fn tokens(order: &Order) -> Vec<(Reference, String)> {
    match (&order.token_id, &order.token_code) {
        (Some(id), Some(code)) => vec![
            (Reference::TokenId, id.clone()),
            (Reference::TokenCode, code.clone()),
        ],
        _ => Vec::new(),
    }
}

/// The date of a pair of fields: the UTC one where it can be read, else the other, whose time zone
/// is not documented (thesslstore.md 7.3).
fn either(utc: Option<&String>, local: Option<&String>) -> Option<DateTime<Utc>> {
    [utc, local]
        .into_iter()
        .flatten()
        .find_map(|text| date(text))
}

/// When the order was bought.
pub(super) fn purchased(order: &Order) -> Option<DateTime<Utc>> {
    either(
        order.purchase_date_utc.as_ref(),
        order.purchase_date.as_ref(),
    )
}

/// Begin of the current certificate.
pub(super) fn certificate_start(order: &Order) -> Option<DateTime<Utc>> {
    either(
        order.certificate_start_date_utc.as_ref(),
        order.certificate_start_date.as_ref(),
    )
}

/// End of the current certificate.
pub(super) fn certificate_end(order: &Order) -> Option<DateTime<Utc>> {
    either(
        order.certificate_end_date_utc.as_ref(),
        order.certificate_end_date.as_ref(),
    )
}

/// End of the paid term: believed only when it is not before the certificate's end (thesslstore.md 7.4).
fn term_end(order: &Order) -> Option<DateTime<Utc>> {
    let end = either(
        order.order_expiry_date_utc.as_ref(),
        order.order_expiry_date.as_ref(),
    )?;
    let covered = certificate_end(order).is_none_or(|certificate| end >= certificate);
    covered.then_some(end)
}

/// Reads a date in any of the forms of thesslstore.md 7.3; 1900 and before, and the last year of .NET's calendar,
/// mean none.
pub(super) fn date(text: &str) -> Option<DateTime<Utc>> {
    const FORMS: [&str; 10] = [
        "%m/%d/%Y %I:%M:%S %p",
        "%m/%d/%Y %I:%M %p",
        "%m/%d/%Y %H:%M:%S",
        "%m/%d/%Y %H:%M",
        "%m-%d-%Y %H:%M:%S",
        "%Y-%m-%dT%H:%M:%S%.f",
        "%Y-%m-%dT%H:%M:%S%.fZ",
        "%Y-%m-%d %H:%M:%S%.f",
        "%Y-%m-%d %H:%M",
        "%Y-%m-%dT%H:%M",
    ];
    const DAYS: [&str; 2] = ["%m/%d/%Y", "%Y-%m-%d"];
    // .NET writes a narrow no-break space before AM and PM in some versions.
    let text = text.trim().replace(['\u{202f}', '\u{a0}'], " ");
    let parsed = milliseconds(&text)
        .or_else(|| DateTime::parse_from_rfc3339(&text).ok().map(|d| d.to_utc()))
        .or_else(|| {
            let mut forms = FORMS.iter();
            forms.find_map(|form| Some(NaiveDateTime::parse_from_str(&text, form).ok()?.and_utc()))
        })
        .or_else(|| {
            let day = DAYS
                .iter()
                .find_map(|form| NaiveDate::parse_from_str(&text, form).ok())?;
            Some(day.and_hms_opt(0, 0, 0)?.and_utc())
        })?;
    (1901..9999).contains(&parsed.year()).then_some(parsed)
}

/// `/Date(1754006400000-0400)/`: milliseconds since 1970 in UTC; the zone is for display only.
fn milliseconds(text: &str) -> Option<DateTime<Utc>> {
    let inner = text.strip_prefix("/Date(")?.strip_suffix(")/")?;
    let end = inner
        .char_indices()
        .find(|(position, c)| *position > 0 && matches!(c, '+' | '-'))
        .map_or(inner.len(), |(position, _)| position);
    DateTime::from_timestamp_millis(inner[..end].parse().ok()?)
}

/// What the client has to publish or answer (thesslstore.md 7.1).
pub(super) fn validation(order: &Order) -> Vec<ValidationRecord> {
    let mut records: Vec<_> = order
        .order_status
        .domain_auth_vetting_status
        .iter()
        .filter_map(|vetting| record(vetting, order))
        .collect();
    records.extend(order_level(order, &records));
    records
}

fn record(vetting: &DomainVetting, order: &Order) -> Option<ValidationRecord> {
    let name = DomainName::parse(vetting.domain.as_deref()?).ok()?;
    let task = task(vetting, &name, order)?;
    let status = vetting.dcv_status.as_deref().unwrap_or_default();
    let done = VALIDATED.contains(&status.to_lowercase().as_str());
    Some(ValidationRecord { name, task, done })
}

fn task(vetting: &DomainVetting, name: &DomainName, order: &Order) -> Option<ValidationTask> {
    let method = vetting.dcv_method.as_deref().unwrap_or_default();
    if method.contains('@') {
        return Some(ValidationTask::Email(method.to_owned()));
    }
    let file = |scheme: &str| {
        let content = vetting.file_contents.clone()?;
        file_task(scheme, name, vetting.file_name.as_deref()?, content)
    };
    let cname = || {
        Some(ValidationTask::Cname {
            name: vetting.dns_name.clone()?,
            value: vetting.dns_entry.clone()?,
        })
    };
    match method.to_uppercase().as_str() {
        "HTTP_CSR_HASH" | "HTTP" | "FILE" => file("http"),
        "HTTPS_CSR_HASH" | "HTTPS" => file("https"),
        "CNAME_CSR_HASH" | "DNS_CNAME_TOKEN" => cname(),
        "DNS" => Some(ValidationTask::Txt {
            name: vetting
                .dns_name
                .clone()
                .unwrap_or_else(|| name.base().to_owned()),
            value: vetting.dns_entry.clone()?,
        }),
        "EMAIL" => approver_of(order, name).map(ValidationTask::Email),
        _ => file("http").or_else(cname),
    }
}

/// The approver of one name: `ApproverEmail` has an entry per name, the common name's first (thesslstore.md 6.4), or one
/// alone, which counts for all names of its domain. Words for other methods stand among the addresses.
fn approver_of(order: &Order, name: &DomainName) -> Option<String> {
    let main = order.common_name.as_deref();
    let main = main.and_then(|name| DomainName::parse(name).ok());
    let others = order
        .dns_names
        .iter()
        .map(|name| DomainName::parse(name).ok());
    let others = others.filter(|other| other.is_none() || *other != main);
    let names: Vec<Option<DomainName>> = std::iter::once(main.clone()).chain(others).collect();
    if let [alone] = order.approver_email.as_slice() {
        let (_, domain) = alone.split_once('@')?;
        let domain = DomainName::parse(domain).ok()?;
        let fits = names.len() == 1 || domain.registrable() == name.registrable();
        return (fits || main.as_ref() == Some(name)).then(|| alone.clone());
    }
    let place = |fits: &dyn Fn(&DomainName) -> bool| {
        names
            .iter()
            .position(|listed| listed.as_ref().is_some_and(fits))
    };
    let place = place(&|listed| listed == name)
        .or_else(|| place(&|listed| listed.base() == name.base()))?;
    let entry = order.approver_email.get(place)?;
    entry.contains('@').then(|| entry.clone())
}

fn file_task(
    scheme: &str,
    name: &DomainName,
    file_name: &str,
    content: String,
) -> Option<ValidationTask> {
    let file = file_name.rsplit(['/', '\\']).next()?;
    let url = format!("{scheme}://{}/{FILE_FOLDER}/{file}", name.base());
    Some(ValidationTask::File { url, content })
}

/// The order's own fields, where the list of domains does not tell the same already.
fn order_level(order: &Order, known: &[ValidationRecord]) -> Vec<ValidationRecord> {
    let name = order.common_name.as_deref();
    let Some(name) = name.and_then(|name| DomainName::parse(name).ok()) else {
        return Vec::new();
    };
    // With several names the order's fields are those of the common name.
    if known.iter().any(|record| record.name == name) {
        return Vec::new();
    }
    let file = match (&order.auth_file_name, &order.auth_file_content) {
        (Some(file), Some(content)) => file_task("http", &name, file, content.clone()),
        _ => None,
    };
    let cname = match (&order.cname_auth_name, &order.cname_auth_value) {
        (Some(record), Some(value)) => Some(ValidationTask::Cname {
            name: record.clone(),
            value: value.clone(),
        }),
        _ => None,
    };
    let known_cname = |task: &ValidationTask| {
        known.iter().any(|record| match (&record.task, task) {
            (ValidationTask::Cname { name: a, .. }, ValidationTask::Cname { name: b, .. }) => {
                a.eq_ignore_ascii_case(b)
            }
            _ => false,
        })
    };
    [file, cname]
        .into_iter()
        .flatten()
        .filter(|task| !known_cname(task))
        .map(|task| ValidationRecord {
            name: name.clone(),
            task,
            done: false,
        })
        .collect()
}
