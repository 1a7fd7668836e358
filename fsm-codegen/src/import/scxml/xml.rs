//! XML text as elements with places.
//!
//! The first step of the importer, around roxmltree: elements of SCXML's namespace with their attributes and children,
//! each with its span in the source. What stands in other namespaces is left out with a warning. Errors of the XML
//! parser get our words and their place. Invariant: the limits of [`super::limits`] were checked before the parser runs.

use std::ops::Range;

use roxmltree::{Document, Node, ParsingOptions};

use super::limits;
use crate::diag::{Code, Diagnostic, Diagnostics, Severity, shown};
use crate::source::{Source, Span};

/// The namespace of SCXML.
const NAMESPACE: &str = "http://www.w3.org/2005/07/scxml";

/// Parses the document.
pub(super) fn parse(source: &Source) -> Result<Document<'_>, Diagnostic> {
    if source.text().trim().is_empty() {
        let message = format!("`{}` holds no machine", source.name());
        let help = "a machine in SCXML begins with `<scxml xmlns=\"http://www.w3.org/2005/07/scxml\" version=\"1.0\">`";
        return Err(Diagnostic::error(Code::EmptyFile, Span::default(), message).help(help));
    }
    limits::check(source)?;
    Document::parse_with_options(source.text(), ParsingOptions::default()).map_err(|error| syntax(source, &error))
}

fn syntax(source: &Source, error: &roxmltree::Error) -> Diagnostic {
    let said = error.to_string();
    let place = error.pos();
    let said = said.strip_suffix(&format!(" at {place}")).unwrap_or(&said);
    let end = matches!(error, roxmltree::Error::UnexpectedEndOfStream | roxmltree::Error::UnclosedRootNode);
    let at = if end { source.text().trim_end().len() } else { source.offset(place.row as usize, place.col as usize) };
    let next = source.text().get(at..).and_then(|rest| rest.chars().next());
    let length = next.filter(|next| *next != '\n').map_or(0, char::len_utf8);
    let help = match next {
        Some('<') if said.contains("not '<'") => Some("inside of an attribute `<` is written `&lt;`".to_owned()),
        Some('&') => Some("`&` is written `&amp;`, and `&&` is `&amp;&amp;`".to_owned()),
        _ => None,
    };
    Diagnostic::error(Code::XmlSyntax, Span::new(at, at + length), format!("this is not XML: {said}")).maybe_help(help)
}

/// An element of SCXML.
#[derive(Clone, Copy)]
pub(super) struct Element<'d> {
    node: Node<'d, 'd>,
    source: &'d Source,
}

/// The text of an attribute.
#[derive(Debug, Clone, Default)]
pub(super) struct Attribute {
    /// With its references resolved.
    pub(super) value: String,
    /// What stands between its quotes.
    pub(super) span: Span,
    /// Offsets in `value` beside offsets in the source, a pair for each run of equal bytes; empty where all are equal.
    runs: Vec<(usize, usize)>,
}

impl<'d> Element<'d> {
    /// The element at the top.
    pub(super) fn root(document: &'d Document<'d>, source: &'d Source) -> Self {
        Self { node: document.root_element(), source }
    }

    /// The name without its prefix.
    pub(super) fn name(&self) -> &'d str {
        self.node.tag_name().name()
    }

    /// The name in the start tag: the place for what concerns the element as a whole.
    pub(super) fn span(&self) -> Span {
        let start = self.node.range().start + 1;
        let rest = self.source.text().get(start..).unwrap_or_default();
        let length = rest.find(|char: char| char.is_whitespace() || matches!(char, '/' | '>')).unwrap_or(rest.len());
        Span::new(start, start + length)
    }

    /// Whether the element belongs to SCXML; documents that forgot to say so are taken as SCXML too.
    pub(super) fn is_scxml(&self) -> bool {
        self.node.tag_name().namespace().is_none_or(|namespace| namespace == NAMESPACE)
    }

    /// The attribute of that name.
    pub(super) fn attribute(&self, name: &str) -> Option<Attribute> {
        let found =
            self.node.attributes().find(|attribute| attribute.namespace().is_none() && attribute.name() == name)?;
        let range = found.range_value();
        let written = self.source.text().get(range.clone()).unwrap_or_default();
        Some(Attribute::new(found.value(), written, range.start))
    }

    /// The names of all attributes that have no namespace, with their places.
    pub(super) fn attributes(&self) -> impl Iterator<Item = (&'d str, Span)> + use<'d> {
        let attributes = self.node.attributes().filter(|attribute| attribute.namespace().is_none());
        attributes.map(|attribute| {
            let range = attribute.range_qname();
            (attribute.name(), Span::new(range.start, range.end))
        })
    }

    /// The elements below; those of other namespaces are reported and left out.
    pub(super) fn children(&self, diagnostics: &mut Diagnostics) -> Vec<Self> {
        let all = self.node.children().filter(Node::is_element);
        let all = all.map(|node| Self { node, source: self.source });
        let (own, foreign): (Vec<_>, Vec<_>) = all.partition(Self::is_scxml);
        for element in foreign {
            let message = format!("`{}` is no element of SCXML and is left out", shown(element.name()));
            diagnostics.push(Diagnostic::new(Code::LeftOut, Severity::Warning, element.span(), message));
        }
        own
    }

    /// The text between the tags, without what surrounds it; `None` where there is none but white space.
    pub(super) fn text(&self) -> Option<Attribute> {
        let texts: Vec<_> = self.node.children().filter(Node::is_text).collect();
        let whole = texts.iter().find(|text| text.text().is_some_and(|text| !text.trim().is_empty()))?;
        let value = whole.text().unwrap_or_default();
        let written = self.source.text().get(whole.range()).unwrap_or_default();
        let trimmed = value.trim();
        let before = written.len() - written.trim_start().len();
        let start = whole.range().start + before;
        Some(Attribute::new(trimmed, written.trim(), start))
    }
}

impl Attribute {
    fn new(value: &str, written: &str, start: usize) -> Self {
        let span = Span::new(start, start + written.len());
        let runs = if value == written { Vec::new() } else { runs(value, written, start) };
        Self { value: value.to_owned(), span, runs }
    }

    /// Where a part of the value stands in the source.
    pub(super) fn place(&self, range: Range<usize>) -> Span {
        Span::new(self.offset(range.start), self.offset(range.end))
    }

    fn offset(&self, at: usize) -> usize {
        let run =
            self.runs.partition_point(|(start, _)| *start <= at).checked_sub(1).and_then(|run| self.runs.get(run));
        match run {
            Some((start, place)) => (place + (at - start)).min(self.span.hi as usize),
            None => (self.span.lo as usize + at).min(self.span.hi as usize),
        }
    }

    /// The words of the value with their places.
    pub(super) fn words(&self) -> Vec<(&str, Span)> {
        let start = self.value.as_ptr() as usize;
        let words = self.value.split_whitespace();
        words
            .map(|word| {
                let at = word.as_ptr() as usize - start;
                (word, self.place(at..at + word.len()))
            })
            .collect()
    }
}

/// Walks over value and source together: a reference is one character of the value, and white space may have changed.
fn runs(value: &str, written: &str, start: usize) -> Vec<(usize, usize)> {
    let (mut runs, mut at) = (vec![(0, start)], 0);
    for (index, char) in value.char_indices() {
        let expected = runs.last().map_or(start, |(from, place)| place + (index - from));
        if expected != start + at {
            runs.push((index, start + at));
        }
        let rest = written.get(at..).unwrap_or_default();
        at += match rest.bytes().next() {
            Some(b'&') => rest.find(';').map_or(1, |end| end + 1),
            Some(b'\r') if rest.starts_with("\r\n") => 2,
            _ => char.len_utf8(),
        };
    }
    runs.push((value.len(), start + at.min(written.len())));
    runs
}
