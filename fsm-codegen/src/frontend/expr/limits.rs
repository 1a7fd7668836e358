//! Limits on Rust before syn sees it: syn, and every walk over its trees, recurses.
//!
//! Works on tokens, so that YAML text and the macro's tokens pass the same gate. A tree gets a level deeper by a
//! bracket, or, without brackets, by what is chained to what stands before it (`!!!a`, `a.b.c`, `a + b + c`,
//! `A<A<A<…`, `|x| |y| …`). Each such token has a *weight*, about the stack that its level takes in an unoptimised
//! build, in units of 5 KiB. Along a run of tokens weights add up; a comma or semicolon begins a new run, since what
//! follows is a neighbour and not a child. What a bracket holds begins with the weight of what stands before it.
//! Invariant, proven by the tests of this module on the stack of a test thread, unoptimised: what passes can be
//! parsed, cloned, compared, printed and dropped.

use std::ops::Range;

use proc_macro2::{Delimiter, Group, Ident, Punct, Spacing, TokenStream, TokenTree};

use super::Fault;
use crate::diag::Code;

/// The largest number of tokens of one expression.
pub const MAX_TOKENS: usize = 4_096;

/// The longest text that is looked at, in bytes.
pub const MAX_BYTES: usize = 64 << 10;

/// The deepest nesting of brackets.
pub const MAX_NESTING: usize = 64;

/// The largest weight: 256 chained operators, 64 nested parentheses, 51 blocks, 20 types in one another.
pub const MAX_WEIGHT: usize = 256;

/// What is too large.
pub(crate) struct Excess {
    /// Where the limit is passed.
    pub(crate) span: proc_macro2::Span,
    /// Which limit.
    pub(crate) message: String,
}

/// Whether syn may see `tokens`; `types` says that they are, or may begin with, a type.
pub(crate) fn check(tokens: &TokenStream, types: bool) -> Result<(), Excess> {
    Walk { tokens: 0 }.stream(tokens.clone(), 0, Run::new(0, types))
}

/// Neighbouring tokens, each of which may be a level below the one before it.
#[derive(Clone, Copy)]
struct Run {
    /// Of the brackets around it.
    outer: usize,
    /// So far.
    weight: usize,
    /// How many `<` may still be open generics.
    angles: usize,
    /// Whether a type may stand here: brackets weigh more in types.
    types: bool,
    /// The same at the beginning of a run.
    begins: bool,
    /// What the last token was.
    last: Last,
}

/// What decides whether `&`, `|` stand before their operand or between two.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Last {
    Operand,
    Operator(char),
    /// The first half of `&&`, `||` between operands.
    Half,
}

impl Run {
    const GENERIC: usize = 12;

    const fn new(outer: usize, types: bool) -> Self {
        Self { outer, weight: outer, angles: 0, types, begins: types, last: Last::Operator(' ') }
    }

    fn punct(&mut self, punct: &Punct) {
        let char = punct.as_char();
        let infix = matches!(self.last, Last::Operand | Last::Half);
        let before = if let Last::Operator(before) = self.last { before } else { ' ' };
        match char {
            // Inside of generics a comma is no end: `A<B, A<B, A<…`.
            ',' if self.angles == 0 => *self = Self::new(self.outer, self.begins),
            ';' => *self = Self::new(self.outer, self.begins),
            ':' => self.types |= punct.spacing() == Spacing::Alone && before != ':',
            ',' | '\'' => {}
            '<' => (self.weight, self.angles, self.types) = (self.weight + Self::GENERIC, self.angles + 1, true),
            '>' if before == '-' => (self.weight, self.types) = (self.weight + 7, true),
            '>' => self.angles = self.angles.saturating_sub(1),
            '=' if matches!(before, '=' | '!') => {}
            '=' => (self.weight, self.types) = (self.weight + 2, self.begins || self.types && self.angles > 0),
            '&' | '|' if infix => self.weight = self.weight + 1 - self.comparisons(),
            '&' => self.weight += 7,
            '|' => self.weight += 3,
            _ => self.weight += 1,
        }
        let half = infix && matches!(char, '&' | '|') && self.last != Last::Half && punct.spacing() == Spacing::Joint;
        self.last = if half { Last::Half } else { Last::Operator(char) };
    }

    /// The weight of each `<` that turns out to be a comparison: between operands `&` and `|` end generics, so syn
    /// goes no deeper than it was before them.
    fn comparisons(&mut self) -> usize {
        std::mem::take(&mut self.angles) * Self::GENERIC
    }

    fn ident(&mut self, ident: &Ident) {
        let weight = match ident.to_string().as_str() {
            "as" | "async" | "await" | "box" | "else" | "gen" | "move" | "raw" | "ref" | "static" | "try"
            | "unsafe" | "where" => 1,
            "become" | "break" | "for" | "if" | "in" | "let" | "loop" | "match" | "return" | "while" | "yield" => 3,
            "const" | "dyn" | "enum" | "extern" | "fn" | "impl" | "mod" | "mut" | "struct" | "trait" | "type"
            | "union" | "use" => 7,
            _ => 0,
        };
        self.weight += weight;
        self.types |= ident == "as";
        // A lifetime is no operand: `&'a &'a`.
        let operand = weight == 0 && self.last != Last::Operator('\'') || ident == "await";
        self.last = if operand { Last::Operand } else { Last::Operator(' ') };
    }

    /// The run inside of a bracket that stands here.
    fn inside(&mut self, group: &Group) -> Self {
        let weight = match group.delimiter() {
            Delimiter::Brace if !self.types => 5,
            _ if self.types => 7,
            _ => 3,
        };
        let inside = Self::new(self.weight + weight, self.types);
        self.weight += 1;
        self.last = Last::Operand;
        inside
    }
}

struct Walk {
    tokens: usize,
}

impl Walk {
    fn stream(&mut self, stream: TokenStream, nesting: usize, mut run: Run) -> Result<(), Excess> {
        for token in stream {
            let span = token.span();
            self.tokens += 1;
            if self.tokens > MAX_TOKENS {
                return Err(Excess { span, message: tokens_message() });
            }
            match token {
                TokenTree::Punct(punct) => run.punct(&punct),
                TokenTree::Ident(ident) => run.ident(&ident),
                TokenTree::Literal(_) => run.last = Last::Operand,
                TokenTree::Group(group) => self.group(&group, nesting, &mut run)?,
            }
            if run.weight > MAX_WEIGHT {
                return Err(Excess { span, message: weight_message() });
            }
        }
        Ok(())
    }

    fn group(&mut self, group: &Group, nesting: usize, run: &mut Run) -> Result<(), Excess> {
        let nesting = nesting + 1;
        let inside = run.inside(group);
        if nesting > MAX_NESTING {
            return Err(Excess { span: group.span_open(), message: nesting_message() });
        }
        if inside.weight > MAX_WEIGHT {
            return Err(Excess { span: group.span_open(), message: weight_message() });
        }
        self.stream(group.stream(), nesting, inside)
    }
}

fn tokens_message() -> String {
    format!("this expression has more than {MAX_TOKENS} tokens")
}

fn nesting_message() -> String {
    format!("brackets are nested more than {MAX_NESTING} deep")
}

fn weight_message() -> String {
    "too many operators, brackets or types are nested in one another".to_owned()
}

/// What to do about any of them.
pub(crate) const HELP: &str = "move this into a method of `Actions`";

pub(crate) fn too_many_tokens(at: Range<usize>) -> Fault {
    Fault::new(Code::ExpressionTooLarge, at, tokens_message()).help(HELP)
}

pub(crate) fn too_deep(at: Range<usize>) -> Fault {
    Fault::new(Code::ExpressionTooLarge, at, nesting_message()).help(HELP)
}

#[cfg(test)]
mod tests {
    use std::thread;

    use quote::ToTokens as _;

    use super::*;
    use crate::rust::{Syntax, same};

    /// The stack of a test thread and of most threads.
    const STACK: usize = 2 << 20;

    /// Ways to make a tree deep, each repeated `n` times.
    fn deep(n: usize) -> Vec<(&'static str, String)> {
        let wrap = |open: &str, middle: &str, close: &str| format!("{}{middle}{}", open.repeat(n), close.repeat(n));
        let nested = |open: &str, middle: &str, close: &str| {
            let n = n.min(MAX_NESTING);
            format!("{}{middle}{}", open.repeat(n), close.repeat(n))
        };
        vec![
            ("not", wrap("!", "x", "")),
            ("minus", wrap("- ", "x", "")),
            ("star", wrap("*", "x", "")),
            ("reference", wrap("&", "x", "")),
            ("mutable", wrap("&mut ", "x", "")),
            ("sum", wrap("", "x", " + x")),
            ("or", wrap("", "x", " || x")),
            ("comparison", wrap("", "x", " & x == x")),
            ("climbing", wrap("x || x && x == x | x ^ x & x << x + x * ", "x", "")),
            ("field", wrap("", "x", ".a")),
            ("method", wrap("", "x", ".a()")),
            ("turbofish", wrap("", "x", ".a::<T>()")),
            ("call", wrap("", "x", "()")),
            ("index", wrap("", "x", "[0]")),
            ("question", wrap("", "x", "?")),
            ("await", wrap("", "x", ".await")),
            ("cast", wrap("", "x", " as u8")),
            ("pointer cast", format!("x as {}u8", "*const ".repeat(n))),
            ("generics", format!("x::<{}u8{}>()", "A<".repeat(n), ">".repeat(n))),
            ("generics with commas", format!("x::<{}u8{}>()", "A<B, ".repeat(n), ">".repeat(n))),
            ("qualified", format!("x::<{}u8{}>()", "<A as ".repeat(n), ">::B".repeat(n))),
            ("closure", wrap("|x| ", "x", "")),
            ("empty closure", wrap("|| ", "x", "")),
            ("move closure", wrap("move |x: u8| ", "x", "")),
            ("closure types", wrap("|x: &&u8| ", "x", "")),
            ("else if", format!("if a {{ b }}{} else {{ c }}", " else if a { b }".repeat(n))),
            ("if condition", wrap("if ", "x", " { a }")),
            ("match scrutinee", wrap("match ", "x", " { }")),
            ("return", wrap("return ", "x", "")),
            ("break", wrap("break ", "x", "")),
            ("labelled break", wrap("break 'a ", "x", "")),
            ("assignment", wrap("x = ", "x", "")),
            ("add assignment", wrap("x += ", "x", "")),
            ("range", wrap("..", "x", "")),
            ("let", wrap("let x = ", "x", "")),
            ("function type", format!("x as {}u8", "fn() -> ".repeat(n))),
            ("impl trait", format!("x::<{}u8>()", "impl Fn() -> ".repeat(n))),
            ("dyn trait", format!("x::<{}u8>()", "dyn Fn() -> ".repeat(n))),
            ("binders", format!("x as {}u8", "for<'a> fn() -> ".repeat(n))),
            ("patterns", format!("matches!(x, {}x)", "&".repeat(n))),
            ("let patterns", format!("if let {}x = x {{ }}", "&".repeat(n))),
            ("at patterns", format!("if let {}x = x {{ }}", "x @ ".repeat(n))),
            ("arms", format!("match x {{ {} }}", "A => {} ".repeat(n))),
            ("parentheses", nested("(", "x", ")")),
            ("arrays", nested("[", "x", "]")),
            ("tuples", nested("(x, ", "x", ")")),
            ("blocks", nested("{ ", "x", " }")),
            ("statements", nested("{ let y = ", "x", "; }")),
            ("unsafe blocks", nested("unsafe { ", "x", " }")),
            ("calls", nested("f(", "x", ")")),
            ("method calls", nested("x.f(", "x", ")")),
            ("structs", nested("A { a: ", "x", " }")),
            ("indices", nested("x[", "x", "]")),
            ("macros", nested("m!(", "x", ")")),
            ("closures in calls", nested("f(|x| ", "x", ")")),
            ("items", nested("{ fn f() ", "{}", " }")),
            ("impls", nested("{ impl A { fn f() ", "{}", " } }")),
            ("modules", nested("{ mod a { fn f() ", "{}", " } }")),
            ("operators and brackets", nested("!(", "x", ")")),
            ("two operators and brackets", nested("-x + (", "x", ")")),
            ("ifs", nested("if a { ", "x", " }")),
            ("matches", nested("match a { _ => ", "x", " }")),
            ("array types", format!("x as {}u8{}", "[".repeat(n.min(MAX_NESTING)), "]".repeat(n.min(MAX_NESTING)))),
            ("tuple types", format!("x as {}u8{}", "(".repeat(n.min(MAX_NESTING)), ",)".repeat(n.min(MAX_NESTING)))),
            ("tuple patterns", {
                let n = n.min(MAX_NESTING - 1);
                format!("if let {}x{} = x {{ }}", "A(".repeat(n), ")".repeat(n))
            }),
            ("attributes", format!("{} x", "#[a] ".repeat(n))),
            ("type arrays", format!("{}u8{}", "[".repeat(n.min(MAX_NESTING)), "]".repeat(n.min(MAX_NESTING)))),
            ("type tuples", format!("{}u8{}", "(".repeat(n.min(MAX_NESTING)), ",)".repeat(n.min(MAX_NESTING)))),
            ("type references", wrap("&'a mut ", "u8", "")),
            ("type references without mut", wrap("&'a ", "u8", "")),
            ("type pointers", wrap("*mut ", "u8", "")),
            ("bare traits", wrap("Fn() -> ", "u8", "")),
            ("type functions", wrap("fn(u8) -> ", "u8", "")),
            ("type generics", wrap("A<", "u8", ">")),
            ("references in a cast", format!("x as {}u8", "& ".repeat(n))),
            ("closure results", wrap("|x| -> A ", "{}", "")),
            ("generics in closures", format!("|x: {}u8{}| x", "A<".repeat(n), ">".repeat(n))),
            ("shifted assignment", wrap("x <<= ", "x", "")),
            ("other shifted assignment", wrap("x >>= ", "x", "")),
            ("and", wrap("", "x", " && x < y")),
            ("function items", format!("{{ fn f(a: {}u8{}) {{}} }}", "A<".repeat(n), ">".repeat(n))),
            ("use trees", format!("{{ use a::{}b{}; }}", "{a::".repeat(n.min(60)), "}".repeat(n.min(60)))),
            ("const blocks", nested("const { ", "x", " }")),
            ("loops", nested("loop { ", "x", " }")),
            ("whiles", nested("while x { ", "x", " }")),
            ("fors", nested("for x in y { ", "x", " }")),
            ("traits", nested("{ trait A { fn f() ", "{}", " } }")),
            ("lets with types", nested("{ let y: A<u8> = ", "x", "; }")),
            ("nested slices", format!("if let {}x{} = x {{ }}", "[".repeat(n.min(63)), "]".repeat(n.min(63)))),
            ("mixed", nested("-x.a(|y| &y + (", "x", "))")),
        ]
    }

    /// Does all that is ever done with a tree; whether it parsed.
    fn exercise(text: &str) -> bool {
        let tokens: TokenStream = text.parse().expect("these are tokens");
        if check(&tokens, true).is_ok()
            && let Ok(ty) = syn::parse2::<syn::Type>(tokens.clone())
        {
            assert!(same(&ty.clone(), &ty) && !ty.to_token_stream().is_empty());
        }
        if check(&tokens, false).is_err() {
            return false;
        }
        let Ok(tree) = syn::parse2::<syn::Expr>(tokens) else { return false };
        let copy = tree.clone();
        assert!(same(&copy, &tree));
        assert!(!copy.to_token_stream().to_string().is_empty());
        drop(copy);
        drop(format!("{:?}", Syntax::new(tree)));
        true
    }

    #[test]
    fn nothing_within_the_limits_overflows_a_stack() {
        let worker = thread::Builder::new().stack_size(STACK).spawn(|| {
            let mut deepest = 0;
            for n in [1, 8, 16, 32, 40, 60, 63, 64, 65, 80, 100, 120, 126, 127, 128, 129, 1_000] {
                for (name, text) in deep(n) {
                    if std::env::var_os("DEEP_NAMES").is_some() {
                        eprintln!("{name} {n}");
                    }
                    if exercise(&text) {
                        deepest = deepest.max(n);
                    }
                }
            }
            deepest
        });
        let deepest = worker.expect("a thread starts").join().expect("no case panics");
        assert!(deepest >= 64, "the limits refuse everything: {deepest}");
    }

    #[test]
    fn every_way_to_nest_ends_at_a_limit() {
        for (name, text) in deep(1_500) {
            let Ok(tokens) = text.parse::<TokenStream>() else { continue };
            let flat = ["attributes", "arms"].contains(&name);
            let capped = text.matches(['(', '[', '{']).count() <= 4 * MAX_NESTING;
            assert!(check(&tokens, false).is_err() || capped || flat, "{name} passes");
        }
    }

    #[test]
    fn long_and_flat_is_allowed() {
        for text in [
            format!("matches!(x, [{}])", "1, ".repeat(1_500)),
            format!("[{}]", "!a, ".repeat(1_000)),
            format!("{{ {} x }}", "let a = 1 + 1; ".repeat(500)),
            format!("{}x", "a::".repeat(1_000)),
        ] {
            assert!(exercise(&text), "{}", &text[..40]);
        }
    }
}
