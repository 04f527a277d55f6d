//! The queue as whoever watches sees it.

use crate::desk::{Desk, done, noise};
use satchel_core::summary::sentence;
use satchel_core::transfers::{Direction, Limits, OnConflict, State};
use satchel_practice::{Fault, Hold, Operation, Rule};

#[tokio::test]
async fn what_was_added_is_seen_at_once_in_its_order() {
    let limits = Limits { small_files: 2, ..Limits::default() };
    let desk = Desk::with(limits).await;
    let hold = Hold::new();
    desk.rule(Rule::new(Fault::Hold(hold.clone())).on(Operation::PutObject).always());
    let path = desk.file("x", b"hello");
    let items = (0..5).map(|number| desk.item(path.clone(), &format!("{number}.txt"), OnConflict::Ask)).collect();
    let ids = desk.transfers.upload(items).await;
    let picture = desk.transfers.watch().borrow().clone();
    assert_eq!(picture.transfers.iter().map(|transfer| transfer.id).collect::<Vec<_>>(), ids);
    assert_eq!((picture.line.total, picture.line.running, picture.line.waiting), (5, 2, 3));
    assert_eq!(picture.line.total_bytes, 25);
    assert_eq!(sentence(&picture.line), "Uploading 1 of 5");
    hold.reached(2).await;
    desk.transfers.cancel(&ids[4..]).await;
    assert!(matches!(desk.settled(ids[4]).await.state, State::Stopped));
    hold.release();
    let settled = desk.transfers.settled(&ids).await;
    assert!(settled[..4].iter().all(|transfer| matches!(transfer.state, State::Done)));
    let picture = desk.transfers.watch().borrow().clone();
    assert_eq!(sentence(&picture.line), "4 of 5 uploaded, 1 stopped");
    assert_eq!(desk.store.keys().await.len(), 4);
}

#[tokio::test]
async fn a_new_batch_counts_from_the_beginning() {
    let desk = Desk::new().await;
    done(&desk.send("a", b"1").await);
    done(&desk.send("b", b"22").await);
    let picture = desk.transfers.watch().borrow().clone();
    assert_eq!((picture.line.total, picture.line.total_bytes, picture.transfers.len()), (1, 2, 2));
    done(&desk.download("a", OnConflict::Ask).await);
    let picture = desk.transfers.watch().borrow().clone();
    assert_eq!(sentence(&picture.line), "1 file downloaded");
    assert_eq!(picture.transfers[2].direction, Direction::Download);
    desk.transfers.clear().await;
    let picture = desk.transfers.watch().borrow().clone();
    assert_eq!((picture.transfers.len(), sentence(&picture.line).as_str()), (0, ""));
}

#[tokio::test]
async fn many_small_files_all_arrive_and_pictures_stay_few() {
    let desk = Desk::new().await;
    desk.learn_the_store().await;
    let path = desk.file("x", &noise(2000));
    let items = (0..500).map(|number| desk.item(path.clone(), &format!("many/{number}"), OnConflict::Ask)).collect();
    let since = std::time::Instant::now();
    let before = desk.transfers.watch().borrow().revision;
    let ids = desk.transfers.upload(items).await;
    let settled = desk.transfers.settled(&ids).await;
    assert!(settled.iter().all(|transfer| matches!(transfer.state, State::Done)));
    assert_eq!(desk.store.keys().await.len(), 503);
    assert_eq!(desk.count(Operation::PutObject), 500);
    let pictures = desk.transfers.watch().borrow().revision - before;
    let allowed = 10 * since.elapsed().as_secs() + 15;
    assert!(pictures <= allowed, "{pictures} pictures, {allowed} at most");
}

#[tokio::test]
async fn a_picture_never_goes_backwards_in_state_or_over_the_size() {
    let desk = Desk::new().await;
    let mut pictures = desk.transfers.watch();
    let id = desk.begin(desk.file("a", &noise(30 * 1024 * 1024)), "a", OnConflict::Ask).await;
    let seen = async {
        loop {
            let picture = pictures.borrow_and_update().clone();
            if let Some(transfer) = picture.transfers.first() {
                assert!(transfer.done_bytes <= transfer.size_bytes);
                if matches!(transfer.state, State::Done) {
                    assert_eq!(transfer.done_bytes, transfer.size_bytes);
                    return;
                }
                assert!(transfer.done_bytes < transfer.size_bytes);
            }
            pictures.changed().await.unwrap();
        }
    };
    seen.await;
    done(&desk.settled(id).await);
}
