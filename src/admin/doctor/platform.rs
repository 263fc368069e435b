//! Database, key, accounts.

use super::findings::{self, Findings};
use crate::admin::scene::Scene;
use crate::ca;
use crate::failure::{Failure, Reason};
use crate::module::{MODULES, Module};
use crate::platform::Platform;
use crate::platform::billmanager::BillManager;
use crate::platform::billmanager::overview::AccountLine;

/// Whether the database can be read.
pub(super) async fn examine(scene: &Scene, findings: &mut Findings<'_>) -> bool {
    let platform = scene.any_platform();
    match platform
        .key_file()
        .and_then(|file| platform.installation().map(|_| file))
    {
        Ok(file) => findings.add(&findings::KEY_GOOD, &file.display().to_string(), ""),
        Err(failure) => findings.add(&findings::KEY, &scene.view.failure(&failure), ""),
    }
    let accounts = match accounts(&platform).await {
        Ok(accounts) => accounts,
        Err(failure) => {
            findings.add(&findings::DATABASE, &scene.view.failure(&failure), "");
            return false;
        }
    };
    let place = platform.database_place().unwrap_or_default();
    findings.add(&findings::DATABASE_GOOD, &place, "");
    if accounts.is_empty() {
        findings.add(&findings::NO_ACCOUNTS, "", "");
    }
    for (module, line) in accounts {
        account(scene, &platform, module, &line, findings).await;
    }
    true
}

async fn accounts(platform: &BillManager) -> Result<Vec<(&'static Module, AccountLine)>, Failure> {
    let mut all = Vec::new();
    for module in MODULES {
        let lines = platform.account_lines(module).await?;
        all.extend(lines.into_iter().map(|line| (module, line)));
    }
    Ok(all)
}

async fn account(
    scene: &Scene,
    platform: &BillManager,
    module: &'static Module,
    line: &AccountLine,
    findings: &mut Findings<'_>,
) {
    let name = format!("{} {} ({})", line.id, line.name, module.name);
    let reach = scene.reach(module);
    let outcome = match platform.account(line.id).await {
        Ok(account) => ca::connect(module.name, &account.settings, &reach).map(drop),
        Err(failure) => Err(failure),
    };
    let Err(failure) = outcome else {
        return findings.add(&findings::ACCOUNT_GOOD, &name, "");
    };
    let text = scene.view.failure(&failure);
    match failure.reason() {
        Reason::Undecryptable => findings.add(&findings::ACCOUNT_SECRET, &name, &text),
        Reason::NotSupported => findings.add(&findings::ACCOUNT_NOT_YET, &name, ""),
        // The key and the administrator's own root certificates have findings of their own.
        Reason::PlatformFile => {}
        _ => findings.add(&findings::ACCOUNT_SETTINGS, &name, &text),
    }
}
