//! Checks of names against the product, before any money is spent. Pure.

use std::net::IpAddr;

use chrono::NaiveDate;

use super::calendar::{MAIL_ENDS, MailProof, ONE_YEAR_PLANS, PLAN_MONTHS, mail_proof};
use super::names::Remark;
use crate::domain::text::Words;
use crate::domain::{DomainName, Standing, is_public_address};
use crate::failure::{Failure, Reason};
use crate::module::{Method, Template};
use crate::platform::{Service, fields};

/// Checks the names of an order against its product.
///
/// # Errors
/// The first name that does not fit, with the reason.
pub fn names(
    template: &Template,
    common_name: &DomainName,
    additional: &[DomainName],
) -> Result<(), Failure> {
    public(fields::CSR, common_name)?;
    common_name_fits(template, common_name)?;
    for name in beside_www(template, common_name, additional) {
        public(fields::ADDITIONAL_NAMES, name)?;
        let refuse = |detail: Words| {
            Err(
                Failure::field(Reason::NameNotAllowed, fields::ADDITIONAL_NAMES)
                    .value(name.as_str())
                    .detail(detail),
            )
        };
        if !template.multidomain {
            return refuse(words!(
                "this product holds one name only",
                "этот продукт рассчитан на один домен"
            ));
        }
        if name.is_wildcard() && !template.takes_wildcard_names() {
            return refuse(words!(
                "this product takes no wildcard names",
                "этот продукт не поддерживает wildcard-домены"
            ));
        }
    }
    Ok(())
}

/// The number of additional names without the one that comes with the product.
#[must_use]
pub fn listed(template: &Template, common_name: &DomainName, additional: &[DomainName]) -> usize {
    beside_www(template, common_name, additional).count()
}

/// Holds the number of additional names against the number that was paid for.
///
/// # Errors
/// Too many names.
pub fn count(template: &Template, listed: usize, bought: u32) -> Result<(), Failure> {
    if template.multidomain && listed > bought as usize {
        return Err(
            Failure::field(Reason::TooManyNames, fields::ADDITIONAL_NAMES)
                .value(listed.to_string())
                .detail(words!(
                    "{listed} are named, {bought} were ordered. Order more or remove some",
                    "указано {listed}, заказано {bought}. Закажите больше или удалите лишние"
                )),
        );
    }
    Ok(())
}

/// Refuses an address that is not of the public internet.
///
/// # Errors
/// An address of an internal network.
pub fn public_address(field: &str, address: IpAddr) -> Result<(), Failure> {
    if is_public_address(address) {
        return Ok(());
    }
    Err(Failure::field(Reason::NameNotAllowed, field)
        .value(address.to_string())
        .detail(words!(
            "no certificates are issued for addresses of internal networks",
            "для адресов внутренних сетей сертификаты не выпускаются"
        )))
}

/// Checks the IP addresses of an order against its product.
///
/// # Errors
/// The first one that is not public, or that the product does not take.
pub fn addresses(template: &Template, addresses: &[IpAddr]) -> Result<(), Failure> {
    let field = fields::ADDITIONAL_NAMES;
    for address in addresses {
        public_address(field, *address)?;
        if !template.addresses {
            return Err(Failure::field(Reason::NameNotAllowed, field)
                .value(address.to_string())
                .detail(words!(
                    "this product takes no IP addresses",
                    "этот продукт не принимает IP-адреса"
                )));
        }
    }
    Ok(())
}

/// The additional names without the one that comes with the product.
fn beside_www<'a>(
    template: &Template,
    common_name: &DomainName,
    additional: &'a [DomainName],
) -> impl Iterator<Item = &'a DomainName> {
    additional
        .iter()
        .filter(move |name| !(template.www && is_www_pair(common_name, name)))
}

fn common_name_fits(template: &Template, name: &DomainName) -> Result<(), Failure> {
    let detail = match (template.wildcard, name.is_wildcard()) {
        (true, false) if !template.multidomain => {
            words!(
                "this product needs a wildcard name such as *.example.com",
                "этому продукту нужен wildcard-домен, например *.example.com"
            )
        }
        (false, true) => words!(
            "this product takes no wildcard name as its main name",
            "основной домен этого продукта не может быть wildcard"
        ),
        _ => return Ok(()),
    };
    Err(Failure::field(Reason::NameNotAllowed, fields::CSR)
        .value(name.as_str())
        .detail(detail))
}

/// Refuses a name that no public authority certifies (Baseline Requirements, 4.2.2 and 3.2.2.6).
///
/// # Errors
/// An internal name, the name of an address, or a wildcard right below a public suffix.
pub fn public(field: &str, name: &DomainName) -> Result<(), Failure> {
    let detail = match name.standing() {
        Standing::Registrable => return Ok(()),
        Standing::Suffix if !name.is_wildcard() => return Ok(()),
        Standing::Suffix => words!(
            "{} is a public suffix, below which domains are registered: no authority issues a wildcard for all of them",
            "{} - публичный суффикс, под которым регистрируют домены: сертификат сразу на все не выпустит ни один центр сертификации",
            name.base()
        ),
        Standing::Single => words!(
            "a name without a dot belongs to an internal network, and no certificates are issued for those",
            "имя без точки относится к внутренней сети, для таких имён сертификаты не выпускаются"
        ),
        Standing::Unknown => words!(
            "its top-level domain '{}' is not in this version's list of public ones: no certificates are issued for internal names; if the domain is new, update pmssl",
            "домена верхнего уровня '{}' нет в списке публичных этой версии: для внутренних имён сертификаты не выпускаются; если домен новый, обновите pmssl",
            name.base().rsplit('.').next().unwrap_or_default()
        ),
        Standing::Reverse => words!(
            "it is the name of an address, and no certificates are issued for those",
            "это имя IP-адреса, для таких имён сертификаты не выпускаются"
        ),
    };
    Err(Failure::field(Reason::NameNotAllowed, field)
        .value(name.as_str())
        .detail(detail))
}

/// What the end of proof by e-mail means for a term that is bought today; a remark where that comes inside the term.
///
/// # Errors
/// No authority takes the method any more.
pub fn mail(
    template: &Template,
    method: Option<Method>,
    today: NaiveDate,
    term_end: Option<NaiveDate>,
) -> Result<Option<Remark>, Failure> {
    if method != Some(Method::Email) {
        return Ok(None);
    }
    let others = template.methods.iter().filter(|one| **one != Method::Email);
    let others: Vec<_> = others.map(|one| one.choice_word()).collect();
    let choice = match others.as_slice() {
        [] => words!(
            "this product has no other method: sell one that has",
            "у этого продукта нет другого способа: продавайте продукт, у которого он есть"
        ),
        _ => words!(
            "choose one of: {}",
            "выберите одно из: {}",
            others.join(", ")
        ),
    };
    if mail_proof(today) == MailProof::Forbidden {
        return Err(Failure::field(Reason::Invalid, fields::APPROVER_METHOD)
            .value(Method::Email.choice_word())
            .detail(words!(
                "no certificate authority accepts validation by e-mail since {MAIL_ENDS}; {choice}", "с {MAIL_ENDS} подтверждение по e-mail не принимает ни один центр сертификации; {choice}"; choice
            )));
    }
    let crosses = term_end.is_some_and(|end| end >= MAIL_ENDS);
    let remark = match others.is_empty() {
        true => Remark::MailEndsAlone,
        false => Remark::MailEnds,
    };
    Ok(crosses.then_some(remark))
}

/// What is to be said about a term that the product's authority does not sell as a matter of course. The vendor has the
/// last word: it may have asked for longer terms.
#[must_use]
pub fn term(template: &Template, months: u32, today: NaiveDate) -> Option<String> {
    let is_rare = template.is_of_digicert() && months > PLAN_MONTHS && today >= ONE_YEAR_PLANS;
    is_rare.then(|| {
        format!(
            "{}: DigiCert sells its brands for {PLAN_MONTHS} months at a time since {ONE_YEAR_PLANS}, longer terms on request only; {months} months may be refused",
            template.label
        )
    })
}

/// Whether a service of a product has a wildcard among its names.
#[must_use]
pub fn has_wildcard(service: &Service, template: &Template) -> bool {
    let further = service.parameter(fields::ADDITIONAL_NAMES);
    template.wildcard || further.is_some_and(|names| names.contains('*'))
}

/// The method that takes the place of e-mail: records before files, which wildcards cannot have.
#[must_use]
pub fn instead_of_mail(template: &Template, has_wildcard: bool) -> Option<Method> {
    let wanted = [
        Method::DnsCname,
        Method::DnsTxt,
        Method::HttpFile,
        Method::HttpsFile,
    ];
    wanted.into_iter().find(|method| {
        let is_file = matches!(method, Method::HttpFile | Method::HttpsFile);
        template.methods.contains(method) && !(is_file && has_wildcard)
    })
}

/// Whether two names are the bare and the `www` form of one.
fn is_www_pair(one: &DomainName, other: &DomainName) -> bool {
    let bare = |name: &DomainName| {
        name.as_str()
            .strip_prefix("www.")
            .unwrap_or(name.as_str())
            .to_owned()
    };
    one != other && !one.is_wildcard() && !other.is_wildcard() && bare(one) == bare(other)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::module::{Level, Method};

    const SINGLE: Template = Template {
        code: "t",
        label: "T",
        level: Level::Domain,
        organization: false,
        wildcard: false,
        www: false,
        multidomain: false,
        multidomain_wildcard: false,
        addresses: false,
        one_approver: false,
        csr_names: false,
        methods: &[Method::Email],
        current: true,
    };

    fn check(
        template: &Template,
        common_name: &str,
        additional: &[&str],
        bought: u32,
    ) -> Result<(), String> {
        let parse = |text: &str| DomainName::parse(text).unwrap();
        let additional: Vec<_> = additional.iter().map(|text| parse(text)).collect();
        let common_name = parse(common_name);
        names(template, &common_name, &additional)
            .and_then(|()| {
                count(
                    template,
                    listed(template, &common_name, &additional),
                    bought,
                )
            })
            .map_err(|failure| {
                format!(
                    "{:?} {} {}",
                    failure.reason(),
                    failure.object(),
                    failure.offending_value()
                )
            })
    }

    #[test]
    fn proof_by_mail_warns_before_it_ends_and_is_refused_afterwards() {
        const BOTH: &[Method] = &[Method::Email, Method::HttpFile, Method::DnsTxt];
        let both = Template {
            methods: BOTH,
            ..SINGLE
        };
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let of = |template: &Template, method, today: &str, end: &str| {
            mail(template, Some(method), day(today), Some(day(end)))
                .map_err(|failure| failure.words())
        };
        let mail_at = |today: &str, end: &str| of(&SINGLE, Method::Email, today, end);
        assert_eq!(mail_at("2027-03-14", "2028-03-14"), Ok(None));
        let crosses = mail_at("2027-03-16", "2028-03-16");
        assert_eq!(crosses, Ok(Some(Remark::MailEndsAlone)));
        let crosses = of(&both, Method::Email, "2027-03-16", "2028-03-16");
        assert_eq!(crosses, Ok(Some(Remark::MailEnds)));
        let refused = mail_at("2028-03-15", "2029-03-15").unwrap_err();
        assert!(refused.contains("sell one that has"), "{refused}");
        let choice = of(&both, Method::Email, "2028-03-15", "2029-03-15").unwrap_err();
        assert!(choice.contains("auth_http, auth_dnstxt"), "{choice}");
        assert_eq!(
            of(&both, Method::DnsTxt, "2028-03-15", "2029-03-15"),
            Ok(None)
        );
        assert_eq!(instead_of_mail(&both, false), Some(Method::DnsTxt));
        assert_eq!(instead_of_mail(&SINGLE, false), None);
        let file = Template {
            methods: &[Method::Email, Method::HttpFile],
            ..SINGLE
        };
        assert_eq!(instead_of_mail(&file, false), Some(Method::HttpFile));
        assert_eq!(instead_of_mail(&file, true), None);
    }

    #[test]
    fn long_terms_of_digicerts_brands_are_named_from_the_day_on_which_they_became_rare() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let of = |label, months, today: &str| {
            let template = Template { label, ..SINGLE };
            term(&template, months, day(today))
        };
        let remark = of("RapidSSL Wildcard", 24, "2026-02-24").unwrap();
        for part in ["RapidSSL Wildcard", "24 months", "12 months", "on request"] {
            assert!(remark.contains(part), "{part}: {remark}");
        }
        for brand in [
            "DigiCert Secure Site",
            "GeoTrust True BusinessID",
            "Thawte SSL123",
        ] {
            assert!(of(brand, 36, "2026-12-01").is_some(), "{brand}");
        }
        assert_eq!(of("RapidSSL", 12, "2026-12-01"), None);
        assert_eq!(of("RapidSSL", 24, "2026-02-23"), None);
        assert_eq!(of("PositiveSSL", 60, "2026-12-01"), None);
    }

    #[test]
    fn names_fit_their_product() {
        let wildcard = Template {
            wildcard: true,
            ..SINGLE
        };
        let www = Template {
            www: true,
            ..SINGLE
        };
        let multi = Template {
            multidomain: true,
            ..SINGLE
        };
        let multi_wildcard = Template {
            multidomain: true,
            wildcard: true,
            ..SINGLE
        };
        let multi_some_wildcard = Template {
            multidomain: true,
            multidomain_wildcard: true,
            ..SINGLE
        };
        let fits: [(&Template, &str, &[&str], u32); 9] = [
            (&SINGLE, "gov.uk", &[], 0),
            (&SINGLE, "example.com", &[], 0),
            (&wildcard, "*.example.com", &[], 0),
            (&www, "example.com", &["www.example.com"], 0),
            (&www, "www.example.com", &["example.com"], 0),
            (
                &multi,
                "example.com",
                &["example.net", "www.example.org"],
                2,
            ),
            (&multi_wildcard, "example.com", &["*.example.com"], 1),
            (&multi_wildcard, "*.example.com", &["*.example.net"], 5),
            (&multi_some_wildcard, "example.com", &["*.example.net"], 1),
        ];
        for (template, common_name, additional, bought) in fits {
            assert_eq!(
                check(template, common_name, additional, bought),
                Ok(()),
                "{common_name} {additional:?}"
            );
        }
        let misfits: [(&Template, &str, &[&str], u32, &str); 11] = [
            (
                &SINGLE,
                "*.example.com",
                &[],
                0,
                "NameNotAllowed csr *.example.com",
            ),
            (
                &SINGLE,
                "mail.local",
                &[],
                0,
                "NameNotAllowed csr mail.local",
            ),
            (&wildcard, "*.co.uk", &[], 0, "NameNotAllowed csr *.co.uk"),
            (
                &SINGLE,
                "example.com",
                &["mail.example.com"],
                0,
                "NameNotAllowed altname mail.example.com",
            ),
            (
                &wildcard,
                "www.example.com",
                &[],
                0,
                "NameNotAllowed csr www.example.com",
            ),
            (
                &www,
                "example.com",
                &["mail.example.com"],
                0,
                "NameNotAllowed altname mail.example.com",
            ),
            (
                &multi,
                "example.com",
                &["*.example.com"],
                9,
                "NameNotAllowed altname *.example.com",
            ),
            (
                &multi,
                "example.com",
                &["intranet"],
                9,
                "NameNotAllowed altname intranet",
            ),
            (
                &multi,
                "example.com",
                &["example.net"],
                0,
                "TooManyNames altname 1",
            ),
            (
                &multi,
                "example.com",
                &["a.example.net", "b.example.net"],
                1,
                "TooManyNames altname 2",
            ),
            (
                &multi_some_wildcard,
                "*.example.com",
                &[],
                0,
                "NameNotAllowed csr *.example.com",
            ),
        ];
        for (template, common_name, additional, bought, expected) in misfits {
            assert_eq!(
                check(template, common_name, additional, bought),
                Err(expected.to_owned()),
                "{common_name} {additional:?}"
            );
        }
    }
}
