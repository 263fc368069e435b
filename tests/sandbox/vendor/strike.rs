//! What each fault does to an answer.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use hyper::Response;

use super::buyer::Ends;
use super::fault::{
    deeply_nested, entity_bomb, in_other_codepage, maintenance_page, unavailable_page,
    with_wrong_types,
};
use super::server::{REDIRECTED, Shared};
use super::wire::{Script, Step};
use super::{Fault, VendorRequest, VendorResponse, lock};

/// Size of the answer of [`Fault::Oversized`].
const OVERSIZED: usize = 100 * 1024 * 1024;

/// Handles a request with a fault, or without one.
pub(super) async fn strike(
    shared: &Shared,
    reset: &AtomicBool,
    request: &VendorRequest,
    ends: Option<Ends>,
    fault: Option<Fault>,
) -> Result<Response<Script>, io::Error> {
    let vendor = &shared.vendor;
    let Some(fault) = fault else {
        return whole(shared.handle(request, ends));
    };
    let handled = (!fault.is_before()).then(|| shared.handle(request, ends));
    let good = handled.unwrap_or_else(|| VendorResponse::ok("text/plain", ""));
    match fault {
        Fault::Refuse | Fault::ResetBeforeHandling | Fault::ResetBeforeAnswer => {
            reset.store(true, Ordering::SeqCst);
            Err(io::Error::from(io::ErrorKind::ConnectionReset))
        }
        Fault::LateDelivery => {
            lock(&shared.underway).push(request.clone());
            reset.store(true, Ordering::SeqCst);
            Err(io::Error::from(io::ErrorKind::ConnectionReset))
        }
        Fault::LateAnswer => {
            let mut deliveries = shared.deliveries.subscribe();
            // Ends with the vendor, too: then nobody waits for an answer any more.
            let _ = deliveries.changed().await;
            whole(good)
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
        Fault::WrongCharset => whole(in_other_codepage(&good)),
        Fault::DeepNesting => whole(deeply_nested(&good)),
        Fault::EntityBomb => whole(entity_bomb(&good)),
        Fault::DuplicateDelivery => whole(shared.handle(request, ends)),
        Fault::Redirect => whole(moved(request, REDIRECTED)),
        Fault::RedirectElsewhere => {
            let place = shared.elsewhere.local_addr()?;
            whole(moved(request, &format!("http://{place}")))
        }
        Fault::TooManyRequests => {
            let mut busy = VendorResponse::with_status(429, "text/plain", "slow down");
            let pause = shared.retry_after.load(Ordering::SeqCst).to_string();
            busy.headers.push(("retry-after".into(), pause));
            whole(busy)
        }
    }
}

/// "Over there", at the same path.
fn moved(request: &VendorRequest, place: &str) -> VendorResponse {
    let query = match request.query.as_str() {
        "" => String::new(),
        query => format!("?{query}"),
    };
    let mut moved = VendorResponse::with_status(307, "text/plain", "");
    let place = format!("{place}{}{query}", request.path);
    moved.headers.push(("location".into(), place));
    moved
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
