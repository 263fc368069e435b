//! A shop of a chosen size: rows that differ in their numbers only, made by the server itself.

// The suite and the measurements use different parts.
#![allow(dead_code)]

use std::fmt::Write as _;

/// A block of services that are alike.
pub(crate) struct Block<'a> {
    pub(crate) first: u64,
    pub(crate) count: u64,
    pub(crate) account: u64,
    pub(crate) pricelist: u64,
    pub(crate) end: &'a str,
    pub(crate) csr: &'a str,
    pub(crate) certificate: &'a str,
    pub(crate) parameters: &'a [(String, String)],
}

/// No service has more parameters.
const PARAMETERS: u64 = 64;

/// So many services at a time.
const STEP: u64 = 20_000;

pub(crate) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "''"))
}

/// Adds the rows of a block.
pub(crate) fn add(sql: &dyn Fn(&str), block: &Block<'_>) {
    assert!(block.parameters.len() < PARAMETERS as usize);
    sql(
        "CREATE TABLE IF NOT EXISTS shop_parameters (n INTEGER PRIMARY KEY, intname VARCHAR(128), value TEXT)",
    );
    let mut rows = String::from("DELETE FROM shop_parameters; INSERT INTO shop_parameters VALUES ");
    for (number, (name, value)) in block.parameters.iter().enumerate() {
        let comma = if number > 0 { "," } else { "" };
        let _ = write!(
            rows,
            "{comma}({number}, {}, {})",
            quoted(name),
            quoted(value)
        );
    }
    sql(&rows);
    let end = block.first + block.count;
    for first in (block.first..end).step_by(STEP as usize) {
        let last = (first + STEP).min(end) - 1;
        let (csr, certificate) = (quoted(block.csr), quoted(block.certificate));
        let (account, pricelist) = (block.account, block.pricelist);
        sql(&format!(
            "INSERT INTO item (id, name, account, pricelist, processingmodule, period, status, createdate, opendate, expiredate) \
             SELECT seq, CONCAT('service ', seq), 1, {pricelist}, {account}, 12, 2, '2026-01-01', '2026-01-01', '{}' \
             FROM seq_{first}_to_{last}; \
             INSERT INTO certificate (item, pkey, csr, crt) SELECT seq, NULL, {csr}, {certificate} FROM seq_{first}_to_{last}; \
             INSERT INTO itemparam (id, item, intname, value) \
             SELECT STRAIGHT_JOIN s.seq * {PARAMETERS} + p.n, s.seq, p.intname, p.value \
             FROM seq_{first}_to_{last} AS s JOIN shop_parameters AS p",
            block.end
        ));
    }
    sql("DROP TABLE shop_parameters");
}

/// Parameters of a service at rest: issued, its certificate ends in years; as many as installations have.
pub(crate) fn at_rest() -> Vec<(String, String)> {
    let known = [
        ("service_status", "5"),
        ("pmssl_certificate_end", "2036-01-01 0A1B2C3D4E5F"),
        ("pmssl_term_end", "2036-01-01"),
        (
            "pmssl_intent",
            "1|open|issued|1|ABCDEFGHIJKLMNOPQRST|1775000000|0|||7700124",
        ),
        ("altname", "www.example.com shop.example.com"),
        ("approver_email", "admin@example.com"),
    ];
    let form = (0..24).map(|number| (format!("org_field_{number}"), "Example value".to_owned()));
    let known = known.map(|(name, value)| (name.to_owned(), value.to_owned()));
    known.into_iter().chain(form).collect()
}

/// Takes services away again, by their numbers.
pub(crate) fn remove(sql: &dyn Fn(&str), services: &std::ops::Range<u64>) {
    let (first, last) = (services.start, services.end.saturating_sub(1));
    let (from, to) = (first * PARAMETERS, last * PARAMETERS + PARAMETERS - 1);
    sql(&format!(
        "DELETE FROM item WHERE id BETWEEN {first} AND {last}; \
         DELETE FROM certificate WHERE item BETWEEN {first} AND {last}; \
         DELETE FROM itemparam WHERE id BETWEEN {from} AND {to}"
    ));
}
