//! Answers in the vendor's XML: irregular letter case, both list styles, CDATA (enom.md 3, 7).

use chrono::{DateTime, TimeDelta, Utc};

/// How element names are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Names {
    /// Another form from element to element, as seen in the wild.
    #[default]
    Drifting,
    /// As documented.
    Documented,
    /// All small.
    Lower,
}

/// One element.
#[derive(Debug, Clone)]
pub enum Item {
    /// Name and text.
    Text(String, String),
    /// Name and text in a CDATA section.
    Data(String, String),
    /// Name, attributes as written, contents.
    Group(String, String, Vec<Item>),
}

/// An element with text.
pub fn text(name: &str, value: impl ToString) -> Item {
    Item::Text(name.to_owned(), value.to_string())
}

/// An element with a CDATA section.
pub fn data(name: &str, value: impl ToString) -> Item {
    Item::Data(name.to_owned(), value.to_string())
}

/// An element with elements.
pub fn group(name: &str, items: Vec<Item>) -> Item {
    Item::Group(name.to_owned(), String::new(), items)
}

/// The same with an attribute.
pub fn typed(name: &str, kind: &str, items: Vec<Item>) -> Item {
    Item::Group(name.to_owned(), format!(" Type=\"{kind}\""), items)
}

/// A complaint.
#[derive(Debug, Clone)]
pub struct Complaint {
    /// Text for people.
    pub text: String,
    /// Six digits.
    pub code: u32,
}

/// A complaint.
pub fn complaint(text: impl Into<String>, code: u32) -> Complaint {
    Complaint {
        text: text.into(),
        code,
    }
}

/// A whole answer.
pub fn document(
    command: &str,
    outcome: &Result<Vec<Item>, Complaint>,
    names: Names,
    encoding: &str,
    now: DateTime<Utc>,
) -> String {
    let mut items = Vec::new();
    match outcome {
        Ok(payload) => items.extend(payload.iter().cloned()),
        Err(_) => items.push(group(command, Vec::new())),
    }
    items.push(text("Command", command.to_uppercase()));
    items.push(text("APIType", "API.NET"));
    items.push(text("Language", "eng"));
    match outcome {
        Ok(_) => {
            items.push(text("ErrCount", 0));
            items.push(text("ResponseCount", 0));
        }
        Err(complaint) => {
            items.push(text("ErrCount", 1));
            items.push(group("errors", vec![text("Err1", &complaint.text)]));
            items.push(text("ResponseCount", 1));
            let words = "Error; simulated; parameter(s)";
            let response = vec![
                text("ResponseNumber", complaint.code),
                text("ResponseString", words),
            ];
            items.push(group("responses", vec![group("response", response)]));
        }
    }
    for name in ["MinPeriod", "MaxPeriod"] {
        items.push(text(name, ""));
    }
    items.push(text("Server", "SJL21WRESELLT01"));
    items.push(text("Site", "eNom"));
    items.push(text("ExecTime", "0.078"));
    items.push(text(
        "Done",
        if names == Names::Documented {
            "true"
        } else {
            "True"
        },
    ));
    items.push(text("TrackingKey", "11111111-2222-3333-4444-555555555555"));
    items.push(text("RequestDateTime", moment(now)));
    items.push(data("debug", ""));
    let declaration = match encoding {
        "" => "<?xml version=\"1.0\"?>".to_owned(),
        name => format!("<?xml version=\"1.0\" encoding=\"{name}\"?>"),
    };
    let mut body = format!("{declaration}\n<interface-response>");
    let mut count = 0;
    write(&items, names, &mut count, &mut body);
    body.push_str("</interface-response>\n");
    body
}

fn write(items: &[Item], names: Names, count: &mut u32, body: &mut String) {
    for item in items {
        match item {
            Item::Text(name, value) if value.is_empty() => {
                let name = styled(name, names, count);
                // Both forms of an empty element mean "absent".
                if count.is_multiple_of(2) {
                    body.push_str(&format!("<{name} />"));
                } else {
                    body.push_str(&format!("<{name}></{name}>"));
                }
            }
            Item::Text(name, value) => {
                let name = styled(name, names, count);
                let value = super::super::xml::escaped(value);
                body.push_str(&format!("<{name}>{value}</{name}>"));
            }
            Item::Data(name, value) => {
                let name = styled(name, names, count);
                body.push_str(&format!("<{name}><![CDATA[{value}]]></{name}>"));
            }
            Item::Group(name, attributes, inside) => {
                let name = styled(name, names, count);
                body.push_str(&format!("<{name}{attributes}>\n"));
                write(inside, names, count, body);
                body.push_str(&format!("</{name}>\n"));
            }
        }
    }
}

fn styled(name: &str, names: Names, count: &mut u32) -> String {
    *count += 1;
    match (names, *count % 3) {
        (Names::Documented, _) | (Names::Drifting, 0) => name.to_owned(),
        (Names::Lower, _) | (Names::Drifting, 1) => name.to_lowercase(),
        _ => {
            let (head, tail) = name.split_at(name.len().saturating_sub(2));
            format!("{head}{}", tail.to_lowercase())
        }
    }
}

/// The vendor's clock shows some American zone that nothing states.
fn local(at: DateTime<Utc>) -> DateTime<Utc> {
    at - TimeDelta::hours(8)
}

/// `12/5/2016 5:03:02 PM`.
pub fn moment(at: DateTime<Utc>) -> String {
    local(at).format("%-m/%-d/%Y %-I:%M:%S %p").to_string()
}

/// `6/2/2015`.
pub fn day(at: DateTime<Utc>) -> String {
    local(at).format("%-m/%-d/%Y").to_string()
}

/// A PEM text with the leading blanks of the documentation's samples.
pub fn indented(pem: &str) -> String {
    let mut result = String::new();
    for line in pem.lines() {
        result.push_str("      ");
        result.push_str(line);
        result.push_str("\r\n");
    }
    result
}

/// Cents as `1,204.10`.
pub fn amount(cents: i64) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    let (whole, rest) = (cents.unsigned_abs() / 100, cents.unsigned_abs() % 100);
    let digits = whole.to_string();
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("{sign}{grouped}.{rest:02}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_have_thousands_marks() {
        for (cents, text) in [
            (0, "0.00"),
            (120_410, "1,204.10"),
            (-123_456_789, "-1,234,567.89"),
            (99_900, "999.00"),
        ] {
            assert_eq!(amount(cents), text);
        }
    }

    #[test]
    fn names_drift_and_stay_closed() {
        let items = vec![group(
            "Certs",
            vec![text("CertStatusID", 1), text("CertID", 2)],
        )];
        let at = DateTime::from_timestamp(1_750_000_000, 0).unwrap();
        let body = document("CertGetCerts", &Ok(items), Names::Drifting, "utf-8", at);
        let root = super::super::super::xml::read(&body).unwrap();
        assert_eq!(root.name, "interface-response");
        assert!(
            body.contains("<certs>") && body.contains("<CertStatusid>"),
            "{body}"
        );
    }
}
