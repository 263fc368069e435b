//! `check` and `capture`.

use super::*;

fn verdicts(told: &Told) -> Vec<(String, String)> {
    let steps = told.json()[0]["steps"].clone();
    let steps = steps.as_array().unwrap();
    steps
        .iter()
        .map(|step| {
            let word = |name: &str| step[name].as_str().unwrap().to_owned();
            (word("step"), word("verdict"))
        })
        .collect()
}

fn verdict(told: &Told, step: &str) -> String {
    verdicts(told)
        .into_iter()
        .find(|(name, _)| name == step)
        .unwrap_or_else(|| panic!("no step {step}: {told:?}"))
        .1
}

#[test]
fn a_good_way_is_told_step_by_step() {
    let place = Place::new();
    let id = place.account.to_string();
    let told = place.tell(&["check", "--module", &id, "--json"]);
    assert_eq!(told.code, 0, "{told:?}");
    let names: Vec<_> = verdicts(&told).into_iter().map(|(name, _)| name).collect();
    let expected = [
        "settings",
        "name",
        "connection",
        "source",
        "TLS",
        "clock",
        "credentials",
        "account",
        "balance",
    ];
    assert_eq!(names, expected);
    let text = place.tell(&["check", "--all"]).with(0);
    for word in ["credentials", "accepted", "1000000.00 USD", " ms "] {
        assert!(text.contains(word), "{word}: {text}");
    }
    let text = place
        .tell(&["check", "--module", &id, "--lang", "ru"])
        .with(0);
    assert!(text.contains("учётные данные   хорошо"), "{text}");
}

#[test]
fn each_broken_step_is_named_with_its_remedy() {
    let place = Place::new();
    let check = |settings: &[(&str, &str)]| {
        let account = place.world.add_account(MODULE, settings);
        let told = place.tell(&["check", "--module", &account.to_string(), "--json"]);
        assert_eq!(told.code, 1, "{told:?}");
        told
    };
    let told = check(&[("url", "https://no-such-host.invalid/rest")]);
    assert_eq!(verdict(&told, "name"), "bad");
    assert_eq!(verdict(&told, "credentials"), "skipped");
    let told = check(&[("url", "http://127.0.0.1:9/rest")]);
    assert_eq!(verdict(&told, "connection"), "bad");
    let told = check(&[("url", "http://vendor.example.com/rest")]);
    assert_eq!(verdict(&told, "settings"), "bad");
    let told = check(&[("partner_code", "")]);
    assert_eq!(verdict(&told, "settings"), "bad");
    let told = check(&[("partner_code", "00000000")]);
    assert_eq!(verdict(&told, "credentials"), "bad");
    assert!(told.stdout.contains("public address"), "{told:?}");
    // The vendor's port speaks no TLS.
    let address = place.world.vendor(MODULE).address();
    let told = check(&[("url", &format!("https://{address}/rest"))]);
    assert_eq!(verdict(&told, "TLS"), "bad");
    assert!(told.stdout.contains("SSLCaFile"), "{told:?}");
    assert_eq!(place.tell(&["check"]).code, 2);
}

#[test]
fn an_account_that_is_switched_off_or_empty_is_something_to_look_at() {
    let place = Place::new();
    let id = place.account.to_string();
    place.world.set_active(place.account, false);
    place.world.vendor(MODULE).vendor().set_balance(0);
    let told = place.tell(&["check", "--module", &id, "--json"]);
    assert_eq!(told.code, 3, "{told:?}");
    assert_eq!(verdict(&told, "credentials"), "good");
    assert_eq!(verdict(&told, "account"), "look");
    assert_eq!(verdict(&told, "balance"), "look");
    for remedy in ["switch the processing module on", "top up the account"] {
        assert!(told.stdout.contains(remedy), "{remedy}: {told:?}");
    }
}

#[test]
fn typed_secrets_come_from_file_or_environment_never_from_arguments() {
    let place = Place::new();
    let settings = place.world.settings_of(place.account);
    let value = |name: &str| {
        let found = settings.iter().find(|(known, _)| known == name);
        found.unwrap().1.clone()
    };
    let (url, code) = (value("url"), value("partner_code"));
    let words = ["check", MODULE, "--url", &url, "--partner-code", &code];

    let mut command = place.command(&words);
    command.env("PMSSL_SECRET", value("auth_token"));
    let told = place.finish(command);
    assert_eq!(told.code, 0, "{told:?}");

    let file = place.directory.path().join("secret");
    std::fs::write(&file, format!("{}\n", value("auth_token"))).unwrap();
    let file = file.display().to_string();
    let told = place.tell(&[&words[..], &["--secret-file", &file]].concat());
    assert_eq!(told.code, 0, "{told:?}");

    let told = place.tell(&words);
    assert_eq!(told.code, 2, "nobody to ask: {told:?}");
    let typed = format!("auth_token={}", value("auth_token"));
    let told = place.tell(&[&words[..], &["--set", &typed]].concat());
    assert_eq!(told.code, 2, "{told:?}");
}

#[test]
fn a_record_holds_no_secret_and_nothing_about_the_account() {
    let place = Place::new();
    let id = place.account.to_string();
    let text = place.tell(&["capture", "--module", &id]).with(0);
    for call in [
        "health/status",
        "health/validate",
        "user/accountdetail",
        "product/query",
    ] {
        assert!(text.contains(&format!("==== {call}")), "{call}: {text}");
    }
    assert!(text.contains("HTTP 200"), "{text}");
    let directory = place.world.root().join("var/pmssl/capture");
    let files: Vec<_> = std::fs::read_dir(&directory)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    assert_eq!(files.len(), 1);
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::metadata(&files[0]).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let stored = std::fs::read_to_string(&files[0]).unwrap();
    let settings = place.world.settings_of(place.account);
    for (name, value) in settings {
        if name == "partner_code" || name == "auth_token" {
            assert!(!stored.contains(&value) && !text.contains(&value), "{name}");
        }
    }
    assert!(stored.contains("ProductCode"), "shapes are kept");
    assert_eq!(place.world.vendor(MODULE).vendor().sales().len(), 0);
    let told = place.tell(&["capture", "--module", &id, "--json"]);
    assert_eq!(told.json()["calls"].as_array().unwrap().len(), 4);
}
