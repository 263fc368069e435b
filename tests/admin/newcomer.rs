//! As a new administrator would: install, add five accounts, check the way to all five vendors; then break each
//! thing that `doctor` knows about, one by one. Each is named with its remedy, and gone when it is mended.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use chrono::Datelike;
use rsa::pkcs1::{EncodeRsaPrivateKey, LineEnding};

use super::*;
use crate::sandbox::Strike;
use crate::sandbox::database::Cluster;

const DAY: u64 = 24 * 3600;

/// A world with everything in its place: modules installed, five accounts, the daemon at work.
struct Home {
    place: Place,
    accounts: Vec<u64>,
    issued: u64,
}

impl Home {
    fn new() -> Self {
        let place = Place::new();
        let root = place.world.root().to_owned();
        for module in sandbox::layout::MODULES {
            fs::remove_file(root.join("processing").join(module)).unwrap();
        }
        place.tell(&["install", "--no-refresh"]).with(0);
        let mut accounts = vec![place.account];
        for module in sandbox::layout::MODULES {
            if module != MODULE {
                place.world.vendor(module).vendor().set_balance(100_000_000);
                accounts.push(place.world.add_account(module, &[]));
            }
        }
        let issued = place.issued("shop.example.com");
        place.tell(&["daemon", "--once"]).with(0);
        Self {
            place,
            accounts,
            issued,
        }
    }

    fn root(&self) -> &Path {
        self.place.world.root()
    }

    fn file(&self, name: &str) -> PathBuf {
        self.root().join(name)
    }

    /// What is not good: identifier and remedy.
    fn troubles(&self, words: &[&str]) -> Vec<(String, String)> {
        let told = self
            .place
            .tell(&[&["doctor", "--quiet", "--json"], words].concat());
        let document = told.json();
        let list = document["findings"].as_array().unwrap();
        let bad = list.iter().any(|finding| finding["gravity"] == "bad");
        let expected = if bad {
            1
        } else {
            3 * i32::from(!list.is_empty())
        };
        assert_eq!(told.code, expected, "{told:?}");
        list.iter()
            .map(|finding| {
                let text = |name: &str| finding[name].as_str().unwrap().to_owned();
                (text("id"), text("remedy"))
            })
            // A busy machine's disk may be low.
            .filter(|(id, _)| !id.starts_with("disk-"))
            .collect()
    }

    /// Replaces a file for a while; answers what brings it back.
    fn replaced(&self, name: &str, text: &str) -> Mend {
        let file = self.file(name);
        let mode = |file: &Path| fs::metadata(file).ok().map(|data| data.permissions());
        let before = fs::read(&file).ok();
        let permissions = mode(&file);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, text).unwrap();
        Box::new(move |_| match before {
            Some(before) => {
                fs::write(&file, before).unwrap();
                fs::set_permissions(&file, permissions.unwrap()).unwrap();
            }
            None => fs::remove_file(&file).unwrap(),
        })
    }

    /// Puts something else in the module's place for a while.
    fn module(&self, make: impl FnOnce(&Path)) -> Mend {
        let module = self.file("processing").join(MODULE);
        let link = fs::read_link(&module).unwrap();
        fs::remove_file(&module).unwrap();
        make(&module);
        Box::new(move |_| {
            let _ = fs::remove_file(&module);
            symlink(link, module).unwrap();
        })
    }

    fn script(&self, text: &str, mode: u32) -> Mend {
        self.module(|module| {
            sandbox::binaries::write_script(module, text);
            fs::set_permissions(module, fs::Permissions::from_mode(mode)).unwrap();
        })
    }

    fn form(&self) -> String {
        format!("etc/xml/billmgr_mod_{MODULE}.xml")
    }

    /// Sets an option for a while.
    fn option(&self, name: &str, value: &str) -> Mend {
        let file = self.file("etc/billmgr.conf");
        let before = fs::read(&file).unwrap();
        self.place.world.set_option(name, value);
        Box::new(move |_| fs::write(file, before).unwrap())
    }

    /// Replaces a database setting for a while.
    fn database(&self, from: &str, to: &str) -> Mend {
        let name = "etc/billmgr.conf.d/db.conf";
        let text = fs::read_to_string(self.file(name)).unwrap();
        assert!(text.contains(from), "{text}");
        self.replaced(name, &text.replace(from, to))
    }

    fn setting(&self, name: &'static str, value: &str) -> Mend {
        let world = &self.place.world;
        let all = world.settings_of(self.place.account);
        let before = all.into_iter().find(|(known, _)| known == name).unwrap().1;
        world.set_setting(self.place.account, name, value, false);
        Box::new(move |home| {
            let world = &home.place.world;
            world.set_setting(home.place.account, name, &before, false);
        })
    }

    /// A parameter of the issued service, for a while.
    fn parameter(&self, name: &'static str, value: &str) -> Mend {
        let panel = self.place.world.panel();
        let before = self.place.world.item(self.issued).parameters;
        panel.set_parameter(self.issued, name, Some(value));
        Box::new(move |home| {
            let before = before.get(name).map(String::as_str);
            let panel = home.place.world.panel();
            panel.set_parameter(home.issued, name, before);
        })
    }

    /// The certificate of the issued service ends in so many days, for a while. No daemon reissues.
    fn ends_in(&self, days: i64, is_paid: bool) -> Mend {
        let policy = self.option("SSLSubscriptionPolicy", "none");
        let before = self.place.world.item(self.issued);
        let end = self.place.world.panel().today() + chrono::TimeDelta::days(days);
        self.set_certificate(&certificate_till(end));
        let terms = ["pmssl_term_end", "paid_till"];
        if !is_paid {
            for name in terms {
                let panel = self.place.world.panel();
                panel.set_parameter(self.issued, name, Some(&end.to_string()));
            }
        }
        Box::new(move |home| {
            home.set_certificate(&before.crt);
            for name in terms {
                let panel = home.place.world.panel();
                panel.set_parameter(home.issued, name, Some(before.parameter(name)));
            }
            policy(home);
        })
    }

    fn set_certificate(&self, text: &str) {
        self.place.world.panel().execute(
            "UPDATE certificate SET crt = ? WHERE item = ?",
            rusqlite::params![text, self.issued],
        );
        // An end that a former version has stored is not relied on.
        let panel = self.place.world.panel();
        panel.set_parameter(self.issued, "pmssl_certificate_end", None);
    }

    /// All traces of the daemon are this old, for a while.
    fn daemon_ran(&self, ago: Duration) -> Mend {
        for entry in fs::read_dir(self.file("var/pmssl/looks")).unwrap() {
            let file = File::options().append(true).open(entry.unwrap().path());
            file.unwrap().set_modified(SystemTime::now() - ago).unwrap();
        }
        Box::new(|home| {
            home.place.tell(&["daemon", "--once"]).with(0);
        })
    }
}

/// What brings back what was broken.
type Mend = Box<dyn FnOnce(&Home)>;

/// Breaks something.
type Break = fn(&Home) -> Mend;

fn paramlist_away(home: &Home) -> Mend {
    let panel = home.place.world.panel();
    panel.set_fault("paramlist", Strike::Away, 1000);
    Box::new(|home| home.place.world.panel().clear_faults())
}

fn nothing() -> Mend {
    Box::new(|_| {})
}

fn root_certificate(end: i32) -> String {
    let mut wish = rcgen::CertificateParams::new(["ca.example.com".to_owned()]).unwrap();
    wish.not_before = rcgen::date_time_ymd(2001, 1, 1);
    wish.not_after = rcgen::date_time_ymd(end, 1, 1);
    let key = rcgen::KeyPair::generate().unwrap();
    wish.self_signed(&key).unwrap().pem()
}

/// A certificate that ends on a day.
fn certificate_till(end: chrono::NaiveDate) -> String {
    let mut wish = rcgen::CertificateParams::new(["shop.example.com".to_owned()]).unwrap();
    let moment = |day: chrono::NaiveDate| {
        let (month, day_of_month) = (day.month(), day.day());
        rcgen::date_time_ymd(
            day.year(),
            u8::try_from(month).unwrap(),
            u8::try_from(day_of_month).unwrap(),
        )
    };
    wish.not_before = moment(end - chrono::TimeDelta::days(199));
    wish.not_after = moment(end);
    let key = rcgen::KeyPair::generate().unwrap();
    wish.self_signed(&key).unwrap().pem()
}

/// Identifier, a word of its remedy, how it comes to be.
const TROUBLES: &[(&str, &str, Break)] = &[
    ("no-mgrctl", "repair", |home| {
        home.place.world.set_mgrctl_missing(true);
        Box::new(|home| home.place.world.set_mgrctl_missing(false))
    }),
    ("no-modules", "pmssl install", |home| {
        let words = ["uninstall", "--yes", "--no-refresh"];
        home.place.tell(&words).with(0);
        Box::new(|home| {
            home.place.tell(&["install", "--no-refresh"]).with(0);
        })
    }),
    ("module-dangling", "pmssl install", |home| {
        home.module(|module| symlink("/nonexistent/pmssl", module).unwrap())
    }),
    ("module-not-executable", "chmod 755", |home| {
        home.script("#!/bin/sh\n", 0o644)
    }),
    ("module-foreign", "--replace", |home| {
        home.script("#!/bin/sh\n", 0o755)
    }),
    ("module-version", "pmssl install", |home| {
        home.script("'pmssl help' shows what an administrator can do.", 0o755)
    }),
    ("writable-by-all", "chmod o-w", |home| {
        home.script("#!/bin/sh\n", 0o777)
    }),
    ("readable-by-all", "chmod 600", |home| {
        let key = home.file("etc/billmgr.pem");
        fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
        Box::new(move |_| fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap())
    }),
    ("form-missing", "pmssl install", |home| {
        let mend = home.replaced(&home.form(), "");
        fs::remove_file(home.file(&home.form())).unwrap();
        mend
    }),
    ("form-old", "pmssl install", |home| {
        home.replaced(&home.form(), "<mgrdata/>")
    }),
    ("form-alone", "pmssl install", |home| home.module(|_| {})),
    ("debug-conf", "correct the line", |home| {
        home.replaced("etc/debug.conf", "* 9\npmthesslstore.* twelve\n")
    }),
    ("option", "default is in force", |home| {
        home.option("SSLReadTimeout", "soon")
    }),
    ("option-broken", "orders fail", |home| {
        home.option("SSLProxy", "user:x@")
    }),
    ("conf-unreadable", "owner and mode", |home| {
        let file = home.file("etc/billmgr.conf.d/odd.conf");
        fs::create_dir(&file).unwrap();
        Box::new(move |_| fs::remove_dir(file).unwrap())
    }),
    ("database-failed", "DBPassword", |home| {
        home.database("DBPassword ", "DBPassword wrong")
    }),
    (
        "locks-do-not-hold",
        "one ordinary database server",
        |home| {
            let database = home.place.world.database();
            database.set_cluster(Some(Cluster::Galera));
            Box::new(|home| home.place.world.database().set_cluster(None))
        },
    ),
    ("lock-host-failed", "on every node", |home| {
        home.option("SSLLockHost", "127.0.0.2:1")
    }),
    ("key-failed", "key file", |home| {
        home.replaced("etc/billmgr.pem", "no key")
    }),
    ("account-secret", "enter the secret anew", |home| {
        let other = rsa::RsaPrivateKey::new(&mut rsa::rand_core::OsRng, 1024).unwrap();
        home.replaced(
            "etc/billmgr.pem",
            &other.to_pkcs1_pem(LineEnding::LF).unwrap(),
        )
    }),
    ("account-settings", "account's settings", |home| {
        home.setting("partner_code", "")
    }),
    ("clock-wrong", "timedatectl", |home| {
        let file = home.file("var/tomorrow.log");
        let later = SystemTime::now() + Duration::from_secs(3 * DAY);
        File::create(&file).unwrap().set_modified(later).unwrap();
        Box::new(move |_| fs::remove_file(file).unwrap())
    }),
    ("roots", "SSLCaFile", |home| {
        home.option("SSLCaFile", "etc/no-such-file.pem")
    }),
    ("roots-expired", "replace them", |home| {
        let file = home.replaced("etc/roots.pem", &root_certificate(2002));
        let option = home.option("SSLCaFile", "etc/roots.pem");
        Box::new(|home| {
            option(home);
            file(home);
        })
    }),
    ("corrections", "nothing is ordered", |home| {
        home.replaced("etc/pmssl/pmleadertelecom.conf", "NoSuchEntry 5\n")
    }),
    ("platform-away", "start the panel", paramlist_away),
    ("policy-unknown", "func=paramlist", paramlist_away),
    ("daemon-never", "systemctl enable --now pmssl", |home| {
        fs::remove_dir_all(home.file("var/pmssl/looks")).unwrap();
        Box::new(|home| {
            home.place.tell(&["daemon", "--once"]).with(0);
        })
    }),
    ("daemon-stopped", "systemctl status pmssl", |home| {
        home.daemon_ran(Duration::from_secs(3 * DAY))
    }),
    ("do-nothing", "maintenance", |home| {
        home.replaced("etc/billmgr.DoNothing", "")
    }),
    ("spool", "pmssl sync --item 7", |home| {
        home.replaced("var/pmssl/spool/item-7.json", "{}")
    }),
    ("intent-unreadable", "pmssl resolve --item N", |home| {
        home.parameter("pmssl_intent", "9|odd")
    }),
    ("order-shared", "pmssl resolve --item N --replace", |home| {
        let panel = home.place.world.panel();
        let order = home.place.world.order_of(home.issued);
        let other = home.place.paid("twin.example.com");
        panel.set_parameter(other, "store_order_id", Some(&order));
        Box::new(move |home| {
            let panel = home.place.world.panel();
            panel.set_parameter(other, "store_order_id", None);
        })
    }),
    ("mail-proof", "a DNS record or a file", |home| {
        home.parameter("pmssl_term_end", "2029-01-01")
    }),
    ("long-terms", "a period of one year", |home| {
        let spec = ItemSpec::new(home.place.account, "digi_rapidssl").months(24);
        let item = home.place.world.add_item(&spec.name("a.example.com"));
        Box::new(move |home| {
            let panel = home.place.world.panel();
            panel.execute("UPDATE item SET period = 12 WHERE id = ?1", [item]);
        })
    }),
    ("certificate-other-key", "whose order it is", |home| {
        let before = home.place.world.item(home.issued).crt;
        let far = home.place.world.panel().today() + chrono::TimeDelta::days(90);
        home.set_certificate(&certificate_till(far));
        Box::new(move |home| home.set_certificate(&before))
    }),
    ("near-end", "renew the service", |home| {
        home.ends_in(5, false)
    }),
    ("near-end-paid", "pmssl daemon --once", |home| {
        home.ends_in(9, true)
    }),
    ("ending-paid", "start the reissue", |home| {
        home.ends_in(3, true)
    }),
    ("over", "renew the service or delete it", |home| {
        home.ends_in(-1, false)
    }),
    ("over-paid", "pmssl show --item", |home| {
        home.ends_in(-1, true)
    }),
    // The last ones are not mended: time does not go back.
    ("intent-unknown", "pmssl resolve", |home| {
        home.place.unsettled("lost.example.com");
        Box::new(|home| {
            for item in home.place.world.items() {
                home.place.tell(&["sync", "--item", &item.to_string()]);
            }
            home.place.world.run_until_done(3);
        })
    }),
    ("service-stuck", "pmssl show", |home| {
        home.place.world.advance(8 * 24 * 3600);
        nothing()
    }),
];

/// Troubles that need a world of their own, or a machine that tests do not have.
const ELSEWHERE: &[(&str, &str)] = &[
    ("no-root", "no platform at all: `surroundings`"),
    ("not-root", "another user: `surroundings`"),
    ("no-accounts", "a platform without accounts: `surroundings`"),
    ("log-failed", "a log directory that is none: `surroundings`"),
    ("path-unusable", "each place: `surroundings`"),
    (
        "database-plain",
        "a database on another machine: `surroundings`",
    ),
    ("settings-writable", "each file of settings: `doctor`"),
    ("disk-low", "the machine's disk"),
    ("disk-full", "the machine's disk"),
    ("platform-version-other", "packages of the platform"),
    ("parameter-index", "a real server: `database`"),
];

#[test]
fn five_accounts_work_and_everything_that_breaks_is_named_with_its_remedy() {
    let home = Home::new();
    let told = home.place.tell(&["check", "--all", "--json"]);
    assert_eq!(told.code, 0, "{told:?}");
    let reports = told.json();
    assert_eq!(reports.as_array().unwrap().len(), home.accounts.len());
    assert_eq!(home.troubles(&[]), [], "nothing is wrong yet");
    for (id, remedy, act) in TROUBLES {
        let mend = act(&home);
        let found = home.troubles(&[]);
        let hit = found.iter().find(|(found, _)| found == id);
        let (_, told) = hit.unwrap_or_else(|| panic!("{id} is not named: {found:?}"));
        assert!(told.contains(remedy), "{id}: {told}");
        mend(&home);
        if *id == "service-stuck" {
            break;
        }
        assert_eq!(home.troubles(&[]), [], "{id} stays when it is mended");
    }
}

#[test]
fn every_trouble_that_doctor_knows_is_broken_here() {
    let place = Place::new();
    let all = place.tell(&["doctor", "--list", "--json"]).json();
    let known: BTreeSet<&str> = all
        .as_array()
        .unwrap()
        .iter()
        .filter(|kind| kind["gravity"] != "good")
        .map(|kind| kind["id"].as_str().unwrap())
        .collect();
    let broken = TROUBLES.iter().map(|(id, ..)| *id);
    let tried: BTreeSet<&str> = broken.chain(ELSEWHERE.iter().map(|(id, _)| *id)).collect();
    assert_eq!(known, tried);
}
