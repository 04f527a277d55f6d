//! Notifications of the desktop: one for each finished batch, none while our window is in front.

use crate::state::Tasks;
use crate::uploads::{Uploads, with_refused};
use crate::{bridge, messages, windows};
use notify_rust::Notification;
#[cfg(all(unix, not(target_os = "macos")))]
use notify_rust::NotificationResponse;
use satchel_core::summary;
use satchel_core::transfers::{Direction, Line, Snapshot, State, TransferId};
use tauri::{AppHandle, Manager};

const APP_NAME: &str = "Satchel";

/// What can be done from a notification, where the desktop has buttons on them.
pub struct Button {
    pub label: String,
    pub deed: Box<dyn FnOnce() + Send>,
}

/// Says something. Where there is nobody to show it, the window has the same news.
pub fn show(app: &AppHandle, title: String, sentence: String) {
    say_later(app, title, sentence, None);
}

/// The same with a button.
pub fn show_with(app: &AppHandle, title: String, sentence: String, button: Button) {
    say_later(app, title, sentence, Some(button));
}

fn say_later(app: &AppHandle, title: String, sentence: String, button: Option<Button>) {
    let app = app.clone();
    app.clone().state::<Tasks>().spawn(async move {
        if let Err(cause) = say(&app, &title, &sentence, button).await {
            tracing::warn!(%cause, "a notification could not be shown");
        }
    });
}

#[cfg(all(unix, not(target_os = "macos")))]
async fn say(app: &AppHandle, title: &str, sentence: &str, button: Option<Button>) -> notify_rust::error::Result<()> {
    /// What the button is called among programs.
    const BUTTON: &str = "button";
    let reads_markup = tokio::task::spawn_blocking(|| notify_rust::get_capabilities().unwrap_or_default())
        .await
        .is_ok_and(|capabilities| capabilities.iter().any(|capability| capability == "body-markup"));
    let body = if reads_markup { escaped(sentence) } else { sentence.to_owned() };
    let mut notification = Notification::new();
    notification
        .appname(APP_NAME)
        .icon("satchel-desktop")
        .summary(title)
        .body(&body)
        .hint(notify_rust::Hint::DesktopEntry("satchel-desktop".to_owned()))
        .action("default", &messages::text("shell.notification.open"));
    if let Some(button) = &button {
        notification.action(BUTTON, &button.label);
    }
    let shown = notification.show_async().await?;
    let (mut clicked, mut pressed) = (false, false);
    shown
        .wait_for_action_async(|response| match response {
            NotificationResponse::Default => clicked = true,
            NotificationResponse::Action(name) => pressed = name == BUTTON,
            _ => {}
        })
        .await;
    if clicked {
        windows::open(app);
    }
    if let Some(button) = button.filter(|_| pressed) {
        (button.deed)();
    }
    Ok(())
}

/// Says something and does not wait for what is done with it.
pub async fn say_and_go(title: &str, sentence: &str) {
    let (title, sentence) = (title.to_owned(), sentence.to_owned());
    let shown = tokio::task::spawn_blocking(move || {
        let mut notification = Notification::new();
        notification.appname(APP_NAME).icon("satchel-desktop").summary(&title).body(&sentence);
        notification.show().map(drop)
    });
    if let Ok(Err(cause)) = shown.await {
        tracing::debug!(%cause, "the last notification could not be shown");
    }
}

#[cfg(not(all(unix, not(target_os = "macos"))))]
async fn say(_app: &AppHandle, title: &str, sentence: &str, _button: Option<Button>) -> notify_rust::error::Result<()> {
    let (title, sentence) = (title.to_owned(), sentence.to_owned());
    let shown = tokio::task::spawn_blocking(move || {
        Notification::new().appname(APP_NAME).summary(&title).body(&sentence).show().map(drop)
    });
    shown.await.unwrap_or(Ok(()))
}

/// Names are text: what a notification server would read as markup is written out.
#[cfg_attr(not(all(unix, not(target_os = "macos"))), allow(dead_code))]
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Says when a batch of uploads is over, unless the person sees it in the window. Quick uploads say their own news.
pub fn follow_batches(app: &AppHandle, uploads: Uploads) {
    let app = app.clone();
    app.clone().state::<Tasks>().spawn(async move {
        let mut pictures = uploads.watch();
        let (mut batch, mut told) = (Vec::new(), 0);
        while pictures.changed().await.is_ok() {
            let snapshot = pictures.borrow_and_update().clone();
            let news = over(&mut batch, &snapshot, |transfer| uploads.is_private(transfer));
            let news = news.map(|line| {
                let (refused, ever) = uploads.refused_since(told);
                told = ever;
                with_refused(&line, refused)
            });
            let seen = news.is_some() && windows::is_in_front(&app).await;
            tokio::time::sleep(bridge::PAUSE).await;
            // Asked twice: a file chooser that has just closed gives the window back only now.
            if let Some(line) = news.filter(|_| !seen)
                && !windows::is_in_front(&app).await
            {
                show(&app, summary::sentence(&line), String::new());
            }
        }
    });
}

/// Adds what moves to the batch; when nothing of it moves any more, ends the batch and says how it went.
fn over(
    batch: &mut Vec<TransferId>,
    snapshot: &Snapshot,
    is_private: impl Fn(&satchel_core::transfers::Transfer) -> bool,
) -> Option<Line> {
    let mut line = Line::default();
    let mut moves = false;
    // A picture is in the order of the numbers, so both are gone through side by side.
    let mut before = std::mem::take(batch).into_iter().peekable();
    for transfer in &snapshot.transfers {
        while before.next_if(|id| *id < transfer.id).is_some() {}
        let known = before.next_if_eq(&transfer.id).is_some();
        let rests = transfer.state.is_settled() || matches!(transfer.state, State::Paused);
        if !rests && (known || !is_private(transfer)) {
            moves = true;
            batch.push(transfer.id);
        } else if known {
            batch.push(transfer.id);
            line.downloads += usize::from(transfer.direction == Direction::Download);
            match transfer.state {
                State::Done => line.finished += 1,
                State::NeedsYou(..) => line.needs_you += 1,
                State::Stopped => line.stopped += 1,
                _ => {}
            }
        }
    }
    if moves {
        return None;
    }
    batch.clear();
    line.total = line.finished + line.needs_you + line.stopped;
    // What the person stopped is no news.
    (line.finished + line.needs_you > 0).then_some(line)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    fn picture(states: &[State]) -> Snapshot {
        sample::picture((0..).zip(states.iter().cloned()))
    }

    #[test]
    fn a_batch_is_told_once_when_all_of_it_is_over() {
        let mut batch = Vec::new();
        assert!(over(&mut batch, &picture(&[State::Moving, State::Waiting]), |_| false).is_none());
        assert!(over(&mut batch, &picture(&[State::Done, State::Moving]), |_| false).is_none());
        let line = over(&mut batch, &picture(&[State::Done, State::Done]), |_| false).unwrap();
        assert_eq!((line.finished, line.total), (2, 2));
        assert!(over(&mut batch, &picture(&[State::Done, State::Done]), |_| false).is_none());
    }

    #[test]
    fn neither_a_stopped_batch_nor_a_quick_upload_is_news_of_a_batch() {
        let mut batch = Vec::new();
        over(&mut batch, &picture(&[State::Moving]), |_| false);
        assert!(over(&mut batch, &picture(&[State::Stopped]), |_| false).is_none());
        over(&mut batch, &picture(&[State::Moving]), |_| true);
        assert!(over(&mut batch, &picture(&[State::Done]), |_| true).is_none());
    }

    #[test]
    fn a_name_is_never_markup() {
        assert_eq!(escaped("<b>a</b> & co.pdf"), "&lt;b&gt;a&lt;/b&gt; &amp; co.pdf");
    }
}
