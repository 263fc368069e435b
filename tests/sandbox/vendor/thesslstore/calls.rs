//! The calls beside ordering (thesslstore.md 4, 5, 8).

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use super::super::authority::Authority;
use super::place::{flag, number, read_csr, text};
use super::products::{Family, Level, Names, PRODUCTS, Product, TERMS, find};
use super::refusal::Refusal;
use super::reply;
use super::state::{Order, State};
use super::switches::{AccountError, BalanceShape};
use super::validation::approvers;

/// What a call works with.
pub struct Context<'a> {
    /// Everything that changes.
    pub state: &'a mut State,
    /// Signs.
    pub authority: &'a Authority,
    /// The vendor's clock.
    pub now: DateTime<Utc>,
    /// The order that a token stands for (2.1).
    pub scope: Option<usize>,
    /// The request, checked and in JSON's shape.
    pub request: &'a Value,
}

/// What a call answers.
pub type Answer = Result<Value, Refusal>;

impl Context<'_> {
    /// An `AuthResponse` without error.
    pub fn good(&self) -> Value {
        reply::auth(false, &[], self.request, self.now)
    }

    /// A wrapped answer.
    pub fn wrapped(&self, fields: Value) -> Value {
        let mut map = Map::new();
        map.insert("AuthResponse".to_owned(), self.good());
        if let Value::Object(fields) = fields {
            map.extend(fields);
        }
        Value::Object(map)
    }

    /// Position of the order that a request names, by either id. A custom id that is used twice finds
    /// the newest order; orders younger than the listing delay are not found by custom id.
    pub fn find_order(&self) -> Result<Option<usize>, Refusal> {
        let id = text(self.request, "TheSSLStoreOrderID");
        let custom = text(self.request, "CustomOrderID");
        let orders = &self.state.orders;
        if let Some(index) = self.scope {
            let same = matches!(id, "" | "0") || orders[index].id == id;
            return Ok(
                (same && (custom.is_empty() || orders[index].custom == custom)).then_some(index),
            );
        }
        match (id.is_empty(), custom.is_empty()) {
            (false, false) => Err(Refusal::own(
                "Give TheSSLStoreOrderID or CustomOrderID, not both",
            )),
            (true, true) => Err(Refusal::own("No order is named")),
            (false, true) => Ok(orders.iter().position(|order| order.id == id)),
            (true, false) => Ok(orders
                .iter()
                .rposition(|order| order.custom == custom && self.is_listed(order))),
        }
    }

    /// The same for calls that need an order.
    pub fn need_order(&self) -> Result<usize, Refusal> {
        self.find_order()?
            .ok_or_else(|| Refusal::own("The order was not found"))
    }

    fn is_listed(&self, order: &Order) -> bool {
        (self.now - order.purchased).num_seconds() >= self.state.switches.listing_delay
    }

    /// An order's answer.
    pub fn order_answer(&self, index: usize) -> Value {
        let order = &self.state.orders[index];
        Value::Object(reply::order(self.state, order, self.request, self.now))
    }
}

/// `user/accountdetail`.
pub fn account(context: &Context<'_>) -> Answer {
    let switches = &context.state.switches;
    let nested = context
        .request
        .get("AuthRequest")
        .is_some_and(Value::is_object);
    let error = match switches.account_error {
        AccountError::Always => true,
        AccountError::Never => false,
        AccountError::UnlessNested => !nested,
    };
    let cents = context.state.balance;
    let balance = match switches.balance_shape {
        BalanceShape::Number => Some(json!(cents as f64 / 100.0)),
        BalanceShape::Text => Some(json!(reply::amount(cents))),
        BalanceShape::Decorated => Some(json!(decorated(cents))),
        BalanceShape::Missing => None,
        BalanceShape::Words => Some(json!("not available")),
    };
    let mut answer = json!({
        "AuthResponse": reply::auth(error, &[], context.request, context.now),
        "PartnerCode": context.request.get("PartnerCode"),
        "CompanyName": "Example Hosting",
        "FullName": "Ann Lee",
        "Email": "ann@example.com",
        "AlternateEmail": null,
        "AccountType": "Reseller",
        "CurrentPlan": "Basic",
        "AllowCredit": false,
        "Address": "1 Main St",
        "City": "Springfield",
        "Country": "US",
        "Phone": "+1.5550100",
        "State": "IL",
        "Zip": "62701",
    });
    if let (Some(balance), Some(map)) = (balance, answer.as_object_mut()) {
        map.insert("AccountBalance".to_owned(), balance);
    }
    Ok(answer)
}

fn decorated(cents: i64) -> String {
    let plain = reply::amount(cents);
    let (whole, rest) = plain.split_once('.').unwrap_or((&plain, "00"));
    let mut grouped = String::new();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("${grouped}.{rest}")
}

/// `product/query`.
pub fn products(context: &Context<'_>) -> Answer {
    let code = text(context.request, "ProductCode");
    let wanted = match context.request.get("ProductType") {
        Some(Value::String(word)) => word
            .parse()
            .map_or_else(|_| word.clone(), |number| type_name(number).to_owned()),
        Some(number) => type_name(number.as_i64().unwrap_or_default()).to_owned(),
        None => "ALL".to_owned(),
    };
    let newer = flag(context.request, "IsForceNewSKUs");
    let list: Vec<Value> = PRODUCTS
        .iter()
        .filter(|product| code.is_empty() || product.code == code)
        .filter(|product| newer || !code.is_empty() || product.names != Names::Flex)
        .filter(|product| is_of_type(product, &wanted))
        .map(|product| context.wrapped(product_fields(product)))
        .collect();
    if list.is_empty() && !code.is_empty() {
        return Err(Refusal::own("Product code is not valid"));
    }
    Ok(Value::Array(list))
}

fn type_name(number: i64) -> &'static str {
    match number {
        0 => "ALL",
        1 => "DV",
        2 => "EV",
        3 => "OV",
        4 => "WILDCARD",
        7 => "SAN_ENABLED",
        _ => "NONE",
    }
}

fn is_of_type(product: &Product, wanted: &str) -> bool {
    match wanted {
        "ALL" => true,
        "DV" => product.level == Level::Dv,
        "OV" => product.level == Level::Ov,
        "EV" => product.level == Level::Ev,
        "WILDCARD" => product.wildcard,
        "SAN_ENABLED" => product.is_multi(),
        _ => false,
    }
}

fn product_fields(product: &Product) -> Value {
    let money = |cents: i64| cents as f64 / 100.0;
    let prices: Vec<Value> = TERMS
        .iter()
        .map(|months| {
            let price = product.price_of(*months).unwrap_or_default();
            json!({
                "NumberOfMonths": months,
                "NumberOfServer": 1,
                "Price": money(price),
                "SRP": money(price * 2),
                "PricePerAdditionalSAN": money(product.price_per_name(*months)),
                "PricePerAdditionalServer": 0.0,
                "PricePerWildcardSAN": money(product.price_per_wildcard(*months)),
                "WildcardPrice": 0.0,
                "WildcardSRP": 0.0,
            })
        })
        .collect();
    json!({
        "ProductCode": product.code,
        "ProductName": product.code,
        "ProductSlug": product.code.replace('_', "-"),
        "ProductDescription": "",
        "VendorName": match product.family {
            Family::Sectigo => "SECTIGO",
            Family::DigiCert => "DIGICERT",
            Family::Symantec => "SYMANTEC",
            Family::Certum => "CERTUM",
        },
        "ProductType": match product.level { Level::Dv => 1, Level::Ev => 2, Level::Ov => 3 },
        "CanbeReissued": true,
        "ReissueDays": 365,
        "isDVProduct": product.level == Level::Dv,
        "isOVProduct": product.level == Level::Ov,
        "isEVProduct": product.level == Level::Ev,
        "isGreenBar": false,
        "isWlidcard": product.wildcard,
        "IsSanEnable": product.is_multi(),
        "isFlexProduct": product.names == Names::Flex,
        "isNoOfServerFree": true,
        "isCodeSigning": false,
        "isScanProduct": false,
        "MinSan": product.included(),
        "MaxSan": product.most(),
        "IssuanceTime": "Minutes",
        "SiteSeal": "Static",
        "Warranty": "$10,000",
        "CurrencyCode": "USD",
        "PricingInfo": prices,
    })
}

/// `csr`.
pub fn decode_csr(context: &Context<'_>) -> Answer {
    let csr = read_csr(text(context.request, "CSR"), &context.state.switches)?;
    let print = csr.fingerprint().to_uppercase();
    Ok(context.wrapped(json!({
        "DomainName": csr.common_name,
        "DNSNames": csr.names,
        "Country": csr.subject.country,
        "Email": csr.subject.email,
        "Locality": csr.subject.locality,
        "Organization": csr.subject.organization,
        "OrganizationUnit": csr.subject.unit,
        "State": csr.subject.state,
        "hasBadExtensions": false,
        "isValidDomainName": csr.common_name.contains('.'),
        "isWildcardCSR": csr.common_name.starts_with("*."),
        "MD5Hash": print[..32],
        "SHA1Hash": print[..40],
        "sha256": print,
        "SignatureAlgorithm": "SHA256",
        "RegionSpecificOrderIndicator": false,
    })))
}

/// `order/approverlist`.
pub fn approver_list(context: &Context<'_>) -> Answer {
    let product = find(text(context.request, "ProductCode"))
        .ok_or_else(|| Refusal::own("Product code is not valid"))?;
    let domain = text(context.request, "DomainName").to_lowercase();
    if !domain.contains('.') || domain.contains(',') {
        return Err(Refusal::own("Domain name is not valid"));
    }
    let mut list = approvers(&domain);
    if context.state.switches.approver_noise {
        list.push("none".to_owned());
        if product.family != Family::Sectigo {
            list.push("support_preprod@geotrust.com".to_owned());
        }
        list.push(String::new());
    }
    let base = psl::domain_str(domain.trim_start_matches("*.")).unwrap_or(&domain);
    Ok(context.wrapped(json!({ "ApproverEmailList": list, "baseDomainName": base })))
}

/// `order/agreement`.
pub fn agreement(context: &Context<'_>) -> Answer {
    find(text(context.request, "ProductCode"))
        .ok_or_else(|| Refusal::own("Product code is not valid"))?;
    Ok(context.wrapped(json!({ "Agreement": "You agree to everything." })))
}

/// `order/validate`.
pub fn validate(context: &Context<'_>) -> Answer {
    let product = find(text(context.request, "ProductCode"))
        .ok_or_else(|| Refusal::own("Product code is not valid"))?;
    product
        .price_of(number(context.request, "ValidityPeriod"))
        .ok_or_else(|| Refusal::own("Validity period is not valid"))?;
    read_csr(text(context.request, "CSR"), &context.state.switches)?;
    Ok(context.good())
}

/// `order/status`.
pub fn status(context: &Context<'_>) -> Answer {
    match context.find_order()? {
        Some(index) => Ok(context.order_answer(index)),
        None if context.state.switches.unknown_as_nulls => Ok(context.wrapped(json!({
            "PartnerOrderID": null, "CustomOrderID": null, "TheSSLStoreOrderID": null,
            "OrderStatus": null,
        }))),
        None => Err(Refusal::own("The order was not found")),
    }
}

/// `order/query`.
pub fn query(context: &Context<'_>) -> Answer {
    let request = context.request;
    let date = |name: &str| super::super::table::date(text(request, name));
    let within = |at: Option<DateTime<Utc>>, from: &str, till: &str| {
        let at = at.map(|at| at.timestamp_millis());
        date(from).is_none_or(|from| at.is_some_and(|at| at >= from))
            && date(till).is_none_or(|till| at.is_some_and(|at| at <= till))
    };
    let domain = text(request, "DomainName").to_lowercase();
    let code = text(request, "ProductCode");
    let size = match number(request, "PageSize") {
        size if size < 1 => 100,
        size => usize::try_from(size).unwrap_or(100),
    };
    // Page 0 is page 1, as clients that start there found out.
    let page = usize::try_from(number(request, "PageNumber") - 1).unwrap_or_default();
    let list = context
        .state
        .orders
        .iter()
        .filter(|order| context.is_listed(order))
        .filter(|order| within(Some(order.purchased), "StartDate", "EndDate"))
        .filter(|order| {
            let end = order.certificate.as_ref().map(|c| c.not_after);
            within(end, "CertificateExpireFromDate", "CertificateExpireToDate")
        })
        .filter(|order| domain.is_empty() || order.common_name == domain)
        .filter(|order| code.is_empty() || order.product.code == code)
        .skip(page * size)
        .take(size)
        .map(|order| Value::Object(reply::order(context.state, order, request, context.now)));
    Ok(Value::Array(list.collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn balances_are_decorated_with_groups() {
        assert_eq!(decorated(123_456_789), "$1,234,567.89");
        assert_eq!(decorated(50), "$0.50");
    }
}
