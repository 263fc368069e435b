//! Lists: formats, columns, order, number of rows; which options name what.

use super::*;

#[test]
fn services_are_listed_as_they_are_wanted() {
    let place = Place::new();
    let first = place.issued("one.example.com").to_string();
    let second = place.ordered("two.example.com").to_string();
    let long = "a-name-that-is-rather-long-for-a-table.example.com";
    let third = place.ordered(long).to_string();

    let table = place.tell(&["orders"]).with(0);
    let lines: Vec<&str> = table.lines().collect();
    assert!(
        lines.iter().all(|line| line.chars().count() <= 80),
        "{table}"
    );
    assert!(
        !table.contains(long) && table.contains("a-name-that-is-rather-lo…"),
        "{table}"
    );
    assert!(lines[2].contains("waiting for client"), "{table}");
    assert_eq!(lines[4], "services: 3 (times in UTC)");
    let wide = place.tell(&["orders", "-o", "wide"]).with(0);
    for word in [long, MODULE, "positivessl", "client"] {
        assert!(wide.contains(word), "{word}: {wide}");
    }

    let words = [
        "orders",
        "-o",
        "csv",
        "--columns",
        "name,service",
        "--sort",
        "name",
    ];
    let csv = place.tell(&words).with(0);
    let expected = format!(
        "name,service\n{long},{third}\none.example.com,{first}\ntwo.example.com,{second}\n"
    );
    assert_eq!(csv, expected);
    let words = ["orders", "--limit", "1", "--lang", "ru"];
    let table = place.tell(&words).with(0);
    assert!(table.ends_with("услуг: 1 из 3 (время UTC)\n"), "{table}");
    let list = place.tell(&["orders", "-o", "json", "--limit", "2"]).json();
    assert_eq!(list.as_array().unwrap().len(), 2);
    let both = place.tell(&["orders", "--state", "issued,waiting", "--json"]);
    assert_eq!(both.json().as_array().unwrap().len(), 3);
    assert_eq!(place.tell(&["orders", "--sort", "beauty"]).code, 2);
    assert_eq!(place.tell(&["orders", "-o", "xml"]).code, 2);
}

#[test]
fn steps_and_prices_are_lists_too() {
    let place = Place::new();
    let item = place.issued("one.example.com").to_string();
    let account = place.account.to_string();
    let steps = place.tell(&["plan", "--item", &item]).with(0);
    // The head is of the service, then the table's; below the count is what is to be said of methods.
    let lines: Vec<&str> = steps.lines().collect();
    let end = lines.iter().position(|line| line.starts_with("steps: "));
    let end = end.unwrap_or_else(|| panic!("{steps}"));
    let count = end - 2;
    assert_eq!(lines[end], format!("steps: {count} (days in UTC)"));
    assert!(
        lines[..end].iter().all(|line| line.chars().count() <= 80),
        "{steps}"
    );
    let words = ["plan", "-o", "csv", "--columns", "service,what,day"];
    let all = place.tell(&words).with(0);
    assert_eq!(all.lines().count(), count + 1, "{all}");
    let of_account = [&words[..], &["--account", &account]].concat();
    assert_eq!(place.tell(&of_account).with(0), all);
    assert_eq!(
        place.tell(&["plan", "--vendor", "enom", "--json"]).json(),
        serde_json::json!([])
    );
    assert_eq!(place.tell(&["plan", "--account", "9999"]).code, 1);

    let words = ["products", "--account", &account, "--only", "positivessl"];
    let prices = place.tell(&words).with(0);
    assert!(
        prices.lines().all(|line| line.chars().count() <= 80),
        "{prices}"
    );
    let sorted = [
        &words[..],
        &["--sort", "price", "-o", "csv", "--limit", "1"],
    ]
    .concat();
    let cheapest = place.tell(&sorted).with(0);
    assert!(cheapest.contains("9.00 USD"), "{cheapest}");
}

/// A shop's plan is read by pages: more services are no more statements, and of each it says what its own plan says.
#[test]
fn the_plan_of_all_is_that_of_each_and_takes_as_many_statements_for_many_as_for_one() {
    let place = Place::new();
    let words = ["plan", "--json"];
    let all = || {
        let statements = || place.world.database().statements().len();
        let before = statements();
        let plan = place.tell(&words).json();
        (plan, statements() - before)
    };
    let first = place.issued("one.example.com");
    let (_, of_one) = all();
    let items = [
        first,
        place.issued("two.example.com"),
        place.ordered("three.example.com"),
        place.paid("four.example.com"),
    ];
    let (plans, of_four) = all();
    assert_eq!(of_four, of_one);
    let own = items.map(|item| {
        let item = item.to_string();
        place.tell(&["plan", "--item", &item, "--json"]).json()[0].clone()
    });
    assert_eq!(plans, serde_json::Value::from(own.to_vec()));
    assert!(own[0]["certificate_end"].is_string(), "{}", own[0]);
}

#[test]
fn an_account_a_module_and_a_vendor_are_named_the_same_everywhere() {
    let place = Place::new();
    place.issued("one.example.com");
    let account = place.account.to_string();
    for command in ["check", "balance", "orders", "plan"] {
        let with =
            |option: &str, value: &str| place.tell(&[command, option, value, "--json"]).json();
        let len = |value: serde_json::Value| value.as_array().unwrap().len();
        let own = len(with("--account", &account));
        assert_eq!(own, 1, "{command}");
        for (option, value) in [
            ("--module", account.as_str()),
            ("--module", MODULE),
            ("--vendor", "thesslstore"),
        ] {
            assert_eq!(len(with(option, value)), own, "{command} {option} {value}");
        }
        let none = with("--vendor", "enom");
        match command {
            "check" | "balance" => assert_eq!(none["error"]["type"], "pmssl_no_accounts"),
            _ => assert_eq!(len(none), 0, "{command}"),
        }
    }
    for words in [
        &["products", "--account", "abc"][..],
        &["products", "--module", MODULE],
        &["show", "--item", "abc"],
    ] {
        let told = place.tell(words);
        assert_eq!(told.code, 2, "{told:?}");
        assert!(told.stderr.contains("a whole number is needed"), "{told:?}");
    }
    let told = place.tell(&["check", "--vendor", "enom"]);
    assert_eq!((told.code, told.stdout.as_str()), (3, ""), "{told:?}");
    assert!(told.stderr.contains("account"), "{told:?}");
}

#[test]
fn a_list_that_cannot_be_written_is_a_failure() {
    let place = Place::new();
    place.ordered("one.example.com");
    for words in [&["orders"][..], &["plan"], &["forecast", "-o", "csv"]] {
        let mut command = place.command(words);
        command.stdout(
            std::fs::File::options()
                .write(true)
                .open("/dev/full")
                .unwrap(),
        );
        let output = command.stderr(Stdio::piped()).spawn().unwrap();
        let output = output.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{words:?} {output:?}");
    }
}
