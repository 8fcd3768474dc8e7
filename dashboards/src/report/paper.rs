//! A small typesetter for tagged paper (PDF/UA-1, ISO 14289-1): headings, paragraphs and lists on A4 pages.
//!
//! Reading order is the order in which pieces are added; page numbers are artifacts, which readers skip.

use super::form::FileError;
use krilla::Document;
use krilla::configure::{Accessibility, ConfigurationBuilder};
use krilla::geom::Point;
use krilla::metadata::{DateTime, Metadata};
use krilla::outline::{Outline, OutlineNode};
use krilla::page::PageSettings;
use krilla::tagging::{
    Artifact, ArtifactType, ContentTag, Identifier, ListNumbering, Node, SpanTag, Tag, TagGroup, TagTree,
};
use krilla::text::{Font, TextDirection};
use krilla::{SerializeSettings, destination::XyzDestination};
use std::num::NonZeroU16;
use ttf_parser::Face;

/// A4 in points, and the margins.
const WIDTH: f32 = 595.0;
const HEIGHT: f32 = 842.0;
const MARGIN: f32 = 56.0;
const BOTTOM: f32 = 64.0;
/// Size of the line below each page.
const FOOT: f32 = 8.0;
/// What stands before an entry of a list.
const MARK: &str = "• ";

/// What a piece of text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// A heading of that level, from 1.
    Heading(u16),
    /// A paragraph.
    Paragraph,
    /// A paragraph that stands out.
    Strong,
    /// One entry of a list; neighbours form one list.
    Entry,
}

impl Role {
    /// Size, room above, indent, whether bold.
    const fn look(self) -> (f32, f32, f32, bool) {
        match self {
            Self::Heading(1) => (18.0, 0.0, 0.0, true),
            Self::Heading(2) => (14.0, 16.0, 0.0, true),
            Self::Heading(_) => (11.0, 11.0, 0.0, true),
            Self::Paragraph => (9.5, 3.0, 0.0, false),
            Self::Strong => (10.0, 3.0, 0.0, true),
            Self::Entry => (9.0, 2.0, 12.0, false),
        }
    }
}

/// One line set on a page.
#[derive(Clone)]
struct Line {
    page: usize,
    x: f32,
    y: f32,
    size: f32,
    bold: bool,
    text: String,
    piece: usize,
}

/// Paper being filled.
pub(super) struct Paper {
    pieces: Vec<(Role, String)>,
    lines: Vec<Line>,
    page: usize,
    y: f32,
    regular: Face<'static>,
    bold: Face<'static>,
}

/// What the document says of itself.
pub(super) struct About<'a> {
    pub(super) title: &'a str,
    pub(super) language: &'a str,
    /// Year, month, day.
    pub(super) made: (u16, u8, u8),
    /// How a page is numbered: `Seite {page} von {pages}`.
    pub(super) page: &'a dyn Fn(usize, usize) -> String,
}

impl Paper {
    pub(super) fn new() -> Result<Self, FileError> {
        let face =
            |bytes: &'static [u8]| Face::parse(bytes, 0).map_err(|error| FileError::Paper(error.to_string()));
        Ok(Self {
            pieces: Vec::new(),
            lines: Vec::new(),
            page: 0,
            y: MARGIN,
            regular: face(ttf_noto_sans::REGULAR)?,
            bold: face(ttf_noto_sans::BOLD)?,
        })
    }

    /// Begins a new page, unless this one is still empty.
    pub(super) fn turn(&mut self) {
        if self.lines.last().is_some_and(|line| line.page == self.page) {
            self.page += 1;
            self.y = MARGIN;
        }
    }

    /// Sets what belongs together on one page where one page has room for it. `set` is called again where it has not.
    pub(super) fn together(&mut self, set: impl Fn(&mut Self)) {
        let (pieces, lines, page, top) = (self.pieces.len(), self.lines.len(), self.page, self.y);
        set(self);
        let has_room =
            self.page == page + 1 && HEIGHT - BOTTOM - top + self.y - MARGIN <= HEIGHT - BOTTOM - MARGIN;
        if has_room && top > MARGIN {
            self.pieces.truncate(pieces);
            self.lines.truncate(lines);
            (self.page, self.y) = (page + 1, MARGIN);
            set(self);
        }
    }

    /// Adds a piece of text; an empty one is left out.
    pub(super) fn add(&mut self, role: Role, text: &str) {
        let text = text.trim();
        if text.is_empty() {
            return;
        }
        let (size, above, indent, bold) = role.look();
        let piece = self.pieces.len();
        self.pieces.push((role, text.to_owned()));
        let height = size * 1.35;
        // What follows the first line of an entry stands below its text, not below its mark.
        let hang = if role == Role::Entry { self.width(MARK, size, bold) } else { 0.0 };
        let broken = self.broken(text, size, bold, WIDTH - 2.0 * MARGIN - indent - hang);
        // A heading stays with at least two lines of what follows.
        let keeps = if matches!(role, Role::Heading(_)) { 3.0 } else { 1.0 };
        if self.y + above + height * keeps > HEIGHT - BOTTOM {
            self.turn();
        }
        if self.y > MARGIN {
            self.y += above;
        }
        for (nth, text) in broken.into_iter().enumerate() {
            if self.y + height > HEIGHT - BOTTOM {
                self.turn();
            }
            self.y += height;
            let is_marked = nth == 0 && role == Role::Entry;
            let (x, text) = if is_marked { (0.0, format!("{MARK}{text}")) } else { (hang, text) };
            let x = MARGIN + indent + x;
            self.lines.push(Line { page: self.page, x, y: self.y, size, bold, text, piece });
        }
    }

    fn width(&self, text: &str, size: f32, bold: bool) -> f32 {
        let face = if bold { &self.bold } else { &self.regular };
        let advance = |c: char| {
            let glyph = face.glyph_index(c).unwrap_or_default();
            f32::from(face.glyph_hor_advance(glyph).unwrap_or_default())
        };
        text.chars().map(advance).sum::<f32>() * size / f32::from(face.units_per_em())
    }

    /// The text in lines that fit; a word that is too long for a line is broken where the line ends.
    fn broken(&self, text: &str, size: f32, bold: bool, room: f32) -> Vec<String> {
        let face = if bold { &self.bold } else { &self.regular };
        // What the font cannot draw becomes a question mark, so that nothing is left out silently.
        let drawn = |c: char| if face.glyph_index(c).is_some() { c } else { '?' };
        let mut lines = Vec::new();
        let mut line = String::new();
        // A space that must not break keeps its two words on one line.
        let breaks = |c: char| c.is_whitespace() && c != '\u{a0}' && c != '\u{202f}';
        for word in text.split(breaks).filter(|word| !word.is_empty()) {
            let word: String = word.chars().map(drawn).collect();
            let longer = if line.is_empty() { word.clone() } else { format!("{line} {word}") };
            if self.width(&longer, size, bold) <= room {
                line = longer;
                continue;
            }
            if !line.is_empty() {
                lines.push(std::mem::take(&mut line) + " ");
            }
            for c in word.chars() {
                line.push(c);
                if self.width(&line, size, bold) > room && line.chars().count() > 1 {
                    line.pop();
                    lines.push(std::mem::take(&mut line));
                    line.push(c);
                }
            }
        }
        lines.push(line);
        lines
    }

    /// The finished document.
    pub(super) fn finish(self, about: &About<'_>) -> Result<Vec<u8>, FileError> {
        let broken = |error: String| FileError::Paper(error);
        let configuration = ConfigurationBuilder::new()
            .with_accessibility_validator(Accessibility::UA1)
            .finish()
            .map_err(|error| broken(format!("{error:?}")))?;
        let settings = SerializeSettings { configuration, ..SerializeSettings::default() };
        let mut document = Document::new_with(settings);
        let font = |bytes: &'static [u8]| {
            Font::new(bytes.into(), 0).ok_or_else(|| broken("the font does not read".to_owned()))
        };
        let (regular, bold) = (font(ttf_noto_sans::REGULAR)?, font(ttf_noto_sans::BOLD)?);
        let pages = self.page + 1;
        let mut tagged: Vec<Vec<Identifier>> = self.pieces.iter().map(|_| Vec::new()).collect();
        for page in 0..pages {
            let size = PageSettings::from_wh(WIDTH, HEIGHT).ok_or_else(|| broken("no page".to_owned()))?;
            let mut sheet = document.start_page_with(size);
            let mut surface = sheet.surface();
            for line in self.lines_from(|line| line.page < page).take_while(|line| line.page == page) {
                let id = surface.start_tagged(ContentTag::Span(SpanTag::empty()));
                let font = if line.bold { &bold } else { &regular };
                let at = Point::from_xy(line.x, line.y);
                surface.draw_text(at, font.clone(), line.size, &line.text, false, TextDirection::LeftToRight);
                surface.end_tagged();
                if let Some(ids) = tagged.get_mut(line.piece) {
                    ids.push(id);
                }
            }
            surface.start_tagged(ContentTag::Artifact(Artifact::with_kind(ArtifactType::Footer)));
            let number = (about.page)(page + 1, pages);
            let right = WIDTH - MARGIN - self.width(&number, FOOT, false);
            let title = self.broken(about.title, FOOT, false, right - MARGIN - 2.0 * FOOT);
            for (x, text) in title.first().map(|title| (MARGIN, title)).into_iter().chain([(right, &number)])
            {
                let at = Point::from_xy(x, HEIGHT - BOTTOM / 2.0);
                surface.draw_text(at, regular.clone(), FOOT, text, false, TextDirection::LeftToRight);
            }
            surface.end_tagged();
            surface.finish();
            sheet.finish();
        }
        document.set_outline(self.outline());
        document.set_tag_tree(self.tree(tagged, about.language));
        let (year, month, day) = about.made;
        let metadata = Metadata::new()
            .title(about.title.to_owned())
            .language(about.language.to_owned())
            .creator("Rundgang".to_owned())
            .creation_date(DateTime::new(year).month(month).day(day));
        document.set_metadata(metadata);
        document.finish().map_err(|error| broken(format!("{error:?}")))
    }

    /// The lines behind those that come earlier: pages and pieces follow each other, and a paper of many schools has a
    /// hundred thousand of them.
    fn lines_from(&self, is_earlier: impl Fn(&Line) -> bool) -> impl Iterator<Item = &Line> {
        self.lines[self.lines.partition_point(is_earlier)..].iter()
    }

    fn outline(&self) -> Outline {
        let mut outline = Outline::new();
        for (piece, (role, text)) in self.pieces.iter().enumerate() {
            let first = self.lines_from(|line| line.piece < piece).next();
            if let (Role::Heading(1 | 2), Some(line)) = (role, first) {
                let to = XyzDestination::new(line.page, Point::from_xy(MARGIN, line.y - line.size));
                outline.push_child(OutlineNode::new(text.clone(), to));
            }
        }
        outline
    }

    fn tree(&self, tagged: Vec<Vec<Identifier>>, language: &str) -> TagTree {
        let mut nodes: Vec<Node> = Vec::new();
        let mut list: Option<TagGroup> = None;
        for ((role, text), ids) in self.pieces.iter().zip(tagged) {
            let children: Vec<Node> = ids.into_iter().map(Node::from).collect();
            if *role == Role::Entry {
                let body = TagGroup::with_children(Tag::LBody, children);
                let entry = TagGroup::with_children(Tag::LI, vec![body.into()]);
                list.get_or_insert_with(|| TagGroup::new(Tag::L(ListNumbering::None))).push(entry);
                continue;
            }
            nodes.extend(list.take().map(Node::from));
            let group = match role {
                Role::Heading(level) => {
                    let level = NonZeroU16::new(*level).unwrap_or(NonZeroU16::MIN);
                    TagGroup::with_children(Tag::Hn(level, Some(text.clone())), children)
                }
                _ => TagGroup::with_children(Tag::P, children),
            };
            nodes.push(group.into());
        }
        nodes.extend(list.map(Node::from));
        TagTree::from(nodes).with_lang(Some(language.to_owned()))
    }
}
