//! The characters of names that were typed in Unicode.
//!
//! UTS 46 lets through most signs that Unicode has; IDNA itself has letters, digits and marks only (RFC 5892, 2), and
//! whoever looks a name up refuses the others (RFC 5891, 5.4). Signs come from lists that were copied out of pages and
//! programs: two names with one between them would become one ordered name.

/// Dots between labels (UTS 46, 4).
const DOTS: [char; 4] = ['.', '\u{3002}', '\u{ff0e}', '\u{ff61}'];

/// Whether each label that was not typed in ASCII holds only what labels in Unicode hold. What was typed as punycode
/// is not looked at: names with signs are registered at some top-level domains, and whoever types them so means them.
pub(super) fn are_letters(typed: &str, ascii: &str) -> bool {
    let mut encoded = ascii.split('.');
    let are_good = typed.split(DOTS).all(|typed| {
        encoded
            .next()
            .is_some_and(|label| typed.is_ascii() || is_letters(label))
    });
    are_good && encoded.next().is_none()
}

fn is_letters(label: &str) -> bool {
    // Without the prefix all its characters had their like in ASCII.
    let Some(code) = label.strip_prefix("xn--") else {
        return true;
    };
    idna::punycode::decode(code)
        .is_some_and(|text| (0..text.len()).all(|at| is_permitted(&text, at)))
}

/// Whether a character may stand where it stands: letters, digits, marks, and the signs of RFC 5892 (2.6 and
/// appendix A).
fn is_permitted(label: &[char], at: usize) -> bool {
    let neighbour = |at: Option<usize>| at.and_then(|at| label.get(at)).copied();
    let (before, after) = (neighbour(at.checked_sub(1)), neighbour(at.checked_add(1)));
    let Some(&c) = label.get(at) else {
        return false;
    };
    match c {
        // Those that join letters are allowed where they do (appendices A.1 and A.2): that was looked at.
        '\u{200c}' | '\u{200d}' | '\u{6fd}' | '\u{6fe}' | '\u{f0b}' => true,
        // Punctuation, currencies, arrows, numbers in circles and emoji, some of which count as letters or numbers.
        '\u{2000}'..='\u{2bff}' => c.is_alphabetic(),
        '\u{1f000}'..='\u{1faff}' => false,
        _ if c.is_ascii() || c.is_alphanumeric() => true,
        '\u{b7}' => (before, after) == (Some('l'), Some('l')),
        '\u{375}' => {
            after.is_some_and(|c| matches!(c, '\u{370}'..='\u{3ff}' | '\u{1f00}'..='\u{1fff}'))
        }
        '\u{5f3}' | '\u{5f4}' => before.is_some_and(|c| matches!(c, '\u{591}'..='\u{5f2}')),
        '\u{30fb}' => label.iter().any(|c| is_japanese(*c)),
        _ => is_mark(c),
    }
}

/// Kana and Han.
fn is_japanese(c: char) -> bool {
    matches!(c, '\u{3005}' | '\u{3007}' | '\u{3041}'..='\u{309f}' | '\u{30a1}'..='\u{30fa}'
        | '\u{30fc}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}'
        | '\u{20000}'..='\u{3ffff}')
}

/// A mark that stands on a letter. Of what IDNA lets into labels, marks are what begins none (UTS 46, 4.1).
fn is_mark(c: char) -> bool {
    idna::domain_to_ascii(c.encode_utf8(&mut [0; 4])).is_err()
}

#[cfg(test)]
mod tests {
    use crate::domain::{DomainName, InvalidName};

    #[test]
    fn two_names_with_a_sign_between_are_no_name() {
        let signs = "\u{a6}\u{a7}\u{ab}\u{b0}\u{b6}\u{b7}\u{bf}\u{d7}\u{f7}\u{375}\u{5be}\u{5f3}\u{2014}\u{2022}\u{2024}\u{2026}\
            \u{2044}\u{20ac}\u{2192}\u{21b5}\u{2212}\u{2215}\u{23ce}\u{2502}\u{2503}\u{2551}\u{25aa}\u{25cf}\u{2605}\u{2713}\
            \u{2776}\u{3001}\u{300c}\u{30fb}\u{ff64}\u{ff65}\u{1f170}\u{1f6d2}";
        let glued = signs
            .chars()
            .map(|sign| format!("a.example.com{sign}shop.example.org"));
        let others = [
            "shop\u{1f6d2}.example.com",
            "1\u{fe0f}\u{20e3}.example.com",
            "\u{ff5f}a.example.com",
            "\u{2776}shop.example.com",
            "a\u{b7}l.example.com",
            "l\u{b7}a.example.com",
            "example.com\u{2122}\u{2192}",
        ];
        for text in glued.chain(others.map(str::to_owned)) {
            let read = DomainName::parse(&text);
            assert_eq!(read, Err(InvalidName::Malformed), "{text}");
        }
    }

    #[test]
    fn letters_digits_and_marks_of_every_script_are_taken() {
        for text in [
            "k\u{f6}ln.de",
            "stra\u{df}e.de",
            "\u{24d4}xample.com",
            "\u{2bb}okina.example.com",
            "\u{1ea1}\u{304}.example.com",
            "paral\u{b7}lel.cat",
            "ελλάδα.gr",
            "ёлка.рф",
            "русский-язык.рф",
            "հայ.հայ",
            "中国.中国",
            "日本\u{30fb}例.jp",
            "\u{3007}.jp",
            "한국.kr",
            "हिन्दी.भारत",
            "தமிழ்.இந்தியா",
            "บ้าน.ไทย",
            "עברית.ישראל",
            "צ\u{5f3}ק.ישראל",
            "مثال.إختبار",
            "\u{646}\u{627}\u{645}\u{647}\u{200c}\u{627}\u{6cc}.com",
            "1.пример.рф",
            "shop\u{3002}пример\u{ff0e}рф",
        ] {
            let read = DomainName::parse(text).unwrap_or_else(|why| panic!("{text}: {why}"));
            // The same name in its other spelling.
            assert_eq!(DomainName::parse(read.as_str()), Ok(read.clone()), "{text}");
        }
        // A heart.
        DomainName::parse("xn--i-7iq.ws").unwrap();
        DomainName::parse("i\u{2764}.ws").unwrap_err();
    }
}
