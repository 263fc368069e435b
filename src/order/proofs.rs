//! What the client has to publish, as the platform shows it.

use super::Desk;
use crate::ca::{ValidationRecord, ValidationTask};
use crate::failure::Failure;
use crate::platform::{Patience, fields};

impl Desk<'_> {
    /// Saves what the client has to publish, for the client area.
    pub(super) async fn save_validation(
        &mut self,
        records: &[ValidationRecord],
    ) -> Result<(), Failure> {
        for (name, value) in validation_parameters(records) {
            self.save(name, &value, Patience::Once).await?;
        }
        Ok(())
    }
}

/// Item parameters that show validation data, one comma list each, in the order of the names. Pure.
fn validation_parameters(records: &[ValidationRecord]) -> Vec<(&'static str, String)> {
    let list = |pick: &dyn Fn(&ValidationTask) -> Option<String>| {
        records
            .iter()
            .filter_map(|record| pick(&record.task))
            .collect::<Vec<_>>()
            .join(",")
    };
    let published: Vec<_> = records
        .iter()
        .filter(|record| !matches!(record.task, ValidationTask::Email(_)))
        .collect();
    let names = published
        .iter()
        .map(|record| record.name.to_string())
        .collect::<Vec<_>>()
        .join(",");
    let one_line = |text: &str| text.replace("\r\n", "\n").trim_end().replace('\n', "\\n");
    let all = [
        (fields::DOMAINS_LIST, names),
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
                ValidationTask::File { content, .. } => Some(one_line(content)),
                _ => None,
            }),
        ),
    ];
    all.into_iter()
        .filter(|(_, value)| !value.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::DomainName;

    #[test]
    fn validation_data_is_listed_by_kind() {
        let record = |name: &str, task| ValidationRecord {
            name: DomainName::parse(name).unwrap(),
            task,
            done: false,
        };
        let cname = |name: &str, value: &str| ValidationTask::Cname {
            name: name.into(),
            value: value.into(),
        };
        let file = ValidationTask::File {
            url: "http://c.example/f.txt".into(),
            content: "one\r\ntwo\n".into(),
        };
        let records = [
            record("a.example", cname("_1.a.example", "x.ca.example")),
            record("b.example", cname("_2.b.example", "y.ca.example")),
            record("c.example", file),
            record("d.example", ValidationTask::Email("admin@d.example".into())),
        ];
        assert_eq!(
            validation_parameters(&records),
            [
                (
                    fields::DOMAINS_LIST,
                    "a.example,b.example,c.example".to_owned()
                ),
                (fields::CNAME_NAME, "_1.a.example,_2.b.example".to_owned()),
                (fields::CNAME_VALUE, "x.ca.example,y.ca.example".to_owned()),
                (fields::FILE_NAME, "http://c.example/f.txt".to_owned()),
                (fields::FILE_VALUE, "one\\ntwo".to_owned()),
            ]
        );
        assert_eq!(validation_parameters(&records[3..]), []);
    }
}
