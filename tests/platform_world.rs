//! The product's platform adapter in the simulated world: every way of the port is gone once.

use std::time::Duration;

use crate::sandbox::world::Setup;
use crate::sandbox::{ItemSpec, Strike, World};
use chrono::{NaiveDate, TimeZone, Utc};
use pmssl::domain::{AccountId, Currency, ItemId, Money, OperationId};
use pmssl::failure::{FailureKind, Reason};
use pmssl::platform::billmanager::BillManager;
use pmssl::platform::{CertificateFile, CertificateStatus, Finish, Patience, Platform};
use secrecy::ExposeSecret;

struct Place {
    world: World,
    item: ItemId,
    account: AccountId,
    operation: OperationId,
    _directory: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let setup = Setup {
            pmssl: "/bin/true".into(),
            ..Setup::default()
        };
        let world = World::start_with(directory.path(), &setup);
        let account = world.add_account("pmthesslstore", &[]);
        let spec = ItemSpec::new(account, "positivemdcssl").with_names(&["a.example", "b.example"]);
        let item = world.add_item(&spec);
        let operation = world.queue(item, "open");
        Self {
            world,
            item: ItemId(item),
            account: AccountId(account),
            operation: OperationId(operation),
            _directory: directory,
        }
    }

    fn platform(&self) -> BillManager {
        let module = pmssl::module::by_name("pmthesslstore").unwrap();
        BillManager::new(self.world.root().to_owned(), module)
    }

    fn status(&self) -> Option<u8> {
        self.world.item(self.item.0).service_status
    }
}

fn block<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(future)
}

#[test]
fn services_and_accounts_are_read() {
    let place = Place::new();
    block(async {
        let platform = place.platform();
        let service = platform.service(place.item).await.unwrap();
        assert_eq!(service.item_type, "certificate");
        assert_eq!(service.account, Some(place.account));
        assert_eq!(service.module.as_deref(), Some("pmthesslstore"));
        assert_eq!(service.template.unwrap().as_str(), "positivemdcssl");
        assert_eq!((service.period, service.status), (12, 5));
        let names: Vec<u32> = service
            .addons
            .iter()
            .filter(|addon| addon.names)
            .map(|addon| addon.count)
            .collect();
        assert_eq!(names, [2]);
        assert_eq!(service.expire_date, None);
        assert_eq!(service.certificate, None);
        assert!(
            service
                .csr
                .unwrap()
                .starts_with("-----BEGIN CERTIFICATE REQUEST")
        );
        assert_eq!(service.parameters["altname"], "a.example b.example");
        let country = service.parameters["org_country"].parse().unwrap();
        assert_eq!(
            platform.country(country).await.unwrap().as_deref(),
            Some("DE")
        );

        let account = platform.account(place.account).await.unwrap();
        let url = place.world.vendor("thesslstore").url();
        assert!(account.settings.text("url").unwrap().starts_with(&url));
        let secrets: Vec<_> = account
            .settings
            .secrets()
            .map(|one| one.expose_secret().to_owned())
            .collect();
        let expected = place.world.settings_of(place.account.0);
        assert!(!secrets.is_empty());
        assert!(
            secrets
                .iter()
                .all(|one| expected.iter().any(|(_, value)| value == one))
        );
        assert_eq!(
            platform.accounts_of("pmthesslstore").await.unwrap(),
            [place.account]
        );

        let operation = platform.operation(place.operation).await.unwrap().unwrap();
        assert_eq!(
            (operation.item, operation.command.as_str()),
            (Some(place.item), "open")
        );
        let queued = platform.queued_operation(place.item, "open").await.unwrap();
        assert_eq!(queued, Some(place.operation));
        platform.close().await;
    });
}

#[test]
fn the_database_can_be_reached_through_its_port() {
    let place = Place::new();
    place.world.use_database_port();
    std::fs::remove_file(place.world.layout().database_socket()).unwrap();
    let service = block(async { place.platform().service(place.item).await.unwrap() });
    assert_eq!(service.account, Some(place.account));
}

#[test]
fn two_processes_exclude_each_other_by_the_lock() {
    let place = Place::new();
    block(async {
        let (one, two) = (place.platform(), place.platform());
        let short = Duration::from_millis(10);
        one.lock(place.item, short).await.unwrap();
        assert!(one.holds_lock(place.item).await.unwrap());
        assert!(two.lock(place.item, short).await.is_err());
        one.unlock(place.item).await.unwrap();
        two.lock(place.item, short).await.unwrap();
        // The line of the owner is cut: the lock is free, and the owner learns it.
        place.world.database().cut_all();
        assert!(!matches!(two.holds_lock(place.item).await, Ok(true)));
        one.lock(place.item, Duration::from_secs(5)).await.unwrap();
    });
}

#[test]
fn everything_that_is_written_arrives() {
    let place = Place::new();
    block(async {
        let platform = place.platform();
        let save = |value: &'static str, patience| {
            platform.save_parameter(place.item, "custom_order_id", value, patience)
        };
        save("4711\n<&>", Patience::Once).await.unwrap();
        assert_eq!(
            place.world.item(place.item.0).parameter("custom_order_id"),
            "4711\n<&>"
        );
        platform
            .set_status(place.item, CertificateStatus::Enrolled)
            .await
            .unwrap();
        assert_eq!(place.status(), Some(4));
        let date = NaiveDate::from_ymd_opt(2027, 1, 2).unwrap();
        platform.set_expire_date(place.item, date).await.unwrap();
        assert_eq!(
            place.world.item(place.item.0).expiredate.as_deref(),
            Some("2027-01-02")
        );
        let key = rcgen::KeyPair::generate().unwrap();
        let parameters = rcgen::CertificateParams::new(vec!["a.example".to_owned()]).unwrap();
        let pem = parameters.self_signed(&key).unwrap().pem();
        platform
            .save_certificate(place.item, &CertificateFile::Pem(pem))
            .await
            .unwrap();
        assert_eq!(place.world.item(place.item.0).saves, 1);
        platform.mark_failed(place.item).await.unwrap();
        assert!(place.world.item(place.item.0).failed);
        let at = Utc.with_ymd_and_hms(2026, 2, 3, 4, 5, 6).unwrap();
        let balance = Money::parse("152.40", Currency::parse("EUR").unwrap()).unwrap();
        platform
            .save_balance(place.account, balance, at)
            .await
            .unwrap();
        // The platform's times are those of its machine.
        let local = at.with_timezone(&chrono::Local).format("%Y-%m-%d %H:%M:%S");
        assert_eq!(place.world.balances()[0].notify_time, local.to_string());
        platform
            .record_error(place.operation, "<doc><error/></doc>")
            .await
            .unwrap();
        platform
            .hand_to_person(place.operation, Some(place.item), "open")
            .await
            .unwrap();
        platform
            .hand_to_person(place.operation, Some(place.item), "open")
            .await
            .unwrap();
        assert_eq!(place.world.tasks().len(), 1);
        let operation = place.world.operation(place.operation.0).unwrap();
        assert!(operation.manual && operation.errorxml.contains("<error/>"));
        platform
            .register_problem(place.account, "name", "text")
            .await
            .unwrap();
        assert_eq!(place.world.problems()[0].text, "text");
        for (command, finish) in [
            ("open", Finish::Open),
            ("prolong", Finish::Prolong),
            ("reopen", Finish::Reopen),
            ("suspend", Finish::Suspend),
            ("resume", Finish::Resume),
            ("close", Finish::Close),
            ("setparam", Finish::SetParameters),
        ] {
            let operation = place.world.queue(place.item.0, command);
            platform.finish(place.item, finish).await.unwrap();
            assert_eq!(place.world.operation(operation), None, "{command}");
        }
    });
    let calls = place.world.mgrctl_calls();
    assert!(
        calls
            .iter()
            .all(|call| call.done && call.origin.as_deref() == Some("pmthesslstore"))
    );
    assert!(
        place
            .world
            .database()
            .statements()
            .iter()
            .all(|sql| { sql.starts_with("SELECT") || sql.starts_with("SET ") })
    );
}

#[test]
fn an_older_platform_is_served_by_the_older_function() {
    let place = Place::new();
    place
        .world
        .panel()
        .set_fault("certificate.open", Strike::Unknown, 1);
    block(async {
        place
            .platform()
            .finish(place.item, Finish::Open)
            .await
            .unwrap();
    });
    assert_eq!(place.world.operation(place.operation.0), None);
    let functions: Vec<_> = place
        .world
        .mgrctl_calls()
        .into_iter()
        .map(|call| call.function)
        .collect();
    assert_eq!(functions, ["certificate.open", "service.postopen"]);
}

#[test]
fn a_restarting_platform_is_waited_for_where_money_was_spent() {
    for strike in [Strike::Restarting, Strike::Away, Strike::Failing] {
        let place = Place::new();
        let panel = place.world.panel();
        panel.set_fault("service.saveparam", strike, 2);
        block(async {
            let platform = place.platform();
            platform
                .save_parameter(
                    place.item,
                    "custom_order_id",
                    "1",
                    Patience::UntilPlatformIsBack,
                )
                .await
                .unwrap();
            panel.set_fault("service.saveparam", strike, 1);
            let failure = platform
                .save_parameter(place.item, "custom_order_id", "2", Patience::Once)
                .await
                .unwrap_err();
            assert_eq!(failure.kind(), FailureKind::Platform, "{strike:?}");
        });
        assert_eq!(
            place.world.item(place.item.0).parameter("custom_order_id"),
            "1"
        );
    }
}

#[test]
fn a_refusal_and_a_missing_program_are_told_apart_from_success() {
    let place = Place::new();
    block(async {
        let platform = place.platform();
        for strike in [Strike::Garbage, Strike::LostReply] {
            place.world.panel().set_fault("", strike, 1);
            assert!(
                platform
                    .set_status(place.item, CertificateStatus::Issued)
                    .await
                    .is_err(),
                "{strike:?}"
            );
        }
        place.world.panel().set_errors_exit_zero(true);
        assert!(
            platform
                .set_status(ItemId(999), CertificateStatus::Issued)
                .await
                .is_err()
        );
        place.world.set_mgrctl_missing(true);
        let failure = platform
            .set_status(place.item, CertificateStatus::Issued)
            .await
            .unwrap_err();
        assert_ne!(failure.reason(), Reason::Busy);
    });
}
