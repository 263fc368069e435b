//! A vendor on a loopback port, with a request log and faults.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::fault::{FaultTable, maintenance_page, unavailable_page, with_wrong_types};
use super::wire::{Connection, Script, Step};
use super::{Fault, Vendor, VendorRequest, VendorResponse, lock};

/// Where a redirect fault sends the client.
const REDIRECTED: &str = "/redirected";

/// Size of the answer of [`Fault::Oversized`].
const OVERSIZED: usize = 100 * 1024 * 1024;

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
    shared: Arc<Shared>,
    address: SocketAddr,
    acceptor: JoinHandle<()>,
}

struct Shared {
    vendor: Arc<dyn Vendor>,
    log: Mutex<Vec<LoggedRequest>>,
    faults: Mutex<FaultTable>,
    down: watch::Sender<bool>,
    listening: AtomicBool,
    connections: AtomicU64,
    drip_pause: Mutex<Duration>,
    /// Told before a call is handled and before its answer leaves.
    observer: Mutex<Option<Observer>>,
    /// The vendor itself broke; a client cannot tell that from a reset, so it must not go unnoticed.
    broken: AtomicBool,
}

type Observer = Arc<dyn Fn(Moment, &str) + Send + Sync>;

/// Where a call stands when an observer hears of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// It has arrived and takes effect next.
    Before,
    /// It has taken effect; the answer has not left.
    After,
}

impl Shared {
    fn handle(&self, request: &VendorRequest) -> VendorResponse {
        let handled = catch_unwind(AssertUnwindSafe(|| self.vendor.handle(request)));
        handled.unwrap_or_else(|panic| {
            self.broken.store(true, Ordering::SeqCst);
            std::panic::resume_unwind(panic)
        })
    }
}

impl VendorServer {
    /// Starts on the runtime that all simulated vendors of this process share.
    pub fn start(vendor: Arc<dyn Vendor>) -> Self {
        static RUNTIME: OnceLock<tokio::runtime::Runtime> = OnceLock::new();
        let runtime = RUNTIME.get_or_init(|| {
            tokio::runtime::Builder::new_multi_thread()
                .worker_threads(2)
                .thread_name("vendors")
                .enable_all()
                .build()
                .expect("a runtime for the vendors")
        });
        Self::start_on(vendor, runtime.handle())
    }

    /// Starts on a given runtime, which must not be a single thread that the caller then blocks.
    pub fn start_on(vendor: Arc<dyn Vendor>, runtime: &Handle) -> Self {
        let guard = runtime.enter();
        let place = share(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).expect("a loopback port");
        let address = place.local_addr().expect("the vendor's address");
        let listener = listen(address).expect("the vendor's own port");
        drop(guard);
        let shared = Arc::new(Shared {
            vendor,
            log: Mutex::default(),
            faults: Mutex::default(),
            down: watch::Sender::new(false),
            listening: AtomicBool::new(true),
            connections: AtomicU64::new(0),
            drip_pause: Mutex::new(Duration::from_millis(50)),
            observer: Mutex::default(),
            broken: AtomicBool::new(false),
        });
        let acceptor = runtime.spawn(accept(Arc::clone(&shared), listener, place));
        Self {
            shared,
            address,
            acceptor,
        }
    }

    /// Has a function told before each call is handled and before its answer leaves.
    pub fn observe(&self, observer: impl Fn(Moment, &str) + Send + Sync + 'static) {
        *lock(&self.shared.observer) = Some(Arc::new(observer));
    }

    /// Scheme, host and port, without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
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

    /// Forgets all faults and opens a closed port again.
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
            drop(listener);
            shared.listening.store(false, Ordering::SeqCst);
            let _ = down.wait_for(|down| !down).await;
            let address = place.local_addr().expect("the vendor's address");
            listener = listen(address).expect("the vendor's own port");
            shared.listening.store(true, Ordering::SeqCst);
            continue;
        }
        tokio::select! {
            accepted = listener.accept() => {
                if let Ok((stream, _)) = accepted {
                    tokio::spawn(converse(Arc::clone(&shared), stream));
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

async fn converse(shared: Arc<Shared>, stream: TcpStream) {
    let number = shared.connections.fetch_add(1, Ordering::SeqCst) + 1;
    let reset = Arc::new(AtomicBool::new(false));
    let connection = Connection::new(stream, Arc::clone(&reset));
    let service = service_fn(move |request| {
        let (shared, reset) = (Arc::clone(&shared), Arc::clone(&reset));
        async move { answer(&shared, &reset, number, request).await }
    });
    // A broken conversation is what the faults are for; the client's view of it is what counts.
    let _ = hyper::server::conn::http1::Builder::new()
        .serve_connection(TokioIo::new(connection), service)
        .await;
}

async fn answer(
    shared: &Arc<Shared>,
    reset: &AtomicBool,
    connection: u64,
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
    let tell = |moment, call: &str| {
        if let Some(observer) = &observer {
            observer(moment, call);
        }
    };
    tell(Moment::Before, &call);
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
            connection,
            at: Utc::now(),
            call: call.clone(),
            request: request.clone(),
            fault,
        });
    }
    let answer = strike(shared, reset, &request, fault).await;
    tell(Moment::After, &call);
    let mut answer = answer?;
    let now = shared.vendor.clock().now();
    let date = now.format("%a, %d %b %Y %H:%M:%S GMT").to_string();
    let date = date.parse().map_err(io::Error::other)?;
    answer.headers_mut().insert("date", date);
    Ok(answer)
}

async fn strike(
    shared: &Shared,
    reset: &AtomicBool,
    request: &VendorRequest,
    fault: Option<Fault>,
) -> Result<Response<Script>, io::Error> {
    let vendor = &shared.vendor;
    let Some(fault) = fault else {
        return whole(shared.handle(request));
    };
    let handled = (!fault.is_before()).then(|| shared.handle(request));
    let good = handled.unwrap_or_else(|| VendorResponse::ok("text/plain", ""));
    match fault {
        Fault::Refuse | Fault::ResetBeforeHandling | Fault::ResetBeforeAnswer => {
            reset.store(true, Ordering::SeqCst);
            Err(io::Error::from(io::ErrorKind::ConnectionReset))
        }
        Fault::RefuseNext => {
            shared.down.send_replace(true);
            while shared.listening.load(Ordering::SeqCst) {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            let mut good = good;
            good.headers.push(("connection".into(), "close".into()));
            whole(good)
        }
        Fault::Stall | Fault::StallBefore => std::future::pending().await,
        Fault::CutBody => cut(good),
        Fault::SlowDrip => drip(good, *lock(&shared.drip_pause)),
        Fault::ServerErrorBefore | Fault::ServerErrorAfter => whole(unavailable_page()),
        Fault::ErrorWith200 => whole(vendor.refusal(request)),
        Fault::HtmlPage | Fault::HtmlPageAfter => whole(maintenance_page()),
        Fault::Empty => whole(VendorResponse {
            body: Vec::new(),
            ..good
        }),
        Fault::Truncated => {
            let mut good = good;
            good.body.truncate(good.body.len() / 2);
            whole(good)
        }
        Fault::Oversized => oversized(good),
        Fault::WrongTypes => whole(with_wrong_types(&good)),
        Fault::DuplicateDelivery => whole(shared.handle(request)),
        Fault::Redirect => {
            let query = if request.query.is_empty() {
                String::new()
            } else {
                format!("?{}", request.query)
            };
            let mut moved = VendorResponse::with_status(307, "text/plain", "");
            let place = format!("{REDIRECTED}{}{query}", request.path);
            moved.headers.push(("location".into(), place));
            whole(moved)
        }
        Fault::TooManyRequests => {
            let mut busy = VendorResponse::with_status(429, "text/plain", "slow down");
            busy.headers.push(("retry-after".into(), "1".into()));
            whole(busy)
        }
    }
}

fn whole(response: VendorResponse) -> Result<Response<Script>, io::Error> {
    let body = response.body.clone();
    finish(&response, None, Script::whole(body))
}

fn cut(response: VendorResponse) -> Result<Response<Script>, io::Error> {
    let half = Bytes::copy_from_slice(&response.body[..response.body.len() / 2]);
    // The pause lets the half leave before the line breaks.
    let steps = [
        Step::Data(half),
        Step::Pause(Duration::from_millis(20)),
        Step::Fail,
    ];
    finish(&response, Some(response.body.len()), Script::new(steps))
}

fn drip(response: VendorResponse, pause: Duration) -> Result<Response<Script>, io::Error> {
    let size = response.body.len().div_ceil(16).max(1);
    let steps = response.body.chunks(size).flat_map(|piece| {
        [
            Step::Pause(pause),
            Step::Data(Bytes::copy_from_slice(piece)),
        ]
    });
    let script = Script::new(steps.collect::<Vec<_>>());
    finish(&response, Some(response.body.len()), script)
}

fn oversized(response: VendorResponse) -> Result<Response<Script>, io::Error> {
    let piece = Bytes::from(vec![b' '; 64 * 1024]);
    let times = OVERSIZED / piece.len();
    let steps = [
        Step::Repeat(piece, u32::try_from(times).unwrap_or(u32::MAX)),
        Step::Data(Bytes::from(response.body.clone())),
    ];
    finish(&response, None, Script::new(steps))
}

fn finish(
    response: &VendorResponse,
    length: Option<usize>,
    script: Script,
) -> Result<Response<Script>, io::Error> {
    let mut builder = Response::builder()
        .status(response.status)
        .header("content-type", &response.content_type);
    if let Some(length) = length {
        builder = builder.header("content-length", length);
    }
    for (name, value) in &response.headers {
        builder = builder.header(name, value);
    }
    builder.body(script).map_err(io::Error::other)
}
