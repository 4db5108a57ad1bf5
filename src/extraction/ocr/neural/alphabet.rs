//! Which of the recogniser's signs a form in French is printed with.

/// Signs that print the same and mean the same: what an engine gives to one speaks for the others as well.
const ALIKE: [&str; 4] = ["'’‘´`", "-–—", "\"“”", ".·•"];
/// Signs beyond letters and ASCII that are read as such.
const SIGNS: &str = "€°«»’‘“”–—…·•№²³×☐☑☒□■✓✔";

/// The signs of the recogniser that are read, by class. Class 0 is "nothing"; the last class is the space.
pub(super) struct Alphabet {
    /// Class and text of each sign read.
    signs: Vec<(usize, char)>,
    /// Classes of signs alike.
    alike: Vec<Vec<usize>>,
}

impl Alphabet {
    /// Takes the dictionary, one sign a line, in the order of the classes from 1 on.
    pub(super) fn of<'a>(dictionary: impl Iterator<Item = &'a str>) -> Self {
        let mut signs = Vec::new();
        let mut classes = 1;
        for sign in dictionary {
            let mut chars = sign.chars();
            match (chars.next(), chars.next()) {
                (Some('\u{3000}'), None) => signs.push((classes, ' ')),
                (Some(c), None) if is_read(c) => signs.push((classes, c)),
                _ => {}
            }
            classes += 1;
        }
        signs.push((classes, ' '));
        let class_of = |sign: char| signs.iter().find(|(_, c)| *c == sign).map(|(class, _)| *class);
        let alike = ALIKE.iter().map(|group| group.chars().filter_map(class_of).collect()).collect();
        Self { signs, alike }
    }

    pub(super) fn spells_french(&self) -> bool {
        "azAZ09éèêëàâùûüôîïçœÉÈÀÇŒ@/-.'".chars().all(|c| self.signs.iter().any(|(_, sign)| *sign == c))
    }

    /// The likeliest sign of one step and its likelihood; `None` where nothing is likelier.
    pub(super) fn likeliest(&self, step: &[f32]) -> Option<(char, f32)> {
        let nothing = step.first().copied().unwrap_or(1.0);
        let value = |class: usize| step.get(class).copied().unwrap_or(0.0);
        let (mut best, mut likelihood) = (None, nothing);
        for (class, sign) in &self.signs {
            if value(*class) > likelihood {
                (best, likelihood) = (Some((*class, *sign)), value(*class));
            }
        }
        let (class, sign) = best?;
        let together = self.alike.iter().find(|group| group.contains(&class));
        let together = together.map(|group| group.iter().map(|class| value(*class)).sum::<f32>());
        Some((sign, together.unwrap_or(likelihood).min(1.0)))
    }
}

fn is_read(c: char) -> bool {
    c.is_ascii_graphic()
        || c == ' '
        || matches!(c, 'À'..='Ö' | 'Ø'..='ö' | 'ø'..='ÿ' | 'Œ' | 'œ' | 'Ÿ')
        || SIGNS.contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_of_other_scripts_are_not_read() {
        let alphabet = Alphabet::of(["中", "é", "ǐ", "i"].into_iter());
        assert_eq!(alphabet.likeliest(&[0.1, 0.5, 0.2, 0.0, 0.1, 0.0]), Some(('é', 0.2)));
        assert_eq!(alphabet.likeliest(&[0.1, 0.0, 0.0, 0.6, 0.3, 0.0]), Some(('i', 0.3)));
        assert_eq!(alphabet.likeliest(&[0.9, 0.0, 0.0, 0.0, 0.0, 0.1]), None);
        assert_eq!(alphabet.likeliest(&[0.1, 0.0, 0.0, 0.0, 0.0, 0.8]), Some((' ', 0.8)));
        assert!(!alphabet.spells_french());
    }

    #[test]
    fn signs_alike_speak_for_one_another() {
        let alphabet = Alphabet::of(["'", "’", "l"].into_iter());
        let (sign, likelihood) = alphabet.likeliest(&[0.05, 0.4, 0.5, 0.05, 0.0]).expect("an apostrophe");
        assert_eq!(sign, '’');
        assert!((likelihood - 0.9).abs() < 1e-6);
    }
}
