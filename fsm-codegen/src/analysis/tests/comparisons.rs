//! Comparisons of fields with constants against brute force: every value of a small type, and every truth of the named
//! guards, tried one by one. Shares nothing with the analyses but the text of the guards.

use super::builder::{Builder, expr, name};
use super::random::Random;
use crate::analysis::guard::{Verdict, judge, overlaps};
use crate::ir::{Field, Guard, Machine, StateId, Trigger, Type};
use crate::rust::{Syntax, placed};
use crate::source::Span;

/// Two fields and two propositions.
#[derive(Debug, Clone, Copy)]
struct World<T> {
    n: T,
    m: bool,
    atoms: [bool; 2],
}

/// A guard as text, and what it says.
struct Said<T> {
    text: String,
    holds: Box<dyn Fn(World<T>) -> bool>,
}

/// The type of `context.n`: how its values are written, which there are, and which constants guards name.
struct Domain<T> {
    ty: &'static str,
    values: Vec<T>,
    constants: Vec<T>,
    written: fn(T) -> String,
}

fn machine(ty: &str) -> Machine {
    let mut machine = Builder::new().build();
    for (field, ty) in [("n", ty), ("m", "bool")] {
        let ty = Type { syntax: Syntax::new(syn::parse_str(ty).expect("a type")), span: Span::default() };
        machine.context.push(Field { name: name(field), ty, default: None });
    }
    machine
}

impl<T: Copy + PartialOrd + 'static> Domain<T> {
    fn comparison(&self, random: &mut Random) -> Said<T> {
        let constant = self.constants[random.below(self.constants.len())];
        let written = (self.written)(constant);
        let (sign, holds): (&str, fn(&T, &T) -> bool) = match random.below(6) {
            0 => ("<", |n, constant| n < constant),
            1 => ("<=", |n, constant| n <= constant),
            2 => ("==", |n, constant| n == constant),
            3 => ("!=", |n, constant| n != constant),
            4 => (">=", |n, constant| n >= constant),
            _ => (">", |n, constant| n > constant),
        };
        if random.chance(30) {
            let text = format!("{written} {sign} context.n");
            return Said { text, holds: Box::new(move |world| holds(&constant, &world.n)) };
        }
        let text = format!("(context.n) {sign} ({written})");
        Said { text, holds: Box::new(move |world| holds(&world.n, &constant)) }
    }

    /// A range, or a pattern.
    fn range(&self, random: &mut Random) -> Said<T> {
        let mut bound = || self.constants[random.below(self.constants.len())];
        let (low, high) = (bound(), bound());
        let (from, to) = ((self.written)(low), (self.written)(high));
        let text = format!("({from}..{to}).contains(&context.n)");
        Said { text, holds: Box::new(move |world| low <= world.n && world.n < high) }
    }

    fn said(&self, random: &mut Random, depth: usize) -> Said<T> {
        match random.below(if depth == 0 { 6 } else { 10 }) {
            0..3 => self.comparison(random),
            3 => self.range(random),
            4 => Said { text: "context.m".to_owned(), holds: Box::new(|world| world.m) },
            5 => {
                let atom = random.below(2);
                Said { text: format!("context.a{atom}.x"), holds: Box::new(move |world| world.atoms[atom]) }
            }
            6 => {
                let inner = self.said(random, depth - 1);
                Said { text: format!("!({})", inner.text), holds: Box::new(move |world| !(inner.holds)(world)) }
            }
            joined => {
                let (left, right) = (self.said(random, depth - 1), self.said(random, depth - 1));
                let sign = if joined == 7 { "||" } else { "&&" };
                let text = format!("({}) {sign} ({})", left.text, right.text);
                let holds = move |world| match joined {
                    7 => (left.holds)(world) || (right.holds)(world),
                    _ => (left.holds)(world) && (right.holds)(world),
                };
                Said { text, holds: Box::new(holds) }
            }
        }
    }

    fn worlds(&self) -> Vec<World<T>> {
        let truths = [false, true];
        let each = |n: &T| {
            let n = *n;
            let fields = truths.map(|m| truths.map(|a| truths.map(|b| World { n, m, atoms: [a, b] })));
            fields.into_iter().flatten().flatten()
        };
        self.values.iter().flat_map(each).collect()
    }

    fn check(&self, seeds: std::ops::Range<u64>) {
        let machine = machine(self.ty);
        let worlds = self.worlds();
        let mut seen = [0; 6];
        for seed in seeds {
            let mut random = Random::new(seed);
            let said: Vec<_> = (0..2 + random.below(4)).map(|_| self.said(&mut random, 2)).collect();
            let guards: Vec<Guard> = said.iter().map(|said| expr(&said.text)).collect();
            let texts: Vec<_> = said.iter().map(|said| &said.text).collect();
            let tables: Vec<Vec<bool>> =
                said.iter().map(|said| worlds.iter().map(|world| (said.holds)(*world)).collect()).collect();

            let judged = judge(&machine, StateId::ROOT, Trigger::Always, guards.iter().map(Some));
            let mut covered = vec![false; worlds.len()];
            let mut closer = None;
            for (index, table) in tables.iter().enumerate() {
                let verdict = judged.verdicts[index];
                let fresh = table.iter().zip(&covered).any(|(holds, covered)| *holds && !covered);
                match verdict {
                    Verdict::Open => assert!(fresh, "seed {seed}: {index} of {texts:?}"),
                    Verdict::Never => assert!(!table.contains(&true), "seed {seed}: {index} of {texts:?}"),
                    Verdict::After(at) => {
                        let within = table.iter().zip(&tables[at]).all(|(holds, before)| !holds || *before);
                        assert!(at < index && within, "seed {seed}: {index} of {texts:?}");
                    }
                    Verdict::Covered => assert!(!fresh, "seed {seed}: {index} of {texts:?}"),
                }
                covered.iter_mut().zip(table).for_each(|(covered, holds)| *covered |= holds);
                closer = closer.or((!covered.contains(&false)).then_some(index));
                seen[match verdict {
                    Verdict::Open => 0,
                    Verdict::Never => 1,
                    Verdict::After(_) => 2,
                    Verdict::Covered => 3,
                }] += 1;
            }
            assert_eq!(judged.closer, closer, "seed {seed}: {texts:?}");

            let found = overlaps(&machine, StateId::ROOT, Trigger::Always, guards.iter().map(Some), &judged.verdicts);
            let constant = |table: &Vec<bool>| !table.contains(&false);
            let counts = |index: &usize| judged.verdicts[*index] == Verdict::Open && !constant(&tables[*index]);
            for later in (0..tables.len()).filter(counts) {
                let both = |earlier: usize| -> Vec<bool> {
                    tables[earlier].iter().zip(&tables[later]).map(|(before, after)| *before && *after).collect()
                };
                // Of one value of the fields all truths of the propositions stand together.
                let sure = |both: &[bool]| both.chunks(4).any(|truths| truths.iter().all(|holds| *holds));
                let earlier: Vec<_> = (0..later).filter(counts).map(both).collect();
                let possible = earlier.iter().any(|both| both.contains(&true));
                let certain = earlier.iter().any(|both| sure(both));
                let shown = found.iter().find(|overlap| overlap.later == later);
                let told = (shown.is_some(), shown.is_some_and(|overlap| overlap.certain));
                assert_eq!(told, (possible, certain), "seed {seed}: {later} of {texts:?}");
                if let Some(overlap) = shown {
                    assert!(both(overlap.earlier).contains(&true), "seed {seed}: {overlap:?} of {texts:?}");
                    assert!(!overlap.certain || sure(&both(overlap.earlier)), "seed {seed}: {overlap:?} of {texts:?}");
                    seen[if overlap.certain { 4 } else { 5 }] += 1;
                }
            }
        }
        assert!(seen.iter().all(|count| *count > 5), "{}: too little to speak of: {seen:?}", self.ty);
    }
}

#[test]
fn all_bytes_agree() {
    let constants = vec![0, 1, 2, 20, 21, 50, 128, 254, 255];
    Domain::<u8> { ty: "u8", values: (0..=255).collect(), constants, written: |n| n.to_string() }.check(0..400);
    let constants = vec![-128, -127, -5, -1, 0, 1, 3, 127];
    let written = |n: i8| if n % 2 == 0 { n.to_string() } else { format!("{n}i8") };
    Domain::<i8> { ty: "i8", values: (-128..=127).collect(), constants, written }.check(400..800);
}

#[test]
fn floats_agree_with_those_that_are_no_numbers() {
    let constants = vec![-2.5, -0.0, 0.0, 0.5, 20.0, f32::MAX];
    let step = |value: f32| [value.next_down(), value, value.next_up()];
    let mut values: Vec<f32> = constants.iter().copied().flat_map(step).collect();
    values.extend([f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 0.25, 7.0, 1e9, -1.0]);
    Domain { ty: "f32", values, constants, written: |value: f32| format!("{value:?}") }.check(800..1_600);
}

#[test]
fn characters_agree_around_the_surrogates() {
    let constants = vec!['\0', 'a', 'z', '\u{D7FF}', '\u{E000}', char::MAX];
    let mut values = vec!['\u{1}', '`', 'b', 'c', 'y', '{', '\u{D7FE}', '\u{E001}', '\u{10FFFE}'];
    values.extend(&constants);
    Domain { ty: "char", values, constants, written: |value: char| format!("{value:?}") }.check(1_600..2_400);
}

fn judged(ty: &str, guards: &[&str]) -> (Vec<Verdict>, Option<usize>) {
    let guards: Vec<_> = guards.iter().map(|guard| expr(guard)).collect();
    let judged = judge(&machine(ty), StateId::ROOT, Trigger::Always, guards.iter().map(Some));
    (judged.verdicts, judged.closer)
}

#[test]
fn the_ends_of_the_widest_types_are_known() {
    use Verdict::{After, Never, Open};
    assert_eq!(judged("u128", &["context.n >= 0"]), (vec![Open], Some(0)));
    // What lies beyond the constants that are understood is left alone.
    let most = u128::MAX.to_string();
    assert_eq!(judged("u128", &[&format!("context.n > {most}"), "context.n < 0"]), (vec![Open, Never], None));
    assert_eq!(
        judged("i128", &["context.n >= 5", "context.n > 170141183460469231731687303715884105725"]).0,
        [Open, After(0)]
    );
    let ends = ["context.n < 18446744073709551615", "context.n == 18446744073709551615"];
    assert_eq!(judged("u64", &ends), (vec![Open, Open], Some(1)));
}

#[test]
fn what_is_no_comparison_of_a_known_type_is_left_alone() {
    use Verdict::{Covered, Open};
    for (ty, first, second) in [
        ("Meters", "context.n > 20", "context.n > 50"),
        ("u8", "context.n.x > 20", "context.n.x > 50"),
        ("u8", "context.n % 2 > 5", "context.n % 2 > 7"),
        ("u8", "context.k > 20", "context.k > 50"),
        ("u8", "event.n > 20", "event.n > 50"),
        ("f64", "context.n > limit()", "context.n > 5.0"),
        ("String", r#"context.n < "a""#, r#"context.n < "A""#),
    ] {
        assert_eq!(judged(ty, &[first, second]), (vec![Open, Open], None), "{ty}: {first}, {second}");
    }
    let texts = [r#"context.n == "a""#, r#"context.n != "a""#, "context.m"];
    assert_eq!(judged("String", &texts), (vec![Open, Open, Covered], Some(1)));
    assert_eq!(judged("&'static str", &texts), (vec![Open, Open, Covered], Some(1)));
}

#[test]
fn a_name_of_the_specs_own_is_no_known_type() {
    let mut machine = machine("u8");
    let guards = [expr("context.n > 5"), expr("context.n > 7")];
    let judged = |machine: &Machine| judge(machine, StateId::ROOT, Trigger::Always, guards.iter().map(Some)).verdicts;
    assert_eq!(judged(&machine), [Verdict::Open, Verdict::After(0)]);
    let tree: crate::rust::Import = syn::parse_str("crate::{words::{self}, Byte as u8}").expect("a path");
    machine.uses.push(placed(tree, Span::default()));
    assert_eq!(judged(&machine), [Verdict::Open, Verdict::Open]);
}

#[test]
fn beyond_the_tables_guards_still_count_as_written() {
    let mut texts: Vec<_> = (0..20).map(|number| format!("context.a{number}.x")).collect();
    texts.extend(["context.n > 5".to_owned(), "context.n > 7".to_owned(), "context.n > 5".to_owned()]);
    let texts: Vec<_> = texts.iter().map(String::as_str).collect();
    let (verdicts, closer) = judged("u8", &texts);
    assert_eq!((&verdicts[20..], closer), (&[Verdict::Open, Verdict::Open, Verdict::After(20)][..], None));
}
