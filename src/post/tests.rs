//! Against a mail server on this machine that says what the test tells it to, in clear and behind TLS.

use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::rustls::{self, ServerConfig};

use super::*;
use crate::config::{Secret, Tls};
use crate::domain::dossier::DossierRef;

/// What the server does with a letter.
#[derive(Debug, Clone, Copy)]
enum Play {
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
struct Seen {
    letters: Vec<String>,
    connections: usize,
    logins: Vec<String>,
}

/// A server that plays its parts in turn, one per exchange.
struct Server {
    seen: Arc<Mutex<Seen>>,
    config: config::Post,
}

impl Server {
    /// In clear.
    async fn plays(plays: Vec<Play>) -> Self {
        Self::start(plays, None, Tls::None, "235 welcome").await
    }

    async fn start(plays: Vec<Play>, tls: Option<TlsAcceptor>, mode: Tls, login: &'static str) -> Self {
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

    fn post(&self) -> Post {
        Post::open(&self.config, Path::new(".")).unwrap()
    }

    fn smtp(&mut self) -> &mut config::Smtp {
        self.config.smtp.as_mut().unwrap()
    }

    fn seen<T>(&self, look: impl FnOnce(&Seen) -> T) -> T {
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
fn vouched() -> (Vec<u8>, TlsAcceptor) {
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

fn letter_to(addresses: &[&str]) -> Envelope {
    Envelope {
        message_id: "<D26-000001.declared@guichet.test>".to_owned(),
        to: addresses.iter().map(|address| (*address).to_owned()).collect(),
        message: b"Message-ID: <D26-000001.declared@guichet.test>\r\n\r\nBonjour\r\n.\r\nfin\r\n".to_vec(),
        dossier: Some(DossierRef::new(2026, 1)),
    }
}

fn letter() -> Envelope {
    letter_to(&["Agence <agence@banque.example>"])
}

/// Sends to the only recipient.
async fn send(post: &Post) -> Result<(), PostError> {
    post.send(&letter()).await.into_iter().next().unwrap().1
}

/// What came of a letter, in a word per recipient.
async fn came(post: &Post, letter: &Envelope) -> Vec<&'static str> {
    let word = |(_, came)| match came {
        Ok(()) => "sent",
        Err(PostError::NotNow(_)) => "later",
        Err(PostError::Refused(_)) => "refused",
    };
    post.send(letter).await.into_iter().map(word).collect()
}

#[tokio::test]
async fn letters_are_handed_over_whole_over_one_connection() {
    let server = Server::plays(vec![Play::Takes; 4]).await;
    let post = server.post();
    send(&post).await.unwrap();
    assert_eq!(came(&post, &letter_to(&["a@banque.example", "b@banque.example"])).await, ["sent", "sent"]);
    server.seen(|seen| {
        assert_eq!((seen.letters.len(), seen.connections), (2, 1));
        assert!(seen.letters[0].contains("Message-ID: <D26-000001.declared@guichet.test>"));
        assert!(seen.letters[0].contains("\n..\nfin"), "a line of one dot does not end the letter");
    });
}

#[tokio::test]
async fn trouble_that_passes_is_told_from_a_refusal() {
    for (play, refused) in [
        (Play::Says("450 greylisted, come back later"), false),
        (Play::Says("421 too busy"), false),
        (Play::Says("550 no such user"), true),
        (Play::SaysAfterData("554 rejected as spam"), true),
        (Play::SaysAfterData("451 scanner is out"), false),
        // About us, not about the recipient.
        (Play::Says("530 authentication required"), false),
        (Play::Says("503 bad sequence"), false),
        (Play::DropsAfterData, false),
        (Play::NeverAnswers, false),
    ] {
        let server = Server::plays(vec![play]).await;
        let err = send(&server.post()).await.unwrap_err();
        assert_eq!(matches!(err, PostError::Refused(_)), refused, "{play:?}: {err}");
        assert!(!err.to_string().contains("no such user"), "the server's words may repeat an address: {err}");
    }
}

#[tokio::test]
async fn a_greylisted_letter_is_taken_when_it_comes_back() {
    let server = Server::plays(vec![Play::Says("450 greylisted"), Play::Says("450 greylisted"), Play::Takes]).await;
    let post = server.post();
    assert!(matches!(send(&post).await, Err(PostError::NotNow(_))));
    assert!(matches!(send(&post).await, Err(PostError::NotNow(_))));
    send(&post).await.unwrap();
    server.seen(|seen| assert_eq!(seen.letters.len(), 1));
}

#[tokio::test]
async fn one_refused_recipient_keeps_the_letter_from_no_other() {
    let server = Server::plays(vec![Play::Refuses("parti@"); 1]).await;
    let letter = letter_to(&["a@banque.example", "parti@banque.example", "b@banque.example"]);
    assert_eq!(came(&server.post(), &letter).await, ["sent", "refused", "sent"]);
    server.seen(|seen| assert_eq!(seen.letters.len(), 1, "one exchange for all"));
}

#[tokio::test]
async fn a_sender_that_is_refused_waits_and_the_next_letter_is_not_hurt() {
    let server = Server::plays(vec![Play::RefusesSender, Play::Says("550 no such user"), Play::Takes]).await;
    let post = server.post();
    assert_eq!(came(&post, &letter()).await, ["later"]);
    assert_eq!(came(&post, &letter()).await, ["refused"]);
    assert_eq!(came(&post, &letter()).await, ["sent"]);
    server.seen(|seen| assert_eq!((seen.letters.len(), seen.connections), (1, 1)));
}

#[tokio::test]
async fn a_slow_server_is_waited_for_and_a_silent_one_is_left_alone() {
    let server = Server::plays(vec![Play::IsSlow(Duration::from_millis(150))]).await;
    send(&server.post()).await.unwrap();
    let server = Server::plays(vec![Play::NeverAnswers; 3]).await;
    let begun = std::time::Instant::now();
    let letter = letter_to(&["a@banque.example", "b@banque.example", "c@banque.example"]);
    assert_eq!(came(&server.post(), &letter).await, ["later", "later", "later"]);
    assert!(begun.elapsed() < Duration::from_millis(1200), "the patience runs out once, not once per recipient");
}

#[tokio::test]
async fn a_letter_whose_fate_is_unknown_goes_again_with_the_same_id() {
    let server = Server::plays(vec![Play::DropsAfterData, Play::Takes]).await;
    let post = server.post();
    assert!(matches!(send(&post).await, Err(PostError::NotNow(_))));
    send(&post).await.unwrap();
    server.seen(|seen| {
        assert_eq!(seen.letters.len(), 2);
        assert_eq!(seen.letters[0], seen.letters[1]);
    });
}

#[tokio::test]
async fn a_protected_server_is_trusted_when_the_house_vouches_for_it() {
    for mode in [Tls::Starttls, Tls::Wrapped] {
        let (authority, tls) = vouched();
        let mut server = Server::start(vec![Play::Takes], Some(tls), mode, "235 welcome").await;
        // Nobody vouches for it: nothing is said to it.
        assert!(matches!(send(&server.post()).await, Err(PostError::NotNow(_))));
        server.seen(|seen| assert!(seen.letters.is_empty()));
        server.smtp().ca = Some(authority);
        server.smtp().user = Some("guichet".to_owned());
        server.smtp().password = Some(Secret::from("s3same".to_owned()));
        send(&server.post()).await.unwrap();
        server.seen(|seen| {
            assert_eq!(seen.letters.len(), 1, "{mode:?}");
            // base64 of NUL guichet NUL s3same
            assert_eq!(seen.logins, ["AUTH PLAIN AGd1aWNoZXQAczNzYW1l"], "{mode:?}");
        });
    }
}

#[tokio::test]
async fn a_server_without_protection_gets_nothing_when_protection_is_asked_for() {
    let mut server = Server::plays(vec![Play::Takes]).await;
    server.smtp().tls = Tls::Starttls;
    assert!(matches!(send(&server.post()).await, Err(PostError::NotNow(_))));
    server.seen(|seen| assert!(seen.letters.is_empty()));
}

#[tokio::test]
async fn a_login_that_is_refused_is_no_fault_of_the_recipient() {
    let mut server = Server::start(vec![Play::Takes], None, Tls::None, "535 wrong password").await;
    server.smtp().user = Some("guichet".to_owned());
    server.smtp().password = Some(Secret::from("faux".to_owned()));
    let letter = letter_to(&["a@banque.example", "b@banque.example"]);
    assert_eq!(came(&server.post(), &letter).await, ["later", "later"]);
    server.seen(|seen| assert_eq!((seen.letters.len(), seen.logins.len()), (0, 1)));
}

#[tokio::test]
async fn a_server_that_is_not_there_is_tried_again() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let text = format!("[post.smtp]\nhost = \"127.0.0.1\"\nport = {port}\ntls = \"none\"\n");
    let config = config::Config::parse(&text, Path::new(".")).unwrap();
    let post = Post::open(&config.post, Path::new(".")).unwrap();
    assert!(matches!(send(&post).await, Err(PostError::NotNow(_))));
    assert!(matches!(post.probe().await, Err(PostError::NotNow(_))));
}

#[tokio::test]
async fn a_folder_keeps_one_file_per_letter() {
    let root = tempfile::tempdir().unwrap();
    let post = Post::open(&config::Post::default(), root.path()).unwrap();
    let letter = letter_to(&["a@banque.example", "b@banque.example"]);
    assert_eq!(came(&post, &letter).await, ["sent", "sent"]);
    assert_eq!(came(&post, &letter).await, ["sent", "sent"]);
    let names: Vec<_> =
        std::fs::read_dir(root.path().join("var/letters")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["D26-000001.declared@guichet.test.eml"]);
}

#[test]
fn a_trial_writes_to_listed_addresses_only() {
    let text = "[post]\nonly_to = [\"essai@banque.example\", \"@smt.example\"]\n";
    let post = config::Config::parse(text, Path::new(".")).unwrap().post;
    for (address, allowed) in [
        ("essai@banque.example", true),
        ("Essai <ESSAI@banque.example>", true),
        ("operateur@smt.example", true),
        ("agence@banque.example", false),
        ("operateur@nosmt.example", false),
    ] {
        assert_eq!(post.may_write_to(address), allowed, "{address}");
    }
    assert!(config::Post::default().may_write_to("agence@banque.example"));
}
