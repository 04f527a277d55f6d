#!/usr/bin/python3
"""A small window from which files are dragged, as from a file manager: drag_source.py X Y FILE...

Says MAPPED, DRAGGING and ENDED on standard output, so that nobody has to guess when the next movement is due.
"""
import sys

import gi

gi.require_version("Gtk", "3.0")
gi.require_version("Gdk", "3.0")
from gi.repository import Gdk, GLib, Gtk

x, y = int(sys.argv[1]), int(sys.argv[2])
files = sys.argv[3:]


def say(word):
    print(word, flush=True)


window = Gtk.Window(type=Gtk.WindowType.TOPLEVEL)
window.set_title("drag source")
window.set_decorated(False)
window.set_accept_focus(False)
window.set_keep_above(True)
window.set_default_size(120, 80)
window.move(x, y)
handle = Gtk.EventBox()
handle.add(Gtk.Label(label="files"))
window.add(handle)

handle.drag_source_set(Gdk.ModifierType.BUTTON1_MASK, [Gtk.TargetEntry.new("text/uri-list", 0, 0)], Gdk.DragAction.COPY)
handle.connect("drag-data-get", lambda _w, _c, data, _i, _t: data.set_uris([GLib.filename_to_uri(f, None) for f in files]))
handle.connect("drag-begin", lambda *_: say("DRAGGING"))
handle.connect("drag-end", lambda *_: say("ENDED"))
window.connect("map-event", lambda *_: say("MAPPED"))
window.show_all()
Gtk.main()
