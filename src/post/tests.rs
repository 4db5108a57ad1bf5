//! Against a mail server on this machine that says what the test tells it to.

use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;

use super::*;
use crate::domain::dossier::DossierRef;

/// What the server does at the end of a letter, or before.
#[derive(Debug, Clone, Copy)]
enum Play {
    Takes,
    /// At the first recipient.
    Says(&'static str),
    /// Takes all of the letter, then drops the line without a word.
    DropsAfterData,
    NeverAnswers,
}

/// Starts a server that plays its parts in turn, one per letter; gives the letters it has seen whole.
async fn server(plays: Vec<Play>) -> (Post, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let letters = Arc::clone(&seen);
    let plays = Arc::new(Mutex::new(plays.into_iter()));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (plays, letters) = (Arc::clone(&plays), Arc::clone(&letters));
            tokio::spawn(async move { serve(stream, &plays, &letters).await });
        }
    });
    let config = config::Post {
        from: "guichet@banque.example".to_owned(),
        smtp: Some(config::Smtp {
            host: "127.0.0.1".to_owned(),
            port: Some(port),
            tls: config::Tls::None,
            user: None,
            password_file: None,
            password: None,
            timeout: Duration::from_millis(300),
        }),
        ..config::Post::default()
    };
    (Post::open(&config, Path::new(".")).unwrap(), seen)
}

/// One connection; `None` when there is no part left to play.
async fn serve(
    mut stream: tokio::net::TcpStream,
    plays: &Mutex<std::vec::IntoIter<Play>>,
    letters: &Mutex<Vec<String>>,
) -> Option<()> {
    let (reading, mut writing) = stream.split();
    let mut lines = BufReader::new(reading).lines();
    writing.write_all(b"220 ready\r\n").await.ok()?;
    let mut play = None;
    while let Ok(Some(line)) = lines.next_line().await {
        let verb = line.split(' ').next().unwrap_or_default().to_ascii_uppercase();
        let reply = match (verb.as_str(), play) {
            ("MAIL", _) => {
                play = Some(plays.lock().unwrap().next()?);
                "250 ok"
            }
            ("RCPT", Some(Play::Says(reply))) => reply,
            ("RCPT", Some(Play::NeverAnswers)) => {
                std::future::pending::<()>().await;
                unreachable!()
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
                letters.lock().unwrap().push(letter);
                if matches!(play, Some(Play::DropsAfterData)) {
                    return Some(());
                }
                "250 taken"
            }
            ("QUIT", _) => "221 bye",
            _ => "250 ok",
        };
        writing.write_all(format!("{reply}\r\n").as_bytes()).await.ok()?;
    }
    Some(())
}

fn letter() -> Envelope {
    Envelope {
        message_id: "<D26-000001.declared@guichet.test>".to_owned(),
        to: vec!["Agence <agence@banque.example>".to_owned()],
        message: b"Message-ID: <D26-000001.declared@guichet.test>\r\n\r\nBonjour\r\n.\r\nfin\r\n".to_vec(),
        dossier: DossierRef::new(2026, 1),
    }
}

#[tokio::test]
async fn a_letter_is_handed_over_whole() {
    let (post, seen) = server(vec![Play::Takes, Play::Takes]).await;
    post.send(&letter()).await.unwrap();
    post.send(&letter()).await.unwrap();
    let seen = seen.lock().unwrap();
    assert_eq!(seen.len(), 2);
    assert!(seen[0].contains("Message-ID: <D26-000001.declared@guichet.test>"));
    assert!(seen[0].contains("\n..\nfin"), "a line of one dot does not end the letter");
}

#[tokio::test]
async fn trouble_that_passes_is_told_from_a_refusal() {
    for (play, refused) in [
        (Play::Says("450 greylisted, come back later"), false),
        (Play::Says("421 too busy"), false),
        (Play::Says("550 no such user"), true),
        (Play::Says("554 rejected as spam"), true),
        (Play::DropsAfterData, false),
        (Play::NeverAnswers, false),
    ] {
        let (post, _) = server(vec![play]).await;
        let err = post.send(&letter()).await.unwrap_err();
        assert_eq!(matches!(err, PostError::Refused(_)), refused, "{play:?}: {err}");
    }
}

#[tokio::test]
async fn a_letter_whose_fate_is_unknown_goes_again_with_the_same_id() {
    let (post, seen) = server(vec![Play::DropsAfterData, Play::Takes]).await;
    assert!(matches!(post.send(&letter()).await, Err(PostError::NotNow(_))));
    post.send(&letter()).await.unwrap();
    let seen = seen.lock().unwrap();
    assert_eq!(seen.len(), 2);
    assert_eq!(seen[0], seen[1]);
}

#[tokio::test]
async fn a_server_that_is_not_there_is_tried_again() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let text = format!("[post.smtp]\nhost = \"127.0.0.1\"\nport = {port}\ntls = \"none\"\n");
    let config = config::Config::parse(&text, Path::new(".")).unwrap();
    let post = Post::open(&config.post, Path::new(".")).unwrap();
    assert!(matches!(post.send(&letter()).await, Err(PostError::NotNow(_))));
    assert!(matches!(post.probe().await, Err(PostError::NotNow(_))));
}

#[tokio::test]
async fn a_folder_keeps_one_file_per_letter() {
    let root = tempfile::tempdir().unwrap();
    let post = Post::open(&config::Post::default(), root.path()).unwrap();
    post.send(&letter()).await.unwrap();
    post.send(&letter()).await.unwrap();
    let names: Vec<_> =
        std::fs::read_dir(root.path().join("var/letters")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["D26-000001.declared@guichet.test.eml"]);
}
