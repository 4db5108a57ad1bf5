//! A mail server on this machine that says what a test tells it to, in clear and behind TLS.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::rustls::{self, ServerConfig};

use crate::config::{self, Tls};
use crate::post::Post;

/// What the server does with a letter.
#[derive(Debug, Clone, Copy)]
pub(super) enum Play {
    Takes,
    RefusesSender,
    /// At the recipient.
    Says(&'static str),
    /// To this recipient; takes the letter for others.
    Refuses(&'static str),
    /// At the end of the letter.
    SaysAfterData(&'static str),
    /// Takes all of the letter, then drops the line without a word.
    DropsAfterData,
    NeverAnswers,
    /// Answers, but late.
    IsSlow(Duration),
}

/// What the server has seen.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub(super) letters: Vec<String>,
    pub(super) connections: usize,
    pub(super) logins: Vec<String>,
}

/// A server that plays its parts in turn, one per exchange.
pub(super) struct Server {
    pub(super) seen: Arc<Mutex<Seen>>,
    pub(super) config: config::Post,
}

impl Server {
    /// In clear.
    pub(super) async fn plays(plays: Vec<Play>) -> Self {
        Self::start(plays, None, Tls::None, "235 welcome").await
    }

    pub(super) async fn start(plays: Vec<Play>, tls: Option<TlsAcceptor>, mode: Tls, login: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen = Arc::new(Mutex::new(Seen::default()));
        let book = Arc::clone(&seen);
        let plays = Arc::new(Mutex::new(plays.into_iter()));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                book.lock().unwrap().connections += 1;
                let (plays, book, tls) = (Arc::clone(&plays), Arc::clone(&book), tls.clone());
                tokio::spawn(async move {
                    match (tls, mode) {
                        (Some(tls), Tls::Wrapped) => {
                            let stream = tls.accept(stream).await.ok()?;
                            serve(stream, &plays, &book, login, true).await
                        }
                        (Some(tls), _) => {
                            let stream = until_starttls(stream).await?;
                            let stream = tls.accept(stream).await.ok()?;
                            serve(stream, &plays, &book, login, false).await
                        }
                        (None, _) => serve(stream, &plays, &book, login, true).await,
                    }
                });
            }
        });
        let smtp = config::Smtp {
            host: "127.0.0.1".to_owned(),
            port: Some(port),
            tls: mode,
            ca_file: None,
            ca: None,
            user: None,
            password_file: None,
            password: None,
            timeout: Duration::from_millis(500),
        };
        let from = "guichet@banque.example".to_owned();
        Self { seen, config: config::Post { from, smtp: Some(smtp), ..config::Post::default() } }
    }

    pub(super) fn post(&self) -> Post {
        Post::open(&self.config, Path::new(".")).unwrap()
    }

    pub(super) fn smtp(&mut self) -> &mut config::Smtp {
        self.config.smtp.as_mut().unwrap()
    }

    pub(super) fn seen<T>(&self, look: impl FnOnce(&Seen) -> T) -> T {
        look(&self.seen.lock().unwrap())
    }
}

/// The clear part of a connection that is to be protected.
async fn until_starttls(mut stream: tokio::net::TcpStream) -> Option<tokio::net::TcpStream> {
    stream.write_all(b"220 ready\r\n").await.ok()?;
    let mut lines = BufReader::new(stream).lines();
    loop {
        let line = lines.next_line().await.ok()??;
        let reply = match line.split(' ').next()? {
            "EHLO" => "250-here\r\n250 STARTTLS\r\n",
            "STARTTLS" => "220 go on\r\n",
            _ => "530 not in clear\r\n",
        };
        lines.get_mut().get_mut().write_all(reply.as_bytes()).await.ok()?;
        if reply.starts_with("220") {
            return Some(lines.into_inner().into_inner());
        }
    }
}

/// One connection; `None` when there is no part left to play.
async fn serve(
    stream: impl AsyncRead + AsyncWrite,
    plays: &Mutex<std::vec::IntoIter<Play>>,
    seen: &Mutex<Seen>,
    login: &'static str,
    greet: bool,
) -> Option<()> {
    let (reading, mut writing) = tokio::io::split(stream);
    let mut lines = BufReader::new(reading).lines();
    if greet {
        writing.write_all(b"220 ready\r\n").await.ok()?;
    }
    let mut play = None;
    while let Ok(Some(line)) = lines.next_line().await {
        let verb = line.split(' ').next().unwrap_or_default().to_ascii_uppercase();
        let reply = match (verb.as_str(), play) {
            ("EHLO", _) => "250-here\r\n250 AUTH PLAIN",
            ("AUTH", _) => {
                seen.lock().unwrap().logins.push(line.clone());
                login
            }
            ("MAIL", _) => {
                play = Some(plays.lock().unwrap().next()?);
                if matches!(play, Some(Play::RefusesSender)) { "553 not from here" } else { "250 ok" }
            }
            ("RCPT", Some(Play::Says(reply))) => reply,
            ("RCPT", Some(Play::Refuses(address))) if line.contains(address) => "550 no such user",
            ("RSET", _) => {
                play = None;
                "250 ok"
            }
            ("RCPT", Some(Play::NeverAnswers)) => {
                std::future::pending::<()>().await;
                unreachable!()
            }
            ("RCPT", Some(Play::IsSlow(pause))) => {
                tokio::time::sleep(pause).await;
                "250 ok"
            }
            ("DATA", _) => {
                writing.write_all(b"354 go on\r\n").await.ok()?;
                let mut letter = String::new();
                while let Ok(Some(line)) = lines.next_line().await {
                    if line == "." {
                        break;
                    }
                    letter.push_str(&line);
                    letter.push('\n');
                }
                seen.lock().unwrap().letters.push(letter);
                match play {
                    Some(Play::DropsAfterData) => return Some(()),
                    Some(Play::SaysAfterData(reply)) => reply,
                    _ => "250 taken",
                }
            }
            ("QUIT", _) => "221 bye",
            _ => "250 ok",
        };
        writing.write_all(format!("{reply}\r\n").as_bytes()).await.ok()?;
    }
    Some(())
}

/// An authority of the house and a server it vouches for: its certificate in PEM, and what the server shows.
pub(super) fn vouched() -> (Vec<u8>, TlsAcceptor) {
    let authority_key = rcgen::KeyPair::generate().unwrap();
    let mut authority = rcgen::CertificateParams::new(vec![]).unwrap();
    authority.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let pem = authority.self_signed(&authority_key).unwrap().pem().into_bytes();
    let issuer = rcgen::Issuer::new(authority, authority_key);
    let key = rcgen::KeyPair::generate().unwrap();
    let names = vec!["127.0.0.1".to_owned()];
    let certificate = rcgen::CertificateParams::new(names).unwrap().signed_by(&key, &issuer).unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .unwrap();
    (pem, TlsAcceptor::from(Arc::new(config)))
}
