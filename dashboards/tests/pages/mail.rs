//! What people tell of mail and what they are handed: the page of a domain, the Träger's mailbox, the order to a provider.

use crate::accounts::{enter, open};
use crate::sample;
use crate::site::{Site, between, location, plain, site};
use axum::http::StatusCode;
use rundgang_inventory::mail::DomainEvidence;
use rundgang_inventory::mail::lookup::{Answer, Question, RecordType};
use rundgang_inventory::{Entry, Observation, Role, Subject};

const DOMAIN: &str = "gesamtschule.example";
const PAGE: &str = "/schule/1/domain/gesamtschule.example";
const MISSING: &str = "/schule/1/befund?rule=mail.spf.missing&subject=domain%20gesamtschule.example";

async fn tell(site: &Site, selectors: &str, senders: &str, complete: &str) -> crate::site::Answer {
    let csrf = site.csrf().await;
    let form =
        [("csrf", csrf.as_str()), ("selectors", selectors), ("senders", senders), ("complete", complete)];
    site.post(PAGE, &form).await
}

#[tokio::test]
async fn selectors_and_senders_are_entered_on_the_page_of_the_domain() {
    let site = site(None);
    assert!(site.get("/schule/1/domains").await.text.contains(&format!("href=\"{PAGE}\"")));
    assert!(plain(&site.get(MISSING).await.text).contains("v=spf1 mx ~all"));
    let saved = tell(&site, "Mail, s1", "93.184.8.7 Kopierer\n\n", "1").await;
    assert_eq!(
        (saved.status, location(&saved)),
        (StatusCode::SEE_OTHER, &*format!("{PAGE}?ok=domain-facts"))
    );
    let page = plain(&site.get(location(&saved)).await.text);
    for shown in [
        "value=\"mail s1\"",
        "ip4:93.184.8.7 Kopierer</textarea>",
        "value=\"1\" checked",
        "Zuletzt eingetragen von lokal",
    ] {
        assert!(page.contains(shown), "{shown} is not on {page}");
    }
    // The proposal follows at once, and asks nothing any more.
    let finding = plain(&site.get(MISSING).await.text);
    assert!(finding.contains("v=spf1 mx ip4:93.184.8.7 -all"), "{finding}");
    assert!(!finding.contains("Versendet noch jemand"), "{finding}");
    let told = site.store.traeger(site.traeger).domains_to_audit(Some(1)).expect("domains");
    assert_eq!(told[DOMAIN].selectors, ["mail", "s1"]);
    // Nobody else's page, and no page of a domain that is not confirmed.
    for path in
        ["/schule/3/domain/gesamtschule.example", "/schule/1/domain/fremd.example", "/schule/1/domain/x"]
    {
        assert_eq!(site.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    let forged = [("csrf", "x"), ("selectors", "boese")];
    assert_eq!(site.post(PAGE, &forged).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn what_somebody_else_said_of_the_mail_meanwhile_is_shown_and_not_overwritten() {
    let site = site(None);
    assert_eq!(tell(&site, "mail", "93.184.8.7 Kopierer", "1").await.status, StatusCode::SEE_OTHER);
    // This one looked before that.
    let stale = tell(&site, "s1", "93.184.8.7 Kopierer", "").await;
    assert_eq!(stale.status, StatusCode::CONFLICT);
    let page = plain(&stale.text).replace(['\u{2068}', '\u{2069}'], "");
    for shown in ["value=\"s1\"", "Jetzt gespeichert: mail", "Jetzt gespeichert: ja", "inzwischen geändert"]
    {
        assert!(page.contains(shown), "'{shown}' is not on {page}");
    }
    let traeger = site.store.traeger(site.traeger);
    let stands = || traeger.mail_facts(1, DOMAIN).expect("facts").expect("facts").facts.selectors;
    assert_eq!(stands(), ["mail"]);
    // Whoever saves again has seen it.
    let csrf = site.csrf().await;
    let version = between(&page, "name=\"version\" value=\"", "\"");
    let form = [("csrf", csrf.as_str()), ("version", version.as_str()), ("selectors", "s1")];
    assert_eq!(site.post(PAGE, &form).await.status, StatusCode::SEE_OTHER);
    assert_eq!(stands(), ["s1"]);
}

#[tokio::test]
async fn what_is_no_selector_or_sender_is_refused_beside_its_field() {
    let site = site(None);
    for (selectors, senders, shown) in [
        ("mail b@d", "", "„b@d“ ist kein Selektor"),
        ("", "192.168.1.9 Kopierer", "„192.168.1.9“ gibt es nur im eigenen Netz"),
        ("", "80.0.0.0/8", "„80.0.0.0/8“ ist viel zu groß"),
        ("", "kopierer", "„kopierer“ ist kein Absender"),
        ("", "include:gesamtschule.example", "kann sich nicht selbst einbinden"),
        ("", "93.184.8.7 Passwort: Sommer2026", "Zugangsdaten"),
    ] {
        let refused = tell(&site, selectors, senders, "1").await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{selectors}{senders}");
        let page = plain(&refused.text).replace(['\u{2068}', '\u{2069}'], "");
        let field = if senders.is_empty() { "selectors" } else { "senders" };
        let why = between(&page, &format!("id=\"{field}-error\">"), "</p>");
        assert!(why.contains(shown) || shown == "Zugangsdaten", "{shown} is not in {why}");
        assert!(
            !why.is_empty() && page.contains(senders) && page.contains(selectors),
            "what was typed is kept"
        );
    }
    assert_eq!(site.store.traeger(site.traeger).mail_facts(1, DOMAIN).expect("facts"), None);
}

#[tokio::test]
async fn the_history_of_the_records_stands_on_the_page_of_the_domain() {
    let site = site(None);
    assert!(site.get(PAGE).await.text.contains("Seit der ersten Prüfung hat sich nichts geändert"));
    let traeger = site.store.traeger(site.traeger);
    let mut evidence = DomainEvidence::new(DOMAIN, "canary");
    for (name, kind, record) in [
        (DOMAIN, RecordType::Soa, "ns.example host.example 2 7200 3600 1209600 3600"),
        (DOMAIN, RecordType::Mx, "10 mail.gesamtschule.example"),
        (DOMAIN, RecordType::Txt, "v=spf1 mx -all"),
        ("_dmarc.gesamtschule.example", RecordType::Txt, "v=DMARC1; p=reject"),
    ] {
        evidence.lookups.insert(Question::new(name, kind), Answer::found(vec![record.to_owned()]));
    }
    let at = sample::NOW.plus_days(1);
    let subject = Subject::Domain(DOMAIN.to_owned());
    let fields = evidence.to_fields();
    let observation = Observation { subject, segment: String::new(), at, probe: "mail".to_owned(), fields };
    let agent =
        traeger.agents().expect("agents").into_iter().find(|agent| agent.school == 1).expect("an agent").id;
    traeger
        .append_batch(1, agent, 77, &[Entry::Observation { index: 0, observation }], at)
        .expect("taken in");
    let page = plain(&site.get(PAGE).await.text);
    let table = between(&page, "<tbody>", "</tbody>");
    for shown in [
        "02.10.2026",
        "_dmarc.gesamtschule.example",
        "<code>v=DMARC1; p=none</code>",
        "<code>v=DMARC1; p=reject</code>",
        "<span class=\"muted\">keiner</span></td><td data-label=\"Danach\"><code>v=spf1 mx -all</code>",
    ] {
        assert!(table.contains(shown), "{shown} is not in {table}");
    }
    assert_eq!(table.matches("<tr>").count(), 2, "the serial is no news: {table}");
}

#[tokio::test]
async fn the_mailbox_for_reports_is_a_setting_of_the_traeger() {
    let site = site(None);
    let dmarc = "/schule/1/befund?rule=mail.dmarc.rua-missing&subject=domain%20gesamtschule.example";
    assert!(site.get("/").await.text.contains("href=\"/einstellungen\""));
    let page = site.get("/einstellungen").await.text;
    assert!(page.contains("value=\"berichte@musterland.example\""), "{page}");
    assert!(plain(&site.get(dmarc).await.text).contains("rua=mailto:berichte@musterland.example"));
    let csrf = site.csrf().await;
    let set =
        async |address: &str| site.post("/einstellungen", &[("csrf", &csrf), ("address", address)]).await;
    for wrong in
        ["anna", "a b@traeger.example", "a@traeger", "a@traeger.example, b@traeger.example", "a;b@x.example"]
    {
        let refused = set(wrong).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
        let page = plain(&refused.text);
        assert!(page.contains("id=\"address-error\"") && page.contains(wrong), "{wrong}: {page}");
    }
    let saved = set(" dmarc@Kreis.example ").await;
    assert_eq!((saved.status, location(&saved)), (StatusCode::SEE_OTHER, "/einstellungen?ok=settings"));
    assert!(plain(&site.get(dmarc).await.text).contains("rua=mailto:dmarc@kreis.example"));
    assert_eq!(set("").await.status, StatusCode::SEE_OTHER);
    assert!(!plain(&site.get(dmarc).await.text).contains("rua=mailto:"), "no mailbox is invented");
    for (code, title) in [("nl", "Instellingen"), ("en", "Settings")] {
        let page = site.get_as("/einstellungen", &format!("rundgang_sprache={code}")).await.text;
        assert!(page.contains(&format!("<h1>{title}</h1>")), "{page}");
    }
    let forged = site.post("/einstellungen", &[("csrf", "x"), ("address", "a@b.example")]).await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn one_click_hands_the_exact_record_to_the_provider_of_the_register() {
    let site = site(None);
    let order = |page: &str| {
        let page = plain(page);
        let link = between(&page, "<a class=\"button\" href=\"", "</a>");
        let (to, label) = link.split_once("\">").expect("a link with its label");
        (
            to.to_owned(),
            label.to_owned(),
            between(&page, "<summary>Text zum Kopieren</summary><pre class=\"copy\">", "</pre>"),
        )
    };
    let (to, label, text) = order(&site.get(MISSING).await.text);
    assert!(to.starts_with("mailto:?subject=DNS-"), "the register holds a telephone number only: {to}");
    assert!(label.replace(['\u{2068}', '\u{2069}'], "").contains("Mailhaus GmbH"), "{label}");
    for part in [
        "Guten Tag",
        "Neu eintragen:\ngesamtschule.example. TXT \"v=spf1 mx ~all\"",
        "Gesamtschule Beispielstadt",
    ] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
    assert!(!text.contains("Versendet noch jemand"), "what the school has to settle is no order: {text}");
    assert!(to.contains("v%3Dspf1%20mx%20~all") || to.contains("v%3Dspf1%20mx%20%7Eall"), "{to}");
    // With an address in the register the mail is addressed.
    let traeger = site.store.traeger(site.traeger);
    let mut system =
        traeger.systems(1).expect("systems").into_iter().find(|s| s.domain == DOMAIN).expect("it");
    system.hotline = "0800 5550100, dns@mailhaus.example".to_owned();
    traeger.save_system(&system, "K", sample::NOW).expect("saved");
    let (to, ..) = order(&site.get(MISSING).await.text);
    assert!(to.starts_with("mailto:dns@mailhaus.example?subject="), "{to}");
    let replaced = "/schule/1/befund?rule=mail.dmarc.policy-none&subject=domain%20gesamtschule.example";
    let (.., text) = order(&site.get(replaced).await.text);
    assert!(text.contains("Entfernen:\n_dmarc.gesamtschule.example. TXT \"v=DMARC1; p=none\""), "{text}");
    // Every mail finding that offers something for a provider has the button.
    let lines = traeger.findings_page(1, sample::NOW).expect("findings");
    let mut handed = 0;
    for line in lines.iter().filter(|line| line.subject == format!("domain {DOMAIN}")) {
        let path = format!("/schule/1/befund?rule={}&subject=domain%20{DOMAIN}", line.rule);
        let page = site.get(&path).await.text;
        let offers = ["add", "remove", "wanted", "file"].iter().any(|part| {
            let part = &line.evidence["proposal"][part];
            part.as_array().map_or(part.is_object(), |all| !all.is_empty())
        });
        assert!(!offers || page.contains("mailto:dns@mailhaus.example"), "{}", line.rule);
        handed += usize::from(offers);
    }
    assert!(handed >= 4, "only {handed} findings offer a change");
}

#[tokio::test]
async fn a_coordinator_takes_no_domain_from_another_school() {
    let site = site(Some("a long enough token here"));
    let traeger = site.store.traeger(site.traeger);
    open(&site, "k.wald", Role::Coordinator, Some(3), "");
    let cookie = enter(&site, "k.wald").await;
    let csrf = between(&site.get_as("/konto", &cookie).await.text, "name=\"csrf\" value=\"", "\"");
    let headers = [("origin", "http://localhost:8080"), ("cookie", cookie.as_str())];
    let claim = async |domain: &str| {
        let form = [("csrf", csrf.as_str()), ("domain", domain), ("state", "confirmed")];
        site.post_with("/schule/3/domains", &form, &headers).await
    };
    let refused = claim(DOMAIN).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", refused.text);
    let told = plain(&refused.text);
    assert!(told.contains("bei einer anderen Schule bestätigt") && told.contains("Zur Startseite"), "{told}");
    assert!(traeger.domains(3).expect("domains").iter().all(|name| name != DOMAIN));
    assert_eq!(claim("wald.example").await.status, StatusCode::SEE_OTHER, "its own domain");
    // Where the register proposes it, the sentence stands in place of the button.
    traeger.confirm_domain(1, "example.org", "T", sample::NOW).expect("the first school's");
    let system = rundgang_store::DocumentedSystem {
        school: 3,
        name: "Mail".to_owned(),
        domain: "example.org".to_owned(),
        ..Default::default()
    };
    traeger.save_system(&system, "K", sample::NOW).expect("a system");
    let page = plain(&site.get_as("/schule/3/domains", &cookie).await.text);
    let proposed = between(&page, "id=\"proposed\"", "</section>");
    assert!(proposed.contains("entscheidet der Träger"), "{proposed} {page}");
    assert!(!proposed.contains("value=\"confirmed\""), "{proposed}");
}

#[tokio::test]
async fn a_shared_finding_is_decided_where_the_visitor_may_decide() {
    let site = site(Some("a long enough token here"));
    // Both schools' boxes look it up; the first is older than the second.
    for school in [1, 2] {
        site.store.traeger(site.traeger).confirm_domain(school, DOMAIN, "T", sample::NOW).expect("shared");
    }
    for (login, role, school) in
        [("k.eins", Role::Coordinator, 1), ("k.zwei", Role::Coordinator, 2), ("l.zwei", Role::Head, 2)]
    {
        open(&site, login, role, Some(school), "");
        let cookie = enter(&site, login).await;
        let path = MISSING.replace("/schule/1/", &format!("/schule/{school}/"));
        let page = site.get_as(&path, &cookie).await;
        assert_eq!(page.status, StatusCode::OK, "{login}: {}", page.text);
        let form = page.text.contains("name=\"reason\"");
        let sentence = page.text.contains("Über diesen Befund");
        assert_eq!((form, sentence), (login == "k.eins", login == "k.zwei"), "{login}");
        assert_eq!(page.text.contains("id=\"decide\""), role == Role::Coordinator, "{login}");
    }
}
