//! Telephone numbers in the vendor's form: `+CC.digits` (enom.md 8).

use crate::domain::Phone;

/// Country codes of one and two digits (ITU-T E.164, list of assigned country codes). All others have
/// three.
const SHORT_CODES: [&str; 46] = [
    "1", "7", "20", "27", "30", "31", "32", "33", "34", "36", "39", "40", "41", "43", "44", "45",
    "46", "47", "48", "49", "51", "52", "53", "54", "55", "56", "57", "58", "60", "61", "62", "63",
    "64", "65", "66", "81", "82", "84", "86", "90", "91", "92", "93", "94", "95", "98",
];

/// `+79001234567` as `+7.9001234567`.
pub(super) fn vendor_form(phone: &Phone) -> String {
    let digits = phone.as_str().trim_start_matches('+');
    let length = SHORT_CODES
        .iter()
        .find(|code| digits.starts_with(*code))
        .map_or(3, |code| code.len());
    let (code, rest) = digits.split_at(length.min(digits.len()));
    format!("+{code}.{rest}")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn country_codes_of_every_length_are_split_off() {
        let cases = [
            ("+7 (900) 123-45-67", "+7.9001234567"),
            ("+1 541 555 0134", "+1.5415550134"),
            ("+44 20 7946 0000", "+44.2079460000"),
            ("+375 29 123 45 67", "+375.291234567"),
            ("+998 71 123 45 67", "+998.711234567"),
            ("+358 9 1234 567", "+358.91234567"),
        ];
        for (text, expected) in cases {
            assert_eq!(vendor_form(&Phone::parse(text).unwrap()), expected);
        }
    }

    proptest! {
        #[test]
        fn no_digit_is_lost_or_added(digits in "[1-9][0-9]{6,14}") {
            // Not every row of digits is a number.
            let Some(phone) = Phone::parse(&format!("+{digits}")) else {
                return Ok(());
            };
            let form = vendor_form(&phone);
            prop_assert_eq!(form.replacen('.', "", 1), phone.as_str());
            let (code, rest) = form[1..].split_once('.').unwrap();
            prop_assert!((1..=3).contains(&code.len()) && !rest.is_empty());
        }
    }
}
