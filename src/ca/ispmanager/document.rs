//! Replies with `out=xml` as plain trees (ispmanager.md 4.1).

use crate::domain::text::{Bilingual, Words};
use crate::xml::{self, Element};

/// One element.
pub(super) type Node = Element;

/// The raw value of a list cell: the attribute `orig` wins over the localized text (4.1).
pub(super) fn raw<'a>(row: &'a Node, name: &str) -> Option<&'a str> {
    let cell = row.child(name)?;
    cell.filled_attribute("orig").or_else(|| cell.content())
}

/// Keys of a choice list with their elements (4.1).
pub(super) fn choices<'a>(
    doc: &'a Node,
    name: &str,
) -> Option<impl Iterator<Item = (&'a str, &'a Node)>> {
    let list = doc
        .all("slist")
        .find(|list| list.filled_attribute("name") == Some(name))?;
    let options = list
        .children
        .iter()
        .filter(|option| matches!(option.name.as_str(), "val" | "msg"));
    Some(options.filter_map(|option| Some((option.filled_attribute("key")?, option))))
}

/// Reads a reply to its root `doc`.
///
/// # Errors
/// Anything else than exactly one whole document: an HTML page, half a document, two documents.
pub(super) fn read(body: &[u8]) -> Result<Node, Words> {
    let text = std::str::from_utf8(body).map_err(|_| words!("it is not UTF-8", "это не UTF-8"))?;
    let document = xml::read(text, "doc").map_err(|broken| broken.both())?;
    Ok(document.root)
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
        assert_eq!(doc.filled_attribute("func"), Some("x"));
        assert_eq!(doc.value("id"), None);
        assert_eq!(doc.at("doc/id").and_then(Node::content), Some("7"));
        assert_eq!(doc.value("name"), Some("a & <b> é <c>"));
        assert_eq!(doc.value("empty"), None);
        assert!(doc.child("empty").is_some());
    }

    #[test]
    fn raw_values_win_over_labels_and_choices_come_in_both_forms() {
        let reply = "<doc><elem><item_status orig=\"2\">Active</item_status><cost orig=\"\">9</cost></elem>\
                     <slist name=\"a\"><val key=\"x\">X</val><msg key=\"y\">Y</msg><val>none</val></slist></doc>";
        let doc = read(reply.as_bytes()).unwrap();
        let row = doc.child("elem").unwrap();
        assert_eq!(raw(row, "item_status"), Some("2"));
        assert_eq!(raw(row, "cost"), Some("9"));
        let keys: Vec<_> = choices(&doc, "a").unwrap().map(|(key, _)| key).collect();
        assert_eq!(keys, ["x", "y"]);
        assert!(choices(&doc, "b").is_none());
    }

    #[test]
    fn whatever_is_not_one_whole_document_is_refused() {
        let cases = [
            ("", "empty"),
            ("<doc><id>7741203</id>", "too early"),
            ("<doc></doc><doc/>", "behind the root"),
            ("plain words", "outside the root"),
            ("{\"doc\":{}}", "outside the root"),
            ("<html><body/></html>", "not 'doc'"),
            ("<!DOCTYPE html><html></html>", "DOCTYPE"),
        ];
        for (text, why) in cases {
            let error = read(text.as_bytes()).unwrap_err();
            assert!(error.en().contains(why), "{text:?}: {error:?}");
        }
        assert!(read(b"<doc>\xff</doc>").unwrap_err().en().contains("UTF-8"));
    }

    proptest! {
        #[test]
        fn a_cut_reply_is_never_a_reply(cut in 1usize..60) {
            let whole = "<doc func=\"certificate.order.param\"><id>7741203</id><ok/></doc>";
            prop_assert!(read(&whole.as_bytes()[..whole.len() - cut]).is_err());
        }
    }
}
