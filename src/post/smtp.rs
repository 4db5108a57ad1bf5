//! Letters through a mail server, one after the other over one connection.
//!
//! The exchange is led here and not by the library's transport, because who is at fault is told by where the server says no: at
//! the greeting, the login or the sender it refuses us, and the letter waits; at a recipient it refuses that one, and the others
//! get the letter in the same exchange; after the letter it refuses the letter.

use std::sync::Arc;
use std::time::Duration;

use lettre::Address;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt, Rset};
use lettre::transport::smtp::extension::{ClientId, Extension, MailBodyParameter, MailParameter};
use lettre::transport::smtp::{Error, response::Response};
use secrecy::ExposeSecret;
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

use super::PostError;
use crate::config;
use crate::store::Envelope;

/// A connection that has been idle for longer is not asked for again: servers hang up after a while.
const IDLE: Duration = Duration::from_secs(5);
const SILENT: &str = "le serveur de messagerie n'a pas répondu à temps";

/// A mail server.
#[derive(Clone)]
pub struct Smtp {
    host: String,
    port: u16,
    protection: Protection,
    login: Option<Credentials>,
    from: Address,
    /// For each answer of the server.
    patience: Duration,
    open: Arc<Mutex<Option<(AsyncSmtpConnection, Instant)>>>,
}

#[derive(Clone)]
enum Protection {
    None,
    Starttls(TlsParameters),
    Wrapped(TlsParameters),
}

/// What became of an exchange for its recipients.
type Came = Vec<(String, Result<(), PostError>)>;

impl std::fmt::Debug for Smtp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Smtp").field("host", &self.host).field("port", &self.port).finish_non_exhaustive()
    }
}

impl Smtp {
    pub(super) fn new(config: &config::Smtp, from: Address) -> Result<Self, String> {
        let parameters = || {
            let mut parameters = TlsParameters::builder(config.host.clone());
            if let Some(authority) = &config.ca {
                let authority = Certificate::from_pem(authority).map_err(|err| format!("post.smtp.ca_file: {err}"))?;
                parameters = parameters.add_root_certificate(authority);
            }
            parameters.build().map_err(|err| format!("post.smtp.host: {err}"))
        };
        let (protection, port) = match config.tls {
            config::Tls::Starttls => (Protection::Starttls(parameters()?), 587),
            config::Tls::Wrapped => (Protection::Wrapped(parameters()?), 465),
            config::Tls::None => (Protection::None, 25),
        };
        let login = match (&config.user, &config.password) {
            (Some(user), Some(password)) => Some(Credentials::new(user.clone(), password.expose_secret().to_owned())),
            _ => None,
        };
        Ok(Self {
            host: config.host.clone(),
            port: config.port.unwrap_or(port),
            protection,
            login,
            from,
            patience: config.timeout,
            open: Arc::default(),
        })
    }

    /// Hands a letter over to all its recipients in one exchange.
    pub(super) async fn send(&self, letter: &Envelope) -> Came {
        let mut open = self.open.lock().await;
        let mut connection = match self.connection(&mut open).await {
            Ok(connection) => connection,
            Err(why) => return letter.to.iter().map(|address| (address.clone(), not_now(&why))).collect(),
        };
        let (came, sound) = self.exchange(&mut connection, letter).await;
        if sound {
            *open = Some((connection, Instant::now()));
        }
        came
    }

    pub(super) async fn probe(&self) -> Result<(), PostError> {
        let mut open = self.open.lock().await;
        let connection = self.connection(&mut open).await.map_err(PostError::NotNow)?;
        *open = Some((connection, Instant::now()));
        Ok(())
    }

    /// The connection that is open still, else a new one, protected and logged in.
    async fn connection(
        &self,
        open: &mut Option<(AsyncSmtpConnection, Instant)>,
    ) -> Result<AsyncSmtpConnection, String> {
        if let Some((mut connection, used)) = open.take()
            && used.elapsed() < IDLE
            && timeout(self.patience, connection.test_connected()).await == Ok(true)
        {
            return Ok(connection);
        }
        match timeout(self.patience * 2, self.connect()).await {
            Err(_) => Err(SILENT.to_owned()),
            Ok(connected) => connected.map_err(|err| said(&err)),
        }
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, Error> {
        let hello = ClientId::default();
        let wrapped = match &self.protection {
            Protection::Wrapped(parameters) => Some(parameters.clone()),
            _ => None,
        };
        let server = (self.host.as_str(), self.port);
        let mut connection =
            AsyncSmtpConnection::connect_tokio1(server, Some(self.patience), &hello, wrapped, None).await?;
        if let Protection::Starttls(parameters) = &self.protection {
            connection.starttls(parameters.clone(), &hello).await?;
        }
        if let Some(login) = &self.login {
            connection.auth(DEFAULT_MECHANISMS, login).await?;
        }
        Ok(connection)
    }

    /// One letter over an open connection; says too whether the connection is fit for another.
    async fn exchange(&self, connection: &mut AsyncSmtpConnection, letter: &Envelope) -> (Came, bool) {
        let mut came: Came = Vec::with_capacity(letter.to.len());
        let mut options = Vec::new();
        if !letter.message.is_ascii() && connection.server_info().supports_feature(Extension::EightBitMime) {
            options.push(MailParameter::Body(MailBodyParameter::EightBitMime));
        }
        // A sender that is refused is our fault, whatever the code.
        if let Err(why) = self.wait(connection.command(Mail::new(Some(self.from.clone()), options))).await {
            let all = letter.to.iter().map(|address| (address.clone(), not_now(&why.said))).collect();
            return (all, self.reset(connection).await);
        }
        let mut taken = Vec::new();
        let mut lost: Option<String> = None;
        for address in &letter.to {
            let answer = match (&lost, address.parse::<lettre::message::Mailbox>()) {
                (Some(why), _) => not_now(why),
                (None, Err(err)) => Err(PostError::Refused(format!("ce n'est pas une adresse ({err})"))),
                (None, Ok(mailbox)) => match self.wait(connection.command(Rcpt::new(mailbox.email, vec![]))).await {
                    Ok(()) => {
                        taken.push(came.len());
                        Ok(())
                    }
                    Err(no) => {
                        if !no.answered {
                            lost = Some(no.said.clone());
                        }
                        no.outcome()
                    }
                },
            };
            came.push((address.clone(), answer));
        }
        if let Some(why) = lost {
            for at in taken {
                came[at].1 = not_now(&why);
            }
            return (came, false);
        }
        if taken.is_empty() {
            return (came, self.reset(connection).await);
        }
        let handed = match self.wait(connection.command(Data)).await {
            Ok(()) => self.wait(connection.message(&letter.message)).await,
            Err(no) => Err(no),
        };
        let Err(no) = handed else { return (came, true) };
        let sound = no.answered && self.reset(connection).await;
        for at in taken {
            came[at].1 = no.outcome();
        }
        (came, sound)
    }

    /// Clears what an exchange has left behind; says whether the server is still there.
    async fn reset(&self, connection: &mut AsyncSmtpConnection) -> bool {
        !connection.has_broken() && self.wait(connection.command(Rset)).await.is_ok()
    }

    async fn wait(&self, answer: impl Future<Output = Result<Response, Error>>) -> Result<(), No> {
        match timeout(self.patience, answer).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(err)) => {
                let answered = err.status().is_some();
                Err(No { for_good: err.is_permanent() && !is_about_us(&err), answered, said: said(&err) })
            }
            Err(_) => Err(No { for_good: false, answered: false, said: SILENT.to_owned() }),
        }
    }
}

/// Why the server has not said yes.
struct No {
    for_good: bool,
    /// It has said something: the connection is usable.
    answered: bool,
    said: String,
}

impl No {
    fn outcome(&self) -> Result<(), PostError> {
        if self.for_good { Err(PostError::Refused(self.said.clone())) } else { not_now(&self.said) }
    }
}

fn not_now(why: &str) -> Result<(), PostError> {
    Err(PostError::NotNow(why.to_owned()))
}

/// Commands it does not know, a login it asks for or rejects: the recipient has no part in it.
fn is_about_us(err: &Error) -> bool {
    let code = err.status().map(|code| code.to_string());
    code.is_some_and(|code| {
        matches!(code.as_str(), "500" | "501" | "502" | "503" | "504" | "530" | "534" | "535" | "538")
    })
}

/// What the library's error came of: the system's words where it spoke.
fn cause(err: &Error) -> String {
    let first: &(dyn std::error::Error + 'static) = err;
    let last = std::iter::successors(Some(first), |err| err.source()).last().unwrap_or(first);
    last.downcast_ref().map_or_else(|| last.to_string(), crate::told::system)
}

/// What happened, without the server's own words when they may repeat an address.
fn said(err: &Error) -> String {
    match err.status() {
        Some(code) => format!("le serveur de messagerie a répondu {code}"),
        None if err.is_timeout() => SILENT.to_owned(),
        None if err.is_tls() => {
            format!("la connexion au serveur de messagerie n'a pas pu être protégée ({})", cause(err))
        }
        None => format!("le serveur de messagerie ne peut être joint ({})", cause(err)),
    }
}
