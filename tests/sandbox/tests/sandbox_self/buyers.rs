//! A command that may not buy is found at the vendor, whatever program it is. Here the product is a shell that does
//! nothing but send one paid request.

use super::Place;
use crate::sandbox::{ItemSpec, lock};

/// A world whose product buys at eNom, whatever it is asked.
fn place() -> (Place, u64) {
    let place = Place::with("/bin/bash");
    // The name of the program's file is what tells the product from others.
    let file = place.directory.path().join("pmssl");
    crate::sandbox::binaries::copy_program("/bin/bash".as_ref(), &file);
    for module in crate::sandbox::layout::MODULES {
        let link = place.world.layout().module(module);
        std::fs::remove_file(&link).unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
    }
    let server = place.world.vendor("enomssl");
    let (address, port) = (server.address().ip(), server.address().port());
    let settings = server.vendor().settings("");
    let of = |name: &str| settings.iter().find(|one| one.0 == name).unwrap().1.clone();
    let query = format!(
        "Command=PurchaseServices&UID={}&PW={}&Service=Certificate-RapidSSL-RapidSSL&NumYears=1&ResponseType=XML",
        of("username"),
        of("password"),
    );
    let script = format!(
        "exec 3<>/dev/tcp/{address}/{port}\n\
         printf 'GET /interface.asp?{query} HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\n\\r\\n' >&3\n\
         read -r line <&3; echo \"$line\"\n"
    );
    std::fs::write(place.directory.path().join("buy"), script).unwrap();
    let account = place.world.add_bare_account("pmenomssl", &[]);
    let spec = ItemSpec::new(account, "Certificate-RapidSSL-RapidSSL");
    let item = place.world.add_item(&spec);
    // Nothing here is a service's own order.
    for expected in [
        "unasked: ",
        "lost: ",
        "too many: ",
        "against the documentation: ",
    ] {
        place.world.expect_at_the_end(expected);
    }
    (place, item)
}

/// Has the "product" buy, started with these words.
fn buy(place: &Place, words: &[&str]) {
    let script = place.directory.path().join("buy");
    let words = [&[script.to_str().unwrap()], words].concat();
    let outcome = place
        .world
        .run_module_in("pmenomssl", &words, &Default::default());
    assert!(outcome.stdout.contains("200"), "{outcome:?}");
}

#[test]
fn a_look_that_buys_is_found() {
    let (place, item) = place();
    let item = item.to_string();
    buy(&place, &["--command", "open", "--item", &item]);
    buy(&place, &["--command", "prolong", "--item", &item]);
    assert_eq!(place.world.reconcile().unasked, [] as [&str; 0]);
    for (number, words) in [
        &["--command", "sync_item", "--item", &item][..],
        &["--command", "close", "--item", &item],
        &["--command", "check_connection"],
        &["--command", "reopen", "--item", &item],
    ]
    .iter()
    .enumerate()
    {
        buy(&place, words);
        let found = place.world.reconcile().unasked;
        assert_eq!(found.len(), number + 1, "{words:?}: {found:?}");
        assert!(found[number].ends_with(&words.join(" ")), "{found:?}");
    }
    assert_eq!(lock(place.world.purchases()).seen, 6);
}

#[test]
fn a_purchase_of_what_a_person_has_is_found() {
    let (place, item) = place();
    let (key, other) = ("ABCDEFGHIJKLMNOPQRST", "TSRQPONMLKJIHGFEDCBA");
    let intent = format!("1|open|unknown|1|{key}|1775000000|0||");
    let panel = place.world.panel();
    panel.set_parameter(item, "pmssl_intent", Some(&intent));
    // An order of former times, which was settled since.
    panel.set_parameter(item, "pmssl_person", Some(other));
    buy(&place, &["--command", "open", "--item", &item.to_string()]);
    assert_eq!(place.world.reconcile().unasked, [] as [&str; 0]);
    panel.set_parameter(item, "pmssl_person", Some(key));
    buy(&place, &["--command", "open", "--item", &item.to_string()]);
    let found = place.world.reconcile().unasked;
    assert!(found[0].contains("a person has service"), "{found:?}");
}
