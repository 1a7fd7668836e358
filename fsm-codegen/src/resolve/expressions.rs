//! The names that a spec's own Rust uses: `event.x`, `context.x`.
//!
//! Needs the symbols. After this point every field that an expression names exists and can be seen where the expression
//! stands, and is spelt as Rust spells it. The walk is over tokens, not over syntax, so that it also sees into macros
//! (`matches!(event.kind, …)`); front-ends limit tokens and nesting. An expression that binds one of the names anew,
//! as in `|event| event.x`, is left to rustc for that name.

use fsm_model::gather::Gather as _;
use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};
use quote::ToTokens;

use crate::diag::{Code, Diagnostic, Help, shown};
use crate::ir::{Expr, Root, Syntax};
use crate::names;
use crate::source::Span;

use super::kinds;
use super::params;
use super::place;
use super::report::Report;
use super::scope::Scope;

/// The expression with its fields spelt as in Rust; `None` where it names something that is not there.
pub(super) fn check(expr: &Expr, scope: &Scope<'_>, report: &mut Report<'_>) -> Option<Expr> {
    let mut walk = Walk { expr, scope, report, rebound: Vec::new(), failed: false, renamed: false };
    let tokens = expr.syntax.to_token_stream();
    walk.find_rebound(tokens.clone());
    let tokens = walk.stream(tokens);
    walk.bare(expr.syntax.to_token_stream());
    let (failed, renamed) = (walk.failed, walk.renamed);
    let mut checked = expr.clone();
    if renamed {
        // An identifier took the place of an identifier, so the tokens parse as they did.
        checked.syntax = Syntax::new(syn::parse2(tokens).ok()?);
    }
    (!failed).then_some(checked)
}

/// Like [`check`], for an expression whose value is kept: a bare field must not be moved out of its owner.
pub(super) fn check_value(expr: &Expr, scope: &Scope<'_>, report: &mut Report<'_>) -> Option<Expr> {
    let checked = check(expr, scope, report)?;
    let Some(ty) = bare_field(&expr.syntax).and_then(|(root, name)| scope.field(root, &name)?.ty.as_ref()) else {
        return Some(checked);
    };
    if !params::is_owned(&ty.syntax) {
        return Some(checked);
    }
    let message = format!("this `{}` would be moved out of its owner", params::type_text(&ty.syntax));
    let help = Help::from(format!("keep a clone: `{}.clone()`", shown(&expr.text)));
    let help = help.replacing(&*expr.text, format!("{}.clone()", expr.text));
    report.push(Diagnostic::error(Code::MovedValue, expr.span, message).help(help));
    None
}

/// `event.job`, and nothing around it.
pub(super) fn bare_field(expr: &syn::Expr) -> Option<(Root, String)> {
    let syn::Expr::Field(syn::ExprField { base, member: syn::Member::Named(name), .. }) = expr else { return None };
    let syn::Expr::Path(base) = &**base else { return None };
    Some((root_of(base.path.get_ident()?)?, name.to_string()))
}

/// How an expression reads `root`: the fields, or `None` for the whole of it. What the expression binds anew is not it.
pub(super) fn reads(expr: &Expr, root: Root) -> Vec<Option<String>> {
    let mut found = Vec::new();
    let mut bound = false;
    read_stream(expr.syntax.to_token_stream(), root, &mut bound, &mut found);
    if bound { Vec::new() } else { found }
}

fn read_stream(stream: TokenStream, root: Root, bound: &mut bool, found: &mut Vec<Option<String>>) {
    let tokens: Vec<TokenTree> = stream.into_iter().gather();
    for (at, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Group(group) => read_stream(group.stream(), root, bound, found),
            TokenTree::Ident(ident) if ident == root.name() => match classify(&tokens, at) {
                Use::Binding => *bound = true,
                Use::Whole => found.push(None),
                Use::Field => found.extend(tokens.get(at + 2).map(|field| Some(field.to_string()))),
                Use::Other => {}
            },
            _ => {}
        }
    }
}

fn root_of(ident: &Ident) -> Option<Root> {
    [Root::Event, Root::Context, Root::State, Root::Queue].into_iter().find(|root| ident == root.name())
}

fn is_punct(token: Option<&TokenTree>, punct: char) -> bool {
    matches!(token, Some(TokenTree::Punct(found)) if found.as_char() == punct)
}

/// How a root stands among its neighbours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Use {
    /// A field of another value, a path, a call, a field's name in a struct: no use of the root.
    Other,
    /// A pattern binds the name anew.
    Binding,
    /// The value as a whole.
    Whole,
    /// A field, whose token stands two places on.
    Field,
}

fn classify(tokens: &[TokenTree], at: usize) -> Use {
    let before = |by: usize| at.checked_sub(by).and_then(|at| tokens.get(at));
    let after = |by: usize| tokens.get(at + by);
    let is_range = is_punct(before(2), '.');
    let is_path_tail = is_punct(before(1), ':') && is_punct(before(2), ':');
    let is_macro = is_punct(after(1), '!') && matches!(after(2), Some(TokenTree::Group(_)));
    let is_call = matches!(after(1), Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Parenthesis);
    if is_parameter(tokens, at) {
        return Use::Binding;
    }
    if matches!(before(1), Some(TokenTree::Ident(word)) if ["let", "mut", "ref", "for"].iter().any(|it| word == it))
        && !is_punct(after(1), '.')
    {
        // `&mut context` is no pattern.
        return if is_punct(before(2), '&') { Use::Whole } else { Use::Binding };
    }
    if (is_punct(before(1), '.') && !is_range)
        || is_path_tail
        || is_punct(before(1), '\'')
        || is_punct(after(1), ':')
        || is_macro
        || is_call
    {
        return Use::Other;
    }
    if !is_punct(after(1), '.') || is_punct(after(2), '.') {
        return Use::Whole;
    }
    let is_method = matches!(after(3), Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Parenthesis)
        || (is_punct(after(3), ':') && is_punct(after(4), ':'));
    if is_method { Use::Whole } else { Use::Field }
}

/// Whether the expression may bind names of its own: `let`, `match`, closures. In doubt it does.
fn binds(stream: TokenStream) -> bool {
    let tokens: Vec<TokenTree> = stream.into_iter().gather();
    tokens.iter().enumerate().any(|(at, token)| match token {
        TokenTree::Group(group) => binds(group.stream()),
        TokenTree::Ident(word) => {
            ["const", "fn", "for", "let", "match", "move", "static", "use"].iter().any(|it| word == it)
        }
        // Twice it is an operator, or a closure without parameters.
        TokenTree::Punct(sign) => {
            let doubled = is_punct(tokens.get(at + 1), '|') || at > 0 && is_punct(tokens.get(at - 1), '|');
            sign.as_char() == '|' && !doubled
        }
        TokenTree::Literal(_) => false,
    })
}

/// Whether an identifier is a value of its own: no field, no part of a path, no method, macro, label or key.
fn stands_alone(tokens: &[TokenTree], at: usize) -> bool {
    let before = |by: usize| at.checked_sub(by).and_then(|at| tokens.get(at));
    let after = |by: usize| tokens.get(at + by);
    let is_field = is_punct(before(1), '.') && !is_punct(before(2), '.');
    let is_called = matches!(after(1), Some(TokenTree::Group(group)) if group.delimiter() != Delimiter::Bracket);
    let is_macro = is_punct(after(1), '!') && !is_punct(after(2), '=');
    let is_cast = matches!(before(1), Some(TokenTree::Ident(word)) if word == "as");
    let is_tail = is_punct(before(1), ':') && is_punct(before(2), ':');
    let is_name = is_punct(before(1), '\'') || is_punct(after(1), ':');
    !(is_field || is_called || is_macro || is_cast || is_tail || is_name)
}

/// Whether a name is made of letters of a longer one, in their order and from the first on: `ctx`, `evt`.
fn abbreviates(short: &str, long: &str) -> bool {
    let mut rest = long.chars();
    short.len() > 1
        && short.chars().next() == long.chars().next()
        && short.chars().all(|char| rest.any(|it| it == char))
}

/// Whether this looks like a parameter of a closure: `|event|`, `|a, event: u8|`. In doubt it is one.
fn is_parameter(tokens: &[TokenTree], at: usize) -> bool {
    let before = at.checked_sub(1).and_then(|at| tokens.get(at));
    let after = tokens.get(at + 1);
    let opens = is_punct(before, '|') && ['|', ',', ':'].iter().any(|punct| is_punct(after, *punct));
    let continues = is_punct(before, ',') && ['|', ':'].iter().any(|punct| is_punct(after, *punct));
    opens || (continues && tokens[..at].iter().any(|token| is_punct(Some(token), '|')))
}

struct Walk<'w, 'd> {
    expr: &'w Expr,
    scope: &'w Scope<'w>,
    report: &'w mut Report<'d>,
    rebound: Vec<Root>,
    failed: bool,
    renamed: bool,
}

impl Walk<'_, '_> {
    fn find_rebound(&mut self, stream: TokenStream) {
        let tokens: Vec<TokenTree> = stream.into_iter().gather();
        for (at, token) in tokens.iter().enumerate() {
            match token {
                TokenTree::Group(group) => self.find_rebound(group.stream()),
                TokenTree::Ident(ident) => {
                    let root = root_of(ident).filter(|_| classify(&tokens, at) == Use::Binding);
                    self.rebound.extend(root);
                }
                TokenTree::Punct(_) | TokenTree::Literal(_) => {}
            }
        }
    }

    /// The same tokens, renamed where a field is spelt otherwise in Rust.
    fn stream(&mut self, stream: TokenStream) -> TokenStream {
        let mut tokens: Vec<TokenTree> = stream.into_iter().gather();
        for at in 0..tokens.len() {
            match &tokens[at] {
                TokenTree::Group(group) => {
                    let mut inner = Group::new(group.delimiter(), self.stream(group.stream()));
                    inner.set_span(group.span());
                    tokens[at] = TokenTree::Group(inner);
                }
                TokenTree::Ident(ident) => {
                    if let Some(root) = root_of(ident).filter(|root| !self.rebound.contains(root)) {
                        self.root(root, &mut tokens, at);
                    }
                }
                TokenTree::Punct(_) | TokenTree::Literal(_) => {}
            }
        }
        tokens.into_iter().gather()
    }

    /// Says where a field stands without its owner: `n > 3`. What the expression might bind itself is left alone.
    fn bare(&mut self, stream: TokenStream) {
        if !binds(stream.clone()) {
            self.bare_in(stream);
        }
    }

    fn bare_in(&mut self, stream: TokenStream) {
        let tokens: Vec<TokenTree> = stream.into_iter().gather();
        for (at, token) in tokens.iter().enumerate() {
            match token {
                // Of a macro only its author knows what its tokens mean.
                TokenTree::Group(_) if at > 0 && is_punct(tokens.get(at - 1), '!') => {}
                TokenTree::Group(group) => self.bare_in(group.stream()),
                TokenTree::Ident(ident) if root_of(ident).is_none() && stands_alone(&tokens, at) => {
                    let name = ident.to_string();
                    if names::is_keyword(&name) || self.scope.may_mean_another(&name) {
                        continue;
                    }
                    if let Some(diagnostic) = self.ownerless(&name).or_else(|| self.misspelt(&name, &tokens[at..])) {
                        self.fail(diagnostic, token);
                    }
                }
                _ => {}
            }
        }
    }

    /// A field without its owner.
    fn ownerless(&self, name: &str) -> Option<Diagnostic> {
        let owners = self.scope.owners(name);
        let list = owners.iter().map(|owner| format!("`{owner}`")).gather::<Vec<_>>().join(" or ");
        let help = Help::from(format!("a field stands behind its owner: {list}"));
        let help = match owners.as_slice() {
            [] => return None,
            [owner] if self.is_wanted(name) => help.replacing(name, owner.as_str()),
            [_] => kinds::quoted(name, self.scope).map_or(help, Help::from),
            _ => help,
        };
        let message = format!("`{}` alone is no field", shown(name));
        Some(Diagnostic::error(Code::NotVisible, Span::default(), message).help(help))
    }

    /// Whether a field could be the value that is wanted, if it is all of the expression.
    fn is_wanted(&self, name: &str) -> bool {
        let alone = matches!(&*self.expr.syntax, syn::Expr::Path(_));
        !alone || self.scope.owned(name).all(|(_, field)| kinds::fits(field.ty.as_ref(), self.scope))
    }

    /// One of the four names, misspelt or cut short in front of a field or a method.
    fn misspelt(&mut self, name: &str, tokens: &[TokenTree]) -> Option<Diagnostic> {
        if !is_punct(tokens.get(1), '.') || is_punct(tokens.get(2), '.') {
            return None;
        }
        if name == "self" {
            let field = tokens.get(2).map(TokenTree::to_string).unwrap_or_default();
            let help = match self.scope.owners(&field).as_slice() {
                [owner] => Help::from(format!("write `{owner}`")),
                _ => Help::from("a field stands behind `context`, `state` or `event`"),
            };
            return Some(Diagnostic::error(Code::NotVisible, Span::default(), "there is no `self` here").help(help));
        }
        let roots = [Root::Event, Root::Context, Root::State, Root::Queue];
        let help = self.report.nearest(name, roots.iter().map(|root| root.name())).or_else(|| {
            let meant = roots.iter().find(|root| abbreviates(name, root.name()))?.name();
            Some(Help::from(format!("did you mean `{meant}`?")).replacing(name, meant))
        })?;
        let message = format!("nothing is called `{}` here", shown(name));
        Some(Diagnostic::error(Code::NotVisible, Span::default(), message).help(help))
    }

    fn root(&mut self, root: Root, tokens: &mut [TokenTree], at: usize) {
        let used = classify(tokens, at);
        if used == Use::Other || used == Use::Binding {
            return;
        }
        let known = match self.scope.see(root) {
            Ok(known) => known,
            Err(diagnostic) => return self.fail(diagnostic, &tokens[at]),
        };
        if used == Use::Whole {
            if let Err(diagnostic) = self.scope.whole(root) {
                self.fail(diagnostic, &tokens[at]);
            }
            return;
        }
        let Some(field) = tokens.get(at + 2).filter(|_| known) else { return };
        let name = field.to_string();
        let Some(found) = self.scope.field(root, &name) else {
            let place = place::of_token(self.expr, self.scope, field);
            let diagnostic = self.scope.unknown_field(root, &name, place, self.report);
            self.failed = true;
            self.report.push(diagnostic);
            return;
        };
        let in_rust = names::raw(names::snake(&found.name.value));
        // A name that Rust cannot spell at all is reported where it is declared.
        if in_rust != name && names::check(&found.name.value, names::Case::Snake).is_ok() {
            let mut ident = names::ident(&in_rust);
            ident.set_span(field.span());
            tokens[at + 2] = TokenTree::Ident(ident);
            self.renamed = true;
        }
    }

    fn fail(&mut self, mut diagnostic: Diagnostic, token: &TokenTree) {
        diagnostic.span = place::of_token(self.expr, self.scope, token);
        self.failed = true;
        self.report.push(diagnostic);
    }
}
