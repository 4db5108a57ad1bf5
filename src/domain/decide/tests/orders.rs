//! Any order of events, repeated, late, with a restart between any two, against the model of the world outside.

use proptest::prelude::*;

use super::model::{Fate, Model};
use super::*;

/// Something that may happen; which file it is about is drawn from those there are.
#[derive(Debug, Clone)]
enum Move {
    Drop {
        number: u128,
        rib: &'static str,
        forms: u8,
    },
    Settle {
        rib: &'static str,
    },
    GiveTerminal(&'static str),
    /// The outbox reports the oldest file on its way.
    Offer(FileType),
    Answer {
        file_type: FileType,
        which: prop::sample::Index,
        accepted: bool,
    },
    Release {
        file_type: FileType,
        by: &'static str,
    },
    Refuse(FileType),
    Gather(FileType),
    Reissue(FileType),
    Report {
        favourable: bool,
        number: u8,
    },
    Withdraw,
    Suspend,
    Resume,
    StrikeOff,
    Reopen,
    DayPasses,
}

fn any_move() -> impl Strategy<Value = Move> {
    let file_type = || prop::sample::select(FileType::ALL.to_vec());
    let rib = || prop::sample::select(vec!["right", "wrong", "other"]);
    prop_oneof![
        4 => (1_u128..9, rib(), 0..3_u8).prop_map(|(number, rib, forms)| Move::Drop { number, rib, forms }),
        1 => rib().prop_map(|rib| Move::Settle { rib }),
        1 => prop::sample::select(vec!["70000009", "70000010"]).prop_map(Move::GiveTerminal),
        6 => file_type().prop_map(Move::Offer),
        6 => (file_type(), any::<prop::sample::Index>(), prop::bool::weighted(0.8))
            .prop_map(|(file_type, which, accepted)| Move::Answer { file_type, which, accepted }),
        6 => (file_type(), prop::sample::select(vec!["valideur", "valideur", "someone"]))
            .prop_map(|(file_type, by)| Move::Release { file_type, by }),
        1 => file_type().prop_map(Move::Refuse),
        4 => file_type().prop_map(Move::Gather),
        1 => file_type().prop_map(Move::Reissue),
        4 => (prop::bool::weighted(0.8), 1..3_u8).prop_map(|(favourable, number)| Move::Report { favourable, number }),
        1 => Just(Move::Withdraw),
        1 => Just(Move::Suspend),
        1 => Just(Move::Resume),
        1 => Just(Move::StrikeOff),
        1 => Just(Move::Reopen),
        1 => Just(Move::DayPasses),
    ]
}

/// The move as an event in this world; `None` when there is no file it could be about.
fn event(what: &Move, model: &Model) -> Option<(Event, Option<(FileType, usize)>)> {
    let by = || "someone".to_owned();
    let numbered = |at: usize| u32::try_from(at + 1).unwrap();
    let plain = |event| Some((event, None));
    match what {
        Move::Drop { number, rib, forms: 0 } => plain(dropped(*number, vec![adhesion(rib)])),
        Move::Drop { number, forms: 1, .. } => plain(dropped(*number, vec![fiche()])),
        Move::Drop { number, rib, .. } => plain(dropped(*number, vec![adhesion(rib), fiche()])),
        Move::Settle { rib } => plain(Event::Settled {
            field: "rib".into(),
            kind: Kind::Adhesion,
            settlement: Settlement::Value(Value::Text((*rib).to_owned())),
            by: by(),
        }),
        Move::GiveTerminal(number) => plain(Event::Completed {
            field: "numero_terminal".into(),
            value: Value::Text((*number).to_owned()),
            by: by(),
        }),
        Move::Offer(file_type) => {
            let at = model.sides[file_type].sent.iter().position(|sent| sent.fate == Fate::Leaving)?;
            Some((published_as(*file_type, numbered(at)), Some((*file_type, at))))
        }
        Move::Answer { file_type, which, accepted } => {
            let sent = &model.sides[file_type].sent;
            // An answer may overtake the news of its own file, not that of an earlier one.
            let first_leaving = sent.iter().position(|sent| sent.fate == Fate::Leaving).map_or(sent.len(), |at| at + 1);
            if first_leaving == 0 {
                return None;
            }
            let at = which.index(first_leaving);
            let answer = if *accepted { accepted_as } else { rejected_as };
            Some((answer(*file_type, numbered(at)), Some((*file_type, at))))
        }
        Move::Release { file_type, by } => plain(released(*file_type, by)),
        Move::Refuse(file_type) => plain(Event::ReleaseRefused {
            file: format!("{file_type}00008.D26-000001"),
            reason: "non".into(),
            by: releaser("valideur"),
        }),
        Move::Gather(file_type) => plain(Event::Gathered { file_type: *file_type }),
        Move::Reissue(file_type) => plain(Event::Reissued { file_type: *file_type, by: by() }),
        Move::Report { favourable, number } => plain(reported(*favourable, &format!("PV-{number}"))),
        Move::Withdraw => plain(Event::Withdrawn { reason: "r".into(), by: by() }),
        Move::Suspend => plain(Event::Suspended { reason: "r".into(), by: by() }),
        Move::Resume => plain(Event::Resumed { by: by() }),
        Move::StrikeOff => plain(Event::StruckOff { reason: "r".into(), by: by() }),
        Move::Reopen => plain(Event::Reopened { by: by() }),
        Move::DayPasses => plain(Event::DayPassed),
    }
}

/// What the move does to the world outside, once the core has let it happen.
fn follow(what: &Move, about: Option<(FileType, usize)>, model: &mut Model, repeated: bool) -> Result<(), String> {
    match (what, about) {
        (Move::Drop { number, rib, forms }, _) => model.dropped(*number, rib, *forms),
        (Move::Settle { rib }, _) => model.settled(rib),
        (Move::GiveTerminal(_), _) => model.given_terminal(),
        (Move::Offer(file_type), Some((_, at))) => model.side(*file_type).sent[at].fate = Fate::Offered,
        (Move::Answer { file_type, accepted, .. }, Some((_, at))) => model.answered(*file_type, at, *accepted),
        (Move::Gather(file_type), _) => {
            let operation = model.side(*file_type).batched.take().ok_or("gathered what did not wait")?;
            model.number(*file_type, operation)?;
        }
        (Move::Report { favourable, .. }, _) if !repeated => model.reported(*favourable),
        (Move::Withdraw, _) => model.closed(Step::Withdrawn),
        (Move::Suspend, _) => model.closed(Step::Suspended),
        (Move::Resume, _) => model.closed(Step::Live),
        (Move::StrikeOff, _) => model.closed(Step::StruckOff),
        (Move::Reopen, _) => model.reopened(),
        _ => {}
    }
    Ok(())
}

fn walk(world: &mut World, moves: &[Move]) -> Result<(), TestCaseError> {
    let mut dossier = opened(world);
    let mut model = Model::new();
    let mut letters = std::collections::BTreeSet::new();
    for what in moves {
        world.now += jiff::SignedDuration::from_mins(1);
        let Some((event, about)) = event(what, &model) else { continue };
        let from = dossier.step;
        let decision = match dossier.clone().decide(&event, &world.terms(), world.now) {
            Ok(decision) => decision,
            Err(refused) => {
                prop_assert!(!refused.gate.is_empty() && refused.step == from);
                continue;
            }
        };
        let row = from.on(event.name()).expect("decided only by the table");
        prop_assert!(row.to.contains(&decision.dossier.step), "{} from {from} to {}", row.event, decision.dossier.step);
        if let Event::Released { by, .. } = &event {
            let hand = decision.effects.is_empty() || !dossier.hands.contains(&by.name);
            prop_assert!(hand, "released by one who had a hand in it");
        }
        for effect in &decision.effects {
            if let Effect::Send(letter) = effect {
                let told = (letter.subject, letter.to, letter.occasion.clone());
                prop_assert!(letters.insert(told.clone()), "the letter {told:?} goes out twice");
            }
        }
        let repeated = decision.dossier == dossier;
        // A batch closed is numbered before its files are carried out; all else follows what was decided.
        let followed = follow(what, about, &mut model, repeated).and_then(|()| model.carry_out(&decision.effects));
        prop_assert!(followed.is_ok(), "{what:?} at {from}: {followed:?}");
        prop_assert_eq!(model.step, decision.dossier.step, "{:?} at {}", what, from);

        // A restart: the dossier is what was written down.
        let stored = serde_json::to_string(&decision.dossier).unwrap();
        dossier = serde_json::from_str(&stored).unwrap();
        prop_assert_eq!(&dossier, &decision.dossier);
        // The same again adds nothing, or is refused.
        if let Ok(again) = dossier.clone().decide(&event, &world.terms(), world.now) {
            let silent = again.effects.iter().all(|effect| matches!(effect, Effect::Answer(_)));
            let by_hand = matches!(event, Event::Settled { .. });
            prop_assert!(silent, "{:?} again: {:?}", event.name(), again.effects);
            prop_assert!(by_hand || again.dossier == dossier, "{:?} again changes the dossier", event.name());
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_order_of_events_breaks_the_procedure(moves in prop::collection::vec(any_move(), 1..60)) {
        walk(&mut World::new(), &moves)?;
    }

    #[test]
    fn nor_does_it_when_everything_leaves_in_batches(moves in prop::collection::vec(any_move(), 1..60)) {
        let mut world = World::new();
        world.batch = FileType::ALL.to_vec();
        walk(&mut world, &moves)?;
    }

    #[test]
    fn nor_when_nobody_needs_to_release(moves in prop::collection::vec(any_move(), 1..60)) {
        let mut world = World::new();
        (world.held, world.held_changes) = (vec![], vec![]);
        walk(&mut world, &moves)?;
    }
}
