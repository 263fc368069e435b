//! A loopback address of one's own. Linux routes all of 127.0.0.0/8 to this machine, so that every world has an
//! address that no other has: a program that a former world left behind, and that asks a port which the system
//! has given out again, reaches nobody. Within 127.0.0.1 it reached whatever world had the port now, and was
//! taken for a mistake of the product there.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// The port by which an address is taken: nothing is ever sent to it.
const CLAIM: u16 = 5127;

/// An address, this world's as long as this lives.
#[derive(Debug)]
pub struct Home {
    address: Ipv4Addr,
    _claim: UdpSocket,
}

impl Home {
    /// An address that nobody has now and, but for a chance of one in millions, nobody had before.
    pub fn new() -> Self {
        static NEXT: OnceLock<AtomicU32> = OnceLock::new();
        let next = NEXT.get_or_init(|| {
            let chance = RandomState::new().build_hasher().finish();
            AtomicU32::new(u32::try_from(chance >> 40).unwrap_or_default())
        });
        for _ in 0..10_000 {
            let address = address(next.fetch_add(1, Ordering::Relaxed));
            let claim = UdpSocket::bind((address, CLAIM));
            if let Ok(claim) = claim {
                return Self {
                    address,
                    _claim: claim,
                };
            }
        }
        panic!("no free loopback address in 127.0.0.0/8");
    }

    /// The address.
    pub fn address(&self) -> IpAddr {
        self.address.into()
    }

    /// Any free port here.
    pub fn any_port(&self) -> SocketAddr {
        SocketAddr::from((self.address, 0))
    }
}

impl Default for Home {
    fn default() -> Self {
        Self::new()
    }
}

/// The address of a number: each number has one, and none of them belongs to the machine or to nobody.
fn address(number: u32) -> Ipv4Addr {
    let (host, rest) = (number % 254 + 1, number / 254);
    let (third, second) = (rest % 256, rest / 256 % 255 + 1);
    Ipv4Addr::from_bits((127 << 24) | (second << 16) | (third << 8) | host)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn no_two_have_the_same_address() {
        let homes: Vec<Home> = (0..300).map(|_| Home::new()).collect();
        let addresses: BTreeSet<IpAddr> = homes.iter().map(Home::address).collect();
        assert_eq!(addresses.len(), homes.len());
        assert!(addresses.iter().all(IpAddr::is_loopback));
        assert!(!addresses.contains(&IpAddr::from(Ipv4Addr::LOCALHOST)));
    }

    #[test]
    fn an_address_that_another_program_has_is_left_to_it() {
        let first = Home::new();
        let again = UdpSocket::bind((first.address, CLAIM));
        assert!(again.is_err());
    }

    #[test]
    fn the_machines_own_addresses_are_not_taken() {
        let ends = [0, 1, 253, 254, 0xff_ff, 0x01_00_00, u32::MAX - 1, u32::MAX];
        for number in ends.into_iter().chain((0..u32::MAX).step_by(99_991)) {
            let [first, second, _, host] = address(number).octets();
            assert!(first == 127 && second != 0, "{number:x}");
            assert!((1..=254).contains(&host), "{number:x}");
        }
    }
}
