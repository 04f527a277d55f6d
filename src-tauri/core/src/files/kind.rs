//! What sort of file a name promises: for the badge, and for what may be opened in a browser.

use serde::Serialize;

/// The group that gives a badge its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum TypeGroup {
    Folder,
    Pdf,
    Document,
    Sheet,
    Slides,
    Image,
    Video,
    Audio,
    Archive,
    Text,
    Program,
    Other,
}

impl TypeGroup {
    /// The group of a file name.
    pub fn of(name: &str) -> Self {
        match extension(name).as_str() {
            "pdf" => TypeGroup::Pdf,
            "doc" | "docx" | "odt" | "rtf" | "pages" => TypeGroup::Document,
            "xls" | "xlsx" | "ods" | "csv" | "tsv" | "numbers" => TypeGroup::Sheet,
            "ppt" | "pptx" | "odp" | "key" => TypeGroup::Slides,
            "jpg" | "jpeg" | "png" | "gif" | "webp" | "heic" | "tif" | "tiff" | "bmp" | "svg" | "psd" | "ai"
            | "avif" => TypeGroup::Image,
            "mp4" | "mov" | "mkv" | "avi" | "webm" | "m4v" | "mpg" | "mpeg" => TypeGroup::Video,
            "mp3" | "wav" | "flac" | "m4a" | "aac" | "ogg" | "opus" => TypeGroup::Audio,
            "zip" | "7z" | "rar" | "tar" | "gz" | "tgz" | "bz2" | "xz" | "zst" => TypeGroup::Archive,
            "txt" | "md" | "log" | "json" | "xml" | "yaml" | "yml" | "html" | "htm" | "ini" | "eml" => TypeGroup::Text,
            "exe" | "msi" | "bat" | "cmd" | "com" | "scr" | "ps1" | "vbs" | "js" | "jar" | "sh" | "run" | "app"
            | "dmg" | "pkg" | "deb" | "rpm" | "desktop" | "appimage" | "lnk" | "hta" | "iso" => TypeGroup::Program,
            _ => TypeGroup::Other,
        }
    }
}

/// At most four letters: the extension, shortened where offices know it shorter.
pub(super) fn label(name: &str) -> String {
    match extension(name).as_str() {
        "" => String::new(),
        "jpeg" => "JPG".to_owned(),
        "docx" => "DOC".to_owned(),
        "xlsx" => "XLS".to_owned(),
        "pptx" => "PPT".to_owned(),
        "tiff" => "TIF".to_owned(),
        "html" => "HTM".to_owned(),
        extension => extension.chars().take(4).collect::<String>().to_uppercase(),
    }
}

fn extension(name: &str) -> String {
    let extension = name.rsplit_once('.').filter(|(stem, _)| !stem.is_empty()).map(|(_, extension)| extension);
    let known = extension.filter(|extension| {
        (1..=8).contains(&extension.len()) && extension.chars().all(|letter| letter.is_ascii_alphanumeric())
    });
    known.unwrap_or_default().to_ascii_lowercase()
}
