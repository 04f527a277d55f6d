//! What goes on the clipboard for a link: letters for where only letters go, and a link with the file's name for where more does.

use jiff::ZonedDateTime;
use satchel_core::links::{self, Again, Link, Shared, SignedUrl, Told};
use satchel_core::names;
use zeroize::Zeroizing;

/// Both flavours of one link. Wiped when it is let go of.
pub struct Handover {
    id: String,
    plain: Zeroizing<String>,
    html: Zeroizing<String>,
}

impl Handover {
    /// With its name, size and end, if wished.
    pub fn of(link: &Link, with_text: bool) -> Self {
        let size_bytes = link.known.as_ref().map(|known| known.size_bytes);
        let told = Told { name: &link.name, files: link.files, size_bytes, ends_at: link.ends_at };
        Handover::saying(&link.id, &told, &link.url, with_text)
    }

    /// Of a link that was signed once more.
    pub fn of_again(shared: &Shared, again: &Again, with_text: bool) -> Self {
        let (name, files, size_bytes) = (shared.name.as_str(), shared.files, shared.size_bytes);
        let told = Told { name, files, size_bytes, ends_at: again.ends_at };
        Handover::saying(&shared.id, &told, &again.url, with_text)
    }

    fn saying(id: &str, told: &Told<'_>, url: &SignedUrl, with_text: bool) -> Self {
        let id = id.to_owned();
        if with_text {
            let links::Handover { plain, html } = links::handover(told, url, &ZonedDateTime::now());
            return Handover { id, plain, html };
        }
        let name = label(told.name, told.files);
        let anchor = format!("<a href=\"{}\">{}</a>", escaped(url.reveal()), escaped(&name));
        Handover { id, plain: Zeroizing::new(url.reveal().to_owned()), html: Zeroizing::new(anchor) }
    }

    pub fn id(&self) -> &str {
        &self.id
    }

    pub fn plain(&self) -> &str {
        &self.plain
    }

    pub fn html(&self) -> &str {
        &self.html
    }
}

/// What a link is called: by its file, or by the title of its page.
pub fn label(name: &str, files: u32) -> String {
    names::display(if files > 1 { name } else { names::last_segment(name) })
}

/// Whether some mail programs break a line with it.
pub fn is_long_for_mail(url: &SignedUrl) -> bool {
    /// RFC 5322: the longest line, without its end.
    const LONGEST_LINE: usize = 998;
    url.reveal().len() > LONGEST_LINE
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_never_become_markup() {
        assert_eq!(escaped(r#"<b>"a" & b</b>"#), "&lt;b&gt;&quot;a&quot; &amp; b&lt;/b&gt;");
        assert_eq!(label("Press/a.pdf", 1), "a.pdf");
        assert_eq!(label("3 files / more", 3), "3 files / more");
    }
}
