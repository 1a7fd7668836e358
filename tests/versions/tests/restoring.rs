//! Snapshots of every version, written as JSON when that version ran, and restored by the machine of today.

use std::fmt;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use fsm_runtime::core::{Driver, MigrateError, Outcome, RestoreError, Service, Status, Stored};
use versions::delivery::{self, Delivery, state, unversioned, v2};
use versions::{first, second};

/// How this program stores its snapshots.
struct Json(String);

impl Json {
    fn of(snapshot: &impl serde::Serialize) -> Self {
        Self(serde_json::to_string(snapshot).expect("it has serde's traits"))
    }
}

impl Stored for Json {
    type Error = serde_json::Error;

    fn read<T: serde::de::DeserializeOwned>(&self) -> Result<T, Self::Error> {
        serde_json::from_str(&self.0)
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Hands;

impl first::delivery::Actions for Hands {}

impl second::delivery::Actions for Hands {
    fn call_in(&mut self) {}
}

impl delivery::Actions for Hands {
    fn call_in(&mut self) {}
    fn navigate(self) {}
}

/// What this program decided.
struct Plan {
    /// What waits for the evening in the second version.
    keeps_sent: bool,
}

#[derive(Debug, PartialEq)]
struct NoCourier;

impl fmt::Display for NoCourier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("nobody drives")
    }
}

impl delivery::Migrate for Plan {
    type Error = NoCourier;

    fn migrate_unversioned(&self, old: unversioned::Parts) -> Result<v2::Parts, NoCourier> {
        let unversioned::Parts { state, context, history, timers } = old;
        if context.name.is_empty() {
            return Err(NoCourier);
        }
        let state = match state {
            unversioned::State::Depot => v2::State::Depot,
            unversioned::State::Driving => v2::State::Driving(v2::state::Driving { late: false }),
            unversioned::State::Late => v2::State::Driving(v2::state::Driving { late: true }),
            unversioned::State::Delivering(inner) => v2::State::Delivering(match inner {
                unversioned::state::Delivering::Ringing => v2::state::Delivering::Calling,
                unversioned::state::Delivering::Handing => v2::state::Delivering::Handing,
            }),
            unversioned::State::Paused => v2::State::Paused,
        };
        let timers = v2::Timers {
            driving_every_15min: Some(Duration::from_mins(15)),
            driving_after_45min: timers.driving_after_30min.or(timers.late_after_2h),
        };
        Ok(v2::Parts {
            state,
            context: v2::Context { parcels: context.parcels.into(), courier: context.name },
            history: v2::History { delivering_last: history.delivering_last },
            timers,
        })
    }

    fn migrate_unversioned_event(&self, old: unversioned::Event) -> Result<Option<v2::Event>, NoCourier> {
        Ok(match old {
            unversioned::Event::Ring => Some(v2::event::Ring { times: 2 }.into()),
            unversioned::Event::Remind(old) => Some(v2::event::Remind { what: old.what }.into()),
            _ => None,
        })
    }

    fn migrate_v2(&self, old: v2::Parts) -> Result<delivery::Parts, NoCourier> {
        let v2::Parts { state, context, history, timers } = old;
        let inside = |door| state::Delivering { door, van: state::delivering::Van::Locked };
        let state = match state {
            v2::State::Depot => delivery::State::Depot,
            v2::State::Driving(old) => delivery::State::Driving(state::Driving { late: old.late }),
            v2::State::Delivering(v2::state::Delivering::Calling) => {
                delivery::State::Delivering(inside(state::delivering::Door::Calling))
            }
            v2::State::Delivering(v2::state::Delivering::Handing) => {
                delivery::State::Delivering(inside(state::delivering::Door::Handing))
            }
            v2::State::Paused => delivery::State::Paused,
        };
        let last = history.delivering_last.map(|child| match child {
            0 => inside(state::delivering::Door::Calling),
            _ => inside(state::delivering::Door::Handing),
        });
        Ok(delivery::Parts {
            state,
            context: delivery::Context { parcels: context.parcels, courier: context.courier, tries: 7 },
            history: delivery::History { delivering_last: last },
            timers: delivery::Timers {
                driving_every_10min: timers.driving_every_15min,
                // In every state, as generated code knows which are active.
                delivering_van_after_20min: Some(Duration::from_mins(20)),
            },
        })
    }

    fn migrate_v2_event(&self, old: v2::Event) -> Result<Option<delivery::Event>, NoCourier> {
        Ok(match old {
            v2::Event::Ring(old) => Some(delivery::event::Ring { times: old.times }.into()),
            v2::Event::Done if self.keeps_sent => Some(delivery::Event::Done),
            _ => None,
        })
    }
}

const PLAN: Plan = Plan { keeps_sent: false };

/// Writes down which timers and invokes start.
struct Diary(Vec<String>);

impl Driver<delivery::Machine> for Diary {
    fn start_timer(&mut self, timer: delivery::Timer, generation: u32, delay: Duration) {
        self.0.push(format!("{timer:?} {generation} {delay:?}"));
    }

    fn start_invoke(&mut self, invoke: delivery::Invoke, _: u32) {
        self.0.push(format!("{invoke:?}"));
    }
}

fn started(machine: &mut Delivery<Hands>) -> Vec<String> {
    let mut diary = Diary(Vec::new());
    assert_eq!(at_once(Service::start(machine, &mut diary)), Ok(Outcome::Handled));
    diary.0
}

/// What a synchronous machine gives: its handlers never wait.
fn at_once<T>(step: impl Future<Output = T>) -> T {
    match pin!(step).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(result) => result,
        Poll::Pending => unreachable!("nothing waits"),
    }
}

/// The first version after these events.
fn first_after(events: &[first::delivery::Event]) -> first::delivery::Delivery<Hands> {
    let context = first::delivery::Context { parcels: 3, name: "Ada".to_owned() };
    let mut machine = first::delivery::Delivery::with_context(Hands, context);
    assert_eq!(machine.start(), Ok(Outcome::Transitioned));
    for event in events {
        assert!(machine.handle(event).is_ok());
    }
    machine
}

fn minutes(minutes: u64) -> Duration {
    Duration::from_secs(60 * minutes)
}

#[test]
fn a_snapshot_of_the_first_version_goes_through_all_of_them() {
    use first::delivery::{Event, Timer};
    let machine = first_after(&[Event::Go, Event::Ring]);
    let snapshot = machine.snapshot(|timer, _| if timer == Timer::Sent { minutes(50) } else { minutes(20) });
    let mut restored = Delivery::restore_any(Hands, &Json::of(&snapshot), &PLAN).expect("there is a way");
    assert_eq!(*restored.state(), delivery::State::Driving(state::Driving { late: false }));
    assert_eq!(*restored.context(), delivery::Context { parcels: 3, courier: "Ada".to_owned(), tries: 7 });
    assert_eq!(restored.machine().status(), Status::Suspended);
    // The timer of the van is not there, as its state is not active; the reminder was dropped.
    assert_eq!(started(&mut restored), ["DrivingEvery10min 1 900s", "Navigate"]);
    // Who rang while the van was on its way is heard at the door, as often as the plan says.
    assert_eq!(restored.handle(&delivery::Event::Arrive), Ok(Outcome::Transitioned));
    assert_eq!(restored.state().to_string(), "Delivering.Door.Handing, Delivering.Van.Locked");
    let again = Json::of(&restored.snapshot(|_, _| minutes(1)));
    let again = Delivery::restore_any(Hands, &again, &PLAN).expect("its own snapshots need no way");
    assert_eq!(again.state(), restored.state());
}

#[test]
fn a_state_that_is_gone_has_its_timers_where_the_plan_puts_them() {
    use first::delivery::{Event, Timer};
    let mut machine = first_after(&[Event::Go]);
    // The reminder was the first to start.
    let generation = 2;
    let late = at_once(Service::fire(&mut machine, &mut (), Timer::DrivingAfter30min, generation));
    assert_eq!(late, Ok(Outcome::Transitioned));
    assert_eq!(*machine.state(), first::delivery::State::Late);
    let snapshot = machine.snapshot(|timer, _| if timer == Timer::Sent { minutes(50) } else { minutes(90) });
    let restored = Delivery::restore_any(Hands, &Json::of(&snapshot), &PLAN).expect("there is a way");
    assert_eq!(*restored.state(), delivery::State::Driving(state::Driving { late: true }));
}

#[test]
fn history_is_carried_over() {
    use first::delivery::Event;
    let machine = first_after(&[Event::Go, Event::Arrive, Event::Ring, Event::Pause]);
    let snapshot = machine.snapshot(|_, _| minutes(1));
    let mut restored = Delivery::restore_any(Hands, &Json::of(&snapshot), &PLAN).expect("there is a way");
    assert_eq!(*restored.state(), delivery::State::Paused);
    started(&mut restored);
    assert_eq!(restored.handle(&delivery::Event::Resume), Ok(Outcome::Transitioned));
    assert_eq!(restored.state().to_string(), "Delivering.Door.Handing, Delivering.Van.Locked");
}

#[test]
fn a_snapshot_of_the_second_version_takes_one_step() {
    let context = second::delivery::Context { parcels: 4, courier: "Bob".to_owned() };
    let mut machine = second::delivery::Delivery::with_context(Hands, context);
    assert_eq!(machine.start(), Ok(Outcome::Transitioned));
    assert_eq!(machine.handle(&second::delivery::Event::Go), Ok(Outcome::Transitioned));
    let stored = Json::of(&machine.snapshot(|_, _| minutes(5)));
    let mut restored = Delivery::restore_any(Hands, &stored, &PLAN).expect("there is a way");
    assert_eq!(restored.context().courier, "Bob");
    assert_eq!(started(&mut restored), ["DrivingEvery10min 1 300s", "Navigate"]);
    // This version sends nothing with a delay.
    let refused = Delivery::restore_any(Hands, &stored, &Plan { keeps_sent: true }).expect_err("there is no room");
    assert!(matches!(refused, MigrateError::Restore(RestoreError::Room { room: 0 })), "{refused:?}");
}

#[test]
fn what_was_written_once_is_read_for_good() {
    let text = include_str!("first.json");
    let snapshot: first::delivery::Snapshot = serde_json::from_str(text).expect("the form did not change");
    assert_eq!(snapshot.machine.state(), &first::delivery::State::Driving);
    let restored = Delivery::restore_any(Hands, &Json(text.to_owned()), &PLAN).expect("there is a way");
    assert_eq!(*restored.context(), delivery::Context { parcels: 3, courier: "Ada".to_owned(), tries: 7 });
    // In whatever order a store gives it back.
    let sorted: serde_json::Value = serde_json::from_str(text).expect("JSON");
    assert!(Delivery::restore_any(Hands, &Json::of(&sorted), &PLAN).is_ok());
}

#[test]
fn what_nobody_knows_is_refused_and_named() {
    let mut value: serde_json::Value = serde_json::from_str(include_str!("first.json")).expect("JSON");
    let hash = value["hash"].clone();
    value["version"] = "9".into();
    let refused = Delivery::restore_any(Hands, &Json(value.to_string()), &PLAN).expect_err("nobody knows it");
    let MigrateError::Restore(RestoreError::Unknown { found, known }) = refused else { panic!("{refused:?}") };
    assert_eq!((found.version.as_str(), hash.as_u64()), ("9", Some(found.hash)));
    let versions: Vec<&str> = known.iter().map(|known| known.version).collect();
    assert_eq!(versions, ["3", "2", ""]);
    let said = refused.to_string();
    assert!(
        said.starts_with("the snapshot is of version `9` with hash 0x") && said.contains("known are `3`"),
        "{said}"
    );

    // Of a known version, but not what that version was.
    value["version"] = "2".into();
    let refused = Delivery::restore_any(Hands, &Json(value.to_string()), &PLAN).expect_err("another hash");
    assert!(matches!(refused, MigrateError::Restore(RestoreError::Unknown { .. })));

    for text in ["", "{}", "{\"version\":\"2\",\"hash\":-1}", "null"] {
        let refused = Delivery::restore_any(Hands, &Json(text.to_owned()), &PLAN).expect_err("it is no snapshot");
        assert!(matches!(refused, MigrateError::Read(_)), "{text}: {refused:?}");
    }
}

#[test]
fn a_migration_can_refuse() {
    let mut value: serde_json::Value = serde_json::from_str(include_str!("first.json")).expect("JSON");
    value["machine"]["context"]["name"] = "".into();
    let refused = Delivery::restore_any(Hands, &Json(value.to_string()), &PLAN).expect_err("nobody drives");
    assert!(matches!(refused, MigrateError::Migrate(NoCourier)), "{refused:?}");
    assert_eq!(refused.to_string(), "the snapshot cannot be migrated: nobody drives");
}

/// What `fsmc diff` says of a pair of versions is what serde does.
#[test]
fn whatever_fits_can_be_read_as_the_new_machine() {
    use versions::fitting::messages_fit::new::till::{Event, event};

    let expected = [
        ("added_state", "Off"),
        ("behaviour", "Off"),
        ("events", "Open"),
        ("fields_fit", "Idle"),
        ("messages_fit", "Open"),
        ("nothing", "Off"),
        ("timers", "Closed"),
        ("version_only", "Off"),
    ];
    let read: Vec<(&str, String)> = versions::fitting::ALL.iter().map(|(name, read)| (*name, read())).collect();
    assert_eq!(read, expected.map(|(name, state)| (name, state.to_owned())));

    let read = |text: &str| serde_json::from_str::<Event>(text).map_err(|error| error.to_string());
    let paid = event::Pay { amount: 3, tip: 0, note: None };
    assert_eq!(read(r#"{"type":"Pay","amount":3}"#), Ok(paid.into()));
    assert_eq!(read(r#"{"type":"Close"}"#), Ok(event::Close { by: 0 }.into()));
}
