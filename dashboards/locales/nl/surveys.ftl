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
survey-of-schools = Stand van de scholen
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
survey-lacking = Wat nog ontbreekt ({ $count })
survey-formula = Formuleversie { $version }
survey-drift = Toen u antwoordde, stond in de inventaris ‘{ $then }’, nu staat er ‘{ $now }’. Uw antwoord blijft staan.
answer-unknown = onbekend
answer-yes = ja
answer-no = nee
answer-level = Niveau { $level }
bounds-between = tussen { $lower } en { $upper }
bounds-open = minstens { $lower }, naar boven open
bounds-at-most = hoogstens { $upper }
coverage-none = Nog geen netwerk gemeld; alles wat de machine moet zien is onbekend.
coverage-networks = { $covered } van { $expected } netwerken bezocht.
coverage-last-round = Laatste ronde: { $moment }.
coverage-silent = Stil: { $agents }.
reason-never-walked = Er was nog geen ronde.
reason-segments-missing = Slechts { $covered } van { $expected } netwerken zijn bezocht.
reason-agent-silent = De agent ‘{ $agent }’ is stil.
reason-kind-may-hide = { $kind }: kan er ook zonder netwerkaansluiting zijn, en de lijst is niet als volledig bevestigd.
reason-unrecognised = { $count ->
    [one] Eén apparaat is niet zeker herkend.
   *[other] { $count } apparaten zijn niet zeker herkend.
}
reason-not-seen = { $count ->
    [one] Eén apparaat is nu niet te zien.
   *[other] { $count } apparaten zijn nu niet te zien.
}
reason-unplaced = { $count ->
    [one] Eén apparaat heeft geen lokaal.
   *[other] { $count } apparaten hebben geen lokaal.
}
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
step-or = of
step-lacking = { $count } van { $of } { $nouns } zonder { $lacks }: { $names }.
step-needed = Voor de volgende stap volstaan er { $count }.
step-unknown = Bij { $count } is alleen niet bekend of het ontbreekt.
step-fact = Regelen en invullen: { $fact }.
step-document = Document aanleveren: { $kind }.
step-link = Een lijn in gebruik nemen.
step-link-at-least = Een lijn met minstens { $number } Mbit/s.
step-list = Lijst invullen: { $list }.
step-element = Ontbreekt: { $kinds }.
step-more = { $number } meer: { $fact }.
step-walk = Rondgang uitvoeren (alle netwerken).
nouns-room = lokalen
nouns-asset = apparaten
nouns-system = systemen
nouns-school = scholen
nouns-link = lijnen
nouns-document = documenten
nouns-site = vestigingen
nouns-domain = domeinen
nouns-finding = bevindingen
nouns-of-room = lokalen
nouns-of-asset = apparaten
nouns-of-system = systemen
nouns-of-school = scholen
nouns-of-link = lijnen
nouns-of-document = documenten
nouns-of-site = vestigingen
nouns-of-domain = domeinen
nouns-of-finding = bevindingen
noun-link = voldoende lijn
noun-walk = actuele rondgang
paper-appendix = Bijlage: bewijs
paper-appendix-lead = Wat achter de antwoorden staat, per vraag: apparaten, lokalen, systemen, lijnen, documenten en gegevens.
paper-draft = Concept, nog niet ingediend.
paper-page = Pagina { $page } van { $pages }
run-open-title = Enquête voor scholen openen
run-open-go = Openen
run-days = Data
run-days-hint = Vooraf ingevuld wordt wat op de teldatum geldt. Scholen kunnen tot en met de laatste dag antwoorden; die mag leeg blijven.
run-due = Antwoorden tot
run-schools = Scholen
run-opened = Geopend
run-state = Stand
run-open-for = Openen voor scholen
runs-title = Geopende enquêtes
runs-title-school = Door het bestuur geopend
run-answer = Beantwoorden
run-look = Bekijken
run-files = Ingediend, alle scholen in één bestand:
run-files-draft = Concept, alle scholen in één bestand:
run-return = Teruggeven
run-return-note = Wat ontbreekt of anders moet
run-return-go = Aan de school teruggeven
run-returned-with = Teruggegeven met:
run-remind = Per mail herinneren
run-remind-note = Herinnering noteren
run-reminded = herinnerd op { $date }
run-reminder = Goedendag, van { $school } ontbreken nog antwoorden in de enquête "{ $title }". Laatste dag: { $due }. Het meeste is al ingevuld; de open vragen staan bovenaan: { $link } Hartelijk dank!
run-changed-since = sinds het inleveren gewijzigd
run-submit = Indienen
run-submit-lead = Alle scholen hebben ingeleverd. Met het indienen worden de antwoorden met zegel vastgelegd en nooit meer gewijzigd.
run-submit-go = Indienen en vastleggen
part-open = Open vragen
part-suggested = Vooraf ingevuld, graag controleren
part-confirmed = Al beantwoord
part-how = De open vragen staan bovenaan. Wat vooraf is ingevuld, geldt als u niets wijzigt. Wat u niet weet, laat u leeg: het wordt als ‘onbekend’ met de reden ingeleverd, nooit als nul.
part-as-is = Zo bevestigen
part-save = Tussentijds opslaan
part-hand-in = Inleveren
part-hand-in-lead = Met het inleveren bevestigt u de antwoorden voor uw school. Het bestuur controleert ze en kan ze met een opmerking teruggeven.
part-hand-in-go = Opslaan en inleveren
part-handed-in = Ingeleverd door { $who }, { $date }. Het bestuur controleert de antwoorden en kan ze tot het indienen teruggeven.
part-returned-note = Door het bestuur teruggegeven ({ $who }):
frozen-lead = Ingediend en vastgelegd: waarden, grenzen, dekking en versie van de formules veranderen niet meer. Naam, toelichting en datum van wie een antwoord bevestigde of wijzigde, blijven erbij. Van de bewijzen blijven het aantal, een controlegetal en de nummers van de apparaten; een link leidt naar een apparaat zolang het wordt bijgehouden.
frozen-seal = Zegel (SHA-256)
frozen-whole = ongeschonden
frozen-broken = past niet meer bij de inhoud
frozen-devices = Apparaten achter het antwoord
frozen-device = Apparaat { $number }
frozen-deleted = verwijderd op { $date } volgens de bewaartermijn
frozen-before = Per { $date } ingediend: { $value }
frozen-evidence = Bewijzen: { $count }. Naar soort: { $kinds }. Naar lokaal: { $rooms }. Controlegetal van de lijst: { $hash }…
stand-open = open
stand-confirmed = ingeleverd
stand-returned = teruggegeven
stand-submitted = ingediend
run-submit-waits = { $count ->
    [one] Eén school heeft nog niet ingeleverd.
   *[other] { $count } scholen hebben nog niet ingeleverd.
}
part-unanswered = { $count ->
    [one] Eén vraag is nog open; die wordt als "onbekend" ingeleverd.
   *[other] { $count } vragen zijn nog open; die worden als "onbekend" ingeleverd.
}
survey-awaited = Het bestuur heeft deze enquête voor uw school geopend.
nouns-fact = Gegevens
part-comments = Toelichting per onderdeel
part-unsaved = Niet opgeslagen
part-earlier = Laatst opgegeven op { $date }, voor een eerdere enquête. Geldt zo als u niets wijzigt.
run-select-all = Alles selecteren
run-select-none = Niets selecteren
run-open-already = Deze enquête is al geopend en nog niet ingediend:
frozen-own = Antwoord van de school
frozen-as-filled = geen eigen antwoord; de vooraf ingevulde waarde geldt
run-reminder-open = Goedendag, van { $school } ontbreken nog antwoorden in de enquête "{ $title }". Het meeste is al ingevuld; de open vragen staan bovenaan: { $link } Hartelijk dank!
frozen-evidence-nowhere = Bewijzen: { $count }. Naar soort: { $kinds }. Controlegetal van de lijst: { $hash }…
surveys-all = Alle enquêtes
choice-wifi-4 = Wi-Fi 4
choice-wifi-5 = Wi-Fi 5
choice-wifi-6 = Wi-Fi 6
choice-wifi-7 = Wi-Fi 7
choice-class = klaslokaal
choice-subject = vaklokaal
choice-office = kantoor
choice-technical = technische ruimte
choice-other = andere ruimte
survey-coverage = Dekking
totals-title = Totalen per schoolsoort en gemeente
totals-lead = Wat de scholen samen opgeven: het eigen antwoord waar dat er is, anders de vooraf ingevulde waarde. Wat onbekend is, telt niet als nul; verzonnen scholen tellen niet mee.
totals-draft = Nog niet ingediend: de aantallen kunnen veranderen.
totals-all = Alle
totals-no-kind = zonder schoolsoort
totals-no-commune = zonder gemeente
totals-by-kind = Naar schoolsoort
totals-by-commune = Naar gemeente
totals-hidden = te weinig scholen voor een som
totals-mean = gemiddeld { $value }
totals-not-yet = De vragenlijst is nog niet ingediend. De sommen staan hier zodra het bestuur haar heeft ingediend: wie ze zag groeien, zou de antwoorden van elke school kunnen aflezen.
totals-unknown = onbekend: { $count }
totals-words = zonder leesbaar getal: { $count }
totals-answered = beantwoord: { $count }
totals-range = { $lower } tot { $upper }

template-title = Formulier invullen
template-lead = Heeft de instantie die vraagt een eigen formulier (XLSX)? De antwoorden komen in de cellen die daar een naam hebben: Rundgang_ en het nummer van de vraag, zoals { $example }. Al het andere in het formulier blijft zoals het is.
template-file = Formulier (.xlsx)
template-fill = Invullen
template-no-file = Kies een formulier.
template-large = Het formulier is te groot.
template-old = Het formulier heeft het formaat van voor 2007 of een wachtwoord: sla het zonder wachtwoord op als .xlsx.
template-none = Het formulier is geen werkmap: sla het op als .xlsx.
template-macros = Het formulier bevat macro's: sla het zonder macro's op als .xlsx.
template-signed = Het formulier is ondertekend, en een handtekening overleeft het invullen niet: sla een kopie zonder handtekening op.
template-damaged = Het formulier is niet te lezen ({ $what }): open het in een rekenbladprogramma en sla het opnieuw op.
template-no-names = Geen cel van het formulier heeft een naam van deze vragenlijst, zoals { $what }: geef de cellen namen in het rekenbladprogramma.
template-unknown = De vragenlijst heeft niets voor deze namen van het formulier: { $what }
template-no-cell = De naam { $what } moet één cel van een blad van het formulier aanduiden; hij staat voor { $refers }.
template-formula = In { $what } staat een formule: een cel die wordt ingevuld mag er geen bevatten.
template-twice = Twee namen duiden dezelfde cel aan: { $what }
template-names = Namen die een formulier kan gebruiken
template-name-value = het antwoord dat geldt; een deel van een tabel staat na een onderstreping (Rundgang_D03_class)
template-name-comment = de opmerking
template-name-bounds = minstens en hoogstens
template-name-level = een kruis waar dit niveau geldt
template-name-more = redenen van twijfel, volgende stappen, wie en wanneer, eenheid
template-name-whole = school, peildatum, titel, dekking, wie heeft ingediend, zegel, opmerking bij een onderdeel
survey-import-title = Eigen vragenlijst inlezen
survey-import-lead = Een vragenlijstbestand (TOML), zoals de opdracht survey check het controleert.
survey-import-how = Het bestand wordt gecontroleerd en staat daarna bij de andere vragenlijsten. Wie een gewijzigd bestand inleest, verhoogt de versie; wat al geopend is, blijft bij de oude.
survey-import-file = Vragenlijstbestand
survey-import-go = Inlezen
survey-import-refused = Het bestand is niet ingelezen; hieronder staat waarom.
message-survey-imported = De vragenlijst staat nu in de lijst.
reminder-title = Herinnering per mail
reminder-became = Wat er van de herinnering werd
reminder-lead = Rundgang stuurt de mail naar de accounts van de school die mogen antwoorden en een mailadres hebben opgegeven; naar een school hoogstens één per dag.
reminder-go = Herinneren
reminder-whom = aan { $whom }
reminder-all = { $count ->
    [one] De open school met mailadres herinneren
   *[other] Alle { $count } open scholen met mailadres herinneren
}
reminder-without = { $count ->
    [one] Eén open school heeft geen zo'n account; voor haar blijft de voorbereide mail in de lijst.
   *[other] { $count } open scholen hebben geen zo'n account; voor hen blijft de voorbereide mail in de lijst.
}
reminder-sent = Verstuurd aan { $whom }.
reminder-not-to-one = Aan één account niet: { $why }
reminder-failed = Niet verstuurd en niet genoteerd: { $why }
reminder-unsure = Onzeker of de mail aankwam; niet genoteerd, en vandaag gaat er geen tweede. { $why }
reminder-already = Vandaag ging er al een mail naar deze school; morgen kan weer worden herinnerd.
reminder-nobody = Geen account van de school dat mag antwoorden heeft een mailadres opgegeven. Er is niets verstuurd.
reminder-not-begun = Nog niet aan de beurt geweest: de mailserver is traag. Start het nog eens.
reminder-no-server = Er is geen mailserver ingevuld (instellingen); er is niets verstuurd.
reminder-subject = Rundgang { $traeger }: antwoorden ontbreken in "{ $title }"
reminder-missing = van { $school } ontbreken nog antwoorden in de enquête "{ $title }".
reminder-due = Laatste dag: { $due }.
reminder-how = Het meeste is al ingevuld; de open vragen staan bovenaan:
reminder-end = { $traeger } heeft deze mail laten versturen; naar een school hoogstens één per dag. Het adres wijzigt u in uw account.
