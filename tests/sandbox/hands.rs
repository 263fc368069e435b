//! Other hands: what happens to a service, its database and its vendor's account without this program.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rusqlite::params;

use super::binaries;
use super::layout::{Layout, MODULES};
use super::world::{Core, World};

impl Core {
    /// Keeps the platform's database as it is now. The number brings it back.
    pub fn remember_database(&self) -> usize {
        let number = self.next_database();
        self.database().engine().remember(&self.remembered(number));
        number
    }

    /// The database is restored from a backup: what was written since is lost, tasks and operations as well.
    pub fn set_database_back(&self, number: usize) -> Result<(), String> {
        let file = self.remembered(number);
        if !file.exists() {
            return Err(format!("no database {number} is remembered"));
        }
        self.database().engine().set_back(&file);
        Ok(())
    }

    /// From now on the program reads from a replica that does not follow any more, or again from the database itself.
    pub fn read_late(&self, late: bool) {
        let engine = self.database().engine();
        if !late {
            return engine.set_late(None);
        }
        let file = self.remembered(self.next_database());
        engine.remember(&file);
        engine.set_late(Some(&file));
    }

    fn remembered(&self, number: usize) -> PathBuf {
        self.layout().remembered_database(number)
    }

    /// The platform vendor's own module, or another billing system that writes into this database, opens a service:
    /// an order at the vendor, and its number where such modules keep it (billmanager.md 7). Nothing of this program.
    pub fn open_elsewhere(&self, item: u64) -> Result<String, String> {
        let view = self.item(item);
        let module = self.served_by(item);
        let vendor = self.vendor(module.name).vendor();
        let order = vendor.order_by_hand(&self.common_name(&view), &view.csr)?;
        self.note_elsewhere(&order);
        let panel = self.panel();
        panel.set_parameter(item, module.order_parameter, Some(&order));
        panel.set_parameter(item, "service_status", Some("3"));
        panel.execute("UPDATE item SET status = 2 WHERE id = ?", params![item]);
        panel.execute("DELETE FROM runningoperation WHERE item = ?", params![item]);
        Ok(order)
    }

    /// A copy of the panel in another directory, as a restored machine or a test installation: the database as it is
    /// now, the same key and options, the same vendors and clock. What the program keeps on the disk is not there.
    /// Whoever makes two of one has to judge the books by oneself.
    pub fn copy_to(&self, directory: &Path) -> World {
        let layout = Layout::new(directory);
        let pmssl = self.layout().module(MODULES[0]).canonicalize();
        layout.lay(&pmssl.expect("the product"), &binaries::mgrctl());
        layout.share_clock(self.layout());
        let (home, watch) = (Arc::clone(self.home()), Arc::clone(self.watch()));
        let (password, key) = (self.database().password(), self.panel().key.clone());
        let vendors = self.vendors().clone();
        let copy = World::furnish(layout, home, watch, vendors, password, key);
        for (name, value) in self.layout().options() {
            if !name.starts_with("DB") && name != "SSLClock" {
                copy.set_option(&name, &value);
            }
        }
        let file = self.remembered(self.next_database());
        self.database().engine().remember(&file);
        copy.database().engine().set_back(&file);
        copy.set_last_operation(self.last_operation());
        copy.expect_at_the_end("");
        copy
    }
}
