//! A wire to Postgres or to the local AWS that a test can cut or jam. Each test has its own.
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

/// What becomes of connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// They work.
    Whole,
    /// New ones work after three seconds.
    Slow,
    /// New ones are shut at once, as if nothing listened.
    Cut,
    /// Every request over a new one is answered as AWS answers when it throttles.
    Throttled,
    /// Every request over a new one is answered as AWS answers when a policy does not allow it.
    Denied,
}

struct Now {
    state: State,
    /// Cancelled when the connections that are open have to go.
    epoch: CancellationToken,
}

/// The wire; gone with the test's runtime.
pub struct Wire {
    /// Host and port where it begins.
    pub begin: String,
    now: Arc<Mutex<Now>>,
}

impl Wire {
    /// A whole wire to a host and port.
    pub async fn to(end: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let begin = listener.local_addr().unwrap().to_string();
        let end = end.to_owned();
        let now = Arc::new(Mutex::new(Now {
            state: State::Whole,
            epoch: CancellationToken::new(),
        }));
        let shared = now.clone();
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let (state, epoch) = {
                    let now = shared.lock().unwrap();
                    (now.state, now.epoch.clone())
                };
                let end = end.clone();
                tokio::spawn(async move {
                    tokio::select! {
                        () = carry(near, &end, state) => {}
                        () = epoch.cancelled() => {}
                    }
                });
            }
        });
        Self { begin, now }
    }

    /// From now on; connections that are open break.
    pub fn becomes(&self, state: State) {
        let mut now = self.now.lock().unwrap();
        now.state = state;
        std::mem::take(&mut now.epoch).cancel();
    }
}

async fn carry(mut near: TcpStream, end: &str, state: State) {
    if state == State::Slow {
        tokio::time::sleep(Duration::from_secs(3)).await;
    }
    match state {
        State::Whole | State::Slow => {
            if let Ok(mut far) = TcpStream::connect(end).await {
                // Ends with an error when one side hangs up, which is no matter here.
                let _ = tokio::io::copy_bidirectional(&mut near, &mut far).await;
            }
        }
        State::Cut => {}
        State::Throttled => refuse(near, "400 Bad Request", "Throttling", "Rate exceeded").await,
        State::Denied => refuse(near, "403 Forbidden", "AccessDenied", "Not allowed").await,
    }
}

async fn refuse(mut near: TcpStream, status: &str, code: &str, message: &str) {
    let mut request = vec![0; 64 * 1024];
    let _ = near.read(&mut request).await;
    let body = format!(
        "<ErrorResponse><Error><Code>{code}</Code><Message>{message}</Message></Error>\
         <RequestId>from-the-wire</RequestId></ErrorResponse>"
    );
    let answer = format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/xml\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    let _ = near.write_all(answer.as_bytes()).await;
}

/// Sends one request with a JSON body and gives back nothing: what the local AWS takes as a wish.
pub async fn post(endpoint: &str, path: &str, body: &serde_json::Value) {
    let host = endpoint.trim_start_matches("http://").trim_end_matches('/');
    let body = body.to_string();
    let mut stream = TcpStream::connect(host).await.unwrap();
    let request = format!(
        "POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}
