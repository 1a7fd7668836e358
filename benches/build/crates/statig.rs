//! A robot, with statig.

use statig::prelude::*;

struct Robot {
    battery: u8,
    jobs: u32,
}

enum Event {
    Start { job: u32 },
    Stop,
    Pause,
    Resume,
    Fault { code: u16 },
}

#[state_machine(initial = "State::idle()")]
impl Robot {
    #[state]
    fn idle(&mut self, event: &Event) -> Outcome<State> {
        match event {
            Event::Start { job } if self.battery > 20 => {
                println!("job {job}");
                self.jobs += 1;
                Transition(State::moving())
            }
            Event::Start { .. } => {
                println!("refused");
                Handled
            }
            _ => Super,
        }
    }

    #[superstate(entry_action = "lamp_on", exit_action = "lamp_off")]
    fn working(&mut self, event: &Event) -> Outcome<State> {
        match event {
            Event::Stop => Transition(State::idle()),
            Event::Fault { code } => {
                println!("fault {code}");
                Transition(State::failed())
            }
            _ => Super,
        }
    }

    #[state(superstate = "working")]
    fn moving(&mut self, event: &Event) -> Outcome<State> {
        match event {
            Event::Pause => Transition(State::paused()),
            _ => Super,
        }
    }

    #[state(superstate = "working")]
    fn paused(&mut self, event: &Event) -> Outcome<State> {
        match event {
            Event::Resume => Transition(State::moving()),
            _ => Super,
        }
    }

    #[state]
    fn failed(&mut self, event: &Event) -> Outcome<State> {
        match event {
            Event::Stop => Transition(State::idle()),
            _ => Super,
        }
    }

    #[action]
    fn lamp_on(&mut self) {
        println!("on");
    }

    #[action]
    fn lamp_off(&mut self) {
        println!("off");
    }
}

fn main() {
    let mut robot = Robot { battery: 100, jobs: 0 }.state_machine();
    for event in [Event::Start { job: 7 }, Event::Pause, Event::Resume, Event::Fault { code: 3 }] {
        robot.handle(&event);
    }
    println!("{}", robot.inner().jobs);
    let _ = Event::Stop;
}
