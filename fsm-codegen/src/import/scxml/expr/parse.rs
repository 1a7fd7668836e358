//! Tokens become a tree, by precedence climbing.

use std::ops::Range;

use super::lex::{Token, TokenKind};
use super::{Expr, Fault, Kind, MAX_CHAIN, MAX_NESTING, Operator};
use crate::diag::shown;

/// What can stand between operands, with how tightly it binds.
const OPERATORS: &[(&str, Operator, u8)] = &[
    ("||", Operator::Or, 1),
    ("&&", Operator::And, 2),
    ("===", Operator::Equal, 3),
    ("==", Operator::Equal, 3),
    ("!==", Operator::NotEqual, 3),
    ("!=", Operator::NotEqual, 3),
    ("<", Operator::Less, 4),
    ("<=", Operator::LessOrEqual, 4),
    (">", Operator::Greater, 4),
    (">=", Operator::GreaterOrEqual, 4),
    ("+", Operator::Add, 5),
    ("-", Operator::Subtract, 5),
    ("*", Operator::Multiply, 6),
    ("/", Operator::Divide, 6),
    ("%", Operator::Remainder, 6),
];

/// Signs before an operand bind tighter than all between two.
const PREFIX: u8 = 7;

pub(super) struct Parser<'t> {
    tokens: Vec<Token>,
    text: &'t str,
    at: usize,
    nesting: usize,
}

impl<'t> Parser<'t> {
    pub(super) const fn new(tokens: Vec<Token>, text: &'t str) -> Self {
        Self { tokens, text, at: 0, nesting: 0 }
    }

    /// The tree of all tokens.
    pub(super) fn whole(mut self) -> Result<Expr, Fault> {
        let expr = self.expr(0)?;
        match self.tokens.get(self.at) {
            None => Ok(expr),
            Some(token) => Err(self.unexpected(token.at.clone())),
        }
    }

    fn unexpected(&self, at: Range<usize>) -> Fault {
        let found = self.text.get(at.clone()).unwrap_or_default();
        if found.is_empty() {
            return Fault::new(at, "the expression ends too early");
        }
        Fault::new(at, format!("`{}` is not expected here", shown(found)))
    }

    fn end(&self) -> Range<usize> {
        self.text.len()..self.text.len()
    }

    fn next(&mut self) -> Result<Token, Fault> {
        let token = self.tokens.get(self.at).cloned().ok_or_else(|| self.unexpected(self.end()))?;
        self.at += 1;
        Ok(token)
    }

    fn sign(&mut self, sign: &str) -> Result<Range<usize>, Fault> {
        let token = self.next()?;
        if token.kind == TokenKind::Sign(sign_of(sign)) { Ok(token.at) } else { Err(self.unexpected(token.at)) }
    }

    fn expr(&mut self, least: u8) -> Result<Expr, Fault> {
        let mut left = self.operand()?;
        while let Some(Token { kind: TokenKind::Sign(sign), .. }) = self.tokens.get(self.at) {
            let Some((_, operator, binding)) = OPERATORS.iter().find(|(written, ..)| written == sign) else { break };
            if *binding <= least {
                break;
            }
            self.at += 1;
            let right = self.expr(*binding)?;
            let at = left.at.start..right.at.end;
            left = self.bounded(Expr::new(Kind::Binary(*operator, Box::new(left), Box::new(right)), at))?;
        }
        Ok(left)
    }

    fn bounded(&self, expr: Expr) -> Result<Expr, Fault> {
        if expr.depth <= MAX_CHAIN && self.nesting <= MAX_NESTING {
            return Ok(expr);
        }
        Err(Fault::new(expr.at, "this expression is nested too deep").help("compute parts of it with `<assign>`"))
    }

    /// Runs `inner` one level deeper.
    fn nested<T>(&mut self, at: &Range<usize>, inner: impl FnOnce(&mut Self) -> Result<T, Fault>) -> Result<T, Fault> {
        self.nesting += 1;
        if self.nesting > MAX_NESTING {
            return Err(Fault::new(at.clone(), format!("an expression is nested at most {MAX_NESTING} deep")));
        }
        let result = inner(self);
        self.nesting -= 1;
        result
    }

    fn operand(&mut self) -> Result<Expr, Fault> {
        let Token { kind, at } = self.next()?;
        match kind {
            TokenKind::Int(value) => Ok(Expr::new(Kind::Int(value), at)),
            TokenKind::Fraction(value) => Ok(Expr::new(Kind::Fraction(value), at)),
            TokenKind::Text(text) => Ok(Expr::new(Kind::Text(text), at)),
            TokenKind::Word(word) => self.word(&word, at),
            TokenKind::Sign("(") => self.nested(&at, |parser| {
                let mut inner = parser.expr(0)?;
                let close = parser.sign(")")?;
                inner.at = at.start..close.end;
                Ok(inner)
            }),
            TokenKind::Sign("!") => self.prefixed(&at, Kind::Not),
            TokenKind::Sign("-") => self.prefixed(&at, Kind::Minus),
            TokenKind::Sign(_) => Err(self.unexpected(at)),
        }
    }

    fn prefixed(&mut self, at: &Range<usize>, kind: fn(Box<Expr>) -> Kind) -> Result<Expr, Fault> {
        self.nested(at, |parser| {
            let inner = parser.expr(PREFIX)?;
            let end = inner.at.end;
            Ok(Expr::new(kind(Box::new(inner)), at.start..end))
        })
    }

    fn word(&mut self, word: &str, at: Range<usize>) -> Result<Expr, Fault> {
        match word {
            "true" => return Ok(Expr::new(Kind::Bool(true), at)),
            "false" => return Ok(Expr::new(Kind::Bool(false), at)),
            "In" => return self.is_in(at),
            "Math.pow" => return self.power(at),
            _ => {}
        }
        let called = matches!(self.tokens.get(self.at), Some(Token { kind: TokenKind::Sign("("), .. }));
        if let Some(fault) = untranslatable(word, called, &at) {
            return Err(fault);
        }
        Ok(Expr::new(Kind::Data(word.to_owned()), at))
    }

    fn is_in(&mut self, at: Range<usize>) -> Result<Expr, Fault> {
        self.sign("(")?;
        let token = self.next()?;
        let TokenKind::Text(state) = token.kind else {
            let fault = Fault::new(token.at, "`In` asks for a state that is a constant text");
            return Err(fault.help("write `In('state')`"));
        };
        let close = self.sign(")")?;
        Ok(Expr::new(Kind::In(state), at.start..close.end))
    }

    fn power(&mut self, at: Range<usize>) -> Result<Expr, Fault> {
        self.sign("(")?;
        let base = self.nested(&at, |parser| parser.expr(0))?;
        self.sign(",")?;
        let exponent = self.next()?;
        let value = match exponent.kind {
            TokenKind::Int(value) => u32::try_from(value).ok(),
            _ => None,
        };
        let Some(value) = value else {
            return Err(Fault::new(exponent.at, "an exponent is translated only if it is a small whole number"));
        };
        let close = self.sign(")")?;
        self.bounded(Expr::new(Kind::Power(Box::new(base), value), at.start..close.end))
    }
}

/// The sign as [`TokenKind::Sign`] holds it.
fn sign_of(sign: &str) -> &'static str {
    ["(", ")", ","].into_iter().find(|known| *known == sign).unwrap_or_default()
}

/// What is wrong with a name that cannot be that of a data item.
fn untranslatable(word: &str, called: bool, at: &Range<usize>) -> Option<Fault> {
    let shown = shown(word);
    let first = word.split('.').next().unwrap_or_default();
    if called {
        let fault = Fault::new(at.clone(), format!("the function `{shown}` is not translated"));
        return Some(fault.help("`In('state')` and `Math.pow(x, 3)` are; write the rest as a method in the spec"));
    }
    if ["_event", "_sessionid", "_name", "_ioprocessors", "_x"].contains(&first) {
        let fault = Fault::new(at.clone(), format!("`{shown}` is not translated"));
        return Some(match first {
            "_event" => fault.help("declare the event's fields in the spec, and read them as `event.field`"),
            _ => fault.help("a spec has no variables of the platform"),
        });
    }
    if ["undefined", "null", "NaN", "Infinity"].contains(&word) {
        let fault = Fault::new(at.clone(), format!("`{shown}` has no counterpart in Rust"));
        return Some(fault.help("begin with a value of the same type, and compare with that"));
    }
    if ["typeof", "new", "function", "void", "delete", "in", "instanceof", "this", "var", "let"].contains(&word) {
        return Some(Fault::new(at.clone(), format!("`{shown}` is not translated")));
    }
    if word.contains('.') {
        let fault = Fault::new(at.clone(), format!("`{shown}` is not translated: data has no fields here"));
        return Some(fault.help("write a data item for each field"));
    }
    None
}
