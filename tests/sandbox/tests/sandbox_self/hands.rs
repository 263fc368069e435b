//! Other hands: databases that are set back, read late and copied, orders of other programs, requests that come late,
//! and the world's calendar.

use std::time::{Duration, SystemTime};

use super::Place;
use crate::sandbox::ItemSpec;

fn parameter(place: &Place, item: u64) -> String {
    place.world.item(item).parameter("note").to_owned()
}

fn with_note(place: &Place) -> u64 {
    let account = place.world.add_bare_account("pmthesslstore", &[]);
    let item = place.world.add_item(&ItemSpec::new(account, "rapidssl"));
    place.world.panel().set_parameter(item, "note", Some("one"));
    item
}

#[test]
fn a_database_is_as_it_was_when_it_is_set_back() {
    let place = Place::new();
    let item = with_note(&place);
    let operation = place.world.queue(item, "open");
    let kept = place.world.remember_database();
    place.world.panel().set_parameter(item, "note", Some("two"));
    place.world.give_up(operation);
    place.world.set_database_back(kept).unwrap();
    assert_eq!(parameter(&place, item), "one");
    assert!(place.world.operation(operation).is_some());
    assert!(place.world.set_database_back(7).is_err());
}

#[test]
fn a_copy_of_the_panel_goes_its_own_way() {
    let place = Place::new();
    let item = with_note(&place);
    let directory = tempfile::tempdir().unwrap();
    let copy = place.world.copy_to(directory.path());
    copy.panel().set_parameter(item, "note", Some("two"));
    assert_eq!(copy.item(item).parameter("note"), "two");
    assert_eq!(parameter(&place, item), "one");
    let url = |world: &crate::sandbox::World| world.vendor("thesslstore").url();
    assert_eq!(url(&copy), url(&place.world));
    copy.advance(3600);
    assert_eq!(copy.clock().offset(), place.world.clock().offset());
}

#[test]
fn worlds_begin_at_the_same_moment_whatever_the_real_date() {
    let place = Place::new();
    let begin = crate::sandbox::clock::begin();
    let late = place.world.clock().now() - begin;
    assert!((0..600).contains(&late.num_seconds()), "{late}");
    let vendor = place.world.vendor("enomssl").vendor().clock().now() - begin;
    assert!((0..600).contains(&vendor.num_seconds()), "{vendor}");
}

#[test]
fn what_the_program_leaves_on_the_disk_grows_older_with_the_world() {
    let place = Place::new();
    let file = place.world.root().join("var/pmssl/looks/one");
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(&file, "").unwrap();
    place.world.advance(7200);
    let stamp = std::fs::metadata(&file).unwrap().modified().unwrap();
    let age = SystemTime::now().duration_since(stamp).unwrap();
    assert!(age >= Duration::from_secs(7200), "{age:?}");
}
