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
