//! What a client has to publish or answer, and how an existing order is proved (globalsign.md 6).

use super::mapping::Plan;
use super::model::reply::{OrderDetail, Ordered};
use super::product::ProofMethod;
use crate::ca::{ValidationRecord, ValidationTask};
use crate::domain::{DomainName, Purchase};

/// Where the vendor fetches the file of an HTTP proof (globalsign.md 6).
const PROOF_PATH: &str = "/.well-known/pki-validation/gsdv.txt";

/// What the client has to do, as far as the order's answer tells.
pub(super) fn placed(purchase: &Purchase, plan: &Plan, reply: &Ordered) -> Vec<ValidationRecord> {
    let common_name = &purchase.common_name;
    if let Some(approver) = &plan.approver {
        return vec![email_record(common_name, approver.as_str(), false)];
    }
    let record = |host: String, task| ValidationRecord {
        name: host_name(common_name, &host),
        task,
        done: false,
    };
    if let Some(value) = &reply.dns_txt {
        let listed = reply.verification_fqdns.iter().flat_map(|list| &list.names);
        let hosts = hosts(common_name, listed).into_iter();
        return hosts
            .map(|host| {
                let task = ValidationTask::Txt {
                    name: host.clone(),
                    value: value.clone(),
                };
                record(host, task)
            })
            .collect();
    }
    if let Some(content) = &reply.meta_tag {
        let listed = reply.verification_urls.iter().flat_map(|list| &list.names);
        let hosts = hosts(common_name, listed).into_iter();
        return hosts
            .map(|host| {
                let task = ValidationTask::File {
                    url: format!("http://{host}{PROOF_PATH}"),
                    content: content.clone(),
                };
                record(host, task)
            })
            .collect();
    }
    Vec::new()
}

/// Where the proof may stand: at any one of the listed names, the common name without `*.` first. Without a
/// list it is that one.
fn hosts<'a>(common_name: &DomainName, listed: impl Iterator<Item = &'a String>) -> Vec<String> {
    let own = common_name.base();
    let mut hosts: Vec<String> = Vec::new();
    for host in listed.map(|entry| bare_host(entry)) {
        if !host.is_empty() && !hosts.contains(&host) {
            hosts.push(host);
        }
    }
    if hosts.is_empty() {
        hosts.push(own.to_owned());
    }
    hosts.sort_by_key(|host| host != own);
    hosts
}

/// A host without scheme, path, asterisk and trailing dot; the forms occur in lists.
fn bare_host(entry: &str) -> String {
    let entry = entry.trim();
    let entry = entry.split_once("://").map_or(entry, |(_, rest)| rest);
    let host = entry.split('/').next().unwrap_or_default();
    let host = host.strip_prefix("*.").unwrap_or(host);
    host.trim_end_matches('.').to_ascii_lowercase()
}

/// The name a record is filed under: the ordered one unless the proof stands at another host.
fn host_name(common_name: &DomainName, host: &str) -> DomainName {
    if common_name.base() == host {
        return common_name.clone();
    }
    DomainName::parse(host).unwrap_or_else(|_| common_name.clone())
}

fn email_record(name: &DomainName, address: &str, done: bool) -> ValidationRecord {
    ValidationRecord {
        name: name.clone(),
        task: ValidationTask::Email(address.to_owned()),
        done,
    }
}

/// What a look-up tells about validation: the approver's address. TXT values and files are told by
/// the order's answer only (globalsign.md 10).
pub(super) fn known(detail: &OrderDetail) -> Vec<ValidationRecord> {
    let options = detail.order_option.as_ref();
    let address = options.and_then(|o| o.approver_email_address.as_deref());
    let name = detail
        .order_info
        .as_ref()
        .and_then(|info| DomainName::parse(info.domain_name.as_deref()?).ok());
    match (address, name) {
        (Some(address), Some(name)) => {
            let done = options.is_some_and(|o| o.approver_confirm_date.is_some());
            vec![email_record(&name, address, done)]
        }
        _ => Vec::new(),
    }
}

/// How an existing order is proved, by what a look-up shows of it: the DNS flag, an approver address,
/// the product code, the address to verify. The code alone is not enough, since replies do not always
/// repeat the ordered one (globalsign.md 4.2).
pub(super) fn proof_of(detail: &OrderDetail) -> Option<ProofMethod> {
    let info = detail.order_info.as_ref();
    let sub = detail.order_sub_info.as_ref();
    let code = info
        .and_then(|i| i.product_code.as_deref())
        .unwrap_or_default();
    let dns_flag = sub
        .and_then(|s| s.dns_order_flag.as_deref())
        .is_some_and(|flag| flag.eq_ignore_ascii_case("true") || flag == "1");
    let approver = detail
        .order_option
        .as_ref()
        .and_then(|o| o.approver_email_address.as_ref());
    if dns_flag || code.contains("_DNS") {
        Some(ProofMethod::Dns)
    } else if code.contains("_URL") || sub.is_some_and(|s| s.verification_url.is_some()) {
        Some(ProofMethod::Url)
    } else if approver.is_some() {
        Some(ProofMethod::Email)
    } else if code.starts_with("DV") {
        Some(ProofMethod::Url)
    } else {
        None
    }
}

/// Hosts at which the proof of a name may stand: its own and every one above it, down to the registrable domain. The
/// client may have published at any that the order's answer lists.
pub(super) fn proof_hosts(name: &DomainName) -> Vec<&str> {
    let own = name.base();
    let last = name.registrable().unwrap_or(own);
    let mut hosts = vec![own];
    let mut host = own;
    while host.len() > last.len()
        && let Some((_, above)) = host.split_once('.')
    {
        hosts.push(above);
        host = above;
    }
    hosts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proof_may_stand_at_the_name_or_above_it() {
        let hosts = |text: &str| {
            let name = DomainName::parse(text).unwrap();
            proof_hosts(&name).join(" ")
        };
        assert_eq!(hosts("example.com"), "example.com");
        assert_eq!(hosts("*.example.com"), "example.com");
        assert_eq!(hosts("www.example.com"), "www.example.com example.com");
        assert_eq!(
            hosts("www.shop.example.co.uk"),
            "www.shop.example.co.uk shop.example.co.uk example.co.uk"
        );
        assert_eq!(
            hosts("*.a.b.example.com"),
            "a.b.example.com b.example.com example.com"
        );
    }
}
