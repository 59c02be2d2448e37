//! The identity provider: what it says of itself, and the calls to it.
use super::claims::OtherClaims;
use crate::configuration::{Address, SignIn};
use openidconnect::core::{
    CoreAuthDisplay, CoreAuthPrompt, CoreClientAuthMethod, CoreErrorResponseType, CoreGenderClaim,
    CoreJsonWebKey, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm, CoreResponseType,
    CoreRevocableToken, CoreRevocationErrorResponse, CoreTokenIntrospectionResponse, CoreTokenType,
};
use openidconnect::url::Url;
use openidconnect::{
    AuthType, AuthenticationFlow, AuthorizationCode, Client, ClientId, ClientSecret, CsrfToken,
    EmptyExtraTokenFields, EndpointMaybeSet, EndpointNotSet, EndpointSet, IdToken, IdTokenClaims,
    IdTokenFields, IssuerUrl, Nonce, OAuth2TokenResponse as _, PkceCodeChallenge, PkceCodeVerifier,
    ProviderMetadataWithLogout, RedirectUrl, Scope, StandardErrorResponse, StandardTokenResponse,
    TokenResponse as _, reqwest,
};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

/// Whoever is to prove anew who they are, and did so this recently, is not asked again.
const ANEW_WITHIN: Duration = Duration::from_secs(60);

/// What the provider said of itself is asked for again after that.
const STALE: Duration = Duration::from_secs(3600);
/// And not more often than that when a token has a key that was not there before.
const SOONEST: Duration = Duration::from_secs(1);
const CONNECT: Duration = Duration::from_secs(5);
const ANSWER: Duration = Duration::from_secs(10);

type TokenFields = IdTokenFields<
    OtherClaims,
    EmptyExtraTokenFields,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJwsSigningAlgorithm,
>;
type OidcClient = Client<
    OtherClaims,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    StandardTokenResponse<TokenFields, CoreTokenType>,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;
pub(super) type Token = IdToken<
    OtherClaims,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJwsSigningAlgorithm,
>;
pub(super) type Claims = IdTokenClaims<OtherClaims, CoreGenderClaim>;

/// Signatures that only the provider can make. `none` is no signature, and whoever knows the client
/// secret can make those with a shared key.
fn accepted_algorithms() -> [CoreJwsSigningAlgorithm; 9] {
    [
        CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
        CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
        CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
        CoreJwsSigningAlgorithm::RsaSsaPssSha256,
        CoreJwsSigningAlgorithm::RsaSsaPssSha384,
        CoreJwsSigningAlgorithm::RsaSsaPssSha512,
        CoreJwsSigningAlgorithm::EcdsaP256Sha256,
        CoreJwsSigningAlgorithm::EcdsaP384Sha384,
        CoreJwsSigningAlgorithm::EdDsa,
    ]
}

/// Why the identity provider was of no help.
#[derive(Debug, thiserror::Error)]
pub enum ProviderError {
    /// It can't be reached, or its answers make no sense.
    #[error("{0}")]
    Unreachable(String),
    /// It did not take the code, or Gatehouse's own credentials.
    #[error("it refused the token request: {0}")]
    Refused(String),
    /// Its ID token proves nothing.
    #[error("its ID token is not valid: {0}")]
    Invalid(String),
}

/// An error with the errors behind it, in one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        let more = error.to_string();
        if !text.ends_with(&more) {
            text = format!("{text}: {more}");
        }
        source = error.source();
    }
    text
}

/// The identity provider of the configuration. Asked for its addresses and keys when they are first
/// needed, so that Gatehouse starts without it.
pub struct IdentityProvider {
    issuer: IssuerUrl,
    issuer_origin: String,
    client_id: ClientId,
    client_secret: ClientSecret,
    scopes: Vec<String>,
    redirect: RedirectUrl,
    http: reqwest::Client,
    known: RwLock<Option<Known>>,
}

#[derive(Clone)]
struct Known {
    metadata: Arc<ProviderMetadataWithLogout>,
    read: Instant,
}

/// Where to send a browser, and what to remember until it comes back.
pub(super) struct Departure {
    pub(super) address: Url,
    pub(super) state: CsrfToken,
    pub(super) nonce: Nonce,
    pub(super) verifier: PkceCodeVerifier,
}

impl IdentityProvider {
    /// Knows nothing of the provider yet.
    ///
    /// # Errors
    /// When the configured addresses make no URLs.
    pub fn new(
        settings: &SignIn,
        address: &Address,
        client_secret: String,
    ) -> Result<Self, ProviderError> {
        let unusable = |error: &dyn std::error::Error| ProviderError::Unreachable(chain(error));
        // A provider that redirects Gatehouse elsewhere could make it call anything.
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECT)
            .timeout(ANSWER)
            .build()
            .map_err(|error| unusable(&error))?;
        Ok(Self {
            issuer: IssuerUrl::new(settings.issuer.as_str().to_owned())
                .map_err(|error| unusable(&error))?,
            issuer_origin: settings.issuer.origin().to_owned(),
            client_id: ClientId::new(settings.client_id.clone()),
            client_secret: ClientSecret::new(client_secret),
            scopes: settings.scopes.clone(),
            redirect: RedirectUrl::new(format!("{address}/sign-in/callback"))
                .map_err(|error| unusable(&error))?,
            http,
            known: RwLock::new(None),
        })
    }

    /// Asks the provider for its addresses and keys.
    ///
    /// # Errors
    /// When it does not answer, or names another issuer than the configured one.
    pub async fn discover(&self) -> Result<(), ProviderError> {
        self.metadata(Duration::ZERO).await.map(|_| ())
    }

    /// The origins that a browser is sent to for signing in and out, as far as they are known.
    pub(in crate::http) fn origins(&self) -> Vec<String> {
        let mut origins = vec![self.issuer_origin.clone()];
        if let Some(known) = self.known() {
            let more = [
                Some(known.metadata.authorization_endpoint().url()),
                known
                    .metadata
                    .additional_metadata()
                    .end_session_endpoint
                    .as_ref()
                    .map(|address| address.url()),
            ];
            for url in more.into_iter().flatten() {
                let origin = url.origin().ascii_serialization();
                if !origins.contains(&origin) {
                    origins.push(origin);
                }
            }
        }
        origins
    }

    fn known(&self) -> Option<Known> {
        // What is kept is replaced whole, so a panic elsewhere left nothing half-done.
        self.known
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    async fn metadata(
        &self,
        stale: Duration,
    ) -> Result<Arc<ProviderMetadataWithLogout>, ProviderError> {
        let known = self.known();
        if let Some(known) = &known
            && known.read.elapsed() < stale
        {
            return Ok(known.metadata.clone());
        }
        match ProviderMetadataWithLogout::discover_async(self.issuer.clone(), &self.http).await {
            Ok(metadata) => {
                let metadata = Arc::new(metadata);
                *self.known.write().unwrap_or_else(PoisonError::into_inner) = Some(Known {
                    metadata: metadata.clone(),
                    read: Instant::now(),
                });
                Ok(metadata)
            }
            Err(error) => {
                let error = chain(&error);
                match known {
                    // What is known may still hold; if it doesn't, the sign-in fails by itself.
                    Some(known) if !stale.is_zero() => {
                        tracing::warn!(error, "the identity provider can't be asked again");
                        Ok(known.metadata)
                    }
                    _ => Err(ProviderError::Unreachable(error)),
                }
            }
        }
    }

    fn client(&self, metadata: &ProviderMetadataWithLogout) -> OidcClient {
        let methods = metadata.token_endpoint_auth_methods_supported();
        let takes = |method| methods.is_some_and(|methods| methods.contains(&method));
        // OpenID Connect Discovery, section 3: without a list, it is client_secret_basic.
        let auth_type = if takes(CoreClientAuthMethod::ClientSecretPost)
            && !takes(CoreClientAuthMethod::ClientSecretBasic)
        {
            AuthType::RequestBody
        } else {
            AuthType::BasicAuth
        };
        Client::from_provider_metadata(
            metadata.clone(),
            self.client_id.clone(),
            Some(self.client_secret.clone()),
        )
        .set_redirect_uri(self.redirect.clone())
        .set_auth_type(auth_type)
    }

    /// Where to send a browser to sign in; `anew` where having signed in there before is not enough
    /// (OpenID Connect Core, section 3.1.2.1, `max_age`).
    pub(super) async fn depart(
        &self,
        hint: Option<&str>,
        anew: bool,
    ) -> Result<Departure, ProviderError> {
        let metadata = self.metadata(STALE).await?;
        let client = self.client(&metadata);
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let mut request = client
            .authorize_url(
                AuthenticationFlow::<CoreResponseType>::AuthorizationCode,
                || CsrfToken::new_random_len(32),
                || Nonce::new_random_len(32),
            )
            .set_pkce_challenge(challenge);
        for scope in self.scopes.iter().filter(|scope| *scope != "openid") {
            request = request.add_scope(Scope::new(scope.clone()));
        }
        if let Some(hint) = hint {
            request = request.set_login_hint(openidconnect::LoginHint::new(hint.to_owned()));
        }
        if anew {
            request = request.set_max_age(ANEW_WITHIN);
        }
        let (address, state, nonce) = request.url();
        Ok(Departure {
            address,
            state,
            nonce,
            verifier,
        })
    }

    /// Trades the code for an ID token, and checks that token: signature, issuer, audience, times
    /// and nonce (OpenID Connect Core, section 3.1.3.7).
    pub(super) async fn arrive(
        &self,
        code: String,
        verifier: String,
        nonce: &Nonce,
    ) -> Result<(Token, Claims), ProviderError> {
        let metadata = self.metadata(STALE).await?;
        let client = self.client(&metadata);
        let response = client
            .exchange_code(AuthorizationCode::new(code))
            .map_err(|error| ProviderError::Unreachable(chain(&error)))?
            .set_pkce_verifier(PkceCodeVerifier::new(verifier))
            .request_async(&self.http)
            .await
            .map_err(|error| match &error {
                openidconnect::RequestTokenError::ServerResponse(refusal) => {
                    ProviderError::Refused(refusal.to_string())
                }
                _ => ProviderError::Unreachable(chain(&error)),
            })?;
        let token = response
            .id_token()
            .cloned()
            .ok_or_else(|| ProviderError::Invalid("there is none in its answer".to_owned()))?;
        let claims = match verify(&client, &token, nonce) {
            // The provider may have new keys since it was last asked.
            Err(openidconnect::ClaimsVerificationError::SignatureVerification(_)) => {
                let metadata = self.metadata(SOONEST).await?;
                verify(&self.client(&metadata), &token, nonce)
            }
            other => other,
        };
        let claims = claims.map_err(|error| ProviderError::Invalid(chain(&error)))?;
        if let Some(expected) = claims.access_token_hash() {
            let verifier = client.id_token_verifier();
            let algorithm = token.signing_alg();
            let key = token.signing_key(&verifier);
            let (Ok(algorithm), Ok(key)) = (algorithm, key) else {
                return Ok((token, claims));
            };
            let actual =
                openidconnect::AccessTokenHash::from_token(response.access_token(), algorithm, key);
            if actual.is_ok_and(|actual| actual != *expected) {
                return Err(ProviderError::Invalid(
                    "it belongs to another access token".to_owned(),
                ));
            }
        }
        Ok((token, claims))
    }

    /// Where to send a browser to sign out at the provider too; none where it offers that not
    /// (OpenID Connect RP-Initiated Logout, section 2).
    pub(super) async fn farewell(&self, id_token: Option<&str>, back_to: &str) -> Option<Url> {
        let metadata = self.metadata(STALE).await.ok()?;
        let logout = metadata.additional_metadata();
        let mut address = logout.end_session_endpoint.as_ref()?.url().clone();
        {
            let mut query = address.query_pairs_mut();
            if let Some(id_token) = id_token {
                query.append_pair("id_token_hint", id_token);
            }
            query.append_pair("client_id", &self.client_id);
            query.append_pair("post_logout_redirect_uri", back_to);
        }
        Some(address)
    }
}

fn verify(
    client: &OidcClient,
    token: &Token,
    nonce: &Nonce,
) -> Result<Claims, openidconnect::ClaimsVerificationError> {
    let verifier = client
        .id_token_verifier()
        .set_allowed_algs(accepted_algorithms());
    token.claims(&verifier, nonce).cloned()
}
