//! A service as the platform's tables have it.

use std::collections::BTreeMap;

use super::database::Value;
use super::{BillManager, addons, statements};
use crate::domain::{AccountId, ItemId, TemplateCode};
use crate::failure::{Failure, Reason};
use crate::order::stored;
use crate::platform::Service;

impl BillManager {
    pub(super) async fn find_services_with_order(
        &self,
        parameter: &str,
        order: &str,
    ) -> Result<Vec<ItemId>, Failure> {
        let in_intent = stored::intents_of_order(order);
        let values = [
            Value::Text(parameter),
            Value::Text(order),
            Value::Text(&in_intent),
        ];
        let rows = self
            .database()?
            .rows(statements::SERVICES_WITH_ORDER, &values)
            .await?;
        Ok(rows
            .iter()
            .filter_map(|row| row.id(0))
            .map(ItemId)
            .collect())
    }

    pub(super) async fn read_service(&self, item: ItemId) -> Result<Service, Failure> {
        let database = self.database()?;
        let id = [Value::Number(item.0)];
        let row = database
            .row(statements::SERVICE, &id)
            .await?
            .ok_or_else(|| Failure::new(Reason::UnknownItem).value(item.to_string()))?;
        let mut parameters: BTreeMap<_, _> = database
            .rows(statements::ITEM_PARAMETERS, &id)
            .await?
            .iter()
            .filter_map(|row| Some((row.text(0)?.to_owned(), row.text(1)?.to_owned())))
            .collect();
        if let Some(rehearsal) = &self.rehearsal {
            parameters.extend(rehearsal.saved(item));
        }
        let certificate = database.row(statements::CERTIFICATE, &id).await?;
        let pem = |column| {
            let row = certificate.as_ref()?;
            row.text(column).map(str::to_owned)
        };
        let addons = database.rows(statements::ADDONS, &id).await?;
        Ok(Service {
            item_type: row.text(0).unwrap_or_default().to_owned(),
            account: row.id(1).map(AccountId),
            module: row.text(2).map(str::to_owned),
            template: row.text(3).map(TemplateCode::new),
            period: row.number(4).unwrap_or_default(),
            status: row.number(5).unwrap_or_default(),
            expire_date: row.date(6),
            created: row.date(8),
            tariff_change_pending: row.id(7).is_some(),
            parameters,
            csr: pem(0),
            certificate: pem(1),
            addons: addons::counted(&addons),
        })
    }
}
