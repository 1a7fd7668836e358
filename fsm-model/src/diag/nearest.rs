//! The nearest of the names that exist to one that does not.
//!
//! Asked by every stage that looks names up; the caller bounds the number of candidates.

use super::Help;

/// Names beyond this length are not compared: the distance costs the product of both lengths.
const LONGEST: usize = 64;

/// The nearest of `candidates` to a misspelt `name`, as advice; nothing where none is near. Where no other is as near,
/// the advice can be followed by a program.
///
/// Nearness is Damerau–Levenshtein's distance, at most a third of the name's length (rustc's rule), case ignored.
pub fn did_you_mean<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<Help> {
    let (nearest, alone) = nearest(name, candidates)?;
    let help = Help::from(format!("did you mean `{nearest}`?"));
    Some(if alone && is_written_like(name, nearest) { help.replacing(name, nearest) } else { help })
}

/// The first of the nearest candidates, and whether no other is as near.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<(&'a str, bool)> {
    among(name, &mut candidates.into_iter())
}

/// The same for whatever the candidates come from: compiled once, and not for each of those who ask.
fn among<'a>(name: &str, candidates: &mut dyn Iterator<Item = &'a str>) -> Option<(&'a str, bool)> {
    let lower = name.to_lowercase();
    let length = lower.chars().count();
    if length > LONGEST {
        return None;
    }
    // Of a single letter nothing would be left.
    let limit = (length / 3).max(1).min(length.saturating_sub(1));
    let near = candidates
        .filter(|candidate| candidate.len() <= LONGEST)
        .map(|candidate| (strsim::damerau_levenshtein(&lower, &candidate.to_lowercase()), candidate))
        .filter(|(distance, _)| *distance <= limit);
    let (mut nearest, mut alone) = (None, true);
    for (distance, candidate) in near {
        match nearest {
            Some((least, _)) if distance > least => {}
            Some((least, first)) if distance == least => alone &= candidate == first,
            _ => (nearest, alone) = (Some((distance, candidate)), true),
        }
    }
    nearest.map(|(_, nearest)| (nearest, alone))
}

/// Whether a name needs no other quotes than the misspelt one that it replaces, whatever the notation.
fn is_written_like(misspelt: &str, name: &str) -> bool {
    name.chars().all(|char| char.is_alphanumeric() || char == '_' || misspelt.contains(char))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Source, Span};

    fn text(name: &str, candidates: &[&str]) -> Option<String> {
        did_you_mean(name, candidates.iter().copied()).map(|help| help.text)
    }

    #[test]
    fn nearest_names() {
        assert_eq!(text("Idel", &["Idle", "Working"]).as_deref(), Some("did you mean `Idle`?"));
        assert_eq!(text("on_entri", &["onDone", "on"]), None);
        assert_eq!(text("x", &["y"]), None);
        assert_eq!(text("Of", &["Off"]).as_deref(), Some("did you mean `Off`?"));
    }

    #[test]
    fn only_one_nearest_name_is_a_fix() {
        let is_fix = |candidates: &[&str]| {
            let help = did_you_mean("Moveng", candidates.iter().copied()).expect("one is near");
            help.edit(&Source::new("x", "Moveng"), Span::new(0, 6)).is_some()
        };
        assert!(is_fix(&["Moving", "Idle"]) && is_fix(&["Moving", "Moving"]) && is_fix(&["Movxxg", "Moving"]));
        assert!(!is_fix(&["Moving", "Movang"]) && !is_fix(&["#Moveng"]) && !is_fix(&["'Moving"]));
    }
}
