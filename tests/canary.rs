//! Secrets that were planted before everything went wrong: no stream, file, document, argument or task may
//! show one of them afterwards, at any level of the log.

use crate::sandbox;
mod vendors;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::fixture::{Fixture, MODULE};
use crate::sandbox::item::Person;
use crate::sandbox::vendor::Fault;
use crate::sandbox::world::Setup;
use crate::sandbox::{ItemSpec, Outcome, Strike, World};

const PASSWORD: &str = "canary-Database+Pa55/word&<x>";
const WRONG_TOKEN: &str = "canary-Wrong\"Token<&>'%41";
const URL_PASSWORD: &str = "canary-UrlPa55word";
/// Personal data. The vendor needs them, and so does the log of full traffic; no one else does.
const PHONE: &str = "+49 (30) 555-12-87";
const PHONE_DIGITS: &str = "305551287";
const EMAIL: &str = "canary.person@example.com";

/// Everything that came out so far, with the place where it stood.
#[derive(Default)]
struct Harvest(Vec<(String, String)>);

impl Harvest {
    fn add(&mut self, place: impl Into<String>, text: impl Into<String>) {
        self.0.push((place.into(), text.into()));
    }

    fn run(&mut self, what: &str, outcome: &Outcome) {
        self.add(format!("stdout of {what}"), &outcome.stdout);
        self.add(format!("stderr of {what}"), &outcome.stderr);
    }

    /// What the world keeps: files, calls of mgrctl, error histories, problems, tasks.
    fn world(&mut self, world: &World) {
        // The sandbox's own files and the configuration may hold what they are there for.
        for directory in ["var", "tmp"] {
            self.files(&world.root().join(directory));
        }
        for call in world.mgrctl_calls() {
            let function = &call.function;
            self.add(
                format!("arguments of {function}"),
                call.arguments.join("\n"),
            );
            for (name, value) in &call.parameters {
                self.add(format!("{name} of {function}"), value);
            }
        }
        for operation in world.operations() {
            self.add(
                format!("history of operation {}", operation.id),
                operation.errorxml,
            );
        }
        self.add("problems", format!("{:?}", world.problems()));
        self.add("tasks", format!("{:?}", world.tasks()));
        for item in world.items() {
            let parameters = world.item(item).parameters.into_iter();
            // The order form's own fields are the client's.
            for (name, value) in parameters.filter(|(name, _)| name.starts_with("pmssl")) {
                self.add(format!("{name} of item {item}"), value);
            }
        }
    }

    fn files(&mut self, directory: &Path) {
        for entry in std::fs::read_dir(directory).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                self.files(&path);
            } else {
                let bytes = std::fs::read(&path).unwrap_or_default();
                let text = String::from_utf8_lossy(&bytes).into_owned();
                self.add(path.display().to_string(), text);
            }
        }
    }

    /// Places that hold a text, in any of the spellings in which it may be written.
    fn places(&self, secret: &str) -> Vec<&str> {
        let spellings = spellings(secret);
        let found = self.0.iter().filter(|(_, text)| {
            spellings
                .iter()
                .any(|spelling| text.contains(spelling.as_str()))
        });
        found.map(|(place, _)| place.as_str()).collect()
    }
}

/// Plain, in XML, in JSON, percent-encoded, in Rust's debug form, in base64, without line ends.
fn spellings(secret: &str) -> BTreeSet<String> {
    use base64::Engine;
    let xml = secret
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    let quoted = xml.replace('"', "&quot;").replace('\'', "&apos;");
    let percent: String = secret
        .bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
        .collect();
    let json = serde_json::to_string(secret).unwrap();
    [
        secret.to_owned(),
        xml,
        quoted,
        percent.clone(),
        percent.to_lowercase(),
        json.trim_matches('"').to_owned(),
        format!("{secret:?}").trim_matches('"').to_owned(),
        base64::engine::general_purpose::STANDARD.encode(secret),
    ]
    .into()
}

/// Says that it is over when it goes.
struct End<'a>(&'a AtomicBool);

impl Drop for End<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// Reads the arguments of all processes of a world, again and again, while something runs.
fn watch_arguments<T>(root: &Path, work: impl FnOnce() -> T) -> (T, BTreeSet<String>) {
    let over = AtomicBool::new(false);
    let root = root.display().to_string();
    std::thread::scope(|scope| {
        let watcher = scope.spawn(|| {
            let (mut seen, mut known) = (BTreeSet::new(), BTreeSet::new());
            while !over.load(Ordering::SeqCst) {
                for entry in std::fs::read_dir("/proc").unwrap().flatten() {
                    let name = entry.file_name();
                    let number = name.to_string_lossy();
                    let is_process = number.bytes().all(|byte| byte.is_ascii_digit());
                    if !is_process || known.contains(&name) {
                        continue;
                    }
                    let bytes = std::fs::read(entry.path().join("cmdline")).unwrap_or_default();
                    let line = String::from_utf8_lossy(&bytes).replace('\0', " ");
                    // A process before its `exec` still shows its parent's arguments: it is read again.
                    if line.starts_with(&root) {
                        known.insert(name);
                        seen.insert(line);
                    }
                }
                std::thread::sleep(std::time::Duration::from_millis(5));
            }
            seen
        });
        let result = {
            // Also when the work panics: nobody would end the watching.
            let _end = End(&over);
            work()
        };
        (result, watcher.join().unwrap())
    })
}

fn spec(fixture: &Fixture, template: &str, name: &str) -> ItemSpec {
    let mut spec = ItemSpec::new(fixture.account, template).name(name);
    let person = Person {
        phone: PHONE.to_owned(),
        email: EMAIL.to_owned(),
        ..spec.administrative.clone()
    };
    spec.administrative = person.clone();
    spec.technical = person;
    spec
}

fn fixture() -> Fixture {
    let directory = tempfile::tempdir().unwrap();
    let setup = Setup {
        password: PASSWORD.to_owned(),
        ..Setup::default()
    };
    let world = World::start_with(directory.path(), &setup);
    // A day whose lost answers nobody settles.
    world.expect_at_the_end("lost: ");
    Fixture::of(world, directory)
}

/// A day on which everything happens, at the most talkative level.
fn a_bad_day(fixture: &Fixture, harvest: &mut Harvest) {
    let (world, vendor) = (&fixture.world, fixture.vendor());
    let faults = [
        Fault::HtmlPage,
        Fault::ErrorWith200,
        Fault::Truncated,
        Fault::ResetBeforeAnswer,
        Fault::ServerErrorAfter,
        Fault::WrongTypes,
        Fault::Redirect,
    ];
    for (number, fault) in faults.into_iter().enumerate() {
        for call in ["csr", "order/neworder", "user/accountdetail"] {
            let name = format!("c{number}-{}.example.com", call.replace('/', "-"));
            let item = world.add_item(&spec(fixture, "positivessl", &name));
            let operation = world.queue(item, "open");
            vendor.set_fault(call, fault, 3);
            harvest.run("open with a fault", &world.run(operation));
            vendor.clear_faults();
            world.advance(16 * 60);
            if world.operation(operation).is_some() {
                harvest.run("open again", &world.run(operation));
            }
        }
    }
    let item = world.add_item(&spec(fixture, "instantssl", "day.example.com"));
    harvest.run("open", &world.perform(item, "open"));
    fixture.approve(item);
    harvest.run("sync", &world.sync(item));
    let operation = world.reissue(item, None, &[]);
    harvest.run("reopen", &world.run(operation));
    fixture.approve(item);
    harvest.run("sync", &world.sync(item));
    harvest.run("prolong", &world.perform(item, "prolong"));
    harvest.run("close", &world.perform(item, "close"));
    harvest.run("balance", &world.balance_of(fixture.account));
    harvest.run("check", &world.check_account(fixture.account));
    harvest.run(
        "approver",
        &world.approver(fixture.account, "day.example.com", "positivessl", ""),
    );

    // The spool holds an order; the platform is away.
    let item = world.add_item(&spec(fixture, "positivessl", "spooled.example.com"));
    let operation = world.queue(item, "open");
    world.panel().add_fault(sandbox::PlatformFault {
        function: Some("service.saveparam".to_owned()),
        strike: Strike::Failing,
        // The mark and the intent.
        skip: 2,
        times: 1000,
    });
    harvest.run("open without a panel", &world.run(operation));
    assert!(
        world
            .root()
            .join(format!("var/pmssl/spool/item-{item}.json"))
            .exists()
    );
    harvest.files(&world.root().join("var"));
    world.panel().clear_faults();

    for strike in [Strike::Garbage, Strike::Away, Strike::LostReply] {
        let item = world.add_item(&spec(fixture, "positivessl", "struck.example.com"));
        let operation = world.queue(item, "open");
        world.panel().set_fault("", strike, 2);
        harvest.run("open with a broken panel", &world.run(operation));
        world.panel().clear_faults();
    }

    // Secrets that are wrong are secrets, too.
    let url = format!("{}/rest", vendor.url());
    for (name, value) in [
        ("auth_token", WRONG_TOKEN.to_owned()),
        (
            "url",
            format!("https://me:{URL_PASSWORD}@api.example.com/rest"),
        ),
        (
            "api_url",
            format!("http://me:{URL_PASSWORD}@127.0.0.1:1/rest?token={URL_PASSWORD}"),
        ),
    ] {
        let mut settings = vec![
            ("url", url.as_str()),
            ("partner_code", "11112222"),
            ("auth_token", "secret-0f0f0f0f0f0f"),
        ];
        settings.retain(|(known, _)| *known != name);
        settings.push((name, &value));
        harvest.run(
            "check_connection",
            &world.check_connection(MODULE, &settings),
        );
    }
    let broken = format!("<doc><processingmodule><auth_token>{URL_PASSWORD}</auth_token><url>");
    let outcome = world.run_module_with(MODULE, &["--command", "check_connection"], &broken);
    harvest.run("check_connection", &outcome);
    world.set_setting(fixture.account, "auth_token", WRONG_TOKEN, true);
    let item = world.add_item(&spec(fixture, "positivessl", "denied.example.com"));
    harvest.run("open with a wrong token", &world.perform(item, "open"));
    harvest.run("sync with a wrong token", &world.sync(item));

    // The platform's own key or the stored secret is damaged.
    world.database().engine().with(|sql| {
        sql.execute(
            "UPDATE processingcryptedparam SET value = 'AAAA' WHERE intname = 'auth_token'",
            [],
        )
    });
    harvest.run("open with a damaged secret", &world.perform(item, "open"));
    world.database().set_down(true);
    harvest.run("sync without a database", &world.sync(item));
    world.database().clear_faults();
}

#[test]
fn no_secret_is_ever_written() {
    let fixture = fixture();
    let token = "secret-0f0f0f0f0f0f";
    let mut harvest = Harvest::default();
    let ((), seen) = watch_arguments(fixture.world.root(), || a_bad_day(&fixture, &mut harvest));
    harvest.world(&fixture.world);
    assert!(seen.len() > 20, "{} command lines were seen", seen.len());
    for line in &seen {
        harvest.add(
            format!("arguments of {}", &line[..line.len().min(60)]),
            line,
        );
    }
    crate::proof::tell(format_args!(
        "secrets: {} places, {} command lines searched",
        harvest.0.len(),
        seen.len()
    ));

    let keys: Vec<String> = fixture.world.database().engine().with(|sql| {
        sql.prepare("SELECT pkey FROM certificate")?
            .query_map([], |row| row.get(0))?
            .collect()
    });
    // The middle of a key: its frame and its first bytes are the same for all.
    let keys: Vec<&str> = keys.iter().filter_map(|key| key.lines().nth(2)).collect();
    assert!(keys.len() > 20);
    let platform_key =
        std::fs::read_to_string(fixture.world.root().join("etc/billmgr.pem")).unwrap();
    let platform_key = platform_key.lines().nth(3).unwrap();
    let secrets = [token, PASSWORD, WRONG_TOKEN, URL_PASSWORD, platform_key];
    for secret in secrets.into_iter().chain(keys) {
        assert_eq!(harvest.places(secret), [""; 0], "{secret}");
    }
    // An order's own pair stands in the parameters of its service, and came there out of sight.
    let is_kept = |item: &u64| {
        let service = fixture.world.item(*item);
        service.parameter("token_id").starts_with("tid-")
            && service.parameter("token_code").starts_with("secret-tcode-")
    };
    assert!(fixture.world.items().iter().any(is_kept));
    let mut places = harvest.places("secret-tcode-");
    places.dedup();
    assert_eq!(places, ["value of service.saveparam"]);
    // The search itself works: what must be there is found.
    let order = fixture.vendor().vendor().sales()[0].order.clone();
    assert!(!harvest.places(&order).is_empty());
    let arrived = fixture.vendor().requests();
    assert!(
        arrived
            .iter()
            .any(|request| request.request.text().contains(token))
    );
}

/// A person's telephone and address go to the vendor and into its traffic log at the highest level; the
/// error history, tasks, problems, arguments and the log at its usual level do not need them.
#[test]
fn personal_data_stay_in_the_traffic_log() {
    let fixture = fixture();
    std::fs::write(fixture.world.root().join("etc/debug.conf"), "* 6\n").unwrap();
    let mut harvest = Harvest::default();
    let ((), seen) = watch_arguments(fixture.world.root(), || a_bad_day(&fixture, &mut harvest));
    harvest.world(&fixture.world);
    for line in &seen {
        harvest.add("arguments", line);
    }
    for data in [PHONE, PHONE_DIGITS, EMAIL] {
        assert_eq!(harvest.places(data), [""; 0], "{data}");
    }
}
