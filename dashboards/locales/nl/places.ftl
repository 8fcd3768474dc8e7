# Sites, buildings, rooms, links and documents of a school.
sites-title = Vestigingen en gebouwen
sites-own = Vestigingen
sites-why = Hoofd- en nevenvestigingen met hun gebouwen. Enquêtes tellen de vestigingen, lokalen liggen in gebouwen.
buildings-title = Gebouwen
site-new = Vestiging toevoegen
site-role = Hoofd- of nevenvestiging
site-main = Hoofdvestiging
site-branch = Nevenvestiging
site-address = Postadres
place-name = Naam
building-new = Gebouw toevoegen
building-rooms = { $count ->
    [one] 1 lokaal
   *[other] { $count } lokalen
}
column-site = Vestiging
column-building = Gebouw
room-new = Eén lokaal toevoegen
room-change = { $room } wijzigen
rooms-paste = Veel lokalen tegelijk
link-new = Lijn toevoegen
document-new = Document toevoegen
document-final = definitief
document-dsfa = Gegevensbeschermingseffectbeoordeling (DPIA)
document-entwurf-dsfa = Gegevensbeschermingseffectbeoordeling (DPIA, concept)
error-named = Deze naam bestaat hier al.
error-occupied-room = Volgens het register staan er nog systemen in dit lokaal. Geef ze eerst een ander lokaal of geen.
error-occupied-building = In dit gebouw liggen nog lokalen. Leg ze eerst in een ander gebouw of in geen.
error-occupied-site = Op deze vestiging staan nog gebouwen. Geef ze eerst een andere vestiging of geen.
error-occupied-by-link = Op deze vestiging eindigt nog een internetlijn. Geef die eerst een andere vestiging of geen.
error-sockets = Dozen zijn een geheel getal van 0 tot 10000.
error-room-name = Aan het begin staat de naam van het lokaal.
error-room-line = Regel { $line } (“{ $text }”): { $why } Er is geen lokaal opgeslagen.
error-rooms-many = Dit zijn { $count } lokalen; tegelijk gaan er hoogstens { $most }. Er is er geen opgeslagen: splits de lijst.
