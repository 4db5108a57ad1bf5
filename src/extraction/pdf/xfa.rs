//! XFA: the data of a static form (one that also has pages and fields), and rich text.
//!
//! A dynamic form draws itself by rules that only Adobe's programs know; such a file is answered in words.

use std::collections::HashMap;

use super::super::limits::Limits;
use super::super::xml::{Node, Xml, characters};
use hayro_interpret::hayro_syntax::object::{Object, Stream};

/// Values of an XFA form by their path without positions: `form1.adresse.ville`.
#[derive(Debug, Default)]
pub(super) struct Data(HashMap<String, String>);

impl Data {
    /// Reads the `datasets` packet; broken XML gives what stood before the break nowhere, that is nothing.
    pub(super) fn of(xfa: &Object<'_>, limits: &Limits) -> Self {
        let packet = match xfa {
            Object::Stream(stream) => packet(stream, limits),
            Object::Array(parts) => {
                let parts: Vec<Object<'_>> = parts.iter::<Object<'_>>().take(64).collect();
                parts.chunks_exact(2).find_map(|pair| match pair {
                    [Object::String(name), Object::Stream(stream)] if name.as_bytes() == b"datasets" => {
                        packet(stream, limits)
                    }
                    _ => None,
                })
            }
            _ => None,
        };
        packet.and_then(|xml| values(&characters(&xml), limits)).map(Self).unwrap_or_default()
    }

    /// The value of a field by its full name; positions (`[0]`) and subforms that hold no data (`#subform`) do not count.
    pub(super) fn value(&self, name: &str) -> Option<&str> {
        if self.0.is_empty() {
            return None;
        }
        let parts: Vec<&str> = name
            .split('.')
            .map(|part| part.split('[').next().unwrap_or(part))
            .filter(|part| !part.starts_with('#'))
            .collect();
        // Pages and groups may be missing in the data: the longest path that ends the name alike.
        (0..parts.len()).find_map(|from| self.0.get(&parts[from..].join("."))).map(String::as_str)
    }
}

fn packet(stream: &Stream<'_>, limits: &Limits) -> Option<Vec<u8>> {
    let xml = stream.decoded_data().ok()?;
    (xml.len() as u64 <= limits.inflated / 16).then(|| xml.into_owned())
}

/// Every element that holds only text, under each ending of its path that names it alone.
fn values(xml: &str, limits: &Limits) -> Option<HashMap<String, String>> {
    let mut xml = Xml::new(xml);
    let mut path: Vec<String> = Vec::new();
    let mut text = String::new();
    let mut known: HashMap<String, Option<String>> = HashMap::new();
    let (mut leaf, mut inside) = (false, false);
    while let Some(node) = xml.next().ok()? {
        match node {
            Node::Open(element) => {
                if inside {
                    path.push(element.name().to_owned());
                } else {
                    inside = element.name() == "data";
                }
                if path.len() > limits.depth || known.len() > limits.widgets {
                    return None;
                }
                leaf = true;
                text.clear();
            }
            Node::Text(part) => text.push_str(&part),
            Node::Close(_) => {
                let value = text.trim();
                if leaf && inside && !value.is_empty() {
                    for from in 0..path.len() {
                        let end = known.entry(path[from..].join("."));
                        end.and_modify(|v| *v = None).or_insert_with(|| Some(value.to_owned()));
                    }
                }
                leaf = false;
                text.clear();
                inside &= path.pop().is_some();
            }
        }
    }
    Some(known.into_iter().filter_map(|(path, value)| Some((path, value?))).collect())
}

/// The text of rich text (XHTML in a string): paragraphs become lines.
pub(super) fn plain_text(xhtml: &str) -> Option<String> {
    let mut xml = Xml::new(xhtml);
    let mut text = String::new();
    while let Some(node) = xml.next().ok()? {
        match node {
            Node::Text(part) => text.push_str(&part),
            Node::Close(name) if name == "p" || name == "br" => text.push('\n'),
            _ => {}
        }
    }
    Some(text.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_is_found_by_the_end_of_a_name() {
        let xml = r#"<xfa:datasets xmlns:xfa="http://www.xfa.org/schema/xfa-data/1.0/"><xfa:data><form1>
            <commercant><nom>Caf&#233; &amp; Th&#233;</nom></commercant><a><ville>Sfax</ville></a><b><ville>Tunis</ville></b>
            </form1></xfa:data></xfa:datasets>"#;
        let data = Data(values(xml, &Limits::default()).unwrap());
        assert_eq!(data.value("form1[0].#subform[0].commercant[0].nom[0]"), Some("Café & Thé"));
        assert_eq!(data.value("form1[0].Page1[0].nom[0]"), Some("Café & Thé"));
        assert_eq!(data.value("form1[0].a[0].ville[0]"), Some("Sfax"));
        assert_eq!(data.value("ville"), None, "two elements bear this name");
    }

    #[test]
    fn rich_text_gives_its_lines() {
        let rich = "<body><p>12, rue de Rome</p><p>Tunis &amp; banlieue</p></body>";
        assert_eq!(plain_text(rich).unwrap(), "12, rue de Rome\nTunis & banlieue");
    }
}
