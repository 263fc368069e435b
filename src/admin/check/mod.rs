//! `pmssl check`: the way to a vendor, step by step, each with its time, a verdict and what to do.

mod probe;
mod secret;

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use chrono::{TimeDelta, Utc};

use super::exit::Code;
use super::output::{Answer, Cell, Tone, View};
use super::scene::{self, Scene};
use crate::ca::http::{Url, base_address};
use crate::ca::{self, CertificateAuthority, Reach};
use crate::certificate::Certificate;
use crate::cli;
use crate::domain::{AccountId, Settings};
use crate::failure::{Failure, Kind, Reason};
use crate::log;
use crate::module::{self, HOST_ADDRESS, MODULES, Module, SettingKind, Text};

/// A clock that is off by more than this is told.
const SKEW_NOTED: TimeDelta = TimeDelta::minutes(1);

/// A clock that is off by more than this breaks things.
const SKEW_BAD: TimeDelta = TimeDelta::minutes(10);

/// A vendor's own certificate that ends sooner than this is told.
const SERVER_CERTIFICATE_NEAR_END: TimeDelta = TimeDelta::days(7);

/// Value of an account's address setting that leaves the choice to the system.
const ANY_ADDRESS: &str = "auto";

const SETTINGS: Text = Text::new("settings", "настройки");
const NAME: Text = Text::new("name", "имя");
const CONNECTION: Text = Text::new("connection", "соединение");
const SOURCE: Text = Text::new("source", "исходящий адрес");
const TLS: Text = Text::new("TLS", "TLS");
const CLOCK: Text = Text::new("clock", "часы");
const CREDENTIALS: Text = Text::new("credentials", "учётные данные");
const BALANCE: Text = Text::new("balance", "баланс");

const GOOD: Text = Text::new("good", "хорошо");
const LOOK: Text = Text::new("look", "проверьте");
const BAD: Text = Text::new("bad", "плохо");
const SKIPPED: Text = Text::new("skipped", "пропущено");

const COMPLETE: Text = Text::new("complete", "заполнены");
const NOT_TOLD: Text = Text::new(
    "the adapter does not tell its address: the way there is not examined",
    "адаптер не сообщает адрес: путь до поставщика не проверяется",
);
const VIA_PROXY: Text = Text::new("through the proxy", "через прокси");
const PLAIN_HTTP: Text = Text::new(
    "plain http to this machine",
    "простой http на этой же машине",
);
const BY_PROXY: Text = Text::new(
    "made through the proxy, examined with the credentials",
    "устанавливается через прокси, проверяется вместе с учётными данными",
);
const NO_DATE: Text = Text::new("the vendor tells no time", "поставщик не сообщает время");
const NO_BALANCE: Text = Text::new(
    "this vendor does not tell the balance",
    "этот поставщик не сообщает баланс",
);
const AHEAD: Text = Text::new(
    "seconds ahead of the vendor's",
    "с впереди часов поставщика",
);
const BEHIND: Text = Text::new("seconds behind the vendor's", "с позади часов поставщика");
const EARLIER_FAILED: Text = Text::new("a step before it failed", "не удался предыдущий шаг");
const ACCEPTED: Text = Text::new("accepted", "приняты");
const ENDS: Text = Text::new("ends", "действует до");

const DO_NAME: Text = Text::new(
    "check the address in the settings and the name servers in /etc/resolv.conf",
    "проверьте адрес в настройках и серверы имён в /etc/resolv.conf",
);
const DO_CONNECTION: Text = Text::new(
    "check the way out of this server: firewall, routing, and SSLProxy in billmgr.conf if a proxy is needed",
    "проверьте исходящий доступ сервера: межсетевой экран, маршруты и SSLProxy в billmgr.conf, если нужен прокси",
);
const DO_SOURCE: Text = Text::new(
    "choose an address of this host in the account's settings",
    "выберите в настройках обработчика адрес этого сервера",
);
const DO_TLS: Text = Text::new(
    "check this server's clock; if a firewall or a private authority stands between, name its root certificate with SSLCaFile in billmgr.conf",
    "проверьте часы сервера; если между ними стоит межсетевой экран или частный центр, укажите его корневой сертификат в SSLCaFile в billmgr.conf",
);
const DO_CLOCK: Text = Text::new(
    "switch time synchronization on (timedatectl set-ntp true)",
    "включите синхронизацию времени (timedatectl set-ntp true)",
);
const DO_SETTINGS: Text = Text::new(
    "correct the field in the processing module's settings",
    "исправьте поле в настройках модуля обработки",
);
const DO_CREDENTIALS: Text = Text::new(
    "check login and secret in the vendor's panel, and that the source address above is on its allow-list",
    "проверьте логин и секрет в панели поставщика и наличие исходящего адреса (см. выше) в списке разрешённых",
);
const DO_LATER: Text = Text::new(
    "try again later; if it stays, ask the vendor",
    "повторите позже; если не пройдёт, обратитесь к поставщику",
);

/// Arguments of `pmssl check`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
A secret is never an argument: it comes from --secret-file, from the variable PMSSL_SECRET, or is
asked for on the terminal.

Examples:
  pmssl check --module 3
  pmssl check --all --json
  pmssl check pmthesslstore --url https://api.thesslstore.com/rest --partner-code 12345678")]
pub(super) struct Arguments {
    /// Check typed settings of this module instead of a stored account
    #[arg(value_name = "MODULE", conflicts_with_all = ["module", "all"])]
    name: Option<String>,
    /// Check the stored settings of this account
    #[arg(long, value_name = "ACCOUNT", conflicts_with = "all")]
    module: Option<u64>,
    /// Check all accounts of all modules
    #[arg(long)]
    all: bool,
    /// Typed settings: address of the vendor's API
    #[arg(long, value_name = "URL", requires = "name")]
    url: Option<String>,
    /// Typed settings: partner code
    #[arg(long, value_name = "CODE", requires = "name")]
    partner_code: Option<String>,
    /// Typed settings: user name
    #[arg(long, value_name = "NAME", requires = "name")]
    username: Option<String>,
    /// Typed settings: any other setting that is no secret
    #[arg(long, value_name = "NAME=VALUE", requires = "name")]
    set: Vec<String>,
    /// Typed settings: file whose first line is the secret
    #[arg(long, value_name = "FILE", requires = "name")]
    secret_file: Option<PathBuf>,
}

/// What a step came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Good,
    Look,
    Bad,
    Skipped,
}

impl Verdict {
    fn word(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Look => "look",
            Self::Bad => "bad",
            Self::Skipped => "skipped",
        }
    }

    fn label(self) -> (Text, Tone) {
        match self {
            Self::Good => (GOOD, Tone::Good),
            Self::Look => (LOOK, Tone::Warning),
            Self::Bad => (BAD, Tone::Bad),
            Self::Skipped => (SKIPPED, Tone::Faint),
        }
    }
}

/// One step.
#[derive(Debug)]
struct Step {
    name: &'static Text,
    verdict: Verdict,
    text: String,
    remedy: Option<&'static Text>,
    time: Duration,
}

/// All steps of one account.
struct Report {
    account: Option<(AccountId, String)>,
    module: &'static str,
    steps: Vec<Step>,
}

impl Report {
    fn code(&self) -> Code {
        let has = |verdict| self.steps.iter().any(|step| step.verdict == verdict);
        match (has(Verdict::Bad), has(Verdict::Look)) {
            (true, _) => Code::Failed,
            (_, true) => Code::Warnings,
            _ => Code::Done,
        }
    }
}

/// Checks.
pub(super) fn run(scene: &Scene, arguments: &Arguments) -> Result<Answer, Failure> {
    let reports = match (&arguments.name, arguments.module, arguments.all) {
        (Some(name), _, _) => {
            let (module, settings) = typed(scene, name, arguments)?;
            vec![scene::wait(async {
                Ok(one(scene, module, None, &settings).await)
            })?]
        }
        (None, Some(id), _) => vec![scene::wait(stored(scene, AccountId(id)))?],
        (None, None, true) => scene::wait(every(scene))?,
        (None, None, false) => return Err(cli::missing("--module, --all or a module's name")),
    };
    let code = |codes: Vec<Code>| {
        [Code::Failed, Code::Warnings]
            .into_iter()
            .find(|code| codes.contains(code))
            .unwrap_or(Code::Done)
    };
    let code = code(reports.iter().map(Report::code).collect());
    let view = &scene.view;
    let text = if view.json {
        view.json(&reports.iter().map(json).collect::<Vec<_>>())?
    } else {
        reports
            .iter()
            .map(|report| text(view, report))
            .collect::<Vec<_>>()
            .join("\n")
    };
    Ok(Answer::new(crate::logging::mask(&text), code))
}

/// Settings from the command line.
fn typed(
    scene: &Scene,
    name: &str,
    arguments: &Arguments,
) -> Result<(&'static Module, Settings), Failure> {
    let module = module::by_name(name)
        .or_else(|| module::by_name(&format!("pm{name}")))
        .ok_or_else(|| {
            let known: Vec<_> = MODULES.iter().map(|module| module.name).collect();
            Failure::field(Reason::Invalid, "--module")
                .value(name)
                .detail(format!("One of: {}", known.join(", ")))
        })?;
    let mut settings = Settings::default();
    let named = [
        ("url", &arguments.url),
        ("partner_code", &arguments.partner_code),
        ("username", &arguments.username),
    ];
    for (name, value) in named {
        if let Some(value) = value {
            settings.set(name, value);
        }
    }
    for pair in &arguments.set {
        let (name, value) = pair.split_once('=').ok_or_else(|| {
            // The value stays out: somebody may have typed a secret.
            Failure::field(Reason::Invalid, "--set").detail("The form is NAME=VALUE")
        })?;
        match module.setting(name).map(|setting| setting.kind) {
            Some(SettingKind::Secret) => {
                return Err(Failure::field(Reason::Invalid, "--set").value(name).detail(
                    "A secret must not be an argument: use --secret-file or PMSSL_SECRET",
                ));
            }
            Some(_) => settings.set(name, value),
            None => {
                return Err(Failure::field(Reason::Invalid, "--set")
                    .value(name)
                    .detail("The module has no such setting"));
            }
        }
    }
    for setting in module.settings {
        if setting.kind == SettingKind::Secret {
            let label = setting.label.get(scene.view.language);
            let secret = secret::obtain(label, arguments.secret_file.as_deref())?;
            crate::logging::register_secret(&secret);
            settings.set_secret(setting.name, secret);
        }
    }
    Ok((module, settings))
}

async fn stored(scene: &Scene, id: AccountId) -> Result<Report, Failure> {
    let (module, account) = scene.account(id).await?;
    Ok(one(scene, module, Some((id, account.name)), &account.settings).await)
}

/// All accounts. One whose settings cannot even be read is a report of its own.
async fn every(scene: &Scene) -> Result<Vec<Report>, Failure> {
    let platform = scene.any_platform();
    let mut reports = Vec::new();
    for module in MODULES {
        for line in platform.account_lines(module).await? {
            let report = match stored(scene, line.id).await {
                Ok(report) => report,
                Err(failure) => Report {
                    account: Some((line.id, line.name)),
                    module: module.name,
                    steps: vec![Step {
                        name: &SETTINGS,
                        verdict: Verdict::Bad,
                        text: scene.view.failure(&failure),
                        remedy: Some(&DO_SETTINGS),
                        time: Duration::ZERO,
                    }],
                },
            };
            reports.push(report);
        }
    }
    Ok(reports)
}

/// Goes the way to one vendor.
async fn one(
    scene: &Scene,
    module: &'static Module,
    account: Option<(AccountId, String)>,
    settings: &Settings,
) -> Report {
    scene.start_log(module);
    log!(Main, Info, "{} checks the connection", scene::person());
    let reach = scene.reach(module);
    let mut walk = Walk {
        view: &scene.view,
        steps: Vec::new(),
        began: Instant::now(),
    };
    match ca::connect(module.name, settings, &reach) {
        Ok(authority) => {
            walk.say(&SETTINGS, Verdict::Good, scene.view.say(&COMPLETE), None);
            walk.vendor(authority.as_ref(), module, settings, &reach)
                .await;
        }
        Err(failure) => {
            let text = scene.view.failure(&failure);
            let remedy = (failure.kind() == Kind::Input).then_some(&DO_SETTINGS);
            walk.say(&SETTINGS, Verdict::Bad, text, remedy);
        }
    }
    Report {
        account,
        module: module.name,
        steps: walk.steps,
    }
}

/// The steps so far.
struct Walk<'a> {
    view: &'a View,
    steps: Vec<Step>,
    began: Instant,
}

impl Walk<'_> {
    /// Notes a step; its time is what passed since the one before.
    fn say(
        &mut self,
        name: &'static Text,
        verdict: Verdict,
        text: impl Into<String>,
        remedy: Option<&'static Text>,
    ) {
        self.steps.push(Step {
            name,
            verdict,
            text: text.into(),
            remedy: remedy.filter(|_| matches!(verdict, Verdict::Look | Verdict::Bad)),
            time: self.began.elapsed(),
        });
        self.began = Instant::now();
    }

    fn skip(&mut self, names: &[&'static Text]) {
        for name in names {
            self.say(name, Verdict::Skipped, self.view.say(&EARLIER_FAILED), None);
        }
    }

    async fn vendor(
        &mut self,
        authority: &dyn CertificateAuthority,
        module: &Module,
        settings: &Settings,
        reach: &Reach,
    ) {
        let there = match endpoint(authority, module, settings) {
            Some(url) => self.way(&url, settings, reach).await,
            None => {
                self.say(&NAME, Verdict::Skipped, self.view.say(&NOT_TOLD), None);
                true
            }
        };
        if !there {
            return self.skip(&[&CREDENTIALS, &BALANCE]);
        }
        match authority.check().await {
            Ok(()) => self.say(&CREDENTIALS, Verdict::Good, self.view.say(&ACCEPTED), None),
            Err(failure) => {
                let remedy = match failure.kind() {
                    Kind::Auth => &DO_CREDENTIALS,
                    Kind::Input => &DO_SETTINGS,
                    _ => &DO_LATER,
                };
                let text = self.view.failure(&failure);
                self.say(&CREDENTIALS, Verdict::Bad, text, Some(remedy));
                return self.skip(&[&BALANCE]);
            }
        }
        if !authority.abilities().balance {
            return self.say(&BALANCE, Verdict::Skipped, self.view.say(&NO_BALANCE), None);
        }
        match authority.balance().await {
            Ok(money) => {
                let text = format!("{money} {}", money.currency);
                self.say(&BALANCE, Verdict::Good, text, None);
            }
            Err(failure) => {
                let text = self.view.failure(&failure);
                self.say(&BALANCE, Verdict::Look, text, Some(&DO_LATER));
            }
        }
    }

    /// Name, connection, source, TLS, clock. Whether it is worth going on.
    async fn way(&mut self, url: &Url, settings: &Settings, reach: &Reach) -> bool {
        let rest = [&CONNECTION, &SOURCE, &TLS, &CLOCK];
        let proxy = reach.proxy.as_deref().and_then(scene::proxy_address);
        let first = proxy.as_ref().unwrap_or(url);
        let host = first.host_str().unwrap_or_default().to_owned();
        let port = first.port_or_known_default().unwrap_or(443);
        let addresses = match probe::resolve(&host, port) {
            Ok(addresses) => addresses,
            Err(why) => {
                self.say(
                    &NAME,
                    Verdict::Bad,
                    format!("{host}: {why}"),
                    Some(&DO_NAME),
                );
                self.skip(&rest);
                return false;
            }
        };
        let list: Vec<_> = addresses.iter().map(|at| at.ip().to_string()).collect();
        let via = if proxy.is_some() {
            format!("{} ", self.view.say(&VIA_PROXY))
        } else {
            String::new()
        };
        let text = format!("{via}{host}: {}", list.join(", "));
        self.say(&NAME, Verdict::Good, text, None);

        let chosen = settings
            .text(HOST_ADDRESS)
            .filter(|text| *text != ANY_ADDRESS);
        let local = match chosen.map(str::parse::<IpAddr>) {
            Some(Ok(address)) => Some(address),
            Some(Err(_)) => {
                let text = chosen.unwrap_or_default();
                self.say(&SOURCE, Verdict::Bad, text, Some(&DO_SOURCE));
                return false;
            }
            None => None,
        };
        let stream = match probe::connect(&addresses, local, reach.timeouts.connect).await {
            Ok(stream) => stream,
            Err(why) => {
                let remedy = if local.is_some() {
                    &DO_SOURCE
                } else {
                    &DO_CONNECTION
                };
                self.say(&CONNECTION, Verdict::Bad, why, Some(remedy));
                self.skip(&rest[1..]);
                return false;
            }
        };
        let peer = stream.peer_addr().map(|peer| peer.to_string());
        self.say(&CONNECTION, Verdict::Good, peer.unwrap_or_default(), None);
        let source = stream.local_addr().map(|own| own.ip().to_string());
        self.say(&SOURCE, Verdict::Good, source.unwrap_or_default(), None);
        if proxy.is_some() {
            self.say(&TLS, Verdict::Skipped, self.view.say(&BY_PROXY), None);
            return true;
        }
        self.encryption(stream, url, reach)
    }

    fn encryption(&mut self, mut stream: std::net::TcpStream, url: &Url, reach: &Reach) -> bool {
        if url.scheme() == "http" {
            self.say(&TLS, Verdict::Skipped, self.view.say(&PLAIN_HTTP), None);
            let date = probe::head(&mut stream, url).ok().flatten();
            self.clock(date);
            return true;
        }
        match probe::secure(stream, url, reach.extra_roots.as_deref()) {
            Ok(secured) => {
                let near = secured.certificate.as_ref().is_some_and(|certificate| {
                    certificate.not_after - Utc::now() < SERVER_CERTIFICATE_NEAR_END
                });
                let shown = self.describe(secured.certificate.as_ref());
                let text = format!("{}, {} x X.509{shown}", secured.version, secured.chain);
                let verdict = if near { Verdict::Look } else { Verdict::Good };
                self.say(&TLS, verdict, text, Some(&DO_LATER));
                self.clock(secured.date);
                true
            }
            Err(insecure) => {
                let shown = self.describe(insecure.certificate.as_deref());
                let text = format!("{}{shown}", insecure.why);
                self.say(&TLS, Verdict::Bad, text, Some(&DO_TLS));
                self.skip(&[&CLOCK]);
                false
            }
        }
    }

    fn describe(&self, certificate: Option<&Certificate>) -> String {
        certificate.map_or_else(String::new, |certificate| {
            format!(
                "; {} ({}), {} {}",
                certificate.label(),
                certificate.issuer,
                self.view.say(&ENDS),
                certificate.not_after.format("%Y-%m-%d")
            )
        })
    }

    /// Compares the machine's own clock, not the shifted one of a simulated world.
    fn clock(&mut self, theirs: Option<chrono::DateTime<Utc>>) {
        let Some(theirs) = theirs else {
            return self.say(&CLOCK, Verdict::Skipped, self.view.say(&NO_DATE), None);
        };
        let (verdict, seconds) = skew(Utc::now() - theirs);
        let word = if seconds < 0 { BEHIND } else { AHEAD };
        let text = format!("{} {}", seconds.abs(), self.view.say(&word));
        self.say(&CLOCK, verdict, text, Some(&DO_CLOCK));
    }
}

/// How bad a difference is. Pure.
fn skew(difference: TimeDelta) -> (Verdict, i64) {
    let verdict = match difference.abs() {
        off if off > SKEW_BAD => Verdict::Bad,
        off if off > SKEW_NOTED => Verdict::Look,
        _ => Verdict::Good,
    };
    (verdict, difference.num_seconds())
}

/// Where the vendor is: as the adapter says, else as the settings or the form's placeholder say.
fn endpoint(
    authority: &dyn CertificateAuthority,
    module: &Module,
    settings: &Settings,
) -> Option<Url> {
    authority.endpoint().cloned().or_else(|| {
        let placeholder = module.setting("url").map(|setting| setting.placeholder);
        let text = ["api_url", "url"]
            .into_iter()
            .find_map(|name| settings.text(name))
            .or(placeholder.filter(|text| !text.is_empty()))?;
        base_address(text, "url").ok()
    })
}

fn title(report: &Report) -> String {
    match &report.account {
        Some((id, name)) => format!("{id} {name} ({})", report.module),
        None => report.module.to_owned(),
    }
}

fn text(view: &View, report: &Report) -> String {
    let rows: Vec<Vec<Cell>> = report
        .steps
        .iter()
        .map(|step| {
            let (label, tone) = step.verdict.label();
            vec![
                format!("  {}", view.say(step.name)).into(),
                Cell::toned(view.say(&label), tone),
                format!("{} ms", step.time.as_millis()).into(),
                step.text.as_str().into(),
            ]
        })
        .collect();
    let mut text = format!("{}\n", view.paint(Tone::Head, &title(report)));
    let table = view.table(&["", "", "", ""], &rows);
    // The heads are empty.
    text.push_str(table.split_once('\n').map_or("", |(_, rows)| rows));
    for remedy in report.steps.iter().filter_map(|step| step.remedy) {
        text.push_str(&format!("  -> {}\n", view.say(remedy)));
    }
    text
}

fn json(report: &Report) -> serde_json::Value {
    let steps: Vec<_> = report
        .steps
        .iter()
        .map(|step| {
            serde_json::json!({
                "step": step.name.en,
                "verdict": step.verdict.word(),
                "text": step.text,
                "remedy": step.remedy.map(|remedy| remedy.en),
                "milliseconds": u64::try_from(step.time.as_millis()).unwrap_or(u64::MAX),
            })
        })
        .collect();
    serde_json::json!({
        "account": report.account.as_ref().map(|(id, _)| id.0),
        "name": report.account.as_ref().map(|(_, name)| name),
        "module": report.module,
        "verdict": match report.code() {
            Code::Done => "good",
            Code::Warnings => "look",
            _ => "bad",
        },
        "steps": steps,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_is_judged_by_how_far_it_is_off() {
        for (seconds, verdict) in [
            (0, Verdict::Good),
            (-60, Verdict::Good),
            (61, Verdict::Look),
            (-600, Verdict::Look),
            (601, Verdict::Bad),
            (-100_000, Verdict::Bad),
        ] {
            assert_eq!(skew(TimeDelta::seconds(seconds)), (verdict, seconds));
        }
    }

    #[test]
    fn the_worst_step_decides() {
        let step = |verdict| Step {
            name: &TLS,
            verdict,
            text: String::new(),
            remedy: None,
            time: Duration::ZERO,
        };
        let code = |verdicts: &[Verdict]| {
            let steps = verdicts.iter().map(|verdict| step(*verdict)).collect();
            Report {
                account: None,
                module: "m",
                steps,
            }
            .code()
        };
        use Verdict::{Bad, Good, Look, Skipped};
        assert_eq!(code(&[Good, Skipped]), Code::Done);
        assert_eq!(code(&[Good, Look]), Code::Warnings);
        assert_eq!(code(&[Look, Bad, Good]), Code::Failed);
    }
}
