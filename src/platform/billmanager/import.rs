//! Taking existing services over (billmanager.md 3.7).

use super::choices;
use super::mgrctl::{Argument, Mgrctl};
use crate::domain::ItemId;
use crate::failure::{Failure, Reason};
use crate::platform::ImportedService;

/// Hands a service over.
///
/// # Errors
/// The platform refused, or did not tell the new service's number: what it did then is not known.
pub(super) async fn service(mgrctl: &Mgrctl, service: &ImportedService) -> Result<ItemId, Failure> {
    let [call] = choices::IMPORT_SERVICE else {
        return Err(Failure::new(Reason::Internal).detail(words!(
            "more than one way to import",
            "больше одного способа импорта"
        )));
    };
    let reply = mgrctl
        .run(choices::IMPORT_SERVICE, &arguments(service))
        .await?;
    reply
        .value(choices::IMPORTED_SERVICE)
        .and_then(|text| text.trim().parse().ok())
        .filter(|id| *id != 0)
        .map(ItemId)
        .ok_or_else(|| {
            Failure::field(Reason::PlatformFunction, call.function).detail(words!(
                "its answer has no {}: look for a new service '{}' before the import is run again",
                "в её ответе нет {}: прежде чем повторять импорт, поищите новую услугу '{}'",
                choices::IMPORTED_SERVICE,
                service.name
            ))
        })
}

fn arguments(service: &ImportedService) -> Vec<Argument> {
    let mut arguments = vec![
        Argument::open("module", service.account.to_string()),
        Argument::open("import_pricelist_intname", service.template.as_str()),
        Argument::open("import_service_name", service.name.as_str()),
        Argument::open("expiredate", service.expire_date.to_string()),
        Argument::open("period", service.period.to_string()),
        Argument::open("service_status", service.status.code().to_string()),
    ];
    let parameters = service.parameters.iter();
    arguments.extend(
        parameters
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| Argument::open(name, value.as_str())),
    );
    arguments
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{AccountId, TemplateCode};
    use crate::platform::CertificateStatus;

    #[test]
    fn all_that_is_known_is_handed_over_and_nothing_empty() {
        let service = ImportedService {
            account: AccountId(3),
            template: TemplateCode::new("positivessl"),
            name: "shop.example.com".into(),
            expire_date: "2027-04-02".parse().unwrap(),
            period: 12,
            status: CertificateStatus::Issued,
            parameters: vec![
                ("store_order_id", "9001".into()),
                ("altname", String::new()),
            ],
        };
        let shown: Vec<String> = arguments(&service)
            .iter()
            .map(|argument| format!("{argument:?}"))
            .collect();
        assert_eq!(
            shown,
            [
                "module=3",
                "import_pricelist_intname=positivessl",
                "import_service_name=shop.example.com",
                "expiredate=2027-04-02",
                "period=12",
                "service_status=5",
                "store_order_id=9001",
            ]
        );
    }
}
