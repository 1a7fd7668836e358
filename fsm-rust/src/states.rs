//! `State` and `mod state`: types that mirror the hierarchy.
//!
//! Part of the Rust back-end. A compound state is an enum of its children, a parallel one a struct of its regions; a
//! state with data is a struct of its fields and of `state`, the active part of it. The type of a state stands beside
//! the module of what lies below it: `State` beside `state`, `state::Working` beside `state::working`.

use fsm_model::gather::Gather as _;
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::scope::{self, Scope};
use super::shape;
use super::{attributes, docs, events, lints, tokens};
use fsm_model::ir::{Id, StateId, StateKind};
use fsm_model::names;

/// The types alone.
pub(super) fn types(scope: &Scope<'_>) -> TokenStream {
    let tree = content(scope, StateId::ROOT, &format_ident!("State"), Some(&format_ident!("state")));
    let below = below(scope, StateId::ROOT, 1);
    let module = module(scope, StateId::ROOT, &format_ident!("state"), &below);
    quote!(#tree #module)
}

/// Everything about states.
pub(super) fn emit(scope: &Scope<'_>) -> TokenStream {
    let types = types(scope);
    let (active, display) = if scope.leaves == 1 { (index(scope), one_path()) } else { (leaves(scope), all_paths()) };
    let (tags, this) = (tags(scope), this(scope));
    let contained = if scope.leaves == 1 {
        quote!(DEFINITION.contains(state, self.index()))
    } else {
        quote!(self.leaves().iter().any(|leaf| DEFINITION.contains(state, leaf)))
    };
    quote! {
        #types

        impl State {
            #active

            #[doc = " Whether the state with that dotted path is active."]
            #[must_use]
            pub fn matches(#this, path: &str) -> bool {
                DEFINITION.state(path).is_some_and(|state| #contained)
            }
        }

        #[doc = " The dotted path below the machine, as the spec spells it."]
        impl ::core::fmt::Display for State {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                #display
            }
        }
        #tags
    }
}

fn one_path() -> TokenStream {
    quote!(f.pad(DEFINITION.states[self.index()].path))
}

fn all_paths() -> TokenStream {
    quote! {
        for (at, leaf) in self.leaves().iter().enumerate() {
            if at > 0 {
                f.write_str(", ")?;
            }
            f.write_str(DEFINITION.states[leaf].path)?;
        }
        Ok(())
    }
}

fn module(scope: &Scope<'_>, id: StateId, name: &Ident, items: &TokenStream) -> TokenStream {
    let docs = docs::lines(&format!("What lies below {}.", docs::path(scope, id)));
    if items.is_empty() { TokenStream::new() } else { quote!(#docs pub mod #name { #items }) }
}

/// The types of the children of `id` that carry something, `depth` modules below the machine's own.
fn below(scope: &Scope<'_>, id: StateId, depth: usize) -> TokenStream {
    let machine = scope.machine;
    let items: TokenStream = machine.states[id]
        .children
        .iter()
        .filter(|child| scope.carries(**child))
        .map(|child| {
            let (name, inner) = (&scope.names.variants[*child], scope.field(*child));
            let deeper = below(scope, *child, depth + 1);
            if !scope.has_data(*child) {
                let (ty, module) = (content(scope, *child, name, Some(&inner)), module(scope, *child, &inner, &deeper));
                return quote!(#ty #module);
            }
            let holder = holder(scope, *child, name, &inner, depth);
            if machine.states[*child].children.is_empty() {
                return holder;
            }
            let content_name = shape::content_name(machine, *child, &scope.names.variants);
            let active = content(scope, *child, &content_name, None);
            let module = module(scope, *child, &inner, &quote!(#active #deeper));
            quote!(#holder #module)
        })
        .gather();
    let uses = if machine.states[id].children.iter().any(|child| scope.has_data(*child)) {
        scope::uses_of_child(scope, &items, depth)
    } else {
        TokenStream::new()
    };
    quote!(#uses #items)
}

/// The attributes of a type of states.
fn head(scope: &Scope<'_>, docs: &TokenStream) -> TokenStream {
    let mut data = scope.machine.states.iter().flat_map(|state| &state.data).peekable();
    let derived = if data.peek().is_none() {
        quote!(Debug, Clone, Copy, PartialEq, Eq, Hash)
    } else {
        let comparable = events::comparable(data);
        quote!(Debug, Clone, PartialEq, #comparable)
    };
    attributes::with(scope, scope.machine.name.span, &derived, docs, &scope.machine.attributes)
}

/// The enum of a compound state's children, or the struct of a parallel state's regions. `module` is where the types of
/// the children are, seen from this one; without it they stand beside it.
fn content(scope: &Scope<'_>, id: StateId, name: &Ident, module: Option<&Ident>) -> TokenStream {
    let state = &scope.machine.states[id];
    let path = docs::path(scope, id);
    let serde = scope.serde_derive();
    let carried = |child: StateId| {
        let (variant, module) = (&scope.names.variants[child], module.map(|module| quote!(#module::)));
        scope.carries(child).then(|| quote!(#module #variant))
    };
    if state.kind == StateKind::Parallel {
        let docs = if id == StateId::ROOT {
            docs::lines("The configuration: where the machine is.")
        } else {
            docs::lines(&format!("Where each region of {path} is."))
        };
        let fields = state.children.iter().filter_map(|region| {
            let (ty, field) = (carried(*region)?, scope.field(*region));
            let docs = state_docs(scope, *region);
            let rename = scope.serde_rename(&field, &scope.machine.states[*region].name.value);
            Some(quote!(#docs #rename pub #field: #ty))
        });
        let head = head(scope, &docs);
        return quote! {
            #head
            #serde
            pub struct #name { #(#fields,)* }
        };
    }
    let docs = if id == StateId::ROOT {
        docs::lines("The configuration: where the machine is.")
    } else {
        docs::lines(&format!("The child of {path} that is active."))
    };
    let variants = state.children.iter().map(|child| {
        let variant = &scope.names.variants[*child];
        let (docs, rename) =
            (state_docs(scope, *child), scope.serde_rename(variant, &scope.machine.states[*child].name.value));
        let carried = carried(*child).map(|ty| quote!((#ty)));
        quote!(#docs #rename #variant #carried)
    });
    let allow = lints::of_enum(&name.to_string(), state.children.iter().map(|child| &scope.names.variants[*child]));
    let head = head(scope, &docs);
    quote! {
        #head
        #serde
        #allow
        pub enum #name { #(#variants,)* }
    }
}

/// The data of a state, with what of it is active.
fn holder(scope: &Scope<'_>, id: StateId, name: &Ident, module: &Ident, depth: usize) -> TokenStream {
    let state = &scope.machine.states[id];
    let docs = docs::lines(&format!("The data of {}.", docs::path(scope, id)));
    let serde = scope.serde_derive();
    let idents: Vec<Ident> = state.data.iter().map(|field| scope.snake(&field.name)).gather();
    let types = state.data.iter().map(|field| &*field.ty.syntax);
    let allow = lints::of_struct(&name.to_string(), idents.iter().zip(types));
    let fields = state.data.iter().zip(&idents).map(|(field, ident)| {
        let ty = events::from_below(&field.ty.syntax, depth);
        let docs = docs::lines(&format!("{}.", docs::place(scope, field.name.span)));
        let rename = scope.serde_rename(ident, &field.name.value);
        let public = scope.public(&field.name);
        quote!(#docs #rename #public #ident: #ty)
    });
    let active = (!state.children.is_empty()).then(|| {
        let ty = shape::content_name(scope.machine, id, &scope.names.variants);
        quote!(#[doc = " What of it is active."] pub state: #module::#ty,)
    });
    let head = head(scope, &docs);
    quote! {
        #head
        #serde
        #allow
        pub struct #name { #(#fields,)* #active }
    }
}

fn state_docs(scope: &Scope<'_>, id: StateId) -> TokenStream {
    let state = &scope.machine.states[id];
    let place = format!("{}: {}.", docs::path(scope, id), docs::place(scope, state.name.span));
    docs::described(state.description.as_deref(), &place)
}

/// The one active leaf: `state as usize + 1` where no state is nested, else a match.
fn index(scope: &Scope<'_>) -> TokenStream {
    let machine = scope.machine;
    let root = &machine.states[StateId::ROOT];
    let flat = root.children.iter().all(|child| !scope.carries(*child)) && root.histories.is_empty();
    let index = if flat {
        // Children follow the root in the order of the enum.
        quote!(self as usize + 1)
    } else {
        let arms = index_arms(scope, StateId::ROOT);
        quote!(match self { #arms })
    };
    let this = this(scope);
    quote! {
        #[doc = " The index in [`DEFINITION`]."]
        const fn index(#this) -> usize {
            #index
        }
    }
}

/// How a method takes the configuration: by value where it is `Copy`.
fn this(scope: &Scope<'_>) -> TokenStream {
    if scope.form.data { quote!(&self) } else { quote!(self) }
}

fn index_arms(scope: &Scope<'_>, id: StateId) -> TokenStream {
    let arms = scope.machine.states[id].children.iter().map(|child| {
        if scope.machine.states[*child].children.is_empty() {
            let index = proc_macro2::Literal::usize_unsuffixed(child.index());
            let inner = if scope.carries(*child) { quote!(_) } else { TokenStream::new() };
            let pattern = scope.child_pattern(*child, &inner);
            quote!(#pattern => #index,)
        } else {
            let pattern = scope.child_pattern(*child, &scope.content_of(*child, &quote!(state)));
            let arms = index_arms(scope, *child);
            quote!(#pattern => match state { #arms },)
        }
    });
    quote!(#(#arms)*)
}

/// All active leaves, in document order.
fn leaves(scope: &Scope<'_>) -> TokenStream {
    let fsm = &scope.core;
    let most = proc_macro2::Literal::usize_unsuffixed(scope.leaves);
    let (code, this) = (push_leaves(scope, StateId::ROOT, &quote!(self)), this(scope));
    quote! {
        #[doc = " The active leaves in document order: indices in [`DEFINITION`]."]
        fn leaves(#this) -> #fsm::Leaves<#most> {
            let mut leaves = #fsm::Leaves::new();
            #code
            leaves
        }
    }
}

/// Code that notes the leaves below `id`, whose content is `value`.
fn push_leaves(scope: &Scope<'_>, id: StateId, value: &TokenStream) -> TokenStream {
    let machine = scope.machine;
    let children = &machine.states[id].children;
    let one = |child: StateId, value: &TokenStream| {
        if machine.states[child].children.is_empty() {
            let index = proc_macro2::Literal::usize_unsuffixed(child.index());
            quote!(leaves.push(#index);)
        } else {
            push_leaves(scope, child, value)
        }
    };
    if machine.states[id].kind == StateKind::Parallel {
        return children
            .iter()
            .map(|region| {
                let field = scope.field(*region);
                let inner = if scope.has_data(*region) { quote!(#value.#field.state) } else { quote!(#value.#field) };
                one(*region, &inner)
            })
            .gather();
    }
    let arms = children.iter().map(|child| {
        let code = one(*child, &quote!(state));
        let inner = if machine.states[*child].children.is_empty() {
            if scope.carries(*child) { quote!(_) } else { TokenStream::new() }
        } else {
            // Regions without children are always the same leaves.
            let content = if tokens::mentions_tokens(&code, "state") { quote!(state) } else { quote!(_) };
            scope.content_of(*child, &content)
        };
        let pattern = scope.child_pattern(*child, &inner);
        quote!(#pattern => { #code })
    });
    let plain = !scope.form.data || ["self", "state"].contains(&value.to_string().as_str());
    let value = if plain { value.clone() } else { quote!(&#value) };
    quote!(match #value { #(#arms)* })
}

/// `Tag`, and `has_tag`, where states have tags.
fn tags(scope: &Scope<'_>) -> TokenStream {
    let machine = scope.machine;
    let mut tags: Vec<&str> = Vec::new();
    for tag in machine.states.iter().flat_map(|state| &state.tags) {
        if !tags.contains(&tag.value.as_str()) {
            tags.push(&tag.value);
        }
    }
    if tags.is_empty() {
        return TokenStream::new();
    }
    let variants: Vec<Ident> = tags.iter().map(|tag| names::pascal_ident(tag)).gather();
    let docs = tags.iter().map(|tag| docs::lines(&format!("{}.", docs::code(tag))));
    let (allow, this) = (lints::of_enum("Tag", variants.iter()), this(scope));
    let arms = tags.iter().zip(&variants).map(|(tag, variant)| {
        let marked = machine.states.enumerated().filter(|(_, state)| state.tags.iter().any(|own| own.value == **tag));
        let patterns = marked.map(|(id, _)| scope.active(id));
        quote!(Tag::#variant => matches!(self, #(#patterns)|*),)
    });
    quote! {
        #[doc = " The tags of the states."]
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #allow
        pub enum Tag { #(#docs #variants,)* }

        impl State {
            #[doc = " Whether a state with that tag is active."]
            #[must_use]
            pub const fn has_tag(#this, tag: Tag) -> bool {
                match tag { #(#arms)* }
            }
        }
    }
}
