//! The vendors' books against the platform: was anything sold twice, or lost?

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::lock;
use super::vendor::{Sale, SaleKind};
use super::world::Core;

/// What the comparison found. All lists are empty in a sound world.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reconciliation {
    /// Paid sales that were not refunded, by vendor.
    pub sales: BTreeMap<String, usize>,
    /// Client references that paid more than once.
    pub paid_twice: Vec<String>,
    /// Sold, and more than one service names the order.
    pub shared: Vec<String>,
    /// Sold, but no service knows the order.
    pub lost: Vec<String>,
    /// A service names an order that was never sold.
    pub invented: Vec<String>,
    /// More paid orders for a service's name than orders and renewals were queued.
    pub too_many: Vec<String>,
    /// Bought by a command that may not buy, or while a person had the order.
    pub unasked: Vec<String>,
    /// Requests that break the vendor's documentation.
    pub violations: Vec<String>,
}

impl Reconciliation {
    /// One sale per intent, one service per sale, every order known, every request lawful.
    pub fn is_sound(&self) -> bool {
        self.findings().is_empty()
    }

    /// Everything that is not as it should be, in words.
    pub fn findings(&self) -> Vec<String> {
        let lists = [
            ("paid twice", &self.paid_twice),
            ("shared", &self.shared),
            ("lost", &self.lost),
            ("invented", &self.invented),
            ("too many", &self.too_many),
            ("unasked", &self.unasked),
            ("against the documentation", &self.violations),
        ];
        let lists = lists.into_iter();
        lists
            .flat_map(|(what, list)| list.iter().map(move |text| format!("{what}: {text}")))
            .collect()
    }
}

/// A service as the comparison sees it.
#[derive(Debug, Clone, Default)]
pub struct Service {
    pub item: u64,
    pub common_name: String,
    /// The order number that the platform keeps, empty when there is none.
    pub order: String,
    /// Values of all parameters: further order numbers may stand anywhere among them.
    pub values: BTreeSet<String>,
    /// Orders and renewals that were ever queued.
    pub wanted: usize,
    /// Another program has made its order.
    pub elsewhere: bool,
}

/// Compares one vendor's books with the services of its module. `names` tells the common name of an order.
pub fn compare(
    vendor: &str,
    sales: &[Sale],
    names: &BTreeMap<String, String>,
    services: &[Service],
    found: &mut Reconciliation,
) {
    let paid: Vec<&Sale> = sales
        .iter()
        .filter(|sale| sale.is_paid() && !sale.refunded)
        .collect();
    // An order that is not configured yet has no name of its own at the vendor.
    let of_service = |order: &str| {
        let knows = |one: &&Service| one.values.contains(order);
        services.iter().find(knows).map(|one| &one.common_name)
    };
    let name_of = |order: &str| {
        let own = names.get(order).filter(|name| !name.is_empty());
        own.or_else(|| of_service(order))
            .map(String::as_str)
            .unwrap_or_default()
    };
    found.sales.insert(vendor.to_owned(), paid.len());

    let mut references: BTreeMap<&str, usize> = BTreeMap::new();
    let mut bought: BTreeMap<&str, usize> = BTreeMap::new();
    for sale in &paid {
        *references.entry(&sale.custom).or_default() += 1;
        *bought.entry(name_of(&sale.order)).or_default() += 1;
    }
    for (reference, times) in references {
        if times > 1 && !reference.is_empty() {
            let text = format!("{vendor}: {reference} paid {times} times");
            found.paid_twice.push(text);
        }
    }
    let wanted_of = |name: &str| -> usize {
        let of_name = services.iter().filter(|one| one.common_name == name);
        of_name.map(|one| one.wanted).sum()
    };
    // An order that has no name yet, and that no service knows, may be of any service: all of them tell.
    let all: usize = services.iter().map(|one| one.wanted).sum();
    for (name, times) in &bought {
        let (times, wanted) = match *name {
            "" => (&paid.len(), all),
            name => (times, wanted_of(name)),
        };
        if *times > wanted {
            let text = format!("{vendor}: {name} bought {times} times, ordered {wanted} times");
            found.too_many.push(text);
        }
    }
    for sale in &paid {
        let known = services.iter().any(|one| one.values.contains(&sale.order));
        let owners: Vec<_> = services
            .iter()
            .filter(|one| one.order == sale.order)
            .map(|one| one.item.to_string())
            .collect();
        if owners.len() > 1 {
            let text = format!(
                "{vendor}: order {} of items {}",
                sale.order,
                owners.join(", ")
            );
            found.shared.push(text);
        }
        let name = name_of(&sale.order);
        // A renewed or reissued order gives way to its successor in the platform. Where renewals are plain
        // purchases, the number of orders tells: whatever is one too many is found above.
        let may_follow = |later: &Sale| match later.kind {
            SaleKind::Order => bought[name] <= wanted_of(name),
            SaleKind::Renewal | SaleKind::Reissue => true,
        };
        let follows = |later: &&Sale| later.order != sale.order && name_of(&later.order) == name;
        let at = sales.iter().position(|one| std::ptr::eq(one, *sale));
        let mut later = sales.iter().skip(at.unwrap_or_default()).filter(follows);
        if !known && !later.any(may_follow) {
            found.lost.push(format!("{vendor}: order {}", sale.order));
        }
    }
    for service in services.iter().filter(|one| !one.elsewhere) {
        let sold = sales.iter().any(|sale| sale.order == service.order);
        if !service.order.is_empty() && !sold {
            let text = format!("{vendor}: item {} names {}", service.item, service.order);
            found.invented.push(text);
        }
    }
}

impl Core {
    /// Compares the books of all vendors with the platform.
    pub fn reconcile(&self) -> Reconciliation {
        let mut found = Reconciliation {
            unasked: lock(self.purchases()).wrong.clone(),
            ..Reconciliation::default()
        };
        for (name, server) in self.vendors() {
            let vendor = server.vendor();
            let orders = vendor.orders().into_iter();
            let names = orders.map(|order| (order.id, order.common_name.to_lowercase()));
            let services: Vec<Service> = self
                .items()
                .into_iter()
                .filter(|item| {
                    let module = self.find_module_of_item(*item).unwrap_or_default();
                    module.strip_prefix("pm") == Some(*name)
                })
                .map(|item| self.service(item))
                .collect();
            compare(
                name,
                &vendor.sales(),
                &names.collect(),
                &services,
                &mut found,
            );
            let violations = vendor.violations().into_iter();
            found
                .violations
                .extend(violations.map(|one| format!("{name} {}: {}", one.call, one.problem)));
        }
        found
    }

    fn service(&self, item: u64) -> Service {
        let view = self.item(item);
        let queued = self.queued(item);
        let module = self.served_by(item);
        let buys = queued
            .iter()
            .filter(|command| matches!(command.as_str(), "open" | "prolong"));
        let order = view.parameter(module.order_parameter).to_owned();
        Service {
            item,
            common_name: self.common_name(&view),
            elsewhere: self.elsewhere().contains(&order),
            order,
            wanted: buys.count(),
            values: view.parameters.into_values().collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sale(order: &str, custom: &str, kind: SaleKind) -> Sale {
        Sale {
            order: order.to_owned(),
            custom: custom.to_owned(),
            product: "dv".to_owned(),
            amount: 900,
            at: chrono::DateTime::UNIX_EPOCH,
            kind,
            refunded: false,
        }
    }

    fn service(item: u64, name: &str, order: &str, wanted: usize) -> Service {
        Service {
            item,
            common_name: name.to_owned(),
            order: order.to_owned(),
            values: BTreeSet::from([order.to_owned()]),
            wanted,
            elsewhere: false,
        }
    }

    fn found(sales: &[Sale], services: &[Service]) -> Reconciliation {
        let names = [("1", "a.example"), ("2", "a.example"), ("3", "b.example")];
        let names = names.map(|(order, name)| (order.to_owned(), name.to_owned()));
        let mut found = Reconciliation::default();
        compare("v", sales, &names.into(), services, &mut found);
        found
    }

    #[test]
    fn an_order_and_its_renewal_are_sound() {
        let sales = [
            sale("1", "k1", SaleKind::Order),
            sale("1", "k3", SaleKind::Reissue),
            sale("2", "k2", SaleKind::Renewal),
        ];
        let result = found(&sales, &[service(7, "a.example", "2", 2)]);
        assert!(result.is_sound(), "{result:?}");
        assert_eq!(result.sales["v"], 2);
    }

    #[test]
    fn the_same_reference_paid_twice_is_found() {
        let sales = [
            sale("1", "k1", SaleKind::Order),
            sale("2", "k1", SaleKind::Order),
        ];
        let result = found(&sales, &[service(7, "a.example", "2", 1)]);
        assert_eq!(result.paid_twice, ["v: k1 paid 2 times"]);
        assert_eq!(result.lost, ["v: order 1"]);
        assert_eq!(
            result.too_many,
            ["v: a.example bought 2 times, ordered 1 times"]
        );
    }

    #[test]
    fn a_refunded_order_does_not_count() {
        let mut gone = sale("1", "k1", SaleKind::Order);
        gone.refunded = true;
        let sales = [gone, sale("2", "k2", SaleKind::Order)];
        assert!(found(&sales, &[service(7, "a.example", "2", 1)]).is_sound());
    }

    #[test]
    fn an_order_that_two_services_have_is_found() {
        let sales = [sale("1", "k1", SaleKind::Order)];
        let services = [
            service(7, "a.example", "1", 1),
            service(8, "a.example", "1", 1),
        ];
        let result = found(&sales, &services);
        assert_eq!(result.shared, ["v: order 1 of items 7, 8"]);
        assert_eq!(result.findings(), ["shared: v: order 1 of items 7, 8"]);
    }

    #[test]
    fn an_order_gives_way_to_its_successor_only() {
        let again = |kind| [sale("1", "", SaleKind::Order), sale("2", "", kind)];
        for kind in [SaleKind::Order, SaleKind::Renewal, SaleKind::Reissue] {
            let result = found(&again(kind), &[service(7, "a.example", "2", 2)]);
            assert!(result.is_sound(), "{kind:?}: {result:?}");
        }
        // The later one is lost, whatever went before.
        let lost = found(&again(SaleKind::Order), &[service(7, "a.example", "1", 2)]);
        assert_eq!(lost.lost, ["v: order 2"]);
        let other = [
            sale("1", "", SaleKind::Order),
            sale("3", "", SaleKind::Renewal),
        ];
        let lost = found(&other, &[service(7, "b.example", "3", 1)]);
        assert_eq!(lost.lost, ["v: order 1"]);
    }

    #[test]
    fn an_order_without_a_name_is_one_too_many_only_when_all_are() {
        let services = [service(7, "a.example", "", 1)];
        let once = found(&[sale("9", "", SaleKind::Order)], &services);
        assert_eq!(once.findings(), ["lost: v: order 9"]);
        let twice = [
            sale("8", "", SaleKind::Order),
            sale("9", "", SaleKind::Order),
        ];
        let result = found(&twice, &services);
        assert_eq!(result.too_many, ["v:  bought 2 times, ordered 1 times"]);
    }

    #[test]
    fn an_order_that_was_never_sold_is_found() {
        let result = found(&[], &[service(7, "a.example", "9", 1)]);
        assert_eq!(result.invented, ["v: item 7 names 9"]);
    }
}
