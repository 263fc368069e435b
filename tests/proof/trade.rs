//! The five vendors as the proofs trade with them.

use crate::sandbox::World;
use crate::sandbox::sample::plain_product;

/// A vendor, one of its products, and what can be done with it.
#[derive(Debug)]
pub struct Trade {
    pub module: &'static str,
    /// The call that takes money for a plain order.
    pub paid_call: &'static str,
    /// A product with further names, where one is worth the time; else the plain one.
    multidomain: Option<&'static str>,
    pub method: &'static str,
    /// `prolong` buys something.
    pub renews: bool,
    /// `reopen` brings another certificate.
    pub reissues: bool,
    /// `close` gives the money back.
    pub refunds: bool,
    /// Switches of the simulated vendor, always on.
    switches: &'static [(&'static str, &'static str)],
}

pub const TRADES: [Trade; 5] = [
    Trade {
        module: "pmthesslstore",
        paid_call: "order/neworder",
        multidomain: Some("positivemdcssl"),
        method: "auth_cname",
        renews: true,
        reissues: true,
        refunds: true,
        switches: &[("refund_at_once", "on")],
    },
    Trade {
        module: "pmglobalsign",
        paid_call: "DVOrder",
        multidomain: None,
        method: "",
        renews: true,
        reissues: true,
        refunds: true,
        switches: &[],
    },
    Trade {
        module: "pmenomssl",
        paid_call: "PurchaseServices",
        multidomain: None,
        method: "",
        renews: true,
        reissues: true,
        // It is asked for, and decided by people.
        refunds: false,
        // A renewal is a new purchase, inside the window before the end of the term only.
        switches: &[("backdate_days", "300")],
    },
    Trade {
        module: "pmispmgrssl",
        paid_call: "certificate.order.param!",
        multidomain: None,
        method: "",
        renews: true,
        reissues: true,
        refunds: false,
        switches: &[],
    },
    Trade {
        module: "pmleadertelecom",
        paid_call: "order",
        multidomain: None,
        method: "",
        renews: false,
        reissues: false,
        refunds: false,
        switches: &[],
    },
];

/// What the client has to publish is told by the answer of the paid call, and never again.
pub const TOLD_ONCE: [Trade; 2] = [by("auth_dnstxt"), by("auth_http")];

const fn by(method: &'static str) -> Trade {
    Trade {
        module: "pmglobalsign",
        paid_call: "DVOrder",
        multidomain: None,
        method,
        renews: true,
        reissues: true,
        refunds: true,
        switches: &[],
    }
}

/// A vendor by its module.
pub fn trade(module: &str) -> &'static Trade {
    TRADES
        .iter()
        .find(|trade| trade.module == module)
        .unwrap_or_else(|| panic!("no vendor {module}"))
}

impl Trade {
    pub fn template(&self) -> &'static str {
        self.multidomain
            .unwrap_or_else(|| plain_product(self.module))
    }

    pub fn takes_names(&self) -> bool {
        self.multidomain.is_some()
    }

    pub fn prepare(&self, world: &World) {
        let vendor = world.vendor(self.module).vendor();
        vendor.set_balance(100_000_000);
        for (name, value) in self.switches {
            vendor.set_switch(name, value).unwrap();
        }
    }
}
