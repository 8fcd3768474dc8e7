# Teksten: surveys

surveys-title = Enquêtes
surveys-lead = Vooringevuld uit inventaris en register, met bewijs. Uw antwoord geldt en wordt nooit overschreven.
traeger-surveys-lead = De eigen enquêtes van het bestuur en de stand bij de scholen.
question-count = { $count ->
    [one] { $count } vraag
   *[other] { $count } vragen
}
survey-progress = { $confirmed } bevestigd, { $suggested } vooringevuld, { $open } open
survey-open = Openen
survey-by-schools = beantwoord door elke school
survey-how = Links staat wat inventaris en register zeggen, rechts uw antwoord. Wat niet bezocht is, is onbekend, nooit nul.
survey-thresholds = Gebruikte drempels
survey-target = Doel:
survey-machine = Uit inventaris en register
survey-own = Uw antwoord
survey-own-level = Uw inschatting
survey-comment = Toelichting
survey-block-comment = Eigen toelichting bij { $block }
survey-confirmed = bevestigd
survey-person = alleen door mensen
survey-suggested = vooringevuld
survey-suggestion = voorstel
survey-evidence = { $count ->
    [one] Eén bewijs
   *[other] { $count } bewijsstukken
}
survey-lacking = { $count ->
    [one] Eén ontbreekt nog
   *[other] { $count } ontbreken nog
}
survey-formula = Formuleversie { $version }
survey-drift = Toen u bevestigde was de machinewaarde ‘{ $then }’, nu ‘{ $now }’. Uw antwoord blijft staan.
answer-unknown = onbekend
answer-yes = ja
answer-no = nee
answer-level = Niveau { $level }
bounds-between = tussen { $lower } en { $upper }
bounds-open = minstens { $lower }, naar boven open
bounds-at-most = hoogstens { $upper }
coverage-none = Nog geen netwerk gemeld; alles wat de machine moet zien is onbekend.
coverage-networks = { $covered } van { $expected } netwerken zijn bezocht.
coverage-last-round = Laatste ronde: { $moment }.
coverage-silent = Stil: { $agents }.
reason-never-walked = Er was nog geen ronde.
reason-segments-missing = Slechts { $covered } van { $expected } netwerken zijn bezocht.
reason-agent-silent = De agent ‘{ $agent }’ is stil.
reason-kind-may-hide = { $kind }: hoeft niet in het netwerk te zijn, en de lijst is niet als volledig bevestigd.
reason-unrecognised = { $count } apparaten zijn niet zeker herkend.
reason-not-seen = { $count } apparaten zijn nu niet te zien.
reason-unplaced = { $count } apparaten hebben geen lokaal.
reason-fact-missing = Niet ingevuld: { $fact }.
reason-fact-old = Ouder dan een jaar: { $fact }.
reason-list-open = De lijst ({ $list }) is niet als volledig bevestigd.
reason-field-missing = Bij { $count } ontbreekt: { $field }.
reason-person = Dat kan alleen een mens beoordelen.
list-asset = apparaten
list-room = lokalen
list-system = systemen
list-link = lijnen
list-document = documenten
list-finding = bevindingen
list-domain = domeinen
list-site = vestigingen
fact-pupils = Leerlingen
fact-teachers = Leraren
fact-coordinator-hours = Uren ICT-coördinatie per week
fact-spend = Uitgaven voor digitalisering per jaar (EUR)
fact-contact-school = Contactpersoon van de school
fact-contact-traeger = Contactpersoon bij het bestuur
fact-support-first = Eerstelijns support
fact-support-second = Tweedelijns support
fact-support-reaction-hours = Afgesproken reactietijd (uren)
fact-devices-pupil = Leerlingapparaten in totaal
fact-devices-pupil-pc = waarvan vaste pc’s
fact-devices-pupil-laptop = waarvan laptops
fact-devices-pupil-tablet = waarvan tablets
fact-devices-pupil-chromebook = waarvan chromebooks
fact-devices-pupil-internet = waarvan met internet
fact-devices-teacher = Lerarenapparaten
fact-link-used-p95 = Werkelijk gebruikte bandbreedte (Mbit/s)
fact-network-separation = Scheiding van netwerken (administratie, les, gasten)
choice-fibre = glasvezel
choice-hfc = kabel (HFC)
choice-vdsl = VDSL
choice-radio = radio
unit-a = jaar
unit-h = uur
unit-d = dagen
unit-EUR = EUR
survey-as-of = Teldatum
survey-as-of-show = Tonen
survey-past = Antwoorden voor die datum, op basis van wat er nu over bekend is. Waar op de dag zelf iets anders bekend was, staat dat erbij.
survey-only-open = Alleen open vragen
survey-all-questions = Alle vragen
survey-none-open = Geen enkele vraag staat open.
survey-files = Als bestand:
survey-steps = Wat te doen
survey-signed = Ingediend door { $who }, { $moment }. Zegel (SHA-256): { $seal }
sheet-answers = Antwoorden
sheet-evidence = Bewijs
sheet-steps = Stappen
column-then = Op die datum bekend
column-lacking = Ontbreekt
column-answerer = Beantwoord door
column-role = Soort
column-element = Element
column-step = Stap
survey-today = Stand van vandaag
