//! The app's page, seen and used through WebDriver. Everything waits for what it needs and fails with what it saw.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use fantoccini::actions::{
    InputSource, KeyAction, KeyActions, MOUSE_BUTTON_LEFT, MOUSE_BUTTON_RIGHT, MouseActions, PointerAction,
};
use fantoccini::elements::Element;
use fantoccini::error::CmdError;
use fantoccini::key::Key;
use fantoccini::{Client, Locator};
use serde_json::{Value, json};

use crate::deadlines::{until, until_value};
use crate::spot::{Spot, spot};

pub struct Page {
    pub(crate) client: Client,
}

/// A rectangle of the page, in its own pixels.
#[derive(Clone, Copy, Debug, serde::Deserialize)]
pub struct Area {
    pub x: f64,
    pub y: f64,
    pub width: f64,
    pub height: f64,
}

impl Page {
    /// Waits until it is there and can be seen.
    pub async fn see(&self, what: &Spot) -> Result<Element> {
        until(&format!("{what} on the page"), async || {
            let Some(element) = self.look(what).await? else { return Ok(None) };
            let displayed = not_yet(element.is_displayed().await)?;
            Ok(displayed.filter(|displayed| *displayed).map(|_| element))
        })
        .await
    }

    /// Waits for one of the app's screens: welcome, accessKey, files, startProblem.
    pub async fn screen(&self, name: &str) -> Result<()> {
        self.until_attribute(&spot("app"), "data-screen", |screen| screen == name).await?;
        Ok(())
    }

    /// Waits until it is part of the page, seen or not: the box behind a label that is drawn instead of it.
    pub async fn there(&self, what: &Spot) -> Result<Element> {
        until(&format!("{what} in the page"), async || self.look(what).await).await
    }

    pub async fn gone(&self, what: &Spot) -> Result<()> {
        until(&format!("{what} to leave the page"), async || Ok(self.look(what).await?.is_none().then_some(()))).await
    }

    /// Whether it is there now. For what is already settled; else `see` and `gone`.
    pub async fn has(&self, what: &Spot) -> Result<bool> {
        Ok(self.look(what).await?.is_some())
    }

    async fn look(&self, what: &Spot) -> Result<Option<Element>> {
        not_yet(self.client.find(Locator::Css(what.css())).await)
    }

    pub async fn count(&self, what: &Spot) -> Result<usize> {
        Ok(self.client.find_all(Locator::Css(what.css())).await?.len())
    }

    /// What a person reads there, as soon as it can be seen.
    pub async fn text(&self, what: &Spot) -> Result<String> {
        self.until_text(what, |text| !text.is_empty()).await
    }

    pub async fn until_text(&self, what: &Spot, right: impl Fn(&str) -> bool) -> Result<String> {
        let read = async || match self.look(what).await? {
            // What is drawn, as the browser says itself: the driver's own idea of it knows no `<bdi>`.
            Some(element) => Ok(not_yet(element.prop("innerText").await)?.flatten().map(|text| text.trim().to_owned())),
            None => Ok(None),
        };
        let awaited = format!("the right text in {what}");
        until_value(&awaited, read, |text| text.as_deref().is_some_and(&right)).await?.context("a text")
    }

    pub async fn attribute(&self, what: &Spot, name: &str) -> Result<Option<String>> {
        Ok(self.there(what).await?.attr(name).await?)
    }

    pub async fn until_attribute(&self, what: &Spot, name: &str, right: impl Fn(&str) -> bool) -> Result<String> {
        let read = async || match self.look(what).await? {
            Some(element) => Ok(not_yet(element.attr(name).await)?.flatten()),
            None => Ok(None),
        };
        let awaited = format!("the right {name} of {what}");
        until_value(&awaited, read, |value| value.as_deref().is_some_and(&right)).await?.context("an attribute")
    }

    /// What stands in a field.
    pub async fn value(&self, field: &Spot) -> Result<String> {
        Ok(self.see(field).await?.prop("value").await?.unwrap_or_default())
    }

    /// Replaces what stands in a field, by typing.
    pub async fn fill(&self, field: &Spot, text: &str) -> Result<()> {
        let element = self.see(field).await?;
        element.clear().await?;
        element.send_keys(text).await.with_context(|| format!("typing into {field}"))
    }

    pub async fn choose_option(&self, list: &Spot, value: &str) -> Result<()> {
        self.see(list).await?.select_by_value(value).await.with_context(|| format!("choosing {value} in {list}"))
    }

    pub async fn click(&self, what: &Spot) -> Result<()> {
        self.act(what, async |element| element.click().await).await
    }

    /// Clicks the label around a box, which is what a person sees of it, until the box is chosen.
    pub async fn choose(&self, choice: &Spot) -> Result<()> {
        until(&format!("{choice} to be chosen"), async || {
            let Some(label) = not_yet(self.there(choice).await?.find(Locator::XPath("..")).await)? else {
                return Ok(None);
            };
            let Some(()) = not_yet(label.click().await)? else { return Ok(None) };
            let chosen = not_yet(self.there(choice).await?.is_selected().await)?;
            Ok(chosen.filter(|chosen| *chosen).map(|_| ()))
        })
        .await
    }

    pub async fn double_click(&self, what: &Spot) -> Result<()> {
        let press =
            || [PointerAction::Down { button: MOUSE_BUTTON_LEFT }, PointerAction::Up { button: MOUSE_BUTTON_LEFT }];
        self.point(what, [press(), press()].concat()).await
    }

    pub async fn right_click(&self, what: &Spot) -> Result<()> {
        let press =
            [PointerAction::Down { button: MOUSE_BUTTON_RIGHT }, PointerAction::Up { button: MOUSE_BUTTON_RIGHT }];
        self.point(what, press.into()).await
    }

    pub async fn hover(&self, what: &Spot) -> Result<()> {
        self.point(what, Vec::new()).await
    }

    async fn point(&self, what: &Spot, then: Vec<PointerAction>) -> Result<()> {
        self.act(what, async |element| {
            let duration = Some(Duration::ZERO);
            let arrive = PointerAction::MoveToElement { element: element.clone(), duration, x: 0.0, y: 0.0 };
            let mouse =
                then.clone().into_iter().fold(MouseActions::new("mouse".into()).then(arrive), InputSource::then);
            self.client.perform_actions(mouse).await
        })
        .await
    }

    /// Does something to an element as soon as it takes it: the page may just be drawing it anew, or something is in front of it.
    async fn act(&self, what: &Spot, mut deed: impl AsyncFnMut(&Element) -> Result<(), CmdError>) -> Result<()> {
        until(&format!("{what} to take a click"), async || {
            let element = self.see(what).await?;
            not_yet(deed(&element).await)
        })
        .await
    }

    /// Presses keys together in whatever has the focus: `Ctrl+L`, `Escape`, `Enter`, `Shift+F10`.
    pub async fn press(&self, chord: &str) -> Result<()> {
        let keys = chord.split('+').map(key).collect::<Result<Vec<char>>>()?;
        let down = keys.iter().map(|value| KeyAction::Down { value: *value });
        let up = keys.iter().rev().map(|value| KeyAction::Up { value: *value });
        let keyboard = down.chain(up).fold(KeyActions::new("keyboard".into()), InputSource::then);
        self.client.perform_actions(keyboard).await.with_context(|| format!("pressing {chord}"))
    }

    /// Where something lies on the page.
    pub async fn area(&self, what: &Spot) -> Result<Area> {
        let element = self.see(what).await?;
        let (x, y, width, height) = element.rectangle().await?;
        Ok(Area { x, y, width, height })
    }

    /// Runs a function's body in the page: `return document.title`.
    pub async fn script(&self, body: &str, arguments: Vec<Value>) -> Result<Value> {
        self.client.execute(body, arguments).await.context("a script in the page")
    }

    /// Runs an async function's body in the page and awaits it.
    pub async fn async_script(&self, body: &str, arguments: Vec<Value>) -> Result<Value> {
        let wrapped = format!(
            "const give = arguments[arguments.length - 1];
             const run = async (...given) => {{ {body} }};
             run(...Array.prototype.slice.call(arguments, 0, -1)).then(
               (value) => give({{ value: value === undefined ? null : value }}),
               (trouble) => give({{ trouble: String((trouble && trouble.stack) || JSON.stringify(trouble) || trouble) }}));"
        );
        let answer = self.client.execute_async(&wrapped, arguments).await.context("a script in the page")?;
        match answer.get("trouble").and_then(Value::as_str) {
            Some(trouble) => bail!("a script in the page: {trouble}"),
            None => Ok(answer.get("value").cloned().unwrap_or(Value::Null)),
        }
    }

    /// The text of everything on the page, with the content of its fields.
    pub async fn everything(&self) -> Result<String> {
        let script = "return document.documentElement.outerHTML + Array.from(document.querySelectorAll('input,textarea'), (f) => f.value).join('\\n')";
        Ok(self.script(script, vec![]).await?.as_str().unwrap_or_default().to_owned())
    }

    /// Makes the window so large that the page has this size, as by dragging its corner.
    pub async fn resize(&self, width: u32, height: u32) -> Result<()> {
        self.client.set_window_size(width, height).await.context("the window does not take the size")?;
        let size = "return [window.innerWidth, window.innerHeight]";
        let near = |seen: &Value| {
            let within = |at: usize, wanted: u32| {
                seen.get(at).and_then(Value::as_u64).is_some_and(|is| is.abs_diff(wanted.into()) < 80)
            };
            within(0, width) && within(1, height)
        };
        until_value("the window's new size", async || self.script(size, vec![]).await, near).await?;
        self.still().await
    }

    /// `light` or `dark`, whatever the desktop says; waits until colours have stopped changing.
    pub async fn set_theme(&self, theme: &str) -> Result<()> {
        self.script("document.documentElement.dataset.theme = arguments[0]", vec![json!(theme)]).await?;
        self.still().await
    }

    /// Waits until nothing moves any more.
    pub async fn still(&self) -> Result<()> {
        let moving = "return document.getAnimations().filter((a) => a.playState === 'running' && a.effect.getComputedTiming().endTime !== Infinity).length";
        until("the page to stand still", async || Ok((self.script(moving, vec![]).await? == json!(0)).then_some(())))
            .await
    }
}

/// What is not there, is being drawn anew or is covered may still come; everything else is wrong.
fn not_yet<T>(outcome: Result<T, CmdError>) -> Result<Option<T>> {
    match outcome {
        Ok(value) => Ok(Some(value)),
        Err(error)
            if error.is_no_such_element()
                || error.is_stale_element_reference()
                || error.is_element_not_interactable()
                || error.is_move_target_out_of_bounds()
                || is_covered(&error) =>
        {
            Ok(None)
        }
        Err(error) => Err(error).context("the page does not answer"),
    }
}

fn is_covered(error: &CmdError) -> bool {
    matches!(error, CmdError::Standard(answer) if answer.error() == "element click intercepted")
}

fn key(name: &str) -> Result<char> {
    let special = match name {
        "Ctrl" => Key::Control,
        "Shift" => Key::Shift,
        "Alt" => Key::Alt,
        "Enter" => Key::Enter,
        "Escape" => Key::Escape,
        "Tab" => Key::Tab,
        "Backspace" => Key::Backspace,
        "Delete" => Key::Delete,
        "Up" => Key::Up,
        "Down" => Key::Down,
        "Home" => Key::Home,
        "End" => Key::End,
        "F10" => Key::F10,
        "Space" => return Ok(' '),
        letter => {
            let mut letters = letter.chars();
            return match (letters.next(), letters.next()) {
                // With Shift the driver is told the letter that Shift makes of it by itself.
                (Some(only), None) => Ok(only.to_ascii_lowercase()),
                _ => bail!("no key is called {letter}"),
            };
        }
    };
    Ok(special.into())
}
