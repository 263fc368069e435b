//! Services: what a client orders, and what became of it.

use std::collections::BTreeMap;

use rusqlite::{OptionalExtension, params};
use serde::Serialize;

use super::catalogue;
use super::platform::SavedCertificate;
use super::request::{self, Subject};
use super::world::Core;

/// A certificate service as the order form leaves it. All but account and template has a default.
#[derive(Debug, Clone)]
pub struct ItemSpec {
    pub account: u64,
    /// Product code of the tariff.
    pub template: String,
    /// Months; -100 is a trial.
    pub period: i64,
    /// Name of the generated CSR, when `csr` is not given.
    pub common_name: String,
    /// The CSR; `Some("")` orders without one.
    pub csr: Option<String>,
    /// Additional names (`altname`).
    pub altnames: Vec<String>,
    /// Number of additional names ordered with the tariff's addon; 0 is no addon.
    pub names_bought: u32,
    /// Further addons: internal name of the product type and the number ordered.
    pub addons: Vec<(String, u32)>,
    /// Contact of the administrator.
    pub administrative: Person,
    /// Technical contact.
    pub technical: Person,
    /// Organization fields; `None` leaves them out.
    pub organization: Option<Organization>,
    /// Comma list; `None` uses `admin@<common name>` for every name.
    pub approver_email: Option<String>,
    /// Empty leaves the parameter out.
    pub approver_method: String,
    /// Paid-till date, when the platform knows one already.
    pub expiredate: Option<String>,
    /// Further item parameters; they replace those above.
    pub parameters: Vec<(String, String)>,
}

/// A contact.
#[derive(Debug, Clone)]
pub struct Person {
    pub first: String,
    pub last: String,
    pub phone: String,
    pub email: String,
    pub title: String,
}

/// A company.
#[derive(Debug, Clone)]
pub struct Organization {
    pub name: String,
    pub address: String,
    pub city: String,
    pub state: String,
    pub postcode: String,
    /// Two letters; stored as the platform's numeric id.
    pub country: String,
    pub phone: String,
    pub division: String,
    pub duns: String,
}

impl ItemSpec {
    /// An order of one year for `shop.example`, with contacts and organization.
    pub fn new(account: u64, template: &str) -> Self {
        Self {
            account,
            template: template.to_owned(),
            period: 12,
            common_name: "shop.example.com".to_owned(),
            csr: None,
            altnames: Vec::new(),
            names_bought: 0,
            addons: Vec::new(),
            administrative: Person::named("Anna", "Schmidt"),
            technical: Person::named("Peter", "Braun"),
            organization: Some(Organization::default()),
            approver_email: None,
            approver_method: String::new(),
            expiredate: None,
            parameters: Vec::new(),
        }
    }

    /// For this name.
    #[must_use]
    pub fn name(mut self, common_name: &str) -> Self {
        self.common_name = common_name.to_owned();
        self
    }

    /// For so many months.
    #[must_use]
    pub fn months(mut self, period: i64) -> Self {
        self.period = period;
        self
    }

    /// With additional names, bought with the addon.
    #[must_use]
    pub fn with_names(mut self, names: &[&str]) -> Self {
        self.altnames = names.iter().map(|name| (*name).to_owned()).collect();
        self.names_bought = names.len() as u32;
        self
    }

    /// With another addon.
    #[must_use]
    pub fn with_addon(mut self, kind: &str, count: u32) -> Self {
        self.addons.push((kind.to_owned(), count));
        self
    }

    /// With one more item parameter.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.parameters.push((name.to_owned(), value.to_owned()));
        self
    }
}

impl Person {
    /// A person with a telephone in the platform's mask form.
    pub fn named(first: &str, last: &str) -> Self {
        Self {
            first: first.to_owned(),
            last: last.to_owned(),
            phone: "+49 (30) 123-45-67".to_owned(),
            email: format!("{}@example.com", first.to_lowercase()),
            title: "Administrator".to_owned(),
        }
    }
}

impl Default for Organization {
    fn default() -> Self {
        Self {
            name: "Example Hosting GmbH".to_owned(),
            address: "Lindenstrasse 1".to_owned(),
            city: "Berlin".to_owned(),
            state: "Berlin".to_owned(),
            postcode: "10969".to_owned(),
            country: "DE".to_owned(),
            phone: "+49 (30) 765-43-21".to_owned(),
            division: "Web".to_owned(),
            duns: String::new(),
        }
    }
}

/// A service as the platform shows it.
#[derive(Debug, Clone, Serialize)]
pub struct ItemView {
    pub id: u64,
    pub account: Option<u64>,
    pub template: String,
    pub period: i64,
    /// Item status (billmanager.md 8.2).
    pub status: i64,
    /// Certificate status (billmanager.md 8.1).
    pub service_status: Option<u8>,
    pub opendate: Option<String>,
    pub expiredate: Option<String>,
    pub lastpricelist: Option<u64>,
    /// Item parameters.
    pub parameters: BTreeMap<String, String>,
    pub csr: String,
    /// Column `crt` as the module sent it: PEM, or base64 of an archive.
    pub crt: String,
    /// The last certificate that was saved.
    pub certificate: Option<SavedCertificate>,
    /// How often one was saved.
    pub saves: usize,
    /// `certificate.failed` was called.
    pub failed: bool,
}

impl ItemView {
    /// An item parameter, empty when absent.
    pub fn parameter(&self, name: &str) -> &str {
        self.parameters.get(name).map_or("", String::as_str)
    }
}

impl Core {
    /// The database loses what was written since: parameters of a service as they were. What was
    /// not there then is gone.
    pub fn set_back(&self, item: u64, former: &BTreeMap<String, String>) {
        let panel = self.panel();
        for name in self.item(item).parameters.keys() {
            if !former.contains_key(name) {
                panel.set_parameter(item, name, None);
            }
        }
        for (name, value) in former {
            panel.set_parameter(item, name, Some(value));
        }
    }

    /// Orders a service: the item, its parameters, its CSR, the addon for names.
    pub fn add_item(&self, spec: &ItemSpec) -> u64 {
        let panel = self.panel();
        let id = panel.next_id("item");
        let tariff = self.tariff(spec.account, &spec.template);
        let today = panel.today().to_string();
        panel.execute(
            "INSERT INTO item (id, name, account, pricelist, processingmodule, period, status, createdate, expiredate) \
             VALUES (?, ?, 1, ?, ?, ?, 1, ?, ?)",
            params![
                id,
                spec.common_name,
                tariff,
                spec.account,
                spec.period,
                today,
                spec.expiredate
            ],
        );
        let pair = match &spec.csr {
            Some(csr) => request::Pair {
                key: String::new(),
                csr: csr.clone(),
            },
            None => request::elliptic(&Subject {
                organization: spec
                    .organization
                    .as_ref()
                    .map(|organization| organization.name.clone())
                    .unwrap_or_default(),
                ..Subject::of(&spec.common_name)
            }),
        };
        panel.execute(
            "INSERT INTO certificate (item, pkey, csr, crt) VALUES (?, ?, ?, '')",
            params![id, pair.key, pair.csr],
        );
        for (name, value) in self.form(spec) {
            panel.set_parameter(id, &name, Some(&value));
        }
        let names = (catalogue::NAMES.to_owned(), spec.names_bought);
        let names = Some(names).filter(|(_, count)| *count > 0);
        for (kind, count) in names.iter().chain(&spec.addons) {
            let addon = panel.next_id("item");
            panel.execute(
                "INSERT INTO item (id, name, account, pricelist, parent, processingmodule, period, status, intvalue) \
                 VALUES (?, ?, 1, ?, ?, ?, ?, 1, ?)",
                params![
                    addon,
                    kind,
                    self.addon(tariff, kind),
                    id,
                    spec.account,
                    spec.period,
                    count
                ],
            );
        }
        id
    }

    /// The order form's parameters (billmanager.md 7).
    fn form(&self, spec: &ItemSpec) -> Vec<(String, String)> {
        let mut form = BTreeMap::new();
        let mut put = |name: String, value: &str| {
            if !value.is_empty() {
                form.insert(name, value.to_owned());
            }
        };
        for (prefix, person) in [("adm", &spec.administrative), ("tech", &spec.technical)] {
            put(format!("{prefix}_fname"), &person.first);
            put(format!("{prefix}_lname"), &person.last);
            put(format!("{prefix}_phone"), &person.phone);
            put(format!("{prefix}_email"), &person.email);
            put(format!("{prefix}_jtitle"), &person.title);
        }
        if let Some(organization) = &spec.organization {
            let country = self.country(&organization.country).to_string();
            for (name, value) in [
                ("org_name", &organization.name),
                ("org_address", &organization.address),
                ("org_city", &organization.city),
                ("org_state", &organization.state),
                ("org_postcode", &organization.postcode),
                ("org_country", &country),
                ("org_phone", &organization.phone),
                ("org_division", &organization.division),
                ("org_duns", &organization.duns),
            ] {
                put(name.to_owned(), value);
            }
        }
        put("altname".to_owned(), &spec.altnames.join(" "));
        let approver = spec.approver_email.clone().unwrap_or_else(|| {
            let names = std::iter::once(&spec.common_name).chain(&spec.altnames);
            let address = |name: &String| format!("admin@{}", name.trim_start_matches("*."));
            names.map(address).collect::<Vec<_>>().join(",")
        });
        put("approver_email".to_owned(), &approver);
        put("approver_method".to_owned(), &spec.approver_method);
        for (name, value) in &spec.parameters {
            form.insert(name.clone(), value.clone());
        }
        form.into_iter().collect()
    }

    /// The client asks for a reissue: a new CSR (`None`: a new key for the same subject) and new names.
    /// Returns the queued operation.
    pub fn reissue(&self, item: u64, csr: Option<&str>, names: &[&str]) -> u64 {
        let view = self.item(item);
        let csr = csr.map_or_else(
            || request::elliptic(&Subject::of(&self.common_name(&view))).csr,
            str::to_owned,
        );
        let panel = self.panel();
        panel.set_parameter(item, "old_altname", Some(view.parameter("altname")));
        panel.set_parameter(item, "altname", Some(&names.join(" ")));
        panel.execute(
            "UPDATE certificate SET csr = ? WHERE item = ?",
            params![csr, item],
        );
        self.queue(item, "reopen")
    }

    /// Common name of an item's CSR, lower-case.
    pub fn common_name(&self, view: &ItemView) -> String {
        super::vendor::csr::Csr::parse(&view.csr)
            .map(|csr| csr.common_name)
            .unwrap_or_default()
    }

    /// A service as it is now. Panics when there is none.
    pub fn item(&self, id: u64) -> ItemView {
        self.find_item(id).unwrap_or_else(|| panic!("no item {id}"))
    }

    /// A service as it is now.
    pub fn find_item(&self, id: u64) -> Option<ItemView> {
        let panel = self.panel();
        let view = panel.database.engine().with(|connection| {
            connection
                .query_row(
                    "SELECT item.processingmodule, pricelist.intname, item.period, item.status, item.opendate, \
                     item.expiredate, item.lastpricelist, certificate.csr, certificate.crt \
                     FROM item JOIN certificate ON certificate.item = item.id \
                     LEFT JOIN pricelist ON pricelist.id = item.pricelist WHERE item.id = ?",
                    params![id],
                    |row| {
                        Ok(ItemView {
                            id,
                            account: row.get(0)?,
                            template: row.get(1)?,
                            period: row.get(2)?,
                            status: row.get(3)?,
                            service_status: None,
                            opendate: row.get(4)?,
                            expiredate: row.get(5)?,
                            lastpricelist: row.get(6)?,
                            parameters: BTreeMap::new(),
                            csr: row.get(7)?,
                            crt: row.get(8)?,
                            certificate: None,
                            saves: 0,
                            failed: false,
                        })
                    },
                )
                .optional()
        });
        let mut view = view?;
        view.parameters = panel.database.engine().with(|connection| {
            connection
                .prepare_cached("SELECT intname, value FROM itemparam WHERE item = ?")?
                .query_map(params![id], |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect()
        });
        view.service_status = view.parameter("service_status").parse().ok();
        let saved = panel.saved(id);
        view.saves = saved.len();
        view.certificate = saved.last().cloned();
        view.failed = panel.failed().contains(&id);
        Some(view)
    }

    /// All certificate services.
    pub fn items(&self) -> Vec<u64> {
        self.panel().database.engine().with(|connection| {
            connection
                .prepare("SELECT item FROM certificate ORDER BY item")?
                .query_map([], |row| row.get(0))?
                .collect()
        })
    }
}
