//! Whether a proof of domain control can be seen from this machine: only then a vendor is asked to look
//! now. What cannot be seen is not asked for; the vendor looks by itself all the same.

use std::net::IpAddr;
use std::time::Duration;

use async_trait::async_trait;
use tokio::time::timeout;

use crate::ca::http::{Http, Method, Request, SendClass, Url};
use crate::ca::{ConnectOptions, Timeouts, ValidationRecord, ValidationTask};
use crate::dns::{Record, Resolver};
use crate::domain::{DnsAnswer, DomainName, is_public_address};

/// Longest wait for one answer.
const LIMIT: Duration = Duration::from_secs(3);

/// Where vendors ask for proofs to be published: RFC 8555, and the Baseline Requirements, 3.2.2.4.18.
const FOLDERS: [&str; 2] = [
    "/.well-known/pki-validation/",
    "/.well-known/acme-challenge/",
];

/// Sees published proofs.
#[async_trait(?Send)]
pub(super) trait ProofLookup {
    /// Whether the proof is in place.
    async fn is_published(&self, record: &ValidationRecord) -> bool;
}

/// Looks over the network.
pub(super) struct NetworkLookup {
    resolver: Resolver,
    http: Option<Http>,
    /// Names are looked up by the proxy, which is the one that reaches out.
    by_proxy: bool,
}

impl NetworkLookup {
    /// Uses the resolver that the option names, or this machine's, and the way out to vendors.
    pub(super) fn new(connect_options: &ConnectOptions, resolver: Option<String>) -> Self {
        let connect_options = ConnectOptions {
            timeouts: Timeouts {
                connect: LIMIT,
                read: LIMIT,
                pause: Duration::from_millis(100),
                ..connect_options.timeouts
            },
            ..connect_options.clone()
        };
        Self {
            resolver: Resolver::new(resolver, LIMIT),
            by_proxy: connect_options.proxy.is_some(),
            http: Http::new(&connect_options, None).ok(),
        }
    }

    async fn file(&self, name: &DomainName, url: &str, content: &str) -> bool {
        let (Some(http), Ok(url)) = (&self.http, Url::parse(url)) else {
            return false;
        };
        let Some(host) = host_of_proof(&url, name) else {
            crate::log!(
                Main,
                Warning,
                "a proof of {name} is not looked for at {url}: no vendor publishes it there"
            );
            return false;
        };
        if !self.by_proxy && !is_outside(host).await {
            return false;
        }
        let request = Request {
            operation: "proof file",
            method: Method::GET,
            url,
            headers: Vec::new(),
            body: None,
            class: SendClass::Read,
        };
        let Ok(reply) = http.send(request).await else {
            return false;
        };
        let lines =
            |text: &str| -> Vec<String> { text.split_whitespace().map(str::to_owned).collect() };
        reply.is_success() && lines(&reply.text()) == lines(content)
    }

    async fn record(&self, name: &str, kind: Record, value: &str) -> bool {
        let DnsAnswer::Found(values) = self.resolver.texts(name, kind).await else {
            return false;
        };
        let plain = |text: &str| text.trim_end_matches('.').to_ascii_lowercase();
        values.iter().any(|found| match kind {
            Record::Cname => plain(found) == plain(value),
            Record::Txt => found == value,
        })
    }
}

#[async_trait(?Send)]
impl ProofLookup for NetworkLookup {
    async fn is_published(&self, record: &ValidationRecord) -> bool {
        match &record.task {
            ValidationTask::Email(_) => false,
            ValidationTask::File { url, content } => self.file(&record.name, url, content).await,
            ValidationTask::Cname { name, value } => self.record(name, Record::Cname, value).await,
            ValidationTask::Txt { name, value } => self.record(name, Record::Txt, value).await,
        }
    }
}

/// The host of an address at which proofs of a name are published: the name itself or a domain above it. Addresses come
/// from vendors: nothing else of a network is asked for, no port, no other path, no host without a registrable domain.
fn host_of_proof<'u>(url: &'u Url, name: &DomainName) -> Option<&'u str> {
    let host = url.domain()?;
    let is_plain = matches!(url.scheme(), "http" | "https")
        && url.port().is_none()
        && url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none();
    let file = FOLDERS
        .iter()
        .find_map(|folder| url.path().strip_prefix(folder))?;
    let is_file = !file.is_empty()
        && file
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
    let is_of_name = name.is_at_or_below(host) && psl::domain_str(host).is_some();
    (is_plain && is_file && is_of_name).then_some(host)
}

/// Whether all addresses of a name are public: a name of a client may point into the network of the shop.
async fn is_outside(host: &str) -> bool {
    let found = timeout(LIMIT, tokio::net::lookup_host((host, 80))).await;
    let Ok(Ok(addresses)) = found else {
        return false;
    };
    let mut addresses = addresses.map(|address| address.ip()).peekable();
    addresses.peek().is_some() && addresses.all(is_public)
}

/// Whether an address belongs to the public network; the system writes one of version 4 as one of version 6, too.
fn is_public(address: IpAddr) -> bool {
    is_public_address(address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;
    use pmssl_sandbox::dns::{Record as Published, Server};

    #[test]
    fn a_vendor_cannot_make_the_daemon_ask_for_anything_else_than_a_proof() {
        let name = DomainName::parse("*.shop.example.com").unwrap();
        for (url, is_asked) in [
            ("http://example.com/.well-known/pki-validation/A1.txt", true),
            (
                "https://shop.example.com/.well-known/acme-challenge/a-b_C",
                true,
            ),
            // Names that are not proved there.
            (
                "http://example.org/.well-known/pki-validation/A1.txt",
                false,
            ),
            (
                "http://www.shop.example.com/.well-known/pki-validation/A1.txt",
                false,
            ),
            (
                "http://hop.example.com/.well-known/pki-validation/A1.txt",
                false,
            ),
            ("http://example.com/admin", false),
            ("http://example.com/.well-known/pki-validation/", false),
            (
                "http://example.com/.well-known/pki-validation/../../admin",
                false,
            ),
            (
                "http://example.com/.well-known/pki-validation/%2e%2e/x",
                false,
            ),
            (
                "http://example.com/.well-known/pki-validation/a/b.txt",
                false,
            ),
            (
                "http://example.com/.well-known/pki-validation/a.txt?delete=1",
                false,
            ),
            (
                "http://example.com:8080/.well-known/pki-validation/A1.txt",
                false,
            ),
            (
                "http://u:p@example.com/.well-known/pki-validation/A1.txt",
                false,
            ),
            ("ftp://example.com/.well-known/pki-validation/A1.txt", false),
            ("file:///.well-known/pki-validation/A1.txt", false),
            ("http://127.0.0.1/.well-known/pki-validation/A1.txt", false),
            ("http://[::1]/.well-known/pki-validation/A1.txt", false),
            ("http://2130706433/.well-known/pki-validation/A1.txt", false),
            ("http://0x7f.1/.well-known/pki-validation/A1.txt", false),
            ("http://localhost/.well-known/pki-validation/A1.txt", false),
            ("http://com/.well-known/pki-validation/A1.txt", false),
        ] {
            let url = Url::parse(url).unwrap();
            assert_eq!(host_of_proof(&url, &name).is_some(), is_asked, "{url}");
        }
    }

    #[test]
    fn addresses_of_the_shops_own_network_are_not_asked() {
        for address in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.0.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "192.0.0.8",
            "192.0.2.1",
            "198.18.0.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:10.0.0.1",
            "fe80::1",
            "fc00::1",
            "fd00:ec2::254",
            "ff02::1",
            "64:ff9b::a00:1",
            "2001:db8::1",
            "2002:a00:1::1",
            "2001::1",
        ] {
            assert!(!is_public(address.parse().unwrap()), "{address}");
        }
        for address in [
            "1.1.1.1",
            "100.128.0.1",
            "198.51.99.1",
            "2606:4700::1111",
            "2a00:1450::1",
            "2001:4860::1",
        ] {
            assert!(is_public(address.parse().unwrap()), "{address}");
        }
    }

    #[tokio::test]
    async fn a_name_that_points_inside_is_not_asked() {
        assert!(!is_outside("localhost").await);
        assert!(!is_outside("10.0.0.1").await);
        assert!(!is_outside("").await);
    }

    #[tokio::test]
    async fn a_record_is_seen_when_it_is_published() {
        let server = Server::start();
        server.publish(
            "_p.example.com",
            Published::Cname("X.example.com".to_owned()),
        );
        server.publish("_t.example.com", Published::Txt("one-two".to_owned()));
        let lookup = NetworkLookup {
            resolver: Resolver::new(Some(server.place()), LIMIT),
            http: None,
            by_proxy: false,
        };
        let record = |task| ValidationRecord {
            name: DomainName::parse("example.com").unwrap(),
            task,
            done: false,
        };
        let cname = |value: &str| {
            record(ValidationTask::Cname {
                name: "_p.example.com".into(),
                value: value.into(),
            })
        };
        let txt = |name: &str, value: &str| {
            record(ValidationTask::Txt {
                name: name.into(),
                value: value.into(),
            })
        };
        assert!(lookup.is_published(&cname("x.example.com.")).await);
        assert!(!lookup.is_published(&cname("y.example.com")).await);
        assert!(lookup.is_published(&txt("_t.example.com", "one-two")).await);
        assert!(!lookup.is_published(&txt("_t.example.com", "one")).await);
        assert!(
            !lookup
                .is_published(&txt("_none.example.com", "one-two"))
                .await
        );
        assert!(!lookup.is_published(&txt("a..b", "one-two")).await);
        let mail = record(ValidationTask::Email("a@example.com".into()));
        assert!(!lookup.is_published(&mail).await);
    }
}
