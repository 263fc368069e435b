//! The database reads and locks against a real MariaDB.
//!
//! Starts a private server without network. Where the server program is missing the tests say so and
//! pass, unless `PMSSL_REQUIRE_MARIADB=1` makes its absence a failure.

mod galera;
mod lists;
mod load;
mod server;
mod shop;
mod tls;

use std::time::{Duration, Instant};

use base64::Engine;
use pmssl::domain::{AccountId, ItemId, OperationId, TemplateCode};
use pmssl::failure::Reason;
use pmssl::platform::billmanager::BillManager;
use pmssl::platform::{Platform, RunningOperation, ServiceSummary};
use rsa::pkcs8::{EncodePrivateKey, LineEnding};
use rsa::rand_core::OsRng;
use rsa::{Pkcs1v15Encrypt, RsaPrivateKey, RsaPublicKey};
use secrecy::ExposeSecret;
use server::{Installation, installation};

fn block<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(future)
}

fn platform(installation: &Installation) -> BillManager {
    BillManager::new(
        installation.root.path().to_owned(),
        pmssl::module::by_name("pmglobalsign").unwrap(),
    )
}

const ONE_SERVICE: &str = "
INSERT INTO itemtype (id, intname) VALUES (10, 'certificate'), (11, 'altname'), (12, 'other');
INSERT INTO pricelist (id, intname, itemtype) VALUES (20, 'DV', 10);
INSERT INTO pricelist (id, intname, itemtype, parent, addontype, addonlimit) VALUES (21, 'san', 11, 20, 2, 1);
INSERT INTO pricelist (id, intname, itemtype, parent, addontype) VALUES (22, 'san', 11, 20, 3), (23, 'ip', 12, 20, 2);
INSERT INTO enumerationitem (id, intname) VALUES (30, '10');
INSERT INTO processingmodule (id, name, module) VALUES (3, 'Учётная запись', 'pmglobalsign'), (4, 'Other', 'pmother'), (5, 'Second', 'pmglobalsign');
INSERT INTO item (id, pricelist, lastpricelist, processingmodule, period, status, expiredate) VALUES (7, 20, 19, 3, 12, 2, '2027-01-31');
INSERT INTO item (id, pricelist, parent, intvalue) VALUES (71, 21, 7, 4), (73, 23, 7, 100);
INSERT INTO item (id, pricelist, parent, enumerationitem) VALUES (72, 22, 7, 30);
INSERT INTO item (id, pricelist, parent, intvalue) VALUES (81, 21, 8, 50);
INSERT INTO itemparam (id, item, intname, value) VALUES (1, 7, 'org_name', 'ООО «Ромашка» 😀'), (2, 7, 'altname', ' a.example b.example '), (3, 7, 'empty', ''), (4, 7, 'nothing', NULL), (5, 8, 'foreign', 'x'), (6, 7, 'service_status', '4');
INSERT INTO certificate (item, pkey, csr, crt) VALUES (7, 'PRIVATE', 'CSR\n2', '');
";

/// What the addons of the one service sell; the last one is no addon for names.
const ADDONS: [(&str, &str, bool, u32); 3] = [
    ("altname", "san", true, 5),
    ("altname", "san", true, 10),
    ("other", "ip", false, 100),
];

fn addons(service: &pmssl::platform::Service) -> Vec<(&str, &str, bool, u32)> {
    let addons = service.addons.iter();
    addons
        .map(|addon| {
            (
                addon.kind.as_str(),
                addon.tariff.as_str(),
                addon.names,
                addon.count,
            )
        })
        .collect()
}

#[test]
fn a_service_is_read_with_all_that_belongs_to_it() {
    let Some(installation) = installation("service") else {
        return;
    };
    installation.sql(ONE_SERVICE);
    // Nobody needs the client's private key.
    installation.sql("ALTER TABLE certificate DROP COLUMN pkey;");
    let service = block(platform(&installation).service(ItemId(7))).unwrap();
    assert_eq!(service.item_type, "certificate");
    assert_eq!(service.account, Some(AccountId(3)));
    assert_eq!(service.module.as_deref(), Some("pmglobalsign"));
    assert_eq!(service.template, Some(TemplateCode::new("DV")));
    assert_eq!(service.period, 12);
    assert_eq!(service.status, 2);
    assert_eq!(service.expire_date.unwrap().to_string(), "2027-01-31");
    assert!(service.tariff_change_pending);
    assert_eq!(service.parameter("org_name"), Some("ООО «Ромашка» 😀"));
    assert_eq!(service.parameter("altname"), Some("a.example b.example"));
    let names: Vec<_> = service.parameters.keys().map(String::as_str).collect();
    assert_eq!(names, ["altname", "org_name", "service_status"]);
    assert_eq!(service.csr.as_deref(), Some("CSR\n2"));
    assert_eq!(service.certificate, None);
    assert_eq!(addons(&service), ADDONS);
}

#[test]
fn a_bare_service_is_read_and_a_missing_one_is_told() {
    let Some(installation) = installation("bare") else {
        return;
    };
    installation.sql("INSERT INTO item (id, period) VALUES (1, -100);");
    let platform = platform(&installation);
    block(async {
        let service = platform.service(ItemId(1)).await.unwrap();
        assert_eq!(service.item_type, "");
        assert_eq!((service.account, service.template), (None, None));
        assert_eq!((service.period, service.status), (-100, 0));
        assert_eq!(service.expire_date, None);
        assert!(!service.tariff_change_pending);
        assert!(service.parameters.is_empty());
        assert_eq!((service.csr, service.certificate), (None, None));
        assert_eq!(service.addons, []);
        let failure = platform.service(ItemId(2)).await.unwrap_err();
        assert_eq!(failure.reason(), Reason::UnknownItem);
        assert_eq!(failure.offending_value(), "2");
        let failure = platform.account(AccountId(2)).await.unwrap_err();
        assert_eq!(failure.reason(), Reason::UnknownAccount);
        assert_eq!(platform.operation(OperationId(2)).await.unwrap(), None);
        assert_eq!(platform.country(2).await.unwrap(), None);
    });
}

#[test]
fn reads_do_not_depend_on_column_types() {
    let Some(installation) = installation("types") else {
        return;
    };
    installation.sql(ONE_SERVICE);
    installation.sql(
        "ALTER TABLE item MODIFY id BIGINT UNSIGNED, MODIFY period VARCHAR(10), MODIFY status TINYINT UNSIGNED,
           MODIFY expiredate DATETIME, MODIFY lastpricelist VARCHAR(20), MODIFY processingmodule SMALLINT,
           MODIFY intvalue VARCHAR(10), MODIFY addonlimit DOUBLE, MODIFY parent BIGINT;
         ALTER TABLE pricelist MODIFY addontype VARCHAR(3), MODIFY intname CHAR(40), MODIFY addonlimit INT;
         ALTER TABLE itemtype MODIFY intname ENUM('certificate','altname','other');
         ALTER TABLE enumerationitem MODIFY intname INT;
         ALTER TABLE itemparam MODIFY value LONGTEXT CHARACTER SET utf16;
         ALTER TABLE certificate MODIFY csr LONGBLOB, MODIFY crt VARBINARY(4000);
         ALTER TABLE processingmodule MODIFY name VARCHAR(255) CHARACTER SET cp1251;
         UPDATE item SET lastpricelist = '0';
         UPDATE certificate SET crt = 'CRT';",
    );
    let platform = platform(&installation);
    block(async {
        let service = platform.service(ItemId(7)).await.unwrap();
        assert_eq!(service.item_type, "certificate");
        assert_eq!(service.account, Some(AccountId(3)));
        assert_eq!((service.period, service.status), (12, 2));
        assert_eq!(service.expire_date.unwrap().to_string(), "2027-01-31");
        assert!(!service.tariff_change_pending);
        assert_eq!(service.parameter("org_name"), Some("ООО «Ромашка» 😀"));
        assert_eq!(service.csr.as_deref(), Some("CSR\n2"));
        assert_eq!(service.certificate.as_deref(), Some("CRT"));
        assert_eq!(addons(&service), ADDONS);
        assert_eq!(
            platform.account(AccountId(3)).await.unwrap().name,
            "Учётная запись"
        );
    });
    installation
        .sql("SET sql_mode = ''; UPDATE item SET expiredate = '0000-00-00 00:00:00' WHERE id = 7;");
    let service = block(platform.service(ItemId(7))).unwrap();
    assert_eq!(service.expire_date, None);
}

#[test]
fn an_account_is_read_with_its_secrets_decrypted() {
    let Some(installation) = installation("account") else {
        return;
    };
    let key = RsaPrivateKey::new(&mut OsRng, 1024).unwrap();
    let pem = key.to_pkcs8_pem(LineEnding::LF).unwrap();
    std::fs::write(installation.root.path().join("etc/billmgr.pem"), &*pem).unwrap();
    let crypt = |clear: &str| {
        let crypted = RsaPublicKey::from(&key)
            .encrypt(&mut OsRng, Pkcs1v15Encrypt, clear.as_bytes())
            .unwrap();
        base64::engine::general_purpose::STANDARD.encode(crypted)
    };
    installation.sql(ONE_SERVICE);
    installation.sql(&format!(
        "INSERT INTO processingparam (id, processingmodule, intname, value) VALUES (1, 3, 'username', 'reseller7'), (2, 3, 'usedemo', 'on'), (3, 4, 'username', 'x'),
           (4, 5, 'password', 'stored in clear');
         INSERT INTO processingcryptedparam (processingmodule, intname, value) VALUES (3, 'password', '{}'), (3, 'sourceip', '{}'),
           (3, 'left_over', 'not base64!'), (4, 'password', 'broken'), (5, 'api_url', '');",
        crypt("s3cr3t"),
        crypt("192.0.2.1"),
    ));
    let platform = platform(&installation);
    block(async {
        let account = platform.account(AccountId(3)).await.unwrap();
        assert_eq!(
            (account.name.as_str(), account.module.as_str()),
            ("Учётная запись", "pmglobalsign")
        );
        let settings = &account.settings;
        assert_eq!(settings.text("username"), Some("reseller7"));
        assert!(settings.flag("usedemo"));
        assert_eq!(settings.text("password"), None);
        assert_eq!(
            settings.secret("password").unwrap().expose_secret(),
            "s3cr3t"
        );
        // Declared plain, stored crypted by another version.
        assert_eq!(settings.text("sourceip"), Some("192.0.2.1"));
        assert!(!format!("{account:?}").contains("s3cr3t"));

        let second = platform.account(AccountId(5)).await.unwrap();
        assert_eq!(second.settings.text("password"), None);
        assert_eq!(
            second.settings.secret("password").unwrap().expose_secret(),
            "stored in clear"
        );

        let failure = platform.account(AccountId(4)).await.unwrap_err();
        assert_eq!(failure.reason(), Reason::Undecryptable);
        assert_eq!(failure.object(), "password");

        let accounts = platform.accounts_of("pmglobalsign").await.unwrap();
        assert_eq!(accounts, [AccountId(3), AccountId(5)]);
        assert!(platform.accounts_of("pmnone").await.unwrap().is_empty());
        assert_eq!(platform.installation().unwrap().len(), 64);
    });
}

#[test]
fn services_operations_and_countries_are_found() {
    let Some(installation) = installation("lists") else {
        return;
    };
    installation.sql(ONE_SERVICE);
    installation.sql(
        "INSERT INTO item (id, pricelist, processingmodule, status) VALUES (6, 20, 5, 3), (9, 20, 4, 2);
         INSERT INTO country (id, iso2, name_ru) VALUES (182, 'RU', 'Россия');
         INSERT INTO runningoperation (id, item, intname, trycount) VALUES (1, 7, 'open', 2), (2, 7, 'open', 0), (3, NULL, 'sync', NULL);",
    );
    let platform = platform(&installation);
    block(async {
        let summary = |item, status, certificate_status, date: Option<&str>| ServiceSummary {
            item: ItemId(item),
            status,
            certificate_status,
            expire_date: date.map(|date| date.parse().unwrap()),
        };
        assert_eq!(
            platform.services_of("pmglobalsign").await.unwrap(),
            [
                summary(6, 3, None, None),
                summary(7, 2, Some(4), Some("2027-01-31"))
            ]
        );
        assert_eq!(platform.country(182).await.unwrap().as_deref(), Some("RU"));
        let queued = platform.queued_operation(ItemId(7), "open").await.unwrap();
        assert_eq!(queued, Some(OperationId(1)));
        let none = platform
            .queued_operation(ItemId(7), "prolong")
            .await
            .unwrap();
        assert_eq!(none, None);
        let operation = |id, item, command: &str, tries| {
            Some(RunningOperation {
                id: OperationId(id),
                item,
                command: command.to_owned(),
                tries,
            })
        };
        assert_eq!(
            platform.operation(OperationId(1)).await.unwrap(),
            operation(1, Some(ItemId(7)), "open", 2)
        );
        assert_eq!(
            platform.operation(OperationId(3)).await.unwrap(),
            operation(3, None, "sync", 0)
        );
    });
}

#[test]
fn one_process_at_a_time_holds_an_items_lock() {
    let Some(installation) = installation("locks") else {
        return;
    };
    let (one, two) = (platform(&installation), platform(&installation));
    let item = ItemId(7);
    block(async {
        one.lock(item, Duration::ZERO).await.unwrap();
        // Twice is once.
        one.lock(item, Duration::ZERO).await.unwrap();
        assert!(one.holds_lock(item).await.unwrap());
        assert!(!one.holds_lock(ItemId(8)).await.unwrap());
        assert!(!two.holds_lock(item).await.unwrap());
        let failure = two.lock(item, Duration::ZERO).await.unwrap_err();
        assert_eq!(failure.reason(), Reason::Busy);
        assert_eq!(failure.offending_value(), "7");
        let started = Instant::now();
        assert!(two.lock(item, Duration::from_millis(300)).await.is_err());
        assert!(started.elapsed() >= Duration::from_millis(900));
        two.lock(ItemId(8), Duration::ZERO).await.unwrap();
        one.unlock(item).await.unwrap();
        assert!(!one.holds_lock(item).await.unwrap());
        two.lock(item, Duration::ZERO).await.unwrap();
        assert!(two.holds_lock(item).await.unwrap());
        // Taking another lock gave the first one back.
        one.lock(ItemId(8), Duration::ZERO).await.unwrap();
        drop(two);
        one.lock(item, Duration::from_secs(10)).await.unwrap();
    });
}

#[test]
fn a_logins_lock_is_held_beside_an_items() {
    let Some(installation) = installation("accounts") else {
        return;
    };
    let (one, two) = (platform(&installation), platform(&installation));
    const LOGIN: &str = "3";
    // An item of the same number is something else.
    let item = ItemId(3);
    block(async {
        one.lock(item, Duration::ZERO).await.unwrap();
        assert!(one.lock_login(LOGIN, Duration::ZERO).await.unwrap());
        assert!(one.holds_lock(item).await.unwrap());
        assert!(one.holds_login_lock(LOGIN).await.unwrap());
        two.lock(ItemId(8), Duration::ZERO).await.unwrap();
        assert!(!two.lock_login(LOGIN, Duration::ZERO).await.unwrap());
        assert!(!two.holds_login_lock(LOGIN).await.unwrap());
        one.unlock_login().await.unwrap();
        assert!(one.holds_lock(item).await.unwrap());
        assert!(two.lock_login(LOGIN, Duration::ZERO).await.unwrap());
        assert!(two.holds_lock(ItemId(8)).await.unwrap());
        // A broken connection gives it back and says so.
        installation.kill_connections();
        assert!(!two.holds_login_lock(LOGIN).await.unwrap());
        let wait = Duration::from_secs(10);
        assert!(one.lock_login(LOGIN, wait).await.unwrap());
    });
}

#[test]
fn a_lock_is_waited_for() {
    let Some(installation) = installation("waiting") else {
        return;
    };
    let (one, two) = (platform(&installation), platform(&installation));
    block(async {
        one.lock(ItemId(7), Duration::ZERO).await.unwrap();
        let release = async {
            tokio::time::sleep(Duration::from_millis(500)).await;
            one.unlock(ItemId(7)).await.unwrap();
        };
        let (taken, ()) = tokio::join!(two.lock(ItemId(7), Duration::from_secs(30)), release);
        taken.unwrap();
        assert!(two.holds_lock(ItemId(7)).await.unwrap());
    });
}

#[test]
fn a_killed_connection_loses_the_lock_and_says_so_and_reads_go_on() {
    let Some(installation) = installation("killed") else {
        return;
    };
    installation.sql(ONE_SERVICE);
    let (one, two) = (platform(&installation), platform(&installation));
    let item = ItemId(7);
    block(async {
        one.lock(item, Duration::ZERO).await.unwrap();
        installation.kill_connections();
        assert!(!one.holds_lock(item).await.unwrap());

        one.lock(item, Duration::from_secs(10)).await.unwrap();
        assert!(one.holds_lock(item).await.unwrap());
        installation.kill_connections();
        // The read connects anew; the new connection must not be taken for the one with the lock.
        assert_eq!(one.service(item).await.unwrap().period, 12);
        assert!(!one.holds_lock(item).await.unwrap());
        two.lock(item, Duration::from_secs(10)).await.unwrap();

        // A connection that broke while idle does not stop a lock from being taken.
        installation.kill_connections();
        one.lock(item, Duration::from_secs(10)).await.unwrap();
        one.close().await;
        two.lock(item, Duration::from_secs(10)).await.unwrap();
    });
}

#[test]
fn a_user_with_a_password_connects_and_a_wrong_one_is_told() {
    let Some(installation) = installation("password") else {
        return;
    };
    installation.sql(
        "INSERT INTO country (id, iso2, name_ru) VALUES (1, 'DE', '');
         CREATE USER 'panel'@'localhost' IDENTIFIED BY 'a b#c;d\"é';
         GRANT SELECT ON password.* TO 'panel'@'localhost';",
    );
    installation.configure("DBUser panel\nDBPassword a b#c;d\"é\n");
    let right = platform(&installation);
    assert_eq!(block(right.country(1)).unwrap().as_deref(), Some("DE"));
    installation.configure("DBUser panel\nDBPassword s3cr3t\n");
    let failure = block(platform(&installation).country(1)).unwrap_err();
    assert_eq!(failure.reason(), Reason::Database);
    assert!(failure.words().contains("Access denied"));
    assert!(!format!("{failure:?}").contains("s3cr3t"));
}

#[test]
fn a_changed_table_is_a_database_failure() {
    let Some(installation) = installation("changed") else {
        return;
    };
    installation.sql("ALTER TABLE country DROP COLUMN iso2;");
    let failure = block(platform(&installation).country(1)).unwrap_err();
    assert_eq!(failure.reason(), Reason::Database);
    assert!(failure.words().contains("iso2"), "{}", failure.words());
}

#[test]
fn an_operation_is_handed_over_once() {
    let Some(installation) = installation("tasks") else {
        return;
    };
    installation.sql(
        "INSERT INTO runningoperation (id, item, intname) VALUES (1, 7, 'open'), (2, 7, 'prolong'), (3, NULL, 'sync');
         INSERT INTO task (id, type, item, runningoperation, status) VALUES (50, 1, 7, 1, 1), (51, 1, 7, 4, 2);",
    );
    let sbin = installation.root.path().join("sbin");
    std::fs::create_dir(&sbin).unwrap();
    let script = "#!/bin/sh\nshift 4\necho \"$*\" >> calls\n\
        if [ \"$1 $2\" = 'task.gettype operation=prolong' ]; then echo '<doc><task_type>77</task_type></doc>';\n\
        else echo '<doc><ok/></doc>'; fi\n";
    crate::sandbox::binaries::write_script(&sbin.join("mgrctl"), script);
    let platform = platform(&installation);
    let item = Some(ItemId(7));
    block(async {
        for (operation, item, command) in [
            (1, item, "open"),
            (2, None, "prolong"),
            (3, None, "sync"),
            (4, item, "open"),
        ] {
            platform
                .hand_to_person(OperationId(operation), item, command)
                .await
                .unwrap();
        }
    });
    let calls = std::fs::read_to_string(installation.root.path().join("calls")).unwrap();
    assert_eq!(
        calls.lines().collect::<Vec<_>>(),
        [
            "runningoperation.setmanual elid=1",
            "task.gettype operation=prolong item=7",
            "task.edit sok=ok item=7 runningoperation=2 type=77",
            "runningoperation.setmanual elid=2",
            "runningoperation.setmanual elid=3",
            "task.gettype operation=open item=7",
            "runningoperation.setmanual elid=4",
        ]
    );
}

#[test]
fn a_server_that_is_read_only_is_no_place_for_locks_and_an_ordinary_one_is() {
    let Some(installation) = installation("ways") else {
        return;
    };
    let platform = platform(&installation);
    let item = ItemId(7);
    block(async {
        platform.examine_locks().await.unwrap();
        platform.lock(item, Duration::ZERO).await.unwrap();
        assert!(platform.lock_login("3", Duration::ZERO).await.unwrap());
        platform.locks_hold(item, None).await.unwrap();
        platform.locks_hold(item, Some("3")).await.unwrap();
        // The server's administrator, as whom all tests write, is not kept from it.
        installation.sql("SET GLOBAL read_only = 1;");
        let asked = [
            platform.locks_hold(item, None).await,
            platform.locks_hold(item, Some("3")).await,
            platform.examine_locks().await,
        ];
        installation.sql("SET GLOBAL read_only = 0;");
        for answer in asked {
            let failure = answer.unwrap_err();
            assert_eq!(failure.reason(), Reason::LocksDoNotHold);
            let words = failure.words();
            assert!(words.starts_with("it is read-only (read_only)"), "{words}");
        }
        platform.locks_hold(item, None).await.unwrap();
        assert!(platform.holds_lock(item).await.unwrap());
        platform.examine_locks().await.unwrap();
    });
}
