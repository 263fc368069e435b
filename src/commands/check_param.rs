//! `check_param`: one parameter of the order form, before the client pays (billmanager.md 3).

use std::net::IpAddr;

use chrono::NaiveDate;

use super::{Context, session};
use crate::certificate::Csr;
use crate::domain::text::{Bilingual, Words};
use crate::domain::{CountryCode, DomainName, EmailAddress, Phone, address, list};
use crate::failure::{Failure, Reason};
use crate::log;
use crate::module::{Method, Module, Template};
use crate::order::calendar::{MailProof, mail_proof};
use crate::order::{checks, names};
use crate::platform::details::common_name;
use crate::platform::{documents, fields, form};

/// Accepts or names what is wrong; parameters that need no form are accepted.
pub(super) async fn run(context: &Context<'_>) -> Result<String, Failure> {
    let name = context.arguments.parameter.as_deref().unwrap_or_default();
    let value = context
        .arguments
        .value
        .as_deref()
        .unwrap_or_default()
        .trim();
    check(context.module, name, value)?;
    check_method(
        context.module,
        name,
        value,
        context.clock.now().date_naive(),
    )?;
    if name == fields::CSR && !value.is_empty() {
        look_at_names(context, value).await;
    }
    Ok(documents::ok())
}

/// What DNS says about the names of a CSR, for the log: the client's text has no place for what is no refusal.
async fn look_at_names(context: &Context<'_>, text: &str) {
    let Ok(csr) = Csr::parse(text) else {
        return;
    };
    // Which authority certifies them is not told here.
    let question = names::Question {
        names: csr.names(),
        issuers: &[],
        method: None,
    };
    let zone = session::zone(context.platform);
    for remark in names::look(&zone, &question, names::LIMIT).await {
        log!(Order, Warning, "{}", remark.english());
    }
}

pub(super) fn check(module: &Module, name: &str, value: &str) -> Result<(), Failure> {
    let refuse = |detail: Words| {
        Err(Failure::field(Reason::Invalid, name)
            .value(value)
            .detail(detail))
    };
    if value.is_empty() {
        return Ok(());
    }
    form::judge(name, value)?;
    match name {
        fields::CSR => check_csr(module, value),
        fields::ADDITIONAL_NAMES | fields::FORMER_NAMES => {
            for word in list(value) {
                if let Some(address) = address(word) {
                    check_address(module, name, address)?;
                    continue;
                }
                match DomainName::parse(word) {
                    Err(error) => {
                        return refuse(Words::joined(
                            [Words::verbatim(format!("'{word}'")), error.both()],
                            ": ",
                        ));
                    }
                    Ok(listed) if name == fields::ADDITIONAL_NAMES => {
                        checks::public(name, &listed)?;
                    }
                    Ok(_) => {}
                }
            }
            Ok(())
        }
        fields::APPROVER_EMAIL => check_addresses(name, value, list(value)),
        _ if name.ends_with("_email") => check_addresses(name, value, std::iter::once(value)),
        fields::ORG_COUNTRY
            if value.parse::<u64>().is_err() && CountryCode::parse(value).is_none() =>
        {
            refuse(words!(
                "A country from BILLmanager's list or a two-letter code is needed",
                "Нужна страна из списка BILLmanager или двухбуквенный код"
            ))
        }
        _ if name.ends_with("_phone") && Phone::parse(value).is_none() => refuse(words!(
            "A number in international format is needed, for example +7 (900) 123-45-67",
            "Нужен номер в международном формате, например +7 (900) 123-45-67"
        )),
        _ => Ok(()),
    }
}

/// The product is not told here, the day is: mail is refused where every product that has it has another method, too.
fn check_method(module: &Module, name: &str, value: &str, today: NaiveDate) -> Result<(), Failure> {
    let is_mail = name == fields::APPROVER_METHOD && value == Method::Email.choice_word();
    if !is_mail || mail_proof(today) == MailProof::Discouraged {
        return Ok(());
    }
    let by_mail = |template: &&Template| template.methods.contains(&Method::Email);
    let mut products = module.templates.iter().filter(by_mail);
    let has_other = |template: &Template| checks::instead_of_mail(template, template.wildcard);
    if products.all(|template| has_other(template).is_some()) {
        return Err(Failure::field(Reason::Invalid, name)
            .value(value)
            .detail(MailProof::Forbidden.words()));
    }
    Ok(())
}

/// The product is not known yet: it is enough that one of the module's takes addresses.
pub(super) fn check_address(module: &Module, name: &str, address: IpAddr) -> Result<(), Failure> {
    if name == fields::FORMER_NAMES {
        return Ok(());
    }
    checks::public_address(name, address)?;
    if module.templates.iter().any(|template| template.addresses) {
        return Ok(());
    }
    Err(Failure::field(Reason::NameNotAllowed, name)
        .value(address.to_string())
        .detail(words!(
            "this vendor issues no certificates for IP addresses",
            "этот поставщик не выпускает сертификаты для IP-адресов"
        )))
}

/// The same examination as before an order, but for what depends on the product.
fn check_csr(module: &Module, text: &str) -> Result<(), Failure> {
    let csr = Csr::parse(text)?;
    csr.examine()?;
    module.csr_rules.check(&csr)?;
    checks::public(fields::CSR, &common_name(&csr)?)
}

fn check_addresses<'a>(
    name: &str,
    value: &str,
    mut addresses: impl Iterator<Item = &'a str>,
) -> Result<(), Failure> {
    match addresses.find(|text| EmailAddress::parse(text).is_none()) {
        Some(text) => Err(Failure::field(Reason::Invalid, name)
            .value(value)
            .detail(words!(
                "'{}' is not an e-mail address",
                "'{}' - не адрес электронной почты",
                text.trim()
            ))),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn module() -> &'static Module {
        crate::module::by_name("pmglobalsign").unwrap()
    }

    #[test]
    fn addresses_are_names_where_the_vendor_certifies_them() {
        let mixed = "www.example.com, 93.184.216.34;[2606:4700::1]";
        let enom = crate::module::by_name("pmenomssl").unwrap();
        assert!(check(module(), "altname", mixed).is_ok());
        assert!(check(enom, "old_altname", mixed).is_ok());
        for (module, value, address, detail) in [
            (
                enom,
                mixed,
                "93.184.216.34",
                "this vendor issues no certificates for IP addresses",
            ),
            (
                module(),
                "a.example.com 10.0.0.1",
                "10.0.0.1",
                "no certificates are issued for addresses of internal networks",
            ),
        ] {
            let failure = check(module, "altname", value).unwrap_err();
            assert_eq!(failure.reason(), Reason::NameNotAllowed);
            assert_eq!(failure.offending_value(), address);
            assert_eq!(failure.words(), detail);
        }
    }

    #[test]
    fn proof_by_mail_cannot_be_chosen_any_more_when_it_has_ended() {
        // Each of its products that is proved by mail has a DNS record or a file as well.
        let all_have = crate::module::all().find(|module| {
            let by_mail = |template: &&Template| template.methods.contains(&Method::Email);
            let mut products = module.templates.iter().filter(by_mail);
            products.all(|one| checks::instead_of_mail(one, one.wildcard).is_some())
        });
        let all_have = all_have.expect("a module all of whose products have another method");
        let on = |day: &str, value: &str| {
            check_method(all_have, "approver_method", value, day.parse().unwrap())
        };
        assert!(on("2028-03-14", "auth_email").is_ok());
        let failure = on("2028-03-15", "auth_email").unwrap_err();
        assert_eq!(failure.object(), "approver_method");
        assert!(failure.words().contains("2028-03-15"));
        assert!(on("2028-03-15", "auth_dnstxt").is_ok());
        // These have nothing but mail: the vendor says what it makes of that by then.
        let mail_only = crate::module::by_name("pmispmgrssl").unwrap();
        let day = "2028-03-15".parse().unwrap();
        assert!(check_method(mail_only, "approver_method", "auth_email", day).is_ok());
    }

    #[test]
    fn parameters_with_a_form_are_checked() {
        let csr = include_str!("../certificate/fixtures/p256.pem");
        let good = [
            ("altname", "www.example.com mail.example.com"),
            ("altname", "www.example.com;\r\nmail.example.com"),
            ("adm_email", "a@example.com"),
            ("approver_email", "admin@example.com,admin@example.net"),
            ("approver_email", "admin@example.com; admin@example.net\n"),
            ("org_phone", "+7 (900) 123-45-67"),
            ("org_country", "643"),
            ("org_country", "de"),
            ("org_name", "anything"),
            ("adm_phone", ""),
            ("csr", csr),
            ("csr", ""),
        ];
        for (name, value) in good {
            assert!(check(module(), name, value).is_ok(), "{name} {value}");
        }
        let bad = [
            ("altname", "www.example.com bad_name"),
            ("adm_email", "nobody"),
            ("adm_email", "a@example.com, b@example.com"),
            ("approver_email", "admin@example.com,nobody"),
            ("adm_phone", "89001234567"),
            ("org_country", "UK"),
        ];
        for (name, value) in bad {
            let failure = check(module(), name, value).unwrap_err();
            assert_eq!((failure.object(), failure.offending_value()), (name, value));
        }
        let failure = check(module(), "org_name", "two\nlines").unwrap_err();
        assert_eq!(failure.object(), "org_name");
        assert_eq!(failure.offending_value(), "two\\nlines");
    }

    /// What one vendor's reader does not take is refused at that vendor only, in the words of its order.
    #[test]
    fn a_request_that_the_vendor_cannot_read_is_refused_before_the_client_pays() {
        use crate::certificate::testing::Made;
        let at = |module: &str, value: &str| {
            let module = crate::module::by_name(module).unwrap();
            check(module, "csr", value)
        };
        let nameless = Made {
            subject: Vec::new(),
            names: vec![b"shop.example.com"],
            ..Made::of("shop.example.com")
        };
        let bare = Made {
            has_attributes: false,
            ..Made::of("shop.example.com")
        };
        let hosts: Vec<String> = (0..250)
            .map(|n| format!("host{n}.shop.example.com"))
            .collect();
        let long = Made {
            names: hosts.iter().map(String::as_bytes).collect(),
            ..Made::of("shop.example.com")
        };
        for (made, words) in [
            (nameless, "it has no common name"),
            (bare, "it has no field of attributes"),
            (long, "the vendor takes 4500 characters at most"),
        ] {
            let text = made.text();
            let failure = at("pmenomssl", &text).unwrap_err();
            assert_eq!(
                (failure.object(), failure.reason()),
                ("csr", Reason::BadCsr)
            );
            assert!(failure.words().contains(words), "{failure}");
            assert!(at("pmthesslstore", &text).is_ok(), "{words}");
        }
        assert!(at("pmenomssl", &Made::of("shop.example.com").text()).is_ok());
    }

    #[test]
    fn a_request_is_examined_before_the_client_pays() {
        let weak = include_str!("../certificate/fixtures/rsa-1024.pem");
        let nameless = include_str!("../certificate/fixtures/text-common-name.pem");
        let internal = crate::certificate::testing::csr(&["mail.local"]);
        for (value, reason) in [
            ("please sign this", Reason::BadCsr),
            (weak, Reason::WeakKey),
            (nameless, Reason::BadCsr),
            (internal.pem(), Reason::NameNotAllowed),
        ] {
            let failure = check(module(), "csr", value).unwrap_err();
            assert_eq!((failure.object(), failure.reason()), ("csr", reason));
        }
        let failure = check(module(), "altname", "www.example.com intranet").unwrap_err();
        assert_eq!(failure.offending_value(), "intranet");
    }
}
