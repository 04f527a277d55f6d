//! The program sleeps, and the network goes away.

use satchel_practice::Operation;
use satchel_practice::proxy::Line;
use std::time::{Duration, Instant};

use crate::office::{MIB, Office, within};
use crate::support::{bytes, finished, signal};

#[tokio::test(flavor = "multi_thread")]
async fn f06_after_a_sleep_traffic_flows_on_new_connections_and_nothing_fails() {
    let office = Office::open(6).await;
    let content = bytes(64 * MIB);
    office.satchel.file("large.bin", &content);
    office.proxy.bandwidth(Some(20 * MIB as u64), None);
    let child = office.start(&["put", "large.bin"]);
    let moving = office.proxy.wait_until(|all| all.iter().map(|one| one.bytes_up).sum::<u64>() > 16 * MIB as u64);
    within(moving, "it is in the middle").await;
    signal(&child, "STOP").await;
    office.proxy.bandwidth(None, None);
    office.proxy.old_connections(Line::BlackHole);
    let old = office.proxy.connections().len();
    signal(&child, "CONT").await;
    let awake = Instant::now();
    let flows = office.proxy.wait_until(|all| all.iter().skip(old).any(|one| one.bytes_up > MIB as u64));
    within(flows, "new connections carry bytes").await;
    assert!(awake.elapsed() < Duration::from_secs(30), "{:?}", awake.elapsed());
    finished(child).await.ok();
    office.assert_holds("large.bin", &content).await;
    assert_eq!(office.count(Operation::CreateMultipartUpload), 1);
    office.assert_no_leftovers().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f10_an_address_that_does_not_answer_is_said_within_five_seconds() {
    let office = Office::open(10).await;
    office.proxy.go_down().await.unwrap();
    // Too long for any name: it can't be looked up, and nobody has to be asked.
    let nowhere = format!("https://{}.invalid", "x".repeat(70));
    for endpoint in [office.proxy.endpoint(), nowhere] {
        let mut command = office.satchel.command(["--bucket", "b", "--endpoint-url", &endpoint, "--json", "ls"]);
        command.env("AWS_ACCESS_KEY_ID", "AK").env("AWS_SECRET_ACCESS_KEY", "secret");
        let asked = Instant::now();
        let ran = finished(command.spawn().unwrap()).await.exits(6);
        assert!(asked.elapsed() < Duration::from_secs(5), "{endpoint}: {:?}", asked.elapsed());
        let error = &ran.json()["error"];
        assert_eq!(
            (&error["code"], &error["title"]),
            (&"unreachable".into(), &"Can’t reach the company storage".into())
        );
    }
}
