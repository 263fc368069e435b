//! The stand-in for the database, seen through the product's own client library.

use std::time::{Duration, Instant};

use sqlx::mysql::{MySqlConnectOptions, MySqlSslMode};
use sqlx::{ConnectOptions, Connection, MySqlConnection, Row};

use super::Place;
use crate::sandbox::ItemSpec;
use crate::sandbox::database::{DATABASE, USER};
use crate::sandbox::world::Setup;

fn options(place: &Place) -> MySqlConnectOptions {
    MySqlConnectOptions::new()
        .socket(place.world.database().socket())
        .username(USER)
        .password(&Setup::default().password)
        .database(DATABASE)
        .ssl_mode(MySqlSslMode::Disabled)
        .pipes_as_concat(false)
        .no_engine_substitution(false)
        .timezone(None)
}

fn run<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(work)
}

async fn number(connection: &mut MySqlConnection, sql: &'static str) -> Option<i64> {
    sqlx::query(sql).fetch_one(connection).await.unwrap().get(0)
}

#[test]
fn the_product_client_reads_texts_numbers_dates_and_nulls() {
    let place = Place::new();
    let account = place.world.add_bare_account("pmthesslstore", &[]);
    let mut spec = ItemSpec::new(account, "rapidssl").name("a.example");
    spec.expiredate = Some("2027-03-04".to_owned());
    let item = place.world.add_item(&spec);
    run(async {
        let mut connection = options(&place).connect().await.unwrap();
        let row = sqlx::query(
            "SELECT item.id, pricelist.intname, item.expiredate, item.lastpricelist, certificate.csr, \
             CAST(item.period AS CHAR), CAST(item.lastpricelist AS CHAR), CAST(item.expiredate AS CHAR) \
             FROM item JOIN pricelist ON pricelist.id = item.pricelist \
             JOIN certificate ON certificate.item = item.id WHERE item.id = ?",
        )
        .bind(item)
        .fetch_one(&mut connection)
        .await
        .unwrap();
        assert_eq!(row.get::<i64, _>(0), item.cast_signed());
        assert_eq!(row.get::<String, _>(1), "rapidssl");
        // The binary form of a date: length, year, month, day.
        let date = row.get_unchecked::<&[u8], _>(2);
        assert_eq!(date, [4, 0xeb, 0x07, 3, 4]);
        assert_eq!(row.get::<Option<i64>, _>(3), None);
        assert!(row.get::<String, _>(4).starts_with("-----BEGIN CERT"));
        assert_eq!(row.get::<String, _>(5), "12");
        assert_eq!(row.get::<Option<String>, _>(6), None);
        assert_eq!(row.get::<String, _>(7), "2027-03-04");
        // The text protocol, and a statement that has been prepared before.
        for _ in 0..2 {
            let rows = sqlx::raw_sql("SELECT intname FROM itemparam ORDER BY intname LIMIT 2")
                .fetch_all(&mut connection)
                .await
                .unwrap();
            assert_eq!(rows[0].get::<String, _>(0), "adm_email");
            assert_eq!(
                number(&mut connection, "SELECT COUNT(*) FROM item").await,
                Some(1)
            );
        }
        connection.ping().await.unwrap();
        connection.close().await.unwrap();
    });
}

#[test]
fn a_long_value_survives_both_protocols() {
    let place = Place::new();
    let account = place.world.add_bare_account("pmthesslstore", &[]);
    let long = "ü".repeat(70_000);
    let item = place
        .world
        .add_item(&ItemSpec::new(account, "x").with("long", &long));
    run(async {
        let mut connection = options(&place).connect().await.unwrap();
        let sql = "SELECT value FROM itemparam WHERE item = ? AND intname = ? AND value = ?";
        let row = sqlx::query(sql)
            .bind(item)
            .bind("long")
            .bind(&long)
            .fetch_one(&mut connection)
            .await
            .unwrap();
        assert!(row.get::<String, _>(0) == long);
        let row = sqlx::raw_sql("SELECT value FROM itemparam WHERE intname = 'long'")
            .fetch_one(&mut connection)
            .await
            .unwrap();
        assert!(row.get::<String, _>(0) == long);
    });
}

#[test]
fn wrong_credentials_and_databases_are_refused() {
    let place = Place::new();
    run(async {
        for (options, code) in [
            (options(&place).password("wrong"), "28000"),
            (options(&place).password(""), "28000"),
            (options(&place).username("root"), "28000"),
            (options(&place).database("other"), "42000"),
        ] {
            let error = options.connect().await.unwrap_err();
            let found = error.as_database_error().and_then(|error| error.code());
            assert_eq!(found.as_deref(), Some(code), "{error}");
        }
        let tcp = place.world.database().address();
        let options = MySqlConnectOptions::new()
            .host(&tcp.ip().to_string())
            .port(tcp.port())
            .username(USER)
            .password(&Setup::default().password)
            .database(DATABASE);
        let mut connection = options.connect().await.unwrap();
        assert_eq!(
            number(&mut connection, "SELECT CAST(1 + 1 AS INTEGER)").await,
            Some(2)
        );
    });
}

#[test]
fn wrong_statements_are_errors_and_the_connection_goes_on() {
    let place = Place::new();
    run(async {
        let mut connection = options(&place).connect().await.unwrap();
        for (sql, code) in [
            ("SELECT 1 FROM nowhere", "42S02"),
            ("SELECT absent FROM item", "42S22"),
            ("SELEKT 1", "42000"),
        ] {
            let error = sqlx::query(sql)
                .fetch_all(&mut connection)
                .await
                .unwrap_err();
            let found = error.as_database_error().and_then(|error| error.code());
            assert_eq!(found.as_deref(), Some(code), "{sql}: {error}");
        }
        assert_eq!(number(&mut connection, "SELECT 7").await, Some(7));
    });
}

const TAKE: &str = "SELECT GET_LOCK('pmssl.7', 0)";
const MINE: &str = "SELECT IS_USED_LOCK('pmssl.7') = CONNECTION_ID()";

#[test]
fn a_lock_belongs_to_one_connection_until_it_is_released() {
    let place = Place::new();
    run(async {
        let mut one = options(&place).connect().await.unwrap();
        let mut two = options(&place).connect().await.unwrap();
        assert_eq!(number(&mut one, TAKE).await, Some(1));
        assert_eq!(number(&mut one, MINE).await, Some(1));
        assert_eq!(number(&mut two, TAKE).await, Some(0));
        assert_eq!(number(&mut two, MINE).await, Some(0));
        let free = "SELECT RELEASE_LOCK('PMSSL.7')";
        assert_eq!(number(&mut two, free).await, Some(0));
        // Taken twice, given back twice.
        assert_eq!(number(&mut one, TAKE).await, Some(1));
        assert_eq!(number(&mut one, free).await, Some(1));
        assert_eq!(number(&mut two, TAKE).await, Some(0));
        assert_eq!(number(&mut one, free).await, Some(1));
        assert_eq!(number(&mut one, free).await, None);
        assert_eq!(number(&mut one, MINE).await, None);
        assert_eq!(number(&mut two, TAKE).await, Some(1));
    });
}

#[test]
fn a_waiting_connection_gets_the_lock_when_its_owner_dies() {
    let place = Place::new();
    run(async {
        let mut one = options(&place).connect().await.unwrap();
        let mut two = options(&place).connect().await.unwrap();
        assert_eq!(number(&mut one, TAKE).await, Some(1));
        let start = Instant::now();
        let wait = "SELECT CAST(GET_LOCK('pmssl.7', 1) AS CHAR)";
        let row = sqlx::query(wait).fetch_one(&mut two).await.unwrap();
        assert_eq!(row.get::<String, _>(0), "0");
        assert!(start.elapsed() >= Duration::from_secs(1));
        let (_, got) = tokio::join!(
            async {
                tokio::time::sleep(Duration::from_millis(100)).await;
                // Dropped without a farewell, as from a killed process.
                drop(one);
            },
            // Without the owner's death this would end with 0.
            number(&mut two, "SELECT GET_LOCK('pmssl.7', 120)")
        );
        assert_eq!(got, Some(1));
    });
}

#[test]
fn a_cut_connection_loses_its_locks() {
    let place = Place::new();
    run(async {
        let mut one = options(&place).connect().await.unwrap();
        assert_eq!(number(&mut one, TAKE).await, Some(1));
        place.world.database().cut_after(0, 1);
        assert!(sqlx::query("SELECT 1").fetch_one(&mut one).await.is_err());
        let mut two = options(&place).connect().await.unwrap();
        let take = "SELECT GET_LOCK('pmssl.7', 5)";
        assert_eq!(number(&mut two, take).await, Some(1));
    });
}

#[test]
fn every_fault_of_the_database_can_be_met() {
    let place = Place::new();
    let database = place.world.database();
    run(async {
        let mut one = options(&place).connect().await.unwrap();
        database.hold_lock("PMSSL");
        assert_eq!(number(&mut one, TAKE).await, Some(0));
        assert_eq!(number(&mut one, MINE).await, Some(0));
        database.set_read_only(true);
        let write = "INSERT INTO country (id, iso2) VALUES (999, 'XX')";
        let error = sqlx::query(write).execute(&mut one).await.unwrap_err();
        assert!(error.to_string().contains("read-only"), "{error}");
        database.clear_faults();
        let written = sqlx::query(write).execute(&mut one).await.unwrap();
        assert_eq!(written.rows_affected(), 1);
        assert_eq!(number(&mut one, TAKE).await, Some(1));
        database.set_slow(Duration::from_millis(150));
        let start = Instant::now();
        number(&mut one, TAKE).await;
        assert!(start.elapsed() >= Duration::from_millis(150));
        database.clear_faults();
        database.set_down(true);
        assert!(sqlx::query("SELECT 1").fetch_one(&mut one).await.is_err());
        assert!(options(&place).connect().await.is_err());
        database.set_down(false);
        options(&place).connect().await.unwrap();
    });
}
