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
            let claim = address.and_then(|address| UdpSocket::bind((address, CLAIM)).ok());
            if let (Some(address), Some(claim)) = (address, claim) {
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

/// The address of a number, unless it is one that belongs to the machine or to nobody.
fn address(number: u32) -> Option<Ipv4Addr> {
    let [_, a, b, c] = number.to_be_bytes();
    (a != 0 && c != 0 && c != 255).then(|| Ipv4Addr::new(127, a, b, c))
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
        for number in [0, 1, 0xff_ff, 0x01_00_00, 0x01_00_ff, 0x0100_0001] {
            assert_eq!(address(number), None, "{number:x}");
        }
        let last = address(0xff_ff_fe);
        assert_eq!(last, Some(Ipv4Addr::new(127, 255, 255, 254)));
        let wrapped = address(0xfe01_0203);
        assert_eq!(wrapped, Some(Ipv4Addr::new(127, 1, 2, 3)));
    }
}
