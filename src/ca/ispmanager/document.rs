//! Replies with `out=xml` as plain trees (ispmanager.md 4.1).

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

/// Deepest nesting read.
const DEEPEST: usize = 64;
/// Most elements and attributes read: a list of 500 rows has some 20 000.
const MOST_PARTS: usize = 200_000;
/// Most attributes of one element: the replies seen have up to ten.
const MOST_ATTRIBUTES: usize = 100;
/// What is said of a reply beyond the limits.
const TOO_LARGE: &str = "it is larger than any reply";

/// One element.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Node {
    pub(super) name: String,
    attributes: Vec<(String, String)>,
    /// Text directly inside.
    text: String,
    pub(super) children: Vec<Node>,
}

impl Node {
    /// The first child of that name.
    pub(super) fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    /// All children of that name.
    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The element at a path below this one, first children only. Nothing is searched elsewhere:
    /// replies echo requests below `tparams` (4.1).
    pub(super) fn at(&self, path: &str) -> Option<&Self> {
        path.split('/')
            .try_fold(self, |node, name| node.child(name))
    }

    /// All elements at a path below this one.
    pub(super) fn everywhere<'a>(&'a self, path: &'a str) -> Vec<&'a Self> {
        path.split('/').fold(vec![self], |nodes, name| {
            nodes.into_iter().flat_map(|node| node.all(name)).collect()
        })
    }

    /// The only child of that name; several are not decided.
    pub(super) fn only(&self, name: &str) -> Option<&Self> {
        let mut children = self.children.iter().filter(|child| child.name == name);
        children.next().filter(|_| children.next().is_none())
    }

    /// An attribute that is not empty.
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        let (_, value) = self.attributes.iter().find(|(known, _)| known == name)?;
        Some(value.trim()).filter(|value| !value.is_empty())
    }

    /// The text without surrounding blanks, `None` when nothing is left.
    pub(super) fn content(&self) -> Option<&str> {
        Some(self.text.trim()).filter(|text| !text.is_empty())
    }

    /// The text of a child.
    pub(super) fn value(&self, name: &str) -> Option<&str> {
        self.child(name)?.content()
    }

    /// The raw value of a list cell: the attribute `orig` wins over the localized text (4.1).
    pub(super) fn raw(&self, name: &str) -> Option<&str> {
        let cell = self.child(name)?;
        cell.attribute("orig").or_else(|| cell.content())
    }

    /// Keys of a choice list with their elements (4.1).
    pub(super) fn choices<'a>(
        &'a self,
        name: &'a str,
    ) -> Option<impl Iterator<Item = (&'a str, &'a Self)>> {
        let list = self
            .all("slist")
            .find(|list| list.attribute("name") == Some(name))?;
        let options = list
            .children
            .iter()
            .filter(|option| matches!(option.name.as_str(), "val" | "msg"));
        Some(options.filter_map(|option| Some((option.attribute("key")?, option))))
    }
}

/// Reads a reply to its root `doc`.
///
/// # Errors
/// Anything else than exactly one whole document: an HTML page, half a document, two documents.
pub(super) fn read(body: &[u8]) -> Result<Node, String> {
    let text = std::str::from_utf8(body).map_err(|_| "it is not UTF-8")?;
    if text.trim().is_empty() {
        return Err("it is empty".to_owned());
    }
    let mut reader = Reader::from_str(text.trim_start_matches('\u{feff}'));
    let mut open = vec![Node::default()];
    let mut parts = 0;
    loop {
        match reader.read_event().map_err(|error| error.to_string())? {
            Event::Start(start) => {
                open.push(opened(&start, &mut parts)?);
            }
            Event::Empty(start) => {
                let node = opened(&start, &mut parts)?;
                innermost(&mut open)?.children.push(node);
            }
            Event::End(_) => {
                let node = open.pop().ok_or("an end without a start")?;
                innermost(&mut open)?.children.push(node);
            }
            Event::Text(piece) => innermost(&mut open)?.text.push_str(&piece),
            Event::CData(piece) => innermost(&mut open)?.text.push_str(&piece),
            Event::GeneralRef(reference) => {
                let character = reference
                    .resolve_char_ref()
                    .map_err(|error| error.to_string())?;
                let text = match character {
                    Some(character) => character.to_string(),
                    None => quick_xml::escape::resolve_predefined_entity(&reference)
                        .ok_or("it holds an entity that XML does not have")?
                        .to_owned(),
                };
                innermost(&mut open)?.text.push_str(&text);
            }
            Event::DocType(_) => return Err("it has a document type".to_owned()),
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
            Event::Eof => break,
        }
        if open.len() > DEEPEST {
            return Err(TOO_LARGE.to_owned());
        }
    }
    let mut document = open.pop().ok_or("it is empty")?;
    if !open.is_empty() {
        return Err("it ends too early".to_owned());
    }
    match document.children.len() {
        1 if document.text.trim().is_empty() => {}
        _ => return Err("it is not one XML document".to_owned()),
    }
    let root = document.children.remove(0);
    if root.name == "doc" {
        Ok(root)
    } else {
        Err(format!("its root is '{}'", shortened(&root.name)))
    }
}

fn shortened(name: &str) -> String {
    name.chars().take(40).collect()
}

fn innermost(open: &mut [Node]) -> Result<&mut Node, String> {
    open.last_mut()
        .ok_or_else(|| "an end without a start".to_owned())
}

/// An element with its attributes; `parts` counts both while they are read.
fn opened(start: &BytesStart<'_>, parts: &mut usize) -> Result<Node, String> {
    let mut count = || {
        *parts += 1;
        (*parts <= MOST_PARTS).then_some(()).ok_or(TOO_LARGE)
    };
    count()?;
    let mut node = Node {
        name: start.name().as_ref().to_owned(),
        ..Node::default()
    };
    for attribute in start.attributes() {
        count()?;
        // The library compares each with all before it.
        if node.attributes.len() == MOST_ATTRIBUTES {
            return Err(TOO_LARGE.to_owned());
        }
        let attribute = attribute.map_err(|error| error.to_string())?;
        let value =
            quick_xml::escape::unescape(&attribute.value).map_err(|error| error.to_string())?;
        let name = attribute.key.as_ref().to_owned();
        node.attributes.push((name, value.into_owned()));
    }
    Ok(node)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn values_are_read_by_path_and_never_searched() {
        let reply = "<?xml version=\"1.0\"?>\n<doc func=\"x\"><tparams><id>999</id></tparams>\
                     <doc><id>7</id></doc><name> a &amp; &lt;b&gt; &#233; <![CDATA[<c>]]> </name><empty/></doc>";
        let doc = read(reply.as_bytes()).unwrap();
        assert_eq!(doc.attribute("func"), Some("x"));
        assert_eq!(doc.value("id"), None);
        assert_eq!(doc.at("doc/id").and_then(Node::content), Some("7"));
        assert_eq!(doc.value("name"), Some("a & <b> é <c>"));
        assert_eq!(doc.value("empty"), None);
        assert!(doc.child("empty").is_some());
    }

    #[test]
    fn a_reply_is_counted_while_it_is_read() {
        let attributes =
            |count: usize| -> String { (0..count).map(|n| format!(" a{n}=\"\"")).collect() };
        read(format!("<doc{}/>", attributes(MOST_ATTRIBUTES)).as_bytes()).unwrap();
        let elements = "<a b=\"\"/>".repeat(MOST_PARTS / 2);
        for reply in [
            format!("<doc{}/>", attributes(MOST_ATTRIBUTES + 1)),
            format!("<doc>{elements}</doc>"),
            format!("<doc>{}", "<a>".repeat(DEEPEST)),
        ] {
            assert_eq!(read(reply.as_bytes()).unwrap_err(), TOO_LARGE);
        }
    }

    #[test]
    fn raw_values_win_over_labels_and_choices_come_in_both_forms() {
        let reply = "<doc><elem><item_status orig=\"2\">Active</item_status><cost orig=\"\">9</cost></elem>\
                     <slist name=\"a\"><val key=\"x\">X</val><msg key=\"y\">Y</msg><val>none</val></slist></doc>";
        let doc = read(reply.as_bytes()).unwrap();
        let row = doc.child("elem").unwrap();
        assert_eq!(row.raw("item_status"), Some("2"));
        assert_eq!(row.raw("cost"), Some("9"));
        let keys: Vec<_> = doc.choices("a").unwrap().map(|(key, _)| key).collect();
        assert_eq!(keys, ["x", "y"]);
        assert!(doc.choices("b").is_none());
    }

    #[test]
    fn whatever_is_not_one_whole_document_is_refused() {
        let deep = format!("<doc>{}{}</doc>", "<a>".repeat(70), "</a>".repeat(70));
        let cases = [
            ("", "empty"),
            (" \n", "empty"),
            ("<doc><id>7741203</id>", "too early"),
            ("<doc><id>774", "too early"),
            ("<doc></doc><doc/>", "not one XML document"),
            ("<doc/>tail", "not one XML document"),
            ("plain words", "not one XML document"),
            ("{\"doc\":{}}", "not one XML document"),
            ("<html><body/></html>", "root is 'html'"),
            ("<!DOCTYPE html><html></html>", "document type"),
            ("<doc>&nbsp;</doc>", "entity"),
            ("<doc></doc></doc>", ""),
            (deep.as_str(), "larger than any reply"),
        ];
        for (text, why) in cases {
            let error = read(text.as_bytes()).unwrap_err();
            assert!(error.contains(why), "{text}: {error}");
        }
        assert!(read(b"<doc>\xff</doc>").unwrap_err().contains("UTF-8"));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(body in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = read(&body);
        }

        #[test]
        fn a_cut_reply_is_never_a_reply(cut in 1usize..60) {
            let whole = "<doc func=\"certificate.order.param\"><id>7741203</id><ok/></doc>";
            prop_assert!(read(&whole.as_bytes()[..whole.len() - cut]).is_err());
        }
    }
}
