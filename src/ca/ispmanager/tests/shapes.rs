//! Replies bent at every place in every way, through the adapter: none leads to a sale counted twice, a
//! certificate lost, or a balance that is not the account's.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use super::vendor::xml::{Element, read};
use super::*;

static NO_TOKEN: Token = Token(String::new());

const SOLD: &str = "7741203";

/// What a text may turn into.
const WORDS: [&str; 3] = ["", "soon", "-"];
/// What is no number of a service.
const NUMBERS: [&str; 3] = ["0", "-1", "1.5"];
/// The number of something else: in the place of ours it could not be told from it, beside it it can.
const DECOY: &str = "31";

type Change = Box<dyn Fn(&mut Element)>;

/// Every way in which one element can differ.
fn changes(texts: &[&'static str]) -> Vec<Change> {
    let mut all: Vec<Change> = vec![
        Box::new(|element| element.name = "zz".to_owned()),
        Box::new(|element| element.name = "elem".to_owned()),
        Box::new(|element| element.attributes.clear()),
        Box::new(|element| element.children.clear()),
        Box::new(|element| {
            let inner = element.clone();
            *element = Element::node("data", vec![inner]);
        }),
        Box::new(|element| {
            let inner = element.clone();
            let name = element.name.clone();
            *element = Element::node(&name, vec![inner]);
        }),
    ];
    for &text in texts {
        all.push(Box::new(move |element| {
            if element.children.is_empty() {
                element.text = text.to_owned();
            }
        }));
        all.push(Box::new(move |element| {
            for (_, value) in &mut element.attributes {
                *value = text.to_owned();
            }
        }));
    }
    all
}

/// Every document that differs from this one at one place.
fn bent(document: &str, texts: &[&'static str]) -> Vec<String> {
    let document = read(document).unwrap();
    let mut places = vec![Vec::new()];
    collect(&document, &[], &mut places);
    let mut all = vec![document.write()];
    for place in &places {
        for change in changes(texts) {
            let mut copy = document.clone();
            change(at(&mut copy, place));
            all.push(copy.write());
        }
        let Some((index, parent)) = place.split_last() else {
            continue;
        };
        let mut gone = document.clone();
        at(&mut gone, parent).children.remove(*index);
        all.push(gone.write());
        // Twice, the first one with a strange text.
        for text in texts.iter().copied().chain([DECOY]) {
            let mut twice = document.clone();
            let children = &mut at(&mut twice, parent).children;
            let mut other = children[*index].clone();
            other.text = text.to_owned();
            children.insert(*index, other);
            all.push(twice.write());
        }
    }
    all
}

fn collect(element: &Element, place: &[usize], places: &mut Vec<Vec<usize>>) {
    for (index, child) in element.children.iter().enumerate() {
        let place = [place, &[index]].concat();
        collect(child, &place, places);
        places.push(place);
    }
}

fn at<'a>(element: &'a mut Element, place: &[usize]) -> &'a mut Element {
    place
        .iter()
        .fold(element, |element, index| &mut element.children[*index])
}

/// An adapter in front of a billing whose replies are changed at will.
struct Mirror {
    _server: Server,
    adapter: Ispmanager,
    replies: Arc<Mutex<BTreeMap<String, String>>>,
}

impl Mirror {
    async fn new(known: &[(&str, &str)]) -> Self {
        let known = known
            .iter()
            .map(|(call, reply)| ((*call).to_owned(), (*reply).to_owned()));
        let replies: Arc<Mutex<BTreeMap<String, String>>> = Arc::new(Mutex::new(known.collect()));
        let shared = Arc::clone(&replies);
        let server = Server::start(move |request| {
            let reply = shared.lock().unwrap().get(&call_of(request)).cloned();
            ok(reply.unwrap_or_else(|| "<doc><error type=\"missed\"/></doc>".to_owned()))
        })
        .await;
        Self {
            adapter: adapter_at(&server.url, "secret"),
            _server: server,
            replies,
        }
    }

    fn show(&self, call: &str, reply: &str) {
        let mut replies = self.replies.lock().unwrap();
        replies.insert(call.to_owned(), reply.to_owned());
    }
}

fn all_texts() -> Vec<&'static str> {
    WORDS.iter().chain(&NUMBERS).copied().collect()
}

#[tokio::test]
async fn an_order_is_placed_under_its_own_number_or_unknown() {
    let form = fixture("replies/request_form.xml");
    let mirror = Mirror::new(&[
        ("certificate.order.csr", &form),
        ("certificate.order.csr!", "<doc><ok/></doc>"),
        ("certificate.edit", &fixture("replies/record_ours.xml")),
    ])
    .await;
    let mut count = [0, 0];
    for document in [
        "<doc func=\"certificate.order.param\"><id>7741203</id><ok/></doc>",
        "<doc><item.id>7741203</item.id><ok>done</ok></doc>",
        "<doc><doc><id>7741203</id><CN>shop.example.com</CN></doc><ok/><tparams><id>31</id></tparams></doc>",
        "<doc><id>7741203</id><billorder>31</billorder><payment><id>55</id></payment><ok/></doc>",
        "<doc func=\"payment.add\"><id>55</id><elem><id>56</id></elem></doc>",
        "<doc><list name=\"x\"><elem><id>55</id></elem></list><ok type=\"url\">https://a.example</ok></doc>",
    ] {
        for reply in bent(document, &all_texts()) {
            mirror.show("certificate.order.param!", &reply);
            let purchase = purchase("3033", &[]);
            match believed(&mirror.adapter, &purchase, &NO_TOKEN).await {
                Ok(placed) => {
                    assert_eq!(placed.order.as_str(), SOLD, "{reply}");
                    count[0] += 1;
                }
                Err(failure) => {
                    assert_eq!(failure.reason(), Reason::OutcomeUnknown, "{reply}");
                    count[1] += 1;
                }
            }
        }
    }
    assert!(count.iter().all(|count| *count > 50), "{count:?}");
}

#[tokio::test]
async fn a_refusal_is_believed_only_as_the_table_knows_it() {
    let form = fixture("replies/request_form.xml");
    let mirror = Mirror::new(&[
        ("certificate.order.csr", &form),
        ("certificate.order.csr!", "<doc><ok/></doc>"),
    ])
    .await;
    let document = "<doc><error type=\"value\" object=\"CN\"><msg>no</msg></error></doc>";
    for reply in bent(document, &all_texts()) {
        mirror.show("certificate.order.param!", &reply);
        let purchase = purchase("3033", &[]);
        let permit = Permit::for_tests();
        let outcome = mirror.adapter.submit(&purchase, &NO_TOKEN, permit);
        let failure = outcome.await.result().unwrap_err();
        match failure.reason() {
            Reason::Rejected => assert!(reply.contains("<error type=\"value\""), "{reply}"),
            reason => assert_eq!(reason, Reason::OutcomeUnknown, "{reply}"),
        }
    }
}

#[tokio::test]
async fn a_renewal_is_done_or_unknown_and_found_only_by_a_later_day() {
    let form = fixture("replies/prolong_form.xml");
    let mirror = Mirror::new(&[("service.prolong", &form)]).await;
    let purchase = renewal_of(purchase("3033", &[]), SOLD);
    let document = "<doc><doc><newexpiredate>2028-11-20</newexpiredate></doc><ok/></doc>";
    for reply in bent(document, &all_texts()) {
        mirror.show("service.prolong!", &reply);
        let permit = Permit::for_tests();
        match mirror
            .adapter
            .submit(&purchase, &NO_TOKEN, permit)
            .await
            .result()
        {
            Ok(placed) => assert_eq!(placed.order.as_str(), SOLD, "{reply}"),
            Err(failure) => assert_eq!(failure.reason(), Reason::OutcomeUnknown, "{reply}"),
        }
    }
    let token = Token("p;2027-11-20".to_owned());
    let now = purchase.since + chrono::TimeDelta::hours(1);
    for reply in bent(&record("2", "5", ""), &all_texts()) {
        mirror.show("certificate.edit", &reply);
        let located = mirror
            .adapter
            .locate(&purchase, &token, purchase.since, now);
        match located.await {
            Ok(Located::CannotTell(_)) | Err(_) => {}
            Ok(other) => panic!("{other:?}: {reply}"),
        }
    }
}

fn record(state: &str, certificate_state: &str, crt: &str) -> String {
    format!(
        "<doc><id>{SOLD}</id><CN>shop.example.com</CN><createdate>2026-11-20</createdate>\
         <expiredate>2027-11-20</expiredate><status>{state}</status>\
         <service_status>{certificate_state}</service_status><crt>{crt}</crt></doc>"
    )
}

fn row(id: &str, name: &str, day: &str) -> String {
    format!(
        "<elem><id>{id}</id><CN>{name}</CN><pricelist>PositiveSSL</pricelist><createdate>{day}</createdate>\
         <expiredate>2027-11-20</expiredate><item_status orig=\"2\">Active</item_status></elem>"
    )
}

#[tokio::test]
async fn a_lost_order_is_a_candidate_of_the_list_in_whatever_shape_it_comes() {
    let purchase = purchase("3033", &[]);
    let day = purchase.since.date_naive().to_string();
    let rows = [
        row("7741000", "shop.example.com", "2026-01-01"),
        row(SOLD, "shop.example.com", &day),
        row("7741300", "other.example.com", &day),
    ];
    let list = format!("<doc>{}<p_elems>3</p_elems></doc>", rows.concat());
    let mirror = Mirror::new(&[("certificate.filter", "<doc><id/><CN/></doc>")]).await;
    let known = TokenContent::New(token::KnownServices::new(vec![7_741_000])).write();
    let now = purchase.since + chrono::TimeDelta::minutes(20);
    let mut found = 0;
    for reply in bent(&list, &all_texts()) {
        mirror.show("certificate", &reply);
        match mirror
            .adapter
            .locate(&purchase, &known, purchase.since, now)
            .await
        {
            Ok(Located::Candidates(shown)) => {
                let is_sold = |one: &crate::ca::Candidate| one.order.as_str() == SOLD;
                assert!(shown.iter().any(is_sold), "{shown:?}: {reply}");
                found += usize::from(shown.len() == 1);
            }
            Ok(Located::CannotTell(_)) | Err(_) => {}
            Ok(other) => panic!("{other:?}: {reply}"),
        }
    }
    assert!(found > 20, "{found}");
}

#[tokio::test]
async fn no_shape_makes_another_balance() {
    let cases = [
        (
            "whoami",
            "<doc><user name=\"a\" balance=\"148.20\" currency=\"EUR\" bonus=\"0.00\"/></doc>",
        ),
        (
            "subaccount",
            "<doc><elem><balance>148.20</balance><currency>EUR</currency></elem>\
             <elem><balance>0.00</balance><currency>RUB</currency></elem><p_elems>2</p_elems></doc>",
        ),
        (
            "subaccount",
            "<doc><balance>148.20</balance><currency>EUR</currency><bonus>0.00</bonus></doc>",
        ),
        (
            "usrparam",
            "<doc><balance>148,20 EUR</balance><limit>0.00 EUR</limit></doc>",
        ),
    ];
    let mut read = 0;
    for (call, document) in cases {
        let mirror = Mirror::new(&[("whoami", "<doc><user name=\"a\"/></doc>")]).await;
        for reply in bent(document, &WORDS) {
            mirror.show(call, &reply);
            match mirror.adapter.balance().await {
                Ok(money) => {
                    assert_eq!(
                        format!("{money} {}", money.currency),
                        "148.20 EUR",
                        "{reply}"
                    );
                    read += 1;
                }
                Err(failure) => {
                    let reasons = [Reason::UnreadableBalance, Reason::UnreadableAnswer];
                    assert!(reasons.contains(&failure.reason()), "{reply}: {failure}");
                }
            }
        }
    }
    assert!(read > 20, "{read}");
}

#[tokio::test]
async fn no_record_makes_an_order_dead_and_a_certificate_is_fetched_or_asked_for_again() {
    use crate::certificate::testing::{Delivery, certificate};
    let pem = certificate(&Delivery::new().leaf).pem;
    let mirror = Mirror::new(&[]).await;
    let purchase = purchase("3033", &[]);
    for (certificate_state, crt) in [("4", ""), ("5", pem.as_str())] {
        for reply in bent(&record("2", certificate_state, crt), &all_texts()) {
            mirror.show("certificate.edit", &reply);
            let order = order_ref(SOLD, &purchase);
            if let Ok(progress) = mirror.adapter.status(&order).await {
                let is_dead = matches!(progress.stage, Stage::Cancelled(_) | Stage::Expired);
                assert!(!is_dead, "{:?}: {reply}", progress.stage);
                let is_issued = progress.stage == Stage::Issued;
                assert!(!is_issued || certificate_state == "5", "{reply}");
            }
            match mirror.adapter.certificate(&order).await {
                Ok(files) => assert!(
                    files.files[0].1.starts_with(pem.trim().as_bytes()),
                    "{reply}"
                ),
                Err(failure) => assert!(
                    matches!(
                        failure.kind(),
                        crate::failure::FailureKind::Pending
                            | crate::failure::FailureKind::Protocol
                    ) || failure.reason() == Reason::Rejected,
                    "{reply}: {failure}"
                ),
            }
        }
    }
}
