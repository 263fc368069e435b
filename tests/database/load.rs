//! What statements cost on a real server, in rows that it reads: the same on every machine.

use std::time::Duration;

use pmssl::domain::ItemId;
use pmssl::platform::billmanager::BillManager;
use pmssl::platform::{Fact, News, Platform, Which};

use super::server::{Installation, installation};
use super::{block, platform, shop};

/// The module of the shop's account.
const MODULE: &str = "pmglobalsign";

const PRODUCTS: &str = "
INSERT INTO itemtype (id, intname) VALUES (10, 'certificate'), (11, 'vds');
INSERT INTO pricelist (id, intname, itemtype) VALUES (20, 'DV', 10), (21, 'server', 11);
INSERT INTO processingmodule (id, name, module) VALUES (3, 'Account', 'pmglobalsign'), (4, 'Servers', 'pmvmmgr');
CREATE INDEX itemparam_item ON itemparam (item);
";

/// A shop of so many certificates and as many other services, read by a user whose rows the server counts.
fn opened(name: &'static str, services: u64) -> Option<Installation> {
    let installation = installation(name)?;
    let sql = |text: &str| installation.sql(text);
    sql(PRODUCTS);
    let at_rest = shop::at_rest();
    for (first, account, pricelist) in [(1, 3, 20), (services + 1, 4, 21)] {
        let block = shop::Block {
            first,
            count: services,
            account,
            pricelist,
            end: "2036-01-01",
            csr: "CSR",
            certificate: "CRT",
            parameters: &at_rest,
        };
        shop::add(&sql, &block);
    }
    sql("ANALYZE TABLE item, itemparam, pricelist, itemtype, processingmodule");
    installation.count_rows_of(name);
    Some(installation)
}

/// The program's side: one connection, as in one pass of the daemon.
struct Reader {
    runtime: tokio::runtime::Runtime,
    platform: BillManager,
}

impl Reader {
    fn of(installation: &Installation) -> Self {
        let mut builder = tokio::runtime::Builder::new_current_thread();
        Self {
            runtime: builder.enable_all().build().unwrap(),
            platform: platform(installation),
        }
    }

    fn facts(&self, which: Which) -> Vec<String> {
        let mut facts = Vec::new();
        let mut take = |fact: Fact<'_>| facts.push(format!("{fact:?}"));
        let asked = self.platform.facts_of(MODULE, which, &mut take);
        self.runtime.block_on(asked).unwrap();
        facts
    }

    fn news(&self, after: u64) -> News {
        let asked = self.platform.news_of(MODULE, after);
        self.runtime.block_on(asked).unwrap()
    }
}

/// Rows that a full look, a quick look and one service cost.
fn costs(name: &'static str, services: u64) -> Option<[u64; 3]> {
    let installation = opened(name, services)?;
    let reader = Reader::of(&installation);
    let rows = |deed: &dyn Fn()| {
        // The server counts a statement after its answer has left: once it answers the same connection again, it has.
        reader.news(u64::MAX);
        let before = installation.rows_read(name);
        deed();
        reader.news(u64::MAX);
        installation.rows_read(name) - before
    };
    let newest = reader.news(u64::MAX).newest;
    let full = rows(&|| assert_eq!(reader.facts(Which::All).len(), 4 * services as usize));
    let quick = rows(&|| {
        // Some hundred of the newest parameters belong to servers.
        let news = reader.news(newest - 1000);
        assert_eq!(
            (news.newest, news.stored.len(), news.queued.len()),
            (newest, 0, 0)
        );
    });
    let one = rows(&|| assert_eq!(reader.facts(Which::One(ItemId(7))).len(), 5));
    Some([full, quick, one])
}

/// The counts are kept: when a statement reads more than it did, this fails.
#[test]
fn a_quick_look_costs_the_same_in_every_shop_and_a_full_one_a_share_of_it() {
    let (Some(small), Some(large)) = (costs("load_small", 500), costs("load_large", 2000)) else {
        return;
    };
    println!(
        "rows read by a full look, a quick look, one service: {small:?} of 500, {large:?} of 2000"
    );
    // Per certificate: itself, an account, product and type beside it, thirty parameters; another service costs itself.
    assert!(large[0] <= 2000 * 36, "{large:?}");
    assert!(large[0] <= 4 * small[0] + 100, "{small:?} {large:?}");
    for [_, quick, one] in [small, large] {
        assert!(quick <= 600, "{quick}");
        assert!(one <= 40, "{one}");
    }
    assert!(large[1] <= small[1] + 50, "{small:?} {large:?}");
}

#[test]
fn what_was_stored_and_what_is_queued_is_news() {
    let Some(installation) = opened("news", 50) else {
        return;
    };
    let reader = Reader::of(&installation);
    let before = reader.news(u64::MAX);
    assert_eq!((before.stored.len(), before.queued.len()), (0, 0));
    let sql = "INSERT INTO item (id, pricelist, processingmodule, status) VALUES (900, 20, 3, 2), (901, 21, 4, 2);
        INSERT INTO itemparam (id, item, intname, value) VALUES (100000, 900, 'service_status', '4'), (100001, 901, 'service_status', '4'), (100002, 900, 'other', '');
        INSERT INTO runningoperation (id, item, intname) VALUES (1, 7, 'prolong'), (2, 901, 'open');";
    installation.sql(sql);
    let after = reader.news(before.newest);
    assert_eq!(after.newest, 100_002);
    assert_eq!(after.stored, [(100_000, ItemId(900))]);
    assert_eq!(after.queued, [ItemId(7)]);
    let found = reader.facts(Which::One(ItemId(900)));
    assert_eq!(found.len(), 2, "{found:?}");
}

/// A statement that is given up here must not run on there.
#[test]
fn the_server_ends_what_takes_longer_than_anybody_waits() {
    let Some(installation) = installation("bounded") else {
        return;
    };
    installation.sql(
        "DROP TABLE country;
         CREATE FUNCTION limit_of_session() RETURNS VARCHAR(40) RETURN @@session.max_statement_time;
         CREATE VIEW country AS SELECT 1 AS id, limit_of_session() AS iso2;",
    );
    let reader = platform(&installation);
    let limit = block(reader.country(1)).unwrap().unwrap();
    let limit = Duration::from_secs_f64(limit.parse().unwrap());
    // Longer than this program waits for any answer or lock, and not for ever.
    assert_eq!(limit, Duration::from_secs(70));
}

/// A full look goes through the whole shop: it has more time than other statements, and they have theirs again behind it.
#[test]
fn the_server_gives_a_full_look_longer() {
    let Some(installation) = installation("patient") else {
        return;
    };
    installation.sql(
        "INSERT INTO itemtype (id, intname) VALUES (10, 'certificate');
         INSERT INTO pricelist (id, intname, itemtype) VALUES (20, 'DV', 10);
         INSERT INTO processingmodule (id, name, module) VALUES (3, 'Account', 'pmglobalsign');
         DROP TABLE item;
         CREATE FUNCTION limit_of_session() RETURNS VARCHAR(40) RETURN @@session.max_statement_time;
         CREATE VIEW item AS SELECT 7 AS id, 20 AS pricelist, 3 AS processingmodule, 2 AS status,
           '2030-01-01' AS expiredate, limit_of_session() AS period;",
    );
    let reader = Reader::of(&installation);
    let limit = |which| match reader.facts(which).as_slice() {
        [fact] => fact.split("months: ").nth(1).unwrap().to_owned(),
        facts => panic!("{facts:?}"),
    };
    for which in [Which::All, Which::AllWithDates] {
        assert_eq!(limit(which), "300 }");
        assert_eq!(limit(Which::One(ItemId(7))), "70 }");
    }
}
