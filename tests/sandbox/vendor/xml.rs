//! XML as plain trees: enough to read requests strictly and to write answers.

use quick_xml::Reader;
use quick_xml::events::Event;

/// One element.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Element {
    /// Name as written, prefix included.
    pub name: String,
    /// Attributes in their order.
    pub attributes: Vec<(String, String)>,
    /// Text directly inside, entities resolved.
    pub text: String,
    /// Elements inside, in their order.
    pub children: Vec<Element>,
}

impl Element {
    /// An element with text.
    pub fn leaf(name: &str, text: impl Into<String>) -> Self {
        Self {
            name: name.to_owned(),
            text: text.into(),
            ..Self::default()
        }
    }

    /// An element with elements.
    pub fn node(name: &str, children: Vec<Self>) -> Self {
        Self {
            name: name.to_owned(),
            children,
            ..Self::default()
        }
    }

    /// The name without its prefix.
    pub fn local_name(&self) -> &str {
        self.name
            .rsplit_once(':')
            .map_or(self.name.as_str(), |(_, local)| local)
    }

    /// First child of that local name.
    pub fn child(&self, name: &str) -> Option<&Self> {
        self.children
            .iter()
            .find(|child| child.local_name() == name)
    }

    /// Text of the first child of that local name.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.child(name).map(|child| child.text.as_str())
    }

    /// The first element of that local name anywhere below, itself included.
    pub fn find(&self, name: &str) -> Option<&Self> {
        if self.local_name() == name {
            return Some(self);
        }
        self.children.iter().find_map(|child| child.find(name))
    }

    /// The element as text, without a declaration.
    pub fn write(&self) -> String {
        let mut text = String::new();
        self.append(&mut text);
        text
    }

    fn append(&self, out: &mut String) {
        out.push('<');
        out.push_str(&self.name);
        for (name, value) in &self.attributes {
            out.push_str(&format!(" {name}=\"{}\"", escaped(value)));
        }
        if self.text.is_empty() && self.children.is_empty() {
            out.push_str("/>");
            return;
        }
        out.push('>');
        out.push_str(&escaped(&self.text));
        for child in &self.children {
            child.append(out);
        }
        out.push_str(&format!("</{}>", self.name));
    }
}

/// Escapes text for elements and attributes. A CR is written as a reference, or readers would drop it.
pub fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\r', "&#13;")
}

/// Reads a document to its root element. Text around child elements is kept when it is not blank.
pub fn read(text: &str) -> Result<Element, String> {
    let mut reader = Reader::from_str(text);
    let mut stack = vec![Element::default()];
    loop {
        match reader.read_event().map_err(|error| error.to_string())? {
            Event::Start(start) => stack.push(opened(&start)?),
            Event::Empty(start) => {
                let element = opened(&start)?;
                top(&mut stack)?.children.push(element);
            }
            Event::End(_) => {
                let mut element = stack.pop().ok_or("an end without a start")?;
                if !element.children.is_empty() && element.text.trim().is_empty() {
                    element.text.clear();
                }
                top(&mut stack)?.children.push(element);
            }
            Event::Text(piece) => {
                top(&mut stack)?.text.push_str(&piece);
            }
            Event::CData(piece) => {
                top(&mut stack)?.text.push_str(&piece);
            }
            Event::GeneralRef(reference) => {
                let resolved = match reference
                    .resolve_char_ref()
                    .map_err(|error| error.to_string())?
                {
                    Some(character) => character.to_string(),
                    None => quick_xml::escape::resolve_predefined_entity(&reference)
                        .ok_or_else(|| format!("the entity &{}; is unknown", &*reference))?
                        .to_owned(),
                };
                top(&mut stack)?.text.push_str(&resolved);
            }
            Event::DocType(_) => return Err("a document type is not allowed".to_owned()),
            Event::Eof => break,
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
        }
    }
    let mut document = stack.pop().ok_or("nothing was read")?;
    if !stack.is_empty() {
        return Err("the document ends too early".to_owned());
    }
    match document.children.len() {
        1 if document.text.trim().is_empty() => Ok(document.children.remove(0)),
        _ => Err("the document has not exactly one root".to_owned()),
    }
}

fn top(stack: &mut [Element]) -> Result<&mut Element, String> {
    stack
        .last_mut()
        .ok_or_else(|| "an end without a start".to_owned())
}

fn opened(start: &quick_xml::events::BytesStart<'_>) -> Result<Element, String> {
    let mut element = Element::leaf(start.name().as_ref(), "");
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|error| error.to_string())?;
        let value =
            quick_xml::escape::unescape(&attribute.value).map_err(|error| error.to_string())?;
        element
            .attributes
            .push((attribute.key.as_ref().to_owned(), value.into_owned()));
    }
    Ok(element)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_survives_writing_and_reading() {
        let mut root = Element::node(
            "soap:Body",
            vec![
                Element::leaf("a", "x & <y> \"z\"\r\n"),
                Element::leaf("b", ""),
            ],
        );
        root.attributes
            .push(("xmlns:soap".into(), "urn:\"q\"".into()));
        let text = format!("<?xml version=\"1.0\"?>\n{}", root.write());
        assert_eq!(read(&text), Ok(root));
    }

    #[test]
    fn broken_documents_are_refused() {
        for text in ["", "<a>", "<a></b>", "<a/><b/>", "<a>&what;</a>", "x<a/>"] {
            assert!(read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn elements_are_found_by_local_name() {
        let root = read("<x:a><x:b><c>1</c></x:b></x:a>").unwrap();
        assert_eq!(root.find("c").map(|c| c.text.as_str()), Some("1"));
        assert_eq!(root.child("b").and_then(|b| b.value("c")), Some("1"));
    }
}
