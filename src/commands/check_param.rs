//! `check_param`: one parameter of the order form, before the client pays (billmanager.md 3).

use super::Context;
use crate::domain::{DomainName, EmailAddress, Phone};
use crate::failure::{Failure, Reason};
use crate::platform::{documents, fields};

/// Accepts or names what is wrong; parameters that need no form are accepted.
pub(super) fn run(context: &Context<'_>) -> Result<String, Failure> {
    let name = context.arguments.parameter.as_deref().unwrap_or_default();
    let value = context
        .arguments
        .value
        .as_deref()
        .unwrap_or_default()
        .trim();
    check(name, value)?;
    Ok(documents::ok())
}

fn check(name: &str, value: &str) -> Result<(), Failure> {
    let refuse = |detail: String| {
        Err(Failure::field(Reason::Invalid, name)
            .value(value)
            .detail(detail))
    };
    if value.is_empty() {
        return Ok(());
    }
    match name {
        fields::ADDITIONAL_NAMES | fields::FORMER_NAMES => {
            let names = value
                .split(|c: char| c.is_whitespace() || c == ',')
                .filter(|word| !word.is_empty());
            for word in names {
                if let Err(error) = DomainName::parse(word) {
                    return refuse(format!("{word}: {error}"));
                }
            }
            Ok(())
        }
        _ if name.ends_with("_email") => {
            match value
                .split(',')
                .find(|text| EmailAddress::parse(text).is_none())
            {
                Some(text) => refuse(format!("'{}' is not an e-mail address", text.trim())),
                None => Ok(()),
            }
        }
        _ if name.ends_with("_phone") && Phone::parse(value).is_none() => refuse(
            "A number in international form is needed, for example +7 (900) 123-45-67".to_owned(),
        ),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_with_a_form_are_checked() {
        let good = [
            ("altname", "www.example.com mail.example.com"),
            ("adm_email", "a@example.com"),
            ("approver_email", "admin@example.com,admin@example.net"),
            ("org_phone", "+7 (900) 123-45-67"),
            ("org_name", "anything"),
            ("adm_phone", ""),
        ];
        for (name, value) in good {
            assert!(check(name, value).is_ok(), "{name} {value}");
        }
        let bad = [
            ("altname", "www.example.com bad_name"),
            ("adm_email", "nobody"),
            ("approver_email", "admin@example.com,nobody"),
            ("adm_phone", "89001234567"),
        ];
        for (name, value) in bad {
            let failure = check(name, value).unwrap_err();
            assert_eq!((failure.object(), failure.offending_value()), (name, value));
        }
    }
}
