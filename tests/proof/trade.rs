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

pub const TRADES: [Trade; pmssl::module::MODULES.len()] = [
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

/// All vendors by all methods of their products that stand for the others.
pub const METHODS: [Trade; 15] = [
    of("pmthesslstore", Some("positivemdcssl"), ""),
    of("pmthesslstore", Some("positivemdcssl"), "auth_http"),
    of("pmthesslstore", Some("positivemdcssl"), "auth_https"),
    of("pmthesslstore", Some("positivemdcssl"), "auth_cname"),
    of(
        "pmthesslstore",
        Some("digi_ssl_dv_geotrust_flex"),
        "auth_dnstxt",
    ),
    by(""),
    by("auth_dnstxt"),
    by("auth_http"),
    of("pmenomssl", None, ""),
    of("pmenomssl", None, "auth_http"),
    of("pmispmgrssl", None, ""),
    of("pmleadertelecom", None, ""),
    of("pmleadertelecom", None, "auth_cname"),
    of("pmleadertelecom", None, "auth_http"),
    of("pmleadertelecom", None, "auth_https"),
];

/// A vendor as the proofs trade with it, another product or method.
const fn of(
    module: &'static str,
    multidomain: Option<&'static str>,
    method: &'static str,
) -> Trade {
    let like = match module.as_bytes()[2] {
        b't' => &TRADES[0],
        b'g' => &TRADES[1],
        b'e' => &TRADES[2],
        b'i' => &TRADES[3],
        _ => &TRADES[4],
    };
    Trade {
        paid_call: like.paid_call,
        multidomain,
        method,
        module: like.module,
        renews: like.renews,
        reissues: like.reissues,
        refunds: like.refunds,
        switches: like.switches,
    }
}

const fn by(method: &'static str) -> Trade {
    of("pmglobalsign", None, method)
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
