//! The forms in which a BILLmanager keeps an issued certificate (ispmanager.md 11).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::ca::VendorFiles;
use crate::certificate::{files_from_zip, is_der};
use crate::failure::Failure;

/// Begin of a zip archive.
const ZIP: &[u8] = b"PK\x03\x04";

/// Takes a delivery apart: PEM text, a zip, either in base64, or DER. `None` for an empty one and for
/// what is no form of a certificate; the certificates themselves are not looked at here.
///
/// # Errors
/// A damaged or hostile archive.
pub(super) fn unpack(content: &[u8]) -> Result<Option<VendorFiles>, Failure> {
    let files = |files| Ok(Some(VendorFiles { files }));
    let one = |bytes: &[u8]| files(vec![("certificate".to_owned(), bytes.to_vec())]);
    let content = content.trim_ascii();
    if content.starts_with(ZIP) {
        return files(files_from_zip(content)?);
    }
    if content.windows(11).any(|window| window == b"-----BEGIN ") {
        return one(content);
    }
    if is_der(content) {
        return one(content);
    }
    let bare: Vec<u8> = content
        .iter()
        .copied()
        .filter(|byte| !byte.is_ascii_whitespace())
        .collect();
    match STANDARD.decode(bare) {
        Ok(bytes) if bytes.starts_with(ZIP) => files(files_from_zip(&bytes)?),
        Ok(bytes) if is_der(&bytes) => one(&bytes),
        Ok(bytes) if bytes.starts_with(b"-----BEGIN ") => one(&bytes),
        _ => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::io::Write as _;

    fn zip() -> Vec<u8> {
        let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        let options = zip::write::SimpleFileOptions::default();
        for (name, content) in [("_.shop_example_com.p7b", "bag"), ("1.crt", "leaf")] {
            writer.start_file(name, options).unwrap();
            writer.write_all(content.as_bytes()).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    fn names(content: &[u8]) -> Option<Vec<String>> {
        let files = unpack(content).unwrap()?;
        Some(files.files.into_iter().map(|(name, _)| name).collect())
    }

    #[test]
    fn every_documented_form_is_taken_apart() {
        let pem = "\n-----BEGIN CERTIFICATE-----\nQUJD\n-----END CERTIFICATE-----\n";
        let archive = vec!["_.shop_example_com.p7b".to_owned(), "1.crt".to_owned()];
        let single = vec!["certificate".to_owned()];
        assert_eq!(names(&zip()), Some(archive.clone()));
        let in_base64 = STANDARD.encode(zip());
        let lines: Vec<_> = in_base64
            .as_bytes()
            .chunks(64)
            .map(|line| String::from_utf8_lossy(line))
            .collect();
        assert_eq!(names(lines.join("\r\n").as_bytes()), Some(archive));
        assert_eq!(names(pem.as_bytes()), Some(single.clone()));
        assert_eq!(
            names(STANDARD.encode(pem.trim()).as_bytes()),
            Some(single.clone())
        );
        assert_eq!(names(&[0x30, 0x82, 1, 2]), Some(single));
    }

    #[test]
    fn nothing_and_other_texts_are_no_certificates() {
        for content in ["", "  \n", "<html></html>", "not yet", "QUJD", "PK"] {
            assert_eq!(names(content.as_bytes()), None, "{content}");
        }
        assert!(unpack(&zip()[..60]).is_err());
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(content in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = unpack(&content);
        }
    }
}
