//! What a scope accepts and refuses, as tables.

use super::*;

fn now() -> Timestamp {
    Timestamp::parse_date("2026-11-21").unwrap()
}

fn flags(networks: &[&str]) -> Flags {
    Flags { networks: networks.iter().map(ToString::to_string).collect(), ..Flags::default() }
}

fn refusal(scope: Result<Scope, ScopeError>) -> String {
    scope.err().map(|error| error.to_string()).unwrap_or_else(|| "accepted".to_owned())
}

/// What docs/agent-box.md shows is a scope file, and each key that a scope file may have is described there.
#[test]
fn the_documents_show_a_good_scope_file_and_name_every_key() {
    let page = include_str!("../../../docs/agent-box.md");
    let sample = page.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    assert_eq!(super::read(sample).unwrap().segments().len(), 1);
    // The parser itself lists the keys it knows.
    let keys = |text: &str| -> Vec<String> {
        let told = super::read(text).unwrap_err().to_string();
        let (_, known) = told.split_once("expected one of").unwrap_or_else(|| panic!("{told}"));
        known.split('`').skip(1).step_by(2).map(str::to_owned).collect()
    };
    let (file, network) = (keys("nonsense = 1"), keys("[[network]]\nnonsense = 1"));
    assert!(file.len() > 5 && network.len() > 10, "{file:?} {network:?}");
    for key in file.iter().chain(&network) {
        assert!(
            page.contains(&format!("{key} = ")) || page.contains(&format!("[[{key}]]")),
            "{key}: not shown"
        );
    }
}

#[test]
fn flags_are_refused_with_advice() {
    let check = |networks: &[&str], part: &str| {
        let text = refusal(flags(networks).scope());
        assert!(text.contains(part) && !text.contains('\n'), "{networks:?}: {text}");
    };
    check(&["10.20.0.0/22"], "accepted");
    check(&["127.1.0.0/16", "127.11.0.10/32", "::1"], "accepted");
    check(&["fd00:20::/64"], "accepted");
    check(&[], "no network is in scope");
    check(&["10.0.0.0/15"], "wider than /16");
    check(&["0.0.0.0/0"], "wider than /16");
    check(&["fd00::/40"], "wider than /48");
    check(&["8.8.8.0/24"], "public_addresses");
    check(&["2001:db8::/64"], "public_addresses");
    check(&["239.255.0.0/16"], "holds no addresses of hosts");
    check(&["255.255.255.255"], "holds no addresses of hosts");
    check(&["169.254.0.0/16"], "interface");
    check(&["10.20.0.0/22", "10.20.1.0/24"], "overlap");
    check(&["10.20.0.7", "10.20.0.7"], "overlap");
    check(&["10.20.0.1/24"], "write 10.20.0.0/24");
    check(&["schule.example"], "is no network");
}

#[test]
fn a_pace_above_polite_needs_a_name_off_loopback() {
    let check = |network: &str, pace, by: Option<&str>, part: &str| {
        let flags = Flags { pace: Some(pace), authorised_by: by.map(str::to_owned), ..flags(&[network]) };
        let text = refusal(flags.scope());
        assert!(text.contains(part), "{network} {pace}: {text}");
    };
    check("10.20.0.0/24", Pace::Polite, None, "accepted");
    check("10.20.0.0/24", Pace::Fast, None, "--authorised-by");
    check("10.20.0.0/24", Pace::Max, Some("  "), "--authorised-by");
    check("10.20.0.0/24", Pace::Max, Some("IT, 21 November"), "accepted");
    check("127.0.0.0/16", Pace::Max, None, "accepted");
    check("::1", Pace::Max, None, "accepted");
}

const FULL: &str = r#"
confirmed_domains = ["Schule.Example."]
public_addresses = ["203.0.113.8/29"]

[[network]]
name = "Verwaltung"
network = "10.20.0.0/24"
purpose = "Schulverwaltung"
class = "mixed"
groups = ["announcements", "snmp"]
window = "06:30-18:00"
quiet = ["10:00-10:20"]
pace = "polite"
authorised_by = "Kreis, IT"
legal_basis = "Art. 6 (1) e"
staff_council = "2026-09-01"
valid_until = "2027-07-31"
accept_register = true
fragile_opt_in = ["10.20.0.60"]
interface = "eth0"
"#;

#[test]
fn a_resolver_may_be_named() {
    let check = |line: &str, expected: &str| {
        let scope = read(&format!("{line}\nconfirmed_domains = [\"schule.example\"]"));
        let told = match scope {
            Ok(scope) => format!("{:?}", scope.resolver.map(|address| address.to_string())),
            Err(error) => error.to_string(),
        };
        assert!(told.contains(expected) && !told.contains('\n'), "{line}: {told}");
    };
    check("", "None");
    check("resolver = \"10.0.0.53\"", "10.0.0.53:53");
    check("resolver = \"10.0.0.53:5353\"", "10.0.0.53:5353");
    check("resolver = \"fd00::53\"", "[fd00::53]:53");
    check("resolver = \"dns.example\"", "is no resolver");
}

#[test]
fn a_box_in_a_school_looks_from_inside_unless_its_resolver_is_public() {
    let check = |lines: &str, expected: &str| {
        let text = format!("{lines}\nconfirmed_domains = [\"schule.example\"]");
        let told = match read(&text) {
            Ok(scope) => scope.view(scope.resolver).name().to_owned(),
            Err(error) => error.to_string(),
        };
        assert!(told.contains(expected), "{lines}: {told}");
        let inside = format!("{lines}\n{FULL}");
        read(&inside).map(|scope| scope.view(scope.resolver).name())
    };
    assert_eq!(check("", "public").unwrap(), "inside");
    assert_eq!(check("resolver = \"10.0.0.53\"", "public").unwrap(), "inside");
    assert_eq!(check("resolver = \"9.9.9.9\"", "public").unwrap(), "public");
    assert_eq!(check("dns_view = \"public\"", "public").unwrap(), "public");
    assert_eq!(check("dns_view = \"inside\"", "inside").unwrap(), "inside");
    assert!(check("dns_view = \"outside\"", "write public or inside").is_err());
    let scope = read("accept_confirmed_domains = true").unwrap();
    assert!(scope.accepts_domains && scope.domains.is_empty());
}

#[test]
fn a_full_file_says_what_it_means() {
    let scope = read(FULL).unwrap();
    assert_eq!(scope.domains, ["schule.example"]);
    let segment = scope.segment_of("10.20.0.60".parse().unwrap()).unwrap();
    assert_eq!(segment.name, "Verwaltung");
    assert!(segment.authority.is_complete() && segment.accept_register);
    assert_eq!(segment.groups.iter().map(|g| g.name()).collect::<Vec<_>>(), ["announcements", "snmp"]);
    let noon = Timestamp(now().0 + 12 * 3_600_000);
    assert_eq!(scope.mode(segment, noon), Mode::Active);
    assert_eq!(scope.mode(segment, now()), Mode::Closed(Reason::Quiet));
    assert_eq!(
        scope.mode(segment, Timestamp::parse_date("2027-08-01").unwrap()),
        Mode::Closed(Reason::Expired)
    );
    let target = |text: &str| scope.target(text.parse().unwrap()).is_some();
    assert!(target("10.20.0.1") && target("10.20.0.254"));
    assert!(
        !target("10.20.0.0") && !target("10.20.0.255") && !target("10.20.1.1") && !target("10.19.255.255")
    );
}

#[test]
fn an_expired_line_closes_its_network_alone() {
    let scope = read(&FULL.replace("2027-07-31", "2026-11-20")).unwrap();
    let segment = scope.segment_of("10.20.0.60".parse().unwrap()).unwrap();
    let noon = Timestamp(now().0 + 12 * 3_600_000);
    assert_eq!(scope.mode(segment, noon), Mode::Closed(Reason::Expired));
}

#[test]
fn files_are_refused_in_one_line() {
    let check = |from: &str, to: &str, part: &str| {
        assert!(FULL.contains(from), "{from}");
        let text = refusal(read(&FULL.replace(from, to)));
        assert!(text.contains(part) && !text.contains('\n'), "{to}: {text}");
    };
    check("purpose = ", "purpos = ", "line 8: unknown field `purpos`");
    check("confirmed_domains", "domains", "unknown field `domains`");
    check("2027-07-31", "31.07.2027", "write YYYY-MM-DD");
    check("2026-09-01", "soon", "write YYYY-MM-DD");
    check("06:30-18:00", "6-18", "07:00-17:30");
    check("\"snmp\"]", "\"snmpp\"]", "known are announcements");
    check("class = \"mixed\"", "class = \"byod\"", "unknown variant `byod`");
    check("10.20.0.60", "10.21.0.60", "fragile_opt_in");
    check("10.20.0.60", "10.20.0.255", "fragile_opt_in");
    check("Schule.Example.", "schule", "no domain name");
    check("10.20.0.0/24", "10.0.0.0/8", "wider than /16");
    check("name = \"Verwaltung\"\n", "", "missing field `name`");
    check("10.20.0.0/24\"", "203.0.112.0/24\"", "public_addresses");
}

#[test]
fn without_authority_a_standing_order_only_counts() {
    let mode = |text: &str| {
        let scope = read(text).unwrap();
        let noon = Timestamp(now().0 + 12 * 3_600_000);
        scope.mode(&scope.segments()[0], noon)
    };
    for line in
        ["authorised_by = \"Kreis, IT\"", "legal_basis = \"Art. 6 (1) e\"", "staff_council = \"2026-09-01\""]
    {
        assert_eq!(mode(&FULL.replace(line, "")), Mode::Passive(Reason::NoAuthority), "{line}");
    }
    assert_eq!(mode(&FULL.replace("mixed", "personal")), Mode::Passive(Reason::PersonalNetwork));
}

#[test]
fn the_last_valid_day_is_valid_to_its_end() {
    let text = FULL.replace("2027-07-31", "2026-11-21");
    let scope = read(&text).unwrap();
    let closed = |at: Timestamp| {
        scope.segments().iter().any(|segment| scope.mode(segment, at) == Mode::Closed(Reason::Expired))
    };
    assert!(!closed(Timestamp(now().0 + 23 * 3_600_000)));
    assert!(closed(now().plus_days(1)));
}
