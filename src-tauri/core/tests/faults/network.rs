//! Lines that break, stall or crawl.

use crate::desk::{LARGE, MIB, done, noise};
use crate::line::{begun, behind_a_proxy, quick};
use satchel_core::transfers::{OnConflict, State};
use satchel_practice::proxy::{End, Line};

#[tokio::test]
async fn f15_a_third_of_all_connections_break_at_some_byte_and_all_arrives() {
    for polite in [false, true] {
        let (desk, proxy) = behind_a_proxy(quick(), 15).await;
        proxy.deal(move |number, dice| {
            let after = dice.below(8 * MIB as u64);
            // The second in any case: few connections are enough, and a run in which none breaks shows nothing.
            match number == 1 || dice.percent(30) {
                true if polite => Line::CloseAfter { up: after },
                true => Line::ResetAfter { up: after },
                false => Line::Pass,
            }
        });
        let bytes = noise(6 * LARGE);
        let mut pictures = desk.transfers.watch();
        let id = desk.begin(desk.file("a", &bytes), "a.bin", OnConflict::Ask).await;
        let mut furthest = 0;
        loop {
            let picture = pictures.borrow_and_update().clone();
            let seen = picture.transfers.iter().find(|seen| seen.id == id).unwrap();
            assert!(seen.done_bytes <= seen.size_bytes, "never over the whole");
            furthest = furthest.max(seen.done_bytes);
            if matches!(seen.state, State::Done) {
                break;
            }
            assert!(seen.done_bytes < seen.size_bytes, "full only when it is confirmed: {:?}", seen.state);
            pictures.changed().await.unwrap();
        }
        assert_eq!(furthest, bytes.len() as u64);
        done(&desk.settled(id).await);
        desk.assert_holds("a.bin", &bytes).await;
        let sent = proxy.bytes_up();
        assert!(sent < bytes.len() as u64 * 3 / 2, "{sent} bytes for {}", bytes.len());
        let ended = |end| proxy.connections().iter().filter(|connection| connection.ended == Some(end)).count();
        let expected = if polite { End::Closed } else { End::Cut };
        assert!(ended(expected) > 0, "no connection broke: {:?}", proxy.connections());
        assert_eq!(begun(&desk), 1);
        desk.assert_no_leftovers().await;
    }
}

#[tokio::test]
async fn f15_many_small_files_survive_a_line_that_breaks() {
    let (desk, proxy) = behind_a_proxy(quick(), 16).await;
    proxy.deal(|_, dice| match dice.percent(30) {
        true => Line::ResetAfter { up: dice.below(20_000) },
        false => Line::Pass,
    });
    let path = desk.file("x", &noise(9000));
    let items = (0..100).map(|number| desk.item(path.clone(), &format!("many/{number}"), OnConflict::Fail)).collect();
    let ids = desk.transfers.upload(items).await;
    for transfer in desk.transfers.settled(&ids).await {
        assert!(transfer.done.is_some(), "{transfer:?}");
    }
    assert_eq!(desk.store.keys().await.len(), 100);
}
