//! The program `mgrctl` (client) and the panel's end of its socket (server).

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::Shutdown;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::platform::{Panel, Reply, Request};
use super::watch::{Effect, Watch};

/// Runs as the program `mgrctl`: the exit code.
pub fn client(program: &Path, arguments: Vec<String>) -> i32 {
    match ask(program, arguments) {
        Ok(reply) => {
            // A caller that has gone away reads nothing.
            let _ = std::io::stdout().write_all(reply.stdout.as_bytes());
            let _ = std::io::stderr().write_all(reply.stderr.as_bytes());
            reply.exit
        }
        Err(error) => {
            eprintln!("mgrctl: the panel does not answer: {error}");
            1
        }
    }
}

fn ask(program: &Path, arguments: Vec<String>) -> std::io::Result<Reply> {
    let named: Vec<String> = arguments
        .windows(2)
        .filter(|pair| pair[0] == "-e")
        .filter_map(|pair| pair[1].split_once("=$"))
        .map(|(_, variable)| variable.to_owned())
        .chain(["SSH_CONNECTION".to_owned()])
        .collect();
    let environment: BTreeMap<String, String> = named
        .into_iter()
        .filter_map(|name| std::env::var(&name).ok().map(|value| (name, value)))
        .collect();
    let request = Request {
        arguments,
        environment,
        caller: std::os::unix::process::parent_id(),
        age: age(),
    };
    let mut stream = UnixStream::connect(socket(program))?;
    stream.write_all(&serde_json::to_vec(&request)?)?;
    stream.shutdown(Shutdown::Write)?;
    let mut reply = Vec::new();
    stream.read_to_end(&mut reply)?;
    Ok(serde_json::from_slice(&reply)?)
}

/// How long this process has run or waited for a processor, in nanoseconds: loading the program is part of
/// running it.
fn age() -> u64 {
    let text = std::fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
    let times = text.split(' ').take(2).map(str::parse::<u64>);
    times.map(Result::unwrap_or_default).sum()
}

/// Beside `<root>/sbin/mgrctl`, else below the working directory.
fn socket(program: &Path) -> PathBuf {
    let name = Path::new("var/.sandbox/mgrctl.sock");
    let beside = program.parent().map(|sbin| sbin.join("..").join(name));
    beside
        .filter(|path| path.exists())
        .unwrap_or_else(|| name.to_owned())
}

/// The panel's end. Dropping it ends the service.
pub struct Server {
    socket: PathBuf,
    over: Arc<AtomicBool>,
}

impl Server {
    pub fn start(socket: &Path, panel: Arc<Panel>, watch: &Arc<Watch>) -> Self {
        let watch = Arc::clone(watch);
        let _ = std::fs::remove_file(socket);
        let listener = UnixListener::bind(socket).expect("the panel's socket");
        let over = Arc::new(AtomicBool::new(false));
        let ended = Arc::clone(&over);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if ended.load(Ordering::SeqCst) {
                    return;
                }
                let (panel, watch) = (Arc::clone(&panel), Arc::clone(&watch));
                std::thread::spawn(move || {
                    // A caller that was killed in between is everyday life.
                    let _ = serve(&panel, &watch, stream);
                });
            }
        });
        Self {
            socket: socket.to_owned(),
            over,
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.over.store(true, Ordering::SeqCst);
        let _ = UnixStream::connect(&self.socket);
    }
}

fn serve(panel: &Panel, watch: &Watch, mut stream: UnixStream) -> std::io::Result<()> {
    let mut request = Vec::new();
    stream.read_to_end(&mut request)?;
    let request: Request = serde_json::from_slice(&request)?;
    watch.began(Effect::Function, Duration::from_nanos(request.age));
    let function = request
        .arguments
        .iter()
        .find(|word| !word.starts_with('-') && word.contains('.'));
    let function = function.cloned().unwrap_or_default();
    watch.before(&function);
    let reply = panel.serve(&request);
    watch.after(&function);
    let written = stream.write_all(&serde_json::to_vec(&reply)?);
    watch.ended(Effect::Function);
    written
}
