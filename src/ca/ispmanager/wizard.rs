//! The wizards of the other billing: what they have to be asked before they order, and the orders
//! themselves (ispmanager.md 8, 12, 13).

use super::client::Fields;
use super::document::{Node, choices};
use super::error::{IspmanagerError, Refusal};
use super::mapping::{self, Answers};
use super::record::{Record, same_request};
use super::wire::Entry;
use super::{Ispmanager, paid, progress};
use crate::ca::{Permit, Placed, Unplaced};
use crate::certificate::Csr;
use crate::domain::text::{Bilingual, Words};
use crate::domain::{Organization, Purchase, VendorOrderId};
use crate::failure::{Failure, Reason};
use crate::log;

impl Ispmanager {
    /// What the forms of the order wizard tell about this purchase, checked by the free step.
    pub(super) async fn answers(&self, purchase: &Purchase, csr: &Csr) -> Result<Answers, Failure> {
        // The key, because two services may have one CSR and two approvers.
        let question = format!(
            "{} {}\n{}",
            purchase.key, purchase.template, purchase.csr_pem
        );
        if let Some((known, answers)) = &*self.known.borrow()
            && *known == question
        {
            return Ok(answers.clone());
        }
        let tariff = mapping::tariff(&purchase.template)?;
        let term = purchase.term.0.to_string();
        let fields = [
            (self.wire().text(Entry::TariffField), tariff.as_str()),
            (self.wire().text(Entry::PeriodField), term.as_str()),
        ];
        let form = self.client.look(Entry::RequestFunction, &fields).await?;
        let kind = mapping::kind(self.wire(), &form)?;
        let (word, is_told) = match kind {
            mapping::RequestWord::Told(word) => (word, true),
            mapping::RequestWord::Guess(word) => (word, false),
        };
        let answers = self
            .with_countries(&form, word, csr, purchase.organization.as_ref())
            .await?;
        self.try_request(purchase, csr, &answers, is_told).await?;
        *self.known.borrow_mut() = Some((question, answers.clone()));
        Ok(answers)
    }

    pub(super) async fn with_countries(
        &self,
        form: &Node,
        kind: String,
        csr: &Csr,
        company: Option<&Organization>,
    ) -> Result<Answers, Failure> {
        let country = match mapping::subject_country(csr, company) {
            Some(code) => Some(self.country(form, &code).await?),
            None => None,
        };
        let organization_country = match company {
            Some(company) => Some(self.country(form, company.country.as_str()).await?),
            None => None,
        };
        Ok(Answers {
            kind,
            country,
            organization_country,
        })
    }

    /// The remote number of a country.
    pub(super) async fn country(&self, form: &Node, code: &str) -> Result<String, Failure> {
        if let Some(number) = mapping::country(self.wire(), form, code) {
            return Ok(number);
        }
        if self.wire().optional(Entry::CountriesFunction).is_some() {
            match self
                .client
                .look(Entry::CountriesFunction, &[("p_cnt", "500")])
                .await
            {
                Ok(directory) => {
                    if let Some(number) = mapping::country_in_directory(&directory, code) {
                        return Ok(number);
                    }
                }
                Err(error) if error.is_about_the_account() => return Err(error.into()),
                Err(_) => {}
            }
        }
        Err(Failure::field(Reason::NotSupported, "country").detail(words!(
            "Ispmanager does not tell its number of the country {code}; nothing was ordered. Set Country.{code} in \
             etc/pmssl/pmispmgrssl.conf", "Ispmanager не сообщает свой номер страны {code}; ничего не заказано. Укажите Country.{code} в etc/pmssl/pmispmgrssl.conf"
        )))
    }

    /// The free step of the wizard: the billing looks at the CSR. A word that is only a guess must
    /// be proved here: the billing has to show our own CSR.
    pub(super) async fn try_request(
        &self,
        purchase: &Purchase,
        csr: &Csr,
        answers: &Answers,
        is_told: bool,
    ) -> Result<(), Failure> {
        let mut fields = mapping::request(self.wire(), purchase, csr, answers)?;
        fields.insert(0, ("snext".to_owned(), "ok".to_owned()));
        let unproved = |why: Words| {
            Failure::field(Reason::NotSupported, "CSR").detail(words!(
                "it is not known how Ispmanager takes an own CSR ({why}); nothing was ordered. Set {} in \
                 etc/pmssl/pmispmgrssl.conf",
                "неизвестно, как Ispmanager принимает свой CSR ({why}); ничего не заказано. Укажите {} в \
                 etc/pmssl/pmispmgrssl.conf",
                Entry::RequestKindExisting.name(); why
            ))
        };
        let doc = match self.client.step(Entry::RequestFunction, &fields).await {
            Ok(doc) => doc,
            Err(error) if error.is_about_the_account() => return Err(error.into()),
            Err(error) if !is_told => return Err(unproved(error.both())),
            Err(IspmanagerError::Refused(refusal)) if !refusal.is_unknown_function() => {
                return Err(self.refused_request(&refusal));
            }
            // A step that cannot be gone is no obstacle: the order's own call checks again.
            Err(error) => {
                log!(Order, Info, "the CSR was not checked: {error}");
                return Ok(());
            }
        };
        let shown = |entry| {
            let field = self.wire().text(entry);
            let paths = [
                field.to_owned(),
                format!("doc/{field}"),
                format!("model/{field}"),
            ];
            paths.iter().find_map(|path| doc.at(path)?.content())
        };
        if shown(Entry::KeyField).is_some() {
            return Err(unproved(words!(
                "the billing made a key of its own",
                "биллинг создал собственный ключ"
            )));
        }
        match shown(Entry::CsrField).map(|seen| same_request(seen, &purchase.csr_pem)) {
            Some(Some(true)) => Ok(()),
            Some(_) => Err(unproved(words!(
                "the billing shows another CSR",
                "биллинг показывает другой CSR"
            ))),
            None if is_told => Ok(()),
            None => Err(unproved(words!(
                "the billing does not show the CSR",
                "биллинг не показывает CSR"
            ))),
        }
    }

    fn refused_request(&self, refusal: &Refusal) -> Failure {
        if refusal.object.as_deref() == Some(self.wire().text(Entry::CsrField)) {
            return Failure::new(Reason::BadCsr).detail(refusal);
        }
        refusal.failure()
    }

    /// The form of a renewal, checked for the wanted term (13).
    pub(super) async fn prolong_form(
        &self,
        purchase: &Purchase,
        service: &VendorOrderId,
    ) -> Result<Node, Failure> {
        let form = match self
            .client
            .look(Entry::ProlongFunction, &[("elid", service.as_str())])
            .await
        {
            Ok(form) => form,
            Err(IspmanagerError::Refused(refusal)) if refusal.is_unknown_function() => {
                return Err(Failure::field(Reason::NotSupported, "prolong").detail(words!(
                    "Ispmanager does not prolong this certificate ({refusal}); nothing was bought. Order a new one", "Ispmanager не продлевает этот сертификат ({refusal}); ничего не куплено. Закажите новый"; refusal
                )));
            }
            Err(error) => return Err(error.into()),
        };
        let term = purchase.term.0.to_string();
        if let Some(terms) = choices(&form, self.wire().text(Entry::PeriodField)) {
            let terms: Vec<&str> = terms.map(|(key, _)| key).collect();
            if !terms.contains(&term.as_str()) {
                return Err(Failure::field(Reason::BadTerm, "period")
                    .value(term)
                    .detail(words!(
                        "months offered for this service: {}",
                        "для этой услуги предлагаются сроки (в месяцах): {}",
                        terms.join(", ")
                    )));
            }
        }
        Ok(form)
    }

    /// A renewal keeps the request that the service has: with another one the certificate would
    /// never prove itself (13).
    pub(super) async fn check_renewable(
        &self,
        purchase: &Purchase,
        service: &VendorOrderId,
    ) -> Result<(), Failure> {
        let record = self.service(service).await?;
        let same = record
            .csr
            .as_deref()
            .and_then(|csr| same_request(csr, &purchase.csr_pem));
        if same == Some(false) {
            return Err(Failure::field(Reason::NotSupported, "CSR").detail(words!(
                "a renewal at Ispmanager keeps the CSR of service {service}; nothing was bought. Reissue the \
                 certificate with the new CSR, then renew", "при продлении в Ispmanager CSR услуги {service} сохраняется; ничего не куплено. Перевыпустите сертификат с новым CSR, затем продлите"
            )));
        }
        self.prolong_form(purchase, service).await.map(drop)
    }

    /// Refuses a reissue while something is under way.
    pub(super) async fn reissuable(&self, service: &VendorOrderId) -> Result<Record, Failure> {
        let record = self.service(service).await?;
        if progress::is_quiet(self.wire(), &record) {
            return Ok(record);
        }
        Err(Failure::new(Reason::NotReady)
            .value(service.as_str())
            .detail(words!(
                "the service is in state '{}', its certificate in state '{}'",
                "состояние услуги '{}', состояние её сертификата '{}'",
                record.service_state.as_deref().unwrap_or_default(),
                record.certificate_state.as_deref().unwrap_or_default()
            )))
    }

    pub(super) async fn submit_new(
        &self,
        purchase: &Purchase,
        permit: Permit,
    ) -> Result<Placed, Unplaced> {
        let csr = Csr::parse(&purchase.csr_pem).map_err(Unplaced::NotSent)?;
        let answers = self
            .answers(purchase, &csr)
            .await
            .map_err(Unplaced::NotSent)?;
        let fields =
            mapping::order(self.wire(), purchase, &csr, &answers).map_err(Unplaced::NotSent)?;
        let answer = self
            .client
            .order(Entry::OrderFunction, &fields, permit)
            .await;
        let marker = mapping::marker(self.wire(), purchase);
        paid::order(self.wire(), answer, &purchase.key, &marker)
    }

    pub(super) async fn submit_renewal(
        &self,
        purchase: &Purchase,
        service: &VendorOrderId,
        permit: Permit,
    ) -> Result<Placed, Unplaced> {
        let form = self
            .prolong_form(purchase, service)
            .await
            .map_err(Unplaced::NotSent)?;
        let fields = mapping::prolong(self.wire(), purchase, service.as_str(), &form);
        let answer = self
            .client
            .order(Entry::ProlongFunction, &fields, permit)
            .await;
        paid::prolong(self.wire(), answer, &purchase.key, service)
    }

    pub(super) async fn submit_reissue(
        &self,
        purchase: &Purchase,
        service: &VendorOrderId,
        permit: Permit,
    ) -> Result<Placed, Unplaced> {
        let fields = self
            .reissue_fields(purchase, service)
            .await
            .map_err(Unplaced::NotSent)?;
        let answer = self
            .client
            .reissue(Entry::ReissueFunction, &fields, permit)
            .await;
        paid::reissue(self.wire(), answer, &purchase.key, service)
    }

    pub(super) async fn reissue_fields(
        &self,
        purchase: &Purchase,
        service: &VendorOrderId,
    ) -> Result<Fields, Failure> {
        let csr = Csr::parse(&purchase.csr_pem)?;
        let form = self
            .client
            .look(Entry::ReissueFunction, &[("elid", service.as_str())])
            .await?;
        let answers = match mapping::kind(self.wire(), &form)? {
            mapping::RequestWord::Told(word) => {
                self.with_countries(&form, word, &csr, purchase.organization.as_ref())
                    .await?
            }
            mapping::RequestWord::Guess(_) => self.answers(purchase, &csr).await?,
        };
        mapping::reissue(
            self.wire(),
            purchase,
            &csr,
            &answers,
            service.as_str(),
            &form,
        )
    }
}
