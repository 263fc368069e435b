//! What all runs of a search share: requests for certificates and the services' parameters.

use std::collections::BTreeMap;

use super::scenarios::Scenario;
use crate::certificate::testing::csr;

/// 2026-02-01, noon.
pub(super) const BEGIN: i64 = 1_769_947_200;

pub(super) struct Supplies {
    /// Requests of the first and of the second service, one name.
    requests: [String; 2],
}

const NAME: &str = "www.example.com";

impl Supplies {
    pub(super) fn new() -> Self {
        let one = || csr(&[NAME]).pem().to_owned();
        Self {
            requests: [one(), one()],
        }
    }

    pub(super) fn csr(&self, scenario: &Scenario, item: u64) -> String {
        let is_second = item != scenario.items[0] && !scenario.same_csr;
        self.requests[usize::from(is_second)].clone()
    }

    pub(super) fn name(&self, _: &Scenario, _: u64) -> String {
        NAME.to_owned()
    }

    pub(super) fn parameters(&self, scenario: &Scenario, item: u64) -> BTreeMap<String, String> {
        let mut parameters = vec![
            ("adm_fname", "Ann"),
            ("adm_lname", "Lee"),
            ("adm_phone", "+1 555 010 0200"),
            ("adm_email", "ann@example.com"),
            ("approver_email", "admin@www.example.com"),
        ];
        let is_renewed =
            |(_, of, command): &&(u64, u64, &str)| *of == item && *command == "prolong";
        if scenario.operations.iter().any(|one| is_renewed(&one)) {
            parameters.push((super::world::ORDER, "7700"));
            parameters.push(("service_status", "5"));
        }
        let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        parameters.into_iter().map(owned).collect()
    }
}
