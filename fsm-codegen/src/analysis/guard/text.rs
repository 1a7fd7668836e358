//! Expressions in messages: tokens in the spacing that people use.

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};

/// The tokens as text. Nesting is bounded by the limits on expressions.
pub(super) fn spaced(tokens: TokenStream) -> String {
    let mut text = String::new();
    // Whether what follows is joined to what stands there.
    let (mut joined, mut operand, mut half) = (true, false, false);
    for tree in tokens {
        let (word, close, after, is_operand) = match &tree {
            TokenTree::Group(group) => {
                let inner = spaced(group.stream());
                let word = match group.delimiter() {
                    Delimiter::Parenthesis => format!("({inner})"),
                    Delimiter::Bracket => format!("[{inner}]"),
                    Delimiter::Brace => format!("{{ {inner} }}"),
                    Delimiter::None => inner,
                };
                // A call or an index.
                let close = operand && matches!(group.delimiter(), Delimiter::Parenthesis | Delimiter::Bracket);
                (word, close, false, true)
            }
            TokenTree::Punct(sign) => {
                let char = sign.as_char();
                let unary = !operand && !half && matches!(char, '!' | '&' | '-' | '*');
                let joint = sign.spacing() == Spacing::Joint;
                let path = matches!(char, '.' | ':' | '\'');
                // Of a macro.
                let bang = char == '!' && operand && !joint;
                let close = bang || matches!(char, '.' | ':' | ',' | ';' | '?');
                (char.to_string(), close, joint || path || unary || bang, char == '?')
            }
            other => (other.to_string(), false, false, true),
        };
        if !joined && !close {
            text.push(' ');
        }
        text.push_str(&word);
        (joined, operand) = (after, is_operand);
        half = matches!(&tree, TokenTree::Punct(sign) if sign.spacing() == Spacing::Joint);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::spaced;

    #[test]
    fn expressions_are_written_as_people_write_them() {
        for text in [
            "(context.jobs / 2) > 1",
            "!context.list.is_empty() && -3 < context.n",
            "crate::ok(&event.a, 3) == Some(b'x')",
            "context.list[0] >= 1.5",
            "context.n as u8 != 3",
            "matches!(context.a, 1 | 2)",
        ] {
            assert_eq!(spaced(text.parse().expect("tokens")), text, "{text}");
        }
    }
}
