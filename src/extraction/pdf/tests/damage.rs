//! Files that are cut, damaged, updated, locked, or made to hurt.

use std::collections::BTreeMap;
use std::sync::Arc;

use lopdf::encryption::crypt_filters::{Aes128CryptFilter, Aes256CryptFilter, CryptFilter};
use lopdf::{EncryptionState, EncryptionVersion};

use super::*;

fn codes(bytes: &[u8]) -> Vec<String> {
    let (_, findings) = read(bytes, &Limits::default()).unwrap();
    findings.iter().map(|finding| finding.code.as_str().to_owned()).collect()
}

fn deflated(content: &str) -> Vec<u8> {
    use std::io::Write;
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(content.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

/// A page whose content is stored in these bytes by this filter.
fn stored(data: &[u8], filter: &str) -> Vec<u8> {
    let hex: String = data.iter().map(|byte| format!("{byte:02X}")).collect();
    let content =
        format!("<< /Filter [/ASCIIHexDecode /{filter}] /Length {} >>\nstream\n{hex}>\nendstream", hex.len() + 1);
    pdf(&[
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        format!("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 400 200] /Contents 4 0 R /Resources << {FONTS} >> >>"),
        content,
    ])
}

#[test]
fn a_content_that_is_cut_or_changed_says_so() {
    let content: String =
        (0..40u8).map(|n| text(20.0, 10.0 + 4.0 * f32::from(n), &format!("ligne {n} {}", u32::from(n) * 7))).collect();
    let data = deflated(&content);
    assert_eq!(codes(&stored(&data, "FlateDecode")), [""; 0]);
    assert_eq!(codes(&stored(&data[..data.len() / 2], "FlateDecode")), ["truncated_stream"]);
    let mut changed = data.clone();
    changed[data.len() / 2] ^= 0x10;
    assert_eq!(codes(&stored(&changed, "FlateDecode")), ["truncated_stream"]);
    assert_eq!(codes(&stored(&data[..data.len() - 4], "FlateDecode")), [""; 0], "only the checksum is missing");
    assert_eq!(codes(&stored(&data, "FooDecode")), ["truncated_stream"], "nobody knows this filter");
}

#[test]
fn a_page_or_a_content_that_the_file_lost_is_missed() {
    let two = |second: &str, content: &str| {
        pdf(&[
            "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
            format!("<< /Type /Pages /Kids [3 0 R {second}] /Count 2 >>"),
            format!(
                "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 400 200] /Contents {content} /Resources << {FONTS} >> >>"
            ),
            stream(&text(20.0, 150.0, "Tunis")),
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 400 200] >>".to_owned(),
        ])
    };
    assert_eq!(codes(&two("5 0 R", "4 0 R")), [""; 0]);
    assert_eq!(codes(&two("9 0 R", "4 0 R")), ["truncated_stream"]);
    assert_eq!(codes(&two("5 0 R", "9 0 R")), ["truncated_stream"]);
    assert_eq!(codes(&two("5 0 R", "[4 0 R 9 0 R]")), ["truncated_stream"]);
}

/// A form whose field was changed afterwards, by an addition to the file; `cut` leaves out the end of it.
fn updated(cut: bool) -> Vec<u8> {
    let field = "<< /Type /Annot /Subtype /Widget /FT /Tx /T (ville) /V (Tunis) /Rect [20 140 120 160] >>";
    let mut file = page_with("", "/Fields [5 0 R]", "5 0 R", &[field]);
    let first = String::from_utf8_lossy(&file).into_owned();
    let table: usize = first.rsplit("startxref\n").next().unwrap().lines().next().unwrap().parse().unwrap();
    let place = file.len();
    file.extend(format!("5 0 obj\n{}\nendobj\n", field.replace("Tunis", "Sfax")).bytes());
    if !cut {
        let start = file.len();
        file.extend(
            format!(
                "xref\n5 1\n{place:010} 00000 n \ntrailer << /Size 6 /Root 1 0 R /Prev {table} >>\nstartxref\n{start}\n%%EOF\n"
            )
            .bytes(),
        );
    }
    file
}

#[test]
fn the_newest_value_counts_and_an_update_that_breaks_off_is_known() {
    let page = read_whole(&updated(false));
    assert_eq!(page.widgets[0].value.as_deref(), Some("Sfax"));
    assert_eq!(codes(&updated(true)), ["truncated_stream"]);
}

#[test]
fn objects_packed_into_streams_are_read() {
    let bytes = page_with(&text(20.0, 150.0, "Banque"), "", "", &[]);
    let mut document = lopdf::Document::load_mem(&bytes).unwrap();
    let mut packed = Vec::new();
    document.save_modern(&mut packed).unwrap();
    assert!(packed.windows(6).any(|window| window == b"ObjStm"), "the objects are packed");
    assert_eq!(texts(&read_whole(&packed)), ["Banque"]);
}

#[test]
fn forms_that_double_themselves_are_refused() {
    for drawn in ["0 0 m 9 9 l S", ""] {
        let mut objects = vec![
            "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
            "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 400 200] /Contents 4 0 R /Resources << /XObject << /X 5 0 R >> >> >>"
                .to_owned(),
            stream("/X Do"),
        ];
        for next in 6..40 {
            let inside = "/X Do /X Do";
            objects.push(format!(
                "<< /Type /XObject /Subtype /Form /BBox [0 0 400 200] /Resources << /XObject << /X {next} 0 R >> >> \
                 /Length {} >>\nstream\n{inside}\nendstream",
                inside.len()
            ));
        }
        objects.push(format!(
            "<< /Type /XObject /Subtype /Form /BBox [0 0 400 200] /Length {} >>\nstream\n{drawn}\nendstream",
            drawn.len()
        ));
        let limits = Limits { glyphs: 10_000, shapes: 10_000, ..Limits::default() };
        assert!(matches!(read(&pdf(&objects), &limits), Err(Refusal::TooLarge(_))), "{drawn:?}");
    }
}

#[test]
fn rings_of_pages_end() {
    let ring = pdf(&[
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R 2 0 R 4 0 R] /Count 3 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 400 200] >>".to_owned(),
        "<< /Type /Pages /Parent 2 0 R /Kids [2 0 R 4 0 R 3 0 R] /Count 9999999 >>".to_owned(),
    ]);
    assert_eq!(read(&ring, &Limits::default()).unwrap().0.len(), 1);
}

/// How a file may be locked.
#[derive(Debug, Clone, Copy)]
enum Lock {
    Rc4Of40,
    Rc4Of128,
    Aes128,
    Aes256,
}

fn locked(lock: Lock, user_password: &str) -> Vec<u8> {
    let bytes = page_with(&text(20.0, 150.0, "Banque"), "", "", &[]);
    let mut document = lopdf::Document::load_mem(&bytes).unwrap();
    let id = lopdf::Object::string_literal("0123456789abcdef");
    document.trailer.set("ID", vec![id.clone(), id]);
    let (owner_password, permissions) = ("proprietaire", lopdf::Permissions::all());
    let filters = |filter: Arc<dyn CryptFilter>| BTreeMap::from([(b"StdCF".to_vec(), filter)]);
    let name = || b"StdCF".to_vec();
    let version = match lock {
        Lock::Rc4Of40 => EncryptionVersion::V1 { document: &document, owner_password, user_password, permissions },
        Lock::Rc4Of128 => {
            EncryptionVersion::V2 { document: &document, owner_password, user_password, key_length: 128, permissions }
        }
        Lock::Aes128 => EncryptionVersion::V4 {
            document: &document,
            encrypt_metadata: true,
            crypt_filters: filters(Arc::new(Aes128CryptFilter)),
            stream_filter: name(),
            string_filter: name(),
            owner_password,
            user_password,
            permissions,
        },
        Lock::Aes256 => EncryptionVersion::V5 {
            encrypt_metadata: true,
            crypt_filters: filters(Arc::new(Aes256CryptFilter)),
            file_encryption_key: &[7; 32],
            stream_filter: name(),
            string_filter: name(),
            owner_password,
            user_password,
            permissions,
        },
    };
    let state = EncryptionState::try_from(version).unwrap();
    document.encrypt(&state).unwrap();
    let mut file = Vec::new();
    document.save_to(&mut file).unwrap();
    file
}

#[test]
fn an_empty_password_opens_any_other_is_asked_for() {
    for lock in [Lock::Rc4Of40, Lock::Rc4Of128, Lock::Aes128, Lock::Aes256] {
        assert_eq!(texts(&read_whole(&locked(lock, ""))), ["Banque"], "{lock:?}");
        assert_eq!(read(&locked(lock, "secret"), &Limits::default()), Err(Refusal::Password), "{lock:?}");
    }
}
