//! The size of each spec's `State`, beside what a careful programmer would reach.
//!
//! Reckoned from the IR, apart from the generator: a compound state is an enum, a parallel one a struct of its regions,
//! data a struct with the state's content. An enum of which one variant alone carries something costs no tag as long as
//! there are values left in what that one carries; any other costs a tag. Prints a table: `cargo test -p driver --test size -- --nocapture`.

use std::collections::BTreeMap;
use std::time::Duration;

use fsm_codegen::ir::{Action, Machine, ParamType, StateId, StateKind, Trigger};
use fsm_codegen::{Config, check_bytes};
use quote::ToTokens;

/// How values of a type lie in memory.
#[derive(Clone, Copy)]
struct Layout {
    size: usize,
    align: usize,
    /// How many values its first byte, or whatever holds its tag, has left for others.
    spare: usize,
}

const NOTHING: Layout = Layout { size: 0, align: 1, spare: 0 };

impl Layout {
    const fn of<T>(spare: usize) -> Self {
        Self { size: size_of::<T>(), align: align_of::<T>(), spare }
    }

    /// Fields side by side, the widest first, so that there is a gap at the end only.
    fn together(fields: &[Self]) -> Self {
        let align = fields.iter().map(|field| field.align).max().unwrap_or(1);
        let size = fields.iter().map(|field| field.size).sum::<usize>().next_multiple_of(align);
        Self { size, align, spare: fields.iter().map(|field| field.spare).max().unwrap_or_default() }
    }

    /// One of several.
    fn one_of(variants: &[Self]) -> Self {
        let align = variants.iter().map(|variant| variant.align).max().unwrap_or(1);
        let size = variants.iter().map(|variant| variant.size).max().unwrap_or_default();
        let carriers: Vec<&Self> = variants.iter().filter(|variant| variant.size > 0).collect();
        let others = variants.len() - carriers.len();
        match carriers.as_slice() {
            [only] if only.spare >= others => Self { size, align, spare: only.spare - others },
            [] if variants.len() < 2 => NOTHING,
            _ => {
                let tag = if variants.len() <= 256 { 1 } else { 2 };
                let values = 1_usize << (8 * tag);
                Self {
                    size: (size + tag).next_multiple_of(align.max(tag)),
                    align: align.max(tag),
                    spare: values - variants.len(),
                }
            }
        }
    }
}

/// What a type of the standard library takes.
fn of_type(ty: &syn::Type) -> Layout {
    match ty.to_token_stream().to_string().as_str() {
        "bool" => Layout::of::<bool>(254),
        "u8" | "i8" => Layout::of::<u8>(0),
        "u16" | "i16" => Layout::of::<u16>(0),
        "u32" | "i32" | "f32" => Layout::of::<u32>(0),
        "u64" | "i64" | "f64" => Layout::of::<u64>(0),
        "String" => Layout::of::<String>(1_000),
        "Duration" => Layout::of::<Duration>(1_000),
        other => panic!("say here how large `{other}` is"),
    }
}

/// What a state carries: its content, with its data.
fn carried(machine: &Machine, state: StateId) -> Layout {
    let mut parts: Vec<Layout> = machine.states[state].data.iter().map(|field| of_type(&field.ty.syntax)).collect();
    parts.push(content(machine, state));
    Layout::together(&parts)
}

/// What is active of a state.
fn content(machine: &Machine, state: StateId) -> Layout {
    let found = &machine.states[state];
    let children: Vec<Layout> = found.children.iter().map(|child| carried(machine, *child)).collect();
    match found.kind {
        StateKind::Parallel => Layout::together(&children),
        _ if children.is_empty() => NOTHING,
        _ => Layout::one_of(&children),
    }
}

/// How many configurations there are, data aside.
fn configurations(machine: &Machine, state: StateId) -> u128 {
    let found = &machine.states[state];
    let children = found.children.iter().map(|child| configurations(machine, *child));
    match found.kind {
        StateKind::Parallel => children.product(),
        _ if found.children.is_empty() => 1,
        _ => children.sum(),
    }
}

/// The bytes that the number of configurations needs at least, were it written as one number.
fn least(machine: &Machine) -> usize {
    let most = configurations(machine, StateId::ROOT) - 1;
    (u128::BITS - most.leading_zeros()).div_ceil(8) as usize
}

/// The specs of the corpus by their stems.
fn corpus() -> BTreeMap<String, Machine> {
    let read = |stem: &str| {
        let path = format!("../../specs/{stem}.yaml");
        let bytes = std::fs::read(&path).expect("a spec");
        check_bytes(&path, &bytes, &Config::default()).1.machine.expect("a spec without errors")
    };
    driver::SIZES.iter().map(|(stem, ..)| ((*stem).to_owned(), read(stem))).collect()
}

#[test]
fn states_are_as_small_as_by_hand() {
    let corpus = corpus();
    println!("{:<22} {:>7} {:>7} {:>7} {:>9} {:>9}", "spec", "states", "State", "by hand", "as number", "Machine");
    for (stem, state, machine) in driver::SIZES {
        let spec = &corpus[*stem];
        let (by_hand, least) = (content(spec, StateId::ROOT).size, least(spec));
        println!("{stem:<22} {:>7} {state:>7} {by_hand:>7} {least:>9} {machine:>9}", spec.states.len());
        assert!(*state <= by_hand, "{stem}: {state} bytes, where {by_hand} would do");
        assert!(*state >= least, "{stem}: this reckoning is about another machine");
    }
}

/// Whether a machine remembers nothing and queues nothing: each step is one transition.
fn is_plain(machine: &Machine) -> bool {
    let acts = |block: &[Action]| block.iter().all(|action| matches!(action, Action::Call(..) | Action::Assign(_)));
    machine.output.is_none()
        && machine.transitions.iter().all(|it| matches!(it.trigger, Trigger::Event(_)) && acts(&it.actions))
        && machine.states.iter().all(|state| {
            let forgets = state.histories.is_empty() && state.defer.is_empty() && state.data.is_empty();
            forgets && acts(&state.entry) && acts(&state.exit) && !matches!(state.kind, StateKind::Parallel)
        })
        && machine.actions.iter().all(|method| !method.params.iter().any(|param| param.ty == ParamType::Queue))
}

#[test]
fn machines_that_keep_nothing_but_state_and_context_are_no_larger_than_these() {
    let mut plain = 0;
    for (stem, _, machine) in driver::SIZES {
        let spec = &corpus()[*stem];
        if !is_plain(spec) {
            continue;
        }
        let context: Vec<Layout> = spec.context.iter().map(|field| of_type(&field.ty.syntax)).collect();
        // Beside context and state stands the status of the machine.
        let fields = [Layout::together(&context), content(spec, StateId::ROOT), Layout::of::<u8>(0)];
        let by_hand = Layout::together(&fields).size;
        assert!(*machine <= by_hand, "{stem}: {machine} bytes, where {by_hand} would do");
        plain += 1;
    }
    assert!(plain > 0, "no plain machine is left");
}
