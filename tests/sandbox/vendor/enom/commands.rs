//! What each command does; those about one slot stand in `slots`.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::super::authority::Authority;
use super::super::{Sale, SaleKind};
use super::answer::{Complaint, Item, amount, complaint, data, day, group, moment, text};
use super::products::{PRODUCTS, by_code};
use super::state::{Slot, State};

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
    pub(super) fn value(&self, name: &str) -> &str {
        let found = self.form.iter().find(|(known, _)| known == name);
        found.map_or("", |(_, value)| value.as_str())
    }

    pub(super) fn slot(&mut self) -> Result<&mut Slot, Complaint> {
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
            text("Balance", self.money(self.state.balance + 5_000)),
            text("AvailableBalance", self.money(self.state.balance)),
            text("DomainCount", 7),
        ]
    }

    fn money(&self, cents: i64) -> String {
        match amount(cents).strip_prefix('-') {
            Some(positive) if self.state.switches.brackets => format!("({positive})"),
            _ => amount(cents),
        }
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
        let (matching, all) = (slots.len(), self.state.listed(self.now).count());
        let page: Vec<&Slot> = slots.into_iter().skip(start - 1).take(size).collect();
        if page.is_empty() {
            // The recorded form: no list and no paging, and the account's total (enom.md 19).
            return vec![text("CertGetCerts", ""), text("TotalCertCount", all)];
        }
        let counts_account = self.state.switches.account_totals;
        let total = if counts_account { all } else { matching };
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
            text("TotalCertCount", all),
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
        if total < start {
            return vec![text("OrderList", "")];
        }
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
            if !self.state.switches.without_order_pages {
                items.push(text("NextStartPosition", start + 25));
            }
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
        let (certificates, at, cents) = match (slot, other) {
            (Some(slot), _) => {
                let cents = slot.product.price * i64::from(slot.years);
                ("True", slot.bought, cents)
            }
            (None, Some(other)) => ("False", other.at, other.cents),
            (None, None) => return Err(complaint("The order was not found", 316_186)),
        };
        let amount = match self.state.switches.without_order_amounts {
            true => String::new(),
            false => format!("${}", amount(cents)),
        };
        let line = vec![text("Quantity", 1), text("OrderStatus", "Closed")];
        let order = vec![
            text("OrderID", id),
            text("Result", "True"),
            text("BillDate", moment(at)),
            text("OrderBillAmount", amount),
            text("Certs", certificates),
            text("OrderStatus", self.state.switches.order_status),
            text("StatusDesc", "Order complete"),
            group("OrderDetail", line),
        ];
        Ok(vec![group("Order", order)])
    }
}
