//! Many files at once, two daemons, a database that someone else holds, and a stop in the middle of work.

use std::fs;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use sqlx::{ConnectOptions, Connection};

use super::daemon::Installation;

/// The most memory the daemon ever had, in MiB.
fn peak_memory(process: u32) -> u64 {
    let text = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = text.lines().find(|line| line.starts_with("VmHWM")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
}

/// `FLOOD=100000` drops as many as the announcements of the system cannot hold (16,384).
#[test]
fn a_flood_of_files_is_taken_in_bounded_memory() {
    let flood: usize = std::env::var("FLOOD").ok().and_then(|flood| flood.parse().ok()).unwrap_or(3_000);
    let installation = Installation::new("[limits]\nhands = 1\n");
    let hidden = installation.path("hidden");
    fs::create_dir(&hidden).unwrap();
    for number in 0..flood {
        fs::write(hidden.join(format!("{number}.txt")), format!("note {number}")).unwrap();
    }
    let daemon = installation.start();
    installation.until("at work", |installation| installation.log().contains("At work"));
    let inbox = installation.path("inbox/biat");
    let begun = Instant::now();
    for number in 0..flood {
        let name = format!("{number}.txt");
        fs::rename(hidden.join(&name), inbox.join(&name)).unwrap();
    }
    let received = |installation: &Installation| {
        installation.with_store(|store| async move {
            use guichet::store::Store;
            let overview = store.overview().await.unwrap();
            usize::try_from(overview.documents.values().sum::<u64>()).unwrap()
        })
    };
    let patience = Duration::from_secs(60 + flood as u64 / 20);
    while received(&installation) < flood {
        assert!(begun.elapsed() < patience, "{} of {flood} taken\n{}", received(&installation), installation.status());
        std::thread::sleep(Duration::from_millis(200));
    }
    let seconds = begun.elapsed().as_secs_f64();
    let memory = peak_memory(daemon.id());
    println!("flood: {flood} files taken in {seconds:.1} s ({:.0}/s), at most {memory} MiB", flood as f64 / seconds);
    assert!(memory < 256, "{memory} MiB");
    let (took, status) = daemon.stop();
    assert!(status.success() && took < Duration::from_secs(6), "{took:?} {status}");
    let left = fs::read_dir(&inbox).unwrap().flatten().filter(|entry| entry.file_type().unwrap().is_file()).count();
    assert_eq!(left, 0);
    installation.is_sound();
}

#[test]
fn a_second_daemon_refuses_to_start() {
    let installation = Installation::new("");
    let first = installation.start();
    installation.until("at work", |installation| installation.log().contains("At work"));
    for subcommand in ["run", "scan"] {
        let (code, said) = installation.run(&[subcommand]);
        assert_eq!(code, Some(75), "{said}");
        assert!(said.contains("un autre guichet travaille"), "{said}");
    }
    assert!(first.stop().1.success());
    assert_eq!(installation.run(&["scan"]).0, Some(0));
}

#[test]
fn a_database_held_for_half_a_minute_delays_and_loses_nothing() {
    let installation = Installation::new("");
    let mut daemon = installation.start();
    installation.until("at work", |installation| installation.log().contains("At work"));
    let file = installation.path("var/guichet.db");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut other = sqlx::sqlite::SqliteConnectOptions::new().filename(&file).connect().await.unwrap();
        sqlx::query("BEGIN EXCLUSIVE").execute(&mut other).await.unwrap();
        installation.lay("note.pdf", super::daemon::PDF);
        tokio::time::sleep(Duration::from_secs(30)).await;
        sqlx::query("ROLLBACK").execute(&mut other).await.unwrap();
        other.close().await.unwrap();
    });
    installation.until("it is answered", |installation| installation.answers() == 1);
    assert!(daemon.is_alive());
    assert_eq!(installation.documents(), ["note.pdf"]);
    daemon.stop();
    installation.is_sound();
}

#[test]
fn asked_to_stop_in_the_middle_of_work_it_stops_and_the_next_start_goes_on() {
    let installation = Installation::new("");
    for number in 0..80 {
        installation.lay(&format!("note {number}.pdf"), format!("%PDF-1.4 {number} %%EOF\n").as_bytes());
    }
    let forms = guichet::schemas::Forms::built_in();
    for number in 1..4 {
        installation.lay(&format!("comptoir {number}.pdf"), &guichet::demo::one_of_many(&forms, number).unwrap());
    }
    let daemon = installation.start();
    installation.until("in the middle", |installation| installation.answers() > 2);
    let (took, status) = daemon.stop();
    assert!(status.success(), "{status}");
    assert!(took <= Duration::from_secs(5), "{took:?}");
    println!("stopped in {took:?} with {} of 83 answered", installation.answers());
    let daemon = installation.start();
    installation.until("all is answered", |installation| installation.answers() == 83);
    daemon.stop();
    installation.is_sound();
}

#[test]
fn a_new_configuration_is_taken_at_sighup_and_a_faulty_one_is_refused() {
    let installation = Installation::new("");
    let mut daemon = installation.start();
    installation.until("at work", |installation| installation.log().contains("At work"));
    let file = installation.path("guichet.toml");
    let sound = fs::read_to_string(&file).unwrap();
    fs::write(&file, format!("{sound}\n[inbxo]\npath = \"elsewhere\"\n")).unwrap();
    daemon.signal(Signal::HUP);
    installation.until("the fault is told", |installation| installation.log().contains("the old one stays"));
    installation.lay("note.pdf", super::daemon::PDF);
    installation.until("it works on", |installation| installation.answers() == 1);
    let more = "[[bank]]\nfolder = \"stb\"\ncode = \"10\"\nname = \"S\"\nmailboxes = []\n";
    fs::write(&file, format!("{sound}{more}")).unwrap();
    daemon.signal(Signal::HUP);
    installation.until("the new bank has its folder", |installation| installation.path("inbox/stb").is_dir());
    fs::write(installation.path("inbox/stb/autre.pdf"), "%PDF-1.4 autre %%EOF\n").unwrap();
    installation.until("it is answered there", |installation| installation.path("inbox/stb/reponses").is_dir());
    assert!(daemon.is_alive());
}
