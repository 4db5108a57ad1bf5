//! A mail server that is down, silent, busy, that refuses, or that drops the line after the letter: the daemon tries again with the
//! same letter, and what else it does goes on.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use guichet::demo;
use guichet::schemas::Forms;
use guichet::store::{ErrandLine, Store};

use super::daemon::Installation;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Play {
    Takes,
    /// Answers the first recipient with this.
    Says(&'static str),
    DropsAfterData,
    /// Has nobody of the technical side, and puts everyone else off.
    Parts,
    /// Accepts the connection and says nothing.
    Silent,
}

/// Letters taken or dropped whole, by Message-ID.
type Letters = Arc<Mutex<BTreeMap<String, Vec<String>>>>;

struct Server {
    play: Arc<Mutex<Play>>,
    seen: Letters,
    port: u16,
}

impl Server {
    fn start(play: Play) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (play, seen) = (Arc::new(Mutex::new(play)), Letters::default());
        let (playing, letters) = (Arc::clone(&play), Arc::clone(&seen));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (playing, letters) = (Arc::clone(&playing), Arc::clone(&letters));
                std::thread::spawn(move || serve(stream, &playing, &letters));
            }
        });
        Self { play, seen, port }
    }

    fn plays(&self, play: Play) {
        *self.play.lock().unwrap() = play;
    }

    fn config(&self) -> String {
        format!("[post.smtp]\nhost = \"127.0.0.1\"\nport = {}\ntls = \"none\"\ntimeout = \"1s\"\n", self.port)
    }

    fn letters(&self) -> usize {
        self.seen.lock().unwrap().len()
    }
}

fn serve(mut stream: TcpStream, play: &Mutex<Play>, letters: &Mutex<BTreeMap<String, Vec<String>>>) -> Option<()> {
    let mut lines = BufReader::new(stream.try_clone().ok()?).lines();
    if *play.lock().unwrap() == Play::Silent {
        std::thread::sleep(Duration::from_mins(1));
        return None;
    }
    stream.write_all(b"220 ready\r\n").ok()?;
    while let Some(Ok(line)) = lines.next() {
        let verb = line.split(' ').next().unwrap_or_default().to_ascii_uppercase();
        let now = *play.lock().unwrap();
        let reply = match (verb.as_str(), now) {
            ("RCPT", Play::Says(reply)) => reply,
            ("RCPT", Play::Parts) if line.contains("technique@") => "550 5.1.1 no such user",
            ("RCPT", Play::Parts) => "451 4.7.1 greylisted, try again later",
            ("DATA", _) => {
                stream.write_all(b"354 go on\r\n").ok()?;
                let letter: Vec<String> = lines.by_ref().map_while(Result::ok).take_while(|line| line != ".").collect();
                let id = letter.iter().find(|line| line.starts_with("Message-ID:"))?.clone();
                letters.lock().unwrap().entry(id).or_default().push(letter.join("\n"));
                if now == Play::DropsAfterData {
                    return None;
                }
                "250 taken"
            }
            ("QUIT", _) => "221 bye",
            _ => "250 ok",
        };
        stream.write_all(format!("{reply}\r\n").as_bytes()).ok()?;
    }
    Some(())
}

fn lay_forms(installation: &Installation) {
    installation.lay("comptoir.pdf", &demo::one_of_many(&Forms::built_in(), 1).unwrap());
}

/// What waits or stopped.
fn waiting(installation: &Installation) -> Vec<ErrandLine> {
    installation.with_store(|store| async move { store.errands().await.unwrap() })
}

/// Nothing is left to do but letters, and each has failed so many times.
fn failed(installation: &Installation, times: u32) -> bool {
    let errands = waiting(installation);
    !errands.is_empty() && errands.iter().all(|errand| errand.kind == "send" && errand.failures >= times)
}

#[test]
fn a_server_that_puts_off_and_drops_gets_each_letter_with_one_name() {
    let server = Server::start(Play::Says("451 4.7.1 greylisted, try again later"));
    let installation = Installation::new(&server.config());
    lay_forms(&installation);
    let daemon = installation.start();
    installation.until("put off", |installation| failed(installation, 1));
    assert!(installation.status().contains("Réessayé"), "{}", installation.status());
    assert_eq!(installation.answers(), 1, "the answer does not wait for the mail server");
    server.plays(Play::DropsAfterData);
    installation.shift_clock(120);
    installation.until("dropped after the letter", |installation| failed(installation, 2));
    server.plays(Play::Takes);
    installation.shift_clock(1200);
    installation.until("all are sent", |installation| waiting(installation).is_empty());
    daemon.stop();
    let seen = server.seen.lock().unwrap().clone();
    let rows = installation.with_store(|store| async move { store.letters(None).await.unwrap() });
    assert_eq!(seen.len(), rows.len());
    assert!(rows.iter().all(|row| row.state == "sent"));
    assert!(seen.values().all(|copies| copies.len() == 2 && copies[0] == copies[1]), "a repeat is the same letter");
}

#[test]
fn a_server_that_refuses_for_good_stops_that_letter_and_a_person_sends_it_again() {
    let server = Server::start(Play::Says("550 5.1.1 no such user"));
    let installation = Installation::new(&server.config());
    lay_forms(&installation);
    let daemon = installation.start();
    installation.until("refused", |installation| {
        let errands = waiting(installation);
        !errands.is_empty() && errands.iter().all(|errand| errand.kind == "send" && errand.state == "parked")
    });
    let (code, said) = installation.run(&["status"]);
    assert_eq!(code, Some(1));
    assert!(said.contains("Arrêté") && said.contains("550"), "{said}");
    assert_eq!(server.letters(), 0);
    server.plays(Play::Takes);
    assert_eq!(installation.run(&["retry"]).0, Some(0));
    installation.until("all are sent", |installation| waiting(installation).is_empty());
    assert!(server.letters() > 0);
    daemon.stop();
    installation.is_sound();
}

#[test]
fn who_is_refused_is_shown_though_the_others_are_put_off() {
    let server = Server::start(Play::Takes);
    let installation = Installation::new(&server.config());
    lay_forms(&installation);
    assert_eq!(installation.run(&["scan"]).0, Some(0));
    // The letter that opens the tests goes to the webmaster, the merchant and the bank.
    let by = installation.operator();
    let (reference, file) = installation.with_store(|store| async move {
        let declared = store.declarations(None).await.unwrap().remove(0);
        (declared.dossiers[0].to_string(), declared.name)
    });
    let by = by.each_ref().map(String::as_str);
    let accepted = ["step", &reference, "accepted", &file, "--affiliation", "5000000001"];
    assert_eq!(installation.run(&[accepted.as_slice(), &by].concat()).0, Some(0));
    server.plays(Play::Parts);
    installation.run(&["scan"]);
    let (_, shown) = installation.run(&["show", &reference]);
    assert!(shown.contains("refusée par le serveur") && shown.contains("nouvel essai prévu"), "{shown}");
    assert!(shown.contains("Les courriers pour t***@"), "{shown}");
}

#[test]
fn a_server_that_is_silent_or_down_holds_up_neither_work_nor_stop() {
    let server = Server::start(Play::Silent);
    let installation = Installation::new(&server.config());
    lay_forms(&installation);
    let daemon = installation.start();
    installation.until("given up for now", |installation| failed(installation, 1));
    installation.lay("note.pdf", super::daemon::PDF);
    installation.until("others are answered", |installation| installation.answers() == 2);
    installation.shift_clock(120);
    std::thread::sleep(Duration::from_millis(1500));
    let (took, status) = daemon.stop();
    assert!(status.success() && took <= Duration::from_secs(5), "{took:?} {status}");

    // Nobody listens there: a port that was free a moment ago.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let file = installation.path("guichet.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replace(&server.port.to_string(), &port.to_string())).unwrap();
    installation.shift_clock(4000);
    let daemon = installation.start();
    installation.until("down", |installation| failed(installation, 3) || failed(installation, 2));
    std::fs::write(&file, text).unwrap();
    server.plays(Play::Takes);
    let starts = |installation: &Installation| installation.log().matches("At work").count();
    let before = starts(&installation);
    daemon.signal(rustix::process::Signal::HUP);
    installation.until("the server's place is read", |installation| starts(installation) > before);
    installation.shift_clock(100_000);
    installation.until("all are sent", |installation| waiting(installation).is_empty());
    daemon.stop();
    installation.is_sound();
}
