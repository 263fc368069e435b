//! Names of item parameters and form fields of a certificate service, in one table
//! (billmanager.md 7). Names that no official module attests are marked as ours.

/// Prefix of the administrative contact's fields.
pub const ADMIN: &str = "adm";
/// Prefix of the technical contact's fields.
pub const TECHNICAL: &str = "tech";
/// Additional names, separated by blanks.
pub const ADDITIONAL_NAMES: &str = "altname";
/// Additional names before a reissue.
pub const FORMER_NAMES: &str = "old_altname";
/// Approver addresses, separated by commas; the first belongs to the common name.
pub const APPROVER_EMAIL: &str = "approver_email";
/// How control of the names is proved: a word of [`crate::module::Method::choice_word`].
pub const APPROVER_METHOD: &str = "approver_method";
/// The CSR, as errors name it.
pub const CSR: &str = "csr";
/// Organization name.
pub const ORG_NAME: &str = "org_name";
/// Organization country: numeric id of the platform's country table.
pub const ORG_COUNTRY: &str = "org_country";
/// Organization telephone.
pub const ORG_PHONE: &str = "org_phone";
/// Street address.
pub const ORG_ADDRESS: &str = "org_address";
/// City.
pub const ORG_CITY: &str = "org_city";
/// State or region.
pub const ORG_STATE: &str = "org_state";
/// Postal code.
pub const ORG_POSTCODE: &str = "org_postcode";
/// Department.
pub const ORG_DIVISION: &str = "org_division";
/// D-U-N-S number.
pub const ORG_DUNS: &str = "org_duns";
/// Agency of incorporation (Certum).
pub const ORG_AGENCY: &str = "org_incorporating_agency";
/// Registration number (Certum, EV).
pub const ORG_REGISTRATION: &str = "org_registration_number";
/// Number of an organization that TheSSLStore knows already. Ours.
pub const ORG_KNOWN: &str = "org_tss_id";
/// Business category (EV). Ours.
pub const ORG_CATEGORY: &str = "org_business_category";
/// Ordered period in months.
pub const PERIOD: &str = "period";
/// Certificate status as the platform stores it.
pub const SERVICE_STATUS: &str = "service_status";
/// `check` while the authority looks closer before it issues.
pub const STATUS_ADDITION: &str = "service_status_addition";
/// Names to verify, separated by commas.
pub const DOMAINS_LIST: &str = "domains_list";
/// TXT value that the client publishes.
pub const TXT_VALUE: &str = "auth_dnstxt_value";
/// CNAME record names that the client publishes, one per name, separated by commas. Ours.
pub const CNAME_NAME: &str = "auth_cname_name";
/// CNAME record values. Ours.
pub const CNAME_VALUE: &str = "auth_cname_value";
/// Addresses of the files that the client publishes. Ours.
pub const FILE_NAME: &str = "auth_http_name";
/// Contents of the files, with their line ends. Ours.
pub const FILE_VALUE: &str = "auth_http_value";
/// End of the paid term, shown beside the certificate's end; empty when one certificate covers it. Ours.
pub const PAID_TILL: &str = "paid_till";
/// End of the term that was bought, kept for later reissues. Ours.
pub const TERM_END: &str = "pmssl_term_end";
/// The order that the latest renewal, or a reissue with a number of its own, replaced. Ours.
pub const PREVIOUS_ORDER: &str = "pmssl_previous_order";
/// End and serial number of the saved certificate: the platform's End date may show the paid term. Ours.
pub const CERTIFICATE_END: &str = "pmssl_certificate_end";
/// Serial number of the saved certificate, kept where it is saved as an archive. Ours.
pub const CERTIFICATE_SERIAL: &str = "pmssl_certificate_serial";
/// Serial number and end of the certificate that the latest reissue or renewal replaces. Ours.
pub const REPLACED: &str = "pmssl_replaced_serial";
/// Who settled the last unknown outcome by hand, when and how. Ours.
pub const SETTLED: &str = "pmssl_settled";
/// What came back for the last paid call whose outcome was not known, behind its intent's key. Ours.
pub const VENDOR_WORDS: &str = "pmssl_vendor_words";
/// The certificate about which the client was told, by its mark. Ours.
pub const NOTIFIED: &str = "pmssl_notified";
/// The certificate about which a person has a task, by its mark. Ours.
pub const TASKED: &str = "pmssl_tasked";
/// The order about whose lost validation data a person has a task. Ours.
pub const PROOF_TASKED: &str = "pmssl_proof_tasked";
/// The purchase about which the vendor was asked whether it sold more than one order, by its intent's key. Ours.
pub const SPARE: &str = "pmssl_spare";
/// What the order waits for, since when, and who was told. Ours.
pub const WAITS: &str = "pmssl_waits";
/// The days of the names' last proofs and of the company's verification before the order at hand. Ours.
pub const PROVED: &str = "pmssl_proved";
/// That the vendor shows the order of the certificate in hand as revoked. Ours.
pub const REVOKED: &str = "pmssl_revoked";
/// A person's wish to have the certificate in hand reissued. Ours.
pub const WISH: &str = "pmssl_reissue";
