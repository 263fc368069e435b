use super::*;
use chrono::DateTime;

use crate::module::MODULES;
use crate::order::policy::Subscription;

fn service(position: Position, end: Option<&str>) -> Judged {
    let around = Around {
        now: DateTime::from_timestamp(1_775_000_000, 0).unwrap(),
        subscription: Subscription::default(),
        vendor: Able::ALL,
        tries: 0,
        tasks: 0,
        idle: false,
    };
    let line = ServiceLine {
        item: 7,
        account: 3,
        name: "Shop".into(),
        expire_date: end.map(|day| day.parse().unwrap()),
        ..ServiceLine::default()
    };
    let listed = as_service(&line);
    let mut service = Judged::new(line, listed, MODULES[0], Vec::new(), &around);
    service.outlook.position = position;
    service.names = vec!["a.example".into(), "b.example".into()].into();
    service
}

fn filter() -> Arguments {
    Arguments::default()
}

fn account(id: u64) -> Chosen {
    Chosen {
        account: Some(id),
        ..Chosen::default()
    }
}

#[test]
fn every_filter_filters() {
    let today = "2026-04-01".parse().unwrap();
    let issued = service(Position::Issued, Some("2026-04-20"));
    let cases = [
        (filter(), true),
        (
            Arguments {
                chosen: account(3),
                ..filter()
            },
            true,
        ),
        (
            Arguments {
                chosen: account(4),
                ..filter()
            },
            false,
        ),
        (
            Arguments {
                state: vec!["unknown".into(), "issued".into()],
                ..filter()
            },
            true,
        ),
        (
            Arguments {
                state: vec!["waiting".into()],
                ..filter()
            },
            false,
        ),
        (
            Arguments {
                name: Some("B.EXAMPLE".into()),
                ..filter()
            },
            true,
        ),
        (
            Arguments {
                name: Some("shop".into()),
                ..filter()
            },
            true,
        ),
        (
            Arguments {
                name: Some("c.example".into()),
                ..filter()
            },
            false,
        ),
        (
            Arguments {
                due: Some(19),
                ..filter()
            },
            true,
        ),
        (
            Arguments {
                due: Some(18),
                ..filter()
            },
            false,
        ),
        (
            Arguments {
                stuck: true,
                ..filter()
            },
            false,
        ),
    ];
    for (arguments, expected) in cases {
        assert_eq!(
            wanted(&arguments, &issued, today),
            expected,
            "{arguments:?}"
        );
    }
    let deleted = service(Position::Deleted, Some("2026-04-02"));
    let due = Arguments {
        due: Some(30),
        ..filter()
    };
    assert!(!wanted(&due, &deleted, today));
}
