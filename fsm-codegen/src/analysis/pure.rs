//! Whether two readings of one Rust expression give one value, and whether a reading can fail.
//!
//! Used by [`super::guard`]: only then may a guard be taken for the same as an earlier one. An expression in a guard sees
//! the machine through shared borrows, so what can differ between two readings comes from outside: free functions
//! (`rand::random()`, `Instant::now()`) and macros. The check is on tokens and errs on the careful side.

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// Whether reading these tokens twice in one selection surely gives one value.
pub(super) fn reads_the_same_twice(tokens: &TokenStream) -> bool {
    let mut before = Before::default();
    for token in tokens.clone() {
        if let TokenTree::Group(group) = &token
            && !(before.allows_group(group.delimiter()) && reads_the_same_twice(&group.stream()))
        {
            return false;
        }
        before = before.then(&token);
        if before.turbofish() {
            // A generic call cannot be told from a comparison by its tokens alone.
            return false;
        }
    }
    true
}

/// Whether there may be arithmetic in these tokens that leaves the range of an integer: the guard is false then.
pub(super) fn can_overflow(tokens: &TokenStream) -> bool {
    let mut last = ' ';
    for token in tokens.clone() {
        let punct = if let TokenTree::Punct(punct) = &token { punct.as_char() } else { ' ' };
        let shift = matches!((last, punct), ('<', '<') | ('>', '>'));
        let inside = matches!(&token, TokenTree::Group(group) if can_overflow(&group.stream()));
        if inside || shift || matches!(punct, '+' | '-' | '*' | '/' | '%') {
            return true;
        }
        last = punct;
    }
    false
}

/// The last tokens, as much of them as tells what a group of brackets is.
#[derive(Default)]
struct Before {
    last: Kind,
    last_but_one: Kind,
    last_but_two: Kind,
}

/// What a token is to the check.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Kind {
    /// `Some`, `Point`: with brackets a constructor.
    Capitalised,
    /// `matches`, the one macro that only reads.
    Matches,
    /// Any other identifier: with brackets a function or a method.
    Name,
    /// `.`, `!`, `:`, `<`, which decide.
    Punct(char),
    /// Anything else.
    #[default]
    Other,
}

impl Before {
    fn then(self, token: &TokenTree) -> Self {
        let last = match token {
            TokenTree::Ident(ident) if ident == "matches" => Kind::Matches,
            TokenTree::Ident(ident) if ident.to_string().starts_with(char::is_uppercase) => Kind::Capitalised,
            TokenTree::Ident(_) => Kind::Name,
            TokenTree::Punct(punct) => Kind::Punct(punct.as_char()),
            TokenTree::Group(_) | TokenTree::Literal(_) => Kind::Other,
        };
        Self { last, last_but_one: self.last, last_but_two: self.last_but_one }
    }

    /// Whether a group may follow: neither a free function's arguments nor a macro's.
    fn allows_group(&self, delimiter: Delimiter) -> bool {
        let free = self.last_but_one != Kind::Punct('.');
        match self.last {
            Kind::Name | Kind::Matches => delimiter != Delimiter::Parenthesis || !free,
            Kind::Punct('!') => self.last_but_one != Kind::Name,
            _ => true,
        }
    }

    /// Whether `::<` stands here.
    fn turbofish(&self) -> bool {
        [self.last_but_two, self.last_but_one, self.last] == [Kind::Punct(':'), Kind::Punct(':'), Kind::Punct('<')]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arithmetic_can_overflow() {
        for (text, expected) in [
            ("context.a > 1 && !event.b", false),
            ("context.list.len() >= 3", false),
            ("context.a + 1 > 2", true),
            ("check(&context.a, (context.b - 1))", true),
            ("context.a << 3 == 8", true),
        ] {
            assert_eq!(can_overflow(&text.parse().expect("tokens")), expected, "{text}");
        }
    }

    #[test]
    fn only_what_reads_the_machine_is_the_same_twice() {
        let same = [
            "context.battery > 20 && !event.urgent",
            "context.jobs.iter().any(|job| job.id == event.id)",
            "matches!(context.mode, Mode::Auto | Mode::Manual)",
            "event.at == Some(3) && (context.a + 1) * 2 < context.list[0]",
            "!(context.a) || context.b",
        ];
        let different = [
            "rand::random()",
            "rand::random::<u8>() > 3",
            "Instant::now() > context.deadline",
            "context.a > limit()",
            "env!(\"X\") == context.name",
            "vec![1].contains(&context.a)",
            "context.jobs.iter().any(|job| check(job))",
        ];
        for (texts, expected) in [(&same[..], true), (&different[..], false)] {
            for text in texts {
                let tokens: TokenStream = text.parse().expect("tokens");
                assert_eq!(reads_the_same_twice(&tokens), expected, "{text}");
            }
        }
    }
}
