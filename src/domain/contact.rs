//! People and companies of an order, in checked forms.

use std::fmt;

/// An ISO 3166-1 alpha-2 country code: two capital letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CountryCode([u8; 2]);

impl CountryCode {
    /// Reads two ASCII letters in any case that name an assigned country; anything else is `None`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes: [u8; 2] = text.trim().as_bytes().try_into().ok()?;
        let code = bytes.map(|byte| byte.to_ascii_uppercase());
        let known = ASSIGNED.as_bytes().chunks(2).any(|pair| pair == code);
        known.then_some(Self(code))
    }

    /// Whether the country has states, regions or the like that belong to an address: not a city that is a
    /// state, nor a small island.
    #[must_use]
    pub fn has_states(self) -> bool {
        !WITHOUT_STATES
            .as_bytes()
            .chunks(2)
            .any(|pair| pair == self.0)
    }

    /// Whether the country has postal codes at all (Universal Postal Union, addressing systems).
    #[must_use]
    pub fn has_postal_codes(self) -> bool {
        !WITHOUT_POSTAL_CODES
            .as_bytes()
            .chunks(2)
            .any(|pair| pair == self.0)
    }

    /// The country that a text means which is no code: one of three letters, or a usual mistake.
    #[must_use]
    pub fn meant_by(text: &str) -> Option<Self> {
        let text = text.trim().to_ascii_uppercase();
        match text.as_str() {
            // The Union's own abbreviations.
            "UK" => Self::parse("GB"),
            "EL" => Self::parse("GR"),
            _ => THREE_LETTERS
                .as_bytes()
                .chunks(5)
                .find(|entry| entry.get(..3) == Some(text.as_bytes()))
                .and_then(|entry| Self::parse(std::str::from_utf8(entry.get(3..)?).ok()?)),
        }
    }

    /// The code.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("??")
    }
}

impl fmt::Display for CountryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The 249 officially assigned alpha-2 codes, one after another.
const ASSIGNED: &str = "ADAEAFAGAIALAMAOAQARASATAUAWAXAZBABBBDBEBFBGBHBIBJBLBMBNBOBQBRBSBTBVBWBYBZ\
CACCCDCFCGCHCICKCLCMCNCOCRCUCVCWCXCYCZDEDJDKDMDODZECEEEGEHERESETFIFJFKFMFOFRGAGBGDGEGFGGGHGIGLGMGN\
GPGQGRGSGTGUGWGYHKHMHNHRHTHUIDIEILIMINIOIQIRISITJEJMJOJPKEKGKHKIKMKNKPKRKWKYKZLALBLCLILKLRLSLTLULV\
LYMAMCMDMEMFMGMHMKMLMMMNMOMPMQMRMSMTMUMVMWMXMYMZNANCNENFNGNINLNONPNRNUNZOMPAPEPFPGPHPKPLPMPNPRPSPT\
PWPYQARERORSRURWSASBSCSDSESGSHSISJSKSLSMSNSOSRSSSTSVSXSYSZTCTDTFTGTHTJTKTLTMTNTOTRTTTVTWTZUAUGUMUS\
UYUZVAVCVEVGVIVNVUWFWSYEYTZAZMZW";

/// Countries and territories whose addresses name no state.
const WITHOUT_STATES: &str = "ADAIAWAXBBBHBLBMCCCKCWCXDJFKGGGIHKIMIOJEKNKWKYLCLILUMCMFMOMSMTNFNRNUPMPNQASGSHSM\
SXTCTKTVVAVGWF";

/// Countries and territories without postal codes.
const WITHOUT_POSTAL_CODES: &str = "AEAGAOAWBFBIBJBOBQBSBWBZCDCFCGCICKCMCWDJDMERFJGAGDGMGNGQGYHKJM\
KIKMKNKPLYMLMOMRMWNRNUPAQARWSBSCSLSRSTSXSYTDTGTKTLTOTTTVUGVUYEZW";

/// The same countries by their codes of three letters, each followed by its code of two.
const THREE_LETTERS: &str = "ABWAWAFGAFAGOAOAIAAIALAAXALBALANDADAREAEARGARARMAMASMASATAAQATFTFATGAGAUSAUAUTATAZEAZBDIBIBELBE\
BENBJBESBQBFABFBGDBDBGRBGBHRBHBHSBSBIHBABLMBLBLRBYBLZBZBMUBMBOLBOBRABRBRBBBBRNBNBTNBTBVTBVBWABW\
CAFCFCANCACCKCCCHECHCHLCLCHNCNCIVCICMRCMCODCDCOGCGCOKCKCOLCOCOMKMCPVCVCRICRCUBCUCUWCWCXRCXCYMKY\
CYPCYCZECZDEUDEDJIDJDMADMDNKDKDOMDODZADZECUECEGYEGERIERESHEHESPESESTEEETHETFINFIFJIFJFLKFKFRAFR\
FROFOFSMFMGABGAGBRGBGEOGEGGYGGGHAGHGIBGIGINGNGLPGPGMBGMGNBGWGNQGQGRCGRGRDGDGRLGLGTMGTGUFGFGUMGU\
GUYGYHKGHKHMDHMHNDHNHRVHRHTIHTHUNHUIDNIDIMNIMINDINIOTIOIRLIEIRNIRIRQIQISLISISRILITAITJAMJMJEYJE\
JORJOJPNJPKAZKZKENKEKGZKGKHMKHKIRKIKNAKNKORKRKWTKWLAOLALBNLBLBRLRLBYLYLCALCLIELILKALKLSOLSLTULT\
LUXLULVALVMACMOMAFMFMARMAMCOMCMDAMDMDGMGMDVMVMEXMXMHLMHMKDMKMLIMLMLTMTMMRMMMNEMEMNGMNMNPMPMOZMZ\
MRTMRMSRMSMTQMQMUSMUMWIMWMYSMYMYTYTNAMNANCLNCNERNENFKNFNGANGNICNINIUNUNLDNLNORNONPLNPNRUNRNZLNZ\
OMNOMPAKPKPANPAPCNPNPERPEPHLPHPLWPWPNGPGPOLPLPRIPRPRKKPPRTPTPRYPYPSEPSPYFPFQATQAREUREROURORUSRU\
RWARWSAUSASDNSDSENSNSGPSGSGSGSSHNSHSJMSJSLBSBSLESLSLVSVSMRSMSOMSOSPMPMSRBRSSSDSSSTPSTSURSRSVKSK\
SVNSISWESESWZSZSXMSXSYCSCSYRSYTCATCTCDTDTGOTGTHATHTJKTJTKLTKTKMTMTLSTLTONTOTTOTTTUNTNTURTRTUVTV\
TWNTWTZATZUGAUGUKRUAUMIUMURYUYUSAUSUZBUZVATVAVCTVCVENVEVGBVGVIRVIVNMVNVUTVUWLFWFWSMWSYEMYEZAFZA\
ZMBZMZWEZW";

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
        let text = text.trim();
        let text = text.strip_prefix("tel:").unwrap_or(text).trim_start();
        // The prefix of international calls that most countries dial.
        let rest = text
            .strip_prefix(['+', '\u{ff0b}'])
            .or_else(|| text.strip_prefix("00"))?;
        let rest = rest.trim_start_matches(is_filler);
        let digits: String = rest.chars().filter(|c| !is_filler(*c)).collect();
        if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let written_code = rest.split(is_filler).next().unwrap_or_default();
        if written_code == "8" {
            return None;
        }
        let digits = without_trunk(rest, written_code, digits)?;
        // Russia and Kazakhstan have ten digits behind their code (ITU-T E.164, country code 7).
        let is_planned = !digits.starts_with('7') || digits.len() == 11;
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
        )
}

/// Codes of countries whose numbers begin with a zero from abroad as well: San Marino, Ivory Coast, Benin,
/// Gabon, Congo, Italy.
const KEEP_ZERO: [&str; 6] = ["378", "225", "229", "241", "242", "39"];

/// Codes of countries that dial a zero before the area code inside the country, and never from abroad.
const TRUNK_ZERO: [&str; 42] = [
    "20", "27", "31", "32", "33", "40", "41", "43", "44", "46", "49", "51", "54", "55", "58", "60",
    "61", "62", "63", "64", "66", "81", "82", "84", "86", "90", "91", "92", "93", "94", "95", "98",
    "353", "358", "359", "380", "381", "385", "386", "387", "421", "972",
];

/// The digits without the zero that stands in brackets or behind a country code that has no such numbers.
/// No code begins with another one, so the first digits tell it. `None`: a second zero, with which no number begins
/// there.
fn without_trunk(written: &str, written_code: &str, digits: String) -> Option<String> {
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

/// An e-mail address: `local@domain`, ASCII, the domain in lower case.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct EmailAddress(String);

impl EmailAddress {
    /// Accepts the dotted-atom form that certificate authorities accept; quoted local parts,
    /// comments and address literals are `None`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (local, domain) = text.trim().rsplit_once('@')?;
        let atom = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+/=?^_`{|}~-.".contains(c);
        let local_valid = !local.is_empty()
            && local.len() <= 64
            && local.chars().all(atom)
            && !local.starts_with('.')
            && !local.ends_with('.')
            && !local.contains("..");
        let domain = super::DomainName::parse(domain)
            .ok()
            .filter(|name| !name.is_wildcard())?;
        (local_valid && domain.as_str().contains('.')).then(|| Self(format!("{local}@{domain}")))
    }

    /// The address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part behind the at sign.
    #[must_use]
    pub fn domain(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(_, domain)| domain)
    }
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A person of the order: administrative or technical contact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    /// Given name.
    pub first_name: String,
    /// Family name.
    pub last_name: String,
    /// Position, may be empty.
    pub job_title: String,
    /// Telephone in international form.
    pub phone: Phone,
    /// E-mail address.
    pub email: EmailAddress,
}

/// The company an OV or EV certificate names; for DV only what the form held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organization {
    /// Registered name.
    pub name: String,
    /// Department, may be empty.
    pub division: String,
    /// D-U-N-S number, may be empty.
    pub duns: String,
    /// Street and house.
    pub address: String,
    /// City.
    pub city: String,
    /// State or region; empty where the country has none.
    pub region: String,
    /// Postal code; empty where the country has none.
    pub postal_code: String,
    /// Country.
    pub country: CountryCode,
    /// Telephone in international form.
    pub phone: Phone,
    /// Agency of incorporation (Certum, EV), may be empty.
    pub incorporating_agency: String,
    /// Registration number (Certum, EV), may be empty.
    pub registration_number: String,
    /// Business category (EV at some vendors), may be empty.
    pub business_category: String,
    /// The number under which the vendor knows it (TheSSLStore), may be empty.
    pub vendors_number: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn countries_are_the_assigned_codes() {
        assert_eq!(ASSIGNED.len(), 249 * 2);
        assert_eq!(
            CountryCode::parse("ru").map(|c| c.to_string()),
            Some("RU".to_owned())
        );
        for text in ["", "R", "RUS", "UK", "XX", "ZZ", "AA", "DA"] {
            assert_eq!(CountryCode::parse(text), None, "{text}");
        }
    }

    #[test]
    fn countries_written_another_way_are_recognised() {
        assert_eq!(THREE_LETTERS.len(), 249 * 5);
        for (text, code) in [
            ("RUS", Some("RU")),
            ("deu", Some("DE")),
            (" USA ", Some("US")),
            ("ZWE", Some("ZW")),
            ("UK", Some("GB")),
            ("EL", Some("GR")),
            ("XXX", None),
            ("EWE", None),
            ("", None),
        ] {
            let meant = CountryCode::meant_by(text).map(|code| code.to_string());
            assert_eq!(meant.as_deref(), code, "{text}");
        }
        for pair in WITHOUT_POSTAL_CODES.as_bytes().chunks(2) {
            let code = std::str::from_utf8(pair).unwrap();
            assert!(
                !CountryCode::parse(code).unwrap().has_postal_codes(),
                "{code}"
            );
        }
        for pair in WITHOUT_STATES.as_bytes().chunks(2) {
            let code = std::str::from_utf8(pair).unwrap();
            assert!(!CountryCode::parse(code).unwrap().has_states(), "{code}");
        }
        for code in ["DE", "US", "RU", "GB"] {
            assert!(CountryCode::parse(code).unwrap().has_states(), "{code}");
        }
        for code in ["MC", "SG", "DE", "US", "IE"] {
            assert!(
                CountryCode::parse(code).unwrap().has_postal_codes(),
                "{code}"
            );
        }
        let pairs = THREE_LETTERS.as_bytes().chunks(5);
        let mut codes: Vec<&str> = pairs
            .map(|entry| std::str::from_utf8(&entry[3..]).unwrap())
            .collect();
        codes.sort_unstable();
        assert_eq!(codes.concat(), ASSIGNED);
    }

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
            ("+65 6123 4567", "+6561234567"),
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
            "+49 (00) 1232",
            "+49 0012345678",
            "+",
            "00",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn addresses_are_checked() {
        let parse = |text| EmailAddress::parse(text).map(|email| email.to_string());
        assert_eq!(
            parse("Admin@Example.COM"),
            Some("Admin@example.com".to_owned())
        );
        assert_eq!(
            parse("a.b+c@xn--e1aybc.xn--p1ai"),
            Some("a.b+c@xn--e1aybc.xn--p1ai".to_owned())
        );
        for text in [
            "",
            "a",
            "@example.com",
            "a@",
            "a@b",
            "a..b@example.com",
            "a b@example.com",
            "a@*.example.com",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
