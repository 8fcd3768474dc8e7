# Teksten: pages

skip-to-content = Naar de inhoud
nav-main = Hoofdnavigatie
nav-schools = Scholen
nav-surveys = Enquêtes
nav-collected = Wat wordt vastgelegd
nav-language = Taal
nav-crumbs = Kruimelpad
nav-school = Pagina’s van de school
tab-school = Overzicht
tab-assets = Apparaten
tab-findings = Bevindingen
tab-register = Register
tab-surveys = Enquêtes
tab-facts = Basisgegevens
tab-counters = Tellers
sign-out = Afmelden
example-mark = Voorbeeld: deze pagina toont een verzonnen school. Niets komt uit een echt netwerk.
example-mark-some = Op deze pagina staan ook voorbeelden. Verzonnen scholen dragen het merk ‘Voorbeeld’.
example-word = Voorbeeld
foot-promise = Rundgang kent apparaten, geen personen. Tijden staan alleen bij agenten.
foot-as-of = Stand: { $moment }
as-csv = Als tabel (CSV) downloaden
save = Opslaan
add = Toevoegen
cancel = Annuleren
required = verplicht
never = nog nooit
today = vandaag
back-to-schools = Terug naar de scholen
back-to-page = Terug naar de vorige pagina
message-saved = Opgeslagen.
message-documented = In het register gezet. Vul nog aan wie verantwoordelijk is en waar de toegangsgegevens liggen.
message-deleted = Verwijderd. Het logboek bewaart wat er stond.
message-decided = Besluit vastgelegd.
message-learned = Geleerd. Wat zich net zo meldt, wordt voortaan zo herkend.
message-opened = Geopend. De scholen vinden de enquête op hun pagina "Enquêtes".
message-returned = Aan de school teruggegeven.
message-reminded = Herinnering genoteerd.
message-submitted = Ingediend en vastgelegd.
message-handed-in = Ingeleverd. Dank u wel!
error-return-note = Schrijf erbij wat ontbreekt of anders moet.
error-run-moved = Deze stap is niet meer mogelijk: de stand van de enquête is intussen veranderd. Deze pagina toont hoe het er nu voor staat.
error-run-open = Indienen kan pas als alle scholen hebben ingeleverd.
error-run-submitted = Deze enquête is al ingediend. Wat is ingediend, wordt nooit meer gewijzigd.
error-run-early = Indienen kan pas vanaf de teldatum; eerder staat niet vast wat op die dag geldt.
error-run-late = De laatste dag voor antwoorden mag niet vóór de teldatum en niet in het verleden liggen.
error-part-overtaken = Deze vraag is intussen beantwoord. Nu opgeslagen: ‘{ $value }’ ({ $who }). Moet uw versie gelden, sla dan opnieuw op.
error-part-moved = De enquête is intussen ingeleverd of ingediend. Uw invoer kon niet meer worden opgeslagen; hieronder staat die nog, zodat niets verloren gaat.
error-long = Antwoord en toelichting zijn samen te lang. Maak ze korter, alstublieft.
error-no-school = Kies minstens één school.
error-title = Dat ging niet
error-not-found = Deze pagina bestaat niet (meer).
error-conflict = Iemand anders heeft dit intussen gewijzigd. Uw invoer staat nog in het formulier; wat nu is opgeslagen staat onder de afwijkende velden. Sla opnieuw op als uw versie moet gelden.
error-unfit = De invoer klopt niet. Controleer de velden.
error-number = Hier wordt een geheel getal verwacht.
error-date = Een datum schrijft u als 2026-10-01.
error-room = Een regel van de lokalenlijst klopt niet. Voorbeeld: A101; Klaslokaal; 2; wifi teacher-pc
error-reason = Schrijf erbij waarom. Wie later kijkt, moet het besluit kunnen begrijpen.
error-secret = Dit lijkt op een wachtwoord of sleutel en is niet opgeslagen. In het register hoort alleen waar toegangsgegevens liggen (kluis, wachtwoordmanager), wie ze heeft en wanneer ze zijn gecontroleerd.
error-forged = Het formulier kwam niet van deze site of is verlopen. Laad de pagina opnieuw en probeer het nog eens.
error-empty = Hier moet iets staan.
error-mac = Een MAC-adres heeft twaalf tekens uit 0–9 en A–F, bijvoorbeeld 00:26:AB:11:22:33.
error-choose = Kies wat geldt.
error-documented = Dit apparaat staat al in het register. Er is geen tweede regel aangemaakt.
to-entry = Naar de regel "{ $name }"
error-broken = Er ging iets mis op de server. Er is niets gewijzigd; details staan in het logboek van de collector.
login-title = Aanmelden
login-lead = Het toegangstoken staat op de machine waarop de collector draait.
login-name = Uw naam
login-name-hint = Staat in het logboek naast wat u invoert.
login-token = Toegangstoken
login-enter = Aanmelden
login-wrong = Het token klopt niet.
login-no-name = Vul uw naam in.
overview-lead = { $count ->
    [one] Eén school in één oogopslag
   *[other] { $count } scholen in één oogopslag
}
overview-empty = Nog geen school
overview-empty-next = Nodig de agent van een school uit. De uitnodiging maakt de school aan en geldt één keer:
tile-schools = Scholen
tile-assets = Apparaten gevonden
tile-undocumented = niet in het register
tile-findings = open bevindingen
tile-silent = Agenten stil
tile-systems = Systemen in het register
count-critical = { $count } kritiek
count-high = { $count } hoog
count-medium = { $count } middel
count-low = { $count } laag
count-info = { $count } info
no-findings = geen
coverage-of = { $covered } van { $expected }
coverage-unknown = onbekend
agent-is-silent = { $agent } stil
of-these-acknowledged = waarvan { $count } in behandeling
overview-find = School zoeken
overview-order = Sortering
overview-apply = Toepassen
overview-none = Geen school past daarbij.
at-schools = { $count ->
    [one] op één school
   *[other] op { $count } scholen
}
overview-some = { $shown } van { $count } scholen
order-name = Naam
order-findings = Dringend eerst
order-undocumented = Niet in het register eerst
order-silent = Stille agents eerst
order-walk = Langst zonder ronde eerst
gaps-by-kind = Open bevindingen naar soort
pupils-count = { $count ->
    [one] { $count } leerling
   *[other] { $count } leerlingen
}
next-title = Wat u als volgende kunt doen
step-no-agent = Voor deze school is nog geen agent aangemeld.
step-no-agent-why = Zonder agent blijft alles onbekend wat niemand met de hand invult.
step-no-agent-go = Wat hij vastlegt
step-approve = { $count ->
    [one] Eén agent wacht op goedkeuring.
   *[other] { $count } agenten wachten op goedkeuring.
}
step-approve-why = Wat hij meldt wordt pas na goedkeuring aangenomen.
step-approve-go = Bekijken
step-silent = { $count ->
    [one] Eén agent is stil. Staat het apparaat aan en op het netwerk?
   *[other] { $count } agenten zijn stil. Staan de apparaten aan en op het netwerk?
}
step-silent-why = Zolang hij zwijgt zegt ‘niet gezien’ niets: we tonen onbekend in plaats van nul.
step-silent-go = Netwerken bekijken
step-grave = { $count ->
    [one] Eén dringende bevinding wacht.
   *[other] { $count } dringende bevindingen wachten.
}
step-grave-why = Bij elk staat wat er moet worden ingesteld of gewijzigd en wie u daarvoor vraagt.
step-grave-go = Bevindingen bekijken
step-undocumented = { $count ->
    [one] Eén gevonden apparaat staat nog niet in het register.
   *[other] { $count } gevonden apparaten staan nog niet in het register.
}
step-undocumented-why = Eén klik neemt soort, model en serienummer over. U vult lokaal en verantwoordelijke aan.
step-undocumented-go = Overnemen
step-gappy = { $count ->
    [one] Bij één systeem ontbreekt wie verantwoordelijk is, wie het beheert of waar de toegangsgegevens liggen.
   *[other] Bij { $count } systemen ontbreekt wie verantwoordelijk is, wie ze beheert of waar de toegangsgegevens liggen.
}
step-gappy-why = Wie het in nood zoekt, moet het in seconden vinden.
step-gappy-go = Register aanvullen
step-rooms = Er is nog geen lijst met lokalen.
step-rooms-why = Bijna elke enquête vraagt naar lokalen. U kunt de lijst regel voor regel plakken.
step-rooms-go = Lokalen invoeren
step-unplaced = { $count ->
    [one] Eén apparaat heeft nog geen lokaal.
   *[other] { $count } apparaten hebben nog geen lokaal.
}
step-unplaced-why = Pas met lokalen zijn vragen te beantwoorden als ‘In hoeveel klaslokalen is wifi?’.
step-unplaced-go = Apparaten bekijken
step-survey = Enquêtes doornemen en bevestigen.
step-survey-why = Veel is met bewijs vooringevuld; open blijft alleen wat een mens moet beoordelen.
step-survey-go = Naar de enquêtes
kinds-title = Wat is er?
kinds-empty = Nog niets gevonden. De eerste ronde van de agent vult deze pagina.
kinds-legend = Groen: in het register. Geelbruin: gevonden, nog niet gedocumenteerd.
kind-bar = { $found } gevonden, waarvan { $documented } gedocumenteerd
documented-count = { $count } gedocumenteerd
kind-unknown = niet herkend
worst-title = Dringendste bevindingen
all-findings = { $count ->
    [one] De open bevinding bekijken
   *[other] Alle { $count } open bevindingen
}
rooms-title = Lokalen
rooms-empty = Nog geen lijst met lokalen.
rooms-enter = Lokalen invoeren
room-empty = niets toegewezen
unplaced-note = { $count ->
    [one] Eén gevonden apparaat heeft geen lokaal.
   *[other] { $count } gevonden apparaten hebben geen lokaal.
}
rounds-title = Rondes en netwerken
rounds-empty = Er is nog geen netwerk bezocht.
agent-silent-note = De agent ‘{ $agent }’ is stil. Wat hij het laatst zag geldt als onbekend, niet als verdwenen.
agent-waiting-note = De agent ‘{ $agent }’ wacht op goedkeuring.
segment-covered = volledig bezocht: { $moment }
segment-unknown-since = onbekend sinds { $moment }
segment-never = nog nooit volledig bezocht
segment-fresh = actueel
segment-stale = onbekend
assets-title = Apparaten
assets-count = { $count ->
    [one] Eén apparaat
   *[other] { $count } apparaten
}
assets-empty = Nog geen apparaten
assets-empty-next = De agent meldt apparaten na zijn eerste ronde. Of hij draait staat in het overzicht van de school.
assets-no-match = Geen apparaat past bij dit filter
assets-no-match-next = Haal een deel van het filter weg.
filter = Apparaten filteren
filter-text = Zoeken
filter-all = alle
filter-undocumented = alleen niet gedocumenteerde
filter-apply = Tonen
guess = vermoed
documented = gedocumenteerd
document-it = In het register zetten
document-form = Eerst invullen, dan overnemen
asset-what = Wat het is
asset-where = Waar en wanneer
asset-unrecognised = Het antwoordt in het netwerk, maar niets zegt wat het is. Als u het kent, zet het in het register.
because = omdat:
asset-undocumented-note = Dit apparaat staat nog niet in het register.
asset-plugged = Aangesloten op
asset-port-room = De poort draagt de naam van lokaal { $room }.
asset-ports = Welke poort waarheen leidt
column-port = Poort
column-port-alias = Opschrift
column-leads-to = Leidt naar
column-others = Overige, alleen geteld
column-vlan = VLAN
column-poe = Stroom (PoE)
port-uplink = andere switch
lesson-proposed = Het meldt zich precies zo als “{ $system }” uit het register.
lesson-learners = { $count ->
    [one] Dat geldt alleen voor dit apparaat.
   *[other] Dat geldt voor { $count } apparaten.
}
lesson-accept = Ja, dit is ook: { $kind }
not-entered = niet ingevuld
not-documented = niet gedocumenteerd
days-only = (alleen de dag wordt bewaard)
asset-services = Diensten
asset-evidence = Bewijs
asset-evidence-lead = Wat de controles zagen, veld voor veld.
asset-evidence-none = Geen bewijs meer (bewaartermijn voorbij of agent stil).
confirmed-on = bevestigd op { $date }
asset-history = Verloop
closed = opgelost
findings-title = Bevindingen
findings-open-count = { $count ->
    [one] Eén open bevinding
   *[other] { $count } open bevindingen
}
findings-only-open = alleen open tonen
findings-show-all = ook opgeloste en rustende tonen
findings-none = Geen open bevindingen
findings-none-next = Niets te doen. Of alle netwerken bezocht zijn staat in het overzicht van de school.
finding-do = Wat te doen
finding-record = Precies deze tekst:
finding-remove = Deze regel verwijderen:
finding-wanted = Nodig (waarde van de aanbieder):
finding-file = Dit bestand op { $url }:
finding-request = Verzoek aan { $to }:
finding-why = Waarom dit belangrijk is
finding-evidence = Wat we zagen
finding-decide = Besluit
finding-decide-lead = Een besluit verandert de bevinding niet; het legt vast wie wat heeft gezegd.
finding-decision = Wat geldt?
finding-reason = Toelichting
finding-reason-hint = Nodig als het risico wordt aanvaard of de bevinding hier niet geldt. Geen wachtwoorden.
finding-until = Geldt tot (leeg: onbeperkt)
finding-save = Besluit vastleggen
finding-decisions = Eerdere besluiten
until-date = tot { $date }
remedy-generic = Bekijk het bewijs en bespreek het met de leverancier van het systeem.
state-closed = opgelost op { $date }
state-unknown-since = onbekend sinds { $date }
state-open-since = open sinds { $date }
register-title = Register
register-lead = Wat mensen over hun systemen weten. Geen ronde overschrijft het.
register-new = Nieuw systeem
register-take-over = { $count ->
    [one] Eén gevonden apparaat overnemen
   *[other] { $count } gevonden apparaten overnemen
}
register-empty = Het register is nog leeg
register-empty-next = Het snelst gaat het via de gevonden apparaten: één klik neemt over wat de machine weet. Leerplatform, mail en andere diensten voert u als nieuw systeem in.
register-count = { $count ->
    [one] Eén systeem.
   *[other] { $count } systemen.
}
register-gaps = { $count ->
    [one] Bij één ontbreken gegevens.
   *[other] Bij { $count } ontbreken gegevens.
}
lacking = ontbreekt
not-seen = niet gezien
machine-sees = De machine ziet:
to-device = naar het apparaat
stands-now = Nu opgeslagen: { $value }
delete-system = Dit systeem verwijderen
delete-really = Definitief verwijderen
audit-title = Wijzigingslogboek
group-what = Wat het is
group-what-hint = { "" }
group-who = Wie verantwoordelijk is
group-who-hint = Liefst een functie in plaats van een naam: ‘ICT-coördinator’, ‘conciërge’.
group-credentials = Toegangsgegevens: alleen de plaats
group-credentials-hint = Nooit het wachtwoord zelf. Tekst die daarop lijkt wordt niet opgeslagen.
group-contract = Contract en support
group-contract-hint = { "" }
group-purchase = Aanschaf
group-purchase-hint = { "" }
group-network = In het netwerk
group-network-hint = Serienummer en MAC-adres verbinden dit met het gevonden apparaat.
field-name = Naam
field-kind = Soort
field-room = Lokaal
field-status = Status
field-purpose = Doel
field-personal-data = Verwerkt persoonsgegevens
field-owner = Verantwoordelijk
field-deputy = Vervanging
field-provider = Leverancier
field-first-level = Support, eerste lijn
field-second-level = Support, tweede lijn
field-hotline = Hotline
field-changed-by = Wie mag wijzigen
field-credentials-kind = Soort toegang
field-credentials-place = Plaats van de toegangsgegevens
field-credentials-deputy = Wie kan er nog bij
field-credentials-checked = Laatst gecontroleerd
field-contract = Contract
field-contract-from = Contract vanaf
field-contract-until = Contract tot
field-notice-until = Opzegbaar tot
field-sla-hours = Supporttijden
field-sla-reaction-hours = Reactietijd (uren)
field-purchased = Gekocht op
field-warranty-until = Garantie tot
field-licence-until = Licentie tot
field-insurance = Verzekering
field-serial = Serienummer
field-mac = MAC-adres
field-segment = Netwerk
field-domain = Domein
field-notes = Notities
field-bought = Aanschafdatum
field-down = Bandbreedte
field-up = Bandbreedte (up)
field-age = Leeftijd
field-reaction-hours = Reactietijd
field-lan = netwerkaansluiting
field-wifi = wifi
field-placed = lokaal in het register
field-documented = regel in het register
field-vendor = Fabrikant
field-model = Model
field-hostname = Apparaatnaam
field-os-version = Versie
field-ip = Adres
field-credentials-place-hint = Bijvoorbeeld: kluis administratie, envelop 3 · wachtwoordmanager, item ‘Firewall’
field-owner-hint = Bijvoorbeeld: ICT-coördinator
field-changed-by-hint = Bijvoorbeeld: bestuur, per ticket
column-school = School
column-official-number = Schoolnummer
column-school-kind = Schoolsoort
column-assets = Apparaten
column-undocumented = Niet in het register
column-systems = Systemen in het register
column-findings = Bevindingen
column-coverage = Netwerken bezocht
column-last-walk = Laatste ronde
column-silent-agents = Stille agenten
column-covered = Bezochte netwerken
column-expected = Netwerken totaal
column-example = Voorbeeld
column-device = Apparaat
column-name = Naam
column-kind = Soort
column-vendor = Fabrikant
column-model = Model
column-serial = Serienummer
column-version = Versie
column-hostname = Apparaatnaam
column-address = Adres
column-mac = MAC-adres
column-segment = Netwerk
column-room = Lokaal
column-system = Systeem
column-register = Register
column-first-seen = Eerst gezien
column-last-seen = Laatst gezien
column-seen = Gezien
column-finding = Bevinding
column-severity = Urgentie
column-rule = Regel
column-subject = Betreft
column-state = Stand
column-closed = Gesloten op
column-opened = Open sinds
column-remedy = Wat te doen
column-evidence = Bewijs
column-field = Veld
column-value = Waarde
column-from = Van
column-to = Tot
column-source = Bron
column-question = Vraag
column-wording = Formulering
column-machine = Uit inventaris en register
column-lower = Minstens
column-upper = Hoogstens
column-unit = Eenheid
column-confidence = Zekerheid
column-reasons = Redenen
column-person = Eigen antwoord
column-comment = Toelichting
column-who = Wie
column-when = Wanneer
column-formula = Formuleversie
column-progress = Voortgang
column-confirmed = Bevestigd
column-suggested = Vooringevuld
column-open = Open
column-sockets = Netwerkdozen
column-equipment = Uitrusting
column-peak-week = Piek 7 dagen
column-peak-month = Piek 30 dagen
column-last-day = Laatste dag
facts-title = Basisgegevens
facts-lead = Wat geen machine kan zien: aantallen, lokalen, lijnen, documenten.
facts-people = School en mensen
facts-support = Support
facts-devices = Eindapparaten
facts-network = Netwerk
facts-none-hint = Bestaat iets niet, schrijf dan ‘geen’. Een leeg veld betekent: onbekend.
entered-by = { $who }, { $date }
rooms-why = Enquêtes vragen naar lokalen, niet naar apparaten. Daarom is deze lijst de belangrijkste.
rooms-add = Lokalen toevoegen of wijzigen, één per regel
rooms-hint = Naam; soort (klaslokaal, vaklokaal, kantoor, techniek); netwerkdozen; uitrusting (wifi, teacher-pc, document-camera). Een bekende naam wordt gewijzigd.
links-title = Internetlijnen
links-empty = Nog geen lijn ingevoerd.
link-technology = Techniek
link-down = Mbit/s naar de school
link-up = Mbit/s van de school
link-role = Rol
link-status = Status
link-primary = hoofdlijn
link-backup = reservelijn
link-active = in gebruik
link-ordered = besteld
link-planned = gepland
documents-title = Documenten
documents-empty = Nog geen document vermeld.
document-name = Titel
document-date = Datum
document-place = Waar het ligt
document-draft = Concept
kept-title = Volledige lijsten
kept-why = Een beamer aan een kabel is in geen netwerk te zien. Bevat het register voor een soort echt alles, vink die dan aan: dan geldt ‘niet in het register en niet gezien’ als ‘is er niet’. Anders blijft het aantal naar boven open.
counters-title = Tellers
counters-lead = Apparaten van personen worden nooit apart bewaard, alleen geteld.
counters-empty = Nog niets geteld
counters-empty-next = Na de eerste ronde staan hier pieken per netwerk.
counters-promise = Getallen onder tien verschijnen als ‘<10’, alle andere afgerond op tien. Na 90 dagen blijft alleen de piek van de maand.
collected-title = Wat wordt vastgelegd
collected-lead = Voor gegevensbescherming, medezeggenschap en iedereen die het wil weten.
collected-generated = Velden, soorten en bereiken op deze pagina worden uit het draaiende programma gemaakt: uit de lijst van velden en uit wat elke agent meldt.
never-title = Wat nooit gebeurt
never-traffic = Geen meelezen: geen inhoud, geen verbindingsgegevens, geen lijst van bezochte sites.
never-people = Telefoons, tablets en laptops van personen worden op de agent een getal, voordat iets wordt bewaard of verzonden.
never-password = Geen wachtwoord wordt geprobeerd, geen login; toegangsgegevens verlaten de school nooit.
never-times = Geen tijden waarop een apparaat aan stond: alleen de dag wordt bewaard, voor elke rol.
never-write = Niets wordt gewijzigd: de agent leest alleen, en nooit van een printpoort.
scopes-title = Waar de agenten mogen kijken
scopes-empty = Nog geen agent heeft een bereik gemeld.
scope-undeclared = Deze agent heeft geen bereik gemeld en mag niets vastleggen.
scope-class = Klasse
scope-purpose = Doel
scope-authorised = Vrijgegeven door
scope-basis = Rechtsgrond
scope-council = Medezeggenschap op
scope-until = Geldig tot
last-contact = Laatste contact: { $moment }
silent = stil
kept-kinds-title = Wordt als apparaat bewaard
kept-kinds-lead = Infrastructuur van de school, met bewijs.
counted-kinds-title = Wordt alleen geteld
counted-kinds-lead = Behalve in netwerken die als ‘beheerd’ zijn vrijgegeven (werkplekken van de school). Apparaten die mensen bij zich dragen altijd alleen als getal.
retention-title = Hoe lang (standaard)
retention-shortened = { $days } dagen (verkort door het schoolbestuur)
retention-observations = Losse waarnemingen
retention-observations-time = 30 dagen na de laatste bevestiging
retention-intervals = Verloop van waarden
retention-intervals-time = 24 maanden
retention-unclassified = Niet herkende apparaten
retention-unclassified-time = 7 dagen
retention-retired = Afgedankte apparaten
retention-retired-time = 12 maanden, daarna alleen hun aantal in het bewijs van verwijdering
retention-findings = Bevindingen
retention-findings-time = 24 maanden
retention-audit = Wijzigingslogboek
retention-audit-time = 12 maanden
retention-spool = Nog niet verzonden op de agent
retention-spool-time = 72 uur
retention-counters = Tellers
retention-counters-time = 90 dagen, daarna de piek van de maand
retention-answers = Ingediende enquêtes
retention-answers-time = 10 jaar (alleen totalen)
fields-title = Alle velden die een agent kan melden
fields-lead = Een veld dat hier niet staat neemt de collector niet aan.
field-is-name = Naam: persoonsnamen worden afgeschermd
volatility-stable = blijvend
volatility-slow = één waarde per dag
volatility-volatile = nooit bewaard
finding-question = Eerst uitzoeken:
findings-by-rule = Bevindingen naar soort
findings-every-rule = alle
worst-more = bijvoorbeeld { $label }
domains-title = Maildomeinen
domain-fine = Niets te doen
domain-record = Tekst om in te voeren
record-name = Naam
record-type = Type
record-value = Waarde
record-line = Hetzelfde als regel van een zonebestand
finding-whom = Aan wie geven?
finding-whom-unknown = In het register staat nog niet wie dit beheert.
finding-whom-enter = Aanbieder en hotline invoeren
finding-letter = Als e-mail doorgeven
search-title = Wie bel ik?
search-lead = Apparaat, lokaal, dienst, domein, MAC-adres of serienummer: met hotline en plaats van de inloggegevens. Typefouten zijn niet erg.
search-question = Zoeken
search-go = Zoeken
search-examples = Bijvoorbeeld: "Beamer 104", "DNS", "Moodle" of een MAC-adres.
search-none = Niets gevonden
search-none-next = Probeer een woord minder, of een deel van de naam.

domains-page-title = Domeinen
domains-page-lead = Alleen bevestigde domeinen worden opgezocht, en alleen openbare records. Voorstellen komen uit het register en uit wat apparaten van de school tonen.
domain-state-proposed = Gevonden: van wie zijn ze?
domain-state-confirmed = Bevestigd
domain-state-declined = Niet van de school
domain-source-register = register
domain-source-certificate = certificaat van een apparaat
domain-source-mail-server = mailserver in het netwerk
domain-source-search-domain = zoekdomein van het netwerk
domain-shared = dient meerdere scholen van het schoolbestuur
domain-confirm = Hoort bij de school
domain-decline = Hoort er niet bij
domain-enter = Een domein invoeren
domains-none = Er is nog geen domein bekend.
domains-all = Alle domeinen en voorstellen
message-domain-settled = Opgeslagen.
