//! The queue and the direct calls of modules.

use std::time::Duration;

use super::Place;
use crate::sandbox::ItemSpec;
use crate::sandbox::queue::{Manner, TRIES};

fn item_of(place: &Place) -> u64 {
    let account = place.world.add_bare_account("pmthesslstore", &[]);
    place.world.add_item(&ItemSpec::new(account, "rapidssl"))
}

#[test]
fn a_module_is_called_as_the_platform_does_it() {
    let place =
        Place::with_script("pwd; echo \"$@\"; echo \"$0\"; env | cut -d= -f1 | sort; cat; exit 3");
    let item = item_of(&place);
    let operation = place.world.queue(item, "open");
    let manner = Manner {
        stdin: "input",
        language: "ru",
        ..Manner::default()
    };
    let outcome = place.world.run_in(operation, &manner);
    let root = place.world.root().display().to_string();
    let lines: Vec<&str> = outcome.stdout.lines().collect();
    assert_eq!(lines[0], root);
    assert_eq!(
        lines[1],
        "--command open --item 1 --runningoperation 1 --lang ru"
    );
    assert_eq!(lines[2], format!("{root}/processing/pmthesslstore"));
    // The shell adds PWD and its like; nothing of this test's own environment comes through.
    for name in ["PATH", "PMSSL_MGR_ROOT"] {
        assert!(lines.contains(&name), "{lines:?}");
    }
    assert!(!lines.contains(&"HOME") && !lines.contains(&"CARGO_MANIFEST_DIR"));
    assert_eq!(lines.last(), Some(&"input"));
    assert_eq!(outcome.exit, Some(3));
    assert_eq!(place.world.operation(operation).unwrap().tries, 1);
}

#[test]
fn a_failing_operation_is_tried_ten_times() {
    let place = Place::with_script("exit 1");
    let operation = place.world.queue(item_of(&place), "open");
    let outcomes = place.world.run_until_done(50);
    assert_eq!(outcomes.len(), TRIES as usize);
    assert_eq!(place.world.operation(operation).unwrap().tries, TRIES);
    place.world.retry(operation);
    assert_eq!(place.world.run_once().len(), 1);
}

#[test]
fn a_manual_operation_waits_for_a_person() {
    let script = "sbin/mgrctl -m billmgr runningoperation.setmanual elid=$6; exit 1";
    let place = Place::with_script(script);
    let operation = place.world.queue(item_of(&place), "prolong");
    assert_eq!(place.world.run_until_done(50).len(), 1);
    assert!(place.world.operation(operation).unwrap().manual);
}

#[test]
fn exit_code_zero_without_a_post_function_leaves_the_operation() {
    let place = Place::with_script(
        "test \"$2\" = reopen && sbin/mgrctl -m billmgr service.postreopen elid=$4 sok=ok; exit 0",
    );
    let item = item_of(&place);
    let (open, reopen) = (
        place.world.queue(item, "open"),
        place.world.queue(item, "reopen"),
    );
    place.world.run_once();
    assert_eq!(place.world.operation(open).unwrap().tries, 1);
    assert_eq!(place.world.operation(reopen), None);
}

#[test]
fn numbers_of_operations_are_not_used_again() {
    let place = Place::new();
    let item = item_of(&place);
    let first = place.world.queue(item, "open");
    place.done(&["runningoperation.delete", &format!("elid={first}")]);
    assert_ne!(place.world.queue(item, "open"), first);
}

#[test]
fn a_module_that_hangs_is_killed_at_its_limit() {
    let place = Place::with_script("exec sleep 60");
    let operation = place.world.queue(item_of(&place), "open");
    let manner = Manner {
        limit: Some(Duration::from_millis(100)),
        ..Manner::default()
    };
    let outcome = place.world.run_in(operation, &manner);
    assert_eq!((outcome.exit, outcome.signal), (None, Some(9)));
}

#[test]
fn secrets_of_an_account_are_crypted_with_the_key_on_disk() {
    use base64::Engine;
    use rsa::pkcs1::DecodeRsaPrivateKey;
    let place = Place::with_script("cat");
    let settings = [
        ("partner_code", "P-7", false),
        ("auth_token", "t0ken<&>", true),
    ];
    let account = place.world.add_bare_account("pmthesslstore", &settings);
    let stored = place.world.database().engine().with(|connection| {
        let sql = "SELECT value FROM processingcryptedparam WHERE intname = 'auth_token'";
        connection.query_row(sql, [], |row| row.get::<_, String>(0))
    });
    let pem = std::fs::read_to_string(place.world.root().join("etc/billmgr.pem")).unwrap();
    let key = rsa::RsaPrivateKey::from_pkcs1_pem(&pem).unwrap();
    let block = base64::engine::general_purpose::STANDARD
        .decode(stored)
        .unwrap();
    assert_eq!(
        key.decrypt(rsa::Pkcs1v15Encrypt, &block).unwrap(),
        b"t0ken<&>"
    );
    let form = place.world.check_account(account).stdout;
    assert_eq!(
        form,
        "<doc><processingmodule><id>1</id><partner_code>P-7</partner_code>\
         <auth_token>t0ken&lt;&amp;&gt;</auth_token></processingmodule></doc>"
    );
}

#[test]
fn a_reissue_keeps_the_former_names() {
    let place = Place::new();
    let account = place.world.add_bare_account("pmthesslstore", &[]);
    let spec = ItemSpec::new(account, "positivemdcssl").with_names(&["a.example", "b.example"]);
    let item = place.world.add_item(&spec);
    let before = place.world.item(item).csr;
    place.world.reissue(item, None, &["b.example", "c.example"]);
    let view = place.world.item(item);
    assert_eq!(view.parameter("old_altname"), "a.example b.example");
    assert_eq!(view.parameter("altname"), "b.example c.example");
    assert_ne!(view.csr, before);
    assert_eq!(place.world.common_name(&view), "shop.example.com");
}

#[test]
fn operations_can_run_at_the_same_time() {
    // Each waits until all three have come.
    let script = "touch tmp/$6; for i in $(seq 6000); do \
                  test $(ls tmp | wc -l) = 3 && exit 0; sleep 0.02; done; exit 1";
    let place = Place::with_script(script);
    let item = item_of(&place);
    let operations = ["open", "prolong", "reopen"].map(|command| place.world.queue(item, command));
    let outcomes = place.world.run_together(&operations);
    let exits: Vec<_> = outcomes.iter().map(|outcome| outcome.exit).collect();
    assert_eq!(exits, [Some(0); 3]);
}

#[test]
fn a_second_node_shares_panel_clock_and_settings() {
    let place = Place::with_script(
        "pwd; cat etc/billmgr.conf.d/db.conf var/.sandbox/clock; sbin/mgrctl -m billmgr service.postopen elid=$4 sok=ok",
    );
    place
        .world
        .expect_at_the_end("the database password in output");
    let item = item_of(&place);
    let operation = place.world.queue(item, "open");
    let directory = tempfile::tempdir().unwrap();
    let node = place.world.add_node(directory.path());
    place.world.advance(77);
    let manner = Manner {
        node: Some(&node),
        ..Manner::default()
    };
    let outcome = place.world.run_in(operation, &manner);
    let root = node.root().display().to_string();
    assert!(outcome.stdout.starts_with(&root), "{}", outcome.stdout);
    let clock = format!("\n{}", place.world.clock().offset());
    assert!(outcome.stdout.contains("DBSocket") && outcome.stdout.contains(&clock));
    assert_eq!(place.world.operation(operation), None);
}

#[test]
fn a_bare_run_has_no_variables_of_the_world() {
    let place = Place::with_script("env; echo \"$0\"");
    let manner = Manner {
        bare: true,
        ..Manner::default()
    };
    let outcome = place.world.run_module_in("pmenomssl", &[], &manner);
    assert!(!outcome.stdout.contains("PMSSL"), "{}", outcome.stdout);
    assert!(outcome.stdout.trim_end().ends_with("/processing/pmenomssl"));
}

#[test]
fn a_secret_that_comes_out_is_found_wherever_it_does() {
    let place = Place::with_script(
        "echo \"$2\" >> var/$1.log; echo \"$3\"; sbin/mgrctl -m billmgr service.saveparam sok=ok elid=1 name=x value=\"$4\"",
    );
    for planted in [
        "auth_token of",
        "the database password",
        "the private key of",
    ] {
        place.world.expect_at_the_end(planted);
    }
    let settings = [
        ("auth_token", "t0ken-canary", true),
        ("login", "open-word", false),
    ];
    let account = place.world.add_bare_account("pmthesslstore", &settings);
    place.world.add_item(&ItemSpec::new(account, "rapidssl"));
    let key = place.world.secrets().pop().unwrap().1;
    let run = |words: [&str; 4]| place.world.run_module("pmthesslstore", &words);
    run(["pmthesslstore", "open-word", "open-word", "open-word"]);
    assert_eq!(place.world.leaks(), [""; 0]);
    run(["pmthesslstore", "my t0ken-canary!", "-", "-"]);
    run(["x", "-", &key, "-"]);
    run(["x", "-", "-", "db-password-S3cret"]);
    let leaks = place.world.leaks().join("\n");
    for part in [
        "auth_token of account 1 in ",
        "/var/pmthesslstore.log",
        "the private key of item 1 in output of run",
        "the database password in arguments of mgrctl call 3",
    ] {
        assert!(leaks.contains(part), "{part}: {leaks}");
    }
}
