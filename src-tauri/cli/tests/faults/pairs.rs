//! Two programs at once on one computer.

use satchel_practice::{Fault, Hold, Operation, Rule};

use crate::office::{MIB, Office, reached};
use crate::support::{bytes, finished};

#[tokio::test(flavor = "multi_thread")]
async fn f07_of_two_programs_with_the_same_file_one_sends_it() {
    for size in [1000, 20 * MIB] {
        let office = Office::open(7).await;
        let content = bytes(size);
        office.satchel.file("same.bin", &content);
        let words = ["put", "same.bin", "--json"];
        let (one, other) = (office.start(&words), office.start(&words));
        let (one, other) = tokio::join!(finished(one), finished(other));
        let codes = [one.code, other.code];
        assert!(codes.contains(&0), "{one:?} {other:?}");
        assert_eq!(office.practice.keys("").await.unwrap(), ["same.bin"], "one file under one name");
        office.assert_holds("same.bin", &content).await;
        office.assert_no_leftovers().await;
        assert!(office.left().await.is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn f07_what_a_living_program_sends_no_other_takes_over() {
    let office = Office::open(7).await;
    let content = bytes(40 * MIB);
    office.satchel.file("large.bin", &content);
    let hold = office.hold_parts_after(2);
    let child = office.start(&["put", "large.bin"]);
    reached(&hold, 1).await;
    let sent = office.count(Operation::UploadPart);
    office.run(&["transfers", "resume"]).await.ok();
    assert_eq!(office.count(Operation::CreateMultipartUpload), 1);
    assert!(office.count(Operation::UploadPart) <= sent.max(5), "nothing went twice");
    assert_eq!(office.practice.unfinished_uploads().await.unwrap().len(), 1, "and nothing was swept");
    assert_eq!(office.left().await, ["large.bin".to_owned()].into(), "it shows, whoever sends it");
    office.practice.faults().clear();
    hold.release();
    finished(child).await.ok();
    office.assert_holds("large.bin", &content).await;
    assert_eq!(office.count(Operation::UploadPart), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn f07_programs_side_by_side_with_their_own_files_do_not_disturb_each_other() {
    let office = Office::open(7).await;
    let hold = Hold::new();
    office.rule(Rule::new(Fault::Hold(hold.clone())).on(Operation::PutObject).always());
    let mut children = Vec::new();
    for number in 0..4 {
        let name = format!("{number}.txt");
        office.satchel.file(&name, name.as_bytes());
        children.push(office.start(&["put", &name]));
    }
    reached(&hold, 4).await;
    hold.release();
    for child in children {
        finished(child).await.ok();
    }
    assert_eq!(office.practice.keys("").await.unwrap(), ["0.txt", "1.txt", "2.txt", "3.txt"]);
    assert!(office.left().await.is_empty());
}
