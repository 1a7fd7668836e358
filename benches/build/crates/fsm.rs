//! A robot, with `fsm!`.

use fsm_runtime::fsm;

fsm! {
    pub machine Robot {
        mode sync;
        context { battery: u8 = 100, jobs: u32 }
        event Start { job: u32 }
        event Stop, Pause, Resume;
        event Fault { code: u16 }
        initial Idle;
        state Idle {
            on Start if context.battery > 20 => Working / begin(event.job), assign jobs = context.jobs + 1;
            on Start / refuse;
        }
        state Working {
            entry / lamp_on;
            exit / lamp_off;
            on Stop => Idle;
            on Fault => Failed / alarm(event.code);
            initial Moving;
            state Moving { on Pause => Paused; }
            state Paused { on Resume => Moving; }
        }
        state Failed { on Stop => Idle; }
    }
}

struct Arm;

impl robot::Actions for Arm {
    fn begin(&mut self, job: u32) {
        println!("job {job}");
    }
    fn refuse(&mut self) {
        println!("refused");
    }
    fn lamp_on(&mut self) {
        println!("on");
    }
    fn lamp_off(&mut self) {
        println!("off");
    }
    fn alarm(&mut self, code: u16) {
        println!("fault {code}");
    }
}

fn main() {
    let mut robot = robot::Robot::new(Arm);
    let _ = robot.start();
    let events: [robot::Event; 4] = [
        robot::event::Start { job: 7 }.into(),
        robot::Event::Pause,
        robot::Event::Resume,
        robot::event::Fault { code: 3 }.into(),
    ];
    for event in &events {
        let _ = robot.handle(event);
    }
    println!("{}", robot.state());
}
