# Sätze aus Befunden und Begründungen.

phrase-says = { $source } meldet „{ $text }“
phrase-mac-block = sein MAC-Adressblock gehört { $maker }
phrase-builds = { $maker } baut diese Art von Gerät
phrase-enterprise = sysObjectID steht im Zweig des Herstellers Nummer { $number }
phrase-branch = sysObjectID steht im Zweig { $oid }
phrase-ups-mib = es beantwortet die UPS-MIB
phrase-source-title = der Titel der Webseite
phrase-source-server = der Kopf „Server“
phrase-source-chassis = das Gehäuse in der ENTITY-MIB
phrase-source-own = ein Objekt des Herstellers
phrase-source-upnp-maker = der UPnP-Hersteller
phrase-source-upnp = die UPnP-Beschreibung
phrase-source-upnp-serial = die UPnP-Seriennummer
phrase-answers-mib = es beantwortet die { $mib }
