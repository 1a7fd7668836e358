//! Machines that can take more than one transition a step, with what a careful programmer would write instead.
//!
//! Parallel ones are made for any number of regions; the one with history and the one with a loop are written out, in
//! `history.yaml`, `loop.yaml` and the `.rs.txt` beside each.

use std::fmt::Write as _;

/// Regions that go round three states, the second of which has handlers. An event for each region, one for all, and one
/// for none.
pub(crate) fn parallel_spec(regions: usize) -> String {
    let mut text = String::from("events:\n");
    for region in 0..regions {
        // Writing to a string cannot fail; so below.
        let _ = writeln!(text, "  E{region}: {{}}");
    }
    text.push_str(
        "  Every: {}\n  Nobody: {}\ntype: parallel\nlints: { unhandled_event: allow, unused_event: allow }\nstates:\n",
    );
    for region in 0..regions {
        let _ = writeln!(text, "  R{region}:\n    initial: A\n    states:");
        for (state, next) in [("A", "B"), ("B", "C"), ("C", "A")] {
            let handlers = if state == "B" { "entry: enter, exit: leave, " } else { "" };
            let taken = format!("{{ target: {next}, actions: work }}");
            let _ = writeln!(text, "      {state}: {{ {handlers}on: {{ E{region}: {taken}, Every: {taken} }} }}");
        }
    }
    text
}

/// The same by hand: a struct of enums, and a match over the event, since each says which regions it is for.
pub(crate) fn parallel_by_hand(regions: usize) -> String {
    let all = || 0..regions;
    let list = |form: &dyn Fn(usize) -> String| all().map(form).collect::<Vec<_>>().join(" ");
    let exit = |region: usize| format!("if self.state.r{region} == Region::B {{ self.actions.leave().AWAIT; }}\n");
    let set = |region: usize| format!("self.state.r{region} = self.state.r{region}.next();");
    let enter = |region: usize| format!("if self.state.r{region} == Region::B {{ self.actions.enter().AWAIT; }}\n");
    let act = "self.actions.work().AWAIT;";
    let own = list(&|region| {
        let (exit, set, enter) = (exit(region), set(region), enter(region));
        format!("Event::E{region} => {{ {exit} {act} {set} {enter} }}\n")
    });
    let exits = all().rev().map(exit).collect::<Vec<_>>().join(" ");
    let (acts, sets, enters) = (list(&|_| act.to_owned()), list(&set), list(&enter));
    format!(
        "use fsm_runtime::core::{{Error, Never, Outcome}};
#[derive(Clone, Copy, PartialEq, Debug)] pub enum Region {{ A, B, C }}
impl Region {{
    fn next(self) -> Self {{ match self {{ Self::A => Self::B, Self::B => Self::C, Self::C => Self::A }} }}
}}
#[derive(Clone, Copy, PartialEq, Debug)] pub struct State {{ {} }}
#[derive(Clone, PartialEq, Debug)] pub enum Event {{ {} Every, Nobody }}
pub trait Actions: Send {{
    fn enter(&mut self) OUTPUT;
    fn leave(&mut self) OUTPUT;
    fn work(&mut self) OUTPUT;
    fn on_unhandled(&mut self, state: State, event: &Event);
}}
pub struct ByHand<A> {{ pub state: State, pub actions: A }}
impl<A: Actions> ByHand<A> {{
    pub fn new(actions: A) -> Self {{ Self {{ state: State {{ {} }}, actions }} }}
    pub ASYNC fn handle(&mut self, event: &Event) -> Result<Outcome, Error<Never>> {{
        match event {{
            {own}
            Event::Every => {{ {exits} {acts} {sets} {enters} }}
            Event::Nobody => {{ self.actions.on_unhandled(self.state, event); return Ok(Outcome::Unhandled); }}
        }}
        Ok(Outcome::Transitioned)
    }}
}}
",
        list(&|region| format!("pub r{region}: Region,")),
        list(&|region| format!("E{region},")),
        list(&|region| format!("r{region}: Region::A,")),
    )
}
