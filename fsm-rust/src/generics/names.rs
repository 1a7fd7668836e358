//! Which types of the module mention a parameter, themselves or through others.

use fsm_model::gather::Gather as _;
use std::collections::{BTreeSet, HashMap, HashSet};

use quote::ToTokens;
use syn::visit::{self, Visit};
use syn::{Item, ItemUse, Path, UseTree};

use super::Params;
use crate::tokens;

/// The types, traits and aliases of the module, by their paths from its root: `event::Start`.
pub(super) struct Names {
    types: HashMap<String, Named>,
    /// Short names for modules: `use self::state::working as deep8`.
    shortcuts: HashMap<String, Vec<String>>,
}

/// One of them.
#[derive(Default)]
pub(super) struct Named {
    /// The parameters that it needs.
    pub(super) needs: BTreeSet<usize>,
    /// How many it has of its own: the handlers, a lifetime.
    pub(super) own: usize,
    /// The types that it mentions.
    mentions: BTreeSet<String>,
}

impl Names {
    /// Of the whole module.
    pub(super) fn of(params: &Params, items: &[Item]) -> Self {
        let mut names = Self { types: HashMap::new(), shortcuts: HashMap::new() };
        names.collect(params, items, &mut Vec::new());
        let mut mentions = HashMap::new();
        names.connect(items, &mut Vec::new(), &mut mentions);
        for (name, mentions) in mentions {
            names.types.entry(name).or_default().mentions = mentions;
        }
        if let Some(machine) = names.types.get_mut("Machine") {
            machine.needs = (0..params.list.len()).gather();
        }
        if let Some(context) = names.types.get_mut("Context") {
            context.needs.extend(&params.in_defaults);
        }
        names.close();
        names
    }

    /// What a path means in `module`, if it is one of the module's own types.
    pub(super) fn find(&self, module: &[String], path: &Path) -> Option<&Named> {
        self.types.get(&self.resolve(module, path)?)
    }

    /// One that is declared in `module`.
    pub(super) fn declared(&self, module: &[String], name: &syn::Ident) -> Option<&Named> {
        self.types.get(&key(module, &name.to_string()))
    }

    fn resolve(&self, module: &[String], path: &Path) -> Option<String> {
        if path.leading_colon.is_some() {
            return None;
        }
        let mut around = module.to_vec();
        let mut segments = path.segments.iter().map(|segment| segment.ident.to_string()).peekable();
        while let Some(step) = segments.next_if(|segment| segment == "super" || segment == "self") {
            if step == "super" {
                around.pop()?;
            }
        }
        if let Some(full) = segments.peek().filter(|_| around.is_empty()).and_then(|first| self.shortcuts.get(first)) {
            around.clone_from(full);
            segments.next();
        }
        around.extend(segments);
        let name = key(&around, "");
        self.types.contains_key(&name).then_some(name)
    }

    fn collect(&mut self, params: &Params, items: &[Item], module: &mut Vec<String>) {
        for item in items {
            match item {
                Item::Mod(inner) => {
                    module.push(inner.ident.to_string());
                    self.collect(params, inner.content.as_ref().map_or(&[], |(_, items)| items), module);
                    module.pop();
                }
                Item::Use(import) if module.is_empty() => self.shortcut(import),
                _ => {
                    let Some((name, own)) = head(item) else { continue };
                    let mut idents = HashSet::new();
                    tokens::collect_idents(item.to_token_stream(), &mut idents);
                    let mentioned =
                        |at: &usize| params.ident(*at).is_some_and(|param| idents.contains(&param.to_string()));
                    let needs = (0..params.list.len()).filter(mentioned).gather();
                    self.types.insert(key(module, &name), Named { needs, own, mentions: BTreeSet::new() });
                }
            }
        }
    }

    fn shortcut(&mut self, import: &ItemUse) {
        let (mut tree, mut path) = (&import.tree, Vec::new());
        while let UseTree::Path(inner) = tree {
            path.push(inner.ident.to_string());
            tree = &inner.tree;
        }
        if let (UseTree::Rename(last), Some("self")) = (tree, path.first().map(String::as_str)) {
            path.push(last.ident.to_string());
            let short = path.split_off(1);
            // A shortcut may begin with another.
            let full = short.first().and_then(|first| self.shortcuts.get(first)).cloned();
            let path = full.map_or_else(|| short.clone(), |full| [&full, &short[1..]].concat());
            self.shortcuts.insert(last.rename.to_string(), path);
        }
    }

    fn connect(&self, items: &[Item], module: &mut Vec<String>, found: &mut HashMap<String, BTreeSet<String>>) {
        for item in items {
            if let Item::Mod(inner) = item {
                module.push(inner.ident.to_string());
                self.connect(inner.content.as_ref().map_or(&[], |(_, items)| items), module, found);
                module.pop();
            } else if let Some((name, _)) = head(item) {
                let mut mentions = Mentions { names: self, module, found: BTreeSet::new() };
                mentions.visit_item(item);
                found.insert(key(module, &name), mentions.found);
            }
        }
    }

    /// Hands every need on to whoever mentions its owner, until nothing changes.
    fn close(&mut self) {
        let mut mentioned_by: HashMap<String, Vec<String>> = HashMap::new();
        for (name, named) in &self.types {
            for other in &named.mentions {
                mentioned_by.entry(other.clone()).or_default().push(name.clone());
            }
        }
        let mut changed: Vec<String> = self.types.keys().cloned().gather();
        while let Some(name) = changed.pop() {
            let needs = self.types[&name].needs.clone();
            for user in mentioned_by.get(&name).into_iter().flatten() {
                let known = self.types.entry(user.clone()).or_default();
                if !known.needs.is_superset(&needs) {
                    known.needs.extend(&needs);
                    changed.push(user.clone());
                }
            }
        }
    }
}

/// The name of an item that can have parameters, and how many it has already.
fn head(item: &Item) -> Option<(String, usize)> {
    let (ident, generics) = match item {
        Item::Struct(item) => (&item.ident, &item.generics),
        Item::Enum(item) => (&item.ident, &item.generics),
        Item::Trait(item) => (&item.ident, &item.generics),
        Item::Type(item) => (&item.ident, &item.generics),
        _ => return None,
    };
    Some((ident.to_string(), generics.params.len()))
}

/// `event::Start`; without a name the path itself.
fn key(module: &[String], name: &str) -> String {
    let mut key = module.join("::");
    if !name.is_empty() {
        if !key.is_empty() {
            key.push_str("::");
        }
        key.push_str(name);
    }
    key
}

struct Mentions<'n> {
    names: &'n Names,
    module: &'n [String],
    found: BTreeSet<String>,
}

impl Visit<'_> for Mentions<'_> {
    fn visit_path(&mut self, path: &Path) {
        self.found.extend(self.names.resolve(self.module, path));
        visit::visit_path(self, path);
    }
}
