//! RFC 7208 section by section: the cases of `standard.tsv`, and what a table cannot hold, over one small DNS.

use super::{Sender, Verdict, evaluate};
use crate::mail::lookup::{Answer, Outcome, Question};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// The DNS around `d.example`: name, type, value. The value `!` ends in SERVFAIL, `?` in a time-out, `#` is refused.
const AROUND: &str = "
    a.example A 192.0.2.10
    a.example A 192.0.2.11
    a.example AAAA 2001:db8::10
    alias.example CNAME a.example
    chain.example CNAME alias.example
    circle.example CNAME circle.example
    six.example AAAA 2001:db8::1
    text.example TXT only a text
    m.example MX 10 m1.example
    m.example MX 10 m2.example
    m1.example A 192.0.2.21
    m2.example A 192.0.2.22
    m2.example AAAA 2001:db8::22
    null.example MX 0 .
    bare.example MX 10 nobody.example
    pass.example TXT v=spf1 ip4:192.0.2.0/24 ip6:2001:db8::/32 -all
    fail.example TXT v=spf1 -all exp=other.why.example
    soft.example TXT v=spf1 ~all
    neutral.example TXT v=spf1 ?all
    silent.example TXT v=spf1
    none.example TXT hello
    twice.example TXT v=spf1 -all
    twice.example TXT v=spf1 +all
    bad.example TXT v=spf1 ip4:192.0.2 -all
    down.example TXT !
    down.example A !
    down.example MX !
    slow.example TXT ?
    slow.example A ?
    shut.example TXT #
    half.example MX 10 down.example
    ring.example TXT v=spf1 include:ring.example -all
    why.example TXT %{i} may not send as %{o}
    plain.why.example TXT ask the school
    other.why.example TXT of another domain
    two.why.example TXT one
    two.why.example TXT two
    odd.why.example TXT %{x}
    down.why.example TXT !
    all.why.example TXT %{s}|%{l}|%{o}|%{d}|%{h}|%{c}|%{r}|%{t}|%{v}|%{D}|%%|%_|%-
    ref.example TXT v=spf1 -all exp=%{d}.why.example
    ref.example.why.example TXT told by the target
    host.d.example A 192.0.2.1
    host.d.example AAAA 2001:db8::7
    liar.d.example A 192.0.2.99
    1.2.0.192.in-addr.arpa PTR host.d.example
    2.2.0.192.in-addr.arpa PTR liar.d.example
    3.2.0.192.in-addr.arpa PTR d.example
    4.2.0.192.in-addr.arpa PTR !
    5.2.0.192.in-addr.arpa PTR far.example
    far.example A 192.0.2.5
    d.example A 192.0.2.3
    d.example MX 10 m1.example
    7.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa PTR host.d.example
    1.2.0.192.in-addr.list.example A 127.0.0.2
    anna.local.example A 127.0.0.2
    postmaster.local.example A 127.0.0.2
    d.example.of.example A 127.0.0.2
    example.short.example A 127.0.0.2
    example.d.turned.example A 127.0.0.2
    helo.example.greeted.example A 127.0.0.2
    anna@d.example.whole.example A 127.0.0.2
    192.0.2.1.plain.example A 127.0.0.2
    host.d.example.named.example A 127.0.0.2
    unknown.named.example A 127.0.0.2
    b.a.parts.example A 127.0.0.2
    a%20b.space.example A 127.0.0.2
    onlysix.example AAAA 2001:db8::9
    inner.example TXT v=spf1 exists:%{d}.inner.list.example exists:%{o}.outer.list.example -all
    d.example.outer.list.example A 127.0.0.2
    c10.example TXT v=spf1 ip4:192.0.2.1 -all
";

/// Everything of [`AROUND`], chains of includes, and exchangers by the dozen.
fn around() -> Vec<(String, String, String)> {
    let mut text = AROUND.to_owned();
    for step in 0..10 {
        writeln!(text, "c{step}.example TXT v=spf1 include:c{}.example -all", step + 1).unwrap();
    }
    for number in 0..12 {
        writeln!(text, "h{number}.example A 198.51.100.{number}").unwrap();
        for (name, most) in [("ten.example", 10), ("eleven.example", 11)] {
            if number < most {
                writeln!(text, "{name} MX {number} h{number}.example").unwrap();
            }
        }
        // The eleventh name is the one that leads back, and nobody looks at it.
        let named = if number < 10 { format!("x{number}.example") } else { "many.example".to_owned() };
        writeln!(text, "9.2.0.192.in-addr.arpa PTR {named}").unwrap();
    }
    writeln!(text, "many.example A 192.0.2.9").unwrap();
    // As long a name as can be asked for, which is what is left of a longer one when its first labels are cut off.
    writeln!(text, "{} A 127.0.0.2", long_name()).unwrap();
    let rows = text.lines().map(str::trim).filter(|line| !line.is_empty());
    rows.map(|line| {
        let mut words = line.splitn(3, ' ').map(str::to_owned);
        let mut word = || words.next().unwrap_or_else(|| panic!("half a line: {line}"));
        (word(), word(), word())
    })
    .collect()
}

/// Labels of 62 octets, as many as fit in front of a short name.
fn long_name() -> String {
    let label = "x".repeat(62);
    format!("{label}.{label}.{label}.{}.long.example", "x".repeat(50))
}

fn answer(rows: &[(String, String, String)], question: &Question, depth: usize) -> Answer {
    let named: Vec<_> = rows.iter().filter(|(name, ..)| name.eq_ignore_ascii_case(&question.name)).collect();
    let of = |kind: &str| -> Vec<String> {
        let rows = named.iter().filter(|(_, found, _)| found == kind);
        rows.map(|(.., value)| value.clone()).collect()
    };
    let values = of(question.kind.name());
    match values.first().map(String::as_str) {
        Some("!") => Answer::nothing(Outcome::ServerFailure),
        Some("?") => Answer::nothing(Outcome::TimedOut),
        Some("#") => Answer::nothing(Outcome::Refused),
        Some(_) => Answer::found(values),
        None => match of("CNAME").first() {
            Some(_) if depth > 8 => Answer::nothing(Outcome::ServerFailure),
            Some(target) => answer(rows, &Question::new(target, question.kind), depth + 1),
            None if named.is_empty() => Answer::nothing(Outcome::NoName),
            None => Answer::nothing(Outcome::NoRecords),
        },
    }
}

fn verdict(rows: &[(String, String, String)], sender: &Sender) -> Verdict {
    let mut known: BTreeMap<Question, Answer> = BTreeMap::new();
    for _ in 0..200 {
        match evaluate(&known, sender) {
            Ok(verdict) => return verdict,
            Err(questions) => {
                for question in questions {
                    let answer = answer(rows, &question, 0);
                    known.insert(question, answer);
                }
            }
        }
    }
    panic!("the questions have no end");
}

/// The result in one word, and everything told with it.
fn told(verdict: &Verdict) -> String {
    let words = [verdict.path.join(" > "), verdict.reason.clone().unwrap_or_default()];
    let explanation = verdict.explanation.as_ref().map(|text| format!("\"{text}\"")).unwrap_or_default();
    format!("{} {explanation}", words.join(" "))
}

/// What receivers conclude about a server where `d.example` has these records.
fn concluded(kind: &str, records: &[&str], sender: &Sender) -> Verdict {
    let mut rows = around();
    let own = records.iter().filter(|text| !text.is_empty());
    rows.extend(own.map(|text| ("d.example".to_owned(), kind.to_owned(), text.replace("\\t", "\t"))));
    verdict(&rows, sender)
}

fn anna(ip: &str) -> Sender {
    Sender::new(ip.parse().unwrap(), "anna@d.example", "helo.example")
}

/// Records parted by ` || `, the address of a server, the result and a part of what is told.
#[track_caller]
fn check(records: &str, ip: &str, result: &str, part: &str) {
    let found = concluded("TXT", &records.split(" || ").collect::<Vec<_>>(), &anna(ip));
    assert_eq!(found.result.name(), result, "\"{records}\" for {ip}: {found:?}");
    assert!(told(&found).contains(part), "\"{records}\" for {ip}: '{part}' is not told by {found:?}");
}

#[test]
fn every_section_of_the_standard_holds() {
    let mut checked = 0;
    for line in include_str!("standard.tsv").lines().filter(|line| !line.starts_with('#')) {
        let cells: Vec<&str> = line.split('\t').collect();
        let [records, ip, result, rest @ ..] = cells.as_slice() else { panic!("half a line: {line}") };
        check(records, ip, result, rest.first().copied().unwrap_or_default());
        checked += 1;
    }
    assert!(checked > 180, "only {checked} lines");
}

/// Sections 2.3, 2.4 and 4.3: whose record is asked for.
#[test]
fn the_identity_that_is_checked() {
    let rows = around();
    let check = |ip: &str, mail_from: &str, helo: &str, result: &str| {
        let found = verdict(&rows, &Sender::new(ip.parse().unwrap(), mail_from, helo));
        assert_eq!(found.result.name(), result, "{ip} <{mail_from}> {helo}: {found:?}");
    };
    check("192.0.2.1", "anna@pass.example", "helo.example", "pass");
    check("192.0.2.1", "<anna@pass.example>", "fail.example", "pass");
    check("198.51.100.1", "anna@pass.example", "pass.example", "fail");
    // A bounce has no sender: the name in HELO stands for it, with the local part `postmaster`.
    for nobody in ["", "<>", " <> "] {
        check("192.0.2.1", nobody, "pass.example", "pass");
        check("192.0.2.1", nobody, "pass.example.", "pass");
        check("192.0.2.1", nobody, "PASS.EXAMPLE", "pass");
        check("192.0.2.1", nobody, "[192.0.2.1]", "none");
        check("192.0.2.1", nobody, "mailserver", "none");
        check("192.0.2.1", nobody, "", "none");
    }
    assert_eq!(Sender::new([192, 0, 2, 1].into(), "<>", "a.example").local, "postmaster");
    assert_eq!(Sender::new([192, 0, 2, 1].into(), "@a.example", "b.example").local, "postmaster");
    check("192.0.2.1", "\"anna@home\"@pass.example", "helo.example", "pass");
    check("192.0.2.1", "anna@Pass.Example.", "helo.example", "pass");
    for no_domain in ["anna@example", "anna@a..example", "anna@.example", "anna@"] {
        check("192.0.2.1", no_domain, "helo.example", "none");
    }
    check("192.0.2.1", &format!("anna@{}.example", "x".repeat(64)), "helo.example", "none");
    check("192.0.2.1", &format!("anna@{}example", "x.".repeat(130)), "helo.example", "none");
    check("192.0.2.1", "anna@nowhere.example", "pass.example", "none");
    // An IPv4 address in the clothes of IPv6 is one of IPv4.
    check("::ffff:192.0.2.1", "anna@pass.example", "helo.example", "pass");
    check("::ffff:198.51.100.1", "anna@pass.example", "helo.example", "fail");
    let spoken = Sender::new([192, 0, 2, 1].into(), "anna@Schule-Köln.example.", "helo.example");
    assert_eq!(spoken.domain, "xn--schule-kln-lcb.example");
}

/// Sections 3.1 and 4.4: the type that once was meant for SPF counts for nothing, and a DNS that fails is no answer.
#[test]
fn only_an_answer_of_the_right_type_counts() {
    assert_eq!(concluded("SPF", &["v=spf1 +all"], &anna("192.0.2.1")).result.name(), "none");
    for domain in ["down.example", "slow.example", "shut.example"] {
        let sender = Sender::new([192, 0, 2, 1].into(), &format!("x@{domain}"), "helo.example");
        assert_eq!(verdict(&around(), &sender).result.name(), "temperror", "{domain}");
    }
}

/// Section 4.6.4: ten terms that need the DNS; those that need none, and those behind the one that decides, cost nothing.
#[test]
fn limits_hold() {
    let record = |terms: &str, times| format!("v=spf1{} ip4:192.0.2.1 -all", terms.repeat(times));
    check(&record(" a:a.example", 10), "192.0.2.1", "pass", "ip4:192.0.2.1");
    check(&record(" a:a.example", 11), "192.0.2.1", "permerror", "more than 10");
    check(&record(" ip4:203.0.113.9 ip6:2001:db8:9::/48", 20), "192.0.2.1", "pass", "");
    let late = format!("v=spf1 ip4:192.0.2.1{} -all", " mx:a.example".repeat(20));
    check(&late, "192.0.2.1", "pass", "");
    let counted = |record: &str| {
        let found = concluded("TXT", &[record], &anna("192.0.2.77"));
        (found.lookups, found.voids)
    };
    assert_eq!(counted("v=spf1 ip4:192.0.2.1 ip6:2001:db8::1 all"), (0, 0));
    assert_eq!(counted("v=spf1 a mx ptr exists:n.example include:neutral.example -all"), (5, 1));
    assert_eq!(counted("v=spf1 a:n.example redirect=soft.example"), (2, 1));
    assert_eq!(counted("v=spf1 include:c5.example -all exp=plain.why.example"), (6, 0));
}

/// Section 6.2: all macros of an explanation, and that nothing wrong with it changes the result.
#[test]
fn explanations_are_told() {
    let all = "\"anna@d.example|anna|d.example|d.example|helo.example|192.0.2.1|unknown|0|in-addr|d.example|%| |%20\"";
    check("v=spf1 -all exp=all.why.example", "192.0.2.1", "fail", all);
    let silent = |record: &str, result: &str| {
        let found = concluded("TXT", &[record], &anna("192.0.2.1"));
        assert_eq!((found.result.name(), found.explanation), (result, None), "{record}");
    };
    silent("v=spf1 ~all exp=plain.why.example", "softfail");
    silent("v=spf1 +all exp=plain.why.example", "pass");
    silent("v=spf1 exp=plain.why.example", "neutral");
    silent("v=spf1 include:fail.example ~all", "softfail");
    silent("v=spf1 include:fail.example -all", "fail");
    for nothing in ["nowhere.example", "two.why.example", "odd.why.example", "down.why.example", "a.example"]
    {
        silent(&format!("v=spf1 -all exp={nothing}"), "fail");
    }
}

/// Section 7: macros.
#[test]
fn macros_are_expanded() {
    let exists = |name: &str| format!("v=spf1 exists:{name} -all");
    let check = |name: &str, ip: &str, result: &str| check(&exists(name), ip, result, "");
    for name in [
        "%{ir}.%{v}.list.example",
        "%{IR}.%{V}.list.example",
        "%{l}.local.example",
        "%{d}.of.example",
        "%{d9}.of.example",
        "%{o}.of.example",
        "%{d1}.short.example",
        "%{dr}.turned.example",
        "%{h}.greeted.example",
        "%{s}.whole.example",
        "%{i}.plain.example",
        "%{p}.named.example",
    ] {
        check(name, "192.0.2.1", "pass");
        check(&name.replace("example", "nowhere.example"), "192.0.2.1", "fail");
    }
    // An address without a name that leads back is one of `unknown`.
    check("%{p}.named.example", "192.0.2.2", "pass");
    // Each nibble of IPv6 is a label.
    check("%{i}.x.example", "2001:db8::1", "fail");
    for wrong in [
        "%{q}.x.example",
        "%{d0}.x.example",
        "%{dd}.x.example",
        "%{}.x.example",
        "%{d.x.example",
        "%d.x.example",
    ] {
        check(wrong, "192.0.2.1", "permerror");
    }
    for explaining in ["%{c}.x.example", "%{r}.x.example", "%{t}.x.example"] {
        check(explaining, "192.0.2.1", "permerror");
    }
    let as_sender = |mail_from: &str, record: &str, result: &str| {
        let sender = Sender::new([192, 0, 2, 1].into(), mail_from, "d.example");
        let found = concluded("TXT", &[record], &sender);
        assert_eq!(found.result.name(), result, "<{mail_from}> {record}: {found:?}");
    };
    as_sender("", &exists("%{l}.local.example"), "pass");
    as_sender("a-b@d.example", &exists("%{lr-}.parts.example"), "pass");
    as_sender("a+b=x@d.example", &exists("%{l2r+=}.parts.example"), "pass");
    as_sender("x=a+b@d.example", &exists("%{l2r=+}.a.parts.example"), "fail");
    as_sender("b.a@d.example", &exists("%{l}.parts.example"), "pass");
    as_sender("\"a b\"@d.example", &exists("%{L}.space.example"), "fail");
    as_sender("x@d.example", &exists("a%-b.space.example"), "pass");
    // Within an included record `d` is the included domain, `o` the sender's.
    as_sender("x@d.example", "v=spf1 include:inner.example -all", "pass");
    // A name that grows too long loses labels from the left.
    let label = "x".repeat(62);
    let long = format!("%{{d}}.{label}.{label}.{label}.{}.long.example", "x".repeat(50));
    as_sender("x@d.example", &exists(&long), "pass");
}

#[test]
fn the_long_name_is_as_long_as_a_name_can_be() {
    assert_eq!(long_name().len(), 252);
}
