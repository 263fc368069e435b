//! Pure functions from an order to the parameters of its three steps (enom.md 6, 8, 9). Everything
//! that can be refused is refused here, before anything is paid for.

use super::client::{Parameters, about, add};
use super::model::Detail;
use super::phone;
use super::product::{Brand, Level, Product};
pub(super) use super::refused::{bad_term, not_allowed, unsupported};
use super::refused::{check_names, csr};
use crate::certificate::Csr;
use crate::domain::{
    Contact, CountryCode, DomainName, EmailAddress, Months, NamedValidation, Organization,
    Purchase, PurchaseKind, ValidationMethod,
};
use crate::failure::{Failure, Reason};

/// The mailboxes every authority takes (enom.md 15).
const MAILBOXES: [&str; 5] = [
    "admin",
    "administrator",
    "hostmaster",
    "postmaster",
    "webmaster",
];

/// A checked order, ready to become parameters.
#[derive(Debug)]
pub(super) struct Plan<'a> {
    pub(super) purchase: &'a Purchase,
    pub(super) product: &'static Product,
    pub(super) csr: Csr,
    /// Of each name, the common name first. One mailbox per name, or files for all.
    pub(super) approvers: Vec<(&'a DomainName, Option<EmailAddress>)>,
    /// The company, needed by every product for its address.
    address: &'a Organization,
}

impl<'a> Plan<'a> {
    /// Checks an order against the vendor's rules. No network.
    ///
    /// # Errors
    /// The field that is wrong or missing; what the product cannot do.
    pub(super) fn of(purchase: &'a Purchase) -> Result<Self, Failure> {
        let product = Product::of(&purchase.template)?;
        check_names(purchase, product)?;
        let csr = csr(purchase)?;
        let names = std::iter::once(&purchase.common_name).chain(&purchase.additional_names);
        let mut approvers = Vec::new();
        for name in names {
            let validation = validation_of(purchase, name)?;
            approvers.push((name, approver(product, validation)?));
        }
        let by_mail = |(_, mailbox): &(_, Option<_>)| mailbox.is_some();
        if approvers.iter().any(by_mail) && !approvers.iter().all(by_mail) {
            return Err(unsupported(
                &purchase.common_name,
                words!(
                    "this vendor takes one validation method for all names",
                    "этот поставщик принимает один способ подтверждения для всех имён"
                ),
            ));
        }
        Ok(Self {
            address: address(purchase, product, &csr)?,
            purchase,
            product,
            csr,
            approvers,
        })
    }

    /// The term.
    pub(super) fn term(&self) -> Months {
        self.purchase.term
    }

    /// The order whose term is being renewed.
    pub(super) fn renewed(&self) -> Option<&str> {
        renewed(self.purchase)
    }

    /// Years of the term.
    ///
    /// # Errors
    /// A term that is not whole years or longer than the product's.
    pub(super) fn years(&self) -> Result<u32, Failure> {
        let months = self.purchase.term.0;
        let longest = self.product.max_years;
        if months == 0 || !months.is_multiple_of(12) || months / 12 > longest {
            return Err(bad_term(
                months,
                words!(
                    "the vendor sells whole years, up to {longest} of this product",
                    "поставщик продаёт целые годы, для этого продукта не больше {longest}"
                ),
            ));
        }
        Ok(months / 12)
    }

    /// The parameters of `CertConfigureCert` (enom.md 8).
    pub(super) fn configure(&self, id: &str, server: &str) -> Parameters {
        let mut parameters = about(id);
        add(&mut parameters, "WebServerType", server);
        add(&mut parameters, "CSR", self.csr.pem());
        let purchase = self.purchase;
        for (block, contact) in [
            ("Admin", &purchase.administrative),
            ("Tech", &purchase.technical),
            ("Billing", &purchase.administrative),
        ] {
            self.contact(&mut parameters, block, contact);
        }
        self.name_list(&mut parameters);
        parameters
    }

    /// Whether the names are proved by files.
    pub(super) fn is_by_file(&self) -> bool {
        !matches!(self.approvers.first(), Some((_, Some(_))))
    }

    /// The parameters of `CertPurchaseCert` (enom.md 9). With a file, the vendor's page still asks for
    /// a mailbox: one of those `offered` goes along (enom.md 19).
    pub(super) fn submit(&self, id: &str, offered: Option<&str>) -> Parameters {
        let mut parameters = about(id);
        match self.approvers.first() {
            // The list of names carries the mailboxes.
            Some((_, Some(_))) if self.product.multi => {}
            Some((_, Some(mailbox))) => add(&mut parameters, "ApproverEmail", mailbox.as_str()),
            _ => {
                if let Some(mailbox) = offered {
                    add(&mut parameters, "ApproverEmail", mailbox);
                }
                add(&mut parameters, "DVAuthMethod", "File");
            }
        }
        if self.product.brand == Brand::Comodo {
            self.subject(&mut parameters);
        }
        self.name_list(&mut parameters);
        parameters
    }

    /// Whether a slot holds this order's CSR and contacts already. Lists of names are not compared:
    /// how the slot shows them is not documented.
    pub(super) fn is_configured(&self, detail: &Detail) -> bool {
        if self.product.multi || !self.holds_csr(detail) {
            return false;
        }
        let ignored = |name: &str| {
            ["CertID", "WebServerType", "CSR"].contains(&name)
                || ["State", "Province", "StateProvinceChoice"]
                    .iter()
                    .any(|tail| name.ends_with(tail))
        };
        let parameters = self.configure("", "");
        let same = |name: &str, value: &str| {
            let squeezed = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
            squeezed(detail.field(name).unwrap_or_default()) == squeezed(value)
        };
        parameters
            .iter()
            .filter(|(name, _)| !ignored(name))
            .all(|(name, value)| same(name, value))
    }

    /// Whether a slot's CSR is this order's.
    pub(super) fn holds_csr(&self, detail: &Detail) -> bool {
        let stored = detail.csr.as_deref().and_then(|pem| Csr::parse(pem).ok());
        stored.is_some_and(|csr| csr.fingerprint() == self.csr.fingerprint())
    }

    fn contact(&self, parameters: &mut Parameters, block: &str, contact: &Contact) {
        let company = self.address;
        let country = company.country.as_str();
        // Both the parameter and the choice are documented as required, yet clients send one (enom.md 8).
        let (state, choice) = if country == "US" {
            ("State", "S")
        } else {
            ("Province", "P")
        };
        let phone = phone::vendor_form(&contact.phone);
        // Required by the vendor's page, and sent empty by clients that are in use (enom.md 19).
        let sent_empty = ["Address2", "Fax"];
        for (name, value) in [
            ("OrgName", company.name.as_str()),
            ("JobTitle", contact.job_title.as_str()),
            ("FName", contact.first_name.as_str()),
            ("LName", contact.last_name.as_str()),
            ("Address1", company.address.as_str()),
            ("Address2", ""),
            ("City", company.city.as_str()),
            (state, company.region_or_city()),
            ("StateProvinceChoice", choice),
            ("PostalCode", company.postal_code.as_str()),
            ("Country", country),
            ("Phone", phone.as_str()),
            ("Fax", ""),
            ("EmailAddress", contact.email.as_str()),
        ] {
            let value = plain(value);
            if !value.is_empty() || sent_empty.contains(&name) {
                add(parameters, format!("{block}{name}"), value);
            }
        }
    }

    /// Names of a list product with one mailbox each; the CSR's own name belongs to the list
    /// (enom.md 8).
    fn name_list(&self, parameters: &mut Parameters) {
        if !self.product.multi {
            return;
        }
        let count = self.approvers.len().to_string();
        add(parameters, "DomainListNumber", count);
        for (number, (name, _)) in (1..).zip(&self.approvers) {
            add(parameters, format!("UCCDomainList{number}"), name.as_str());
        }
        for (number, (_, mailbox)) in (1..).zip(&self.approvers) {
            if let Some(mailbox) = mailbox {
                add(
                    parameters,
                    format!("UCCEmailList{number}"),
                    mailbox.as_str(),
                );
            }
        }
    }

    /// The subject again, required for Comodo (enom.md 9): what the CSR says, else the company's data.
    fn subject(&self, parameters: &mut Parameters) {
        let (subject, company) = (self.csr.subject(), self.address);
        let or = |asked: &Option<String>, company: &str| {
            asked.clone().unwrap_or_else(|| company.to_owned())
        };
        // Codes are capital letters.
        let country = subject.country.as_deref().and_then(CountryCode::parse);
        let country = country.unwrap_or(company.country);
        for (name, value) in [
            ("CSROrganization", or(&subject.organization, &company.name)),
            ("CSROrganizationUnit", or(&subject.unit, &company.division)),
            ("CSRAddress1", company.address.clone()),
            ("CSRLocality", or(&subject.locality, &company.city)),
            (
                "CSRStateProvince",
                or(&subject.state, company.region_or_city()),
            ),
            ("CSRPostalCode", company.postal_code.clone()),
            ("CSRCountry", country.to_string()),
        ] {
            let value = plain(&value);
            if !value.is_empty() {
                add(parameters, name, value);
            }
        }
        let duns = plain(&company.duns);
        if self.product.level != Level::Domain && !duns.is_empty() {
            add(parameters, "DUNSNumber", duns);
        }
    }
}

/// The CSR of a reissue, after everything that can be checked without network.
///
/// # Errors
/// A brand without reissue; names that do not fit the product; an unusable CSR.
pub(super) fn reissue_csr(purchase: &Purchase) -> Result<Csr, Failure> {
    let product = Product::of(&purchase.template)?;
    if !product.brand.reissues() {
        return Err(
            Failure::field(Reason::NotSupported, "reissue").detail(words!(
                "the vendor has no reissue call for Comodo products",
                "у поставщика нет вызова перевыпуска для продуктов Comodo"
            )),
        );
    }
    check_names(purchase, product)?;
    csr(purchase)
}

/// The mailboxes of a name: the five at the name and at every parent down to the registrable domain.
pub(super) fn standard_approvers(name: &DomainName) -> Vec<EmailAddress> {
    let mut approvers = Vec::new();
    // A public suffix is its own.
    let registrable = name.registrable().unwrap_or(name.base());
    let mut host = name.base();
    loop {
        for mailbox in MAILBOXES {
            approvers.extend(EmailAddress::parse(&format!("{mailbox}@{host}")));
        }
        if host == registrable {
            return approvers;
        }
        match host.split_once('.') {
            Some((_, parent)) => host = parent,
            None => return approvers,
        }
    }
}

/// The web server id for a slot: the brand's default where the slot takes it (enom.md 10.2).
pub(super) fn web_server<'a>(product: &Product, allowed: &'a [String]) -> &'a str {
    let default = product.brand.default_server();
    match allowed {
        [first, ..] if !allowed.iter().any(|id| id == default) => first,
        _ => default,
    }
}

fn validation_of<'a>(
    purchase: &'a Purchase,
    name: &DomainName,
) -> Result<&'a NamedValidation, Failure> {
    let own = purchase.validation.iter().find(|v| v.name == *name);
    own.ok_or_else(|| {
        // Every product is submitted with a mailbox, those with a verified company too (enom.md 9).
        Failure::field(Reason::Missing, "approver_email").detail(words!(
            "no approver address for {name}",
            "нет адреса подтверждения для {name}"
        ))
    })
}

/// The mailbox of a name as the authorities write it, `None` for file validation.
fn approver(
    product: &Product,
    validation: &NamedValidation,
) -> Result<Option<EmailAddress>, Failure> {
    let name = &validation.name;
    match &validation.method {
        ValidationMethod::Email(mailbox) => {
            let allowed = standard_approvers(name);
            let is_allowed =
                |known: &EmailAddress| known.as_str().eq_ignore_ascii_case(mailbox.as_str());
            if let Some(known) = allowed.iter().find(|known| is_allowed(known)) {
                return Ok(Some(known.clone()));
            }
            let allowed: Vec<_> = allowed.iter().map(ToString::to_string).collect();
            Err(not_allowed(mailbox, &allowed))
        }
        ValidationMethod::HttpFile if product.file => Ok(None),
        ValidationMethod::DnsCname | ValidationMethod::DnsTxt => Err(unsupported(
            name,
            words!(
                "the vendor does not tell the type of the record to publish",
                "поставщик не сообщает тип записи, которую нужно разместить"
            ),
        )),
        ValidationMethod::HttpFile | ValidationMethod::HttpsFile => Err(unsupported(
            name,
            words!(
                "this product has no such method",
                "у этого продукта нет такого способа"
            ),
        )),
    }
}

/// The company with everything the vendor documents as required for its contacts (enom.md 8).
fn address<'a>(
    purchase: &'a Purchase,
    product: &Product,
    csr: &Csr,
) -> Result<&'a Organization, Failure> {
    let missing = |field: &str| {
        Err(Failure::field(Reason::Missing, field).detail(words!(
            "the vendor needs the address for every product",
            "поставщику нужен адрес для каждого продукта"
        )))
    };
    let Some(company) = &purchase.organization else {
        return missing("org_address");
    };
    // Comodo wants the subject again, whatever the level (enom.md 9).
    let is_comodo = product.brand == Brand::Comodo;
    let asks_name =
        product.level != Level::Domain || (is_comodo && csr.subject().organization.is_none());
    if asks_name && plain(&company.name).is_empty() {
        return missing("org_name");
    }
    let asks_state =
        company.country.as_str() == "US" || (is_comodo && csr.subject().state.is_none());
    let mut required = vec![
        ("org_address", &company.address),
        ("org_city", &company.city),
        ("org_postcode", &company.postal_code),
    ];
    if asks_state && company.country.has_states() {
        required.push(("org_state", &company.region));
    }
    for contact in [&purchase.administrative, &purchase.technical] {
        required.push(("fname", &contact.first_name));
        required.push(("lname", &contact.last_name));
    }
    for (field, value) in required {
        if plain(value).is_empty() {
            return missing(field);
        }
    }
    Ok(company)
}

/// One line without control characters.
fn plain(text: &str) -> String {
    let clean: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    clean.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The order whose term is being renewed.
pub(super) fn renewed(purchase: &Purchase) -> Option<&str> {
    match &purchase.kind {
        PurchaseKind::Renewal { previous } => Some(previous.as_str()),
        PurchaseKind::New | PurchaseKind::Reissue { .. } => None,
    }
}
