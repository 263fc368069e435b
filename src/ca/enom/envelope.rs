//! The answer's frame: text, element tree, verdict (enom.md 3).
//!
//! Element names come in unstable letter case, lists are either repeated (`Cert`, `Cert`) or numbered
//! (`Cert1`, `Cert2`). Everything here compares names without regard to case and knows both. Private
//! keys are dropped while reading, so that no later code can show them.

use super::error::{EnomError, Refusal};
use crate::ca::http::Reply;
use crate::domain::text::Words;
use crate::xml::{self, Element};

/// Elements that may hold a private key (enom.md 7 and 8).
const PRIVATE_KEYS: [&str; 2] = ["pvt", "rsa"];

/// One element.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Node {
    name: String,
    text: String,
    children: Vec<Node>,
}

impl Node {
    /// Its text without blanks around it; `None` when there is none.
    pub(super) fn text(&self) -> Option<&str> {
        Some(self.text.trim()).filter(|text| !text.is_empty())
    }

    pub(super) fn child(&self, name: &str) -> Option<&Self> {
        self.children
            .iter()
            .find(|child| child.name.eq_ignore_ascii_case(name))
    }

    /// Text of the first child of that name that has one.
    pub(super) fn value(&self, name: &str) -> Option<&str> {
        self.children
            .iter()
            .filter(|child| child.name.eq_ignore_ascii_case(name))
            .find_map(Self::text)
    }

    pub(super) fn owned(&self, name: &str) -> Option<String> {
        self.value(name).map(str::to_owned)
    }

    /// Whether there is neither a text nor an element in it.
    pub(super) fn is_empty(&self) -> bool {
        self.children.is_empty() && self.text().is_none()
    }

    /// Whether any element in it holds elements itself, as the rows of a list do.
    pub(super) fn holds_rows(&self) -> bool {
        self.children.iter().any(|child| !child.children.is_empty())
    }

    /// The first element of that name anywhere below.
    pub(super) fn find(&self, name: &str) -> Option<&Self> {
        self.child(name)
            .or_else(|| self.children.iter().find_map(|child| child.find(name)))
    }

    /// Children of a list in their order: of this name, or of this name and a number.
    pub(super) fn listed(&self, stem: &str) -> impl Iterator<Item = &Self> {
        self.children.iter().filter(move |child| {
            let head = child.name.get(..stem.len());
            let tail = child.name.get(stem.len()..).unwrap_or_default();
            head.is_some_and(|head| head.eq_ignore_ascii_case(stem))
                && tail.bytes().all(|byte| byte.is_ascii_digit())
        })
    }

    /// Every non-empty text of elements of that name, at any depth.
    pub(super) fn all(&self, name: &str) -> Vec<&str> {
        let mut found = Vec::new();
        self.collect(name, &mut found);
        found
    }

    fn collect<'a>(&'a self, name: &str, found: &mut Vec<&'a str>) {
        for child in &self.children {
            if child.name.eq_ignore_ascii_case(name) {
                found.extend(child.text());
            }
            child.collect(name, found);
        }
    }

    /// Names and texts of the children, for contents that are compared as a whole.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.children
            .iter()
            .map(|child| (child.name.as_str(), child.text().unwrap_or_default()))
    }
}

/// A boolean in any of its forms (enom.md 16); `None` for anything else.
pub(super) fn boolean(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "true" | "1" | "y" | "yes" => Some(true),
        "false" | "0" | "n" | "no" => Some(false),
        _ => None,
    }
}

/// A complete answer of the vendor, whatever its verdict.
#[derive(Debug)]
pub(super) struct CommandReply {
    root: Node,
    wrapper: &'static str,
}

impl CommandReply {
    /// Reads the answer of a command: status, charset, XML, root, and that it is about this command.
    ///
    /// # Errors
    /// [`EnomError::Unserved`], [`EnomError::Unreadable`].
    pub(super) fn read(command: &'static str, reply: &Reply) -> Result<Self, EnomError> {
        if let Some(unserved) = reply.unserved() {
            return Err(EnomError::Unserved { command, unserved });
        }
        let text = decode(&reply.body, reply.content_type.as_deref());
        let trouble = |why: Words, passing| EnomError::Unreadable {
            command,
            why: words!("{why} ({} bytes)", "{why} (байт: {})", reply.body.len(); why),
            passing,
        };
        let root = parse(&text).map_err(|why| trouble(why, true))?;
        if !root.name.eq_ignore_ascii_case("interface-response") {
            return Err(trouble(
                words!(
                    "the answer has another root element",
                    "у ответа другой корневой элемент"
                ),
                false,
            ));
        }
        match root.value("Command") {
            Some(echo) if !echo.eq_ignore_ascii_case(command) => Err(trouble(
                words!(
                    "the answer is about another command",
                    "ответ относится к другой команде"
                ),
                false,
            )),
            _ => Ok(Self {
                root,
                wrapper: command,
            }),
        }
    }

    /// The whole answer was received: it says so itself.
    pub(super) fn is_done(&self) -> bool {
        self.root.value("Done").and_then(boolean) == Some(true)
    }

    /// Number of errors; newer pages name it differently.
    pub(super) fn error_count(&self) -> Option<u32> {
        let count = self.root.value("ErrCount");
        count
            .or_else(|| self.root.value("ErrorCount"))?
            .parse()
            .ok()
    }

    /// The command's own verdict, where it has one.
    pub(super) fn success(&self) -> Option<bool> {
        let own = self.payload().value("Success");
        own.or_else(|| self.root.value("Success"))
            .map(|text| boolean(text) == Some(true))
    }

    /// What the vendor complains about.
    pub(super) fn refusal(&self) -> Refusal {
        Refusal::read(&self.root)
    }

    pub(super) fn root(&self) -> &Node {
        &self.root
    }

    /// The element named like the command.
    pub(super) fn own(&self) -> Option<&Node> {
        self.root.child(self.wrapper)
    }

    /// The same; commands without one answer at the root.
    pub(super) fn payload(&self) -> &Node {
        self.own().unwrap_or(&self.root)
    }

    /// The success test: complete, no errors, and the command's own verdict where it has one.
    ///
    /// # Errors
    /// [`EnomError::Refused`]; [`EnomError::Unreadable`] for an answer without end or count.
    pub(super) fn accepted(self) -> Result<Self, EnomError> {
        let command = self.wrapper;
        let unreadable = |why: Words, passing| EnomError::Unreadable {
            command,
            why,
            passing,
        };
        if !self.is_done() {
            return Err(unreadable(
                words!(
                    "the answer does not say that it is complete",
                    "в ответе нет отметки о его полноте"
                ),
                true,
            ));
        }
        match self.error_count() {
            None => Err(unreadable(
                words!("the answer has no error count", "в ответе нет числа ошибок"),
                false,
            )),
            Some(0) if self.success() != Some(false) => Ok(self),
            Some(_) => Err(EnomError::Refused {
                command,
                refusal: self.refusal(),
            }),
        }
    }
}

/// The text of an answer. Its real form counts more than what it declares: a sibling interface
/// declares UTF-16 on plain ASCII (enom.md 2).
fn decode(body: &[u8], content_type: Option<&str>) -> String {
    let wide = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = bytes
            .chunks_exact(2)
            .map(|pair| unit([pair[0], pair[1]]))
            .collect();
        String::from_utf16_lossy(&units)
    };
    match body {
        [0xff, 0xfe, rest @ ..] => return wide(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => return wide(rest, u16::from_be_bytes),
        [b'<', 0, ..] => return wide(body, u16::from_le_bytes),
        [0, b'<', ..] => return wide(body, u16::from_be_bytes),
        _ => {}
    }
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    if let Ok(text) = std::str::from_utf8(body) {
        return text.to_owned();
    }
    let head = String::from_utf8_lossy(body.get(..80).unwrap_or(body)).to_ascii_lowercase();
    let declared = format!("{} {head}", content_type.unwrap_or_default()).to_ascii_lowercase();
    if ["8859-1", "1252"]
        .iter()
        .any(|name| declared.contains(name))
    {
        // The two differ in characters that no field of interest holds.
        return body.iter().map(|byte| char::from(*byte)).collect();
    }
    String::from_utf8_lossy(body).into_owned()
}

/// Reads a document to its root, without its attributes: none of them matters here.
fn parse(text: &str) -> Result<Node, Words> {
    let document = xml::parse(text).map_err(
        |broken| words!("the answer is not whole: {broken}", "ответ неполный: {broken}"; broken),
    )?;
    Ok(Node::from(document.root))
}

impl From<Element> for Node {
    fn from(element: Element) -> Self {
        let named = PRIVATE_KEYS
            .iter()
            .any(|name| element.name.eq_ignore_ascii_case(name));
        if named || element.text.contains("PRIVATE KEY") {
            return Self {
                name: element.name,
                ..Self::default()
            };
        }
        Self {
            name: element.name,
            text: element.text,
            children: element.children.into_iter().map(Self::from).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::ca::http::Room;

    fn reply(body: impl Into<Vec<u8>>) -> Reply {
        Reply {
            status: 200,
            content_type: Some("text/xml".to_owned()),
            body: body.into(),
            retry_after: None,
            date: None,
            location: None,
            room: Room::default(),
        }
    }

    fn answer(inside: &str) -> Result<CommandReply, EnomError> {
        let text = format!("<interface-response>{inside}</interface-response>");
        CommandReply::read("GetBalance", &reply(text))
    }

    #[test]
    fn success_needs_all_three_parts_and_the_commands_own_word() {
        let cases = [
            ("<ErrCount>0</ErrCount><Done>true</Done>", "ok"),
            ("<errcount>0</errcount><DONE>True</DONE>", "ok"),
            ("<ErrorCount>0</ErrorCount><Done>true</Done>", "ok"),
            (
                "<Command>GETBALANCE</Command><ErrCount>0</ErrCount><Done>true</Done>",
                "ok",
            ),
            (
                "<GetBalance><Success>true</Success></GetBalance><ErrCount>0</ErrCount><Done>true</Done>",
                "ok",
            ),
            (
                "<GetBalance><Success>False</Success></GetBalance><ErrCount>0</ErrCount><Done>true</Done>",
                "refused",
            ),
            ("<ErrCount>1</ErrCount><Done>true</Done>", "refused"),
            ("<ErrCount>0</ErrCount>", "unreadable"),
            ("<ErrCount>0</ErrCount><Done>false</Done>", "unreadable"),
            ("<Done>true</Done>", "unreadable"),
            ("<ErrCount>none</ErrCount><Done>true</Done>", "unreadable"),
            (
                "<Command>OTHER</Command><ErrCount>0</ErrCount><Done>true</Done>",
                "unreadable",
            ),
        ];
        for (inside, expected) in cases {
            let outcome = match answer(inside).and_then(CommandReply::accepted) {
                Ok(_) => "ok",
                Err(EnomError::Refused { .. }) => "refused",
                Err(_) => "unreadable",
            };
            assert_eq!(outcome, expected, "{inside}");
        }
    }

    #[test]
    fn pages_empty_bodies_and_cut_answers_pass_while_other_documents_do_not() {
        let cases = [
            ("", true),
            ("  \n", true),
            ("<!DOCTYPE html><html><body>Maintenance</body></html>", true),
            ("<html><body>Maintenance</body></html>", true),
            ("<interface-response><ErrCount>0</Err", true),
            ("<interface-response><a></interface-response>", true),
            ("ErrCount=0\nDone=true", true),
            ("<Envelope><ErrCount>0</ErrCount></Envelope>", false),
        ];
        for (body, expected) in cases {
            let error = CommandReply::read("GetBalance", &reply(body)).unwrap_err();
            let reason = crate::failure::Failure::from(error).reason();
            let is_passing = reason == crate::failure::Reason::VendorTrouble;
            assert_eq!(is_passing, expected, "{body}: {reason:?}");
        }
    }

    #[test]
    fn both_list_styles_are_read_without_their_siblings() {
        let root = parse(
            "<Certs><Cert>a</Cert><CERT>b</CERT><CertCount>2</CertCount><Count>2</Count></Certs>",
        )
        .unwrap();
        let texts: Vec<_> = root.listed("Cert").filter_map(Node::text).collect();
        assert_eq!(texts, ["a", "b"]);
        let root =
            parse("<Certs><Cert1>a</Cert1><cert2>b</cert2><Cert10>c</Cert10></Certs>").unwrap();
        let texts: Vec<_> = root.listed("Cert").filter_map(Node::text).collect();
        assert_eq!(texts, ["a", "b", "c"]);
    }

    #[test]
    fn private_keys_are_gone_after_reading() {
        let key = "-----BEGIN RSA PRIVATE KEY-----\nsecret\n-----END RSA PRIVATE KEY-----";
        for inside in [
            format!("<pvt>{key}</pvt>"),
            format!("<PVT><![CDATA[{key}]]></PVT>"),
            format!("<RSA>{key}</RSA>"),
            "<RSA>secret without armour</RSA>".to_owned(),
            format!("<Anything>{key}</Anything>"),
        ] {
            let text = format!("<a>{inside}<b>1</b></a>");
            let root = parse(&text).unwrap();
            assert!(!format!("{root:?}").contains("secret"), "{inside}");
            assert_eq!(root.value("b"), Some("1"));
        }
    }

    #[test]
    fn the_real_charset_counts_more_than_the_declared_one() {
        let text = "<?xml version=\"1.0\" encoding=\"utf-16\"?><a>\u{e9}</a>";
        let wide =
            |unit: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(unit).collect::<Vec<u8>>();
        let latin = b"<?xml version=\"1.0\" encoding=\"iso-8859-1\"?><a>\xe9</a>".to_vec();
        let marked = |mark: &[u8], rest: Vec<u8>| [mark, &rest].concat();
        for body in [
            text.as_bytes().to_vec(),
            marked(b"\xef\xbb\xbf", text.as_bytes().to_vec()),
            wide(u16::to_le_bytes),
            wide(u16::to_be_bytes),
            marked(b"\xff\xfe", wide(u16::to_le_bytes)),
            marked(b"\xfe\xff", wide(u16::to_be_bytes)),
            latin,
        ] {
            let root = parse(&decode(&body, None)).unwrap();
            assert_eq!(root.text(), Some("\u{e9}"));
        }
    }

    #[test]
    fn entities_cdata_and_deep_nesting() {
        let root = parse("<a><b>x &amp; &#x41;<![CDATA[ <c> ]]></b></a>").unwrap();
        assert_eq!(root.value("b"), Some("x & A <c>"));
        for text in [
            "<!DOCTYPE a [<!ENTITY e \"x\">]><a>&e;</a>".to_owned(),
            "<a>&e;</a>".to_owned(),
            "<a>".repeat(70) + &"</a>".repeat(70),
            "<a/><b/>".to_owned(),
        ] {
            assert!(parse(&text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_answer_makes_the_reader_fall(body in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = CommandReply::read("GetBalance", &reply(body)).map(|answer| answer.accepted().is_ok());
        }

        #[test]
        fn no_cut_answer_is_accepted(cut in 0usize..180) {
            let whole = "<?xml version=\"1.0\"?><interface-response><Balance>1,204.10</Balance>\
                <Command>GETBALANCE</Command><ErrCount>0</ErrCount><Done>true</Done></interface-response>";
            prop_assume!(cut < whole.len());
            let outcome = CommandReply::read("GetBalance", &reply(&whole[..cut])).and_then(CommandReply::accepted);
            prop_assert!(outcome.is_err());
        }
    }
}
