//! What something new may have been called before: a guess for people, on which no verdict depends.
//!
//! Part of [`super`].

use crate::diag::nearest;

/// Among more that went away nothing is guessed: the time would be the product.
pub(super) const MOST: usize = 200;

/// The name among `gone` that is nearest to `name`, where one is near.
pub(super) fn of<'a>(name: &str, gone: &[&'a str]) -> Option<&'a str> {
    if gone.len() > MOST {
        return None;
    }
    nearest(name, gone.iter().copied()).map(|(nearest, _)| nearest)
}
