use std::convert::Infallible;

use versions::delivery::{self, unversioned, v2};

struct Migration;

impl delivery::Migrate for Migration {
    type Error = Infallible;

    fn migrate_v2(&self, _: v2::Parts) -> Result<delivery::Parts, Infallible> {
        unimplemented!()
    }

    fn migrate_v2_event(&self, _: v2::Event) -> Result<Option<delivery::Event>, Infallible> {
        Ok(None)
    }

    fn migrate_unversioned_event(&self, _: unversioned::Event) -> Result<Option<v2::Event>, Infallible> {
        Ok(None)
    }
}

fn main() {}
