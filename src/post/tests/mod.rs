//! Letters against a server that plays each of its parts, and into a folder.

mod server;

use std::time::Duration;

use tokio::net::TcpListener;

use super::*;
use crate::config::{Secret, Tls};
use crate::domain::dossier::DossierRef;
use server::{Play, Server, vouched};

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
