//! What is the same for every vendor: a plain product, the order number's parameter, the way to an issued
//! certificate. The tour and the contract suite stand on it, without a special case for anybody. A suite of the
//! product compares the table with the product's own.

use super::vendor::Approval;
use super::world::Core;

/// A processing module as a shop's administrator knows it.
#[derive(Debug)]
pub struct Module {
    /// The program's name.
    pub name: &'static str,
    /// The company at the other end.
    pub vendor: &'static str,
    /// The item parameter with the vendor's order number.
    pub order_parameter: &'static str,
    /// A single-name product by domain validation with e-mail approval, still sold.
    pub plain_product: &'static str,
}

/// The modules.
pub static MODULES: [Module; 5] = [
    Module {
        name: "pmthesslstore",
        vendor: "TheSSLStore",
        order_parameter: "store_order_id",
        plain_product: "essentialssl",
    },
    Module {
        name: "pmglobalsign",
        vendor: "GlobalSign",
        order_parameter: "custom_order_id",
        plain_product: "DV_LOW",
    },
    Module {
        name: "pmleadertelecom",
        vendor: "LeaderTelecom",
        order_parameter: "custom_order_id",
        plain_product: "leader_dv",
    },
    Module {
        name: "pmenomssl",
        vendor: "eNom",
        order_parameter: "custom_order_id",
        plain_product: "Certificate-RapidSSL-RapidSSL",
    },
    Module {
        name: "pmispmgrssl",
        vendor: "Ispmanager",
        order_parameter: "custom_order_id",
        plain_product: "1011",
    },
];

/// A module by its name, also by the names under which the product can stand beside or in the place of the
/// platform vendor's own modules. Panics when there is none.
pub fn module(name: &str) -> &'static Module {
    let short = name
        .strip_prefix("pmssl_")
        .or_else(|| name.strip_prefix("pm"))
        .unwrap_or(name);
    let short = short.strip_suffix(".py").unwrap_or(short);
    MODULES
        .iter()
        .find(|module| module.name.strip_prefix("pm") == Some(short))
        .unwrap_or_else(|| panic!("no module {name}"))
}

/// The plain product of a module.
pub fn plain_product(name: &str) -> &'static str {
    module(name).plain_product
}

impl Core {
    /// The module that serves an item.
    pub fn served_by(&self, item: u64) -> &'static Module {
        module(&self.module_of_item(item))
    }

    /// The order number that the platform keeps for an item, empty when there is none.
    pub fn order_of(&self, item: u64) -> String {
        self.item(item)
            .parameter(self.served_by(item).order_parameter)
            .to_owned()
    }

    /// Domains proved and company vetted at the vendor.
    pub fn approve(&self, item: u64) {
        let vendor = self.vendor(self.served_by(item).name).vendor();
        for approval in [Approval::All, Approval::Organization] {
            // An order without organization has nothing to vet.
            let _ = vendor.approve(&self.order_of(item), &approval);
        }
    }

    /// The certificate is saved and shown as issued.
    pub fn is_issued(&self, item: u64) -> bool {
        let view = self.item(item);
        view.service_status == Some(5) && view.certificate.is_some()
    }
}
