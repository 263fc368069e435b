use super::*;
use tempfile::TempDir;

/// A platform root with an mgrctl that writes each call's function and arguments into `calls`, and
/// whose configuration names a database that is not there.
fn platform(script: &str) -> (TempDir, BillManager) {
    let root = tempfile::tempdir().unwrap();
    for directory in ["sbin", "etc"] {
        std::fs::create_dir(root.path().join(directory)).unwrap();
    }
    let program = root.path().join("sbin/mgrctl");
    let script = format!(
        "#!/bin/sh\nshift 4\necho \"$*\" | tr '\\n' ' ' >> calls; echo >> calls\n{script}\necho '<doc><ok/></doc>'\n"
    );
    pmssl_sandbox::binaries::write_script(&program, &script);
    std::fs::write(
        root.path().join("etc/billmgr.conf"),
        "DBHost 127.0.0.1:1\nSSLExpireDate paid\n",
    )
    .unwrap();
    let module = crate::module::by_name("pmglobalsign").unwrap();
    let platform = BillManager::new(root.path().to_owned(), module);
    (root, platform)
}

fn block<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(future)
}

fn calls(root: &TempDir) -> Vec<String> {
    std::fs::read_to_string(root.path().join("calls"))
        .unwrap_or_default()
        .lines()
        .map(|line| line.trim_end().to_owned())
        .collect()
}

#[test]
fn lists_read_every_parameter_that_keeps_an_order_number() {
    for module in crate::module::all() {
        let name = format!("'{}'", module.order_parameter);
        assert!(
            super::statements::OVERVIEW_PARAMETERS.contains(&name),
            "{name}"
        );
    }
}

#[test]
fn every_write_sends_the_attested_function_and_arguments() {
    let (root, platform) = platform("");
    let item = ItemId(7);
    let money = Money {
        minor: 15_240,
        currency: crate::domain::Currency::EUR,
    };
    let now = Utc::now();
    block(async {
        let patience = Patience::UntilPlatformIsBack;
        platform
            .save_parameter(item, "custom_order_id", "A-1 b", patience)
            .await
            .unwrap();
        platform
            .set_status(item, CertificateStatus::Requested)
            .await
            .unwrap();
        let date = NaiveDate::from_ymd_opt(2027, 1, 31).unwrap();
        platform.set_expire_date(item, date).await.unwrap();
        let pem = CertificateFile::Pem("PEM".to_owned());
        platform.save_certificate(item, &pem).await.unwrap();
        let zip = CertificateFile::Zip(vec![0, 1, 2]);
        platform.save_certificate(item, &zip).await.unwrap();
        platform.mark_failed(item).await.unwrap();
        platform
            .save_balance(AccountId(3), money, now)
            .await
            .unwrap();
        platform.roll_back_tariff_change(item).await.unwrap();
        platform
            .record_error(OperationId(9), "<doc/>")
            .await
            .unwrap();
        platform
            .register_problem(AccountId(3), "Name", &"x".repeat(5000))
            .await
            .unwrap();
    });
    let at = now.with_timezone(&Local).format("%Y-%m-%d %H:%M:%S");
    let problem = format!(
        "problems.register sok=ok level=error name=processingmodule_connect id=3 param_pm_name=Name param_pm_id=3 param_errormsg={}",
        "x".repeat(1000)
    );
    let balance = format!(
        "processing.savebalance sok=ok processingmodule=3 balance=152.40 currency=EUR notify_time={at}"
    );
    assert_eq!(
        calls(&root),
        [
            "service.saveparam sok=ok crypted=off elid=7 name=custom_order_id value=A-1 b",
            "service.setstatus sok=ok elid=7 service_status=3",
            "service.setexpiredate sok=ok elid=7 expiredate=2027-01-31",
            "certificate.save sok=ok elid=7 crt=PEM",
            "certificate.save sok=ok crt_type=zip elid=7 crt=AAEC",
            "certificate.failed sok=ok elid=7",
            balance.as_str(),
            "service.changepricelist.rollback sok=ok elid=7",
            "-e errorxml=$PMSSL_ARGUMENT_0 runningoperation.edit sok=ok elid=9",
            problem.as_str(),
        ]
    );
}

/// A vendor's words stand in problems, tasks and notifications; the two latter need a database to reach mgrctl.
#[test]
fn what_steers_a_terminal_or_turns_a_line_round_reaches_the_panel_as_its_escape() {
    let words = "no\r\nfunds\u{1b}[2J\u{202e}\r7\tЙ";
    let escaped = "no\nfunds\\u{1b}[2J\\u{202e}\\r7\\tЙ";
    assert_eq!(work::harmless(words), escaped);
    let (root, platform) = platform("");
    let words = "no\nfunds\u{1b}[2J\u{202e}";
    block(platform.register_problem(AccountId(3), "Name", words)).unwrap();
    let call = &calls(&root)[0];
    let text = call.split_once("param_errormsg=").unwrap().1;
    // Lines stay lines; the script makes one of them.
    assert_eq!(text, "no funds\\u{1b}[2J\\u{202e}");
}

#[test]
fn every_operation_is_ended_by_its_function() {
    let (root, platform) = platform("");
    let operations = [
        (Finish::Open, "certificate.open"),
        (Finish::Prolong, "service.postprolong"),
        (Finish::Reopen, "service.postreopen"),
        (Finish::Suspend, "service.postsuspend"),
        (Finish::Resume, "service.postresume"),
        (Finish::Close, "service.postclose"),
        (Finish::SetParameters, "service.postsetparam"),
    ];
    for (operation, _) in operations {
        block(platform.finish(ItemId(7), operation)).unwrap();
    }
    let expected: Vec<_> = operations
        .iter()
        .map(|(_, function)| format!("{function} sok=ok elid=7"))
        .collect();
    assert_eq!(calls(&root), expected);
}

#[test]
fn operations_are_restarted_by_one_function_and_no_other_follows() {
    let (root, platform) = platform("");
    block(platform.restart_operations(ItemId(7))).unwrap();
    assert_eq!(calls(&root), ["certificate.retry elid=7"]);
    let refusal = "echo '<doc><error type=\"missed\" object=\"func\"/></doc>'; exit 1";
    let (root, platform) = self::platform(refusal);
    let failure = block(platform.restart_operations(ItemId(7))).unwrap_err();
    assert_eq!(failure.object(), "certificate.retry");
    assert_eq!(calls(&root).len(), 1);
}

#[test]
fn own_options_come_from_the_files() {
    let (root, platform) = platform("");
    assert_eq!(platform.option("SSLExpireDate").as_deref(), Some("paid"));
    assert_eq!(platform.option("SSLPlatformWait"), None);
    assert!(calls(&root).is_empty());
}

#[test]
fn the_platform_is_asked_only_when_the_files_name_no_database() {
    let list = "case $1 in paramlist) echo '<doc><elem><DBName>other</DBName></elem><elem><CryptKey>etc/k.pem</CryptKey></elem></doc>'; exit 0;; esac";
    let (root, platform) = platform(list);
    std::fs::write(root.path().join("etc/billmgr.conf"), "CryptKey etc/x.pem\n").unwrap();
    let failure = platform.installation().unwrap_err();
    assert_eq!(failure.reason(), Reason::PlatformFile);
    assert!(failure.object().ends_with("etc/k.pem"));
    // From inside a runtime, too, and without asking again.
    block(async { platform.installation().unwrap_err() });
    assert_eq!(calls(&root), ["paramlist"]);
}

#[test]
fn without_files_and_without_a_list_there_is_no_guess() {
    let (root, platform) = platform("exit 1");
    std::fs::remove_file(root.path().join("etc/billmgr.conf")).unwrap();
    let failure = block(platform.service(ItemId(1))).unwrap_err();
    assert_eq!(failure.reason(), Reason::PlatformFunction);
    assert_eq!(failure.object(), "paramlist");
}
