//! Words and numbers: names, money, dates, telephones, addresses, stored intents.

use super::text;
use crate::ca;
use crate::domain::{CountryCode, Currency, DomainName, EmailAddress, Money, Phone};
use crate::order::{Intent, intent as stored};

/// Names: international, wildcard, addresses, trailing dots, mixed scripts.
pub fn names(data: &[u8]) {
    for word in text(data).split(['\n', ',', ' ']).take(200) {
        let Ok(name) = DomainName::parse(word) else {
            continue;
        };
        let plain = name.as_str();
        assert!(plain.is_ascii() && !plain.ends_with('.') && plain.len() <= 253);
        assert!(
            !plain
                .bytes()
                .any(|byte| byte.is_ascii_uppercase() || byte <= b' ')
        );
        assert!(plain.parse::<std::net::IpAddr>().is_err());
        assert_eq!(name.is_wildcard(), plain.contains('*'));
        assert_eq!(
            DomainName::parse(plain).as_ref(),
            Ok(&name),
            "the normal form is stable"
        );
        assert!(name.covers(&name));
        let _ = (name.is_public(), name.base());
        if let Some(domain) = name.registrable() {
            assert!(plain.ends_with(domain));
        }
    }
}

/// Amounts, currencies, dates, telephones, e-mail addresses, countries.
pub fn values(data: &[u8]) {
    for line in text(data).lines().take(200) {
        if let Some(currency) = Currency::parse(line) {
            assert!(!currency.as_str().is_empty());
        }
        if let Some(money) = Money::parse(line, Currency::NONE) {
            let again = Money::parse(&money.to_string(), money.currency);
            assert_eq!(again, Some(money), "what is printed is read");
        }
        if let Some(phone) = Phone::parse(line) {
            let digits = phone.as_str().strip_prefix('+').expect("a plus sign");
            assert!((7..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()));
            assert_eq!(Phone::parse(phone.as_str()), Some(phone));
        }
        if let Some(address) = EmailAddress::parse(line) {
            let plain = address.as_str();
            assert!(plain.contains('@') && !plain.contains(char::is_whitespace));
            assert!(plain.ends_with(address.domain()));
            assert_eq!(EmailAddress::parse(plain), Some(address.clone()));
        }
        if let Some(country) = CountryCode::parse(line) {
            assert_eq!(country.as_str().len(), 2);
        }
        ca::enom::hostile_date(line);
        ca::globalsign::hostile_date(line);
        ca::leadertelecom::hostile_date(line);
        ca::thesslstore::hostile_date(line);
    }
}

/// A stored intent that somebody changed by hand.
pub fn intent(data: &[u8]) {
    if let Ok(read) = Intent::from_text(&text(data)) {
        let written = read.to_text();
        if let Ok(written) = written {
            assert!(written.chars().count() <= stored::MAXIMUM_LENGTH);
            assert_eq!(Intent::from_text(&written).expect("our own text"), read);
        }
    }
}
