//! Any text as Mermaid shows it: wrapped into lines, then escaped.
//!
//! Mermaid reads a label four times: its lexer cuts statements, its preprocessor removes comments and directives, its
//! Markdown reader sees lists and emphasis, and the browser sees HTML. Entities of the form `#NN;` pass all four, so
//! whatever one of them could take for syntax becomes one; letters, digits and harmless punctuation stay readable.

use crate::labels::{Label, one_line};

/// Characters in a line of a state's box, which Mermaid does not wrap.
const BOX_WIDTH: usize = 44;

/// Longer labels of arrows are broken between their parts. Lines of more than 200 pixels, about this many characters,
/// are wrapped by the browser, if they have spaces.
const LABEL_WIDTH: usize = 30;

/// Breaks one line of text into lines of at most `width` characters, between words where there are any; words of more
/// than `longest` characters are cut.
fn wrap(text: &str, width: usize, longest: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut used = 0;
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        for (index, piece) in pieces(word, longest).into_iter().enumerate() {
            let length = piece.chars().count();
            // The pieces of one word stand on lines of their own: a space between them would not be in the text.
            if used > 0 && (index > 0 || used + 1 + length > width) {
                lines.push(std::mem::take(&mut line));
                used = 0;
            }
            if used > 0 {
                line.push(' ');
                used += 1;
            }
            line.push_str(piece);
            used += length;
        }
    }
    if used > 0 {
        lines.push(line);
    }
    lines
}

/// A name or a line of a label: only words too long for any line are cut, the rest is left to the browser.
pub(super) fn loose(text: &str) -> Vec<String> {
    wrap(text, usize::MAX, LABEL_WIDTH)
}

/// A line of text in a state's box.
pub(super) fn boxed(text: &str) -> String {
    indented(&wrap(text, BOX_WIDTH, BOX_WIDTH))
}

/// The lines of a description in a state's box, in italics to tell them from behaviour.
pub(super) fn boxed_paragraphs(text: &str) -> Vec<String> {
    let paragraphs = text.lines().map(|line| wrap(&one_line(line), BOX_WIDTH, BOX_WIDTH));
    paragraphs.filter(|lines| !lines.is_empty()).map(|lines| format!("<i>{}</i>", joined(&lines))).collect()
}

/// A transition or a block of actions as a line in a state's box.
pub(super) fn boxed_label(label: &Label) -> String {
    indented(&parts(label, BOX_WIDTH, BOX_WIDTH))
}

/// What is wrapped in a box is indented, so that the beginnings stand out.
fn indented(lines: &[String]) -> String {
    lines.iter().map(|line| escape(line)).collect::<Vec<_>>().join("<br/>#160;#160;#160;")
}

/// Cuts a word that is longer than a line, behind punctuation if there is some in the second half of the line.
fn pieces(word: &str, width: usize) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = word;
    while let Some((limit, _)) = rest.char_indices().nth(width) {
        let head = &rest[..limit];
        let half = head.char_indices().nth(width / 2).map_or(0, |(at, _)| at);
        let soft = head[half..].rfind(['.', ',', ':', '_', '/', '-', '(', '|', '&']).map(|at| half + at + 1);
        let cut = soft.unwrap_or_else(|| before_joined(head, rest[limit..].chars().next()));
        pieces.push(&rest[..cut]);
        rest = &rest[cut..];
    }
    pieces.push(rest);
    pieces
}

/// The end of `head`, moved back so that no accent, selector or joined emoji is torn off.
fn before_joined(head: &str, mut next: Option<char>) -> usize {
    let glues =
        |c: char| matches!(c, '\u{300}'..='\u{36f}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}' | '\u{1f3fb}'..='\u{1f3ff}');
    for (at, c) in head.char_indices().rev() {
        if !next.is_some_and(glues) && c != '\u{200d}' {
            return at + c.len_utf8();
        }
        next = Some(c);
    }
    head.len()
}

/// The lines beside an arrow.
pub(super) fn label_lines(label: &Label) -> Vec<String> {
    parts(label, LABEL_WIDTH, usize::MAX)
}

/// The lines of a label of about `short` characters: trigger, guard and each action stay whole where they can. Those
/// that fill more than a line are wrapped at `width`.
fn parts(label: &Label, short: usize, width: usize) -> Vec<String> {
    let guard = label.guard.iter().map(|guard| format!("[{guard}]"));
    let last = label.actions.len().saturating_sub(1);
    let actions = label.actions.iter().enumerate().map(|(index, action)| {
        let slash = if index == 0 { "/ " } else { "" };
        let comma = if index == last { "" } else { "," };
        format!("{slash}{action}{comma}")
    });
    let mut lines: Vec<String> = Vec::new();
    for part in std::iter::once(label.trigger.clone()).chain(guard).chain(actions) {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + part.chars().count() <= short => {
                line.push(' ');
                line.push_str(&part);
            }
            _ => lines.extend(wrap(&part, width, short)),
        }
    }
    lines
}

/// The lines of a text of several paragraphs, such as a description.
pub(super) fn paragraphs(text: &str) -> Vec<String> {
    text.lines().flat_map(|line| loose(&one_line(line))).collect()
}

/// Lines as one label.
pub(super) fn joined(lines: &[String]) -> String {
    lines.iter().map(|line| escape(line)).collect::<Vec<_>>().join("<br/>")
}

/// One line of text with everything escaped that Mermaid, its Markdown reader or HTML would not show as it is.
pub(super) fn escape(line: &str) -> String {
    let mut escaped = String::with_capacity(line.len());
    for (at, c) in line.char_indices() {
        let (head, rest) = line.split_at(at);
        if is_special(c) || is_special_here(head, c, rest) {
            escape_char(c, &mut escaped);
        } else {
            escaped.push(c);
        }
        if starts_stand_in(rest) {
            escaped.push_str("#8204;");
        }
    }
    escaped
}

/// A title, which stands in quoted YAML. Mermaid reads HTML there but decodes nothing: look-alikes replace the characters
/// that HTML would take.
pub(super) fn title(line: &str) -> String {
    let mut title = String::with_capacity(line.len());
    for (at, c) in line.char_indices() {
        match c {
            '<' => title.push('‹'),
            '>' => title.push('›'),
            '&' => title.push('＆'),
            '%' => title.push_str("\\x25"),
            '"' | '\\' => title.extend(['\\', c]),
            c if is_special(c) && !c.is_ascii() => title.extend(c.escape_unicode().filter(|c| !matches!(c, '{' | '}'))),
            c => title.push(c),
        }
        if starts_stand_in(&line[at..]) {
            title.push_str("\\u200c");
        }
    }
    title
}

/// The entities that read better than a number have names.
fn escape_char(c: char, out: &mut String) {
    match c {
        '"' => out.push_str("#quot;"),
        '<' => out.push_str("#lt;"),
        '>' => out.push_str("#gt;"),
        '&' => out.push_str("#amp;"),
        c => {
            out.push('#');
            out.push_str(&u32::from(c).to_string());
            out.push(';');
        }
    }
}

/// Characters that mean something wherever they stand.
fn is_special(c: char) -> bool {
    match c {
        // Statements, comments, directives, quotes, blocks.
        '#' | ';' | ':' | '%' | '"' | '{' | '}' |
        // HTML.
        '<' | '>' | '&' |
        // Markdown, and TeX between dollars.
        '*' | '`' | '~' | '\\' | '@' | '$' => true,
        // Marks that nobody sees, and marks that turn the direction of the source around them.
        c => matches!(c, '\u{200b}' | '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}'),
    }
}

/// Characters that mean something only beside certain others.
fn is_special_here(head: &str, c: char, rest: &str) -> bool {
    let before = head.chars().next_back();
    let after = rest.chars().nth(1);
    match c {
        // `_emphasis_`, but not `snake_case`.
        '_' => !before.is_some_and(char::is_alphanumeric) || !after.is_some_and(char::is_alphanumeric),
        // `[text](address)`, `[[fork]]`.
        '[' => before == Some('['),
        ']' => matches!(after, Some('(' | '[')),
        // Lists, headings, tables and rules at the beginning of a line; `-->` and `--` anywhere.
        '-' => before.is_none() || after.is_none_or(|c| matches!(c, '-' | '>')),
        '+' | '=' | '|' => before.is_none(),
        // The mark of a numbered list.
        '.' | ')' => before.is_some() && after.is_none_or(|c| c == ' ') && head.bytes().all(|c| c.is_ascii_digit()),
        // A link where the address has no `:`.
        'w' | 'W' => starts_with(rest, "www."),
        // `direction LR` swallows its line, `end note` ends a note, wherever they stand.
        'd' | 'D' => starts_with(rest, "direction"),
        'e' | 'E' => starts_with(rest, "end note"),
        _ => false,
    }
}

/// Mermaid's own stand-ins for the beginning and the end of an entity, which it replaces even in the finished picture:
/// an invisible non-joiner after their first character saves them.
fn starts_stand_in(rest: &str) -> bool {
    rest.starts_with("ﬂ°") || rest.starts_with("¶ß")
}

fn starts_with(text: &str, word: &str) -> bool {
    text.get(..word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests;
