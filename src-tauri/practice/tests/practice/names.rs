//! Names: every key comes back byte for byte.

use crate::support::signer::{Signer, encode};
use crate::support::{Refused, place, refusal};

pub fn awkward() -> Vec<String> {
    let mut names: Vec<String> = [
        "a",
        "a/b",
        "a/",
        "x//y",
        "./z",
        "p/../q",
        "..",
        ".",
        "/leading",
        "//two",
        "trailing.",
        "trailing ",
        " leading",
        "new\nline",
        "return\rhere",
        "tab\there",
        "bell\u{7}",
        "plus+and%20percent%",
        "%2F",
        "q?uestion",
        "ha#sh",
        "a&b=c",
        "semi;colon",
        "üöä",
        "u\u{308}",
        "日本",
        "🙂",
        "quote\"s'",
        "<tag>&amp;",
        "back\\slash",
        "C:\\x",
        "star*",
        "(paren)!~",
        "a,b",
        "@at$",
        "null",
        "soap",
        "{brace}[bracket]|^`",
        "\u{202e}gnp.exe",
        "con",
        "~",
    ]
    .into_iter()
    .map(str::to_owned)
    .collect();
    names.push("ä".repeat(512));
    names.push(format!("{}{}", "d/".repeat(500), "0123456789abcdefghijklmn"));
    names
}

#[tokio::test]
async fn every_name_comes_back_as_it_was_through_the_sdk() {
    let place = place().await;
    for name in awkward() {
        let body = name.clone().into_bytes().into();
        place
            .client
            .put_object()
            .bucket("bucket")
            .key(&name)
            .body(body)
            .send()
            .await
            .unwrap_or_else(|e| panic!("{name:?}: {e:?}"));
    }
    let mut expected = awkward();
    expected.sort();
    assert_eq!(place.practice.keys("").await.unwrap(), expected);
    for name in awkward() {
        let got = place
            .client
            .get_object()
            .bucket("bucket")
            .key(&name)
            .send()
            .await
            .unwrap_or_else(|e| panic!("{name:?}: {e:?}"));
        assert_eq!(got.body.collect().await.unwrap().to_vec(), name.as_bytes(), "{name:?}");
        place
            .client
            .head_object()
            .bucket("bucket")
            .key(&name)
            .send()
            .await
            .unwrap_or_else(|e| panic!("{name:?}: {e:?}"));
    }
    for name in awkward() {
        let source = format!("bucket/{}", encode(&name));
        let copy = place
            .client
            .copy_object()
            .bucket("bucket")
            .key(format!("copy/{name}").chars().take(400).collect::<String>());
        copy.copy_source(source).send().await.unwrap_or_else(|e| panic!("{name:?}: {e:?}"));
        place.client.delete_object().bucket("bucket").key(&name).send().await.unwrap();
        assert_eq!(place.practice.content(&name).await.unwrap(), None, "{name:?}");
    }
}

#[tokio::test]
async fn every_name_works_in_a_link() {
    let place = place().await;
    let signer = Signer::of(&place.practice);
    for name in awkward() {
        place.practice.put(&name, name.as_bytes()).await.unwrap();
        let link = signer.presigned("GET", &format!("/bucket/{name}"), 60, &[]);
        let answer = signer.fetch("GET", &link).await;
        assert_eq!((answer.status, answer.body.as_slice()), (200, name.as_bytes()), "{name:?}: {}", answer.text());
    }
}

#[tokio::test]
async fn a_listing_shows_every_name_plainly_to_an_xml_reader() {
    let place = place().await;
    for name in awkward() {
        place.practice.put(&name, b"").await.unwrap();
    }
    let mut expected = awkward();
    expected.sort();
    let page = place.client.list_objects_v2().bucket("bucket").send().await.unwrap();
    let listed: Vec<String> = page.contents().iter().map(|file| file.key().unwrap().to_owned()).collect();
    assert_eq!(listed, expected);
}

#[tokio::test]
async fn an_encoded_listing_is_really_encoded() {
    let place = place().await;
    for name in awkward() {
        place.practice.put(&name, b"").await.unwrap();
    }
    let signer = Signer::of(&place.practice);
    let mut expected = awkward();
    expected.sort();
    for kind in [&[("list-type", "2")][..], &[], &[("versions", "")]] {
        let mut pairs = kind.to_vec();
        pairs.push(("encoding-type", "url"));
        let answer = signer.send("GET", "/bucket", &pairs, &[], b"").await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(answer.element("EncodingType").unwrap(), "url");
        let text = answer.text();
        let keys: Vec<String> =
            text.split("<Key>").skip(1).map(|rest| rest.split_once("</Key>").unwrap().0.to_owned()).collect();
        assert!(
            keys.iter().all(|key| key.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"%-._~/".contains(&byte)))
        );
        let decoded: Vec<String> = keys.iter().map(|key| urlencoding::decode(key).unwrap().into_owned()).collect();
        assert_eq!(decoded, expected, "{kind:?}");
    }
    let pairs =
        [("list-type", "2"), ("encoding-type", "url"), ("delimiter", "/"), ("prefix", "x/"), ("start-after", "a b")];
    let answer = signer.send("GET", "/bucket", &pairs, &[], b"").await;
    assert!(answer.text().contains("<CommonPrefixes><Prefix>x//</Prefix></CommonPrefixes>"), "{}", answer.text());
    assert_eq!(answer.element("StartAfter").unwrap(), "a%20b");
    let answer = signer.send("GET", "/bucket", &[("encoding-type", "base64")], &[], b"").await;
    assert_eq!(answer.refusal(), refusal(400, "InvalidArgument"));
}

#[tokio::test]
async fn a_name_of_1025_bytes_is_refused() {
    let place = place().await;
    let long = "a".repeat(1025);
    let put = place.client.put_object().bucket("bucket").key(&long).send().await;
    assert_eq!(put.refused(), refusal(400, "KeyTooLongError"));
    let create = place.client.create_multipart_upload().bucket("bucket").key(&long).send().await;
    assert_eq!(create.refused(), refusal(400, "KeyTooLongError"));
}

#[tokio::test]
async fn a_path_that_is_not_utf8_is_refused() {
    let place = place().await;
    let answer = Signer::of(&place.practice).fetch("GET", "/bucket/%ff%fe").await;
    assert_eq!(answer.refusal(), refusal(400, "InvalidURI"));
}

#[tokio::test]
async fn a_name_and_a_folder_of_the_same_name_live_side_by_side() {
    let place = place().await;
    for name in ["a", "a/", "a/b"] {
        place.practice.put(name, name.as_bytes()).await.unwrap();
    }
    let page = place.client.list_objects_v2().bucket("bucket").delimiter("/").send().await.unwrap();
    assert_eq!(page.contents()[0].key(), Some("a"));
    assert_eq!(page.common_prefixes()[0].prefix(), Some("a/"));
    let inside = place.client.list_objects_v2().bucket("bucket").prefix("a/").delimiter("/").send().await.unwrap();
    let keys: Vec<_> = inside.contents().iter().filter_map(|file| file.key()).collect();
    assert_eq!(keys, ["a/", "a/b"]);
}
