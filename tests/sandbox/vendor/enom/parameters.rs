//! What each command takes (enom.md 5 to 9 and 14): names in the documented letter case.

/// One command.
pub struct Command {
    /// Documented name.
    pub name: &'static str,
    /// Parameters that must be there and not empty.
    pub required: &'static [&'static str],
    /// Parameters that may be there, not empty.
    pub optional: &'static [&'static str],
    /// `Admin`, `Tech` and `Billing` blocks.
    pub contacts: bool,
    /// Names and mailboxes of list products.
    pub names: bool,
}

const fn command(name: &'static str, required: &'static [&'static str]) -> Command {
    Command {
        name,
        required,
        optional: &[],
        contacts: false,
        names: false,
    }
}

const fn with(mut command: Command, optional: &'static [&'static str]) -> Command {
    command.optional = optional;
    command
}

/// All commands.
pub static COMMANDS: [Command; 15] = [
    command("CheckLogin", &[]),
    command("GetBalance", &[]),
    command("GetCerts", &[]),
    with(command("PurchaseServices", &["Service"]), &["NumYears"]),
    with(
        command("CertGetCerts", &[]),
        &[
            "ProdType",
            "StartPosition",
            "PagingPageSize",
            "SortBy",
            "SortByDirection",
            "CertStatusID",
            "DomainNameContains",
            "OrderDateStart",
            "OrderDateEnd",
            "ExpirationDateStart",
            "ExpirationDateEnd",
        ],
    ),
    with(
        command("CertGetCertDetail", &["CertID"]),
        &["IncludeIntermediate"],
    ),
    Command {
        contacts: true,
        names: true,
        ..command("CertConfigureCert", &["CertID", "WebServerType", "CSR"])
    },
    command("CertGetApproverEmail", &["CertID", "Domain"]),
    Command {
        names: true,
        ..with(
            command("CertPurchaseCert", &["CertID"]),
            &[
                "ApproverEmail",
                "DVAuthMethod",
                "CSROrganization",
                "CSROrganizationUnit",
                "CSRAddress1",
                "CSRAddress2",
                "CSRLocality",
                "CSRStateProvince",
                "CSRPostalCode",
                "CSRCountry",
                "DUNSNumber",
            ],
        )
    },
    command("CertChangeApproverEmail", &["CertID", "ApproverEmail"]),
    command("CertResendApproverEmail", &["CertID"]),
    command("CertReissueCert", &["CertID", "CSR"]),
    command("CertModifyOrder", &["CertID"]),
    with(
        command("GetOrderList", &[]),
        &["Start", "BeginDate", "EndDate"],
    ),
    command("GetOrderDetail", &["OrderID"]),
];

/// Sent with every command.
const COMMON: [&str; 4] = ["Command", "UID", "PW", "ResponseType"];

/// Blocks of contacts.
pub const BLOCKS: [&str; 3] = ["Admin", "Tech", "Billing"];

const CONTACT_REQUIRED: [&str; 8] = [
    "FName",
    "LName",
    "Address1",
    "City",
    "PostalCode",
    "Country",
    "Phone",
    "EmailAddress",
];

/// Documented as required, left out by the documentation's own sample, sent empty by some clients.
const CONTACT_OPTIONAL: [&str; 8] = [
    "OrgName",
    "JobTitle",
    "Address2",
    "State",
    "Province",
    "StateProvinceChoice",
    "PhoneExt",
    "Fax",
];

/// The command of a name in any letter case.
pub fn by_name(name: &str) -> Option<&'static Command> {
    COMMANDS
        .iter()
        .find(|command| command.name.eq_ignore_ascii_case(name))
}

/// The names that a form may and must hold, in the documented letter case.
struct Names {
    required: Vec<String>,
    allowed: Vec<String>,
    /// Taken without a value, as some clients send them (enom.md 8, 19).
    empty: Vec<String>,
}

fn names(command: &Command, form: &[(String, String)]) -> Names {
    let mut names = Names {
        required: COMMON.iter().chain(command.required).map(text).collect(),
        // One client's mark, with every call (enom.md 2).
        allowed: command
            .optional
            .iter()
            .chain(&["Engine"])
            .map(text)
            .collect(),
        empty: ["CSROrganizationUnit", "CSRAddress2"]
            .iter()
            .map(text)
            .collect(),
    };
    if command.contacts {
        for block in BLOCKS {
            let of_block = |name: &str| format!("{block}{name}");
            names.required.extend(CONTACT_REQUIRED.map(of_block));
            names.allowed.extend(CONTACT_OPTIONAL.map(of_block));
            names.empty.extend(CONTACT_OPTIONAL.map(of_block));
        }
    }
    let count = form
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case("DomainListNumber"));
    if let Some((_, count)) = count.filter(|_| command.names) {
        names.allowed.push("DomainListNumber".to_owned());
        for number in 1..=count.parse::<u32>().unwrap_or(0) {
            names.required.push(format!("UCCDomainList{number}"));
            names.required.push(format!("UCCEmailList{number}"));
        }
    }
    names
}

/// A form with its names in the documented letter case: the vendor takes any (enom.md 2).
pub fn canonical(command: &Command, form: Vec<(String, String)>) -> Vec<(String, String)> {
    let known = names(command, &form);
    let documented = |name: &str| {
        let mut all = known.required.iter().chain(&known.allowed);
        all.find(|known| known.eq_ignore_ascii_case(name)).cloned()
    };
    form.into_iter()
        .map(|(name, value)| (documented(&name).unwrap_or(name), value))
        .collect()
}

/// Every deviation of a form from the table; names in the documented letter case.
pub fn problems(command: &Command, form: &[(String, String)]) -> Vec<String> {
    let mut problems = Vec::new();
    let value = |name: &str| {
        form.iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    };
    let Names {
        required,
        allowed,
        empty,
    } = names(command, form);
    for name in &required {
        if value(name).is_none_or(str::is_empty) {
            problems.push(format!("missing {name}"));
        }
    }
    for (index, (name, value)) in form.iter().enumerate() {
        if !required.contains(name) && !allowed.contains(name) {
            problems.push(format!("unknown {name}"));
        } else if allowed.contains(name) && value.is_empty() && !empty.contains(name) {
            problems.push(format!("empty {name}"));
        }
        if form[..index].iter().any(|(known, _)| known == name) {
            problems.push(format!("{name} twice"));
        }
    }
    problems.extend(form.iter().filter_map(|(name, value)| form_of(name, value)));
    problems
}

fn text(name: &&str) -> String {
    (*name).to_owned()
}

/// Deviations in the form of one value.
fn form_of(name: &str, value: &str) -> Option<String> {
    let wrong = |why: &str| Some(format!("{name}: {why}"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    match name {
        "ResponseType" if !value.eq_ignore_ascii_case("XML") => wrong("only XML is served here"),
        "CertID" | "OrderID" | "ProdType" | "CertStatusID" | "StartPosition" | "NumYears"
        | "Start" | "WebServerType" | "DomainListNumber"
            if !digits(value) =>
        {
            wrong("not a number")
        }
        "PagingPageSize" if value.parse::<u32>().is_ok_and(|size| size > 250) => {
            wrong("more than 250")
        }
        "SortByDirection" if !["Asc", "Desc"].contains(&value) => wrong("not Asc or Desc"),
        "BeginDate" | "EndDate" | "OrderDateStart" | "OrderDateEnd" if !is_day(value) => {
            wrong("not MM/DD/YYYY")
        }
        "CSR" if value.len() > 4500 => wrong("longer than 4500"),
        "DVAuthMethod" if !["Email", "File", "DNS"].contains(&value) => wrong("unknown method"),
        _ if name.ends_with("Fax") && value.is_empty() => None,
        _ if name.ends_with("Phone") || name.ends_with("Fax") => {
            let parts = value
                .strip_prefix('+')
                .and_then(|rest| rest.split_once('.'));
            let valid =
                parts.is_some_and(|(code, rest)| digits(code) && code.len() <= 3 && digits(rest));
            (!valid).then(|| format!("{name}: not +CC.digits"))
        }
        _ if name.ends_with("Country")
            && !(value.len() == 2 && value.bytes().all(|b| b.is_ascii_uppercase())) =>
        {
            wrong("not two letters")
        }
        _ => None,
    }
}

fn is_day(text: &str) -> bool {
    text.len() == 10 && chrono::NaiveDate::parse_from_str(text, "%m/%d/%Y").is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(extra: &[(&str, &str)]) -> Vec<(String, String)> {
        [
            ("Command", "CertGetApproverEmail"),
            ("UID", "u"),
            ("PW", "p"),
            ("ResponseType", "XML"),
        ]
        .iter()
        .chain(extra)
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
    }

    #[test]
    fn every_deviation_is_named() {
        let command = by_name("certgetapproveremail").unwrap();
        let good = [("CertID", "1"), ("Domain", "a.example")];
        assert_eq!(problems(command, &form(&good)), Vec::<String>::new());
        for (extra, problem) in [
            (("certid", "1"), "CertID twice"),
            (("Certificate", "1"), "unknown Certificate"),
            (("Domain", "b.example"), "Domain twice"),
        ] {
            let form = canonical(command, form(&[good[0], good[1], extra]));
            assert_eq!(problems(command, &form), [problem]);
        }
        assert_eq!(
            problems(command, &form(&[("CertID", "x"), ("Domain", "")])),
            ["missing Domain", "CertID: not a number"]
        );
    }

    #[test]
    fn telephone_numbers_have_the_vendors_form() {
        assert_eq!(form_of("AdminPhone", "+1.4255550134"), None);
        for value in ["+14255550134", "1.4255550134", "+1.425-555", "+1234.5"] {
            assert!(form_of("AdminPhone", value).is_some(), "{value}");
        }
    }

    #[test]
    fn names_are_taken_in_any_letter_case() {
        let command = by_name("CERTGETAPPROVEREMAIL").unwrap();
        let small: Vec<(String, String)> = form(&[("CertID", "1"), ("Domain", "a.example")])
            .into_iter()
            .map(|(name, value)| (name.to_lowercase(), value.to_lowercase()))
            .collect();
        let read = canonical(command, small);
        assert_eq!(problems(command, &read), Vec::<String>::new());
        assert_eq!(read[4], ("CertID".to_owned(), "1".to_owned()));
    }
}
