//! The parameters written where they belong: behind names, in the heads of items and of `impl` blocks.

use fsm_model::gather::Gather as _;
use std::collections::{BTreeSet, HashSet};

use proc_macro2::Ident;
use quote::{ToTokens, quote};
use syn::punctuated::Punctuated;
use syn::visit_mut::{self, VisitMut};
use syn::{
    Attribute, Fields, GenericArgument, GenericParam, Generics, Item, ItemImpl, Path, PathArguments, Token, TraitBound,
    Type, TypePath, WhereClause, parse_quote,
};

use super::names::Names;
use super::{Params, Role};
use crate::machine::type_default;
use crate::scope::{Scope, names_of};
use crate::tokens;

/// The rewriter.
pub(super) struct Heads<'p, 'a> {
    scope: &'p Scope<'a>,
    params: &'p Params,
    names: &'p Names,
    /// Where it is.
    module: Vec<String>,
}

impl<'p, 'a> Heads<'p, 'a> {
    /// At the root of the module.
    pub(super) const fn new(scope: &'p Scope<'a>, params: &'p Params, names: &'p Names) -> Self {
        Self { scope, params, names, module: Vec::new() }
    }

    /// Rewrites the items of one module.
    pub(super) fn spread(&mut self, items: &mut Vec<Item>) {
        let mut all = Vec::with_capacity(items.len());
        let mut used = BTreeSet::new();
        for mut item in items.drain(..) {
            self.visit_item_mut(&mut item);
            let made = self.declare(&mut item, &mut used);
            all.push(item);
            all.extend(made);
        }
        if !used.is_empty() && !self.module.is_empty() {
            let imports = self.imports(&all, &used);
            all.splice(0..0, imports);
        }
        *items = all;
    }

    /// Gives an item its parameters, and notes which; what comes out are the traits that its derives could not give.
    fn declare(&self, item: &mut Item, used: &mut BTreeSet<usize>) -> Vec<Item> {
        let ident = match item {
            Item::Struct(item) => &item.ident,
            Item::Enum(item) => &item.ident,
            Item::Trait(item) => &item.ident,
            Item::Type(item) => &item.ident,
            _ => return Vec::new(),
        };
        let Some(named) = self.names.declared(&self.module, ident) else { return Vec::new() };
        if named.needs.is_empty() {
            return Vec::new();
        }
        used.extend(&named.needs);
        let params = named.needs.iter().map(|at| self.params.declaration(*at, self.module.len()));
        match item {
            Item::Struct(item) => {
                item.generics.params.extend(params);
                let default = underive(&mut item.attrs, &["Default"]);
                default.then(|| default_of(&item.ident, &item.generics, &item.fields)).into_iter().gather()
            }
            Item::Enum(item) => {
                item.generics.params.extend(params);
                copies(&mut item.attrs, &item.ident, &item.generics)
            }
            Item::Trait(item) => {
                item.generics.params.extend(params);
                Vec::new()
            }
            Item::Type(item) => {
                // Nobody would look at its bounds, says rustc.
                item.generics.params.extend(params.map(without_bounds));
                Vec::new()
            }
            _ => Vec::new(),
        }
    }

    /// Behind the name of a type that needs parameters: its arguments, unless the spec wrote them.
    fn supply(&self, path: &mut Path) {
        let Some(named) = self.names.find(&self.module, path).filter(|named| !named.needs.is_empty()) else { return };
        let args = named.needs.iter().filter_map(|at| self.params.ident(*at));
        let args = args.map(|ident| -> GenericArgument { parse_quote!(#ident) });
        let Some(last) = path.segments.last_mut() else { return };
        match &mut last.arguments {
            PathArguments::AngleBracketed(given) if given.args.len() <= named.own => given.args.extend(args),
            PathArguments::None => last.arguments = PathArguments::AngleBracketed(parse_quote!(<#(#args),*>)),
            _ => {}
        }
    }

    /// Imports of the names in the bounds, which the spec's `use:` brings into the module around.
    fn imports(&self, items: &[Item], used: &BTreeSet<usize>) -> Vec<Item> {
        let known: HashSet<String> = items
            .iter()
            .filter(|item| matches!(item, Item::Use(_)))
            .flat_map(|item| {
                let mut idents = HashSet::new();
                tokens::collect_idents(item.to_token_stream(), &mut idents);
                idents
            })
            .gather();
        let has_glob = items
            .iter()
            .any(|item| matches!(item, Item::Use(item) if item.tree.to_token_stream().to_string().ends_with('*')));
        let above = self.module.iter().map(|_| quote!(super::));
        let above = quote!(#(#above)*);
        let mut bounds = HashSet::new();
        for at in used {
            tokens::collect_idents(self.params.list[*at].to_token_stream(), &mut bounds);
        }
        let names = self.scope.machine.uses.iter().flat_map(|tree| names_of(&tree.value));
        let wanted = |name: &Option<String>| match name {
            Some(name) => bounds.contains(name) && !known.contains(name),
            None => !has_glob,
        };
        names
            .filter(wanted)
            .map(|name| match name {
                Some(name) => {
                    let name = fsm_model::names::ident(&name);
                    parse_quote!(use #above #name;)
                }
                None => parse_quote! {
                    #[allow(clippy::wildcard_imports, unused_imports, reason = "as the spec says")]
                    use #above *;
                },
            })
            .gather()
    }

    /// What an `impl` of `of` for `ty` does.
    fn role(&self, ty: &Type, of: Option<&str>) -> Role {
        let Type::Path(ty) = ty else { return Role::Data };
        let steps = ty
            .path
            .segments
            .last()
            .is_some_and(|last| last.ident == "Machine" || last.ident == self.scope.names.service);
        match of {
            Some("Service" | "Persist") => Role::Service,
            Some("Machine") => Role::Data,
            _ if steps => Role::Step,
            _ => Role::Data,
        }
    }

    fn mentioned(&self, tokens: &impl ToTokens) -> Vec<usize> {
        let mut idents = HashSet::new();
        tokens::collect_idents(tokens.to_token_stream(), &mut idents);
        let is_mentioned = |at: &usize| self.params.ident(*at).is_some_and(|ident| idents.contains(&ident.to_string()));
        (0..self.params.list.len()).filter(is_mentioned).gather()
    }
}

impl VisitMut for Heads<'_, '_> {
    fn visit_item_mod_mut(&mut self, item: &mut syn::ItemMod) {
        let Some((_, items)) = &mut item.content else { return };
        self.module.push(item.ident.to_string());
        self.spread(items);
        self.module.pop();
    }

    fn visit_type_path_mut(&mut self, ty: &mut TypePath) {
        visit_mut::visit_type_path_mut(self, ty);
        if ty.qself.is_none() {
            self.supply(&mut ty.path);
        }
    }

    fn visit_trait_bound_mut(&mut self, bound: &mut TraitBound) {
        visit_mut::visit_trait_bound_mut(self, bound);
        self.supply(&mut bound.path);
    }

    fn visit_item_impl_mut(&mut self, item: &mut ItemImpl) {
        visit_mut::visit_item_impl_mut(self, item);
        let mut subject = item.self_ty.to_token_stream();
        let mut of = None;
        if let Some((path, _)) = &mut item.trait_ {
            self.supply(path);
            path.to_tokens(&mut subject);
            of = path.segments.last().map(|last| last.ident.to_string());
        }
        let role = self.role(&item.self_ty, of.as_deref());
        for at in self.mentioned(&subject) {
            // They all stand in the machine's own module.
            let (param, predicates) = self.params.implementation(at, role);
            item.generics.params.push(param);
            if !predicates.is_empty() {
                item.generics.make_where_clause().predicates.extend(predicates);
            }
        }
    }

    /// What mentions no parameter holds, or does not: rustc wants no such predicate.
    fn visit_where_clause_mut(&mut self, clause: &mut WhereClause) {
        visit_mut::visit_where_clause_mut(self, clause);
        let predicates = std::mem::take(&mut clause.predicates);
        clause.predicates = predicates.into_iter().filter(|it| !self.mentioned(it).is_empty()).collect();
    }
}

fn without_bounds(mut param: GenericParam) -> GenericParam {
    if let GenericParam::Type(param) = &mut param {
        param.bounds.clear();
        param.colon_token = None;
    }
    param
}

/// Takes derives away that ask for more than they need; says whether the first was there.
fn underive(attrs: &mut Vec<Attribute>, unwanted: &[&str]) -> bool {
    let mut found = false;
    for attr in attrs.iter_mut().filter(|attr| attr.path().is_ident("derive")) {
        let Ok(traits) = attr.parse_args_with(Punctuated::<Path, Token![,]>::parse_terminated) else { continue };
        if traits.iter().any(|path| path.is_ident(unwanted[0])) {
            found = true;
            let kept = traits.iter().filter(|path| !unwanted.iter().any(|unwanted| path.is_ident(unwanted)));
            *attr = parse_quote!(#[derive(#(#kept),*)]);
        }
    }
    attrs.retain(|attr| {
        !attr.path().is_ident("derive") || !matches!(&attr.meta, syn::Meta::List(list) if list.tokens.is_empty())
    });
    found
}

/// `Default` of what waits or is remembered: it is empty at first, whatever it can hold.
fn default_of(ident: &Ident, generics: &Generics, fields: &Fields) -> Item {
    let (head, args, bounds) = generics.split_for_impl();
    let values = fields.iter().filter_map(|field| {
        let (ident, value) = (field.ident.as_ref()?, type_default(&field.ty));
        Some(quote!(#ident: #value))
    });
    parse_quote! {
        impl #head Default for #ident #args #bounds {
            fn default() -> Self {
                Self { #(#values),* }
            }
        }
    }
}

/// `Copy` of what only borrows.
fn copies(attrs: &mut Vec<Attribute>, ident: &Ident, generics: &Generics) -> Vec<Item> {
    if !underive(attrs, &["Copy", "Clone"]) {
        return Vec::new();
    }
    let mut elided = generics.clone();
    elided.params =
        generics.params.iter().filter(|param| !matches!(param, GenericParam::Lifetime(_))).cloned().collect();
    let (head, _, bounds) = elided.split_for_impl();
    let args = generics.params.iter().map(|param| match param {
        GenericParam::Type(param) => param.ident.to_token_stream(),
        GenericParam::Const(param) => param.ident.to_token_stream(),
        GenericParam::Lifetime(_) => quote!('_),
    });
    let ty = quote!(#ident<#(#args),*>);
    vec![
        parse_quote! {
            impl #head Clone for #ty #bounds {
                fn clone(&self) -> Self {
                    *self
                }
            }
        },
        parse_quote!(impl #head Copy for #ty #bounds {}),
    ]
}
