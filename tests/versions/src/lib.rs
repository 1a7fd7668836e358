//! A machine in its third version, `delivery`, and the two versions that ran before it, each as a machine of its own.

/// What ran before there were versions.
pub mod first {
    include!(concat!(env!("OUT_DIR"), "/old/delivery_v1.rs"));
}

/// What ran then.
pub mod second {
    include!(concat!(env!("OUT_DIR"), "/old/delivery_v2.rs"));
}

/// The machine of today where nothing older than the second version is stored.
pub mod one_step {
    include!(concat!(env!("OUT_DIR"), "/one/delivery.rs"));
}

include!(concat!(env!("OUT_DIR"), "/delivery.rs"));

/// Pairs of versions of which the compiler says that old snapshots fit.
#[allow(missing_docs, reason = "generated, and only tests look at it")]
pub mod fitting {
    use std::time::Duration;

    use fsm_runtime::core::Snapshot;

    /// What a snapshot of the old machine is when the new one has read and written it; or why it cannot be read.
    macro_rules! fitting {
        ($($old:ident)::+, $($new:ident)::+) => {
            || {
                use $($old)::+ as old;
                use $($new)::+ as new;
                let machine = old::Machine::new(old::Context::default());
                let snapshot: old::Snapshot = Snapshot::new(&old::DEFINITION, machine, [Duration::ZERO; _]);
                let text = serde_json::to_string(&snapshot).unwrap_or_default();
                match serde_json::from_str::<new::Snapshot>(&text) {
                    Ok(read) => read.machine.state().to_string(),
                    Err(error) => format!("{error}: {text}"),
                }
            }
        };
    }

    include!(concat!(env!("OUT_DIR"), "/fitting.rs"));
}
