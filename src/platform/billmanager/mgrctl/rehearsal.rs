//! A rehearsal: functions of the platform that would change something are kept instead of being called.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use super::super::BillManager;
use super::super::choices::{FunctionCall, OPTIONS, SAVE_PARAMETER, SET_STATUS, TASK_TYPE};
use super::Argument;
use crate::domain::ItemId;
use crate::platform::fields;
use crate::xml::Element;

/// What only reads, and is asked in a rehearsal, too.
const READS: [&[FunctionCall]; 2] = [OPTIONS, TASK_TYPE];

/// A function that would have been called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deed {
    /// Its name; the first of several ways.
    pub function: &'static str,
    /// Its arguments, those that are always the same left out; secret ones without their values.
    pub arguments: Vec<(&'static str, String)>,
    /// When it would have been called.
    pub at: Instant,
}

/// The deeds of a rehearsed command. Parameters and status that it would have saved are read back as if they were.
#[derive(Debug, Default)]
pub struct Rehearsal {
    kept: Mutex<Vec<Kept>>,
}

#[derive(Debug)]
struct Kept {
    function: &'static str,
    arguments: Vec<Argument>,
    at: Instant,
}

impl Kept {
    fn argument(&self, name: &str) -> Option<&str> {
        let mut arguments = self.arguments.iter();
        let found = arguments.find(|argument| argument.name == name);
        found.map(|argument| argument.value.as_str())
    }

    fn is_of(&self, calls: &[FunctionCall]) -> bool {
        calls.iter().any(|call| call.function == self.function)
    }
}

impl BillManager {
    /// The same in a rehearsal: nothing is written.
    #[must_use]
    pub fn rehearsing(self, rehearsal: Arc<Rehearsal>) -> Self {
        let rehearsal = Some(rehearsal);
        Self { rehearsal, ..self }
    }
}

impl Rehearsal {
    /// Keeps a deed and answers as the platform does when it is done; `None` for what only reads.
    pub(super) fn keep(&self, calls: &[FunctionCall], arguments: &[Argument]) -> Option<Element> {
        if READS.contains(&calls) {
            return None;
        }
        let function = calls.first().map_or("", |call| call.function);
        crate::log!(Mgrctl, Info, "rehearsal: {function} was not called");
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.push(Kept {
            function,
            arguments: arguments.to_vec(),
            at: Instant::now(),
        });
        Some(Element {
            name: "doc".to_owned(),
            children: vec![Element {
                name: "ok".to_owned(),
                ..Element::default()
            }],
            ..Element::default()
        })
    }

    /// What was kept, in the order in which it would have been called.
    #[must_use]
    pub fn deeds(&self) -> Vec<Deed> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let shown = |argument: &Argument| match argument.hidden {
            true => String::new(),
            false => argument.value.clone(),
        };
        let deed = |kept: &Kept| Deed {
            function: kept.function,
            arguments: kept
                .arguments
                .iter()
                .map(|one| (one.name, shown(one)))
                .collect(),
            at: kept.at,
        };
        kept.iter().map(deed).collect()
    }

    /// The parameters of a service that would have been saved, first to last.
    pub(crate) fn saved(&self, item: ItemId) -> Vec<(String, String)> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let item = item.to_string();
        let parameter = |kept: &Kept| {
            let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
            if kept.is_of(SAVE_PARAMETER) {
                return Some(pair(kept.argument("name")?, kept.argument("value")?));
            }
            let status = kept
                .is_of(SET_STATUS)
                .then(|| kept.argument("service_status"));
            Some(pair(fields::SERVICE_STATUS, status.flatten()?))
        };
        kept.iter()
            .filter(|kept| kept.argument("elid") == Some(&item))
            .filter_map(parameter)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::choices;
    use super::*;

    #[test]
    fn a_deed_is_kept_and_read_back_and_a_question_is_asked() {
        let rehearsal = Rehearsal::default();
        let save = |item: &str, name: &'static str, value: &str| {
            let arguments = [
                Argument::open("elid", item),
                Argument::open("name", name),
                Argument::value_of(name, value),
            ];
            rehearsal.keep(SAVE_PARAMETER, &arguments)
        };
        let reply = save("7", "pmssl_intent", "1|open|sent").unwrap();
        assert!(reply.child("ok").is_some());
        assert!(save("7", "pmssl_intent", "1|open|prepared").is_some());
        assert!(save("8", "pmssl_intent", "other").is_some());
        let status = [
            Argument::open("elid", "7"),
            Argument::open("service_status", "3"),
        ];
        assert!(rehearsal.keep(SET_STATUS, &status).is_some());
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(
            rehearsal.saved(ItemId(7)),
            [
                pair("pmssl_intent", "1|open|sent"),
                pair("pmssl_intent", "1|open|prepared"),
                pair("service_status", "3"),
            ]
        );
        assert_eq!(rehearsal.deeds().len(), 4);
        assert_eq!(rehearsal.deeds()[0].function, "service.saveparam");
        for reads in READS {
            assert_eq!(rehearsal.keep(reads, &[]), None);
        }
    }

    /// A function that is added to the table of choices is a deed unless it stands in the short list of questions.
    #[test]
    fn every_deed_of_the_table_is_kept() {
        let rehearsal = Rehearsal::default();
        for calls in [
            choices::FINISH_OPEN,
            choices::SAVE_CERTIFICATE_PEM,
            choices::RECORD_ERROR,
            choices::MAKE_MANUAL,
            choices::RESTART_OPERATIONS,
            choices::CREATE_FREE_TASK,
            choices::NOTIFY_CLIENT,
        ] {
            assert!(rehearsal.keep(calls, &[]).is_some(), "{calls:?}");
        }
    }
}
