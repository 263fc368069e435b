use super::*;
use tempfile::TempDir;

const OK: &str = "echo '<doc func=\"f\"><id>7</id><ok/></doc>'";
const CALL: &[FunctionCall] = &[FunctionCall {
    function: "service.setstatus",
    fixed: &[("sok", "ok")],
}];
const TWO_CALLS: &[FunctionCall] = &[
    FunctionCall {
        function: "certificate.open",
        fixed: &[("sok", "ok")],
    },
    FunctionCall {
        function: "service.postopen",
        fixed: &[("sok", "ok")],
    },
];

/// A platform root whose mgrctl is the given shell script, with `$0` far from any real installation.
fn client(script: &str) -> (TempDir, Mgrctl) {
    let root = tempfile::tempdir().unwrap();
    std::fs::create_dir(root.path().join("sbin")).unwrap();
    let program = root.path().join(PROGRAM);
    pmssl_sandbox::binaries::write_script(&program, &format!("#!/bin/sh\n{script}\n"));
    let mut mgrctl = Mgrctl::new(root.path(), "pmtest", Duration::from_secs(60));
    mgrctl.time_limit = Duration::from_secs(20);
    mgrctl.pause = Duration::from_millis(100);
    (root, mgrctl)
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
}

fn run(script: &str, calls: &[FunctionCall], arguments: &[Argument]) -> Result<Element, Failure> {
    let (_root, mgrctl) = client(script);
    runtime().block_on(mgrctl.run(calls, arguments))
}

fn words(outcome: Result<Element, Failure>) -> String {
    let failure = outcome.unwrap_err();
    assert_eq!(failure.reason(), Reason::PlatformFunction);
    failure.chain()
}

fn calls(root: &TempDir) -> Vec<String> {
    std::fs::read_to_string(root.path().join("calls"))
        .unwrap_or_default()
        .lines()
        .map(str::to_owned)
        .collect()
}

#[test]
fn a_call_names_manager_format_function_and_arguments_and_runs_in_the_root() {
    let script = format!(
        "printf '%s\\n' \"$@\" > arguments; printf '%s %s' \"$SSH_CONNECTION\" \"$PATH\" > environment; pwd > directory; {OK}"
    );
    let (root, mgrctl) = client(&script);
    let reply = runtime()
        .block_on(mgrctl.run(
            CALL,
            &[
                Argument::open("elid", "4711"),
                Argument::open("value", "two words\n\0and 'a' line"),
            ],
        ))
        .unwrap();
    assert_eq!(reply.value("id"), Some("7"));
    let read = |name: &str| std::fs::read_to_string(root.path().join(name)).unwrap();
    assert_eq!(
        read("arguments"),
        "-m\nbillmgr\n-o\nxml\nservice.setstatus\nsok=ok\nelid=4711\nvalue=two words\nand 'a' line\n"
    );
    assert!(read("environment").starts_with("pmtest "));
    assert!(read("environment").contains("/usr/sbin"));
    assert_eq!(
        Path::new(read("directory").trim()).canonicalize().unwrap(),
        root.path().canonicalize().unwrap()
    );
}

#[test]
fn hidden_and_long_values_are_in_the_environment_and_never_in_the_arguments() {
    let script = format!(
        "tr '\\0' '\\n' < /proc/$$/cmdline > arguments; printf %s \"$PMSSL_ARGUMENT_0\" > hidden; \
         printf %s \"$PMSSL_ARGUMENT_1\" > long; {OK}"
    );
    let (root, mgrctl) = client(&script);
    let long = "l0ng".repeat(300);
    let arguments = [
        Argument::open("elid", "1"),
        Argument::hidden("value", "s3cr3t $HOME `x`\n"),
        Argument::open("crt", long.clone()),
    ];
    runtime().block_on(mgrctl.run(CALL, &arguments)).unwrap();
    let read = |name: &str| std::fs::read_to_string(root.path().join(name)).unwrap();
    let seen = read("arguments");
    assert!(seen.contains("xml\n-e\nvalue=$PMSSL_ARGUMENT_0\n-e\ncrt=$PMSSL_ARGUMENT_1\nservice.setstatus\nsok=ok\nelid=1\n"));
    assert!(!seen.contains("s3cr3t") && !seen.contains("l0ng"));
    assert_eq!(read("hidden"), "s3cr3t $HOME `x`\n");
    assert_eq!(read("long"), long);
    let shown = format!("{arguments:?}");
    assert!(!shown.contains("s3cr3t") && !shown.contains("l0ng"));
}

#[test]
fn a_value_that_linux_cannot_pass_is_refused_before_anything_starts() {
    let (root, mgrctl) = client(&format!("echo x >> calls; {OK}"));
    let longest = Argument::hidden("crt", "x".repeat(LONGEST_VALUE));
    runtime().block_on(mgrctl.run(CALL, &[longest])).unwrap();
    let too_long = Argument::hidden("crt", "x".repeat(LONGEST_VALUE + 1));
    let words = words(runtime().block_on(mgrctl.run(CALL, &[too_long])));
    assert!(words.contains("crt has 130049 bytes"), "{words}");
    assert_eq!(calls(&root).len(), 1);
}

#[test]
fn only_a_clean_confirmed_reply_counts_as_done() {
    let error = "<doc><error type=\"value\" object=\"elid\"><param name=\"value\">4711</param>\
        <msg>wrong elid</msg></error></doc>";
    let cases = [
        (format!("echo '{error}'"), "value (elid): wrong elid"),
        (
            format!("echo '{error}'; exit 1"),
            "value (elid): wrong elid",
        ),
        (
            "echo '<doc><error type=\"access\"><param name=\"value\">v</param></error></doc>'"
                .into(),
            "access: v",
        ),
        (
            "echo '<doc><tparams><ok/><sok>ok</sok></tparams></doc>'".into(),
            "does not confirm",
        ),
        (
            format!("{OK}; echo broken pipe >&2; exit 3"),
            "exit status: 3: broken pipe",
        ),
        ("exit 1".into(), "exit status: 1"),
        ("echo no panel >&2; exit 1".into(), "no panel"),
        ("kill -9 $$".into(), "signal: 9"),
        ("true".into(), "the document is empty"),
        ("echo '<html/>'".into(), "the root element is not 'doc'"),
        ("echo '<doc><ok/>'".into(), "ends too early"),
        ("echo OK".into(), "cannot be read"),
        (
            "echo '<doc><error type=\"client\" object=\"open\"/></doc>'; exit 1".into(),
            "BILLmanager does not answer",
        ),
    ];
    for (script, expected) in cases {
        let words = words(run(&script, CALL, &[]));
        assert!(words.contains(expected), "{script}: {words}");
        assert!(words.contains("service.setstatus"));
    }
}

#[test]
fn an_echoed_parameter_called_error_is_no_error() {
    let script = "echo '<doc><tparams><error>x</error></tparams><ok/></doc>'";
    assert!(run(script, CALL, &[]).is_ok());
}

#[test]
fn noise_on_stderr_and_a_flood_do_not_block_a_call() {
    let script = format!("head -c 300000 /dev/zero >&2; {OK}");
    assert!(run(&script, CALL, &[]).is_ok());
    let words = words(run("head -c 9000000 /dev/zero", CALL, &[]));
    assert!(words.contains("cannot be read"), "{words}");
}

#[test]
fn a_missing_client_is_told_clearly() {
    let root = tempfile::tempdir().unwrap();
    let mgrctl = Mgrctl::new(root.path(), "pmtest", Duration::from_secs(60));
    let words =
        words(runtime().block_on(mgrctl.run_patiently(CALL, &[], Duration::from_secs(600))));
    assert!(words.contains("sbin/mgrctl cannot be started"), "{words}");
}

#[test]
fn a_slow_client_is_stopped() {
    let (root, mut mgrctl) = client("echo $$ > pid; exec sleep 600");
    mgrctl.time_limit = Duration::from_secs(3);
    let runtime = runtime();
    let outcome = runtime.block_on(mgrctl.run(CALL, &[]));
    assert!(words(outcome).contains("did not answer"));
    let pid = std::fs::read_to_string(root.path().join("pid")).unwrap();
    assert!(!Path::new("/proc").join(pid.trim()).exists());
}

#[test]
fn a_refused_function_gives_way_to_the_older_one() {
    let script = format!(
        "echo $5 >> calls; if [ $5 = certificate.open ]; then echo '<doc><error type=\"missed\" object=\"func\"/></doc>'; exit 1; fi; {OK}"
    );
    let (root, mgrctl) = client(&script);
    runtime().block_on(mgrctl.run(TWO_CALLS, &[])).unwrap();
    assert_eq!(calls(&root), ["certificate.open", "service.postopen"]);
}

#[test]
fn no_other_failure_gives_way() {
    for failing in [
        "exit 1",
        "true",
        "echo '<doc/>'",
        "echo '<doc><error type=\"value\" object=\"elid\"/></doc>'",
        "echo '<doc><error type=\"client\" object=\"open\"/></doc>'",
        "kill -9 $$",
    ] {
        let (root, mgrctl) = client(&format!("echo $5 >> calls; {failing}"));
        let words = words(runtime().block_on(mgrctl.run(TWO_CALLS, &[])));
        assert!(words.contains("certificate.open"), "{words}");
        assert_eq!(calls(&root), ["certificate.open"], "{failing}");
    }
    let (root, mut mgrctl) = client("echo $5 >> calls; exec sleep 600");
    mgrctl.time_limit = Duration::from_secs(3);
    words(runtime().block_on(mgrctl.run(TWO_CALLS, &[])));
    assert_eq!(calls(&root), ["certificate.open"]);
}

#[test]
fn a_restarting_panel_is_waited_for_when_asked_to() {
    for away in [
        "exit 1",
        "echo cannot connect; exit 1",
        "echo '<doc><error type=\"client\" object=\"open\"/></doc>'; exit 1",
        "kill -9 $$",
    ] {
        let script =
            format!("echo x >> calls; if [ $(wc -l < calls) -lt 3 ]; then {away}; else {OK}; fi");
        let (root, mgrctl) = client(&script);
        let done = runtime().block_on(mgrctl.run_patiently(CALL, &[], Duration::from_secs(60)));
        assert!(done.is_ok(), "{away}");
        assert_eq!(calls(&root).len(), 3);
    }
}

#[test]
fn patience_ends_and_does_not_cover_refusals() {
    let (root, mgrctl) = client("echo x >> calls; exit 1");
    let started = Instant::now();
    words(runtime().block_on(mgrctl.run_patiently(CALL, &[], Duration::from_secs(5))));
    assert!(calls(&root).len() >= 2);
    assert!(started.elapsed() < Duration::from_secs(120));

    let (root, mgrctl) = client(
        "echo x >> calls; echo '<doc><error type=\"value\" object=\"elid\"/></doc>'; exit 1",
    );
    words(runtime().block_on(mgrctl.run_patiently(CALL, &[], Duration::from_secs(60))));
    assert_eq!(calls(&root).len(), 1);
}

#[test]
fn a_poor_path_is_extended_once() {
    let cases = [
        (None, "/usr/local/sbin:/usr/sbin:/sbin"),
        (Some("/bin"), "/bin:/usr/local/sbin:/usr/sbin:/sbin"),
        (
            Some("/sbin:/usr/sbin:/usr/local/sbin"),
            "/sbin:/usr/sbin:/usr/local/sbin",
        ),
    ];
    for (path, expected) in cases {
        assert_eq!(extended_path(path.map(OsString::from)), expected);
    }
}
