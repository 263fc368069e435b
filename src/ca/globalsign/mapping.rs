//! From what the domain knows to the wire and back, in pure functions.

use std::net::IpAddr;

use super::company::{jurisdiction, needed, organization, organization_ev};
use super::model::order::{
    AuthorizedSigner, ContactInfo, DvOrder, EvOrder, Officer, Options, OrderOption,
    OrderRequestParameter, OvOrder, ProofOrder, ReIssue, ReIssueParameter, SanEntries, SanEntry,
    SecondContactInfo, ValidityPeriod,
};
use super::model::query::ValidateOrderParameters;
use super::model::request::{Call, Header, Request, Text};
use super::names::{NAMES_FIELD, SanOptionType, split_names};
use super::product::{Family, Product, ProofMethod, product_code};
use crate::certificate::Csr;
use crate::domain::text::Words;
use crate::domain::{
    Contact, DomainName, EmailAddress, Organization, Purchase, PurchaseKind, ValidationMethod,
    VendorOrderId,
};
use crate::failure::{Failure, Reason};

/// The only digest of reissues (globalsign.md 4.2).
const HASH: &str = "SHA256";

/// An order, checked against its product.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) product: Product,
    /// How a domain validated order is proved; nothing for OV and EV.
    pub(super) proof: Option<ProofMethod>,
    /// The approver of an order proved by mail.
    pub(super) approver: Option<EmailAddress>,
    /// Additional names to send, with their billing kind.
    pub(super) names: Vec<(DomainName, SanOptionType)>,
    /// Public IP addresses to send beside them.
    pub(super) addresses: Vec<IpAddr>,
}

impl Plan {
    /// Checks everything about a purchase that needs no vendor.
    ///
    /// # Errors
    /// The field that cannot be ordered.
    pub(super) fn of(purchase: &Purchase) -> Result<Self, Failure> {
        let product = Product::of(&purchase.template)?;
        if purchase.common_name.is_wildcard() != product.wildcard {
            let why = if product.wildcard {
                words!(
                    "the product needs a wildcard name",
                    "продукту нужен wildcard-домен"
                )
            } else {
                words!(
                    "the product takes no wildcard names",
                    "продукт не поддерживает wildcard-домены"
                )
            };
            return Err(refused_name("domain", &purchase.common_name, why));
        }
        let names = names(purchase, product)?;
        if purchase.term.0 == 0 {
            return Err(Failure::new(Reason::BadTerm).value("0").detail(words!(
                "a period is counted in months, from one on",
                "период указывается в месяцах, начиная с одного"
            )));
        }
        let (proof, approver) = match (product.family, &purchase.kind) {
            (Family::Organization | Family::Extended, _) | (_, PurchaseKind::Reissue { .. }) => {
                (None, None)
            }
            _ => proof(purchase)?,
        };
        check_addresses(purchase, product, proof)?;
        Ok(Self {
            product,
            proof,
            approver,
            names,
            addresses: purchase.addresses.clone(),
        })
    }

    /// Every additional name and address with its billing kind, as texts.
    fn entries(&self) -> Vec<(SanOptionType, String)> {
        let names = self
            .names
            .iter()
            .map(|(name, kind)| (*kind, name.to_string()));
        let addresses = self
            .addresses
            .iter()
            .map(|address| (SanOptionType::PublicAddress, address.to_string()));
        names.chain(addresses).collect()
    }
}

fn refused_name(field: &str, name: &DomainName, why: Words) -> Failure {
    Failure::field(Reason::NameNotAllowed, field)
        .value(name.as_str())
        .detail(why)
}

fn names(
    purchase: &Purchase,
    product: Product,
) -> Result<Vec<(DomainName, SanOptionType)>, Failure> {
    let names = split_names(&purchase.common_name, &purchase.additional_names)?;
    if let (Some((name, _)), false) = (names.first(), product.names) {
        let why = words!(
            "the product takes no additional names",
            "продукт не поддерживает дополнительные домены"
        );
        return Err(refused_name(NAMES_FIELD, name, why));
    }
    let wildcard = names
        .iter()
        .find(|(_, kind)| *kind == SanOptionType::Wildcard);
    if let (Some((name, _)), false) = (wildcard, product.wildcard_names) {
        let why = words!(
            "the product takes no additional wildcard names",
            "продукт не поддерживает дополнительные wildcard-домены"
        );
        return Err(refused_name(NAMES_FIELD, name, why));
    }
    Ok(names)
}

/// Addresses are proved like the other names of an order, but not by a TXT record (globalsign.md 20); extended
/// validation certifies no addresses (EV Guidelines, on the extension of alternative names: domain
/// names only).
fn check_addresses(
    purchase: &Purchase,
    product: Product,
    proof: Option<ProofMethod>,
) -> Result<(), Failure> {
    let Some(address) = purchase.addresses.first() else {
        return Ok(());
    };
    let why = if !product.names || product.family == Family::Extended {
        words!(
            "this product takes no IP addresses",
            "этот продукт не принимает IP-адреса"
        )
    } else if proof == Some(ProofMethod::Dns) {
        words!(
            "a TXT record does not prove control of an IP address: choose e-mail or a file",
            "запись TXT не подтверждает управление IP-адресом: выберите почту или файл"
        )
    } else {
        return Ok(());
    };
    Err(Failure::field(Reason::NameNotAllowed, NAMES_FIELD)
        .value(address.to_string())
        .detail(why))
}

/// The one way in which an order is proved.
fn proof(purchase: &Purchase) -> Result<(Option<ProofMethod>, Option<EmailAddress>), Failure> {
    let mut methods = purchase.validation.iter().map(|named| &named.method);
    let first = methods
        .next()
        .ok_or_else(|| Failure::field(Reason::Missing, "approver_method"))?;
    let unsupported = |what: &str, why: Words| {
        Failure::field(Reason::Invalid, "approver_method")
            .value(what)
            .detail(why)
    };
    let proof = ProofMethod::of(first).ok_or_else(|| {
        unsupported(
            &format!("{first:?}"),
            words!(
                "the vendor validates by e-mail, TXT record or a file over http",
                "поставщик подтверждает по e-mail, записью TXT или файлом по http"
            ),
        )
    })?;
    if let Some(other) = methods.find(|method| ProofMethod::of(method) != Some(proof)) {
        let why = words!(
            "the vendor validates all names of an order in the same way",
            "все имена заказа поставщик подтверждает одним способом"
        );
        return Err(unsupported(&format!("{other:?}"), why));
    }
    if proof == ProofMethod::Url && purchase.common_name.is_wildcard() {
        let why = words!(
            "a file proves no wildcard name",
            "файлом нельзя подтвердить имя со звёздочкой"
        );
        return Err(unsupported("file", why));
    }
    let approver = match first {
        ValidationMethod::Email(address) => Some(address.clone()),
        _ => None,
    };
    Ok((Some(proof), approver))
}

/// The name for which approver addresses are asked: the common name as it is, which is what known
/// clients send for wildcards, too (globalsign.md 4.1).
pub(super) fn approver_fqdn(name: &DomainName) -> &str {
    name.as_str()
}

/// What an order call needs beside the purchase.
pub(super) struct Ordering<'a> {
    pub(super) header: Header,
    pub(super) suffix: &'a str,
    pub(super) default_unit: Option<&'a str>,
}

impl Ordering<'_> {
    /// The call that orders, with the pre-issued number where the call takes one.
    ///
    /// # Errors
    /// Data the product needs and the purchase does not hold, by field.
    pub(super) fn call(
        &self,
        purchase: &Purchase,
        plan: &Plan,
        number: &str,
    ) -> Result<Call, Failure> {
        if let PurchaseKind::Reissue { order, .. } = &purchase.kind {
            return Ok(self.reissue(purchase, plan, order));
        }
        let order_request_header = self.header.clone();
        let order_request_parameter = self.parameter(purchase, plan);
        let sub_id = Text::filled(purchase.key.as_str());
        let contact_info = contact(&purchase.administrative);
        let second_contact_info = second_contact(purchase);
        let san_entries = san_entries(plan);
        Ok(match (plan.product.family, plan.proof) {
            (Family::Organization, _) => Call::OvOrder(Request {
                request: OvOrder {
                    order_request_header,
                    order_request_parameter,
                    sub_id: Text::new(purchase.key.as_str()),
                    organization_info: organization(company(purchase)?)?,
                    contact_info,
                    second_contact_info,
                    san_entries,
                },
            }),
            (Family::Extended, _) => {
                let company = company(purchase)?;
                let officer = self.officer(purchase, company)?;
                Call::EvOrder(Box::new(Request {
                    request: EvOrder {
                        order_request_header,
                        order_request_parameter,
                        sub_id,
                        organization_info: organization_ev(company)?,
                        requestor_info: officer.clone(),
                        authorized_signer_info: signer(&officer),
                        approver_info: officer,
                        jurisdiction_info: jurisdiction(company)?,
                        contact_info,
                        second_contact_info,
                        san_entries,
                    },
                }))
            }
            (_, Some(proof @ (ProofMethod::Dns | ProofMethod::Url))) => {
                let request = Request {
                    request: ProofOrder {
                        order_request_header,
                        order_request_parameter,
                        sub_id,
                        contact_info,
                        second_contact_info,
                        san_entries,
                    },
                };
                if proof == ProofMethod::Dns {
                    Call::DvDnsOrder(request)
                } else {
                    Call::UrlVerification(request)
                }
            }
            (_, Some(ProofMethod::Email) | None) => {
                let approver = plan
                    .approver
                    .as_ref()
                    .ok_or_else(|| Failure::field(Reason::Missing, "approver_email"))?;
                let order_id = Text::filled(number).ok_or_else(|| {
                    Failure::new(Reason::Internal).detail(words!(
                        "an order by e-mail was not given its order number",
                        "заказ с подтверждением по e-mail не получил своего номера"
                    ))
                })?;
                Call::DvOrder(Request {
                    request: DvOrder {
                        order_request_header,
                        order_request_parameter,
                        sub_id,
                        order_id,
                        approver_email: Text::new(approver.as_str()),
                        contact_info,
                        second_contact_info,
                        san_entries,
                    },
                })
            }
        })
    }

    /// The same parameters without buying.
    pub(super) fn validate(&self, purchase: &Purchase, plan: &Plan) -> ValidateOrderParameters {
        ValidateOrderParameters {
            order_request_header: self.header.clone(),
            order_request_parameter: self.parameter(purchase, plan),
            fqdn: Text::new(purchase.common_name.as_str()),
            san_entries: san_entries(plan),
        }
    }

    fn parameter(&self, purchase: &Purchase, plan: &Plan) -> OrderRequestParameter {
        let previous = match &purchase.kind {
            PurchaseKind::Renewal { previous } => Some(Text::new(previous.as_str())),
            PurchaseKind::New | PurchaseKind::Reissue { .. } => None,
        };
        let code = product_code(plan.product.family, plan.proof, self.suffix);
        OrderRequestParameter {
            product_code: Text::new(code),
            base_option: plan.product.wildcard.then(|| Text::new("wildcard")),
            order_kind: Text::new(if previous.is_some() { "renewal" } else { "new" }),
            licenses: Text::new("1"),
            options: (!plan.entries().is_empty()).then(|| Options {
                options: vec![OrderOption {
                    option_name: Text::new("SAN"),
                    option_value: Text::new("true"),
                }],
            }),
            validity_period: ValidityPeriod {
                months: Text::new(purchase.term.0.to_string()),
            },
            csr: Text::new(&purchase.csr_pem),
            renewal_target_order_id: previous,
        }
    }

    fn reissue(&self, purchase: &Purchase, plan: &Plan, order: &VendorOrderId) -> Call {
        let names: Vec<_> = plan.entries().into_iter().map(|(_, name)| name).collect();
        Call::ReIssue(Request {
            request: ReIssue {
                order_request_header: self.header.clone(),
                order_parameter: ReIssueParameter {
                    csr: Text::new(&purchase.csr_pem),
                    dns_names: Text::filled(names.join(",")),
                },
                target_order_id: Text::new(order.as_str()),
                hash_algorithm: Text::new(HASH),
            },
        })
    }

    fn officer(&self, purchase: &Purchase, company: &Organization) -> Result<Officer, Failure> {
        let person = &purchase.administrative;
        let csr = || Csr::parse(&purchase.csr_pem).ok();
        let unit = Text::filled(&company.division)
            .or_else(|| Text::filled(csr()?.subject().unit.as_deref()?))
            .or_else(|| self.default_unit.and_then(Text::filled))
            .ok_or_else(|| Failure::field(Reason::Missing, "org_division"))?;
        Ok(Officer {
            first_name: Text::line(&person.first_name),
            last_name: Text::line(&person.last_name),
            function: needed(&person.job_title, "adm_jtitle")?,
            organization_name: needed(&company.name, "org_name")?,
            organization_unit: unit,
            phone: Text::new(person.phone.as_str()),
            email: Text::new(person.email.as_str()),
        })
    }
}

fn company(purchase: &Purchase) -> Result<&Organization, Failure> {
    purchase
        .organization
        .as_ref()
        .ok_or_else(|| Failure::field(Reason::Missing, "org_name"))
}

fn contact(person: &Contact) -> ContactInfo {
    ContactInfo {
        first_name: Text::line(&person.first_name),
        last_name: Text::line(&person.last_name),
        phone: Text::new(person.phone.as_str()),
        email: Text::new(person.email.as_str()),
    }
}

/// The technical contact, when it is somebody else.
fn second_contact(purchase: &Purchase) -> Option<SecondContactInfo> {
    let person = &purchase.technical;
    (person.email != purchase.administrative.email).then(|| SecondContactInfo {
        first_name: Text::line(&person.first_name),
        last_name: Text::line(&person.last_name),
        email: Text::new(person.email.as_str()),
    })
}

fn san_entries(plan: &Plan) -> Option<SanEntries> {
    let entries: Vec<_> = plan
        .entries()
        .into_iter()
        .map(|(kind, name)| SanEntry {
            san_option_type: Text::new(kind.code()),
            subject_alt_name: Text::new(name),
        })
        .collect();
    (!entries.is_empty()).then_some(SanEntries { entries })
}

fn signer(officer: &Officer) -> AuthorizedSigner {
    AuthorizedSigner {
        organization_name: officer.organization_name.clone(),
        first_name: officer.first_name.clone(),
        last_name: officer.last_name.clone(),
        function: officer.function.clone(),
        phone: officer.phone.clone(),
        email: officer.email.clone(),
    }
}
