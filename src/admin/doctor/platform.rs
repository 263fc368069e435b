//! Database, key, accounts.

use super::findings::{self, Findings};
use crate::admin::context::AdminContext;
use crate::ca;
use crate::commands;
use crate::failure::{Failure, Reason};
use crate::module::{self, Module};
use crate::platform::Platform;
use crate::platform::billmanager::overview::AccountLine;
use crate::platform::billmanager::{BillManager, mgrctl};

/// Whether the platform's functions can be called.
pub(super) async fn answers(admin: &AdminContext, findings: &mut Findings<'_>) {
    let platform = admin.any_platform();
    // A client program that is missing has a finding of its own.
    if !admin.root.join(mgrctl::PROGRAM).exists() {
        return;
    }
    match platform.answers().await {
        Ok(()) => findings.add(&findings::PLATFORM_GOOD, "", ""),
        Err(failure) => findings.add(&findings::PLATFORM_AWAY, &admin.view.failure(&failure), ""),
    }
}

/// How many accounts there are; `None` when the database cannot be read.
pub(super) async fn examine(admin: &AdminContext, findings: &mut Findings<'_>) -> Option<usize> {
    let platform = admin.any_platform();
    match platform
        .key_file()
        .and_then(|file| platform.installation().map(|_| file))
    {
        Ok(file) => findings.add(&findings::KEY_GOOD, &file.display().to_string(), ""),
        Err(failure) => findings.add(&findings::KEY, &admin.view.failure(&failure), ""),
    }
    let accounts = match accounts(&platform).await {
        Ok(accounts) => accounts,
        Err(failure) => {
            findings.add(&findings::DATABASE, &admin.view.failure(&failure), "");
            return None;
        }
    };
    let place = platform.database_place().unwrap_or_default();
    findings.add(&findings::DATABASE_GOOD, &place, "");
    // A server that cannot be asked has a finding of its own.
    for place in platform.plain_places().await.unwrap_or_default() {
        findings.add(&findings::DATABASE_PLAIN, &place, "");
    }
    locks(admin, &platform, findings).await;
    if platform.has_parameter_index().await == Some(false) {
        findings.add(&findings::PARAMETER_INDEX, "", "");
    }
    if accounts.is_empty() {
        findings.add(&findings::NO_ACCOUNTS, "", "");
    }
    let count = accounts.len();
    for (module, line) in accounts {
        account(admin, &platform, module, &line, findings).await;
    }
    Some(count)
}

/// Whether the database's locks keep two commands apart: nothing is ordered where they do not.
pub(super) async fn locks(
    admin: &AdminContext,
    platform: &BillManager,
    findings: &mut Findings<'_>,
) {
    match platform.examine_locks().await {
        Ok(()) => findings.add(&findings::LOCKS_GOOD, "", ""),
        Err(failure) if failure.reason() == Reason::LockHost => {
            findings.add(&findings::LOCK_HOST, &admin.view.failure(&failure), "");
        }
        Err(failure) if failure.reason() == Reason::LocksDoNotHold => {
            let words = failure.particulars();
            findings.add(&findings::LOCKS, words.get(admin.view.language), "");
        }
        Err(failure) => findings.add(&findings::DATABASE, &admin.view.failure(&failure), ""),
    }
}

async fn accounts(platform: &BillManager) -> Result<Vec<(&'static Module, AccountLine)>, Failure> {
    let mut all = Vec::new();
    for module in module::all() {
        let lines = platform.account_lines(module).await?;
        all.extend(lines.into_iter().map(|line| (module, line)));
    }
    Ok(all)
}

async fn account(
    admin: &AdminContext,
    platform: &BillManager,
    module: &'static Module,
    line: &AccountLine,
    findings: &mut Findings<'_>,
) {
    let name = format!("{} {} ({})", line.id, line.name, module.name);
    let connect_options = admin.connect_options(module);
    let outcome = match platform.account(line.id).await {
        Ok(account) => ca::connect(module.origin, &account.settings, &connect_options).map(drop),
        Err(failure) => Err(failure),
    };
    let Err(failure) = outcome else {
        return findings.add(&findings::ACCOUNT_GOOD, &name, "");
    };
    let text = admin.view.failure(&failure);
    match failure.reason() {
        Reason::Undecryptable => findings.add(&findings::ACCOUNT_SECRET, &name, &text),
        Reason::PlatformFile
            if commands::overrides(&admin.root, module)
                .display()
                .to_string()
                == failure.object() =>
        {
            let words = failure.particulars();
            findings.add(
                &findings::CORRECTIONS,
                failure.object(),
                words.get(admin.view.language),
            );
        }
        // The key and the administrator's own root certificates have findings of their own.
        Reason::PlatformFile => {}
        _ => findings.add(&findings::ACCOUNT_SETTINGS, &name, &text),
    }
}
