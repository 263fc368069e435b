//! What the client has to publish: how the platform shows it, and what becomes of it when it is lost.

use super::current::name_of;
use super::port::{Placed, ValidationRecord, ValidationTask};
use super::{Operation, OrderSession, State, waits};
use crate::domain::text::Language;
use crate::failure::Failure;
use crate::module::Method;
use crate::platform::{Patience, Service, fields};

/// Item parameters that show validation data, one comma list each.
type Parameters = [(&'static str, String); 6];

impl OrderSession<'_> {
    /// Saves what a look-up tells the client to publish. What a silent one does not tell stays; where the names are proved
    /// by mail now, nothing stays.
    pub(super) async fn save_validation(
        &mut self,
        records: &[ValidationRecord],
    ) -> Result<(), Failure> {
        if !tells(&self.service, records) {
            return Ok(());
        }
        for (name, value) in parameters(records) {
            self.save(name, &value, Patience::Once).await?;
        }
        Ok(())
    }

    /// Saves what a placed order tells the client to publish, and drops what the order before it asked for.
    /// Some vendors tell it only once: it is waited for as for the number, and comes before it, so that a
    /// stored number proves that this was done.
    pub(super) async fn save_validation_of(&mut self, placed: &Placed) -> Result<(), Failure> {
        // Known by its number alone: another machine may have stored the data already, and a first order has no former one.
        if placed.validation.is_empty() && self.order_number().is_none() {
            return Ok(());
        }
        let is_new = self.order_number().as_ref() != Some(&placed.order);
        if !is_new && !tells(&self.service, &placed.validation) {
            return Ok(());
        }
        for (name, value) in parameters(&placed.validation) {
            self.save(name, &value, Patience::UntilPlatformIsBack)
                .await?;
        }
        Ok(())
    }

    /// Gives a person a task, once for each order, where the client waits for data that the vendor has told
    /// only once and nobody kept: nothing would ever happen.
    pub(super) async fn call_for_lost_proof(&mut self) -> Result<(), Failure> {
        let Some(missing) = self.lost_proof() else {
            return Ok(());
        };
        let (Some(order), Some(account)) = (self.order_number(), self.service.account) else {
            return Ok(());
        };
        let order = order.as_str();
        if self.service.parameter(fields::PROOF_TASKED) == Some(order) {
            return Ok(());
        }
        let account = self.platform.account(account).await?;
        let text = self.lost_proof_words(order, missing);
        if self.raise(&account, &text).await? {
            self.save(fields::PROOF_TASKED, order, Patience::UntilPlatformIsBack)
                .await?;
        }
        Ok(())
    }

    /// The empty parameter that should hold what the client publishes.
    fn lost_proof(&self) -> Option<&'static str> {
        let is_awaited = self.intent.as_ref().is_some_and(|intent| {
            matches!(intent.operation, Operation::Open | Operation::Prolong)
                && matches!(intent.state, State::Placed | State::Pending)
        });
        let by_domain = self.template().is_ok_and(|one| !one.organization);
        let told_once = self.authority.abilities().validation_told_once;
        if !(is_awaited && by_domain && told_once) {
            return None;
        }
        let word = self.service.parameter(fields::APPROVER_METHOD)?;
        let parameter = match Method::by_choice_word(word)? {
            Method::Email => return None,
            Method::DnsTxt => fields::TXT_VALUE,
            Method::DnsCname => fields::CNAME_VALUE,
            Method::HttpFile | Method::HttpsFile => fields::FILE_VALUE,
        };
        self.service
            .parameter(parameter)
            .is_none()
            .then_some(parameter)
    }

    fn lost_proof_words(&self, order: &str, parameter: &str) -> String {
        let (item, vendor) = (self.item, self.authority.abilities().vendor);
        let name = name_of(&self.service);
        let (name_en, name_ru) = (name.en(), name.get(Language::Russian));
        format!(
            "pmssl: order {order} at {vendor} for {name_en} (service {item}) waits for domain validation, but what \
             the client has to publish was lost with the vendor's answer, and the vendor tells it only once. Ask \
             {vendor} for it, give it to the client and enter it as the item parameter {parameter}; or cancel \
             the order at {vendor} and start the operation anew.\n\
             pmssl: заказ {order} у {vendor} для {name_ru} (услуга {item}) ждёт подтверждения домена, но данные для \
             размещения потеряны вместе с ответом поставщика, а сообщает он их один раз. Запросите их у \
             {vendor}, передайте клиенту и внесите в параметр услуги {parameter}; или отмените заказ у \
             {vendor} и запустите операцию заново."
        )
    }
}

fn is_published(record: &ValidationRecord) -> bool {
    !matches!(record.task, ValidationTask::Email(_))
}

/// Whether the records say what is to be published. Those that name approvers only may say so beside a value that was told
/// before, unless mail is the method in force.
fn tells(service: &Service, records: &[ValidationRecord]) -> bool {
    let by_mail = !records.is_empty() && waits::is_by_mail(service);
    by_mail || records.iter().any(is_published)
}

/// Values in the order of the names; one alone where all names ask for the same. Pure.
fn parameters(records: &[ValidationRecord]) -> Parameters {
    let list = |pick: &dyn Fn(&ValidationTask) -> Option<String>| {
        let values: Vec<_> = records
            .iter()
            .filter_map(|record| pick(&record.task))
            .collect();
        match values.split_first() {
            Some((first, others)) if others.iter().all(|other| other == first) => first.clone(),
            _ => values.join(","),
        }
    };
    let names: Vec<_> = records
        .iter()
        .filter(|record| is_published(record))
        .map(|record| match &record.task {
            // The value is shown without a name of its own: here stands where it belongs.
            ValidationTask::Txt { name, .. } => name.clone(),
            _ => record.name.to_string(),
        })
        .collect();
    [
        (fields::DOMAINS_LIST, names.join(",")),
        (
            fields::CNAME_NAME,
            list(&|task| match task {
                ValidationTask::Cname { name, .. } => Some(name.clone()),
                _ => None,
            }),
        ),
        (
            fields::CNAME_VALUE,
            list(&|task| match task {
                ValidationTask::Cname { value, .. } => Some(value.clone()),
                _ => None,
            }),
        ),
        (
            fields::TXT_VALUE,
            list(&|task| match task {
                ValidationTask::Txt { value, .. } => Some(value.clone()),
                _ => None,
            }),
        ),
        (
            fields::FILE_NAME,
            list(&|task| match task {
                ValidationTask::File { url, .. } => Some(url.clone()),
                _ => None,
            }),
        ),
        (
            fields::FILE_VALUE,
            list(&|task| match task {
                ValidationTask::File { content, .. } => Some(lines(content)),
                _ => None,
            }),
        ),
    ]
}

/// A file's content as it is to be copied: real line ends, as PEM texts go to the platform, too.
fn lines(content: &str) -> String {
    content.replace("\r\n", "\n").trim().to_owned()
}

/// Names or addresses with what belongs to them, as the platform shows both.
#[must_use]
pub fn shown(service: &Service, names: &str, values: &str) -> Vec<(String, String)> {
    let list = |name: &str| -> Vec<String> {
        let text = service.parameter(name).unwrap_or_default();
        text.split(',').map(str::to_owned).collect()
    };
    let values = list(values);
    list(names)
        .into_iter()
        .enumerate()
        .filter(|(_, name)| !name.is_empty())
        .filter_map(|(at, name)| {
            let value = if values.len() == 1 {
                values.first()
            } else {
                values.get(at)
            };
            // Earlier versions wrote line ends as two characters.
            Some((name, value?.replace("\\n", "\n")))
        })
        .collect()
}

#[cfg(test)]
mod tests;
