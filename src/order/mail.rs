//! What the end of proof by e-mail means: for a purchase, and for clients who prove by it.

use chrono::NaiveDate;

use super::calendar::{self, MAIL_ENDS, MailProof};
use super::intent::Operation;
use super::names::Remark;
use super::port::Abilities;
use super::waits::is_by_mail;
use super::{OrderSession, checks, current, term};
use crate::failure::Failure;
use crate::log;
use crate::module::{self, Method, Template};
use crate::platform::details::{Details, chosen_method};
use crate::platform::{Patience, Service, fields};

impl OrderSession<'_> {
    /// Changes the method once e-mail is accepted no more: the order is paid for, and nobody is asked for one then.
    /// Whether there would have to be another method, and is none, or none that the vendor would hear of.
    pub(super) async fn prove_otherwise(
        &mut self,
        operation: Operation,
        template: &Template,
    ) -> Result<bool, Failure> {
        let today = self.clock.now().date_naive();
        if calendar::mail_proof(today) == MailProof::Discouraged
            || chosen_method(&self.service, template)? != Some(Method::Email)
        {
            return Ok(false);
        }
        let has_wildcard = checks::has_wildcard(&self.service, template);
        let Some(method) = checks::instead_of_mail(template, has_wildcard) else {
            return Ok(true);
        };
        if operation == Operation::Reissue && !self.authority.abilities().reissue_takes_method {
            return Ok(true);
        }
        log!(
            Order,
            Warning,
            "proof by e-mail has ended: the names are proved by {} from now on",
            method.name()
        );
        self.save(
            fields::APPROVER_METHOD,
            method.choice_word(),
            Patience::Once,
        )
        .await?;
        Ok(false)
    }

    /// What the term and the end of proof by e-mail mean for this purchase. A reissue costs nothing: where the product has
    /// no other method in our table, or the vendor takes none then, the vendor has the last word. What the client has to
    /// know is returned.
    pub(super) fn check_term(
        &self,
        operation: Operation,
        template: &Template,
        details: &Details,
        needs_other: bool,
    ) -> Result<Option<Remark>, Failure> {
        let today = self.clock.now().date_naive();
        let former = self.term_bought().map(|term| term.end);
        let former = former.filter(|_| operation == Operation::Prolong);
        let term_end = match operation {
            Operation::Reissue => current::term_end(&self.service),
            _ => term::end(today, former, details.term.0),
        };
        if operation != Operation::Reissue
            && let Some(remark) = checks::term(template, details.term.0, today)
        {
            log!(Order, Warning, "{remark}");
        }
        let method = chosen_method(&self.service, template)?;
        let has_wildcard = checks::has_wildcard(&self.service, template);
        match checks::mail(template, method, today, term_end) {
            // The notices about the certificate say it when they have to.
            Ok(_) if operation == Operation::Reissue => Ok(None),
            Err(failure) if operation == Operation::Reissue && needs_other => {
                log!(Order, Warning, "{}", failure.words());
                let other = checks::instead_of_mail(template, has_wildcard);
                let vendor = self.authority.abilities().vendor;
                Ok(other.map(|_| Remark::MailStays(vendor)))
            }
            told => told,
        }
    }
}

/// Whether a service's product can be proved by e-mail only, as far as it is known.
#[must_use]
pub fn is_mail_only(service: &Service) -> bool {
    let module = service.module.as_deref().and_then(module::by_name);
    let template = module.and_then(|module| module.template(service.template.as_ref()?.as_str()));
    template.is_some_and(|template| {
        let has_wildcard = checks::has_wildcard(service, template);
        checks::instead_of_mail(template, has_wildcard).is_none()
    })
}

/// What clients who prove by e-mail have to know; nothing for the others.
pub(super) fn remark(service: &Service, vendor: &Abilities, today: NaiveDate) -> String {
    if !is_by_mail(service) {
        return String::new();
    }
    let (en, ru) = match calendar::mail_proof(today) {
        MailProof::Discouraged => (
            format!("Proof by e-mail ends on {MAIL_ENDS} for all certificate authorities"),
            format!(
                "С {MAIL_ENDS} подтверждение по e-mail не будет принимать ни один центр сертификации"
            ),
        ),
        MailProof::Forbidden => (
            format!("No certificate authority accepts proof by e-mail since {MAIL_ENDS}"),
            format!(
                "С {MAIL_ENDS} подтверждение по e-mail не принимает ни один центр сертификации"
            ),
        ),
    };
    let (then_en, then_ru) = match is_mail_only(service) {
        false if !vendor.reissue_takes_method => (
            "a reissue keeps the method, so choose another one, such as a DNS record, at the next renewal, or ask us to have it changed with the vendor",
            "перевыпуск способ не меняет, поэтому при следующем продлении выберите другой, например запись DNS, или попросите нас изменить его у поставщика",
        ),
        false => (
            "choose another method, such as a DNS record, at the next reissue",
            "при следующем перевыпуске выберите другой способ, например запись DNS",
        ),
        true => (
            "this product has no other method, please ask us for another product",
            "у этого продукта другого способа нет, обратитесь к нам за другим продуктом",
        ),
    };
    format!("{en}: {then_en}.\n{ru}: {then_ru}.")
}

#[cfg(test)]
pub(super) mod tests {
    use std::time::Duration;

    use super::*;
    use crate::certificate::testing::at;

    /// A vendor that can do everything.
    pub(crate) const TRIAL: Abilities = Abilities {
        vendor: "Trial",
        approvers: true,
        renewal: true,
        renews_in_place: false,
        reissue: true,
        reissue_takes_method: true,
        cancel: true,
        change_validation: true,
        verify_now: true,
        balance: true,
        products: true,
        lists_revoked: false,
        tells_term: true,
        settle_time: Duration::from_secs(900),
        absence_proves: true,
        validation_told_once: false,
    };

    /// A client is not told to choose what the product does not have, nor that what has ended will end.
    #[test]
    fn the_remark_about_mail_fits_the_day_and_the_product() {
        let told = |vendor: &Abilities, module: &str, template: &str, day| {
            let mut service = Service {
                module: Some(module.to_owned()),
                template: Some(crate::domain::TemplateCode::new(template)),
                ..Service::default()
            };
            let word = crate::module::Method::Email.choice_word().to_owned();
            service
                .parameters
                .insert(fields::APPROVER_METHOD.to_owned(), word);
            super::remark(&service, vendor, at(day).date_naive())
        };
        let remark = |module: &str, template: &str, day| told(&TRIAL, module, template, day);
        let (before, after) = ((2028, 3, 14), (2028, 3, 15));
        let text = remark("pmthesslstore", "positivessl", before);
        assert!(
            text.contains("ends on 2028-03-15") && text.contains("DNS"),
            "{text}"
        );
        let text = remark("pmthesslstore", "positivessl", after);
        assert!(
            text.contains("since 2028-03-15") && !text.contains("ends on"),
            "{text}"
        );
        let mail_only = crate::module::all().find_map(|module| {
            let has_none = |template: &&crate::module::Template| {
                template.methods.contains(&crate::module::Method::Email)
                    && checks::instead_of_mail(template, template.wildcard).is_none()
            };
            let template = module.templates.iter().find(has_none)?;
            Some((module.name, template.code))
        });
        let (module, code) = mail_only.unwrap();
        let text = remark(module, code, before);
        assert!(
            text.contains("no other method") && !text.contains("DNS"),
            "{text}"
        );
        // What a reissue cannot change is not asked for at a reissue.
        let stays = Abilities {
            reissue_takes_method: false,
            ..TRIAL
        };
        for day in [before, after] {
            let text = told(&stays, "pmglobalsign", "DV", day);
            for part in [
                "a reissue keeps the method",
                "changed with the vendor",
                "изменить его у поставщика",
            ] {
                assert!(text.contains(part), "{part}: {text}");
            }
            assert!(!text.contains("at the next reissue"), "{text}");
        }
    }

    #[test]
    fn the_remarks_about_mail_have_its_day() {
        let remarks = [
            Remark::MailEnds,
            Remark::MailEndsAlone,
            Remark::MailStays("V"),
        ];
        for remark in remarks {
            for text in [remark.english(), remark.russian()] {
                assert!(text.contains(&MAIL_ENDS.to_string()), "{text}");
            }
        }
    }

    /// An account's form names the day: whoever leaves clients to e-mail has to know.
    #[test]
    fn the_forms_that_mention_mail_name_its_last_day() {
        let settings = module::all().flat_map(|module| module.settings);
        let hints: Vec<_> = settings
            .filter(|setting| setting.name == module::ALTERNATIVE_METHODS)
            .map(|setting| setting.hint)
            .collect();
        assert!(!hints.is_empty());
        for hint in hints {
            for text in [hint.en, hint.ru] {
                assert!(text.contains(&MAIL_ENDS.to_string()), "{text}");
            }
        }
    }
}
