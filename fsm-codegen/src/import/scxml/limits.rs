//! Counts what a document holds before the XML parser sees it.
//!
//! Parser and importer are linear in all but three numbers: the nesting of elements, the attributes of one element, and
//! the namespaces declared. Here they are bounded on the text itself. This scan need not know XML's grammar: what it
//! mistakes in a document that is not well-formed, the parser refuses anyway. A document type, from which entities could
//! grow, is refused too. Invariant: no recursion, one pass.

use crate::diag::{Code, Diagnostic};
use crate::source::{Source, Span};

/// The deepest nesting of elements.
pub(super) const MAX_DEPTH: usize = 256;
/// The most attributes of one element.
const MAX_ATTRIBUTES: usize = 64;
/// The most declarations of namespaces in a document.
const MAX_NAMESPACES: usize = 256;
/// The most elements in a document.
const MAX_ELEMENTS: usize = 1_000_000;

/// What is beyond a limit, if anything is.
pub(super) fn check(source: &Source) -> Result<(), Diagnostic> {
    let text = source.text();
    if let Some((at, _)) = text.match_indices("xmlns").nth(MAX_NAMESPACES) {
        return Err(excess(at, 5, &format!("the document declares more than {MAX_NAMESPACES} namespaces")));
    }
    let (mut depth, mut elements, mut at) = (0_usize, 0, 0);
    while let Some(open) = text[at..].find('<').map(|found| at + found) {
        let rest = &text[open..];
        at = match rest.as_bytes().get(1) {
            Some(b'!') if rest.starts_with("<!--") => open + skip(rest, "-->"),
            Some(b'!') if rest.starts_with("<![CDATA[") => open + skip(rest, "]]>"),
            Some(b'!') if rest.starts_with("<!DOCTYPE") => return Err(document_type(open)),
            Some(b'?') => open + skip(rest, "?>"),
            Some(b'/') => {
                depth = depth.saturating_sub(1);
                open + skip(rest, ">")
            }
            _ => {
                let tag = tag(rest);
                (depth, elements) = (depth + 1, elements + 1);
                if depth > MAX_DEPTH {
                    return Err(excess(open, 1, &format!("elements are nested more than {MAX_DEPTH} deep")));
                }
                if elements > MAX_ELEMENTS {
                    return Err(excess(open, 1, &format!("the document has more than {MAX_ELEMENTS} elements")));
                }
                if tag.attributes > MAX_ATTRIBUTES {
                    return Err(excess(open, 1, &format!("an element has more than {MAX_ATTRIBUTES} attributes")));
                }
                depth -= usize::from(tag.empty);
                open + tag.length
            }
        };
    }
    Ok(())
}

fn excess(at: usize, length: usize, message: &str) -> Diagnostic {
    Diagnostic::error(Code::TooLarge, Span::new(at, at + length), message).help("split the machine")
}

fn document_type(at: usize) -> Diagnostic {
    let span = Span::new(at, at + "<!DOCTYPE".len());
    Diagnostic::error(Code::XmlSyntax, span, "document types are not read, and entities of one's own neither")
        .help("take the `<!DOCTYPE …>` away; SCXML needs none")
}

/// How far it is behind the next `end`.
fn skip(text: &str, end: &str) -> usize {
    text.find(end).map_or(text.len(), |found| found + end.len())
}

/// A start tag.
struct Tag {
    length: usize,
    attributes: usize,
    empty: bool,
}

fn tag(text: &str) -> Tag {
    let (mut quote, mut attributes, mut last) = (None, 0, b'<');
    for (at, byte) in text.bytes().enumerate() {
        match (quote, byte) {
            (Some(open), _) if byte == open => quote = None,
            (None, b'"' | b'\'') => quote = Some(byte),
            (None, b'=') => attributes += 1,
            (None, b'>') => return Tag { length: at + 1, attributes, empty: last == b'/' },
            _ => {}
        }
        last = byte;
    }
    Tag { length: text.len(), attributes, empty: false }
}
