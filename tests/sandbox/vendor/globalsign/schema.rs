//! Requests as the vendor's schema wants them: names, order, case, namespaces, nothing missing and
//! nothing unknown (globalsign.md 1, 3 and 4).

mod table;

use super::super::xml::Element;
use table::{Inside, Times};

/// Namespace of the SOAP 1.1 envelope.
const SOAP: &str = "http://schemas.xmlsoap.org/soap/envelope/";

/// Namespace of the operation elements.
const OPERATIONS: &str = "https://system.globalsign.com/kb/ws/v1/";

/// A request that keeps to the schema.
#[derive(Debug, Clone, PartialEq)]
pub struct Accepted {
    /// Operation.
    pub operation: &'static str,
    /// The `Request` element.
    pub request: Element,
}

/// Checks a whole document that was sent to a service (last part of its path).
///
/// # Errors
/// Everything that is wrong; names only, no values.
pub fn check(service: &str, document: &Element) -> Result<Accepted, Vec<String>> {
    let mut problems = Vec::new();
    let mut scope = Vec::new();
    namespaces(document, &mut scope);
    if document.local_name() != "Envelope" || resolve(document, &scope) != Some(SOAP) {
        problems.push("the root is not a SOAP 1.1 Envelope".to_owned());
    }
    let [body] = document.children.as_slice() else {
        problems.push("the Envelope does not hold exactly a Body".to_owned());
        return Err(problems);
    };
    namespaces(body, &mut scope);
    if body.local_name() != "Body" || resolve(body, &scope) != Some(SOAP) {
        problems.push("the Envelope's child is not a SOAP 1.1 Body".to_owned());
    }
    let [call] = body.children.as_slice() else {
        problems.push("the Body does not hold exactly one operation".to_owned());
        return Err(problems);
    };
    namespaces(call, &mut scope);
    if resolve(call, &scope) != Some(OPERATIONS) {
        problems.push(format!("{} is not in the v1 namespace", call.local_name()));
    }
    if scope.iter().any(|(prefix, _)| prefix.is_empty()) {
        problems.push("a default namespace drags the children along".to_owned());
    }
    let known = table::OPERATIONS
        .iter()
        .find(|(name, ..)| *name == call.local_name());
    let Some((operation, home, children)) = known else {
        problems.push(format!("the operation {} is unknown", call.local_name()));
        return Err(problems);
    };
    if *home != service {
        problems.push(format!("{operation} belongs to {home}, not to {service}"));
    }
    let [request] = call.children.as_slice() else {
        problems.push(format!("{operation} does not hold exactly a Request"));
        return Err(problems);
    };
    if request.name == "Request" {
        inside(request, Inside::Nodes(children), "Request", &mut problems);
    } else {
        problems.push(format!("{operation} holds {}", request.name));
    }
    if problems.is_empty() {
        Ok(Accepted {
            operation,
            request: request.clone(),
        })
    } else {
        Err(problems)
    }
}

/// The names of all operations of the table.
pub fn operations() -> impl Iterator<Item = &'static str> {
    table::OPERATIONS.iter().map(|(name, ..)| *name)
}

fn namespaces(element: &Element, scope: &mut Vec<(String, String)>) {
    for (name, value) in &element.attributes {
        if name == "xmlns" {
            scope.push((String::new(), value.clone()));
        } else if let Some(prefix) = name.strip_prefix("xmlns:") {
            scope.push((prefix.to_owned(), value.clone()));
        }
    }
}

fn resolve<'a>(element: &Element, scope: &'a [(String, String)]) -> Option<&'a str> {
    let prefix = element
        .name
        .split_once(':')
        .map_or("", |(prefix, _)| prefix);
    scope
        .iter()
        .rev()
        .find(|(known, _)| known == prefix)
        .map(|(_, namespace)| namespace.as_str())
}

fn inside(element: &Element, allowed: Inside, path: &str, problems: &mut Vec<String>) {
    // Some clients mark an empty element with a meaningless `nil`, and their orders succeed (3).
    let empty = element.children.is_empty() && element.text.is_empty();
    let is_nil = |name: &str| empty && matches!(name, "nil" | "xsi:nil");
    if element.attributes.iter().any(|(name, _)| !is_nil(name)) {
        problems.push(format!("{path} has attributes"));
    }
    let children = match allowed {
        Inside::Text => {
            if !element.children.is_empty() {
                problems.push(format!("{path} holds elements"));
            }
            return;
        }
        Inside::Nodes(children) => children,
    };
    if !element.text.trim().is_empty() {
        problems.push(format!("{path} holds text"));
    }
    let mut found = element.children.iter().peekable();
    for child in children {
        let mut count = 0;
        while let Some(next) = found.next_if(|next| next.name == child.name) {
            count += 1;
            inside(
                next,
                child.inside,
                &format!("{path}/{}", child.name),
                problems,
            );
            if child.times != Times::Many {
                break;
            }
        }
        if count == 0 && child.times == Times::One {
            problems.push(format!("{path}/{} is missing or out of order", child.name));
        }
    }
    for left in found {
        problems.push(format!("{path}/{} is unknown or out of order", left.name));
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::xml;
    use super::*;

    const GOOD: &str = "<e:Envelope xmlns:e=\"http://schemas.xmlsoap.org/soap/envelope/\" \
        xmlns:v1=\"https://system.globalsign.com/kb/ws/v1/\"><e:Body><v1:ResendEmail><Request>\
        <OrderRequestHeader><AuthToken><UserName>u</UserName><Password>p</Password></AuthToken></OrderRequestHeader>\
        <OrderID>1</OrderID><ResendEmailType>APPROVEREMAIL</ResendEmailType>\
        </Request></v1:ResendEmail></e:Body></e:Envelope>";

    fn problems(document: &str) -> Vec<String> {
        check("ServerSSLService", &xml::read(document).unwrap())
            .err()
            .unwrap_or_default()
    }

    #[test]
    fn a_good_request_is_accepted() {
        let accepted = check("ServerSSLService", &xml::read(GOOD).unwrap()).unwrap();
        assert_eq!(accepted.operation, "ResendEmail");
        assert_eq!(accepted.request.value("OrderID"), Some("1"));
        let nil = "<ResendEmailType nil=\"true\"></ResendEmailType>";
        let marked = GOOD.replace("<ResendEmailType>APPROVEREMAIL</ResendEmailType>", nil);
        assert_eq!(problems(&marked), Vec::<String>::new());
    }

    #[test]
    fn every_deviation_is_a_problem() {
        let swapped = GOOD.replace(
            "<OrderID>1</OrderID><ResendEmailType>APPROVEREMAIL</ResendEmailType>",
            "<ResendEmailType>APPROVEREMAIL</ResendEmailType><OrderID>1</OrderID>",
        );
        let cases = [
            swapped,
            GOOD.replace("OrderID", "OrderId"),
            GOOD.replace("<OrderID>1</OrderID>", ""),
            GOOD.replace(
                "<OrderID>1</OrderID>",
                "<OrderID>1</OrderID><OrderID>1</OrderID>",
            ),
            GOOD.replace("</Request>", "<Extra/></Request>"),
            GOOD.replace("Request>", "v1:Request>"),
            GOOD.replace("<v1:ResendEmail>", "<v1:ResendEmail xmlns=\"urn:x\">"),
            GOOD.replace("v1:ResendEmail", "ResendEmail"),
            GOOD.replace("kb/ws/v1/", "bb/ws/"),
            GOOD.replace("soap/envelope", "soap12"),
            GOOD.replace("<OrderID>", "<OrderID nil=\"true\">"),
            GOOD.replace("ResendEmail>", "ResendMail>"),
        ];
        for case in cases {
            assert!(!problems(&case).is_empty(), "{case}");
        }
        assert!(check("GASService", &xml::read(GOOD).unwrap()).is_err());
    }
}
