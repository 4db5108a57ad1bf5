//! What one acknowledgement says of each dossier that its declaration is about.

use std::collections::BTreeMap;

use super::Obstacle;
use crate::acknowledgement::{Acknowledgement, Answered};
use crate::domain::dossier::DossierRef;
use crate::domain::event::Acknowledged;
use crate::store::Outgoing;

/// One outcome for each dossier that is spoken of. A file refused or accepted as a whole speaks of all its dossiers; in a partial
/// acceptance, those not named are not answered yet.
pub(super) fn per_dossier(
    told: &Acknowledgement,
    declared: &Outgoing,
) -> Result<Vec<(DossierRef, Acknowledged)>, Obstacle> {
    // Whoever accepts has read the file that left: a refusal may well tell another total.
    let accepts = |outcome: &Acknowledged| matches!(outcome, Acknowledged::Accepted { .. });
    let accepted = told.whole.iter().any(accepts) || told.merchants.iter().any(|one| accepts(&one.outcome));
    if accepted && told.total.is_some_and(|total| total_of(&declared.bytes) != Some(total)) {
        let text = "le total de contrôle recalculé n'est pas celui de la déclaration";
        return Err(Obstacle::Wrong("F006", text.to_owned()));
    }
    if accepted && told.environment.is_some_and(|environment| environment_of(&declared.bytes) != Some(environment)) {
        let text = "l'environnement (test ou production) n'est pas celui de la déclaration";
        return Err(Obstacle::Wrong("F008", text.to_owned()));
    }
    if let Some(whole) = &told.whole {
        return Ok(declared.dossiers.iter().map(|dossier| (dossier.clone(), whole.clone())).collect());
    }
    let mut spoken: BTreeMap<&DossierRef, Vec<&Acknowledged>> = BTreeMap::new();
    for answered in &told.merchants {
        spoken.entry(whose(answered, declared)?).or_default().push(&answered.outcome);
    }
    if spoken.is_empty() {
        return Err(Obstacle::Wrong("F002", "aucun commerçant n'est nommé".to_owned()));
    }
    Ok(spoken.into_iter().map(|(dossier, outcomes)| (dossier.clone(), together(&outcomes))).collect())
}

/// The dossier an answer is about: the one it names, which must be that of the record it answers; else the record's.
fn whose<'a>(answered: &Answered, declared: &'a Outgoing) -> Result<&'a DossierRef, Obstacle> {
    let of_file = |reference: &str| declared.dossiers.iter().find(|dossier| dossier.as_str() == reference);
    let by_record = reference_at(&declared.bytes, answered.record).and_then(|reference| of_file(&reference));
    let foreign = || Obstacle::Wrong("M001", "un dossier nommé n'est pas dans la déclaration".to_owned());
    match (&answered.reference, by_record) {
        (Some(named), by_record) => {
            let named = of_file(named).ok_or_else(foreign)?;
            if answered.record != 0 && by_record != Some(named) {
                let text = "le numéro d'enregistrement n'est pas celui du dossier nommé";
                return Err(Obstacle::Wrong("M001", text.to_owned()));
            }
            Ok(named)
        }
        (None, Some(dossier)) => Ok(dossier),
        // An answer to a file of one merchant may name neither.
        (None, None) => match declared.dossiers.as_slice() {
            [only] if answered.record == 0 => Ok(only),
            _ => Err(foreign()),
        },
    }
}

/// The dossier that a record of the declaration names, at its positions 34 to 45. Records that name a merchant or a user only.
fn reference_at(bytes: &[u8], record: u32) -> Option<String> {
    let at = usize::try_from(record).ok()?.checked_sub(1)?;
    let text = std::str::from_utf8(bytes).ok()?;
    let line = text.lines().nth(at)?;
    matches!(line.get(..2)?, "10" | "40").then(|| line.get(33..45).map(|zone| zone.trim().to_owned()))?
}

/// Test or production, at position 83 of the first record.
fn environment_of(bytes: &[u8]) -> Option<char> {
    std::str::from_utf8(bytes).ok()?.lines().next()?.get(82..83)?.chars().next()
}

/// The control total of a declaration, at positions 58 to 67 of its last record.
fn total_of(bytes: &[u8]) -> Option<u64> {
    std::str::from_utf8(bytes).ok()?.lines().last()?.get(57..67)?.parse().ok()
}

/// All accepted, or rejected for every reason given, or still pending.
fn together(outcomes: &[&Acknowledged]) -> Acknowledged {
    let mut reasons = Vec::new();
    let mut pending = None;
    let mut accepted = None;
    for outcome in outcomes {
        match outcome {
            Acknowledged::Rejected { reasons: told } => reasons.extend(told.iter().cloned()),
            Acknowledged::Pending { .. } => pending = Some(*outcome),
            Acknowledged::Accepted { .. } => accepted = accepted.or(Some(*outcome)),
        }
    }
    if !reasons.is_empty() {
        return Acknowledged::Rejected { reasons };
    }
    let said = pending.or(accepted);
    said.map_or_else(|| Acknowledged::Pending { reason: String::new() }, Clone::clone)
}

/// What the author of a file set aside can do about it.
pub(super) fn remedy(code: &str) -> &'static str {
    match code {
        "F001" => {
            "Enregistrez la réponse en enregistrements de 500 caractères, en CSV ou en JSON, en UTF-8, et déposez-la de nouveau."
        }
        "F002" | "F005" | "F006" | "F007" | "F008" => {
            "Vérifiez l'en-tête, les statuts et les nombres du fichier, et déposez-le de nouveau."
        }
        "F003" => {
            "Vérifiez le nom et la séquence du fichier d'origine ; si une réponse contraire a déjà été donnée, écrivez à l'exploitant."
        }
        "F010" => "Déposez la réponse dans le dossier de celui à qui la déclaration était adressée.",
        "X999" => "Retirez le numéro de carte, même d'une carte de test, et déposez la réponse de nouveau.",
        "M001" => "Vérifiez les références des dossiers : elles sont celles de la déclaration.",
        _ => "Écrivez à l'exploitant en joignant ce fichier.",
    }
}
