//! Blocks of actions: one `entry` list, one `exit` list, the actions of one transition.
//!
//! Part of the Rust back-end. An action that fails ends its block, not the step (SEMANTICS.md, errors): the code of a
//! block is a labelled Rust block that failures break out of. It runs where `self` and `actions` are in scope, besides
//! them `failed` in the short form, and `driver` and `run` in the form with a loop.

use fsm_model::gather::Gather as _;
use proc_macro2::{Ident, Literal, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote};

use super::arithmetic::{Fields, Value};
use super::place::{self, Place};
use super::scope::Scope;
use super::{args, form, guards, places, tokens};
use fsm_model::ir::{
    Action, Arg, ArgKind, Assignment, Borrow, Call, DelayId, Event, EventId, Field, Guard, Id, LogPart, MessageId,
    Record, Root, SendId, Wait,
};
use fsm_model::names;

/// The code of one block.
pub(super) fn block(scope: &Scope<'_>, actions: &[Action], place: Place) -> TokenStream {
    let code = statements(scope, actions, place, &TokenStream::new());
    if breaks(code.clone()) { quote!('block: { #code }) } else { code }
}

/// The actions one after the other; `last` leaves the block from behind the last of them.
fn statements(scope: &Scope<'_>, actions: &[Action], place: Place, last: &TokenStream) -> TokenStream {
    let Some((end, rest)) = actions.split_last() else { return TokenStream::new() };
    let mut code: TokenStream = rest.iter().map(|one| action(scope, one, place, &quote!(break 'block;))).gather();
    code.extend(action(scope, end, place, last));
    code
}

/// Whether code breaks out of a block.
fn breaks(code: TokenStream) -> bool {
    let mut quoted = false;
    code.into_iter().any(|token| {
        let found = match &token {
            TokenTree::Group(group) => breaks(group.stream()),
            TokenTree::Ident(ident) => quoted && ident == "block",
            TokenTree::Punct(_) | TokenTree::Literal(_) => false,
        };
        quoted = matches!(&token, TokenTree::Punct(punct) if punct.as_char() == '\'');
        found
    })
}

fn action(scope: &Scope<'_>, action: &Action, place: Place, leave: &TokenStream) -> TokenStream {
    let fsm = &scope.core;
    let overflow = || {
        let fail = scope.fail(&quote!(#fsm::Error::Overflow));
        quote!(#fail #leave)
    };
    let (code, mutable) = match action {
        Action::Call(id, call) => {
            let method = &scope.machine.actions[*id];
            let code = scope.placed(call.name.span, self::call(scope, method, call, leave));
            (code, call.args.iter().any(changes_state))
        }
        Action::Assign(all) => (assign(scope, all, place, &overflow()), false),
        Action::Raise(record) => (told(scope, place, record, &overflow(), |event| raise(scope, event)), false),
        Action::Send { event, delay, id } => {
            let sent = |event: &TokenStream| send(scope, event, *delay, *id);
            (told(scope, place, event, &overflow(), sent), false)
        }
        Action::Cancel(id) => {
            let id = send_id(Some(*id));
            (quote!(self.cancel(driver, #id);), false)
        }
        Action::Emit(record) => {
            (told(scope, place, record, &overflow(), |message| quote!(driver.emit(#message);)), false)
        }
        Action::Reply(event, expr) => (reply(scope, *event, expr, place, &overflow()), false),
        Action::Log(parts) => (log(scope, parts), false),
        Action::If { guard, then, otherwise } => return conditional(scope, guard, then, otherwise, place, leave),
    };
    places::statements(scope, places::of_action(action), place::bind(scope, place, code).statements(scope, mutable))
}

fn changes_state(arg: &Arg) -> bool {
    matches!(arg.kind, ArgKind::Path { borrow: Borrow::Mutable, root: Root::State, .. })
}

fn call(scope: &Scope<'_>, method: &fsm_model::ir::Method, call: &Call, leave: &TokenStream) -> TokenStream {
    let name = names::snake_ident(&method.name.value);
    let fsm = &scope.core;
    let call_code = if method.blocking {
        let args = call.args.iter().map(|arg| args::owned(scope, arg));
        let bindings: Vec<_> = (0..call.args.len()).map(|at| format_ident!("arg{at}")).gather();
        let work = quote!(handlers.#name(#(#bindings),*));
        let run = if scope.is_async() { quote!(driver.block(move || #work).await) } else { work };
        let semicolon = scope.machine.error.is_none().then(|| quote!(;));
        quote!({ let handlers = actions.clone(); #(let #bindings = #args;)* #run #semicolon })
    } else {
        let (args, dot_await) = (args::of(scope, call), scope.dot_await());
        quote!(actions.#name(#(#args),*) #dot_await)
    };
    let queued = call.args.iter().any(|arg| matches!(arg.kind, ArgKind::Path { root: Root::Queue, .. }));
    let full = queued.then(|| quote!(self.lost(run, actions);));
    if scope.machine.error.is_none() {
        let semicolon = (!method.blocking).then(|| quote!(;));
        return quote!(#call_code #semicolon #full);
    }
    let fail = scope.fail(&quote!(#fsm::Error::Action(error)));
    if full.is_none() {
        return quote!(if let Err(error) = #call_code { #fail #leave });
    }
    quote! {
        let result = #call_code;
        #full
        if let Err(error) = result { #fail #leave }
    }
}

/// New values for fields: all of them are computed before the first is written.
fn assign(scope: &Scope<'_>, all: &[Assignment], place: Place, overflow: &TokenStream) -> TokenStream {
    let machine = scope.machine;
    let fields = Fields::new(machine, place);
    // Of a value that does not fit, rustc shows the field as it is declared.
    let targets: Vec<_> = all
        .iter()
        .map(|assignment| {
            let field = &machine.context[assignment.field].name;
            let name = names::snake_ident(&field.value);
            scope.placed(field.span, quote!(self.context.#name))
        })
        .gather();
    let values: Vec<Value> = all
        .iter()
        .map(|assignment| fields.value(&assignment.value.syntax, &machine.context[assignment.field].ty.syntax))
        .gather();
    let old = context_of(all.iter().map(|assignment| &assignment.value));
    match (targets.as_slice(), values.as_slice()) {
        ([], _) => TokenStream::new(),
        ([target], [Value::Plain(value)]) if old.is_none() => quote!(#target = #value;),
        ([target], [Value::Plain(value)]) => quote!({ #old #target = #value; }),
        ([target], [Value::Checked(value)]) => {
            tokens::at(&*all[0].value.syntax, checked(old.as_ref(), value, target, overflow))
        }
        _ if values.iter().all(|value| matches!(value, Value::Plain(_))) => {
            let values: Vec<_> = values.into_iter().map(Value::into_tokens).gather();
            let (bindings, declared) = several(scope, all, &values);
            quote!({ #old #declared #(#targets = #bindings;)* })
        }
        _ => {
            // One overflow among them leaves every field as it was.
            let values: Vec<_> = all
                .iter()
                .map(|assignment| {
                    fields.escaping(&assignment.value.syntax, &machine.context[assignment.field].ty.syntax)
                })
                .gather();
            let (bindings, declared) = several(scope, all, &values);
            let all = quote!('checked: { #declared Some((#(#bindings),*)) });
            checked(old.as_ref(), &all, &quote!((#(#targets),*)), overflow)
        }
    }
}

/// `let value0: u32 = …;` for each value, and the names. The types are written so that a value that does not fit is an
/// error of its own.
fn several(scope: &Scope<'_>, all: &[Assignment], values: &[TokenStream]) -> (Vec<Ident>, TokenStream) {
    let bindings: Vec<_> = (0..all.len()).map(|at| format_ident!("value{at}")).gather();
    let one = |((assignment, value), binding): ((&Assignment, &TokenStream), &Ident)| {
        let ty = &scope.machine.context[assignment.field].ty.syntax;
        scope.placed(assignment.value.span, quote!(let #binding: #ty = #value;))
    };
    let declared = all.iter().zip(values).zip(&bindings).map(one).gather();
    (bindings, declared)
}

/// `let context = &self.context;`, where one of the expressions names it.
pub(super) fn context_of<'e>(mut all: impl Iterator<Item = &'e fsm_model::ir::Expr>) -> Option<TokenStream> {
    all.any(|expr| tokens::mentions(&expr.syntax, Root::Context.name())).then(|| quote!(let context = &self.context;))
}

fn checked(
    old: Option<&TokenStream>,
    value: &TokenStream,
    target: &TokenStream,
    overflow: &TokenStream,
) -> TokenStream {
    // A block may not stand where `if` asks for its condition.
    let is_block = matches!(value.clone().into_iter().next(), Some(TokenTree::Punct(label)) if label.as_char() == '\'');
    let (before, value) =
        if is_block { (Some(quote!(let value = #value;)), quote!(value)) } else { (None, value.clone()) };
    quote! {
        {
            #old
            #before
            if let Some(value) = #value {
                #target = value;
            } else {
                #overflow
            }
        }
    }
}

/// Something that has fields and a type in the module.
pub(super) trait Kind: Id {
    fn declaration(self, machine: &fsm_model::ir::Machine) -> &Event;
    fn paths(self, scope: &Scope<'_>) -> (TokenStream, TokenStream);
}

impl Kind for EventId {
    fn declaration(self, machine: &fsm_model::ir::Machine) -> &Event {
        &machine.events[self]
    }

    fn paths(self, scope: &Scope<'_>) -> (TokenStream, TokenStream) {
        let name = &scope.names.events[self];
        (quote!(Event::#name), quote!(event::#name))
    }
}

impl Kind for MessageId {
    fn declaration(self, machine: &fsm_model::ir::Machine) -> &Event {
        &machine.emits[self]
    }

    fn paths(self, scope: &Scope<'_>) -> (TokenStream, TokenStream) {
        let name = &scope.names.messages[self];
        (quote!(Message::#name), quote!(message::#name))
    }
}

/// Code that hands an event or a message on; an overflow in its payload is a failure.
fn told<K: Kind>(
    scope: &Scope<'_>,
    place: Place,
    record: &Record<K>,
    overflow: &TokenStream,
    tell: impl Fn(&TokenStream) -> TokenStream,
) -> TokenStream {
    let context = context_of(record.fields.iter().map(|assignment| &assignment.value));
    match value(scope, place, record) {
        Value::Plain(value) if record.fields.is_empty() => tell(&value),
        Value::Plain(value) => {
            let tell = tell(&quote!(value));
            quote!({ #context let value = #value; #tell })
        }
        Value::Checked(value) => {
            let tell = tell(&quote!(value));
            quote!({ #context let value = #value; if let Some(value) = value { #tell } else { #overflow } })
        }
    }
}

/// `Event::Fault(event::Fault { code: 7 })`.
fn value<K: Kind>(scope: &Scope<'_>, place: Place, record: &Record<K>) -> Value {
    let declared = &record.kind.declaration(scope.machine).fields;
    let (variant, payload) = record.kind.paths(scope);
    if declared.is_empty() {
        return Value::Plain(variant);
    }
    let fields = Fields::new(scope.machine, place);
    let checked =
        record.fields.iter().any(|one| fields.value(&one.value.syntax, &declared[one.field].ty.syntax).is_checked());
    let values = declared.iter().enumerate().map(|(at, field)| {
        let name = names::snake_ident(&field.name.value);
        let value = match record.fields.iter().find(|one| one.field == at) {
            Some(one) if checked => fields.escaping(&one.value.syntax, &field.ty.syntax),
            Some(one) => one.value.syntax.to_token_stream(),
            None => super::machine::default_value(field),
        };
        let value = with_type(field, value);
        quote!(#name: #value)
    });
    let value = quote!(#variant(#payload { #(#values),* }));
    if checked { Value::Checked(quote!('checked: { Some(#value) })) } else { Value::Plain(value) }
}

/// `"text"` becomes a `String` where one is wanted, as everyone writes it.
pub(super) fn with_type(field: &Field, value: TokenStream) -> TokenStream {
    let is_string = matches!(&*field.ty.syntax, syn::Type::Path(path) if path.path.is_ident("String"));
    let is_text = matches!(syn::parse2::<syn::Lit>(value.clone()), Ok(syn::Lit::Str(_)));
    if is_string && is_text { quote!(String::from(#value)) } else { value }
}

fn raise(scope: &Scope<'_>, event: &TokenStream) -> TokenStream {
    let _ = scope;
    quote!(self.raise(run, actions, Internal::Event(#event));)
}

fn send(scope: &Scope<'_>, event: &TokenStream, delay: Option<Wait>, id: Option<SendId>) -> TokenStream {
    let id = send_id(id);
    let delay = delay.map_or_else(|| quote!(::core::time::Duration::ZERO), |delay| duration(scope, delay));
    quote! {
        let delay = #delay;
        self.send(run, actions, driver, #id, delay, #event);
    }
}

/// The number under which a sent event can be cancelled; 0 is none.
fn send_id(id: Option<SendId>) -> Literal {
    Literal::usize_unsuffixed(id.map_or(0, |id| id.index() + 1))
}

/// How long a wait is: a constant, or what the handlers say.
pub(super) fn duration(scope: &Scope<'_>, wait: Wait) -> TokenStream {
    if let Some(fixed) = form::fixed(scope.machine, wait) {
        let (seconds, nanos) = (fixed.as_secs(), fixed.subsec_nanos());
        let (seconds, nanos) = (tokens::grouped(seconds), tokens::grouped(u64::from(nanos)));
        return quote!(::core::time::Duration::new(#seconds, #nanos));
    }
    let Wait::Named(delay) = wait else { return TokenStream::new() };
    let name = delay_method(scope, delay);
    quote!(actions.#name())
}

/// The method that gives a named delay.
pub(super) fn delay_method(scope: &Scope<'_>, delay: DelayId) -> proc_macro2::Ident {
    names::snake_ident(&scope.machine.delays[delay].name.value)
}

fn reply(
    scope: &Scope<'_>,
    event: EventId,
    expr: &fsm_model::ir::Expr,
    place: Place,
    overflow: &TokenStream,
) -> TokenStream {
    let Some(ty) = &scope.machine.events[event].reply else { return TokenStream::new() };
    let (variant, context) = (&scope.names.events[event], context_of(std::iter::once(expr)));
    let wanted = &ty.syntax;
    let code = match Fields::new(scope.machine, place).value(&expr.syntax, wanted) {
        Value::Plain(value) => quote!({ #context let value: #wanted = #value; driver.reply(Reply::#variant(value)); }),
        Value::Checked(value) => quote! {
            {
                #context
                let value: Option<#wanted> = #value;
                if let Some(value) = value { driver.reply(Reply::#variant(value)); } else { #overflow }
            }
        },
    };
    scope.placed(expr.span, code)
}

fn log(scope: &Scope<'_>, parts: &[LogPart]) -> TokenStream {
    let (mut format, mut values) = (String::new(), Vec::new());
    for part in parts {
        match part {
            LogPart::Text(text) => format.push_str(&text.replace('{', "{{").replace('}', "}}")),
            LogPart::Value(expr, spec) => {
                match spec.as_str() {
                    "" => format.push_str("{}"),
                    spec => format.extend(["{:", spec, "}"]),
                }
                values.push(expr);
            }
        }
    }
    let context = context_of(values.iter().copied());
    let place = values.first().map(|value| value.span);
    let values = values.iter().map(|value| &value.syntax);
    let code = quote!({ #context driver.log(::core::format_args!(#format #(, #values)*)); });
    match place {
        Some(place) => scope.placed(place, code),
        None => code,
    }
}

fn conditional(
    scope: &Scope<'_>,
    guard: &Guard,
    then: &[Action],
    otherwise: &[Action],
    place: Place,
    leave: &TokenStream,
) -> TokenStream {
    let context = guards::names_context(guard).then(|| quote!(let context = &self.context;));
    let condition = guards::condition(scope, guard, place);
    let (then, otherwise) = (statements(scope, then, place, leave), statements(scope, otherwise, place, leave));
    let fault = form::can_overflow(scope.machine, place, guard).then(|| {
        let fsm = &scope.core;
        let fail = scope.fail(&quote!(#fsm::Error::Overflow));
        quote!(if run.take_faults() > 0 { #fail })
    });
    let otherwise = (!otherwise.is_empty()).then(|| quote!(else { #otherwise }));
    let comment = places::of_guard(guard).map(|span| places::comment(scope, span));
    quote! {
        #comment
        let holds: bool = { #context #condition };
        #fault
        if holds { #then } #otherwise
    }
}
