# Het register bijhouden: koppelen, afwijkingen, termijnen, taken, aanbod, contacten.
bind-system = Staat al in het register als
bind-device = Is dit gevonden apparaat
bind-others = andere van deze soort
bind-this = Koppelen
alike-serial = zelfde serienummer
alike-mac = zelfde MAC-adres
alike-name = zelfde naam
alike-model = zelfde model
alike-room = lokaal in de naam
alike-kind = zelfde soort
keep-or-take = Wat geldt
keep-take = Overnemen van het apparaat
keep-take-hint = De waarde van het apparaat komt in het register; het logboek bewaart wat er stond.
keep-mine = Eigen waarde houden
keep-hint = De regel komt terug als het apparaat iets anders zegt.
keep-which = Welke afwijkingen
keep-ticked = de aangevinkte
keep-all = { $count ->
    [one] alle van het ene item
   *[other] alle van de { $count } items (ook op volgende pagina's)
}
keep-kept = { $count ->
    [one] Eén eigen waarde die bewust afwijkt
   *[other] { $count } eigen waarden die bewust afwijken
}
keep-against = Het apparaat zegt "{ $value }"
keep-again = Weer tonen
audit-keep = eigen waarde gehouden, of niet meer
due-day = Af te handelen voor (leeg: geen termijn)
due-hint = De dag staat in de lijst van bevindingen, in de wekelijkse mail en in de API.
due-save = Termijn vastleggen
due-until = af te handelen voor { $date }
due-since = te laat sinds { $date }
column-due = Af te handelen voor
digest-due-finding = Af te handelen
finding-history = Verloop
happened-opened = gevonden
happened-reopened = opnieuw opgetreden
happened-changed = veranderd
happened-closed = verholpen
happened-due = termijn vastgelegd
happened-due-gone = termijn vervallen
tasks-title = Taken
tasks-lead = Wie doet wat voor de techniek van de school, en hoeveel uur per week. Vul functies in, geen namen.
tasks-sums = Verdeeld en nodig
tasks-assigned = Taken waarover iets gezegd is
tasks-hours = Uren per week
tasks-thumb = Vuistregel
tasks-thumb-of = uur per week: een half uur per honderd leerlingen ({ $count })
tasks-thumb-unknown = Het aantal leerlingen is nog niet ingevuld.
column-task = Taak
task-who = Wie (functie)
task-hours = Uren per week
task-hours-short = { $hours } uur
task-priority = Prioriteit
task-by = Door
task-other = Nu opgeslagen: { $value }
task-area-technical = Technisch
task-area-policy = Beleid en visie
task-area-administration = Administratie
task-area-teaching = Onderwijs
priority-short = korte termijn
priority-long = lange termijn
done-by-school = School
done-by-traeger = Bestuur
done-by-provider = Aanbieder
done-by-nobody = niet gezegd
error-hours = Uren per week zijn een getal tot 80 met hoogstens twee cijfers na de komma, zoals 0,5.
