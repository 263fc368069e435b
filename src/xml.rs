//! XML: one strict and bounded reader into a tree for all who answer in it, and escaping for what is written.
//!
//! The reader refuses what no answer holds (DOCTYPE, unknown entities, a second root, deep nesting, more parts than
//! the longest listing), and its errors name a position, never content: the content may be a password.

use crate::domain::text::{Bilingual, Words};
use crate::work::looked_at;
use std::fmt::Write as _;
use std::ops::Range;

use quick_xml::errors::Error as ReaderError;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

/// Deeper nesting than any answer has.
const MAX_DEPTH: usize = 64;
/// Most elements and attributes of a document: a listing of 500 rows has some 20 000.
const MAX_PARTS: usize = 200_000;
/// What is said of a document beyond the limits.
fn too_large() -> Words {
    words!("larger than any answer", "больше любого ответа")
}
/// Most attributes of one element: the answers seen have up to ten. The library compares each with all before it.
const MAX_ATTRIBUTES: usize = 100;

/// The first line of every document written here.
pub(crate) const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

/// An element with its attributes, its own text and its children.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Element {
    /// Name without prefix.
    pub(crate) name: String,
    /// Attributes in their order, names without prefix.
    pub(crate) attributes: Vec<(String, String)>,
    /// Text and CDATA directly inside, joined.
    pub(crate) text: String,
    /// Child elements in their order.
    pub(crate) children: Vec<Self>,
}

impl Element {
    /// The first child of a name.
    pub(crate) fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    /// All children of a name.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The only child of a name; several are not decided.
    pub(crate) fn only(&self, name: &str) -> Option<&Self> {
        let mut children = self.children.iter().filter(|child| child.name == name);
        children.next().filter(|_| children.next().is_none())
    }

    /// The element at a path below this one, first children only. Nothing is searched elsewhere.
    pub(crate) fn at(&self, path: &str) -> Option<&Self> {
        path.split('/')
            .try_fold(self, |element, name| element.child(name))
    }

    /// All elements at a path below this one.
    pub(crate) fn everywhere<'a>(&'a self, path: &'a str) -> Vec<&'a Self> {
        path.split('/').fold(vec![self], |elements, name| {
            let below = elements.into_iter().flat_map(|element| element.all(name));
            below.collect()
        })
    }

    /// An attribute's value.
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// An attribute's value without blanks around it; `None` when it is absent or nothing else.
    pub(crate) fn filled_attribute(&self, name: &str) -> Option<&str> {
        filled(self.attribute(name)?)
    }

    /// The text without blanks around it; `None` when nothing is left.
    pub(crate) fn content(&self) -> Option<&str> {
        filled(&self.text)
    }

    /// The content of a child.
    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        self.child(name)?.content()
    }
}

fn filled(text: &str) -> Option<&str> {
    Some(text.trim()).filter(|text| !text.is_empty())
}

/// Why a document was refused; safe to print.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Broken {
    /// Nothing but blanks.
    Empty,
    /// The reader gave up.
    Syntax {
        /// Bytes from the start of the document.
        position: u64,
        /// What kind of fault it is.
        reason: Words,
    },
    /// The root element is not the expected one.
    Root(&'static str),
}

impl Bilingual for Broken {
    fn both(&self) -> Words {
        match self {
            Self::Empty => words!("the document is empty", "документ пуст"),
            Self::Syntax { position, reason } => words!(
                "broken XML near byte {position}: {reason}", "ошибка в XML около байта {position}: {reason}"; reason
            ),
            Self::Root(name) => words!(
                "the root element is not '{name}'",
                "корневой элемент - не '{name}'"
            ),
        }
    }
}

/// A document with the places where its root can be extended.
#[derive(Debug)]
pub(crate) struct Document {
    /// The root element.
    pub(crate) root: Element,
    /// Byte range of the root's end tag, or of the whole tag of an empty root.
    pub(crate) tail: Range<usize>,
    /// The root is written as one empty tag.
    pub(crate) root_is_empty_tag: bool,
}

/// Reads a whole document whose root element has the given name.
pub(crate) fn read(text: &str, root: &'static str) -> Result<Document, Broken> {
    let document = parse(text)?;
    if document.root.name == root {
        Ok(document)
    } else {
        Err(Broken::Root(root))
    }
}

/// Reads a whole document.
pub(crate) fn parse(text: &str) -> Result<Document, Broken> {
    // The reader does not count a byte order mark.
    let body = text.strip_prefix('\u{feff}').unwrap_or(text);
    if body.trim().is_empty() {
        return Err(Broken::Empty);
    }
    let mut reader = Reader::from_str(body);
    let mut tree = Tree::default();
    loop {
        let before = reader.buffer_position();
        let broken = |reason| Broken::Syntax {
            position: before,
            reason,
        };
        let event = reader
            .read_event()
            .map_err(|error| broken(reader_words(&error)))?;
        if matches!(event, Event::Eof) {
            return tree.finish().map_err(broken);
        }
        looked_at(offset(reader.buffer_position() - before));
        let mark = text.len() - body.len();
        let place = mark + offset(before)..mark + offset(reader.buffer_position());
        tree.add(event, place).map_err(broken)?;
    }
}

fn offset(position: u64) -> usize {
    usize::try_from(position).unwrap_or(usize::MAX)
}

/// What is read so far. Its errors are reasons of [`Broken::Syntax`].
#[derive(Default)]
struct Tree {
    /// Elements that are not closed, from the outside inwards.
    open: Vec<Element>,
    document: Option<Document>,
    parts: usize,
}

impl Tree {
    /// Takes the next event, which stands at `place`.
    fn add(&mut self, event: Event<'_>, place: Range<usize>) -> Result<(), Words> {
        match event {
            Event::Start(start) => {
                if self.open.len() >= MAX_DEPTH {
                    return Err(words!("nested too deeply", "слишком большая вложенность"));
                }
                let element = self.element(&start)?;
                self.open.push(element);
            }
            Event::Empty(start) => {
                let element = self.element(&start)?;
                self.close(element, place, true);
            }
            Event::End(_) => {
                let element = self.open.pop().ok_or_else(|| {
                    words!("the tags do not match", "теги не соответствуют друг другу")
                })?;
                self.close(element, place, false);
            }
            Event::Text(piece) => {
                let content = piece.xml10_content();
                let is_blank = content.trim_matches([' ', '\t', '\n', '\r']).is_empty();
                if !(is_blank && self.open.is_empty()) {
                    self.text(&content)?;
                }
            }
            Event::CData(piece) => self.text(&piece.xml10_content())?,
            Event::GeneralRef(reference) => match reference.resolve_char_ref() {
                Ok(Some(character)) => self.text(character.encode_utf8(&mut [0; 4]))?,
                Ok(None) => {
                    let name = reference.xml10_content();
                    self.text(
                        resolve_predefined_entity(&name)
                            .ok_or_else(|| words!("unknown entity", "неизвестная сущность"))?,
                    )?;
                }
                Err(_) => return Err(words!("unknown entity", "неизвестная сущность")),
            },
            Event::DocType(_) => {
                return Err(words!(
                    "a DOCTYPE is not accepted",
                    "DOCTYPE не принимается"
                ));
            }
            Event::Comment(_) | Event::PI(_) | Event::Decl(_) | Event::Eof => {}
        }
        Ok(())
    }

    /// A new element, counted with its attributes while they are read.
    fn element(&mut self, start: &BytesStart<'_>) -> Result<Element, Words> {
        if self.document.is_some() {
            return Err(words!(
                "content behind the root element",
                "содержимое после корневого элемента"
            ));
        }
        let mut element = Element {
            name: start.local_name().into_inner().to_owned(),
            ..Element::default()
        };
        self.count()?;
        for attribute in start.attributes() {
            self.count()?;
            if element.attributes.len() == MAX_ATTRIBUTES {
                return Err(too_large());
            }
            let unreadable = || words!("an attribute cannot be read", "атрибут не читается");
            // The library compares its name with those before.
            looked_at(element.attributes.len());
            let attribute = attribute.map_err(|_| unreadable())?;
            let value = attribute
                .normalized_value(XmlVersion::Implicit1_0)
                .map_err(|_| unreadable())?;
            let name = attribute.key.local_name().into_inner().to_owned();
            element.attributes.push((name, value.into_owned()));
        }
        Ok(element)
    }

    fn count(&mut self) -> Result<(), Words> {
        self.parts += 1;
        (self.parts <= MAX_PARTS)
            .then_some(())
            .ok_or_else(too_large)
    }

    /// Adds text to the innermost open element.
    fn text(&mut self, text: &str) -> Result<(), Words> {
        let element = self
            .open
            .last_mut()
            .ok_or_else(|| words!("text outside the root", "текст вне корневого элемента"))?;
        element.text.push_str(text);
        Ok(())
    }

    fn close(&mut self, element: Element, tail: Range<usize>, root_is_empty_tag: bool) {
        match self.open.last_mut() {
            Some(parent) => parent.children.push(element),
            None => {
                self.document = Some(Document {
                    root: element,
                    tail,
                    root_is_empty_tag,
                });
            }
        }
    }

    fn finish(self) -> Result<Document, Words> {
        if self.open.is_empty() {
            self.document
                .ok_or_else(|| words!("there is no element", "элементов нет"))
        } else {
            Err(words!("the document ends too early", "документ обрывается"))
        }
    }
}

/// The kind of a reader's error; its own text may quote content.
fn reader_words(error: &ReaderError) -> Words {
    match error {
        ReaderError::Syntax(_) => words!("something is not closed", "что-то не закрыто"),
        ReaderError::IllFormed(_) => {
            words!("the tags do not match", "теги не соответствуют друг другу")
        }
        ReaderError::InvalidAttr(_) => words!("an attribute cannot be read", "атрибут не читается"),
        ReaderError::Escape(_) => words!("unknown entity", "неизвестная сущность"),
        _ => words!("it cannot be read", "он не читается"),
    }
}

/// Text made safe for element content and for attribute values in double quotes. Characters that no
/// XML 1.0 document may hold are left out.
pub(crate) fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars().filter(|c| is_allowed(*c)) {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&apos;"),
            '\r' => safe.push_str("&#13;"),
            other => safe.push(other),
        }
    }
    safe
}

/// An attribute with a leading blank: ` name="value"`. Line breaks survive as references.
pub(crate) fn attribute(name: &str, value: &str) -> String {
    let value = escape(value).replace('\n', "&#10;").replace('\t', "&#9;");
    format!(" {name}=\"{value}\"")
}

/// Text as one or more CDATA sections, split where it holds the closing mark.
pub(crate) fn cdata(text: &str) -> String {
    let allowed: String = text.chars().filter(|c| is_allowed(*c)).collect();
    let mut section = String::with_capacity(allowed.len() + 12);
    // Writing into a string cannot fail.
    let _ = write!(
        section,
        "<![CDATA[{}]]>",
        allowed.replace("]]>", "]]]]><![CDATA[>")
    );
    section
}

/// The characters of XML 1.0.
fn is_allowed(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | '\u{20}'..='\u{fffd}' | '\u{10000}'..)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_becomes_a_tree() {
        let text = "\u{feff}<?xml version=\"1.0\"?>\n<doc a=\"1&amp;2\"><!-- c --><x>a&lt;b<![CDATA[<c>]]>&#x64;</x><y/></doc>\n";
        let document = read(text, "doc").unwrap();
        assert_eq!(document.root.attribute("a"), Some("1&2"));
        assert_eq!(document.root.value("x"), Some("a<b<c>d"));
        assert_eq!(document.root.value("y"), None);
        assert!(document.root.child("y").is_some());
        assert_eq!(&text[document.tail], "</doc>");
    }

    #[test]
    fn an_empty_root_is_found_where_it_stands() {
        let text = "<?xml version=\"1.0\"?><doc lang=\"ru\"/>";
        let document = read(text, "doc").unwrap();
        assert!(document.root_is_empty_tag);
        assert_eq!(&text[document.tail], "<doc lang=\"ru\"/>");
    }

    #[test]
    fn documents_that_the_platform_never_sends_are_refused() {
        let deep = format!("<doc>{}</doc>", "<a>".repeat(100));
        let cases = [
            "",
            "\u{feff} \n",
            "text",
            "<doc>",
            "<doc></dox>",
            "<doc></doc><evil/>",
            "<doc></doc>text",
            "<doc/>&amp;",
            "<html></html>",
            "<!DOCTYPE doc [<!ENTITY e \"x\">]><doc>&e;</doc>",
            "<!DOCTYPE doc><doc/>",
            "<doc>&nbsp;</doc>",
            "<doc>&#0;</doc>",
            "<doc a=b/>",
            "<doc a=\"1\" a=\"2\"/>",
            "<doc a=\"&unknown;\"/>",
            "</doc>",
            "<doc><x></doc>",
            deep.as_str(),
        ];
        for text in cases {
            assert!(read(text, "doc").is_err(), "{text}");
        }
    }

    #[test]
    fn a_document_is_counted_while_it_is_read() {
        let attributes =
            |count: usize| -> String { (0..count).map(|n| format!(" a{n}=\"\"")).collect() };
        read(&format!("<doc{}/>", attributes(MAX_ATTRIBUTES)), "doc").unwrap();
        let elements = "<a b=\"\"/>".repeat(MAX_PARTS / 2);
        for text in [
            format!("<doc{}/>", attributes(MAX_ATTRIBUTES + 1)),
            format!("<doc>{elements}</doc>"),
        ] {
            let broken = read(&text, "doc").unwrap_err();
            assert!(broken.both().en().ends_with(too_large().en()), "{broken:?}");
        }
    }

    #[test]
    fn elements_are_found_by_path_and_never_searched() {
        let text = "<doc><tparams><id>999</id></tparams><doc><id> 7 </id></doc><empty/>\
                    <row><a>1</a></row><row><a>2</a></row></doc>";
        let root = read(text, "doc").unwrap().root;
        assert_eq!(root.value("id"), None);
        assert_eq!(root.at("doc/id").and_then(Element::content), Some("7"));
        assert!(root.child("empty").is_some() && root.value("empty").is_none());
        assert!(root.only("row").is_none() && root.only("empty").is_some());
        let values: Vec<_> = root
            .everywhere("row/a")
            .into_iter()
            .map(|a| a.text.as_str())
            .collect();
        assert_eq!(values, ["1", "2"]);
    }

    #[test]
    fn errors_never_quote_content() {
        for text in [
            "<doc><password>s3cr3t&s3cr3t;</password></doc>",
            "<doc><password>s3cr3t</s3cr3t></doc>",
            "<doc password=\"s3cr3t&s3cr3t;\"/>",
            "<s3cr3t/>",
        ] {
            let words = read(text, "doc").unwrap_err();
            assert!(
                !format!("{words:?} {words:?}").contains("s3cr3t"),
                "{words:?}"
            );
        }
    }

    #[test]
    fn what_is_written_reads_back() {
        let hard = "a<b>&\"'\r\n\t]]>\u{1}\u{0}я\u{ffff}😀";
        let written = format!(
            "<doc{}><x>{}</x><y>{}</y></doc>",
            attribute("a", hard),
            escape(hard),
            cdata("1]]>2]]>3\u{8}")
        );
        let root = read(&written, "doc").unwrap().root;
        assert_eq!(root.attribute("a"), Some("a<b>&\"'\r\n\t]]>я😀"));
        assert_eq!(root.child("x").unwrap().text, "a<b>&\"'\r\n\t]]>я😀");
        assert_eq!(root.child("y").unwrap().text, "1]]>2]]>3");
    }

    proptest::proptest! {
        #[test]
        fn any_text_survives_or_is_refused_without_a_crash(text in ".*") {
            let _ = read(&text, "doc");
            let kept: String = text.chars().filter(|c| is_allowed(*c)).collect();
            let root = read(&format!("<doc>{}</doc>", escape(&text)), "doc").unwrap().root;
            proptest::prop_assert_eq!(root.text, kept);
        }
    }
}
