//! Files dragged from another program's window into ours: real XDND, with the mouse of the display server.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::deadlines::{PATIENCE, POLL};
use crate::desktop::Desktop;
use crate::process::Process;

const PROGRAM: &str = include_str!("../assets/drag_source.py");
/// Where the other program's window opens: the lower right corner, on top of everything.
const CORNER: (i32, i32) = (1460, 900);
const GRIP: (i32, i32) = (CORNER.0 + 60, CORNER.1 + 40);
/// How far the mouse goes between two looks of the window below it.
const STEP: f64 = 40.0;

/// Files in a person's hand, the button still down.
pub struct Drag<'a> {
    desktop: &'a Desktop,
    source: Process,
    at: (i32, i32),
}

impl Desktop {
    /// Takes the files and starts to move.
    pub async fn drag(&self, files: &[&Path]) -> Result<Drag<'_>> {
        let program = self.folder().join("drag_source.py");
        fs::write(&program, PROGRAM).context("the drag source")?;
        let mut command = self.command("/usr/bin/python3");
        command.arg(program).args([CORNER.0.to_string(), CORNER.1.to_string()]).args(files);
        let mut source = Process::start_talking("the drag source", &mut command, &self.log("drag-source"))?;
        source.line(|line| line == "MAPPED").await?;
        let hands = self.hands();
        hands.move_to(GRIP.0, GRIP.1).await?;
        hands.hold().await?;
        let mut drag = Drag { desktop: self, source, at: GRIP };
        drag.wiggle().await?;
        Ok(drag)
    }
}

impl Drag<'_> {
    /// GTK calls it a drag after some movement with the button down; a press that came too early is simply made again.
    async fn wiggle(&mut self) -> Result<()> {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        let mut there = false;
        loop {
            there = !there;
            let offset = if there { -25 } else { -35 };
            self.desktop.hands().move_to(GRIP.0 + offset, GRIP.1 + offset).await?;
            let dragging = self.source.line(|line| line == "DRAGGING");
            if let Ok(said) = tokio::time::timeout(POLL * 5, dragging).await {
                said?;
                self.at = (GRIP.0 + offset, GRIP.1 + offset);
                return Ok(());
            }
            if tokio::time::Instant::now() > deadline {
                anyhow::bail!("the files could not be picked up");
            }
        }
    }

    /// Moves over a point of the screen, seen on the way by all that lies there.
    pub async fn over(&mut self, x: i32, y: i32) -> Result<()> {
        let (from_x, from_y) = self.at;
        let distance = f64::from(x - from_x).hypot(f64::from(y - from_y));
        let steps = (1..).take_while(|step| f64::from(*step) * STEP < distance);
        for step in steps {
            let part = f64::from(step) * STEP / distance;
            #[expect(clippy::cast_possible_truncation, reason = "a point on the screen")]
            let between = |from: i32, to: i32| from + (f64::from(to - from) * part) as i32;
            self.desktop.hands().move_to(between(from_x, x), between(from_y, y)).await?;
        }
        self.at = (x, y);
        self.nudge().await
    }

    /// One pixel there and back: a window that was not listening yet hears it now.
    pub async fn nudge(&self) -> Result<()> {
        let (x, y) = self.at;
        self.desktop.hands().move_to(x + 1, y).await?;
        self.desktop.hands().move_to(x, y).await
    }

    /// Lets go, and waits until both sides are done.
    pub async fn drop_here(mut self) -> Result<()> {
        self.desktop.hands().let_go().await?;
        self.source.line(|line| line == "ENDED").await?;
        Ok(())
    }

    /// Changes its mind: Escape, then lets go.
    pub async fn give_up(mut self) -> Result<()> {
        self.desktop.hands().press("Escape").await?;
        self.source.line(|line| line == "ENDED").await?;
        self.desktop.hands().let_go().await
    }
}
