use super::*;

#[test]
fn the_log_says_nothing_was_bought_where_it_is_known() {
    assert_eq!(came_to(State::Rejected), "nothing was bought");
    assert_eq!(came_to(State::Prepared), "nothing was sent");
    assert!(came_to(State::Unknown).ends_with("still open"));
}

#[test]
fn a_rehearsed_command_has_no_permit_that_is_worth_anything() {
    let trigger = || Trigger::operation(None);
    assert!(Permit::of(trigger(), Instant::now(), true).is_over());
    assert!(!Permit::of(trigger(), Instant::now(), false).is_over());
}

#[test]
fn a_number_that_is_none_is_short_and_masked() {
    let long = format!("{} password=canary", "9".repeat(400));
    assert!(no_number(&long).en().chars().count() < 180);
    let masked = no_number("password=canary").en().to_owned();
    assert!(!masked.contains("canary"), "{masked}");
}
