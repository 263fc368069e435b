//! Functions that show something: forms, lists, records.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::super::authority::{LineEnds, pem};
use super::super::xml::Element;
use super::catalogue::{COUNTRIES, TARIFFS};
use super::form::Form;
use super::state::{Service, State};
use super::{Answer, Context, kind_word, missed, value_error};

fn leaf(name: &str, text: impl Into<String>) -> Element {
    Element::leaf(name, text)
}

fn with(mut element: Element, attributes: &[(&str, &str)]) -> Element {
    let attributes = attributes
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    element.attributes.extend(attributes);
    element
}

/// A choice list.
pub fn choices(name: &str, options: &[(String, String)]) -> Element {
    let options = options
        .iter()
        .map(|(key, text)| with(leaf("val", text.clone()), &[("key", key)]))
        .collect();
    with(Element::node("slist", options), &[("name", name)])
}

fn money(cents: i64) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    format!("{sign}{}.{:02}", cents.abs() / 100, cents.abs() % 100)
}

/// `1 234,56 EUR` with a hard blank.
fn formatted(cents: i64) -> String {
    let whole = cents.abs() / 100;
    let thousands = if whole >= 1000 {
        format!("{}\u{a0}{:03}", whole / 1000, whole % 1000)
    } else {
        whole.to_string()
    };
    format!("{thousands},{:02} EUR", cents.abs() % 100)
}

pub fn account(state: &State, login: &str) -> Answer {
    let mut user = with(
        leaf("user", ""),
        &[("name", login), ("level", "16"), ("id", "5120")],
    );
    match state.switch("balance") {
        "" | "whoami" => {
            user = with(
                user,
                &[("balance", &money(state.balance)), ("currency", "EUR")],
            )
        }
        "words" => user = with(user, &[("balance", "unlimited"), ("currency", "EUR")]),
        "subaccount" => user = with(user, &[("currency", "EUR")]),
        _ => {}
    }
    Ok(vec![user])
}

pub fn balances(state: &State) -> Answer {
    if state.switch("balance") != "subaccount" {
        return Ok(Vec::new());
    }
    let row = Element::node(
        "elem",
        vec![
            leaf("id", "5120"),
            leaf("balance", formatted(state.balance)),
            leaf("currency", "EUR"),
        ],
    );
    Ok(vec![row, leaf("p_elems", "1")])
}

pub fn user(state: &State) -> Answer {
    match state.switch("balance") {
        "usrparam" => Ok(vec![
            leaf("balance", formatted(state.balance)),
            leaf("email", "x@example.com"),
        ]),
        _ => Ok(vec![leaf("email", "x@example.com")]),
    }
}

/// First step of the wizard.
pub fn tariffs(state: &State, form: &Form) -> Answer {
    let months: i64 = form.value("period").parse().unwrap_or(12);
    let rows = TARIFFS.iter().map(|tariff| {
        let mut cells = vec![leaf("pricelist", tariff.id), leaf("desc", tariff.name)];
        if state.switch("prices") != "off" {
            let price = money(tariff.price * months / 12);
            cells.push(leaf("price", format!("<b>{price} EUR</b>")));
        }
        Element::node("elem", cells)
    });
    let list = with(
        Element::node("list", rows.collect()),
        &[("name", "tariflist")],
    );
    Ok(vec![leaf("period", months.to_string()), list])
}

/// Form of the request step.
pub fn request_form(state: &State, form: &Form) -> Answer {
    let mut nodes = vec![
        leaf("period", form.value("period")),
        leaf("pricelist", form.value("pricelist")),
    ];
    nodes.extend(origin_and_countries(state));
    Ok(nodes)
}

fn origin_and_countries(state: &State) -> Vec<Element> {
    let options = COUNTRIES.iter().map(|(id, iso)| {
        let image = format!("/manimg/common/flag/{iso}.png");
        with(leaf("val", *iso), &[("key", id), ("image", &image)])
    });
    let mut nodes = Vec::new();
    if state.switch("countries") != "off" {
        let list = Element::node("slist", options.collect());
        nodes.push(with(list, &[("name", "field_country")]));
    }
    if state.switch("kind-choices") != "off" {
        let kinds = [
            ("generate".to_owned(), "New".to_owned()),
            (kind_word(state), "Own".to_owned()),
        ];
        nodes.push(choices("crt_type", &kinds));
    }
    nodes
}

/// Form of the order step: shows the approver addresses of a domain.
pub fn order_form(state: &State, form: &Form) -> Answer {
    let mut nodes = request_form(state, form)?;
    let domain = form.value("CN").trim_start_matches("*.");
    if !domain.is_empty() && state.switch("approvers") != "off" {
        let addresses: Vec<_> = [
            "admin",
            "administrator",
            "hostmaster",
            "postmaster",
            "webmaster",
        ]
        .iter()
        .map(|mailbox| format!("{mailbox}@{domain}"))
        .map(|address| (address.clone(), address))
        .collect();
        nodes.push(choices("approver_email_1", &addresses));
    }
    Ok(nodes)
}

pub fn countries() -> Answer {
    let rows = COUNTRIES
        .iter()
        .map(|(id, iso)| Element::node("elem", vec![leaf("id", *id), leaf("iso2", *iso)]));
    Ok(rows.collect())
}

/// The list, as the saved filter lets it through.
pub fn list(state: &State, form: &Form) -> Answer {
    let is_shown = |service: &&Service| {
        state
            .filter
            .iter()
            .all(|(column, value)| match column.as_str() {
                "id" => service.id.to_string() == *value,
                "CN" => service.common_name.contains(value.as_str()),
                _ => false,
            })
    };
    // A filter of this one call (4.4).
    let once = form.value("filter") == "on";
    let is_asked = |service: &&Service| {
        let fits = |column: &str, value: &str| {
            let wanted = form.value(column);
            !once || wanted.is_empty() || value.contains(wanted)
        };
        fits("CN", &service.common_name) && fits("id", &service.id.to_string())
    };
    let rows: Vec<Element> = state
        .services
        .iter()
        .filter(is_shown)
        .filter(is_asked)
        .map(|service| row(state, service))
        .collect();
    let total = rows.len();
    let asked = form.value("p_cnt").parse().unwrap_or(20);
    let size: usize = state
        .switch("page")
        .parse()
        .map_or(asked, |own: usize| own.min(asked));
    let page: usize = form.value("p_num").parse().unwrap_or(1);
    let mut nodes: Vec<Element> = rows
        .into_iter()
        .skip((page - 1) * size)
        .take(size)
        .collect();
    if state.switch("total") != "off" {
        nodes.push(leaf("p_elems", total.to_string()));
    }
    Ok(nodes)
}

fn state_cell(state: &State, name: &str, raw: &str) -> Element {
    if state.switch("orig") == "off" {
        return leaf(name, raw);
    }
    with(leaf(name, "state in words"), &[("orig", raw)])
}

fn row(state: &State, service: &Service) -> Element {
    let mut cells = vec![
        leaf("id", service.id.to_string()),
        leaf("CN", service.common_name.clone()),
        leaf("pricelist", service.tariff.name),
        leaf("createdate", service.created.to_string()),
        leaf("expiredate", service.expires.to_string()),
        state_cell(state, "item_status", &service.state),
        leaf("status_msg", "words of the certificate's state"),
        leaf("cost", format!("{} EUR", money(service.tariff.price))),
    ];
    if state.switch("marker") == "on" && !service.marker.is_empty() {
        cells.push(leaf("remoteid", service.marker.clone()));
    }
    Element::node("elem", cells)
}

/// The form of the saved filter.
pub fn filter_form(state: &State) -> Answer {
    let value = |name: &str| state.filter.get(name).cloned().unwrap_or_default();
    match state.switch("filter-form") {
        "off" => Err(missed("certificate.filter")),
        _ => Ok(["id", "CN", "pricelist", "status"]
            .iter()
            .map(|name| leaf(name, value(name)))
            .collect()),
    }
}

/// The certificate as PEM with its intermediate.
fn chain(context: &Context<'_>, service: &Service) -> Option<String> {
    let issued = service.certificate.as_ref()?;
    Some(pem(
        &[&issued.der, context.authority.intermediate()],
        LineEnds::Lf,
    ))
}

/// The same as a zip.
fn archive(context: &Context<'_>, service: &Service) -> Option<Vec<u8>> {
    use std::io::Write as _;
    let text = chain(context, service)?;
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let name = service.common_name.replace(['.', '*'], "_");
    writer
        .start_file(
            format!("{name}.crt"),
            zip::write::SimpleFileOptions::default(),
        )
        .expect("an entry");
    writer.write_all(text.as_bytes()).expect("an entry");
    Some(writer.finish().expect("an archive").into_inner())
}

/// The record of a service.
pub fn record(context: &mut Context<'_>, form: &Form) -> Answer {
    if context.state.switch("read") == "off" {
        return Err(missed("certificate.edit"));
    }
    let Some(service) = context
        .state
        .service(form.value("elid"))
        .map(|service| service.clone())
    else {
        return Err(value_error("elid", form.value("elid")));
    };
    let state = &*context.state;
    let mut nodes = vec![
        leaf("id", service.id.to_string()),
        leaf("CN", service.common_name.clone()),
        leaf("pricelist", service.tariff.id),
        leaf("createdate", service.created.to_string()),
        leaf("expiredate", service.expires.to_string()),
        leaf("status", service.state.clone()),
        leaf("service_status", service.certificate_state.to_string()),
        leaf("altname", service.names.join(" ")),
    ];
    if state.switch("csr") != "off" {
        nodes.push(leaf("csr", service.csr.pem.clone()));
    }
    if ["on", "record"].contains(&state.switch("marker")) {
        nodes.push(leaf("remoteid", service.marker.clone()));
    }
    if service.method == "auth_dnstxt" {
        nodes.push(leaf("approver_method", service.method.clone()));
        nodes.push(leaf("auth_dnstxt_value", service.txt()));
        nodes.push(leaf("domains_list", service.all_names().join(",")));
    } else {
        nodes.push(leaf("approver_email", service.approvers.join(",")));
    }
    match state.switch("delivery") {
        "" | "record" => nodes.push(leaf("crt", chain(context, &service).unwrap_or_default())),
        "zip" => {
            let text = archive(context, &service).map(|zip| STANDARD.encode(zip));
            nodes.push(leaf("crt", text.unwrap_or_default()));
        }
        _ => {}
    }
    Ok(nodes)
}

/// The files of a service: not XML.
pub fn file(context: &mut Context<'_>, form: &Form) -> Result<Vec<u8>, Element> {
    let service = context
        .state
        .service(form.value("elid"))
        .map(|service| service.clone());
    let service = service.ok_or_else(|| value_error("elid", form.value("elid")))?;
    match context.state.switch("delivery") {
        "file" => archive(context, &service).ok_or_else(|| missed("file")),
        _ => Err(missed("certificate.file")),
    }
}

/// The form of a renewal.
pub fn prolong_form(service: &Service) -> Answer {
    let next = super::state::term_end(service.expires, 12);
    Ok(vec![
        leaf("title_name", service.common_name.clone()),
        leaf("expiredate", service.expires.to_string()),
        leaf("newexpiredate", next.to_string()),
        leaf("period", "12"),
        leaf("status", service.state.clone()),
        leaf("autoprolong_note", "kept"),
        choices(
            "period",
            &[
                ("12".into(), "12 months".into()),
                ("24".into(), "24 months".into()),
            ],
        ),
    ])
}

/// The form of a reissue.
pub fn reissue_form(state: &State, service: &Service) -> Answer {
    let mut nodes = vec![
        leaf("id", service.id.to_string()),
        leaf("CN", service.common_name.clone()),
        leaf("altname", service.names.join(" ")),
        leaf("adm_fname", "Eva"),
        leaf("csr", service.csr.pem.clone()),
        leaf("approver_email_1", "old@example.com"),
        leaf("approver_email_9", "old@example.com"),
    ];
    nodes.extend(origin_and_countries(state));
    Ok(nodes)
}
