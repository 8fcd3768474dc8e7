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
survey-by-schools = beantwortet von jeder Schule
survey-how = Links steht, was Inventar und Register hergeben, rechts Ihre Angabe. Was nicht begangen wurde, ist unbekannt, nie null.
survey-thresholds = Verwendete Schwellen
survey-target = Ziel:
survey-machine = Aus Inventar und Register
survey-own = Ihre Angabe
survey-own-level = Ihre Einschätzung
survey-comment = Kommentar
survey-block-comment = Eigene Kommentierung zu { $block }
survey-confirmed = bestätigt
survey-person = nur durch Menschen
survey-suggested = vorausgefüllt
survey-suggestion = Vorschlag
survey-evidence = { $count ->
    [one] Ein Beleg
   *[other] { $count } Belege
}
survey-lacking = { $count ->
    [one] Eines fehlt noch
   *[other] { $count } fehlen noch
}
survey-formula = Formelfassung { $version }
survey-drift = Als Sie bestätigten, lautete der Maschinenwert „{ $then }“, jetzt „{ $now }“. Ihre Angabe bleibt stehen.
answer-unknown = unbekannt
answer-yes = ja
answer-no = nein
answer-level = Stufe { $level }
bounds-between = zwischen { $lower } und { $upper }
bounds-open = mindestens { $lower }, nach oben offen
bounds-at-most = höchstens { $upper }
coverage-none = Noch kein Netz gemeldet; alles, was die Maschine sehen müsste, ist unbekannt.
coverage-networks = { $covered } von { $expected } Netzen sind begangen.
coverage-last-round = Letzter Rundgang: { $moment }.
coverage-silent = Still: { $agents }.
reason-never-walked = Es gab noch keinen Rundgang.
reason-segments-missing = Nur { $covered } von { $expected } Netzen sind begangen.
reason-agent-silent = Der Agent „{ $agent }“ ist still.
reason-kind-may-hide = { $kind }: muss nicht im Netz sein, und die Liste ist nicht als vollständig bestätigt.
reason-unrecognised = { $count } Geräte sind nicht sicher erkannt.
reason-not-seen = { $count } Geräte sind derzeit nicht zu sehen.
reason-unplaced = { $count } Geräte haben keinen Raum.
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
