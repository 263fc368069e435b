//! What the proofs share: a world with one account, and a reader for the documents that come out.

use crate::sandbox::queue::Manner;
use crate::sandbox::vendor::VendorServer;
use crate::sandbox::{ItemSpec, Outcome, World};

/// The module whose vendor is simulated in full.
pub const MODULE: &str = "pmthesslstore";

/// The paid call.
pub const ORDER: &str = "order/neworder";

/// A world with one account of TheSSLStore.
pub struct Fixture {
    pub world: World,
    pub account: u64,
    /// The world's directory goes with the fixture.
    _directory: tempfile::TempDir,
}

impl Fixture {
    pub fn new() -> Self {
        let directory = tempfile::tempdir().expect("a scratch directory");
        let world = World::start(directory.path());
        Self::of(world, directory)
    }

    /// A fixture in a world of one's own making.
    pub fn of(world: World, directory: tempfile::TempDir) -> Self {
        world.set_option("SSLReadTimeout", "30");
        world.set_option("SSLOrderTimeout", "30");
        world.set_option("SSLRetryPause", "0.01");
        world.set_option("SSLPlatformWait", "2");
        let account = world.add_account(MODULE, &[]);
        Self {
            world,
            account,
            _directory: directory,
        }
    }

    /// The plainest order.
    pub fn spec(&self) -> ItemSpec {
        ItemSpec::new(self.account, "positivessl").name("www.example.com")
    }

    /// An ordered service whose certificate is issued.
    pub fn issued(&self, spec: &ItemSpec) -> u64 {
        let item = self.world.add_item(spec);
        let outcome = self.world.perform(item, "open");
        assert!(outcome.is_ok(), "{}", outcome.stdout);
        self.approve(item);
        let outcome = self.world.sync(item);
        assert!(outcome.is_ok(), "{}", outcome.stdout);
        assert_eq!(self.world.item(item).service_status, Some(5));
        item
    }

    /// Lets the vendor issue what an item has ordered.
    pub fn approve(&self, item: u64) {
        use crate::sandbox::vendor::Approval;
        let order = self.order(item);
        for approval in [Approval::All, Approval::Organization] {
            // An order without organization has nothing to vet there.
            let _ = self.vendor().vendor().approve(&order, &approval);
        }
    }

    pub fn vendor(&self) -> &VendorServer {
        self.world.vendor(MODULE)
    }

    /// The vendor's number that the platform keeps for an item, empty when there is none.
    pub fn order(&self, item: u64) -> String {
        self.world.item(item).parameter("store_order_id").to_owned()
    }

    /// Paid sales, refunded ones included.
    pub fn paid(&self) -> usize {
        let sales = self.vendor().vendor().sales();
        sales.iter().filter(|sale| sale.is_paid()).count()
    }

    /// Nothing was sold, and nobody tried.
    pub fn assert_nothing_bought(&self, case: &str) {
        assert_eq!(self.paid(), 0, "{case}: something was sold");
        assert_eq!(self.vendor().hits(ORDER), 0, "{case}: an order was sent");
    }

    /// Books against the platform.
    pub fn assert_sound(&self) {
        let found = self.world.reconcile();
        assert!(found.is_sound(), "{found:#?}");
    }

    /// Runs a command about an item directly, in a language.
    pub fn direct(&self, command: &str, item: u64, language: &str) -> Outcome {
        let id = item.to_string();
        let mut arguments = vec!["--command", command, "--item", &id];
        if !language.is_empty() {
            arguments.extend(["--lang", language]);
        }
        self.world.run_module(MODULE, &arguments)
    }

    pub fn run_in_russian(&self, operation: u64) -> Outcome {
        let manner = Manner {
            language: "ru",
            ..Manner::default()
        };
        self.world.run_in(operation, &manner)
    }
}

/// An error document as the platform reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    pub kind: String,
    pub object: String,
    pub value: String,
    pub text: String,
}

/// Reads the error document of a failed run; everything else about a failure is checked on the way.
pub fn refused(outcome: &Outcome) -> Refused {
    assert_eq!(outcome.exit, Some(1), "{outcome:?}");
    assert_eq!(outcome.stderr, "", "{outcome:?}");
    let document = &outcome.stdout;
    assert_well_formed(document);
    let attribute = |name: &str| {
        let head = between(document, "<error", ">");
        unescape(between(head, &format!(" {name}=\""), "\""))
    };
    let refused = Refused {
        kind: attribute("type"),
        object: attribute("object"),
        value: unescape(between(document, "<param name=\"value\">", "</param>")),
        text: unescape(between(document, "<msg>", "</msg>")),
    };
    assert!(!refused.kind.is_empty(), "{document}");
    assert!(!refused.text.is_empty(), "{document}");
    assert!(
        !["__value__", "__object__", "__detail__"]
            .iter()
            .any(|placeholder| document.contains(placeholder)),
        "{document}"
    );
    refused
}

/// The text between two marks, empty when they are not there.
pub fn between<'a>(text: &'a str, from: &str, to: &str) -> &'a str {
    let rest = text.split_once(from).map_or("", |(_, rest)| rest);
    rest.split_once(to).map_or("", |(inside, _)| inside)
}

fn unescape(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&apos;", "'")
        .replace("&#39;", "'")
        .replace("&amp;", "&")
}

/// One whole XML document, nothing before and nothing behind it.
pub fn assert_well_formed(document: &str) {
    use quick_xml::events::Event;
    let mut reader = quick_xml::Reader::from_str(document);
    reader.config_mut().check_end_names = true;
    let (mut depth, mut roots) = (0_i32, 0);
    loop {
        match reader.read_event() {
            Ok(Event::Start(_)) => {
                roots += i32::from(depth == 0);
                depth += 1;
            }
            Ok(Event::End(_)) => depth -= 1,
            Ok(Event::Empty(_)) => roots += i32::from(depth == 0),
            Ok(Event::Text(text)) => {
                let blank = text.as_ref().trim().is_empty();
                assert!(depth > 0 || blank, "text outside the document: {document}");
            }
            Ok(Event::Eof) => break,
            Ok(_) => {}
            Err(error) => panic!("{error}: {document}"),
        }
    }
    assert_eq!((depth, roots), (0, 1), "{document}");
}

/// Every line of a log has the platform's form, or carries on the one before it.
pub fn assert_whole_lines(log: &str) {
    assert!(
        log.is_empty() || log.ends_with('\n'),
        "the last line is torn"
    );
    for line in log.lines() {
        assert!(is_log_line(line), "no log line: {line}");
    }
}

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

const LEVELS: [&str; 9] = [
    "NOTICE", "CRITICAL", "ERROR", "WARNING", "INFO", "EXTINFO", "EXT", "TRACE", "DEBUG",
];

/// Beside the module itself.
const COMPONENTS: [&str; 5] = ["http", "order", "platform", "mgrctl", "database"];

/// `Mon DD HH:MM:SS [pid:thread] component LEVEL text`, colours or none.
fn is_log_line(line: &str) -> bool {
    if line.starts_with("  | ") {
        return true;
    }
    let plain = without_colours(line);
    let Some((time, rest)) = plain.split_at_checked(15) else {
        return false;
    };
    let time_fits = MONTHS.contains(&&time[..3])
        && time[4..6]
            .trim()
            .parse()
            .is_ok_and(|day: u8| (1..=31).contains(&day))
        && time[7..].split(':').filter(|part| part.len() == 2).count() == 3;
    let Some((process, rest)) = rest
        .strip_prefix(" [")
        .and_then(|rest| rest.split_once("] "))
    else {
        return false;
    };
    let mut words = rest.split(' ');
    let is_program = |word: &str| word == "pmssl" || pmssl::module::by_name(word).is_some();
    let component_fits = words
        .next()
        .is_some_and(|word| COMPONENTS.contains(&word) || is_program(word));
    let level_fits = words.next().is_some_and(|word| LEVELS.contains(&word));
    // A second head inside the line would mean that two writers shared it.
    let heads = plain.split(" [").filter_map(|part| part.split_once("] "));
    let heads = heads.filter(|(inside, _)| is_process(inside)).count();
    time_fits && is_process(process) && component_fits && level_fits && heads == 1
}

/// `pid:thread`.
fn is_process(text: &str) -> bool {
    text.split_once(':')
        .is_some_and(|(pid, thread)| pid.parse::<u32>().is_ok() && thread.parse::<u32>().is_ok())
}

/// The text without escape sequences of colours.
pub fn without_colours(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once("\x1b[") {
        plain.push_str(before);
        rest = behind.split_once('m').map_or("", |(_, rest)| rest);
    }
    plain + rest
}
