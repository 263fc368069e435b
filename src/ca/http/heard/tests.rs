use super::super::Room;
use super::*;

const DAY: &str = "Thu, 02 Apr 2026 10:00:00 GMT";

fn reply(status: u16, wish: Option<u64>) -> Reply {
    Reply {
        status,
        content_type: None,
        body: Vec::new(),
        retry_after: wish.map(Duration::from_secs),
        date: date(DAY),
        location: None,
        room: Room::default(),
    }
}

#[test]
fn pauses_are_seconds_or_moments() {
    let now = date(DAY);
    let cases = [
        ("120", Some(120)),
        (" 0 ", Some(0)),
        ("Thu, 02 Apr 2026 10:01:30 GMT", Some(90)),
        ("Thu, 02 Apr 2026 09:00:00 GMT", Some(0)),
        ("-1", None),
        ("soon", None),
    ];
    for (text, seconds) in cases {
        assert_eq!(pause(text, now), seconds.map(Duration::from_secs), "{text}");
    }
    assert_eq!(pause(DAY, None), None, "a moment needs the vendor's clock");
}

#[test]
fn the_vendors_clock_goes_on() {
    let heard = Heard::default();
    let start = Instant::now();
    assert_eq!(heard.time(start), None);
    heard.note(&reply(200, None), start);
    let later = heard.time(start + Duration::from_secs(90)).unwrap();
    assert_eq!(later.to_rfc3339(), "2026-04-02T10:01:30+00:00");
}

#[test]
fn only_a_busy_vendors_wish_counts_and_none_lasts_for_ever() {
    let heard = Heard::default();
    let start = Instant::now();
    heard.note(&reply(200, Some(60)), start);
    heard.note(&reply(429, None), start);
    assert_eq!(heard.quiet_for(start), None);
    heard.note(&reply(429, Some(60)), start);
    heard.note(&reply(503, Some(10)), start);
    assert_eq!(heard.quiet_for(start), Some(Duration::from_secs(60)));
    assert_eq!(heard.quiet_for(start + Duration::from_secs(60)), None);
    heard.note(&reply(429, Some(1_000_000)), start);
    assert_eq!(heard.quiet_for(start), Some(LONGEST_WISH));
}
