//! Text becomes tokens.

use std::ops::Range;

use super::{Fault, MAX_TOKENS};

/// A token and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    pub(super) at: Range<usize>,
}

/// What a [`Token`] is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum TokenKind {
    Int(i64),
    Fraction(f64),
    Text(String),
    /// A name, or several joined by dots.
    Word(String),
    /// An operator, a bracket or a comma.
    Sign(&'static str),
}

/// The signs that can be translated; what begins like another comes first.
const SIGNS: &[&str] =
    &["===", "!==", "==", "!=", "<=", ">=", "&&", "||", "<", ">", "!", "+", "-", "*", "/", "%", "(", ")", ","];

/// Signs of ECMAScript that cannot, where they begin like one that can.
const OTHERS: &[&str] = &["++", "--", "+=", "-=", "*=", "/=", "%=", "**", "<<", ">>", "=>", "&", "|", "="];

/// All tokens of the text.
pub(super) fn lex(text: &str) -> Result<Vec<Token>, Fault> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(first) = text[at..].chars().next() {
        if first.is_whitespace() {
            at += first.len_utf8();
            continue;
        }
        if tokens.len() == MAX_TOKENS {
            let message = format!("an expression has at most {MAX_TOKENS} names, numbers and signs");
            return Err(Fault::new(at..text.len(), message));
        }
        let token = token(text, at, first)?;
        at = token.at.end;
        tokens.push(token);
    }
    Ok(tokens)
}

fn token(text: &str, at: usize, first: char) -> Result<Token, Fault> {
    let rest = &text[at..];
    if first == '\'' || first == '"' {
        return quoted(rest, at, first);
    }
    if first.is_ascii_digit() || (first == '.' && rest[1..].starts_with(|next: char| next.is_ascii_digit())) {
        return number(rest, at);
    }
    if is_letter(first) {
        let end = rest.find(|char| !is_letter(char) && !char.is_ascii_digit() && char != '.').unwrap_or(rest.len());
        return Ok(Token { kind: TokenKind::Word(rest[..end].to_owned()), at: at..at + end });
    }
    let sign = SIGNS.iter().find(|sign| rest.starts_with(**sign));
    let other = OTHERS.iter().find(|other| rest.starts_with(**other));
    match (sign, other) {
        (Some(sign), None) => Ok(Token { kind: TokenKind::Sign(sign), at: at..at + sign.len() }),
        // `==` is a sign although `=` is none.
        (Some(sign), Some(other)) if sign.len() > other.len() => {
            Ok(Token { kind: TokenKind::Sign(sign), at: at..at + sign.len() })
        }
        (_, Some(other)) => Err(untranslatable(other, at)),
        (None, None) => Err(untranslatable(&rest[..first.len_utf8()], at)),
    }
}

fn untranslatable(sign: &str, at: usize) -> Fault {
    let fault = Fault::new(at..at + sign.len(), format!("`{}` is not translated", sign.escape_debug()));
    match sign {
        "=" => fault.help("equality is written `==`"),
        "**" => fault.help("write `Math.pow(x, 2)`"),
        _ => fault
            .help("booleans, numbers, texts, arithmetic and comparisons are; write the rest as a method in the spec"),
    }
}

fn is_letter(char: char) -> bool {
    char.is_alphabetic() || char == '_' || char == '$'
}

fn number(rest: &str, at: usize) -> Result<Token, Fault> {
    let digits = |from: usize| from + rest[from..].bytes().take_while(u8::is_ascii_digit).count();
    let mut end = digits(0);
    let mut fraction = false;
    if rest[end..].starts_with('.') {
        (end, fraction) = (digits(end + 1), true);
    }
    if rest[end..].starts_with(['e', 'E']) {
        let sign = usize::from(rest[end + 1..].starts_with(['+', '-']));
        let exponent = digits(end + 1 + sign);
        if exponent > end + 1 + sign {
            (end, fraction) = (exponent, true);
        }
    }
    let place = at..at + end;
    let tail = rest[end..].starts_with(|next: char| is_letter(next) || next == '.');
    let zero = rest.starts_with('0') && rest[1..].starts_with(|next: char| next.is_ascii_digit());
    let kind = match rest[..end].parse::<i64>() {
        Ok(value) if !fraction => Some(TokenKind::Int(value)),
        _ => rest[..end].parse::<f64>().ok().filter(|value| value.is_finite()).map(TokenKind::Fraction),
    };
    match kind.filter(|_| !tail && !zero) {
        Some(kind) => Ok(Token { kind, at: place }),
        None => Err(Fault::new(place, "this number is not translated").help("write it with decimal digits")),
    }
}

fn quoted(rest: &str, at: usize, quote: char) -> Result<Token, Fault> {
    let mut text = String::new();
    let mut letters = rest.char_indices().skip(1);
    while let Some((index, letter)) = letters.next() {
        match letter {
            _ if letter == quote => return Ok(Token { kind: TokenKind::Text(text), at: at..at + index + 1 }),
            '\\' => {
                let escape = letters.next().map(|(_, letter)| letter);
                let value = match escape {
                    Some('n') => Some('\n'),
                    Some('t') => Some('\t'),
                    Some('r') => Some('\r'),
                    Some('u') => code(&mut letters, 4),
                    Some('x') => code(&mut letters, 2),
                    Some(sign) if sign.is_ascii_punctuation() => Some(sign),
                    _ => None,
                };
                let Some(value) = value else {
                    let end = rest[index..].char_indices().nth(2).map_or(rest.len(), |(next, _)| index + next);
                    return Err(Fault::new(at + index..at + end, "this escape is not translated"));
                };
                text.push(value);
            }
            _ => text.push(letter),
        }
    }
    Err(Fault::new(at..at + rest.len(), "this text does not end").help(format!("close it with {quote}")))
}

/// The character of an escape with `digits` hexadecimal digits.
fn code(letters: &mut impl Iterator<Item = (usize, char)>, digits: u32) -> Option<char> {
    let mut code = 0;
    for _ in 0..digits {
        code = code * 16 + letters.next()?.1.to_digit(16)?;
    }
    char::from_u32(code)
}
