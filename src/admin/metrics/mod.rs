//! `pmssl metrics`: services, certificates, balances and vendors as Prometheus reads them. Asks no vendor; what only the
//! daemon knows comes from the file in which it counts ([`Traffic`]). With `SSLMetricsFile` the daemon writes the same
//! text to a file, for node_exporter's textfile collector.
//!
//! Names follow Prometheus' conventions: base units, `_total` for what only grows, moments instead of ages.

mod traffic;

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, SystemTime};

use chrono::{DateTime, Utc};
use prometheus::core::Collector;
use prometheus::{CounterVec, GaugeVec, HistogramOpts, HistogramVec, Opts, Registry, TextEncoder};
use tokio::time::Instant;

pub(super) use self::traffic::{Counted, Funds, Traffic};
use super::context::{self, AdminContext};
use super::daemon;
use super::orders::{Judged, Survey};
use super::output::AdminAnswer;
use crate::domain::options::METRICS_FILE;
use crate::domain::text::Words;
use crate::failure::{Failure, Reason};
use crate::log;
use crate::module::{self, Module};
use crate::order::position::Position;
use crate::platform::Platform;
use crate::regular;

/// Days to a certificate's end that are told apart; 0 are those that expired.
const DAYS: [u32; 8] = [0, 3, 7, 14, 30, 60, 100, 200];

const SECONDS_OF_DAY: f64 = 86_400.0;

/// The file is written so often, and more seldom in a shop where gathering takes long: this many times of it.
const PAUSE: Duration = Duration::from_secs(300);
const SHARE: u32 = 20;

/// Prints them.
pub(super) fn run(admin: &AdminContext) -> Result<AdminAnswer, Failure> {
    context::wait(text(admin)).map(AdminAnswer::done)
}

/// Writes the daemon's file in its rhythm.
#[derive(Debug, Default)]
pub(super) struct Publisher {
    next: Option<Instant>,
}

impl Publisher {
    /// Writes the file when it is asked for and its time has come. A failure is a warning: nothing waits for it.
    pub(super) async fn publish(&mut self, admin: &AdminContext) {
        let platform = admin.any_platform();
        let Some(file) = METRICS_FILE.get(|name| platform.option(name)) else {
            return;
        };
        let began = Instant::now();
        if self.next.is_some_and(|next| began < next) {
            return;
        }
        let file = Path::new(file.trim());
        let written = match text(admin).await {
            Ok(text) => write(file, &text).map_err(|error| error.to_string()),
            Err(failure) => Err(failure.chain()),
        };
        if let Err(why) = written {
            log!(
                Main,
                Warning,
                "{}: {} is not written: {why}",
                METRICS_FILE.name,
                file.display()
            );
        }
        self.next = Some(Instant::now() + PAUSE.max(began.elapsed() * SHARE));
    }
}

/// Replaces the file at once, so that no reader sees half of it. Readable for everybody: it holds no secrets, and
/// collectors have users of their own.
fn write(file: &Path, text: &str) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    if !file.is_absolute() {
        let why = "an absolute path is needed";
        return Err(std::io::Error::new(std::io::ErrorKind::InvalidInput, why));
    }
    regular::replace(file, text.as_bytes(), |scratch| {
        scratch.set_permissions(std::fs::Permissions::from_mode(0o644))
    })
}

async fn text(admin: &AdminContext) -> Result<String, Failure> {
    let page = Page::default();
    page.version()?;
    let platform = admin.any_platform();
    let mut used = Vec::new();
    let mut modules = BTreeMap::new();
    for module in module::all() {
        let accounts = platform.account_lines(module).await?;
        modules.extend(accounts.iter().map(|account| (account.id.0, module)));
        if !accounts.is_empty() {
            used.push(module);
        }
    }
    let counts = Services::on(&page, &used)?;
    let mut survey = Survey::begin(admin, &used).await?;
    while let Some(services) = survey.next().await? {
        for service in &services {
            counts.add(service, admin.clock.now());
        }
    }
    page.passes(&used, &daemon::traces(&admin.root))?;
    page.vendors(&Traffic::load(&admin.root), &modules)?;
    page.text()
}

/// What is told.
#[derive(Default)]
struct Page {
    registry: Registry,
}

/// What is counted over all services.
struct Services {
    count: GaugeVec,
    oldest: GaugeVec,
    stuck: GaugeVec,
    remaining: HistogramVec,
}

impl Services {
    fn on(page: &Page, modules: &[&'static Module]) -> Result<Self, Failure> {
        let by_state = ["module", "state"];
        let help =
            "Time to the end of the certificates of active services; those below 0 have expired";
        let buckets = DAYS.map(|days| f64::from(days) * SECONDS_OF_DAY);
        let options = HistogramOpts::new("pmssl_certificate_remaining_seconds", help)
            .buckets(buckets.to_vec());
        let services = Self {
            count: page.gauge(
                "pmssl_services",
                "Services by the state of their order",
                &by_state,
            )?,
            oldest: page.gauge(
                "pmssl_oldest_since_timestamp_seconds",
                "Since when the service that has been longest in this state has been in it",
                &by_state,
            )?,
            stuck: page.gauge(
                "pmssl_services_stuck",
                "Services that need a person's look, by what has to happen next",
                &["module", "next"],
            )?,
            remaining: page.add(HistogramVec::new(options, &["module"]))?,
        };
        // What there is none of is told as well, so that a rule has something to read.
        for module in modules {
            for state in Position::ALL {
                services
                    .count
                    .with_label_values(&[module.name, state.word()]);
            }
            services.remaining.with_label_values(&[module.name]);
        }
        Ok(services)
    }

    fn add(&self, service: &Judged, now: DateTime<Utc>) {
        let module = service.module.name;
        let labels = [module, service.position().word()];
        self.count.with_label_values(&labels).inc();
        if let Some(since) = service.outlook.since {
            let since = since.timestamp() as f64;
            let oldest = self.oldest.with_label_values(&labels);
            let known = oldest.get();
            if known == 0.0 || since < known {
                oldest.set(since);
            }
        }
        if service.stuck.is_some() {
            let labels = [module, service.outlook.next.word()];
            self.stuck.with_label_values(&labels).inc();
        }
        if let Some(end) = service.outlook.covered.filter(|_| service.is_active()) {
            let left = (end - now).num_seconds() as f64;
            self.remaining.with_label_values(&[module]).observe(left);
        }
    }
}

/// Only a name or label that the library does not take: a mistake of this program.
fn internal(error: &prometheus::Error) -> Failure {
    Failure::new(Reason::Internal).detail(Words::verbatim(error))
}

impl Page {
    fn add<T: Collector + Clone + 'static>(
        &self,
        family: Result<T, prometheus::Error>,
    ) -> Result<T, Failure> {
        let family = family.map_err(|error| internal(&error))?;
        let registered = self.registry.register(Box::new(family.clone()));
        registered.map_err(|error| internal(&error))?;
        Ok(family)
    }

    fn gauge(&self, name: &str, help: &str, labels: &[&str]) -> Result<GaugeVec, Failure> {
        self.add(GaugeVec::new(Opts::new(name, help), labels))
    }

    fn counter(&self, name: &str, help: &str) -> Result<CounterVec, Failure> {
        let labels = ["module", "account"];
        self.add(CounterVec::new(Opts::new(name, help), &labels))
    }

    fn version(&self) -> Result<(), Failure> {
        let help = "The version that wrote these lines; always 1";
        let build = self.gauge("pmssl_build_info", help, &["version"])?;
        build
            .with_label_values(&[env!("CARGO_PKG_VERSION")])
            .set(1.0);
        Ok(())
    }

    fn passes(&self, modules: &[&'static Module], traces: &Path) -> Result<(), Failure> {
        let help = "End of the daemon's last pass over the module on this machine";
        let last = self.gauge("pmssl_last_pass_timestamp_seconds", help, &["module"])?;
        for module in modules {
            let seen =
                std::fs::metadata(traces.join(module.name)).and_then(|trace| trace.modified());
            let since = seen
                .ok()
                .and_then(|seen| seen.duration_since(SystemTime::UNIX_EPOCH).ok())
                // Only passes over single services were made.
                .filter(|since| !since.is_zero());
            if let Some(since) = since {
                last.with_label_values(&[module.name])
                    .set(since.as_secs() as f64);
            }
        }
        Ok(())
    }

    fn vendors(
        &self,
        traffic: &Traffic,
        modules: &BTreeMap<u64, &'static Module>,
    ) -> Result<(), Failure> {
        let requests = self.counter(
            "pmssl_vendor_requests_total",
            "Requests that the daemon sent to the vendor",
        )?;
        let failures = self.counter(
            "pmssl_vendor_failures_total",
            "Calls of the daemon that the vendor, or the way to it, failed",
        )?;
        let seconds = self.counter(
            "pmssl_vendor_request_seconds_total",
            "Time that the vendor took to answer",
        )?;
        let labels = ["module", "account", "currency"];
        let help = "Balance at the vendor when the daemon last asked";
        let balance = self.gauge("pmssl_account_balance", help, &labels)?;
        let help = "When the daemon last asked for the balance";
        let asked = self.gauge(
            "pmssl_account_balance_timestamp_seconds",
            help,
            &labels[..2],
        )?;
        for (id, counted) in &traffic.accounts {
            let Some(module) = modules.get(id) else {
                continue;
            };
            let account = id.to_string();
            let labels = [module.name, account.as_str()];
            requests
                .with_label_values(&labels)
                .inc_by(counted.requests as f64);
            failures
                .with_label_values(&labels)
                .inc_by(counted.failures as f64);
            let spent = counted.milliseconds as f64 / 1000.0;
            seconds.with_label_values(&labels).inc_by(spent);
            if let Some(funds) = &counted.funds {
                let currency = [labels[0], labels[1], funds.currency.as_str()];
                balance
                    .with_label_values(&currency)
                    .set(funds.minor as f64 / 100.0);
                asked
                    .with_label_values(&labels)
                    .set(funds.asked.timestamp() as f64);
            }
        }
        Ok(())
    }

    fn text(&self) -> Result<String, Failure> {
        let text = TextEncoder::new().encode_to_string(&self.registry.gather());
        text.map_err(|error| internal(&error))
    }
}

#[cfg(test)]
mod tests;
