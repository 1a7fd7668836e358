//! Items too large for a syntax tree: broken into lines by their brackets.
//!
//! Part of [`super`]. A machine with ten thousand states has functions and tables of megabytes, which nobody reads
//! but rustc and `diff`. They are written token by token in no more memory than the text takes: one element, statement
//! or arm a line, indented, with about the spaces that a formatter sets. Invariant: the text has the same tokens.

use proc_macro2::{Delimiter, Group, Punct, Spacing, TokenStream, TokenTree};

/// Groups that are written in one line have at most this many tokens.
const SHORT: usize = 24;

/// Whether there are more than `limit` tokens, those in groups included.
pub(super) fn exceeds(tokens: &TokenStream, limit: usize) -> bool {
    remaining(tokens.clone(), limit).is_none()
}

/// How many tokens are left of `limit`; `None` when there are too many.
fn remaining(tokens: TokenStream, limit: usize) -> Option<usize> {
    tokens.into_iter().try_fold(limit, |limit, token| {
        let limit = limit.checked_sub(1)?;
        if let TokenTree::Group(group) = token { remaining(group.stream(), limit) } else { Some(limit) }
    })
}

/// Writes an item, indented, with a newline at its end.
pub(super) fn write(text: &mut String, item: TokenStream, indent: usize) {
    let mut writer = Writer { text, indent, newline: false, last: Last::Start, joint: false, binary: false, angles: 0 };
    writer.text.push_str(&"    ".repeat(indent));
    writer.stream(item, true);
    writer.text.push('\n');
}

struct Writer<'a> {
    text: &'a mut String,
    indent: usize,
    /// Whether a line ends here; it is written when something follows.
    newline: bool,
    last: Last,
    /// Whether the last sign and the next are one.
    joint: bool,
    /// Whether they are so between two operands.
    binary: bool,
    /// How many `<` of generics are open.
    angles: usize,
}

/// What stands to the left, as far as spaces depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Last {
    /// The beginning of a line or of a group.
    Start,
    /// A word after which an operand follows, such as `return`.
    Keyword,
    /// The word `fn`.
    Function,
    /// A name, and whether generics can follow it.
    Name(bool),
    /// A literal or a group.
    Operand,
    /// A sign that belongs to what follows: `.`, `::`, a prefix, the first half of `=>`.
    Tight,
    /// Any other sign.
    Sign,
}

impl Writer<'_> {
    /// Writes the tokens of one group, each element on a line of its own if `broken`.
    fn stream(&mut self, tokens: TokenStream, broken: bool) {
        let mut tokens = tokens.into_iter().peekable();
        while let Some(token) = tokens.next() {
            match token {
                TokenTree::Group(group) => self.group(&group, broken, tokens.peek()),
                TokenTree::Punct(punct) => {
                    if let Some(TokenTree::Group(group)) = tokens.peek()
                        && punct.as_char() == '#'
                        && let Some(line) = doc(group)
                    {
                        self.doc(&line);
                        tokens.next();
                    } else {
                        self.punct(&punct, broken, tokens.peek());
                    }
                }
                TokenTree::Ident(ident) => {
                    let word = ident.to_string();
                    self.put(&word, !matches!(self.last, Last::Tight | Last::Start));
                    self.last = match word.as_str() {
                        "fn" => Last::Function,
                        _ if is_keyword(&word) => Last::Keyword,
                        _ => Last::Name(self.last == Last::Function || is_type(&word)),
                    };
                }
                TokenTree::Literal(literal) => {
                    self.put(&literal.to_string(), !matches!(self.last, Last::Tight | Last::Start));
                    self.last = Last::Operand;
                }
            }
        }
    }

    fn group(&mut self, group: &Group, broken: bool, next: Option<&TokenTree>) {
        let (open, close) = match group.delimiter() {
            Delimiter::Brace => ("{", "}"),
            Delimiter::Bracket => ("[", "]"),
            Delimiter::Parenthesis => ("(", ")"),
            Delimiter::None => ("", ""),
        };
        let brace = group.delimiter() == Delimiter::Brace;
        let tight = matches!(self.last, Last::Tight | Last::Start);
        self.put(open, !tight && (brace || !matches!(self.last, Last::Name(_) | Last::Operand)));
        let lines = exceeds(&group.stream(), SHORT) || (brace && has_statements(group.stream()));
        let padded = brace && !group.stream().is_empty();
        let angles = std::mem::take(&mut self.angles);
        self.last = Last::Start;
        if lines {
            self.indent += 1;
            self.newline = true;
            self.stream(group.stream(), true);
            self.indent -= 1;
            self.newline = true;
        } else {
            self.text.push_str(if padded { " " } else { "" });
            self.stream(group.stream(), false);
        }
        self.angles = angles;
        self.put(close, padded && !lines);
        self.last = Last::Operand;
        // After a block stands the next statement or arm, unless the expression goes on.
        let goes_on = match next {
            Some(TokenTree::Punct(_)) => true,
            Some(TokenTree::Ident(word)) => word == "else",
            _ => false,
        };
        self.newline |= broken && brace && lines && !goes_on && next.is_some();
    }

    fn punct(&mut self, punct: &Punct, broken: bool, next: Option<&TokenTree>) {
        let sign = punct.as_char();
        let joint = punct.spacing() == Spacing::Joint;
        let after_operand = matches!(self.last, Last::Name(_) | Last::Operand);
        let second_half = std::mem::take(&mut self.binary);
        let rest = std::mem::replace(&mut self.joint, joint && sign != '\'');
        let compares = joint && matches!(next, Some(TokenTree::Punct(next)) if matches!(next.as_char(), '=' | '<'));
        let opens = matches!(self.last, Last::Name(true) | Last::Tight | Last::Keyword);
        let generic = sign == '<' && opens && !second_half && !compares;
        let closing = sign == '>' && self.angles > 0 && self.last != Last::Tight;
        let space = match self.last {
            Last::Tight | Last::Start => false,
            _ if rest => false,
            _ if generic || closing || matches!(sign, ',' | ';' | '.' | '?') => false,
            Last::Name(_) | Last::Operand => sign != ':' && (sign != '!' || joint),
            _ => true,
        };
        self.put(sign.encode_utf8(&mut [0; 4]), space);
        self.angles = if sign == ';' { 0 } else { self.angles + usize::from(generic) - usize::from(closing) };
        self.last = match sign {
            ',' | ';' if broken && self.angles == 0 => {
                self.newline = next.is_some();
                Last::Start
            }
            ':' if !joint && self.text.ends_with("::") => Last::Tight,
            '<' if generic => Last::Tight,
            '>' if closing => Last::Name(true),
            '.' | '\'' => Last::Tight,
            _ if joint => {
                self.binary = after_operand && sign != ':';
                Last::Tight
            }
            '!' | '?' if after_operand => Last::Operand,
            '&' | '*' | '-' | '!' | '#' if !after_operand && !second_half => Last::Tight,
            _ => Last::Sign,
        };
    }

    fn doc(&mut self, line: &str) {
        self.newline |= self.last != Last::Start;
        self.put("///", false);
        self.text.push_str(line);
        self.newline = true;
        self.last = Last::Start;
    }

    fn put(&mut self, token: &str, space: bool) {
        if std::mem::take(&mut self.newline) {
            self.text.push('\n');
            self.text.push_str(&"    ".repeat(self.indent));
        } else if space {
            self.text.push(' ');
        }
        self.text.push_str(token);
    }
}

/// The text of `#[doc = "…"]`, if it is one line.
fn doc(attribute: &Group) -> Option<String> {
    let attribute: syn::MetaNameValue = attribute
        .stream()
        .into_iter()
        .next()
        .filter(|first| first.to_string() == "doc")
        .and_then(|_| syn::parse2(attribute.stream()).ok())?;
    match attribute.value {
        syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) => {
            Some(text.value()).filter(|text| !text.contains(['\n', '\r']) && !text.starts_with('/'))
        }
        _ => None,
    }
}

/// Whether a block holds statements or arms, which stand on lines of their own.
fn has_statements(block: TokenStream) -> bool {
    let mut last = ' ';
    block.into_iter().any(|token| {
        let TokenTree::Punct(punct) = token else { return false };
        let before = std::mem::replace(&mut last, punct.as_char());
        punct.as_char() == ';' || (before == '=' && punct.as_char() == '>')
    })
}

/// Whether a name is spelt like a type; constants are not, and `<` after them compares.
fn is_type(word: &str) -> bool {
    word.starts_with(char::is_uppercase) && word.contains(char::is_lowercase)
}

/// Words after which an operand follows, not an operator or arguments.
fn is_keyword(word: &str) -> bool {
    matches!(
        word,
        "as" | "break"
            | "const"
            | "dyn"
            | "else"
            | "for"
            | "if"
            | "impl"
            | "in"
            | "let"
            | "match"
            | "move"
            | "mut"
            | "ref"
            | "return"
            | "static"
            | "where"
            | "while"
    )
}
