//! Everything about this vendor's wire that no public source establishes, in one table.
//!
//! Each line can be corrected by a `Name value` entry of the site's override file
//! (`etc/pmssl/pmleadertelecom.conf`, sample beside it) once a live answer has been seen
//! (`pmssl capture`). What the defaults read tolerantly is never believed with money: see `paid`
//! and `locate`.

use std::collections::BTreeMap;
use std::path::Path;

use crate::ca::Stage;
use crate::ca::overrides::{Known, Overrides, Shape};
use crate::domain::text::Words;
use crate::domain::{CountryCode, Currency, DomainName};
use crate::failure::Failure;

/// One correctable fact.
#[derive(Debug)]
pub(super) struct WireFact {
    /// Name in the override file.
    pub(super) name: &'static str,
    /// Value in force unless overridden.
    pub(super) default: &'static str,
    kind: FactKind,
}

/// What a value may look like.
#[derive(Debug, Clone, Copy)]
enum FactKind {
    /// One of these words.
    Choice(&'static [&'static str]),
    /// A path below the base address; `{id}` stands for the certificate's number.
    Path {
        /// Must contain `{id}`.
        with_id: bool,
    },
    /// Names of JSON members, best first. `a/b` is a member `b` inside `a` at any depth, `/a` one of
    /// the outermost object. Array positions do not count.
    Members,
    /// HTTP statuses.
    Statuses,
    /// A query string without the question mark, may be empty.
    Query,
    /// A host name.
    Host,
    /// A currency code, may be empty.
    Currency,
    /// Product codes of the tariff, may be empty.
    Codes,
}

macro_rules! entries {
    ($( $(#[$doc:meta])* $constant:ident = $name:literal, $default:literal, $kind:expr; )*) => {
        $( $(#[$doc])* pub(super) const $constant: WireFact =
            WireFact { name: $name, default: $default, kind: $kind }; )*
        /// All entries, in the order of the sample.
        pub(super) const ENTRIES: &[WireFact] = &[ $( $constant, )* ];

        /// What the override file may hold.
        pub(super) const KNOWN: &[Known] = &[
            $( known($name, $kind.shape(), $default.is_empty() || $kind.may_be_off()), )*
            known("Status.*", Shape::OneOf(Meaning::WORDS), false),
            known("Product.*", Shape::Number, false),
            known("Days.*", Shape::Number, false),
            known("Country.*", Shape::Number, false),
        ];
    };
}

const fn known(name: &'static str, shape: Shape, optional: bool) -> Known {
    Known {
        name,
        shape,
        optional,
    }
}

const PATH: FactKind = FactKind::Path { with_id: false };
const PATH_ID: FactKind = FactKind::Path { with_id: true };

entries! {
    /// Where the token travels: documented for the sister API are both; on SSL paths only the query
    /// has been seen in code, and it puts the token into access logs (leaderssl.md 3).
    TOKEN_PLACE = "TokenPlace", "header", FactKind::Choice(&["header", "query"]);
    /// Encoding of small POST calls. The sign-in is documented as a form (leaderssl.md 2).
    CALL_ENCODING = "CallEncoding", "form", FactKind::Choice(&["form", "query", "json"]);

    // Paths (leaderssl.md 4).
    PATH_SIGN_IN = "PathSignIn", "users/signin", PATH;
    PATH_BALANCE = "PathBalance", "billing/balance", PATH;
    PATH_PRODUCTS = "PathProducts", "products", PATH;
    /// Restricts the list to SSL products \[inferred\] (leaderssl.md 5).
    PRODUCTS_QUERY = "ProductsQuery", "ssl=1", FactKind::Query;
    PATH_APPROVERS = "PathApprovers", "dcv_emails", PATH;
    PATH_ORDER = "PathOrder", "order", PATH;
    PATH_LIST = "PathList", "ssl_certificates", PATH;
    PATH_STATUS = "PathStatus", "ssl_certificates/{id}/status", PATH_ID;
    PATH_VALIDATION = "PathValidation", "ssl_certificates/{id}/dcv", PATH_ID;
    PATH_CHANGE = "PathChange", "ssl_certificates/{id}/change_dcv", PATH_ID;
    PATH_RESEND = "PathResend", "ssl_certificates/{id}/resend_dcv", PATH_ID;
    PATH_DOWNLOAD = "PathDownload", "ssl_certificates/{id}/download", PATH_ID;
    /// No call is public (leaderssl.md 10): without a path every reissue is a person's task.
    PATH_REISSUE = "PathReissue", "", PATH_ID;
    /// Object around the fields of a reissue; empty for none.
    REISSUE_WRAP = "ReissueWrap", "", FactKind::Members;

    /// Statuses with which an error text proves that an order was not taken. Only those that say
    /// "not served" are here: 500 may mean wrong data, 400, 402 and 422 are not known
    /// (leaderssl.md 11).
    REFUSED_STATUSES = "RefusedStatuses", "401, 403, 404, 405, 413, 414, 415", FactKind::Statuses;
    /// Members that carry an error text (leaderssl.md 11).
    ERROR_TEXT = "ErrorText", "/error, /errors", FactKind::Members;
    /// Members with an error's text beside a status that says error.
    ERROR_MESSAGE = "ErrorMessage", "/message", FactKind::Members;

    /// The certificate's number in the answer to an order: not known (leaderssl.md 7). A bare `id`
    /// may be that of something else and is therefore not here.
    ORDER_CERTIFICATE = "OrderCertificateId", "certificate_id, ssl_certificate_id, certificate/id, certificates/id, ssl_certificate/id, ssl_certificates/id", FactKind::Members;
    /// The order's own number, kept for people.
    ORDER_NUMBER = "OrderNumber", "order_id, order_number, order/id", FactKind::Members;

    /// The array of a list (leaderssl.md 9).
    LIST_WRAP = "ListWrap", "ssl_certificates, certificates, data, items, results", FactKind::Members;
    LIST_ID = "ListId", "certificate_id, ssl_certificate_id, id", FactKind::Members;
    LIST_NAME = "ListName", "domain_name, common_name, domain", FactKind::Members;
    LIST_CREATED = "ListCreated", "created_at, ordered_at", FactKind::Members;
    LIST_CSR = "ListCsr", "csr", FactKind::Members;
    /// Our own mark, should the vendor show it (leaderssl.md 13).
    UNIQUE_VALUE = "UniqueValue", "unique_value", FactKind::Members;

    /// The status word (leaderssl.md 9). What words mean: `Status.<word> issued`.
    STATUS = "Status", "status, state, certificate_status", FactKind::Members;

    // Validation data (leaderssl.md 6).
    DCV_LIST = "ValidationList", "dcv, domains, validations, data, items", FactKind::Members;
    DCV_NAME = "ValidationName", "domain_name, domain", FactKind::Members;
    DCV_METHOD = "ValidationMethod", "dcv_type, dcv_method, method", FactKind::Members;
    DCV_EMAIL = "ValidationEmail", "dcv_email, email", FactKind::Members;
    DCV_RECORD_NAME = "ValidationRecordName", "dns_name, cname_name, record_name", FactKind::Members;
    DCV_RECORD_VALUE = "ValidationRecordValue", "dns_value, cname_value, record_value", FactKind::Members;
    DCV_FILE_ADDRESS = "ValidationFileAddress", "file_url, http_url, url", FactKind::Members;
    DCV_FILE_CONTENT = "ValidationFileContent", "file_content, http_content, content", FactKind::Members;
    DCV_DONE = "ValidationDone", "validated, done", FactKind::Members;
    /// Whether `change_dcv` takes the words of the hash methods in place of an address.
    CHANGE_WORDS = "ChangeTakesWords", "no", FactKind::Choice(&["no", "yes"]);
    /// Last part of computed tokens (leaderssl.md 6).
    TOKEN_HOST = "TokenHost", "sectigo.com", FactKind::Host;
    /// Product codes whose certificates do not come from Sectigo: no tokens are computed for them.
    OTHER_AUTHORITY = "OtherAuthority", "", FactKind::Codes;

    // Balance (leaderssl.md 5, 12): amount and currency stand in one object. An amount that does not
    // say of what is none.
    BALANCE_AMOUNT = "BalanceAmount", "balance, balance/amount", FactKind::Members;
    BALANCE_CURRENCY = "BalanceCurrency", "currency, currency_code", FactKind::Members;
    /// Chooses among several balances; stands in when no currency is told.
    ACCOUNT_CURRENCY = "AccountCurrency", "", FactKind::Currency;

    /// Whether an order whose price is above the balance is not sent.
    CHECK_FUNDS = "CheckFunds", "yes", FactKind::Choice(&["yes", "no"]);

    // Catalogue (leaderssl.md 5).
    PRODUCT_LIST = "ProductList", "products, nomenclatures, data, items", FactKind::Members;
    PRODUCT_ID = "ProductId", "nomenclature_id, id", FactKind::Members;
    PRODUCT_NAME = "ProductName", "name, title", FactKind::Members;
    PRODUCT_PRICE = "ProductPrice", "price", FactKind::Members;
    PRODUCT_CURRENCY = "ProductCurrency", "currency", FactKind::Members;
    PRODUCT_DAYS = "ProductDays", "days", FactKind::Members;
    PRODUCT_PERIOD = "ProductPeriod", "period_type", FactKind::Members;
    PRODUCT_PERIODS = "ProductPeriods", "period_count", FactKind::Members;
}

/// What a status word means; the table starts empty (leaderssl.md 9).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    Pending,
    Issued,
    Cancelled,
    Expired,
}

impl Meaning {
    const WORDS: &'static [&'static str] = &["pending", "issued", "cancelled", "expired"];

    fn parse(word: &str) -> Option<Self> {
        match word {
            "pending" => Some(Self::Pending),
            "issued" => Some(Self::Issued),
            "cancelled" => Some(Self::Cancelled),
            "expired" => Some(Self::Expired),
            _ => None,
        }
    }

    /// The stage, told in the vendor's word.
    pub(super) fn stage(self, word: &str) -> Stage {
        match self {
            Self::Pending => Stage::Pending(word.to_owned()),
            Self::Issued => Stage::Issued,
            Self::Cancelled => Stage::Cancelled(word.to_owned()),
            Self::Expired => Stage::Expired,
        }
    }
}

/// The table in force.
#[derive(Debug, Default)]
pub(super) struct Wire {
    overrides: Overrides,
    meanings: BTreeMap<String, Meaning>,
    products: BTreeMap<String, u64>,
    days: BTreeMap<u32, u32>,
    countries: BTreeMap<String, u64>,
}

impl Wire {
    /// The defaults, corrected by the override file; no path and no file mean no corrections.
    ///
    /// # Errors
    /// [`PlatformFile`](crate::failure::Reason::PlatformFile): a file that cannot be read, or all its wrong lines with their reasons.
    pub(super) fn read(path: Option<&Path>) -> Result<Self, Failure> {
        Overrides::read_table(path, KNOWN, Self::corrected)
    }

    /// Checks what the general form of an entry leaves open; wrong entries come by name with a reason.
    pub(super) fn corrected(overrides: Overrides) -> Result<Self, Vec<(String, Words)>> {
        let mut wire = Self::default();
        let mut wrong = Vec::new();
        for entry in ENTRIES {
            // What is switched off has nothing to check.
            let value = overrides.get(entry.name).filter(|value| !value.is_empty());
            if let Some(Err(reason)) = value.map(|value| entry.kind.check(value)) {
                wrong.push((entry.name.to_owned(), reason));
            }
        }
        for family in ["Status.", "Product.", "Days.", "Country."] {
            for (member, value) in overrides.family(family) {
                if let Err(reason) = wire.set(family, member, value) {
                    wrong.push((format!("{family}{member}"), reason));
                }
            }
        }
        wire.overrides = overrides;
        if wrong.is_empty() {
            Ok(wire)
        } else {
            Err(wrong)
        }
    }

    fn set(&mut self, family: &str, member: &str, value: &str) -> Result<(), Words> {
        match family {
            "Status." => {
                let meaning = Meaning::parse(value)
                    .ok_or_else(|| words!("no such meaning", "такого значения нет"))?;
                self.meanings.insert(member.to_lowercase(), meaning);
            }
            "Product." => {
                self.products.insert(member.to_owned(), number(value)?);
            }
            "Days." => {
                let months = member.parse().map_err(|_| {
                    words!("the name ends in months", "имя оканчивается числом месяцев")
                })?;
                let days = u32::try_from(number(value)?)
                    .map_err(|_| words!("too many days", "слишком много дней"))?;
                self.days.insert(months, days);
            }
            _ => {
                let code = CountryCode::parse(member).ok_or_else(|| {
                    words!(
                        "the name ends in a country code",
                        "имя оканчивается кодом страны"
                    )
                })?;
                self.countries.insert(code.to_string(), number(value)?);
            }
        }
        Ok(())
    }

    /// The value of an entry.
    pub(super) fn text(&self, entry: &WireFact) -> &str {
        self.overrides.get(entry.name).unwrap_or(entry.default)
    }

    /// The words of a value.
    pub(super) fn words(&self, entry: &WireFact) -> impl Iterator<Item = &str> {
        let words = self.text(entry).split(',').map(str::trim);
        words.filter(|word| !word.is_empty())
    }

    /// Whether a choice is set to this word.
    pub(super) fn is(&self, entry: &WireFact, word: &str) -> bool {
        self.text(entry) == word
    }

    /// What a status word means; `None` for words that nobody has entered.
    pub(super) fn meaning(&self, word: &str) -> Option<Meaning> {
        self.meanings.get(&word.to_lowercase()).copied()
    }

    /// The catalogue number of a product, from the override file.
    pub(super) fn product(&self, code: &str) -> Option<u64> {
        self.products.get(code).copied()
    }

    /// The days of a term: the sample shows 365 for a year, more years are \[inferred\]
    /// (leaderssl.md 7.2); other terms only when entered.
    pub(super) fn days(&self, months: u32) -> Option<u32> {
        let whole_years = (months > 0 && months.is_multiple_of(12)).then(|| months / 12 * 365);
        self.days.get(&months).copied().or(whole_years)
    }

    /// The vendor's number of a country; the list is not public (leaderssl.md 7.1).
    pub(super) fn country(&self, code: CountryCode) -> Option<u64> {
        self.countries.get(code.as_str()).copied()
    }
}

impl FactKind {
    const fn shape(self) -> Shape {
        match self {
            Self::Choice(words) => Shape::OneOf(words),
            Self::Path { .. } | Self::Query | Self::Host | Self::Currency => Shape::Word,
            Self::Members | Self::Codes => Shape::Words,
            Self::Statuses => Shape::Numbers,
        }
    }

    const fn may_be_off(self) -> bool {
        matches!(self, Self::Query)
    }

    fn check(self, value: &str) -> Result<(), Words> {
        let fail = |why: Words| Err(why);
        match self {
            Self::Path { .. } if value.starts_with('/') => fail(words!(
                "a path does not begin with a slash",
                "путь не начинается с косой черты"
            )),
            Self::Path { .. } if !value.bytes().all(is_path_byte) => fail(words!(
                "a path holds letters, digits and - _ . / only",
                "в пути допустимы только буквы, цифры и - _ . /"
            )),
            Self::Path { .. } if value.split('/').any(|part| part == "..") => fail(words!(
                "a path does not lead upwards",
                "путь не ведёт вверх"
            )),
            Self::Path { with_id } if with_id != value.contains("{id}") => fail(if with_id {
                words!("the path needs {{id}}", "в пути нужно {{id}}")
            } else {
                words!("the path takes no {{id}}", "в пути не должно быть {{id}}")
            }),
            Self::Statuses if !value.split(',').map(str::trim).all(is_refusal) => fail(words!(
                "only statuses from 400 to 499 can be refusals, but for 408, 409, 425 and 429",
                "отказом может быть только статус от 400 до 499, кроме 408, 409, 425 и 429"
            )),
            Self::Query if value.contains(['?', '#']) => fail(words!(
                "a query holds no ? and no #",
                "в запросе не бывает ? и #"
            )),
            Self::Host if DomainName::parse(value).is_err() => {
                fail(words!("a host name is expected", "ожидается имя узла"))
            }
            Self::Currency if Currency::parse(value).is_none() => fail(words!(
                "a currency code of three letters is expected",
                "ожидается код валюты из трёх букв"
            )),
            _ => Ok(()),
        }
    }
}

fn is_path_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-_./{}".contains(&byte)
}

/// A status that can prove that nothing was done. A server's trouble and "again, please" never do.
fn is_refusal(word: &str) -> bool {
    word.parse().is_ok_and(|status: u16| {
        (400..500).contains(&status) && ![408, 409, 425, 429].contains(&status)
    })
}

fn number(value: &str) -> Result<u64, Words> {
    match value.parse() {
        Ok(number) if number > 0 => Ok(number),
        _ => Err(words!(
            "a number above zero is expected",
            "ожидается число больше нуля"
        )),
    }
}
