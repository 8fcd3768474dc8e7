# Texte: surveys

surveys-title = Umfragen
surveys-lead = Vorausgefüllt aus Inventar und Register, mit Belegen. Ihre Angabe gilt und wird nie überschrieben.
traeger-surveys-lead = Die eigenen Umfragen des Trägers und der Stand bei den Schulen.
question-count = { $count ->
    [one] { $count } Frage
   *[other] { $count } Fragen
}
survey-progress = { $confirmed } bestätigt, { $suggested } vorausgefüllt, { $open } offen
survey-open = Öffnen
survey-of-schools = Stand der Schulen
survey-by-schools = beantwortet von jeder Schule
survey-how = Links steht, was Inventar und Register hergeben, rechts Ihre Angabe. Was nicht geprüft wurde, ist unbekannt, nie null.
survey-thresholds = Verwendete Schwellen
survey-target = Ziel:
survey-machine = Aus Inventar und Register
survey-own = Ihre Angabe
survey-own-level = Ihre Einschätzung
survey-comment = Kommentar
survey-block-comment = Kommentar zu Abschnitt { $block }
survey-confirmed = bestätigt
survey-person = nur durch Menschen
survey-suggested = vorausgefüllt
survey-suggestion = Vorschlag
survey-evidence = { $count ->
    [one] Ein Beleg
   *[other] { $count } Belege
}
survey-lacking = Was noch fehlt ({ $count })
survey-formula = Formelfassung { $version }
survey-drift = Als Sie antworteten, stand im Inventar „{ $then }“, jetzt steht dort „{ $now }“. Ihre Angabe bleibt stehen.
answer-unknown = unbekannt
answer-yes = ja
answer-no = nein
answer-level = Stufe { $level }
bounds-between = zwischen { $lower } und { $upper }
bounds-open = mindestens { $lower }, nach oben offen
bounds-at-most = höchstens { $upper }
coverage-none = Noch kein Netz gemeldet; alles, was die Maschine sehen müsste, ist unbekannt.
coverage-networks = { $covered } von { $expected } Netzen geprüft.
coverage-last-round = Letzter Rundgang: { $moment }.
coverage-silent = Still: { $agents }.
reason-never-walked = Es gab noch keinen Rundgang.
reason-segments-missing = Nur { $covered } von { $expected } Netzen sind geprüft.
reason-agent-silent = Der Agent „{ $agent }“ ist still.
reason-kind-may-hide = { $kind }: kann auch ohne Netzanschluss da sein, und die Liste ist nicht als vollständig bestätigt.
reason-unrecognised = { $count ->
    [one] Ein Gerät ist nicht sicher erkannt.
   *[other] { $count } Geräte sind nicht sicher erkannt.
}
reason-not-seen = { $count ->
    [one] Ein Gerät ist derzeit nicht zu sehen.
   *[other] { $count } Geräte sind derzeit nicht zu sehen.
}
reason-unplaced = { $count ->
    [one] Ein Gerät hat keinen Raum.
   *[other] { $count } Geräte haben keinen Raum.
}
reason-fact-missing = Nicht eingetragen: { $fact }.
reason-fact-old = Älter als ein Jahr: { $fact }.
reason-list-open = Die Liste ({ $list }) ist nicht als vollständig bestätigt.
reason-field-missing = Bei { $count } fehlt: { $field }.
reason-person = Das kann nur ein Mensch beurteilen.
list-asset = Geräte
list-room = Räume
list-system = Systeme
list-link = Leitungen
list-document = Dokumente
list-finding = Befunde
list-domain = Domains
list-site = Standorte
fact-pupils = Schülerinnen und Schüler
fact-teachers = Lehrkräfte
fact-coordinator-hours = Stunden der IT-Koordination je Woche
fact-spend = Ausgaben für Digitalisierung im Jahr (EUR)
fact-contact-school = Ansprechperson der Schule
fact-contact-traeger = Ansprechperson beim Träger
fact-support-first = First-Level-Support
fact-support-second = Second-Level-Support
fact-support-reaction-hours = Vereinbarte Reaktionszeit (Stunden)
fact-devices-pupil = Geräte für Schülerinnen und Schüler insgesamt
fact-devices-pupil-pc = davon stationäre PCs
fact-devices-pupil-laptop = davon Notebooks
fact-devices-pupil-tablet = davon Tablets
fact-devices-pupil-chromebook = davon Chromebooks
fact-devices-pupil-internet = davon mit Internetzugang
fact-devices-teacher = Dienstgeräte der Lehrkräfte
fact-link-used-p95 = Tatsächlich genutzte Bandbreite (Mbit/s)
fact-network-separation = Trennung der Netze (Verwaltung, Unterricht, Gäste)
choice-fibre = Glasfaser
choice-hfc = Kabel (HFC)
choice-vdsl = VDSL
choice-radio = Funk
unit-a = Jahre
unit-h = Stunden
unit-d = Tage
unit-EUR = EUR
survey-as-of = Stichtag
survey-as-of-show = Anzeigen
survey-past = Antworten für diesen Stichtag, aus dem, was heute darüber bekannt ist. Wo am Stichtag selbst anderes bekannt war, steht es dabei.
survey-only-open = Nur offene Fragen
survey-all-questions = Alle Fragen
survey-none-open = Keine Frage ist offen.
survey-files = Als Datei:
survey-steps = Was zu tun ist
survey-signed = Eingereicht von { $who }, { $moment }. Siegel (SHA-256): { $seal }
sheet-answers = Antworten
sheet-evidence = Belege
sheet-steps = Schritte
column-then = Am Stichtag bekannt
column-lacking = Es fehlt
column-answerer = Antwortet
column-role = Art
column-element = Element
column-step = Schritt
survey-today = Heutiger Stand
step-or = oder
step-lacking = { $count } von { $of } { $nouns } ohne { $lacks }: { $names }.
step-needed = Für den nächsten Schritt genügen { $count } davon.
step-unknown = Bei { $count } ist nur nicht bekannt, ob es fehlt.
step-fact = Klären und eintragen: { $fact }.
step-document = Dokument vorlegen: { $kind }.
step-link = Eine Leitung in Betrieb nehmen.
step-link-at-least = Leitung mit mindestens { $number } Mbit/s.
step-list = Liste eintragen: { $list }.
step-element = Es fehlt: { $kinds }.
step-more = { $number } mehr: { $fact }.
step-walk = Rundgang durchführen (alle Netze).
nouns-room = Räume
nouns-asset = Geräte
nouns-system = Systeme
nouns-school = Schulen
nouns-link = Leitungen
nouns-document = Dokumente
nouns-site = Standorte
nouns-domain = Domains
nouns-finding = Befunde
nouns-of-room = Räumen
nouns-of-asset = Geräten
nouns-of-system = Systemen
nouns-of-school = Schulen
nouns-of-link = Leitungen
nouns-of-document = Dokumenten
nouns-of-site = Standorten
nouns-of-domain = Domains
nouns-of-finding = Befunden
noun-link = ausreichende Leitung
noun-walk = aktuellen Rundgang
paper-appendix = Anhang: Belege
paper-appendix-lead = Was hinter den Antworten steht, je Frage: Geräte, Räume, Systeme, Leitungen, Dokumente und Angaben.
paper-draft = Entwurf, noch nicht eingereicht.
paper-page = Seite { $page } von { $pages }
run-open-title = Umfrage für Schulen eröffnen
run-open-go = Eröffnen
run-days = Termine
run-days-hint = Vorausgefüllt wird, was am Stichtag gilt. Bis zum letzten Tag können die Schulen antworten; er kann frei bleiben.
run-due = Antworten bis
run-schools = Schulen
run-opened = Eröffnet
run-state = Stand
run-open-for = Für Schulen eröffnen
runs-title = Eröffnete Umfragen
runs-title-school = Vom Träger eröffnet
run-answer = Beantworten
run-look = Ansehen
run-files = Eingereicht, alle Schulen in einer Datei:
run-files-draft = Entwurf, alle Schulen in einer Datei:
run-return = Zurückgeben
run-return-note = Was fehlt oder zu ändern ist
run-return-go = An die Schule zurückgeben
run-returned-with = Zurückgegeben mit:
run-remind = Per Mail erinnern
run-remind-note = Erinnerung vermerken
run-reminded = erinnert am { $date }
run-reminder = Guten Tag, für { $school } fehlen in der Umfrage „{ $title }“ noch Antworten. Letzter Tag: { $due }. Das meiste ist vorausgefüllt; zuerst stehen die offenen Fragen: { $link } Vielen Dank!
run-changed-since = seit der Abgabe geändert
run-submit = Einreichen
run-submit-lead = Alle Schulen haben abgegeben. Mit dem Einreichen werden die Antworten mit Siegel eingefroren und nie mehr geändert.
run-submit-go = Einreichen und einfrieren
part-open = Offene Fragen
part-suggested = Vorausgefüllt, bitte prüfen
part-confirmed = Schon beantwortet
part-how = Zuerst stehen die offenen Fragen. Vorausgefülltes gilt, wenn Sie nichts ändern. Was Sie nicht wissen, lassen Sie frei: Es wird als „unbekannt“ mit dem Grund abgegeben, nie als null.
part-as-is = So bestätigen
part-save = Zwischenspeichern
part-hand-in = Abgeben
part-hand-in-lead = Mit der Abgabe bestätigen Sie die Antworten für Ihre Schule. Der Träger prüft sie und kann sie mit einem Hinweis zurückgeben.
part-hand-in-go = Speichern und abgeben
part-handed-in = Abgegeben von { $who }, { $date }. Der Träger prüft die Antworten und kann sie bis zum Einreichen zurückgeben.
part-returned-note = Vom Träger zurückgegeben ({ $who }):
frozen-lead = Eingereicht und eingefroren: Werte, Grenzen, Abdeckung und Fassung der Formeln ändern sich nicht mehr. Name, Kommentar und Datum dessen, der eine Antwort bestätigt oder geändert hat, bleiben dabei. Von den Belegen bleiben Anzahl, Prüfsumme und die Nummern der Geräte; ein Link führt zum Gerät, solange es geführt wird.
frozen-seal = Siegel (SHA-256)
frozen-whole = unversehrt
frozen-broken = passt nicht mehr zum Inhalt
frozen-devices = Geräte hinter der Antwort
frozen-device = Gerät { $number }
frozen-deleted = gelöscht am { $date } nach Löschfrist
frozen-before = Zum { $date } eingereicht: { $value }
frozen-evidence = Belege: { $count }. Nach Art: { $kinds }. Nach Raum: { $rooms }. Prüfsumme der Liste: { $hash }…
stand-open = offen
stand-confirmed = abgegeben
stand-returned = zurückgegeben
stand-submitted = eingereicht
run-submit-waits = { $count ->
    [one] Eine Schule hat noch nicht abgegeben.
   *[other] { $count } Schulen haben noch nicht abgegeben.
}
part-unanswered = { $count ->
    [one] Eine Frage ist noch offen; sie wird als „unbekannt“ abgegeben.
   *[other] { $count } Fragen sind noch offen; sie werden als „unbekannt“ abgegeben.
}
survey-awaited = Der Träger hat diese Umfrage für Ihre Schule eröffnet.
nouns-fact = Angaben
part-comments = Kommentare zu den Abschnitten
part-unsaved = Nicht gespeichert
part-earlier = Zuletzt am { $date } angegeben, für eine frühere Umfrage. Gilt so, wenn Sie nichts ändern.
run-select-all = Alle auswählen
run-select-none = Keine auswählen
run-open-already = Diese Umfrage ist schon eröffnet und noch nicht eingereicht:
frozen-own = Angabe der Schule
frozen-as-filled = keine eigene Angabe, es gilt der vorausgefüllte Wert
run-reminder-open = Guten Tag, für { $school } fehlen in der Umfrage „{ $title }“ noch Antworten. Das meiste ist vorausgefüllt; zuerst stehen die offenen Fragen: { $link } Vielen Dank!
frozen-evidence-nowhere = Belege: { $count }. Nach Art: { $kinds }. Prüfsumme der Liste: { $hash }…
surveys-all = Alle Umfragen
choice-wifi-4 = Wi-Fi 4
choice-wifi-5 = Wi-Fi 5
choice-wifi-6 = Wi-Fi 6
choice-wifi-7 = Wi-Fi 7
choice-class = Klassenraum
choice-subject = Fachraum
choice-office = Büro
choice-technical = Technikraum
choice-other = sonstiger Raum
survey-coverage = Abdeckung
totals-title = Summen nach Schulart und Gemeinde
totals-lead = Was die Schulen zusammen angeben: die eigene Angabe, wo es eine gibt, sonst der vorausgefüllte Wert. Unbekanntes zählt nicht als null; erfundene Schulen zählen nicht mit.
totals-draft = Noch nicht eingereicht: Die Zahlen können sich ändern.
totals-all = Alle
totals-no-kind = ohne Schulart
totals-no-commune = ohne Gemeinde
totals-by-kind = Nach Schulform
totals-by-commune = Nach Gemeinde
totals-hidden = zu wenige Schulen für eine Summe
totals-mean = im Mittel { $value }
totals-not-yet = Die Umfrage ist noch nicht eingereicht. Summen stehen hier, sobald der Träger sie eingereicht hat: Wer zusähe, wie sie wachsen, läse die Antworten jeder einzelnen Schule ab.
totals-unknown = unbekannt: { $count }
totals-words = ohne lesbare Zahl: { $count }
totals-answered = beantwortet: { $count }
totals-range = { $lower } bis { $upper }

template-title = Vordruck ausfüllen
template-lead = Die Stelle, die fragt, hat einen eigenen Vordruck (XLSX)? Die Antworten kommen in die Zellen, die dort einen Namen haben: Rundgang_ und die Nummer der Frage, etwa { $example }. Alles andere im Vordruck bleibt, wie es ist.
template-file = Vordruck (.xlsx)
template-fill = Ausfüllen
template-no-file = Bitte einen Vordruck auswählen.
template-large = Der Vordruck ist zu groß.
template-old = Der Vordruck ist im Format von vor 2007 oder hat ein Kennwort: ohne Kennwort als .xlsx speichern.
template-none = Der Vordruck ist keine Arbeitsmappe: als .xlsx speichern.
template-macros = Der Vordruck enthält Makros: ohne sie als .xlsx speichern.
template-signed = Der Vordruck ist signiert, und eine Signatur übersteht das Ausfüllen nicht: eine Kopie ohne Signatur speichern.
template-damaged = Der Vordruck lässt sich nicht lesen ({ $what }): in einem Tabellenprogramm öffnen und neu speichern.
template-no-names = Keine Zelle des Vordrucks hat einen Namen dieser Umfrage, etwa { $what }: den Zellen im Tabellenprogramm Namen geben.
template-unknown = Für diese Namen des Vordrucks hat die Umfrage nichts: { $what }
template-no-cell = Der Name { $what } muss eine Zelle eines Blatts des Vordrucks meinen; er steht für { $refers }.
template-formula = In { $what } steht eine Formel: eine Zelle, die ausgefüllt wird, darf keine enthalten.
template-twice = Zwei Namen meinen dieselbe Zelle: { $what }
template-names = Namen, die ein Vordruck verwenden kann
template-name-value = die Antwort, die gilt; ein Teil einer Tabelle steht nach einem Unterstrich (Rundgang_D03_class)
template-name-comment = die Bemerkung
template-name-bounds = mindestens und höchstens
template-name-level = ein Kreuz, wenn diese Stufe gilt
template-name-more = Gründe der Unsicherheit, nächste Schritte, wer und wann, Einheit
template-name-whole = Schule, Stichtag, Titel, Abdeckung, wer eingereicht hat, Siegel, Bemerkung zu einem Abschnitt
survey-import-title = Eigene Umfrage einlesen
survey-import-lead = Eine Umfragedatei (TOML), wie sie auch das Kommando survey check prüft.
survey-import-how = Die Datei wird geprüft und steht dann bei den anderen Umfragen. Wer eine geänderte Datei einliest, erhöht ihre Version; was schon eröffnet ist, bleibt bei der alten.
survey-import-file = Umfragedatei
survey-import-go = Einlesen
survey-import-refused = Die Datei wurde nicht eingelesen; unten steht, warum.
message-survey-imported = Die Umfrage steht jetzt in der Liste.
reminder-title = Erinnerung per Mail
reminder-became = Was aus der Erinnerung wurde
reminder-lead = Rundgang verschickt die Mail an die Konten der Schule, die antworten dürfen und eine Mailadresse angegeben haben; an eine Schule höchstens eine am Tag.
reminder-go = Erinnern
reminder-whom = an { $whom }
reminder-all = { $count ->
    [one] Die offene Schule mit Mailadresse erinnern
   *[other] Alle { $count } offenen Schulen mit Mailadresse erinnern
}
reminder-without = { $count ->
    [one] Eine offene Schule hat kein solches Konto; für sie bleibt die vorbereitete Mail in der Liste.
   *[other] { $count } offene Schulen haben kein solches Konto; für sie bleibt die vorbereitete Mail in der Liste.
}
reminder-sent = Gesendet an { $whom }.
reminder-not-to-one = An ein Konto nicht: { $why }
reminder-failed = Nicht gesendet und nicht vermerkt: { $why }
reminder-unsure = Ungewiss, ob die Mail ankam; nicht vermerkt, und heute geht keine zweite. { $why }
reminder-already = Heute ging schon eine Mail an diese Schule; morgen kann wieder erinnert werden.
reminder-nobody = Kein Konto der Schule, das antworten darf, hat eine Mailadresse angegeben. Nichts gesendet.
reminder-not-begun = Noch nicht an der Reihe gewesen: Der Mailserver ist langsam. Bitte noch einmal anstoßen.
reminder-no-server = Es ist kein Mailserver eingetragen (Einstellungen); es wurde nichts gesendet.
reminder-subject = Rundgang { $traeger }: Antworten fehlen in „{ $title }“
reminder-missing = für { $school } fehlen in der Umfrage „{ $title }“ noch Antworten.
reminder-due = Letzter Tag: { $due }.
reminder-how = Das meiste ist vorausgefüllt; zuerst stehen die offenen Fragen:
reminder-end = { $traeger } hat diese Mail veranlasst; an eine Schule geht höchstens eine am Tag. Die Adresse ändern Sie in Ihrem Konto.
