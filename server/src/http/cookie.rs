//! Gatehouse's two cookies. On https they are `__Host-` cookies: Secure, for this host alone, and no
//! other host can plant one (RFC 6265bis, section 4.1.3). On loopback http they can't be Secure.
use crate::configuration::Address;
use http::header::COOKIE;
use http::{HeaderMap, HeaderValue};
use std::time::Duration;

/// One of the cookies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cookie {
    /// Who is signed in.
    Session,
    /// Which browser began a sign-in.
    SignIn,
}

impl Cookie {
    pub(super) fn name(self, address: &Address) -> &'static str {
        match (self, address.is_secure()) {
            (Cookie::Session, true) => "__Host-gatehouse",
            (Cookie::Session, false) => "gatehouse_dev",
            (Cookie::SignIn, true) => "__Host-gatehouse-sign-in",
            (Cookie::SignIn, false) => "gatehouse_dev_sign_in",
        }
    }

    /// The value that the request carries. Two of the same name are as good as none.
    pub(super) fn of(self, headers: &HeaderMap, address: &Address) -> Option<String> {
        let name = self.name(address);
        let mut values = headers
            .get_all(COOKIE)
            .iter()
            .filter_map(|header| header.to_str().ok())
            .flat_map(|header| header.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .filter(|(key, _)| *key == name)
            .map(|(_, value)| value.to_owned());
        let value = values.next()?;
        values.next().is_none().then_some(value)
    }

    /// The header that sets it to a token; none when the token can't stand in a header.
    pub(super) fn set(
        self,
        address: &Address,
        token: &str,
        lasts: Duration,
    ) -> Result<HeaderValue, http::header::InvalidHeaderValue> {
        let name = self.name(address);
        let secure = if address.is_secure() { "; Secure" } else { "" };
        HeaderValue::try_from(format!(
            "{name}={token}; Path=/; Max-Age={}; HttpOnly; SameSite=Lax{secure}",
            lasts.as_secs()
        ))
    }

    /// The header that removes it.
    pub(super) fn clear(
        self,
        address: &Address,
    ) -> Result<HeaderValue, http::header::InvalidHeaderValue> {
        self.set(address, "", Duration::ZERO)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn on_https_cookies_are_host_cookies() {
        let address: Address = "https://gatehouse.example.com".parse().unwrap();
        let header = Cookie::Session
            .set(&address, "abc", Duration::from_secs(60))
            .unwrap();
        assert_eq!(
            header,
            "__Host-gatehouse=abc; Path=/; Max-Age=60; HttpOnly; SameSite=Lax; Secure"
        );
        let address: Address = "http://127.0.0.1:3000".parse().unwrap();
        let header = Cookie::SignIn.clear(&address).unwrap();
        assert_eq!(
            header,
            "gatehouse_dev_sign_in=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax"
        );
    }

    #[test]
    fn a_cookie_is_found_among_others_unless_it_is_there_twice() {
        let address: Address = "http://127.0.0.1:3000".parse().unwrap();
        let with = |cookies: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(COOKIE, HeaderValue::from_str(cookies).unwrap());
            Cookie::Session.of(&headers, &address)
        };
        assert_eq!(with("a=b; gatehouse_dev=t=1; c=d").as_deref(), Some("t=1"));
        assert_eq!(with("xgatehouse_dev=t"), None);
        assert_eq!(with("gatehouse_dev=t; gatehouse_dev=u"), None);
    }
}
