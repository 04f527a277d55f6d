//! Uploads by form.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use satchel_practice::{Allow, Identity, Operation, Permissions};

use crate::support::raw::{Answer, send};
use crate::support::signer::Signer;
use crate::support::{Place, pattern, place, place_with, refusal};

struct Form {
    fields: Vec<(String, String)>,
    file_name: String,
    file: Vec<u8>,
}

fn form(signer: &Signer, key: &str, conditions: &str, minutes: i64) -> Form {
    let ends = (time::OffsetDateTime::now_utc() + time::Duration::minutes(minutes))
        .format(&time::format_description::well_known::Rfc3339)
        .unwrap();
    let policy = format!(
        "{{\"expiration\":\"{ends}\",\"conditions\":[{{\"bucket\":\"bucket\"}},{conditions},{{\"x-amz-algorithm\":\"AWS4-HMAC-SHA256\"}},{{\"x-amz-credential\":\"{}\"}},{{\"x-amz-date\":\"{}\"}}]}}",
        signer.credential(),
        signer.time()
    );
    let policy = STANDARD.encode(policy);
    let fields = [
        ("key", key.to_owned()),
        ("policy", policy.clone()),
        ("x-amz-algorithm", "AWS4-HMAC-SHA256".to_owned()),
        ("x-amz-credential", signer.credential()),
        ("x-amz-date", signer.time()),
        ("x-amz-signature", signer.signature(&policy)),
    ];
    Form {
        fields: fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
        file_name: "report.pdf".to_owned(),
        file: b"the file".to_vec(),
    }
}

const INBOX: &str = "[\"starts-with\",\"$key\",\"inbox/\"]";

impl Form {
    fn with(mut self, name: &str, value: &str) -> Self {
        self.fields.push((name.to_owned(), value.to_owned()));
        self
    }

    async fn send(&self, place: &Place) -> Answer {
        let mut body = Vec::new();
        for (name, value) in &self.fields {
            body.extend_from_slice(
                format!("--XyZ\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").as_bytes(),
            );
        }
        body.extend_from_slice(
            format!("--XyZ\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{}\"\r\nContent-Type: application/pdf\r\n\r\n", self.file_name).as_bytes(),
        );
        body.extend_from_slice(&self.file);
        body.extend_from_slice(
            b"\r\n--XyZ\r\nContent-Disposition: form-data; name=\"submit\"\r\n\r\nUpload\r\n--XyZ--\r\n",
        );
        let headers = [("content-type".to_owned(), "multipart/form-data; boundary=XyZ".to_owned())];
        send(place.practice.port(), "POST", "/bucket", &headers, &body).await.expect("an answer")
    }
}

#[tokio::test]
async fn a_form_puts_a_file_under_the_name_the_browser_gives() {
    let place = place().await;
    let signer = Signer::of(&place.practice);
    for name in ["Müller & Söhne 🙂.pdf", "a b+c%.txt", "C:\\fakepath\\x.pdf"] {
        let mut form = form(&signer, "inbox/${filename}", INBOX, 10);
        form.file_name = name.to_owned();
        let answer = form.send(&place).await;
        assert_eq!(answer.status, 204, "{}", answer.text());
        let bare = name.rsplit('\\').next().unwrap();
        assert_eq!(place.practice.content(&format!("inbox/{bare}")).await.unwrap().unwrap(), b"the file");
        assert!(answer.header("etag").is_some() && answer.header("location").is_some());
    }
    assert_eq!(place.practice.requests().of(Operation::PostObject)[0].key, "inbox/Müller & Söhne 🙂.pdf");
}

#[tokio::test]
async fn a_large_file_comes_through_a_form_unharmed() {
    let place = place().await;
    let mut form = form(&Signer::of(&place.practice), "inbox/big", INBOX, 10);
    form.file = pattern(9_000_000);
    form.file.extend_from_slice(b"\r\n--XyZnot\r\n--Xy\r\n\r\n");
    form.file.truncate(form.file.len() - 2);
    form.file.drain(9_000_002..9_000_008);
    assert_eq!(form.send(&place).await.status, 204);
    assert!(place.practice.content("inbox/big").await.unwrap().unwrap() == form.file);
}

#[tokio::test]
async fn the_answer_is_what_the_form_asks_for() {
    let place = place().await;
    let signer = Signer::of(&place.practice);
    let both = |field: &str| format!("{INBOX},[\"starts-with\",\"${field}\",\"\"]");
    let created = form(&signer, "inbox/<a>", &both("success_action_status"), 10)
        .with("success_action_status", "201")
        .send(&place)
        .await;
    assert_eq!((created.status, created.element("Key").as_deref()), (201, Some("inbox/&lt;a&gt;")));
    let redirected = form(&signer, "inbox/b", &both("success_action_redirect"), 10)
        .with("success_action_redirect", "https://acme.example/thanks?a=1")
        .send(&place)
        .await;
    assert_eq!(redirected.status, 303);
    assert!(
        redirected
            .header("location")
            .unwrap()
            .starts_with("https://acme.example/thanks?a=1&bucket=bucket&key=inbox%2Fb&etag=")
    );
    let typed = form(
        &signer,
        "inbox/c",
        &format!("{},{}", both("Content-Type"), "[\"starts-with\",\"$x-amz-meta-from\",\"\"]"),
        10,
    )
    .with("Content-Type", "text/csv")
    .with("x-amz-meta-from", "Ann")
    .send(&place)
    .await;
    assert_eq!(typed.status, 204, "{}", typed.text());
    let head = place.client.head_object().bucket("bucket").key("inbox/c").send().await.unwrap();
    assert_eq!((head.content_type(), head.metadata().unwrap()["from"].as_str()), (Some("text/csv"), "Ann"));
}

#[tokio::test]
async fn what_the_policy_does_not_allow_is_refused_and_not_kept() {
    let place = place().await;
    let signer = Signer::of(&place.practice);
    let denied = refusal(403, "AccessDenied");
    assert_eq!(form(&signer, "elsewhere/x", INBOX, 10).send(&place).await.refusal(), denied);
    assert_eq!(form(&signer, "inbox/x", INBOX, -1).send(&place).await.refusal(), denied);
    assert_eq!(form(&signer, "inbox/x", INBOX, 10).with("x-amz-meta-extra", "1").send(&place).await.refusal(), denied);
    let small = form(&signer, "inbox/x", &format!("{INBOX},[\"content-length-range\",100,200]"), 10).send(&place).await;
    assert_eq!(small.refusal(), refusal(400, "EntityTooSmall"));
    let large = form(&signer, "inbox/x", &format!("{INBOX},[\"content-length-range\",0,3]"), 10).send(&place).await;
    assert_eq!(large.refusal(), refusal(400, "EntityTooLarge"));
    let mut forged = form(&signer, "inbox/x", INBOX, 10);
    forged.fields[5].1 = "0".repeat(64);
    assert_eq!(forged.send(&place).await.refusal(), refusal(403, "SignatureDoesNotMatch"));
    let mut anonymous = form(&signer, "inbox/x", INBOX, 10);
    anonymous.fields.truncate(1);
    assert_eq!(anonymous.send(&place).await.refusal(), denied);
    let mut garbled = form(&signer, "inbox/x", INBOX, 10);
    garbled.fields[1].1 = STANDARD.encode("{nonsense");
    garbled.fields[5].1 = signer.signature(&garbled.fields[1].1);
    assert_eq!(garbled.send(&place).await.refusal(), refusal(400, "InvalidPolicyDocument"));
    assert_eq!(place.practice.keys("").await.unwrap(), Vec::<String>::new());
}

#[tokio::test]
async fn a_form_can_do_no_more_than_the_key_that_signed_it() {
    let reader = Identity::new("READER", "secret").allowed(Permissions::all().write(Allow::Under("other/".to_owned())));
    let place = place_with(|options| options.identity(reader.clone())).await;
    let answer = form(&Signer::of(&place.practice), "inbox/x", INBOX, 10).send(&place).await;
    assert_eq!(answer.refusal(), refusal(403, "AccessDenied"));
}

#[tokio::test]
async fn a_form_that_is_none_gets_a_refusal_of_s3() {
    let place = place().await;
    let port = place.practice.port();
    for (kind, body) in [
        ("multipart/form-data", &b"x"[..]),
        ("multipart/form-data; boundary=", b"x"),
        ("multipart/form-data; boundary=B", b""),
        ("multipart/form-data; boundary=B", b"--B--\r\n"),
        ("multipart/form-data; boundary=B", b"--B\r\n\r\n\r\n--B--\r\n"),
        (
            "multipart/form-data; boundary=B",
            b"--B\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\n\xff\xfe\r\n--B--\r\n",
        ),
        (
            "multipart/form-data; boundary=B",
            b"--B\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nx\r\n--B--\r\n",
        ),
    ] {
        let headers = [("content-type".to_owned(), kind.to_owned())];
        let answer = send(port, "POST", "/bucket", &headers, body).await.unwrap();
        assert_eq!(answer.status, 400, "{kind} {body:?}: {}", answer.text());
    }
    let endless = vec![b'a'; 300_000];
    let headers = [("content-type".to_owned(), "multipart/form-data; boundary=B".to_owned())];
    let answer = send(port, "POST", "/bucket", &headers, &endless).await.unwrap();
    assert_eq!(answer.refusal(), refusal(400, "MaxPostPreDataLengthExceeded"));
}
