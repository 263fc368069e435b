//! Named faults and the table that says when they strike.

use std::str::FromStr;

use serde_json::Value;

use super::VendorResponse;

/// "Until the faults are cleared" as a number of times.
pub const FOREVER: u32 = u32::MAX;

/// What can go wrong between a client and a vendor.
///
/// "Before" means that the vendor has done nothing, "after" that it has done everything: an order is
/// sold although the answer does not say so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fault {
    /// Before. For all calls (`*`): the port is closed and connecting fails, until the faults are
    /// cleared; the number of times is not counted, because nobody is there to count. For one call:
    /// the listener cannot know which call comes, so the connection is reset when it turns out.
    Refuse,
    /// After, with a good answer; then the port is closed until the faults are cleared. Lets exactly the
    /// call behind this one meet a refused connection.
    RefuseNext,
    /// Before: the request is read, then the connection is reset.
    ResetBeforeHandling,
    /// After: the connection is reset instead of an answer.
    ResetBeforeAnswer,
    /// After: head and half of the body, then the end of the connection.
    CutBody,
    /// After: nothing is answered until the client goes.
    Stall,
    /// Before: nothing is answered until the client goes.
    StallBefore,
    /// After: the whole answer, very slowly.
    SlowDrip,
    /// Before: 503 with an HTML page.
    ServerErrorBefore,
    /// After: 503 with an HTML page.
    ServerErrorAfter,
    /// Before: status 200 with an error in the vendor's own form.
    ErrorWith200,
    /// Before: status 200 with a maintenance page.
    HtmlPage,
    /// After: status 200 with a maintenance page.
    HtmlPageAfter,
    /// After: status 200 without a body.
    Empty,
    /// After: a whole HTTP answer whose body lacks its second half.
    Truncated,
    /// After: a body of 100 MB without an announced length.
    Oversized,
    /// After: every value has another type (JSON) or is a word (XML).
    WrongTypes,
    /// After: the same text in a code page that nobody declares: every byte is of the upper half.
    WrongCharset,
    /// After: instead of the answer 200 000 levels of nesting, in the answer's own language.
    DeepNesting,
    /// After: instead of the answer a document whose entities unfold to 10^9 words.
    EntityBomb,
    /// The vendor gets the same request twice, as from a gateway that repeats; the client sees the
    /// second answer.
    DuplicateDelivery,
    /// Before: 307 to the same call below `/redirected`, where it would be served.
    Redirect,
    /// Before: 307 to the same call at another host. Nobody may come there.
    RedirectElsewhere,
    /// Before: 429 with `Retry-After`, 1 second unless told otherwise.
    TooManyRequests,
    /// Before: the connection is reset, and the request comes to the vendor all the same, when
    /// [`super::VendorServer::deliver`] lets it: after the client's next run has begun.
    LateDelivery,
    /// After: the answer leaves when [`super::VendorServer::deliver`] lets it.
    LateAnswer,
}

impl Fault {
    /// All faults with their names.
    pub const ALL: [(&'static str, Self); 26] = [
        ("refuse", Self::Refuse),
        ("refuse-next", Self::RefuseNext),
        ("reset-before-handling", Self::ResetBeforeHandling),
        ("reset-before-answer", Self::ResetBeforeAnswer),
        ("cut-body", Self::CutBody),
        ("stall", Self::Stall),
        ("stall-before", Self::StallBefore),
        ("slow-drip", Self::SlowDrip),
        ("server-error-before", Self::ServerErrorBefore),
        ("server-error-after", Self::ServerErrorAfter),
        ("error-with-200", Self::ErrorWith200),
        ("html-page", Self::HtmlPage),
        ("html-page-after", Self::HtmlPageAfter),
        ("empty", Self::Empty),
        ("truncated", Self::Truncated),
        ("oversized", Self::Oversized),
        ("wrong-types", Self::WrongTypes),
        ("wrong-charset", Self::WrongCharset),
        ("deep-nesting", Self::DeepNesting),
        ("entity-bomb", Self::EntityBomb),
        ("duplicate-delivery", Self::DuplicateDelivery),
        ("redirect", Self::Redirect),
        ("redirect-elsewhere", Self::RedirectElsewhere),
        ("too-many-requests", Self::TooManyRequests),
        ("late-delivery", Self::LateDelivery),
        ("late-answer", Self::LateAnswer),
    ];

    /// The fault strikes before the vendor has done anything.
    pub fn is_before(self) -> bool {
        matches!(
            self,
            Self::Refuse
                | Self::ResetBeforeHandling
                | Self::StallBefore
                | Self::ServerErrorBefore
                | Self::ErrorWith200
                | Self::HtmlPage
                | Self::Redirect
                | Self::RedirectElsewhere
                | Self::TooManyRequests
                | Self::LateDelivery
        )
    }
}

impl FromStr for Fault {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .iter()
            .find(|(name, _)| *name == text)
            .map(|(_, fault)| *fault)
            .ok_or_else(|| format!("no fault is called {text}"))
    }
}

/// Levels of a nested answer.
const LEVELS: usize = 200_000;

/// The same text in a code page without ASCII, as from a mainframe.
pub fn in_other_codepage(response: &VendorResponse) -> VendorResponse {
    VendorResponse {
        body: response.body.iter().map(|byte| byte | 0x80).collect(),
        ..response.clone()
    }
}

/// An answer of nothing but levels: the outermost element or object is the answer's own.
pub fn deeply_nested(response: &VendorResponse) -> VendorResponse {
    let body = if is_json(response) {
        format!("{{\"a\":{}{}}}", "[".repeat(LEVELS), "]".repeat(LEVELS))
    } else {
        format!("{}{}", "<a>".repeat(LEVELS), "</a>".repeat(LEVELS))
    };
    VendorResponse {
        body: body.into_bytes(),
        ..response.clone()
    }
}

/// The billion laughs. A vendor of JSON sends it all the same: whoever reads XML "just in case" falls for it.
pub fn entity_bomb(response: &VendorResponse) -> VendorResponse {
    let mut bomb =
        String::from("<?xml version=\"1.0\"?>\n<!DOCTYPE doc [\n<!ENTITY e0 \"laugh\">\n");
    for level in 1..10 {
        let inner = format!("&e{};", level - 1).repeat(10);
        bomb += &format!("<!ENTITY e{level} \"{inner}\">\n");
    }
    bomb += "]>\n<doc><error>&e9;</error><OrderID>&e9;</OrderID></doc>";
    VendorResponse {
        body: bomb.into_bytes(),
        ..response.clone()
    }
}

fn is_json(response: &VendorResponse) -> bool {
    matches!(response.body.trim_ascii_start().first(), Some(b'{' | b'['))
}

/// Which fault strikes which call, and how often.
#[derive(Debug, Default)]
pub struct FaultTable {
    rules: Vec<Rule>,
}

#[derive(Debug)]
struct Rule {
    call: String,
    fault: Fault,
    skip: u32,
    times: u32,
}

impl FaultTable {
    /// Adds a rule: the first `skip` matching calls go through, the next `times` meet the fault.
    pub fn add(&mut self, call: &str, fault: Fault, skip: u32, times: u32) {
        self.rules.push(Rule {
            call: call.to_owned(),
            fault,
            skip,
            times,
        });
    }

    /// Forgets all rules.
    pub fn clear(&mut self) {
        self.rules.clear();
    }

    /// The fault that a call meets now; counts it. The oldest matching rule wins.
    pub fn take(&mut self, call: &str) -> Option<Fault> {
        let rule = self
            .rules
            .iter_mut()
            .find(|rule| rule.times > 0 && (rule.call == "*" || rule.call == call))?;
        if rule.skip > 0 {
            rule.skip -= 1;
            return None;
        }
        if rule.times != FOREVER {
            rule.times -= 1;
        }
        Some(rule.fault)
    }
}

/// The page of a gateway whose backend is ill.
pub fn unavailable_page() -> VendorResponse {
    VendorResponse::with_status(
        503,
        "text/html",
        "<html><head><title>503 Service Temporarily Unavailable</title></head>\
         <body><center><h1>503 Service Temporarily Unavailable</h1></center></body></html>",
    )
}

/// A maintenance page that pretends to be fine.
pub fn maintenance_page() -> VendorResponse {
    VendorResponse::ok(
        "text/html; charset=utf-8",
        "<!DOCTYPE html><html><head><title>Scheduled maintenance</title></head>\
         <body><p>We will be back soon.</p></body></html>",
    )
}

/// The same answer with the types of all values changed.
pub fn with_wrong_types(response: &VendorResponse) -> VendorResponse {
    let mut wrong = response.clone();
    wrong.body = match serde_json::from_slice::<Value>(&response.body) {
        Ok(value) => retyped(&value).to_string().into_bytes(),
        Err(_) => worded(&String::from_utf8_lossy(&response.body)).into_bytes(),
    };
    wrong
}

fn retyped(value: &Value) -> Value {
    match value {
        Value::Null => Value::Null,
        Value::Bool(flag) => Value::String(if *flag { "yes" } else { "no" }.to_owned()),
        Value::Number(number) => serde_json::json!({ "value": number }),
        Value::String(text) => Value::Number(text.len().into()),
        // The outermost level and objects keep their shape: a reader must get as far as the values.
        Value::Array(list) => Value::Array(list.iter().map(retyped).collect()),
        Value::Object(map) => Value::Object(
            map.iter()
                .map(|(name, inner)| (name.clone(), retyped(inner)))
                .collect(),
        ),
    }
}

/// Replaces every text between tags by a word.
fn worded(xml: &str) -> String {
    let mut result = String::with_capacity(xml.len());
    for (index, piece) in xml.split_inclusive('>').enumerate() {
        match piece.find('<') {
            Some(at) if index > 0 && !piece[..at].trim().is_empty() => {
                result.push_str("something");
                result.push_str(&piece[at..]);
            }
            _ => result.push_str(piece),
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_lets_calls_through_then_strikes_then_is_used_up() {
        let mut table = FaultTable::default();
        table.add("order/neworder", Fault::Empty, 1, 2);
        assert_eq!(table.take("order/status"), None);
        let met: Vec<_> = (0..5).map(|_| table.take("order/neworder")).collect();
        assert_eq!(
            met,
            [None, Some(Fault::Empty), Some(Fault::Empty), None, None]
        );
    }

    #[test]
    fn a_star_rule_strikes_every_call_until_cleared() {
        let mut table = FaultTable::default();
        table.add("*", Fault::Stall, 0, FOREVER);
        assert_eq!(table.take("a"), Some(Fault::Stall));
        assert_eq!(table.take("b"), Some(Fault::Stall));
        table.clear();
        assert_eq!(table.take("a"), None);
    }

    #[test]
    fn every_fault_is_found_by_its_name() {
        for (name, fault) in Fault::ALL {
            assert_eq!(name.parse(), Ok(fault));
        }
        assert!("explode".parse::<Fault>().is_err());
    }

    #[test]
    fn hostile_answers_keep_the_language() {
        let json = VendorResponse::ok("application/json", r#"{"a":1}"#);
        let xml = VendorResponse::ok("text/xml", "<?xml version=\"1.0\"?><a/>");
        assert!(deeply_nested(&json).body.starts_with(br#"{"a":[[["#));
        assert!(deeply_nested(&xml).body.ends_with(b"</a></a>"));
        assert!(std::str::from_utf8(&in_other_codepage(&json).body).is_err());
        let bomb = String::from_utf8(entity_bomb(&xml).body).unwrap();
        assert!(bomb.contains(&format!("<!ENTITY e9 \"{}\">", "&e8;".repeat(10))));
    }

    #[test]
    fn wrong_types_change_every_value_and_keep_the_names() {
        let json = VendorResponse::ok("application/json", r#"{"a":1,"b":"x","c":[true]}"#);
        assert_eq!(
            with_wrong_types(&json).body,
            br#"{"a":{"value":1},"b":1,"c":["yes"]}"#
        );
        let xml = VendorResponse::ok("text/xml", "<?xml version=\"1.0\"?><a><b>1</b><c/></a>");
        assert_eq!(
            String::from_utf8(with_wrong_types(&xml).body).unwrap(),
            "<?xml version=\"1.0\"?><a><b>something</b><c/></a>"
        );
    }
}
