//! Product codes of TheSSLStore: the 46 of the platform's own module with exactly its attributes
//! (billmanager.md 4), then the TLS codes that came later (thesslstore.md 12). Whether a code is still
//! sold follows the registry of 2026 cited there.

use super::super::{Method, Template};

/// Sectigo, single names (thesslstore.md 6.4).
const SECTIGO: &[Method] = &[
    Method::Email,
    Method::HttpFile,
    Method::HttpsFile,
    Method::DnsCname,
];
/// A file proves no wildcard.
const SECTIGO_WILD: &[Method] = &[Method::Email, Method::DnsCname];
/// DigiCert (thesslstore.md 6.4 and 7.1).
const DIGICERT: &[Method] = &[
    Method::Email,
    Method::HttpFile,
    Method::DnsCname,
    Method::DnsTxt,
];
/// A file proves no wildcard.
const DIGICERT_WILD: &[Method] = &[Method::Email, Method::DnsCname, Method::DnsTxt];
/// Products of the Symantec era were approved by mail.
const MAIL: &[Method] = &[Method::Email];

/// All products.
#[rustfmt::skip]
pub(super) static ALL: [Template; 89] = [
    // Symantec; replaced by DigiCert's own codes.
    Template::extended("securesiteproev", "Symantec Secure Site Pro EV").multi().former(),
    Template::extended("securesiteev", "Symantec Secure Site EV").multi().former(),
    Template::organization("securesitepro", "Symantec Secure Site Pro").multi().former(),
    Template::organization("securesite", "Symantec Secure Site").multi().former(),
    Template::organization("securesitewildcard", "Symantec Secure Site Wildcard").wild().former(),
    // GeoTrust.
    Template::domain("quicksslpremium", "GeoTrust QuickSSL Premium").www().by(MAIL).former(),
    Template::domain("quicksslpremiummd", "GeoTrust QuickSSL Premium Multi-Domain").www().multi().by(MAIL).former(),
    Template::extended("truebusinessidev", "GeoTrust True BusinessID EV").former(),
    Template::organization("truebizid", "GeoTrust True BusinessID").csr_names().former(),
    Template::organization("truebizidmd", "GeoTrust True BusinessID Multi-Domain").multi().csr_names().former(),
    Template::organization("truebusinessidwildcard", "GeoTrust True BusinessID Wildcard").wild().former(),
    Template::extended("truebusinessidevmd", "GeoTrust True BusinessID EV Multi-Domain").multi().former(),
    // Thawte.
    Template::extended("sslwebserverev", "Thawte SSL Web Server EV").multi().former(),
    Template::organization("sslwebserver", "Thawte SSL Web Server").multi().former(),
    Template::organization("sslwebserverwildcard", "Thawte SSL Web Server Wildcard").wild().former(),
    Template::domain("ssl123", "Thawte SSL123").asks_organization().by(MAIL).former(),
    Template::organization("sgcsupercerts", "Thawte SGC SuperCerts").former(),
    // RapidSSL.
    Template::domain("rapidssl", "RapidSSL").by(MAIL).former(),
    Template::domain("rapidsslwildcard", "RapidSSL Wildcard").wild().by(MAIL).former(),
    Template::domain("freessl", "FreeSSL").by(MAIL).former(),
    // Comodo, now Sectigo.
    Template::domain("essentialssl", "Comodo EssentialSSL").www().by(SECTIGO),
    Template::domain("essentialwildcard", "Comodo EssentialSSL Wildcard").wild().by(SECTIGO_WILD),
    Template::organization("instantssl", "Comodo InstantSSL").www().by(SECTIGO),
    Template::organization("instantsslpro", "Comodo InstantSSL Pro").by(SECTIGO),
    Template::extended("comodoevssl", "Comodo EV SSL").www().by(SECTIGO),
    Template::organization("comodomdc", "Comodo Multi-Domain SSL").multi().by(SECTIGO),
    Template::organization("comodosgc", "Comodo SGC SSL").by(SECTIGO).former(),
    Template::organization("comodosgcwildcard", "Comodo SGC SSL Wildcard").wild().by(SECTIGO_WILD).former(),
    Template::domain("comodossl", "Comodo SSL").www().by(SECTIGO),
    Template::organization("comodopremiumssl", "Comodo PremiumSSL").www().by(SECTIGO),
    Template::extended("comodoevmdc", "Comodo EV Multi-Domain SSL").multi().by(SECTIGO),
    Template::organization("comodoucc", "Comodo Unified Communications").multi().by(SECTIGO),
    Template::domain("comododvucc", "Comodo DV Unified Communications").multi().by(SECTIGO),
    Template::domain("comodowildcard", "Comodo SSL Wildcard").wild().by(SECTIGO_WILD),
    Template::extended("comodoevsgc", "Comodo EV SGC SSL").www().by(SECTIGO).former(),
    Template::organization("comodopremiumwildcard", "Comodo PremiumSSL Wildcard").wild().by(SECTIGO_WILD),
    Template::organization("comodouccwildcard", "Comodo Unified Communications Wildcard").wild().multi().by(SECTIGO_WILD),
    Template::organization("elitessl", "Comodo EliteSSL").www().by(SECTIGO),
    Template::domain("positivessl", "PositiveSSL").by(SECTIGO),
    Template::domain("positivemdcssl", "PositiveSSL Multi-Domain").multi().by(SECTIGO),
    Template::domain("positivesslwildcard", "PositiveSSL Wildcard").wild().by(SECTIGO_WILD),
    Template::domain("positivemdcwildcard", "PositiveSSL Multi-Domain Wildcard").wild().multi().by(SECTIGO_WILD),
    // Certum; no longer in the vendor's registry.
    Template::organization("ucommercialssl", "Certum Commercial SSL").former(),
    Template::organization("ucommercialwildcard", "Certum Commercial SSL Wildcard").wild().former(),
    Template::organization("utrustedssl", "Certum Trusted SSL").former(),
    Template::organization("utrustedwildcard", "Certum Trusted SSL Wildcard").wild().former(),

    // Sectigo codes of later years.
    Template::domain("sectigossl", "Sectigo SSL").by(SECTIGO),
    Template::domain("sectigowildcard", "Sectigo SSL Wildcard").wild().by(SECTIGO_WILD),
    Template::domain("sectigodvucc", "Sectigo DV Unified Communications").multi().by(SECTIGO),
    Template::domain("sectigouccwildcard", "Sectigo DV Unified Communications Wildcard").wild().multi_wild().by(SECTIGO_WILD),
    Template::organization("sectigoovssl", "Sectigo OV SSL").by(SECTIGO),
    Template::organization("sectigoovwildcard", "Sectigo OV SSL Wildcard").wild().by(SECTIGO_WILD),
    Template::organization("sectigomdc", "Sectigo OV Multi-Domain SSL").multi().by(SECTIGO),
    Template::organization("sectigomdcwildcard", "Sectigo OV Multi-Domain SSL Wildcard").wild().multi_wild().by(SECTIGO_WILD),
    Template::organization("comodomdcwildcard", "Comodo Multi-Domain SSL Wildcard").wild().multi_wild().by(SECTIGO_WILD),
    Template::organization("enterprisessl", "Sectigo Enterprise SSL").by(SECTIGO),
    Template::organization("enterprisepro", "Sectigo Enterprise SSL Pro").by(SECTIGO),
    Template::organization("enterpriseprowc", "Sectigo Enterprise SSL Pro Wildcard").wild().by(SECTIGO_WILD),
    Template::extended("positiveevssl", "PositiveSSL EV").by(SECTIGO),
    Template::extended("positiveevmdc", "PositiveSSL EV Multi-Domain").multi().by(SECTIGO),
    Template::extended("sectigoevssl", "Sectigo EV SSL").by(SECTIGO),
    Template::extended("sectigoevmdc", "Sectigo EV Multi-Domain SSL").multi().by(SECTIGO),
    Template::extended("enterpriseproev", "Sectigo Enterprise SSL Pro EV").by(SECTIGO),
    Template::extended("enterpriseproevmdc", "Sectigo Enterprise SSL Pro EV Multi-Domain").multi().by(SECTIGO),
    // DigiCert. Flex products take ordinary and wildcard names side by side; no EV certificate holds a wildcard.
    Template::organization("digi_ssl_basic", "DigiCert Basic OV").multi().by(DIGICERT),
    Template::extended("digi_ssl_ev_basic", "DigiCert Basic EV").multi().by(DIGICERT),
    Template::organization("digi_securesite_flex", "DigiCert Secure Site").multi_wild().by(DIGICERT),
    Template::extended("digi_securesite_ev_flex", "DigiCert Secure Site EV").multi().by(DIGICERT),
    Template::organization("digi_securesite_pro_flex", "DigiCert Secure Site Pro").multi_wild().by(DIGICERT),
    Template::extended("digi_securesite_pro_ev_flex", "DigiCert Secure Site Pro EV").multi().by(DIGICERT),
    Template::organization("digi_truebizid_flex", "GeoTrust True BusinessID (DigiCert)").multi_wild().by(DIGICERT),
    Template::extended("digi_truebizid_ev_flex", "GeoTrust True BusinessID EV (DigiCert)").multi().by(DIGICERT),
    Template::organization("digi_sslwebserver_flex", "Thawte SSL Web Server (DigiCert)").multi_wild().by(DIGICERT),
    Template::extended("digi_sslwebserver_ev_flex", "Thawte SSL Web Server EV (DigiCert)").multi().by(DIGICERT),
    Template::domain("digi_ssl_dv_geotrust_flex", "GeoTrust DV SSL (DigiCert)").multi_wild().one_approver().by(DIGICERT),
    Template::domain("digi_ssl123_flex", "Thawte SSL123 (DigiCert)").multi_wild().one_approver().by(DIGICERT),
    Template::domain("digi_rapidssl", "RapidSSL (DigiCert)").by(DIGICERT),
    Template::domain("digi_rapidssl_wc", "RapidSSL Wildcard (DigiCert)").wild().by(DIGICERT_WILD),
    Template::domain("digi_quickssl_md", "GeoTrust QuickSSL Premium Multi-Domain (DigiCert)").multi().one_approver().by(DIGICERT),
    // The same for an organization that is registered at the vendor (thesslstore.md, corrections).
    Template::organization("digi_ssl_basic-EO", "DigiCert Basic OV, known organization").multi().by(DIGICERT),
    Template::extended("digi_ssl_ev_basic-EO", "DigiCert Basic EV, known organization").multi().by(DIGICERT),
    Template::organization("digi_securesite_flex-EO", "DigiCert Secure Site, known organization").multi_wild().by(DIGICERT),
    Template::extended("digi_securesite_ev_flex-EO", "DigiCert Secure Site EV, known organization").multi().by(DIGICERT),
    Template::organization("digi_securesite_pro_flex-EO", "DigiCert Secure Site Pro, known organization").multi_wild().by(DIGICERT),
    Template::extended("digi_securesite_pro_ev_flex-EO", "DigiCert Secure Site Pro EV, known organization").multi().by(DIGICERT),
    Template::organization("digi_truebizid_flex-EO", "GeoTrust True BusinessID (DigiCert), known organization").multi_wild().by(DIGICERT),
    Template::extended("digi_truebizid_ev_flex-EO", "GeoTrust True BusinessID EV (DigiCert), known organization").multi().by(DIGICERT),
    Template::organization("digi_sslwebserver_flex-EO", "Thawte SSL Web Server (DigiCert), known organization").multi_wild().by(DIGICERT),
    Template::extended("digi_sslwebserver_ev_flex-EO", "Thawte SSL Web Server EV (DigiCert), known organization").multi().by(DIGICERT),
];
