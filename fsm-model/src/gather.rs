//! `gather()`: `collect()` in fewer pieces.
//!
//! A build of `fsm!` compiles this compiler from nothing, and the `collect()` of the standard library compiles some twenty
//! functions anew for every iterator that it meets: for its length, for its specialisations, for a sort in front of each
//! `BTreeMap`. Here it is one loop. What the macro compiles gathers; `collect()` stays elsewhere, and for what is not below.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::hash::{BuildHasher, Hash};

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens as _;

/// What items can be gathered into, one after the other.
pub trait Gathered<T>: Default {
    /// Takes one more item.
    fn put(&mut self, item: T);
}

/// Iterators whose items can be gathered.
pub trait Gather: Iterator + Sized {
    /// All items, in their order.
    fn gather<C: Gathered<Self::Item>>(self) -> C {
        let mut all = C::default();
        for item in self {
            all.put(item);
        }
        all
    }

    /// All items, if none is `None`.
    fn gather_some<T, C: Gathered<T>>(self) -> Option<C>
    where
        Self: Iterator<Item = Option<T>>,
    {
        let mut all = C::default();
        for item in self {
            all.put(item?);
        }
        Some(all)
    }
}

impl<I: Iterator> Gather for I {}

impl<T> Gathered<T> for Vec<T> {
    fn put(&mut self, item: T) {
        self.push(item);
    }
}

impl Gathered<TokenStream> for TokenStream {
    fn put(&mut self, item: TokenStream) {
        item.to_tokens(self);
    }
}

impl Gathered<TokenTree> for TokenStream {
    fn put(&mut self, item: TokenTree) {
        item.to_tokens(self);
    }
}

impl Gathered<String> for String {
    fn put(&mut self, item: String) {
        self.push_str(&item);
    }
}

impl Gathered<char> for String {
    fn put(&mut self, item: char) {
        self.push(item);
    }
}

impl<T: Ord> Gathered<T> for BTreeSet<T> {
    fn put(&mut self, item: T) {
        self.insert(item);
    }
}

impl<T: Eq + Hash, S: BuildHasher + Default> Gathered<T> for HashSet<T, S> {
    fn put(&mut self, item: T) {
        self.insert(item);
    }
}

impl<K: Ord, V> Gathered<(K, V)> for BTreeMap<K, V> {
    fn put(&mut self, (key, value): (K, V)) {
        self.insert(key, value);
    }
}

impl<K: Eq + Hash, V, S: BuildHasher + Default> Gathered<(K, V)> for HashMap<K, V, S> {
    fn put(&mut self, (key, value): (K, V)) {
        self.insert(key, value);
    }
}
