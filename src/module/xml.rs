//! Writes small XML documents as text: the declaration, indented elements, escaped values. Nothing here
//! can fail, which is why no XML library takes part; the tests read the result with one.

/// A document being written.
pub(super) struct Document {
    text: String,
    open: Vec<&'static str>,
}

impl Document {
    /// Begins with the declaration and the root element.
    pub(super) fn new(root: &'static str) -> Self {
        let mut document = Self {
            text: String::with_capacity(16 * 1024),
            open: Vec::new(),
        };
        document
            .text
            .push_str("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        document.open(root, &[]);
        document
    }

    /// Opens an element.
    pub(super) fn open(&mut self, name: &'static str, attributes: &[(&str, &str)]) {
        self.start(name, attributes);
        self.text.push_str(">\n");
        self.open.push(name);
    }

    /// Writes an element without content.
    pub(super) fn empty(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.start(name, attributes);
        self.text.push_str("/>\n");
    }

    /// Writes an element with a text.
    pub(super) fn text(&mut self, name: &str, attributes: &[(&str, &str)], content: &str) {
        self.start(name, attributes);
        self.text.push('>');
        escape(&mut self.text, content);
        self.text.push_str("</");
        self.text.push_str(name);
        self.text.push_str(">\n");
    }

    /// Closes the innermost open element.
    pub(super) fn close(&mut self) {
        if let Some(name) = self.open.pop() {
            self.indent();
            self.text.push_str("</");
            self.text.push_str(name);
            self.text.push_str(">\n");
        }
    }

    /// Closes everything and hands the document over.
    pub(super) fn finish(mut self) -> String {
        while !self.open.is_empty() {
            self.close();
        }
        self.text
    }

    fn start(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.indent();
        self.text.push('<');
        self.text.push_str(name);
        for (attribute, value) in attributes {
            self.text.push(' ');
            self.text.push_str(attribute);
            self.text.push_str("=\"");
            escape(&mut self.text, value);
            self.text.push('"');
        }
    }

    fn indent(&mut self) {
        for _ in 0..self.open.len() {
            self.text.push_str("  ");
        }
    }
}

/// Escapes for element text and for attributes in double quotes alike.
fn escape(target: &mut String, text: &str) {
    for character in text.chars() {
        match character {
            '&' => target.push_str("&amp;"),
            '<' => target.push_str("&lt;"),
            '>' => target.push_str("&gt;"),
            '"' => target.push_str("&quot;"),
            other => target.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Document;

    #[test]
    fn values_are_escaped_in_text_and_attributes() {
        let mut document = Document::new("doc");
        document.text("a", &[("b", "x\"y<z>&'")], "1 < 2 & \"3\"");
        assert_eq!(
            document.finish(),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<doc>\n  \
             <a b=\"x&quot;y&lt;z&gt;&amp;'\">1 &lt; 2 &amp; &quot;3&quot;</a>\n</doc>\n"
        );
    }

    #[test]
    fn elements_left_open_are_closed_in_their_order() {
        let mut document = Document::new("doc");
        document.open("a", &[]);
        document.open("b", &[]);
        document.empty("c", &[]);
        assert!(
            document
                .finish()
                .ends_with("      <c/>\n    </b>\n  </a>\n</doc>\n")
        );
    }
}
