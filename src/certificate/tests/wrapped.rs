//! Requests as people paste them, in groups. Every text here is made from a fresh request.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::certificate::testing::{Delivery, Made};

/// What was done to a request, and what became of it.
pub(crate) type Cases = Vec<(&'static str, String)>;

/// A request whose base64 holds plus and slash.
pub(crate) struct Fresh {
    der: Vec<u8>,
    base64: String,
    /// The base64 in lines.
    body: String,
    pub(crate) pem: String,
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

pub(super) fn percent(text: &str, is_kept: impl Fn(char) -> bool) -> String {
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

/// The alphabet of web addresses.
fn for_web(base64: &str) -> String {
    base64.replace('+', "-").replace('/', "_")
}

impl Fresh {
    pub(crate) fn new() -> Self {
        Self::such(|fresh| ["+", "/"].iter().all(|sign| fresh.base64.contains(sign)))
    }

    /// One whose signs stand where wrappings hide them: two beside each other, and at the edges of lines.
    pub(crate) fn hard() -> Self {
        Self::such(|fresh| {
            let at_edge = |sign: char| {
                let mut lines = fresh.body.lines();
                lines.any(|line| line.starts_with(sign) || line.ends_with(sign))
            };
            fresh.base64.contains("++") && at_edge('+') && at_edge('/')
        })
    }

    fn such(is_such: impl Fn(&Self) -> bool) -> Self {
        loop {
            let made = Made {
                names: vec![b"shop.example.com", b"www.example.com"],
                ..Made::of("shop.example.com")
            };
            let der = made.der();
            let base64 = STANDARD.encode(&der);
            let body = columns(&base64, 64);
            let pem = format!(
                "-----BEGIN CERTIFICATE REQUEST-----\n{body}\n-----END CERTIFICATE REQUEST-----\n"
            );
            let made = Self {
                der,
                base64,
                body,
                pem,
            };
            if is_such(&made) {
                return made;
            }
        }
    }

    fn each(&self, with: fn(&str) -> String) -> String {
        self.pem.lines().map(|line| with(line) + "\n").collect()
    }

    /// Its lines broken once more, with something at the break.
    fn hyphenated(&self, at_break: &str) -> String {
        let broken = self.body.lines().map(|line| {
            let (head, tail) = line.split_at(line.len() / 2);
            format!("{head}{at_break}{tail}")
        });
        let broken: Vec<String> = broken.collect();
        self.pem.replace(&self.body, &broken.join("\n"))
    }

    fn label(&self, label: &str) -> String {
        self.pem.replace("CERTIFICATE REQUEST", label)
    }

    /// The request with other octets encoded around it.
    fn among(&self, head: &[u8], tail: &[u8]) -> String {
        let base64 = STANDARD.encode([head, &self.der, tail].concat());
        format!("-----BEGIN CERTIFICATE REQUEST-----\n{base64}\n-----END CERTIFICATE REQUEST-----")
    }

    /// Line ends, blanks, texts around, missing armour.
    pub(crate) fn armour(&self) -> Cases {
        let Self {
            base64, body, pem, ..
        } = self;
        let each = |with: fn(&str) -> String| self.each(with);
        vec![
            ("plain", pem.clone()),
            ("CRLF", pem.replace('\n', "\r\n")),
            ("CR", pem.replace('\n', "\r")),
            ("one line", pem.replace('\n', "")),
            ("blanks for line ends", pem.replace('\n', " ")),
            ("indented", each(|line| format!("\t  {line}  "))),
            ("carriage returns too many", pem.replace('\n', "\r\r\n")),
            ("no armour", body.clone()),
            ("no armour, one line", base64.clone()),
            (
                "no armour in a sentence",
                format!("Here it is: {base64}\nRegards, Example"),
            ),
            ("no end", pem[..pem.find("-----END").unwrap()].to_owned()),
            ("no begin", pem[pem.find("MI").unwrap()..].to_owned()),
            ("no padding", pem.replace('=', "")),
            (
                "headers of old programs",
                pem.replacen('\n', "\nProc-Type: 4,CLEAR\nComment: ours\n\n", 1),
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
        ]
    }

    /// Armour as people leave it.
    pub(crate) fn labels(&self) -> Cases {
        let Self { pem, .. } = self;
        let label = |label: &str| self.label(label);
        vec![
            (
                "four dashes at the end",
                pem.trim_end().trim_end_matches('-').to_owned() + "----",
            ),
            ("four dashes everywhere", pem.replace("-----", "----")),
            ("six dashes", pem.replace("-----", "------")),
            ("one dash", pem.replace("-----", "-")),
            ("no dashes", pem.replace('-', "")),
            (
                "em dashes",
                pem.replace("-----", "\u{2014}\u{2013}\u{2014}"),
            ),
            ("minus signs", pem.replace('-', "\u{2212}")),
            (
                "dashes in the wrong character set",
                pem.replace("-----", "\u{e2}\u{20ac}\u{201d}-"),
            ),
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
            (
                "letters of another alphabet in the label",
                pem.replace("BEGIN C", "BEGIN \u{421}"),
            ),
        ]
    }

    /// More than one, or more than it.
    pub(crate) fn copies(&self) -> Cases {
        let Self { body, pem, .. } = self;
        let with_tail = |tail: &[u8]| self.among(&[], tail);
        let with_head = |head: &[u8]| self.among(head, &[]);
        vec![
            ("twice", format!("{pem}{pem}")),
            ("twice in different ways", format!("{body}\n\n{pem}")),
            ("half of it before", format!("{}\n{pem}", &pem[..200])),
            (
                "a certificate's text around",
                format!("-----BEGIN CERTIFICATE-----\nMIIBsz\n-----END CERTIFICATE-----\n{pem}"),
            ),
            ("a certificate in a request's armour", {
                let certificate = Delivery::new().leaf;
                let label = certificate.replace("CERTIFICATE", "CERTIFICATE REQUEST");
                format!("{pem}{label}")
            }),
            ("CR LF behind the DER", with_tail(b"\r\n")),
            ("LF behind the DER", with_tail(b"\n")),
            ("NUL behind the DER", with_tail(&[0, 0, 0])),
            ("LF before the DER", with_head(b"\n")),
            (
                "the mark of a file before the DER",
                with_head(b"\xef\xbb\xbf"),
            ),
        ]
    }

    /// As programs write texts.
    pub(crate) fn programs(&self) -> Cases {
        let Self { pem, .. } = self;
        let each = |with: fn(&str) -> String| self.each(with);
        let escaped = pem.replace('\n', "\\n");
        vec![
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
            ("numbers of an editor", numbered(pem, "  ")),
            ("numbers with colons", numbered(pem, ":")),
            ("numbers with bars", numbered(pem, " | ")),
            ("a difference that adds", each(|line| format!("+{line}"))),
            ("a difference that removes", each(|line| format!("-{line}"))),
            ("visible carriage returns", each(|line| format!("{line}^M"))),
            ("list of lines", each(|line| format!("\"{line}\","))),
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
            ("an office program's table", pem.replace('\n', "_x000D_\n")),
            ("octal digits of a log", pem.replace('\n', "#012")),
            (
                "octal digits of a log, twice",
                pem.replace('\n', "#015#012"),
            ),
            ("octal digits of a shell", pem.replace('\n', "\\012")),
            (
                "octal digits of a shell, escaped",
                pem.replace('\n', "\\\\015\\\\012"),
            ),
            ("backslashes lost", pem.replace('\n', "n")),
            ("more backslashes lost", pem.replace('\n', "rn")),
            (
                "backslashes lost in a field",
                format!("csr: \"{}\"", pem.replace('\n', "n")),
            ),
        ]
    }

    /// As web pages, forms, mails and word processors write texts.
    pub(crate) fn pages(&self) -> Cases {
        let Self { pem, .. } = self;
        let each = |with: fn(&str) -> String| self.each(with);
        let form = percent(pem, |c| matches!(c, '-' | ' ')).replace(' ', "+");
        vec![
            ("br", each(|line| format!("{line}<br>"))),
            ("br /", pem.replace('\n', "<br />")),
            (
                "paragraphs",
                each(|line| format!("<p class=\"x\">{line}</p>")),
            ),
            (
                "paragraphs of a word processor",
                each(|line| {
                    let style = "margin:0cm;".repeat(40);
                    format!("<p class=\"MsoNormal\" style=\"{style}\">{line}</p>")
                }),
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
            ("entities twice", pem.replace('\n', "&amp;#10;")),
            ("percent", percent(pem, |_| false)),
            (
                "percent twice",
                percent(&percent(pem, |_| false), |_| false),
            ),
            ("form", form.clone()),
            ("form with its name", format!("csr={form}&x=1")),
            ("plus decoded to blanks", pem.replace('+', " ")),
            (
                "plus decoded to blanks, CRLF",
                pem.replace('+', " ").replace('\n', "\r\n"),
            ),
            ("all decoded to blanks", pem.replace(['+', '\n'], " ")),
            (
                "all decoded to blanks, two for each line",
                pem.replace('\n', "  ").replace('+', " "),
            ),
            (
                "all decoded to blanks, no armour",
                self.body.replace(['+', '\n'], " "),
            ),
            (
                "entities of what is invisible",
                pem.replace('M', "M&shy;&zwnj;").replace('\n', "&Tab;\n"),
            ),
            ("hyphenated", self.hyphenated("-\n")),
            (
                "hyphenated with another dash",
                self.hyphenated("\u{2010}\r\n"),
            ),
            ("mail quotation", each(|line| format!("> {line}"))),
            ("deep quotation", each(|line| format!(">> > {line}"))),
            ("initials", each(|line| format!("AB> {line}"))),
            ("quoted in a page", each(|line| format!("&gt; {line}"))),
            (
                "quoted-printable",
                pem.replace('=', "=3D").replace('\n', "=\n\n"),
            ),
            ("soft line breaks", {
                let long = pem.replace('=', "=3D").replace('\n', "=0A");
                let chunks: Vec<&[u8]> = long.as_bytes().chunks(75).collect();
                String::from_utf8(chunks.join(&b"=\n"[..])).unwrap()
            }),
            ("a web page's block", format!("<pre>{pem}</pre>")),
            ("marks of a letter", format!("```pem\n{pem}```")),
            (
                "a word processor's paragraphs",
                each(|line| format!("{line}\\par")),
            ),
            ("a word processor's lines", pem.replace('\n', "\\line ")),
            ("marks of paragraphs", each(|line| format!("{line}\u{b6}"))),
        ]
    }

    /// As bytes are written.
    pub(crate) fn octets(&self) -> Cases {
        let Self {
            der,
            base64,
            body,
            pem,
        } = self;
        vec![
            ("base64 of it all", STANDARD.encode(pem)),
            ("base64 of it all among words", {
                let all = STANDARD.encode(pem);
                format!("request: {all} Regards, Example")
            }),
            ("base64 of it all in columns behind a name", {
                let all = STANDARD.encode(pem).replace('=', "");
                format!("request:\n{}\n", columns(&all, 76))
            }),
            (
                "base64 of it all in JSON",
                format!(
                    "{{\"csr\":\"{}\"}}",
                    STANDARD.encode(pem).replace('/', "\\/")
                ),
            ),
            (
                "base64 of a text before it in JSON",
                format!("{{\"csr\":\"{}\"}}", STANDARD.encode(format!("\n{pem}"))),
            ),
            (
                "base64 twice, among words",
                format!("request = {};", STANDARD.encode(base64)),
            ),
            (
                "base64 of it all in columns",
                columns(&STANDARD.encode(pem), 76),
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
            (
                "wide letters",
                pem.chars()
                    .map(|c| match c {
                        '!'..='~' => char::from_u32(u32::from(c) + 0xfee0).unwrap(),
                        c => c,
                    })
                    .collect(),
            ),
            ("alphabet of web addresses", for_web(base64)),
            ("alphabet of web addresses, lines", for_web(body)),
            (
                "alphabet of web addresses, armour",
                pem.replace(body, &for_web(body)),
            ),
            ("byte order mark", format!("\u{feff}{pem}")),
            (
                "UTF-16 taken for bytes",
                pem.chars().flat_map(|c| [c, '\0']).collect(),
            ),
            ("invisible characters", pem.replace('M', "M\u{200b}\u{ad}")),
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
            (
                "an address that holds it",
                format!("data:text/plain;base64,{}", STANDARD.encode(pem)),
            ),
        ]
    }
}
