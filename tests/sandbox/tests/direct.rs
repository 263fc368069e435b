//! Requests handed to a simulated vendor without a line between.

use crate::sandbox::vendor::{Vendor, VendorRequest, VendorResponse};

/// What a client would send.
pub(crate) fn request(
    method: &str,
    path: &str,
    query: &str,
    kind: &str,
    body: &str,
) -> VendorRequest {
    VendorRequest {
        method: method.to_owned(),
        path: path.to_owned(),
        query: query.to_owned(),
        headers: vec![("content-type".to_owned(), kind.to_owned())],
        body: body.as_bytes().to_vec(),
    }
}

/// The body of an answer.
pub(crate) fn text(answer: &VendorResponse) -> String {
    String::from_utf8_lossy(&answer.body).into_owned()
}

/// No request was against the documentation.
pub(crate) fn no_violations(vendor: &dyn Vendor) {
    assert_eq!(vendor.violations(), []);
}

/// A CSR with a new key.
pub(crate) fn csr(common_name: &str) -> String {
    csr_of(common_name, &rcgen::KeyPair::generate().unwrap())
}

/// A CSR of a key.
pub(crate) fn csr_of(common_name: &str, key: &rcgen::KeyPair) -> String {
    let mut params = rcgen::CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    let name = rcgen::DnType::CommonName;
    params.distinguished_name.push(name, common_name);
    let pem = params.serialize_request(key).unwrap().pem().unwrap();
    pem.replace("\r\n", "\n")
}
