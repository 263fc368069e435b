//! Questions to the domain name system, through the resolver of this machine or the one that `SSLResolver` names.

use std::cell::OnceCell;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use hickory_resolver::config::{NameServerConfig, ResolverOpts};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::xfer::{DnsHandle, FirstAnswer};
use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::op::{DnsRequest, DnsRequestOptions, Query, ResponseCode};
use hickory_resolver::proto::rr::{Name, RData, RecordType};
use hickory_resolver::{NameServerPool, PoolContext, TlsConfig, system_conf};

use crate::domain::{Caa, DnsAnswer};
use crate::order::names::Zone;

/// The word of the option that says: nothing is asked.
pub const OFF: &str = "off";

/// Port of name servers.
const PORT: u16 = 53;

/// Kinds of records that proofs of control are made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Record {
    /// Another name.
    Cname,
    /// A text.
    Txt,
}

type Pool = NameServerPool<TokioRuntimeProvider>;

/// Asks name servers, which are looked up when the first question comes.
pub struct Resolver {
    option: Option<String>,
    limit: Duration,
    pool: OnceCell<Option<Pool>>,
}

impl Resolver {
    /// The resolver that an option names, else those of `/etc/resolv.conf`. Where there is none, or none is wanted,
    /// nothing is answered. `limit`: the longest wait for one answer.
    #[must_use]
    pub fn new(option: Option<String>, limit: Duration) -> Self {
        Self {
            option,
            limit,
            pool: OnceCell::new(),
        }
    }

    fn pool(&self) -> Option<&Pool> {
        self.pool.get_or_init(|| self.open()).as_ref()
    }

    fn open(&self) -> Option<Pool> {
        let servers = match self.option.as_deref() {
            Some(text) if text.trim().eq_ignore_ascii_case(OFF) => return None,
            Some(text) => vec![server(address(text)?)],
            None => system_conf::read_system_conf().ok()?.0.name_servers,
        };
        let mut options = ResolverOpts::default();
        options.timeout = self.limit;
        options.attempts = 1;
        let context = Arc::new(PoolContext::new(options, TlsConfig::new().ok()?));
        let runtime = TokioRuntimeProvider::default();
        Some(NameServerPool::from_config(servers, context, runtime))
    }

    /// The texts of one kind of record.
    pub async fn texts(&self, name: &str, record: Record) -> DnsAnswer<String> {
        let kind = match record {
            Record::Cname => RecordType::CNAME,
            Record::Txt => RecordType::TXT,
        };
        self.ask(name, kind, true, |data| match data {
            RData::CNAME(target) if record == Record::Cname => Some(target.0.to_ascii()),
            RData::TXT(text) if record == Record::Txt => {
                let parts: Vec<u8> = text.txt_data.iter().flatten().copied().collect();
                Some(String::from_utf8_lossy(&parts).into_owned())
            }
            _ => None,
        })
        .await
    }

    async fn ask<T>(
        &self,
        name: &str,
        kind: RecordType,
        is_checked: bool,
        pick: impl Fn(&RData) -> Option<T>,
    ) -> DnsAnswer<T> {
        let (Some(pool), Ok(mut name)) = (self.pool(), Name::from_ascii(name)) else {
            return DnsAnswer::Silent;
        };
        name.set_fqdn(true);
        let question = Query::query(name, kind);
        let mut request = DnsRequest::from_query(question, DnsRequestOptions::default());
        request.metadata.checking_disabled = !is_checked;
        match pool.send(request).first_answer().await {
            Ok(reply) => {
                let found: Vec<T> = reply
                    .answers
                    .iter()
                    .filter_map(|one| pick(&one.data))
                    .collect();
                match found.is_empty() {
                    true => DnsAnswer::Nothing,
                    false => DnsAnswer::Found(found),
                }
            }
            Err(NetError::Dns(DnsError::NoRecordsFound(none))) => match none.response_code {
                ResponseCode::NXDomain => DnsAnswer::NoName,
                _ => DnsAnswer::Nothing,
            },
            Err(NetError::Dns(DnsError::ResponseCode(ResponseCode::ServFail))) => DnsAnswer::Failed,
            Err(_) => DnsAnswer::Silent,
        }
    }
}

#[async_trait(?Send)]
impl Zone for Resolver {
    fn is_open(&self) -> bool {
        self.pool().is_some()
    }

    async fn caa(&self, name: &str, is_checked: bool) -> DnsAnswer<Caa> {
        self.ask(name, RecordType::CAA, is_checked, |data| match data {
            RData::CAA(caa) => Some(Caa {
                is_critical: caa.issuer_critical,
                tag: caa.tag.to_ascii_lowercase(),
                value: String::from_utf8_lossy(&caa.value).into_owned(),
            }),
            _ => None,
        })
        .await
    }
}

/// The place that an option names.
#[must_use]
pub fn address(text: &str) -> Option<SocketAddr> {
    let text = text.trim();
    let bare = text.parse::<IpAddr>().map(|ip| SocketAddr::new(ip, PORT));
    bare.ok().or_else(|| text.parse().ok())
}

fn server(address: SocketAddr) -> NameServerConfig {
    let mut server = NameServerConfig::udp_and_tcp(address.ip());
    for connection in &mut server.connections {
        connection.port = address.port();
    }
    server
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_addresses_with_or_without_port() {
        for (text, place) in [
            ("192.0.2.53", Some("192.0.2.53:53")),
            (" 127.0.0.1:5353 ", Some("127.0.0.1:5353")),
            ("2001:db8::53", Some("[2001:db8::53]:53")),
            ("[::1]:5353", Some("[::1]:5353")),
            ("dns.example.com", None),
            ("", None),
        ] {
            assert_eq!(
                address(text),
                place.map(|text| text.parse().unwrap()),
                "{text}"
            );
        }
        for nowhere in ["Off", "dns.example.com"] {
            let resolver = Resolver::new(Some(nowhere.to_owned()), Duration::from_secs(1));
            assert!(resolver.pool().is_none(), "{nowhere}");
        }
    }
}
