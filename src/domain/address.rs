//! IP addresses that stand where names are expected.

use std::net::IpAddr;

/// The IP address that a word is, brackets of a web address around it or not.
#[must_use]
pub fn address(word: &str) -> Option<IpAddr> {
    let word = word.trim();
    let inside = word
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    inside.unwrap_or(word).parse().ok()
}

/// Whether an address is one of the public internet (IANA's registries of special purposes): others are not certified
/// (Baseline Requirements, 4.2.2), and nobody is asked there for a proof.
#[must_use]
pub fn is_public_address(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            let [a, b, c, _] = v4.octets();
            !(v4.is_private()
                || v4.is_loopback()
                || v4.is_link_local()
                || v4.is_broadcast()
                || v4.is_documentation()
                || v4.is_multicast()
                || a == 0
                || a >= 240
                || (a == 100 && (64..128).contains(&b))
                || (a == 198 && (b == 18 || b == 19))
                || (a == 192 && b == 0 && c == 0))
        }
        IpAddr::V6(v6) => {
            let [first, second, ..] = v6.segments();
            // Global unicast, without the blocks for documents (RFC 3849, RFC 9637) and the tunnels of 2001::/23 and
            // 2002::/16.
            (0x2000..0x4000).contains(&first)
                && first != 0x2002
                && !(first == 0x2001 && (second == 0xdb8 || second < 0x200))
                && !(first == 0x3fff && second < 0x1000)
        }
    }
}

#[cfg(test)]
mod tests;
