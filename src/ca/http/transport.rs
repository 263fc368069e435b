//! Clients and single exchanges: TLS set-up, time-outs, reading of bodies.

use std::net::IpAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use reqwest::{Client, Proxy, Response, Url};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;

use super::room::{LARGE, Room};
use super::{
    BODY_CAP, Reply, Request, SendClass, SendFailure, Trouble, cause, heard, secure, unserved,
};
use crate::ca::{ConnectOptions, Timeouts};
use crate::domain::options;
use crate::domain::text::Words;
use crate::failure::{Failure, Reason};
use crate::regular;

/// Sent with every request, so that a vendor can tell whose requests they are.
const USER_AGENT: &str = concat!("pmssl/", env!("CARGO_PKG_VERSION"));

/// Two clients over one TLS set-up, each made when it is first needed. Their common memory of sessions
/// lets a paid call's own connection continue the session of the reads before it: no second look at the
/// vendor's chain, no second signature. Data before the handshake's end (0-RTT) stays off, as by default:
/// it can be replayed.
pub(super) struct Transport {
    timeouts: Timeouts,
    extra_roots: Vec<CertificateDer<'static>>,
    proxy: Option<Proxy>,
    local_address: Option<IpAddr>,
    tls: OnceLock<rustls::ClientConfig>,
    read: OnceLock<Client>,
    once: OnceLock<Client>,
}

impl Transport {
    pub(super) fn new(
        options: &ConnectOptions,
        local_address: Option<IpAddr>,
    ) -> Result<Self, Failure> {
        let extra_roots = match &options.extra_roots {
            Some(path) => read_roots(path)?,
            None => Vec::new(),
        };
        let proxy = options.proxy.as_deref().map(proxy).transpose()?;
        Ok(Self {
            timeouts: options.timeouts,
            extra_roots,
            proxy,
            local_address,
            tls: OnceLock::new(),
            read: OnceLock::new(),
            once: OnceLock::new(),
        })
    }

    pub(super) fn timeouts(&self) -> &Timeouts {
        &self.timeouts
    }

    /// One exchange. Errors are told by whether a byte of the request may have left.
    pub(super) async fn exchange(
        &self,
        request: &Request,
    ) -> Result<Reply, (Trouble, SendFailure)> {
        let operation = request.operation;
        #[cfg(any(test, fuzzing))]
        if let Some(reply) = super::canned::next() {
            return Ok(reply);
        }
        let client = self.client(request.class).map_err(|error| {
            let text = words!(
                "{operation}: no connection can be made: {error}",
                "{operation}: соединение невозможно: {error}"
            );
            (Trouble::NotSent, SendFailure::NotSent(text))
        })?;
        let total = match request.class {
            SendClass::Read => self.timeouts.read,
            SendClass::Once => self.timeouts.once,
        };
        let mut builder = client
            .request(request.method.clone(), request.url.clone())
            .timeout(total);
        for (name, value) in &request.headers {
            builder = builder.header(*name, value);
        }
        if let Some(body) = &request.body {
            builder = builder.body(body.clone());
        }
        let response = builder
            .send()
            .await
            .map_err(|error| classify(operation, error))?;
        // What must arrive once waits for nothing.
        let limit = (request.class == SendClass::Read).then_some(total);
        read_reply(operation, response, limit).await
    }

    fn client(&self, class: SendClass) -> Result<&Client, String> {
        let cell = match class {
            SendClass::Read => &self.read,
            SendClass::Once => &self.once,
        };
        if let Some(client) = cell.get() {
            return Ok(client);
        }
        let client = self.build(class)?;
        Ok(cell.get_or_init(|| client))
    }

    fn build(&self, class: SendClass) -> Result<Client, String> {
        let mut builder = Client::builder()
            .tls_backend_preconfigured(self.tls()?.clone())
            .user_agent(USER_AGENT)
            .http1_only()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .connect_timeout(self.timeouts.connect)
            .local_address(self.local_address);
        if class == SendClass::Once {
            // The library silently repeats a request that meets a closed idle connection; a fresh
            // connection is never repeated.
            builder = builder.pool_max_idle_per_host(0);
        }
        if let Some(proxy) = &self.proxy {
            builder = builder.proxy(proxy.clone());
        }
        builder
            .build()
            .map_err(|error| innermost(&error.without_url()))
    }

    fn tls(&self) -> Result<&rustls::ClientConfig, String> {
        if let Some(tls) = self.tls.get() {
            return Ok(tls);
        }
        let tls = self.new_tls()?;
        Ok(self.tls.get_or_init(|| tls))
    }

    /// TLS 1.2 and 1.3 with the built-in roots and the administrator's own.
    fn new_tls(&self) -> Result<rustls::ClientConfig, String> {
        let mut roots = rustls::RootCertStore {
            roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
        };
        let (_, unusable) = roots.add_parsable_certificates(self.extra_roots.iter().cloned());
        if unusable > 0 {
            return Err(format!(
                "{unusable} of the additional root certificates cannot be used"
            ));
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(config)
    }
}

/// The way of all requests. The library would go past a proxy whose scheme it does not know: what is not
/// understood stops everything.
fn proxy(text: &str) -> Result<Proxy, Failure> {
    let refused = || {
        // Credentials stay out.
        let shown = text.rsplit_once('@').map_or_else(
            || text.to_owned(),
            |(_, host)| format!("{}@{host}", crate::logging::MASK),
        );
        Failure::field(Reason::Invalid, options::PROXY.name)
            .value(shown)
            .detail(words!("An address such as http://proxy.example.com:3128 is needed in billmgr.conf. Nothing was sent", "Нужен адрес вида http://proxy.example.com:3128 в billmgr.conf. Ничего не отправлено"))
    };
    let url = proxy_address(text).ok_or_else(refused)?;
    Proxy::all(url).map_err(|_| refused())
}

/// The address of a proxy as `SSLProxy` gives it; without a scheme it is http.
pub(crate) fn proxy_address(text: &str) -> Option<Url> {
    let whole = if text.contains("://") {
        text.to_owned()
    } else {
        format!("http://{text}")
    };
    Url::parse(&whole)
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

/// The administrator's own root certificates. A failure names the option, which is what can be corrected.
fn read_roots(path: &std::path::Path) -> Result<Vec<CertificateDer<'static>>, Failure> {
    let failure = |why: Words| {
        let option = options::CA_FILE.name;
        Failure::field(Reason::PlatformFile, path.display().to_string()).detail(words!(
            "{why} (option {option} in billmgr.conf: correct it or the file)",
            "{why} (параметр {option} в billmgr.conf: исправьте его или файл)"; why
        ))
    };
    let pem =
        regular::read(path, regular::ROOTS).map_err(|error| failure(regular::told(&error)))?;
    let roots: Vec<_> = CertificateDer::pem_slice_iter(&pem)
        .collect::<Result<_, _>>()
        .map_err(|error| failure(Words::verbatim(error)))?;
    if roots.is_empty() {
        return Err(failure(words!(
            "no certificate in it",
            "в нём нет сертификатов"
        )));
    }
    Ok(roots)
}

/// Reads the body to its end, up to the cap. With a limit a large one waits so long for its room in memory.
async fn read_reply(
    operation: &'static str,
    mut response: Response,
    limit: Option<Duration>,
) -> Result<Reply, (Trouble, SendFailure)> {
    let header = |name: &str| {
        let value = response.headers().get(name)?.to_str().ok()?;
        Some(value.to_owned())
    };
    let content_type = header("content-type");
    let date = header("date").and_then(|value| heard::date(&value));
    let retry_after = header("retry-after").and_then(|value| heard::pause(&value, date));
    let location = header("location").and_then(|value| unserved::target(response.url(), &value));
    let status = response.status().as_u16();
    let (mut body, mut room) = (Vec::new(), Room::default());
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if body.len() + chunk.len() > BODY_CAP => {
                let text = words!(
                    "{operation}: the answer is larger than {BODY_CAP} bytes",
                    "{operation}: ответ больше {BODY_CAP} байт"
                );
                return Err((Trouble::TooLarge, SendFailure::Lost(text)));
            }
            Ok(Some(chunk)) => {
                if let Some(limit) = limit.filter(|_| body.len() + chunk.len() > LARGE)
                    && !room.is_taken()
                {
                    room = Room::take(limit).await.ok_or_else(|| {
                        let text = words!(
                            "{operation}: other large answers were read for too long",
                            "{operation}: слишком долго читались другие большие ответы"
                        );
                        (Trouble::NoRoom, SendFailure::Lost(text))
                    })?;
                }
                body.extend_from_slice(&chunk);
            }
            Ok(None) => break,
            Err(error) => {
                let (trouble, cause) = describe(operation, error);
                let text = words!(
                    "{operation}: the answer (status {status}) broke off after {} bytes: {cause}", "{operation}: ответ (статус {status}) оборвался после {} байт: {cause}",
                    body.len(); cause
                );
                return Err((trouble, SendFailure::Lost(text)));
            }
        }
    }
    Ok(Reply {
        status,
        content_type,
        body,
        retry_after,
        date,
        location,
        room,
    })
}

fn classify(operation: &'static str, error: reqwest::Error) -> (Trouble, SendFailure) {
    // `is_connect` covers name resolution, TCP, the proxy's tunnel and the TLS handshake;
    // `is_builder` a request that could not even be put together.
    if error.is_connect() || error.is_builder() {
        if let Some(trouble) = secure::trouble(&error) {
            let text = trouble.about(operation);
            return (Trouble::NotSent, SendFailure::Insecure(text));
        }
        let (_, cause) = describe(operation, error);
        let text = words!("{operation}: no connection: {cause}", "{operation}: нет соединения: {cause}"; cause);
        return (Trouble::NotSent, SendFailure::NotSent(text));
    }
    // With TLS 1.3 a server may end the handshake when the request is on its way already: what it says tells why, not
    // that nothing arrived.
    let alert = secure::trouble(&error);
    let (trouble, cause) = describe(operation, error);
    let cause = alert.unwrap_or(cause);
    let text = words!("{operation}: no answer: {cause}", "{operation}: нет ответа: {cause}"; cause);
    (trouble, SendFailure::Lost(text))
}

/// Kind and cause of an error, without its address.
fn describe(operation: &str, error: reqwest::Error) -> (Trouble, Words) {
    let error = error.without_url();
    if error.is_timeout() {
        return (
            Trouble::TimedOut,
            words!("timed out", "время ожидания истекло"),
        );
    }
    (Trouble::Broken, cause::told(operation, &error))
}

/// The deepest cause: the outer ones only say "error sending request".
fn innermost(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}
