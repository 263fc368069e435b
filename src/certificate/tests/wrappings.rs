//! Requests as people paste them. Every text here is made from a fresh request.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::certificate::Csr;
use crate::certificate::testing::Made;

/// A request whose base64 holds plus and slash, but not where no wrapping leaves them readable; and its
/// bytes.
fn fresh() -> (Vec<u8>, String) {
    loop {
        let made = Made {
            names: vec![b"shop.example.com", b"www.example.com"],
            ..Made::of("shop.example.com")
        };
        let der = made.der();
        let text = STANDARD.encode(&der);
        let lines = text.as_bytes().chunks(64);
        let at_edge = |sign: u8| {
            lines
                .clone()
                .any(|line| line.first() == Some(&sign) || line.last() == Some(&sign))
        };
        let is_clear = !at_edge(b'+') && !["++", "+=", "/="].iter().any(|pair| text.contains(pair));
        if text.contains('+') && text.contains('/') && is_clear {
            return (der, text);
        }
    }
}

fn sixteen_bits(text: &str, is_big: bool) -> Vec<u8> {
    let units = text.encode_utf16();
    units
        .flat_map(|unit| {
            if is_big {
                unit.to_be_bytes()
            } else {
                unit.to_le_bytes()
            }
        })
        .collect()
}

fn percent(text: &str, is_kept: impl Fn(char) -> bool) -> String {
    text.chars()
        .map(|c| match c {
            c if c.is_ascii_alphanumeric() || is_kept(c) => c.to_string(),
            c => format!("%{:02X}", u32::from(c)),
        })
        .collect()
}

fn columns(text: &str, width: usize) -> String {
    let lines = text.as_bytes().chunks(width);
    let lines: Vec<&str> = lines
        .map(|line| std::str::from_utf8(line).unwrap())
        .collect();
    lines.join("\n")
}

fn numbered(text: &str, sign: &str) -> String {
    let lines = text.lines().enumerate();
    lines
        .map(|(number, line)| format!("{:4}{sign}{line}\n", number + 1))
        .collect()
}

#[test]
#[allow(clippy::print_stdout)] // The count is told.
fn every_readable_wrapping_is_read() {
    let (der, base64) = fresh();
    let lines: Vec<&str> = base64
        .as_bytes()
        .chunks(64)
        .map(|line| std::str::from_utf8(line).unwrap())
        .collect();
    let body = lines.join("\n");
    let pem =
        format!("-----BEGIN CERTIFICATE REQUEST-----\n{body}\n-----END CERTIFICATE REQUEST-----\n");
    let each = |with: fn(&str) -> String| -> String {
        pem.lines().map(|line| with(line) + "\n").collect()
    };
    let label = |label: &str| pem.replace("CERTIFICATE REQUEST", label);
    let with_tail = |tail: &[u8]| {
        let base64 = STANDARD.encode([&der[..], tail].concat());
        format!("-----BEGIN CERTIFICATE REQUEST-----\n{base64}\n-----END CERTIFICATE REQUEST-----")
    };
    let escaped = pem.replace('\n', "\\n");
    let form = percent(&pem, |c| matches!(c, '-' | ' ')).replace(' ', "+");
    let cases: Vec<(&str, String)> = vec![
        ("plain", pem.clone()),
        ("CRLF", pem.replace('\n', "\r\n")),
        ("CR", pem.replace('\n', "\r")),
        ("one line", pem.replace('\n', "")),
        ("blanks for line ends", pem.replace('\n', " ")),
        ("literal \\n", escaped.clone()),
        ("literal \\r\\n", pem.replace('\n', "\\r\\n")),
        ("escaped twice", escaped.replace('\\', "\\\\")),
        (
            "JSON",
            format!("{{\"csr\":\"{}\",\"x\":1}}", escaped.replace('/', "\\/")),
        ),
        (
            "JSON with unicode",
            escaped.replace('+', "\\u002b").replace('=', "\\u003D"),
        ),
        (
            "a program's text",
            each(|line| format!("    \"{line}\\n\" +")),
        ),
        ("a shell's lines", each(|line| format!("{line} \\"))),
        (
            "four dashes at the end",
            pem.trim_end().trim_end_matches('-').to_owned() + "----",
        ),
        ("four dashes everywhere", pem.replace("-----", "----")),
        ("six dashes", pem.replace("-----", "------")),
        ("one dash", pem.replace("-----", "-")),
        ("no dashes", pem.replace('-', "")),
        ("no armour", body.clone()),
        ("no armour, one line", base64.clone()),
        (
            "no armour in a sentence",
            format!("Here it is: {base64}\nRegards, Example"),
        ),
        ("no end", pem[..pem.find("-----END").unwrap()].to_owned()),
        ("no begin", pem[pem.find("MI").unwrap()..].to_owned()),
        ("twice", format!("{pem}{pem}")),
        ("twice in different ways", format!("{body}\n\n{pem}")),
        ("half of it before", format!("{}\n{pem}", &pem[..200])),
        (
            "em dashes",
            pem.replace("-----", "\u{2014}\u{2013}\u{2014}"),
        ),
        ("minus signs", pem.replace('-', "\u{2212}")),
        (
            "dashes in the wrong character set",
            pem.replace("-----", "\u{e2}\u{20ac}\u{201d}-"),
        ),
        ("br", each(|line| format!("{line}<br>"))),
        ("br /", pem.replace('\n', "<br />")),
        (
            "paragraphs",
            each(|line| format!("<p class=\"x\">{line}</p>")),
        ),
        ("escaped br", each(|line| format!("{line}&lt;br&gt;"))),
        (
            "entities",
            pem.replace('+', "&#43;")
                .replace('/', "&#x2F;")
                .replace('=', "&equals;"),
        ),
        ("nbsp", pem.replace(' ', "\u{a0}")),
        ("nbsp entity", pem.replace(' ', "&nbsp;")),
        ("percent", percent(&pem, |_| false)),
        (
            "percent twice",
            percent(&percent(&pem, |_| false), |_| false),
        ),
        ("form", form.clone()),
        ("form with its name", format!("csr={form}&x=1")),
        ("plus decoded to blanks", pem.replace('+', " ")),
        (
            "small label",
            label("certificate request")
                .replace("BEGIN", "begin")
                .replace("END", "end"),
        ),
        ("mixed label", label("Certificate Request")),
        ("two blanks", label("CERTIFICATE  REQUEST")),
        ("no blanks", pem.replace(' ', "")),
        ("underscores", label("CERTIFICATE_REQUEST")),
        ("new", label("NEW CERTIFICATE REQUEST")),
        ("signing", label("CERTIFICATE SIGNING REQUEST")),
        ("wrong label", label("CERTIFICATE")),
        (
            "blanks behind dashes",
            pem.replace("-----BEGIN", "----- BEGIN")
                .replace("REQUEST-----", "REQUEST -----"),
        ),
        ("base64 of it all", STANDARD.encode(&pem)),
        (
            "base64 of it all in columns",
            columns(&STANDARD.encode(&pem), 76),
        ),
        (
            "hexadecimal digits",
            der.iter().map(|octet| format!("{octet:02X}")).collect(),
        ),
        (
            "hexadecimal digits with colons",
            columns(
                &der.iter()
                    .map(|octet| format!("{octet:02x}:"))
                    .collect::<String>(),
                54,
            )
            .trim_end()
            .trim_end_matches(':')
            .to_owned(),
        ),
        ("numbers of an editor", numbered(&pem, "  ")),
        ("numbers with colons", numbered(&pem, ":")),
        ("numbers with bars", numbered(&pem, " | ")),
        ("a difference that adds", each(|line| format!("+{line}"))),
        ("a difference that removes", each(|line| format!("-{line}"))),
        (
            "a word processor's paragraphs",
            each(|line| format!("{line}\\par")),
        ),
        ("a word processor's lines", pem.replace('\n', "\\line ")),
        (
            "wide letters",
            pem.chars()
                .map(|c| match c {
                    '!'..='~' => char::from_u32(u32::from(c) + 0xfee0).unwrap(),
                    c => c,
                })
                .collect(),
        ),
        ("visible carriage returns", each(|line| format!("{line}^M"))),
        ("mail quotation", each(|line| format!("> {line}"))),
        ("deep quotation", each(|line| format!(">> > {line}"))),
        ("initials", each(|line| format!("AB> {line}"))),
        ("quoted in a page", each(|line| format!("&gt; {line}"))),
        ("indented", each(|line| format!("\t  {line}  "))),
        ("list of lines", each(|line| format!("\"{line}\","))),
        (
            "quoted-printable",
            pem.replace('=', "=3D").replace('\n', "=\n\n"),
        ),
        ("soft line breaks", {
            let long = pem.replace('=', "=3D").replace('\n', "=0A");
            let chunks: Vec<&[u8]> = long.as_bytes().chunks(75).collect();
            String::from_utf8(chunks.join(&b"=\n"[..])).unwrap()
        }),
        ("no padding", pem.replace('=', "")),
        (
            "alphabet of web addresses",
            base64.replace('+', "-").replace('/', "_"),
        ),
        ("byte order mark", format!("\u{feff}{pem}")),
        (
            "UTF-16 taken for bytes",
            pem.chars().flat_map(|c| [c, '\0']).collect(),
        ),
        ("invisible characters", pem.replace('M', "M\u{200b}\u{ad}")),
        ("marks of paragraphs", each(|line| format!("{line}\u{b6}"))),
        ("CR LF behind the DER", with_tail(b"\r\n")),
        ("LF behind the DER", with_tail(b"\n")),
        ("NUL behind the DER", with_tail(&[0, 0, 0])),
        (
            "base64 of UTF-16 with its mark",
            STANDARD.encode(sixteen_bits(&format!("\u{feff}{pem}"), false)),
        ),
        (
            "base64 of UTF-16 of the other order",
            STANDARD.encode(sixteen_bits(&format!("\u{feff}{pem}"), true)),
        ),
        (
            "UTF-16 whose bytes are exchanged",
            pem.encode_utf16()
                .map(|unit| char::from_u32(u32::from(unit.swap_bytes())).unwrap())
                .collect(),
        ),
        ("two letters in one character", {
            let even = format!("{pem}\n");
            let even = &even[..even.len() / 2 * 2];
            let pairs = even.as_bytes().chunks(2);
            let units: Vec<u16> = pairs
                .map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
                .collect();
            String::from_utf16(&units).unwrap()
        }),
        ("entities twice", pem.replace('\n', "&amp;#10;")),
        (
            "a program's bytes",
            each(|line| format!("    b'{line}\\n'")),
        ),
        ("a shell's own line ends", pem.replace('\n', "`r`n")),
        ("line ends by name", pem.replace('\n', "[LF]")),
        ("a comment of a program", each(|line| format!("// {line}"))),
        ("a log's times", each(|line| format!("[12:01:33] {line}"))),
        (
            "a table with numbers",
            each(|line| format!("<tr><td>1</td><td>{line}</td></tr>")),
        ),
        ("carriage returns too many", pem.replace('\n', "\r\r\n")),
        ("a web page's block", format!("<pre>{pem}</pre>")),
        ("marks of a letter", format!("```pem\n{pem}```")),
        (
            "headers of old programs",
            pem.replacen('\n', "\nProc-Type: 4,CLEAR\nComment: ours\n\n", 1),
        ),
        (
            "letters of another alphabet in the label",
            pem.replace("BEGIN C", "BEGIN \u{421}"),
        ),
        (
            "a certificate's text around",
            format!("-----BEGIN CERTIFICATE-----\nMIIBsz\n-----END CERTIFICATE-----\n{pem}"),
        ),
        (
            "openssl's text before",
            format!("Certificate Request:\n    Data:\n        Version: 1 (0x0)\n{pem}"),
        ),
        (
            "a mail",
            format!(
                "MIME-Version: 1.0\nSubject: our request\n\nDon't send it on, it's ours:\n{pem}\n-- \nExample"
            ),
        ),
    ];
    let expected = Csr::parse(&pem).unwrap();
    let count = cases.len();
    for (name, text) in cases {
        let read = Csr::parse(&text).unwrap_or_else(|failure| panic!("{name}: {failure}\n{text}"));
        assert_eq!(read, expected, "{name}");
        read.examine().unwrap();
    }
    println!("proof: {count} wrappings of a CSR read");
}

/// A key that came along is known to others: whatever its wrapping, no order is made with it.
#[test]
fn a_key_beside_a_request_is_named() {
    let pem = Made::of("shop.example.com").text();
    let pair = rcgen::KeyPair::generate().unwrap();
    let key = pair.serialize_pem();
    let bare = STANDARD.encode(pair.serialize_der());
    let ec = key.replace("PRIVATE KEY", "EC PRIVATE KEY");
    let of_both = |text: &str| format!("{key}{text}");
    for text in [
        of_both(&pem),
        format!("{pem}{key}"),
        format!("{pem}\n{ec}"),
        percent(&of_both(&pem), |_| false),
        of_both(&pem).replace(' ', "&nbsp;"),
        of_both(&pem).replace(' ', "\u{a0}"),
        of_both(&pem).replace('\n', "\\n"),
        STANDARD.encode(of_both(&pem)),
    ] {
        let read = Csr::parse(&text).unwrap_or_else(|failure| panic!("{failure}\n{text}"));
        let failure = read.examine().unwrap_err();
        assert!(failure.words().contains("private key"), "{failure}");
    }
    for text in [key.clone(), bare] {
        let failure = Csr::parse(&text).unwrap_err();
        let words = failure.words();
        assert!(words.contains("PRIVATE KEY"), "{words}");
    }
}

/// What cannot be read is refused with its real damage.
#[test]
fn a_damaged_request_is_told_as_damaged() {
    let pem = Made::of("shop.example.com").text();
    let mut lines: Vec<&str> = pem.lines().collect();
    lines.swap(2, 3);
    let more = |at: usize| {
        let mut more = pem.clone();
        more.insert(at, 'A');
        more
    };
    for text in [lines.join("\n"), more(120)] {
        let words = Csr::parse(&text).unwrap_err().words();
        assert!(
            words.starts_with("it is damaged inside") || words.starts_with("its signature"),
            "{words}"
        );
    }
    let mut fewer = pem.clone();
    fewer.remove(120);
    let words = Csr::parse(&fewer).unwrap_err().words();
    assert!(words.starts_with("it is cut off"), "{words}");
}

/// A quadratic reading of these takes minutes.
#[test]
fn hostile_texts_are_read_in_one_go() {
    for unit in [
        "MII",
        "MIIC ",
        "-",
        "BEGIN ",
        "-----BEGIN CERTIFICATE REQUEST-----",
        "-----BEGIN X",
        "&#",
        "<",
        "<a",
        "%25",
        "\\",
        "=",
        "> ",
        "\"",
        "MIME-",
    ] {
        let text = unit.repeat(64 * 1024 / unit.len());
        assert!(Csr::parse(&text).is_err(), "{unit}");
    }
}
