//! What goes on the clipboard for a link: letters for where only letters go, and a link with the file's name for where more does.

use jiff::ZonedDateTime;
use satchel_core::links::{self, Again, Link, Shared, SignedUrl, Told};
use satchel_core::names;

/// Both flavours of one link. Wiped when it is let go of.
pub struct Handover {
    id: String,
    said: links::Handover,
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
        let said =
            if with_text { links::handover(told, url, &ZonedDateTime::now()) } else { links::link_alone(told, url) };
        Handover { id: id.to_owned(), said }
    }

    pub fn id(&self) -> &str {
        &self.id
    }

    pub fn plain(&self) -> &str {
        &self.said.plain
    }

    pub fn html(&self) -> &str {
        &self.said.html
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_called_by_its_file_or_by_its_page() {
        assert_eq!(label("Press/a.pdf", 1), "a.pdf");
        assert_eq!(label("3 files / more", 3), "3 files / more");
    }
}
