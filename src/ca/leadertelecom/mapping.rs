//! Orders in the vendor's fields (leaderssl.md 6, 7). Pure.

use serde_json::{Map, Value, json};

use super::settings::AccountSettings;
use super::tokens::Tokens;
use super::wire::{OTHER_AUTHORITY, REISSUE_WRAP, Wire};
use crate::ca::{OrderRef, ValidationRecord, ValidationTask};
use crate::certificate::Csr;
use crate::domain::text::Words;
use crate::domain::{
    CountryCode, DomainName, IntentKey, Purchase, TemplateCode, ValidationMethod, VendorOrderId,
};
use crate::failure::{Failure, Reason};
use crate::module::leadertelecom::NOMENCLATURE_IDS;

/// Longest `unique_value` (leaderssl.md 6).
const LONGEST_UNIQUE: usize = 20;

/// The body of `POST order`. Members without a value are not sent: the only known client does not
/// send them either (leaderssl.md 2).
///
/// # Errors
/// What the vendor's fields cannot say, by field name.
pub(super) fn order(
    purchase: &Purchase,
    account: &AccountSettings,
    wire: &Wire,
) -> Result<Value, Failure> {
    let csr = Csr::parse(&purchase.csr_pem)?;
    let code = purchase.template.as_str();
    let mut item = Object::default();
    item.put("nomenclature_id", nomenclature(code, account, wire)?);
    item.put("days", days(purchase, wire)?);
    if let Some(number) = account.server_software {
        item.put("ssl_server_software_id", number);
    }
    validation(purchase, &mut item)?;
    item.put("domain_name", purchase.common_name.as_str());
    item.put("csr", purchase.csr_pem.as_str());
    subject(purchase, &csr, &mut item);
    let additional: Vec<&str> = purchase
        .additional_names
        .iter()
        .map(DomainName::as_str)
        .collect();
    item.text("additional_domains", &additional.join(","));

    let mut order = contact(purchase, wire);
    order.put("items", json!([item.0]));
    Ok(json!({"order": order.0}))
}

/// The body of a reissue for a path of the override file: the fields of an order's item that may
/// change with a CSR \[inferred\].
///
/// # Errors
/// As [`order`].
pub(super) fn reissue(purchase: &Purchase, wire: &Wire) -> Result<Value, Failure> {
    Csr::parse(&purchase.csr_pem)?;
    let mut fields = Object::default();
    fields.put("csr", purchase.csr_pem.as_str());
    fields.put("domain_name", purchase.common_name.as_str());
    validation(purchase, &mut fields)?;
    let fields = Value::Object(fields.0);
    Ok(match wire.text(&REISSUE_WRAP) {
        "" => fields,
        wrap => json!({ wrap: fields }),
    })
}

/// What the client has to do for each name, as far as it can be told without the vendor.
pub(super) fn records(purchase: &Purchase, wire: &Wire) -> Vec<ValidationRecord> {
    let tokens =
        Tokens::of(&purchase.csr_pem).filter(|_| has_sectigo_tokens(&purchase.template, wire));
    let unique = unique_value(&purchase.key);
    let tasks = purchase.validation.iter().filter_map(|named| {
        let task = match &named.method {
            ValidationMethod::Email(address) => ValidationTask::Email(address.to_string()),
            method => tokens.as_ref()?.task(&named.name, method, &unique, wire)?,
        };
        Some(ValidationRecord {
            name: named.name.clone(),
            task,
            done: false,
        })
    });
    tasks.collect()
}

/// Everything a person needs to do it in the vendor's panel.
pub(super) fn particulars(purchase: &Purchase) -> String {
    let names: Vec<&str> = std::iter::once(&purchase.common_name)
        .chain(&purchase.additional_names)
        .map(DomainName::as_str)
        .collect();
    format!("names: {}\nCSR:\n{}", names.join(", "), purchase.csr_pem)
}

/// Whether tokens can be computed for a product.
pub(super) fn has_sectigo_tokens(template: &TemplateCode, wire: &Wire) -> bool {
    wire.words(&OTHER_AUTHORITY)
        .all(|code| code != template.as_str())
}

/// Our own part of the tokens, fresh with each intent: a CSR must not meet the same token twice
/// (leaderssl.md 6). The intent's key is letters and digits already.
pub(super) fn unique_value(key: &IntentKey) -> String {
    key.as_str()
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .take(LONGEST_UNIQUE)
        .collect()
}

/// The vendor's word for a method (leaderssl.md 6).
pub(super) fn method_word(method: &ValidationMethod) -> Option<&'static str> {
    match method {
        ValidationMethod::Email(_) => Some("EMAIL"),
        ValidationMethod::HttpFile => Some("HTTP_CSR_HASH"),
        ValidationMethod::HttpsFile => Some("HTTPS_CSR_HASH"),
        ValidationMethod::DnsCname => Some("CNAME_CSR_HASH"),
        ValidationMethod::DnsTxt => None,
    }
}

/// The catalogue number behind a product code: the account's setting, else the override file.
pub(super) fn nomenclature(
    code: &str,
    account: &AccountSettings,
    wire: &Wire,
) -> Result<u64, Failure> {
    let number = account.products.get(code).copied();
    number.or_else(|| wire.product(code)).ok_or_else(|| {
        NOMENCLATURE_IDS.missing().detail(words!(
            "the vendor's catalogue number of '{code}' is not set: 'pmssl products' lists the numbers", "не указан номер '{code}' в каталоге поставщика: номера показывает 'pmssl products'"
        ))
    })
}

fn days(purchase: &Purchase, wire: &Wire) -> Result<u32, Failure> {
    let months = purchase.term.0;
    wire.days(months).ok_or_else(|| {
        Failure::field(Reason::BadTerm, "period")
            .value(months.to_string())
            .detail(words!(
                "the vendor counts days and is known to sell years; 'Days.{months} <days>' in the override file allows this period", "поставщик считает сроки в днях, и известно, что он продаёт годы; этот период разрешает строка 'Days.{months} <дней>' в файле исправлений"
            ))
    })
}

/// Method, approver addresses and our mark. One method stands for all names: how to choose one per
/// name is not known (leaderssl.md 7.2).
fn validation(purchase: &Purchase, item: &mut Object) -> Result<(), Failure> {
    item.put("unique_value", unique_value(&purchase.key));
    let Some(first) = purchase.validation.first() else {
        return Ok(());
    };
    let word = method_word(&first.method).ok_or_else(|| {
        Failure::field(Reason::NotSupported, "dns txt").detail(words!(
            "the vendor validates by e-mail, CNAME and file",
            "поставщик подтверждает по e-mail, записью CNAME и файлом"
        ))
    })?;
    let mut emails = Map::new();
    for named in &purchase.validation {
        if method_word(&named.method) != Some(word) {
            return Err(not_allowed(
                &named.name,
                words!(
                    "all names of an order are validated by one method with this vendor",
                    "у этого поставщика все имена заказа подтверждаются одним способом"
                ),
            ));
        }
        let is_file = matches!(
            named.method,
            ValidationMethod::HttpFile | ValidationMethod::HttpsFile
        );
        if is_file && named.name.is_wildcard() {
            return Err(not_allowed(
                &named.name,
                words!(
                    "a file proves no wildcard",
                    "файлом нельзя подтвердить имя со звёздочкой"
                ),
            ));
        }
        if let ValidationMethod::Email(address) = &named.method {
            if named.name == purchase.common_name {
                item.put("dcv_email", address.as_str());
            } else {
                emails.insert(named.name.to_string(), address.as_str().into());
            }
        }
    }
    item.put("dcv_type", word);
    if !emails.is_empty() {
        item.put("additional_validation_emails", Value::Object(emails));
    }
    Ok(())
}

/// The vendor's numbers are integers (leaderssl.md 4); anything else would change the path.
pub(super) fn certificate_number(order: &VendorOrderId) -> Result<(), Failure> {
    let text = order.as_str();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(());
    }
    Err(Failure::field(Reason::Invalid, "order")
        .value(text)
        .detail(words!(
            "the vendor's numbers consist of digits",
            "номера у поставщика состоят из цифр"
        )))
}

/// Whether the order is known to hold this name only.
pub(super) fn is_single(order: &OrderRef, name: &DomainName) -> bool {
    let csr = order.csr_pem.as_deref().map(Csr::parse);
    let Some(Ok(csr)) = csr else {
        return false;
    };
    let is_multi = order.template.as_str().contains("_md");
    !is_multi && csr.names().iter().any(|known| known == name)
}

fn not_allowed(name: &DomainName, why: Words) -> Failure {
    Failure::field(Reason::NameNotAllowed, "approver_method")
        .value(name.as_str())
        .detail(why)
}

/// Who the certificate names: the company, else what the CSR says about the place. `country_name` is
/// a code in spite of its name (leaderssl.md 7.2).
fn subject(purchase: &Purchase, csr: &Csr, item: &mut Object) {
    if let Some(company) = &purchase.organization {
        item.put("country_name", company.country.as_str());
        item.text("region_name", company.region_or_city());
        item.text("city_name", &company.city);
        item.text("organization_name", &company.name);
        item.text("organizational_unit", &company.division);
        item.text("zip_code", &company.postal_code);
        item.text("address_1", &company.address);
        return;
    }
    let subject = csr.subject();
    if let Some(code) = subject.country.as_deref().and_then(CountryCode::parse) {
        item.put("country_name", code.as_str());
    }
    item.text("region_name", subject.state.as_deref().unwrap_or_default());
    item.text("city_name", subject.locality.as_deref().unwrap_or_default());
}

/// The order's single contact (leaderssl.md 7.1).
fn contact(purchase: &Purchase, wire: &Wire) -> Object {
    let person = &purchase.administrative;
    let mut order = Object::default();
    order.text("first_name", &person.first_name);
    order.text("last_name", &person.last_name);
    order.text("title", &person.job_title);
    order.put("phone", person.phone.as_str());
    order.put("email", person.email.as_str());
    if let Some(company) = &purchase.organization {
        order.text("company", &company.name);
        order.text("address_1", &company.address);
        order.text("city_name", &company.city);
        order.text("region_name", company.region_or_city());
        order.text("zip_code", &company.postal_code);
        if let Some(number) = wire.country(company.country) {
            order.put("country_id", number);
        }
    }
    order
}

#[derive(Default)]
struct Object(Map<String, Value>);

impl Object {
    fn put(&mut self, name: &str, value: impl Into<Value>) {
        self.0.insert(name.to_owned(), value.into());
    }

    /// A text, left out when empty.
    fn text(&mut self, name: &str, text: &str) {
        if !text.trim().is_empty() {
            self.put(name, text.trim());
        }
    }
}
