//! What recipients see, read as a browser would: tags, attributes and text apart.

use super::*;
use jiff::Timestamp;
use jiff::fmt::strtime;

const END: &str = "2026-11-30T09:30:00+01:00[Europe/Berlin]";

/// Names that have broken out of other pages, or that lie.
const HOSTILE: [&str; 60] = [
    "<img src=x onerror=\"window.ran=1\">.txt",
    "\"><svg onload=\"window.ran=1\">.png",
    "'><script>window.ran=1</script>.pdf",
    "</script><script>window.ran=1</script>",
    "</style><script>window.ran=1</script>",
    "</title><script>window.ran=1</script>",
    "</bdi></a></ul></main><h1>Signed out</h1>",
    "<script src=x></script>.js",
    "<iframe srcdoc=\"<script>window.ran=1</script>\">",
    "<object data=x>",
    "<embed src=x>",
    "<base href=x>",
    "<link rel=stylesheet href=x>",
    "<meta http-equiv=refresh content=\"0;url=x\">",
    "<form action=x><button>Sign in</button></form>",
    "<input autofocus onfocus=window.ran=1>",
    "<details open ontoggle=window.ran=1>",
    "<video><source onerror=window.ran=1>",
    "<marquee onstart=window.ran=1>",
    "<math><mtext></form><form><mglyph><style></math><img src onerror=window.ran=1>",
    "<svg><animate onbegin=window.ran=1>",
    "<style>*{display:none}</style>",
    "<template><b>x",
    "<!-- unfinished",
    "--><b>x</b>",
    "<![CDATA[<b>x</b>]]>",
    "<?xml version=\"1.0\"?>",
    "<b>bold</b> <i>markup</i>",
    "<a href=\"javascript:window.ran=1\">x</a>",
    "javascript:window.ran=1",
    "JaVaScRiPt:window.ran=1//.pdf",
    "data:text,<script>window.ran=1<script>",
    "vbscript:msgbox.txt",
    "\" onclick=\"window.ran=1",
    "' onmouseover='window.ran=1",
    "\"onfocus=window.ran=1 autofocus x=\"",
    "` onload=`window.ran=1",
    "\" style=\"position:fixed;inset:0",
    "\" download=\"other.exe\" x=\"",
    "\" href=\"javascript:window.ran=1",
    "x\" aria-hidden=\"true",
    "&lt;b&gt;.txt",
    "&amp;&#60;script&#62;.txt",
    "&#x3C;img src=x&#x3E;",
    "&nbsp;&copy;&reg=1.txt",
    "a&b=c;d,e'f.csv",
    "{{7*7}}",
    "${7*7}",
    "#{7*7}",
    "<%= 7*7 %>",
    "%3Cscript%3E.txt",
    "100%25 of it & more?.txt",
    "rep\u{202E}fdp.exe",
    "\u{2066}a\u{2069}\u{2067}b\u{2069}.pdf",
    "\u{FEFF}\u{200B}\u{200F}.txt",
    "line\nbreak\r\n.txt",
    "nul\0 and bell\u{7}.txt",
    "escape\u{1B}[31mred.txt",
    "invoice.pdf                                                                    .exe",
    "раypal \u{85}\u{2028}.html",
];

fn row(label: &str, size_bytes: u64) -> Row<'_> {
    Row { label, size_bytes, href: "1/x?X-Amz-Date=20261124T083000Z&X-Amz-Expires=518400".to_owned() }
}

fn rendered(title: &str, from: Option<&str>, rows: &[Row<'_>]) -> String {
    render(&Page { title, from, ends_at: &END.parse().unwrap(), rows })
}

/// A piece of a page: a tag with its attributes, or text.
#[derive(Debug, PartialEq)]
enum Piece {
    Tag(String, Vec<(String, String)>),
    Text(String),
}

/// Enough of HTML's rules for a page that is well-formed, and no mercy for one that is not.
fn pieces(page: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut rest = page;
    while let Some(at) = rest.find('<') {
        if at > 0 {
            pieces.push(Piece::Text(decoded(&rest[..at])));
        }
        rest = &rest[at + 1..];
        let name_end = rest.find([' ', '>']).unwrap();
        let name = rest[..name_end].to_owned();
        rest = &rest[name_end..];
        let mut attributes = Vec::new();
        while !rest.starts_with('>') {
            rest = rest.trim_start();
            let end = rest.find(['=', ' ', '>']).unwrap();
            let attribute = rest[..end].to_owned();
            rest = &rest[end..];
            let mut value = String::new();
            if let Some(after) = rest.strip_prefix("=\"") {
                let (quoted, after) = after.split_once('"').unwrap();
                (value, rest) = (decoded(quoted), after);
            } else if let Some(after) = rest.strip_prefix('=') {
                let end = after.find([' ', '>']).unwrap();
                (value, rest) = (after[..end].to_owned(), &after[end..]);
            }
            attributes.push((attribute, value));
        }
        rest = &rest[1..];
        let is_raw = name == "style" || name == "script";
        let end = is_raw.then(|| rest.find(&format!("</{name}>")).unwrap());
        pieces.push(Piece::Tag(name, attributes));
        if let Some(end) = end {
            pieces.push(Piece::Text(rest[..end].to_owned()));
            rest = &rest[end..];
        }
    }
    pieces
}

fn decoded(text: &str) -> String {
    let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&#39;", "'");
    text.replace("&amp;", "&")
}

/// Tags and the names of their attributes.
fn skeleton(pieces: &[Piece]) -> Vec<String> {
    let tags = pieces.iter().filter_map(|piece| match piece {
        Piece::Tag(name, attributes) => {
            let names = attributes.iter().map(|(name, _)| format!(" {name}"));
            Some(format!("{name}{}", names.collect::<String>()))
        }
        Piece::Text(_) => None,
    });
    // A known type has a badge, and programs are called programs.
    let tags = tags.map(|tag| tag.replace(" data-is", ""));
    tags.filter(|tag| !["em", "/em", "span", "/span"].contains(&tag.as_str())).collect()
}

fn texts_of(pieces: &[Piece], tag: &str) -> Vec<String> {
    let texts = pieces.windows(2).filter_map(|pair| match pair {
        [Piece::Tag(name, _), Piece::Text(text)] if name == tag => Some(text.clone()),
        _ => None,
    });
    texts.collect()
}

fn values_of(pieces: &[Piece], wanted: &str) -> Vec<String> {
    let attributes = pieces.iter().filter_map(|piece| match piece {
        Piece::Tag(_, attributes) => Some(attributes),
        Piece::Text(_) => None,
    });
    attributes.flatten().filter(|(name, _)| name == wanted).map(|(_, value)| value.clone()).collect()
}

#[test]
fn hostile_names_stay_text_wherever_they_stand() {
    let harmless = skeleton(&pieces(&rendered("Title", Some("Sender"), &[row("folder/name", 1)])));
    for name in HOSTILE {
        // A slash is what no name has.
        let name = name.replace('/', "\u{2215}");
        let label = format!("{name}/{name}");
        let page = pieces(&rendered(&format!("{name} title"), Some(&name), &[row(&label, 1)]));
        assert_eq!(skeleton(&page), harmless, "{name:?}");
        let drawn = names::display(&name);
        assert_eq!(texts_of(&page, "bdi"), [drawn.as_str(), &drawn, &drawn], "{name:?}");
        assert_eq!(texts_of(&page, "h1"), [format!("{drawn} title")], "{name:?}");
        let saved = &values_of(&page, "download")[0];
        assert_eq!(*saved, safe_name(&name));
        assert!(!saved.contains(names::is_drawn_otherwise), "{saved:?}");
    }
}

#[test]
fn a_name_with_slashes_is_folders_and_breaks_out_no_more_than_others() {
    for name in HOSTILE {
        let page = pieces(&rendered("Title", None, &[row(name, 1)]));
        let mut tags = skeleton(&page);
        tags.retain(|tag| !["h2", "/h2", "bdi", "/bdi"].contains(&tag.as_str()));
        let mut harmless = skeleton(&pieces(&rendered("Title", None, &[row("name", 1)])));
        harmless.retain(|tag| !["bdi", "/bdi"].contains(&tag.as_str()));
        assert_eq!(tags, harmless, "{name:?}");
    }
}

#[test]
fn an_address_stays_as_it_is_and_never_leads_elsewhere() {
    for (href, written) in [
        ("1/a%20b.pdf?X-Amz-Date=1&response=2", "1/a%20b.pdf?X-Amz-Date=1&response=2"),
        ("1/a?x-id=1&X-Amz-Date=1&reg-x=1&copy=1&amp;x", "1/a?x-id=1&X-Amz-Date=1&reg-x=1&copy=1&amp;x"),
        ("javascript:window.ran=1", "./javascript:window.ran=1"),
        ("//elsewhere/x", ".///elsewhere/x"),
        ("\"><b>", "\"><b>"),
    ] {
        let rows = [Row { label: "a.pdf", size_bytes: 1, href: href.to_owned() }];
        assert_eq!(values_of(&pieces(&rendered("Title", None, &rows)), "href"), [written]);
    }
}

#[test]
fn the_policy_allows_what_the_page_holds_and_nothing_else() {
    let page = pieces(&rendered("Title", None, &[row("a.pdf", 1), row("b/c.pdf", 1)]));
    let policy = &values_of(&page, "content")[0];
    let (style, script) = (texts_of(&page, "style"), texts_of(&page, "script"));
    let expected = format!(
        "default-src 'none'; style-src '{}'; script-src '{}'; base-uri 'none'; form-action 'none'",
        fingerprint(&style[0]),
        fingerprint(&script[0])
    );
    assert_eq!((policy, style.len(), script.len()), (&expected, 1, 1));
    for forbidden in ["style", "src", "srcset", "action"] {
        assert!(values_of(&page, forbidden).is_empty(), "{forbidden}");
    }
    assert!(skeleton(&page).iter().all(|tag| !tag.contains(" on")), "a handler in a tag");
    let own = style[0].clone() + &script[0];
    assert!(!own.contains("url(") && !own.contains("@import") && !own.contains("//"), "something from elsewhere");
}

#[test]
fn a_page_of_a_hundred_files_is_small() {
    let labels: Vec<String> = (0..100).map(|number| format!("Trade fair, hall {number} front.jpg")).collect();
    let address = format!("1/{}?{}", "n".repeat(32), vec![format!("X-Amz-Name={}", "v".repeat(25)); 8].join("&"));
    assert_eq!(address.len(), 330);
    let rows: Vec<Row<'_>> =
        labels.iter().map(|label| Row { href: address.clone(), ..row(label, 9_100_000) }).collect();
    let page = rendered("Trade fair photos", Some("Acme GmbH"), &rows);
    assert!(page.len() < 60_000, "{} bytes", page.len());
    let furniture = FIXED.style.len() + FIXED.script.len();
    assert!(furniture < 8_000, "{furniture} bytes beside the rows");
}

#[test]
fn the_end_is_said_with_its_zone_in_winter_and_in_summer() {
    for (end, said) in [
        (END, "Mon 30 Nov 2026, 09:30 (CET, UTC+01:00)"),
        ("2026-07-01T09:30:59.9+02:00[Europe/Berlin]", "Wed 1 Jul 2026, 09:30 (CEST, UTC+02:00)"),
        // The hour that there is twice.
        ("2026-10-25T02:30:00+02:00[Europe/Berlin]", "Sun 25 Oct 2026, 02:30 (CEST, UTC+02:00)"),
        ("2026-10-25T02:30:00+01:00[Europe/Berlin]", "Sun 25 Oct 2026, 02:30 (CET, UTC+01:00)"),
        ("2026-11-30T03:30:00-05:00[America/New_York]", "Mon 30 Nov 2026, 03:30 (EST, UTC-05:00)"),
        ("2026-11-30T05:30:00-03:00[America/Sao_Paulo]", "Mon 30 Nov 2026, 05:30 (UTC-03:00)"),
        ("2026-11-30T14:15:00+05:45[Asia/Kathmandu]", "Mon 30 Nov 2026, 14:15 (UTC+05:45)"),
        ("2026-11-30T08:30:00+00:00[Europe/London]", "Mon 30 Nov 2026, 08:30 (GMT, UTC)"),
        ("2026-11-30T08:30:00+00:00[UTC]", "Mon 30 Nov 2026, 08:30 (UTC)"),
    ] {
        assert_eq!(end_in_full(&end.parse().unwrap()), said);
    }
}

#[test]
fn the_end_is_never_said_later_than_it_is() {
    let first: Timestamp = "2026-10-24T22:00:00Z".parse().unwrap();
    for step in 0..2_000 {
        let end = Timestamp::from_millisecond(first.as_millisecond() + step * 86_111).unwrap();
        for zone in ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC"] {
            let end = end.in_tz(zone).unwrap();
            let said = end_in_full(&end);
            let (time, zone) = said.split_once(" (").unwrap();
            let offset = zone.rsplit_once("UTC").unwrap().1.trim_end_matches(')');
            let offset = if offset.is_empty() { "+00:00" } else { offset };
            let said = strtime::parse("%a %d %b %Y, %H:%M %:z", format!("{time} {offset}")).unwrap();
            let late = end.timestamp().as_millisecond() - said.to_timestamp().unwrap().as_millisecond();
            assert!((0..60_000).contains(&late), "{end} is said as {time} {offset}");
        }
    }
}

#[test]
fn what_script_reads_as_the_end_is_the_same_second() {
    let page = render(&Page {
        title: "Title",
        from: None,
        ends_at: &"2026-11-30T09:30:12.9+01:00[Europe/Berlin]".parse().unwrap(),
        rows: &[row("a.pdf", 1)],
    });
    assert_eq!(values_of(&pieces(&page), "datetime"), ["2026-11-30T09:30:12+01:00"]);
}

#[test]
fn folders_are_headings_and_the_one_that_the_title_names_is_not() {
    let rows = [row("Fair/b.jpg", 1), row("Fair/Stand/x.jpg", 1), row("Fair/a.jpg", 1), row("Fair/Stand/y/z.jpg", 1)];
    let heads = |title: &str| {
        let page = rendered(title, None, &rows);
        let heads = page.split("<h2>").skip(1).filter_map(|rest| rest.split_once("</h2>"));
        let heads = heads.map(|(head, _)| head.replace("<bdi>", "").replace("</bdi>", "")).collect::<Vec<_>>();
        (heads, values_of(&pieces(&page), "download"))
    };
    let order = ["b.jpg", "a.jpg", "x.jpg", "z.jpg"].map(str::to_owned).to_vec();
    assert_eq!(heads("Fair"), (vec!["Stand".to_owned(), "Stand / y".to_owned()], order.clone()));
    assert_eq!(
        heads("Photos"),
        (vec!["Fair".to_owned(), "Fair / Stand".to_owned(), "Fair / Stand / y".to_owned()], order)
    );
}

#[test]
fn how_many_files_there_are_is_said_as_in_the_window() {
    for (count, said) in [(1, "1 file"), (2, "2 files"), (1_000, "1,000 files"), (12_034, "12,034 files")] {
        assert_eq!(Files(count).to_string(), said);
    }
    let page = rendered("Fair", Some("Acme GmbH"), &[row("a.jpg", u64::MAX), row("b.exe", 1)]);
    assert!(page.contains("<bdi>Acme GmbH</bdi> shared with you") && page.contains("2 files · 18446744 TB · "));
    assert!(page.contains("<em>Program</em>1 byte"));
    assert!(rendered(" ", Some(""), &[row("a", 1)]).contains("Shared with you</p>\n<h1 dir=\"auto\">Files</h1>"));
}
