use super::*;
use proptest::prelude::*;

fn text(content: &TokenContent) -> String {
    content.write().0
}

#[test]
fn tokens_have_a_stable_form() {
    let known = |numbers: &[u64]| TokenContent::New(KnownServices::new(numbers.to_vec()));
    let day = NaiveDate::from_ymd_opt(2027, 11, 20).unwrap();
    let reissue = TokenContent::Reissue {
        certificate: Some("0011".to_owned()),
        request: None,
    };
    for (content, expected) in [
        (known(&[]), "n;"),
        (known(&[7_741_203, 35, 36, 35]), "n;z.10.4lx5f"),
        (TokenContent::Renewal(day), "p;2027-11-20"),
        (reissue, "r;0011;"),
    ] {
        assert_eq!(text(&content), expected);
        assert_eq!(
            TokenContent::read(&Token(expected.to_owned())),
            Some(content)
        );
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
        assert_eq!(TokenContent::read(&Token(text.to_owned())), None, "{text}");
    }
}

#[test]
fn an_account_with_many_services_of_a_domain_remembers_the_last() {
    let known = KnownServices::new((7_000_000..7_000_100).collect());
    assert_eq!(known, KnownServices::UpTo(7_000_099));
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
        let known = KnownServices::new(numbers.clone());
        prop_assert!(numbers.iter().all(|number| known.holds(*number)));
        let content = TokenContent::New(known);
        let token = content.write();
        prop_assert!(token.0.len() <= LONGEST && !token.0.contains('|'));
        prop_assert_eq!(TokenContent::read(&token), Some(content));
    }

    #[test]
    fn reading_never_panics(text in "\\PC{0,90}") {
        let _ = TokenContent::read(&Token(text));
    }
}
