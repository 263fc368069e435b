//! Why no secure connection came about: whose fault it is and what is to be done, in words for people.

use crate::domain::text::Words;
use std::error::Error;
use std::io;

use chrono::DateTime;
use rustls::{CertificateError, Error as Tls};
use rustls_pki_types::{ServerName, UnixTime};

/// The TLS error inside of another one; the causes of an input or output error are not in its chain.
fn cause<'e>(error: &'e (dyn Error + 'static)) -> Option<&'e Tls> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<Tls>() {
            return Some(found);
        }
        let inner = error
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref);
        if let Some(found) = inner.and_then(|inner| cause(inner)) {
            return Some(found);
        }
        next = error.source();
    }
    None
}

/// What was wrong with the handshake; `None` when the error is of another kind.
pub(super) fn trouble(error: &(dyn Error + 'static)) -> Option<Words> {
    cause(error).map(|tls| match tls {
        Tls::InvalidCertificate(why) => certificate(why),
        Tls::AlertReceived(alert) => words!(
            "the vendor's server broke off the handshake ({alert:?}): ask the vendor whether it has changed", "сервер поставщика прервал установку соединения ({alert:?}): спросите поставщика, не изменилось ли что-то"
        ),
        Tls::PeerIncompatible(_) => {
            words!("the vendor's server speaks neither TLS 1.2 nor TLS 1.3 in a way that is known here: only the \
             vendor can mend that", "сервер поставщика не поддерживает известные здесь виды TLS 1.2 и 1.3: исправить это может только поставщик")
        }
        Tls::InvalidMessage(_) | Tls::InappropriateMessage { .. } => {
            words!("what answers there does not speak TLS: check the address and its port in the settings", "отвечающий сервер не поддерживает TLS: проверьте адрес и порт в настройках")
        }
        _ => words!("the handshake with the vendor's server failed: ask the vendor whether it has changed", "не удалось установить соединение с сервером поставщика: спросите поставщика, не изменилось ли что-то"),
    })
}

fn certificate(why: &CertificateError) -> Words {
    match why {
        CertificateError::UnknownIssuer => words!(
            "the issuer of the certificate of the vendor's server is not known here: \
             the server leaves out its intermediate certificate, which only the vendor can mend, or another \
             server stands between, whose root certificate belongs into the file of SSLCaFile",
            "издатель сертификата сервера поставщика здесь неизвестен: сервер не присылает промежуточный сертификат, и исправить это может только поставщик, либо на пути стоит другой сервер, корневой сертификат которого нужно внести в файл SSLCaFile"
        ),
        CertificateError::ExpiredContext { not_after, .. } => words!(
            "the certificate of the vendor's server ended on {day}: check this server's clock; when it is right, only \
             the vendor can mend that", "срок сертификата сервера поставщика истёк {day}: проверьте часы этого сервера; если они верны, исправить это может только поставщик";
            day = day(*not_after)
        ),
        CertificateError::NotValidYetContext { not_before, .. } => words!(
            "the certificate of the vendor's server begins only on {day}: check this server's clock; when it is right, \
             only the vendor can mend that", "сертификат сервера поставщика действует только с {day}: проверьте часы этого сервера; если они верны, исправить это может только поставщик";
            day = day(*not_before)
        ),
        CertificateError::NotValidForNameContext { expected, .. } => words!(
            "the certificate of the vendor's server is not for '{}': check the address in the settings; when it is \
             right, only the vendor can mend that",
            "сертификат сервера поставщика выдан не для '{}': проверьте адрес в настройках; если он верен, исправить это может только поставщик",
            host(expected)
        ),
        CertificateError::Revoked => {
            words!(
                "the certificate of the vendor's server is revoked: only the vendor can mend that",
                "сертификат сервера поставщика отозван: исправить это может только поставщик"
            )
        }
        _ => words!(
            "the certificate of the vendor's server is damaged or of an unknown kind: only the vendor can mend that",
            "сертификат сервера поставщика повреждён или неизвестного вида: исправить это может только поставщик"
        ),
    }
}

fn host(name: &ServerName<'_>) -> String {
    name.to_str().into_owned()
}

fn day(time: UnixTime) -> Words {
    let seconds = i64::try_from(time.as_secs()).ok();
    let moment = seconds.and_then(|seconds| DateTime::from_timestamp(seconds, 0));
    moment.map_or_else(
        || words!("an unknown day", "неизвестного дня"),
        |moment| Words::verbatim(moment.format("%Y-%m-%d %H:%M UTC")),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(tls: Tls) -> Words {
        // As the HTTP library hands it on: inside of an input or output error.
        let error = io::Error::new(io::ErrorKind::InvalidData, tls);
        trouble(&error).unwrap()
    }

    /// Whose fault it is and what to do, dates as dates, and no word of the library.
    #[test]
    fn every_failed_handshake_says_whose_fault_it_is() {
        let at = |seconds| UnixTime::since_unix_epoch(std::time::Duration::from_secs(seconds));
        let name = ServerName::try_from("vendor.example").unwrap();
        for (tls, parts) in [
            (
                CertificateError::UnknownIssuer.into(),
                ["intermediate certificate", "SSLCaFile"],
            ),
            (
                CertificateError::ExpiredContext {
                    time: at(1_800_000_000),
                    not_after: at(1_775_000_000),
                }
                .into(),
                ["ended on 2026-03-31 23:33 UTC", "this server's clock"],
            ),
            (
                CertificateError::NotValidYetContext {
                    time: at(0),
                    not_before: at(1_775_000_000),
                }
                .into(),
                ["begins only on 2026-03-31", "this server's clock"],
            ),
            (
                CertificateError::NotValidForNameContext {
                    expected: name,
                    presented: vec!["DnsName(\"other.example\")".to_owned()],
                }
                .into(),
                ["not for 'vendor.example'", "address in the settings"],
            ),
            (
                CertificateError::BadSignature.into(),
                ["damaged or of an unknown kind", "only the vendor"],
            ),
            (
                Tls::AlertReceived(rustls::AlertDescription::HandshakeFailure),
                ["broke off", "HandshakeFailure"],
            ),
            (
                Tls::PeerIncompatible(rustls::PeerIncompatible::NoCipherSuitesInCommon),
                ["TLS 1.2", "only the vendor"],
            ),
            (
                Tls::InvalidMessage(rustls::InvalidMessage::InvalidContentType),
                ["does not speak TLS", "its port"],
            ),
            (Tls::DecryptError, ["handshake", "ask the vendor"]),
        ] {
            let words = words(tls);
            for part in parts {
                assert!(words.en().contains(part), "{words:?}");
            }
            for word in ["://", "rustls", "UnixTime", "1775000000", "Dns"] {
                assert!(!words.en().contains(word), "{words:?}");
            }
        }
        let other = io::Error::from(io::ErrorKind::ConnectionRefused);
        assert_eq!(trouble(&other), None);
    }
}
