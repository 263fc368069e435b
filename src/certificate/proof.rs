//! Whether a delivered certificate is what was ordered (design, law 7): a vendor's word is no proof.

use std::net::IpAddr;

use chrono::{DateTime, TimeDelta, Utc};

use super::x509::{Certificate, Signature};
use super::{Chain, Csr};
use crate::domain::DomainName;
use crate::domain::text::Words;

/// How far a certificate may begin in the future: authorities and servers do not share a clock.
const SKEW: TimeDelta = TimeDelta::days(1);

/// No public authority ever gave a longer life: ten years were sold before the first Baseline Requirements (2012), which
/// allowed sixty months. What lives longer was made by nobody whom a browser trusts; what lives longer than the law of its
/// day, and not so long, is for browsers to judge.
const LONGEST_LIFE: TimeDelta = TimeDelta::days(10 * 366);

/// Most names of one certificate; no vendor sells as many.
const MOST_NAMES: usize = 2000;

impl Chain {
    /// Proves the certificate: the key is the CSR's, every ordered name is covered, it is a server's
    /// certificate in force at `now`, and its chain builds from the leaf to the last intermediate.
    ///
    /// A name counts as covered by an equal name or, one label deep, by a wildcard. Names beyond the
    /// ordered ones do not matter. Whether the chain ends at a root that clients trust is not proved:
    /// that is the vendor's product ([`root_remark`](Self::root_remark) says what is noticed of it).
    ///
    /// # Errors
    /// One sentence: what is wrong and what to do.
    pub fn prove(&self, csr: &Csr, names: &[DomainName], now: DateTime<Utc>) -> Result<(), Words> {
        let leaf = &self.leaf;
        if !leaf.has_key(csr.public_key()) {
            return Err(words!(
                "its public key is not the one of the CSR: it belongs to another request, \
                        ask the vendor for the certificate of the current CSR",
                "его открытый ключ не из CSR: он относится к другому запросу; запросите у поставщика сертификат для нынешнего CSR"
            ));
        }
        self.prove_without_request(names, now)
    }

    /// Proves everything that can be proved when the CSR is not known: all but the key.
    ///
    /// # Errors
    /// As [`prove`](Self::prove).
    pub fn prove_without_request(
        &self,
        names: &[DomainName],
        now: DateTime<Utc>,
    ) -> Result<(), Words> {
        let leaf = &self.leaf;
        if leaf.is_ca {
            return Err(words!(
                "it is the certificate of an authority, not of a server: ask the vendor for the \
                 server's certificate",
                "это сертификат центра, а не сервера: запросите у поставщика серверный сертификат"
            ));
        }
        if leaf.is_self_issued() {
            return Err(words!(
                "it is self-signed: ask the vendor for the certificate signed by the authority",
                "он самоподписанный: запросите у поставщика сертификат, подписанный центром"
            ));
        }
        prove_dates(leaf, now)?;
        prove_use(leaf)?;
        prove_names(leaf, names)?;
        self.prove_issuers(now)
    }

    /// Proves that every ordered IP address is covered.
    ///
    /// # Errors
    /// The first one that is not.
    pub fn prove_addresses(&self, addresses: &[IpAddr]) -> Result<(), Words> {
        let covered = &self.leaf.addresses;
        let missing = addresses.iter().find(|address| !covered.contains(address));
        missing.map_or(Ok(()), |address| {
            Err(words!(
                "it does not cover the IP address {address}: ask the vendor to correct the order",
                "он не охватывает IP-адрес {address}: попросите поставщика исправить заказ"
            ))
        })
    }

    fn prove_issuers(&self, now: DateTime<Utc>) -> Result<(), Words> {
        let Some(first) = self.intermediates.first() else {
            if let Some(why) = &self.not_taken {
                return Err(why.clone());
            }
            return Err(words!(
                "the certificate of its issuer '{}' is not among the vendor's files: ask the vendor \
                 for the complete chain",
                "среди файлов поставщика нет сертификата его издателя '{}': запросите полную цепочку",
                self.leaf.issuer
            ));
        };
        for (certificate, issuer) in self.certificates().zip(&self.intermediates) {
            let names = (certificate.label(), issuer.label());
            if !issuer.is_ca {
                return Err(words!(
                    "'{}' in its chain is not the certificate of an authority: ask the vendor for \
                     the right chain",
                    "'{}' в его цепочке - не сертификат центра: запросите у поставщика верную цепочку",
                    names.1
                ));
            }
            match certificate.signature_by(issuer) {
                Signature::Good if certificate.names_as_issuer(issuer) => {}
                Signature::Unverifiable => {
                    return Err(words!(
                        "'{}' is signed with an algorithm that cannot be verified here: look at it \
                         and save it by hand",
                        "'{}' подписан алгоритмом, который здесь нельзя проверить: посмотрите его и сохраните вручную",
                        names.0
                    ));
                }
                Signature::Good | Signature::Wrong => {
                    return Err(words!(
                        "'{}' is not signed by '{}': ask the vendor for the right chain",
                        "'{}' не подписан '{}': запросите у поставщика верную цепочку",
                        names.0,
                        names.1
                    ));
                }
            }
        }
        // Only the direct issuer: an outlived cross-signature further up harms few clients and must
        // not hold back a paid certificate.
        if first.not_after <= now {
            return Err(words!(
                "the certificate of its issuer '{}' ended on {}: ask the vendor for the present chain",
                "срок сертификата его издателя '{}' истёк {}: запросите у поставщика нынешнюю цепочку",
                first.label(),
                day(first.not_after)
            ));
        }
        Ok(())
    }
}

fn prove_dates(leaf: &Certificate, now: DateTime<Utc>) -> Result<(), Words> {
    if leaf.not_after <= leaf.not_before {
        return Err(words!(
            "it ends on {}, before it begins on {}: ask the vendor to issue it again",
            "он заканчивается {}, раньше своего начала {}: попросите поставщика выпустить его заново",
            day(leaf.not_after),
            day(leaf.not_before)
        ));
    }
    if leaf.not_after - leaf.not_before > LONGEST_LIFE {
        return Err(words!(
            "it is to live until {}, longer than any public authority ever allowed: none of them issued it, ask the vendor",
            "его срок - до {}, дольше, чем когда-либо давал публичный центр: его выпустил кто-то другой, обратитесь к поставщику",
            day(leaf.not_after)
        ));
    }
    if leaf.not_after <= now {
        return Err(words!(
            "it expired on {}: the vendor sent an old certificate; ask for the current one, and check \
             this server's clock",
            "срок его действия истёк {}: поставщик прислал прежний сертификат; запросите нынешний и проверьте часы сервера",
            day(leaf.not_after)
        ));
    }
    if now
        .checked_add_signed(SKEW)
        .is_some_and(|limit| leaf.not_before > limit)
    {
        return Err(words!(
            "it begins only on {}: check this server's clock, or ask the vendor",
            "он начинает действовать только {}: проверьте часы сервера или обратитесь к поставщику",
            day(leaf.not_before)
        ));
    }
    Ok(())
}

/// What every browser asks of a server's certificate (Baseline Requirements, 7.1.2.7).
fn prove_use(leaf: &Certificate) -> Result<(), Words> {
    if !leaf.is_for_servers {
        return Err(words!(
            "its extended key usage does not allow servers: ask the vendor for a server's certificate",
            "его расширенное назначение ключа не допускает серверов: запросите у поставщика серверный сертификат"
        ));
    }
    if !leaf.has_alternative_names {
        return Err(words!(
            "it has no alternative names, and browsers look at nothing else: ask the vendor to issue \
             it again",
            "в нём нет альтернативных имён, а браузеры смотрят только на них: попросите поставщика выпустить его заново"
        ));
    }
    if leaf.names.len() > MOST_NAMES {
        return Err(words!(
            "it covers {} names, more than any product holds: ask the vendor for the right certificate",
            "он охватывает имён: {}, столько нет ни в одном продукте; запросите у поставщика нужный сертификат",
            leaf.names.len()
        ));
    }
    Ok(())
}

fn prove_names(leaf: &Certificate, names: &[DomainName]) -> Result<(), Words> {
    if names.is_empty() {
        return Err(words!(
            "it is not known which names were ordered: fill in the names of the service",
            "неизвестно, какие имена заказаны: заполните имена услуги"
        ));
    }
    let missing: Vec<&DomainName> = names
        .iter()
        .filter(|name| !leaf.names.iter().any(|own| own.covers(name)))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(words!(
        "it does not cover {missing} (it covers {covered}): ask the vendor to correct the order", "он не охватывает {missing} (охватывает {covered}): попросите поставщика исправить заказ";
        missing = list(missing.into_iter()),
        covered = list(leaf.names.iter())
    ))
}

/// At most ten names, for a sentence.
fn list<'a>(names: impl ExactSizeIterator<Item = &'a DomainName>) -> Words {
    const SHOWN: usize = 10;
    let count = names.len();
    let shown: Vec<&str> = names.take(SHOWN).map(DomainName::as_str).collect();
    match count {
        0 => words!("no host name", "ни одного имени узла"),
        1..=SHOWN => Words::verbatim(shown.join(", ")),
        _ => words!(
            "{} and {} more",
            "{} и ещё {}",
            shown.join(", "),
            count - SHOWN
        ),
    }
}

fn day(time: DateTime<Utc>) -> impl std::fmt::Display {
    time.format("%Y-%m-%d %H:%M UTC")
}
