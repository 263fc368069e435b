//! The vendors' books against the platform: was anything sold twice, or lost?

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::vendor::{Sale, SaleKind};
use super::world::Core;

/// What the comparison found. All lists but `sales` are empty in a sound world.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Reconciliation {
    /// Paid sales that were not refunded, by vendor.
    pub sales: BTreeMap<String, usize>,
    /// Client references that paid more than once.
    pub paid_twice: Vec<String>,
    /// Sold, but no service knows the order.
    pub lost: Vec<String>,
    /// A service names an order that was never sold.
    pub invented: Vec<String>,
    /// More paid orders for a service's name than orders and renewals were queued.
    pub too_many: Vec<String>,
    /// Requests that break the vendor's documentation.
    pub violations: Vec<String>,
}

impl Reconciliation {
    /// One sale per intent, every order known, every request lawful.
    pub fn is_sound(&self) -> bool {
        self.paid_twice.is_empty()
            && self.lost.is_empty()
            && self.invented.is_empty()
            && self.too_many.is_empty()
            && self.violations.is_empty()
    }
}

impl Core {
    /// Compares the books of all vendors with the platform.
    pub fn reconcile(&self) -> Reconciliation {
        let mut found = Reconciliation::default();
        for name in self.vendors().keys() {
            self.reconcile_vendor(name, &mut found);
        }
        found
    }

    fn reconcile_vendor(&self, name: &str, found: &mut Reconciliation) {
        let vendor = self.vendor(name).vendor();
        let sales = vendor.sales();
        let paid = |sale: &&Sale| sale.is_paid() && !sale.refunded;
        found
            .sales
            .insert(name.to_owned(), sales.iter().filter(paid).count());
        let mut by_reference: BTreeMap<&str, usize> = BTreeMap::new();
        for sale in sales.iter().filter(paid) {
            if !sale.custom.is_empty() {
                *by_reference.entry(&sale.custom).or_default() += 1;
            }
        }
        let twice = by_reference.iter().filter(|(_, times)| **times > 1);
        found
            .paid_twice
            .extend(twice.map(|(key, times)| format!("{name}: {key} paid {times} times")));

        let sold: BTreeSet<&str> = sales.iter().map(|sale| sale.order.as_str()).collect();
        let mut known: BTreeSet<String> = BTreeSet::new();
        let mut wanted: BTreeMap<String, usize> = BTreeMap::new();
        for item in self.items() {
            let view = self.item(item);
            if self.module_of_item(item).strip_prefix("pm") != Some(name) {
                continue;
            }
            let order = view.parameter("custom_order_id");
            if !order.is_empty() && !sold.contains(order) {
                let text = format!("{name}: item {item} names the order {order}");
                found.invented.push(text);
            }
            known.extend(view.parameters.values().cloned());
            let queued = self.queued(item);
            let buys = queued
                .iter()
                .filter(|command| matches!(command.as_str(), "open" | "prolong"));
            *wanted.entry(self.common_name(&view)).or_default() += buys.count();
        }
        let orders = vendor.orders();
        let latest_renewal = |order: &str| {
            // A renewed order gives way to its successor in the platform.
            let at = sales.iter().position(|sale| sale.order == order);
            let later = at.map_or(&sales[..0], |at| &sales[at + 1..]);
            later.iter().any(|sale| sale.kind == SaleKind::Renewal)
        };
        for sale in sales.iter().filter(paid) {
            if !known.contains(&sale.order) && !latest_renewal(&sale.order) {
                found.lost.push(format!("{name}: order {}", sale.order));
            }
        }
        let mut bought: BTreeMap<String, usize> = BTreeMap::new();
        for sale in sales.iter().filter(paid) {
            let order = orders.iter().find(|order| order.id == sale.order);
            let name = order.map(|order| order.common_name.to_lowercase());
            *bought.entry(name.unwrap_or_default()).or_default() += 1;
        }
        for (common_name, times) in bought {
            let wanted = wanted.get(&common_name).copied().unwrap_or_default();
            if times > wanted {
                let text =
                    format!("{name}: {common_name} bought {times} times for {wanted} orders");
                found.too_many.push(text);
            }
        }
        let violations = vendor.violations().into_iter();
        found
            .violations
            .extend(violations.map(|one| format!("{name} {}: {}", one.call, one.problem)));
    }
}
