# Das Register pflegen: zuordnen, Abweichungen, Fristen, Aufgaben, Angebote, Ansprechpersonen.
bind-system = Ist schon dokumentiert als
bind-device = Ist dieses gefundene Gerät
bind-others = andere dieser Art
bind-this = Zuordnen
alike-serial = gleiche Seriennummer
alike-mac = gleiche MAC-Adresse
alike-name = gleicher Name
alike-model = gleiches Modell
alike-room = Raum im Namen
alike-kind = gleiche Art
keep-or-take = Was gilt
keep-take = Vom Gerät übernehmen
keep-take-hint = Der Wert des Geräts kommt in den Eintrag; was dort stand, bewahrt das Protokoll.
keep-mine = Eigene Angabe behalten
keep-hint = Die Zeile kommt wieder, wenn das Gerät etwas anderes sagt.
keep-which = Welche Abweichungen
keep-ticked = die angekreuzten
keep-all = { $count ->
    [one] alle des einen Eintrags
   *[other] alle der { $count } Einträge (auch auf weiteren Seiten)
}
keep-kept = { $count ->
    [one] Eine eigene Angabe, die bewusst abweicht
   *[other] { $count } eigene Angaben, die bewusst abweichen
}
keep-against = Das Gerät sagt „{ $value }“
keep-again = Wieder zeigen
audit-keep = eigene Angabe behalten oder nicht mehr
due-day = Zu erledigen bis (leer: kein Termin)
due-hint = Der Tag steht in der Liste der Befunde, in der wöchentlichen Mail und in der Schnittstelle.
due-save = Termin festhalten
due-until = zu erledigen bis { $date }
due-since = überfällig seit { $date }
column-due = Zu erledigen bis
digest-due-finding = Zu erledigen
finding-history = Verlauf
happened-opened = gefunden
happened-reopened = wieder aufgetreten
happened-changed = hat sich geändert
happened-closed = behoben
happened-due = Termin gesetzt
happened-due-gone = Termin aufgehoben
tasks-title = Aufgaben
tasks-lead = Wer was für die Technik der Schule tut, und wie viele Stunden in der Woche. Tragen Sie Funktionen ein, keine Namen.
tasks-sums = Verteilt und gebraucht
tasks-assigned = Aufgaben mit Angaben
tasks-hours = Stunden je Woche
tasks-thumb = Faustregel
tasks-thumb-of = Stunden je Woche: eine halbe für je hundert Schülerinnen und Schüler ({ $count })
tasks-thumb-unknown = Die Zahl der Schülerinnen und Schüler fehlt in den Stammdaten.
column-task = Aufgabe
task-who = Wer (Funktion)
task-hours = Stunden je Woche
task-hours-short = { $hours } Stunden
task-priority = Dringlichkeit
task-by = Durch
task-other = Jetzt gespeichert: { $value }
task-area-technical = Technik
task-area-policy = Planung und Leitung
task-area-administration = Verwaltung
task-area-teaching = Unterricht
priority-short = kurzfristig
priority-long = langfristig
done-by-school = Schule
done-by-traeger = Träger
done-by-provider = Anbieter
done-by-nobody = nicht gesagt
error-hours = Stunden je Woche sind eine Zahl bis 80 mit höchstens zwei Stellen nach dem Komma, etwa 0,5.
