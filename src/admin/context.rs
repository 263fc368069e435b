//! What the subcommands share: the installation, its accounts and vendors.

use std::cell::RefCell;
use std::path::PathBuf;

use super::output::View;
use crate::ca::{self, CertificateAuthority, ConnectOptions};
use crate::cli;
use crate::commands::{self, Context};
use crate::domain::{AccountId, Clock, ItemId};
use crate::failure::{Failure, Reason};
use crate::logging;
use crate::module::{self, MODULES, Module};
use crate::platform::billmanager::BillManager;
use crate::platform::{Account, Platform};

/// One call of the administrator's tool.
#[derive(Debug)]
pub(super) struct AdminContext {
    /// The platform root.
    pub(super) root: PathBuf,
    /// How answers look.
    pub(super) view: View,
    /// The clock.
    pub(super) clock: Clock,
}

/// An account with its vendor.
pub(super) struct Connected {
    /// The module.
    pub(super) module: &'static Module,
    /// The vendor.
    pub(super) authority: Box<dyn CertificateAuthority>,
}

impl AdminContext {
    /// Refuses a root that is no installation of BILLmanager.
    ///
    /// # Errors
    /// `NoPlatform`.
    pub(super) fn must_be_a_platform(&self) -> Result<(), Failure> {
        if self.is_platform() {
            return Ok(());
        }
        Err(Failure::new(Reason::NoPlatform).value(self.root.display().to_string()))
    }

    /// Whether BILLmanager is installed at the root.
    pub(super) fn is_platform(&self) -> bool {
        self.root.join("etc").is_dir() && self.root.join("processing").is_dir()
    }

    /// The platform, in the name of a module.
    pub(super) fn platform(&self, module: &'static Module) -> BillManager {
        BillManager::new(self.root.clone(), module)
    }

    /// The platform, for questions that belong to no module.
    pub(super) fn any_platform(&self) -> BillManager {
        self.platform(MODULES[0])
    }

    /// The module that serves an item.
    ///
    /// # Errors
    /// An unknown item, or one of a foreign module.
    pub(super) async fn module_of(
        &self,
        platform: &BillManager,
        item: ItemId,
    ) -> Result<&'static Module, Failure> {
        let owner = platform.service(item).await?.module.unwrap_or_default();
        module::by_name(&owner).ok_or_else(|| {
            Failure::field(Reason::ForeignModule, format!("service {item}"))
                .value(&owner)
                .detail(words!(
                    "It is not one of pmssl's modules",
                    "Это не модуль pmssl"
                ))
        })
    }

    /// An account with its module; its secrets are masked from now on.
    ///
    /// # Errors
    /// An unknown account, one of a foreign module, undecryptable settings.
    pub(super) async fn account(
        &self,
        id: AccountId,
    ) -> Result<(&'static Module, Account), Failure> {
        let account = self.any_platform().account(id).await?;
        for secret in account.settings.secrets() {
            logging::register_secret(secret);
        }
        let module = module::by_name(&account.module).ok_or_else(|| {
            Failure::field(Reason::ForeignModule, format!("account {id}"))
                .value(&account.module)
                .detail(words!(
                    "It is not one of pmssl's modules",
                    "Это не модуль pmssl"
                ))
        })?;
        Ok((module, account))
    }

    /// An account with its vendor. The module's log takes the calls.
    ///
    /// # Errors
    /// As [`AdminContext::account`]; settings that are missing or wrong.
    pub(super) async fn connect(&self, id: AccountId) -> Result<Connected, Failure> {
        let (module, account) = self.account(id).await?;
        self.start_log(module);
        let connect_options = self.connect_options(module);
        let authority = ca::connect(module.origin, &account.settings, &connect_options)?;
        Ok(Connected { module, authority })
    }

    /// How the vendor of a module is reached, with the site's corrections to its table.
    pub(super) fn connect_options(&self, module: &'static Module) -> ConnectOptions {
        commands::connect_options(&self.platform(module), &self.root, module)
    }

    /// Writes to the log of a module from now on.
    pub(super) fn start_log(&self, module: &'static Module) {
        // Relative paths of the platform's options mean its root.
        let _ = std::env::set_current_dir(&self.root);
        logging::start(&logging::Start {
            root: &self.root,
            module: module.log_name(),
        });
    }

    /// What a platform command works with.
    pub(super) fn context<'a>(&self, platform: &'a BillManager) -> Context<'a> {
        Context {
            module: platform.module(),
            clock: self.clock.clone(),
            connect_options: self.connect_options(platform.module()),
            connect: ca::connect,
            platform,
            root: self.root.clone(),
            arguments: cli::Arguments::default(),
            input: String::new(),
            account: RefCell::new(None),
        }
    }
}

/// Runs asynchronous work to its end.
///
/// # Errors
/// The work's own.
pub(super) fn wait<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new(Reason::Internal).because(error))?
        .block_on(work)
}

/// Who sits at the keyboard, for the log.
pub(super) fn person() -> String {
    ["SUDO_USER", "USER", "LOGNAME"]
        .into_iter()
        .find_map(|name| std::env::var(name).ok().filter(|who| !who.is_empty()))
        .unwrap_or_else(|| format!("user {}", rustix::process::getuid().as_raw()))
}
