//! Fields that guards compare with constants, and the few cases that these comparisons tell apart.
//!
//! Part of [`super`]. Between two constants that are compared with a field all its values are alike, so one value stands
//! for all: a field with `n` constants has at most `2n + 1` cases, and one more where it may be not a number. Texts, of which
//! only equality is asked, are numbered in the order of their first use, and beyond the last lie all others.
//!
//! Invariant: a case is one that a value of the type can be in.

use fsm_model::gather::Gather as _;
use std::collections::{BTreeSet, HashMap};

use syn::ext::IdentExt as _;

use super::kinds::{Kind, bare};
use crate::diag::shown;
use crate::ir::{EventId, Field, Machine, Root, StateId, Trigger};
use crate::names;

/// How a field stands to a constant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Relation {
    Less,
    AtMost,
    Equal,
    AtLeast,
    Greater,
}

impl Relation {
    /// The same with the operands exchanged.
    pub(super) const fn mirrored(self) -> Self {
        match self {
            Self::Less => Self::Greater,
            Self::AtMost => Self::AtLeast,
            Self::Equal => Self::Equal,
            Self::AtLeast => Self::AtMost,
            Self::Greater => Self::Less,
        }
    }
}

/// A field against a constant.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Comparison {
    /// Which of the [`Compared`] fields.
    pub(super) field: usize,
    pub(super) relation: Relation,
    /// Where the constant lies.
    pub(super) constant: i128,
}

impl Comparison {
    pub(super) fn holds(&self, case: Case) -> bool {
        // What is not a number stands in no relation to anything.
        case.is_some_and(|value| match self.relation {
            Relation::Less => value < self.constant,
            Relation::AtMost => value <= self.constant,
            Relation::Equal => value == self.constant,
            Relation::AtLeast => value >= self.constant,
            Relation::Greater => value > self.constant,
        })
    }
}

/// A value that stands for all that are like it; `None` is not a number.
pub(super) type Case = Option<i128>;

/// The fields that the guards of one group compare with constants.
pub(super) struct Compared<'m> {
    machine: &'m Machine,
    source: StateId,
    event: Option<EventId>,
    fields: Vec<Compare>,
    /// Where in `fields` each is; `None` for one of another type.
    known: HashMap<(Root, String), Option<usize>>,
}

/// One of them.
struct Compare {
    root: Root,
    name: String,
    kind: Kind,
    constants: BTreeSet<i128>,
    /// The texts that it is compared with, each with its place.
    texts: HashMap<String, i128>,
}

impl<'m> Compared<'m> {
    /// None yet, of guards of `source` on `trigger`.
    pub(super) fn new(machine: &'m Machine, source: StateId, trigger: Trigger) -> Self {
        let event = if let Trigger::Event(event) = trigger { Some(event) } else { None };
        Self { machine, source, event, fields: Vec::new(), known: HashMap::new() }
    }

    /// The field that an expression is, if its type is known here.
    pub(super) fn field(&mut self, expr: &syn::Expr) -> Option<usize> {
        let syn::Expr::Field(syn::ExprField { base, member: syn::Member::Named(name), .. }) = bare(expr) else {
            return None;
        };
        let syn::Expr::Path(base) = bare(base) else { return None };
        let base = base.path.get_ident()?;
        let root = [Root::Context, Root::Event, Root::State].into_iter().find(|root| base == root.name())?;
        let name = name.unraw().to_string();
        if let Some(known) = self.known.get(&(root, name.clone())) {
            return *known;
        }
        let field = self.declared(root, &name).and_then(|field| Kind::of(&field.ty.syntax, self.machine)).map(|kind| {
            let name = name.clone();
            self.fields.push(Compare { root, name, kind, constants: BTreeSet::new(), texts: HashMap::new() });
            self.fields.len() - 1
        });
        self.known.insert((root, name), field);
        field
    }

    /// The fields, by their indices in the context; `None` where one is not there.
    pub(super) fn fields_of_context(&self) -> Option<Vec<usize>> {
        let index = |field: &Compare| {
            let is_it = |one: &Field| one.name.value == field.name || names::snake(&one.name.value) == field.name;
            (field.root == Root::Context).then(|| self.machine.context.iter().position(is_it)).flatten()
        };
        self.fields.iter().map(index).gather_some()
    }

    fn declared(&self, root: Root, name: &str) -> Option<&'m Field> {
        let machine = self.machine;
        let find = |fields: &'m [Field]| {
            fields.iter().find(|field| field.name.value == name || names::snake(&field.name.value) == name)
        };
        match root {
            Root::Context => find(&machine.context),
            Root::Event => find(&machine.events[self.event?].fields),
            Root::State => machine.chain(self.source).find_map(|state| find(&machine.states[state].data)),
            Root::Queue => None,
        }
    }

    /// A bool field as a comparison.
    pub(super) fn is_true(&mut self, field: usize) -> Option<Comparison> {
        let field_kind = self.fields[field].kind;
        (field_kind == Kind::Bool).then(|| self.with_place(field, Relation::Equal, 1))
    }

    /// The comparison of a field with a constant, if it is one.
    pub(super) fn with(&mut self, field: usize, relation: Relation, constant: &syn::Expr) -> Option<Comparison> {
        let place = match (self.fields[field].kind, bare(constant)) {
            (Kind::Text, syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. })) => {
                (relation == Relation::Equal).then(|| self.fields[field].text(text.value()))
            }
            (kind, constant) => kind.place(constant),
        }?;
        Some(self.with_place(field, relation, place))
    }

    fn with_place(&mut self, field: usize, relation: Relation, constant: i128) -> Comparison {
        self.fields[field].constants.insert(constant);
        Comparison { field, relation, constant }
    }

    /// The cases of each field.
    pub(super) fn cases(&self) -> Vec<Vec<Case>> {
        self.fields.iter().map(Compare::cases).gather()
    }

    /// `context.battery = 20`.
    pub(super) fn example(&self, field: usize, case: Case) -> String {
        let Compare { root, name, kind, texts, .. } = &self.fields[field];
        let path = format!("`{}.{name}", root.name());
        match (kind, case) {
            (_, None) => format!("{path}` is not a number"),
            (Kind::Text, Some(place)) => match texts.iter().find(|(_, at)| **at == place) {
                Some((text, _)) => format!("{path} = {}`", shown(&format!("{text:?}"))),
                None => format!("{path}` is another text"),
            },
            (kind, Some(place)) => format!("{path} = {}`", kind.value_text(place)),
        }
    }
}

impl Compare {
    /// The place of a text.
    fn text(&mut self, text: String) -> i128 {
        let next = i128::try_from(self.texts.len()).unwrap_or(i128::MAX);
        *self.texts.entry(text).or_insert(next)
    }

    /// One value for each range of values that no comparison tells apart.
    fn cases(&self) -> Vec<Case> {
        let (min, max) = self.kind.range();
        let mut cases = Vec::new();
        let mut last = i128::MIN;
        for constant in &self.constants {
            cases.extend(self.kind.between(last, *constant).map(Some));
            cases.extend((min..=max).contains(constant).then_some(Some(*constant)));
            last = *constant;
        }
        cases.extend(self.kind.between(last, i128::MAX).map(Some));
        if matches!(self.kind, Kind::F32 | Kind::F64) {
            cases.push(None);
        }
        cases
    }
}
