//! Who works on a module: of several daemons, on this machine or on others, one at a time. Locks and
//! intents keep every order single anyway; this keeps a vendor from being asked about it by all of them.

use std::cell::Cell;
use std::path::Path;
use std::time::Duration;

use async_trait::async_trait;
use tokio::time::sleep;

use crate::domain::ItemId;
use crate::failure::Failure;
use crate::log;
use crate::module::Module;
use crate::platform::billmanager::BillManager;

/// A killed daemon's lock is given back by the server, which takes a moment.
const MOMENT: Duration = Duration::from_millis(300);

/// How often the lock is proved: the server takes it from a connection that says nothing for long.
const PULSE: Duration = Duration::from_secs(60);

/// Whether it is still this daemon's turn.
#[async_trait(?Send)]
pub(super) trait Lead {
    /// Asked before each service.
    async fn leads(&self) -> bool;
}

/// Nobody else is there: a service that is asked for by name, and what changes nothing.
pub(super) struct Alone;

#[async_trait(?Send)]
impl Lead for Alone {
    async fn leads(&self) -> bool {
        true
    }
}

/// The posts of one daemon: held until it ends.
pub(super) struct Posts {
    places: Vec<Post>,
    /// One service, asked for by name: a person wants it now, whoever works on the others.
    for_all: bool,
}

pub(super) struct Post {
    module: &'static Module,
    platform: BillManager,
    held: Cell<bool>,
}

impl Post {
    async fn take(&self) -> Result<bool, Failure> {
        self.held.set(self.platform.take_post().await?);
        Ok(self.held.get())
    }
}

#[async_trait(?Send)]
impl Lead for Post {
    async fn leads(&self) -> bool {
        let holds = self.held.get() && self.platform.holds_post().await;
        if !holds && self.held.replace(false) {
            log!(
                Main,
                Warning,
                "{}: the database does not know this daemon any more, another one may take over",
                self.module.name
            );
        }
        holds
    }
}

impl Posts {
    pub(super) fn new(root: &Path, modules: &[&'static Module], item: Option<ItemId>) -> Self {
        let places = modules.iter().map(|module| Post {
            module,
            platform: BillManager::new(root.to_path_buf(), module),
            held: Cell::new(false),
        });
        Self {
            places: places.collect(),
            for_all: item.is_some(),
        }
    }

    /// Who tells, before each service, whether it is this daemon's turn: it works on the module already, or nobody
    /// else does. `None` while another one does.
    ///
    /// # Errors
    /// The database cannot be asked.
    pub(super) async fn take(&self, module: &Module) -> Result<Option<&dyn Lead>, Failure> {
        let post = self
            .places
            .iter()
            .find(|post| post.module.name == module.name);
        let Some(post) = post.filter(|_| !self.for_all) else {
            return Ok(Some(&Alone));
        };
        if !post.take().await? {
            sleep(MOMENT).await;
            if !post.take().await? {
                return Ok(None);
            }
        }
        Ok(Some(post))
    }

    /// Shows the server that this daemon lives, also through long passes and pauses. Never ends.
    pub(super) async fn keep(&self) {
        loop {
            sleep(PULSE).await;
            for post in self.places.iter().filter(|post| post.held.get()) {
                post.leads().await;
            }
        }
    }

    /// Gives all posts back.
    pub(super) async fn leave(&self) {
        for post in &self.places {
            post.platform.close().await;
        }
    }
}
