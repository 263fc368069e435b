//! Every request against the schemas of the vendor's service descriptions, where those and xmllint are
//! present.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::super::envelope;
use super::wire::requests;

/// The folder of the vendor's service descriptions, where the checkout has it beside it.
fn descriptions() -> Option<PathBuf> {
    let folder = std::env::var_os("PMSSL_REFERENCE").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/reference"),
        PathBuf::from,
    );
    [folder.join("globalsign"), folder]
        .into_iter()
        .find(|folder| folder.join("GASService.wsdl").is_file())
}

/// Writes the two schemas of a service description as files that know each other; answers the path of
/// the one with the operations.
fn schemas(wsdl: &str, folder: &Path) -> PathBuf {
    const NAMES: [(&str, &str); 2] = [
        ("https://system.globalsign.com/kb/ws/v1/", "v1.xsd"),
        ("https://system.globalsign.com/kb/ws/", "ws.xsd"),
    ];
    std::fs::create_dir_all(folder).unwrap();
    let mut rest = wsdl;
    while let Some(start) = rest.find("<xs:schema") {
        let end = start + rest[start..].find("</xs:schema>").unwrap() + "</xs:schema>".len();
        // The prefix `tns` is declared outside the schema.
        let mut schema = rest[start..end].replacen(
            "<xs:schema",
            "<xs:schema xmlns:tns=\"https://system.globalsign.com/kb/ws/v1/\"",
            1,
        );
        if rest[start..end]
            .split('>')
            .next()
            .unwrap()
            .contains("xmlns:tns")
        {
            schema = rest[start..end].to_owned();
        }
        for (namespace, file) in NAMES {
            schema = schema.replace(
                &format!("<xs:import namespace=\"{namespace}\""),
                &format!("<xs:import schemaLocation=\"{file}\" namespace=\"{namespace}\""),
            );
        }
        let head = schema.split('>').next().unwrap();
        let (_, file) = NAMES
            .iter()
            .find(|(namespace, _)| head.contains(&format!("targetNamespace=\"{namespace}\"")))
            .unwrap();
        std::fs::write(folder.join(file), &schema).unwrap();
        rest = &rest[end..];
    }
    folder.join("v1.xsd")
}

#[test]
fn every_request_is_valid_by_the_vendors_schema() {
    let Some(folder) = descriptions() else {
        return;
    };
    if Command::new("xmllint").arg("--version").output().is_err() {
        return;
    }
    let scratch = tempfile::tempdir().unwrap();
    let schema_of = |service: &str| {
        let wsdl = std::fs::read_to_string(folder.join(format!("{service}.wsdl"))).unwrap();
        schemas(&wsdl, &scratch.path().join(service))
    };
    let services = [
        ("ServerSSLService", schema_of("ServerSSLService")),
        ("GASService", schema_of("GASService")),
    ];
    let mut checked = 0;
    for (name, call) in requests() {
        // No description of the account service is public.
        let Some((_, schema)) = services.iter().find(|(s, _)| *s == call.service().path()) else {
            continue;
        };
        let written = String::from_utf8(envelope::write(&call).unwrap()).unwrap();
        let body = written
            .split_once("<soapenv:Body>")
            .and_then(|(_, rest)| rest.split_once("</soapenv:Body>"))
            .unwrap()
            .0;
        let standalone = body.replacen(
            &format!("<v1:{}", call.operation()),
            &format!(
                "<v1:{} xmlns:v1=\"https://system.globalsign.com/kb/ws/v1/\"",
                call.operation()
            ),
            1,
        );
        let file = scratch.path().join("request.xml");
        std::fs::write(&file, standalone).unwrap();
        let output = Command::new("xmllint")
            .args(["--nonet", "--noout", "--schema"])
            .arg(schema)
            .arg(&file)
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{name}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        checked += 1;
    }
    assert_eq!(checked, requests().len() - 1);
}
