//! What is coming: the forecast of the services that have just been issued.

use serde_json::Value;

use super::{MODULE, Tour, expect};

/// Weeks until all terms of the tour have ended.
const WEEKS: &str = "150";

impl Tour {
    /// Every paid term ends once, and needs further certificates before.
    pub(super) fn forecast(&mut self, services: usize) {
        self.heading("\nLook ahead (pmssl forecast)");
        let words = ["forecast", "--weeks", WEEKS, "--module", MODULE, "--json"];
        let told = self.world.tool(&words).output().expect("pmssl forecast");
        let rows: Vec<Value> = serde_json::from_slice(&told.stdout).unwrap_or_default();
        let sum = |what: &str| {
            let numbers = rows.iter().filter_map(|row| row[what].as_u64());
            usize::try_from(numbers.sum::<u64>()).unwrap_or_default()
        };
        let (reissues, client) = (sum("reissues"), sum("client"));
        let good = sum("renewals") == services
            && reissues >= services
            && client <= reissues
            && sum("lapses") + sum("unknown") == 0;
        let seen = format!(
            "{reissues} reissues, {client} of them with the client, then {services} renewals"
        );
        let wrong = format!("{rows:?} {}", String::from_utf8_lossy(&told.stderr));
        self.step("all paid terms", expect(good, &seen, &wrong));
    }
}
