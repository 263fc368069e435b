//! Which operations are restarted.

use chrono::Utc;

use super::*;
use crate::domain::OperationId;
use crate::failure::Reason;
use crate::order::Operation;

fn intent(state: State) -> Result<Intent, Failure> {
    let mut intent = Intent::decide("i", ItemId(7), Operation::Open, "", 1, None, Utc::now());
    intent.state = state;
    Ok(intent)
}

fn queued(command: &str, tries: i64, tasks: i64) -> QueuedLine {
    QueuedLine {
        operation: OperationId(9),
        item: ItemId(7),
        command: command.to_owned(),
        tries,
        tasks,
    }
}

#[test]
fn what_may_have_been_bought_is_never_restarted() {
    let all = [queued("open", 10, 1)];
    for is_named in [false, true] {
        let why = |intent: Option<&Result<Intent, Failure>>, given: Option<&str>| {
            judge(intent, given, &all, is_named).err()
        };
        for state in [State::Sent, State::Unknown] {
            assert_eq!(why(Some(&intent(state)), None), Some(Left::Unsettled));
        }
        for state in [
            State::Prepared,
            State::Sent,
            State::Unknown,
            State::Rejected,
        ] {
            let intent = intent(state);
            let key = intent.as_ref().unwrap().key.to_string();
            let given = format!("1|{key}|{}", Utc::now().timestamp());
            assert_eq!(why(Some(&intent), Some(&given)), Some(Left::Person));
            // Of another version: it bars as well.
            assert_eq!(why(Some(&intent), Some("2|?")), Some(Left::Person));
        }
        let unreadable = Err(Failure::new(Reason::UnreadableIntent));
        assert_eq!(why(Some(&unreadable), None), Some(Left::Unreadable));
        for state in [State::Prepared, State::Rejected, State::Placed] {
            assert_eq!(why(Some(&intent(state)), None), None, "{state:?}");
        }
        assert_eq!(why(None, None), None);
    }
}

#[test]
fn an_operation_has_stopped_after_its_tries_with_a_task_or_when_it_was_refused() {
    for (command, tries, tasks, stopped) in [
        ("open", 0, 0, false),
        ("open", 9, 0, false),
        ("open", 10, 0, true),
        ("open", 1, 1, true),
        // It was restarted: its task stays open while it runs again.
        ("open", 0, 1, false),
        ("reopen", 9, 0, false),
        ("prolong", 0, 0, false),
        ("prolong", 1, 0, true),
        ("something new", 9, 0, false),
        ("something new", 10, 0, true),
    ] {
        let all = [queued(command, tries, tasks)];
        let expected = (!stopped).then_some(Left::GoesOn);
        let case = format!("{command} {tries} {tasks}");
        assert_eq!(judge(None, None, &all, false).err(), expected, "{case}");
        // Whoever names the service wants it now.
        assert!(judge(None, None, &all, true).is_ok(), "{case}");
        let refused = intent(State::Rejected);
        assert!(judge(Some(&refused), None, &all, false).is_ok(), "{case}");
    }
    assert_eq!(judge(None, None, &[], true).err(), Some(Left::NoOperation));
    // Of several, the one that has stopped.
    let all = [queued("open", 1, 0), queued("prolong", 1, 1)];
    let found = judge(None, None, &all, false).unwrap();
    assert_eq!(found.command, "prolong");
}

#[test]
fn what_a_former_module_may_have_ordered_is_restarted_by_its_name_only() {
    let all = [queued("open", 10, 1)];
    let given = Some(person::FORMER);
    assert_eq!(judge(None, given, &all, false).err(), Some(Left::Former));
    assert!(judge(None, given, &all, true).is_ok());
    // It says nothing of an order that this program made.
    assert!(judge(Some(&intent(State::Rejected)), given, &all, false).is_ok());
}

#[test]
fn a_deletion_is_not_restarted_beside_another_operation() {
    let both = [queued("prolong", 1, 1), queued("close", 3, 1)];
    assert_eq!(judge(None, None, &both, false).err(), Some(Left::Several));
    assert!(judge(None, None, &both, true).is_ok());
    assert!(judge(None, None, &both[1..], false).is_ok(), "alone");
}
