//! Steps counted on the allocator: what the machine itself does allocates nothing.
//!
//! The machine has regions, history, data, an eventless transition, deferred, raised and sent events and a timer. Its
//! handlers do nothing, and its driver only remembers what the event that was sent is called. That a step is a future,
//! and is polled, is part of what is counted.

use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use allocation_counter::measure;
use driver::semantics::a_step_allocates_nothing as machine;
use driver::semantics::sync::a_step_allocates_nothing as blocking;
use fsm_runtime::core::{Driver, Outcome, Service};

struct Quiet;

impl machine::Actions for Quiet {}
impl blocking::Actions for Quiet {}

/// What the timers are called that were started last.
#[derive(Default)]
struct Last {
    sent: u32,
    after: u32,
}

impl Driver<machine::Machine> for Last {
    fn start_timer(&mut self, timer: machine::Timer, generation: u32, _: Duration) {
        match timer {
            machine::Timer::Sent => self.sent = generation,
            machine::Timer::WorkBusyAfter2s => self.after = generation,
        }
    }
}

impl Driver<blocking::Machine> for Last {
    fn start_timer(&mut self, timer: blocking::Timer, generation: u32, _: Duration) {
        match timer {
            blocking::Timer::Sent => self.sent = generation,
            blocking::Timer::WorkBusyAfter2s => self.after = generation,
        }
    }
}

/// Polls once: nothing here waits for anything.
fn now<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("a handler waits"),
    }
}

/// Goes through everything that the machine of a module has, and gives what it counted meanwhile.
macro_rules! visit {
    ($module:ident) => {{
        use $module::{AStepAllocatesNothing, Event, Timer, event::Go};
        let (mut subject, mut last) = (AStepAllocatesNothing::new(Quiet), Last::default());
        assert_eq!(now(Service::start(&mut subject, &mut last)), Ok(Outcome::Transitioned));
        for _ in 0..3 {
            assert!(matches!(now(Service::handle(&mut subject, &mut last, &Event::Later)), Ok(Outcome::Deferred(_))));
            assert_eq!(now(Service::handle(&mut subject, &mut last, &Go { n: 3 }.into())), Ok(Outcome::Transitioned));
            let sent = last.sent;
            assert_eq!(now(Service::fire(&mut subject, &mut last, Timer::Sent, sent)), Ok(Outcome::Handled));
            for event in [Event::Stop, Event::Back] {
                assert_eq!(now(Service::handle(&mut subject, &mut last, &event)), Ok(Outcome::Transitioned));
            }
            let after = last.after;
            assert_eq!(
                now(Service::fire(&mut subject, &mut last, Timer::WorkBusyAfter2s, after)),
                Ok(Outcome::Transitioned)
            );
        }
        let context = subject.context();
        [context.seen, context.pings, context.ticks]
    }};
}

#[test]
fn steps_allocate_nothing() {
    // Twice, so that what a first run sets up is no excuse.
    for counts in [measure_both(), measure_both()] {
        for (mode, counted, visited) in counts {
            assert_eq!(visited, [9, 3, 3], "{mode}: everything has happened");
            assert_eq!(counted, 0, "{mode}");
        }
    }
    assert!(measure(|| drop(Box::new(1))).count_total > 0, "the allocator counts");
}

/// Allocations of each mode, and the context behind it.
fn measure_both() -> [(&'static str, u64, [u32; 3]); 2] {
    let mut visited = [[0; 3]; 2];
    let asynchronous = measure(|| visited[0] = visit!(machine)).count_total;
    let synchronous = measure(|| visited[1] = visit!(blocking)).count_total;
    [("async", asynchronous, visited[0]), ("sync", synchronous, visited[1])]
}
