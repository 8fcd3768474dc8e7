# Teksten: lists

import-title = Lijst inlezen
import-lead = Een bestaande lijst (Excel of CSV) komt in het register: eerst bekijken, dan opnemen. Iedere rij of geen enkele.
import-file = Bestand (XLSX of CSV, hoogstens { $count } MB)
import-file-hint = Koppen zoals Omschrijving, Lokaal, Serienummer worden herkend. Wachtwoorden horen er niet in: een rij met een wachtwoord wordt geweigerd.
import-send = Uploaden en bekijken
import-no-file = Kies een bestand; een leeg bestand is geen lijst.
import-gone = Deze lijst wacht niet meer: een geüploade lijst wordt maar een half uur bewaard. Upload haar nog eens.
import-preview = Voorbeeld: { $file }
import-sheet = Werkblad
import-sheet-first = het eerste met inhoud
import-columns = Kolommen
import-export = Herkend als lijst uit { $name }.
import-columns-hint = Koppen in rij { $row }. Wat u hier zegt, geldt ook voor de volgende lijsten van deze school.
import-column = Kolom
import-means = Betekent
import-samples = Bijvoorbeeld
import-left-out = – niet overnemen –
import-secret = De kop kondigt wachtwoorden aan. Alleen waar ze liggen wordt overgenomen.
import-again = Voorbeeld vernieuwen
import-enter = { $count ->
    [one] Eén regel in het register opnemen
   *[other] { $count } regels in het register opnemen
}
import-rooms = { $count ->
    [one] Er komt één nieuw lokaal bij.
   *[other] Er komen { $count } nieuwe lokalen bij.
}
import-known = { $count ->
    [one] Eén rij staat al in het register en blijft daar zoals ze is.
   *[other] { $count } rijen staan al in het register en blijven daar zoals ze zijn.
}
import-repeated = { $count ->
    [one] Eén rij herhaalt een eerdere en wordt weggelaten.
   *[other] { $count } rijen herhalen een eerdere en worden weggelaten.
}
import-nothing-new = Niets daarvan is nieuw.
import-wrong = { $count ->
    [one] Eén plek past niet. Er wordt niets opgenomen totdat ze in de lijst is verbeterd of de kolom wordt weggelaten.
   *[other] { $count } plekken passen niet. Er wordt niets opgenomen totdat ze in de lijst zijn verbeterd of de kolom wordt weggelaten.
}
import-more = … en nog { $count }
import-row = Rij
import-why = Wat niet past
import-former = Eerder ingelezen lijsten
import-day = Op
import-who = Door
import-undo = Terugnemen
import-undone = teruggenomen
import-changed = { $count ->
    [one] Eén regel daarvan is sindsdien gewijzigd; verwijder met de hand wat fout is.
   *[other] { $count } regels daarvan zijn sindsdien gewijzigd; verwijder met de hand wat fout is.
}
message-list-entered = De lijst staat in het register. Onderaan kunt u haar als geheel terugnemen.
message-nothing-new = Niets daarvan was nieuw; er is niets opgenomen.
message-list-taken-back = De lijst is teruggenomen, met de lokalen die alleen zij noemde.
wrong-no-name = De rij heeft geen naam en ook geen merk of model.
wrong-day = "{ $value }" is geen dag. Voorbeeld: 2026-10-01, 1-10-2026 of 1 oktober 2026.
wrong-mac = "{ $value }" is geen MAC-adres: twaalf tekens uit 0–9 en A–F.
wrong-status = "{ $value }" is geen status: gepland, besteld, in gebruik, op voorraad, in reparatie of afgevoerd.
wrong-truth = "{ $value }" is ja noch nee.
wrong-number = "{ $value }" is geen geheel aantal uren.
wrong-secret = Dit lijkt op een wachtwoord en hoort niet in het register. Haal het uit de lijst; waar het ligt (kluis, envelop 3) hoort in het veld "Waar de toegangsgegevens liggen".
wrong-twice = { $field }: staat al in rij { $row }, en de rijen verschillen.
wrong-no-school = De rij noemt geen school.
wrong-other-school = "{ $value }" is niet deze school.
wrong-unknown-school = Er is geen school "{ $value }".
wrong-many-schools = Meerdere scholen heten "{ $value }": schrijf het schoolnummer.
unread-large = Het bestand is groter dan { $count } MB. Een lijst met tienduizend rijen is twee MB: laat afbeeldingen en andere bladen weg, of splits de lijst.
unread-unpacked = De werkmap bevat te veel. Kopieer alleen de lijst naar een nieuwe map.
unread-old = Dit is een werkmap in het formaat van vóór 2007 of met wachtwoord. Sla haar zonder wachtwoord op als XLSX of CSV.
unread-no-sheet = Er is geen blad "{ $name }".
unread-damaged = De werkmap is niet te lezen. Open haar in een rekenbladprogramma en sla haar opnieuw op.
unread-rows = De lijst heeft meer dan { $count } rijen: splits haar.
unread-columns = Rij { $row } heeft meer dan { $count } kolommen. Is dit een lijst?
unread-cell = Een cel in rij { $row } heeft meer dan { $count } tekens. Is daar een aanhalingsteken niet gesloten?
unread-no-headings = Geen enkele kop is herkend. Zeg hieronder welke kolom de naam is, of kies een ander blad.
import-preview-file = Bestand
paging-title = Meer regels
paging-first = Naar het begin
paging-next = Verder
filter-lacking = alleen met ontbrekende gegevens
reconcile-title = Vergelijking
reconcile-lead = Wat het netwerk toont en wat in het register staat, naast elkaar. Wat mensen invulden, blijft staan.
reconcile-found = Gevonden, niet gedocumenteerd
reconcile-not-seen = Gedocumenteerd, niet gezien
reconcile-different = Gedocumenteerd, maar anders
reconcile-found-none = Alles wat gevonden is, is gedocumenteerd of beslist.
reconcile-not-seen-none = Ieder gedocumenteerd apparaat is gezien.
reconcile-different-none = Register en netwerk zeggen hetzelfde.
reconcile-not-seen-hint = "Niet aanwezig" betekent: het netwerk is helemaal doorlopen en het apparaat niet gevonden. Waar niemand keek, is niets bekend.
reconcile-missing = niet aanwezig
reconcile-missing-since = niet aanwezig sinds { $date }
reconcile-nobody-looked = netwerk nog niet doorlopen
reconcile-different-hint = Uw gegevens gelden. Klopt wat het apparaat zegt, neem het dan over in het register.
reconcile-person = In het register
reconcile-machine = Het apparaat zegt
reconcile-seen = (gezien op { $date })
reconcile-settle = Veel tegelijk afhandelen
reconcile-which = Welke apparaten
reconcile-ticked = de aangevinkte
reconcile-all = { $count ->
    [one] het ene dat het filter toont
   *[other] alle { $count } die het filter toont (ook op volgende pagina's)
}
reconcile-document = In het register opnemen
reconcile-document-hint = Soort, model, serienummer en netwerk worden overgenomen. Met een lokaal staan ze allemaal daar.
reconcile-ignore = Negeren tot
reconcile-none = Vink minstens één apparaat aan.
reconcile-done = { $count ->
    [one] Eén apparaat is afgehandeld.
   *[other] { $count } apparaten zijn afgehandeld.
}
reconcile-left = { $count ->
    [one] Eén was het al of heeft een mens nodig.
   *[other] { $count } waren het al of hebben een mens nodig.
}
reconcile-newer = { $count ->
    [one] Eén is gevonden sinds de pagina werd getoond en blijft zoals het was.
   *[other] { $count } zijn gevonden sinds de pagina werd getoond en blijven zoals ze waren.
}
rooms-walk = Van lokaal naar lokaal
rooms-walk-lead = Met de telefoon door het gebouw: kies een lokaal, vink aan wat er staat, verder naar het volgende.
rooms-stands-here = Staat hier volgens het register
rooms-stands-here-hint = Haal het vinkje weg bij wat er niet meer staat.
rooms-unplaced = Gevonden, nog in geen lokaal
rooms-found = Apparaten met "{ $text }"
rooms-nothing = Niets wat hier zou kunnen staan.
rooms-save-next = Opslaan, verder naar { $room }
rooms-all = Alle lokalen
rooms-seek = Een ander apparaat zoeken (naam, serienummer, adres)
rooms-done = { $count ->
    [one] Eén regel is opgeslagen.
   *[other] { $count } regels zijn opgeslagen.
}
reconcile-until = Tot (daarna wordt opnieuw gevraagd)
leaving-title = School verlaat het bestuur
leaving-lead = Eerst neemt de school haar hele boek in één bestand mee, daarna kan zij hier worden gewist.
leaving-take = Alles meenemen
leaving-take-lead = Een ZIP-bestand met alles wat over deze school in het boek staat: register, lokalen, taken, contactpersonen, documenten, licenties, apparaten, bevindingen met hun geschiedenis, enquêtes met antwoorden, logboek. Als werkmap en tabellen om te lezen, als JSON voor andere programma’s; een handleiding zit erbij.
leaving-take-not = Niet erin staat wie zich mag aanmelden, wat agents toelaat, en hoeveel privéapparaten zijn geteld. Bewaar het bestand veilig: het beschrijft het hele netwerk van de school.
leaving-file = Bestand downloaden
leaving-remove = School hier wissen
leaving-remove-lead = Alles over deze school wordt gewist, voorgoed. Haar agents worden geweigerd, haar accounts en sleutels laten niemand meer binnen. Andere scholen blijven zoals ze zijn.
leaving-remove-not = Wat het bestuur voor deze school in enquêtes heeft ingediend, blijft verzegeld bij het bestuur.
leaving-name = Ter bevestiging de naam van de school: { $school }
leaving-remove-now = Definitief wissen
leaving-other-name = Zo heet deze school niet. Er is niets gewist.
message-school-removed = De school is gewist.
column-what = Wat
column-reason = Reden
column-until = Tot
column-survey = Enquête
column-domain = Domein
leaving-readme =
    Het boek van de school { $school }, geschreven op { $day } door Rundgang.

    book.xlsx   Alle lijsten als werkmap, één blad per lijst.
    csv/        Dezelfde lijsten apart: UTF-8, puntkomma, niets erin is een formule.
    book.json   Elke rij van elke tabel voor andere programma’s. Tijdstippen zijn milliseconden sinds 1 januari 1970 (UTC).

    schools, rooms, facts: de school, haar lokalen en wat over haar is ingevuld.
    systems: het register. Deze lijst kan in een andere Rundgang ongewijzigd worden ingelezen.
    devices: wat in het netwerk is gezien.
    findings, findings-history, decisions: bevindingen, hun geschiedenis, en wat mensen erover hebben besloten.
    links, documents, domains: aansluitingen, documenten, domeinen.
    tasks, contacts, offers: wie welke taak heeft, contacten, en wat het bestuur aanbiedt.
    answers, submitted: antwoorden op enquêtes, en wat daarvan is ingediend.
    audit-log: wie wat wanneer heeft gewijzigd.

    Niet erin staan accounts, sleutels en uitnodigingen, en de telling van privéapparaten.
    Het bestand beschrijft het netwerk van de school: geef het alleen aan wie u ook het netwerkschema geeft. Wis het na { $until }, als de inhoud elders is ingelezen.
