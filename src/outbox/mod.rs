//! The errand boy: borrows due errands, has them done, writes down what came of it.
//!
//! Woken by a bell *and* by a timer. Every errand may be done twice (its borrower may die between the act and the note), so each is
//! made to be recognised: a declaration by the stage, a letter by its Message-ID, an answer by its name.
//! No transaction is open while anything is being done.

mod leave;
mod publish;

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::procedure::{self, Desk, Setback};
use crate::store::{Errand, ErrandKind};
use crate::told::told;

pub use leave::Inboxes;
pub use publish::{NotPublished, Outboxes};

/// How long an errand is lent; prolonged while it is being done.
const LOAN: Duration = Duration::from_mins(1);
/// A look for due errands, bell or not.
const LOOK: Duration = Duration::from_secs(1);
/// Before an errand that waits for its turn is looked at again: soon at first, then from time to time.
const TURN: Duration = Duration::from_millis(200);
const LONG_TURN: Duration = Duration::from_mins(1);
const SHORT_TURNS: u32 = 50;

/// Carries errands of one kind with so many hands until `stop`; what is in hand then is finished.
pub async fn carry(desk: Arc<Desk>, kind: ErrandKind, hands: usize, mut stop: watch::Receiver<bool>) {
    let mut bell = desk.bell.subscribe();
    let mut at_work = JoinSet::new();
    while !*stop.borrow() {
        while at_work.try_join_next().is_some() {}
        let free = hands - at_work.len();
        let lent = if free == 0 { Vec::new() } else { borrow(&desk, kind, free).await };
        for errand in lent {
            let desk = Arc::clone(&desk);
            at_work.spawn(async move {
                carry_one(&desk, &errand).await;
                desk.ring();
            });
        }
        tokio::select! {
            _ = bell.changed() => {}
            () = tokio::time::sleep(LOOK) => {}
            _ = stop.changed() => {}
        }
    }
    while at_work.join_next().await.is_some() {}
}

async fn borrow(desk: &Desk, kind: ErrandKind, free: usize) -> Vec<Errand> {
    let now = desk.clock.now();
    match desk.store.lend(kind, free, now, now + LOAN).await {
        Ok(errands) => errands,
        Err(err) => {
            tracing::error!("Errands cannot be looked up: {:#}", anyhow::Error::from(err));
            Vec::new()
        }
    }
}

/// Does one errand, prolonging its loan meanwhile, and writes down a setback.
async fn carry_one(desk: &Desk, errand: &Errand) {
    let work = unwinding(do_it(desk, errand));
    tokio::pin!(work);
    let done = loop {
        tokio::select! {
            done = &mut work => break done,
            () = tokio::time::sleep(LOAN / 3) => {
                let until = desk.clock.now() + LOAN;
                if matches!(desk.store.renew(&errand.loan, until).await, Ok(false)) {
                    break Err(Setback::Lost);
                }
            }
        }
    };
    let (kind, subject) = (errand.kind.as_str(), &errand.subject);
    let Err(setback) = done else {
        tracing::info!(errand.id = %errand.loan.errand, errand.kind = kind, "Done: {kind} {subject}");
        return;
    };
    let noted = match &setback {
        Setback::Lost => {
            tracing::warn!(errand.id = %errand.loan.errand, "Dropped: {kind} {subject} is in other hands");
            return;
        }
        Setback::Wait(why) => {
            let turn = if errand.failures < SHORT_TURNS { TURN } else { LONG_TURN };
            desk.store.postpone(&errand.loan, desk.clock.now() + turn, &told(why)).await
        }
        Setback::Retry(why) => {
            tracing::warn!(errand.id = %errand.loan.errand, errand.kind = kind, "Not yet: {kind} {subject}: {why:#}");
            let due = desk.clock.now() + procedure::pause(errand.kind, errand.failures);
            desk.store.postpone(&errand.loan, due, &told(why)).await
        }
        Setback::Park(why) => {
            tracing::error!(errand.id = %errand.loan.errand, errand.kind = kind, "A person must look: {kind} {subject}: {why:#}");
            desk.store.park(&errand.loan, &told(why)).await
        }
    };
    if let Err(err) = noted {
        // The loan lapses by itself and the errand is lent again.
        tracing::error!("What came of errand {} cannot be noted: {:#}", errand.loan.errand, anyhow::Error::from(err));
    }
}

async fn do_it(desk: &Desk, errand: &Errand) -> Result<(), Setback> {
    match errand.kind {
        ErrandKind::Examine => procedure::treat(desk, errand).await,
        ErrandKind::Write => procedure::write_again(desk, errand).await,
        ErrandKind::Publish | ErrandKind::Send | ErrandKind::Answer => {
            let event = procedure::fulfil(desk, errand).await?;
            procedure::conclude(desk, errand, event).await
        }
    }
}

/// A panic while doing an errand is a fault of ours in that errand: it is shown, and the others go on.
async fn unwinding(work: impl Future<Output = Result<(), Setback>>) -> Result<(), Setback> {
    let mut work = std::pin::pin!(AssertUnwindSafe(work));
    std::future::poll_fn(move |context| {
        let work = work.as_mut();
        // `AssertUnwindSafe` is transparent to pinning: the future is polled in place.
        match std::panic::catch_unwind(AssertUnwindSafe(|| work.poll(context))) {
            Ok(polled) => polled,
            Err(_) => std::task::Poll::Ready(Err(Setback::Park(anyhow::anyhow!(
                "défaut de guichet ; voir son journal technique"
            )))),
        }
    })
    .await
}
