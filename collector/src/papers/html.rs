//! Papers as pages to print: the small part of Markdown that the templates use, as HTML without anything loaded.

const STYLE: &str = "body{font:11pt/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem;color:#111}\
h1{font-size:1.6rem}h2{font-size:1.2rem;margin-top:1.6rem}table{border-collapse:collapse;width:100%;font-size:.85rem}\
th,td{border:1px solid #999;padding:.25rem .4rem;text-align:left;vertical-align:top;overflow-wrap:anywhere}\
code{font-family:ui-monospace,monospace;font-size:.92em}@media print{body{margin:0}tr{break-inside:avoid}}";

/// A whole page from a paper.
pub(super) fn page(markdown: &str) -> String {
    let title = markdown.lines().find_map(|line| line.strip_prefix("# ")).unwrap_or_default();
    format!(
        "<!doctype html>\n<html lang=\"de\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>{}</title><style>{STYLE}</style></head>\n\
         <body>\n{}</body></html>\n",
        escaped(title),
        body(markdown)
    )
}

/// What kind of block a line belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Block {
    None,
    Paragraph,
    /// A list, and whether an inner list is open.
    List(bool),
    /// A table, and whether its head was written.
    Table(bool),
}

fn body(markdown: &str) -> String {
    let (mut html, mut open) = (String::new(), Block::None);
    for line in markdown.lines() {
        if let Some(cells) = line.strip_prefix('|') {
            row(cells, &mut open, &mut html);
        } else if let Some(item) = line.strip_prefix("- ") {
            item_of(item, false, &mut open, &mut html);
        } else if let Some(item) = line.strip_prefix("  - ") {
            item_of(item, true, &mut open, &mut html);
        } else {
            plain(line, &mut open, &mut html);
        }
    }
    change(&mut open, Block::None, &mut html);
    html
}

fn plain(line: &str, open: &mut Block, html: &mut String) {
    for (mark, tag) in [("### ", "h3"), ("## ", "h2"), ("# ", "h1")] {
        if let Some(text) = line.strip_prefix(mark) {
            change(open, Block::None, html);
            *html += &format!("<{tag}>{}</{tag}>\n", inline(text));
            return;
        }
    }
    if line.trim().is_empty() {
        change(open, Block::None, html);
    } else {
        if *open == Block::Paragraph {
            *html += "<br>\n";
        }
        change(open, Block::Paragraph, html);
        *html += &inline(line.trim());
    }
}

fn item_of(text: &str, is_inner: bool, open: &mut Block, html: &mut String) {
    if !matches!(open, Block::List(_)) {
        change(open, Block::List(false), html);
    }
    match (*open, is_inner) {
        (Block::List(false), true) => *html += "<ul>\n",
        (Block::List(true), false) => *html += "</ul>\n",
        _ => {}
    }
    *open = Block::List(is_inner);
    *html += &format!("<li>{}</li>\n", inline(text));
}

fn row(cells: &str, open: &mut Block, html: &mut String) {
    let cells: Vec<&str> = cells.trim_end().trim_end_matches('|').split('|').map(str::trim).collect();
    if cells.iter().all(|cell| !cell.is_empty() && cell.chars().all(|c| matches!(c, '-' | ':'))) {
        return;
    }
    if !matches!(open, Block::Table(_)) {
        change(open, Block::Table(false), html);
    }
    let tag = if *open == Block::Table(true) { "td" } else { "th" };
    *open = Block::Table(true);
    let cells: String = cells.iter().map(|cell| format!("<{tag}>{}</{tag}>", inline(cell))).collect();
    *html += &format!("<tr>{cells}</tr>\n");
}

/// Closes the open block and opens another, unless it is open already.
fn change(open: &mut Block, next: Block, html: &mut String) {
    if *open == next {
        return;
    }
    *html += match open {
        Block::None => "",
        Block::Paragraph => "</p>\n",
        Block::List(false) => "</ul>\n",
        Block::List(true) => "</ul></ul>\n",
        Block::Table(_) => "</table>\n",
    };
    *html += match next {
        Block::None => "",
        Block::Paragraph => "<p>",
        Block::List(_) => "<ul>\n",
        Block::Table(_) => "<table>\n",
    };
    *open = next;
}

/// Bold and code within a line. A mark without its partner stays a sign.
fn inline(text: &str) -> String {
    let paired = |text: &str, mark: &str, tag: &str| {
        let parts: Vec<&str> = text.split(mark).collect();
        let last = parts.len() - 1;
        let mut html = String::new();
        for (at, part) in parts.iter().enumerate() {
            if at > 0 {
                html += &match (at % 2 == 1, at == last && last % 2 == 1) {
                    (_, true) => mark.to_owned(),
                    (true, _) => format!("<{tag}>"),
                    (false, _) => format!("</{tag}>"),
                };
            }
            html += part;
        }
        html
    };
    paired(&paired(&escaped(text), "**", "b"), "`", "code")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_open_and_close() {
        let check = |markdown: &str, expected: &str| assert_eq!(body(markdown).replace('\n', ""), expected);
        check("# A\nb\nc\n\nd", "<h1>A</h1><p>b<br>c</p><p>d</p>");
        check("- a\n  - b\n- c", "<ul><li>a</li><ul><li>b</li></ul><li>c</li></ul>");
        check("- a\n  - b\n\nc", "<ul><li>a</li><ul><li>b</li></ul></ul><p>c</p>");
        check(
            "| a | b |\n|---|---|\n| 1 | |",
            "<table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td></td></tr></table>",
        );
        check("**a** `b<c>` 2 ** 3", "<p><b>a</b> <code>b&lt;c&gt;</code> 2 ** 3</p>");
        check("", "");
    }
}
