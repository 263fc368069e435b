//! What the service manager is told (`sd_notify`, `Type=notify` of the shipped unit): ready, what the last pass came to,
//! alive, reading settings, ending. Without one nothing is sent.

use std::time::Duration;

use sd_notify::NotifyState;

use super::pass::Summary;
use crate::failure::Failure;
use crate::log;

/// The daemon can work: the installation is there, and it heeds signals.
pub(super) fn ready() {
    tell(&[
        NotifyState::Ready,
        NotifyState::Status("the first pass is under way"),
    ]);
}

/// What the last pass over all modules came to.
pub(super) fn passed(summaries: &[Result<Summary, Failure>]) {
    tell(&[NotifyState::Status(&status(summaries))]);
}

/// It ends when the services at hand are finished.
pub(super) fn stopping() {
    tell(&[
        NotifyState::Stopping,
        NotifyState::Status("the services at hand are finished"),
    ]);
}

/// Says that the daemon is alive, twice in the time after which the service manager restarts it. Never ends.
pub(super) async fn keep_alive() {
    let Some(limit) = sd_notify::watchdog_enabled() else {
        return std::future::pending().await;
    };
    let pause = (limit / 2).max(Duration::from_millis(1));
    loop {
        tell(&[NotifyState::Watchdog]);
        tokio::time::sleep(pause).await;
    }
}

fn status(summaries: &[Result<Summary, Failure>]) -> String {
    let (mut found, mut calls, mut failed_calls, mut broken) = (0, 0, 0, 0);
    for summary in summaries {
        match summary {
            Ok(summary) => {
                found += summary.found;
                calls += summary.calls;
                failed_calls += summary.failed_calls;
            }
            Err(_) => broken += 1,
        }
    }
    let modules = match broken {
        0 => String::new(),
        broken => format!("; modules that failed: {broken}, see var/pmssl.log"),
    };
    format!("last pass: {found} services due, {calls} vendor calls, {failed_calls} failed{modules}")
}

fn tell(state: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(state) {
        log!(Main, Warning, "the service manager is not told: {error}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::Reason;

    #[test]
    fn the_status_sums_all_modules_up() {
        let summary = Summary {
            module: "pmthesslstore",
            found: 2,
            calls: 5,
            failed_calls: 1,
            ..Summary::default()
        };
        assert_eq!(
            status(&[Ok(summary.clone()), Ok(summary.clone())]),
            "last pass: 4 services due, 10 vendor calls, 2 failed"
        );
        let broken = status(&[Ok(summary), Err(Failure::new(Reason::Database))]);
        assert!(broken.ends_with("; modules that failed: 1, see var/pmssl.log"));
    }
}
