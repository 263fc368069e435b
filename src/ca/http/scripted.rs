//! A loopback server for tests: answers as a closure says and counts what it received.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// A received request.
#[derive(Debug, Clone)]
pub(crate) struct Received {
    /// `POST /rest/order/status`.
    pub(crate) line: String,
    /// Header lines in lower case.
    pub(crate) headers: String,
    /// Body.
    pub(crate) body: Vec<u8>,
}

/// What the server does after reading a request.
#[derive(Clone)]
pub(crate) enum Answer {
    /// A complete answer with this status and body.
    Full(u16, Vec<u8>),
    /// A redirect to this address.
    Redirect(String),
    /// A status with `Retry-After`.
    RetryAfter(u16, u64),
    /// These bytes as they are, then the end of the connection.
    Raw(Vec<u8>),
    /// The end of the connection without a byte.
    Close,
    /// Silence.
    Stall,
}

/// A 200 with this text.
pub(crate) fn ok(body: impl Into<Vec<u8>>) -> Answer {
    Answer::Full(200, body.into())
}

/// The server. It lives as long as the test's runtime.
pub(crate) struct Server {
    /// `http://127.0.0.1:<port>`.
    pub(crate) url: String,
    requests: Arc<Mutex<Vec<Received>>>,
}

impl Server {
    /// Starts on a free port of the loopback.
    pub(crate) async fn start(
        answer: impl Fn(&Received) -> Answer + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&requests);
        let answer = Arc::new(answer);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&log), Arc::clone(&answer)));
            }
        });
        Self { url, requests }
    }

    /// Everything received so far.
    pub(crate) fn requests(&self) -> Vec<Received> {
        self.requests.lock().unwrap().clone()
    }

    /// How many requests had this text in their first line.
    pub(crate) fn hits(&self, part: &str) -> usize {
        let requests = self.requests();
        requests.iter().filter(|r| r.line.contains(part)).count()
    }
}

async fn serve<F: Fn(&Received) -> Answer>(
    mut stream: TcpStream,
    log: Arc<Mutex<Vec<Received>>>,
    answer: Arc<F>,
) {
    while let Some(request) = read_request(&mut stream).await {
        log.lock().unwrap().push(request.clone());
        let bytes = match answer(&request) {
            Answer::Full(status, body) => {
                let head = format!(
                    "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
                    body.len()
                );
                [head.into_bytes(), body].concat()
            }
            Answer::Redirect(to) => {
                format!("HTTP/1.1 307 X\r\nlocation: {to}\r\ncontent-length: 0\r\n\r\n")
                    .into_bytes()
            }
            Answer::RetryAfter(status, seconds) => format!(
                "HTTP/1.1 {status} X\r\nretry-after: {seconds}\r\ncontent-length: 0\r\n\r\n"
            )
            .into_bytes(),
            Answer::Raw(bytes) => {
                let _ = stream.write_all(&bytes).await;
                return;
            }
            Answer::Close => return,
            Answer::Stall => std::future::pending().await,
        };
        if stream.write_all(&bytes).await.is_err() {
            return;
        }
    }
}

async fn read_request(stream: &mut TcpStream) -> Option<Received> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        if let Some(end) = bytes.windows(4).position(|w| w == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
            let (line, headers) = head.split_once("\r\n").unwrap_or((&head, ""));
            let headers = headers.to_ascii_lowercase();
            let length: usize = headers
                .lines()
                .find_map(|l| l.strip_prefix("content-length:"))
                .map_or(0, |l| l.trim().parse().unwrap());
            if bytes.len() >= end + 4 + length {
                return Some(Received {
                    line: line.to_owned(),
                    headers,
                    body: bytes[end + 4..end + 4 + length].to_vec(),
                });
            }
        }
        match stream.read(&mut buffer).await {
            Ok(0) | Err(_) => return None,
            Ok(count) => bytes.extend_from_slice(&buffer[..count]),
        }
    }
}
