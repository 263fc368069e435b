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
