//! A wire to the local AWS that can fail: it passes bytes on, and fails as told for new connections.
//! Each test has its own, so that tests run side by side.
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What happens to a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// It works.
    None,
    /// AWS throttles this many requests, then takes them.
    Throttle(u32),
    /// Nothing is ever answered.
    Silence,
    /// The request reaches AWS; its answer is lost and a 503 comes instead. So for this many requests.
    LoseAnswer(u32),
}

/// The wire; gone with the test's runtime.
pub(super) struct Wire {
    /// Where the wire begins, as an endpoint for a gateway.
    pub(super) endpoint: String,
    fault: Arc<Mutex<Fault>>,
}

impl Wire {
    pub(super) async fn to(endpoint: &str, fault: Fault) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let begin = listener.local_addr().unwrap();
        let end = endpoint
            .trim_start_matches("http://")
            .trim_end_matches('/')
            .to_owned();
        let fault = Arc::new(Mutex::new(fault));
        let faults = fault.clone();
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let fault = take(&faults);
                let end = end.clone();
                tokio::spawn(async move { carry(near, &end, fault).await });
            }
        });
        Self {
            endpoint: format!("http://{begin}"),
            fault,
        }
    }

    /// From the next connection on.
    pub(super) fn becomes(&self, fault: Fault) {
        *self.fault.lock().unwrap() = fault;
    }

    /// What is left of the fault.
    pub(super) fn left(&self) -> Fault {
        *self.fault.lock().unwrap()
    }
}

/// The fault of one more connection, which counts it.
fn take(faults: &Mutex<Fault>) -> Fault {
    let mut fault = faults.lock().unwrap();
    let taken = *fault;
    *fault = match taken {
        Fault::Throttle(0..=1) | Fault::LoseAnswer(0..=1) => Fault::None,
        Fault::Throttle(more) => Fault::Throttle(more - 1),
        Fault::LoseAnswer(more) => Fault::LoseAnswer(more - 1),
        other => other,
    };
    taken
}

async fn carry(mut near: TcpStream, end: &str, fault: Fault) {
    match fault {
        Fault::None => {
            let mut far = TcpStream::connect(end).await.unwrap();
            // Ends with an error when one side hangs up, which is no matter here.
            let _ = tokio::io::copy_bidirectional(&mut near, &mut far).await;
        }
        Fault::Silence => {
            let mut nothing = Vec::new();
            let _ = near.read_to_end(&mut nothing).await;
        }
        Fault::Throttle(_) => {
            message(&mut near).await;
            refuse(&mut near, "400 Bad Request", "Throttling", "Rate exceeded").await;
        }
        Fault::LoseAnswer(_) => {
            let request = message(&mut near).await;
            let mut far = TcpStream::connect(end).await.unwrap();
            far.write_all(&request).await.unwrap();
            message(&mut far).await;
            refuse(
                &mut near,
                "503 Service Unavailable",
                "ServiceUnavailable",
                "Try again",
            )
            .await;
        }
    }
}

/// One HTTP message: its head, and as much as its Content-Length says.
async fn message(from: &mut TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut whole = None;
    while whole.is_none_or(|length| bytes.len() < length) {
        if from.read_buf(&mut bytes).await.unwrap() == 0 {
            break;
        }
        if whole.is_none()
            && let Some(head) = bytes.windows(4).position(|four| four == b"\r\n\r\n")
        {
            let length = String::from_utf8_lossy(&bytes[..head])
                .lines()
                .filter_map(|line| line.split_once(':'))
                .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
                .map_or(0, |(_, length)| length.trim().parse().unwrap());
            whole = Some(head + 4 + length);
        }
    }
    bytes
}

async fn refuse(to: &mut TcpStream, status: &str, code: &str, words: &str) {
    let body = format!(
        "<ErrorResponse><Error><Code>{code}</Code><Message>{words}</Message></Error>\
         <RequestId>from-the-wire</RequestId></ErrorResponse>"
    );
    let answer = format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/xml\r\nx-amzn-requestid: from-the-wire\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    to.write_all(answer.as_bytes()).await.unwrap();
}

/// Tells the local AWS what is to go wrong (`end2end/sandbox/faults.py`). Its faults are everybody's, so
/// only those that name a resource of the test's own may be asked for.
pub(super) async fn break_resource(endpoint: &str, fault: serde_json::Value) {
    let end = endpoint.trim_start_matches("http://").trim_end_matches('/');
    let body = fault.to_string();
    let mut to = TcpStream::connect(end).await.unwrap();
    to.write_all(
        format!(
            "POST /_sandbox/fail HTTP/1.1\r\nHost: {end}\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .as_bytes(),
    )
    .await
    .unwrap();
    let answer = message(&mut to).await;
    assert!(
        answer.starts_with(b"HTTP/1.1 200"),
        "{}",
        String::from_utf8_lossy(&answer)
    );
}
