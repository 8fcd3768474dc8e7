# Sites, buildings, rooms, links and documents of a school.
sites-title = Sites and buildings
sites-own = Sites
sites-why = Main and branch sites with their buildings. Surveys count the sites, rooms lie in buildings.
buildings-title = Buildings
site-new = Add a site
site-role = Main or branch site
site-main = Main site
site-branch = Branch site
site-address = Postal address
place-name = Name
building-new = Add a building
building-rooms = { $count ->
    [one] 1 room
   *[other] { $count } rooms
}
column-site = Site
column-building = Building
room-new = Add one room
room-change = Change { $room }
rooms-paste = Many rooms at once
link-new = Add a line
document-new = Add a document
document-final = final
document-dsfa = Data protection impact assessment
document-entwurf-dsfa = Data protection impact assessment (draft)
error-named = There is one of this name already.
error-occupied-room = By the register, systems still stand in this room. Put them into another room or none first.
error-occupied-building = There are still rooms in this building. Put them into another building or none first.
error-occupied-site = There are still buildings on this site. Put them on another site or none first.
error-occupied-by-link = An internet line still ends on this site. Give it another site or none first.
error-sockets = Sockets are a whole number from 0 to 10000.
error-room-name = The name of the room stands at the beginning.
error-room-line = Line { $line } (“{ $text }”): { $why } No room was saved.
error-rooms-many = These are { $count } rooms; at most { $most } are taken at once. None was saved: please split the list.
