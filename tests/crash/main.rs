//! Kills guichet at every named point and at random moments, takes published files away like a real consumer, answers them like
//! Monétique-Tunisie, takes its letters like a mail server, and checks at the end that nothing was lost and nothing done twice.
//!
//! Every point three times, half of them followed by a second kill during recovery, then `KILLS` kills at random (300; 10000
//! before a release: `make crash KILLS=10000`). A negative control publishes in the usual way (write, rename, mark) and
//! must be caught. `SEED` repeats a run. What a kill cannot show is power loss: the page cache survives; therefore installations lie in
//! memory where the machine has room for it, and the time goes into kills instead of into the disk.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod bench;
mod check;
mod mailbox;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use bench::Bench;

/// Kills at random, unless `KILLS` says otherwise.
const KILLS: usize = 300;
/// Installations killed side by side.
const SIDE_BY_SIDE: usize = 2;

fn kills() -> usize {
    std::env::var("KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(KILLS)
}

/// Runs the same on several installations at once, each with its own seed; panics of any are panics of the test.
fn side_by_side(name: &str, work: impl Fn(&mut Bench, usize) + Sync) {
    std::thread::scope(|scope| {
        for at in 0..SIDE_BY_SIDE {
            let work = &work;
            scope.spawn(move || {
                let mut bench = Bench::new(&format!("{name}-{at}"), at as u64);
                work(&mut bench, at);
            });
        }
    });
}

#[test]
fn killed_at_every_point_nothing_is_lost_and_nothing_done_twice() {
    let layouts: Vec<Vec<String>> = (0..SIDE_BY_SIDE).map(Bench::points).collect();
    let points: BTreeSet<String> = layouts.iter().flatten().cloned().collect();
    for room in ["claim", "intake", "blob", "receive", "archive", "commit", "stage", "publish", "letter", "answer"] {
        assert!(points.iter().any(|point| point.starts_with(&format!("{room}."))), "no point of {room} in {points:?}");
    }
    assert!(points.iter().any(|point| point.starts_with("acknowledgement.")), "no acknowledgement in {points:?}");
    assert!(points.len() >= 36, "only {} points met: {points:?}", points.len());
    println!("{} points: {points:?}", points.len());
    // A point that every layout passes is given to one of them.
    let mut work: Vec<Vec<String>> = vec![Vec::new(); SIDE_BY_SIDE];
    for (number, point) in points.iter().enumerate() {
        let having: Vec<usize> = (0..SIDE_BY_SIDE).filter(|at| layouts[*at].contains(point)).collect();
        work[having[number % having.len()]].push(point.clone());
    }
    let kills: Mutex<BTreeMap<String, usize>> = Mutex::new(points.into_iter().map(|point| (point, 0)).collect());
    side_by_side("points", |bench, at| {
        for round in 1..=3 {
            for point in &work[at] {
                bench.drop_for(point);
                // The first passage, then later ones: the first often belongs to what the last kill left. Where there is no later
                // one, the first again.
                let passage = if round == 1 { 1 } else { bench.below(3) + 1 };
                let mut killed = bench.run_and_kill_at(point, passage);
                if !killed {
                    bench.consume();
                    bench.drop_for(point);
                    killed = bench.run_and_kill_at(point, 1);
                }
                *kills.lock().unwrap().get_mut(point).expect("it was met") += usize::from(killed);
                bench.consume();
                if bench.below(2) == 0 {
                    let any = bench.below(24) + 1;
                    bench.run_and_kill_at("*", any);
                    bench.consume();
                }
            }
        }
        bench.settle();
        println!("points: {}", bench.check().expect("nothing lost, nothing twice"));
    });
    let mut kills = kills.into_inner().unwrap();
    kills.retain(|_, times| *times < 3);
    assert!(kills.is_empty(), "killed less than three times at {kills:?}");
}

#[test]
fn killed_at_random_nothing_is_lost_and_nothing_done_twice() {
    let wanted = kills().div_ceil(SIDE_BY_SIDE);
    side_by_side("random", |bench, _| {
        let mut told = 0;
        while bench.killed < wanted {
            if bench.runs.is_multiple_of(50) {
                bench.time_a_run();
            }
            bench.drop_some();
            bench.run_and_kill_after_a_while();
            bench.consume();
            if bench.killed >= told + 500 {
                // A long run looks in between: a fault is found near its cause, and the rows do not grow without end.
                bench.settle();
                println!("random: {}", bench.check().expect("nothing lost, nothing twice"));
                told = bench.killed;
            }
        }
        bench.settle();
        println!("random: {}", bench.check().expect("nothing lost, nothing twice"));
    });
}

#[test]
fn killed_while_erasing_everything_goes_and_the_list_stays() {
    let mut bench = Bench::new("purge", 7);
    let mut killed = 0;
    let points = [
        "purge_list.opened",
        "purge_list.written",
        "purge_list.renamed",
        "purge_list.folder_synced",
        "purge.listed",
        "purge.in_transaction",
        "purge.committed",
        "purge.blobs_removed",
        "purge.claims_removed",
        "purge.done",
    ];
    for point in points {
        for passage in [1, 2] {
            bench.drop_note();
            bench.drop_folder();
            assert!(!bench.run_and_kill_at("none", 1));
            bench.keep_nothing(true);
            killed += usize::from(bench.purge_and_kill_at(point, passage));
            // The start takes up what was left, the second purge what was not begun.
            assert!(!bench.run_and_kill_at("none", 1));
            assert!(!bench.purge_and_kill_at("none", 1));
            bench.keep_nothing(false);
            bench.check_erased().unwrap_or_else(|fault| panic!("after {point}:{passage}: {fault}"));
        }
    }
    assert!(killed > points.len(), "only {killed} kills");
    println!("purge: {killed} kills, nothing erased is left, nothing erased is unlisted");
}

#[test]
fn publishing_the_usual_way_is_caught() {
    let mut bench = Bench::new("naive", 9);
    bench.naive = true;
    for _ in 0..3 {
        bench.drop_form();
        bench.run_and_kill_at("publish.folder_synced", 1);
        bench.consume();
    }
    bench.settle();
    let caught = bench.check().expect_err("a file offered twice must be noticed");
    assert!(caught.contains("offered twice"), "caught something else: {caught}");
    println!("negative control: {caught}");
}
