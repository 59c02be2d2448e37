//! An identity provider that signs whatever a test wants signed, with a key made for that test.
use axum::extract::{Form, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use http::StatusCode;
use openidconnect::core::{CoreEdDsaPrivateSigningKey, CoreJwsSigningAlgorithm};
use openidconnect::{JsonWebKeyId, PrivateSigningKey as _};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

/// How a token is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signed {
    /// With the published key.
    Well,
    /// With another key under the published key's name.
    ByAnother,
    /// Not at all.
    Not,
}

pub struct IdentityProvider {
    pub issuer: String,
    key: Mutex<Arc<CoreEdDsaPrivateSigningKey>>,
    /// By code: the PKCE challenge and the ID token.
    codes: Mutex<HashMap<String, (String, String)>>,
}

fn random_key() -> Arc<CoreEdDsaPrivateSigningKey> {
    // RFC 8410, section 7: what comes before the 32 bytes of an Ed25519 key.
    let mut der = hex::decode("302e020100300506032b657004220420").unwrap();
    der.extend(rand::random::<[u8; 32]>());
    let armour = |word: &str| format!("-----{word} {} KEY-----", "PRIVATE");
    let pem = format!(
        "{}\n{}\n{}\n",
        armour("BEGIN"),
        STANDARD.encode(der),
        armour("END")
    );
    let id = JsonWebKeyId::new(hex::encode(rand::random::<[u8; 8]>()));
    Arc::new(CoreEdDsaPrivateSigningKey::from_ed25519_pem(&pem, Some(id)).unwrap())
}

fn part(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

impl IdentityProvider {
    pub async fn start() -> Arc<Self> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let provider = Arc::new(Self {
            issuer: format!("http://{}", listener.local_addr().unwrap()),
            key: Mutex::new(random_key()),
            codes: Mutex::default(),
        });
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(configuration))
            .route("/keys", get(keys))
            .route("/token", post(token))
            .with_state(provider.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        provider
    }

    /// From now on another key signs.
    pub fn change_key(&self) {
        *self.key.lock().unwrap() = random_key();
    }

    /// A code for a browser that was sent here with this challenge.
    pub fn code_for(&self, challenge: &str, claims: &Value, signed: Signed) -> String {
        let key = self.key.lock().unwrap().clone();
        let id = key.as_verification_key();
        let id = serde_json::to_value(&id).unwrap()["kid"].clone();
        let algorithm = if signed == Signed::Not {
            "none"
        } else {
            "EdDSA"
        };
        let text = format!(
            "{}.{}",
            part(&json!({ "alg": algorithm, "kid": id })),
            part(claims)
        );
        let sign = |key: &CoreEdDsaPrivateSigningKey| {
            let signature = key.sign(&CoreJwsSigningAlgorithm::EdDsa, text.as_bytes());
            URL_SAFE_NO_PAD.encode(signature.unwrap())
        };
        let signature = match signed {
            Signed::Well => sign(&key),
            Signed::ByAnother => sign(&random_key()),
            Signed::Not => String::new(),
        };
        let code = hex::encode(rand::random::<[u8; 16]>());
        let token = format!("{text}.{signature}");
        let mut codes = self.codes.lock().unwrap();
        codes.insert(code.clone(), (challenge.to_owned(), token));
        code
    }
}

async fn configuration(State(provider): State<Arc<IdentityProvider>>) -> Json<Value> {
    let issuer = &provider.issuer;
    Json(json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "end_session_endpoint": format!("{issuer}/farewell"),
        "jwks_uri": format!("{issuer}/keys"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["EdDSA", "none"],
    }))
}

async fn keys(State(provider): State<Arc<IdentityProvider>>) -> Json<Value> {
    let key = provider.key.lock().unwrap().as_verification_key();
    Json(json!({ "keys": [key] }))
}

async fn token(
    State(provider): State<Arc<IdentityProvider>>,
    Form(asked): Form<HashMap<String, String>>,
) -> Response {
    let refuse = || {
        let error = json!({ "error": "invalid_grant" });
        (StatusCode::BAD_REQUEST, Json(error)).into_response()
    };
    let Some((challenge, token)) = provider.codes.lock().unwrap().remove(&asked["code"]) else {
        return refuse();
    };
    let verifier = Sha256::digest(asked["code_verifier"].as_bytes());
    if URL_SAFE_NO_PAD.encode(verifier) != challenge {
        return refuse();
    }
    Json(json!({ "access_token": "given", "token_type": "Bearer", "id_token": token }))
        .into_response()
}
