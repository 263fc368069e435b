//! `getbalance` under all its spellings: the account's balance, saved and printed (billmanager.md 3.6).

use super::{Context, session};
use crate::domain::{AccountId, Currency, Money};
use crate::failure::Failure;
use crate::log;
use crate::platform::documents;

/// With `--module`: that account, printed. Without: every account of the module, failures only logged.
pub(super) async fn run(context: &Context<'_>) -> Result<String, Failure> {
    if let Some(id) = context.arguments.account {
        return Ok(documents::balance(&save(context, id).await?));
    }
    for id in context.platform.accounts_of(context.module.name).await? {
        if let Err(failure) = save(context, id).await {
            log!(
                Main,
                Warning,
                "balance of account {id}: {}",
                failure.chain()
            );
        }
    }
    Ok(documents::empty())
}

async fn save(context: &Context<'_>, id: AccountId) -> Result<Money, Failure> {
    let account = session::account(context, id).await?;
    let balance = session::authority(context, &account)?.balance().await?;
    // The platform takes an amount with its currency only (billmanager.md 3.6).
    if balance.currency == Currency::NONE {
        log!(
            Main,
            Warning,
            "the vendor states no currency: the balance of account {id} is shown, not saved"
        );
        return Ok(balance);
    }
    context
        .platform
        .save_balance(id, balance, context.clock.now())
        .await?;
    Ok(balance)
}
