use super::*;
use crate::platform::billmanager::settings::Place;
use secrecy::SecretString;

fn database(name: &str) -> Database {
    let settings = DatabaseSettings {
        place: Place::Host("127.0.0.1".to_owned(), 1),
        user: "root".to_owned(),
        password: SecretString::from("s3cr3t"),
        name: name.to_owned(),
        tls: crate::domain::options::DatabaseTls::Prefer,
        ca_file: None,
    };
    Database::new(settings, Purpose::Everything)
}

#[test]
fn lock_names_are_short_and_differ_by_database_and_key() {
    assert_eq!(database("billmgr").lock_name("7"), "pmssl/billmgr/7");
    let long = "x".repeat(64);
    let names = [
        database(&long).lock_name("18446744073709551615"),
        database(&long).lock_name("18446744073709551614"),
        database(&long[1..]).lock_name("18446744073709551615"),
    ];
    for name in &names {
        assert!(name.len() <= LONGEST_LOCK_NAME);
    }
    assert!(names[0] != names[1] && names[0] != names[2]);
}

#[test]
fn an_unreachable_server_is_a_database_failure_without_the_password() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let database = database("billmgr");
    runtime.block_on(async {
        let failure = database
            .rows(statements::COUNTRY, &[Value::Number(1)])
            .await
            .unwrap_err();
        assert_eq!(failure.reason(), Reason::Database);
        assert!(!format!("{failure:?} {database:?}").contains("s3cr3t"));
        assert!(!database.holds_lock("7").await.unwrap());
        assert!(database.take_lock("7", Duration::ZERO).await.is_err());
        assert!(database.give_lock_back().await.is_ok());
    });
}

/// The mask takes what stands behind `password:` for one, with the rest of the sentence.
#[test]
fn a_refused_login_is_told_once_and_whole() {
    let told = "Access denied for user 'panel'@'10.0.0.9' (using password: YES), really";
    let words = without_password_word(told);
    let masked = crate::logging::mask(&words);
    assert!(masked.ends_with("(with a password), really"), "{masked}");
    let failure = Broken::Statement(sqlx::Error::Protocol(told.to_owned())).into_failure();
    let chain = failure.chain();
    assert_eq!(chain.matches("Access denied").count(), 1, "{chain}");
    assert!(chain.ends_with("(with a password), really"), "{chain}");
}
