# Texte: pages

skip-to-content = Zum Inhalt springen
nav-main = Hauptnavigation
nav-schools = Schulen
nav-surveys = Umfragen
nav-collected = Was wird erfasst
nav-language = Sprache
nav-crumbs = Brotkrumen
nav-school = Seiten der Schule
tab-school = Überblick
tab-assets = Geräte
tab-findings = Befunde
tab-register = Register
tab-surveys = Umfragen
tab-facts = Stammdaten
tab-counters = Zähler
sign-out = Abmelden
example-mark = Beispiel: Diese Seite zeigt eine erfundene Schule. Nichts davon stammt aus einem echten Netz.
example-mark-some = Auf dieser Seite stehen auch Beispiele. Erfundene Schulen tragen die Marke „Beispiel“.
example-word = Beispiel
foot-promise = Rundgang kennt Geräte, keine Personen. Zeiten stehen nur bei Agenten.
foot-as-of = Stand: { $moment }
as-csv = Als Tabelle (CSV) herunterladen
save = Speichern
add = Hinzufügen
cancel = Abbrechen
required = Pflichtfeld
never = noch nie
today = heute
back-to-schools = Zurück zu den Schulen
back-to-page = Zurück zur vorigen Seite
message-saved = Gespeichert.
message-documented = Im Register angelegt. Bitte ergänzen Sie, wer zuständig ist und wo die Zugangsdaten liegen.
message-deleted = Gelöscht. Das Protokoll bewahrt, was dort stand.
message-decided = Entscheidung festgehalten.
message-learned = Gelernt. Was sich ebenso meldet, wird von nun an so erkannt.
message-opened = Eröffnet. Die Schulen finden die Umfrage auf ihrer Seite „Umfragen“.
message-returned = An die Schule zurückgegeben.
message-reminded = Erinnerung vermerkt.
message-submitted = Eingereicht und eingefroren.
message-handed-in = Abgegeben. Vielen Dank!
error-return-note = Bitte schreiben Sie dazu, was fehlt oder zu ändern ist.
error-run-moved = Dieser Schritt ist nicht mehr möglich: Der Stand der Umfrage hat sich inzwischen geändert. Diese Seite zeigt, wie es jetzt steht.
error-run-open = Einreichen ist erst möglich, wenn alle Schulen abgegeben haben.
error-run-submitted = Diese Umfrage ist schon eingereicht. Was eingereicht ist, wird nie mehr geändert.
error-run-early = Einreichen ist erst ab dem Stichtag möglich; vorher steht nicht fest, was an diesem Tag gilt.
error-run-late = Der letzte Tag für Antworten darf weder vor dem Stichtag noch in der Vergangenheit liegen.
error-part-overtaken = Diese Frage wurde inzwischen beantwortet. Gespeichert ist jetzt: „{ $value }“ ({ $who }). Soll Ihre Fassung gelten, speichern Sie bitte erneut.
error-part-moved = Die Umfrage wurde inzwischen abgegeben oder eingereicht. Ihre Eingaben konnten nicht mehr gespeichert werden; damit sie nicht verloren gehen, stehen sie unten.
error-long = Antwort und Kommentar sind zusammen zu lang. Bitte kürzen Sie.
error-no-school = Bitte wählen Sie mindestens eine Schule.
error-title = Das ging nicht
error-not-found = Diese Seite gibt es nicht (mehr).
error-conflict = Jemand anderes hat diesen Eintrag inzwischen geändert. Ihre Eingaben stehen noch im Formular; was jetzt gespeichert ist, steht unter den abweichenden Feldern. Speichern Sie erneut, wenn Ihre Fassung gelten soll.
error-unfit = Die Eingabe passt nicht. Bitte prüfen Sie die Felder.
error-number = Hier wird eine ganze Zahl erwartet.
error-date = Dieses Datum gibt es nicht. Muster: 2026-10-01 (Jahr-Monat-Tag).
error-room = Eine Zeile der Raumliste passt nicht. Muster: A101; Klassenraum; 2; wlan lehrer-pc
error-reason = Bitte schreiben Sie dazu, warum. Wer später nachsieht, muss die Entscheidung verstehen können.
error-secret = Das sieht nach einem Kennwort oder Schlüssel aus und wurde nicht gespeichert. Ins Register gehört nur, wo Zugangsdaten liegen (Tresor, Passwortmanager und Eintrag), wer sie hat und wann sie zuletzt geprüft wurden.
error-forged = Das Formular kam nicht von dieser Seite oder ist abgelaufen. Laden Sie die Seite neu und versuchen Sie es noch einmal.
error-empty = Hier muss etwas stehen.
error-mac = Eine MAC-Adresse hat zwölf Zeichen aus 0–9 und A–F, zum Beispiel 00:26:AB:11:22:33.
error-choose = Bitte wählen Sie aus, was gilt.
error-documented = Dieses Gerät steht schon im Register. Es wurde kein zweiter Eintrag angelegt.
to-entry = Zum Eintrag „{ $name }“
error-broken = Auf dem Server ist etwas schiefgegangen. Es wurde nichts geändert; Näheres steht im Protokoll des Collectors.
login-title = Anmelden
login-lead = Das Zugangstoken steht auf dem Rechner, auf dem der Collector läuft.
login-name = Ihr Name
login-name-hint = Steht im Änderungsprotokoll neben dem, was Sie eintragen.
login-token = Zugangstoken
login-enter = Anmelden
login-wrong = Das Token stimmt nicht.
login-no-name = Bitte nennen Sie Ihren Namen.
overview-lead = { $count ->
    [one] Eine Schule auf einen Blick
   *[other] { $count } Schulen auf einen Blick
}
overview-empty = Noch keine Schule
overview-empty-next = Laden Sie den Agenten einer Schule ein. Die Einladung legt die Schule an und gilt einmal:
tile-schools = Schulen
tile-assets = Geräte gefunden
tile-undocumented = nicht im Register
tile-findings = offene Befunde
tile-silent = Agenten still
tile-systems = Systeme im Register
count-critical = { $count } kritisch
count-high = { $count } hoch
count-medium = { $count } mittel
count-low = { $count } niedrig
count-info = { $count } Hinweis
no-findings = keine
coverage-of = { $covered } von { $expected }
coverage-unknown = unbekannt
agent-is-silent = { $agent } still
of-these-acknowledged = davon { $count } in Bearbeitung
overview-find = Schule suchen
overview-order = Sortierung
overview-apply = Anwenden
overview-none = Keine Schule passt dazu.
at-schools = { $count ->
    [one] an einer Schule
   *[other] an { $count } Schulen
}
overview-some = { $shown } von { $count } Schulen
order-name = Name
order-findings = Dringendes zuerst
order-undocumented = Nicht im Register zuerst
order-silent = Stille Agenten zuerst
order-walk = Am längsten ohne Rundgang zuerst
gaps-by-kind = Offene Befunde nach Art
pupils-count = { $count ->
    [one] { $count } Schüler/in
   *[other] { $count } Schülerinnen und Schüler
}
next-title = Was als Nächstes zu tun ist
step-no-agent = Für diese Schule ist noch kein Agent angemeldet.
step-no-agent-why = Ohne Agent bleibt alles unbekannt, was nicht jemand von Hand einträgt.
step-no-agent-go = Was er erfasst
step-approve = { $count ->
    [one] Ein Agent wartet auf Freigabe.
   *[other] { $count } Agenten warten auf Freigabe.
}
step-approve-why = Was er meldet, wird erst nach der Freigabe angenommen.
step-approve-go = Ansehen
step-silent = { $count ->
    [one] Ein Agent ist still. Ist das Gerät eingeschaltet und am Netz?
   *[other] { $count } Agenten sind still. Sind die Geräte eingeschaltet und am Netz?
}
step-silent-why = Solange er schweigt, ist „nicht gesehen“ keine Aussage: Wir zeigen unbekannt statt null.
step-silent-go = Netze ansehen
step-grave = { $count ->
    [one] Ein dringender Befund wartet.
   *[other] { $count } dringende Befunde warten.
}
step-grave-why = Zu jedem steht dabei, was einzutragen oder zu ändern ist und wen Sie darum bitten.
step-grave-go = Befunde ansehen
step-undocumented = { $count ->
    [one] Ein gefundenes Gerät steht noch nicht im Register.
   *[other] { $count } gefundene Geräte stehen noch nicht im Register.
}
step-undocumented-why = Ein Klick übernimmt Art, Modell und Seriennummer. Sie ergänzen Raum und Zuständigkeit.
step-undocumented-go = Übernehmen
step-gappy = { $count ->
    [one] Bei einem System fehlt, wer zuständig ist, wer es betreibt oder wo die Zugangsdaten liegen.
   *[other] Bei { $count } Systemen fehlt, wer zuständig ist, wer sie betreibt oder wo die Zugangsdaten liegen.
}
step-gappy-why = Wer im Notfall sucht, soll es in Sekunden finden.
step-gappy-go = Register ergänzen
step-rooms = Es gibt noch keine Raumliste.
step-rooms-why = Fast jede Umfrage fragt nach Räumen. Die Liste der Bauverwaltung lässt sich zeilenweise einfügen.
step-rooms-go = Räume eintragen
step-unplaced = { $count ->
    [one] Ein Gerät hat noch keinen Raum.
   *[other] { $count } Geräte haben noch keinen Raum.
}
step-unplaced-why = Erst mit Räumen lassen sich Fragen wie „In wie vielen Klassenräumen gibt es WLAN?“ beantworten.
step-unplaced-go = Geräte ansehen
step-survey = Umfragen durchsehen und bestätigen.
step-survey-why = Vieles ist mit Belegen vorausgefüllt; offen bleibt nur, was ein Mensch beurteilen muss.
step-survey-go = Zu den Umfragen
kinds-title = Was ist da?
kinds-empty = Noch nichts gefunden. Der erste Rundgang des Agenten füllt diese Seite.
kinds-legend = Grün: im Register. Gelbbraun: gefunden, noch nicht dokumentiert.
kind-bar = { $found } gefunden, davon { $documented } dokumentiert
documented-count = { $count } dokumentiert
kind-unknown = nicht erkannt
worst-title = Dringendste Befunde
all-findings = { $count ->
    [one] Den offenen Befund ansehen
   *[other] Alle { $count } offenen Befunde
}
rooms-title = Räume
rooms-empty = Noch keine Raumliste.
rooms-enter = Räume eintragen
room-empty = nichts zugeordnet
unplaced-note = { $count ->
    [one] Ein gefundenes Gerät hat keinen Raum.
   *[other] { $count } gefundene Geräte haben keinen Raum.
}
rounds-title = Rundgänge und Netze
rounds-empty = Noch ist kein Netz geprüft worden.
agent-silent-note = Der Agent „{ $agent }“ ist still. Was er zuletzt sah, gilt als unbekannt, nicht als verschwunden.
agent-waiting-note = Der Agent „{ $agent }“ wartet auf Freigabe.
segment-covered = vollständig geprüft: { $moment }
segment-unknown-since = unbekannt seit { $moment }
segment-never = noch nie vollständig geprüft
segment-fresh = aktuell
segment-stale = unbekannt
assets-title = Geräte
assets-count = { $count ->
    [one] Ein Gerät
   *[other] { $count } Geräte
}
assets-empty = Noch keine Geräte
assets-empty-next = Der Agent meldet Geräte nach seinem ersten Rundgang. Ob er läuft, steht im Überblick der Schule.
assets-no-match = Kein Gerät passt zu diesem Filter
assets-no-match-next = Nehmen Sie einen Teil des Filters weg.
filter = Geräte filtern
filter-text = Suchen
filter-all = alle
filter-undocumented = nur nicht dokumentierte
filter-apply = Anzeigen
guess = vermutet
documented = dokumentiert
document-it = Ins Register übernehmen
document-form = Erst ausfüllen, dann übernehmen
asset-what = Was es ist
asset-where = Wo und wann
asset-unrecognised = Es antwortet im Netz, aber nichts sagt uns, was es ist. Wenn Sie es kennen, tragen Sie es ins Register ein.
because = weil:
asset-undocumented-note = Dieses Gerät steht noch nicht im Register.
asset-plugged = Steckt in
asset-port-room = Der Anschluss ist mit dem Raum { $room } beschriftet.
asset-ports = Welcher Anschluss wohin führt
column-port = Anschluss
column-port-alias = Beschriftung
column-leads-to = Führt zu
column-others = Weitere, nur gezählt
column-vlan = VLAN
column-poe = Strom (PoE)
port-uplink = weiterer Switch
lesson-proposed = Es meldet sich im Netz genau so wie „{ $system }“ aus dem Register.
lesson-learners = { $count ->
    [one] Das gilt nur für dieses Gerät.
   *[other] Das gilt für { $count } Geräte.
}
lesson-accept = Ja, das ist auch: { $kind }
not-entered = nicht eingetragen
not-documented = nicht dokumentiert
days-only = (nur der Tag wird gespeichert)
asset-services = Dienste
asset-evidence = Belege
asset-evidence-lead = Was die Prüfungen gesehen haben, Feld für Feld.
asset-evidence-none = Keine Belege mehr vorhanden (Aufbewahrungsfrist abgelaufen oder Agent still).
confirmed-on = bestätigt am { $date }
asset-history = Verlauf
closed = erledigt
findings-title = Befunde
findings-open-count = { $count ->
    [one] Ein offener Befund
   *[other] { $count } offene Befunde
}
findings-only-open = nur offene zeigen
findings-show-all = auch erledigte und ruhende zeigen
findings-none = Keine offenen Befunde
findings-none-next = Nichts zu tun. Ob alle Netze geprüft wurden, steht im Überblick der Schule.
finding-do = Was zu tun ist
finding-record = Genau dieser Text:
finding-remove = Diesen Eintrag entfernen:
finding-wanted = Gebraucht wird (Wert vom Anbieter):
finding-file = Diese Datei unter { $url }:
finding-request = Anfrage an { $to }:
finding-why = Warum das wichtig ist
finding-evidence = Was wir gesehen haben
finding-decide = Entscheidung
finding-decide-lead = Eine Entscheidung ändert nichts am Befund; sie hält fest, wer was dazu gesagt hat.
finding-decision = Was gilt?
finding-reason = Begründung
finding-reason-hint = Nötig, wenn das Risiko akzeptiert wird oder der Befund hier nicht zutrifft. Keine Kennwörter.
finding-until = Gilt bis (leer: unbefristet)
finding-save = Entscheidung festhalten
finding-decisions = Bisherige Entscheidungen
until-date = bis { $date }
remedy-generic = Sehen Sie sich die Belege an und sprechen Sie den Anbieter des Systems darauf an.
state-closed = erledigt am { $date }
state-unknown-since = unbekannt seit { $date }
state-open-since = offen seit { $date }
register-title = Register
register-lead = Was Menschen über ihre Systeme wissen. Kein Rundgang überschreibt es.
register-new = Neues System
register-take-over = { $count ->
    [one] Ein gefundenes Gerät übernehmen
   *[other] { $count } gefundene Geräte übernehmen
}
register-empty = Das Register ist noch leer
register-empty-next = Am schnellsten geht es über die gefundenen Geräte: Ein Klick übernimmt, was die Maschine weiß. Lernplattform, Mail und andere Dienste tragen Sie als neues System ein.
register-count = { $count ->
    [one] Ein System.
   *[other] { $count } Systeme.
}
register-gaps = { $count ->
    [one] Bei einem fehlen Angaben.
   *[other] Bei { $count } fehlen Angaben.
}
lacking = fehlt
not-seen = nicht gesehen
machine-sees = Die Maschine sieht:
to-device = zum Gerät
stands-now = Gespeichert ist jetzt: { $value }
delete-system = Dieses System löschen
delete-really = Endgültig löschen
audit-title = Änderungsprotokoll
group-what = Was es ist
group-what-hint = { "" }
group-who = Wer zuständig ist
group-who-hint = Am besten eine Funktion statt eines Namens: „IT-Koordination“, „Hausmeister“.
group-credentials = Zugangsdaten: nur der Ort
group-credentials-hint = Niemals das Kennwort selbst. Ein Text, der danach aussieht, wird nicht gespeichert.
group-contract = Vertrag und Support
group-contract-hint = { "" }
group-purchase = Beschaffung
group-purchase-hint = { "" }
group-network = Im Netz
group-network-hint = Seriennummer und MAC-Adresse verbinden den Eintrag mit dem gefundenen Gerät.
field-name = Name
field-kind = Art
field-room = Raum
field-status = Stand
field-purpose = Zweck
field-personal-data = Verarbeitet personenbezogene Daten
field-owner = Zuständig
field-deputy = Vertretung
field-provider = Anbieter
field-first-level = Support, erste Stufe
field-second-level = Support, zweite Stufe
field-hotline = Hotline
field-changed-by = Wer darf ändern
field-credentials-kind = Art des Zugangs
field-credentials-place = Ort der Zugangsdaten
field-credentials-deputy = Wer kommt noch heran
field-credentials-checked = Zuletzt geprüft
field-contract = Vertrag
field-contract-from = Vertrag ab
field-contract-until = Vertrag bis
field-notice-until = Kündbar bis
field-sla-hours = Supportzeiten
field-sla-reaction-hours = Reaktionszeit (Stunden)
field-purchased = Gekauft am
field-warranty-until = Garantie bis
field-licence-until = Lizenz bis
field-insurance = Versicherung
field-serial = Seriennummer
field-mac = MAC-Adresse
field-segment = Netz
field-domain = Domain
field-notes = Notizen
field-bought = Kaufdatum
field-down = Bandbreite
field-up = Bandbreite (Up)
field-age = Alter
field-reaction-hours = Reaktionszeit
field-lan = Netzwerkdose
field-wifi = WLAN
field-placed = Raum im Register
field-documented = Eintrag im Register
field-vendor = Hersteller
field-model = Modell
field-hostname = Gerätename
field-os-version = Version
field-ip = Adresse
field-credentials-place-hint = Zum Beispiel: Tresor Sekretariat, Umschlag 3 · Passwortmanager, Eintrag „Firewall“
field-owner-hint = Zum Beispiel: IT-Koordination
field-changed-by-hint = Zum Beispiel: Träger, per Ticket
column-school = Schule
column-official-number = Schulnummer
column-school-kind = Schulform
column-assets = Geräte
column-undocumented = Nicht im Register
column-systems = Systeme im Register
column-findings = Befunde
column-coverage = Netze geprüft
column-last-walk = Letzter Rundgang
column-silent-agents = Stille Agenten
column-covered = Geprüfte Netze
column-expected = Netze insgesamt
column-example = Beispiel
column-device = Gerät
column-name = Name
column-kind = Art
column-vendor = Hersteller
column-model = Modell
column-serial = Seriennummer
column-version = Version
column-hostname = Gerätename
column-address = Adresse
column-mac = MAC-Adresse
column-segment = Netz
column-room = Raum
column-system = System
column-register = Register
column-first-seen = Zuerst gesehen
column-last-seen = Zuletzt gesehen
column-seen = Gesehen
column-finding = Befund
column-severity = Dringlichkeit
column-rule = Regel
column-subject = Betrifft
column-state = Stand
column-closed = Geschlossen am
column-opened = Offen seit
column-remedy = Was zu tun ist
column-evidence = Beleg
column-field = Feld
column-value = Wert
column-from = Von
column-to = Bis
column-source = Quelle
column-question = Frage
column-wording = Wortlaut
column-machine = Aus Inventar und Register
column-lower = Mindestens
column-upper = Höchstens
column-unit = Einheit
column-confidence = Sicherheit
column-reasons = Gründe
column-person = Eigene Angabe
column-comment = Kommentar
column-who = Wer
column-when = Wann
column-formula = Formelfassung
column-progress = Fortschritt
column-confirmed = Bestätigt
column-suggested = Vorausgefüllt
column-open = Offen
column-sockets = Netzwerkdosen
column-equipment = Ausstattung
column-peak-week = Höchststand 7 Tage
column-peak-month = Höchststand 30 Tage
column-last-day = Letzter Tag
facts-title = Stammdaten
facts-lead = Was keine Maschine sehen kann: Zahlen, Räume, Leitungen, Dokumente.
facts-people = Schule und Menschen
facts-support = Support
facts-devices = Endgeräte
facts-network = Netz
facts-none-hint = Gibt es etwas nicht, schreiben Sie „keine“. Ein leeres Feld heißt: unbekannt.
entered-by = { $who }, { $date }
rooms-why = Umfragen fragen nach Räumen, nicht nach Geräten. Deshalb ist diese Liste die wichtigste.
rooms-add = Räume hinzufügen oder ändern, einer je Zeile
rooms-hint = Name; Art (Klassenraum, Fachraum, Büro, Technik); Netzwerkdosen; Ausstattung (wlan, lehrer-pc, dokumentenkamera; „kein-wlan“, wenn es sicher keines gibt). Ein bekannter Name wird geändert.
links-title = Internetleitungen
links-empty = Noch keine Leitung eingetragen.
link-technology = Technik
link-down = Mbit/s zur Schule
link-up = Mbit/s von der Schule
link-role = Aufgabe
link-status = Stand
link-primary = Hauptleitung
link-backup = Ausfallreserve
link-active = in Betrieb
link-ordered = beauftragt
link-planned = geplant
documents-title = Dokumente
documents-empty = Noch kein Dokument vermerkt.
document-name = Titel
document-date = Datum
document-place = Wo es liegt
document-draft = Entwurf
kept-title = Vollständige Listen
kept-why = Ein Beamer am Kabel ist in keinem Netz zu sehen. Wenn das Register für eine Art wirklich alles enthält, haken Sie sie an: Dann gilt „nicht im Register und nicht gesehen“ als „gibt es nicht“. Sonst bleibt die Zahl nach oben offen.
counters-title = Zähler
counters-lead = Geräte von Personen werden nie einzeln gespeichert, nur gezählt.
counters-empty = Noch nichts gezählt
counters-empty-next = Nach dem ersten Rundgang stehen hier Höchststände je Netz.
counters-promise = Zahlen unter zehn erscheinen als „<10“, alle anderen auf zehn gerundet. Nach 90 Tagen bleibt nur der Höchststand des Monats.
collected-title = Was wird erfasst
collected-lead = Für Datenschutz, Personalrat und alle, die es wissen wollen.
collected-generated = Felder, Gerätearten und Erfassungsbereiche auf dieser Seite werden aus dem laufenden Programm erzeugt: aus dem Vokabular der Belege und aus dem, was jeder Agent von seinem Gerät meldet.
never-title = Was nie geschieht
never-traffic = Kein Mitlesen: keine Inhalte, keine Verbindungsdaten, keine Liste aufgerufener Seiten.
never-people = Handys, Tablets und Notebooks von Personen werden auf dem Agenten zu einer Zahl, bevor etwas gespeichert oder gesendet wird.
never-password = Kein Kennwort wird ausprobiert, keine Anmeldung versucht; Zugangsdaten verlassen die Schule nie.
never-times = Keine Uhrzeiten, wann ein Gerät lief: gespeichert wird nur der Tag, für jede Rolle.
never-write = Nichts wird verändert: Der Agent liest nur, und nie von einem Druckdatenanschluss.
scopes-title = Wo die Agenten hinsehen dürfen
scopes-empty = Noch kein Agent hat einen Erfassungsbereich gemeldet.
scope-undeclared = Dieser Agent hat keinen Erfassungsbereich gemeldet und darf nichts erfassen.
scope-class = Klasse
scope-purpose = Zweck
scope-authorised = Freigegeben von
scope-basis = Rechtsgrundlage
scope-council = Personalrat beteiligt am
scope-until = Gültig bis
last-contact = Zuletzt gemeldet: { $moment }
silent = still
kept-kinds-title = Wird als Gerät gespeichert
kept-kinds-lead = Infrastruktur der Schule, mit Belegen.
counted-kinds-title = Wird nur gezählt
counted-kinds-lead = Außer in Netzen, die als „verwaltet“ freigegeben sind (schuleigene Arbeitsplätze). Geräte, die Personen bei sich tragen, immer nur als Zahl.
retention-title = Wie lange (Voreinstellung)
retention-shortened = { $days } Tage (vom Träger verkürzt)
retention-observations = Einzelbeobachtungen
retention-observations-time = 30 Tage nach der letzten Bestätigung
retention-intervals = Verlauf von Werten
retention-intervals-time = 24 Monate
retention-unclassified = Nicht erkannte Geräte
retention-unclassified-time = 7 Tage
retention-retired = Ausgemusterte Geräte
retention-retired-time = 12 Monate, danach nur ihre Anzahl im Löschnachweis
retention-findings = Befunde
retention-findings-time = 24 Monate
retention-audit = Änderungsprotokoll
retention-audit-time = 12 Monate
retention-spool = Noch nicht Gesendetes auf dem Agenten
retention-spool-time = 72 Stunden
retention-counters = Zähler
retention-counters-time = 90 Tage, danach der Höchststand des Monats
retention-answers = Eingereichte Umfragen
retention-answers-time = 10 Jahre (nur Summen)
fields-title = Alle Felder, die ein Agent melden kann
fields-lead = Ein Feld, das hier nicht steht, nimmt der Collector nicht an.
field-is-name = Name: Personennamen werden geschwärzt
volatility-stable = dauerhaft
volatility-slow = ein Wert je Tag
volatility-volatile = nie gespeichert
finding-question = Vor dem Ändern klären:
findings-by-rule = Befunde nach Art
findings-every-rule = alle
worst-more = zum Beispiel { $label }
domains-title = Mail-Domains
domain-fine = Nichts zu tun
domain-record = Text zum Eintragen
record-name = Name
record-type = Typ
record-value = Wert
record-line = Dasselbe als Zeile einer Zonendatei
finding-whom = An wen geben?
finding-whom-unknown = Im Register steht noch nicht, wer das betreibt.
finding-whom-enter = Anbieter und Hotline eintragen
finding-letter = Als E-Mail weitergeben
search-title = Wen rufe ich an?
search-lead = Gerät, Raum, Dienst, Domain, MAC-Adresse oder Seriennummer: mit Hotline und Ort der Zugangsdaten. Tippfehler machen nichts.
search-question = Suche
search-go = Suchen
search-examples = Zum Beispiel: „Beamer 104“, „DNS“, „Moodle“ oder eine MAC-Adresse.
search-none = Nichts gefunden
search-none-next = Versuchen Sie ein Wort weniger, oder einen Teil des Namens.

domains-page-title = Domains
domains-page-lead = Nachgesehen wird nur bei bestätigten Domains, und nur in öffentlichen Einträgen. Vorschläge stammen aus dem Register und aus dem, was Geräte der Schule zeigen.
domain-state-proposed = Gefunden: Wem gehören sie?
domain-state-confirmed = Bestätigt
domain-state-declined = Gehört nicht zur Schule
domain-source-register = Register
domain-source-certificate = Zertifikat eines Geräts
domain-source-mail-server = Mailserver im Netz
domain-source-search-domain = Suchdomain des Netzes
domain-shared = dient mehreren Schulen des Trägers
domain-confirm = Gehört der Schule
domain-decline = Gehört nicht dazu
domain-enter = Eine Domain eintragen
domains-none = Noch ist keine Domain bekannt.
domains-all = Alle Domains und Vorschläge
message-domain-settled = Gespeichert.
