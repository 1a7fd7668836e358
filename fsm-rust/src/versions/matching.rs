//! Which of the old ones is which of the new ones, in linear time.
//!
//! Part of [`super`].

use fsm_model::gather::Gather as _;
use std::collections::{HashMap, VecDeque};

/// For each new key the place of the old one that is equal to it, each taken once; and the places of the old ones that
/// are left, in order.
#[must_use]
pub fn equal(old: &[String], new: &[String]) -> (Vec<Option<usize>>, Vec<usize>) {
    let mut places: HashMap<&str, VecDeque<usize>> = HashMap::new();
    for (at, key) in old.iter().enumerate() {
        places.entry(key).or_default().push_back(at);
    }
    let mut taken = vec![false; old.len()];
    let mut take = |key: &String| {
        let at = places.get_mut(key.as_str())?.pop_front()?;
        taken[at] = true;
        Some(at)
    };
    let matched: Vec<Option<usize>> = new.iter().map(&mut take).gather();
    (matched, (0..old.len()).filter(|at| !taken[*at]).gather())
}

#[cfg(test)]
mod tests {
    use super::equal;

    #[test]
    fn equal_keys_are_paired_in_their_order() {
        let keys = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        let (matched, left) = equal(&keys("a b a c"), &keys("a a a b"));
        assert_eq!((matched, left), (vec![Some(0), Some(2), None, Some(1)], vec![3]));
    }
}
