//! The way to one vendor, step by step.

use std::net::IpAddr;
use std::time::Instant;

use chrono::{TimeDelta, Utc};

use super::probe;
use super::report::{Step, Verdict};
use super::words::*;
use crate::admin::output::View;
use crate::ca::http::{Url, base_address, proxy_address};
use crate::ca::{CertificateAuthority, ConnectOptions};
use crate::certificate::Certificate;
use crate::domain::{Clock, Settings};
use crate::failure::{Failure, FailureKind, Reason};
use crate::module::{HOST_ADDRESS, Module, Setting, Text};

/// A clock that is off by more than this is told.
const SKEW_NOTED: TimeDelta = TimeDelta::minutes(1);

/// A clock that is off by more than this breaks things.
const SKEW_BAD: TimeDelta = TimeDelta::minutes(10);

/// A vendor's own certificate that ends sooner than this is told.
const SERVER_CERTIFICATE_NEAR_END: TimeDelta = TimeDelta::days(7);

/// Value of an account's address setting that leaves the choice to the system.
const ANY_ADDRESS: &str = "auto";

/// The steps so far.
pub(super) struct Walk<'a> {
    view: &'a View,
    clock: &'a Clock,
    steps: Vec<Step>,
    began: Instant,
    /// The platform lets orders go to the account.
    active: bool,
}

impl<'a> Walk<'a> {
    /// At the beginning.
    pub(super) fn new(view: &'a View, clock: &'a Clock, active: bool) -> Self {
        Self {
            view,
            clock,
            steps: Vec::new(),
            began: Instant::now(),
            active,
        }
    }

    /// What was found.
    pub(super) fn steps(self) -> Vec<Step> {
        self.steps
    }

    /// Notes a step; its time is what passed since the one before.
    pub(super) fn say(
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

    /// All steps behind the settings.
    pub(super) async fn vendor(
        &mut self,
        authority: &dyn CertificateAuthority,
        module: &Module,
        settings: &Settings,
        connect_options: &ConnectOptions,
    ) {
        let there = match endpoint(authority, module, settings) {
            Some(url) => self.network(&url, settings, connect_options).await,
            None => {
                self.say(&NAME, Verdict::Skipped, self.view.say(&NOT_TOLD), None);
                true
            }
        };
        if !there {
            return self.skip(&[&CREDENTIALS, &ACCOUNT, &BALANCE]);
        }
        if let Err(failure) = authority.check().await {
            return self.refused(&failure);
        }
        self.say(&CREDENTIALS, Verdict::Good, self.view.say(&ACCEPTED), None);
        if self.active {
            self.say(&ACCOUNT, Verdict::Good, self.view.say(&OPEN), None);
        } else {
            let text = self.view.say(&SWITCHED_OFF);
            self.say(&ACCOUNT, Verdict::Look, text, Some(&DO_SWITCH_ON));
        }
        if !authority.abilities().balance {
            return self.say(&BALANCE, Verdict::Skipped, self.view.say(&NO_BALANCE), None);
        }
        match authority.balance().await {
            Ok(money) => {
                let text = format!("{money} {}", money.currency);
                let verdict = if money.minor > 0 {
                    Verdict::Good
                } else {
                    Verdict::Look
                };
                self.say(&BALANCE, verdict, text, Some(&DO_TOP_UP));
            }
            Err(failure) => {
                let text = self.view.failure(&failure);
                self.say(&BALANCE, Verdict::Look, text, Some(&DO_LATER));
            }
        }
    }

    /// The vendor's no belongs to the step it is about.
    fn refused(&mut self, failure: &Failure) {
        let text = self.view.failure(failure);
        let (step, remedy) = blamed(failure);
        if *step == ACCOUNT {
            self.say(&CREDENTIALS, Verdict::Good, self.view.say(&ACCEPTED), None);
            self.say(&ACCOUNT, Verdict::Bad, text, Some(remedy));
            return self.skip(&[&BALANCE]);
        }
        self.say(&CREDENTIALS, Verdict::Bad, text, Some(remedy));
        self.skip(&[&ACCOUNT, &BALANCE]);
    }

    /// Name, connection, source, TLS, clock. Whether it is worth going on.
    async fn network(
        &mut self,
        url: &Url,
        settings: &Settings,
        connect_options: &ConnectOptions,
    ) -> bool {
        let rest = [&CONNECTION, &SOURCE, &TLS, &CLOCK];
        let proxy = connect_options.proxy.as_deref().and_then(proxy_address);
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
        let stream = match probe::connect(&addresses, local, connect_options.timeouts.connect).await
        {
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
        self.encryption(stream, url, connect_options)
    }

    fn encryption(
        &mut self,
        mut stream: std::net::TcpStream,
        url: &Url,
        connect_options: &ConnectOptions,
    ) -> bool {
        if url.scheme() == "http" {
            self.say(&TLS, Verdict::Skipped, self.view.say(&PLAIN_HTTP), None);
            let date = probe::head(&mut stream, url).ok().flatten();
            self.clock(date);
            return true;
        }
        match probe::secure(stream, url, connect_options.extra_roots.as_deref()) {
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

    /// Compares the clock by which everything here is decided.
    fn clock(&mut self, theirs: Option<chrono::DateTime<Utc>>) {
        let Some(theirs) = theirs else {
            return self.say(&CLOCK, Verdict::Skipped, self.view.say(&NO_DATE), None);
        };
        let (verdict, seconds) = skew(self.clock.now() - theirs);
        let word = if seconds < 0 { BEHIND } else { AHEAD };
        let text = format!("{} {}", seconds.abs(), self.view.say(&word));
        self.say(&CLOCK, verdict, text, Some(&DO_CLOCK));
    }
}

/// Which step a refused check belongs to, and what to do. Pure.
fn blamed(failure: &Failure) -> (&'static Text, &'static Text) {
    match (failure.reason(), failure.kind()) {
        (Reason::AccountLocked | Reason::TwoFactorOn | Reason::NoAccess, _) => {
            (&ACCOUNT, &DO_ACCOUNT)
        }
        (Reason::AddressNotAllowed, _) => (&CREDENTIALS, &DO_ALLOW),
        (_, FailureKind::Auth) => (&CREDENTIALS, &DO_CREDENTIALS),
        (_, FailureKind::Input) => (&CREDENTIALS, &DO_SETTINGS),
        _ => (&CREDENTIALS, &DO_LATER),
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
        let (own, other) = (Setting::url(), Setting::api_address());
        let placeholder = module.setting(own.name).map(|setting| setting.placeholder);
        let text = [other.name, own.name]
            .into_iter()
            .find_map(|name| settings.text(name))
            .or(placeholder.filter(|text| !text.is_empty()))?;
        base_address(text, own.name).ok()
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
    fn a_refusal_belongs_to_the_step_it_is_about() {
        for (reason, step, remedy) in [
            (Reason::BadCredentials, &CREDENTIALS, &DO_CREDENTIALS),
            (Reason::AddressNotAllowed, &CREDENTIALS, &DO_ALLOW),
            (Reason::AccountLocked, &ACCOUNT, &DO_ACCOUNT),
            (Reason::TwoFactorOn, &ACCOUNT, &DO_ACCOUNT),
            (Reason::NoAccess, &ACCOUNT, &DO_ACCOUNT),
            (Reason::Invalid, &CREDENTIALS, &DO_SETTINGS),
            (Reason::VendorTrouble, &CREDENTIALS, &DO_LATER),
        ] {
            assert_eq!(blamed(&Failure::new(reason)), (step, remedy), "{reason:?}");
        }
    }
}
