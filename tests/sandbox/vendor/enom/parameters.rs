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

/// Documented as required, left out by the documentation's own sample and by clients.
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

/// Every deviation of a form from the table.
pub fn problems(command: &Command, form: &[(String, String)]) -> Vec<String> {
    let mut problems = Vec::new();
    let value = |name: &str| {
        form.iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    };
    let mut required: Vec<String> = COMMON.iter().chain(command.required).map(text).collect();
    let mut allowed: Vec<String> = command.optional.iter().map(text).collect();
    if command.contacts {
        for block in BLOCKS {
            required.extend(CONTACT_REQUIRED.map(|name| format!("{block}{name}")));
            allowed.extend(CONTACT_OPTIONAL.map(|name| format!("{block}{name}")));
        }
    }
    if command.names
        && let Some(count) = value("DomainListNumber")
    {
        allowed.push("DomainListNumber".to_owned());
        for number in 1..=count.parse::<u32>().unwrap_or(0) {
            required.push(format!("UCCDomainList{number}"));
            required.push(format!("UCCEmailList{number}"));
        }
    }
    for name in &required {
        if value(name).is_none_or(str::is_empty) {
            problems.push(format!("missing {name}"));
        }
    }
    for (index, (name, value)) in form.iter().enumerate() {
        if !required.contains(name) && !allowed.contains(name) {
            problems.push(format!("unknown {name}"));
        } else if allowed.contains(name) && value.is_empty() {
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
        "ResponseType" if value != "XML" => wrong("only XML is served here"),
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
            (("certid", "1"), "unknown certid"),
            (("Domain", "b.example"), "Domain twice"),
        ] {
            let form = form(&[good[0], good[1], extra]);
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
}
