//! `tune_connection` and `usercreate`: the account form, extended (billmanager.md 3.1).

use std::net::IpAddr;

use super::Context;
use crate::failure::{Failure, Reason};
use crate::module::SettingKind;
use crate::platform::documents::{self, Addition};

/// Fills the selects: a select has no choices of its own (billmanager.md 3.1).
pub(super) fn tune_connection(context: &Context<'_>) -> Result<String, Failure> {
    let additions: Vec<Addition> = context
        .module
        .selects()
        .map(|setting| {
            let known = setting
                .choices()
                .iter()
                .map(|(value, _)| ((*value).to_owned(), setting.choice_key(value)));
            let mut entries: Vec<(String, String)> = known.collect();
            if setting.kind == SettingKind::HostAddress {
                entries.extend(
                    host_addresses()
                        .iter()
                        .map(|address| (address.to_string(), address.to_string())),
                );
            }
            Addition::Choices {
                field: setting.name,
                entries,
            }
        })
        .collect();
    documents::extend_form(&context.input, &additions)
}

/// Adds the link to the vendor's registration page.
pub(super) fn usercreate(context: &Context<'_>) -> Result<String, Failure> {
    let Some(link) = context.module.registration else {
        return Err(
            Failure::field(Reason::NotSupported, "usercreate").detail(words!(
                "{} has no public registration page",
                "у {} нет общедоступной страницы регистрации",
                context.module.vendor
            )),
        );
    };
    documents::extend_form(
        &context.input,
        &[Addition::RegistrationLink(link.to_owned())],
    )
}

/// Addresses from which this host can send, without asking any other machine: the address that the
/// kernel would choose towards a documentation address is read, nothing is sent. Further addresses of
/// the host come from its host name, as the official module does it.
fn host_addresses() -> Vec<IpAddr> {
    use std::net::{ToSocketAddrs, UdpSocket};
    let mut found: Vec<IpAddr> = Vec::new();
    for (bind, towards) in [("0.0.0.0:0", "192.0.2.1:9"), ("[::]:0", "[2001:db8::1]:9")] {
        let chosen = UdpSocket::bind(bind).and_then(|socket| {
            socket.connect(towards)?;
            socket.local_addr()
        });
        found.extend(chosen.map(|address| address.ip()));
    }
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    if let Ok(addresses) = (host.trim(), 0).to_socket_addrs() {
        found.extend(addresses.map(|address| address.ip()));
    }
    found.retain(|address| !address.is_loopback() && !address.is_unspecified());
    found.sort();
    found.dedup();
    found
}
