//! Who approves, and how each name is validated (thesslstore.md 5.3, 6.4).

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::super::csr::Csr;
use super::super::mail_has_ended;
use super::place::{flag, text};
use super::products::{Family, Names, Product};
use super::refusal::Refusal;
use super::state::Check;
use super::switches::{Choice, Switches};

/// The known approver addresses of a name: five boxes at the name and at each domain above it, down to
/// the registrable one (5.3).
pub fn approvers(domain: &str) -> Vec<String> {
    let domain = domain.trim_start_matches("*.");
    let registrable = psl::domain_str(domain).unwrap_or(domain);
    let mut bases = vec![domain];
    let mut rest = domain;
    while rest.len() > registrable.len() {
        let Some((_, above)) = rest.split_once('.') else {
            break;
        };
        bases.push(above);
        rest = above;
    }
    let boxes = [
        "admin",
        "administrator",
        "hostmaster",
        "postmaster",
        "webmaster",
    ];
    bases
        .iter()
        .flat_map(|base| boxes.iter().map(move |name| format!("{name}@{base}")))
        .collect()
}

/// Validation by name from indicators and approvers (6.4).
pub fn checks(
    product: &Product,
    csr: &Csr,
    names: &[String],
    request: &Value,
    approver_field: &str,
    switches: &Switches,
) -> Result<Vec<Check>, Refusal> {
    let indicators: Vec<&str> = [
        ("FileAuthDVIndicator", "HTTP_CSR_HASH"),
        ("HTTPSFileAuthDVIndicator", "HTTPS_CSR_HASH"),
        ("CNAMEAuthDVIndicator", "CNAME_CSR_HASH"),
    ]
    .into_iter()
    .filter(|(name, _)| flag(request, name))
    .map(|(_, word)| word)
    .collect();
    if indicators.len() > 1 {
        return Err(Refusal::own("More than one validation indicator"));
    }
    let common_name = &csr.common_name;
    let unique = text(request, "CSRUniqueValue");
    if unique.len() > 20 || !unique.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Err(Refusal::own("CSRUniqueValue is not valid"));
    }
    let list: Vec<&str> = text(request, approver_field).split(',').collect();
    let by_name = product.family == Family::Sectigo && product.is_multi();
    let mut domains = vec![common_name.as_str()];
    if product.names != Names::Below {
        domains.extend(names.iter().map(String::as_str));
    }
    let methods: Vec<String> = if by_name && (!names.is_empty() || indicators.is_empty()) {
        if !indicators.is_empty() {
            return Err(Refusal::own(
                "A multi-domain order takes its methods from ApproverEmail",
            ));
        }
        if list.len() != domains.len() {
            return Err(Refusal::own(format!(
                "ApproverEmail has {} entries for {} names",
                list.len(),
                domains.len()
            )));
        }
        let entries = domains.iter().zip(&list);
        entries
            .map(|(domain, entry)| entry_method(entry, domain, switches))
            .collect::<Result<_, _>>()?
    } else {
        let [entry] = list.as_slice() else {
            return Err(Refusal::own("ApproverEmail must have one entry"));
        };
        let method = match (product.family, digicert_word(entry), indicators.first()) {
            (Family::DigiCert, Some(word), _) if switches.digicert_approver != Choice::Second => {
                word.to_owned()
            }
            (Family::DigiCert, _, _) if switches.digicert_approver == Choice::First => {
                return Err(Refusal::authority("The approver method is not valid"));
            }
            (_, _, indicator) => {
                let address = allowed_address(entry, common_name)?;
                indicator.map_or(address, |word| (*word).to_owned())
            }
        };
        vec![method; domains.len()]
    };
    // Since December 2021 a file proves one host only, never a wildcard (CA/Browser Forum ballot SC45).
    let by_file = |method: &str| matches!(method, "HTTP_CSR_HASH" | "HTTPS_CSR_HASH" | "FILE");
    let mut pairs = domains.iter().zip(&methods);
    if pairs.any(|(domain, method)| domain.starts_with("*.") && by_file(method)) {
        return Err(Refusal::authority("A file cannot validate a wildcard"));
    }
    Ok(domains
        .iter()
        .zip(methods)
        .map(|(domain, method)| Check {
            domain: (*domain).to_owned(),
            method,
            done: false,
            token: super::super::csr::hex(&<sha2::Sha256 as sha2::Digest>::digest(format!(
                "{}|{unique}|{domain}",
                csr.fingerprint()
            ))),
        })
        .collect())
}

/// Proof by e-mail has its end. The words are those for any method that does not fit; the vendor's own are not known.
pub fn mail_counts(checks: &[Check], now: DateTime<Utc>) -> Result<(), Refusal> {
    match checks.iter().any(Check::is_by_mail) && mail_has_ended(now) {
        true => Err(Refusal::authority("The approver method is not valid")),
        false => Ok(()),
    }
}

fn digicert_word(entry: &str) -> Option<&'static str> {
    match entry {
        "EMAIL" => Some("EMAIL"),
        "HTTP" => Some("FILE"),
        "DNS" => Some("DNS"),
        "dns_cname_token" => Some("DNS_CNAME_TOKEN"),
        _ => None,
    }
}

fn entry_method(entry: &str, domain: &str, switches: &Switches) -> Result<String, Refusal> {
    let long = match entry {
        "HTTP_CSR_HASH" | "HTTPS_CSR_HASH" | "CNAME_CSR_HASH" => Some(entry),
        _ => None,
    };
    let short = match entry {
        "HTTP" => Some("HTTP_CSR_HASH"),
        "HTTPS" => Some("HTTPS_CSR_HASH"),
        "DNS" => Some("CNAME_CSR_HASH"),
        _ => None,
    };
    let word = match switches.tokens {
        Choice::Either => long.or(short),
        Choice::First => long,
        Choice::Second => short,
    };
    match word {
        Some(word) => Ok(word.to_owned()),
        None => allowed_address(entry, domain),
    }
}

/// An address, when it is one of the approver list of the name.
pub fn allowed_address(entry: &str, domain: &str) -> Result<String, Refusal> {
    if approvers(domain).iter().any(|known| known == entry) {
        return Ok(entry.to_owned());
    }
    Err(Refusal::authority(format!(
        "The approver e-mail address is not allowed for {domain}"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn approvers_end_at_the_registrable_domain() {
        let list = approvers("*.shop.example.co.uk");
        assert_eq!(list.len(), 10);
        assert!(list.contains(&"admin@shop.example.co.uk".to_owned()));
        assert!(list.contains(&"webmaster@example.co.uk".to_owned()));
    }
}
