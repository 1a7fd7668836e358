//! A config as XState writes it goes through the macro, and its JSON reaches the handlers.
#![cfg(feature = "macros")]
#![allow(clippy::unwrap_used, reason = "in a test a panic is the report")]

use std::sync::{Arc, Mutex, PoisonError};

use fsm_runtime::fsm;
use fsm_runtime::{Reason, spawn};
use serde_json::{Value, json};

fsm!("tests/xstate.json");

#[derive(Clone, Default)]
struct Shop(Arc<Mutex<Vec<Value>>>);

impl Shop {
    fn note(&self, values: impl IntoIterator<Item = Value>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend(values);
    }
}

impl shop::Actions for Shop {
    fn allowed(&self, roles: Value) -> bool {
        roles == json!(["admin", "user"])
    }

    async fn track(&mut self, tags: Value, more: Value, none: Value) {
        self.note([tags, more, none]);
    }

    async fn load(self, ids: Value, filter: Value) {
        self.note([ids, filter]);
    }
}

#[tokio::test]
async fn lists_objects_and_null_are_arguments() {
    let shop = Shop::default();
    let handle = spawn(shop::Shop::new(shop.clone()));
    handle.send(shop::Event::Leave).await.unwrap();
    handle.send(shop::Event::Buy).await.unwrap();
    assert_eq!(handle.join().await.reason, Reason::Finished);
    let noted = std::mem::take(&mut *shop.0.lock().unwrap());
    let entered = [json!(["a", 1, null]), json!({ "x": -1.5, "y": { "z": true } }), Value::Null];
    assert_eq!(noted, [&entered[..], &[json!([1, 2]), json!({ "q": "x y" })]].concat());
}
