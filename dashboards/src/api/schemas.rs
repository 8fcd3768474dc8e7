//! Every shape by its name: what schools, devices, systems, findings and answers look like to programs.

use super::shape::{
    Member,
    Shape::{self, Any, Day, Integer, List, Maybe, Number, Object, OneOf, Ref, Text, YesNo},
    each_optional, has, may, together,
};
use rundgang_store::{DONE_BY, LEVELS, PRIORITIES, STATUSES, views::overview::SEVERITIES};

/// What people may say of a finding.
pub(crate) const DECISIONS: &[&str] = &["acknowledged", "accepted", "ignored", "none"];
/// How a finding may stand.
pub(crate) const STANDINGS: &[&str] = &["open", "acknowledged", "accepted", "ignored", "closed"];
/// How sure something is.
const SURE: &[&str] = &["low", "medium", "high"];

const TEXT: Shape = Maybe(&Text);
const DAY: Shape = Maybe(&Day);
const NUMBER: Shape = Maybe(&Integer);
const SEVERITY: Shape = OneOf(&SEVERITIES);

/// Names of shapes with what they are.
pub(crate) const SCHEMAS: &[(&str, Shape)] = &[
    ("Problem", Object(PROBLEM)),
    ("School", Object(SCHOOL)),
    ("OpenCounts", Object(OPEN_COUNTS)),
    ("Schools", Object(&[has("items", List(&Ref("School")), ""), NEXT])),
    ("Asset", Object(ASSET)),
    ("Assets", Object(&[has("items", List(&Ref("Asset")), ""), NEXT])),
    ("AssetDetail", Object(ASSET_DETAIL)),
    ("Sighting", Object(SIGHTING)),
    ("Named", Object(NAMED)),
    ("System", Object(SYSTEM)),
    ("Systems", Object(&[has("items", List(&Ref("System")), ""), NEXT])),
    ("SystemChange", Object(SYSTEM_CHANGE)),
    ("Finding", Object(FINDING)),
    ("Findings", Object(&[has("items", List(&Ref("Finding")), ""), NEXT])),
    ("Decision", Object(DECISION)),
    ("DecisionGiven", Object(DECISION_GIVEN)),
    ("Survey", Object(SURVEY)),
    ("Surveys", Object(&[has("items", List(&Ref("Survey")), ""), NEXT])),
    ("SurveyAnswers", Object(SURVEY_ANSWERS)),
    ("Answer", Object(ANSWER)),
    ("PersonAnswer", Object(PERSON_ANSWER)),
    ("Task", Object(TASK)),
    ("Tasks", Object(&[has("items", List(&Ref("Task")), ""), NEXT])),
    ("Contact", Object(CONTACT)),
    ("Contacts", Object(&[has("items", List(&Ref("Contact")), ""), NEXT])),
    ("Offer", Object(OFFER)),
    ("Offers", Object(&[has("items", List(&Ref("Offer")), ""), NEXT])),
    ("Question", Object(QUESTION)),
    ("Questions", Object(&[has("items", List(&Ref("Question")), ""), NEXT])),
    ("Hit", Object(HIT)),
    ("Hits", Object(&[has("items", List(&Ref("Hit")), ""), NEXT])),
    ("OpenApi", Any),
];

/// The shape of that name.
pub(crate) fn named(name: &str) -> Option<&'static Shape> {
    SCHEMAS.iter().find(|(known, _)| *known == name).map(|(_, shape)| shape)
}

const NEXT: Member = has("next", TEXT, "what to send as `after` for the next part; null at the end");

/// RFC 9457.
const PROBLEM: &[Member] = &[
    has("type", Text, "about:blank: the status says what kind of problem it is"),
    has("title", Text, "the status in words"),
    has("status", Integer, "the HTTP status"),
    has("code", Text, "a word for programs, such as not-found or conflict"),
    has("detail", Text, "what is wrong, in the language of Accept-Language (de, nl, en)"),
    may("field", Text, "the member or parameter that is at fault"),
];

const NAMED: &[Member] = &[has("id", Integer, ""), has("name", Text, "")];

const OPEN_COUNTS: &[Member] = &[
    has("critical", Integer, ""),
    has("high", Integer, ""),
    has("medium", Integer, ""),
    has("low", Integer, ""),
    has("info", Integer, ""),
];

const SCHOOL: &[Member] = &[
    has("id", Integer, ""),
    has("name", Text, ""),
    has("kind", Text, "the kind of school"),
    has("commune", Text, "the commune in which it lies; empty where nobody said"),
    has("is_example", YesNo, "whether it is a recorded example"),
    has("assets", Integer, "devices found"),
    has("undocumented", Integer, "of these, devices that no documented system stands for"),
    has("systems", Integer, "documented systems"),
    has("open", Ref("OpenCounts"), "open findings by severity"),
    has("acknowledged", Integer, "open findings that somebody is dealing with"),
    has("segments_expected", Integer, "segments that should be walked"),
    has("segments_covered", Integer, "of these, segments that a fresh and complete round covered"),
    has("last_round", DAY, "the day on which the last round ended"),
];

const ASSET: &[Member] = &[
    has("id", Integer, "stable for good"),
    has("school", Integer, ""),
    has("label", Text, "what people call it"),
    has("kind", TEXT, "what it is; null where it is not recognised"),
    has("vendor", TEXT, ""),
    has("model", TEXT, ""),
    has("serial", TEXT, ""),
    has("os_version", TEXT, "version of firmware or operating system"),
    has("hostname", TEXT, "the name it gives itself"),
    has("ip", Text, "the address it was last seen at"),
    has("mac", TEXT, ""),
    has("segment", Text, "where it was last seen"),
    has("confidence", Maybe(&OneOf(SURE)), "how sure the kind is"),
    has("first_seen", Day, ""),
    has("last_seen", Day, "a day; the time of day is not kept"),
    has("system", Maybe(&Ref("Named")), "the documented system that stands for it"),
    has("room", TEXT, "the room of that system"),
];

const ASSET_DETAIL: &[Member] = &[
    has("asset", Ref("Asset"), ""),
    has("evidence", List(&Ref("Sighting")), "what each probe saw"),
    has("findings", List(&Ref("Finding")), "its findings, open ones first"),
];

const SIGHTING: &[Member] = &[
    has("probe", Text, ""),
    has("ip", Text, ""),
    has("segment", Text, ""),
    has("since", Day, "the day it was first said"),
    has("confirmed", Day, "the day it was last confirmed"),
    has("fields", Any, "values by the name of the vocabulary, such as pjlink.model"),
];

const STATUS: Shape = OneOf(STATUSES);

/// What people enter of a system.
const SYSTEM_FIELDS: [Member; 33] = [
    has("kind", Text, "a kind of device, or service, software, licence, free text"),
    has("name", Text, ""),
    has("purpose", Text, ""),
    has("room", NUMBER, ""),
    has("owner", Text, "who answers for it, as a function"),
    has("deputy", Text, ""),
    has("provider", Text, "who runs it"),
    has("first_level", Text, "first-level support"),
    has("second_level", Text, "second-level support"),
    has("hotline", Text, "whom to call"),
    has("contract", Text, ""),
    has("contract_from", DAY, ""),
    has("contract_until", DAY, ""),
    has("notice_until", DAY, ""),
    has("sla_hours", Text, ""),
    has("sla_reaction_hours", NUMBER, ""),
    has("credentials_kind", Text, ""),
    has("credentials_place", Text, "where they are kept, never what they are; a secret is refused"),
    has("credentials_deputy", Text, ""),
    has("credentials_checked", DAY, ""),
    has("purchased", DAY, ""),
    has("warranty_until", DAY, ""),
    has("insurance", Text, ""),
    has("licence_until", DAY, ""),
    has("personal_data", Maybe(&YesNo), "whether it processes personal data"),
    has("segment", Text, ""),
    has("domain", Text, "the domain it stands for"),
    has("serial", Text, ""),
    has("mac", Text, ""),
    has("changed_by", Text, "who may change it"),
    has("status", STATUS, ""),
    has("notes", Text, ""),
    has("asset", NUMBER, "the device it stands for"),
];

const SYSTEM: &[Member] = &together::<4, 33, 37>(
    [
        has("id", Integer, ""),
        has("school", Integer, ""),
        has("version", Integer, "goes up with each change; a change names the one it was made from"),
        has("room_name", TEXT, "the name of its room"),
    ],
    SYSTEM_FIELDS,
);

/// What is left out stays as it is; `null` takes a day or a number away.
const SYSTEM_CHANGE: &[Member] = &together::<1, 33, 34>(
    [has("version", Integer, "the version that was looked at; another one is a conflict")],
    each_optional(SYSTEM_FIELDS),
);

const FINDING: &[Member] = &[
    has("rule", Text, "what is wrong"),
    has("subject", Text, "with what: asset 7, domain schule.example, system 3"),
    has("school", Integer, "the school at which it is decided about; another one for a shared domain"),
    has("title", Text, "the rule in the language of Accept-Language"),
    has("label", Text, "what people call the subject"),
    has("severity", SEVERITY, ""),
    has("state", OneOf(STANDINGS), "how it stands today"),
    has("is_baseline", YesNo, "whether it is true of nearly every domain, and no gap"),
    has("opened", Day, ""),
    has("closed", DAY, "the day on which the evidence said it is over"),
    has("unknown_since", DAY, "the day since which nobody looked, while it is open"),
    has("evidence", Any, "what shows it; differs from rule to rule"),
    has("decision", Maybe(&Ref("Decision")), "what a person decided last"),
    has("due", DAY, "the last day for dealing with it, as people set it"),
    has(
        "responsible",
        TEXT,
        "who answers for the subject: its owner as the register names it, else its provider",
    ),
];

const DECISION: &[Member] = &[
    has("state", OneOf(DECISIONS), ""),
    has("reason", Text, ""),
    has("until", DAY, "the last day on which it holds"),
    has("who", Text, ""),
    has("at", Day, ""),
];

const DECISION_GIVEN: &[Member] = &[
    has("rule", Text, ""),
    has("subject", Text, ""),
    has("state", OneOf(DECISIONS), "none takes an earlier decision back"),
    may("reason", Text, "needed where a risk is accepted or a finding ignored"),
    may("until", DAY, "the last day on which it holds: not over, and needed for accepted and ignored"),
    may("due", DAY, "the last day for dealing with it; null takes it away, left out it stays"),
];

const SURVEY: &[Member] = &[
    has("id", Text, ""),
    has("version", Integer, ""),
    has("title", Text, ""),
    has("issuer", Text, "who asks"),
    has("questions", Integer, "how many there are"),
];

const SURVEY_ANSWERS: &[Member] = &[
    has("survey", Text, ""),
    has("version", Integer, ""),
    has("answerer", Text, "who answers"),
    has("as_of", Day, "the reference date"),
    has("answers", List(&Ref("Answer")), "one for each question, in their order"),
];

const ANSWER: &[Member] = &[
    has("question", Text, ""),
    has("text", Text, "the question in words"),
    has("value", Any, "what the machine says; null is unknown, which is neither zero nor no"),
    has("lower", Maybe(&Number), "the truth is at least this"),
    has("upper", Maybe(&Number), "the truth is at most this"),
    has("unit", Text, ""),
    has("confidence", OneOf(SURE), ""),
    has("segments_expected", Integer, "segments that should be walked"),
    has("segments_covered", Integer, "of these, segments that were"),
    has("evidence", Integer, "how many elements it rests on"),
    has("formula_version", Text, ""),
    has("person", Maybe(&Ref("PersonAnswer")), "what a person said; it counts before the machine's"),
];

const PERSON_ANSWER: &[Member] =
    &[has("value", Text, "as entered"), has("comment", Text, ""), has("who", Text, ""), has("at", Day, "")];

const TASK: &[Member] = &[
    has("task", Text, "its name for programs"),
    has("area", Text, "the field of work"),
    has("title", Text, "what is done, in the language of Accept-Language (de, nl, en)"),
    has("who", Text, "who does it, as a function; empty where nobody said"),
    has("done_by", Maybe(&OneOf(DONE_BY)), ""),
    has("level", Maybe(&OneOf(LEVELS)), "by several schools together, by the school, or by its IT team"),
    has("priority", Maybe(&OneOf(PRIORITIES)), "how soon a task that is not done is to be taken up"),
    has("hours", Maybe(&Number), "hours a week"),
    has("version", Integer, "0 where nobody said anything"),
];

const CONTACT: &[Member] = &[
    has("id", Integer, ""),
    has("school", NUMBER, "null for one of the Träger's own"),
    has("version", Integer, ""),
    has("function", Text, ""),
    has("name", Text, "the person, where one is named"),
    has("phone", Text, ""),
    has("mail", Text, ""),
    has("purpose", Text, "for what"),
];

const QUESTION: &[Member] = &[
    has("id", Integer, ""),
    has("system", Integer, "the documented system that it is about"),
    has("name", Text, "what the system is called"),
    has("whom", Text, "who was asked, as the register has it"),
    has("mail", Text, "the mail address; may be empty"),
    has("text", Text, "what was asked"),
    has("who", Text, "who asked"),
    has("asked", Day, "when"),
    has("due", Day, "the last day for an answer"),
    has("answered", Maybe(&Day), "when it was answered; null while it is open"),
    has("answer", Text, "what was answered"),
    has("version", Integer, ""),
];

const OFFER: &[Member] = &[
    has("id", Integer, ""),
    has("name", Text, ""),
    has("kind", TEXT, "as systems of the register have kinds"),
    has("provider", Text, "who runs it"),
    has("description", Text, ""),
    has("ask", Text, "whom to ask for it"),
    has("is_used", YesNo, "what the school says, else what its register shows"),
    has("said", Maybe(&YesNo), "what the school says"),
    has("systems", List(&Ref("Named")), "systems in use that are this offer, by kind and provider"),
];

const HIT: &[Member] = &[
    has("school", Ref("Named"), ""),
    has("name", Text, "what people call it"),
    has("room", TEXT, ""),
    has("system", Maybe(&Ref("System")), "whom to call and where its credentials are kept"),
    has("asset", Maybe(&Ref("Asset")), "the device, where one was found"),
    has("fits", Number, "how well it fits, from 0 to 1"),
];
