//! Whether a proof of domain control can be seen from this machine: only then a vendor is asked to look
//! now. What cannot be seen is not asked for; the vendor looks by itself all the same.

use std::time::Duration;

use async_trait::async_trait;

use crate::ca::http::{Http, Method, Request, SendClass, Url};
use crate::ca::{Reach, Timeouts, ValidationTask};
use crate::dns::{Record, Resolver};
use crate::domain::Answer;

/// Longest wait for one answer.
const LIMIT: Duration = Duration::from_secs(3);

/// Sees published proofs.
#[async_trait(?Send)]
pub(super) trait Eye {
    /// Whether the proof is in place.
    async fn sees(&self, task: &ValidationTask) -> bool;
}

/// Looks over the network.
pub(super) struct NetworkEye {
    resolver: Resolver,
    http: Option<Http>,
}

impl NetworkEye {
    /// Uses the resolver that the option names, or this machine's, and the way out to vendors.
    pub(super) fn new(reach: &Reach, resolver: Option<String>) -> Self {
        let reach = Reach {
            timeouts: Timeouts {
                connect: LIMIT,
                read: LIMIT,
                pause: Duration::from_millis(100),
                ..reach.timeouts
            },
            ..reach.clone()
        };
        Self {
            resolver: Resolver::new(resolver, LIMIT),
            http: Http::new(&reach, None).ok(),
        }
    }

    async fn file(&self, url: &str, content: &str) -> bool {
        let (Some(http), Ok(url)) = (&self.http, Url::parse(url)) else {
            return false;
        };
        let request = Request {
            operation: "proof file",
            method: Method::GET,
            url,
            headers: Vec::new(),
            body: None,
            class: SendClass::Read,
        };
        let Ok(reply) = http.send(request).await else {
            return false;
        };
        let lines =
            |text: &str| -> Vec<String> { text.split_whitespace().map(str::to_owned).collect() };
        reply.is_success() && lines(&reply.text()) == lines(content)
    }

    async fn record(&self, name: &str, kind: Record, value: &str) -> bool {
        let Answer::Found(values) = self.resolver.texts(name, kind).await else {
            return false;
        };
        let plain = |text: &str| text.trim_end_matches('.').to_ascii_lowercase();
        values.iter().any(|found| match kind {
            Record::Cname => plain(found) == plain(value),
            Record::Txt => found == value,
        })
    }
}

#[async_trait(?Send)]
impl Eye for NetworkEye {
    async fn sees(&self, task: &ValidationTask) -> bool {
        match task {
            ValidationTask::Email(_) => false,
            ValidationTask::File { url, content } => self.file(url, content).await,
            ValidationTask::Cname { name, value } => self.record(name, Record::Cname, value).await,
            ValidationTask::Txt { name, value } => self.record(name, Record::Txt, value).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pmssl_sandbox::dns::{Record as Published, Server};

    #[tokio::test]
    async fn a_record_is_seen_when_it_is_published() {
        let server = Server::start();
        server.publish(
            "_p.example.com",
            Published::Cname("X.example.com".to_owned()),
        );
        server.publish("_t.example.com", Published::Txt("one-two".to_owned()));
        let eye = NetworkEye {
            resolver: Resolver::new(Some(server.place()), LIMIT),
            http: None,
        };
        let cname = |value: &str| ValidationTask::Cname {
            name: "_p.example.com".into(),
            value: value.into(),
        };
        let txt = |name: &str, value: &str| ValidationTask::Txt {
            name: name.into(),
            value: value.into(),
        };
        assert!(eye.sees(&cname("x.example.com.")).await);
        assert!(!eye.sees(&cname("y.example.com")).await);
        assert!(eye.sees(&txt("_t.example.com", "one-two")).await);
        assert!(!eye.sees(&txt("_t.example.com", "one")).await);
        assert!(!eye.sees(&txt("_none.example.com", "one-two")).await);
        assert!(!eye.sees(&txt("a..b", "one-two")).await);
        let mail = ValidationTask::Email("a@example.com".into());
        assert!(!eye.sees(&mail).await);
    }
}
