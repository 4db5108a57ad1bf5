//! The reference in the README and the configuration know the same keys.

use std::collections::BTreeSet;

use super::*;

/// Sections with what they cannot do without; the top has no section.
const SECTIONS: [(&str, &str); 13] = [
    ("", ""),
    ("inbox", "[inbox]"),
    ("outbox", "[outbox]"),
    ("storage", "[storage]"),
    ("content", "[content]"),
    ("post", "[post]"),
    ("post.smtp", "[post.smtp]"),
    ("monetique", "[monetique]"),
    ("declarations", "[declarations]"),
    ("limits", "[limits]"),
    ("retention", "[retention]"),
    ("log", "[log]"),
    ("bank.conditions", "[[bank]]\nfolder = \"b\"\ncode = \"08\"\nname = \"B\"\n[bank.conditions]"),
];

/// A key that nobody knows makes the reader name all those it knows.
fn keys(heading: &str) -> Vec<String> {
    let faults = Config::parse(&format!("{heading}\nnobody_knows = 1\n"), Path::new(".")).unwrap_err().to_string();
    let known = faults.split_once("expected").expect("the known keys are named").1;
    let known = known.lines().next().unwrap_or_default();
    known.split('`').skip(1).step_by(2).map(ToOwned::to_owned).collect()
}

#[test]
fn the_readme_names_every_key_and_no_other() {
    let mut known = BTreeSet::new();
    for (section, heading) in SECTIONS.iter().copied().chain([("bank", "[[bank]]")]) {
        for key in keys(heading) {
            let name = if section.is_empty() { key } else { format!("{section}.{key}") };
            known.insert(name);
        }
    }
    // Sections are no keys.
    known.retain(|name| !known_section(name));
    let readme = include_str!("../../README.md");
    let reference = readme.split_once("| key | default | what |").expect("the reference is there").1;
    let reference = reference.split_once("\n\n").map_or(reference, |(table, _)| table);
    let told: BTreeSet<String> =
        reference.lines().filter_map(|row| row.strip_prefix("| `")?.split('`').next().map(ToOwned::to_owned)).collect();
    assert_eq!(told, known);
}

fn known_section(name: &str) -> bool {
    name == "bank" || SECTIONS.iter().any(|(section, _)| *section == name)
}
