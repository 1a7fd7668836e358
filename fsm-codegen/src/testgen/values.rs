//! What the fields of payloads and the results of invokes could be.
//!
//! A guard compares with constants; so a field is tried with the constants of all guards, with their neighbours, and
//! with what the context holds now. Types of the user have one value only, their default.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens as _;

use crate::interp::{Type, Value, default_value};
use crate::ir::{Action, EventId, Guard, InvokeId, Machine, StateKind};

/// So many constants of a kind are tried.
const CONSTANTS: usize = 24;
/// So many values of one field.
const VALUES: usize = 32;
/// So many payloads of one event.
const PAYLOADS: usize = 32;

/// The constants of a machine's guards, in the order in which they are written.
#[derive(Debug, Clone, Default)]
pub(super) struct Constants {
    ints: Vec<i128>,
    floats: Vec<f64>,
    texts: Vec<String>,
    chars: Vec<char>,
}

impl Constants {
    pub(super) fn of(machine: &Machine) -> Self {
        let mut constants = Self::default();
        for transition in &machine.transitions {
            transition.guard.iter().for_each(|guard| constants.guard(guard));
            constants.block(&transition.actions);
        }
        for state in &machine.states {
            constants.block(&state.entry);
            constants.block(&state.exit);
            if let StateKind::Compound(initial) = &state.kind {
                constants.block(&initial.actions);
            }
        }
        constants
    }

    fn block(&mut self, actions: &[Action]) {
        for action in actions {
            if let Action::If { guard, then, otherwise } = action {
                self.guard(guard);
                self.block(then);
                self.block(otherwise);
            }
        }
    }

    fn guard(&mut self, guard: &Guard) {
        match guard {
            Guard::Expr(expr) => self.tokens(expr.syntax.to_token_stream()),
            Guard::And(all) | Guard::Or(all) => all.iter().for_each(|one| self.guard(one)),
            Guard::Not(one) => self.guard(one),
            Guard::Call(..) | Guard::Bool(_) | Guard::In(_) => {}
        }
    }

    /// All literals, those within macros too.
    fn tokens(&mut self, tokens: TokenStream) {
        let mut open = vec![tokens.into_iter()];
        while let Some(last) = open.last_mut() {
            match last.next() {
                None => drop(open.pop()),
                Some(TokenTree::Group(group)) => open.push(group.stream().into_iter()),
                Some(TokenTree::Literal(literal)) => self.literal(&syn::Lit::new(literal)),
                Some(_) => {}
            }
        }
    }

    fn literal(&mut self, literal: &syn::Lit) {
        match literal {
            syn::Lit::Int(int) => {
                if let Ok(int) = int.base10_parse::<i128>() {
                    add(&mut self.ints, int);
                }
            }
            syn::Lit::Float(float) => {
                if let Ok(float) = float.base10_parse::<f64>() {
                    add(&mut self.floats, float);
                }
            }
            syn::Lit::Str(text) => add(&mut self.texts, text.value()),
            syn::Lit::Char(char) => add(&mut self.chars, char.value()),
            _ => {}
        }
    }

    /// The constants, and what the context holds.
    pub(super) fn with<'v>(&self, context: impl Iterator<Item = &'v Value>) -> Self {
        let mut more = self.clone();
        for value in context {
            match value {
                Value::Int(int) => int.value().into_iter().for_each(|int| add(&mut more.ints, int)),
                Value::Float(float) => add(&mut more.floats, *float),
                Value::Single(float) => add(&mut more.floats, f64::from(*float)),
                Value::String(text) if text.len() < 100 => add(&mut more.texts, text.clone()),
                Value::Char(char) => add(&mut more.chars, *char),
                _ => {}
            }
        }
        more
    }

    /// The payloads to try, the plainest first.
    pub(super) fn payloads(&self, machine: &Machine, event: EventId) -> Vec<Vec<Value>> {
        let fields = &machine.events[event].fields;
        let columns = fields.iter().map(|field| {
            let mut column = self.values(&Type::of(&field.ty.syntax));
            if field.default.is_some() {
                let default = default_value(machine, field);
                column.retain(|value| *value != default);
                column.insert(0, default);
            }
            column
        });
        combined(&columns.collect::<Vec<_>>())
    }

    /// The results of an invoke to try.
    pub(super) fn results(&self, machine: &Machine, invoke: InvokeId) -> Vec<Value> {
        let task = &machine.tasks[machine.invokes[invoke].task];
        self.values(&task.output.as_ref().map_or(Type::Unit, |ty| Type::of(&ty.syntax)))
    }

    fn values(&self, ty: &Type) -> Vec<Value> {
        let mut values = match ty {
            Type::Bool => vec![Value::Bool(false), Value::Bool(true)],
            Type::Int(ty) => {
                let near = self.ints.iter().flat_map(|int| [*int, int.saturating_add(1), int.saturating_sub(1), -*int]);
                let ints = [0, 1].into_iter().chain(near).filter_map(|int| ty.hold(int)).map(Value::Int);
                distinct(ints)
            }
            Type::F64 => distinct(self.all_floats().map(Value::Float)),
            #[allow(clippy::cast_possible_truncation, reason = "as a literal of that type is read")]
            Type::F32 => distinct(self.all_floats().map(|float| Value::Single(float as f32))),
            Type::Char => distinct(std::iter::once('a').chain(self.chars.iter().copied()).map(Value::Char)),
            Type::String => {
                let texts = ["", "a"].into_iter().map(str::to_owned).chain(self.texts.iter().cloned());
                distinct(texts.map(Value::String))
            }
            Type::Option(inner) => {
                let some = self.values(inner).into_iter().map(|value| Value::Some(Box::new(value)));
                std::iter::once(Value::None).chain(some).collect()
            }
            Type::List(inner) => {
                let first = self.values(inner).into_iter().take(1);
                std::iter::once(Value::List(Vec::new())).chain(first.map(|value| Value::List(vec![value]))).collect()
            }
            Type::Unit | Type::Map(_) | Type::Other => vec![ty.default_value()],
        };
        values.truncate(VALUES);
        values
    }

    #[allow(clippy::cast_precision_loss, reason = "a neighbour need not be exact")]
    fn all_floats(&self) -> impl Iterator<Item = f64> + '_ {
        let all = self.floats.iter().copied().chain(self.ints.iter().map(|int| *int as f64));
        [0.0, 1.0].into_iter().chain(all.flat_map(|float| [float, float + 1.0, float - 1.0]))
    }
}

fn add<T: PartialEq>(constants: &mut Vec<T>, constant: T) {
    if constants.len() < CONSTANTS && !constants.contains(&constant) {
        constants.push(constant);
    }
}

/// Up to the first [`VALUES`].
fn distinct(values: impl Iterator<Item = Value>) -> Vec<Value> {
    let mut distinct = Vec::new();
    for value in values {
        if distinct.len() == VALUES {
            break;
        }
        if !distinct.contains(&value) {
            distinct.push(value);
        }
    }
    distinct
}

/// One value of each column: all combinations where they are few; else the first of each, with one column changed, and
/// with all changed alike.
fn combined(columns: &[Vec<Value>]) -> Vec<Vec<Value>> {
    let product = columns.iter().try_fold(1_usize, |product, column| product.checked_mul(column.len()));
    if product.is_some_and(|product| product <= PAYLOADS) {
        return columns.iter().fold(vec![Vec::new()], |rows, column| {
            let longer = |row: &Vec<Value>| {
                let row = row.clone();
                column.iter().map(move |value| row.iter().cloned().chain([value.clone()]).collect()).collect::<Vec<_>>()
            };
            rows.iter().flat_map(longer).collect()
        });
    }
    let first: Vec<Value> = columns.iter().map(|column| column[0].clone()).collect();
    let longest = columns.iter().map(Vec::len).max().unwrap_or_default();
    let mut rows = vec![first.clone()];
    for at in 1..longest {
        for (index, column) in columns.iter().enumerate().filter(|(_, column)| at < column.len()) {
            let mut row = first.clone();
            row[index] = column[at].clone();
            rows.push(row);
        }
        rows.push(columns.iter().map(|column| column[at.min(column.len() - 1)].clone()).collect());
    }
    rows.truncate(PAYLOADS);
    rows
}
