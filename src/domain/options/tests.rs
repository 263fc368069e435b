use super::*;

fn set(value: &str) -> impl Fn(&str) -> Option<String> {
    move |_| Some(value.to_owned())
}

#[test]
fn names_are_told_once() {
    let mut names: Vec<&str> = ALL.iter().map(|option| option.name()).collect();
    names.sort_unstable();
    let all = names.len();
    names.dedup();
    assert_eq!(names.len(), all);
}

#[test]
fn lengths_of_time_are_seconds_with_fractions() {
    let cases = [
        ("60", Some(60_000)),
        (" 0.25 ", Some(250)),
        ("0", None),
        ("-1", None),
        ("NaN", None),
        ("1e30", None),
        ("86400", None),
        ("soon", None),
    ];
    for (text, milliseconds) in cases {
        let mut complaints = Vec::new();
        let read = READ_TIMEOUT.read(set(text), &mut complaints);
        let expected = milliseconds.map_or(Duration::from_secs(60), Duration::from_millis);
        assert_eq!(read, expected, "{text}");
        assert_eq!(complaints.is_empty(), milliseconds.is_some(), "{text}");
        assert_eq!(READ_TIMEOUT.fits(text), milliseconds.is_some(), "{text}");
    }
}

#[test]
fn numbers_keep_their_limits_and_words_forgive_letter_case() {
    let mut complaints = Vec::new();
    assert_eq!(DAEMON_RATE.read(|_| None, &mut complaints), 5);
    assert_eq!(DAEMON_RATE.read(set("1000"), &mut complaints), 1000);
    assert_eq!(
        POLICY.read(set(" Manual "), &mut complaints),
        Policy::Manual
    );
    assert_eq!(POLICY.read(set("none"), &mut complaints), Policy::None);
    assert_eq!(BEFORE.read(set("200"), &mut complaints), Some(200));
    assert_eq!(complaints, [] as [&str; 0]);
    for bad in ["0", "1001", "1.5", "-3", "five"] {
        assert_eq!(DAEMON_RATE.read(set(bad), &mut complaints), 5, "{bad}");
    }
    assert_eq!(BEFORE.read(set("201"), &mut complaints), None);
    assert_eq!(POLICY.read(set("always"), &mut complaints), Policy::Auto);
    assert_eq!(
        complaints[4..],
        [
            "option SSLDaemonRate: 'five' is not a number from 1 to 1000; 5 is used",
            "option SSLSubscriptionBefore: '201' is not a number from 1 to 200; the default is used",
            "option SSLSubscriptionPolicy: 'always' is not one of auto, manual, none; auto is used",
        ]
    );
}

#[test]
fn what_holds_without_an_option_fits_it() {
    for option in ALL {
        let default = option.default();
        if let Some(value) = default
            .strip_prefix('`')
            .and_then(|rest| rest.strip_suffix('`'))
        {
            assert!(option.fits(value), "{} {value}", option.name());
        }
    }
}
