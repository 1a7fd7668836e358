//! The macros that assignments use, `format!` and `vec!`, and `json!`, which JSON in a spec becomes.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use syn::parse::Parser as _;
use syn::punctuated::Punctuated;

use super::super::value::Value;
use super::methods::{debug, shown};
use super::{Eval, Evaluated, LONGEST_TEXT, cannot};

impl Eval<'_> {
    pub(super) fn macro_call(&mut self, call: &syn::Macro) -> Evaluated {
        let unknown = || cannot("the simulation does not know this macro");
        let path: Vec<String> = call.path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        if matches!(&path.iter().map(String::as_str).collect::<Vec<_>>()[..], ["json"] | ["serde_json", "json"]) {
            return self.json(call.tokens.clone());
        }
        let Some(name) = call.path.get_ident() else { return unknown() };
        // The front-end has counted tokens and brackets, those of macros too.
        let args = Punctuated::<syn::Expr, syn::Token![,]>::parse_terminated.parse2(call.tokens.clone());
        let Ok(args) = args else { return cannot("the simulation does not know this form of the macro") };
        let args: Vec<&syn::Expr> = args.iter().collect();
        if name == "vec" {
            return args.iter().map(|arg| self.eval(arg, None)).collect::<Result<_, _>>().map(Value::List);
        }
        if name != "format" {
            return unknown();
        }
        let Some((syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(form), .. }), values)) = args.split_first() else {
            return cannot("`format!` begins with text");
        };
        let values = values.iter().map(|value| self.eval(value, None)).collect::<Result<Vec<_>, _>>()?;
        self.format(&form.value(), &values)
    }

    /// What stands in `json!(…)`. The front-end has counted its brackets, so recursion ends.
    fn json(&mut self, tokens: TokenStream) -> Evaluated {
        let trees: Vec<TokenTree> = tokens.clone().into_iter().collect();
        match &trees[..] {
            [TokenTree::Ident(word)] if word == "null" => Ok(Value::None),
            [TokenTree::Group(group)] if group.delimiter() == Delimiter::Bracket => {
                items(group).into_iter().map(|item| self.json(item)).collect::<Result<_, _>>().map(Value::List)
            }
            [TokenTree::Group(group)] if group.delimiter() == Delimiter::Brace => {
                let entry = |item: TokenStream| {
                    let mut trees = item.into_iter();
                    let (Some(TokenTree::Literal(key)), Some(TokenTree::Punct(colon))) = (trees.next(), trees.next())
                    else {
                        return cannot("the simulation does not know this form of `json!`");
                    };
                    match (syn::Lit::new(key), colon.as_char()) {
                        (syn::Lit::Str(key), ':') => Ok((key.value(), self.json(trees.collect())?)),
                        _ => cannot("the simulation does not know this form of `json!`"),
                    }
                };
                items(group).into_iter().map(entry).collect::<Result<_, _>>().map(Value::Map)
            }
            _ => match syn::parse2::<syn::Expr>(tokens) {
                Ok(expr) => self.eval(&expr, None),
                Err(_) => cannot("the simulation does not know this form of `json!`"),
            },
        }
    }

    fn format(&self, form: &str, values: &[Value]) -> Evaluated {
        let (mut text, mut rest, mut next) = (String::new(), form, 0);
        while let Some(at) = rest.find(['{', '}']) {
            text.push_str(&rest[..at]);
            let brace = &rest[at..=at];
            rest = &rest[at + 1..];
            if let Some(after) = rest.strip_prefix(brace) {
                text.push_str(brace);
                rest = after;
                continue;
            }
            let Some(end) = rest.find('}') else { return cannot("this text has an open brace") };
            let (what, how) = rest[..end].split_once(':').unwrap_or((&rest[..end], ""));
            rest = &rest[end + 1..];
            let value = if what.is_empty() {
                next += 1;
                values.get(next - 1)
            } else if let Ok(index) = what.parse::<usize>() {
                values.get(index)
            } else {
                self.locals.iter().rev().find(|(local, _)| local == what).map(|(_, value)| value)
            };
            let Some(value) = value else { return cannot(format!("`{{{what}}}` is not given")) };
            match how {
                "" => text.push_str(&shown(value)),
                "?" => text.push_str(&debug(value)),
                _ => return cannot("the simulation formats with `{}` and `{:?}` only"),
            }
            if text.len() > LONGEST_TEXT {
                return cannot("the text becomes too long");
            }
        }
        text.push_str(rest);
        Ok(Value::String(text))
    }
}

/// What stands between the commas of a group.
fn items(group: &Group) -> Vec<TokenStream> {
    let trees: Vec<TokenTree> = group.stream().into_iter().collect();
    let pieces = trees.split(|tree| matches!(tree, TokenTree::Punct(punct) if punct.as_char() == ','));
    pieces.filter(|piece| !piece.is_empty()).map(|piece| piece.iter().cloned().collect()).collect()
}
