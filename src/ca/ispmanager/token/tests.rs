use super::*;
use proptest::prelude::*;

fn text(memory: &Memory) -> String {
    memory.write().0
}

#[test]
fn tokens_have_a_stable_form() {
    let known = |numbers: &[u64]| Memory::New(Known::new(numbers.to_vec()));
    let day = NaiveDate::from_ymd_opt(2027, 11, 20).unwrap();
    let reissue = Memory::Reissue {
        certificate: Some("0011".to_owned()),
        request: None,
    };
    for (memory, expected) in [
        (known(&[]), "n;"),
        (known(&[7_741_203, 35, 36, 35]), "n;z.10.4lx5f"),
        (Memory::Renewal(day), "p;2027-11-20"),
        (reissue, "r;0011;"),
    ] {
        assert_eq!(text(&memory), expected);
        assert_eq!(Memory::read(&Token(expected.to_owned())), Some(memory));
    }
    for text in [
        "",
        "n",
        "x;1",
        "n;A",
        "n;1..2",
        "p;",
        "p;tomorrow",
        "r;1",
        "r;x;",
        "n;1*2",
    ] {
        assert_eq!(Memory::read(&Token(text.to_owned())), None, "{text}");
    }
}

#[test]
fn an_account_with_many_services_of_a_domain_remembers_the_last() {
    let known = Known::new((7_000_000..7_000_100).collect());
    assert_eq!(known, Known::UpTo(7_000_099));
    assert!(known.holds(7_000_099) && !known.holds(7_000_100));
}

#[test]
fn marks_do_not_mind_line_ends() {
    assert_eq!(mark("a\r\nb\n"), mark("a\nb"));
    assert_ne!(mark("ab"), mark("ac"));
    assert_eq!(mark("").len(), 16);
}

proptest! {
    #[test]
    fn every_picture_fits_the_store_and_is_read_back(numbers in proptest::collection::vec(any::<u64>(), 0..40)) {
        let known = Known::new(numbers.clone());
        prop_assert!(numbers.iter().all(|number| known.holds(*number)));
        let memory = Memory::New(known);
        let token = memory.write();
        prop_assert!(token.0.len() <= LONGEST && !token.0.contains('|'));
        prop_assert_eq!(Memory::read(&token), Some(memory));
    }

    #[test]
    fn reading_never_panics(text in "\\PC{0,90}") {
        let _ = Memory::read(&Token(text));
    }
}
