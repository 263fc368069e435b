//! `pmssl daemon`: follows pending orders, reissues what is due, saves balances. It works beside the
//! platform's own scheduler and on several nodes: locks and intents keep every order single.

mod hook;
mod leadership;
mod limits;
mod pass;
mod proof_lookup;
#[cfg(test)]
pub(crate) mod rehearsal;
mod replace;
mod report;
mod schedule;
mod service;
mod services;
mod terminal;
#[cfg(test)]
mod tests;
mod worker;

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::future::{Future, poll_fn};
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::Mutex;
use tokio::time::sleep;

use self::leadership::{AlwaysLeader, Leadership};
pub(super) use self::limits::{Limits, interval};
use self::pass::{Meters, Only, Parts, Pass, Summary};
use self::proof_lookup::NetworkLookup;
use self::report::{DryRunLine, DryRunOutcome};
use self::schedule::Looks;
pub(super) use self::schedule::{NO_PASS, noted};
use self::services::Services;
use self::terminal::Progress;
use super::context::{self, AdminContext};
use super::metrics::{Publisher, Traffic};
use super::output::AdminAnswer;
use super::policy;
use super::select::{Chosen, whole};
use crate::ca;
use crate::ca::http::Meter;
use crate::commands;
use crate::commands::DO_NOTHING;
use crate::domain::options::{self};
use crate::domain::{AccountId, Clock, ItemId};
use crate::failure::{Failure, Reason};
use crate::log;
use crate::logging;
use crate::module::{self, Module};
use crate::order::Spool;
use crate::order::policy::Subscription;
use crate::platform::Platform;
use crate::platform::billmanager::BillManager;

/// Name of the daemon's log: `var/pmssl.log`.
pub(super) const LOG: &str = "pmssl";

/// Examples, and the options that concern the daemon.
fn after_help() -> String {
    let mut text = String::from(
        "\
Examples:
  pmssl daemon                        run until stopped (systemd: pmssl.service)
  pmssl daemon --once                 one pass (cron, systemd timer)
  pmssl daemon --once --dry-run       what a pass would look at

Options of billmgr.conf:
",
    );
    let ours = ["SSLSubscription", "SSLDaemon"];
    for option in options::ALL {
        let (name, takes) = (option.name(), option.takes());
        if ours.iter().any(|begin| name.starts_with(begin)) {
            text.push_str(&format!("  {name:<36}{takes}\n"));
        }
    }
    text.truncate(text.trim_end().len());
    text
}

/// Arguments of `pmssl daemon`.
#[derive(Debug, clap::Args)]
#[command(after_help = after_help())]
pub(super) struct Arguments {
    /// One pass, then end
    #[arg(long)]
    once: bool,
    /// Only tell what would be looked at; nothing is asked, nothing is changed
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    chosen: Chosen,
    /// Only this service, whether or not its time has come
    #[arg(long, value_name = "ID", value_parser = whole::<u64>)]
    item: Option<u64>,
}

/// Where every pass leaves its traces.
pub(super) fn traces(root: &Path) -> PathBuf {
    root.join(schedule::DIRECTORY)
}

/// Runs the daemon.
pub(super) fn run(admin: &AdminContext, arguments: &Arguments) -> Result<AdminAnswer, Failure> {
    let root = admin.root.clone();
    // Relative paths of the platform's settings mean its root.
    let _ = std::env::set_current_dir(&root);
    logging::start(&logging::Start {
        root: &root,
        module: LOG,
    });
    context::wait(serve(admin, arguments)).map(AdminAnswer::done)
}

/// Passes until told to stop.
async fn serve(admin: &AdminContext, arguments: &Arguments) -> Result<String, Failure> {
    // The ledger is tidied once in a daemon's life: it may hold years of a large shop.
    Spool::below(&admin.root).prune(std::time::SystemTime::now());
    let (root, view) = (admin.root.as_path(), &admin.view);
    let (modules, only) = chosen(root, arguments).await?;
    let clock = crate::run::clock_of(root);
    if arguments.dry_run {
        let lines = dry_run(root, &clock, &modules, only).await?;
        return report::lines(view, &lines);
    }
    let (signals, meters) = (Signals::default(), Meters::default());
    let leadership = Leadership::new(root, &modules, only.item);
    let services = modules.iter().map(|module| {
        let looks = Looks::load(root, module.name);
        (module.name, RefCell::new(Services::new(looks)))
    });
    let services = services.collect();
    // A run by cron is one pass of many.
    let quiet = modules.iter().filter(|_| arguments.once);
    let idle = quiet.map(|module| module.name).collect();
    let run = Run {
        looking: Mutex::default(),
        root,
        clock: &clock,
        only,
        signals: &signals,
        meters: &meters,
        leadership: &leadership,
        services: &services,
        progress: (arguments.once && std::io::stderr().is_terminal()).then(Progress::default),
        subscription: Cell::default(),
        idle: RefCell::new(idle),
    };
    let mut hook = pin!(meters.events.serve(root));
    let work = async {
        let mut publisher = Publisher::default();
        service::ready();
        loop {
            let (summaries, interval) = run.pass_over_all(&modules).await;
            Traffic::add(root, meters.take_counts());
            publisher.publish(admin).await;
            service::passed(&summaries);
            if arguments.once || signals.stop.get() {
                return summaries;
            }
            wait(&signals, interval).await;
            if signals.stop.get() {
                return Vec::new();
            }
        }
    };
    let mut summaries = tokio::select! {
        () = listen(&signals) => Vec::new(),
        () = leadership.keep() => Vec::new(),
        () = service::keep_alive() => Vec::new(),
        () = &mut hook => Vec::new(),
        summaries = work => summaries,
    };
    leadership.leave().await;
    meters.events.end(hook).await;
    if !arguments.once {
        log!(Main, Notice, "the daemon ends");
        return Ok(String::new());
    }
    // One broken module does not hide what the others did; all broken is a failure.
    if summaries.iter().all(Result::is_err)
        && let Some(failure) = summaries.pop().and_then(Result::err)
    {
        return Err(failure);
    }
    // Cron mails what is printed: without a terminal it is printed for programs that ask for it.
    if view.json || std::io::stdout().is_terminal() {
        return report::summary(view, &summaries);
    }
    Ok(String::new())
}

/// The modules and services that a run is about. A module without accounts costs one query.
async fn chosen(
    root: &Path,
    arguments: &Arguments,
) -> Result<(Vec<&'static Module>, Only), Failure> {
    let chosen = &arguments.chosen;
    let only = Only {
        account: chosen.account().map(AccountId),
        item: arguments.item.map(ItemId),
    };
    let finder = || BillManager::new(root.to_path_buf(), module::MODULES[0]);
    let name = match (only.account, only.item) {
        (Some(account), _) => finder().account(account).await?.module,
        (None, Some(item)) => finder().service(item).await?.module.unwrap_or_default(),
        (None, None) => return Ok((chosen.modules(), only)),
    };
    let module = module::by_name(&name)
        .filter(|module| chosen.has_module(module))
        .ok_or_else(|| Failure::field(Reason::ForeignModule, "--module").value(&name))?;
    Ok((vec![module], only))
}

/// What signals asked for.
#[derive(Debug, Default)]
struct Signals {
    stop: Cell<bool>,
    /// Settings were changed: the next pass begins at once, whatever pause the old ones set.
    renew: Cell<bool>,
}

/// What all passes of a run share.
struct Run<'a> {
    /// Held by the module that looks at all its services.
    looking: Mutex<()>,
    root: &'a Path,
    clock: &'a Clock,
    only: Only,
    signals: &'a Signals,
    meters: &'a Meters,
    leadership: &'a Leadership,
    services: &'a BTreeMap<&'static str, RefCell<Services>>,
    progress: Option<Progress>,
    /// The policy that was told last.
    subscription: Cell<Option<Subscription>>,
    /// Modules whose last pass had nothing to do, or that nobody uses.
    idle: RefCell<BTreeSet<&'static str>>,
}

impl Run<'_> {
    /// One pass over each module, all modules at the same time. Answers how long to wait for the next one,
    /// too: settings are read anew for each pass.
    async fn pass_over_all(
        &self,
        modules: &[&'static Module],
    ) -> (Vec<Result<Summary, Failure>>, Duration) {
        let summaries = RefCell::new(Vec::new());
        let platform = BillManager::new(self.root.to_path_buf(), module::MODULES[0]);
        let (limits, complaints) = Limits::read(|name| platform.option(name));
        let found = policy::in_force(&platform, self.subscription.get());
        let (subscription, more) = (found.subscription, found.complaints);
        if found.trouble.is_none() {
            self.subscription.set(Some(subscription));
            policy::remember(self.root, &subscription);
        }
        let remark = subscription.remark(self.clock.now().date_naive());
        for complaint in complaints.iter().chain(&more).chain(&remark) {
            log!(Main, Warning, "{complaint}");
        }
        let interval = Duration::from_secs(limits.interval.into());
        if self.root.join(DO_NOTHING).exists() {
            log!(Main, Warning, "{DO_NOTHING} exists: nothing is done");
            return (Vec::new(), interval);
        }
        let passes = modules.iter().map(|module| {
            let summaries = &summaries;
            async move {
                let summary = self.pass_over(module, subscription, limits).await;
                match &summary {
                    Ok(summary) => self.note(summary),
                    Err(failure) => log!(Main, Error, "{}: {}", module.name, failure.chain()),
                }
                summaries.borrow_mut().push(summary);
            }
        });
        all(passes).await;
        if let Some(progress) = &self.progress {
            progress.end(&mut std::io::stderr().lock());
        }
        (summaries.into_inner(), interval)
    }

    /// The line of a pass. Of those without work only the first one is worth a line: a pass is made every minute.
    fn note(&self, summary: &Summary) {
        let mut idle = self.idle.borrow_mut();
        if !summary.is_idle() {
            idle.remove(summary.module);
        } else if !idle.insert(summary.module) {
            return log!(Main, Debug, "{}", summary.line());
        }
        log!(Main, Notice, "{}", summary.line());
    }

    async fn pass_over(
        &self,
        module: &'static Module,
        subscription: Subscription,
        limits: Limits,
    ) -> Result<Summary, Failure> {
        let hands: Vec<BillManager> = (0..limits.workers)
            .map(|_| BillManager::new(self.root.to_path_buf(), module))
            .collect();
        // A module that nobody uses costs one query, and stands in nobody's way.
        let is_used = !hands[0].accounts_of(module.name).await?.is_empty();
        let lead = match is_used {
            true => self.leadership.take(module).await?,
            false => None,
        };
        let (Some(lead), Some(services)) = (lead, self.services.get(module.name)) else {
            hands[0].close().await;
            return Ok(self.stand_by(module, is_used));
        };
        let platforms: Vec<&dyn Platform> =
            hands.iter().map(|hand| hand as &dyn Platform).collect();
        let connect_options = commands::connect_options(platforms[0], self.root, module);
        let resolver = options::RESOLVER.get(|name| platforms[0].option(name));
        let proof_lookup = NetworkLookup::new(&connect_options, resolver);
        let connect = |account: &crate::platform::Account, meter: &Rc<Meter>| {
            let connect_options = ca::ConnectOptions {
                meter: Some(Rc::clone(meter)),
                ..connect_options.clone()
            };
            ca::connect(module.origin, &account.settings, &connect_options)
        };
        let progress = |done: usize, found: usize| {
            if let Some(progress) = &self.progress {
                progress.note(module.name, done, found, &mut std::io::stderr().lock());
            }
        };
        let pass = Pass::new(Parts {
            module,
            root: self.root,
            clock: self.clock,
            subscription,
            limits,
            proof_lookup: &proof_lookup,
            stop: &self.signals.stop,
            only: self.only,
            progress: &progress,
            connect: &connect,
            meters: self.meters,
            services,
            lead,
            looking: &self.looking,
        });
        let summary = pass.run(&platforms).await;
        for hand in &hands {
            hand.close().await;
        }
        summary
    }

    /// Nobody uses the module, or another daemon works on it.
    fn stand_by(&self, module: &'static Module, is_used: bool) -> Summary {
        let summary = Summary {
            module: module.name,
            ended_early: is_used.then_some(pass::STANDS_BY),
            ..Summary::default()
        };
        if !is_used {
            self.idle.borrow_mut().insert(module.name);
        }
        // A trace of this daemon, too: it stands by.
        let mut looks = Looks::load(self.root, module.name);
        looks.save(self.root, module.name);
        if let Some(services) = self.services.get(module.name) {
            services.replace(Services::new(looks));
        }
        summary
    }
}

/// What passes would look at.
async fn dry_run(
    root: &Path,
    clock: &Clock,
    modules: &[&'static Module],
    only: Only,
) -> Result<Vec<DryRunLine>, Failure> {
    let mut lines = Vec::new();
    for module in modules {
        let platform = BillManager::new(root.to_path_buf(), module);
        let (limits, _) = Limits::read(|name| platform.option(name));
        let subscription = policy::shown(&platform);
        let connect_options = commands::connect_options(&platform, root, module);
        let resolver = options::RESOLVER.get(|name| platform.option(name));
        let proof_lookup = NetworkLookup::new(&connect_options, resolver);
        let (stop, meters, looking) = (Cell::new(false), Meters::default(), Mutex::default());
        let connect = |_: &crate::platform::Account, _: &Rc<Meter>| {
            Err(Failure::new(Reason::Internal).detail(words!(
                "a dry run asks no vendor",
                "пробный запуск не обращается к поставщику"
            )))
        };
        let services = RefCell::new(Services::new(Looks::load(root, module.name)));
        let pass = Pass::new(Parts {
            module,
            root,
            clock,
            subscription,
            limits,
            proof_lookup: &proof_lookup,
            stop: &stop,
            only,
            progress: &|_, _| {},
            connect: &connect,
            meters: &meters,
            services: &services,
            lead: &AlwaysLeader,
            looking: &looking,
        });
        for work in pass.find(&platform).await? {
            let outcome = if work.awaited {
                DryRunOutcome::Awaited
            } else {
                let service = platform.service(work.item).await?;
                let can = super::plan::vendor(&platform, service.account, module).await?;
                replace::dry_run_outcome(&service, module, subscription, can, clock.now())
            };
            lines.push(DryRunLine {
                module,
                item: work.item,
                outcome,
            });
        }
    }
    Ok(lines)
}

/// Notes signals: asked to stop, the services at hand are finished; a hang-up reads `debug.conf` anew and
/// begins the next pass, which reads the options of `billmgr.conf`. Never ends.
async fn listen(signals: &Signals) {
    let streams = (
        signal(SignalKind::terminate()),
        signal(SignalKind::interrupt()),
        signal(SignalKind::hangup()),
    );
    let (Ok(mut terminate), Ok(mut interrupt), Ok(mut hangup)) = streams else {
        return std::future::pending().await;
    };
    loop {
        tokio::select! {
            _ = terminate.recv() => signals.stop.set(true),
            _ = interrupt.recv() => signals.stop.set(true),
            _ = hangup.recv() => {
                logging::reload();
                signals.renew.set(true);
                log!(Main, Notice, "settings are read anew");
            }
        }
        if signals.stop.get() {
            service::stopping();
            log!(Main, Notice, "stopping: services in progress are finished");
        }
    }
}

/// Waits between two passes, not longer than until told to stop or to use other settings.
async fn wait(signals: &Signals, interval: Duration) {
    let mut rest = spread(interval, std::process::id());
    while !rest.is_zero() && !signals.stop.get() && !signals.renew.take() {
        let step = rest.min(Duration::from_millis(200));
        sleep(step).await;
        rest -= step;
    }
}

/// A pause and up to a tenth more, by the process's number, so that nodes that started together do not stay
/// together.
fn spread(interval: Duration, process: u32) -> Duration {
    interval + interval.mul_f64(f64::from(process % 100) / 1000.0)
}

/// Runs futures at the same time to their end, in this thread.
async fn all<F: Future<Output = ()>>(futures: impl Iterator<Item = F>) {
    let mut open: Vec<Pin<Box<F>>> = futures.map(Box::pin).collect();
    poll_fn(|context| {
        open.retain_mut(|future| future.as_mut().poll(context).is_pending());
        if open.is_empty() {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
}
