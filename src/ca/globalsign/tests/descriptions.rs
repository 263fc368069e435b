//! Requests, and the ordered-element table that every run checks them with, against the schemas of the
//! vendor's service descriptions, where those and xmllint are present.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::super::envelope;
use super::super::model::request::Call;
use super::requests::requests;
use super::vendor::globalsign::schema;
use super::vendor::xml::{self, Element};

/// Namespace of the operation elements.
const OPERATIONS: &str = "https://system.globalsign.com/kb/ws/v1/";

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

/// The schemas of the described services, written out for xmllint.
struct Oracle {
    scratch: tempfile::TempDir,
    schemas: BTreeMap<&'static str, PathBuf>,
}

impl Oracle {
    /// `None`, with a word about it, where the descriptions or xmllint are missing.
    #[expect(clippy::print_stderr, reason = "a test says what it skips")]
    fn find() -> Option<Self> {
        let Some(folder) = descriptions() else {
            eprintln!(
                "skipped: no service descriptions in ../shared/reference/globalsign or PMSSL_REFERENCE"
            );
            return None;
        };
        if Command::new("xmllint").arg("--version").output().is_err() {
            eprintln!("skipped: xmllint is not installed");
            return None;
        }
        let scratch = tempfile::tempdir().unwrap();
        // No description of the account service is public.
        let schemas = ["ServerSSLService", "GASService"]
            .map(|service| {
                let wsdl = std::fs::read_to_string(folder.join(format!("{service}.wsdl"))).unwrap();
                (service, schemas(&wsdl, &scratch.path().join(service)))
            })
            .into();
        Some(Self { scratch, schemas })
    }

    /// What the vendor's schema says about operation elements of a service, each with xmllint's words.
    fn judge(&self, service: &str, calls: &[Element]) -> Vec<Result<(), String>> {
        let folder = self.scratch.path().join("requests");
        std::fs::create_dir_all(&folder).unwrap();
        let files: Vec<_> = calls
            .iter()
            .enumerate()
            .map(|(index, call)| {
                let mut call = call.clone();
                let namespace = ("xmlns:v1".to_owned(), OPERATIONS.to_owned());
                call.attributes.push(namespace);
                let file = folder.join(format!("r{index}.xml"));
                std::fs::write(&file, call.write()).unwrap();
                file
            })
            .collect();
        let output = Command::new("xmllint")
            .args(["--nonet", "--noout", "--schema"])
            .arg(&self.schemas[service])
            .args(&files)
            .output()
            .unwrap();
        let words = String::from_utf8_lossy(&output.stderr);
        files
            .iter()
            .map(|file| {
                let file = file.display();
                if words
                    .lines()
                    .any(|line| line == format!("{file} validates"))
                {
                    return Ok(());
                }
                let own = words
                    .lines()
                    .filter(|line| line.starts_with(&format!("{file}")));
                let own: Vec<_> = own.collect();
                assert!(
                    !own.is_empty(),
                    "xmllint said nothing about {file}: {words}"
                );
                Err(own.join("\n"))
            })
            .collect()
    }
}

/// The envelope of a call as it is sent.
fn sent(call: &Call) -> Element {
    let written = String::from_utf8(envelope::write(call).unwrap()).unwrap();
    xml::read(&written).unwrap()
}

/// The operation element of an envelope.
fn operation(envelope: &Element) -> &Element {
    &envelope.children[0].children[0]
}

#[test]
fn every_request_is_valid_by_the_vendors_schema() {
    let Some(oracle) = Oracle::find() else {
        return;
    };
    let mut checked = 0;
    for service in oracle.schemas.keys() {
        let (names, calls): (Vec<_>, Vec<_>) = requests()
            .iter()
            .filter(|(_, call)| call.service().path() == *service)
            .map(|(name, call)| (*name, operation(&sent(call)).clone()))
            .unzip();
        for (name, verdict) in names.iter().zip(oracle.judge(service, &calls)) {
            assert_eq!(verdict, Ok(()), "{name}");
            checked += 1;
        }
    }
    assert_eq!(checked, requests().len() - 1);
}

/// Ways in which a document may be wrong, by the place of the element that is touched.
const HARMS: [&str; 6] = [
    "without",
    "doubled",
    "swapped",
    "renamed",
    "qualified",
    "stuffed",
];

/// The element with one harm done at a place; `None` where that is impossible.
fn harmed(element: &Element, place: &[usize], harm: &str) -> Option<Element> {
    let mut harmed = element.clone();
    let (last, parents) = place.split_last()?;
    let mut parent = &mut harmed;
    for index in parents {
        parent = parent.children.get_mut(*index)?;
    }
    let child = parent.children.get(*last)?.clone();
    match harm {
        "without" => {
            parent.children.remove(*last);
        }
        "doubled" => parent.children.insert(*last, child),
        "swapped" => {
            parent.children.get(last + 1)?;
            parent.children.swap(*last, last + 1);
        }
        _ => {
            let child = &mut parent.children[*last];
            match harm {
                "renamed" => child.name = child.name.to_lowercase(),
                "qualified" => child.name = format!("v1:{}", child.name),
                _ => child.children.push(Element::leaf("Extra", "")),
            }
        }
    }
    Some(harmed)
}

/// The places of all elements below `Request`, but for the header: there the table asks for more than the
/// schema, which makes user name and password optional.
fn places(call: &Element) -> Vec<Vec<usize>> {
    fn walk(element: &Element, parents: &[usize], found: &mut Vec<Vec<usize>>) {
        for (index, child) in element.children.iter().enumerate() {
            if child.name.ends_with("RequestHeader") {
                continue;
            }
            let place = [parents, &[index]].concat();
            found.push(place.clone());
            walk(child, &place, found);
        }
    }
    let mut found = Vec::new();
    walk(&call.children[0], &[0], &mut found);
    found
}

/// The table refuses exactly what the vendor's schema refuses, for every way of harming every request.
#[test]
fn the_ordered_element_table_is_the_vendors_schema() {
    let Some(oracle) = Oracle::find() else {
        return;
    };
    let mut refused = 0;
    for service in oracle.schemas.keys() {
        let (mut labels, mut calls, mut by_table) = (Vec::new(), Vec::new(), Vec::new());
        for (name, call) in requests() {
            // Thirty names are thirty times the same.
            if call.service().path() != *service || name.ends_with("thirty-names") {
                continue;
            }
            let envelope = sent(&call);
            for place in places(operation(&envelope)) {
                for harm in HARMS {
                    let Some(call) = harmed(operation(&envelope), &place, harm) else {
                        continue;
                    };
                    let mut whole = envelope.clone();
                    whole.children[0].children[0] = call.clone();
                    labels.push(format!("{name} {harm} {place:?}"));
                    by_table.push(schema::check(service, &whole).map(drop));
                    calls.push(call);
                }
            }
        }
        let verdicts = oracle.judge(service, &calls);
        for ((label, table), vendor) in labels.iter().zip(&by_table).zip(verdicts) {
            // The schema wants it, and orders without it succeed (globalsign.md 20).
            let lacks_sub_id = |why: &String| why.contains("Expected is ( SubID )");
            if table.is_ok() && vendor.as_ref().is_err_and(lacks_sub_id) {
                continue;
            }
            assert_eq!(
                table.is_ok(),
                vendor.is_ok(),
                "{label}\ntable: {table:?}\nvendor: {vendor:?}"
            );
            refused += usize::from(vendor.is_err());
        }
    }
    assert!(refused > 1000, "{refused}");
}
