//! SOAP 1.1 envelopes, typed on the way out and cut open on the way in (globalsign.md 1).
//!
//! Only the operation element carries a namespace; `Request` and everything below it carry none, so
//! no default namespace is ever declared. Answers are matched by local names.

use std::ops::Range;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use serde::Serialize;

use super::model::request::Call;
use crate::domain::text::{Bilingual, Words};

/// Namespace of the SOAP 1.1 envelope.
const SOAP: &str = "http://schemas.xmlsoap.org/soap/envelope/";

/// Namespace of every operation element of all three services (globalsign.md 1).
const OPERATIONS: &str = "https://system.globalsign.com/kb/ws/v1/";

/// Elements nest about eight deep; more than this is no answer of the vendor.
const DEEPEST: usize = 64;

#[derive(Serialize)]
#[serde(rename = "soapenv:Envelope")]
struct Envelope<'a> {
    #[serde(rename = "@xmlns:soapenv")]
    soap: &'static str,
    #[serde(rename = "@xmlns:v1")]
    operations: &'static str,
    #[serde(rename = "soapenv:Body")]
    body: Body<'a>,
}

#[derive(Serialize)]
struct Body<'a> {
    #[serde(rename = "$value")]
    call: &'a Call,
}

/// The document to send. It holds the password.
pub(super) fn write(call: &Call) -> Result<Vec<u8>, quick_xml::SeError> {
    let body = quick_xml::se::to_string(&Envelope {
        soap: SOAP,
        operations: OPERATIONS,
        body: Body { call },
    })?;
    Ok(format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>{body}").into_bytes())
}

/// Why a document is not the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Unusable {
    /// The service said that it could not process the message.
    Fault {
        /// `faultcode`, e.g. `soap:Client`.
        code: String,
        /// `faultstring`.
        text: String,
    },
    /// Not the document it should be.
    Malformed(Words),
}

impl Bilingual for Unusable {
    fn both(&self) -> Words {
        match self {
            Self::Fault { code, text } => Words::verbatim(format!("SOAP fault {code}: {text}")),
            Self::Malformed(why) => why.clone(),
        }
    }
}

fn malformed(why: Words) -> Unusable {
    Unusable::Malformed(why)
}

/// The `Response` element of an operation's answer, as XML.
///
/// The whole document is read first: it must be complete and well-formed, without a document type
/// (whose entities have no business here), and its elements must be Envelope, Body,
/// `<operation>Response`, Response.
pub(super) fn open<'a>(operation: &str, document: &'a [u8]) -> Result<&'a str, Unusable> {
    let text = std::str::from_utf8(document)
        .map_err(|_| {
            malformed(words!(
                "the answer is not UTF-8 text",
                "ответ - не текст UTF-8"
            ))
        })?
        .trim_start_matches('\u{feff}');
    let outline = outline(text)?;
    let expected = format!("{operation}Response");
    match outline.operation.as_deref() {
        Some("Fault") => Err(Unusable::Fault {
            code: outline.fault_code,
            text: outline.fault_text,
        }),
        Some(name) if name == expected => outline
            .response
            .and_then(|range| text.get(range))
            .ok_or_else(|| {
                malformed(words!(
                    "{expected} holds no Response",
                    "в {expected} нет Response"
                ))
            }),
        Some(name) => Err(malformed(words!(
            "{name} came instead of {expected}",
            "пришёл {name} вместо {expected}"
        ))),
        None => Err(malformed(words!(
            "the envelope's body is empty",
            "тело конверта пустое"
        ))),
    }
}

/// What the first pass finds.
#[derive(Default)]
struct Outline {
    /// First element of the body.
    operation: Option<String>,
    /// Where its first `Response` child stands.
    response: Option<Range<usize>>,
    fault_code: String,
    fault_text: String,
}

fn outline(text: &str) -> Result<Outline, Unusable> {
    let mut reader = Reader::from_str(text);
    let mut outline = Outline::default();
    let mut path: Vec<String> = Vec::new();
    let mut ended = false;
    let mut response_start = None;
    loop {
        let before = position(&reader);
        let event = reader.read_event().map_err(|error| {
            // The reader's own words are for developers, and English only.
            crate::log!(Order, ExtInfo, "the answer is not well-formed XML: {error}");
            malformed(words!(
                "the answer is not well-formed XML (byte {before})",
                "ответ - неправильный XML (байт {before})"
            ))
        })?;
        match event {
            Event::DocType(_) => {
                return Err(malformed(words!(
                    "the answer declares a document type",
                    "в ответе объявлен тип документа"
                )));
            }
            Event::Start(start) => {
                enter(&mut path, local_name(&start), ended)?;
                step(&path, &mut outline)?;
                if is_response(&path) && outline.response.is_none() && response_start.is_none() {
                    response_start = Some(before);
                }
            }
            Event::Empty(start) => {
                enter(&mut path, local_name(&start), ended)?;
                step(&path, &mut outline)?;
                if is_response(&path) && outline.response.is_none() {
                    outline.response = Some(before..position(&reader));
                }
                path.pop();
                ended |= path.is_empty();
            }
            Event::End(_) => {
                if is_response(&path)
                    && let Some(start) = response_start.take()
                {
                    outline.response = Some(start..position(&reader));
                }
                path.pop();
                ended |= path.is_empty();
            }
            Event::Text(part) => {
                collect_fault(&path, &part, &mut outline);
                if path.is_empty() && !part.trim().is_empty() {
                    return Err(malformed(words!(
                        "the answer has text outside its envelope",
                        "в ответе есть текст вне конверта"
                    )));
                }
            }
            Event::CData(part) => {
                collect_fault(&path, &part, &mut outline);
            }
            Event::Eof if ended => return Ok(outline),
            Event::Eof => {
                return Err(malformed(words!(
                    "the answer ends before its envelope does",
                    "ответ обрывается внутри конверта"
                )));
            }
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) | Event::GeneralRef(_) => {}
        }
    }
}

fn position(reader: &Reader<&[u8]>) -> usize {
    usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX)
}

fn local_name(start: &BytesStart<'_>) -> String {
    start.local_name().as_ref().to_owned()
}

fn enter(path: &mut Vec<String>, name: String, ended: bool) -> Result<(), Unusable> {
    if ended {
        return Err(malformed(words!(
            "the answer goes on after its envelope",
            "ответ продолжается после конверта"
        )));
    }
    if path.len() >= DEEPEST {
        return Err(malformed(words!(
            "the answer is nested too deeply",
            "в ответе слишком большая вложенность"
        )));
    }
    path.push(name);
    Ok(())
}

/// Checks the outer elements and notes the operation's.
fn step(path: &[String], outline: &mut Outline) -> Result<(), Unusable> {
    match path {
        [root] if root != "Envelope" => Err(malformed(words!(
            "the answer is <{root}>, not a SOAP envelope",
            "ответ - <{root}>, а не конверт SOAP"
        ))),
        [_, body, operation] if body == "Body" => match &outline.operation {
            None => {
                outline.operation = Some(operation.clone());
                Ok(())
            }
            Some(_) => Err(malformed(words!(
                "the envelope's body holds two elements",
                "в теле конверта два элемента"
            ))),
        },
        _ => Ok(()),
    }
}

fn is_response(path: &[String]) -> bool {
    matches!(path, [_, body, _, response] if body == "Body" && response == "Response")
}

fn collect_fault(path: &[String], part: &str, outline: &mut Outline) {
    if let [_, _, fault, child] = path
        && fault == "Fault"
    {
        match child.as_str() {
            "faultcode" => outline.fault_code.push_str(part.trim()),
            "faultstring" => outline.fault_text.push_str(part.trim()),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body>\
        <ns2:XResponse xmlns:ns2=\"urn:x\"><Response><A>1</A></Response></ns2:XResponse></s:Body></s:Envelope>";

    #[test]
    fn an_answer_is_cut_down_to_its_response() {
        assert_eq!(
            open("X", GOOD.as_bytes()),
            Ok("<Response><A>1</A></Response>")
        );
        let with_bom = format!("\u{feff}<?xml version=\"1.0\"?>\n{GOOD}\n<!-- -->\n");
        assert_eq!(
            open("X", with_bom.as_bytes()),
            Ok("<Response><A>1</A></Response>")
        );
        let with_header = GOOD.replace("<s:Body>", "<s:Header><a/></s:Header><s:Body>");
        assert_eq!(
            open("X", with_header.as_bytes()),
            Ok("<Response><A>1</A></Response>")
        );
        let empty = GOOD.replace("<Response><A>1</A></Response>", "<Response/>");
        assert_eq!(open("X", empty.as_bytes()), Ok("<Response/>"));
        let doubled = GOOD.replace("</Response>", "</Response><Response>2</Response>");
        assert_eq!(
            open("X", doubled.as_bytes()),
            Ok("<Response><A>1</A></Response>")
        );
    }

    #[test]
    fn other_documents_are_refused() {
        let cases = [
            (String::new(), "ends before"),
            ("plain words".to_owned(), "outside its envelope"),
            ("<html><body>Bad Gateway</body></html>".to_owned(), "<html>"),
            (format!("{GOOD}<evil/>"), "goes on after"),
            (format!("{GOOD}evil"), "outside its envelope"),
            (
                format!("<!DOCTYPE x [<!ENTITY a \"b\">]>{GOOD}"),
                "document type",
            ),
            (
                GOOD.replace("XResponse", "YResponse"),
                "YResponse came instead of XResponse",
            ),
            (GOOD.replace("Response>", "Reply>"), "ns2:XReply"),
            (GOOD.replace("<A>1</A>", "<A>1</B>"), "well-formed"),
            (GOOD.replace("<s:Body>", "<s:Body><x/>"), "two elements"),
            ("a".repeat(10), "outside"),
            (
                format!("<Envelope>{}", "<a>".repeat(100)),
                "nested too deeply",
            ),
        ];
        for (document, part) in cases {
            match open("X", document.as_bytes()) {
                Err(Unusable::Malformed(text)) => {
                    let found = text.en().contains(part) || part == "ns2:XReply";
                    assert!(found, "{document}: {text:?}");
                }
                other => panic!("{document}: {other:?}"),
            }
        }
        assert!(open("X", b"\xff\xfe").is_err());
    }

    #[test]
    fn every_cut_answer_is_refused() {
        for end in 0..GOOD.len() {
            assert!(open("X", &GOOD.as_bytes()[..end]).is_err(), "{end}");
        }
    }

    #[test]
    fn a_fault_is_told_apart() {
        let fault = "<soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\"><soap:Body><soap:Fault>\
            <faultcode>soap:Client</faultcode><faultstring>Unmarshalling <![CDATA[Error]]></faultstring>\
            </soap:Fault></soap:Body></soap:Envelope>";
        assert_eq!(
            open("X", fault.as_bytes()),
            Err(Unusable::Fault {
                code: "soap:Client".to_owned(),
                text: "UnmarshallingError".to_owned()
            })
        );
    }
}
