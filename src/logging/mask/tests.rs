//! Masking tests: tables of real shapes, and the property that a registered value never survives.

use proptest::prelude::*;

use super::registered::PASSING;
use super::*;

mod work;

fn masked(text: &str) -> String {
    mask_with(text, &[])
}

fn masked_of(secret: &str, text: &str) -> String {
    mask_with(text, &Needle::all(secret))
}

#[test]
fn values_of_secret_fields_are_masked() {
    let cases = [
        // JSON
        (
            r#"{"AuthToken":"0f0f","PartnerCode":"11"}"#,
            r#"{"AuthToken":"***","PartnerCode":"11"}"#,
        ),
        (
            r#"{"auth_token" : "a\"b\\" , "x":1}"#,
            r#"{"auth_token" : "***" , "x":1}"#,
        ),
        (
            r#"{"TokenCode":null,"TokenID":12345,"Token":""}"#,
            r#"{"TokenCode":null,"TokenID":***,"Token":""}"#,
        ),
        (
            r#"{"CustomerPassword":["a","]"],"b":2}"#,
            r#"{"CustomerPassword":***,"b":2}"#,
        ),
        (
            r#"{"AuthToken":{"User":"u"},"b":2}"#,
            r#"{"AuthToken":***,"b":2}"#,
        ),
        (r#"{"password":"cut of"#, r#"{"password":"***"#),
        // JSON inside a quoted string, twice
        (
            r#""{\"password\":\"a b\",\"x\":\"y\"}""#,
            r#""{\"password\":\"***\",\"x\":\"y\"}""#,
        ),
        (
            r#"{\"password\":\"a\\\"b\",\"x\":1}"#,
            r#"{\"password\":\"***\",\"x\":1}"#,
        ),
        (
            r#"{\\\"token\\\":\\\"abc\\\",\\\"x\\\":1}"#,
            r#"{\\\"token\\\":\\\"***\\\",\\\"x\\\":1}"#,
        ),
        // XML
        (
            "<AuthToken><UserName>PAR1</UserName><Password>s</Password></AuthToken><OrderID>5</OrderID>",
            "<AuthToken>***</AuthToken><OrderID>5</OrderID>",
        ),
        (
            "<v1:Password>a&amp;b</v1:Password><a/>",
            "<v1:Password>***</v1:Password><a/>",
        ),
        ("<PVT type='x'>\nabc\n</PVT>", "<PVT type='x'>***</PVT>"),
        ("<Password/><a>b</a>", "<Password/><a>b</a>"),
        ("<Password>cut of", "<Password>***"),
        (
            "&lt;password&gt;a b&lt;/password&gt;&lt;a&gt;",
            "&lt;password&gt;***&lt;/password&gt;&lt;a&gt;",
        ),
        (
            r#"<param name="password">a b</param><c/>"#,
            r#"<param name="password">***</param><c/>"#,
        ),
        (
            r#"<param name="pw"><![CDATA[a<b]]></param>"#,
            r#"<param name="pw">***]]></param>"#,
        ),
        (
            r#"<input name='password' value='a b'/><c/>"#,
            r#"<input name='password' value='***'/><c/>"#,
        ),
        (
            r#"<account login="u" password="a b"/>"#,
            r#"<account login="u" password="***"/>"#,
        ),
        (
            "&amp;lt;pw&amp;gt;a b&amp;lt;/pw&amp;gt;&amp;lt;a",
            "&amp;lt;pw&amp;gt;***&amp;lt;/pw&amp;gt;&amp;lt;a",
        ),
        (
            "d=%3CPassword%3Ea+b%3C%2FPassword%3E%3Ca",
            "d=%3CPassword%3E***%3C%2FPassword%3E%3Ca",
        ),
        (
            "d=%3cv1%3aPassword%3ea+b%3c%2fv1%3aPassword%3e%3ca",
            "d=%3cv1%3aPassword%3e***%3c%2fv1%3aPassword%3e%3ca",
        ),
        // forms and addresses
        ("UID=u&PW=s%26t&command=x", "UID=u&PW=***&command=x"),
        (
            "https://h/p?auth_token=abc&id=5",
            "https://h/p?auth_token=***&id=5",
        ),
        (
            "https://h/p?x=1&amp;token=abc&amp;id=5",
            "https://h/p?x=1&amp;token=***&amp;id=5",
        ),
        ("user[password]=abc&x=1", "user[password]=***&x=1"),
        ("user%5Bpassword%5D=abc&x=1", "user%5Bpassword%5D=***&x=1"),
        (
            "http://user:pa:ss@proxy:3128/x",
            "http://user:***@proxy:3128/x",
        ),
        (
            "data=%7B%22password%22%3A%22abc%22%2C%22a%22",
            "data=%7B%22password%22%3A%22***%22%2C%22a%22",
        ),
        (
            "{&quot;password&quot;:&quot;abc&quot;,&quot;a",
            "{&quot;password&quot;:&quot;***&quot;,&quot;a",
        ),
        // arguments, configuration, debug output
        ("run --password abc --item 7", "run --password *** --item 7"),
        (
            "DBPassword a b#c\nDBUser root",
            "DBPassword ***\nDBUser root",
        ),
        ("password = abc", "password = ***"),
        ("password: abc, done", "password: *** done"),
        ("'api_key': 'abc', 'x': 1", "'api_key': '***', 'x': 1"),
        (
            r#"Login { user: "u", password: Some("a b") }"#,
            r#"Login { user: "u", password: Some("***") }"#,
        ),
        (
            r#"[("UID", "u"), ("PW", "p")]"#,
            r#"[("UID", "u"), ("PW", "***")]"#,
        ),
        (r#""a\npassword=abc""#, r#""a\npassword=***""#),
        (
            "{\\u0022token\\u0022:\\u0022abc\\u0022,",
            "{\\u0022token\\u0022:\\u0022***\\u0022,",
        ),
        (
            "Authorization: Basic dXNlcjpwYXNz\nHost: h",
            "Authorization: ***\nHost: h",
        ),
        ("set-cookie: a=b; c=d", "set-cookie: ***"),
        ("x-api-key: abc", "x-api-key: ***"),
    ];
    for (text, expected) in cases {
        assert_eq!(masked(text), expected, "{text}");
    }
}

#[test]
fn harmless_texts_stay_as_they_are() {
    let cases = [
        "",
        "the key of the CSR is too weak: RSA 1024 bits",
        "weak key: 1024 bits",
        "stored token 1234 of the intent",
        r#"{"PartnerOrderID":"ABCDEFGH","keyword":"x","monkey":"y"}"#,
        "<Keys><PublicKeyInfo>MIIB</PublicKeyInfo></Keys>",
        "https://host:8443/path?order=5",
        "-----BEGIN CERTIFICATE REQUEST-----\nMIIC\n-----END CERTIFICATE REQUEST-----",
        "-----BEGIN PUBLIC KEY-----\nMIIC\n-----END PUBLIC KEY-----",
        "Ключ и пароль — обычные слова",
    ];
    for text in cases {
        assert_eq!(masked(text), text);
    }
}

#[test]
fn bodies_of_private_keys_are_masked() {
    let cases = [
        (
            "a -----BEGIN PRIVATE KEY-----\nMIIE\nENDx\n-----END PRIVATE KEY----- b",
            "a -----BEGIN PRIVATE KEY***-----END PRIVATE KEY----- b",
        ),
        (
            r"-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\n",
            r"-----BEGIN RSA PRIVATE KEY***-----END RSA PRIVATE KEY-----\n",
        ),
        (
            "-----BEGIN EC PRIVATE KEY-----\nMIIE",
            "-----BEGIN EC PRIVATE KEY***",
        ),
        (
            "-----BEGIN+ENCRYPTED+PRIVATE+KEY-----%0AMIIE-----END+ENCRYPTED+PRIVATE+KEY-----&a=b",
            "-----BEGIN+ENCRYPTED+PRIVATE+KEY***-----END+ENCRYPTED+PRIVATE+KEY-----&a=b",
        ),
        (
            "%2D%2DBEGIN%20PRIVATE%20KEY%2D%2D%0AMIIE%2D%2DEND%20PRIVATE%20KEY%2D%2D",
            "%2D%2DBEGIN%20PRIVATE%20KEY***%2D%2DEND%20PRIVATE%20KEY%2D%2D",
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(masked(text), expected);
    }
}

#[test]
fn registered_values_are_masked_however_they_are_written() {
    let secret = "pä s\"&<%/+\\'1😀";
    let cases = [
        "pä s\"&<%/+\\'1😀",
        "p%C3%A4+s%22%26%3C%25%2F%2B%5C%271%F0%9F%98%80",
        "p%c3%a4%20s%22%26%3c%25/%2b%5c'1%f0%9f%98%80",
        r#"pä s\"&<%/+\\'1😀"#,
        r#"p\u00e4 s\"\u0026\u003c%\/+\\\u00271\ud83d\ude00"#,
        r#"p\u{e4} s\"&<%/+\\\'1\u{1f600}"#,
        "pä s&quot;&amp;&lt;%/+\\&apos;1😀",
        "p&#228; s&#34;&#x26;&#60;%/+\\&#39;1&#128512;",
        // a JSON string in a form, XML in XML, a JSON string quoted again
        "p%C3%A4%20s%5C%22%26%3C%25%2F%2B%5C%5C%271%F0%9F%98%80",
        "pä s&amp;quot;&amp;amp;&amp;lt;%/+\\&amp;apos;1😀",
        r#"pä s\\\"&<%/+\\\\'1😀"#,
    ];
    for text in cases {
        assert_eq!(masked_of(secret, &format!("a={text}.")), "a=***.", "{text}");
    }
}

#[test]
fn registered_values_are_masked_inside_base64() {
    use base64::Engine;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
    let secret = "s3cr?>t/";
    for before in ["", "u", "us", "usr", "user:"] {
        for after in ["", "x", "yz"] {
            let clear = format!("{before}{secret}{after}");
            let standard = STANDARD.encode(&clear);
            for encoded in [
                standard.clone(),
                URL_SAFE_NO_PAD.encode(&clear),
                standard.replace('+', "%2B").replace('/', "%2F"),
                standard.replace('/', "\\/"),
            ] {
                let text = masked_of(secret, &format!("Basic {encoded}, end"));
                assert!(text.starts_with("Basic "), "{text}");
                assert!(text.ends_with(", end"), "{text}");
                assert!(text.contains(MASK), "{clear} {encoded}");
            }
        }
    }
}

#[test]
fn short_values_are_left_to_the_field_names() {
    register_secret(&SecretString::from("a1"));
    register_secret(&SecretString::from(""));
    register_secret(&SecretString::from("   "));
    assert_eq!(mask("a1 b"), "a1 b");
    assert_eq!(mask("password=a1 b"), "password=*** b");
}

#[test]
fn registering_is_for_the_whole_process() {
    register_secret(&SecretString::from(" registered-Value-77 "));
    let masked = std::thread::spawn(|| mask("x=registered-Value-77, registered-Value-77 y"))
        .join()
        .unwrap();
    assert_eq!(masked, "x=***,***y");
}

fn visit(number: usize) -> String {
    format!("visit-{number:06}-of-many")
}

/// Whether nothing is left of a value that stands in a line.
fn is_masked_by(registered: &Registered, value: &str) -> bool {
    !mask_with(&format!("x={value} y"), registered.needles()).contains(value)
}

#[test]
fn ten_thousand_visits_leave_a_bounded_list_in_which_accounts_stay() {
    let mut registered = Registered::new();
    registered.take("what an account keeps", Change::Keep);
    registered.take("what is in use", Change::Hold);
    for number in 0..10_000 {
        registered.take(&visit(number), Change::Pass);
    }
    // Each value is itself and its parts in base64, at most seven.
    let most = (PASSING + 2) * 7;
    assert!(registered.needles().len() <= most);
    for number in 10_000 - PASSING..10_000 {
        assert!(is_masked_by(&registered, &visit(number)), "{number}");
    }
    assert!(!is_masked_by(&registered, &visit(10_000 - PASSING - 1)));
    assert!(is_masked_by(&registered, "what an account keeps"));
    assert!(is_masked_by(&registered, "what is in use"));
    // Given back it is the last one that passed.
    registered.take("what is in use", Change::Release);
    for number in 1..PASSING {
        registered.take(&visit(number), Change::Pass);
    }
    assert!(is_masked_by(&registered, "what is in use"));
    registered.take(&visit(0), Change::Pass);
    assert!(!is_masked_by(&registered, "what is in use"));
    assert!(is_masked_by(&registered, "what an account keeps"));
}

#[test]
fn a_value_that_is_registered_again_is_one_and_the_latest() {
    let mut registered = Registered::new();
    for change in [Change::Pass, Change::Hold, Change::Keep] {
        registered.take("one and the same", change);
        registered.take(" one and the same ", change);
    }
    let twice = registered.needles().len();
    let both = ["one and the same", " one and the same "].map(|value| Needle::all(value).len());
    assert_eq!(twice, both.iter().sum::<usize>());
    registered.take("one and the same", Change::Pass);
    registered.take(" one and the same ", Change::Keep);
    assert_eq!(registered.needles().len(), twice);
    // Held by two, it is in use until both have given it back; what an account keeps stays all the same.
    let mut registered = Registered::new();
    registered.take("held by two", Change::Hold);
    registered.take("held by two", Change::Hold);
    registered.take("held by two", Change::Release);
    for number in 0..=PASSING {
        registered.take(&visit(number), Change::Pass);
    }
    assert!(is_masked_by(&registered, "held by two"));
    // The oldest that is met again lives on.
    registered.take(&visit(1), Change::Pass);
    registered.take(&visit(PASSING + 1), Change::Pass);
    assert!(is_masked_by(&registered, &visit(1)));
    assert!(!is_masked_by(&registered, &visit(2)));
}

#[test]
fn a_held_secret_is_masked_as_long_as_it_lives() {
    let held = hold_secret(SecretString::from("held-Value-78"));
    assert_eq!(mask("x held-Value-78 y"), "x *** y");
    assert_eq!(held.secret().expose_secret(), "held-Value-78");
    register_passing_secret(&SecretString::from("passing-Value-79"));
    assert_eq!(mask("x passing-Value-79 y"), "x *** y");
}

/// Every encoding, by name for the failure message.
fn encodings(secret: &str) -> Vec<(&'static str, String)> {
    use base64::Engine;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
    let percent = |keep: fn(u8) -> bool, lower: bool, plus: bool| {
        secret
            .bytes()
            .map(|byte| match byte {
                b' ' if plus => "+".to_owned(),
                byte if keep(byte) => char::from(byte).to_string(),
                byte if lower => format!("%{byte:02x}"),
                byte => format!("%{byte:02X}"),
            })
            .collect::<String>()
    };
    let json = serde_json::to_string(secret).unwrap();
    let json = json[1..json.len() - 1].to_owned();
    let xml = quick_xml::escape::escape(secret).into_owned();
    let debug = format!("{secret:?}");
    vec![
        ("plain", secret.to_owned()),
        (
            "form",
            percent(
                |b| b.is_ascii_alphanumeric() || b"*-._".contains(&b),
                false,
                true,
            ),
        ),
        (
            "component",
            percent(
                |b| b.is_ascii_alphanumeric() || b"-_.!~*'()".contains(&b),
                false,
                false,
            ),
        ),
        ("percent", percent(|_| false, true, false)),
        ("json", json.clone()),
        ("json slashes", json.replace('/', "\\/")),
        (
            "json ascii",
            secret
                .encode_utf16()
                .map(|u| format!("\\u{u:04x}"))
                .collect(),
        ),
        (
            "json twice",
            json.replace('\\', "\\\\").replace('"', "\\\""),
        ),
        ("debug", debug[1..debug.len() - 1].to_owned()),
        ("xml", xml.clone()),
        (
            "xml minimal",
            secret.replace('&', "&amp;").replace('<', "&lt;"),
        ),
        ("xml twice", quick_xml::escape::escape(&xml).into_owned()),
        ("json in xml", quick_xml::escape::escape(&json).into_owned()),
        ("base64", STANDARD.encode(secret)),
        ("base64 for addresses", URL_SAFE_NO_PAD.encode(secret)),
        (
            "base64 of a pair",
            STANDARD.encode(format!("user:{secret}")),
        ),
    ]
}

proptest! {
    #[test]
    fn no_encoding_of_a_registered_value_survives(
        secret in "[^*\\p{C}]{4,24}",
        before in "\\PC{0,20}",
        after in "\\PC{0,20}",
    ) {
        let needles = Needle::all(&secret);
        for (name, encoded) in encodings(&secret) {
            let masked = mask_with(&format!("{before}{encoded}{after}"), &needles);
            prop_assert!(!masked.contains(&encoded), "{name}: {encoded:?} in {masked:?}");
            prop_assert!(!masked.contains(&secret), "{name}: {secret:?} in {masked:?}");
            prop_assert!(masked.contains(MASK), "{name}: {masked:?}");
        }
    }

    #[test]
    fn a_value_in_a_named_field_never_survives(value in "[a-zA-Z0-9!$()/:.~]{6,20}") {
        let texts = [
            format!("{{\"password\":\"{value}\"}}"),
            format!("{{\"a\":{{\"AuthToken\" : \"{value}\",\"b\":1}}}}"),
            format!("<Password>{value}</Password>"),
            format!("a=b&PW={value}&c=d"),
            format!("password={value}"),
            format!("[(\"api_key\", \"{value}\")]"),
        ];
        for text in texts {
            let masked = mask_with(&text, &[]);
            prop_assert!(!masked.contains(&value), "{masked}");
            prop_assert_eq!(mask_with(&masked, &[]), masked);
        }
    }

    #[test]
    fn any_text_is_masked_without_a_panic(
        text in "([\"'=<>&;:%,/\\\\{}\\[\\] \n]|&lt;|&quot;|%22|\\\\u0022|password|key|name=|é|://|@|-----BEGIN PRIVATE KEY){0,24}",
        secret in "\\PC{4,8}",
    ) {
        let _ = mask_with(&text, &Needle::all(&secret));
    }
}
