//! Telephone numbers, by the numbering plan.

use std::fmt;

/// A telephone number in international form: a plus sign and 7 to 15 digits (ITU-T E.164).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phone(String);

impl Phone {
    /// Normalises what people write, the platform's mask form `+7 (900) 123-45-67` (billmanager.md 7)
    /// among it, to `+79001234567`. A zero for calls inside the country, `+44 (0)20 …`, goes. `None`: a
    /// number without country code or with letters, a code that no country has (`+8 (495) …` begins with
    /// the Russian trunk prefix), a number that its country's plan does not hold.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim_matches(is_filler);
        let text = text.strip_prefix("tel:").unwrap_or(text);
        let text = text.trim_start_matches(is_filler);
        // The prefix of international calls that most countries dial.
        let rest = text
            .strip_prefix(['+', '\u{ff0b}'])
            .or_else(|| text.strip_prefix("00"))?;
        let rest = rest.trim_start_matches(is_filler);
        let shown = rest.chars().filter(|c| !is_filler(*c));
        let digits: String = shown.map(plain_digit).collect();
        if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let written_code = rest.split(is_filler).next().unwrap_or_default();
        if written_code == "8" {
            return None;
        }
        let digits = without_trunk(rest, written_code, digits)?;
        let planned = LENGTHS.iter().find(|(code, _)| digits.starts_with(code));
        let is_planned = planned.is_none_or(|(_, length)| digits.len() == *length);
        let is_assigned = !UNASSIGNED.iter().any(|code| digits.starts_with(code));
        let is_planned = is_planned && is_assigned;
        let is_long_enough = (7..=15).contains(&digits.len());
        (is_planned && is_long_enough && !digits.starts_with('0'))
            .then(|| Self(format!("+{digits}")))
    }

    /// `+79001234567`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_filler(c: char) -> bool {
    c.is_whitespace()
        || matches!(
            c,
            '-' | '(' | ')' | '.' | '/' | '\u{2010}'..='\u{2015}' | '\u{2212}'
                // Invisible marks that address books put around a number.
                | '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
                | '\u{2060}'..='\u{2069}' | '\u{feff}'
        )
}

/// Digits of the width of Chinese letters are digits.
fn plain_digit(c: char) -> char {
    match c {
        '\u{ff10}'..='\u{ff19}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        c => c,
    }
}

/// Beginnings of numbers that no country and no service has (ITU-T E.164, list of assigned country codes).
const UNASSIGNED: [&str; 43] = [
    "210", "214", "215", "217", "219", "259", "28", "292", "293", "294", "295", "296", "384",
    "422", "424", "425", "426", "427", "428", "429", "693", "694", "695", "696", "697", "698",
    "699", "801", "802", "803", "804", "805", "806", "807", "809", "83", "851", "854", "89", "969",
    "978", "990", "999",
];

/// Codes of countries whose numbers begin with a zero from abroad as well: San Marino, Ivory Coast, Benin,
/// Gabon, Congo, Italy.
const KEEP_ZERO: [&str; 6] = ["378", "225", "229", "241", "242", "39"];

/// Codes of countries that dial a zero before the area code inside the country, and never from abroad; in Poland it was so
/// until 2009, in Belarus the zero follows an eight. No number begins with a zero there.
const TRUNK_ZERO: [&str; 91] = [
    "20", "27", "31", "32", "33", "40", "41", "43", "44", "46", "48", "49", "51", "54", "55", "58",
    "60", "61", "62", "63", "64", "66", "81", "82", "84", "86", "90", "91", "92", "93", "94", "95",
    "98", "212", "213", "218", "233", "234", "243", "249", "250", "251", "254", "255", "256",
    "260", "261", "262", "263", "264", "353", "355", "358", "359", "373", "374", "375", "380",
    "381", "382", "383", "385", "386", "387", "389", "421", "590", "591", "593", "594", "595",
    "596", "598", "855", "856", "880", "886", "961", "962", "963", "964", "966", "967", "970",
    "971", "972", "976", "977", "994", "995", "996",
];

/// Other beginnings of calls inside a country, known by the length of the number behind them: Belarus, Lithuania, Hungary,
/// Tajikistan, Turkmenistan, Uzbekistan.
const LONG_TRUNKS: [(&str, &str, usize); 8] = [
    ("375", "80", 9),
    ("370", "8", 8),
    ("370", "0", 8),
    ("36", "06", 8),
    ("36", "06", 9),
    ("992", "8", 9),
    ("993", "8", 8),
    ("998", "8", 9),
];

/// Beginnings whose numbers all have one length, with that of the whole number: Russia and Kazakhstan, North America, Ukraine.
const LENGTHS: [(&str, usize); 3] = [("7", 11), ("1", 11), ("380", 12)];

/// The digits without the zero that stands in brackets or behind a country code that has no such numbers.
/// No code begins with another one, so the first digits tell it. `None`: a second zero, with which no number begins
/// there.
fn without_trunk(written: &str, written_code: &str, digits: String) -> Option<String> {
    let long = LONG_TRUNKS.iter().find_map(|(code, trunk, length)| {
        let number = digits.strip_prefix(code)?.strip_prefix(trunk)?;
        (number.len() == *length).then(|| format!("{code}{number}"))
    });
    if long.is_some() {
        return long;
    }
    let known = TRUNK_ZERO.iter().find(|code| digits.starts_with(**code));
    let code = known.copied().unwrap_or(written_code);
    let bracketed = written
        .trim_start_matches(written_code)
        .trim_start_matches(|c| is_filler(c) && c != '(')
        .starts_with("(0)");
    let drops = known.is_some() || (bracketed && !KEEP_ZERO.contains(&code));
    let national = digits.strip_prefix(code);
    match national.and_then(|national| national.strip_prefix('0')) {
        Some(national) if known.is_some() && national.starts_with('0') => None,
        Some(national) if drops => Some(format!("{code}{national}")),
        _ => Some(digits),
    }
}

impl fmt::Display for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phones_are_normalised_or_refused() {
        let parse = |text| Phone::parse(text).map(|phone| phone.to_string());
        assert_eq!(parse("+7 (900) 123-45-67"), Some("+79001234567".to_owned()));
        assert_eq!(parse(" +1.5550100200 "), Some("+15550100200".to_owned()));
        for (text, expected) in [
            ("+44 (0)20 7946 0958", "+442079460958"),
            ("+44 (0) 20 7946 0958", "+442079460958"),
            ("+44(0)2079460958", "+442079460958"),
            ("+44 020 7946 0958", "+442079460958"),
            ("0044 20 7946 0958", "+442079460958"),
            ("+4402079460958", "+442079460958"),
            ("+420 (0) 224 123 456", "+420224123456"),
            ("+49-(0)30-901820", "+4930901820"),
            ("+353 (0)1 555 0100", "+35315550100"),
            ("+358 (0) 9 1234567", "+35891234567"),
            // Zeros that belong to the number.
            ("+39 06 6982", "+39066982"),
            ("+39 (0)6 69821234", "+390669821234"),
            ("+225 01 23 45 67 89", "+2250123456789"),
            ("+7 495 123\u{2011}45\u{2011}67", "+74951234567"),
            ("+81 3-1234-5678", "+81312345678"),
            ("+84 24 3825 5555", "+842438255555"),
            ("tel:+1-555-010-0200", "+15550100200"),
            ("+377 93 15 00 00", "+37793150000"),
            ("(+49) 30 901820", "+4930901820"),
            ("\u{202a}+7 900 123-45-67\u{202c}", "+79001234567"),
            ("\u{ff0b}\u{ff17} 9001234567", "+79001234567"),
            ("+375 (8-017) 123-45-67", "+375171234567"),
            ("+375 801 100 10 10", "+3758011001010"),
            ("+370 8 5 123 4567", "+37051234567"),
            ("+36 06 1 123 4567", "+3611234567"),
            ("+36 (06) 20 123 4567", "+36201234567"),
            ("+65 6123 4567", "+6561234567"),
            ("+262 0262 12 34 56", "+262262123456"),
            ("+590 0590 12 34 56", "+590590123456"),
            ("+594 0594 12 34 56", "+594594123456"),
            ("+596 0596 12 34 56", "+596596123456"),
            ("+970 059 1234567", "+970591234567"),
            ("+992 (8 37) 2123456", "+992372123456"),
            ("+993 (8-12) 12-34-56", "+99312123456"),
            ("+998 8 71 2345678", "+998712345678"),
            ("+998 71 234 56 78", "+998712345678"),
            ("+380 (044) 123-45-67", "+380441234567"),
        ] {
            assert_eq!(parse(text).as_deref(), Some(expected), "{text}");
        }
        for text in [
            "",
            "89001234567",
            "+7 900 CALL-ME",
            "+123",
            "+0123456789",
            "+1234567890123456",
            // The Russian prefix for calls inside the country.
            "+8 (495) 123-45-67",
            "+8-495-123-45-67",
            // Ten digits follow the code 7.
            "+7 (8495) 123-45-67",
            "+7 495 123-45-6",
            "+380 44 123456",
            "+1 555 0100",
            "+1 555 010 02001",
            "001 555 0100",
            "+49 (00) 1232",
            "+49 0012345678",
            // No country has these codes.
            "+999 000 111 2223",
            "+210 123456789",
            "++44 20 7946 0958",
            "+44 20 7946 0958 ext. 5",
            "+44 20 7946 0958, +44 20 7946 0959",
            "+",
            "00",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    /// The zero of calls inside the country goes, with and without brackets; where the number has none, nothing does.
    #[test]
    fn the_zero_of_calls_inside_a_country_goes() {
        for (text, expected) in [
            ("+48 022 123 45 67", "+48221234567"),
            ("+48 (0) 22 123 45 67", "+48221234567"),
            ("+48 (0-22) 123 45 67", "+48221234567"),
            ("+212 (0)522 123456", "+212522123456"),
            ("+213 021 12 34 56", "+21321123456"),
            ("+233 0302 123456", "+233302123456"),
            ("+234 0803 123 4567", "+2348031234567"),
            ("+251 011 123 4567", "+251111234567"),
            ("+254 0712 345678", "+254712345678"),
            ("+255 022 1234567", "+255221234567"),
            ("+256 0312 123456", "+256312123456"),
            ("+260 0211 123456", "+260211123456"),
            ("+263 04 123456", "+2634123456"),
            ("+355 04 1234567", "+35541234567"),
            ("+373 022 123456", "+37322123456"),
            ("+374 010 123456", "+37410123456"),
            ("+375 (017) 123-45-67", "+375171234567"),
            ("+375 029 123-45-67", "+375291234567"),
            ("+382 020 123456", "+38220123456"),
            ("+383 038 123456", "+38338123456"),
            ("+389 02 1234567", "+38921234567"),
            ("+593 02 123 4567", "+59321234567"),
            ("+595 021 123456", "+59521123456"),
            ("+855 023 123456", "+85523123456"),
            ("+856 021 123456", "+85621123456"),
            ("+880 02 12345678", "+880212345678"),
            ("+886 02 1234 5678", "+886212345678"),
            ("+961 01 123456", "+9611123456"),
            ("+962 06 1234567", "+96261234567"),
            ("+963 011 1234567", "+963111234567"),
            ("+964 0770 123 4567", "+9647701234567"),
            ("+966 011 123 4567", "+966111234567"),
            ("+971 04 123 4567", "+97141234567"),
            ("+977 01 1234567", "+97711234567"),
            ("+994 012 123 45 67", "+994121234567"),
            ("+995 032 2 12 34 56", "+995322123456"),
            ("+996 0312 123456", "+996312123456"),
            // Numbers of companies in Belarus, without a zero before them.
            ("+375 801 100 10 10", "+3758011001010"),
            ("+48 22 123 45 67", "+48221234567"),
            ("+886 2 1234 5678", "+886212345678"),
        ] {
            let read = Phone::parse(text).map(|phone| phone.to_string());
            assert_eq!(read.as_deref(), Some(expected), "{text}");
            let twice = Phone::parse(expected).map(|phone| phone.to_string());
            assert_eq!(twice.as_deref(), Some(expected), "{expected}");
        }
        // A code once, and none at the beginning of another one.
        for (place, code) in TRUNK_ZERO.iter().enumerate() {
            let mut others = TRUNK_ZERO.iter().enumerate();
            let is_other =
                |(other, known): (usize, &&str)| other == place || !known.starts_with(code);
            assert!(others.all(is_other), "{code}");
            assert!(
                !KEEP_ZERO.iter().any(|known| known.starts_with(code)),
                "{code}"
            );
        }
    }
}
