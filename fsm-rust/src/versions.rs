//! Older versions of the machine: their types in modules of their own, `trait Migrate`, and `restore_any`.
//!
//! Part of the Rust back-end, and nothing where no older spec is given. Each older version leads to the next one: the
//! user says what becomes of what it holds (`Parts`), generated code takes snapshots apart and puts them together
//! (`parts`, `steps`), so that numbers of timers and of what waits stay right whatever the user does. Which way a
//! snapshot has to go is read from its mark.

pub mod fit;
mod inside;
pub mod matching;
mod parts;
mod steps;
mod stub;

use fsm_model::gather::Gather as _;
use std::borrow::Cow;
use std::collections::HashSet;

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::definition;
use super::scope::{self, Scope};
use super::{docs, events, machine, queue, snapshot, states};
use fsm_model::config::Config;
use fsm_model::ir::Machine;
use fsm_model::names;
use fsm_model::source::Source;
pub use stub::migration_stub;

/// An older version of a machine.
#[derive(Debug, Clone, Copy)]
pub struct Older<'a> {
    /// The machine.
    pub machine: &'a Machine,
    /// What it was read from.
    pub source: &'a Source,
}

/// Why snapshots of these older versions cannot be restored, whoever migrates them.
#[must_use]
pub fn cannot_migrate(machine: &Machine, older: &[Older<'_>]) -> Option<String> {
    if older.is_empty() {
        return None;
    }
    let all = || older.iter().map(|older| older.machine).chain([machine]);
    if all().any(|machine| machine.generics.is_some()) {
        return Some("snapshots of machines with parameters cannot be migrated".to_owned());
    }
    let mut marks = HashSet::new();
    let double = all().find(|machine| !marks.insert((machine.version.clone(), definition::hash(machine))))?;
    let version = double.version.as_deref().unwrap_or("none");
    Some(format!("two specs have version `{version}` and the same snapshots: nothing has to be migrated between them"))
}

/// All older versions, the oldest first.
pub(super) struct Versions<'a> {
    all: Vec<Version<'a>>,
    config: &'a Config,
}

/// One of them, as it stands in a module of its own.
struct Version<'a> {
    /// `v1`.
    name: Ident,
    machine: Machine,
    hash: u64,
    source: &'a Source,
}

impl<'a> Versions<'a> {
    pub(super) fn new(machine: &Machine, config: &'a Config, older: &[Older<'a>]) -> Self {
        let is_plain = config.serde && machine.generics.is_none();
        let plain = older.iter().filter(|older| is_plain && older.machine.generics.is_none());
        let names = module_names(older.iter().map(|older| older.machine));
        let version = |(older, name): (&Older<'a>, Ident)| Version {
            name,
            machine: inside::moved(older.machine),
            hash: definition::hash(older.machine),
            source: older.source,
        };
        Self { all: plain.zip(names).map(version).gather(), config }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    fn scopes(&self) -> Vec<Scope<'_>> {
        self.all.iter().map(|version| Scope::older(&version.machine, version.source, self.config)).gather()
    }

    /// The modules, and what a user implements.
    pub(super) fn emit(&self, scope: &Scope<'_>) -> TokenStream {
        if self.is_empty() {
            return TokenStream::new();
        }
        let scopes = self.scopes();
        let own = parts::emit(scope);
        let own_lay = steps::lay(scope);
        let mut methods = TokenStream::new();
        let mut modules = TokenStream::new();
        for (at, (version, old)) in self.all.iter().zip(&scopes).enumerate() {
            let (next, path) = match (scopes.get(at + 1), self.all.get(at + 1)) {
                (Some(next), Some(Version { name, .. })) => (next, Some(name)),
                _ => (scope, None),
            };
            methods.extend(steps::methods(version.name(), old, path));
            let step = steps::step(version.name(), old, next, path);
            // Nothing leads to the oldest one.
            let lay = (at > 0).then(|| steps::lay(old));
            modules.extend(version.module(old, &quote!(#lay #step)));
        }
        let fsm = &scope.core;
        let known = self.all.iter().rev().map(|Version { name, .. }| quote!(#name::KNOWN));
        quote! {
            #own
            #own_lay

            #[doc = " The specs whose snapshots can be restored: this one, then older ones, the newest first."]
            const KNOWN: &[#fsm::Known] = &[#fsm::Known::new(&DEFINITION), #(#known),*];

            #[doc = " What becomes of the snapshots of older versions: each method leads to the next one."]
            pub trait Migrate {
                #[doc = " Why a snapshot cannot go on."]
                type Error;
                #methods
            }
            #modules
        }
    }

    /// The method of the pair.
    pub(super) fn restore_any(&self, scope: &Scope<'_>) -> TokenStream {
        if self.is_empty() {
            return TokenStream::new();
        }
        let fsm = &scope.core;
        let ways = (0..self.all.len()).rev().map(|from| {
            let name = &self.all[from].name;
            let read = quote!(stored.read().map_err(#fsm::MigrateError::Read)?);
            let way =
                self.all[from..].iter().fold(read, |old, Version { name, .. }| quote!(#name::migrate(#old, migrate)?));
            quote! {
                if #name::KNOWN.is(found) {
                    #way
                } else
            }
        });
        quote! {
            #[doc = " Goes on from a snapshot of this version or of an older one, whichever it is by its mark."]
            #[doc = ""]
            #[doc = " # Errors"]
            #[doc = " What cannot be read, what `migrate` refuses, and a version that nobody knows."]
            pub fn restore_any<R: #fsm::Stored, M: Migrate>(
                actions: A,
                stored: &R,
                migrate: &M,
            ) -> Result<Self, #fsm::MigrateError<R::Error, M::Error>> {
                let found: #fsm::Mark = stored.read().map_err(#fsm::MigrateError::Read)?;
                let snapshot: Snapshot = if KNOWN[0].is(found) {
                    stored.read().map_err(#fsm::MigrateError::Read)?
                } else #(#ways)* {
                    let unknown = #fsm::RestoreError::Unknown { found, known: KNOWN };
                    return Err(#fsm::MigrateError::Restore(unknown));
                };
                Self::restore(actions, snapshot).map_err(#fsm::MigrateError::Restore)
            }
        }
    }
}

impl Version<'_> {
    const fn name(&self) -> &Ident {
        &self.name
    }

    /// The types that a snapshot is made of, and what leads to the next version.
    fn module(&self, scope: &Scope<'_>, steps: &TokenStream) -> TokenStream {
        let (fsm, name) = (&scope.core, &self.name);
        let version = self.machine.version.as_deref().unwrap_or_default();
        let hash = definition::hexadecimal(self.hash);
        let what = if version.is_empty() {
            Cow::from("Before there were versions")
        } else {
            format!("Version {}", docs::code(version)).into()
        };
        let docs = docs::lines(&format!("{what}: {}.", docs::place(scope, self.machine.name.span)));
        let items = [
            scope::uses(scope),
            scope.names.types.shortcuts.clone(),
            states::types(scope),
            events::types(scope),
            queue::delayed(scope).unwrap_or_default(),
            queue::history(scope),
            machine::context(scope),
            machine::plain(scope),
            snapshot::alias(scope),
            parts::emit(scope),
        ];
        quote! {
            #docs
            #[allow(unused_imports, reason = "of what the spec uses only types are left")]
            pub mod #name {
                #(#items)*

                #[doc = " By what its snapshots are known."]
                pub(super) const KNOWN: #fsm::Known = #fsm::Known { version: #version, hash: #hash };

                #steps
            }
        }
    }
}

/// `v1`, `v2_1`; `unversioned` where a spec has none. No two are the same.
fn module_names<'m>(machines: impl Iterator<Item = &'m Machine>) -> Vec<Ident> {
    let mut taken = HashSet::new();
    let name = |machine: &Machine| match &machine.version {
        Some(version) => names::snake(&format!("v{}", version.trim_start_matches(['v', 'V']))),
        None => "unversioned".to_owned(),
    };
    machines.map(|machine| format_ident!("{}", scope::unique(&mut taken, &name(machine)))).gather()
}
