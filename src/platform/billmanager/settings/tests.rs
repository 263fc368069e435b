use super::*;
use crate::xml::read;
use secrecy::ExposeSecret;

fn options(text: &str) -> Options {
    let mut options = Options::default();
    options.add(text);
    options
}

#[test]
fn lines_are_split_at_the_first_blank_and_nowhere_else() {
    let options = options(
        "# comment\n\nDBUser billmgr\r\n  DBPassword\t a b#c;d \"e\" = f \nEmpty\n#DBName no\nDBName one\nDBName two\n",
    );
    assert_eq!(options.get("DBUser"), Some("billmgr"));
    assert_eq!(options.get("DBPassword"), Some("a b#c;d \"e\" = f"));
    assert_eq!(options.get("DBName"), Some("two"));
    assert_eq!(options.get("Empty"), None);
    assert_eq!(options.get("#"), None);
    assert!(!format!("{options:?}").contains("a b"));
}

#[test]
fn the_word_option_may_stand_before_a_name() {
    let options = options(
        "Option SSLSubscriptionPolicy manual\nSSLSubscriptionBefore 30\nOption\tSSLPaidTill  multiyear\nOption\nOptionX 1\n",
    );
    for (name, value) in [
        ("SSLSubscriptionPolicy", Some("manual")),
        ("SSLSubscriptionBefore", Some("30")),
        ("SSLPaidTill", Some("multiyear")),
        ("Option", None),
        ("OptionX", Some("1")),
    ] {
        assert_eq!(options.get(name), value, "{name}");
    }
}

#[test]
fn files_are_read_in_their_order() {
    let root = tempfile::tempdir().unwrap();
    assert_eq!(Options::from_files(root.path()), Options::default());
    let further = root.path().join(FURTHER_FILES);
    std::fs::create_dir_all(&further).unwrap();
    std::fs::write(root.path().join(MAIN_FILE), "A main\nB main\nC main\n").unwrap();
    std::fs::write(further.join("20.conf"), "A second\n").unwrap();
    std::fs::write(further.join("10.conf"), "A first\nB first\n").unwrap();
    std::fs::write(further.join("30.conf.bak"), "A backup\n").unwrap();
    std::fs::create_dir(further.join("40.conf")).unwrap();
    let options = Options::from_files(root.path());
    assert_eq!(options.get("A"), Some("second"));
    assert_eq!(options.get("B"), Some("first"));
    assert_eq!(options.get("C"), Some("main"));
}

#[test]
fn the_platforms_own_list_is_understood() {
    let reply = read(
        "<doc><elem><DBName>billmgr</DBName></elem><elem><DBPassword>p&amp;w</DBPassword></elem><elem/><other><DBUser>x</DBUser></other></doc>",
        "doc",
    )
    .unwrap();
    let options = Options::from_reply(&reply.root);
    assert_eq!(options.get("DBName"), Some("billmgr"));
    assert_eq!(options.get("DBPassword"), Some("p&w"));
    assert_eq!(options.get("DBUser"), None);
}

#[test]
fn database_settings_have_the_platforms_defaults() {
    let settings = DatabaseSettings::with_sockets(&options(""), &[]).unwrap();
    assert_eq!(settings.place, Place::Host("localhost".to_owned(), 3306));
    assert_eq!(settings.user, "root");
    assert_eq!(settings.password.expose_secret(), "");
    assert_eq!(settings.name, "billmgr");
    assert!(!options("CryptKey x").name_a_database());
    assert!(options("DBPassword x").name_a_database());
}

#[test]
fn the_place_follows_socket_host_and_port() {
    let existing = tempfile::NamedTempFile::new().unwrap();
    let missing = existing.path().join("missing");
    let known = [missing, existing.path().to_owned()];
    let host = |host: &str, port| Place::Host(host.to_owned(), port);
    let found = Place::Socket(existing.path().to_owned());
    let cases = [
        ("", found.clone()),
        ("DBHost localhost", found),
        ("DBHost localhost:3307", host("localhost", 3307)),
        ("DBHost localhost\nDBPort 3308", host("localhost", 3308)),
        ("DBHost 127.0.0.1", host("127.0.0.1", 3306)),
        (
            "DBHost db.example.com:3307\nDBPort 1",
            host("db.example.com", 3307),
        ),
        ("DBHost ::1", host("::1", 3306)),
        ("DBHost [::1]", host("::1", 3306)),
        ("DBHost [::1]:3307", host("::1", 3307)),
        ("DBHost x\nDBSocket /s", Place::Socket(PathBuf::from("/s"))),
    ];
    for (text, expected) in cases {
        let settings = DatabaseSettings::with_sockets(&options(text), &known).unwrap();
        assert_eq!(settings.place, expected, "{text}");
    }
    for (text, object) in [
        ("DBHost x:y", "DBHost"),
        ("DBHost x:0", "DBHost"),
        ("DBHost :3306", "DBHost"),
        ("DBHost [::1", "DBHost"),
        ("DBHost [::1]x", "DBHost"),
        ("DBPort 70000", "DBPort"),
    ] {
        let failure = DatabaseSettings::with_sockets(&options(text), &known).unwrap_err();
        assert!(failure.words().contains(object), "{text}");
    }
}

#[test]
fn this_machine_is_known_by_its_addresses() {
    let host = |host: &str| Place::Host(host.to_owned(), 3306);
    for place in [
        Place::Socket(PathBuf::from("/s")),
        host("localhost"),
        host("127.0.0.1"),
        host("127.1.2.3"),
        host("::1"),
    ] {
        assert!(place.is_local(), "{place}");
    }
    for place in [
        host("192.0.2.1"),
        host("localhost.example.com"),
        host("2001:db8::1"),
    ] {
        assert!(!place.is_local(), "{place}");
    }
}

#[test]
fn a_bad_waiting_time_becomes_the_default() {
    for (text, seconds) in [
        ("", 300),
        ("SSLPlatformWait 0", 0),
        ("SSLPlatformWait 20", 20),
        ("SSLPlatformWait a day", 300),
        ("SSLPlatformWait -1", 300),
        ("SSLPlatformWait 99999999", 300),
    ] {
        assert_eq!(options(text).platform_wait().as_secs(), seconds, "{text}");
    }
}

#[test]
fn a_call_of_the_platform_always_has_some_time() {
    for (text, seconds) in [
        ("", 60),
        ("SSLPlatformLimit 0", 60),
        ("SSLPlatformLimit 600", 600),
        ("SSLPlatformLimit 3601", 60),
        ("SSLPlatformLimit an hour", 60),
    ] {
        assert_eq!(options(text).platform_limit().as_secs(), seconds, "{text}");
    }
}

#[test]
fn the_key_file_is_relative_to_the_root() {
    let root = Path::new("/usr/local/mgr5");
    for (text, file) in [
        ("", "/usr/local/mgr5/etc/billmgr.pem"),
        ("CryptKey etc/other.pem", "/usr/local/mgr5/etc/other.pem"),
        ("CryptKey /srv/key.pem", "/srv/key.pem"),
    ] {
        assert_eq!(options(text).key_file(root), Path::new(file));
    }
}

#[test]
fn tls_of_the_database_is_read_strictly() {
    let read = |text: &str| {
        let settings = DatabaseSettings::with_sockets(&Options::default(), &[]).unwrap();
        settings.secured_by(&options(text), Path::new("/root"))
    };
    for (text, tls) in [
        ("", DatabaseTls::Prefer),
        ("SSLDBTls Verify", DatabaseTls::Verify),
        ("SSLDBTls require", DatabaseTls::Require),
        ("SSLDBTls off", DatabaseTls::Off),
    ] {
        assert_eq!(read(text).unwrap().tls, tls, "{text}");
    }
    let failure = read("SSLDBTls verfy").unwrap_err();
    assert!(failure.words().contains("SSLDBTls"), "{failure}");
    assert!(failure.words().contains("verfy"), "{failure}");
    let file = |text: &str| read(text).unwrap().ca_file;
    assert_eq!(
        file("SSLDBCaFile etc/ca.pem"),
        Some(PathBuf::from("/root/etc/ca.pem"))
    );
    assert_eq!(file("SSLDBCaFile /ca.pem"), Some(PathBuf::from("/ca.pem")));
    assert_eq!(file(""), None);
}
