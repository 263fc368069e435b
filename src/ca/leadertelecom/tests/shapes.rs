//! Answers bent at every place in every way, through the adapter: none leads to a sale counted twice, a
//! certificate lost, or a balance that is not the account's.

use std::sync::{Arc, Mutex};

use super::*;

static NO_TOKEN: Token = Token(String::new());

const SOLD: &str = "7001";

/// What a member may turn into; numbers only where any number is as wrong as a word.
fn words() -> Vec<Value> {
    vec![
        json!(null),
        json!(true),
        json!(false),
        json!(""),
        json!("soon"),
        json!([]),
        json!({}),
        json!([null]),
    ]
}

fn words_and_numbers() -> Vec<Value> {
    let mut all = words();
    all.extend([json!(0), json!(-1), json!(1.5), json!("0")]);
    all
}

/// Every document that differs from this one at one place.
fn bent(document: &Value, words: &[Value]) -> Vec<Value> {
    let mut places = Vec::new();
    collect(document, String::new(), &mut places);
    let mut all = vec![document.clone()];
    for place in &places {
        let old = document.pointer(place).unwrap();
        let mut forms = words.to_vec();
        forms.extend([
            json!([old]),
            json!([old, old]),
            json!({ "data": old }),
            json!({ "0": old }),
            json!(old.to_string()),
        ]);
        for form in forms {
            let mut copy = document.clone();
            *copy.pointer_mut(place).unwrap() = form;
            all.push(copy);
        }
        all.extend(without(document, place));
    }
    all
}

fn collect(value: &Value, place: String, places: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                collect(member, format!("{place}/{name}"), places);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                collect(item, format!("{place}/{index}"), places);
            }
        }
        _ => {}
    }
    places.push(place);
}

/// The document without the place, and with it under another name.
fn without(document: &Value, place: &str) -> Vec<Value> {
    let Some((parent, name)) = place.rsplit_once('/') else {
        return Vec::new();
    };
    let (mut gone, mut renamed) = (document.clone(), document.clone());
    match gone.pointer_mut(parent).unwrap() {
        Value::Array(items) => drop(items.remove(name.parse().unwrap())),
        members => drop(members.as_object_mut().unwrap().remove(name)),
    }
    if let Some(members) = renamed.pointer_mut(parent).unwrap().as_object_mut() {
        let value = members.remove(name).unwrap();
        members.insert("zz".to_owned(), value);
    }
    vec![gone, renamed]
}

/// An adapter in front of a server whose answer (but to the sign-in) is changed at will.
struct Mirror {
    _server: Server,
    adapter: LeaderTelecom,
    answer: Arc<Mutex<(u16, String)>>,
}

impl Mirror {
    async fn new() -> Self {
        let answer = Arc::new(Mutex::new((200, String::new())));
        let shared = Arc::clone(&answer);
        let server = serve(move |_| {
            let (status, body) = shared.lock().unwrap().clone();
            Answer::Full(status, body.into_bytes())
        })
        .await;
        Self {
            adapter: adapter(&server.url),
            _server: server,
            answer,
        }
    }

    fn show(&self, status: u16, value: &Value) {
        *self.answer.lock().unwrap() = (status, value.to_string());
    }
}

fn orders() -> Vec<Value> {
    vec![
        json!({"order_id": 31, "certificate_id": 7001, "status": "new"}),
        json!({"order": {"id": 31, "items": [{"id": 3, "ssl_certificate": {"id": 7001}}]}}),
        json!({"ssl_certificates": [{"id": 7001, "domain_name": "shop.example.com"}]}),
        json!({"success": true, "error": null, "data": {"ssl_certificate_id": 7001, "user": {"id": 404}}}),
        json!([{"certificate_id": "7001"}]),
        json!({"certificate": {"id": 7001, "product": {"id": 5}}, "message": "ok", "id": 31}),
    ]
}

#[tokio::test]
async fn an_order_is_placed_under_its_own_number_or_unknown() {
    let mirror = Mirror::new().await;
    let mut count = [0, 0];
    for document in orders() {
        for answer in bent(&document, &words_and_numbers()) {
            mirror.show(200, &answer);
            let purchase = simple();
            let outcome = mirror.adapter.submit(&purchase, &NO_TOKEN, permit());
            match outcome.await.result() {
                Ok(placed) => {
                    assert_eq!(placed.order.as_str(), SOLD, "{answer}");
                    count[0] += 1;
                }
                Err(failure) => {
                    assert_eq!(failure.reason(), Reason::OutcomeUnknown, "{answer}");
                    count[1] += 1;
                }
            }
        }
    }
    assert!(count.iter().all(|count| *count > 100), "{count:?}");
}

#[tokio::test]
async fn a_refusal_is_believed_only_without_a_number_and_with_a_status_that_proves_it() {
    let mirror = Mirror::new().await;
    let document = json!({"error": "no such product", "certificate_id": 7001});
    for status in [403, 422, 500] {
        for answer in bent(&document, &words_and_numbers()) {
            mirror.show(status, &answer);
            let purchase = simple();
            let outcome = mirror.adapter.submit(&purchase, &NO_TOKEN, permit());
            let failure = outcome.await.result().unwrap_err();
            if failure.reason() == Reason::Rejected {
                assert_eq!(status, 403, "{answer}");
                assert!(
                    answer.get("certificate_id").is_none_or(Value::is_null),
                    "{answer}"
                );
            } else {
                assert_eq!(
                    failure.reason(),
                    Reason::OutcomeUnknown,
                    "{status} {answer}"
                );
            }
        }
    }
}

#[tokio::test]
async fn a_lost_order_is_proved_by_its_mark_or_a_candidate_in_whatever_shape_it_comes() {
    let mirror = Mirror::new().await;
    let line = |id: u64, name: &str| json!({"id": id, "domain_name": name, "status": "new"});
    let lines = json!([
        line(7000, "shop.example.com"),
        line(7001, "shop.example.com"),
        line(7002, "other.example.com"),
    ]);
    let marked = json!([
        {"id": 7001, "unique_value": list_mark(), "common_name": "shop.example.com"},
        {"id": 7002, "unique_value": "another", "common_name": "shop.example.com"},
    ]);
    let documents = [
        lines.clone(),
        json!({"ssl_certificates": lines, "total": 3}),
        json!({"data": {"ssl_certificates": lines}}),
        marked,
    ];
    let token = Token("top=7000;n=1".to_owned());
    let (mut found, mut asked) = (0, 0);
    for document in documents {
        for answer in bent(&document, &words_and_numbers()) {
            mirror.show(200, &answer);
            let purchase = simple();
            let since = purchase.since;
            let now = since + TimeDelta::minutes(20);
            match mirror.adapter.locate(&purchase, &token, since, now).await {
                Ok(Located::Found(placed, proof)) => {
                    assert_eq!(placed.order.as_str(), SOLD, "{answer}");
                    assert_eq!(proof, Proof::Reference, "{answer}");
                    found += 1;
                }
                Ok(Located::Candidates(shown)) => {
                    let is_known = |one: &crate::ca::Candidate| one.order.as_str() == "7000";
                    assert!(!shown.iter().any(is_known), "{shown:?}: {answer}");
                    asked += usize::from(shown.iter().any(|one| one.order.as_str() == SOLD));
                }
                Ok(Located::CannotTell(_)) | Err(_) => {}
                Ok(other) => panic!("{other:?}: {answer}"),
            }
        }
    }
    assert!(found > 10 && asked > 50, "{found} {asked}");
}

fn list_mark() -> String {
    mapping::unique_value(&IntentKey::new(KEY))
}

#[tokio::test]
async fn no_shape_makes_another_balance() {
    let mirror = Mirror::new().await;
    let zero = json!({"amount": "0.00", "currency": "EUR"});
    let documents = [
        json!({"balance": "150.00", "currency": "EUR", "bonus": zero, "last_payment": zero}),
        json!({"data": {"id": 5, "balance": "150.00", "currency": "EUR", "limit": "0.00"}}),
        json!({"balance": {"amount": "150.00", "currency": "EUR"}, "debt": zero}),
        json!({"balance": {"EUR": "150.00", "RUB": "0.00"}, "debt": zero}),
        json!([{"balance": "150.00", "currency": "EUR"}, {"balance": "0.00", "currency": "RUB"}]),
        json!([{"balance": "150.00", "currency": "EUR"}, {"points": "0.00", "currency": "RUB"}]),
    ];
    let mut read = 0;
    for document in documents {
        for answer in bent(&document, &words()) {
            mirror.show(200, &answer);
            // A list that really lost its line of euros is another account.
            let holds_it = answer.to_string().contains("150.00");
            match mirror.adapter.balance().await {
                Ok(money) if holds_it => {
                    assert_eq!(
                        format!("{money} {}", money.currency),
                        "150.00 EUR",
                        "{answer}"
                    );
                    read += 1;
                }
                Ok(money) => assert!(answer.is_array(), "{money}: {answer}"),
                Err(failure) => assert_eq!(failure.reason(), Reason::UnreadableAnswer, "{answer}"),
            }
        }
    }
    assert!(read > 30, "{read}");
}

#[tokio::test]
async fn no_status_makes_a_waiting_order_dead_or_issued() {
    let mirror = Mirror::new().await;
    for document in [
        json!({"id": 7001, "status": "cancelled"}),
        json!({"ssl_certificate": {"id": 7001, "status": "issued", "days": 365}}),
        json!({"status": "ok", "certificate": {"status": "expired"}, "errors": []}),
    ] {
        for answer in bent(&document, &words_and_numbers()) {
            mirror.show(200, &answer);
            // The same answer comes for the download: it holds no certificate either.
            match mirror.adapter.status(&order_ref(SOLD, CSR)).await {
                Ok(progress) => assert!(matches!(progress.stage, Stage::Unknown(_)), "{answer}"),
                Err(failure) => assert_eq!(failure.reason(), Reason::UnreadableAnswer, "{answer}"),
            }
        }
    }
}

#[tokio::test]
async fn a_certificate_inside_any_shape_is_fetched_or_asked_for_again() {
    let pem = certificate(&Delivery::new().leaf).pem;
    let mirror = Mirror::new().await;
    let mut fetched = 0;
    for document in [
        json!({"certificate": pem, "chain": [pem, pem]}),
        json!({"success": true, "error": null, "data": {"files": {"crt": pem}, "ready": true}}),
        json!([{"name": "leaf", "content": pem}]),
    ] {
        for answer in bent(&document, &words_and_numbers()) {
            mirror.show(200, &answer);
            match mirror.adapter.certificate(&order_ref(SOLD, CSR)).await {
                Ok(files) => {
                    let holds = |content: &[u8]| String::from_utf8_lossy(content).contains(&pem);
                    assert!(
                        files.files.iter().any(|(_, content)| holds(content)),
                        "{answer}"
                    );
                    fetched += 1;
                }
                Err(failure) => assert!(
                    [
                        Reason::NotReady,
                        Reason::UnreadableAnswer,
                        Reason::UnreadableCertificate
                    ]
                    .contains(&failure.reason()),
                    "{answer}: {failure}"
                ),
            }
        }
    }
    assert!(fetched > 50, "{fetched}");
}
