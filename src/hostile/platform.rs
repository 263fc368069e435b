//! What the platform and its administrator write: forms, replies of mgrctl, configuration.

use super::text;
use crate::ca::overrides::{Known, Overrides};
use crate::logging::parse_debug_conf;
use crate::module::MODULES;
use crate::platform::billmanager;
use crate::platform::documents::{self, Addition};
use crate::xml;

/// The account form on standard input.
pub fn form(data: &[u8]) {
    let document = text(data);
    for module in MODULES {
        let _ = documents::connection_form(&document, module);
    }
    let additions = [
        Addition::Choices {
            field: "cert_format",
            entries: vec![("pem".to_owned(), "cert_format_pem".to_owned())],
        },
        Addition::RegistrationLink("https://vendor.example/?a=1&b=<2>".to_owned()),
    ];
    if let Ok(extended) = documents::extend_form(&document, &additions) {
        let read = xml::read(&extended, "doc").expect("an extended form is a form");
        assert!(read.root.child("slist").is_some() && read.root.child("outerlink").is_some());
        assert!(extended.len() > document.len());
    }
}

/// Replies of mgrctl, and the option list among them.
pub fn mgrctl(data: &[u8]) {
    billmanager::hostile::reply(data);
}

/// `billmgr.conf` and what hangs on it: where the database is, how long to wait, how vendors are reached.
pub fn billmgr_conf(data: &[u8]) {
    billmanager::hostile::options(&text(data));
}

/// `debug.conf`.
pub fn debug_conf(data: &[u8]) {
    let conf = text(data);
    let (config, mistakes) = parse_debug_conf(&conf);
    assert!(mistakes.len() <= conf.lines().count());
    for log in ["pmthesslstore", "mgrctl", ""] {
        assert!(config.level(log, "http") <= 9);
        let _ = (config.max_log_size(log), config.color(log));
    }
}

/// The site's corrections to a vendor's table.
pub fn overrides(data: &[u8]) {
    let conf = text(data);
    let tables: [&[Known]; 2] = [
        crate::ca::leadertelecom::known_overrides(),
        crate::ca::ispmanager::known_overrides(),
    ];
    for known in tables {
        if let Err(wrong) = Overrides::parse(&conf, known) {
            assert!(!wrong.is_empty() && wrong.len() <= conf.lines().count());
        }
    }
}
