//! What may happen, and how a sequence of it is made up.

use proptest::prelude::*;
use proptest::sample::select;

use super::super::authority::Mood;
use super::super::life::Death;
use super::vendor::Kind;
use crate::certificate::Format;

/// The circumstances of a sequence.
#[derive(Debug, Clone)]
pub(super) struct Setting {
    pub(super) kind: Kind,
    pub(super) services: usize,
    /// All services are for the same name.
    pub(super) same_name: bool,
    /// The vendor tells the end of the term.
    pub(super) tells_term: bool,
    /// The platform bills by End date.
    pub(super) bills_by_end_date: bool,
    pub(super) format: Format,
    pub(super) months: u32,
}

/// Platform operations that are queued for an opened service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wish {
    Open,
    Prolong,
    /// With a CSR of a new key.
    NewKey,
    /// With the CSR as it is.
    SameKey,
    Suspend,
    Resume,
    Close,
}

/// What happens to the process of an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Luck {
    Good,
    /// Killed; the next one may run on another node.
    Dies {
        at: Death,
        other_node: bool,
    },
    /// One effect fails.
    Stumbles(Death),
}

/// What happens at the vendor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Event {
    Approves,
    Cancels,
    Puzzles,
}

/// One thing that happens. Numbers choose among what is there, by remainder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    Queue {
        service: usize,
        wish: Wish,
    },
    Run {
        operation: usize,
        mood: Mood,
        luck: Luck,
    },
    Sync {
        service: usize,
        luck: Luck,
    },
    Daemon {
        service: usize,
        mood: Mood,
        luck: Luck,
    },
    /// Settles what only a person can settle, and restarts what waits for one.
    Person {
        service: usize,
        luck: Luck,
    },
    Vendor {
        service: usize,
        event: Event,
    },
    Pass {
        minutes: i64,
    },
    /// The administrator writes another value into `billmgr.conf`.
    Option {
        name: &'static str,
        value: &'static str,
    },
}

/// Values of the options that decide in mid-life; empty: not set.
const OPTIONS: [(&str, &str); 10] = [
    ("SSLExpireDate", "paid"),
    ("SSLExpireDate", "certificate"),
    ("SSLPaidTill", "multiyear"),
    ("SSLPaidTill", ""),
    ("SSLSubscriptionPolicy", "manual"),
    ("SSLSubscriptionPolicy", "none"),
    ("SSLSubscriptionPolicy", ""),
    ("SSLSubscriptionBefore", "1"),
    ("SSLSubscriptionBefore", "200"),
    ("SSLSubscriptionBefore", ""),
];

fn death() -> impl Strategy<Value = Death> {
    // Most commands have fewer than forty effects; a later one is none at all.
    prop_oneof![
        (0..40usize).prop_map(Death::Before),
        (0..40usize).prop_map(Death::After),
    ]
}

fn luck() -> impl Strategy<Value = Luck> {
    prop_oneof![
        4 => Just(Luck::Good),
        3 => (death(), any::<bool>()).prop_map(|(at, other_node)| Luck::Dies { at, other_node }),
        2 => death().prop_map(Luck::Stumbles),
    ]
}

fn mood() -> impl Strategy<Value = Mood> {
    prop_oneof![
        6 => Just(Mood::Sells),
        2 => Just(Mood::SellsSilently),
        1 => Just(Mood::SellsLate),
        2 => Just(Mood::HearsNothing),
        1 => Just(Mood::Refuses),
        1 => Just(Mood::WantsMoney),
        1 => Just(Mood::IsAway),
    ]
}

fn wish() -> impl Strategy<Value = Wish> {
    prop_oneof![
        1 => Just(Wish::Open),
        4 => Just(Wish::Prolong),
        3 => Just(Wish::NewKey),
        2 => Just(Wish::SameKey),
        1 => Just(Wish::Suspend),
        1 => Just(Wish::Resume),
        1 => Just(Wish::Close),
    ]
}

fn pass() -> impl Strategy<Value = i64> {
    const DAY: i64 = 24 * 60;
    prop_oneof![
        4 => select(vec![10, 20, 60]),
        1 => (1..200i64).prop_map(|days| days * DAY),
    ]
}

fn action() -> impl Strategy<Value = Action> {
    let service = 0..2usize;
    prop_oneof![
        3 => (service.clone(), wish()).prop_map(|(service, wish)| Action::Queue { service, wish }),
        8 => (0..4usize, mood(), luck())
            .prop_map(|(operation, mood, luck)| Action::Run { operation, mood, luck }),
        3 => (service.clone(), luck()).prop_map(|(service, luck)| Action::Sync { service, luck }),
        2 => (service.clone(), mood(), luck())
            .prop_map(|(service, mood, luck)| Action::Daemon { service, mood, luck }),
        2 => (service.clone(), luck()).prop_map(|(service, luck)| Action::Person { service, luck }),
        3 => (
            service,
            prop_oneof![
                5 => Just(Event::Approves),
                1 => Just(Event::Cancels),
                1 => Just(Event::Puzzles),
            ],
        )
            .prop_map(|(service, event)| Action::Vendor { service, event }),
        3 => pass().prop_map(|minutes| Action::Pass { minutes }),
        2 => select(&OPTIONS[..]).prop_map(|(name, value)| Action::Option { name, value }),
    ]
}

fn setting() -> impl Strategy<Value = Setting> {
    (
        select(vec![
            Kind::Named,
            Kind::Named,
            Kind::Listed,
            Kind::Mute,
            Kind::Stepped,
        ]),
        1..3usize,
        prop_oneof![4 => Just(false), 1 => Just(true)],
        any::<bool>(),
        prop_oneof![3 => Just(false), 1 => Just(true)],
        prop_oneof![3 => Just(Format::Pem), 1 => Just(Format::Zip)],
        select(vec![1, 12, 12, 24, 60]),
    )
        .prop_map(
            |(kind, services, same_name, tells_term, bills_by_end_date, format, months)| Setting {
                kind,
                services,
                same_name,
                tells_term,
                bills_by_end_date,
                format,
                months,
            },
        )
}

/// A setting and what happens in it.
pub(super) fn sequence() -> impl Strategy<Value = (Setting, Vec<Action>)> {
    (setting(), prop::collection::vec(action(), 1..40))
}
