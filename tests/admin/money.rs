//! `balance`, `products`, `modules`.

use super::*;

#[test]
fn balances_are_shown_for_one_account_or_all() {
    let place = Place::new();
    let second = place.world.add_account(MODULE, &[]);
    let text = place.tell(&["balance"]).with(0);
    insta::assert_snapshot!("balance", place.plain(&text));
    let told = place.tell(&["balance", "--module", &second.to_string(), "--json"]);
    let list = told.json();
    assert_eq!(list.as_array().unwrap().len(), 1);
    assert_eq!(list[0]["balance"], "1000000.00");
    assert_eq!(place.tell(&["balance", "--module", "9999"]).code, 1);
    assert!(place.world.balances().is_empty(), "nothing is saved");
}

#[test]
fn a_vendor_that_is_down_does_not_hide_the_others() {
    let place = Place::new();
    let broken = [("url", "http://127.0.0.1:9/rest")];
    place.world.add_account(MODULE, &broken);
    let told = place.tell(&["balance", "--json"]);
    assert_eq!(told.code, 1);
    let list = told.json();
    assert_eq!(list[0]["balance"], "1000000.00");
    assert_eq!(list[1]["error"]["type"], "client");
}

#[test]
fn the_price_list_is_shown_for_tariffs() {
    let place = Place::new();
    let id = place.account.to_string();
    let text = place
        .tell(&["products", "--module", &id, "--only", "positivessl"])
        .with(0);
    insta::assert_snapshot!("products", text);
    let list = place.tell(&["products", "--module", &id, "--json"]).json();
    assert!(list.as_array().unwrap().len() > 5);
    assert!(list[0]["prices"][0]["price"].is_string());
    let none = ["products", "--module", &id, "--only", "no such thing"];
    assert!(place.tell(&none).with(0).contains("no products"));
}

#[test]
fn tariffs_are_laid_beside_the_vendors_list() {
    let place = Place::new();
    let world = &place.world;
    let own = place.account;
    let sold = world.tariff(own, "positivessl");
    let odd = world.tariff(own, "no-such-product");
    let unlisted = world.add_account("pmglobalsign", &[]);
    let untold = world.tariff(unlisted, "DV_LOW");
    let other = world.add_account("pmenomssl", &[]);
    let gone = world.tariff(other, "Certificate-VeriSign-Secure-Site");
    world.panel().execute(
        "UPDATE pricelist SET active = 'off' WHERE id = ?",
        rusqlite::params![gone],
    );
    let list = place.tell(&["products", "--diff", "--json"]).json();
    let told: Vec<String> = list
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            let tariff = &one["tariffs"][0];
            let (id, active) = (&tariff["id"], &tariff["active"]);
            let state = one["state"].as_str().unwrap();
            format!("{} {state} {id} {active}", one["account"])
        })
        .collect();
    let expected = [
        format!("{own} unknown {odd} true"),
        format!("{own} listed {sold} true"),
        format!("{unlisted} untold {untold} true"),
        format!("{other} not-listed {gone} false"),
    ];
    assert_eq!(told, expected);
    assert_eq!(list[1]["prices"][0]["price"], "9.00");
    let text = place.tell(&["products", "--diff"]).with(0);
    for part in [
        "not listed",
        &format!("{gone} (off)"),
        "12: 9.00 USD",
        "not compared",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let id = own.to_string();
    let words = ["products", "--diff", "--account", &id, "--only", "positive"];
    let one = place.tell(&[&words[..], &["--json"]].concat()).json();
    assert_eq!(one.as_array().unwrap().len(), 1, "{one}");
    assert_eq!(place.tell(&["products"]).code, 2);
    assert_eq!(
        place.tell(&[&words[..], &["--sort", "code"]].concat()).code,
        2
    );

    // One vendor that is away hides no other.
    world.add_account(MODULE, &[("url", "http://127.0.0.1:9/rest")]);
    let told = place.tell(&["products", "--diff", "--json"]);
    assert_eq!(told.code, 1, "{told:?}");
    let list = told.json();
    assert_eq!(list.as_array().unwrap().len(), 5, "{list}");
    assert_eq!(list[2]["error"]["type"], "client", "{list}");
}

#[test]
fn modules_are_listed() {
    let place = Place::new();
    let list = place.tell(&["modules", "--json"]).json();
    let names: Vec<_> = list
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["module"])
        .collect();
    assert_eq!(names.len(), pmssl::module::MODULES.len());
    let text = place.tell(&["modules"]).with(0);
    assert!(text.contains(MODULE), "{text}");
}
