//! Every published test vector of the identifiers, with our code beside the vectors' own.

use serde::Deserialize;

use super::*;

#[derive(Deserialize)]
struct Vectors {
    mf_letters: String,
    rib: Vec<Vector>,
    iban: Vec<Vector>,
    matricule_fiscal: Vec<Vector>,
    identifiant_rne: Vec<Vector>,
    cin: Vec<Vector>,
    carte_sejour: Vec<Vector>,
    telephone: Vec<Vector>,
    code_postal: Vec<Vector>,
}

#[derive(Deserialize)]
struct Vector {
    input: String,
    valid: bool,
    code: Option<String>,
    normalized: Option<String>,
    iban: Option<String>,
    e164: Option<String>,
    suggestion: Option<String>,
    gouvernorat: Option<String>,
}

fn vectors() -> Vectors {
    serde_json::from_str(include_str!("../../../tests/fixtures/identifiers.json")).unwrap()
}

/// Our finding codes for the codes of the vectors.
fn ours(code: &str) -> &str {
    match code {
        "cle_rib" => "rib_key",
        "cle_iban" => "iban_key",
        "pays" => "iban_foreign",
        "cle_mf" => "mf_letter",
        "code_tva" => "mf_vat_code",
        "categorie" => "mf_category_code",
        "etablissement" => "mf_establishment",
        other => other,
    }
}

fn agrees(value_type: ValueType, vector: &Vector, shape_code: &str) {
    let read = canonical(value_type, &vector.input);
    assert_eq!(read.check.holds(), vector.valid, "{}: {read:?}", vector.input);
    if let Check::Fails(code) = read.check {
        let wanted = vector.code.as_deref().map_or(shape_code, ours);
        let wanted = if matches!(wanted, "longueur" | "caractere") { shape_code } else { wanted };
        assert_eq!(code, wanted, "{}", vector.input);
    }
}

#[test]
fn ribs_and_ibans() {
    for vector in vectors().rib.iter().chain(&vectors().iban) {
        agrees(ValueType::Rib, vector, "rib_length");
        if let Ok(rib) = Rib::parse(&vector.input) {
            if let Some(iban) = &vector.iban {
                assert_eq!(&rib.iban(), iban);
            }
            if let Some(normalized) = &vector.normalized {
                assert_eq!(&rib.to_string(), normalized);
            }
        }
    }
}

#[test]
fn tax_numbers() {
    assert_eq!(vectors().mf_letters.as_bytes(), matricule_fiscal::LETTERS);
    for vector in &vectors().matricule_fiscal {
        agrees(ValueType::MatriculeFiscal, vector, "mf_form");
        if let (Ok(matricule), Some(normalized)) = (MatriculeFiscal::parse(&vector.input), &vector.normalized) {
            assert_eq!(&matricule.to_string().replace('/', ""), normalized);
        }
    }
}

#[test]
fn business_register_numbers() {
    for vector in &vectors().identifiant_rne {
        let read = canonical(ValueType::IdentifiantRne, &vector.input);
        assert_eq!(read.check.holds(), vector.valid, "{}", vector.input);
        if vector.code.as_deref() == Some("ancien_rc") {
            assert!(RegistreCommerce::parse(&vector.input).is_ok(), "{}", vector.input);
        }
    }
}

#[test]
fn identity_papers() {
    let vectors = vectors();
    let cases = vectors.cin.iter().map(|vector| (PieceKind::Cin, vector));
    for (kind, vector) in cases.chain(vectors.carte_sejour.iter().map(|vector| (PieceKind::CarteSejour, vector))) {
        let read = Piece::parse(kind, &vector.input);
        assert_eq!(read.is_ok(), vector.valid, "{}", vector.input);
        if let Some(suggestion) = &vector.suggestion {
            assert_eq!(read, Err(PieceError::LostZero(suggestion.clone())));
        }
    }
}

#[test]
fn telephones() {
    for vector in &vectors().telephone {
        agrees(ValueType::Telephone, vector, "bad_phone");
        let read = Telephone::parse(&vector.input).ok().map(|telephone| telephone.to_string());
        assert_eq!(read, vector.e164, "{}", vector.input);
    }
}

/// The form only: prefixes are the installation's data, and a rule's business.
#[test]
fn postal_codes() {
    for vector in vectors().code_postal.iter().filter(|vector| vector.gouvernorat.is_none()) {
        let form_only = vector.valid || vector.code.as_deref() == Some("prefixe_inconnu");
        assert_eq!(canonical(ValueType::CodePostal, &vector.input).check.holds(), form_only, "{}", vector.input);
    }
}
