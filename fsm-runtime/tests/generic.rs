//! One generic machine over two types, asynchronous and synchronous, stepped by hand and on the runtime.
#![cfg(feature = "macros")]
#![allow(clippy::unwrap_used, reason = "in a test a panic is the report")]

use std::fmt::Debug;

use fsm_runtime::{Outcome, Reason, fsm, spawn};

fsm!("tests/crane.yaml");
fsm!("tests/hoist.yaml");

/// What a crane moves with.
pub trait Motor {
    /// What it can carry.
    type Load: Clone + Debug + PartialEq;

    /// Takes a load on.
    fn take(&mut self, load: &Self::Load);
}

/// Counts what it takes.
#[derive(Debug, Clone, PartialEq)]
struct Servo(u32);

impl Motor for Servo {
    type Load = u32;

    fn take(&mut self, load: &u32) {
        self.0 += load;
    }
}

/// Borrows where it writes; it cannot be compared, nor made from nothing.
#[derive(Clone)]
struct Winch(&'static str, Vec<String>);

impl Motor for Winch {
    type Load = String;

    fn take(&mut self, load: &String) {
        self.1.push(format!("{} {load}", self.0));
    }
}

#[derive(Clone)]
struct Hands;

impl<M: Motor<Load: Send + Sync> + Send, const MOST: u32> crane::Actions<M, MOST> for Hands {
    async fn hoist(&mut self, motor: &mut M, load: &M::Load) {
        motor.take(load);
    }

    async fn carry(self, motor: M, load: M::Load) -> M::Load {
        tokio::task::yield_now().await;
        drop(motor);
        load
    }
}

impl<M: Motor, const MOST: u32> hoist::Actions<M, MOST> for Hands {
    fn hoist(&mut self, motor: &mut M, load: &M::Load) {
        motor.take(load);
    }

    fn carry(self, motor: M, load: M::Load) -> M::Load {
        drop(motor);
        load
    }
}

fn winch() -> Winch {
    Winch("winch", Vec::new())
}

#[tokio::test]
async fn a_generic_machine_runs_on_the_runtime_over_either_type() {
    let context = crane::Context { motor: Servo(0), lifted: 0, last: None };
    let servo = spawn(crane::Crane::<Hands, Servo, 2>::with_context(Hands, context));
    let context = crane::Context { motor: winch(), lifted: 0, last: None };
    let winch = spawn(crane::Crane::<Hands, Winch, 1>::with_context(Hands, context));
    for load in [3, 4, 5] {
        servo.send(crane::event::Lift::<Servo> { load }).await.unwrap();
    }
    winch.send(crane::event::Lift::<Winch> { load: "stone".to_owned() }).await.unwrap();
    // The second is deferred until the first is carried, the third is refused by `MOST`.
    while servo.inspect(|crane| crane.context().lifted).await != Ok(2) {
        tokio::task::yield_now().await;
    }
    while winch.inspect(|crane| crane.context().lifted).await != Ok(1) {
        tokio::task::yield_now().await;
    }
    assert_eq!(servo.inspect(|crane| (crane.context().motor.0, crane.context().last)).await, Ok((7, Some(4))));
    assert_eq!(winch.inspect(|crane| crane.context().last.clone()).await, Ok(Some("stone".to_owned())));
    servo.send(crane::Event::Shut).await.unwrap();
    winch.send(crane::Event::Shut).await.unwrap();
    assert_eq!((servo.join().await.reason, winch.join().await.reason), (Reason::Finished, Reason::Finished));
}

#[tokio::test]
async fn data_of_a_parameter_comes_back_by_history() {
    let context = crane::Context { motor: winch(), lifted: 0, last: None };
    let mut crane = crane::Crane::<Hands, Winch, 1>::with_context(Hands, context);
    assert_eq!(crane.start().await, Ok(Outcome::Transitioned));
    let lift = crane::event::Lift::<Winch> { load: "stone".to_owned() }.into();
    assert_eq!(crane.handle(&lift).await, Ok(Outcome::Transitioned));
    assert_eq!(crane.handle(&crane::Event::Park).await, Ok(Outcome::Transitioned));
    let restored = crane::Crane::<Hands, Winch, 1>::restore(Hands, crane.snapshot(|_, _| std::time::Duration::ZERO));
    let mut crane = restored.unwrap();
    assert_eq!(crane.start().await, Ok(Outcome::Handled));
    assert_eq!(crane.handle(&crane::Event::Resume).await, Ok(Outcome::Transitioned));
    assert!(matches!(
        crane.state(),
        crane::State::Working(crane::state::Working::Loaded(crane::state::working::Loaded { load })) if load == "stone"
    ));
    assert_eq!(crane.context().motor.1, ["winch stone"]);
}

#[test]
fn a_generic_machine_steps_synchronously_over_either_type() {
    let context = hoist::Context { motor: Servo(1), lifted: 0, last: None };
    let mut servo = hoist::Hoist::<Hands, Servo, 1>::with_context(Hands, context);
    assert_eq!(servo.start(), Ok(Outcome::Transitioned));
    assert_eq!(servo.handle(&hoist::event::Lift::<Servo> { load: 2 }.into()), Ok(Outcome::Transitioned));
    assert_eq!(servo.context().motor, Servo(3));

    let context = hoist::Context { motor: winch(), lifted: 1, last: None };
    let mut winch = hoist::Hoist::<Hands, Winch, 1>::with_context(Hands, context);
    assert_eq!(winch.start(), Ok(Outcome::Transitioned));
    let lift = hoist::event::Lift::<Winch> { load: "stone".to_owned() }.into();
    assert_eq!(winch.handle(&lift), Ok(Outcome::Rejected));
}
