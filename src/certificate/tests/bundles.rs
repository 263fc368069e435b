use std::io::{Cursor, Write as _};

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::certificate::testing::{
    Authority, Delivery, Wish, certificate, csr, file, names, openssl,
};
use crate::certificate::{Chain, Format, assemble, files_from_zip, pkcs7};
use crate::failure::Reason;

fn delivered() -> (Delivery, Chain) {
    let delivery = Delivery::new();
    let chain = assemble(&delivery.files(), &delivery.csr).unwrap();
    (delivery, chain)
}

fn file_names(files: &[(String, Vec<u8>)]) -> Vec<&str> {
    files.iter().map(|(name, _)| name.as_str()).collect()
}

#[test]
fn formats_are_named_as_in_the_settings() {
    for format in [Format::Pem, Format::Zip, Format::Pkcs7] {
        assert_eq!(Format::parse(format.name()), Some(format));
    }
    assert_eq!(Format::parse(" ZIP "), Some(Format::Zip));
    assert_eq!(Format::parse("jks"), None);
}

#[test]
fn pem_holds_leaf_then_intermediates() {
    let (delivery, chain) = delivered();
    let leaf = certificate(&delivery.leaf).pem;
    let middle = certificate(&delivery.intermediate.pem).pem;
    assert_eq!(chain.pem(), format!("{leaf}{middle}"));
    assert!(!chain.pem().contains('\r'));
    let again = assemble(&[file("stored", chain.pem())], &delivery.csr).unwrap();
    assert_eq!(again, chain);
}

#[test]
fn the_zip_holds_every_certificate_under_its_name() {
    let (_, chain) = delivered();
    let name = names(&["*.example.com"]).remove(0);
    let files = files_from_zip(&chain.zip(&name, true).unwrap()).unwrap();
    assert_eq!(
        file_names(&files),
        [
            "__example_com.crt",
            "ca-bundle.crt",
            "Test_Issuing_CA_1.crt",
            "__example_com.p7b"
        ]
    );
    assert_eq!(files[0].1, chain.leaf.pem.as_bytes());
    assert_eq!(files[1].1, chain.intermediates[0].pem.as_bytes());
    assert_eq!(
        pkcs7::certificates(&files[3].1).unwrap(),
        chain.certificates().cloned().collect::<Vec<_>>()
    );
    let without = files_from_zip(&chain.zip(&name, false).unwrap()).unwrap();
    assert_eq!(file_names(&without), file_names(&files)[..3]);
}

#[test]
fn the_same_chain_gives_the_same_archive() {
    let (_, chain) = delivered();
    let name = names(&["www.example.com"]).remove(0);
    let archive = chain.zip(&name, true).unwrap();
    assert_eq!(archive, chain.clone().zip(&name, true).unwrap());
    let mut reader = zip::ZipArchive::new(Cursor::new(archive)).unwrap();
    let time = reader.by_index(0).unwrap().last_modified().unwrap();
    assert_eq!((time.year(), time.month(), time.day()), (2026, 1, 1));
}

#[test]
fn names_in_the_archive_are_safe_and_different() {
    let root = Authority::root("Root");
    let upper = root.sub("../CA");
    let lower = upper.sub("...ca");
    let unnamed = lower.sub("Ж");
    let csr = csr(&["ca-bundle"]);
    let leaf = unnamed.sign(&csr, &Wish::of(&["ca-bundle"]));
    let files = [
        file("1", leaf),
        file("2", upper.pem),
        file("3", lower.pem),
        file("4", unnamed.pem),
    ];
    let chain = assemble(&files, &csr).unwrap();
    let name = names(&["www.example.com"]).remove(0);
    let files = files_from_zip(&chain.zip(&name, false).unwrap()).unwrap();
    let found = file_names(&files);
    assert_eq!(found[..2], ["www_example_com.crt", "ca-bundle.crt"]);
    assert_eq!(found[2].len(), "0123456789abcdef.crt".len());
    assert_eq!(found[3..], ["___ca.crt", "___CA_2.crt"]);
}

#[test]
fn openssl_reads_what_is_written() {
    let (delivery, chain) = delivered();
    let der = chain.pkcs7();
    let Some((ok, text)) = openssl(&["pkcs7", "-inform", "DER", "-print_certs", "-noout"], &der)
    else {
        return;
    };
    assert!(ok, "{text}");
    assert!(text.contains("www.example.com") && text.contains("Test Issuing CA 1"));

    let name = names(&["www.example.com"]).remove(0);
    let files = files_from_zip(&chain.zip(&name, true).unwrap()).unwrap();
    let (ok, text) = openssl(&["pkcs7", "-print_certs", "-noout"], &files[3].1).unwrap();
    assert!(ok && text.contains("www.example.com"), "{text}");

    let directory = tempfile::tempdir().unwrap();
    let path = |name: &str| directory.path().join(name).to_str().unwrap().to_owned();
    std::fs::write(path("root"), &delivery.root.pem).unwrap();
    std::fs::write(path("bundle"), &files[1].1).unwrap();
    let arguments = [
        "verify",
        "-attime",
        "1772323200",
        "-CAfile",
        &path("root"),
        "-untrusted",
        &path("bundle"),
    ];
    let (ok, text) = openssl(&arguments, &files[0].1).unwrap();
    assert!(ok && text.contains("OK"), "{text}");
}

#[test]
fn what_openssl_writes_is_read() {
    let (delivery, chain) = delivered();
    let directory = tempfile::tempdir().unwrap();
    let bundle = directory.path().join("bundle.pem");
    std::fs::write(&bundle, chain.pem()).unwrap();
    let arguments = ["crl2pkcs7", "-nocrl", "-certfile", bundle.to_str().unwrap()];
    let Some((ok, text)) = openssl(&arguments, b"") else {
        return;
    };
    assert!(ok, "{text}");
    assert_eq!(
        assemble(&[file("x.p7b", text)], &delivery.csr).unwrap(),
        chain
    );
}

pub(crate) fn archive(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in entries {
        writer
            .start_file(*name, SimpleFileOptions::default())
            .unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// Replaces a text of the same length everywhere, to write names that the writer would refuse.
fn patched(archive: &[u8], from: &str, to: &str) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let mut bytes = archive.to_vec();
    let mut position = 0;
    while let Some(found) = bytes[position..]
        .windows(from.len())
        .position(|window| window == from.as_bytes())
    {
        position += found;
        bytes[position..position + to.len()].copy_from_slice(to.as_bytes());
    }
    bytes
}

#[test]
fn archives_of_vendors_are_unpacked() {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default();
    writer.add_directory("certs/", options).unwrap();
    writer.start_file("certs/a.crt", options).unwrap();
    writer.write_all(b"A").unwrap();
    writer.add_symlink("link", "/etc/passwd", options).unwrap();
    writer.start_file("b.crt", options).unwrap();
    writer.write_all(b"B").unwrap();
    let bytes = writer.finish().unwrap().into_inner();
    assert_eq!(
        files_from_zip(&bytes).unwrap(),
        [file("a.crt", "A"), file("b.crt", "B")]
    );
}

/// The archive with another number of entries in its end record.
fn announcing_one(mut archive: Vec<u8>) -> Vec<u8> {
    let end = archive
        .windows(4)
        .rposition(|window| window == b"PK\x05\x06")
        .unwrap();
    archive[end + 8..end + 12].copy_from_slice(&[1, 0, 1, 0]);
    archive
}

#[test]
fn hostile_archives_are_refused() {
    let plain = archive(&[("0123456789", b"content")]);
    let zeros = vec![0; 3 * 1024 * 1024];
    let many: Vec<String> = (0..65).map(|n| n.to_string()).collect();
    let many: Vec<(&str, &[u8])> = many.iter().map(|n| (n.as_str(), &b""[..])).collect();
    let mut damaged = plain.clone();
    // The first byte behind the local header of 30 bytes and the name.
    let position = 30 + 10;
    damaged[position] ^= 0xff;
    let mut encrypted = plain.clone();
    encrypted[6] |= 1;
    let central = encrypted
        .windows(4)
        .position(|window| window == b"PK\x01\x02")
        .unwrap();
    encrypted[central + 8] |= 1;
    let cases: Vec<(&str, Vec<u8>, &str)> = vec![
        ("empty", vec![], "damaged"),
        ("no zip", b"PK\x03\x04 rubbish".to_vec(), "damaged"),
        ("cut", plain[..plain.len() - 10].to_vec(), "damaged"),
        ("changed content", damaged, "damaged"),
        (
            "upwards",
            patched(&plain, "0123456789", "../../etc1"),
            "way out",
        ),
        (
            "backslashes",
            patched(&plain, "0123456789", "a\\..\\..\\12"),
            "way out",
        ),
        (
            "absolute",
            patched(&plain, "0123456789", "/etc/12345"),
            "way out",
        ),
        (
            "drive",
            patched(&plain, "0123456789", "C:\\1234567"),
            "way out",
        ),
        (
            "NUL",
            patched(&plain, "0123456789", "a.crt\0.exe"),
            "way out",
        ),
        ("many files", archive(&many), "too many files"),
        (
            "many files, one announced",
            announcing_one(archive(&many)),
            "too many files",
        ),
        ("large", vec![0; 4 * 1024 * 1024 + 1], "too large"),
        (
            "bomb",
            archive(&[("a", &zeros), ("b", &zeros), ("c", &zeros)]),
            "unpacks to too much",
        ),
        ("encrypted", encrypted, "encrypted or packed"),
    ];
    for (name, bytes, expected) in cases {
        let failure = files_from_zip(&bytes).expect_err(name);
        assert_eq!(failure.reason(), Reason::UnreadableCertificate, "{name}");
        assert!(
            failure.chain().contains(expected),
            "{name}: {}",
            failure.chain()
        );
    }
}
