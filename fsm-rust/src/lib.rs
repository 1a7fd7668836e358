//! The machine as a Rust module: `mod robot { … }` for `machine: Robot`.
//!
//! A back-end: reads a finished [`Machine`], cannot fail. The module is put together from parts, one file each, in the
//! order in which they stand in the output. Its shape is *select, then execute*: `select` is synchronous and ends in
//! the private enum `Transition`, `execute` runs one arm of it. Invariants: equal machines give equal tokens; the code
//! grows with the states and transitions written, never with their products; nothing generated allocates or boxes.

mod actions;
mod arbitrary;
mod args;
mod arithmetic;
mod attributes;
mod blocks;
mod bodies;
mod completion;
mod definition;
mod docs;
mod engine;
mod entering;
mod entrance;
mod events;
mod execute;
mod form;
#[cfg(feature = "format")]
pub mod format;
mod generics;
mod guards;
#[cfg(feature = "versions")]
mod held;
mod leaving;
mod lints;
mod machine;
mod place;
mod places;
mod plans;
mod private;
mod queue;
mod references;
mod scope;
mod select;
mod service;
mod shape;
mod shared;
mod snapshot;
mod spans;
mod states;
mod table;
mod testing;
mod tokens;
#[cfg(feature = "versions")]
mod versions;

use proc_macro2::TokenStream;
use quote::quote;

use bodies::Bodies;
pub use definition::hash;
use fsm_model::config::Config;
use fsm_model::ir::Machine;
use fsm_model::source::Source;
#[cfg(feature = "versions")]
pub use held::Held;
use scope::Scope;
#[cfg(feature = "versions")]
use versions::Versions;
#[cfg(feature = "versions")]
pub use versions::{Older, cannot_migrate, fit, matching, migration_stub};

/// The module of a machine; `source` and `config` are those that it was made from.
#[must_use]
pub fn emit(machine: &Machine, source: &Source, config: &Config) -> TokenStream {
    module(&Scope::new(machine, source, config), &Migration::default())
}

/// The module of a machine that restores snapshots of older versions, too, the oldest first. Needs serde's traits; of
/// a machine with parameters older versions are left out.
#[cfg(feature = "versions")]
#[must_use]
pub fn emit_migrating(machine: &Machine, source: &Source, config: &Config, older: &[Older<'_>]) -> TokenStream {
    let mut scope = Scope::new(machine, source, config);
    let versions = &Versions::new(machine, config, older);
    scope.migrates = !versions.is_empty();
    module(&scope, &Migration { method: versions.restore_any(&scope), items: versions.emit(&scope) })
}

/// What leads from snapshots of older versions to those of this one; nothing where there are none.
#[derive(Default)]
struct Migration {
    method: TokenStream,
    items: TokenStream,
}

/// The module, put together.
fn module(scope: &Scope<'_>, migration: &Migration) -> TokenStream {
    let machine = scope.machine;
    let bodies = &Bodies::new(scope);
    let table = table::of(scope, bodies);
    let table = table.as_ref();
    let (visibility, module) = (&machine.visibility.value, &scope.names.module);
    let docs = docs::module(scope);
    let parts = [
        scope::uses(scope),
        scope.names.types.shortcuts.clone(),
        states::emit(scope),
        events::emit(scope),
        queue::emit(scope),
        machine::context(scope),
        actions::emit(scope),
        machine::emit(scope),
        execute::transition_enum(scope, bodies, table),
        select::emit(scope, bodies, table),
        execute::emit(scope, bodies, table),
        snapshot::emit(scope),
        service::emit(scope, &migration.method),
        definition::emit(scope),
        references::emit(scope),
        migration.items.clone(),
        testing::emit(scope),
        arbitrary::emit(scope),
        spans::emit(scope),
    ];
    let items = generics::spread(scope, quote!(#(#parts)*));
    let futures = scope.is_async().then(|| {
        quote!(#[allow(clippy::manual_async_fn, reason = "an `async fn` holds its arguments twice, and copies them")])
    });
    let module = quote! {
        #docs
        #[allow(
            clippy::blocks_in_conditions,
            clippy::too_many_lines,
            clippy::match_same_arms,
            clippy::match_wildcard_for_single_variants,
            clippy::collapsible_else_if,
            clippy::collapsible_if,
            clippy::collapsible_match,
            clippy::needless_return,
            clippy::single_match,
            clippy::single_match_else,
            clippy::unnested_or_patterns,
            dead_code,
            reason = "generated: as long and as regular as the machine, and not every user calls all of it"
        )]
        #futures
        #visibility mod #module {
            #items
        }
    };
    // What stands nowhere else: an error there is shown at the machine's name, and not at all of the macro.
    scope.placed(machine.name.span, module)
}
