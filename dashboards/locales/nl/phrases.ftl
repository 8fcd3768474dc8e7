# Zinnen uit bevindingen en redenen.

phrase-says = { $source } meldt "{ $text }"
phrase-mac-block = het MAC-adresblok is van { $maker }
phrase-builds = { $maker } bouwt dit soort apparaat
phrase-enterprise = sysObjectID staat in de tak van fabrikant nummer { $number }
phrase-branch = sysObjectID staat in de tak { $oid }
phrase-ups-mib = het beantwoordt de UPS-MIB
phrase-source-title = de titel van de webpagina
phrase-source-server = de header "Server"
phrase-source-chassis = de behuizing in de ENTITY-MIB
phrase-source-own = een object van de fabrikant
phrase-source-upnp-maker = de UPnP-fabrikant
phrase-source-upnp = de UPnP-beschrijving
phrase-source-upnp-serial = het UPnP-serienummer
phrase-answers-mib = het beantwoordt de { $mib }
