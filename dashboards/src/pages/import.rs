//! Entering a list of a school: send a file, look at what it comes to, say what its columns are, enter all of it or
//! nothing, and take the last one back.

mod form;
pub(crate) mod receive;
mod told;

pub(crate) use receive::receive;

use crate::chrome::{Chrome, html};
use crate::drafts::Draft;
use crate::failure::Failure;
use crate::guard::check_form;
use crate::lists::{LARGEST, Looked, UnreadList, UnreadRows, grid, look, sheets};
use crate::web::{Visit, WebState};
use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use form::{ColumnShown, Filled, columns, mapping};
use rundgang_inventory::lists::{ListError, Mapping};
use rundgang_store::{Entered, EnteredList, School};
use serde::Deserialize;
use told::{ProblemShown, problems, unread};

/// Rows that are told as wrong, as known or as repeated; who has more mends these first.
const TOLD: usize = 100;
/// Lists of former times that are shown.
const FORMER: usize = 20;

#[derive(Debug, Default, Deserialize)]
pub(crate) struct Asked {
    /// The list that waits.
    #[serde(default)]
    entwurf: String,
    ok: Option<String>,
}

/// What a list would come to.
struct Preview {
    id: String,
    file: String,
    sheets: Vec<(String, bool)>,
    headings: usize,
    /// The program whose export it is.
    export: Option<&'static str>,
    columns: Vec<ColumnShown>,
    /// Whether every row can be entered.
    is_sound: bool,
    /// How many cells or rows do not fit.
    wrong: usize,
    problems: Vec<ProblemShown>,
    would: Entered,
    repeated: usize,
}

#[derive(Template)]
#[template(path = "import.html")]
struct Page {
    c: Chrome,
    school: i64,
    largest: usize,
    preview: Option<Preview>,
    former: Vec<EnteredList>,
}

impl Page {
    /// Whether a list can be taken back here: the latest that stands.
    fn can_go(&self, list: &EnteredList) -> bool {
        let standing = self.former.iter().find(|list| list.undone.is_none());
        standing.is_some_and(|latest| latest.id == list.id)
    }
}

fn frame(visit: &Visit, school: &School) -> Chrome {
    Chrome::new(visit, visit.language.text("import-title"))
        .lead(visit.language.text("import-lead"))
        .of_school(school, "register")
        .crumb(visit.language.text("register-title"), format!("/schule/{}/register", school.id))
}

async fn shown(
    web: &WebState,
    visit: &Visit,
    school: i64,
    preview: Option<Preview>,
) -> Result<Page, Failure> {
    let (entered, mut former) =
        web.ask(move |traeger| Ok((traeger.school(school)?, traeger.lists(Some(school))?))).await?;
    former.truncate(FORMER);
    Ok(Page {
        c: frame(visit, &entered),
        school,
        largest: usize::try_from(LARGEST >> 20).unwrap_or_default(),
        preview,
        former,
    })
}

pub(crate) async fn page(
    State(web): State<WebState>,
    visit: Visit,
    Path(school): Path<i64>,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    if asked.entwurf.is_empty() {
        let mut page = shown(&web, &visit, school, None).await?;
        page.c = page.c.told(asked.ok.as_deref());
        return html(&page);
    }
    match web.draft(&asked.entwurf, school, &visit) {
        Some(draft) => preview_page(&web, &visit, &asked.entwurf, draft).await,
        None => refused(&web, &visit, school, "import-gone").await,
    }
}

/// The page with a refusal above it.
async fn refused(web: &WebState, visit: &Visit, school: i64, key: &str) -> Result<Response, Failure> {
    let mut page = shown(web, visit, school, None).await?;
    page.c = page.c.refused(visit.language.with(key, &[("count", page.largest.into())]));
    Ok((StatusCode::UNPROCESSABLE_ENTITY, html(&page)?).into_response())
}

/// What a list comes to, or what may be its headings and why it cannot be read.
struct Seen {
    looked: Looked,
    unread: Option<UnreadRows>,
}

async fn seen(web: &WebState, draft: &Draft) -> Result<Seen, Failure> {
    let turn = web.turn_at_reading().await?;
    let (draft, school) = (draft.clone(), draft.school);
    web.ask(move |traeger| {
        let _turn = turn;
        let sheet = draft.sheet.as_deref();
        match look(traeger, &draft.bytes, sheet, Some(school), draft.said) {
            Ok(looked) => Ok(Seen { looked, unread: None }),
            Err(UnreadRows::Store(error)) => Err(error),
            Err(unread) => {
                let has_none = matches!(unread, UnreadRows::Unread(UnreadList::List(ListError::NoHeadings)));
                let cells =
                    if has_none { grid(&draft.bytes, sheet).unwrap_or_default() } else { Default::default() };
                let read = Mapping::default().unknown(&cells);
                Ok(Seen { looked: Looked { read, ..Looked::default() }, unread: Some(unread) })
            }
        }
    })
    .await
}

async fn preview_page(web: &WebState, visit: &Visit, id: &str, draft: Draft) -> Result<Response, Failure> {
    let Seen { looked: Looked { read, rows, .. }, unread: cause } = seen(web, &draft).await?;
    let is_sound = cause.is_none() && read.problems.is_empty();
    let would = if is_sound {
        web.ask(move |traeger| traeger.look_at_list(&rows)).await?
    } else {
        Entered::default()
    };
    let c = Chrome::new(visit, String::new());
    let chosen = |name: String| {
        let is_chosen = draft.sheet.as_deref() == Some(name.as_str());
        (name, is_chosen)
    };
    let preview = Preview {
        id: id.to_owned(),
        file: draft.file.clone(),
        sheets: sheets(&draft.bytes).into_iter().map(chosen).collect(),
        headings: read.headings,
        export: read.export,
        columns: columns(&c, &read),
        is_sound,
        wrong: read.problems.len(),
        problems: problems(visit.language, &read.problems, TOLD),
        would,
        repeated: read.repeated.len(),
    };
    let mut page = shown(web, visit, draft.school, Some(preview)).await?;
    let Some(cause) = cause else { return html(&page) };
    page.c = page.c.refused(unread(visit.language, &cause));
    Ok((StatusCode::UNPROCESSABLE_ENTITY, html(&page)?).into_response())
}

/// Says what columns mean, or enters the list.
pub(crate) async fn settle(
    State(web): State<WebState>,
    visit: Visit,
    Path(school): Path<i64>,
    Form(filled): Form<Filled>,
) -> Result<Response, Failure> {
    check_form(&visit, &filled.one("csrf"))?;
    let id = filled.one("entwurf");
    let Some(draft) = web.draft(&id, school, &visit) else {
        return refused(&web, &visit, school, "import-gone").await;
    };
    let Seen { looked: before, unread: cause } = seen(&web, &draft).await?;
    let sheet = Some(filled.one("sheet")).filter(|sheet| !sheet.is_empty());
    let said = mapping(&draft.said, &before.read, &filled).ok_or(Failure::Refused("error-unfit"))?;
    let is_same = sheet == draft.sheet && said == draft.said;
    let draft = Draft { sheet, said, ..draft };
    let kept = draft.clone();
    web.with_drafts(|drafts| drafts.keep(&id, kept, visit.now));
    // What is entered is what was shown: who changed something looks first.
    let is_meant = is_same && filled.one("do") == "enter";
    if !is_meant || cause.is_some() || !before.read.problems.is_empty() {
        let to = format!("/schule/{school}/einlesen?entwurf={id}");
        return Ok(Redirect::to(&to).into_response());
    }
    let (who, now) = (visit.author(), visit.now);
    let entered = web
        .ask(move |traeger| traeger.enter_list(&draft.file, &before.rows, &before.said, (&who, now)))
        .await?;
    web.with_drafts(|drafts| drafts.forget(&id));
    let told = if entered.systems == 0 { "nothing-new" } else { "list-entered" };
    Ok(Redirect::to(&format!("/schule/{school}/einlesen?ok={told}")).into_response())
}

/// Takes a list of this school back.
pub(crate) async fn take_back(
    State(web): State<WebState>,
    visit: Visit,
    Path(school): Path<i64>,
    Form(filled): Form<Filled>,
) -> Result<Response, Failure> {
    check_form(&visit, &filled.one("csrf"))?;
    let list: i64 = filled.one("list").parse().map_err(|_| Failure::Refused("error-unfit"))?;
    let (who, now) = (visit.author(), visit.now);
    web.ask(move |traeger| {
        // A list with rows of other schools is the Träger's.
        if !traeger.lists(Some(school))?.iter().any(|own| own.id == list) {
            return Err(rundgang_store::Error::NotFound(format!("list {list}")));
        }
        traeger.take_list_back(list, &who, now)
    })
    .await?;
    Ok(Redirect::to(&format!("/schule/{school}/einlesen?ok=list-taken-back")).into_response())
}
