//! A robot, written by hand.

#[derive(Clone, Copy, Debug)]
enum State {
    Idle,
    Moving,
    Paused,
    Failed,
}

enum Event {
    Start { job: u32 },
    Stop,
    Pause,
    Resume,
    Fault { code: u16 },
}

struct Robot {
    state: State,
    battery: u8,
    jobs: u32,
}

impl Robot {
    fn handle(&mut self, event: &Event) {
        self.state = match (self.state, event) {
            (State::Idle, Event::Start { job }) if self.battery > 20 => {
                println!("job {job}");
                self.jobs += 1;
                println!("on");
                State::Moving
            }
            (State::Idle, Event::Start { .. }) => {
                println!("refused");
                State::Idle
            }
            (State::Moving, Event::Pause) => State::Paused,
            (State::Paused, Event::Resume) => State::Moving,
            (State::Moving | State::Paused, Event::Stop) => {
                println!("off");
                State::Idle
            }
            (State::Moving | State::Paused, Event::Fault { code }) => {
                println!("off");
                println!("fault {code}");
                State::Failed
            }
            (State::Failed, Event::Stop) => State::Idle,
            (state, _) => state,
        };
    }
}

fn main() {
    let mut robot = Robot { state: State::Idle, battery: 100, jobs: 0 };
    for event in [Event::Start { job: 7 }, Event::Pause, Event::Resume, Event::Fault { code: 3 }] {
        robot.handle(&event);
    }
    println!("{:?} {}", robot.state, robot.jobs);
    let _ = Event::Stop;
}
