//! Rust inside a spec, as parsed syntax: the leaves that [`crate::ast`] and [`crate::ir`] share.
//!
//! A front-end makes them (from YAML text by `frontend::expr`, from real tokens in the macro), back-ends print them.
//! Invariant: every tree here was parsed by syn and is within the limits on tokens and nesting, so walking it is safe.
//! Equality is equality of tokens; places do not count.

use std::fmt;
use std::ops::Deref;

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::parse::{Parse, ParseStream};

use crate::source::{Span, Spanned};

/// A name as the spec spells it.
pub type Name = Spanned<String>;

/// A tree of syn, compared and shown by its tokens. (syn can derive both for its types, and takes longer to build.)
#[derive(Clone)]
pub struct Syntax<T>(pub Box<T>);

impl<T> Syntax<T> {
    /// Of a tree.
    pub fn new(tree: T) -> Self {
        Self(Box::new(tree))
    }
}

impl<T> Deref for Syntax<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: ToTokens> ToTokens for Syntax<T> {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.0.to_tokens(tokens);
    }
}

impl<T: ToTokens> PartialEq for Syntax<T> {
    fn eq(&self, other: &Self) -> bool {
        same(&self.0, &other.0)
    }
}

impl<T: ToTokens> fmt::Debug for Syntax<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0.to_token_stream(), f)
    }
}

/// A tree and the place where it stands.
pub type Placed<T> = Spanned<Syntax<T>>;

/// A tree found at `span`.
pub fn placed<T>(tree: T, span: Span) -> Placed<T> {
    Spanned::new(Syntax::new(tree), span)
}

/// What stands between `use` and the semicolon; it may begin with `::`, which syn keeps apart from the tree.
#[derive(Clone)]
pub struct Import {
    /// `::` at its front: a crate's name follows.
    pub leading_colon: Option<syn::Token![::]>,
    /// What follows.
    pub tree: syn::UseTree,
}

impl Parse for Import {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        Ok(Self { leading_colon: input.parse()?, tree: input.parse()? })
    }
}

impl Deref for Import {
    type Target = syn::UseTree;

    fn deref(&self) -> &syn::UseTree {
        &self.tree
    }
}

impl ToTokens for Import {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.leading_colon.to_tokens(tokens);
        self.tree.to_tokens(tokens);
    }
}

/// Whether two trees have the same tokens.
pub fn same(one: &impl ToTokens, other: &impl ToTokens) -> bool {
    one.to_token_stream().to_string() == other.to_token_stream().to_string()
}

/// A Rust expression, as it goes into the generated code.
#[derive(Debug, Clone)]
pub struct Expr {
    /// What syn made of it.
    pub syntax: Syntax<syn::Expr>,
    /// As it is written, for diagrams and messages.
    pub text: String,
    /// Where it stands in the spec.
    pub span: Span,
}

impl PartialEq for Expr {
    fn eq(&self, other: &Self) -> bool {
        self.syntax == other.syntax
    }
}

/// A Rust type.
#[derive(Debug, Clone)]
pub struct Type {
    /// What syn made of it.
    pub syntax: Syntax<syn::Type>,
    /// Where it stands in the spec.
    pub span: Span,
}

impl PartialEq for Type {
    fn eq(&self, other: &Self) -> bool {
        self.syntax == other.syntax
    }
}

/// A method of the handlers with its arguments: `begin(&event.job, 3)`; a bare name has none.
#[derive(Debug, Clone)]
pub struct Call {
    /// The method, as spelt in the spec.
    pub name: Name,
    /// What it is given.
    pub args: Vec<Arg>,
    /// The whole call.
    pub span: Span,
}

impl PartialEq for Call {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && self.args == other.args
    }
}

/// One argument of a [`Call`].
#[derive(Debug, Clone)]
pub struct Arg {
    /// Path or literal.
    pub kind: ArgKind,
    /// Where it stands.
    pub span: Span,
}

impl PartialEq for Arg {
    fn eq(&self, other: &Self) -> bool {
        self.kind == other.kind
    }
}

/// What an argument can be.
#[derive(Debug, Clone, PartialEq)]
pub enum ArgKind {
    /// `&event.job`, `context.jobs`, `&mut context`.
    Path {
        /// How it is passed.
        borrow: Borrow,
        /// Which of the four names it starts from.
        root: Root,
        /// The fields below the root, outermost first.
        fields: Vec<Name>,
    },
    /// `7`, `-1.5`, `true`, `"fast"`, `3u8`, `json!([1, null])`.
    Literal(Literal),
}

/// A literal with the type that the method's parameter gets.
#[derive(Debug, Clone, PartialEq)]
pub struct Literal {
    /// The literal, its sign included.
    pub syntax: Syntax<syn::Expr>,
    /// `i64`, `f64`, `bool`, `&str`, what its suffix says, or `serde_json::Value`.
    pub ty: Syntax<syn::Type>,
}

/// A piece of a log's text.
#[derive(Debug, Clone, PartialEq)]
pub enum LogPart {
    /// As it stands.
    Text(String),
    /// A value, with what follows its colon: `?` or nothing.
    Value(Expr, String),
}

/// How an argument is passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Borrow {
    /// By value.
    Value,
    /// `&`.
    Shared,
    /// `&mut`.
    Mutable,
}

impl Borrow {
    /// What is written in front of the argument.
    #[must_use]
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Value => "",
            Self::Shared => "&",
            Self::Mutable => "&mut ",
        }
    }
}

/// The four names that a spec's Rust can see.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Root {
    /// The payload of the triggering event.
    Event,
    /// The extended state.
    Context,
    /// The data of the state.
    State,
    /// The queue of internal events.
    Queue,
}

impl Root {
    /// As it is written.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Event => "event",
            Self::Context => "context",
            Self::State => "state",
            Self::Queue => "queue",
        }
    }
}
