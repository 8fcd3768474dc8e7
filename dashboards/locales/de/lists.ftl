# Texte: lists

import-title = Liste einlesen
import-lead = Eine vorhandene Liste (Excel oder CSV) wird ins Register übernommen: erst ansehen, dann eintragen. Entweder jede Zeile oder keine.
import-file = Datei (XLSX oder CSV, höchstens { $count } MB)
import-file-hint = Überschriften wie Bezeichnung, Raum, Seriennummer werden erkannt. Kennworte gehören nicht hinein: Eine Zeile mit einem Kennwort wird nicht angenommen.
import-send = Hochladen und ansehen
import-no-file = Bitte wählen Sie eine Datei aus; eine leere ist keine Liste.
import-gone = Diese Liste wartet nicht mehr: Eine hochgeladene Liste wird nur eine halbe Stunde aufbewahrt. Bitte laden Sie sie noch einmal hoch.
import-preview = Vorschau: { $file }
import-sheet = Tabellenblatt
import-sheet-first = das erste mit Inhalt
import-columns = Spalten
import-export = Erkannt als Liste aus { $name }.
import-columns-hint = Überschriften in Zeile { $row }. Was Sie hier sagen, gilt für die nächsten Listen dieser Schule auch.
import-column = Spalte
import-means = Bedeutet
import-samples = Zum Beispiel
import-left-out = – nicht übernehmen –
import-secret = Die Überschrift kündigt Kennworte an. Übernommen wird nur, wo sie liegen.
import-again = Vorschau erneuern
import-enter = { $count ->
    [one] Einen Eintrag ins Register übernehmen
   *[other] { $count } Einträge ins Register übernehmen
}
import-rooms = { $count ->
    [one] Dazu kommt ein neuer Raum.
   *[other] Dazu kommen { $count } neue Räume.
}
import-known = { $count ->
    [one] Eine Zeile steht schon im Register und bleibt dort, wie sie ist.
   *[other] { $count } Zeilen stehen schon im Register und bleiben dort, wie sie sind.
}
import-repeated = { $count ->
    [one] Eine Zeile wiederholt eine frühere und wird ausgelassen.
   *[other] { $count } Zeilen wiederholen eine frühere und werden ausgelassen.
}
import-nothing-new = Nichts davon ist neu.
import-wrong = { $count ->
    [one] Eine Stelle passt nicht. Es wird nichts eingetragen, bis sie in der Liste berichtigt ist oder die Spalte ausgelassen wird.
   *[other] { $count } Stellen passen nicht. Es wird nichts eingetragen, bis sie in der Liste berichtigt sind oder die Spalte ausgelassen wird.
}
import-more = … und { $count } weitere
import-row = Zeile
import-why = Was nicht passt
import-former = Bisher eingelesene Listen
import-day = Am
import-who = Von
import-undo = Zurücknehmen
import-undone = zurückgenommen
import-changed = { $count ->
    [one] Ein Eintrag davon wurde seither geändert; löschen Sie von Hand, was falsch ist.
   *[other] { $count } Einträge davon wurden seither geändert; löschen Sie von Hand, was falsch ist.
}
message-list-entered = Die Liste steht im Register. Unten lässt sie sich als Ganzes zurücknehmen.
message-nothing-new = Nichts davon war neu; es wurde nichts eingetragen.
message-list-taken-back = Die Liste ist zurückgenommen, mit den Räumen, die nur sie nannte.
wrong-no-name = Die Zeile hat weder Namen noch Hersteller oder Modell.
wrong-day = „{ $value }“ ist kein Tag. Muster: 2026-10-01, 1.10.2026 oder 1. Oktober 2026.
wrong-mac = „{ $value }“ ist keine MAC-Adresse: zwölf Zeichen aus 0–9 und A–F.
wrong-status = „{ $value }“ ist kein Stand: geplant, bestellt, in Betrieb, im Lager, in Reparatur oder ausgemustert.
wrong-truth = „{ $value }“ ist weder ja noch nein.
wrong-number = „{ $value }“ ist keine ganze Zahl von Stunden.
wrong-secret = Das sieht nach einem Kennwort aus und gehört nicht ins Register. Löschen Sie es aus der Liste; wo es liegt (Tresor, Umschlag 3), gehört ins Feld „Ort der Zugangsdaten“.
wrong-twice = { $field }: steht schon in Zeile { $row }, und die Zeilen unterscheiden sich.
wrong-no-school = Die Zeile nennt keine Schule.
wrong-other-school = „{ $value }“ ist nicht diese Schule.
wrong-unknown-school = Eine Schule „{ $value }“ gibt es nicht.
wrong-many-schools = Mehrere Schulen heißen „{ $value }“: schreiben Sie die Schulnummer.
unread-large = Die Datei hat mehr als { $count } MB. Eine Liste mit zehntausend Zeilen hat zwei: Lassen Sie Bilder und andere Blätter weg, oder teilen Sie die Liste.
unread-unpacked = Die Arbeitsmappe enthält zu viel. Kopieren Sie allein die Liste in eine neue Mappe.
unread-old = Das ist eine Arbeitsmappe im Format vor 2007 oder mit Kennwort. Speichern Sie sie ohne Kennwort als XLSX oder als CSV.
unread-no-sheet = Ein Blatt „{ $name }“ gibt es nicht.
unread-damaged = Die Arbeitsmappe lässt sich nicht lesen. Öffnen Sie sie in einer Tabellenkalkulation und speichern Sie sie neu.
unread-rows = Die Liste hat mehr als { $count } Zeilen: Teilen Sie sie.
unread-columns = Zeile { $row } hat mehr als { $count } Spalten. Ist das eine Liste?
unread-cell = Eine Zelle in Zeile { $row } hat mehr als { $count } Zeichen. Ist dort ein Anführungszeichen nicht geschlossen?
unread-no-headings = Keine Überschrift wurde erkannt. Sagen Sie unten, welche Spalte der Name ist, oder wählen Sie ein anderes Blatt.
import-preview-file = Datei
paging-title = Weitere Zeilen
paging-first = Zum Anfang
paging-next = Weiter
filter-lacking = nur mit fehlenden Angaben
reconcile-title = Abgleich
reconcile-lead = Was das Netz zeigt und was im Register steht, nebeneinander. Was Menschen eingetragen haben, bleibt stehen.
reconcile-found = Gefunden, nicht dokumentiert
reconcile-not-seen = Dokumentiert, nicht gesehen
reconcile-different = Dokumentiert, aber anders
reconcile-found-none = Alles Gefundene ist dokumentiert oder entschieden.
reconcile-not-seen-none = Jedes dokumentierte Gerät wurde gesehen.
reconcile-different-none = Register und Netz sagen dasselbe.
reconcile-not-seen-hint = „Nicht da“ heißt: Das Netz wurde zu Ende geprüft und das Gerät nicht gefunden. Wo niemand nachgesehen hat, ist nichts bekannt.
reconcile-missing = nicht da
reconcile-missing-since = nicht da seit { $date }
reconcile-nobody-looked = Netz noch nicht geprüft
reconcile-different-hint = Ihr Eintrag gilt. Stimmt die Angabe des Geräts, übernehmen Sie sie in den Eintrag.
reconcile-person = Im Register
reconcile-machine = Das Gerät sagt
reconcile-seen = (gesehen am { $date })
reconcile-settle = Viele auf einmal erledigen
reconcile-which = Welche Geräte
reconcile-ticked = die angekreuzten
reconcile-all = { $count ->
    [one] das eine, das der Filter zeigt
   *[other] alle { $count }, die der Filter zeigt (auch auf weiteren Seiten)
}
reconcile-document = Ins Register übernehmen
reconcile-document-hint = Art, Modell, Seriennummer und Netz werden übernommen. Mit einem Raum stehen alle dort.
reconcile-ignore = Ignorieren bis
reconcile-none = Bitte kreuzen Sie mindestens ein Gerät an.
reconcile-done = { $count ->
    [one] Ein Gerät ist erledigt.
   *[other] { $count } Geräte sind erledigt.
}
reconcile-left = { $count ->
    [one] Eines war es schon oder braucht einen Menschen.
   *[other] { $count } waren es schon oder brauchen einen Menschen.
}
reconcile-newer = { $count ->
    [one] Eines ist seit dem Anzeigen dazugekommen und bleibt, wie es war.
   *[other] { $count } sind seit dem Anzeigen dazugekommen und bleiben, wie sie waren.
}
rooms-walk = Von Raum zu Raum
rooms-walk-lead = Mit dem Telefon durchs Haus: Raum wählen, ankreuzen, was dort steht, weiter zum nächsten.
rooms-stands-here = Steht hier laut Register
rooms-stands-here-hint = Was nicht mehr da ist, nehmen Sie das Kreuz weg.
rooms-unplaced = Gefunden, noch in keinem Raum
rooms-found = Geräte mit „{ $text }“
rooms-nothing = Nichts, was hier stehen könnte.
rooms-save-next = Speichern, weiter zu { $room }
rooms-all = Alle Räume
rooms-seek = Ein anderes Gerät suchen (Name, Seriennummer, Adresse)
rooms-done = { $count ->
    [one] Ein Eintrag ist gespeichert.
   *[other] { $count } Einträge sind gespeichert.
}
reconcile-until = Bis zum (danach wird wieder gefragt)
leaving-title = Schule verlässt den Träger
leaving-lead = Erst nimmt die Schule ihr ganzes Buch in einer Datei mit, dann kann sie hier gelöscht werden.
leaving-take = Alles mitnehmen
leaving-take-lead = Eine ZIP-Datei mit allem, was über diese Schule im Buch steht: Register, Räume, Aufgaben, Ansprechpersonen, Dokumente, Lizenzen, Geräte, Befunde mit ihrer Geschichte, Umfragen mit Antworten, Protokoll. Als Arbeitsmappe und Tabellen zum Lesen, als JSON für andere Programme; eine Anleitung liegt bei.
leaving-take-not = Nicht darin steht, wer sich anmelden darf, was Agenten zulässt, und wie viele private Geräte gezählt wurden. Bewahren Sie die Datei sicher auf: Sie beschreibt das ganze Netz der Schule.
leaving-file = Datei herunterladen
leaving-remove = Schule hier löschen
leaving-remove-lead = Alles über diese Schule wird gelöscht, für immer. Ihre Agenten werden abgewiesen, ihre Konten und Schlüssel lassen niemanden mehr ein. Andere Schulen bleiben, wie sie sind.
leaving-remove-not = Was der Träger für diese Schule in Umfragen abgegeben hat, bleibt versiegelt bei ihm.
leaving-name = Zur Bestätigung der Name der Schule: { $school }
leaving-remove-now = Endgültig löschen
leaving-other-name = So heißt diese Schule nicht. Nichts wurde gelöscht.
message-school-removed = Die Schule ist gelöscht.
column-what = Was
column-reason = Grund
column-until = Bis
column-survey = Umfrage
column-domain = Domain
leaving-readme =
    Das Buch der Schule { $school }, geschrieben am { $day } von Rundgang.

    book.xlsx   Alle Listen als Arbeitsmappe, ein Blatt je Liste.
    csv/        Dieselben Listen einzeln: UTF-8, Semikolon, nichts darin ist eine Formel.
    book.json   Jede Zeile jeder Tabelle für andere Programme. Zeitpunkte sind Millisekunden seit dem 1. Januar 1970 (UTC).

    schools, rooms, facts: die Schule, ihre Räume und was über sie eingetragen ist.
    systems: das Register. Diese Liste lässt sich in einem anderen Rundgang unverändert einlesen.
    devices: was im Netz gesehen wurde.
    findings, findings-history, decisions: Befunde, ihre Geschichte, und was Menschen darüber entschieden haben.
    links, documents, domains: Anschlüsse, Dokumente, Domains.
    tasks, contacts, offers: wer welche Aufgabe hat, Ansprechpersonen, und was der Träger anbietet.
    answers, submitted: Antworten auf Umfragen, und was davon abgegeben wurde.
    audit-log: wer was wann geändert hat.

    Nicht enthalten sind Konten, Schlüssel und Einladungen sowie die Zählung privater Geräte.
    Die Datei beschreibt das Netz der Schule: Geben Sie sie nur weiter, wem Sie auch den Netzplan geben. Löschen Sie sie nach dem { $until }, wenn ihr Inhalt anderswo eingelesen ist.
