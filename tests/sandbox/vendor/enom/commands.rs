//! What each command does.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::super::authority::{Authority, LineEnds, block, pem};
use super::super::csr::Csr;
use super::super::{Sale, SaleKind};
use super::answer::{
    Complaint, Item, amount, complaint, data, day, group, indented, moment, text, typed,
};
use super::parameters::BLOCKS;
use super::products::{PRODUCTS, by_code};
use super::state::{BLANK, Slot, State};

/// Form of a request.
pub type Form = [(String, String)];

/// What a command answers below the root.
pub type Outcome = Result<Vec<Item>, Complaint>;

/// Everything a command may touch.
pub struct Context<'a> {
    pub state: &'a mut State,
    pub authority: &'a Authority,
    pub now: DateTime<Utc>,
    pub form: &'a Form,
}

impl Context<'_> {
    fn value(&self, name: &str) -> &str {
        let found = self.form.iter().find(|(known, _)| known == name);
        found.map_or("", |(_, value)| value.as_str())
    }

    fn slot(&mut self) -> Result<&mut Slot, Complaint> {
        let id = self.value("CertID").to_owned();
        let slot = self.state.slot(&id);
        slot.ok_or_else(|| complaint("The certificate was not found", 316_397))
    }

    /// Runs a command by its documented name.
    pub fn run(&mut self, command: &str) -> Outcome {
        match command {
            "CheckLogin" => Ok(self.check_login()),
            "GetBalance" => Ok(self.balance()),
            "GetCerts" => Ok(self.catalogue()),
            "PurchaseServices" => self.purchase(),
            "CertGetCerts" => Ok(self.list()),
            "CertGetCertDetail" => self.detail(),
            "CertConfigureCert" => self.configure(),
            "CertGetApproverEmail" => self.approver_list(),
            "CertPurchaseCert" => self.submit(),
            "CertChangeApproverEmail" => self.change_approver(),
            "CertResendApproverEmail" => self.resend(),
            "CertReissueCert" => self.reissue(),
            "CertModifyOrder" => self.withdraw(),
            "GetOrderList" => Ok(self.orders()),
            "GetOrderDetail" => self.order(),
            other => Err(complaint(format!("{other} is unknown"), 304_150)),
        }
    }

    fn check_login(&self) -> Vec<Item> {
        let reseller = if self.state.switches.reseller {
            "True"
        } else {
            "False"
        };
        vec![
            text("PartyID", "{9F0D0E4C-0000-4000-8000-000000000001}"),
            text("Reseller", reseller),
            text("ParentAccount", "000-00-0000"),
            text("Account", "123-ab-4567"),
        ]
    }

    fn balance(&self) -> Vec<Item> {
        vec![
            text("Reseller", 1),
            text("Balance", amount(self.state.balance + 5_000)),
            text("AvailableBalance", amount(self.state.balance)),
            text("DomainCount", 7),
        ]
    }

    fn catalogue(&self) -> Vec<Item> {
        let entries = PRODUCTS.iter().zip(1..).map(|(product, number)| {
            let mut items = vec![
                text("ProdCode", product.code.to_lowercase()),
                text("ProdType", product.kind),
                text("ProdDesc", product.description()),
                text("QtyDesc", "Year(s)"),
                text("RetailPrice", format!("${}", amount(product.price * 2))),
                text("ResellerPrice", format!("${}", amount(product.price))),
                text("Enabled", "True"),
            ];
            items.extend((1..=product.years).map(|years| text("Years", years)));
            group(&format!("Cert{number}"), items)
        });
        let certs = group("Certs", entries.collect());
        vec![
            group("GetCerts", vec![text("Reseller", "True"), certs]),
            text("CertCount", PRODUCTS.len()),
        ]
    }

    fn purchase(&mut self) -> Outcome {
        let service = self.value("Service").to_owned();
        let product = by_code(&service)
            .ok_or_else(|| complaint(format!("{service} is no service"), 304_220))?;
        let years: u32 = self.value("NumYears").parse().unwrap_or(1);
        if years == 0 || years > product.years {
            return Err(complaint("Invalid number of years", 303_197));
        }
        let price = product.price * i64::from(years);
        if self.state.balance < price {
            return Err(complaint(
                "The reseller's balance does not cover this",
                524_181,
            ));
        }
        self.state.balance -= price;
        let id = self.state.number(901_000);
        let order = self.state.number(300_111_000);
        let bought = self.now - self.state.switches.backdate;
        self.state
            .slots
            .push(Slot::new(id, order, product, years, bought));
        self.state.sales.push(Sale {
            order: id.to_string(),
            custom: String::new(),
            product: product.code.to_owned(),
            amount: price,
            at: self.now,
            kind: SaleKind::Order,
            refunded: false,
        });
        // Small letters, as clients read it (enom.md 6).
        Ok(vec![text("certid", id), text("orderid", order)])
    }

    fn list(&self) -> Vec<Item> {
        let number = |name: &str, default: usize| self.value(name).parse().unwrap_or(default);
        let (start, size) = (
            number("StartPosition", 1).max(1),
            number("PagingPageSize", 25),
        );
        let status = number("CertStatusID", 0);
        let from = NaiveDate::parse_from_str(self.value("OrderDateStart"), "%m/%d/%Y").ok();
        let kind = self.value("ProdType");
        let mut slots: Vec<&Slot> = self
            .state
            .listed(self.now)
            .filter(|slot| kind.is_empty() || slot.product.kind.to_string() == kind)
            .filter(|slot| status == 0 || slot.shown().0 as usize == status)
            .filter(|slot| from.is_none_or(|from| slot.bought.date_naive() >= from))
            .collect();
        slots.sort_by_key(|slot| slot.id);
        if self.value("SortByDirection") == "Desc" {
            slots.reverse();
        }
        let total = slots.len();
        let page: Vec<&Slot> = slots.into_iter().skip(start - 1).take(size).collect();
        let mut items: Vec<Item> = page.iter().map(|slot| self.row(slot)).collect();
        items.push(text("ProductType", kind));
        items.push(text(
            "StatusID",
            if status == 0 {
                "all".to_owned()
            } else {
                status.to_string()
            },
        ));
        items.push(text("StartPosition", start));
        items.push(text("PagingPageSize", size));
        items.push(text("Count", page.len()));
        items.push(text("Sortby", "CertID"));
        items.push(text(
            "SortByDirection",
            self.value("SortByDirection").to_lowercase(),
        ));
        items.push(text("TotalRecords", total));
        vec![
            group("CertGetCerts", vec![group("Certs", items)]),
            text("TotalCertCount", total),
        ]
    }

    fn row(&self, slot: &Slot) -> Item {
        let (status, words) = slot.shown();
        let configured = slot.configured.map(day).unwrap_or_default();
        group(
            "Cert",
            vec![
                text("IsExpired", "False"),
                text("CertID", slot.id),
                text("OrderDate", day(slot.bought)),
                text("ConfigDate", configured),
                data("DomainName", slot.domain()),
                text("ValidityPeriod", slot.years * 12),
                text("RenewalIndicator", "False"),
                text("ProdType", slot.product.kind),
                text("ProdDesc", slot.product.description()),
                text("ExpirationDate", day(slot.term_end())),
                text("ServerCount", 1),
                text("CertStatus", words),
                text("CertStatusID", status),
                text("OrderID", slot.order),
                text("DomainCountAllowed", ""),
                text("ReissueStatus", ""),
            ],
        )
    }

    fn detail(&mut self) -> Outcome {
        let private_keys = self.state.switches.private_keys;
        let servers = self.state.switches.servers.clone();
        let chain = pem(&[self.authority.intermediate()], LineEnds::CrLf);
        let slot = self.slot()?.clone();
        let (status, words) = slot.shown();
        let mut items = vec![
            text("CertID", slot.id),
            text("OrderID", slot.order),
            text("OrderDetailID", slot.order + 1),
            data("DomainName", slot.domain()),
            text("ValidityPeriod", slot.years * 12),
            text("OrderDate", moment(slot.bought)),
            text(
                "ConfigDate",
                slot.configured.map(moment).unwrap_or_default(),
            ),
            text("ExpirationDate", moment(slot.term_end())),
            text("RenewalIndicator", "False"),
            text("ProdType", slot.product.kind),
            text("WebServerTypeID", &slot.server),
            text("ServerCount", 1),
            text("CertStatusID", status),
            text("CertStatus", words),
            text("CertStatusDetail", &slot.remark),
            text("Message", ""),
            text("ApproverEmail", &slot.approver),
            text("DVAuthMethod", &slot.method),
            text("ProdDesc", slot.product.description()),
            text("UseWebHosting", 0),
            text(
                "ReissueStatus",
                if slot.reissuing { "In Process" } else { "" },
            ),
        ];
        if slot.method == "FILE" {
            items.push(text("FileAuthName", file_name(&slot)));
            items.push(data(
                "FileAuthContents",
                format!("\r\n{}\r\n", file_content(&slot)),
            ));
        }
        let leaf = slot
            .issued
            .as_ref()
            .map(|issued| pem(&[&issued.der], LineEnds::CrLf));
        items.push(data(
            "SSLCertificate",
            leaf.as_deref().map(indented).unwrap_or_default(),
        ));
        let chain = leaf.is_some().then(|| indented(&chain));
        items.push(data("CACerts", chain.unwrap_or_default()));
        let csr = slot
            .csr
            .as_ref()
            .map(|csr| block("NEW CERTIFICATE REQUEST", &csr.der, LineEnds::CrLf));
        items.push(data("CSR", csr.unwrap_or_default()));
        if private_keys {
            items.push(data(
                "PVT",
                block("RSA PRIVATE KEY", b"vendor made private key", LineEnds::Lf),
            ));
        }
        if slot.authority_order > 0 {
            items.push(text("ReferenceID", slot.authority_order));
        }
        items.extend(stored_contacts(&slot));
        let servers = servers.unwrap_or_else(|| {
            let family: &[&str] = if slot.product.is_comodo() {
                &["1000", "1002", "1014"]
            } else {
                &["1", "18", "33"]
            };
            family.iter().map(|id| (*id).to_owned()).collect()
        });
        let servers = servers.iter().map(|id| {
            let items = vec![
                text("WebServerTypeID", id),
                text("WebServerTypeName", "Some server"),
            ];
            group("WebServerType", items)
        });
        items.push(group("WebServerTypes", servers.collect()));
        Ok(vec![group("CertGetCertDetail", items)])
    }

    fn configure(&mut self) -> Outcome {
        if let Some(text) = self.state.switches.refuse_configure.clone() {
            return Err(complaint(text, 304_397));
        }
        let (now, form) = (self.now, self.form);
        let (csr, server) = (
            self.value("CSR").to_owned(),
            self.value("WebServerType").to_owned(),
        );
        let names = self.names();
        let mailboxes = self.mailboxes_for(&csr);
        let private_keys = self.state.switches.private_keys;
        let slot = self.slot()?;
        if !slot.is_open() {
            return Err(complaint(
                "This certificate cannot be configured now",
                316_239,
            ));
        }
        let csr = Csr::parse(&csr).map_err(|why| complaint(format!("CSR: {why}"), 304_397))?;
        if csr.common_name.starts_with("*.") != slot.product.is_wildcard() {
            return Err(complaint(
                "The common name does not suit the product",
                304_153,
            ));
        }
        let comodo = server.parse::<u32>().is_ok_and(|id| id >= 1000);
        if comodo != slot.product.is_comodo() {
            return Err(complaint(
                "The web server does not suit the product",
                304_397,
            ));
        }
        if slot.product.is_list() == names.is_empty() {
            return Err(complaint(
                "The list of names does not suit the product",
                304_153,
            ));
        }
        let contacts = form
            .iter()
            .filter(|(name, _)| BLOCKS.iter().any(|block| name.starts_with(block)));
        slot.contacts = contacts.cloned().collect();
        slot.server = server;
        slot.names = names;
        slot.configured = Some(now);
        let subject = &csr.subject;
        let read = group(
            "CSRData",
            vec![
                text("Success", "True"),
                text("Organization", &subject.organization),
                text("DomainName", &csr.common_name),
                text("Email", &subject.email),
                text("HasBadExtensions", "false"),
                text("Locality", &subject.locality),
                text("OrganizationUnit", &subject.unit),
                text("State", &subject.state),
                text("Country", &subject.country),
            ],
        );
        let mut items = vec![
            text("CertID", slot.id),
            text("ProdType", slot.product.kind),
            read,
            text("ApproverEmail", ""),
            text("Success", "True"),
        ];
        slot.csr = Some(csr);
        if private_keys {
            items.push(data("RSA", "vendor made private key"));
        }
        items.extend(approver_items(&mailboxes));
        Ok(vec![group("CertConfigureCert", items)])
    }

    fn names(&self) -> Vec<String> {
        let count: u32 = self.value("DomainListNumber").parse().unwrap_or(0);
        let numbers = 1..=count;
        numbers
            .map(|number| self.value(&format!("UCCDomainList{number}")).to_owned())
            .collect()
    }

    fn mailboxes_for(&self, csr: &str) -> Vec<String> {
        let name = Csr::parse(csr)
            .map(|csr| csr.common_name)
            .unwrap_or_default();
        self.mailboxes(name.trim_start_matches("*."))
    }

    /// The five mailboxes at a name and its parents, as far as they have a dot.
    fn mailboxes(&self, name: &str) -> Vec<String> {
        if let Some(fixed) = &self.state.switches.approvers {
            return fixed.clone();
        }
        let mut hosts = vec![name];
        while let Some((_, parent)) = hosts.last().and_then(|host| host.split_once('.')) {
            if !parent.contains('.') {
                break;
            }
            hosts.push(parent);
        }
        let boxes = [
            "admin",
            "administrator",
            "hostmaster",
            "postmaster",
            "webmaster",
        ];
        let at = |host: &&str| boxes.map(|mailbox| format!("{mailbox}@{host}"));
        hosts.iter().flat_map(at).collect()
    }

    fn approver_list(&mut self) -> Outcome {
        let domain = self.value("Domain").to_owned();
        self.slot()?;
        let mut items = vec![text("Success", "True")];
        items.extend(approver_items(&self.mailboxes(&domain)));
        // The capital M is the vendor's (enom.md 9).
        Ok(vec![group("CertGetApproverEMail", items)])
    }

    fn submit(&mut self) -> Outcome {
        let (mailbox, method) = (
            self.value("ApproverEmail").to_owned(),
            self.value("DVAuthMethod").to_owned(),
        );
        let names = self.names();
        let listed: Vec<String> = (1..=names.len())
            .map(|number| self.value(&format!("UCCEmailList{number}")).to_owned())
            .collect();
        let subject = [
            "CSROrganization",
            "CSRAddress1",
            "CSRLocality",
            "CSRStateProvince",
            "CSRPostalCode",
            "CSRCountry",
        ];
        let missing = subject
            .iter()
            .find(|name| self.value(name).is_empty())
            .copied();
        let domain = self.slot()?.domain().to_owned();
        let allowed: Vec<String> = if names.is_empty() {
            self.mailboxes(domain.trim_start_matches("*."))
        } else {
            names.iter().flat_map(|name| self.mailboxes(name)).collect()
        };
        let number = self.state.number(4_455_000);
        let slot = self.slot()?;
        if !slot.is_open() || slot.csr.is_none() {
            return Err(complaint(
                "This certificate cannot be purchased now",
                316_239,
            ));
        }
        if slot.product.is_comodo()
            && let Some(missing) = missing
        {
            return Err(complaint(format!("{missing} is missing"), 301_397));
        }
        if names != slot.names {
            return Err(complaint(
                "The list of names is not that of the configuration",
                304_153,
            ));
        }
        let file = method == "File";
        if file && !slot.product.takes_file() {
            return Err(complaint("The product takes no file", 304_397));
        }
        let chosen = if names.is_empty() {
            vec![mailbox.clone()]
        } else {
            listed
        };
        if !file && chosen.iter().any(|mailbox| !allowed.contains(mailbox)) {
            return Err(complaint("The approver address is not allowed", 304_012));
        }
        slot.method = if file {
            "FILE".to_owned()
        } else {
            String::new()
        };
        slot.approver = if file {
            String::new()
        } else {
            chosen.first().cloned().unwrap_or_default()
        };
        slot.authority_order = number;
        slot.status = slot.submitted_status();
        slot.remark.clear();
        slot.mails += 1;
        let file = |value: String| if file { value } else { String::new() };
        let (name, content) = (file(file_name(slot)), file(file_content(slot)));
        Ok(vec![group(
            "CertPurchaseCert",
            vec![
                text("Success", "True"),
                text("GeoTrustOrderID", number),
                text("ApproverEmail", &slot.approver),
                text("DVAuthMethod", &slot.method),
                text("FileAuthName", name),
                text("FileAuthContents", content),
                text("DNSAuthEntry", ""),
                text("DNSAuthAddress", ""),
                text("CertID", slot.id),
            ],
        )])
    }

    fn change_approver(&mut self) -> Outcome {
        let mailbox = self.value("ApproverEmail").to_owned();
        let domain = self.slot()?.domain().to_owned();
        let allowed = self.mailboxes(domain.trim_start_matches("*."));
        let slot = self.slot()?;
        if !slot.is_pending() {
            return Err(complaint("The order is not pending", 316_239));
        }
        if !allowed.contains(&mailbox) {
            return Err(complaint("The approver address is not allowed", 304_012));
        }
        slot.approver = mailbox;
        slot.mails += 1;
        let items = vec![
            data("ApproverEmail", &slot.approver),
            text("Success", "true"),
        ];
        Ok(vec![group("CertChangeApproverEmail", items)])
    }

    fn resend(&mut self) -> Outcome {
        let slot = self.slot()?;
        if !slot.is_pending() {
            return Err(complaint("The order is not pending", 316_239));
        }
        slot.mails += 1;
        let items = vec![
            text("ApproverEmail", &slot.approver),
            text("Success", "true"),
        ];
        Ok(vec![group("CertResendApproverEmail", items)])
    }

    fn reissue(&mut self) -> Outcome {
        let (csr, now) = (self.value("CSR").to_owned(), self.now);
        let csr = Csr::parse(&csr).map_err(|why| complaint(format!("CSR: {why}"), 304_397))?;
        let slot = self.slot()?;
        if slot.product.is_comodo() {
            return Err(complaint("Not available for this certificate", 315_397));
        }
        if slot.issued.is_none() || slot.reissuing {
            return Err(complaint("The certificate cannot be reissued now", 316_239));
        }
        if csr.common_name != slot.domain() {
            return Err(complaint(
                "The name differs from that of the certificate",
                304_153,
            ));
        }
        slot.csr = Some(csr);
        slot.reissuing = true;
        let sale = Sale {
            order: slot.id.to_string(),
            custom: String::new(),
            product: slot.product.code.to_owned(),
            amount: 0,
            at: now,
            kind: SaleKind::Reissue,
            refunded: false,
        };
        self.state.sales.push(sale);
        let items = vec![
            text("Success", "True"),
            text("Message", "Reissue submitted"),
        ];
        Ok(vec![group("CertReissueCert", items)])
    }

    fn withdraw(&mut self) -> Outcome {
        let slot = self.slot()?;
        if !slot.is_pending() || slot.issued.is_some() {
            return Err(complaint("The order is not pending", 316_239));
        }
        slot.status = BLANK;
        Ok(vec![group(
            "CertModifyOrder",
            vec![text("CertID", slot.id)],
        )])
    }

    fn orders(&self) -> Vec<Item> {
        let delay = self.state.switches.listing_delay;
        let certificates = self
            .state
            .slots
            .iter()
            .map(|slot| (slot.order, slot.bought, delay));
        let others = self
            .state
            .others
            .iter()
            .map(|other| (other.id, other.at, TimeDelta::zero()));
        let parse = |name: &str| NaiveDate::parse_from_str(self.value(name), "%m/%d/%Y").ok();
        let (from, to) = (parse("BeginDate"), parse("EndDate"));
        let mut orders: Vec<(u64, DateTime<Utc>)> = certificates
            .chain(others)
            .filter(|(_, at, delay)| *at + *delay <= self.now)
            .map(|(id, at, _)| (id, at))
            .filter(|(_, at)| from.is_none_or(|from| at.date_naive() >= from))
            .filter(|(_, at)| to.is_none_or(|to| at.date_naive() <= to))
            .collect();
        orders.sort_by_key(|(id, at)| (std::cmp::Reverse(*at), std::cmp::Reverse(*id)));
        let start: usize = self.value("Start").parse().unwrap_or(1).max(1);
        let total = orders.len();
        let mut items: Vec<Item> = orders
            .into_iter()
            .skip(start - 1)
            .take(25)
            .map(|(id, at)| {
                let items = vec![
                    text("OrderID", id),
                    text("OrderDate", moment(at)),
                    text("StatusDesc", "Order complete"),
                    text("OrderProcessFlag", 1),
                ];
                group("OrderDetail", items)
            })
            .collect();
        if start + 24 < total {
            items.push(text("ShowNextLink", "Yes"));
            items.push(text("NextStartPosition", start + 25));
        }
        items.push(text("RecordCount", total));
        vec![group("OrderList", items)]
    }

    fn order(&self) -> Outcome {
        let id = self.value("OrderID");
        let slot = self
            .state
            .slots
            .iter()
            .find(|slot| slot.order.to_string() == id);
        let other = self
            .state
            .others
            .iter()
            .find(|other| other.id.to_string() == id);
        let (certificates, at) = match (slot, other) {
            (Some(slot), _) => ("True", slot.bought),
            (None, Some(other)) => ("False", other.at),
            (None, None) => return Err(complaint("The order was not found", 316_186)),
        };
        let line = vec![text("Quantity", 1), text("OrderStatus", "Closed")];
        let order = vec![
            text("OrderID", id),
            text("Result", "True"),
            text("BillDate", moment(at)),
            text("Certs", certificates),
            text("OrderStatus", 6),
            text("StatusDesc", "Order complete"),
            group("OrderDetail", line),
        ];
        Ok(vec![group("Order", order)])
    }
}

/// One mailbox of each kind; the last has none (enom.md 8).
fn approver_items(mailboxes: &[String]) -> Vec<Item> {
    let mut items: Vec<Item> = mailboxes
        .iter()
        .map(|mailbox| typed("Approver", "Generic", vec![text("ApproverEmail", mailbox)]))
        .collect();
    items.push(typed("Approver", "Manual", Vec::new()));
    items
}

/// Contacts as details show them: one element for state or province (enom.md 7).
fn stored_contacts(slot: &Slot) -> Vec<Item> {
    slot.contacts
        .iter()
        .map(|(name, value)| {
            let name = ["State", "Province"]
                .iter()
                .find_map(|tail| name.strip_suffix(tail))
                .map_or_else(|| name.clone(), |block| format!("{block}StateProvince"));
            data(&name, value)
        })
        .collect()
}

fn file_name(slot: &Slot) -> String {
    let domain = slot.domain();
    format!("http://{domain}/.well-known/pki-validation/{}.txt", slot.id)
}

fn file_content(slot: &Slot) -> String {
    format!("token-{}", slot.id)
}
