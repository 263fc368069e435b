//! Commands about one slot.

use super::super::authority::{LineEnds, block, pem};
use super::super::csr::Csr;
use super::super::{Sale, SaleKind, mail_has_ended};
use super::answer::{Item, complaint, data, group, indented, moment, text, typed};
use super::commands::{Context, Outcome};
use super::parameters::BLOCKS;
use super::state::{BLANK, Slot};

impl Context<'_> {
    pub(super) fn detail(&mut self) -> Outcome {
        let private_keys = self.state.switches.private_keys;
        let servers = self.state.switches.servers.clone();
        let instead = self.state.switches.certificate.clone();
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
        let shown = leaf.as_deref().map(indented);
        items.push(data(
            "SSLCertificate",
            shown.map_or_else(String::new, |leaf| instead.unwrap_or(leaf)),
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

    pub(super) fn configure(&mut self) -> Outcome {
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

    pub(super) fn approver_list(&mut self) -> Outcome {
        let domain = self.value("Domain").to_owned();
        self.slot()?;
        let mut items = vec![text("Success", "True")];
        items.extend(approver_items(&self.mailboxes(&domain)));
        // The capital M is the vendor's (enom.md 9).
        Ok(vec![group("CertGetApproverEMail", items)])
    }

    pub(super) fn submit(&mut self) -> Outcome {
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
        let is_over = mail_has_ended(self.now);
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
        // The page excepts another product only, so a file does not replace it (enom.md 9, 19).
        if names.is_empty() && mailbox.is_empty() && !allowed.is_empty() {
            return Err(complaint("ApproverEmail is missing", 301_012));
        }
        let is_allowed =
            |mailbox: &String| allowed.contains(mailbox) || (file && mailbox.is_empty());
        if !chosen.iter().all(is_allowed) || (!file && is_over) {
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

    pub(super) fn change_approver(&mut self) -> Outcome {
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

    pub(super) fn resend(&mut self) -> Outcome {
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

    pub(super) fn reissue(&mut self) -> Outcome {
        let (csr, now) = (self.value("CSR").to_owned(), self.now);
        let csr = Csr::parse(&csr).map_err(|why| complaint(format!("CSR: {why}"), 304_397))?;
        let slot = self.slot()?;
        if slot.product.is_comodo() {
            return Err(complaint("Not available for this certificate", 315_397));
        }
        // What the vendor says then is not known.
        if slot.is_by_mail() && mail_has_ended(now) {
            return Err(complaint("The approver address is not allowed", 304_012));
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

    pub(super) fn withdraw(&mut self) -> Outcome {
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

/// What the proof of a slot's names is looked for by.
pub(super) fn proofs(slot: &Slot) -> Vec<String> {
    match (slot.method.as_str(), slot.approver.as_str()) {
        ("FILE", _) => vec![file_content(slot)],
        (_, "") => Vec::new(),
        (_, address) => vec![address.to_owned()],
    }
}

fn file_content(slot: &Slot) -> String {
    format!("token-{}", slot.id)
}
