use super::*;

#[test]
fn armour_has_64_columns_and_reads_back() {
    for length in [1, 47, 48, 49, 100, 1000] {
        let der: Vec<u8> = (0..length).map(|n| (n % 251) as u8).collect();
        let text = armour("THING", &der);
        assert!(text.lines().all(|line| line.len() <= 64), "{length}");
        assert!(!text.contains('\r') && !text.contains("\n\n"));
        let block = Block {
            label: "THING".to_owned(),
            der: Some(der),
        };
        assert_eq!(blocks(&text), [block], "{length}");
    }
}

#[test]
fn blocks_are_found_between_other_text() {
    type Expected<'a> = &'a [(&'a str, Option<&'a [u8]>)];
    let cases: &[(&str, Expected<'_>)] = &[
        ("", &[]),
        ("no armour here", &[]),
        (
            "-----BEGIN A-----AQID-----END A-----",
            &[("A", Some(&[1, 2, 3]))],
        ),
        (
            "x\r\n  -----BEGIN A-----\r\n  AQ\r\n ID \r\n-----END A-----\r\ny",
            &[("A", Some(&[1, 2, 3]))],
        ),
        (
            "-----BEGIN A-----AQ-----END A----------BEGIN B-----Ag==-----END B-----",
            &[("A", Some(&[1])), ("B", Some(&[2]))],
        ),
        (
            "-----BEGIN NEW CERTIFICATE REQUEST-----AQ==-----END CERTIFICATE REQUEST-----",
            &[("NEW CERTIFICATE REQUEST", Some(&[1]))],
        ),
        ("-----BEGIN A-----AQID-----END B-----", &[("A", None)]),
        ("-----BEGIN A-----AQID", &[("A", None)]),
        ("-----BEGIN A-----\n-----END A-----", &[("A", None)]),
        ("-----BEGIN A-----A!ID-----END A-----", &[("A", None)]),
        (
            "-----BEGIN A-----AQID-----BEGIN B-----Ag==-----END B-----",
            &[("A", None), ("B", Some(&[2]))],
        ),
        ("-----BEGIN A", &[]),
    ];
    for (text, expected) in cases {
        let found: Vec<(String, Option<Vec<u8>>)> = blocks(text)
            .into_iter()
            .map(|block| (block.label, block.der))
            .collect();
        let expected: Vec<(String, Option<Vec<u8>>)> = expected
            .iter()
            .map(|(label, der)| ((*label).to_owned(), der.map(<[u8]>::to_vec)))
            .collect();
        assert_eq!(found, expected, "{text:?}");
    }
}
