//! What nearly every domain could do better: one folded line for each domain, no gap, and every record one click away.

use crate::sample;
use crate::site::{between, plain, site};

const TECHNIQUES: [(&str, &str, &str); 3] = [
    ("mail.caa.missing", "CAA", "gesamtschule.example. CAA "),
    ("mail.mta_sts.missing", "MTA-STS", "_mta-sts.gesamtschule.example. TXT "),
    ("mail.tls_rpt.missing", "TLS-RPT", "_smtp._tls.gesamtschule.example. TXT "),
];

fn address(rule: &str) -> String {
    format!("/schule/1/befund?rule={rule}&subject=domain%20gesamtschule.example")
}

#[tokio::test]
async fn what_could_be_better_is_one_line_with_every_record_behind_it() {
    let site = site(None);
    for (code, words) in [("de", "Könnte besser sein: "), ("en", "Could be better: "), ("nl", "Kan beter: ")]
    {
        for (path, start) in [("/schule/1/befunde", "<tbody>"), ("/schule/1", "id=\"domains\"")] {
            let page = plain(&site.get_as(path, &format!("rundgang_sprache={code}")).await.text);
            let part = page.split_once(start).map(|(_, rest)| rest).unwrap_or_default();
            assert_eq!(part.matches(words).count(), 1, "{path} in {code}: {part}");
            let line = part.split_once(words).map(|(_, rest)| rest).unwrap_or_default();
            let line = line.split_once("</a><").map_or("", |(line, _)| line);
            let names: Vec<&str> = line.split("</a>, ").filter_map(|link| link.split('>').nth(1)).collect();
            assert_eq!(names, TECHNIQUES.map(|(_, name, _)| name), "{path} in {code}: {line}");
            let links: Vec<String> =
                line.split("href=\"").skip(1).filter_map(|l| Some(l.split_once('"')?.0.to_owned())).collect();
            assert_eq!(links.len(), TECHNIQUES.len(), "{line}");
            for (to, (rule, _, record)) in links.iter().zip(TECHNIQUES) {
                assert!(page.matches(rule).count() == 1, "{rule} stands once, in the line: {path} in {code}");
                let finding = plain(&site.get(to).await.text);
                assert!(finding.contains(record), "{record} is not on {to}");
            }
        }
    }
    // Who asks for one of them is shown it as it is.
    let one = plain(&site.get("/schule/1/befunde?rule=mail.caa.missing").await.text);
    let rows = between(&one, "<tbody>", "</tbody>");
    assert!(rows.contains("mail.caa.missing") && !rows.contains("Könnte besser sein"), "{rows}");
}

#[tokio::test]
async fn what_could_be_better_counts_nowhere_as_a_gap() {
    let site = site(None);
    let traeger = site.store.traeger(site.traeger);
    let now = sample::NOW;
    let lines = traeger.findings_page(1, now).expect("findings");
    let open = |line: &&_| rundgang_store::views::findings::FindingLine::is_open(line, now);
    let folded = lines.iter().filter(open).filter(|line| line.is_baseline()).count();
    assert_eq!(folded, TECHNIQUES.len());
    let graver = lines.iter().filter(open).filter(|line| line.severity != "info").count();
    let gaps = lines.iter().filter(|line| line.is_gap(now)).count();
    assert!(gaps < graver, "some of them are more than a hint");
    let school = traeger.school_page(1, now).expect("the school");
    assert_eq!(school.open_findings, i64::try_from(gaps).expect("a count"));
    assert!(school.findings.iter().all(|line| !line.first.is_baseline()));
    let overview = traeger.overview(now).expect("all schools");
    let at_home = overview.schools.iter().find(|line| line.id == 1).expect("the school");
    assert_eq!(at_home.to_do(), school.open_findings);
    assert!(overview.gaps.iter().all(|gap| TECHNIQUES.iter().all(|(rule, ..)| gap.rule != *rule)));
    let list = plain(&site.get("/schule/1/befunde").await.text);
    assert!(list.contains(&format!("{gaps} offene Befunde")), "{list}");
    // Dealt with or not, it is no gap.
    let csrf = site.csrf().await;
    let decided = [
        ("csrf", csrf.as_str()),
        ("rule", "mail.caa.missing"),
        ("subject", "domain gesamtschule.example"),
        ("state", "acknowledged"),
    ];
    let answer = site.post("/schule/1/befund", &decided).await;
    assert_eq!(answer.status.as_u16(), 303, "{}", answer.text);
    assert!(site.get(&address("mail.caa.missing")).await.text.contains("mail.caa.missing"));
    assert_eq!(traeger.school_page(1, now).expect("the school").acknowledged, 0);
    let overview = traeger.overview(now).expect("all schools");
    assert!(overview.schools.iter().all(|line| line.acknowledged == 0));
}

#[tokio::test]
async fn a_domain_stands_as_people_write_it_beside_its_other_form() {
    let site = site(None);
    let traeger = site.store.traeger(site.traeger);
    traeger.confirm_domain(3, "Schule-Köln.example", "K", sample::NOW).expect("confirmed");
    let list = site.get("/schule/3/domains").await.text;
    let heading = between(&list, "<h3>", "</h3>");
    let (spoken, ascii) = ("schule-köln.example", "xn--schule-kln-lcb.example");
    assert!(heading.contains(spoken) && heading.contains(ascii), "{heading}");
    let card = between(&site.get("/schule/3").await.text, "id=\"domains\"", "</section>");
    assert!(card.contains(&format!("{spoken} ({ascii})")), "{card}");
    let plain_one = site.get("/schule/1/domains").await.text;
    assert_eq!(plain_one.matches("gesamtschule.example<").count(), 1, "{plain_one}");
}
