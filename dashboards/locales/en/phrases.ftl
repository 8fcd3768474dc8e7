# Phrases of evidence. The English text is also the pattern by which a phrase is recognised.

phrase-says = { $source } says "{ $text }"
phrase-mac-block = its MAC block belongs to { $maker }
phrase-builds = { $maker } builds this sort of device
phrase-enterprise = sysObjectID stands in the branch of enterprise { $number }
phrase-branch = sysObjectID stands in the branch { $oid }
phrase-ups-mib = it answers the UPS-MIB
phrase-source-title = the page's title
phrase-source-server = the Server header
phrase-source-chassis = the chassis in ENTITY-MIB
phrase-source-own = an object of the vendor's own branch
phrase-source-upnp-maker = the UPnP manufacturer
phrase-source-upnp = the UPnP description
phrase-source-upnp-serial = the UPnP serial number
phrase-answers-mib = it answers the { $mib }
