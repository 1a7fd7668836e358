//! A robot, with smlang, which has no hierarchy: it is written flat.

use smlang::statemachine;

pub struct Job(u32);
pub struct Code(u16);

statemachine! {
    transitions: {
        *Idle + Start(Job) [charged] / begin = Moving,
        Idle + Start(Job) [!charged] / refuse = Idle,
        Moving + Pause = Paused,
        Moving + Stop / lamp_off = Idle,
        Moving + Fault(Code) / alarm = Failed,
        Paused + Resume = Moving,
        Paused + Stop / lamp_off = Idle,
        Paused + Fault(Code) / alarm = Failed,
        Failed + Stop / lamp_off = Idle,
    }
}

struct Robot {
    battery: u8,
    jobs: u32,
}

impl StateMachineContext for Robot {
    fn charged(&self, _: &Job) -> Result<bool, ()> {
        Ok(self.battery > 20)
    }
    fn begin(&mut self, job: Job) -> Result<(), ()> {
        self.jobs += 1;
        println!("job {}", job.0);
        println!("on");
        Ok(())
    }
    fn refuse(&mut self, _: Job) -> Result<(), ()> {
        println!("refused");
        Ok(())
    }
    fn lamp_off(&mut self) -> Result<(), ()> {
        println!("off");
        Ok(())
    }
    fn alarm(&mut self, code: Code) -> Result<(), ()> {
        println!("off");
        println!("fault {}", code.0);
        Ok(())
    }
}

fn main() {
    let mut robot = StateMachine::new(Robot { battery: 100, jobs: 0 });
    for event in [Events::Start(Job(7)), Events::Pause, Events::Resume, Events::Fault(Code(3))] {
        let _ = robot.process_event(event);
    }
    println!("{}", robot.context().jobs);
    let _ = Events::Stop;
}
