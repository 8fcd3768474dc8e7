//! The walk by hand: going from room to room with a phone, and ticking what stands there.

use super::paging::Paging;
use super::reconcile::entries;
use crate::chrome::{Chrome, html};
use crate::failure::Failure;
use crate::guard::check_form;
use crate::web::{Visit, WebState};
use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use rundgang_store::Room;
use rundgang_store::views::assets::{AssetFilter, AssetLine};
use rundgang_store::views::slices::PART;
use serde::Deserialize;
use std::collections::BTreeSet;

#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Asked {
    /// The room that somebody stands in.
    #[serde(default)]
    raum: String,
    #[serde(default)]
    q: String,
    #[serde(default)]
    nach: String,
    fertig: Option<usize>,
}

/// The room that somebody stands in.
struct Here {
    room: Room,
    /// What the register says that stands here: number, name, device.
    systems: Vec<(i64, String, Option<i64>)>,
    /// Devices that stand nowhere yet, or of which somebody asks.
    devices: Vec<AssetLine>,
    /// The room after this one.
    next: Option<Room>,
}

#[derive(Template)]
#[template(path = "rooms.html")]
struct Page {
    c: Chrome,
    school: i64,
    asked: Asked,
    /// Each with how many systems stand there, and its building.
    rooms: Vec<(Room, usize, String)>,
    here: Option<Here>,
    paging: Paging,
}

pub(crate) async fn page(
    State(web): State<WebState>,
    visit: Visit,
    Path(school): Path<i64>,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let wanted: Option<i64> = asked.raum.parse().ok();
    let (text, after) = (asked.q.clone(), asked.nach.clone());
    let (entered, mut all, buildings, standing, slice) = web
        .ask(move |traeger| {
            let entered = traeger.school(school)?;
            let filter = AssetFilter { unplaced: text.is_empty(), text, ..AssetFilter::default() };
            let slice = traeger.asset_slice(school, &filter, &after, PART)?;
            let (rooms, buildings) = (traeger.rooms(school)?, traeger.buildings(school)?);
            Ok((entered, rooms, buildings, traeger.in_rooms(school)?, slice))
        })
        .await?;
    let building = |room: &Room| {
        let found = buildings.iter().find(|one| Some(one.id) == room.building);
        found.map(|one| one.name.clone()).unwrap_or_default()
    };
    // Whoever walks goes through one building after the other.
    all.sort_by_cached_key(|room| (building(room), room.name.clone()));
    let room = all.iter().position(|room| Some(room.id) == wanted);
    if wanted.is_some() && room.is_none() {
        return Err(Failure::NotFound);
    }
    let c = Chrome::new(&visit, visit.language.text("rooms-walk"))
        .lead(visit.language.text("rooms-walk-lead"))
        .of_school(&entered, "register")
        .crumb(visit.language.text("register-title"), format!("/schule/{school}/register"));
    let c = match asked.fertig {
        Some(count) => Chrome { message: Some(c.n("rooms-done", "count", count)), ..c },
        None => c,
    };
    let pairs = [("raum", asked.raum.as_str()), ("q", asked.q.as_str())];
    let path = format!("/schule/{school}/raeume");
    let paging = Paging::new(&path, &pairs, &asked.nach, slice.next.as_deref());
    let of = |id: i64| standing.get(&id).cloned().unwrap_or_default();
    let here = room.map(|at| {
        let systems = of(all[at].id);
        let known: BTreeSet<i64> = systems.iter().filter_map(|(_, _, device)| *device).collect();
        let devices = slice.lines.into_iter().filter(|line| !known.contains(&line.id)).collect();
        Here { room: all[at].clone(), systems, devices, next: all.get(at + 1).cloned() }
    });
    let rooms = all.into_iter().map(|room| {
        let (count, at) = (of(room.id).len(), building(&room));
        (room, count, at)
    });
    let rooms = rooms.collect();
    html(&Page { c, school, asked, rooms, here, paging })
}

pub(crate) async fn save(
    State(web): State<WebState>,
    visit: Visit,
    Path(school): Path<i64>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, Failure> {
    let one =
        |name: &str| pairs.iter().find(|(place, _)| place == name).map_or("", |(_, value)| value.as_str());
    let all = |name: &str| -> BTreeSet<i64> {
        pairs.iter().filter(|(place, _)| place == name).filter_map(|(_, id)| id.parse().ok()).collect()
    };
    check_form(&visit, one("csrf"))?;
    let room: i64 = one("raum").parse().map_err(|_| Failure::Refused("error-unfit"))?;
    let (ticked, shown, kept) = (all("asset"), all("shown"), all("system"));
    let not_here: Vec<i64> = shown.difference(&kept).copied().collect();
    let mut lines = web.ask(move |traeger| traeger.asset_lines(school, &AssetFilter::default())).await?;
    lines.retain(|line| ticked.contains(&line.id));
    let here = entries(&visit, &lines, school);
    let (who, now) = (visit.author(), visit.now);
    let settled =
        web.ask(move |traeger| traeger.settle_room(school, room, &here, &not_here, (&who, now))).await?;
    let next = if one("do") == "next" { one("next") } else { "" };
    let next = if next.is_empty() { room.to_string() } else { next.to_owned() };
    let next: i64 = next.parse().map_err(|_| Failure::Refused("error-unfit"))?;
    let done = settled.entered + settled.moved;
    Ok(Redirect::to(&format!("/schule/{school}/raeume?raum={next}&fertig={done}")).into_response())
}
