//! A parsed XML document, just enough to ask it questions.

use quick_xml::Reader;
use quick_xml::escape::unescape;
use quick_xml::events::{BytesStart, Event};

/// An element.
#[derive(Debug, Default)]
pub(super) struct Node {
    pub(super) name: String,
    pub(super) attributes: Vec<(String, String)>,
    pub(super) text: String,
    pub(super) children: Vec<Node>,
}

impl Node {
    /// Parses a document; fails the test when it is not well formed.
    pub(super) fn parse(xml: &str) -> Self {
        let mut reader = Reader::from_str(xml);
        let mut stack = vec![Self::default()];
        loop {
            match reader.read_event().unwrap() {
                Event::Start(start) => stack.push(Self::begin(&start)),
                Event::Empty(start) => {
                    let node = Self::begin(&start);
                    stack.last_mut().unwrap().children.push(node);
                }
                Event::End(_) => {
                    let node = stack.pop().unwrap();
                    stack.last_mut().unwrap().children.push(node);
                }
                Event::Text(text) => stack
                    .last_mut()
                    .unwrap()
                    .text
                    .push_str(&text.xml10_content()),
                Event::GeneralRef(reference) => {
                    let escaped = format!("&{};", reference.xml10_content());
                    let plain = unescape(&escaped).unwrap().into_owned();
                    stack.last_mut().unwrap().text.push_str(&plain);
                }
                Event::Eof => break,
                Event::Decl(declaration) => {
                    assert_eq!(stack.len(), 1);
                    assert!(declaration.encoding().is_some());
                }
                other => panic!("unexpected: {other:?}"),
            }
        }
        assert_eq!(stack.len(), 1, "an element is not closed");
        let mut document = stack.pop().unwrap();
        assert_eq!(document.children.len(), 1, "more than one root");
        document.children.pop().unwrap()
    }

    fn begin(start: &BytesStart<'_>) -> Self {
        Self {
            name: start.name().into_inner().to_owned(),
            attributes: start
                .attributes()
                .map(|attribute| {
                    let attribute = attribute.unwrap();
                    (
                        attribute.key.into_inner().to_owned(),
                        attribute
                            .normalized_value(quick_xml::XmlVersion::Implicit1_0)
                            .unwrap()
                            .into_owned(),
                    )
                })
                .collect(),
            ..Self::default()
        }
    }

    /// An attribute.
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes
            .iter()
            .find(|(attribute, _)| attribute == name)
            .map(|(_, value)| value.as_str())
    }

    /// Child elements of a name.
    pub(super) fn all<'a, 'n>(
        &'a self,
        name: &'n str,
    ) -> impl Iterator<Item = &'a Self> + use<'a, 'n> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The only child element of a name.
    pub(super) fn one(&self, name: &str) -> &Self {
        let mut found = self.all(name);
        let node = found.next().unwrap_or_else(|| panic!("no <{name}>"));
        assert!(found.next().is_none(), "more than one <{name}>");
        node
    }

    /// The child element of a name and a `name` attribute.
    pub(super) fn named(&self, element: &str, name: &str) -> Option<&Self> {
        let mut found = self
            .all(element)
            .filter(|node| node.attribute("name") == Some(name));
        let node = found.next();
        assert!(found.next().is_none(), "<{element} name={name}> twice");
        node
    }

    /// The `name` attributes of all children of a name.
    pub(super) fn names<'a>(&'a self, element: &'a str) -> Vec<&'a str> {
        self.all(element)
            .map(|node| node.attribute("name").unwrap())
            .collect()
    }
}
