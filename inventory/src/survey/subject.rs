//! One element that a formula looks at: a device, a room, a system, and the values of its fields.

use super::bounds::Truth;
use super::formula::Noun;
use super::view::{Document, Domain, Link, OpenFinding, Room, Site, SurveyAsset, SurveyView, System, years};
use crate::{Confidence, Timestamp};
use std::borrow::Cow;

/// One element that a formula looks at.
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "each variant is the element of that noun")]
pub enum Subject<'a> {
    Asset(&'a SurveyAsset),
    Room(&'a Room),
    System(&'a System),
    Link(&'a Link),
    Document(&'a Document),
    Finding(&'a OpenFinding),
    Domain(&'a Domain),
    Site(&'a Site),
}

/// The value of one field of an element, as it stands in the view.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Datum<'a> {
    /// A word or text.
    Text(&'a str),
    /// A number.
    Number(f64),
    /// A flag.
    Flag(bool),
    /// A date.
    Date(Timestamp),
    /// Several words.
    List(&'a [String]),
}

impl<'a> Subject<'a> {
    /// What it is.
    #[must_use]
    pub const fn noun(&self) -> Noun {
        match self {
            Self::Asset(_) => Noun::Asset,
            Self::Room(_) => Noun::Room,
            Self::System(_) => Noun::System,
            Self::Link(_) => Noun::Link,
            Self::Document(_) => Noun::Document,
            Self::Finding(_) => Noun::Finding,
            Self::Domain(_) => Noun::Domain,
            Self::Site(_) => Noun::Site,
        }
    }

    /// Its identifier.
    #[must_use]
    pub fn id(&self) -> &'a str {
        match self {
            Self::Asset(asset) => &asset.id,
            Self::Room(room) => &room.name,
            Self::System(system) => &system.id,
            Self::Link(link) => &link.id,
            Self::Document(document) => &document.id,
            Self::Finding(finding) => &finding.id,
            Self::Domain(domain) => &domain.name,
            Self::Site(site) => &site.name,
        }
    }

    /// What people call it.
    #[must_use]
    pub fn label(&self) -> Cow<'a, str> {
        Cow::Borrowed(match self {
            Self::Asset(asset) => &asset.label,
            Self::System(system) => &system.name,
            Self::Document(document) => &document.title,
            Self::Finding(finding) => {
                return Cow::Owned(format!("{} – {}", finding.rule, finding.subject));
            }
            Self::Room(_) | Self::Link(_) | Self::Domain(_) | Self::Site(_) => self.id(),
        })
    }

    /// Whether the element is really there. A documented device that is not seen may be switched off or gone.
    #[must_use]
    pub const fn exists(&self) -> Truth {
        match self {
            Self::Asset(asset) if asset.seen || (asset.documented && !asset.networked) => Truth::Yes,
            Self::Asset(asset) if asset.documented => Truth::Probably,
            Self::Asset(_) => Truth::Unlikely,
            _ => Truth::Yes,
        }
    }

    /// The value of a field, where known.
    #[must_use]
    pub fn field(&self, name: &str, view: &'a SurveyView) -> Option<Datum<'a>> {
        match self {
            Self::Asset(asset) => asset_field(asset, name, view),
            Self::Room(room) => match name {
                "kind" => text(&room.kind),
                "wifi" => room.wifi.map(Datum::Flag),
                "lan" => room.lan.map(Datum::Flag),
                "teacher_pc" => room.teacher_pc.map(Datum::Flag),
                "document_camera" => room.document_camera.map(Datum::Flag),
                _ => None,
            },
            Self::System(system) => system_field(system, name),
            Self::Link(link) => match name {
                "technology" => maybe(link.technology.as_ref()),
                "down" => link.down.map(Datum::Number),
                "up" => link.up.map(Datum::Number),
                "role" => text(&link.role),
                "status" => text(&link.status),
                _ => None,
            },
            Self::Document(document) => match name {
                "kind" => text(&document.kind),
                "status" => text(&document.status),
                "date" => document.date.map(Datum::Date),
                "age_months" => document.date.map(|date| Datum::Number(years(date, view.as_of) * 12.0)),
                _ => None,
            },
            Self::Finding(finding) => match name {
                "rule" => text(&finding.rule),
                "subject" => text(&finding.subject),
                _ => None,
            },
            Self::Domain(domain) => match name {
                "name" => text(&domain.name),
                "checked" => Some(Datum::Flag(domain.checked)),
                "spf" => domain.spf.map(Datum::Flag),
                "dkim" => domain.dkim.map(Datum::Flag),
                "dmarc" => domain.dmarc.map(Datum::Flag),
                "mail_host" => maybe(domain.mail_host.as_ref()),
                _ => None,
            },
            Self::Site(site) => match name {
                "role" => text(&site.role),
                "agent" => Some(Datum::Flag(site.agent)),
                _ => None,
            },
        }
    }
}

fn asset_field<'a>(asset: &'a SurveyAsset, name: &str, view: &'a SurveyView) -> Option<Datum<'a>> {
    match name {
        "kind" => asset.kind.and_then(|kind| text(kind.name())),
        "vendor" => maybe(asset.vendor.as_ref()),
        "model" => maybe(asset.model.as_ref()),
        "room" => maybe(asset.room.as_ref()),
        "room_kind" => {
            let room = asset.room.as_ref()?;
            view.rooms.iter().find(|known| known.name == *room).and_then(|room| text(&room.kind))
        }
        // It stands somewhere; that nobody said where does not make it a device in no room.
        "placed" => asset.room.as_ref().map(|_| Datum::Flag(true)),
        "documented" => Some(Datum::Flag(asset.documented)),
        "seen" => Some(Datum::Flag(asset.seen)),
        "networked" => Some(Datum::Flag(asset.networked)),
        "confidence" => text(match asset.confidence {
            Confidence::Low => "low",
            Confidence::Medium => "medium",
            Confidence::High => "high",
        }),
        "age" => asset.bought.map(|bought| Datum::Number(years(bought, view.as_of))),
        "service" => Some(Datum::List(&asset.services)),
        "generation" => maybe(asset.generation.as_ref()),
        "managed" => asset.managed.map(Datum::Flag),
        "poe" => asset.poe.map(Datum::Flag),
        "supported" => asset.supported.map(Datum::Flag),
        "plaintext" => asset.plaintext.map(Datum::Flag),
        _ => None,
    }
}

fn system_field<'a>(system: &'a System, name: &str) -> Option<Datum<'a>> {
    // An empty place in the register is a known gap, so "is the owner there" is answered with no and not with unknown.
    let entered =
        |value: Option<&'a String>| value.map_or(Some(Datum::Flag(false)), |v| Some(Datum::Text(v)));
    match name {
        "kind" => text(&system.kind),
        "product" => maybe(system.product.as_ref()),
        "owner" => entered(system.owner.as_ref()),
        "deputy" => entered(system.deputy.as_ref()),
        "provider" => entered(system.provider.as_ref()),
        "credentials" => entered(system.credentials.as_ref()),
        "contract" => entered(system.contract.as_ref()),
        "specification" => entered(system.specification.as_ref()),
        "reaction_hours" => system.reaction_hours.map(Datum::Number),
        "hosting" => maybe(system.hosting.as_ref()),
        "seen" => system.seen.map(Datum::Flag),
        _ => None,
    }
}

fn text(word: &str) -> Option<Datum<'_>> {
    (!word.is_empty()).then_some(Datum::Text(word))
}

fn maybe(word: Option<&String>) -> Option<Datum<'_>> {
    word.and_then(|word| text(word))
}
