//! The tasks of keeping a school's technology going, as data, and the rule of thumb for the hours they need.

use crate::survey::Texts;
use serde::Deserialize;
use std::sync::LazyLock;

/// A field of work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Area {
    /// Equipment, networks and software.
    Technical,
    /// Policy and vision.
    Policy,
    /// Accounts, lists and orders.
    Administration,
    /// Teaching with it.
    Teaching,
}

impl Area {
    /// Every field of work, in the order of the catalogue.
    pub const ALL: [Self; 4] = [Self::Technical, Self::Policy, Self::Administration, Self::Teaching];

    /// The name in files and pages.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Technical => "technical",
            Self::Policy => "policy",
            Self::Administration => "administration",
            Self::Teaching => "teaching",
        }
    }
}

/// A task.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Task {
    /// Its identifier, which never changes.
    pub id: String,
    /// Its field of work.
    pub area: Area,
    /// What is done.
    pub title: Texts,
}

#[derive(Deserialize)]
struct Catalogue {
    task: Vec<Task>,
}

static ALL: LazyLock<Vec<Task>> = LazyLock::new(|| {
    // The test below refuses a release in which the catalogue does not load.
    let read: Option<Catalogue> = toml::from_str(include_str!("../tasks.toml")).ok();
    read.map(|read| read.task).unwrap_or_default()
});

/// Every task, in the order of the catalogue.
#[must_use]
pub fn all() -> &'static [Task] {
    &ALL
}

/// The task of that identifier.
#[must_use]
pub fn find(id: &str) -> Option<&'static Task> {
    all().iter().find(|task| task.id == id)
}

/// Hundredths of an hour a week that the tasks of a school of so many pupils need by the rule of thumb of the Digisprong
/// overview: half an hour a week for every hundred pupils.
#[must_use]
pub const fn rule_of_thumb(pupils: i64) -> i64 {
    pupils / 2
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::{BTreeMap, BTreeSet};

    #[test]
    fn the_catalogue_holds_the_tasks_of_the_overview_in_three_languages() {
        let mut count: BTreeMap<Area, usize> = BTreeMap::new();
        for task in all() {
            *count.entry(task.area).or_default() += 1;
            let fits = |c: char| c.is_ascii_lowercase() || c == '-';
            assert!(!task.id.is_empty() && task.id.chars().all(fits), "{task:?}");
            let titles = [&task.title.de, &task.title.en, &task.title.nl];
            assert!(titles.iter().all(|title| (3..=70).contains(&title.chars().count())), "{task:?}");
        }
        assert_eq!(Area::ALL.map(|area| count[&area]), [27, 17, 11, 12]);
        let ids: BTreeSet<&str> = all().iter().map(|task| task.id.as_str()).collect();
        assert_eq!(ids.len(), 67);
        for language in ["de", "en", "nl"] {
            let titles: BTreeSet<&str> = all().iter().map(|task| task.title.get(language)).collect();
            assert_eq!(titles.len(), 67, "two tasks are called alike in {language}");
        }
        assert_eq!(find("backup").map(|task| task.area), Some(Area::Technical));
        assert_eq!(find("no such task"), None);
    }

    #[test]
    fn half_an_hour_a_week_for_every_hundred_pupils() {
        for (pupils, hundredths) in [(0, 0), (100, 50), (812, 406), (1000, 500)] {
            assert_eq!(rule_of_thumb(pupils), hundredths, "{pupils}");
        }
    }
}
