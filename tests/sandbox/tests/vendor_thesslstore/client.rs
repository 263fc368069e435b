//! A small client and the pieces of requests.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use crate::sandbox::vendor::thesslstore::TheSslStore;
use crate::sandbox::vendor::{Vendor, VendorServer};

/// A store, its server and the last request's parts.
pub(crate) struct Shop {
    pub(crate) store: Arc<TheSslStore>,
    pub(crate) server: VendorServer,
    /// How long an answer is waited for.
    pub(crate) patience: Duration,
}

/// An answer as it came over the wire.
#[derive(Debug)]
pub(crate) struct Raw {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Raw {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The announced length.
    pub(crate) fn length(&self) -> Option<usize> {
        self.head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "))
            .and_then(|value| value.parse().ok())
    }
}

impl Shop {
    pub(crate) fn open() -> Self {
        let store = Arc::new(TheSslStore::new());
        let server = VendorServer::start(store.clone());
        Self {
            store,
            server,
            patience: Duration::from_secs(60),
        }
    }

    /// One exchange on a connection of its own.
    pub(crate) fn send(&self, method: &str, path: &str, kind: &str, body: &str) -> io::Result<Raw> {
        let mut stream = TcpStream::connect(self.server.address())?;
        stream.set_read_timeout(Some(self.patience))?;
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: store\r\nContent-Type: {kind}\r\n\
             Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        )?;
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes)?;
        let end = bytes
            .windows(4)
            .position(|window| window == b"\r\n\r\n")
            .ok_or(io::ErrorKind::UnexpectedEof)?;
        let head = String::from_utf8_lossy(&bytes[..end]).to_lowercase();
        let status = head.split(' ').nth(1).and_then(|word| word.parse().ok());
        Ok(Raw {
            status: status.ok_or(io::ErrorKind::InvalidData)?,
            body: bytes[end + 4..].to_vec(),
            head,
        })
    }

    /// A JSON call with credentials; the raw answer.
    pub(crate) fn raw(&self, call: &str, fields: Value) -> io::Result<Raw> {
        let mut body = json!({"AuthRequest": credentials()});
        merge(&mut body, fields);
        let path = format!("/rest/{call}/");
        self.send(
            "POST",
            &path,
            "application/json; charset=utf-8",
            &body.to_string(),
        )
    }

    /// A JSON call with credentials; the parsed answer.
    pub(crate) fn call(&self, call: &str, fields: Value) -> Value {
        let raw = self.raw(call, fields).unwrap();
        assert_eq!(raw.status, 200, "{}", raw.text());
        serde_json::from_slice(&raw.body).unwrap()
    }

    /// A JSON call that must succeed.
    pub(crate) fn good(&self, call: &str, fields: Value) -> Value {
        let answer = self.call(call, fields);
        assert_eq!(
            answer["AuthResponse"]["isError"],
            json!(false),
            "{call}: {answer}"
        );
        answer
    }

    /// A JSON call that must be refused; its message.
    pub(crate) fn bad(&self, call: &str, fields: Value) -> String {
        let answer = self.call(call, fields);
        let auth = match answer.get("AuthResponse") {
            Some(auth) => auth,
            None if answer.is_array() => &answer[0]["AuthResponse"],
            None => &answer,
        };
        assert_eq!(auth["isError"], json!(true), "{call}: {answer}");
        auth["Message"][0].as_str().unwrap().to_owned()
    }

    pub(crate) fn status(&self, order: &str) -> Value {
        self.good("order/status", json!({"TheSSLStoreOrderID": order}))
    }

    /// Major and minor status word.
    pub(crate) fn words(&self, order: &str) -> (String, String) {
        let status = &self.status(order)["OrderStatus"];
        let word = |name: &str| status[name].as_str().unwrap().to_owned();
        (word("MajorStatus"), word("MinorStatus"))
    }

    pub(crate) fn paid(&self) -> usize {
        self.store.sales().iter().filter(|s| s.is_paid()).count()
    }

    pub(crate) fn no_violations(&self) {
        assert_eq!(self.store.violations(), []);
    }
}

pub(crate) fn credentials() -> Value {
    json!({"PartnerCode": "11112222", "AuthToken": "secret-0f0f0f0f0f0f"})
}

/// Puts fields over others; null removes.
pub(crate) fn merge(target: &mut Value, fields: Value) {
    let (Value::Object(target), Value::Object(fields)) = (target, fields) else {
        panic!("both must be objects");
    };
    for (name, value) in fields {
        if value.is_null() {
            target.remove(&name);
        } else {
            target.insert(name, value);
        }
    }
}

/// A CSR with a new key.
pub(crate) fn csr(common_name: &str) -> String {
    let key = rcgen::KeyPair::generate().unwrap();
    let mut params = rcgen::CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params
        .distinguished_name
        .push(rcgen::DnType::CommonName, common_name);
    params
        .serialize_request(&key)
        .unwrap()
        .pem()
        .unwrap()
        .replace("\r\n", "\n")
}

/// A complete order of a product for a name, validated by mail.
pub(crate) fn order(product: &str, common_name: &str) -> Value {
    let contact = json!({"FirstName": "Ann", "LastName": "Lee", "Phone": "+1.5550100",
        "Email": "ann@example.com", "Title": "Admin", "Country": "US"});
    let bare = common_name.trim_start_matches("*.");
    json!({
        "CustomOrderID": "key-1", "ProductCode": product, "ValidityPeriod": 12, "ServerCount": 1,
        "CSR": csr(common_name), "DomainName": common_name, "WebServerType": "Other",
        "isCUOrder": false, "isRenewalOrder": false, "isTrialOrder": false,
        "AdminContact": contact, "TechnicalContact": contact,
        "ApproverEmail": format!("admin@{bare}"),
        "FileAuthDVIndicator": false, "HTTPSFileAuthDVIndicator": false,
        "CNAMEAuthDVIndicator": false, "SignatureHashAlgorithm": "PREFER_SHA2",
        "EmailLanguageCode": "EN", "DateTimeCulture": "en-US",
    })
}

/// The same with other fields.
pub(crate) fn order_with(product: &str, common_name: &str, fields: Value) -> Value {
    let mut order = order(product, common_name);
    merge(&mut order, fields);
    order
}

pub(crate) fn id(answer: &Value) -> String {
    answer["TheSSLStoreOrderID"].as_str().unwrap().to_owned()
}
