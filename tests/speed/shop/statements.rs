//! What single statements cost: those that grow with the shop, and those that must not.

use std::time::Duration;

use pmssl::domain::ItemId;
use pmssl::module;
use pmssl::platform::billmanager::BillManager;
use pmssl::platform::{Fact, Platform, Which};

use super::super::figures::{Table, milliseconds};
use super::super::server;
use super::{NAME, Pattern, Report, Shop, Work};

/// The look for another owner of a number, before an order's number is kept: it may walk through all parameters once
/// (no index helps it), in this time.
const OWNER: Duration = Duration::from_secs(10);

const OWNER_NAME: &str = "another owner of an order's number";

impl Shop {
    pub(super) fn statements(&self, report: &mut Report) {
        println!("### Statements, one module\n");
        let Pattern {
            module: name,
            account,
            ..
        } = self.patterns[0];
        let module = module::by_name(name).expect("the module");
        let platform = BillManager::new(self.world.root().to_owned(), module);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        let mut table = Table::new(&["statement", "rows read", "database ms"]);
        let newest = runtime
            .block_on(platform.news_of(name, u64::MAX))
            .expect("the newest parameter")
            .newest;
        let mut add = |what: &'static str, deed: &mut dyn FnMut()| {
            let ((), work) = self.work_of(deed);
            table.add([
                what.to_owned(),
                work.rows.to_string(),
                milliseconds(work.time),
            ]);
            report.rows.push((what, work.rows));
            work
        };
        let item = ItemId(self.next.get() - 1);
        let facts = |which: Which| {
            let mut facts = 0_u64;
            let mut take = |_: Fact<'_>| facts += 1;
            let asked = platform.facts_of(name, which, &mut take);
            runtime.block_on(asked).expect("the facts");
        };
        add("quick look: what is new and queued", &mut || {
            let asked = platform.news_of(name, newest - 1000);
            runtime.block_on(asked).expect("the news");
        });
        add("full look", &mut || facts(Which::All));
        add(
            "full look with the shown dates, when an option changed",
            &mut || facts(Which::AllWithDates),
        );
        add("one service for the schedule", &mut || {
            facts(Which::One(item));
        });
        add("one service as a whole", &mut || {
            let asked = platform.service(item);
            runtime.block_on(asked).expect("the service");
        });
        add("orders of an account within an hour", &mut || {
            let hour = chrono::Utc::now() - chrono::TimeDelta::hours(1);
            let account = pmssl::domain::AccountId(account);
            let asked = platform.sent_since(account, hour);
            runtime.block_on(asked).expect("the orders");
        });
        let owner = add(OWNER_NAME, &mut || {
            let asked = platform.services_with_order(module.order_parameter, "7700124");
            runtime.block_on(asked).expect("the owners");
        });
        runtime.block_on(platform.close());
        table.print();
        self.judge_owner(owner, report);
    }

    fn judge_owner(&self, work: Work, report: &mut Report) {
        let count = format!("SELECT CAST(COUNT(*) AS UNSIGNED) FROM {NAME}.itemparam");
        let parameters = server::number(self.database.socket(), &count);
        // Each row once, and once more where it is found and sorted.
        let found = format!(
            "SELECT CAST(COUNT(*) AS UNSIGNED) FROM {NAME}.itemparam \
             WHERE intname = 'pmssl_intent' AND value LIKE '%|7700124'"
        );
        let found = server::number(self.database.socket(), &found);
        report.budgets.add(
            OWNER_NAME,
            &format!("{parameters} rows and what is found, {} s", OWNER.as_secs()),
            &format!("{} rows, {} ms", work.rows, milliseconds(work.time)),
            work.rows <= parameters + 2 * found + 100 && work.time < OWNER,
        );
    }
}
