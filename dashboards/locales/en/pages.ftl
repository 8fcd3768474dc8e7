# Texts: pages

skip-to-content = Skip to content
nav-main = Main navigation
nav-schools = Schools
nav-surveys = Surveys
nav-collected = What is collected
nav-language = Language
nav-crumbs = Breadcrumbs
nav-school = Pages of the school
tab-school = Overview
tab-assets = Devices
tab-findings = Findings
tab-register = Register
tab-surveys = Surveys
tab-facts = Master data
tab-counters = Counters
sign-out = Sign out
example-mark = Example: this page shows an invented school. Nothing on it comes from a real network.
example-mark-some = This page also shows examples. Invented schools are marked “Example”.
example-word = Example
foot-promise = Rundgang knows devices, not people. Times of day are shown for agents only.
foot-as-of = As of { $moment }
as-csv = Download as a table (CSV)
save = Save
add = Add
cancel = Cancel
required = required
never = never
today = today
back-to-schools = Back to the schools
back-to-page = Back to the previous page
message-saved = Saved.
message-documented = Entered in the register. Please add who is responsible and where the credentials are kept.
message-deleted = Deleted. The log keeps what stood there.
message-decided = Decision recorded.
message-learned = Learned. What announces itself this way is recognised from now on.
message-opened = Opened. The schools find the survey on their page "Surveys".
message-returned = Returned to the school.
message-reminded = Reminder noted.
message-submitted = Submitted and frozen.
message-handed-in = Handed in. Thank you!
error-return-note = Please write what is missing or to be changed.
error-run-moved = This step is no longer possible: the survey has moved on meanwhile. This page shows how it stands now.
error-run-open = Submitting is possible once every school has handed in.
error-run-submitted = This survey was submitted. What was submitted is never changed.
error-run-early = Submitting is possible from the reference date on; before that it is not settled what holds on that day.
error-run-late = The last day for answers can be neither before the reference date nor in the past.
error-part-overtaken = Somebody has answered this question meanwhile. Stored now: “{ $value }” ({ $who }). If yours is to hold, please save again.
error-part-moved = The survey was handed in or submitted meanwhile. What you typed could no longer be saved; so that it is not lost, it stands below.
error-long = The answer and its comment are too long together. Please shorten them.
error-no-school = Please choose at least one school.
error-title = That did not work
error-not-found = There is no such page (any more).
error-conflict = Somebody else changed this entry meanwhile. What you typed is still in the form; what is stored now stands below the fields that differ. Save again if your version is to hold.
error-unfit = What was entered does not fit. Please check the fields.
error-number = A whole number is expected here.
error-date = A date is written as 2026-10-01.
error-room = A line of the room list does not fit. Pattern: A101; class room; 2; wifi teacher-pc
error-reason = Please say why. Whoever looks later must be able to understand the decision.
error-secret = This looks like a password or key and was not stored. The register holds only where credentials are kept (safe, password manager and entry), who has them and when they were last checked.
error-forged = The form did not come from this site or has expired. Reload the page and try again.
error-empty = This must not be empty.
error-mac = A MAC address has twelve characters of 0–9 and A–F, such as 00:26:AB:11:22:33.
error-choose = Please choose what holds.
error-documented = The register has this device already. No second entry was made.
to-entry = To the entry "{ $name }"
error-broken = Something went wrong on the server. Nothing was changed; the collector’s log says more.
login-title = Sign in
login-lead = The access token is kept on the machine that runs the collector.
login-name = Your name
login-name-hint = Stands in the log beside what you enter.
login-token = Access token
login-enter = Sign in
login-wrong = The token is wrong.
login-no-name = Please give your name.
overview-lead = { $count ->
    [one] One school at a glance
   *[other] { $count } schools at a glance
}
overview-empty = No school yet
overview-empty-next = Invite the agent of a school. The invitation creates the school and works once:
tile-schools = Schools
tile-assets = Devices found
tile-undocumented = not in the register
tile-findings = open findings
tile-silent = Agents silent
tile-systems = Systems in the register
count-critical = { $count } critical
count-high = { $count } high
count-medium = { $count } medium
count-low = { $count } low
count-info = { $count } info
no-findings = none
coverage-of = { $covered } of { $expected }
coverage-unknown = unknown
agent-is-silent = { $agent } silent
of-these-acknowledged = { $count } of them being dealt with
overview-find = Find a school
overview-order = Sorting
overview-apply = Apply
overview-none = No school fits.
at-schools = { $count ->
    [one] at one school
   *[other] at { $count } schools
}
overview-some = { $shown } of { $count } schools
order-name = Name
order-findings = Urgent first
order-undocumented = Not in the register first
order-silent = Silent agents first
order-walk = Longest without a walk first
gaps-by-kind = Open findings by kind
pupils-count = { $count ->
    [one] { $count } pupil
   *[other] { $count } pupils
}
next-title = What to do next
step-no-agent = No agent is enrolled for this school yet.
step-no-agent-why = Without an agent everything stays unknown that nobody enters by hand.
step-no-agent-go = What it collects
step-approve = { $count ->
    [one] One agent waits for approval.
   *[other] { $count } agents wait for approval.
}
step-approve-why = What it reports is taken only after approval.
step-approve-go = Look
step-silent = { $count ->
    [one] One agent is silent. Is the box switched on and connected?
   *[other] { $count } agents are silent. Are the boxes switched on and connected?
}
step-silent-why = While it is silent, “not seen” says nothing: we show unknown instead of zero.
step-silent-go = See networks
step-grave = { $count ->
    [one] One urgent finding waits.
   *[other] { $count } urgent findings wait.
}
step-grave-why = Each says what to add or change and whom to ask.
step-grave-go = See findings
step-undocumented = { $count ->
    [one] One device found is not in the register yet.
   *[other] { $count } devices found are not in the register yet.
}
step-undocumented-why = One click takes over kind, model and serial number. You add room and owner.
step-undocumented-go = Take over
step-gappy = { $count ->
    [one] One system lacks its owner, its provider or the place of its credentials.
   *[other] { $count } systems lack their owner, their provider or the place of their credentials.
}
step-gappy-why = Whoever needs it in an emergency should find it within seconds.
step-gappy-go = Complete register
step-rooms = There is no room list yet.
step-rooms-why = Nearly every survey asks for rooms. The list can be pasted line by line.
step-rooms-go = Enter rooms
step-unplaced = { $count ->
    [one] One device has no room yet.
   *[other] { $count } devices have no room yet.
}
step-unplaced-why = Only with rooms can questions such as “How many class rooms have WLAN?” be answered.
step-unplaced-go = See devices
step-survey = Look through the surveys and confirm.
step-survey-why = Much is filled in with evidence; only what a person must judge is left open.
step-survey-go = To the surveys
kinds-title = What is there?
kinds-empty = Nothing found yet. The agent’s first walk fills this page.
kinds-legend = Green: in the register. Amber: found, not documented yet.
kind-bar = { $found } found, of these { $documented } documented
documented-count = { $count } documented
kind-unknown = not recognised
worst-title = Most urgent findings
all-findings = { $count ->
    [one] See the open finding
   *[other] All { $count } open findings
}
rooms-title = Rooms
rooms-empty = No room list yet.
rooms-enter = Enter rooms
room-empty = nothing assigned
unplaced-note = { $count ->
    [one] One device found has no room.
   *[other] { $count } devices found have no room.
}
rounds-title = Walks and networks
rounds-empty = No network has been walked yet.
agent-silent-note = The agent “{ $agent }” is silent. What it saw last counts as unknown, not as gone.
agent-waiting-note = The agent “{ $agent }” waits for approval.
segment-covered = walked to the end: { $moment }
segment-unknown-since = unknown since { $moment }
segment-never = never walked to the end
segment-fresh = current
segment-stale = unknown
assets-title = Devices
assets-count = { $count ->
    [one] One device
   *[other] { $count } devices
}
assets-empty = No devices yet
assets-empty-next = The agent reports devices after its first walk. The school’s overview says whether it runs.
assets-no-match = No device fits this filter
assets-no-match-next = Take a part of the filter away.
filter = Filter devices
filter-text = Search
filter-all = all
filter-undocumented = only undocumented
filter-apply = Show
guess = guess
documented = documented
document-it = Enter in register
document-form = Fill in first
asset-what = What it is
asset-where = Where and when
asset-unrecognised = It answers in the network, but nothing says what it is. If you know it, enter it in the register.
because = because:
asset-undocumented-note = This device is not in the register yet.
asset-plugged = Plugged into
asset-port-room = The port is labelled with the room { $room }.
asset-ports = Which port leads where
column-port = Port
column-port-alias = Label
column-leads-to = Leads to
column-others = Others, only counted
column-vlan = VLAN
column-poe = Power (PoE)
port-uplink = another switch
lesson-proposed = It announces itself exactly as “{ $system }” of the register does.
lesson-learners = { $count ->
    [one] So does no other device.
   *[other] So do { $count } devices.
}
lesson-accept = Yes, this is one too: { $kind }
not-entered = not entered
not-documented = not documented
days-only = (only the day is kept)
asset-services = Services
asset-evidence = Evidence
asset-evidence-lead = What the probes saw, field by field.
asset-evidence-none = No evidence left (retention over or agent silent).
confirmed-on = confirmed on { $date }
asset-history = History
closed = closed
findings-title = Findings
findings-open-count = { $count ->
    [one] One open finding
   *[other] { $count } open findings
}
findings-only-open = show open ones only
findings-show-all = also show closed and resting ones
findings-none = No open findings
findings-none-next = Nothing to do. The school’s overview says whether all networks were walked.
finding-do = What to do
finding-record = Exactly this text:
finding-remove = Remove this record:
finding-wanted = Needed (value from the provider):
finding-file = This file at { $url }:
finding-request = Request to { $to }:
finding-why = Why it matters
finding-evidence = What we saw
finding-decide = Decision
finding-decide-lead = A decision does not change the finding; it records who said what about it.
finding-decision = What holds?
finding-reason = Reason
finding-reason-hint = Needed where the risk is accepted or the finding does not apply. No passwords.
finding-until = Holds until (empty: for good)
finding-save = Record decision
finding-decisions = Decisions so far
until-date = until { $date }
remedy-generic = Look at the evidence and raise it with the provider of the system.
state-closed = closed on { $date }
state-unknown-since = unknown since { $date }
state-open-since = open since { $date }
register-title = Register
register-lead = What people know of their systems. No walk overwrites it.
register-new = New system
register-take-over = { $count ->
    [one] Take over one device found
   *[other] Take over { $count } devices found
}
register-empty = The register is still empty
register-empty-next = The fastest way is through the devices found: one click takes over what the machine knows. Enter the learning platform, mail and other services as new systems.
register-count = { $count ->
    [one] One system.
   *[other] { $count } systems.
}
register-gaps = { $count ->
    [one] One lacks entries.
   *[other] { $count } lack entries.
}
lacking = missing
not-seen = not seen
machine-sees = The machine sees:
to-device = to the device
stands-now = Stored now: { $value }
delete-system = Delete this system
delete-really = Delete for good
audit-title = Change log
group-what = What it is
group-what-hint = { "" }
group-who = Who is responsible
group-who-hint = Best a function instead of a name: “IT coordination”, “caretaker”.
group-credentials = Credentials: the place only
group-credentials-hint = Never the password itself. A text that looks like one is not stored.
group-contract = Contract and support
group-contract-hint = { "" }
group-purchase = Purchase
group-purchase-hint = { "" }
group-network = In the network
group-network-hint = Serial number and MAC address tie the entry to the device found.
field-name = Name
field-kind = Kind
field-room = Room
field-status = Status
field-purpose = Purpose
field-personal-data = Processes personal data
field-owner = Owner
field-deputy = Deputy
field-provider = Provider
field-first-level = First level support
field-second-level = Second level support
field-hotline = Hotline
field-changed-by = Who may change it
field-credentials-kind = Kind of access
field-credentials-place = Place of credentials
field-credentials-deputy = Who else can get at them
field-credentials-checked = Last checked
field-contract = Contract
field-contract-from = Contract from
field-contract-until = Contract until
field-notice-until = Notice until
field-sla-hours = Support hours
field-sla-reaction-hours = Reaction time (hours)
field-purchased = Bought on
field-warranty-until = Warranty until
field-licence-until = Licence until
field-insurance = Insurance
field-serial = Serial number
field-mac = MAC address
field-segment = Network
field-domain = Domain
field-notes = Notes
field-bought = purchase date
field-down = bandwidth
field-up = bandwidth (up)
field-age = age
field-reaction-hours = reaction time
field-lan = network socket
field-wifi = WLAN
field-placed = room in the register
field-documented = entry in the register
field-vendor = Vendor
field-model = Model
field-hostname = Host name
field-os-version = Version
field-ip = Address
field-credentials-place-hint = For example: safe in the office, envelope 3 · password manager, entry “Firewall”
field-owner-hint = For example: IT coordination
field-changed-by-hint = For example: school board, by ticket
column-school = School
column-official-number = School number
column-school-kind = Kind of school
column-assets = Devices
column-undocumented = Not in the register
column-systems = Systems in the register
column-findings = Findings
column-coverage = Networks walked
column-last-walk = Last walk
column-silent-agents = Silent agents
column-covered = Networks walked
column-expected = Networks in all
column-example = Example
column-device = Device
column-name = Name
column-kind = Kind
column-vendor = Vendor
column-model = Model
column-serial = Serial number
column-version = Version
column-hostname = Host name
column-address = Address
column-mac = MAC address
column-segment = Network
column-room = Room
column-system = System
column-register = Register
column-first-seen = First seen
column-last-seen = Last seen
column-seen = Seen
column-finding = Finding
column-severity = Urgency
column-rule = Rule
column-subject = Concerns
column-state = State
column-closed = Closed on
column-opened = Open since
column-remedy = What to do
column-evidence = Evidence
column-field = Field
column-value = Value
column-from = From
column-to = To
column-source = Source
column-question = Question
column-wording = Wording
column-machine = From inventory and register
column-lower = At least
column-upper = At most
column-unit = Unit
column-confidence = Confidence
column-reasons = Reasons
column-person = Person’s answer
column-comment = Comment
column-who = Who
column-when = When
column-formula = Formula version
column-progress = Progress
column-confirmed = Confirmed
column-suggested = Filled in
column-open = Open
column-sockets = Sockets
column-equipment = Equipment
column-peak-week = Peak of 7 days
column-peak-month = Peak of 30 days
column-last-day = Last day
facts-title = Master data
facts-lead = What no machine can see: numbers, rooms, lines, documents.
facts-people = School and people
facts-support = Support
facts-devices = End devices
facts-network = Network
facts-none-hint = Where there is none, write “none”. An empty field means: unknown.
entered-by = { $who }, { $date }
rooms-why = Surveys ask for rooms, not for devices. That makes this list the most important one.
rooms-add = Add or change rooms, one a line
rooms-hint = Name; kind (class room, subject room, office, technical); sockets; equipment (wifi, teacher-pc, document-camera). A known name is changed.
links-title = Internet lines
links-empty = No line entered yet.
link-technology = Technology
link-down = Mbit/s to the school
link-up = Mbit/s from the school
link-role = Role
link-status = Status
link-primary = primary
link-backup = backup
link-active = active
link-ordered = ordered
link-planned = planned
documents-title = Documents
documents-empty = No document noted yet.
document-name = Title
document-date = Date
document-place = Where it is kept
document-draft = Draft
kept-title = Complete lists
kept-why = A projector on a cable is seen in no network. Where the register really holds everything of a kind, tick it: then “not in the register and not seen” counts as “there is none”. Else the number stays open above.
counters-title = Counters
counters-lead = People’s devices are never kept one by one, only counted.
counters-empty = Nothing counted yet
counters-empty-next = After the first walk, peaks by network stand here.
counters-promise = Numbers below ten appear as “<10”, all others rounded to ten. After 90 days only the month’s peak remains.
collected-title = What is collected
collected-lead = For data protection, the staff council and everybody who wants to know.
collected-generated = Fields, kinds and scopes on this page are generated from the running program: from the vocabulary of evidence and from what each agent declares.
never-title = What never happens
never-traffic = No listening in: no content, no flows, no list of visited sites.
never-people = People’s phones, tablets and laptops become a number on the agent, before anything is stored or sent.
never-password = No password is tried, no login attempted; credentials never leave the school.
never-times = No times at which a device was on: only the day is kept, for every role.
never-write = Nothing is changed: the agent only reads, and never from a raw-print port.
scopes-title = Where the agents may look
scopes-empty = No agent has declared a scope yet.
scope-undeclared = This agent declared no scope and may collect nothing.
scope-class = Class
scope-purpose = Purpose
scope-authorised = Authorised by
scope-basis = Legal basis
scope-council = Staff council on
scope-until = Valid until
last-contact = Last contact: { $moment }
silent = silent
kept-kinds-title = Kept as a device
kept-kinds-lead = The school’s infrastructure, with evidence.
counted-kinds-title = Only counted
counted-kinds-lead = Except in networks authorised as “managed” (the school’s own workplaces). Devices people carry are always a number only.
retention-title = For how long (default)
retention-shortened = { $days } days (shortened by the school authority)
retention-observations = Raw observations
retention-observations-time = 30 days after they were last confirmed
retention-intervals = History of values
retention-intervals-time = 24 months
retention-unclassified = Unrecognised devices
retention-unclassified-time = 7 days
retention-retired = Retired devices
retention-retired-time = 12 months, then only their number in the proof of deletion
retention-findings = Findings
retention-findings-time = 24 months
retention-audit = Change log
retention-audit-time = 12 months
retention-spool = What the agent has not sent yet
retention-spool-time = 72 hours
retention-counters = Counters
retention-counters-time = 90 days, then the month’s peak
retention-answers = Submitted surveys
retention-answers-time = 10 years (aggregates only)
fields-title = Every field an agent can report
fields-lead = A field that does not stand here is refused by the collector.
field-is-name = name: names of persons are masked
volatility-stable = stable
volatility-slow = one sample a day
volatility-volatile = never stored
finding-question = Settle this first:
findings-by-rule = Findings by kind
findings-every-rule = all
worst-more = for example { $label }
domains-title = Mail domains
domain-fine = Nothing to do
domain-record = Text to add
record-name = Name
record-type = Type
record-value = Value
record-line = The same as a line of a zone file
finding-whom = Whom to hand it to
finding-whom-unknown = The register does not say yet who runs this.
finding-whom-enter = Enter provider and hotline
finding-letter = Pass on as an e-mail
search-title = Who do I call?
search-lead = Device, room, service, domain, MAC address or serial number: with hotline and the place of the credentials. Typing errors do not matter.
search-question = Search
search-go = Search
search-examples = For example: "projector 104", "DNS", "Moodle" or a MAC address.
search-none = Nothing found
search-none-next = Try one word less, or a part of the name.

domains-page-title = Domains
domains-page-lead = Only confirmed domains are looked up, and only their public records. Proposals come from the register and from what devices of the school show.
domain-state-proposed = Found: whose are they?
domain-state-confirmed = Confirmed
domain-state-declined = Not the school's
domain-source-register = register
domain-source-certificate = certificate of a device
domain-source-mail-server = mail server in the network
domain-source-search-domain = search domain of the network
domain-shared = serves several schools of the Träger
domain-confirm = It is the school's
domain-decline = It is not
domain-enter = Enter a domain
domains-none = No domain is known yet.
domains-all = All domains and proposals
message-domain-settled = Saved.
