//! Machines for the tests: ordinary ones with every form of transition, and ones with names made to break the text.

use fsm_codegen::ir::Machine;

use crate::build::{Draft, history, last, on, parallel, state};

/// All samples, by name.
pub(crate) fn samples() -> Vec<(String, Machine)> {
    let mut samples = vec![
        ("forms".to_owned(), forms()),
        ("deep".to_owned(), deep()),
        ("empty".to_owned(), state("Empty").machine()),
        ("regions".to_owned(), regions()),
        ("all_parallel".to_owned(), all_parallel()),
    ];
    samples.extend(NASTY.chunks(8).enumerate().map(|(index, names)| (format!("nasty_names_{index}"), nasty(names))));
    samples.push(("nasty_code".to_owned(), nasty_code()));
    samples.extend((0..RANDOM).map(|seed| (format!("random_{seed}"), random(seed))));
    samples
}

/// Every form of transition: from the machine, internal, to itself, to a descendant, to an ancestor, re-entering.
pub(crate) fn forms() -> Machine {
    let inner = state("Inner")
        .initial("A", &["prepare"])
        .on(on("Local").to("B"))
        .on(on("External").to("B").reenter())
        .on(on("Restart").to("Inner"))
        .on(on("Reenter").to("Inner").reenter())
        .on(on("Renew").to("Inner").reenter())
        .on(on("Log").run("log(&context.name, -1)"))
        .with([
            state("A")
                .on(on("Next").to("B"))
                .on(on("Again").to("A").reenter())
                .on(on("Anew").to("A").reenter())
                .on(on("Noted").to("A").run("note")),
            state("B").on(on("Up").to("Inner")).on(on("Next").guard("?ready").to("Over")).on(on("Out").to("Outside")),
            last("Over").entry("celebrate"),
        ]);
    state("Forms")
        .initial("Inner", &[])
        .entry("boot")
        .on(on("Reset").to("Outside"))
        .on(on("Whole").to("Forms"))
        .on(on("Tick").run("count := context.count + 1"))
        .on(on("Ignored"))
        .with([
            inner,
            state("Outside").on(on("Enter").to("Inner")).on(on("Jump").to("B")).on(on("Quit").to("Gone")),
            last("Gone"),
        ])
        .machine()
}

/// Composites in composites, an initial state deep down, equal names under different parents, and names that look
/// like Mermaid's own markers.
pub(crate) fn deep() -> Machine {
    let innermost = state("Three")
        .about("Nested")
        .initial("start", &[])
        .with([state("start").on(on("go").to("end")), state("end").on(on("far").to("One"))]);
    let two = state("Two").initial("Three", &[]).entry("step").with([innermost, state("One_start")]);
    let one = state("One").initial("start", &["leap"]).with([two, state("Three").on(on("in").to("Two"))]);
    state("Deep").initial("One", &[]).with([one, state("One_start").on(on("on").to("start"))]).machine()
}

/// Regions in regions, with every form of transition into them, out of them and between them, and history in both forms.
pub(crate) fn regions() -> Machine {
    let door = state("Door")
        .initial("Shut", &["bolt"])
        .about("The region of the door.")
        .entry("lamp_on")
        .on(on("Slam").to("Shut"))
        .on(on("Cross").to("Heat"))
        .on(on("Anew").to("Door").reenter())
        .with([
            history("Last", false).initial("Wide", &["creak"]),
            state("Shut").on(on("Open").to("Wide")).on(on("Warm").to("On")),
            state("Wide").on(on("Close").to("Shut")).on(on("Up").to("Oven")).on(on("Leave").to("Idle")),
        ]);
    let heat = state("Heat").initial("Off", &[]).with([
        state("Off").on(on("Heat").to("On")),
        state("On")
            .initial("Low", &[])
            .on(on("Cool").to("Off"))
            .with([state("Low").on(on("More").to("High")), state("High").on(on("Both").to("Wide & Off"))]),
        last("Burnt"),
    ]);
    let clock = parallel("Clock").with([
        state("Hands").initial("Still", &[]).with([state("Still").on(on("Tick").to("Turning")), state("Turning")]),
        state("Bell").on(on("Ring").run("ring")),
    ]);
    let oven = parallel("Oven")
        .about("Everything at once.")
        .tag("busy")
        .exit("lamp_off")
        .on(on("Stop").to("Idle"))
        .on(on("Restart").to("Oven"))
        .on(on("Reset").to("Oven").reenter())
        .on(on("Ready").to("Wide & Low"))
        .on(on("Fresh").to("Wide & Low").reenter())
        .on(on("Only").to("High"))
        .on(on("Note").run("note"))
        .with([door, heat, history("Memory", true), clock]);
    let idle = state("Idle").on(on("Start").to("Oven")).on(on("Resume").to("Memory")).on(on("Peek").to("Last")).on(on(
        "Toast",
    )
    .guard("?ready")
    .to("Shut & High")
    .run("beep"));
    state("Regions").initial("Idle", &[]).on(on("Abort").to("Idle")).with([idle, oven]).machine()
}

/// A machine that is parallel itself.
pub(crate) fn all_parallel() -> Machine {
    let left = state("Left").about("One half").initial("A", &[]).on(on("Back").to("All")).with([
        state("A").on(on("Next").to("B")),
        state("B").on(on("Far").to("D")),
        last("E"),
    ]);
    let outer = state("Outer").initial("D & F", &["both"]).with([parallel("Right").with([
        state("R1").initial("C", &[]).with([state("C"), state("D").on(on("Next").to("C"))]),
        state("R2").initial("F", &[]).with([state("F").on(on("Up").to("Left")), history("Then", false)]),
    ])]);
    parallel("All")
        .about("A parallel machine")
        .entry("boot")
        .on(on("Reset").to("All"))
        .on(on("Both").to("B & C"))
        .with([left, outer, state("Alone").on(on("Beep").run("beep"))])
        .machine()
}

/// How many random machines are drawn each time.
const RANDOM: u64 = 6;

/// A tree of states with arrows between any two of them, the same for the same seed.
fn random(seed: u64) -> Machine {
    let mut dice = Dice(seed);
    let count = 4 + dice.roll(10);
    // Parents come before their children; state 0 is the machine.
    let parents: Vec<usize> = (0..count).map(|state: usize| dice.roll(state.max(1))).collect();
    let mut drafts: Vec<Draft> = (0..count).map(|index| random_state(&mut dice, index, count)).collect();
    for index in (1..count).rev() {
        let child = drafts.pop().expect("the child is the last");
        let parent = drafts.swap_remove(parents[index]);
        let initial = child.name().to_owned();
        drafts.push(parent.initial(&initial, &[]).with([child]));
        let last = drafts.len() - 1;
        drafts.swap(parents[index], last);
    }
    drafts.pop().expect("the machine is left").machine()
}

fn random_state(dice: &mut Dice, index: usize, count: usize) -> Draft {
    let mut draft = state(&format!("S{index}"));
    for _ in 0..dice.roll(4) {
        let mut transition = on(&format!("E{}", dice.roll(5))).to(&format!("S{}", dice.roll(count)));
        if dice.roll(3) == 0 {
            transition = transition.reenter();
        }
        draft = draft.on(transition);
    }
    if dice.roll(3) == 0 { draft.entry("enter").about("About it") } else { draft }
}

/// A small generator of numbers (splitmix64).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb) >> 33;
        usize::try_from(mixed).unwrap_or_default() % sides
    }
}

const NASTY: [&str; 48] = [
    "\"quoted\"",
    "a:b",
    "a::b",
    ":",
    "a;b",
    "x --> y",
    "<b>bold</b>",
    "<script>alert(1)</script>",
    "end",
    "state",
    "note",
    "class",
    "classDef",
    "default",
    "style",
    "click",
    "href",
    "direction LR",
    "a direction TB b",
    "[*]",
    "-->",
    "--",
    "%%",
    "%%{init: {}}%%",
    "#",
    "#35;",
    "&amp;",
    "&lt;b&gt;",
    "__proto__",
    "constructor",
    "toString",
    "été",
    "日本語",
    "🚦🏁",
    "two\nlines",
    "tab\there",
    "end note",
    "send note",
    "- list",
    "1. item",
    "*em* _em_ `code`",
    "$$x^2$$",
    "fa:fa-car",
    "[link](https://example.org)",
    "<<fork>>",
    "[[join]]",
    "state \"x\" as y {",
    "ﬂ°°35¶ß",
];

/// A ring of states with these names, with the names as events, tags, entry actions and descriptions too.
fn nasty(names: &[&str]) -> Machine {
    let mut top: Vec<Draft> = Vec::new();
    let mut nested: Vec<Draft> = Vec::new();
    for (index, name) in names.iter().enumerate() {
        let next = names[(index + 1) % names.len()];
        let draft =
            state(name).tag(name).about(&format!("{name}\nis {name}")).entry(name).on(on(name).to(next).run(name));
        if index % 2 == 0 { top.push(draft.on(on(name).run(name))) } else { nested.push(draft) }
    }
    let composite = format!("{} in {}", names[1], names[0]);
    let first = names[1];
    top.push(
        state(&composite).about(names[0]).initial(first, &[first]).exit(first).on(on(first).to(first)).with(nested),
    );
    let machine = names.join(" ");
    state(&machine).about(&machine).initial(names[0], &[names[0]]).with(top).machine()
}

/// Expressions with everything that Rust and Mermaid both know, and texts too long for a line.
fn nasty_code() -> Machine {
    let guards = [
        "a < b && c > d || !e",
        "matches!(event.kind, Kind::A { .. } | Kind::B)",
        "context.map.get::<Vec<Option<u8>>>(\"k; --> #35;\").is_some_and(|v| v[0] == b'{')",
        "context.jobs * 2 % 3 == -1 && context.names[0](1)[2] != \"<br/>\"",
        "event.email.contains(\"user@example.org\") && event.site == \"https://www.example.org\"",
        "context.a_very_long_name_of_a_field_that_goes_on_and_on.and_another_one_behind_it.is_some_and(|x| x > 1_000_000)",
        "if context.x { true } else { context.s == r#\"a \"quoted\" thing\"# }",
        "a\n    && b",
    ];
    let long = "AVeryLongNameOfAStateThatNobodyWouldWriteButSomeGeneratorMightProduceOneDayWhoKnows";
    let mut all =
        state("A").entry("x := vec![(1, \"a\"), (2, \"b\")].into_iter().collect::<HashMap<u8, &str>>().len()");
    for (index, guard) in guards.iter().enumerate() {
        let event = format!("e{index}");
        let arrow = on(&event).guard(guard).to(long).run("x := if a { 1 } else { 2 }").run("log(\"a: {b}; <c> | #d\")");
        all = all.on(arrow).on(on(&event).guard(guard).run(&format!("y := {{ let z = {guard}; z as u32 }}")));
    }
    let about = "First line with: colons; semicolons, \"quotes\".\n\n- a list\n1. numbers\nnote right of A\nend note\n| a | b |\n|---|---|\n=====\n+ plus";
    state("Code<T>").initial("A", &[]).with([all, state(long).about(about).on(on(long).to("A").run(long))]).machine()
}
