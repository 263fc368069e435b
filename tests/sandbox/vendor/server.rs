//! A vendor on a loopback port, with a request log and faults.

use std::collections::BTreeSet;
use std::io;
use std::net::{Shutdown, SocketAddr};
use std::os::fd::OwnedFd;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use chrono::{DateTime, Utc};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::buyer::{Ends, Listener};
use super::fault::FaultTable;
use super::strike::strike;
use super::tls::{Identity, Presented};
use super::wire::{Connection, Script};
use super::{Fault, Home, Vendor, VendorRequest, lock};

/// Where a redirect fault sends the client.
pub(super) const REDIRECTED: &str = "/redirected";

/// A request of the log. Holds secrets: the log exists to prove where they went.
#[derive(Debug, Clone)]
pub struct LoggedRequest {
    /// Number, from 1.
    pub sequence: u64,
    /// Number of the TCP connection, from 1.
    pub connection: u64,
    /// Real time of arrival.
    pub at: DateTime<Utc>,
    /// The vendor's name of the call.
    pub call: String,
    /// The request.
    pub request: VendorRequest,
    /// The fault it met.
    pub fault: Option<Fault>,
}

/// A running vendor. Dropping it closes the port.
pub struct VendorServer {
    pub(super) shared: Arc<Shared>,
    address: SocketAddr,
    acceptor: JoinHandle<()>,
    _home: Arc<Home>,
}

pub(super) struct Shared {
    pub(super) vendor: Arc<dyn Vendor>,
    log: Mutex<Vec<LoggedRequest>>,
    faults: Mutex<FaultTable>,
    pub(super) down: watch::Sender<bool>,
    pub(super) listening: AtomicBool,
    connections: AtomicU64,
    pub(super) drip_pause: Mutex<Duration>,
    /// Seconds in `Retry-After`.
    pub(super) retry_after: AtomicU64,
    /// What the port shows who speaks TLS to it; `None`: plain HTTP.
    presented: Mutex<Option<Presented>>,
    /// A port where nobody listens and nobody may come: redirects to elsewhere lead here.
    pub(super) elsewhere: std::net::TcpListener,
    /// Told before a call is handled and before its answer leaves; may keep a call from arriving.
    observer: Mutex<Option<Observer>>,
    /// Requests that have not come to the vendor yet, their clients gone.
    pub(super) underway: Mutex<Vec<VendorRequest>>,
    /// How often what was on its way was let through.
    pub(super) deliveries: watch::Sender<u32>,
    /// Names of calls that sold something, while somebody wants to know.
    selling: Mutex<Option<BTreeSet<String>>>,
    /// The vendor itself broke; a client cannot tell that from a reset, so it must not go unnoticed.
    pub(super) broken: AtomicBool,
    /// Held while the vendor handles a request.
    pub(super) turn: Mutex<()>,
    /// Told of each sale and its buyer.
    pub(super) listeners: Mutex<Vec<Listener>>,
}

/// A connection.
#[derive(Debug, Clone, Copy)]
struct Caller {
    /// Its number, from 1.
    number: u64,
    ends: Option<Ends>,
}

type Observer = Arc<dyn Fn(Moment, &str) -> bool + Send + Sync>;

/// Where a call stands when an observer hears of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// It has arrived and takes effect next.
    Before,
    /// It has taken effect; the answer has not left.
    After,
}

impl VendorServer {
    /// Starts at an address of its own.
    pub fn start(vendor: Arc<dyn Vendor>) -> Self {
        Self::start_at(vendor, &Arc::new(Home::new()))
    }

    /// Starts at an address, on the runtime that all simulated vendors of this process share.
    pub fn start_at(vendor: Arc<dyn Vendor>, home: &Arc<Home>) -> Self {
        static RUNTIME: OnceLock<tokio::runtime::Runtime> = OnceLock::new();
        let runtime = RUNTIME.get_or_init(|| {
            tokio::runtime::Builder::new_multi_thread()
                .worker_threads(2)
                .thread_name("vendors")
                .enable_all()
                .build()
                .expect("a runtime for the vendors")
        });
        let guard = runtime.enter();
        let place = share(home.any_port()).expect("a loopback port");
        let address = place.local_addr().expect("the vendor's address");
        let listener = listen(address).expect("the vendor's own port");
        drop(guard);
        let elsewhere = std::net::TcpListener::bind(home.any_port())
            .and_then(|listener| listener.set_nonblocking(true).map(|()| listener))
            .expect("a port elsewhere");
        let shared = Arc::new(Shared {
            vendor,
            log: Mutex::default(),
            faults: Mutex::default(),
            down: watch::Sender::new(false),
            listening: AtomicBool::new(true),
            connections: AtomicU64::new(0),
            drip_pause: Mutex::new(Duration::from_millis(50)),
            retry_after: AtomicU64::new(1),
            presented: Mutex::default(),
            elsewhere,
            observer: Mutex::default(),
            underway: Mutex::default(),
            deliveries: watch::Sender::new(0),
            selling: Mutex::default(),
            broken: AtomicBool::new(false),
            turn: Mutex::default(),
            listeners: Mutex::default(),
        });
        let acceptor = runtime.spawn(accept(Arc::clone(&shared), listener, place));
        Self {
            shared,
            address,
            acceptor,
            _home: Arc::clone(home),
        }
    }

    /// Has a function told before each call is handled and before its answer leaves. With `false` before a
    /// call, the call has never arrived.
    pub fn observe(&self, observer: impl Fn(Moment, &str) -> bool + Send + Sync + 'static) {
        *lock(&self.shared.observer) = Some(Arc::new(observer));
    }

    /// Begins to note which calls sell something.
    pub fn note_selling(&self) {
        *lock(&self.shared.selling) = Some(BTreeSet::new());
    }

    /// Ends noting: the names of the calls that sold something.
    pub fn selling(&self) -> BTreeSet<String> {
        lock(&self.shared.selling).take().unwrap_or_default()
    }

    /// Scheme, host and port, without a slash at the end.
    pub fn url(&self) -> String {
        let scheme = match *lock(&self.shared.presented) {
            Some(_) => "https",
            None => "http",
        };
        format!("{scheme}://{}", self.address)
    }

    /// From now on the port speaks TLS and shows this certificate to new connections.
    pub fn show(&self, identity: Identity) {
        *lock(&self.shared.presented) = Some(Presented::now(identity, self.address.ip()));
    }

    /// The same, but the good certificate is shown until so many requests were answered.
    pub fn show_after(&self, requests: usize, identity: Identity) {
        let presented = Presented::after(requests, identity, self.address.ip());
        *lock(&self.shared.presented) = Some(presented);
    }

    /// The address.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The vendor behind the port.
    pub fn vendor(&self) -> &Arc<dyn Vendor> {
        &self.shared.vendor
    }

    /// All requests so far.
    pub fn requests(&self) -> Vec<LoggedRequest> {
        lock(&self.shared.log).clone()
    }

    /// The requests of one call.
    pub fn requests_of(&self, call: &str) -> Vec<LoggedRequest> {
        let mut requests = self.requests();
        requests.retain(|request| request.call == call);
        requests
    }

    /// How often a call arrived, whatever became of it.
    pub fn hits(&self, call: &str) -> usize {
        lock(&self.shared.log)
            .iter()
            .filter(|request| request.call == call)
            .count()
    }

    /// Empties the request log.
    pub fn forget_requests(&self) {
        lock(&self.shared.log).clear();
    }

    /// Lets the next `times` calls of that name (or `*`) meet a fault.
    pub fn set_fault(&self, call: &str, fault: Fault, times: u32) {
        self.set_fault_after(call, fault, 0, times);
    }

    /// The same after `skip` matching calls have gone through.
    pub fn set_fault_after(&self, call: &str, fault: Fault, skip: u32, times: u32) {
        if fault == Fault::Refuse && call == "*" {
            self.go_down();
            return;
        }
        lock(&self.shared.faults).add(call, fault, skip, times);
    }

    /// Lets everything through that was on its way: requests whose clients have gone, answers that are waited for.
    /// How many requests came.
    pub fn deliver(&self) -> usize {
        let underway = std::mem::take(&mut *lock(&self.shared.underway));
        for request in &underway {
            self.shared.handle(request, None);
        }
        self.shared.deliveries.send_modify(|count| *count += 1);
        underway.len()
    }

    /// Forgets all faults and opens a closed port again. What is on its way stays there.
    pub fn clear_faults(&self) {
        lock(&self.shared.faults).clear();
        self.come_up();
    }

    /// Closes the port: connecting is refused, standing connections are reset at their next request.
    pub fn go_down(&self) {
        self.shared.down.send_replace(true);
        self.wait_until_listening(false);
    }

    /// Opens the port again.
    pub fn come_up(&self) {
        self.shared.down.send_replace(false);
        self.wait_until_listening(true);
    }

    /// Pause between the sixteen pieces of a slow answer; 50 ms unless told otherwise.
    pub fn set_drip_pause(&self, pause: Duration) {
        *lock(&self.shared.drip_pause) = pause;
    }

    /// What a busy vendor asks for; 1 second unless told otherwise.
    pub fn set_retry_after(&self, seconds: u64) {
        self.shared.retry_after.store(seconds, Ordering::SeqCst);
    }

    fn wait_until_listening(&self, wanted: bool) {
        for _ in 0..2000 {
            if self.shared.listening.load(Ordering::SeqCst) == wanted {
                return;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        panic!("the port of {} does not obey", self.shared.vendor.name());
    }
}

impl Drop for VendorServer {
    fn drop(&mut self) {
        self.acceptor.abort();
        if self.shared.elsewhere.accept().is_ok() && !std::thread::panicking() {
            panic!(
                "a redirect of {} was followed to another host",
                self.shared.vendor.name()
            );
        }
        if self.shared.broken.load(Ordering::SeqCst) && !std::thread::panicking() {
            panic!("the simulator of {} broke", self.shared.vendor.name());
        }
    }
}

/// `place` is bound to the vendor's port and never listens: it keeps the port from being taken while the
/// vendor is down.
async fn accept(shared: Arc<Shared>, mut listener: TcpListener, place: TcpSocket) {
    let mut down = shared.down.subscribe();
    loop {
        if *down.borrow_and_update() {
            stop(listener);
            shared.listening.store(false, Ordering::SeqCst);
            let _ = down.wait_for(|down| !down).await;
            let address = place.local_addr().expect("the vendor's address");
            listener = listen(address).expect("the vendor's own port");
            shared.listening.store(true, Ordering::SeqCst);
            continue;
        }
        tokio::select! {
            accepted = listener.accept() => {
                if let Ok((stream, client)) = accepted {
                    tokio::spawn(converse(Arc::clone(&shared), stream, client));
                }
            }
            changed = down.changed() => {
                if changed.is_err() {
                    return;
                }
            }
        }
    }
}

/// Shut down, not only closed: a process that is just being started has a copy for a moment, in which a client would
/// be let in and cut off instead of refused.
fn stop(listener: TcpListener) {
    let socket = listener.into_std().map(OwnedFd::from);
    let _ = socket.map(|socket| std::net::TcpStream::from(socket).shutdown(Shutdown::Read));
}

/// A socket that shares its port with others of this program.
fn share(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.set_reuseport(true)?;
    socket.bind(address)?;
    Ok(socket)
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    share(address)?.listen(1024)
}

async fn converse(shared: Arc<Shared>, stream: TcpStream, client: SocketAddr) {
    let number = shared.connections.fetch_add(1, Ordering::SeqCst) + 1;
    let vendor = stream.local_addr().ok();
    let ends = vendor.map(|vendor| Ends { client, vendor });
    let caller = Caller { number, ends };
    let reset = Arc::new(AtomicBool::new(false));
    let connection = Connection::new(stream, Arc::clone(&reset));
    let tls = lock(&shared.presented).as_ref().map(Presented::acceptor);
    let Some(tls) = tls else {
        return speak(shared, reset, caller, connection).await;
    };
    // A client that does not like the certificate goes away here.
    if let Ok(connection) = tls.accept(connection).await {
        speak(shared, reset, caller, connection).await;
    }
}

async fn speak<C>(shared: Arc<Shared>, reset: Arc<AtomicBool>, caller: Caller, connection: C)
where
    C: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + 'static,
{
    let service = service_fn(move |request| {
        let (shared, reset) = (Arc::clone(&shared), Arc::clone(&reset));
        async move { answer(&shared, &reset, caller, request).await }
    });
    // A broken conversation is what the faults are for; the client's view of it is what counts.
    let _ = hyper::server::conn::http1::Builder::new()
        .serve_connection(TokioIo::new(connection), service)
        .await;
}

async fn answer(
    shared: &Arc<Shared>,
    reset: &AtomicBool,
    caller: Caller,
    request: Request<Incoming>,
) -> Result<Response<Script>, io::Error> {
    let (head, body) = request.into_parts();
    let path = head.uri.path();
    let request = VendorRequest {
        method: head.method.as_str().to_owned(),
        path: path.strip_prefix(REDIRECTED).unwrap_or(path).to_owned(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        headers: head
            .headers
            .iter()
            .map(|(name, value)| {
                let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
                (name.as_str().to_owned(), value)
            })
            .collect(),
        body: body
            .collect()
            .await
            .map_err(io::Error::other)?
            .to_bytes()
            .to_vec(),
    };
    let call = shared.vendor.call_name(&request);
    let observer = lock(&shared.observer).clone();
    let tell = |moment| {
        let observer = observer.as_ref();
        observer.is_none_or(|observer| observer(moment, &call))
    };
    if !tell(Moment::Before) {
        return Err(io::Error::from(io::ErrorKind::ConnectionReset));
    }
    let fault = if *shared.down.borrow() {
        Some(Fault::Refuse)
    } else {
        lock(&shared.faults).take(&call)
    };
    {
        let mut log = lock(&shared.log);
        let sequence = log.last().map_or(1, |last| last.sequence + 1);
        log.push(LoggedRequest {
            sequence,
            connection: caller.number,
            at: Utc::now(),
            call: call.clone(),
            request: request.clone(),
            fault,
        });
    }
    let before = shared.vendor.sold();
    let answer = strike(shared, reset, &request, caller.ends, fault).await;
    if shared.vendor.sold() > before
        && let Some(selling) = lock(&shared.selling).as_mut()
    {
        selling.insert(call.clone());
    }
    tell(Moment::After);
    let mut answer = answer?;
    let now = shared.vendor.clock().now();
    let date = now.format("%a, %d %b %Y %H:%M:%S GMT").to_string();
    let date = date.parse().map_err(io::Error::other)?;
    answer.headers_mut().insert("date", date);
    let presented = &shared.presented;
    if lock(presented).as_mut().is_some_and(Presented::count) {
        // The next call has to connect anew and sees the other certificate.
        return Ok(closing(answer));
    }
    Ok(answer)
}

fn closing(mut answer: Response<Script>) -> Response<Script> {
    let close = hyper::header::HeaderValue::from_static("close");
    answer.headers_mut().insert("connection", close);
    answer
}
