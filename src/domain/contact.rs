//! People and companies of an order, in checked forms.

use std::fmt;

use super::Phone;

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

    /// The country that a text means which is no code: one of three letters, a usual mistake, the name of one of
    /// the countries where most clients are.
    #[must_use]
    pub fn meant_by(text: &str) -> Option<Self> {
        let text = text.trim();
        let word = text.to_lowercase();
        if let Some((code, _)) = WORDS
            .iter()
            .find(|(_, words)| words.contains(&word.as_str()))
        {
            return Self::parse(code);
        }
        let text = text.to_ascii_uppercase();
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
const WITHOUT_STATES: &str = "ADAIASAWAXBBBHBLBMCCCKCWCXDJFKFOGFGGGIGPGUHKIMIOJEKNKWKYLCLILUMCMFMOMPMQMSMTNCNFNR\
NUPFPMPNPRQARESGSHSMSXTCTKTVVAVGVIWFYT";

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

/// Names of countries, in small letters.
const WORDS: &[(&str, &[&str])] = &[
    ("AM", &["armenia", "армения"]),
    ("AT", &["austria", "österreich", "австрия"]),
    ("AZ", &["azerbaijan", "азербайджан"]),
    ("BG", &["bulgaria", "болгария"]),
    ("BY", &["belarus", "беларусь", "белоруссия"]),
    ("CA", &["canada", "канада"]),
    ("CH", &["switzerland", "schweiz", "suisse", "швейцария"]),
    ("CN", &["china", "китай"]),
    ("CY", &["cyprus", "кипр"]),
    ("CZ", &["czechia", "czech republic", "чехия"]),
    ("DE", &["germany", "deutschland", "германия"]),
    ("EE", &["estonia", "эстония"]),
    ("ES", &["spain", "españa", "испания"]),
    ("FI", &["finland", "suomi", "финляндия"]),
    ("FR", &["france", "франция"]),
    (
        "GB",
        &[
            "united kingdom",
            "great britain",
            "england",
            "великобритания",
        ],
    ),
    ("GE", &["georgia", "грузия"]),
    ("IL", &["israel", "израиль"]),
    ("IN", &["india", "индия"]),
    ("IT", &["italy", "italia", "италия"]),
    ("KG", &["kyrgyzstan", "киргизия", "кыргызстан"]),
    ("KZ", &["kazakhstan", "казахстан"]),
    ("LT", &["lithuania", "литва"]),
    ("LV", &["latvia", "латвия"]),
    ("MD", &["moldova", "молдова", "молдавия"]),
    ("NL", &["netherlands", "holland", "nederland", "нидерланды"]),
    ("PL", &["poland", "polska", "польша"]),
    (
        "RU",
        &[
            "russia",
            "russian federation",
            "россия",
            "российская федерация",
            "рф",
        ],
    ),
    ("TJ", &["tajikistan", "таджикистан"]),
    ("TM", &["turkmenistan", "туркменистан"]),
    ("TR", &["turkey", "türkiye", "турция"]),
    ("UA", &["ukraine", "україна", "украина"]),
    (
        "US",
        &["united states", "united states of america", "u.s.a.", "сша"],
    ),
    ("UZ", &["uzbekistan", "узбекистан"]),
];

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

impl Organization {
    /// What goes out as the state: in a country without any, the city takes its place \[inferred\].
    #[must_use]
    pub fn region_or_city(&self) -> &str {
        let is_given = self
            .region
            .chars()
            .any(|c| !c.is_control() && !c.is_whitespace());
        match is_given || self.country.has_states() {
            true => &self.region,
            false => &self.city,
        }
    }
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
            ("Germany", Some("DE")),
            (" Российская Федерация ", Some("RU")),
            ("United Kingdom", Some("GB")),
            ("Neverland", None),
            ("XXX", None),
            ("EWE", None),
            ("", None),
        ] {
            let meant = CountryCode::meant_by(text).map(|code| code.to_string());
            assert_eq!(meant.as_deref(), code, "{text}");
        }
        for (code, words) in WORDS {
            assert!(CountryCode::parse(code).is_some(), "{code}");
            assert!(words.iter().all(|word| *word == word.to_lowercase()));
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
