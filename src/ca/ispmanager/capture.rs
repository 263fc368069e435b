//! The harmless looks from which an unknown part of this wire becomes known (ispmanager.md 4.6, 16):
//! nothing outside this list is ever called for a record.

use super::Ispmanager;
use super::document;
use super::error::IspmanagerError;
use super::record::Record;
use super::wire::Entry;
use crate::ca::http::Reply;
use crate::failure::Failure;

/// A tariff that both billings sell: forms show little without one.
const TARIFF: &str = "3033";

/// Rows of the list that a record needs.
const ROWS: &str = "3";

/// Forms of one service.
const FORMS: [Entry; 3] = [
    Entry::ReadFunction,
    Entry::ReissueFunction,
    Entry::ProlongFunction,
];

impl Ispmanager {
    /// Raw answers of the account's functions and forms, and of the forms of one service, if there
    /// is one.
    pub(super) async fn forms_and_lists(&self) -> Vec<(&'static str, Result<String, Failure>)> {
        let wire = self.wire();
        let term = wire.words(Entry::Periods).next().unwrap_or_default();
        let choice = [
            (wire.text(Entry::TariffField), TARIFF),
            (wire.text(Entry::PeriodField), term),
        ];
        let looks: [(Entry, &[(&str, &str)]); 8] = [
            (Entry::AccountFunction, &[]),
            (Entry::MenuFunction, &[]),
            (Entry::BalancesFunction, &[]),
            (Entry::TariffsFunction, &[]),
            (Entry::RequestFunction, &choice),
            (Entry::OrderFunction, &choice),
            (Entry::FilterFunction, &[]),
            (Entry::ListFunction, &[("p_cnt", ROWS), ("p_num", "1")]),
        ];
        let mut answers = Vec::new();
        let mut service = None;
        for (function, fields) in looks {
            let answer = self.client.look_raw(function, fields).await;
            if function == Entry::ListFunction {
                service = answer
                    .as_ref()
                    .ok()
                    .and_then(|reply| self.first_service(reply));
            }
            answers.push(shown(function, answer));
        }
        for function in FORMS {
            let Some(id) = &service else { break };
            let answer = self.client.look_raw(function, &[("elid", id)]).await;
            answers.push(shown(function, answer));
        }
        answers
    }

    fn first_service(&self, reply: &Reply) -> Option<String> {
        let doc = document::read(&reply.body).ok()?;
        Record::read(doc.child("elem")?, self.wire()).id
    }
}

fn shown(
    function: Entry,
    answer: Result<Reply, IspmanagerError>,
) -> (&'static str, Result<String, Failure>) {
    let text = answer
        .map(|reply| with_choices(&reply.transcript()))
        .map_err(Failure::from);
    (function.default(), text)
}

/// Keys of choice lists under another name: what is called a key is masked, and these are what a record
/// is made for (4.1, 8.2).
fn with_choices(text: &str) -> String {
    text.replace("<val key=", "<val choice=")
        .replace("<msg key=", "<msg choice=")
}
