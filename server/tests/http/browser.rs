//! A browser as far as the server can tell: keeps cookies, says where a request comes from.
use crate::identity_provider::{IdentityProvider, Signed};
use crate::world::ADDRESS;
use axum::Router;
use axum::body::{Body, to_bytes};
use http::header::{ACCEPT, CONTENT_TYPE, COOKIE, HOST, LOCATION, SET_COOKIE};
use http::{HeaderMap, Request, StatusCode};
use openidconnect::url::Url;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::collections::HashMap;
use tower::ServiceExt as _;

#[derive(Clone)]
pub struct Browser {
    router: Router,
    pub cookies: BTreeMap<String, String>,
}

pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl Answer {
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    pub fn location(&self) -> &str {
        self.header(LOCATION.as_str())
    }
}

/// What the provider is told when a browser is sent there.
pub struct Departure {
    pub query: HashMap<String, String>,
}

impl Departure {
    fn of(answer: &Answer) -> Self {
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        let url = Url::parse(answer.location()).unwrap();
        Self {
            query: url.query_pairs().into_owned().collect(),
        }
    }

    /// The claims of a valid ID token for this sign-in.
    pub fn claims(&self, provider: &IdentityProvider, more: &Value) -> Value {
        let now = chrono::Utc::now().timestamp();
        let mut claims = json!({
            "iss": provider.issuer,
            "aud": "gatehouse",
            "sub": "dana",
            "name": "Dana Developer",
            "iat": now,
            "exp": now + 300,
            "nonce": self.query["nonce"],
        });
        for (name, value) in more.as_object().unwrap() {
            claims[name] = value.clone();
        }
        claims
    }

    /// Where the provider sends the browser back to.
    pub fn way_back(&self, provider: &IdentityProvider, more: &Value, signed: Signed) -> String {
        let claims = self.claims(provider, more);
        let code = provider.code_for(&self.query["code_challenge"], &claims, signed);
        format!(
            "/sign-in/callback?code={code}&state={}",
            self.query["state"]
        )
    }
}

impl Browser {
    pub fn new(router: Router) -> Self {
        Self {
            router,
            cookies: BTreeMap::new(),
        }
    }

    pub async fn get(&mut self, path: &str) -> Answer {
        self.send("GET", path, &[(ACCEPT.as_str(), "text/html")])
            .await
    }

    pub async fn post(&mut self, path: &str, from: &str) -> Answer {
        let headers = [(ACCEPT.as_str(), "text/html"), ("sec-fetch-site", from)];
        self.send("POST", path, &headers).await
    }

    /// Posts a form of ours.
    pub async fn post_form(&mut self, path: &str, form: &str) -> Answer {
        let headers = [
            (ACCEPT.as_str(), "text/html"),
            (CONTENT_TYPE.as_str(), "application/x-www-form-urlencoded"),
            ("sec-fetch-site", "same-origin"),
        ];
        let body = Body::from(form.to_owned());
        self.send_body("POST", path, &headers, body).await
    }

    pub async fn send(&mut self, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.send_body(method, path, headers, Body::empty()).await
    }

    pub async fn send_body(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Body,
    ) -> Answer {
        let host = ADDRESS.strip_prefix("http://").unwrap();
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(HOST, host);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let cookies: Vec<_> = self
            .cookies
            .iter()
            .map(|(k, v)| format!("{k}={v}"))
            .collect();
        if !cookies.is_empty() {
            request = request.header(COOKIE, cookies.join("; "));
        }
        let request = request.body(body).unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        for cookie in parts.headers.get_all(SET_COOKIE) {
            let (pair, attributes) = cookie.to_str().unwrap().split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            if attributes.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        let body = to_bytes(body, usize::MAX).await.unwrap();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8(body.to_vec()).unwrap(),
        }
    }

    pub async fn depart(&mut self, path: &str) -> Departure {
        Departure::of(&self.get(path).await)
    }

    /// Signs in, with these claims beside the usual ones.
    pub async fn sign_in(&mut self, provider: &IdentityProvider, claims: &Value) -> Answer {
        let departure = self.depart("/sign-in").await;
        let back = departure.way_back(provider, claims, Signed::Well);
        self.get(&back).await
    }
}
