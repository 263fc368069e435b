//! No answer makes a reader panic, and none that is damaged becomes an order or a balance.

use proptest::prelude::*;

use super::*;
use crate::ca::leadertelecom::encode::form;
use crate::ca::leadertelecom::paid::outcome;

fn value() -> impl Strategy<Value = Value> {
    let word = prop::sample::select(vec![
        "id",
        "certificate_id",
        "ssl_certificate",
        "ssl_certificates",
        "order",
        "error",
        "status",
        "balance",
        "amount",
        "currency",
        "data",
        "items",
        "domain_name",
        "unique_value",
        "success",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (0u64..9).prop_map(Value::from),
        "[a-zA-Z0-9.@ ]{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 5, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map(word.clone().prop_map(str::to_owned), inner, 0..5)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn an_order_is_placed_only_under_a_number_that_the_answer_holds(value in value(), status in 100u16..600) {
        let text = value.to_string();
        let answer = outcome("order", Ok(reply(status, text.clone())), &IntentKey::new(KEY), &wire(&[])).map_err(Unplaced::failure);
        match answer {
            Ok(placed) => {
                prop_assert!((200..300).contains(&status));
                prop_assert!(text.contains(placed.order.as_str()));
                prop_assert!(certificate_number(&placed.order).is_ok());
            }
            Err(failure) if (200..400).contains(&status) || status >= 500 => {
                prop_assert_eq!(failure.reason(), Reason::OutcomeUnknown);
            }
            Err(_) => {}
        }
    }

    #[test]
    fn half_an_answer_is_never_an_order(cut in 1usize..60) {
        let whole = json!({"certificate_id": 7001, "order": {"id": 31, "items": [{"id": 3}]}}).to_string();
        let half = &whole[..whole.len() - cut.min(whole.len())];
        let answer = outcome("order", Ok(reply(200, half)), &IntentKey::new(KEY), &wire(&[])).map_err(Unplaced::failure);
        prop_assert_eq!(answer.unwrap_err().reason(), Reason::OutcomeUnknown);
    }

    #[test]
    fn readers_take_any_value(value in value()) {
        let wire = wire(&[]);
        let balance = account::balance(&value, &wire);
        if let Ok(money) = balance {
            prop_assert!(value.to_string().contains("currency"), "{}", money);
        }
        let _ = account::offers(&value, &wire);
        let _ = account::approvers(&value, &name("shop.example.com"));
        let _ = progress::word(&value, &wire);
        let _ = progress::validation(&value, &order_ref("1", CSR), &wire);
        if let Ok(entries) = list::entries(&value, &wire) {
            let snapshot = ListSnapshot::of(&entries);
            prop_assert_eq!(ListSnapshot::read(&snapshot.write()), snapshot);
        }
    }

    #[test]
    fn downloads_take_any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..200), zip in any::<bool>()) {
        let mut body = if zip { b"PK\x03\x04".to_vec() } else { Vec::new() };
        body.extend(bytes);
        let _ = download::read(&reply(200, body), &wire(&[]));
    }

    #[test]
    fn a_form_keeps_every_value(text in "\\PC{0,40}", key in "[a-z_.]{1,10}") {
        let encoded = form(&json!({"order": {&key: text}}));
        prop_assert!(encoded.is_ascii() && !encoded.contains([' ', '+']));
        let url = crate::ca::http::Url::parse(&format!("http://a.example/?{encoded}")).unwrap();
        let pairs: Vec<_> = url.query_pairs().into_owned().collect();
        prop_assert_eq!(pairs, vec![(format!("order[{key}]"), text)]);
    }
}
