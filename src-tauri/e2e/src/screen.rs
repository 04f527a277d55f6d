//! What is on the display: the windows that the window manager knows, where they are and which has the focus; and a picture of
//! all of it. It looks; all that it does itself is to close a window as the button in its frame does. `hands` does the rest.

use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

use anyhow::{Context, Result};
use x11rb::connection::Connection as _;
use x11rb::protocol::xproto::{
    Atom, AtomEnum, ClientMessageEvent, ConnectionExt as _, EventMask, ImageFormat, Window as WindowId,
};
use x11rb::rust_connection::RustConnection;

use crate::deadlines::until;

pub struct Screen {
    connection: RustConnection,
    root: WindowId,
    size: (u16, u16),
    names: Names,
}

struct Names {
    client_list: Atom,
    active_window: Atom,
    close_window: Atom,
    wm_check: Atom,
    wm_name: Atom,
    wm_pid: Atom,
    window_type: Atom,
    type_dialog: Atom,
}

#[derive(Clone, Debug)]
pub struct Window {
    pub id: u32,
    pub title: String,
    pub process: Option<u32>,
    pub is_dialog: bool,
    /// Where its content begins on the screen, without the frame.
    pub x: i32,
    pub y: i32,
    pub width: u32,
    pub height: u32,
}

impl Screen {
    pub fn open(display: &str) -> Result<Self> {
        let (connection, number) = RustConnection::connect(Some(display)).context("the display does not answer")?;
        let screen = connection.setup().roots.get(number).context("the display has a screen")?;
        let (root, size) = (screen.root, (screen.width_in_pixels, screen.height_in_pixels));
        let atom = |name: &str| -> Result<Atom> { Ok(connection.intern_atom(false, name.as_bytes())?.reply()?.atom) };
        let names = Names {
            client_list: atom("_NET_CLIENT_LIST")?,
            active_window: atom("_NET_ACTIVE_WINDOW")?,
            close_window: atom("_NET_CLOSE_WINDOW")?,
            wm_check: atom("_NET_SUPPORTING_WM_CHECK")?,
            wm_name: atom("_NET_WM_NAME")?,
            wm_pid: atom("_NET_WM_PID")?,
            window_type: atom("_NET_WM_WINDOW_TYPE")?,
            type_dialog: atom("_NET_WM_WINDOW_TYPE_DIALOG")?,
        };
        Ok(Self { connection, root, size, names })
    }

    pub async fn wait_for_window_manager(&self) -> Result<()> {
        until("the window manager", async || Ok(self.numbers(self.root, self.names.wm_check)?.first().map(|_| ())))
            .await
    }

    /// Every window that a person sees in the task bar, oldest first.
    pub fn windows(&self) -> Result<Vec<Window>> {
        let ids = self.numbers(self.root, self.names.client_list)?;
        // A window may close between two questions about it; then it is not there.
        Ok(ids.into_iter().filter_map(|id| self.window(id).ok()).collect())
    }

    fn window(&self, id: WindowId) -> Result<Window> {
        let geometry = self.connection.get_geometry(id)?.reply()?;
        let place = self.connection.translate_coordinates(id, self.root, 0, 0)?.reply()?;
        Ok(Window {
            id,
            title: String::from_utf8_lossy(&self.bytes(id, self.names.wm_name)?).into_owned(),
            process: self.numbers(id, self.names.wm_pid)?.first().copied(),
            is_dialog: self.numbers(id, self.names.window_type)?.contains(&self.names.type_dialog),
            x: place.dst_x.into(),
            y: place.dst_y.into(),
            width: geometry.width.into(),
            height: geometry.height.into(),
        })
    }

    pub fn has_focus(&self, window: u32) -> Result<bool> {
        Ok(self.numbers(self.root, self.names.active_window)?.first() == Some(&window))
    }

    /// Waits for a window that `wanted` accepts and that has the focus.
    pub async fn focused(&self, what: &str, wanted: impl Fn(&Window) -> bool) -> Result<Window> {
        until(what, async || {
            let found = self.windows()?.into_iter().find(|window| wanted(window));
            Ok(match found {
                Some(window) if self.has_focus(window.id)? => Some(window),
                _ => None,
            })
        })
        .await
    }

    /// Closes a window by its frame, and waits until it is gone. A key could be lost while the focus moves.
    pub async fn close(&self, window: u32) -> Result<()> {
        /// Of a person, not of a program.
        const BY_A_PERSON: u32 = 2;
        let wish = ClientMessageEvent::new(32, window, self.names.close_window, [0, BY_A_PERSON, 0, 0, 0]);
        let to_the_manager = EventMask::SUBSTRUCTURE_REDIRECT | EventMask::SUBSTRUCTURE_NOTIFY;
        self.connection.send_event(false, self.root, to_the_manager, wish)?.check()?;
        self.wait_until_closed(window).await
    }

    pub async fn wait_until_closed(&self, window: u32) -> Result<()> {
        let what = "the window to close";
        until(what, async || Ok(self.windows()?.iter().all(|other| other.id != window).then_some(()))).await
    }

    fn numbers(&self, window: WindowId, property: Atom) -> Result<Vec<u32>> {
        let reply = self.connection.get_property(false, window, property, AtomEnum::ANY, 0, 1024)?.reply()?;
        Ok(reply.value32().map(Iterator::collect).unwrap_or_default())
    }

    fn bytes(&self, window: WindowId, property: Atom) -> Result<Vec<u8>> {
        Ok(self.connection.get_property(false, window, property, AtomEnum::ANY, 0, 1024)?.reply()?.value)
    }

    /// A picture of the whole display as PNG.
    pub fn picture(&self, file: &Path) -> Result<()> {
        let (width, height) = self.size;
        let image = self.connection.get_image(ImageFormat::Z_PIXMAP, self.root, 0, 0, width, height, !0)?.reply()?;
        // 24 bits deep, stored as blue, green, red and nothing.
        let colours: Vec<u8> = image
            .data
            .chunks_exact(4)
            .flat_map(|pixel| match pixel {
                [blue, green, red, _] => [*red, *green, *blue],
                _ => [0; 3],
            })
            .collect();
        let output = BufWriter::new(File::create(file).with_context(|| format!("the picture {}", file.display()))?);
        let mut encoder = png::Encoder::new(output, width.into(), height.into());
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        encoder.write_header()?.write_image_data(&colours).context("the picture's pixels")
    }
}
