//! What a machine declares: context, events, messages, methods, delays; and the data of states.

use fsm_model::gather::Gather as _;
use proc_macro2::{Delimiter, Group, TokenTree};

use super::attributes::Attributes;
use super::cursor::Cursor;
use super::parser::Parser;
use crate::ast::{DelayDeclaration, Event, Field, FieldDefault, Method, Name};
use crate::diag::{Code, Diagnostic, shown};
use crate::frontend::expr::piece;
use crate::frontend::twice;
use crate::source::{Span, Spanned};

impl Parser<'_, '_> {
    /// `{ field: Type = default, … }` of `context` or `data`.
    pub(super) fn block(&mut self, cursor: &mut Cursor) -> Vec<Field> {
        let Some(group) = cursor.group(Delimiter::Brace) else {
            self.expected(cursor, "fields in braces", "write `{ field: Type, other: Type = default }`");
            cursor.recover();
            return Vec::new();
        };
        self.fields(&group)
    }

    fn fields(&mut self, group: &Group) -> Vec<Field> {
        let fields = self.list(&mut Cursor::inside(group), Self::field);
        self.united(fields, |field| &field.name, twice::unite_fields)
    }

    /// `field: Type`, `field: Type = default`.
    fn field(&mut self, cursor: &mut Cursor) -> Option<Field> {
        let attributes = self.attributes(cursor);
        self.no_attributes(attributes, "a field");
        let name = self.name(cursor, "a field")?;
        if !cursor.eat_punct(':') {
            self.expected(cursor, "`:` and a type", "write `field: Type`");
            cursor.until(|cursor| cursor.is_punct(','));
            return Some(Field::unreadable(name));
        }
        let (here, trees) = (cursor.here(), cursor.field_type());
        let ty = self.rust(trees, here, "a type", piece::ty);
        let mut default = Some(None);
        if cursor.eat_punct('=') {
            let (here, trees) =
                (cursor.here(), cursor.until(|cursor| cursor.is_punct(',') || cursor.begins_entry(':')));
            default = self.rust(trees, here, "a default", piece::expression).map(|it| Some(FieldDefault::Expr(it)));
        }
        Some(match (ty, default) {
            (Some(ty), Some(default)) => Field { name, ty: Some(ty), default },
            _ => Field::unreadable(name),
        })
    }

    /// `event A { field: Type } -> Reply;`, `event A, B;`; messages likewise, though nobody answers them.
    pub(super) fn events(&mut self, cursor: &mut Cursor, mut attributes: Attributes, what: &str) -> Vec<Event> {
        self.no_meta(&mut attributes, what);
        let mut events: Vec<Event> = Vec::new();
        loop {
            let Some(name) = self.name(cursor, what) else {
                cursor.recover();
                return events;
            };
            let fields = cursor.group(Delimiter::Brace);
            let braces = fields.is_some();
            let fields = fields.map(|group| self.fields(&group)).unwrap_or_default();
            let reply = cursor.eat_pair('-', '>').then(|| {
                let (here, trees) = (cursor.here(), cursor.field_type());
                self.rust(trees, here, "a type", piece::ty)
            });
            let ends_itself = braces && reply.is_none();
            events.push(Event { name, fields, reply: reply.flatten() });
            if cursor.eat_punct(',') || (cursor.begins_declaration() && self.is_missing_comma(cursor)) {
                continue;
            }
            // As behind a struct, nothing has to follow the braces.
            if !ends_itself || cursor.is_punct(';') {
                self.end(cursor);
            }
            return events;
        }
    }

    /// `action a, b;`, `guard c;`.
    pub(super) fn methods(
        &mut self,
        cursor: &mut Cursor,
        mut attributes: Attributes,
        blocking: Option<Span>,
    ) -> Vec<Method> {
        self.no_meta(&mut attributes, "a method");
        self.no_others(&mut attributes, "a method");
        let description = attributes.description();
        let method = |name| Method {
            name,
            blocking: blocking.map(|span| Spanned::new(true, span)),
            description: description.clone(),
        };
        self.words(cursor, "the name of a method").into_iter().map(method).gather()
    }

    /// `delay watchdog = 30s;`, `delay patience;`.
    pub(super) fn delays(&mut self, cursor: &mut Cursor) -> Vec<DelayDeclaration> {
        self.series(cursor, |parser, cursor| {
            let name = parser.name(cursor, "the name of a delay")?;
            let duration = if cursor.eat_punct('=') { parser.fixed_delay(cursor) } else { None };
            Some(DelayDeclaration { name, duration })
        })
    }

    /// Names with commas between them, and the end of the statement.
    pub(super) fn words(&mut self, cursor: &mut Cursor, wanted: &str) -> Vec<Name> {
        self.series(cursor, |parser, cursor| parser.name(cursor, wanted))
    }

    /// What stands between commas up to the end of the statement.
    pub(super) fn series<T>(
        &mut self,
        cursor: &mut Cursor,
        read: impl Fn(&mut Self, &mut Cursor) -> Option<T>,
    ) -> Vec<T> {
        let mut items = Vec::new();
        loop {
            let Some(item) = read(self, cursor) else {
                cursor.recover();
                return items;
            };
            items.push(item);
            if cursor.eat_punct(',') || (cursor.begins_declaration() && self.is_missing_comma(cursor)) {
                continue;
            }
            self.end(cursor);
            return items;
        }
    }

    /// Those that stand there a second time are reported and left out.
    pub(super) fn distinct_names<T>(&mut self, items: Vec<T>, name: impl Fn(&T) -> &Name) -> Vec<T> {
        self.united(items, name, |_, _| ())
    }

    /// The same, where `unite` makes one item of two.
    pub(super) fn united<T>(&mut self, items: Vec<T>, name: impl Fn(&T) -> &Name, unite: impl Fn(&mut T, T)) -> Vec<T> {
        let mut known: std::collections::HashMap<String, usize> = std::collections::HashMap::new();
        let mut distinct: Vec<T> = Vec::with_capacity(items.len());
        for item in items {
            let written = name(&item);
            if let Some(first) = known.get(&written.value) {
                let message = format!("`{}` stands here a second time", shown(&written.value));
                let diagnostic = Diagnostic::error(Code::DuplicateKey, written.span, message);
                let first = &mut distinct[*first];
                self.push(diagnostic.label(name(first).span, "first written here"));
                unite(first, item);
            } else {
                known.insert(written.value.clone(), distinct.len());
                distinct.push(item);
            }
        }
        distinct
    }
}

impl Cursor {
    /// The tokens of a field's type: up to `=` or a comma outside of angle brackets.
    pub(super) fn field_type(&mut self) -> Vec<TokenTree> {
        let from = self.position();
        let (mut open, mut arrow) = (0_usize, false);
        while !self.is_end()
            && !(open == 0
                && (self.is_punct(',') || self.is_punct('=') || self.is_punct(';') || self.begins_entry(':')))
        {
            let closes = self.is_punct('>') && !arrow;
            open = (open + usize::from(self.is_punct('<'))).saturating_sub(usize::from(closes));
            arrow = self.is_punct('-');
            self.next();
        }
        self.since(from).to_vec()
    }
}
