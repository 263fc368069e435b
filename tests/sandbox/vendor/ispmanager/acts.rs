//! Functions that act: the free step, orders, renewals, reissues.

use chrono::{DateTime, NaiveDate, Utc};

use super::super::csr::{Csr, Subject};
use super::super::xml::Element;
use super::super::{Sale, SaleKind, mail_has_ended};
use super::catalogue::{self, ADDON, COUNTRIES, INCLUDED, Tariff};
use super::form::Form;
use super::state::{Service, State, term_end};
use super::{Answer, Context, error, kind_word, missed, value_error};

fn leaf(name: &str, text: impl Into<String>) -> Element {
    Element::leaf(name, text)
}

fn ok() -> Element {
    leaf("ok", "")
}

/// `ok` that sends the browser elsewhere.
fn elsewhere() -> Element {
    let mut ok = leaf("ok", "https://billing.example/pay");
    ok.attributes.push(("type".to_owned(), "url".to_owned()));
    ok
}

/// What request step, order and reissue have in common.
struct Wanted {
    csr: Csr,
    common_name: String,
    names: Vec<String>,
}

fn wanted(state: &State, form: &Form, tariff: &Tariff) -> Result<Wanted, Element> {
    let own = kind_word(state);
    // The billing's own request, which the client hands on to the order (8.4).
    let generated = form.value("crt_type") == "generate" && form.has("key");
    if form.value("crt_type") != own && !generated {
        return Err(value_error("crt_type", form.value("crt_type")));
    }
    let csr = Csr::parse(form.value("csr").trim()).map_err(|_| value_error("csr", ""))?;
    let common_name = form.value("CN").to_owned();
    if csr.common_name != common_name || common_name.starts_with("*.") != tariff.wildcard {
        return Err(value_error("CN", &common_name));
    }
    let country = form.value("field_country");
    if !country.is_empty() && !COUNTRIES.iter().any(|(id, _)| *id == country) {
        return Err(value_error("field_country", country));
    }
    if form.value("altname") != form.value("altname_input") {
        return Err(value_error("altname_input", form.value("altname_input")));
    }
    let names: Vec<String> = form
        .value("altname")
        .split_whitespace()
        .map(str::to_owned)
        .collect();
    if !names.is_empty() && !tariff.multi {
        return Err(value_error("altname", form.value("altname")));
    }
    Ok(Wanted {
        csr,
        common_name,
        names,
    })
}

fn tariff_of(form: &Form) -> Result<&'static Tariff, Element> {
    if !form.has("pricelist") {
        return Err(error("wizard_unavailable", "", ""));
    }
    catalogue::find(form.value("pricelist"))
        .ok_or_else(|| value_error("pricelist", form.value("pricelist")))
}

fn months_of(form: &Form) -> Result<u32, Element> {
    match form.value("period") {
        "12" => Ok(12),
        "24" => Ok(24),
        other => Err(value_error("period", other)),
    }
}

/// `crt_type=generate`: the billing makes key and request (8.4).
fn generated(form: &Form) -> Answer {
    let odd = || value_error("CN", form.value("CN"));
    let key = rcgen::KeyPair::generate().map_err(|_| odd())?;
    let mut params = rcgen::CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    for (kind, field) in [
        (rcgen::DnType::CommonName, "CN"),
        (rcgen::DnType::StateOrProvinceName, "ST"),
        (rcgen::DnType::LocalityName, "L"),
        (rcgen::DnType::OrganizationName, "O"),
    ] {
        if !form.value(field).is_empty() {
            params.distinguished_name.push(kind, form.value(field));
        }
    }
    if form.value("CN").is_empty() {
        return Err(odd());
    }
    let csr = params.serialize_request(&key).map_err(|_| odd())?;
    let csr = csr.pem().map_err(|_| odd())?.replace("\r\n", "\n");
    let key = key.serialize_pem().replace("\r\n", "\n");
    Ok(vec![leaf("csr", csr), leaf("key", key), ok()])
}

/// The free step.
pub fn request(state: &mut State, form: &Form) -> Answer {
    let tariff = tariff_of(form)?;
    months_of(form)?;
    if form.value("crt_type") == "generate" {
        return generated(form);
    }
    let wanted = wanted(state, form, tariff)?;
    Ok(match state.switch("step") {
        "generated" => vec![
            leaf(
                "csr",
                "-----BEGIN CERTIFICATE REQUEST-----\nQUJD\n-----END CERTIFICATE REQUEST-----",
            ),
            leaf("key", "-----BEGIN PRIVATE KEY-----"),
            ok(),
        ],
        "silent" => vec![ok()],
        _ => vec![leaf("csr", wanted.csr.pem), ok()],
    })
}

fn approvers(form: &Form, names: usize, now: DateTime<Utc>) -> Result<Vec<String>, Element> {
    let method = form.value("approver_method");
    if method == "auth_dnstxt" {
        return Ok(Vec::new());
    }
    // What the vendor says then is not known.
    if mail_has_ended(now) {
        return Err(value_error("approver_method", method));
    }
    (1..=names)
        .map(|index| {
            let field = format!("approver_email_{index}");
            let address = form.value(&field);
            if address.contains('@') {
                Ok(address.to_owned())
            } else {
                Err(value_error(&field, address))
            }
        })
        .collect()
}

/// **Sells.**
pub fn order(context: &mut Context<'_>, form: &Form) -> Answer {
    let tariff = tariff_of(form)?;
    let months = months_of(form)?;
    let wanted = wanted(context.state, form, tariff)?;
    for prefix in ["adm_", "tech_"] {
        for field in ["fname", "lname", "jtitle", "email", "phone"] {
            let name = format!("{prefix}{field}");
            if form.value(&name).is_empty() {
                return Err(value_error(&name, ""));
            }
        }
    }
    if tariff.organization {
        for name in [
            "org_name",
            "org_address",
            "org_city",
            "org_postcode",
            "org_phone",
        ] {
            if form.value(name).is_empty() {
                return Err(value_error(name, ""));
            }
        }
    }
    let all = wanted.names.len() + 1;
    let approvers = if tariff.organization && !form.has("approver_email_1") {
        Vec::new()
    } else {
        approvers(form, all, context.now)?
    };
    let beyond: usize = form.value(ADDON).parse().unwrap_or(0);
    if tariff.multi && all > INCLUDED + beyond {
        return Err(value_error("altname", form.value("altname")));
    }
    let marker = form.value("remoteid").to_owned();
    let is_taken = |service: &Service| !marker.is_empty() && service.marker == marker;
    if context.state.switch("unique-marker") == "on" && context.state.services.iter().any(is_taken)
    {
        return Err(error("exists", "remoteid", &marker));
    }
    let price = tariff.price * i64::from(months) / 12;
    let mut service = Service {
        id: context.state.last_id + 17,
        tariff,
        common_name: wanted.common_name,
        names: wanted.names,
        csr: wanted.csr,
        marker: marker.clone(),
        created: context.now.date_naive(),
        expires: term_end(context.now.date_naive(), months),
        state: "2".to_owned(),
        certificate_state: 3,
        certificate: None,
        approvers,
        method: form.value("approver_method").to_owned(),
        open: Vec::new(),
        organization_open: false,
        subject: tariff.organization.then(|| Subject {
            organization: form.value("org_name").to_owned(),
            ..Subject::default()
        }),
    };
    service.begin();
    if context.state.balance < price {
        if context.state.switch("poor") != "unpaid" {
            return Err(error("low_balance", "", ""));
        }
        service.state = "1".to_owned();
    } else {
        context.state.balance -= price;
        context.state.sales.push(Sale {
            order: service.id.to_string(),
            custom: marker,
            product: tariff.id.to_owned(),
            amount: price,
            at: context.now,
            kind: SaleKind::Order,
            refunded: false,
        });
    }
    let id = service.id.to_string();
    context.state.last_id = service.id;
    context.state.services.push(service);
    Ok(match context.state.switch("order-reply") {
        "item" => vec![leaf("item.id", id), ok()],
        "inner" => vec![Element::node("doc", vec![leaf("id", id)]), ok()],
        "silent" => vec![ok()],
        "bare" => vec![leaf("id", id)],
        "nothing" => vec![leaf("note", "accepted")],
        "elsewhere" => vec![leaf("id", id), elsewhere()],
        // The number may be the payment's (corrections).
        "payment" => vec![leaf("id", "40017"), elsewhere()],
        "elsewhere-silent" => vec![elsewhere()],
        "error" => vec![error("late_trouble", "", "")],
        "echo" => vec![
            Element::node("tparams", vec![leaf("id", "999")]),
            leaf("id", id),
            ok(),
        ],
        _ => vec![leaf("id", id), ok()],
    })
}

fn service_of<'a>(state: &'a mut State, form: &Form) -> Result<&'a mut Service, Element> {
    let id = form.value("elid").to_owned();
    state.service(&id).ok_or_else(|| value_error("elid", &id))
}

/// **Sells a further term.**
pub fn prolong(context: &mut Context<'_>, form: &Form) -> Answer {
    let switch = context.state.switch("prolong").to_owned();
    match switch.as_str() {
        "off" => return Err(missed("service.prolong")),
        "access" => return Err(error("access", "service.prolong", "")),
        _ => {}
    }
    let (now, balance) = (context.now, context.state.balance);
    let issues = context.state.switch("prolong-issues") != "off";
    if !form.acts() {
        return super::pages::prolong_form(service_of(context.state, form)?);
    }
    let months = months_of(form)?;
    let service = service_of(context.state, form)?;
    let price = service.tariff.price * i64::from(months) / 12;
    if switch == "elsewhere" {
        // Into the cart: nothing is paid.
        return Ok(vec![elsewhere()]);
    }
    if balance < price {
        return Err(error("low_balance", "", ""));
    }
    let before: NaiveDate = service.expires;
    service.expires = term_end(before, months);
    if issues {
        service.begin();
    }
    let inner = Element::node(
        "doc",
        vec![
            leaf("newexpiredate", service.expires.to_string()),
            leaf("expiredate", before.to_string()),
        ],
    );
    let sale = Sale {
        order: service.id.to_string(),
        // No marker comes with this call.
        custom: String::new(),
        product: service.tariff.id.to_owned(),
        amount: price,
        at: now,
        kind: SaleKind::Renewal,
        refunded: false,
    };
    context.state.balance -= price;
    context.state.sales.push(sale);
    Ok(vec![inner, ok()])
}

/// A further certificate inside the term.
pub fn reissue(context: &mut Context<'_>, form: &Form) -> Answer {
    if !form.acts() {
        let service = service_of(context.state, form)?.clone();
        return super::pages::reissue_form(context.state, &service);
    }
    let next = context.state.switch("reissue-next").to_owned();
    if !next.is_empty() {
        return Ok(vec![leaf("step", "2")]);
    }
    let tariff = service_of(context.state, form)?.tariff;
    let wanted = wanted(context.state, form, tariff)?;
    let approvers = if tariff.organization {
        Vec::new()
    } else {
        approvers(form, wanted.names.len() + 1, context.now)?
    };
    let now = context.now;
    let service = service_of(context.state, form)?;
    if service.certificate_state != 5 {
        return Err(error("limit", "", ""));
    }
    service.csr = wanted.csr;
    service.names = wanted.names;
    service.approvers = approvers;
    service.begin();
    let sale = Sale {
        order: service.id.to_string(),
        // No marker comes with this call.
        custom: String::new(),
        product: service.tariff.id.to_owned(),
        amount: 0,
        at: now,
        kind: SaleKind::Reissue,
        refunded: false,
    };
    context.state.sales.push(sale);
    Ok(vec![ok()])
}
