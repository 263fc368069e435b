//! The panel's answers (billmanager.md 5.2) and its refusals.

/// Escapes text for XML.
pub fn escape(text: &str) -> String {
    quick_xml::escape::escape(text).into_owned()
}

/// A refusal of the panel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    pub kind: &'static str,
    pub object: String,
    pub value: String,
    pub text: String,
}

impl Refused {
    /// A wrong value of an argument.
    pub fn value(object: &str, value: &str, text: &str) -> Self {
        Self {
            kind: "value",
            object: object.to_owned(),
            value: value.to_owned(),
            text: format!("The field '{object}' has an invalid value. {text}"),
        }
    }

    /// Something is not there.
    pub fn missed(object: &str, value: &str) -> Self {
        Self {
            kind: "missed",
            object: object.to_owned(),
            value: value.to_owned(),
            text: format!("'{object}' is missing. {value}"),
        }
    }

    /// A function that this panel does not have.
    pub fn function(name: &str) -> Self {
        Self::missed("func", name)
    }

    /// The panel itself cannot be reached through its local socket (billmanager.md 5.1).
    pub fn away() -> Self {
        Self {
            kind: "client",
            object: "open".to_owned(),
            value: "billmgr".to_owned(),
            text: "The panel is restarting".to_owned(),
        }
    }

    fn code(&self) -> u8 {
        match self.kind {
            "missed" => 3,
            "value" => 4,
            _ => 1,
        }
    }
}

/// Output formats that are simulated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Text,
    Xml,
}

/// A successful answer: `inner` is placed under `/doc`, the parameters are echoed below `/doc/tparams`.
pub fn success(
    format: Format,
    function: &str,
    inner: &str,
    parameters: &[(String, String)],
) -> String {
    if format == Format::Text {
        return if inner.is_empty() {
            "OK \n".to_owned()
        } else {
            format!("OK {inner}\n")
        };
    }
    let echo: String = parameters
        .iter()
        .map(|(name, value)| format!("<{name}>{}</{name}>", escape(value)))
        .collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<doc lang=\"en\" func=\"{function}\" binary=\"/billmgr\" \
         host=\"http://\" themename=\"\" features=\"0c1d\" notify=\"\">{inner}<tparams>{echo}<func>{function}</func>\
         <out>xml</out></tparams><saved_filters/></doc>\n"
    )
}

/// An error answer.
pub fn failure(format: Format, function: &str, refused: &Refused) -> String {
    let (kind, object, value, text) = (
        refused.kind,
        escape(&refused.object),
        escape(&refused.value),
        escape(&refused.text),
    );
    if format == Format::Text {
        return format!("ERROR {kind}({object}) {}\n", refused.text);
    }
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<doc lang=\"en\" func=\"{}\"><error type=\"{kind}\" \
         object=\"{object}\" lang=\"en\" code=\"{}\"><param name=\"object\" type=\"msg\" msg=\"{object}\">{object}</param>\
         <param name=\"value\">{value}</param><param name=\"desc\" type=\"msg\">desk_empty</param>\
         <stack><action level=\"30\" user=\"root\">{}</action></stack><group>__object__ __value__</group>\
         <msg>{text}</msg></error></doc>\n",
        escape(function),
        refused.code(),
        escape(function),
    )
}
