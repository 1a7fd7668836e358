//! Timers without a runtime: a clock, and a bounded list of what is pending.
//!
//! A program that has neither tokio nor an allocator runs a machine with timers by lending [`Alarms`] to its steps as their
//! [`Driver`]. It waits until [`Alarms::next_deadline`], or for an event; then it takes what is due and gives it to
//! [`super::Service::fire`], and after that the event to [`super::Service::handle`] (SEMANTICS.md, 14.8). For a million
//! machines there is a wheel, `fsm_runtime::timers`; here are a handful of timers in an array.

use core::fmt;
use core::time::Duration;

use super::{Driver, Machine, Ring};

/// A source of time.
pub trait Clock {
    /// How long it is since a start of the clock's choice. It never goes back.
    fn now(&self) -> Duration;
}

/// A clock that is lent.
impl<C: Clock + ?Sized> Clock for &C {
    fn now(&self) -> Duration {
        (**self).now()
    }
}

/// The pending timers of one machine, at most `N`: a driver that ignores everything else.
///
/// `M::DEFINITION.timers.len()` is enough for a machine that sends itself no delayed events; those take as many more as
/// the spec's `queue:` says. A driver of your own has an `Alarms` as a field and calls [`Alarms::start`] and
/// [`Alarms::cancel`].
///
/// ```
/// use core::cell::Cell;
/// use core::time::Duration;
/// use fsm_runtime::core::{Alarms, Clock};
///
/// struct Hand(Cell<u64>);
///
/// impl Clock for Hand {
///     fn now(&self) -> Duration {
///         Duration::from_secs(self.0.get())
///     }
/// }
///
/// let clock = Hand(Cell::new(100));
/// let mut alarms: Alarms<&str, _, 4> = Alarms::new(&clock);
/// alarms.start("relock", 1, Duration::from_secs(5));
/// alarms.start("beep", 2, Duration::from_secs(2));
/// alarms.cancel(2);
/// assert_eq!(alarms.next_deadline(), Some(Duration::from_secs(105)));
/// assert_eq!(alarms.take_due(clock.now()), Ok(None));
/// clock.0.set(105);
/// let alarm = alarms.take_due(clock.now()).unwrap().unwrap();
/// assert_eq!((alarm.timer, alarm.generation), ("relock", 1));
/// ```
#[derive(Clone)]
pub struct Alarms<T, C, const N: usize> {
    clock: C,
    /// By deadline, and among equal ones by start.
    pending: Ring<Alarm<T>, N>,
    lost: Option<NoRoom<T>>,
}

/// A pending timer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Alarm<T> {
    /// Which one.
    pub timer: T,
    /// The number under which the machine started it.
    pub generation: u32,
    /// When it is due, on the clock of its [`Alarms`].
    pub deadline: Duration,
}

/// A timer was started and there was no room for it: it will not come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoRoom<T> {
    /// The first one for which there was none.
    pub timer: T,
    /// The number under which the machine started it.
    pub generation: u32,
    /// How many timers there is room for.
    pub room: usize,
    /// How many found none.
    pub count: u32,
}

impl<T> fmt::Display for NoRoom<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { room, count, .. } = self;
        write!(f, "there is room for {room} timers, and {count} more started; give `Alarms` a larger `N`")
    }
}

impl<T: fmt::Debug> core::error::Error for NoRoom<T> {}

impl<T, C: Clock, const N: usize> Alarms<T, C, N> {
    /// None pending.
    pub const fn new(clock: C) -> Self {
        Self { clock, pending: Ring::new(), lost: None }
    }

    /// The clock.
    pub const fn clock(&self) -> &C {
        &self.clock
    }

    /// Starts a timer. Where there is no room for it the next [`Alarms::take_due`] says so. A delay beyond the end of
    /// [`Duration`] never comes.
    pub fn start(&mut self, timer: T, generation: u32, delay: Duration) {
        let Some(deadline) = self.clock.now().checked_add(delay) else { return };
        let earlier = self.pending.iter().take_while(|alarm| alarm.deadline <= deadline).count();
        if let Err(Alarm { timer, generation, .. }) =
            self.pending.insert(earlier, Alarm { timer, generation, deadline })
        {
            let lost = self.lost.get_or_insert(NoRoom { timer, generation, room: N, count: 0 });
            lost.count = lost.count.saturating_add(1);
        }
    }

    /// Takes a timer back: it will not come.
    pub fn cancel(&mut self, generation: u32) {
        self.pending.take(|alarm| alarm.generation == generation);
    }

    /// When there is something to take: the earliest deadline, or the clock's start where [`Alarms::take_due`] has an
    /// error to report.
    pub fn next_deadline(&self) -> Option<Duration> {
        if self.lost.is_some() {
            return Some(Duration::ZERO);
        }
        self.pending.get(0).map(|alarm| alarm.deadline)
    }

    /// When the timer of that generation is due, if it is pending: what a snapshot keeps is what is left until then.
    pub fn deadline(&self, generation: u32) -> Option<Duration> {
        self.pending.iter().find(|alarm| alarm.generation == generation).map(|alarm| alarm.deadline)
    }

    /// Takes the next timer that is due by `now`, if one is.
    ///
    /// # Errors
    /// The first timer since the last call for which there was no room. Those that are pending are not touched, and come
    /// with the next calls.
    pub fn take_due(&mut self, now: Duration) -> Result<Option<Alarm<T>>, NoRoom<T>> {
        if let Some(lost) = self.lost.take() {
            return Err(lost);
        }
        let due = self.pending.get(0).is_some_and(|alarm| alarm.deadline <= now);
        Ok(if due { self.pending.pop() } else { None })
    }
}

impl<M: Machine, C: Clock, const N: usize> Driver<M> for Alarms<M::Timer, C, N> {
    fn start_timer(&mut self, timer: M::Timer, generation: u32, delay: Duration) {
        self.start(timer, generation, delay);
    }

    fn cancel_timer(&mut self, _: M::Timer, generation: u32) {
        self.cancel(generation);
    }
}

#[cfg(test)]
mod tests {
    use core::cell::Cell;
    use core::time::Duration;

    use super::{Alarms, Clock, NoRoom};

    struct Hand(Cell<Duration>);

    impl Clock for Hand {
        fn now(&self) -> Duration {
            self.0.get()
        }
    }

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn alarms_come_by_deadline_then_by_start_and_never_early() {
        let clock = Hand(Cell::new(SECOND));
        let mut alarms: Alarms<char, _, 5> = Alarms::new(&clock);
        for (generation, (timer, delay)) in (1..).zip([('d', 9), ('b', 3), ('x', 2), ('a', 2), ('c', 3)]) {
            alarms.start(timer, generation, SECOND * delay);
        }
        alarms.cancel(3);
        alarms.cancel(77);
        assert_eq!((alarms.deadline(5), alarms.deadline(3)), (Some(SECOND * 4), None));
        assert_eq!(alarms.take_due(Duration::from_nanos(2_999_999_999)), Ok(None));
        assert_eq!(alarms.next_deadline(), Some(SECOND * 3));
        let mut come = || alarms.take_due(SECOND * 4).map(|due| due.map(|alarm| (alarm.timer, alarm.generation)));
        assert_eq!(
            [come(), come(), come(), come()],
            [Ok(Some(('a', 4))), Ok(Some(('b', 2))), Ok(Some(('c', 5))), Ok(None)]
        );
    }

    #[test]
    fn a_timer_without_room_is_an_error_and_takes_nothing_along() {
        let clock = Hand(Cell::new(SECOND));
        let mut alarms: Alarms<u8, _, 2> = Alarms::new(&clock);
        for timer in 1..=4 {
            alarms.start(timer, timer.into(), SECOND);
        }
        // Whoever waits for the next deadline does not wait now.
        assert_eq!(alarms.next_deadline(), Some(Duration::ZERO));
        let lost = NoRoom { timer: 3, generation: 3, room: 2, count: 2 };
        assert_eq!(lost.to_string(), "there is room for 2 timers, and 2 more started; give `Alarms` a larger `N`");
        assert_eq!(alarms.take_due(SECOND), Err(lost));
        assert_eq!((alarms.take_due(SECOND), alarms.next_deadline()), (Ok(None), Some(SECOND * 2)));
        let timers =
            [alarms.take_due(SECOND * 2), alarms.take_due(SECOND * 2)].map(|due| due.map(|due| due.map(|it| it.timer)));
        assert_eq!(timers, [Ok(Some(1)), Ok(Some(2))]);
    }

    #[test]
    fn a_delay_beyond_the_end_of_time_never_comes() {
        let clock = Hand(Cell::new(SECOND));
        let mut alarms: Alarms<u8, _, 1> = Alarms::new(&clock);
        alarms.start(1, 1, Duration::MAX);
        assert_eq!((alarms.next_deadline(), alarms.take_due(Duration::MAX)), (None, Ok(None)));
        let mut none: Alarms<u8, _, 0> = Alarms::new(&clock);
        assert_eq!(none.take_due(Duration::MAX), Ok(None));
        none.start(1, 1, SECOND);
        assert!(none.take_due(SECOND).is_err());
    }
}
