//! Answers that are not of the vendor's program: a page of maintenance, a gateway's status, a redirect. They
//! mean the same at every vendor, so they are told in one way.

use std::fmt;

use quick_xml::Reader;
use quick_xml::errors::Error as XmlError;
use quick_xml::events::Event;
use reqwest::Url;

use super::{Reply, printable};
use crate::domain::text::{Bilingual, Words};
use crate::failure::{Failure, Reason};

/// How far a page's title is looked for, in bytes, and how much of one is shown, in characters.
const TITLE_WITHIN: usize = 4096;
const LONGEST_TITLE: usize = 80;
/// How much of a vendor's own words is shown, in characters.
const LONGEST_WORDS: usize = 300;

/// How a page declares itself.
const DECLARED: &[u8] = b"!doctype html";

/// First elements of web pages and of their pieces; no vendor's document has a root of such a name.
const PAGES: [&str; 35] = [
    "html", "head", "body", "title", "meta", "center", "p", "h1", "h2", "h3", "h4", "h5", "h6",
    "script", "style", "div", "br", "b", "table", "font", "pre", "iframe", "main", "section",
    "article", "nav", "a", "span", "noscript", "svg", "ul", "form", "link", "base", "img",
];

/// What came instead of the vendor's answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unserved {
    status: u16,
    reason: Reason,
    words: Words,
}

impl fmt::Display for Unserved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.words.en())
    }
}

impl Bilingual for Unserved {
    fn both(&self) -> Words {
        self.words.clone()
    }
}

impl Unserved {
    /// Whether it concerns the account, the address or the service as a whole; otherwise it may be about this one
    /// call, whose form may not be known.
    #[must_use]
    pub const fn concerns_all(&self) -> bool {
        concerns_all(self.status)
    }

    /// The same with what the vendor's program says under such a status, if anything.
    #[must_use]
    pub fn saying(mut self, said: &Words) -> Self {
        let said = said.clone().map(|said| shown(said, LONGEST_WORDS));
        if !said.en().is_empty() {
            let said = said.map(|said| format!("('{said}')"));
            self.words = Words::joined([self.words, said], " ");
        }
        self
    }

    /// The failure of a call that buys nothing.
    #[must_use]
    pub fn into_failure(self, operation: &str) -> Failure {
        Failure::field(self.reason, operation).detail(self.words.about(operation))
    }
}

impl Reply {
    /// Whether the vendor, or what stands before it, is in trouble: what an answer is about does not matter.
    pub(super) fn is_trouble(&self) -> bool {
        let is_web_page = || self.readable().is_some_and(|text| is_page(bare(&text)));
        concerns_all(self.status)
            || (self.is_success() && (self.body.trim_ascii().is_empty() || is_web_page()))
    }

    /// What this is when its status is no success, or its body is no data at all or not all of it; a vendor's own
    /// words under such a status are to be looked for first.
    #[must_use]
    pub fn unserved(&self) -> Option<Unserved> {
        let status = self.status;
        let unserved = |reason, words| {
            Some(Unserved {
                status,
                reason,
                words,
            })
        };
        if !self.is_success() {
            let (reason, words) = meaning(status);
            let words = match self.location.as_deref() {
                Some(target) if is_redirect(status) => words!(
                    "HTTP status {status}, a redirect to {target}, which is not followed: it could send an order twice",
                    "статус HTTP {status}, перенаправление на {target}, по нему программа не идёт: заказ мог бы уйти дважды"
                ),
                _ => {
                    words!("HTTP status {status}, {words}", "статус HTTP {status}, {words}"; words)
                }
            };
            let page = self.readable().unwrap_or_else(|| self.text());
            return unserved(reason, titled(words, &page));
        }
        if self.body.trim_ascii().is_empty() {
            return unserved(
                Reason::VendorTrouble,
                words!("the answer is empty", "пустой ответ"),
            );
        }
        let text = self.readable()?;
        let text = bare(&text);
        if is_page(text) {
            let words = words!(
                "the answer is a web page instead of data, as during maintenance",
                "вместо данных пришла веб-страница, как при техническом обслуживании"
            );
            return unserved(Reason::VendorTrouble, titled(words, text));
        }
        if is_prose(text) {
            let words = words!(
                "the answer is a text instead of data ('{}')",
                "вместо данных пришёл текст ('{}')",
                shown(text, LONGEST_TITLE)
            );
            return unserved(Reason::VendorTrouble, words);
        }
        if is_cut(text) {
            let words = words!("the answer is cut off", "ответ обрывается");
            return unserved(Reason::VendorTrouble, words);
        }
        None
    }
}

/// Whether a status concerns the account, the address or the service as a whole.
const fn concerns_all(status: u16) -> bool {
    matches!(status, 300..=399 | 401 | 403 | 407 | 408 | 425 | 429 | 500..)
}

/// The words with the title of a page, where it has one.
fn titled(words: Words, page: &str) -> Words {
    match title(page) {
        Some(title) => words.map(|words| format!("{words} ('{title}')")),
        None => words,
    }
}

/// 304 leads nowhere: it says that nothing has changed.
const fn is_redirect(status: u16) -> bool {
    matches!(status, 300..=303 | 305..=399)
}

/// What a status says when nothing else does.
fn meaning(status: u16) -> (Reason, Words) {
    match status {
        304 => (
            Reason::VendorTrouble,
            words!(
                "which says that an earlier answer still holds, and none is kept",
                "по которому верен прежний ответ, а прежние не хранятся"
            ),
        ),
        300..=399 => (
            Reason::Unreachable,
            words!(
                "a redirect, which is not followed: it could send an order twice",
                "перенаправление, по нему программа не идёт: заказ мог бы уйти дважды"
            ),
        ),
        401 => (
            Reason::BadCredentials,
            words!(
                "the credentials are not accepted",
                "учётные данные не приняты"
            ),
        ),
        403 => (
            Reason::AddressNotAllowed,
            words!(
                "requests from here are not allowed",
                "запросы отсюда не разрешены"
            ),
        ),
        404 | 405 | 410 => (
            Reason::Unreachable,
            words!(
                "the vendor's service is not at this address",
                "по этому адресу нет службы поставщика"
            ),
        ),
        407 => (
            Reason::Unreachable,
            words!(
                "the proxy wants credentials",
                "прокси требует учётные данные"
            ),
        ),
        408 => (
            Reason::VendorTrouble,
            words!("the request took too long", "истекло время запроса"),
        ),
        425 => (
            Reason::VendorTrouble,
            words!("the request came too early", "запрос пришёл слишком рано"),
        ),
        429 => (
            Reason::VendorTrouble,
            words!("too many requests", "слишком много запросов"),
        ),
        500.. => (
            Reason::VendorTrouble,
            words!("an error of the server", "ошибка на стороне сервера"),
        ),
        _ => (
            Reason::UnreadableAnswer,
            words!("an unexpected one", "неожиданный"),
        ),
    }
}

/// A text without what may stand before it.
fn bare(text: &str) -> &str {
    text.trim_start_matches('\u{feff}').trim_start()
}

/// Whether a text is a web page, whatever declarations and comments stand before it.
fn is_page(text: &str) -> bool {
    let mut rest = text;
    loop {
        let end = match rest {
            _ if rest.starts_with("<?") => "?>",
            _ if rest.starts_with("<!--") => "-->",
            _ => break,
        };
        match rest.split_once(end) {
            Some((_, after)) => rest = after.trim_start(),
            None => return false,
        }
    }
    let Some(tag) = rest.strip_prefix('<') else {
        return false;
    };
    let declared = tag.as_bytes().get(..DECLARED.len());
    if declared.is_some_and(|start| start.eq_ignore_ascii_case(DECLARED)) {
        return true;
    }
    let is_inside = |c: char| c.is_alphanumeric() || matches!(c, ':' | '-' | '_' | '.');
    let end = tag.find(|c| !is_inside(c)).unwrap_or(tag.len());
    let name = &tag[..end];
    PAGES.iter().any(|page| page.eq_ignore_ascii_case(name))
}

/// Whether a document ends before it is whole. The connection does not tell: what stands before the vendor's program
/// may announce the length of the piece that it got.
fn is_cut(text: &str) -> bool {
    match text.as_bytes().first() {
        Some(b'<') => is_cut_xml(text),
        Some(b'{' | b'[' | b'"') => {
            serde_json::from_str::<serde::de::IgnoredAny>(text).is_err_and(|error| error.is_eof())
        }
        _ => false,
    }
}

fn is_cut_xml(text: &str) -> bool {
    let mut reader = Reader::from_str(text);
    // An entity may be what is cut; what else is wrong with one is for the vendor's own reader.
    reader.config_mut().allow_dangling_amp = true;
    let (mut open, mut has_root) = (0_usize, false);
    loop {
        match reader.read_event() {
            Ok(Event::Start(_)) => {
                open += 1;
                has_root = true;
            }
            Ok(Event::Empty(_)) => has_root = true,
            Ok(Event::End(_)) => open = open.saturating_sub(1),
            Ok(Event::Eof) => return open > 0 || !has_root,
            Ok(_) => {}
            // Of this kind are all markups that are open at the end of the text.
            Err(XmlError::Syntax(_)) => return true,
            Err(_) => return false,
        }
    }
}

/// Whether a text is no data of any kind: neither XML nor JSON.
fn is_prose(text: &str) -> bool {
    let is_other = |c: char| c.is_control() && !c.is_whitespace();
    !text.starts_with(['<', '{', '[', '"'])
        && !text.contains(is_other)
        // A delivery, whole or not: for its own reader.
        && !text.starts_with("-----BEGIN ")
        && serde_json::from_str::<serde::de::IgnoredAny>(text).is_err()
}

/// The title of a web page.
fn title(text: &str) -> Option<String> {
    let mut end = text.len().min(TITLE_WITHIN);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let head = &text[..end];
    let start = head.to_ascii_lowercase().find("<title")?;
    let (_, inside) = head.get(start..)?.split_once('>')?;
    let title = shown(inside.split_once('<')?.0, LONGEST_TITLE);
    (!title.is_empty()).then_some(title)
}

/// One short line of another's text.
fn shown(text: &str, longest: usize) -> String {
    let words: Vec<&str> = text
        .split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
        .take(longest)
        .collect();
    words.join(" ").chars().take(longest).collect()
}

/// Where a redirect leads, for people: without query and credentials.
pub(super) fn target(from: &Url, location: &str) -> Option<String> {
    from.join(location).ok().map(|url| printable(&url))
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::Room;
    use super::*;

    pub(in super::super) fn reply(status: u16, body: &str) -> Reply {
        Reply {
            status,
            content_type: None,
            body: body.into(),
            retry_after: None,
            date: None,
            location: None,
            room: Room::default(),
        }
    }

    #[test]
    fn pages_texts_and_statuses_are_told_from_data() {
        for data in [
            "<?xml version=\"1.0\"?><doc/>",
            "<interface-response><a/></interface-response>",
            "<!-- <html> --><doc/>",
            "<doc><a></doc>",
            "<doc>a & b</doc>",
            "<soapenv:Body/>",
            "<header/>",
            "<b:doc/>",
            "<prepaid></prepaid>",
            "<!DOCTYPE doc [<!ENTITY e \"x\">]><doc>&e;</doc>",
            "{\"a\": 1}}",
            "{\"html\":\"<html>\"}",
            "\u{feff}[]",
            "true",
            "12",
            "\"text\"",
        ] {
            assert_eq!(reply(200, data).unserved(), None, "{data}");
        }
        for page in [
            "<html><body>x",
            "\n<!DOCTYPE HTML PUBLIC \"x\">",
            "<?xml version=\"1.0\"?>\n<!-- x -->\n<!DOCTYPE html>",
            "<H1>Wartung</H1>",
            "<h6 class='x'>Back soon",
            "<div>Back soon</div>",
            "<br/>Back soon",
            "<style>b{}</style><b>Back soon</b>",
            "<script>x</script>",
            "<main>Back soon</main>",
            "<a href='/'>Back soon</a>",
            "<noscript>x</noscript><svg/>",
        ] {
            let words = reply(200, page).unserved().map(|it| it.to_string());
            let expected = "the answer is a web page instead of data, as during maintenance";
            assert_eq!(words.as_deref(), Some(expected), "{page}");
        }
        for (status, body, expected) in [
            (200, " \n", "the answer is empty"),
            (
                200,
                "Back  soon\n",
                "the answer is a text instead of data ('Back soon')",
            ),
            (
                200,
                "503 Service Unavailable",
                "the answer is a text instead of data ('503 Service Unavailable')",
            ),
            (
                200,
                "*** maintenance ***",
                "the answer is a text instead of data ('*** maintenance ***')",
            ),
            (
                304,
                "",
                "HTTP status 304, which says that an earlier answer still holds, and none is kept",
            ),
            (
                200,
                "<html><title lang=x>\n We are\tback soon </title>",
                "the answer is a web page instead of data, as during maintenance ('We are back soon')",
            ),
            (
                502,
                "<title>Bad Gateway</title>",
                "HTTP status 502, an error of the server ('Bad Gateway')",
            ),
            (418, "", "HTTP status 418, an unexpected one"),
        ] {
            let words = reply(status, body).unserved().map(|it| it.to_string());
            assert_eq!(words.as_deref(), Some(expected));
        }
    }

    #[test]
    fn what_ends_too_early_is_cut_off_and_what_is_wrong_otherwise_is_not() {
        let document =
            "<?xml version='1.0'?><!-- x --><doc a='1'><b>&amp;</b><![CDATA[x]]><c/></doc>";
        let object = "{\"a\": [1, true, \"\\u00e4\"], \"b\": null}";
        let cut = |text: &str| reply(200, text).unserved().map(|it| it.to_string());
        for whole in [document, object] {
            for end in 1..whole.len() {
                let text = &whole[..end];
                assert_eq!(
                    cut(text).as_deref(),
                    Some("the answer is cut off"),
                    "{text}"
                );
            }
            assert_eq!(cut(whole), None);
        }
        for other in ["<doc></dox>", "<doc/><doc/>", "{]", "[1 2"] {
            assert_eq!(cut(other), None, "{other}");
        }
    }

    #[test]
    fn a_redirect_names_where_it_leads_without_secrets() {
        let from = Url::parse("https://vendor.example/api").unwrap();
        for (location, expected) in [
            ("/down.html", "https://vendor.example/down.html"),
            (
                "https://u:p@other.example/?key=1#x",
                "https://other.example/",
            ),
        ] {
            assert_eq!(target(&from, location).as_deref(), Some(expected));
        }
        let away = Reply {
            location: target(&from, "/down.html"),
            ..reply(302, "")
        };
        assert_eq!(
            away.unserved().map(|it| it.to_string()).as_deref(),
            Some(
                "HTTP status 302, a redirect to https://vendor.example/down.html, which is not followed: it \
                 could send an order twice"
            )
        );
    }
}
