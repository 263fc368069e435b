//! The table of the wire: every function, field, status and error word of the other BILLmanager, and
//! what may be guessed about it. Nothing else in this folder spells a remote name.
//!
//! Entries are marked as in ispmanager.md: \[doc\] and \[code\] are solid, \[inferred\] is a guess that one
//! line in `etc/pmssl/pmispmgrssl.conf` corrects (`ReadFunction certificate.show`).

use std::path::Path;

use crate::ca::overrides::{Known, Overrides, Shape};
use crate::domain::CountryCode;
use crate::domain::text::Words;
use crate::failure::Failure;

macro_rules! table {
    ($( $(#[$doc:meta])* $entry:ident, $shape:ident $($optional:ident)?, $default:literal; )*) => {
        /// An entry of the table.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) enum Entry { $( $(#[$doc])* $entry, )* }

        impl Entry {
            #[cfg(test)]
            const ALL: &'static [Self] = &[ $( Self::$entry, )* ];

            /// The name in the site's file.
            pub(super) const fn name(self) -> &'static str {
                match self { $( Self::$entry => stringify!($entry), )* }
            }

            /// The value without correction.
            pub(super) const fn default(self) -> &'static str {
                match self { $( Self::$entry => $default, )* }
            }
        }

        /// What the site's file may hold.
        pub(super) const KNOWN: &[Known] = &[
            $( Known {
                name: stringify!($entry),
                shape: Shape::$shape,
                optional: table!(@optional $($optional)?),
            }, )*
            Known { name: "Country.*", shape: Shape::Number, optional: false },
            Known { name: "Addon.*", shape: Shape::Number, optional: false },
            Known { name: "Included.*", shape: Shape::Number, optional: false },
        ];
    };
    (@optional optional) => { true };
    (@optional) => { false };
}

table! {
    /// Who the account is, with its balance (3, 6) \[code\].
    AccountFunction, Word, "whoami";
    /// Balances by provider (6) \[code\].
    BalancesFunction, Word optional, "subaccount";
    /// Settings of the user, with a balance on some installations (6) \[code\].
    UserFunction, Word optional, "usrparam";
    /// The list of certificates (10) \[doc\].
    ListFunction, Word, "certificate";
    /// The form of the list's saved filter (4.4): mechanism \[code\], name \[inferred\].
    FilterFunction, Word optional, "certificate.filter";
    /// First step of the order wizard: tariffs (7.2) \[doc\].
    TariffsFunction, Word optional, "certificate.order";
    /// Second step: the request, free of charge (8.1) \[doc\].
    RequestFunction, Word, "certificate.order.csr";
    /// Last step: orders and charges (8.1) \[doc\].
    OrderFunction, Word, "certificate.order.param";
    /// Reissue (12): name \[doc\], parameters \[inferred\].
    ReissueFunction, Word, "certificate.reissue";
    /// Renewal (13): \[doc\] for licences, \[inferred\] for certificates.
    ProlongFunction, Word, "service.prolong";
    /// The record of a certificate (10) \[inferred\].
    ReadFunction, Word optional, "certificate.edit";
    /// The files of a certificate (11) \[inferred\].
    FileFunction, Word optional, "certificate.file";
    /// The directory of countries (8.2) \[inferred\].
    CountriesFunction, Word optional, "country";

    /// What the account may use (4.6) \[code\]: looked at by `pmssl capture` alone.
    MenuFunction, Word optional, "menu";

    /// Where the request comes from (8.2) \[doc\].
    RequestKindField, Word, "crt_type";
    /// "Generate it for me" (8.2) \[doc\]: never ordered.
    RequestKindGenerate, Word, "generate";
    /// "I have one": taken from the form's choices; set it here when the form does not tell (8.2).
    RequestKindExisting, Word optional, "";
    /// What "I have one" may be called: used only after the free step has shown that it is (8.2)
    /// [inferred, weak].
    RequestKindGuess, Word optional, "exists";
    /// Tariff number (8.2) \[doc\].
    TariffField, Word, "pricelist";
    /// Term in months (8.2) \[doc\].
    PeriodField, Word, "period";
    /// Terms sold (7.2) \[doc\].
    Periods, Numbers, "12,24";
    /// Number of a country (8.2) \[doc\].
    CountryField, Word, "field_country";
    /// Main domain (8.2) \[doc\].
    CommonNameField, Word, "CN";
    /// Region (8.2) \[doc\].
    StateField, Word, "ST";
    /// City (8.2) \[doc\].
    LocalityField, Word, "L";
    /// Organization (8.2) \[doc\].
    OrganizationField, Word, "O";
    /// Department (8.2) \[doc\].
    UnitField, Word, "OU";
    /// Address in the subject (8.2) \[doc\].
    EmailField, Word, "emailAddress";
    /// Additional domains, the same text in each of these (8.2) \[doc\].
    NamesFields, Words, "altname,altname_input";
    /// The request (8.2) \[doc\].
    CsrField, Word, "csr";
    /// The private key in replies of the generating step (8.2) \[doc\]: never sent, never wanted.
    KeyField, Word, "key";
    /// Before the fields of the administrative contact (8.2) \[doc\].
    AdministrativePrefix, Word, "adm_";
    /// Before the fields of the technical contact (8.2) \[doc\].
    TechnicalPrefix, Word, "tech_";
    /// Before the fields of the organization (8.2) \[inferred\].
    OrganizationPrefix, Word, "org_";
    /// Before the number of a domain: its approver address (8.2): \[doc\] for 1, the rest \[inferred\].
    ApproverPrefix, Word, "approver_email_";
    /// How domains are confirmed (8.2) \[inferred\].
    MethodField, Word, "approver_method";
    /// Value for e-mail; the documented call has none (8.2).
    MethodEmail, Word optional, "";
    /// Value for TXT records (8.2) \[inferred\].
    MethodTxt, Word optional, "auth_dnstxt";
    /// Our own number of the service (8.2, 15): \[doc\] for orders in general.
    MarkerField, Word optional, "remoteid";
    /// Before our intent's key in that field (15).
    MarkerPrefix, Word, "pmssl-";
    /// Further fields of an order (8.2): no automatic renewal \[inferred\].
    OrderExtra, Pairs optional, "autoprolong=null";
    /// Before the number of a tariff's addon (8.2) \[doc\].
    AddonPrefix, Word, "addon_";

    /// Where replies to orders hold the number of the new service (4.1) \[code\].
    NewIdPaths, Words, "id,item.id,doc/id";
    /// Where a record holds its number \[inferred\].
    IdField, Word, "id";
    /// Issued certificate in a record (10) \[inferred\].
    CertificateField, Word, "crt";
    /// Value of the TXT record (9) \[inferred\].
    TxtValueField, Word, "auth_dnstxt_value";
    /// Names that may carry it (9) \[inferred\].
    TxtNamesField, Word, "domains_list";
    /// Approver addresses of a record (10) \[inferred\].
    ApproversField, Word, "approver_email";
    /// First day of the service (10) \[doc\].
    CreatedField, Word, "createdate";
    /// Last paid day of the service (10) \[doc\].
    ExpiresField, Word, "expiredate";
    /// Last paid day after a renewal (13) \[code\].
    NewExpiresField, Word, "newexpiredate";
    /// Fields of the renewal's form that only show something (13) \[code\]; all others are sent back.
    ProlongShown, Words, "id,title_name,expiredate,newexpiredate,status";
    /// Fields of the reissue's form that are not sent back (12) \[inferred\].
    ReissueShown, Words, "id,key,pkey,crt,status,item_status,service_status,createdate,expiredate";
    /// State of the service: in lists the first, in forms the second (10) \[doc\], \[code\].
    ServiceStateFields, Words, "item_status,status";
    /// State of the certificate (10): \[code\] for the module's side, \[inferred\] here.
    CertificateStateField, Word, "service_status";

    /// Services ordered and not paid (10) \[code\].
    StateOrdered, Words, "1";
    /// Active services (10) \[code\].
    StateActive, Words, "2";
    /// Suspended services (10) \[code\].
    StateSuspended, Words, "3";
    /// Deleted services (10) \[code\].
    StateDeleted, Words, "4";
    /// Services on which something is being done (10) \[code\].
    StateProcessing, Words, "5";
    /// Certificate states that say nothing (10) \[code\].
    CertificateSilent, Words, "0,1,2";
    /// Certificates that are awaited (10) \[code\].
    CertificateAwaited, Words, "3,4";
    /// Issued certificates (10) \[code\].
    CertificateIssued, Words, "5";
    /// Certificates that will not come (10) \[code\].
    CertificateFailed, Words, "6";

    /// Error types: credentials (5): `auth` and `authtype` \[code\], the rest \[inferred\].
    ErrorsCredentials, Words, "auth,badpassword,noauth,session,authtype";
    /// Error types: no right (5) \[code\].
    ErrorsAccess, Words, "access";
    /// Error types: this server's address is not trusted (5) \[code\].
    ErrorsAddress, Words, "captcha_verification_failed";
    /// Error types: no such object or function (5) \[inferred\].
    ErrorsMissing, Words, "missed";
    /// Error types: wrong value (5) \[code\].
    ErrorsValue, Words, "value";
    /// Error types: there is one already (5) \[inferred\]: no proof that nothing was bought.
    ErrorsExists, Words, "exists";
    /// Error types: refused for another reason (5).
    ErrorsRefused, Words, "limit,license,wizard_unavailable";
    /// Error types: not enough money; nobody has seen one (5).
    ErrorsFunds, Words optional, "";
}

/// Entries that name a function.
const FUNCTIONS: [Entry; 14] = [
    Entry::AccountFunction,
    Entry::BalancesFunction,
    Entry::UserFunction,
    Entry::ListFunction,
    Entry::FilterFunction,
    Entry::TariffsFunction,
    Entry::RequestFunction,
    Entry::OrderFunction,
    Entry::ReissueFunction,
    Entry::ProlongFunction,
    Entry::ReadFunction,
    Entry::FileFunction,
    Entry::CountriesFunction,
    Entry::MenuFunction,
];

/// Endings of functions that act without being told to (4.6).
pub(super) const ACTING: [&str; 4] = [".delete", ".suspend", ".resume", ".stop"];

/// Fields that only the client's own code writes.
const RESERVED: [&str; 7] = [
    "authinfo",
    "func",
    "out",
    "lang",
    "sok",
    "skipbasket",
    "elid",
];

/// Fields of a contact behind its prefix (8.2) \[doc\].
pub(super) const CONTACT_FIELDS: [&str; 5] = ["fname", "lname", "jtitle", "email", "phone"];

/// Numbers of countries that are the same in every installation (8.2): \[doc\] and \[code\].
const COUNTRIES: [(&str, &str); 1] = [("RU", "182")];

/// Domains that a tariff includes, the main one among them (7.1) \[doc\].
const INCLUDED: [(&str, &str); 1] = [("27648", "3")];

/// The table with the site's corrections.
#[derive(Debug, Clone, Default)]
pub(super) struct Wire {
    overrides: Overrides,
}

impl Wire {
    /// Reads the site's corrections.
    ///
    /// # Errors
    /// A file with wrong entries.
    pub(super) fn read(path: Option<&Path>) -> Result<Self, Failure> {
        Overrides::read_table(path, KNOWN, Self::checked)
    }

    /// Checks what the shapes of entries leave open.
    fn checked(overrides: Overrides) -> Result<Self, Vec<(String, Words)>> {
        let wire = Self { overrides };
        let mut wrong = Vec::new();
        let mut blame = |name: &str, reason: Words| wrong.push((name.to_owned(), reason));
        for entry in FUNCTIONS {
            if ACTING
                .iter()
                .any(|ending| wire.text(entry).ends_with(ending))
            {
                blame(
                    entry.name(),
                    words!(
                        "this function acts without being told to",
                        "эта функция действует без подтверждения"
                    ),
                );
            }
        }
        for (name, _) in wire.pairs(Entry::OrderExtra) {
            if RESERVED.contains(&name) {
                blame(
                    Entry::OrderExtra.name(),
                    words!(
                        "it holds a field that is not free",
                        "в нём есть занятое поле"
                    ),
                );
            }
        }
        for (code, _) in wire.overrides.family("Country.") {
            if CountryCode::parse(code).is_none_or(|known| known.as_str() != code) {
                let name = format!("Country.{code}");
                blame(
                    &name,
                    words!(
                        "the name ends in a country code in capitals",
                        "имя оканчивается кодом страны заглавными буквами"
                    ),
                );
            }
        }
        for family in ["Addon.", "Included."] {
            for (tariff, _) in wire.overrides.family(family) {
                if !tariff.bytes().all(|byte| byte.is_ascii_digit()) {
                    blame(
                        &format!("{family}{tariff}"),
                        words!(
                            "the name ends in the number of a tariff",
                            "имя оканчивается номером тарифа"
                        ),
                    );
                }
            }
        }
        if wrong.is_empty() {
            Ok(wire)
        } else {
            Err(wrong)
        }
    }

    #[cfg(test)]
    pub(super) fn corrected(text: &str) -> Self {
        Self::checked(Overrides::parse(text, KNOWN).unwrap()).unwrap()
    }

    /// The value of an entry; empty when it is switched off.
    pub(super) fn text(&self, entry: Entry) -> &str {
        self.overrides
            .get(entry.name())
            .unwrap_or_else(|| entry.default())
    }

    /// The value of an entry that may be switched off.
    pub(super) fn optional(&self, entry: Entry) -> Option<&str> {
        Some(self.text(entry)).filter(|text| !text.is_empty())
    }

    /// The words of an entry.
    pub(super) fn words(&self, entry: Entry) -> impl Iterator<Item = &str> {
        let words = self.text(entry).split(',').map(str::trim);
        words.filter(|word| !word.is_empty())
    }

    /// Whether an entry holds a word.
    pub(super) fn holds(&self, entry: Entry, word: &str) -> bool {
        self.words(entry).any(|known| known == word)
    }

    /// The pairs of an entry.
    pub(super) fn pairs(&self, entry: Entry) -> impl Iterator<Item = (&str, &str)> {
        self.words(entry).filter_map(|pair| pair.split_once('='))
    }

    /// The remote number of a country (ISO code, upper case), where it is known without asking.
    pub(super) fn country(&self, code: &str) -> Option<&str> {
        self.member("Country.", &COUNTRIES, code)
    }

    /// Whether the site itself named the number of a country.
    pub(super) fn is_country_corrected(&self, code: &str) -> bool {
        self.overrides.get(&format!("Country.{code}")).is_some()
    }

    /// The addon of a tariff that sells further domains.
    pub(super) fn addon(&self, tariff: &str) -> Option<&str> {
        self.member("Addon.", &[], tariff)
    }

    /// How many domains a tariff includes, the main one among them.
    pub(super) fn included(&self, tariff: &str) -> Option<u32> {
        self.member("Included.", &INCLUDED, tariff)?.parse().ok()
    }

    fn member<'a>(
        &'a self,
        family: &'a str,
        defaults: &[(&str, &'a str)],
        member: &str,
    ) -> Option<&'a str> {
        let mut corrections = self.overrides.family(family);
        corrections
            .find(|(name, _)| *name == member)
            .or_else(|| defaults.iter().copied().find(|(name, _)| *name == member))
            .map(|(_, value)| value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_default_is_an_entry_that_the_file_could_hold() {
        for entry in Entry::ALL {
            let value = match entry.default() {
                "" => "-",
                value => value,
            };
            let line = format!("{} {value}", entry.name());
            let overrides = Overrides::parse(&line, KNOWN);
            assert_eq!(
                overrides.map(|o| o.get(entry.name()).map(str::to_owned)),
                Ok(Some(entry.default().to_owned())),
                "{line}"
            );
        }
    }

    #[test]
    fn corrections_win_over_defaults() {
        let wire = Wire::corrected(
            "ReadFunction -\nStateActive 2, 7\nCountry.DE 74\nCountry.RU 999\nIncluded.27648 5\n",
        );
        assert_eq!(wire.optional(Entry::ReadFunction), None);
        assert_eq!(wire.text(Entry::ListFunction), "certificate");
        assert!(wire.holds(Entry::StateActive, "7") && !wire.holds(Entry::StateActive, "3"));
        assert_eq!(wire.country("DE"), Some("74"));
        assert_eq!(wire.country("RU"), Some("999"));
        assert_eq!(wire.country("FR"), None);
        assert_eq!(wire.included("27648"), Some(5));
        assert_eq!(wire.included("3033"), None);
        assert_eq!(wire.addon("27648"), None);
        assert_eq!(Wire::default().country("RU"), Some("182"));
        assert_eq!(Wire::default().words(Entry::ErrorsFunds).count(), 0);
        let extra = Wire::default();
        let extra: Vec<_> = extra.pairs(Entry::OrderExtra).collect();
        assert_eq!(extra, [("autoprolong", "null")]);
    }

    #[test]
    fn what_the_shapes_leave_open_is_checked_by_line() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("pmispmgrssl.conf");
        for (line, reason) in [
            ("ReadFunction certificate.delete", "acts without being told"),
            ("MenuFunction x.resume", "acts without being told"),
            ("OrderExtra autoprolong=null,skipbasket=off", "not free"),
            ("Country.de 74", "country code in capitals"),
            ("Country.XX 74", "country code"),
            ("Addon.positive 5", "number of a tariff"),
            ("Included.27648x 5", "number of a tariff"),
        ] {
            std::fs::write(&path, format!("# remark\n\n{line}\nPeriods 12\n")).unwrap();
            let failure = Wire::read(Some(&path)).unwrap_err();
            let words = failure.words();
            assert!(
                words.starts_with("line 3: '") && words.contains(reason),
                "{words}"
            );
        }
    }

    #[test]
    fn the_sample_names_every_entry_with_its_default() {
        let sample = include_str!("../../../etc/pmssl/pmispmgrssl.conf.sample");
        let mut whole = String::new();
        for line in sample.lines() {
            // `#Name value` is an entry switched off, `# text` a remark.
            let text = line.strip_prefix('#');
            assert_eq!(text.is_none(), line.is_empty(), "nothing is switched on");
            let is_entry = |text: &&str| text.starts_with(|c: char| c.is_ascii_uppercase());
            if let Some(entry) = text.filter(is_entry) {
                whole.push_str(entry);
                whole.push('\n');
            }
        }
        let overrides = Overrides::parse(&whole, KNOWN).unwrap();
        for entry in Entry::ALL {
            let shown = overrides.get(entry.name());
            assert_eq!(shown, Some(entry.default()), "{}", entry.name());
        }
        let wire = Wire::checked(overrides).unwrap();
        assert!(wire.country("DE").is_some() && wire.addon("27648").is_some());
    }
}
