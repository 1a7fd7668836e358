use versions::delivery::{unversioned, v2};

fn state(old: unversioned::State) -> v2::State {
    match old {
        unversioned::State::Depot => v2::State::Depot,
        unversioned::State::Driving => v2::State::Driving(v2::state::Driving { late: false }),
        unversioned::State::Delivering(_) => v2::State::Delivering(v2::state::Delivering::Calling),
        unversioned::State::Paused => v2::State::Paused,
    }
}

fn main() {}
