//! Snapshots on the wire: serde's traits for what its derive cannot do.
//!
//! Rings are lists of what waits, oldest first; arrays are lists of any length, where serde itself ends at 32. What
//! does not fit is an error of the format, never a panic: a snapshot comes from outside.

use core::fmt;
use core::marker::PhantomData;

use serde::de::{Error, SeqAccess, Visitor};
use serde::ser::SerializeSeq as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Ring, Version};

/// Arrays of any length, for `#[serde(with = "…")]`.
pub mod array {
    use super::{Deserialize, Deserializer, Error, Exactly, Items, Serialize, Serializer, list};

    /// A list of all items.
    ///
    /// # Errors
    /// Those of the format.
    pub fn serialize<T: Serialize, S: Serializer, const N: usize>(items: &[T; N], to: S) -> Result<S::Ok, S::Error> {
        list(N, items.iter(), to)
    }

    /// A list of exactly so many items.
    ///
    /// # Errors
    /// Those of the format, and a list of another length.
    pub fn deserialize<'de, T, D, const N: usize>(from: D) -> Result<[T; N], D::Error>
    where
        T: Deserialize<'de> + Copy + Default,
        D: Deserializer<'de>,
    {
        let items: super::Ring<T, N> = from.deserialize_seq(Items::new())?;
        if items.len() != N {
            return Err(D::Error::invalid_length(items.len(), &Exactly(N)));
        }
        let mut array = [T::default(); N];
        for (place, item) in array.iter_mut().zip(items.iter()) {
            *place = *item;
        }
        Ok(array)
    }
}

/// What an array wants.
struct Exactly(usize);

impl serde::de::Expected for Exactly {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a list of {} items", self.0)
    }
}

fn list<'a, T: Serialize + 'a, S: Serializer>(
    len: usize,
    items: impl Iterator<Item = &'a T>,
    to: S,
) -> Result<S::Ok, S::Error> {
    // Formats without delimiters want to know the length beforehand.
    let mut list = to.serialize_seq(Some(len))?;
    for item in items {
        list.serialize_element(item)?;
    }
    list.end()
}

impl<T: Serialize, const N: usize> Serialize for Ring<T, N> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        list(self.len(), self.iter(), to)
    }
}

impl<'de, T: Deserialize<'de>, const N: usize> Deserialize<'de> for Ring<T, N> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_seq(Items::new())
    }
}

/// Reads at most `N` items.
struct Items<T, const N: usize>(PhantomData<T>);

impl<T, const N: usize> Items<T, N> {
    const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<'de, T: Deserialize<'de>, const N: usize> Visitor<'de> for Items<T, N> {
    type Value = Ring<T, N>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a list of at most {N} items")
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut items: S) -> Result<Ring<T, N>, S::Error> {
        let mut ring = Ring::new();
        while let Some(item) = items.next_element()? {
            if ring.push(item).is_err() {
                return Err(S::Error::invalid_length(N + 1, &Self::new()));
            }
        }
        Ok(ring)
    }
}

impl Serialize for Version {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Version {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Text;
        impl Visitor<'_> for Text {
            type Value = Version;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a version")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Version, E> {
                Ok(Version::new(text))
            }
        }
        from.deserialize_str(Text)
    }
}
