//! What the pages share, while visitors come and go.

use super::*;
use std::sync::mpsc;
use tokio::sync::oneshot;

fn web(folder: &std::path::Path) -> WebState {
    let store = Store::sqlite(&folder.join("book.db")).expect("a book");
    let now = Timestamp::from_seconds(1_790_812_800);
    let traeger = store.ensure_traeger("Kreis Musterland", now).expect("a Träger").id;
    let config = Config {
        store,
        traeger,
        traeger_name: "Kreis Musterland".to_owned(),
        clock: Arc::new(move || now),
        zone: Zone::BERLIN,
        hosts: Vec::new(),
        token: None,
        https: false,
        sign_in: None,
        courier: None,
    };
    WebState::new(config).expect("random numbers")
}

#[tokio::test]
async fn whoever_hangs_up_frees_no_place_before_the_hash_is_made() {
    let folder = tempfile::tempdir().expect("a folder");
    let web = web(folder.path());
    let (waiting, hashing) = (web.0.waiting.clone(), web.0.hashing.clone());
    let all = (waiting.available_permits(), hashing.available_permits());
    let (begun, begins) = oneshot::channel();
    let (end, ends) = mpsc::channel();
    let asked = tokio::spawn(async move {
        let place = web.place_for_hashing().expect("a place");
        let work = move || {
            begun.send(()).expect("somebody waits");
            ends.recv().expect("the end");
        };
        web.hashing(place, work).await.is_ok()
    });
    begins.await.expect("the work begins");
    asked.abort();
    assert!(asked.await.expect_err("hung up").is_cancelled());
    assert_eq!((waiting.available_permits(), hashing.available_permits()), (all.0 - 1, all.1 - 1));
    end.send(()).expect("the work goes on");
    for (places, many) in [(hashing, all.1), (waiting, all.0)] {
        let many = u32::try_from(many).expect("a number");
        assert!(places.acquire_many(many).await.is_ok(), "and then they are free");
    }
}
