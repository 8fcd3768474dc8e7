//! Findings and reasons in the reader's language, with the text to copy.

use crate::sample;
use crate::site::{between, escaped, plain, site};
use rundgang_inventory::mail::catalogue::{self, Language};
use rundgang_inventory::mail::wording;

#[tokio::test]
async fn mail_findings_tell_the_record_to_add_in_every_language() {
    let site = site(None);
    let lines = site.store.traeger(site.traeger).findings_page(1, sample::NOW).expect("findings");
    let mail: Vec<_> = lines.iter().filter(|line| line.rule.starts_with("mail.")).collect();
    let ids: Vec<&str> = mail.iter().map(|line| line.rule.as_str()).collect();
    assert!(ids.contains(&"mail.spf.missing"), "{ids:?}");
    for line in mail {
        let path =
            format!("/schule/1/befund?rule={}&subject={}", escaped(&line.rule), escaped(&line.subject));
        let entry = catalogue::entry(line.rule.trim_start_matches("mail.")).expect("an entry");
        for (language, code) in [(Language::De, "de"), (Language::Nl, "nl"), (Language::En, "en")] {
            let page = plain(&site.get_as(&path, &format!("rundgang_sprache={code}")).await.text);
            let texts = entry.texts(language);
            // The sentence that says what is wrong is the heading, and bears no full stop there.
            let heading = format!("{}</h1>", texts.wrong.trim_end_matches('.'));
            for told in [&heading, &texts.effect, &texts.remedy, &line.label] {
                assert!(page.contains(told.as_str()), "{} in {code}: '{told}' is not on {page}", line.rule);
            }
            for part in ["add", "remove"] {
                for record in line.evidence["proposal"][part].as_array().into_iter().flatten() {
                    let record = record.as_str().expect("a record");
                    assert!(
                        page.contains(&format!("<pre class=\"copy\">{record}</pre>")),
                        "{} in {code}: {record}",
                        line.rule
                    );
                }
            }
            for asked in line.evidence["proposal"]["ask"].as_array().into_iter().flatten() {
                let (to, text) = wording::request(asked, language).expect("a request");
                assert!(page.contains(&text) && page.contains(&to), "{} in {code}: {text}", line.rule);
            }
            for seen in line.evidence["seen"].as_array().into_iter().flatten() {
                let words = wording::remark(seen, language).expect("a line of evidence");
                assert!(page.contains(&words), "{} in {code}: '{words}' is not on {page}", line.rule);
            }
            assert!(!page.contains("<dt>seen</dt>"), "{}: evidence without a word", line.rule);
            if let Some(question) = line.evidence["proposal"]["question"].as_str() {
                assert!(!page.contains(question), "{}: a question without words", line.rule);
            }
        }
    }
    let missing = lines.iter().find(|line| line.rule == "mail.spf.missing").expect("the finding");
    let add = missing.evidence["proposal"]["add"][0].as_str().unwrap_or_default();
    assert!(add.starts_with("gesamtschule.example. TXT \"v=spf1 "), "{add}");
}

#[tokio::test]
async fn evidence_shows_neither_raw_keys_nor_days_as_machines_write_them() {
    let site = site(None);
    let lines = site.store.traeger(site.traeger).findings_page(1, sample::NOW).expect("findings");
    assert!(lines.iter().any(|line| line.rule == "tls.expired"), "a certificate that has expired");
    for line in &lines {
        let path =
            format!("/schule/1/befund?rule={}&subject={}", escaped(&line.rule), escaped(&line.subject));
        let page = site.get(&path).await.text;
        let shown = between(&page, "id=\"shows\"", "</dl>");
        for raw in ["not_after", "after-probe", "left-alone", "<dt>kind", "<dt>port<", "subject"] {
            assert!(!shown.contains(raw), "{}: {raw} in {shown}", line.rule);
        }
        let is_machine_day = |word: &str| rundgang_inventory::Timestamp::parse_date(word).is_some();
        let words = shown.split(|c: char| !(c.is_ascii_digit() || c == '-'));
        assert_eq!(words.into_iter().find(|word| is_machine_day(word)), None, "{}: {shown}", line.rule);
    }
}

#[tokio::test]
async fn the_gaps_of_a_mail_domain_stand_on_the_schools_page_with_text_and_hotline() {
    let site = site(None);
    let school = plain(&site.get("/schule/1").await.text);
    let card = between(&school, "id=\"domains\"", "</section>");
    for shown in
        ["gesamtschule.example", "gesamtschule.example. TXT \"v=spf1 ", "_dmarc.gesamtschule.example. TXT"]
    {
        assert!(card.contains(shown), "{shown} is not on {card}");
    }
    // One click from there: the parts to copy, the provider's hotline and where the credentials are.
    let path =
        format!("/schule/1/befund?{}", between(&card, "/schule/1/befund?", "\"").replace("&amp;", "&"));
    let finding = plain(&site.get(&path).await.text);
    for shown in ["Mailhaus GmbH", "0800 5550100", "Tresor, Umschlag 1", "mailto:?subject=", "<dt>Typ</dt>"] {
        assert!(finding.contains(shown), "{shown} is not on {finding}");
    }
    assert!(finding.contains("<code class=\"copy\">"), "{finding}");
}

#[tokio::test]
async fn reasons_are_told_in_the_readers_language() {
    let site = site(None);
    for (code, shown) in [("de", "meldet „EPSON"), ("nl", "meldt \"EPSON"), ("en", "says \"EPSON")] {
        let list = site.get("/schule/1/geraete?kind=projector").await.text;
        let to = between(&list, "href=\"/schule/1/geraet/", "\"");
        let page = plain(
            &site.get_as(&format!("/schule/1/geraet/{to}"), &format!("rundgang_sprache={code}")).await.text,
        );
        assert!(page.contains(shown), "{shown} is not on {page}");
    }
}
