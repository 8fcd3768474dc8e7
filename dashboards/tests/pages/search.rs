//! "Who do I call?": the story of the mail in spam, and a device by what people remember.

use crate::site::{between, plain, site};

#[tokio::test]
async fn one_question_leads_to_the_hotline_and_the_credentials() {
    let site = site(None);
    for (question, name) in
        [("Beamer+A101", "Beamer A101"), ("beemer+a101", "Beamer A101"), ("00-26-AB-11-22-04", "Mensa-NAS")]
    {
        let page = plain(&site.get(&format!("/suche?q={question}")).await.text);
        let first = between(&page, "<section class=\"card hit\">", "</section>");
        assert!(first.contains(&format!(">{name}</a></h2>")), "{question}: {first}");
    }
    // From the front page, mail lands in spam: type the domain, read whom to call.
    assert!(site.get("/").await.text.contains("action=\"/suche\""), "the search is on every page");
    let page = plain(&site.get("/suche?q=gesamtschule.example").await.text);
    for shown in ["Domain und Mail", "0800 5550100", "Mailhaus GmbH", "Tresor, Umschlag 1"] {
        assert!(page.contains(shown), "{shown} is not on {page}");
    }
}

#[tokio::test]
async fn a_question_without_an_answer_and_one_full_of_signs_are_answered() {
    let site = site(None);
    let none = site.get("/suche?q=Waschmaschine").await.text;
    assert!(none.contains("Nichts gefunden"), "{none}");
    let signs = site.get("/suche?q=%3Cscript%3E%25_%27%22").await;
    assert!(signs.status.is_success() && !signs.text.contains("<script>"), "{}", signs.text);
    assert!(site.get("/suche").await.text.contains("Zum Beispiel"));
}
