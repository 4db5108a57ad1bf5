//! What a template at fault, or anything else, may do to a file: each tampering is found before the file leaves.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use proptest::prelude::*;

use super::check::check;
use super::tests::{House, sample};
use crate::domain::declaration::{Declaration, FileType, Operation, Sequence};
use crate::domain::dossier::DossierRef;
use crate::layouts::Layouts;

/// A sound file of two merchants for each type, with line feeds as the check sees it: laid out once, hurt many times.
struct Sound {
    declared: Vec<Declaration>,
    text: String,
}

static LAYOUTS: LazyLock<Layouts> = LazyLock::new(Layouts::built_in);
static SOUND: LazyLock<BTreeMap<FileType, Sound>> = LazyLock::new(|| {
    let house = House::new();
    let of_type = |file_type| {
        let second = Declaration { dossier: DossierRef::new(2026, 124), ..sample(file_type, Operation::Modification) };
        let declared = vec![sample(file_type, Operation::Creation), second];
        let text = String::from_utf8(house.lay_all_out(&declared).unwrap().bytes).unwrap().replace("\r\n", "\n");
        (file_type, Sound { declared, text })
    };
    FileType::ALL.into_iter().map(of_type).collect()
});

fn found(declared: &[Declaration], text: &str) -> bool {
    check(&LAYOUTS, declared, Sequence(7), text).is_err()
}

fn any_type() -> impl Strategy<Value = FileType> {
    prop::sample::select(FileType::ALL.to_vec())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn a_character_more_or_less_is_found(file_type in any_type(), at in any::<prop::sample::Index>(), more in any::<bool>()) {
        let Sound { declared, text } = &SOUND[&file_type];
        let mut text = text.clone();
        let at = at.index(text.len());
        if more { text.insert(at, ' ') } else { let _ = text.remove(at); }
        prop_assert!(found(declared, &text));
    }

    #[test]
    fn a_character_outside_the_set_is_found(file_type in any_type(), at in any::<prop::sample::Index>(), c in "[éÀœ\u{0}\t\u{7f}س]") {
        let Sound { declared, text } = &SOUND[&file_type];
        let at = at.index(text.len());
        let hurt = format!("{}{c}{}", &text[..at], &text[at + 1..]);
        prop_assert!(found(declared, &hurt));
    }

    /// The end mark, and every space that only fills: the reserve of each record.
    #[test]
    fn a_filling_off_is_found(file_type in any_type(), line in any::<prop::sample::Index>(), at in any::<prop::sample::Index>()) {
        let Sound { declared, text } = &SOUND[&file_type];
        let lines: Vec<&str> = text.lines().collect();
        let line = line.index(lines.len());
        let reserve = LAYOUTS.zones(&lines[line][..2]).last().map_or(0, |zone| zone.at + zone.length - 1);
        let at = reserve + at.index(500 - reserve);
        let mut hurt = text.clone().into_bytes();
        hurt[line * 501 + at] = b'Y';
        prop_assert!(found(declared, std::str::from_utf8(&hurt).unwrap()));
    }

    /// Numbers, counts, totals, dates, codes of the prefix and of the first and last record: no digit can change unseen.
    #[test]
    fn a_count_a_total_or_a_number_off_is_found(file_type in any_type(), at in any::<prop::sample::Index>(), by in 1_u8..10) {
        let Sound { declared, text } = &SOUND[&file_type];
        let last = text.len() - 501;
        // Record numbers and banks of every record; counts and total of the last.
        let mut places: Vec<usize> = (0..text.len() / 501).flat_map(|line| (2..10).chain(18..23).map(move |at| line * 501 + at)).collect();
        places.extend(last + 45..last + 67);
        let at = places[at.index(places.len())];
        let mut hurt = text.clone().into_bytes();
        hurt[at] = b'0' + (hurt[at] - b'0' + by) % 10;
        // The header of several merchants has no operation of its own.
        prop_assume!(!(8..10).contains(&at) && !(last + 8..last + 10).contains(&at));
        prop_assert!(found(declared, std::str::from_utf8(&hurt).unwrap()));
    }

    #[test]
    fn a_record_lost_doubled_or_out_of_its_place_is_found(file_type in any_type(), from in any::<prop::sample::Index>(), what in 0..3) {
        let Sound { declared, text } = &SOUND[&file_type];
        let mut lines: Vec<&str> = text.lines().collect();
        let from = from.index(lines.len() - 1);
        match what {
            0 => drop(lines.remove(from)),
            1 => lines.insert(from, lines[from]),
            _ => lines.swap(from, from + 1),
        }
        let hurt = lines.join("\n") + "\n";
        prop_assert!(found(declared, &hurt));
    }
}

#[test]
fn what_is_sound_passes() {
    for file_type in FileType::ALL {
        let Sound { declared, text } = &SOUND[&file_type];
        check(&LAYOUTS, declared, Sequence(7), text).unwrap();
        assert!(found(&declared[..1], text), "a merchant nobody declared");
        assert!(check(&LAYOUTS, declared, Sequence(8), text).is_err(), "another number");
    }
}
