//! The control interface of a running world: HTTP and JSON on loopback. `GET /` explains it.

mod faults;
mod vendor;

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::watch;

use super::fields::Fields;
use super::item::ItemSpec;
use super::queue::Outcome;
use super::world::Core;

/// The help text.
pub const HELP: &str = "\
Control of the simulated world. Bodies are JSON; answers are JSON.

POST /accounts {module, settings?: {name: value}, minimal_balance?}     -> {id}
POST /accounts/<id>/settings {name, value}                        -> {former} value
POST /items {account, template, common_name?, period?, altnames?: [], names_bought?, csr?,
             approver_email?, approver_method?, expiredate?, organization?: false, parameters?: {}}  -> {id}
POST /items/<id>/reissue {csr?, altnames: []}                           -> {id} of the operation
POST /items/<id>/sync                                                   -> outcome of sync_item
POST /items/<id>/remember                                               -> {parameters}
POST /items/<id>/set-back {parameters: {}}                              the parameters as they were
POST /items/<id>/open-elsewhere                                         by another program -> {order}
POST /database/remember                                                 -> {id}
POST /database/set-back {id}                                            the whole database as it was
POST /copy {root}                                                       another panel, same vendors -> {root, control}
POST /options {name, value}                                             a line of etc/billmgr.conf
POST /operations {item, command}                                        -> {id}
POST /operations/<id>/run                                               -> outcome
POST /operations/<id>/retry                                             a person restarts it
POST /run {rounds?: 20}                                                 the queue until it is quiet
POST /sync                                                              sync_item for all unsettled services
POST /check {account}                                                   check_connection with the account's settings
POST /balances {account?}                                               getbalance of one or all accounts
GET  /accounts /items /items/<id> /operations /tasks /problems /balances /notices /messages
     /mgrctl /statements
GET  /log/<module>                                                      the module's log
POST /clock {seconds}                                                   moves everything: platform, product, vendors
POST /platform/faults {function?, fault, times?: 1, skip?: 0, milliseconds?}
     fault: failing restarting away slow garbage lost-reply unknown kill-before kill-after swallowed, clear,
            missing (the program mgrctl) back
POST /database/faults {fault, part?, after?, times?, milliseconds?}
     fault: down up cut lock-held slow read-only late clear
GET  /vendors/<name>/sales /vendors/<name>/orders /vendors/<name>/requests /vendors/<name>/violations
POST /vendors/<name>/approve {order, name? | organization?: true}       nothing named: everything that is open
POST /vendors/<name>/fail {order, reason?}
POST /vendors/<name>/order {common_name, csr?}                          a person orders in the panel -> {order}
POST /vendors/<name>/reissue {order, csr?}                              a person reissues there
POST /vendors/<name>/cancel {order}                                     a person cancels there
POST /vendors/<name>/revoke {order}                                     the authority revokes its certificate
POST /vendors/<name>/deliver                                            what was on its way arrives -> {requests}
POST /vendors/<name>/clock {seconds}                                    moves this vendor only
POST /vendors/<name>/balance {cents}
POST /vendors/<name>/switch {name, value}
POST /vendors/<name>/faults {call, fault, times?: 1, skip?: 0}          fault \"clear\" ends all
GET  /reconcile                                                         books against the platform
GET  /books                                                             the same, line by line
GET  /leaks                                                             secrets that came out, and where
POST /stop
";

/// The listener. Dropping it closes the port.
pub struct Control {
    address: SocketAddr,
    stopped: watch::Receiver<bool>,
    runtime: Option<Runtime>,
}

impl Control {
    pub fn start(core: Arc<Core>) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("control")
            .enable_all()
            .build()
            .expect("a runtime for the control interface");
        let listener =
            std::net::TcpListener::bind(core.home().any_port()).expect("the control port");
        listener.set_nonblocking(true).expect("a waiting listener");
        let address = listener.local_addr().expect("the control address");
        let (stop, stopped) = watch::channel(false);
        runtime.spawn(async move {
            let listener = TcpListener::from_std(listener).expect("a listener of the runtime");
            while let Ok((stream, _)) = listener.accept().await {
                let (core, stop) = (Arc::clone(&core), stop.clone());
                let service = service_fn(move |request| {
                    let (core, stop) = (Arc::clone(&core), stop.clone());
                    async move { serve(core, stop, request).await }
                });
                tokio::spawn(
                    hyper::server::conn::http1::Builder::new()
                        .serve_connection(TokioIo::new(stream), service),
                );
            }
        });
        Self {
            address,
            stopped,
            runtime: Some(runtime),
        }
    }

    /// Scheme, host and port.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Becomes true after `POST /stop`.
    pub fn stopped(&self) -> watch::Receiver<bool> {
        self.stopped.clone()
    }
}

impl Drop for Control {
    fn drop(&mut self) {
        // In the background, because a world may end inside another runtime.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

async fn serve(
    core: Arc<Core>,
    stop: watch::Sender<bool>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, hyper::Error> {
    let method = request.method().to_string();
    let path = request.uri().path().to_owned();
    let body = request.into_body().collect().await?.to_bytes();
    if path == "/" {
        return Ok(respond(200, "text/plain; charset=utf-8", HELP.to_owned()));
    }
    if (method.as_str(), path.as_str()) == ("POST", "/stop") {
        stop.send_replace(true);
        return Ok(respond(200, "application/json", "{}".to_owned()));
    }
    // Modules are run here, so this is work for a thread of its own; a panic becomes an error answer.
    let work = tokio::task::spawn_blocking(move || {
        let body = if body.is_empty() {
            Ok(Value::Null)
        } else {
            serde_json::from_slice(&body).map_err(|error| (400, error.to_string()))
        };
        let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
        body.and_then(|body| route(&core, &method, &parts, &Fields(body)))
    });
    let (status, value) = match work.await {
        Ok(Ok(value)) => (200, value),
        Ok(Err((status, text))) => (status, json!({ "error": text })),
        Err(_) => (500, json!({ "error": "the simulation refused" })),
    };
    Ok(respond(status, "application/json", value.to_string()))
}

fn respond(status: u16, kind: &str, text: String) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(text)));
    *response.status_mut() = hyper::StatusCode::from_u16(status).unwrap_or_default();
    if let Ok(kind) = kind.parse() {
        response.headers_mut().insert("content-type", kind);
    }
    response
}

type Answer = Result<Value, (u16, String)>;

fn route(core: &Core, method: &str, parts: &[&str], body: &Fields) -> Answer {
    let number = |text: &str| {
        text.parse::<u64>()
            .map_err(|_| (404, "no number".to_owned()))
    };
    match (method, parts) {
        ("GET", ["accounts"]) => Ok(json!(
            core.accounts()
                .into_iter()
                .map(|id| json!({ "id": id, "module": core.module_of_account(id) }))
                .collect::<Vec<_>>()
        )),
        ("GET", ["items"]) => {
            let items = core.items().into_iter();
            Ok(json!(items.map(|id| core.item(id)).collect::<Vec<_>>()))
        }
        ("GET", ["items", id]) => match core.find_item(number(id)?) {
            Some(view) => Ok(json!(view)),
            None => Err((404, "no such item".to_owned())),
        },
        ("GET", ["operations"]) => Ok(json!(core.operations())),
        ("GET", ["tasks"]) => Ok(json!(core.all_tasks())),
        ("GET", ["problems"]) => Ok(json!(core.problems())),
        ("GET", ["balances"]) => Ok(json!(core.balances())),
        ("GET", ["notices"]) => Ok(json!(core.panel().notices())),
        ("GET", ["messages"]) => Ok(json!(core.panel().messages())),
        ("GET", ["mgrctl"]) => Ok(json!(core.mgrctl_calls())),
        ("GET", ["statements"]) => Ok(json!(core.database().statements())),
        ("GET", ["log", module]) => Ok(json!(core.log(module))),
        ("GET", ["reconcile"]) => {
            let found = core.reconcile();
            Ok(json!({ "sound": found.is_sound(), "found": found }))
        }
        ("GET", ["books"]) => Ok(json!(core.sales_report())),
        ("GET", ["leaks"]) => Ok(json!(core.leaks())),
        ("POST", ["accounts"]) => add_account(core, body),
        ("POST", ["accounts", id, "settings"]) => change_setting(core, number(id)?, body),
        ("POST", ["items"]) => add_item(core, body),
        ("POST", ["items", id, "reissue"]) => {
            let operation = core.reissue(number(id)?, body.text("csr"), &body.list("altnames"));
            Ok(json!({ "id": operation }))
        }
        ("POST", ["items", id, "sync"]) => Ok(json!(core.sync(number(id)?))),
        ("POST", ["items", id, "remember"]) => match core.find_item(number(id)?) {
            Some(view) => Ok(json!({ "parameters": view.parameters })),
            None => Err((404, "no such item".to_owned())),
        },
        ("POST", ["items", id, "set-back"]) => {
            let former = body.pairs("parameters").into_iter();
            let former = former.map(|(name, value)| (name.to_owned(), value));
            core.set_back(number(id)?, &former.collect());
            Ok(json!({}))
        }
        ("POST", ["items", id, "open-elsewhere"]) => {
            let id = number(id)?;
            if core.find_item(id).is_none() {
                return Err((404, "no such item".to_owned()));
            }
            let order = core.open_elsewhere(id).map_err(|text| (400, text))?;
            Ok(json!({ "order": order }))
        }
        ("POST", ["database", "remember"]) => Ok(json!({ "id": core.remember_database() })),
        ("POST", ["database", "set-back"]) => {
            let id = usize::try_from(body.id("id")?).unwrap_or_default();
            core.set_database_back(id).map_err(|text| (404, text))?;
            Ok(json!({}))
        }
        ("POST", ["copy"]) => {
            let copy = core.copy_to(Path::new(body.need("root")?));
            let told = json!({ "root": copy.root(), "control": copy.control().url() });
            core.keep(copy);
            Ok(told)
        }
        ("POST", ["options"]) => {
            core.set_option(body.need("name")?, body.need("value")?);
            Ok(json!({}))
        }
        ("POST", ["operations"]) => {
            let item = body.id("item")?;
            if core.find_item(item).is_none() {
                return Err((404, "no such item".to_owned()));
            }
            Ok(json!({ "id": core.queue(item, body.need("command")?) }))
        }
        ("POST", ["operations", id, action]) => {
            let id = number(id)?;
            if core.operation(id).is_none() {
                return Err((404, "no such operation".to_owned()));
            }
            match *action {
                "run" => Ok(json!(core.run(id))),
                "retry" => {
                    core.retry(id);
                    Ok(json!({}))
                }
                _ => Err((404, "run or retry".to_owned())),
            }
        }
        ("POST", ["run"]) => Ok(outcomes(core.run_until_done(body.count("rounds", 20)))),
        ("POST", ["sync"]) => Ok(outcomes(core.sync_pending())),
        ("POST", ["check"]) => Ok(json!(core.check_account(body.id("account")?))),
        ("POST", ["balances"]) => match body.id("account") {
            Ok(account) => Ok(json!(core.balance_of(account))),
            Err(_) => Ok(outcomes(core.check_balances())),
        },
        ("POST", ["clock"]) => {
            let seconds = body.number("seconds");
            core.advance(seconds.ok_or((400, "seconds is missing".to_owned()))?);
            Ok(json!({ "now": core.clock().now().to_rfc3339() }))
        }
        ("POST", ["platform", "faults"]) => faults::platform(core, body),
        ("POST", ["database", "faults"]) => faults::database(core, body),
        (_, ["vendors", name, what]) => {
            let server = core.find_vendor(name);
            let server = server.ok_or((404, format!("no vendor {name}")))?;
            vendor::act(server, method, what, body)
        }
        _ => Err((404, "see GET /".to_owned())),
    }
}

fn outcomes(list: Vec<(u64, Outcome)>) -> Value {
    let list = list.into_iter();
    json!(
        list.map(|(id, outcome)| json!({ "id": id, "outcome": outcome }))
            .collect::<Vec<_>>()
    )
}

fn add_account(core: &Core, body: &Fields) -> Answer {
    let module = body.need("module")?;
    if !super::layout::MODULES.contains(&module) {
        return Err((400, format!("no module {module}")));
    }
    let settings = body.pairs("settings");
    let settings: Vec<(&str, &str)> = settings.iter().map(|(n, v)| (*n, v.as_str())).collect();
    let id = core.add_account(module, &settings);
    if let Some(least) = body.0.get("minimal_balance").and_then(Value::as_f64) {
        core.panel().set_minimal_balance(id, least);
    }
    Ok(json!({ "id": id }))
}

fn change_setting(core: &Core, account: u64, body: &Fields) -> Answer {
    let (name, value) = (body.need("name")?, body.need("value")?);
    let known = |list: Vec<(String, String)>| list.into_iter().find(|(known, _)| known == name);
    let secret = known(core.secrets_of(account)).is_some();
    let (_, former) = known(core.settings_of(account)).ok_or((404, "no such setting".into()))?;
    core.set_setting(account, name, value, secret);
    Ok(json!({ "former": former }))
}

fn add_item(core: &Core, body: &Fields) -> Answer {
    let account = body.id("account")?;
    if !core.accounts().contains(&account) {
        return Err((400, format!("no account {account}")));
    }
    let mut spec = ItemSpec::new(account, body.need("template")?);
    if let Some(name) = body.text("common_name") {
        spec = spec.name(name);
    }
    let names = body.list("altnames");
    spec = spec
        .with_names(&names)
        .months(body.number("period").unwrap_or(12));
    spec.names_bought = body.count("names_bought", spec.names_bought);
    spec.csr = body.text("csr").map(str::to_owned);
    spec.approver_email = body.text("approver_email").map(str::to_owned);
    spec.approver_method = body.text("approver_method").unwrap_or_default().to_owned();
    spec.expiredate = body.text("expiredate").map(str::to_owned);
    if body.0.get("organization") == Some(&Value::Bool(false)) {
        spec.organization = None;
    }
    for (name, value) in body.pairs("parameters") {
        spec = spec.with(name, &value);
    }
    Ok(json!({ "id": core.add_item(&spec) }))
}
