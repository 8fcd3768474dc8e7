# Texts: lists

import-title = Read in a list
import-lead = A list that you have (Excel or CSV) goes into the register: look first, then enter. Every row or none.
import-file = File (XLSX or CSV, at most { $count } MB)
import-file-hint = Headings such as name, room, serial number are recognised. Passwords do not belong in it: a row with a password is refused.
import-send = Upload and look
import-no-file = Please choose a file; an empty one is no list.
import-gone = This list does not wait any more: an uploaded list is kept for half an hour only. Please upload it again.
import-preview = Preview: { $file }
import-sheet = Sheet
import-sheet-first = the first with anything in it
import-columns = Columns
import-export = Known as a list from { $name }.
import-columns-hint = Headings in row { $row }. What you say here also holds for the next lists of this school.
import-column = Column
import-means = Means
import-samples = For example
import-left-out = – leave out –
import-secret = The heading announces passwords. Only where they are kept is taken.
import-again = Renew the preview
import-enter = { $count ->
    [one] Enter one system into the register
   *[other] Enter { $count } systems into the register
}
import-rooms = { $count ->
    [one] One new room comes with them.
   *[other] { $count } new rooms come with them.
}
import-known = { $count ->
    [one] One row stands in the register already and stays as it is there.
   *[other] { $count } rows stand in the register already and stay as they are there.
}
import-repeated = { $count ->
    [one] One row repeats an earlier one and is left out.
   *[other] { $count } rows repeat an earlier one and are left out.
}
import-nothing-new = Nothing of it is new.
import-wrong = { $count ->
    [one] One place does not fit. Nothing is entered until it is mended in the list or the column is left out.
   *[other] { $count } places do not fit. Nothing is entered until they are mended in the list or the column is left out.
}
import-more = … and { $count } more
import-row = Row
import-why = What does not fit
import-former = Lists read in so far
import-day = On
import-who = By
import-undo = Take back
import-undone = taken back
import-changed = { $count ->
    [one] One of its systems was changed since; delete by hand what is wrong.
   *[other] { $count } of its systems were changed since; delete by hand what is wrong.
}
message-list-entered = The list stands in the register. Below it can be taken back as a whole.
message-nothing-new = Nothing of it was new; nothing was entered.
message-list-taken-back = The list is taken back, with the rooms that only it named.
wrong-no-name = The row has no name, and neither maker nor model.
wrong-day = "{ $value }" is no day. Write 2026-10-01, 1/10/2026 (the day first) or 1 October 2026.
wrong-mac = "{ $value }" is no MAC address: twelve hexadecimal digits.
wrong-status = "{ $value }" is no status: planned, ordered, in use, in stock, in repair or retired.
wrong-truth = "{ $value }" is neither yes nor no.
wrong-number = "{ $value }" is no whole number of hours.
wrong-secret = This looks like a password, which does not belong into the register. Take it out of the list; where it is kept (safe, envelope 3) belongs into the field for the place of credentials.
wrong-twice = { $field }: stands in row { $row } already, and the rows differ.
wrong-no-school = The row names no school.
wrong-other-school = "{ $value }" is not this school.
wrong-unknown-school = There is no school "{ $value }".
wrong-many-schools = Several schools are called "{ $value }": write the official number.
unread-large = The file has more than { $count } MB. A list of ten thousand rows has two: leave out pictures and other sheets, or split the list.
unread-unpacked = The workbook holds too much. Copy the list alone into a new workbook.
unread-old = This is a workbook in the format before 2007 or under a password. Save it without one as XLSX or as CSV.
unread-no-sheet = There is no sheet "{ $name }".
unread-damaged = The workbook cannot be read. Open it in a spreadsheet program and save it anew.
unread-rows = The list has more than { $count } rows: split it.
unread-columns = Row { $row } has more than { $count } columns. Is this a list?
unread-cell = A cell in row { $row } has more than { $count } letters. Is a quotation mark left open there?
unread-no-headings = No heading was recognised. Say below which column is the name, or choose another sheet.
import-preview-file = File
paging-title = More lines
paging-first = To the beginning
paging-next = Next
filter-lacking = only with gaps
reconcile-title = Reconciliation
reconcile-lead = What the network shows and what the register says, side by side. What people entered stays.
reconcile-found = Found, not documented
reconcile-not-seen = Documented, not seen
reconcile-different = Documented, but different
reconcile-found-none = Everything that was found is documented or decided about.
reconcile-not-seen-none = Every documented device was seen.
reconcile-different-none = The register and the network say the same.
reconcile-not-seen-hint = "Not there" means: the network was walked to the end and the device was not found. Where nobody looked, nothing is known.
reconcile-missing = not there
reconcile-missing-since = not there since { $date }
reconcile-nobody-looked = network not walked yet
reconcile-different-hint = Your entry holds. If the device is right, take its value over into the entry.
reconcile-person = In the register
reconcile-machine = The device says
reconcile-seen = (seen on { $date })
reconcile-settle = Settle many at once
reconcile-which = Which devices
reconcile-ticked = those that are ticked
reconcile-all = { $count ->
    [one] the one that the filter shows
   *[other] all { $count } that the filter shows (on further pages, too)
}
reconcile-document = Enter into the register
reconcile-document-hint = Kind, model, serial number and network are taken over. With a room, all of them stand there.
reconcile-ignore = Ignore until
reconcile-none = Please tick at least one device.
reconcile-done = { $count ->
    [one] One device is settled.
   *[other] { $count } devices are settled.
}
reconcile-left = { $count ->
    [one] One was so already or needs a person.
   *[other] { $count } were so already or need a person.
}
reconcile-newer = { $count ->
    [one] One was found since the page was shown, and stays as it was.
   *[other] { $count } were found since the page was shown, and stay as they were.
}
rooms-walk = From room to room
rooms-walk-lead = Through the house with a phone: choose a room, tick what stands there, on to the next.
rooms-stands-here = Stands here, says the register
rooms-stands-here-hint = Untick what is not there any more.
rooms-unplaced = Found, in no room yet
rooms-found = Devices with "{ $text }"
rooms-nothing = Nothing that could stand here.
rooms-save-next = Save, on to { $room }
rooms-all = All rooms
rooms-seek = Look for another device (name, serial number, address)
rooms-done = { $count ->
    [one] One entry is saved.
   *[other] { $count } entries are saved.
}
reconcile-until = Until (then it is asked again)
leaving-title = School leaves the Träger
leaving-lead = First the school takes its whole book along in one file, then it can be deleted here.
leaving-take = Take everything along
leaving-take-lead = A ZIP file with everything that the book holds about this school: register, rooms, tasks, contacts, documents, licences, devices, findings with their history, surveys with answers, audit log. As a workbook and tables for people, as JSON for programs; what it all is stands in it.
leaving-take-not = Who may sign in, what lets agents in, and how many private devices were counted do not stand in it. Keep the file safe: it describes the whole network of the school.
leaving-file = Download the file
leaving-remove = Delete the school here
leaving-remove-lead = Everything about this school is deleted, for good. Its agents are refused, its accounts and tokens let nobody in. Other schools stay as they are.
leaving-remove-not = What the Träger submitted for this school in surveys stays with it, sealed.
leaving-name = To confirm, the name of the school: { $school }
leaving-remove-now = Delete for good
leaving-other-name = That is not what this school is called. Nothing was deleted.
message-school-removed = The school is deleted.
column-what = What
column-reason = Reason
column-until = Until
column-survey = Survey
column-domain = Domain
leaving-readme =
    The book of the school { $school }, written on { $day } by Rundgang.

    book.xlsx   Every list as a workbook, one sheet each.
    csv/        The same lists one by one: UTF-8, semicolons, nothing in them is a formula.
    book.json   Every row of every table for other programs. Moments are milliseconds since 1 January 1970 (UTC).

    schools, rooms, facts: the school, its rooms and what was entered about it.
    systems: the register. Another Rundgang takes this list in as it is.
    devices: what was seen in the network.
    findings, findings-history, decisions: findings, their history, and what people decided about them.
    links, documents, domains: links, documents, domains.
    tasks, contacts, offers: who has which task, whom to call, and what the Träger offers.
    answers, submitted: answers to surveys, and what of them was submitted.
    audit-log: who changed what, and when.

    Accounts, tokens and invitations are not in it, nor is the count of private devices.
    The file describes the network of the school: give it to those alone who get the network plan. Delete it after { $until } once it is taken in elsewhere.
