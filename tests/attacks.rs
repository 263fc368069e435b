//! Attacks on the program, each as its attacker would run it: a client, a vendor, a user of the machine, a careless
//! administrator. What a pure function can refuse is tested beside that function; the whole list with what holds
//! each of them off is in docs/security.md.

mod careless;
mod client;
mod host;
mod order;
mod root;
mod vendor;

use std::io::Write;
use std::path::Path;

/// Counts what held, and says so at the end.
struct Tally {
    who: &'static str,
    count: usize,
}

impl Tally {
    fn of(who: &'static str) -> Self {
        Self { who, count: 0 }
    }

    fn held(&mut self) {
        self.count += 1;
    }
}

impl Drop for Tally {
    fn drop(&mut self) {
        // Past the capture of tests, as figures of proofs are.
        let _ = writeln!(
            std::io::stderr(),
            "attacks: {}: {} held",
            self.who,
            self.count
        );
    }
}

fn pipe(place: &Path) {
    std::fs::create_dir_all(place.parent().unwrap()).unwrap();
    let mode = rustix::fs::Mode::from_raw_mode(0o600);
    rustix::fs::mkfifoat(rustix::fs::CWD, place, mode).unwrap();
}
