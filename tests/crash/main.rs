//! Kills guichet at every named point and at random moments, takes published files away like a real consumer, and checks at the
//! end that nothing was lost and nothing offered twice.
//!
//! `make crash KILLS=300` runs it: every point three times, half of them followed by a second kill during recovery, then so many
//! kills at random. A negative control publishes in the usual way (write, rename, mark) and must be caught.
//! `SEED` repeats a run. What a kill cannot show is power loss: the page cache survives.

mod bench;

use bench::Bench;

/// Kills at random, unless `KILLS` says otherwise.
const KILLS: usize = 60;

fn kills() -> usize {
    std::env::var("KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(KILLS)
}

#[test]
fn killed_at_every_point_nothing_is_lost_and_nothing_offered_twice() {
    let points = Bench::points();
    assert!(points.len() >= 35, "only {} points met: {points:?}", points.len());
    let mut bench = Bench::new("points");
    let mut missed = points.clone();
    for round in 1..=3 {
        for point in &points {
            bench.drop_some();
            // The first passage, then later ones: the first often belongs to what the last kill left.
            let passage = if round == 1 { 1 } else { bench.below(3) + 1 };
            if bench.run_and_kill_at(point, passage) {
                missed.retain(|missed| missed != point);
            }
            bench.consume();
            if bench.below(2) == 0 {
                let any = bench.below(24) + 1;
                bench.run_and_kill_at("*", any);
                bench.consume();
            }
        }
    }
    assert!(missed.is_empty(), "never killed at {missed:?}");
    bench.settle();
    println!("points: {}", bench.check().expect("nothing lost, nothing twice"));
}

#[test]
fn killed_at_random_nothing_is_lost_and_nothing_offered_twice() {
    let mut bench = Bench::new("random");
    while bench.killed < kills() {
        bench.drop_some();
        bench.run_and_kill_after_a_while();
        bench.consume();
    }
    bench.settle();
    println!("random: {}", bench.check().expect("nothing lost, nothing twice"));
}

#[test]
fn publishing_the_usual_way_is_caught() {
    let mut bench = Bench::new("naive");
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
