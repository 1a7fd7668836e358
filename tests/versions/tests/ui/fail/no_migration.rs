use versions::delivery::Delivery;

struct Json;

impl fsm_runtime::core::Stored for Json {
    type Error = std::convert::Infallible;

    fn read<T: serde::de::DeserializeOwned>(&self) -> Result<T, Self::Error> {
        unimplemented!()
    }
}

#[derive(Clone)]
struct Hands;

impl versions::delivery::Actions for Hands {
    fn call_in(&mut self) {}
    fn navigate(self) {}
}

struct Migration;

fn main() {
    let _ = Delivery::restore_any(Hands, &Json, &Migration);
}
