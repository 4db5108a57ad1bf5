//! Letters through a mail server. One connection serves the letters that leave together.

use std::time::Duration;

use lettre::address::{Address, Envelope as Route};
use lettre::transport::smtp::PoolConfig;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use secrecy::ExposeSecret;
use tokio::time::timeout;

use super::PostError;
use crate::config;
use crate::store::Envelope;

/// A mail server.
#[derive(Clone)]
pub struct Smtp {
    server: AsyncSmtpTransport<Tokio1Executor>,
    from: Address,
    /// For a whole exchange: lettre bounds only the connection.
    patience: Duration,
}

impl std::fmt::Debug for Smtp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Smtp").finish_non_exhaustive()
    }
}

impl Smtp {
    pub(super) fn new(config: &config::Smtp, from: Address) -> Result<Self, String> {
        let parameters = || TlsParameters::new(config.host.clone()).map_err(|err| format!("post.smtp.host: {err}"));
        let (tls, port) = match config.tls {
            config::Tls::Starttls => (Tls::Required(parameters()?), 587),
            config::Tls::Wrapped => (Tls::Wrapper(parameters()?), 465),
            config::Tls::None => (Tls::None, 25),
        };
        let mut server = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&config.host)
            .port(config.port.unwrap_or(port))
            .tls(tls)
            .timeout(Some(config.timeout))
            .pool_config(PoolConfig::new().max_size(1).idle_timeout(Duration::from_secs(5)));
        if let (Some(user), Some(password)) = (&config.user, &config.password) {
            server = server.credentials(Credentials::new(user.clone(), password.expose_secret().to_owned()));
        }
        Ok(Self { server: server.build(), from, patience: config.timeout })
    }

    pub(super) async fn send(&self, letter: &Envelope) -> Result<(), PostError> {
        let to = letter
            .to
            .iter()
            .map(|address| address.parse::<lettre::message::Mailbox>().map(|mailbox| mailbox.email))
            .collect::<Result<Vec<_>, _>>()
            .map_err(|err| PostError::Refused(format!("an address of {}: {err}", letter.message_id)))?;
        let route = Route::new(Some(self.from.clone()), to).map_err(|err| PostError::Refused(err.to_string()))?;
        match timeout(self.patience, self.server.send_raw(&route, &letter.message)).await {
            Err(_) => Err(PostError::NotNow("the server did not answer in time".to_owned())),
            Ok(Ok(_)) => Ok(()),
            Ok(Err(err)) if err.is_permanent() => Err(PostError::Refused(said(&err))),
            Ok(Err(err)) => Err(PostError::NotNow(said(&err))),
        }
    }

    pub(super) async fn probe(&self) -> Result<(), PostError> {
        match timeout(self.patience, self.server.test_connection()).await {
            Err(_) => Err(PostError::NotNow("the server did not answer in time".to_owned())),
            Ok(Ok(true)) => Ok(()),
            Ok(Ok(false)) => Err(PostError::NotNow("the server closed the connection".to_owned())),
            Ok(Err(err)) if err.is_permanent() => Err(PostError::Refused(said(&err))),
            Ok(Err(err)) => Err(PostError::NotNow(said(&err))),
        }
    }
}

/// What happened, without the server's own words when they may repeat an address.
fn said(err: &lettre::transport::smtp::Error) -> String {
    match err.status() {
        Some(code) => format!("the server answered {code}"),
        None if err.is_timeout() => "the server did not answer in time".to_owned(),
        None => err.to_string(),
    }
}
