//! What a user sees when fsmc itself is wrong: not a backtrace, but what happened and what to do.

use std::panic::{self, PanicHookInfo};

use crate::output;

/// From here on a panic is reported as a bug.
pub(crate) fn install() {
    panic::set_hook(Box::new(|info| output::stderr(&report(info))));
}

fn report(info: &PanicHookInfo<'_>) -> String {
    let what = info.payload_as_str().unwrap_or("no message");
    let place = info.location().map_or_else(|| "an unknown place".to_owned(), ToString::to_string);
    let arguments: Vec<String> = std::env::args_os().skip(1).map(|arg| arg.to_string_lossy().into_owned()).collect();
    format!(
        "error: this is a bug in fsmc, not in your spec: {what} ({place})\n\
         help: please report it with the spec and these words: fsmc {} {}\n",
        env!("CARGO_PKG_VERSION"),
        arguments.join(" "),
    )
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[test]
    fn a_panic_is_reported_as_a_bug() {
        static SAID: Mutex<String> = Mutex::new(String::new());
        let before = panic::take_hook();
        panic::set_hook(Box::new(|info| *SAID.lock().expect("no panic while it is held") = report(info)));
        let ended = panic::catch_unwind(|| panic!("the invariant {} is broken", 7));
        panic::set_hook(before);
        let said = SAID.lock().expect("no panic while it is held");
        assert!(ended.is_err());
        assert!(
            said.starts_with("error: this is a bug in fsmc, not in your spec: the invariant 7 is broken (fsmc/"),
            "{said}"
        );
        assert!(said.contains("please report it"), "{said}");
    }
}
