# Sites, buildings, rooms, links and documents of a school.
sites-title = Standorte und Gebäude
sites-own = Standorte
sites-why = Haupt- und Nebenstandorte mit ihren Gebäuden. Umfragen zählen die Standorte, Räume liegen in Gebäuden.
buildings-title = Gebäude
site-new = Standort hinzufügen
site-role = Haupt- oder Nebenstandort
site-main = Hauptstandort
site-branch = Nebenstandort
site-address = Anschrift
place-name = Name
building-new = Gebäude hinzufügen
building-rooms = { $count ->
    [one] 1 Raum
   *[other] { $count } Räume
}
column-site = Standort
column-building = Gebäude
room-new = Einen Raum hinzufügen
room-change = { $room } ändern
rooms-paste = Viele Räume auf einmal
link-new = Leitung hinzufügen
document-new = Dokument hinzufügen
document-final = fertig
document-dsfa = Datenschutz-Folgenabschätzung
document-entwurf-dsfa = Datenschutz-Folgenabschätzung (Entwurf)
error-named = Diesen Namen gibt es hier schon.
error-occupied-room = In diesem Raum stehen laut Register noch Systeme. Geben Sie ihnen zuerst einen anderen Raum oder keinen.
error-occupied-building = In diesem Gebäude liegen noch Räume. Legen Sie sie zuerst in ein anderes Gebäude oder in keines.
error-occupied-site = An diesem Standort stehen noch Gebäude. Geben Sie ihnen zuerst einen anderen Standort oder keinen.
error-occupied-by-link = An diesem Standort endet noch eine Internetleitung. Geben Sie ihr zuerst einen anderen Standort oder keinen.
error-sockets = Dosen sind eine ganze Zahl von 0 bis 10000.
error-room-name = Am Anfang steht der Name des Raums.
error-room-line = Zeile { $line } („{ $text }“): { $why } Es wurde kein Raum gespeichert.
error-rooms-many = Das sind { $count } Räume; auf einmal gehen höchstens { $most }. Es wurde keiner gespeichert: Bitte teilen Sie die Liste.
