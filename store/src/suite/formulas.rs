//! Formulas as surveys may hold them, made up from everything that the closed set of expressions knows.

use proptest::{prelude::*, sample::select};
use rundgang_inventory::{Kind, survey::Noun};

/// Words that stand in the fields of the schools of the tests, and some that stand nowhere.
const WORDS: [&str; 30] = [
    "class",
    "subject",
    "office",
    "active",
    "planned",
    "primary",
    "backup",
    "fibre",
    "final",
    "draft",
    "medienkonzept",
    "mep",
    "main",
    "branch",
    "lms",
    "firewall",
    "Moodle",
    "HP",
    "Epson",
    "snmp",
    "ipp",
    "high",
    "low",
    "wifi-6",
    "R101",
    "R102",
    "Hausmeister",
    "yes",
    "no",
    "nowhere",
];

/// Rules, one of them written as no rule is.
const RULES: [&str; 8] = [
    "asset.undocumented",
    "Asset.Undocumented",
    "asset.*",
    "snmp.public-community",
    "mail.*",
    "mail.spf.missing",
    "tls.*",
    "system.not-seen",
];

const KINDS: [Kind; 8] = [
    Kind::Switch,
    Kind::Projector,
    Kind::Printer,
    Kind::AccessPoint,
    Kind::DocumentCamera,
    Kind::Firewall,
    Kind::Board,
    Kind::Server,
];

/// A survey of one question.
pub(super) fn question(unit: &str, formula: &str) -> String {
    let texts = "{ de = \"T\", en = \"T\", nl = \"T\" }";
    format!(
        "id = \"made-up\"\nversion = 1\nissuer = \"test\"\nunit = \"{unit}\"\ntitle = {texts}\n[[question]]\n\
         id = \"Q\"\ntext = {texts}\nfrom = [\"machine\"]\nanswer = \"text\"\nformula = \"{formula}\"\n"
    )
}

fn word(noun: Noun, field: &str) -> BoxedStrategy<String> {
    let of = |words: &[&str]| select(words.iter().map(ToString::to_string).collect::<Vec<_>>()).boxed();
    match (noun, field) {
        (Noun::Asset, "kind") => kind().boxed(),
        (Noun::System, "kind") => prop_oneof![kind(), of(&WORDS)].boxed(),
        (Noun::Finding, "rule") => of(&RULES),
        _ => of(&WORDS),
    }
}

fn kind() -> impl Strategy<Value = String> {
    select(KINDS.map(|kind| kind.name().to_owned()).to_vec())
}

fn field(noun: Noun) -> impl Strategy<Value = &'static str> {
    select(noun.fields().to_vec())
}

/// What is asked of one field.
fn condition(noun: Noun) -> BoxedStrategy<String> {
    let of_field = field(noun).prop_flat_map(move |field| {
        let two = (word(noun, field), word(noun, field));
        let compared = (select(vec!["<", "<=", ">", ">=", "="]), select(vec![0, 1, 5, 8, 100]));
        prop_oneof![
            1 => Just(field.to_owned()),
            3 => word(noun, field).prop_map(move |word| format!("{field} = {word}")),
            2 => two.prop_map(move |(a, b)| format!("{field} in ({a}, {b})")),
            1 => compared.prop_map(move |(sign, number)| format!("{field} {sign} {number}")),
        ]
    });
    if noun != Noun::Room {
        return of_field.boxed();
    }
    let has = (kind(), kind()).prop_map(|(a, b)| format!("has({a}, {b})"));
    prop_oneof![1 => of_field, 1 => has].boxed()
}

fn filter(noun: Noun) -> BoxedStrategy<String> {
    let nested = |inner: BoxedStrategy<String>| {
        prop_oneof![
            2 => (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} and {b})")),
            2 => (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} or {b})")),
            1 => inner.prop_map(|inner| format!("not {inner}")),
        ]
    };
    condition(noun).prop_recursive(2, 6, 2, nested).boxed()
}

fn set(noun: Noun) -> BoxedStrategy<String> {
    let all = Just(noun.word().to_owned());
    let some = filter(noun).prop_map(move |filter| format!("{} where {filter}", noun.word()));
    prop_oneof![1 => all, 3 => some].boxed()
}

/// One expression over the elements of a noun.
fn of_noun(noun: Noun) -> BoxedStrategy<String> {
    let (set, with_field) = (|| set(noun), || (set(noun), field(noun)));
    prop_oneof![
        3 => set().prop_map(|set| format!("count({set})")),
        2 => set().prop_map(|set| format!("any({set})")),
        3 => (set(), filter(noun)).prop_map(|(set, filter)| format!("share({set}, {filter})")),
        2 => (select(vec!["sum", "max", "min"]), with_field())
            .prop_map(|(fold, (set, field))| format!("{fold}({set}, {field})")),
        1 => with_field().prop_map(|(set, field)| format!("percentile({set}, {field}, 50)")),
        1 => set().prop_map(|set| format!("median_age({set})")),
        1 => with_field().prop_map(|(set, field)| format!("latest({set}, {field})")),
        2 => with_field().prop_map(|(set, field)| format!("names({set}, {field})")),
        2 => with_field().prop_map(|(set, field)| format!("groups({set}, {field})")),
    ]
    .boxed()
}

/// A formula of any kind.
pub(super) fn formula() -> BoxedStrategy<String> {
    let of_school = [
        "fact(pupils)",
        "fact(spend)",
        "filled(support.first)",
        "counter(personal)",
        "covered()",
        "days_since_walk()",
        "3",
    ];
    let leaf = prop_oneof![
        5 => select(Noun::ALL.to_vec()).prop_flat_map(of_noun),
        1 => select(of_school.map(str::to_owned).to_vec()),
    ];
    let nested = |inner: BoxedStrategy<String>| {
        let two = || (inner.clone(), inner.clone());
        prop_oneof![
            2 => (two(), select(vec!["+", "-", "*", "/"])).prop_map(|((a, b), sign)| format!("({a}) {sign} ({b})")),
            1 => (two(), select(vec!["<", ">="])).prop_map(|((a, b), sign)| format!("({a}) {sign} ({b})")),
            1 => (two(), select(vec!["and", "or"])).prop_map(|((a, b), word)| format!("({a}) {word} ({b})")),
            1 => inner.clone().prop_map(|inner| format!("not ({inner})")),
        ]
    };
    prop_oneof![3 => leaf.clone(), 1 => leaf.prop_recursive(2, 4, 2, nested)].boxed()
}
