//! An account with its settings, secrets decrypted.

use secrecy::{ExposeSecret, SecretString};

use super::database::Value;
use super::row::Row;
use super::{BillManager, statements};
use crate::domain::{AccountId, Settings};
use crate::failure::{Failure, Reason};
use crate::logging::register_secret;
use crate::module::{Module, SettingKind};
use crate::platform::Account;

impl BillManager {
    pub(super) async fn read_account(&self, account: AccountId) -> Result<Account, Failure> {
        let database = self.database()?;
        let id = [Value::Number(account.0)];
        let row = database
            .row(statements::ACCOUNT, &id)
            .await?
            .ok_or_else(|| Failure::new(Reason::UnknownAccount).value(account.to_string()))?;
        let module = row.text(1).unwrap_or_default().to_owned();
        let known = crate::module::by_name(&module);
        let mut settings = Settings::default();
        for row in database.rows(statements::ACCOUNT_SETTINGS, &id).await? {
            self.add_setting(&mut settings, known, &row, false)?;
        }
        for row in database.rows(statements::ACCOUNT_SECRETS, &id).await? {
            self.add_setting(&mut settings, known, &row, true)?;
        }
        Ok(Account {
            id: account,
            name: row.text(0).unwrap_or_default().to_owned(),
            module,
            settings,
        })
    }

    /// Adds one stored setting to the right half of the settings. What the module declares a secret is
    /// one even where it is stored in clear.
    fn add_setting(
        &self,
        settings: &mut Settings,
        module: Option<&Module>,
        row: &Row,
        crypted: bool,
    ) -> Result<(), Failure> {
        let Some(name) = row.text(0) else {
            return Ok(());
        };
        let stored = row.raw(1).unwrap_or_default();
        let declared = module
            .and_then(|module| module.setting(name))
            .map(|setting| setting.kind);
        let clear = if crypted && !stored.is_empty() {
            match (
                self.key().and_then(|key| key.decrypt(name, stored)),
                declared,
            ) {
                (Ok(clear), _) => clear,
                // Left behind by another version of the module: nobody will miss it.
                (Err(failure), None) if module.is_some() => {
                    crate::log!(Platform, Warning, "{failure}");
                    return Ok(());
                }
                (Err(failure), _) => return Err(failure),
            }
        } else {
            SecretString::from(stored)
        };
        let secret = declared.map_or(crypted, |kind| kind == SettingKind::Secret);
        if secret {
            register_secret(&clear);
            settings.set_secret(name, clear);
        } else {
            settings.set(name, clear.expose_secret());
        }
        Ok(())
    }
}
