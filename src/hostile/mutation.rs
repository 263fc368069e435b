//! Inputs for a fixed count: what is kept is read as it is, then damaged with a fixed seed. No coverage
//! guides it; the fuzzer does that where its toolchain is at hand.

/// Pieces that mean something to one parser or another.
const PIECES: &[&str] = &[
    "<![CDATA[",
    "]]>",
    "<!DOCTYPE a [<!ENTITY b \"c\">]>",
    "&b;",
    "&amp;",
    "&#0;",
    "&#x110000;",
    "<?xml version=\"1.0\" encoding=\"utf-7\"?>",
    "<a>",
    "</a>",
    "<a/>",
    "/>",
    "<!--",
    "-->",
    "{",
    "}",
    "[",
    "]",
    "{\"a\":",
    "null",
    "true",
    "\"\"",
    "\\ud800",
    "\\u0000",
    ":",
    ",",
    "|",
    "%%",
    "-1",
    "0",
    "1e999999",
    "99999999999999999999",
    "0.005",
    "1,234.56",
    "-0",
    "NaN",
    "+",
    "¤",
    "9999-12-31T23:59:59Z",
    "+262142-12-31T23:59:59Z",
    "12/31/262142",
    "/Date(99999999999999)/",
    "2026-02-30",
    "1/1/0001 12:00:00 AM",
    "0000-00-00",
    "xn--a",
    "*.",
    "..",
    ".",
    "\u{202e}",
    "ß",
    "пример.рф",
    "а.com",
    "127.0.0.1",
    "[::1]",
    "\0",
    "\r\n",
    "\t",
    "\u{feff}",
    "\u{2028}",
    "-----BEGIN CERTIFICATE-----",
    "-----END CERTIFICATE-----",
    "PK\u{3}\u{4}",
    "PK\u{5}\u{6}",
    "SET ",
    "max_log_size=",
    "DBHost ",
    "\n%%\n",
    "HTTP 500\n",
    "HTTP 302\n",
    "HTTP 401\n",
];

/// A small generator; the same seed gives the same inputs on every machine.
pub(super) struct Chance(u64);

impl Chance {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed ^ 0x9e37_79b9_7f4a_7c15)
    }

    /// xorshift64*.
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// A number below `limit`, which is not 0.
    fn below(&mut self, limit: usize) -> usize {
        let limit = limit.max(1) as u64;
        usize::try_from(self.next() % limit).unwrap()
    }

    fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len())]
    }

    /// A place to cut: any, or where a line or a tag begins.
    fn span(&mut self, input: &[u8]) -> std::ops::Range<usize> {
        let start = self.below(input.len() + 1);
        let length = self.below(64.min(input.len() - start + 1));
        start..start + length
    }

    /// A damaged one of the kept inputs.
    pub(super) fn damaged(&mut self, kept: &[Vec<u8>]) -> Vec<u8> {
        let mut input = self.pick(kept).clone();
        for _ in 0..=self.below(6) {
            self.damage(&mut input, kept);
        }
        input.truncate(64 * 1024);
        input
    }

    fn damage(&mut self, input: &mut Vec<u8>, kept: &[Vec<u8>]) {
        let place = self.span(input);
        match self.below(9) {
            0 if !input.is_empty() => {
                let at = self.below(input.len());
                input[at] ^= 1 << self.below(8);
            }
            1 => drop(input.drain(place)),
            2 => {
                let piece = input[place.clone()].repeat(1 + self.below(50));
                drop(input.splice(place.start..place.start, piece));
            }
            3 => input.truncate(place.start),
            4 => {
                let other = self.pick(kept);
                let piece = self.span(other);
                drop(input.splice(place, other[piece].iter().copied()));
            }
            5 => {
                let other = self.pick(kept).clone();
                input.extend_from_slice(b"\n%%\n");
                input.extend(other);
            }
            6 => {
                let bytes: Vec<u8> = (0..self.below(16)).map(|_| self.next() as u8).collect();
                drop(input.splice(place, bytes));
            }
            _ => {
                let piece = self.pick(PIECES).as_bytes();
                drop(input.splice(place, piece.iter().copied()));
            }
        }
    }
}

/// What no parser may choke on, whatever it expects.
pub(super) fn monsters() -> Vec<Vec<u8>> {
    let bomb: String = (0..30)
        .map(|n| format!("<!ENTITY e{} \"&e{n};&e{n};\">", n + 1))
        .collect();
    let attributes: String = (0..3_000).map(|n| format!(" a{n}='b'")).collect();
    let fields: String = (0..3_000).map(|n| format!("\"f{n}\":{n},")).collect();
    [
        Vec::new(),
        vec![0; 1000],
        vec![0xff; 1000],
        b"\xff\xfe<\0d\0o\0c\0>\0".to_vec(),
        b"\xef\xbb\xbf<doc/>".to_vec(),
        "A".repeat(1 << 17).into(),
        "\n".repeat(1 << 15).into(),
        " ".repeat(1 << 15).into(),
        "[".repeat(20_000).into(),
        "{\"a\":".repeat(20_000).into(),
        "<a>".repeat(20_000).into(),
        format!("<doc>{}{}</doc>", "<a>".repeat(5_000), "</a>".repeat(5_000)).into(),
        format!("<!DOCTYPE d [<!ENTITY e0 \"x\">{bomb}]><doc>&e30;</doc>").into(),
        b"<!DOCTYPE d [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><doc>&x;</doc>".to_vec(),
        format!("<doc{attributes}/>").into(),
        format!("<doc>{}</doc>", "<b/>".repeat(8_000)).into(),
        format!("{{{fields}\"last\":0}}").into(),
        format!("\"{}\"", "\\u0041".repeat(5_000)).into(),
        "9".repeat(20_000).into(),
        "a.".repeat(20_000).into(),
        "xn--".repeat(10_000).into(),
        "ß".repeat(20_000).into(),
        "-----BEGIN CERTIFICATE-----\n".repeat(500).into(),
        format!("-----BEGIN CERTIFICATE-----\n{}", "MIIB".repeat(20_000)).into(),
        // Indefinite lengths without end, and a length longer than the address space.
        [0x30, 0x80].repeat(20_000),
        b"\x30\x84\xff\xff\xff\xff\x02\x01".to_vec(),
        "|".repeat(10_000).into(),
        "<html><body><h1>502 Bad Gateway</h1></body></html>".into(),
    ]
    .into()
}
