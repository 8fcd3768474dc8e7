//! The frame around every page: title, navigation, language, message and the mark of examples.

use crate::failure::Failure;
use crate::format;
use crate::text::{Argument, Language};
use crate::web::Visit;
use askama::Template;
use axum::response::{Html, IntoResponse, Response};
use rundgang_inventory::{Action, Rights, Timestamp, Zone, mail::catalogue};

/// What the base template needs.
#[derive(Clone, Debug)]
pub(crate) struct Chrome {
    pub(crate) language: Language,
    pub(crate) zone: Zone,
    pub(crate) title: String,
    pub(crate) lead: String,
    pub(crate) path: String,
    pub(crate) crumbs: Vec<(String, String)>,
    /// The school whose tabs are shown.
    pub(crate) school: Option<i64>,
    pub(crate) tab: &'static str,
    pub(crate) section: &'static str,
    pub(crate) example: bool,
    /// Whether real schools stand beside the examples.
    pub(crate) example_among_others: bool,
    pub(crate) message: Option<String>,
    pub(crate) message_is_error: bool,
    pub(crate) csrf: String,
    pub(crate) who: Option<String>,
    /// What the visitor may do; `None` before signing in.
    pub(crate) rights: Option<Rights>,
    pub(crate) can_leave: bool,
    pub(crate) now: String,
}

impl Chrome {
    pub(crate) fn new(visit: &Visit, title: String) -> Self {
        Self {
            language: visit.language,
            zone: visit.zone,
            title,
            lead: String::new(),
            path: visit.path.clone(),
            crumbs: Vec::new(),
            school: None,
            tab: "",
            section: "schools",
            example: false,
            example_among_others: false,
            message: None,
            message_is_error: false,
            csrf: visit.csrf.clone(),
            who: visit.who.clone(),
            rights: visit.rights.clone(),
            can_leave: visit.session.is_some(),
            now: format::moment(visit.language, visit.zone, visit.now),
        }
    }

    pub(crate) fn lead(mut self, lead: String) -> Self {
        self.lead = lead;
        self
    }

    pub(crate) const fn section(mut self, section: &'static str) -> Self {
        self.section = section;
        self
    }

    /// The frame of one school's pages.
    pub(crate) fn of_school(mut self, school: &rundgang_store::School, tab: &'static str) -> Self {
        if self.sees_traeger() {
            self.crumbs.push((self.t("nav-schools"), "/".to_owned()));
        }
        if tab != "school" || self.title != school.entered.name {
            self.crumbs.push((school.entered.name.clone(), format!("/schule/{}", school.id)));
        }
        self.school = Some(school.id);
        self.tab = tab;
        self.example = school.entered.is_example;
        self
    }

    pub(crate) fn crumb(mut self, text: String, to: String) -> Self {
        self.crumbs.push((text, to));
        self
    }

    /// The message that a form left in the address: a key of the texts, nothing else.
    pub(crate) fn told(mut self, done: Option<&str>) -> Self {
        self.message = done.and_then(|key| self.language.find(&format!("message-{key}"), &[]));
        self
    }

    /// Tells what was refused above the page.
    pub(crate) fn refused(mut self, text: String) -> Self {
        self.message = Some(text);
        self.message_is_error = true;
        self
    }

    pub(crate) fn t(&self, key: &str) -> String {
        self.language.text(key)
    }

    /// A text with one argument, mostly a count.
    pub(crate) fn n(&self, key: &str, name: &str, count: impl Into<Argument>) -> String {
        self.language.with(key, &[(name, count.into())])
    }

    /// A text with one argument, mostly a word.
    pub(crate) fn s(&self, key: &str, name: &str, word: impl Into<Argument>) -> String {
        self.n(key, name, word)
    }

    /// A word of the vocabulary in the page's language; the word itself where it is unknown.
    pub(crate) fn word(&self, family: &str, word: &str) -> String {
        let key = format!("{family}-{}", word.replace(['.', '_', ' '], "-"));
        self.language.find(&key, &[]).unwrap_or_else(|| word.to_owned())
    }

    /// The title of a rule. Rules about mail take their texts from the mail catalogue.
    pub(crate) fn rule(&self, rule: &str) -> String {
        rule_title(self.language, rule)
    }

    pub(crate) fn kind(&self, kind: &Option<String>) -> String {
        kind.as_ref().map_or_else(|| self.t("kind-unknown"), |kind| self.word("kind", kind))
    }

    pub(crate) fn date(&self, moment: &Timestamp) -> String {
        format::date(self.language, self.zone, *moment)
    }

    pub(crate) fn moment(&self, moment: &Timestamp) -> String {
        format::moment(self.language, self.zone, *moment)
    }

    /// The day of a moment for tables to take away: `2026-10-01`.
    pub(crate) fn day(&self, moment: &Timestamp) -> String {
        self.zone.wall(*moment).date()
    }

    #[expect(clippy::unused_self, reason = "templates reach it through the frame")]
    pub(crate) fn languages(&self) -> &'static [Language] {
        &Language::ALL
    }

    fn may(&self, action: Action, school: Option<i64>) -> bool {
        self.rights.as_ref().is_some_and(|rights| rights.allow(action, school).is_ok())
    }

    /// Whether the visitor may change what this page shows: the book of its school, or what is the Träger's.
    pub(crate) fn may_edit(&self) -> bool {
        match self.school {
            Some(school) => self.may(Action::EditBook, Some(school)),
            None => self.may(Action::EditTraeger, None),
        }
    }

    /// Whether the visitor may change the book of a school.
    pub(crate) fn may_edit_at(&self, school: &i64) -> bool {
        self.may(Action::EditBook, Some(*school))
    }

    /// Whether the visitor may change what is the Träger's, on whatever page.
    pub(crate) fn may_edit_traeger(&self) -> bool {
        self.may(Action::EditTraeger, None)
    }

    pub(crate) fn sees_traeger(&self) -> bool {
        self.may(Action::SeeTraeger, None)
    }

    pub(crate) fn may_search(&self) -> bool {
        self.may(Action::Search, None)
    }

    /// The ways of the main navigation that are open to the visitor: section, address, key of the text.
    pub(crate) fn ways(&self) -> Vec<(&'static str, String, &'static str)> {
        let own = self.rights.as_ref().filter(|rights| rights.role.has_school()).map(Rights::home);
        let all = [
            ("schools", "/", "nav-schools", Action::SeeTraeger),
            ("surveys", "/umfragen", "nav-surveys", Action::SeeTraeger),
            ("totals", "/summen", "nav-totals", Action::SeeTotals),
            ("assigned", "/auftraege", "nav-assigned", Action::SeeAssigned),
            ("collected", "/erfassung", "nav-collected", Action::SeeCollected),
            ("accounts", "/konten", "nav-accounts", Action::ManageAccounts),
        ];
        // Whoever runs everything reaches sums through the surveys, and assignments through the register.
        let through_others =
            |action| self.sees_traeger() && matches!(action, Action::SeeTotals | Action::SeeAssigned);
        own.map(|home| ("own", home, "nav-own-school"))
            .into_iter()
            .chain(
                all.into_iter()
                    .filter(|(_, _, _, action)| self.may(*action, None) && !through_others(*action))
                    .map(|(section, to, key, _)| (section, to.to_owned(), key)),
            )
            .collect()
    }

    pub(crate) fn current(&self, section: &str) -> &'static str {
        if self.section == section && self.school.is_none() { " aria-current=\"page\"" } else { "" }
    }

    pub(crate) fn tab(&self, tab: &str) -> &'static str {
        if self.tab == tab { " aria-current=\"page\"" } else { "" }
    }
}

/// The title of a rule in a language; the rule itself where there is none.
pub(crate) fn rule_title(language: Language, rule: &str) -> String {
    mail_texts(language, rule)
        // A sentence in a letter, a heading here: headings bear no full stop.
        .map(|texts| texts.wrong.trim_end_matches('.').to_owned())
        .filter(|text| !text.is_empty())
        .or_else(|| language.find(&format!("rule-{}", rule.replace(['.', '_', ' '], "-")), &[]))
        .unwrap_or_else(|| rule.to_owned())
}

/// What the mail catalogue says of a rule `mail.…`.
pub(crate) fn mail_texts(language: Language, rule: &str) -> Option<&'static catalogue::Texts> {
    catalogue::entry(rule.strip_prefix("mail.")?).map(|entry| entry.texts(spoken(language)))
}

/// The reader's language as the mail audit knows it.
pub(crate) const fn spoken(language: Language) -> catalogue::Language {
    match language {
        Language::De => catalogue::Language::De,
        Language::Nl => catalogue::Language::Nl,
        Language::En => catalogue::Language::En,
    }
}

/// A rendered page.
pub(crate) fn html(page: &impl Template) -> Result<Response, Failure> {
    Ok(Html(page.render()?).into_response())
}

/// A table to take away.
pub(crate) fn csv_file(name: &str, header: &[String], rows: &[Vec<String>]) -> Response {
    let headers = [
        ("content-type", "text/csv; charset=utf-8".to_owned()),
        ("content-disposition", format!("attachment; filename=\"{name}\"")),
    ];
    (headers, crate::csv::table(header, rows)).into_response()
}
