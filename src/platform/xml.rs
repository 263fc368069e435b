//! Small XML documents of the platform: a strict reader into a tree, and escaping for what is written.
//!
//! The platform's documents are shallow and short. The reader refuses what such a document never
//! holds (DOCTYPE, unknown entities, a second root, deep nesting), and its errors name a position,
//! never content: the content may be a password.

use std::fmt::Write as _;

use quick_xml::errors::Error as ReaderError;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

/// Deeper nesting than any document of the platform has.
const MAX_DEPTH: usize = 64;

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

    /// An attribute's value.
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// The trimmed text of a child, `None` when the child is absent or empty.
    pub(crate) fn child_text(&self, name: &str) -> Option<&str> {
        self.child(name)
            .map(|child| child.text.trim())
            .filter(|text| !text.is_empty())
    }
}

/// Why a document was refused; safe to print.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Broken {
    /// Nothing but blanks.
    #[error("the document is empty")]
    Empty,
    /// The reader gave up.
    #[error("broken XML near byte {position}: {reason}")]
    Syntax {
        /// Bytes from the start of the document.
        position: u64,
        /// What kind of fault it is.
        reason: &'static str,
    },
    /// The root element is not the expected one.
    #[error("the root element is not '{0}'")]
    Root(&'static str),
}

/// A document with the places where its root can be extended.
#[derive(Debug)]
pub(crate) struct Document {
    /// The root element.
    pub(crate) root: Element,
    /// Byte range of the root's end tag, or of the whole tag of an empty root.
    pub(crate) tail: std::ops::Range<usize>,
    /// The root is written as one empty tag.
    pub(crate) root_is_empty_tag: bool,
}

/// Reads a whole document whose root element has the given name.
pub(crate) fn read(text: &str, root: &'static str) -> Result<Document, Broken> {
    // The reader does not count a byte order mark.
    let body = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mark = text.len() - body.len();
    if body.trim().is_empty() {
        return Err(Broken::Empty);
    }
    let mut reader = Reader::from_str(body);
    let mut open: Vec<Element> = Vec::new();
    let mut document: Option<Document> = None;
    loop {
        let before = reader.buffer_position();
        let broken = |reason| Broken::Syntax {
            position: before,
            reason,
        };
        let event = reader
            .read_event()
            .map_err(|error| broken(reader_words(&error)))?;
        let after = reader.buffer_position();
        let mut closed = None;
        match event {
            Event::Start(start) => {
                if document.is_some() {
                    return Err(broken("content behind the root element"));
                }
                if open.len() >= MAX_DEPTH {
                    return Err(broken("nested too deeply"));
                }
                open.push(element(&start).ok_or_else(|| broken("an attribute cannot be read"))?);
            }
            Event::Empty(start) => {
                if document.is_some() {
                    return Err(broken("content behind the root element"));
                }
                let child = element(&start).ok_or_else(|| broken("an attribute cannot be read"))?;
                closed = Some((child, true));
            }
            Event::End(_) => closed = open.pop().map(|element| (element, false)),
            Event::Text(piece) => {
                let content = piece.xml10_content();
                add_text(&mut open, &content).ok_or_else(|| broken("text outside the root"))?;
            }
            Event::CData(piece) => {
                let content = piece.xml10_content();
                if open.is_empty() {
                    return Err(broken("text outside the root"));
                }
                add_text(&mut open, &content);
            }
            Event::GeneralRef(reference) => {
                let resolved = match reference.resolve_char_ref() {
                    Ok(Some(character)) => Some(character.to_string()),
                    Ok(None) => {
                        resolve_predefined_entity(&reference.xml10_content()).map(str::to_owned)
                    }
                    Err(_) => None,
                };
                let resolved = resolved.ok_or_else(|| broken("unknown entity"))?;
                if open.is_empty() {
                    return Err(broken("text outside the root"));
                }
                add_text(&mut open, &resolved);
            }
            Event::DocType(_) => return Err(broken("a DOCTYPE is not accepted")),
            Event::Comment(_) | Event::PI(_) | Event::Decl(_) => {}
            Event::Eof => break,
        }
        if let Some((element, empty_tag)) = closed {
            match open.last_mut() {
                Some(parent) => parent.children.push(element),
                None if element.name != root => return Err(Broken::Root(root)),
                None => {
                    document = Some(Document {
                        root: element,
                        tail: mark + offset(before)..mark + offset(after),
                        root_is_empty_tag: empty_tag,
                    });
                }
            }
        }
    }
    if !open.is_empty() {
        return Err(Broken::Syntax {
            position: reader.buffer_position(),
            reason: "the document ends too early",
        });
    }
    document.ok_or(Broken::Syntax {
        position: 0,
        reason: "there is no element",
    })
}

fn offset(position: u64) -> usize {
    usize::try_from(position).unwrap_or(usize::MAX)
}

fn element(start: &BytesStart<'_>) -> Option<Element> {
    let attributes = start
        .attributes()
        .map(|attribute| {
            let attribute = attribute.ok()?;
            let value = attribute.normalized_value(XmlVersion::Implicit1_0).ok()?;
            Some((
                attribute.key.local_name().into_inner().to_owned(),
                value.into_owned(),
            ))
        })
        .collect::<Option<_>>()?;
    Some(Element {
        name: start.local_name().into_inner().to_owned(),
        attributes,
        ..Element::default()
    })
}

/// Adds text to the innermost open element; blanks outside the root are nothing.
fn add_text(open: &mut [Element], text: &str) -> Option<()> {
    match open.last_mut() {
        Some(element) => element.text.push_str(text),
        None if text.trim_matches([' ', '\t', '\n', '\r']).is_empty() => {}
        None => return None,
    }
    Some(())
}

/// The kind of a reader's error; its own text may quote content.
fn reader_words(error: &ReaderError) -> &'static str {
    match error {
        ReaderError::Syntax(_) => "something is not closed",
        ReaderError::IllFormed(_) => "the tags do not match",
        ReaderError::InvalidAttr(_) => "an attribute cannot be read",
        ReaderError::Escape(_) => "unknown entity",
        _ => "it cannot be read",
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
        assert_eq!(document.root.child_text("x"), Some("a<b<c>d"));
        assert_eq!(document.root.child_text("y"), None);
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
    fn errors_never_quote_content() {
        for text in [
            "<doc><password>s3cr3t&s3cr3t;</password></doc>",
            "<doc><password>s3cr3t</s3cr3t></doc>",
            "<doc password=\"s3cr3t&s3cr3t;\"/>",
            "<s3cr3t/>",
        ] {
            let words = read(text, "doc").unwrap_err();
            assert!(!format!("{words} {words:?}").contains("s3cr3t"), "{words}");
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
