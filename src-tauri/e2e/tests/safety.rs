//! What the page may not do, tried from inside it: run script that is not ours, leave, call what it was not given.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use satchel_e2e::store::{Store, colleague};
use satchel_e2e::{Desktop, row, spot};
use serde_json::{Value, json};

/// Commands of Tauri and of its plugins that Satchel gives to nobody.
const NOT_OURS: [&str; 44] = [
    "plugin:fs|read_file",
    "plugin:fs|read_text_file",
    "plugin:fs|write_file",
    "plugin:fs|read_dir",
    "plugin:fs|remove",
    "plugin:shell|execute",
    "plugin:shell|spawn",
    "plugin:shell|open",
    "plugin:http|fetch",
    "plugin:updater|check",
    "plugin:updater|download_and_install",
    "plugin:process|exit",
    "plugin:process|restart",
    "plugin:os|hostname",
    "plugin:dialog|open",
    "plugin:dialog|save",
    "plugin:dialog|message",
    "plugin:opener|open_url",
    "plugin:opener|open_path",
    "plugin:opener|reveal_item_in_dir",
    "plugin:clipboard-manager|read_text",
    "plugin:clipboard-manager|write_text",
    "plugin:notification|notify",
    "plugin:global-shortcut|register",
    "plugin:store|get",
    "plugin:sql|select",
    "plugin:log|log",
    "plugin:event|emit",
    "plugin:event|emit_to",
    "plugin:window|create",
    "plugin:window|close",
    "plugin:window|destroy",
    "plugin:window|set_title",
    "plugin:window|get_all_windows",
    "plugin:webview|create_webview",
    "plugin:webview|create_webview_window",
    "plugin:webview|internal_toggle_devtools",
    "plugin:app|version",
    "plugin:app|app_hide",
    "plugin:path|resolve_directory",
    "plugin:menu|new",
    "plugin:tray|new",
    "plugin:resources|close",
    "plugin:image|from_path",
];

async fn connected(desktop: &Desktop) -> (Store, satchel_e2e::App<'_>) {
    let store = Store::furnished().await.unwrap();
    let app = desktop.open_app().await.unwrap();
    app.connect(&store, &colleague()).await.unwrap();
    (store, app)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_script_runs_that_is_not_ours_and_nothing_leaves_the_page() {
    let desktop = Desktop::start().await.unwrap();
    let (store, app) = connected(&desktop).await;
    let requests = store.practice().requests().all().len();
    let attempts = "
        const refused = [];
        const note = (event) => refused.push(event.effectiveDirective);
        document.addEventListener('securitypolicyviolation', note);
        const inline = document.createElement('script');
        inline.textContent = 'window.inlineRan = true';
        document.body.append(inline);
        const button = document.createElement('button');
        button.setAttribute('onclick', 'window.handlerRan = true');
        document.body.append(button);
        button.click();
        let evaluated = true;
        try { (0, eval)('window.evalRan = true'); } catch { evaluated = false; }
        const load = (tag, attribute, address) => new Promise((settled) => {
            const element = document.createElement(tag);
            element.onload = () => settled('loaded');
            element.onerror = () => settled('refused');
            element[attribute] = address;
            document.head.append(element);
        });
        const image = await load('img', 'src', given[0] + '/pixel.png');
        const script = await load('script', 'src', given[0] + '/script.js');
        const answer = await fetch(given[0] + '/').then(() => 'fetched', () => 'refused');
        button.remove();
        document.removeEventListener('securitypolicyviolation', note);
        return { inlineRan: !!window.inlineRan, handlerRan: !!window.handlerRan, evalRan: !!window.evalRan, evaluated, image, script, answer, refused };";
    let seen = app.async_script(attempts, vec![json!(store.address())]).await.unwrap();
    for ran in ["inlineRan", "handlerRan", "evalRan", "evaluated"] {
        assert_eq!(seen[ran], json!(false), "{ran}: {seen}");
    }
    for way in ["image", "script", "answer"] {
        assert_eq!(seen[way], json!("refused"), "{way}: {seen}");
    }
    let refused = seen["refused"].to_string();
    for directive in ["script-src-elem", "script-src-attr", "img-src", "connect-src"] {
        assert!(refused.contains(directive), "{directive}: {refused}");
    }
    assert_eq!(store.practice().requests().all().len(), requests, "nothing reached the other side");
    app.see(&row("Press")).await.unwrap();
    app.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn commands_that_were_not_given_to_the_page_are_refused() {
    let desktop = Desktop::start().await.unwrap();
    let (_store, app) = connected(&desktop).await;
    let call = "
        const answers = {};
        for (const command of given[0]) {
            const parts = { path: '/etc/passwd', url: 'file:///etc/passwd', text: 'x', command: 'id', program: 'id', title: 'x', label: 'x' };
            answers[command] = await window.__TAURI_INTERNALS__.invoke(command, parts).then(() => 'done', (why) => 'refused: ' + why);
        }
        return answers;";
    let commands: Vec<Value> = NOT_OURS.iter().map(|command| json!(command)).collect();
    let answers = app.async_script(call, vec![json!(commands)]).await.unwrap();
    let answers = answers.as_object().unwrap();
    assert_eq!(answers.len(), NOT_OURS.len());
    let done: Vec<&String> = answers
        .iter()
        .filter(|(_, answer)| !answer.as_str().unwrap().starts_with("refused"))
        .map(|(command, _)| command)
        .collect();
    assert!(done.is_empty(), "the page could call {done:?}");
    app.see(&row("Press")).await.unwrap();
    app.open_folder("Press").await.unwrap();
    app.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_page_stays_where_it_is() {
    let desktop = Desktop::start().await.unwrap();
    let (store, app) = connected(&desktop).await;
    let before = app.script("return location.href", vec![]).await.unwrap();
    let requests = store.practice().requests().all().len();
    let leave = "
        window.marker = 'the same page';
        const opened = window.open(given[0] + '/opened');
        const link = document.createElement('a');
        link.href = given[0] + '/followed';
        link.target = '_blank';
        document.body.append(link);
        link.click();
        link.remove();
        location.href = given[0] + '/gone';
        return opened === null;";
    app.async_script(leave, vec![json!(store.address())]).await.unwrap();
    app.see(&row("Press")).await.unwrap();
    app.open_folder("Press").await.unwrap();
    assert_eq!(app.script("return location.href", vec![]).await.unwrap(), before);
    assert_eq!(app.script("return window.marker", vec![]).await.unwrap(), json!("the same page"));
    let paths: Vec<String> =
        store.practice().requests().all().iter().skip(requests).map(|request| request.bucket.clone()).collect();
    assert!(!paths.iter().any(|path| ["opened", "followed", "gone"].contains(&path.as_str())), "{paths:?}");
    assert_eq!(app.windows().unwrap().len(), 1);
    app.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn names_are_text_wherever_they_are_shown() {
    let names = [
        "<img src=x onerror=\"window.ran=1\">.txt",
        "\"><svg onload=window.ran=1>.txt",
        "{{7*7}} ${7*7} {name}.txt",
        "<b>bold & co.txt",
        "javascript:window.ran=1.txt",
    ];
    let desktop = Desktop::start().await.unwrap();
    let (store, app) = connected(&desktop).await;
    for name in names {
        store.put(&format!("Names/{name}"), b"text").await.unwrap();
    }
    store.put("Names/\u{202e}fdp.exe", b"text").await.unwrap();
    app.close().await.unwrap();

    let app = desktop.open_app().await.unwrap();
    app.files_are_there().await.unwrap();
    app.open_folder("Names").await.unwrap();
    for name in names {
        let link = app.copy_link_of(name).await.unwrap();
        let fetched = satchel_e2e::fetch::fetch(&link).await.unwrap();
        assert_eq!(fetched.body, &b"text"[..], "{name}");
        let shown = app.text(&row(name).inside("row-name")).await.unwrap();
        assert!(shown.contains(name), "{name} is shown as {shown}");
        app.right_click(&row(name)).await.unwrap();
        app.click(&spot("menu-share")).await.unwrap();
        let title = app.text(&spot("share-title")).await.unwrap();
        assert!(title.contains(name), "{name} is shown as {title}");
        app.press("Escape").await.unwrap();
        app.gone(&spot("share")).await.unwrap();
    }
    let harm = "return [typeof window.ran, document.querySelectorAll('main img[src=x], svg[onload], main b').length]";
    assert_eq!(app.script(harm, vec![]).await.unwrap(), json!(["undefined", 0]));
    let backwards = "return document.querySelector('[data-testid=file-list]').textContent.includes('\\u202e')";
    assert_eq!(app.script(backwards, vec![]).await.unwrap(), json!(false), "a control character is drawn as a symbol");
    app.close().await.unwrap();
}
