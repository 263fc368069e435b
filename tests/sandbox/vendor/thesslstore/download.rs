//! Certificate files (thesslstore.md 8.4, 8.5).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::super::authority::{block, pem, pkcs7};
use super::calls::{Answer, Context};
use super::place::{flag, text};
use super::products::Family;
use super::refusal::Refusal;
use super::reply;
use super::state::Order;
use super::switches::LeafName;

/// `order/download` and `order/downloadaszip`.
pub fn download(context: &Context<'_>, zipped: bool) -> Answer {
    let order = &context.state.orders[context.need_order()?];
    let (major, minor) = order.status(context.now, "Pending");
    let Some(certificate) = &order.certificate else {
        return Err(Refusal::own("The certificate is not issued yet"));
    };
    if minor == "PENDING_REISSUE" && context.state.switches.no_download_while_reissuing {
        return Err(Refusal::own("The certificate is being reissued"));
    }
    let culture = text(context.request, "DateTimeCulture");
    let with_bag = flag(context.request, "ReturnPKCS7Cert");
    let files = files(context, order, &certificate.der, with_bag);
    let switches = &context.state.switches;
    let (start, end) = (Some(certificate.not_before), Some(certificate.not_after));
    let mut answer = context.wrapped(json!({
        "PartnerOrderID": order.partner,
        "TheSSLStoreOrderID": order.id,
        "VendorOrderID": order.vendor,
        "CertificateStatus": major,
        "ValidationStatus": null,
        "CertificateStartDate": reply::local(start, culture),
        "CertificateEndDate": reply::local(end, culture),
        "CertificateStartDateInUTC": reply::utc(start, culture, switches),
        "CertificateEndDateInUTC": reply::utc(end, culture, switches),
    }));
    let Some(map) = answer.as_object_mut() else {
        return Ok(answer);
    };
    if zipped {
        let archive = archive(&files).map_err(Refusal::own)?;
        map.insert("Zip".to_owned(), json!(STANDARD.encode(archive)));
        map.insert("pkcs7zip".to_owned(), json!(""));
    } else {
        let list = files
            .iter()
            .map(|(name, content)| json!({ "FileName": name, "FileContent": content }));
        map.insert("Certificates".to_owned(), Value::Array(list.collect()));
    }
    Ok(answer)
}

fn files(
    context: &Context<'_>,
    order: &Order,
    leaf: &[u8],
    with_bag: bool,
) -> Vec<(String, String)> {
    let switches = &context.state.switches;
    let digicert = order.product.family == Family::DigiCert;
    let star = if digicert { "star" } else { "STAR" };
    let stem = match switches.leaf_name {
        LeafName::CommonName => order.common_name.replace('*', star).replace('.', "_"),
        LeafName::VendorOrder => order.vendor.replace('#', "_"),
        LeafName::Server => String::new(),
    };
    let leaf_name = match stem.as_str() {
        "" => "ServerCertificate.cer".to_owned(),
        stem => format!("{stem}.crt"),
    };
    let bundle_name = if digicert {
        "My_CA_Bundle.crt"
    } else {
        "My_CA_Bundle.ca-bundle"
    };
    let ends = switches.line_ends;
    let chain = [context.authority.intermediate(), context.authority.root()];
    // The chain comes first: order tells nothing.
    let mut files = vec![
        (bundle_name.to_owned(), pem(&chain, ends)),
        (leaf_name, pem(&[leaf], ends)),
        ("IconScript.txt".to_owned(), "<script></script>".to_owned()),
    ];
    if with_bag {
        let bag = pkcs7(&[
            context.authority.root(),
            leaf,
            context.authority.intermediate(),
        ]);
        files.push(("PKCS7.p7b".to_owned(), block("PKCS7", &bag, ends)));
    }
    files
}

fn archive(files: &[(String, String)]) -> Result<Vec<u8>, String> {
    use std::io::Write;
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, content) in files {
        writer
            .start_file(name.as_str(), zip::write::SimpleFileOptions::default())
            .map_err(|error| error.to_string())?;
        writer
            .write_all(content.as_bytes())
            .map_err(|error| error.to_string())?;
    }
    let cursor = writer.finish().map_err(|error| error.to_string())?;
    Ok(cursor.into_inner())
}
