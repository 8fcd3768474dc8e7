//! Who may do what with the book: seven roles, the few things that can be done, and how far each role reaches.
//!
//! The pages name for each address what is done there ([`Action`]) and ask [`Role::reach`] whether the one who asks may
//! do it: for the whole Träger, at their own school only, or not at all. Nothing else decides (promise P11).

/// What somebody is to the Träger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// The Träger's IT: everything, at every school.
    Administrator,
    /// Reads everything of the Träger and changes nothing.
    Reader,
    /// The Schul-IT-Koordination: keeps the book of one school.
    Coordinator,
    /// The head of one school: reads its book.
    Head,
    /// A company or a person that runs some systems: sees these and nothing else.
    Provider,
    /// Data protection officer or staff council: sees what is collected, and no device.
    DataProtection,
    /// Gathers surveys: sees sums over schools, and neither a school nor a device.
    SurveyOffice,
}

/// What is done at an address of the pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// Reads the book of a school: its devices, findings, systems, answers.
    SeeBook,
    /// Changes the book of a school.
    EditBook,
    /// Reads which schools there are, as far as one may read their books.
    ListSchools,
    /// Asks the search over all books that one may read.
    Search,
    /// Reads what is collected and under which authorisation.
    SeeCollected,
    /// Reads the overview of all schools and the surveys of the Träger.
    SeeTraeger,
    /// Changes what belongs to the Träger: opens surveys, gives back, submits, settings.
    EditTraeger,
    /// Reads the sums of a survey over schools.
    SeeTotals,
    /// Reads the systems that one is the provider of.
    SeeAssigned,
    /// Opens and closes accounts.
    ManageAccounts,
    /// Keeps one's own account: password, second factor, signing out.
    KeepOwnAccount,
}

/// How far a role reaches with an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// Not at all.
    Nothing,
    /// At the own school.
    OwnSchool,
    /// At every school of the Träger.
    Everything,
}

impl Role {
    /// Every role, in the order in which people are offered them.
    pub const ALL: [Self; 7] = [
        Self::Coordinator,
        Self::Head,
        Self::Administrator,
        Self::Reader,
        Self::Provider,
        Self::DataProtection,
        Self::SurveyOffice,
    ];

    /// The word for it on the command line and in the database.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Administrator => "administrator",
            Self::Reader => "reader",
            Self::Coordinator => "coordinator",
            Self::Head => "head",
            Self::Provider => "provider",
            Self::DataProtection => "data-protection",
            Self::SurveyOffice => "survey-office",
        }
    }

    /// The role of a word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == word)
    }

    /// Whether somebody in this role belongs to one school.
    #[must_use]
    pub const fn has_school(self) -> bool {
        matches!(self, Self::Coordinator | Self::Head)
    }

    /// How far this role reaches with an action.
    #[must_use]
    pub const fn reach(self, action: Action) -> Reach {
        use Reach::{Everything, Nothing, OwnSchool};
        match (self, action) {
            (_, Action::KeepOwnAccount) | (Self::Administrator, _) => Everything,
            (
                Self::Reader,
                Action::SeeBook
                | Action::ListSchools
                | Action::Search
                | Action::SeeCollected
                | Action::SeeTraeger
                | Action::SeeTotals,
            )
            | (Self::DataProtection, Action::SeeCollected)
            | (Self::SurveyOffice, Action::SeeTotals)
            | (Self::Provider, Action::SeeAssigned) => Everything,
            (
                Self::Coordinator,
                Action::SeeBook
                | Action::EditBook
                | Action::ListSchools
                | Action::Search
                | Action::SeeCollected,
            )
            | (Self::Head, Action::SeeBook | Action::ListSchools | Action::Search | Action::SeeCollected) => {
                OwnSchool
            }
            _ => Nothing,
        }
    }
}

impl Action {
    /// Every action.
    pub const ALL: [Self; 11] = [
        Self::SeeBook,
        Self::EditBook,
        Self::ListSchools,
        Self::Search,
        Self::SeeCollected,
        Self::SeeTraeger,
        Self::EditTraeger,
        Self::SeeTotals,
        Self::SeeAssigned,
        Self::ManageAccounts,
        Self::KeepOwnAccount,
    ];

    /// Whether a page of this action that names no school shows somebody of one school that school's part alone. Every
    /// other page without a school in its address is closed to them.
    #[must_use]
    pub const fn narrows_itself(self) -> bool {
        matches!(self, Self::ListSchools | Self::Search | Self::SeeCollected)
    }
}

/// What one visitor may do: a role, and what it is bound to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rights {
    /// What the visitor is.
    pub role: Role,
    /// The own school of a [`Role::Coordinator`] or a [`Role::Head`].
    pub school: Option<i64>,
    /// The name under which the register knows a [`Role::Provider`].
    pub provider: String,
}

/// Why something is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The role never does this.
    Role,
    /// It belongs to another school, of which nothing is said.
    OtherSchool,
}

impl Rights {
    /// All of it: whoever runs the collector.
    #[must_use]
    pub const fn whole() -> Self {
        Self { role: Role::Administrator, school: None, provider: String::new() }
    }

    /// Whether an action is allowed at a school, or where `None` is given at an address without one.
    ///
    /// # Errors
    /// Why it is not.
    pub fn allow(&self, action: Action, school: Option<i64>) -> Result<(), Refusal> {
        match self.role.reach(action) {
            Reach::Everything => Ok(()),
            Reach::Nothing => Err(Refusal::Role),
            Reach::OwnSchool => match school {
                Some(school) if self.school == Some(school) => Ok(()),
                Some(_) => Err(Refusal::OtherSchool),
                // Somebody of one school to whom no school was given sees none.
                None if self.school.is_some() && action.narrows_itself() => Ok(()),
                None => Err(Refusal::Role),
            },
        }
    }

    /// The one school to which everything that is shown must be narrowed; `None` where nothing need be.
    #[must_use]
    pub fn only_school(&self) -> Option<i64> {
        if self.role.has_school() { self.school.or(Some(0)) } else { None }
    }

    /// The page on which this visitor begins.
    #[must_use]
    pub fn home(&self) -> String {
        match self.role {
            Role::Administrator | Role::Reader => "/".to_owned(),
            Role::Coordinator | Role::Head => {
                self.school.map_or_else(|| "/konto".to_owned(), |school| format!("/schule/{school}"))
            }
            Role::Provider => "/auftraege".to_owned(),
            Role::DataProtection => "/erfassung".to_owned(),
            Role::SurveyOffice => "/summen".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The matrix as people agreed on it: `+` everywhere, `o` at the own school, `-` never.
    #[test]
    fn each_role_reaches_as_far_as_promised() {
        let matrix = [
            // book edit schools search collected traeger edit totals assigned accounts own
            (Role::Administrator, "+++++++++++"),
            (Role::Reader, "+-++++-+--+"),
            (Role::Coordinator, "ooooo-----+"),
            (Role::Head, "o-ooo-----+"),
            (Role::Provider, "--------+-+"),
            (Role::DataProtection, "----+-----+"),
            (Role::SurveyOffice, "-------+--+"),
        ];
        assert_eq!(matrix.len(), Role::ALL.len());
        for (role, row) in matrix {
            let told: String = Action::ALL
                .into_iter()
                .map(|action| match role.reach(action) {
                    Reach::Everything => '+',
                    Reach::OwnSchool => 'o',
                    Reach::Nothing => '-',
                })
                .collect();
            assert_eq!(told, row, "{role:?}");
            assert_eq!(Role::parse(role.name()), Some(role));
        }
    }

    #[test]
    fn somebody_of_one_school_stays_there() {
        let check = |role: Role, own: Option<i64>, action: Action, school: Option<i64>, expected| {
            let rights = Rights { role, school: own, provider: String::new() };
            assert_eq!(rights.allow(action, school), expected, "{role:?} {own:?} {action:?} {school:?}");
        };
        check(Role::Coordinator, Some(1), Action::EditBook, Some(1), Ok(()));
        check(Role::Coordinator, Some(1), Action::EditBook, Some(2), Err(Refusal::OtherSchool));
        check(Role::Coordinator, None, Action::EditBook, Some(2), Err(Refusal::OtherSchool));
        check(Role::Coordinator, Some(1), Action::Search, None, Ok(()));
        check(Role::Coordinator, None, Action::Search, None, Err(Refusal::Role));
        check(Role::Coordinator, Some(1), Action::SeeBook, None, Err(Refusal::Role));
        check(Role::Head, Some(1), Action::SeeBook, Some(1), Ok(()));
        check(Role::Head, Some(1), Action::EditBook, Some(1), Err(Refusal::Role));
        check(Role::Reader, None, Action::SeeBook, Some(9), Ok(()));
        check(Role::Provider, Some(1), Action::SeeBook, Some(1), Err(Refusal::Role));
        assert_eq!(Rights { role: Role::Head, school: None, provider: String::new() }.only_school(), Some(0));
        assert_eq!(Rights::whole().only_school(), None);
    }
}
