# Texts: surveys

surveys-title = Surveys
surveys-lead = Filled in from inventory and register, with evidence. Your answer holds and is never overwritten.
traeger-surveys-lead = The board’s own surveys, and how far the schools have come.
question-count = { $count ->
    [one] { $count } question
   *[other] { $count } questions
}
survey-progress = { $confirmed } confirmed, { $suggested } filled in, { $open } open
survey-open = Open
survey-of-schools = How far the schools are
survey-by-schools = answered by each school
survey-how = On the left what inventory and register say, on the right your answer. What was not walked is unknown, never zero.
survey-thresholds = Thresholds used
survey-target = Target:
survey-machine = From inventory and register
survey-own = Your answer
survey-own-level = Your rating
survey-comment = Comment
survey-block-comment = Own comment on { $block }
survey-confirmed = confirmed
survey-person = person only
survey-suggested = filled in
survey-suggestion = suggestion
survey-evidence = { $count ->
    [one] One piece of evidence
   *[other] { $count } pieces of evidence
}
survey-lacking = What is still lacking ({ $count })
survey-formula = Formula version { $version }
survey-drift = When you answered, the inventory said “{ $then }”; now it says “{ $now }”. Your answer stands.
answer-unknown = unknown
answer-yes = yes
answer-no = no
answer-level = Level { $level }
bounds-between = between { $lower } and { $upper }
bounds-open = at least { $lower }, open above
bounds-at-most = at most { $upper }
coverage-none = No network declared yet; everything the machine would have to see is unknown.
coverage-networks = { $covered } of { $expected } networks walked.
coverage-last-round = Last walk: { $moment }.
coverage-silent = Silent: { $agents }.
reason-never-walked = There was no walk yet.
reason-segments-missing = Only { $covered } of { $expected } networks were walked.
reason-agent-silent = The agent “{ $agent }” is silent.
reason-kind-may-hide = { $kind }: can be there without being on the network, and the list is not confirmed as complete.
reason-unrecognised = { $count ->
    [one] One device is not recognised with certainty.
   *[other] { $count } devices are not recognised with certainty.
}
reason-not-seen = { $count ->
    [one] One device is not seen at present.
   *[other] { $count } devices are not seen at present.
}
reason-unplaced = { $count ->
    [one] One device has no room.
   *[other] { $count } devices have no room.
}
reason-fact-missing = Not entered: { $fact }.
reason-fact-old = Older than a year: { $fact }.
reason-list-open = The list ({ $list }) is not confirmed as complete.
reason-field-missing = { $count } lack: { $field }.
reason-person = Only a person can judge this.
list-asset = devices
list-room = rooms
list-system = systems
list-link = lines
list-document = documents
list-finding = findings
list-domain = domains
list-site = sites
fact-pupils = Pupils
fact-teachers = Teachers
fact-coordinator-hours = Hours of IT coordination per week
fact-spend = Yearly spending on digitalisation (EUR)
fact-contact-school = Contact at the school
fact-contact-traeger = Contact at the board
fact-support-first = First level support
fact-support-second = Second level support
fact-support-reaction-hours = Agreed reaction time (hours)
fact-devices-pupil = Pupil devices in all
fact-devices-pupil-pc = of these desktop PCs
fact-devices-pupil-laptop = of these laptops
fact-devices-pupil-tablet = of these tablets
fact-devices-pupil-chromebook = of these Chromebooks
fact-devices-pupil-internet = of these with internet access
fact-devices-teacher = Teacher devices
fact-link-used-p95 = Bandwidth actually used (Mbit/s)
fact-network-separation = Separation of networks (admin, teaching, guests)
choice-fibre = fibre
choice-hfc = cable (HFC)
choice-vdsl = VDSL
choice-radio = radio
unit-a = years
unit-h = hours
unit-d = days
unit-EUR = EUR
survey-as-of = Reference date
survey-as-of-show = Show
survey-past = Answers for that date, from what is known of it today. Where something else was known on the day itself, it stands beside.
survey-only-open = Open questions only
survey-all-questions = All questions
survey-none-open = No question is open.
survey-files = As a file:
survey-steps = What to do
survey-signed = Submitted by { $who }, { $moment }. Seal (SHA-256): { $seal }
sheet-answers = Answers
sheet-evidence = Evidence
sheet-steps = Steps
column-then = Known on that date
column-lacking = Lacking
column-answerer = Answered by
column-role = Role
column-element = Element
column-step = Step
survey-today = As of today
step-or = or
step-lacking = { $count } of { $of } { $nouns } without { $lacks }: { $names }.
step-needed = For the next step { $count } of them suffice.
step-unknown = Of { $count } it is only not known whether it is lacking.
step-fact = Settle and enter: { $fact }.
step-document = File a document: { $kind }.
step-link = Bring a line into service.
step-link-at-least = A line with at least { $number } Mbit/s.
step-list = Enter the list: { $list }.
step-element = Lacking: { $kinds }.
step-more = { $number } more: { $fact }.
step-walk = Walk the school (all networks).
nouns-room = rooms
nouns-asset = devices
nouns-system = systems
nouns-school = schools
nouns-link = lines
nouns-document = documents
nouns-site = sites
nouns-domain = domains
nouns-finding = findings
nouns-of-room = rooms
nouns-of-asset = devices
nouns-of-system = systems
nouns-of-school = schools
nouns-of-link = lines
nouns-of-document = documents
nouns-of-site = sites
nouns-of-domain = domains
nouns-of-finding = findings
noun-link = sufficient line
noun-walk = a current walk
paper-appendix = Appendix: evidence
paper-appendix-lead = What stands behind the answers, by question: devices, rooms, systems, lines, documents and facts.
paper-draft = Draft, not yet submitted.
paper-page = Page { $page } of { $pages }
run-open-title = Open a survey for schools
run-open-go = Open
run-days = Days
run-days-hint = What holds on the reference date is filled in. Schools can answer until the last day, which may be left empty.
run-due = Answers by
run-schools = Schools
run-opened = Opened
run-state = State
run-open-for = Open for schools
runs-title = Opened surveys
runs-title-school = Opened by the Träger
run-answer = Answer
run-look = Look
run-files = As submitted, all schools in one file:
run-files-draft = Draft, all schools in one file:
run-return = Return
run-return-note = What is missing or to be changed
run-return-go = Return to the school
run-returned-with = Returned with:
run-remind = Remind by mail
run-remind-note = Note the reminder
run-reminded = reminded on { $date }
run-reminder = Hello, { $school } still has answers to give in the survey “{ $title }”. Last day: { $due }. Most of it is filled in; the open questions come first: { $link } Thank you!
run-changed-since = changed since it was handed in
run-submit = Submit
run-submit-lead = All schools have handed in. Submitting freezes the answers under a seal; they are never changed again.
run-submit-go = Submit and freeze
part-open = Open questions
part-suggested = Filled in, please check
part-confirmed = Answered already
part-how = The open questions come first. What is filled in holds unless you change it. What you do not know you leave empty: it is handed in as “unknown” with its reason, never as zero.
part-as-is = Confirm as it is
part-save = Save for now
part-hand-in = Hand in
part-hand-in-lead = Handing in confirms the answers for your school. The Träger checks them and can return them with a note.
part-hand-in-go = Save and hand in
part-handed-in = Handed in by { $who }, { $date }. The Träger checks and can return it until it submits.
part-returned-note = Returned by the Träger ({ $who }):
frozen-lead = Submitted and frozen: values, bounds, coverage and versions of the formulas do not change any more. The name, comment and day of who confirmed or changed an answer stay with it. Of the evidence remain the count, a checksum and the numbers of the devices; a link leads to a device for as long as it is held.
frozen-seal = Seal (SHA-256)
frozen-whole = intact
frozen-broken = does not fit its content any more
frozen-devices = Devices behind the answer
frozen-device = Device { $number }
frozen-deleted = deleted on { $date } under retention
frozen-before = Submitted for { $date }: { $value }
frozen-evidence = Evidence: { $count }. By kind: { $kinds }. By room: { $rooms }. Checksum of the list: { $hash }…
stand-open = open
stand-confirmed = handed in
stand-returned = returned
stand-submitted = submitted
run-submit-waits = { $count ->
    [one] One school has not handed in yet.
   *[other] { $count } schools have not handed in yet.
}
part-unanswered = { $count ->
    [one] One question is still open; it is handed in as "unknown".
   *[other] { $count } questions are still open; they are handed in as "unknown".
}
survey-awaited = The Träger opened this survey for your school.
nouns-fact = Facts
part-comments = Comments on the sections
part-unsaved = Not saved
part-earlier = Last given on { $date }, for an earlier survey. It holds if you change nothing.
run-select-all = Select all
run-select-none = Select none
run-open-already = This survey is open already and not submitted yet:
frozen-own = Answer of the school
frozen-as-filled = no answer of its own; the filled-in value holds
run-reminder-open = Hello, { $school } still has answers to give in the survey “{ $title }”. Most of it is filled in; the open questions come first: { $link } Thank you!
frozen-evidence-nowhere = Evidence: { $count }. By kind: { $kinds }. Checksum of the list: { $hash }…
surveys-all = All surveys
choice-wifi-4 = Wi-Fi 4
choice-wifi-5 = Wi-Fi 5
choice-wifi-6 = Wi-Fi 6
choice-wifi-7 = Wi-Fi 7
choice-class = class room
choice-subject = subject room
choice-office = office
choice-technical = technical room
choice-other = other room
survey-coverage = Coverage
totals-title = Totals by kind of school and commune
totals-lead = What the schools say together: their own answer where there is one, else the filled-in value. What is unknown does not count as zero; invented schools are left out.
totals-draft = Not submitted yet: the numbers can change.
totals-all = All
totals-no-kind = kind not given
totals-no-commune = without commune
totals-by-kind = By kind of school
totals-by-commune = By commune
totals-hidden = too few schools for a sum
totals-mean = { $value } on average
totals-not-yet = The survey is not submitted yet. Sums stand here as soon as the board has submitted it: who watched them grow would read the answers of each single school.
totals-unknown = unknown: { $count }
totals-words = without a readable number: { $count }
totals-answered = answered: { $count }
totals-range = { $lower } to { $upper }

template-title = Fill in a form
template-lead = The office that asks has a form of its own (XLSX)? The answers go into the cells that have a name there: Rundgang_ and the number of the question, such as { $example }. Everything else in the form stays as it is.
template-file = Form (.xlsx)
template-fill = Fill in
template-no-file = Please choose a form.
template-large = The form is too large.
template-old = The form is in the format before 2007 or has a password: save it as .xlsx without one.
template-none = The form is no workbook: save it as .xlsx.
template-macros = The form holds macros: save it as .xlsx without them.
template-signed = The form is signed, and a signature does not survive filling in: save a copy without it.
template-damaged = The form cannot be read ({ $what }): open it in a spreadsheet program and save it anew.
template-no-names = No cell of the form has a name of this survey, such as { $what }: give the cells names in the spreadsheet program.
template-unknown = The survey has nothing for these names of the form: { $what }
template-no-cell = The name { $what } must mean one cell of a sheet of the form; it stands for { $refers }.
template-formula = A formula stands in { $what }: a cell that is filled in must hold none.
template-twice = Two names mean the same cell: { $what }
template-names = Names that a form can use
template-name-value = the answer that counts; a part of a table stands after an underscore (Rundgang_D03_class)
template-name-comment = the comment
template-name-bounds = at least and at most
template-name-level = a cross where this level counts
template-name-more = reasons of doubt, next steps, who and when, unit
template-name-whole = school, reference date, title, coverage, who submitted, seal, comment on a section
survey-import-title = Read in a survey of your own
survey-import-lead = A survey file (TOML), as the command survey check checks it.
survey-import-how = The file is checked and then stands beside the other surveys. Whoever reads in a changed file raises its version; what was opened before stays with the old one.
survey-import-file = Survey file
survey-import-go = Read in
survey-import-refused = The file was not read in; below is why.
message-survey-imported = The survey now stands in the list.
reminder-title = Reminder by mail
reminder-became = What became of the reminder
reminder-lead = Rundgang sends the mail to the accounts of the school that may answer and gave a mail address; to a school one a day at most.
reminder-go = Remind
reminder-whom = to { $whom }
reminder-all = { $count ->
    [one] Remind the open school with a mail address
   *[other] Remind all { $count } open schools with a mail address
}
reminder-without = { $count ->
    [one] One open school has no such account; for it the prepared mail stays in the list.
   *[other] { $count } open schools have no such account; for them the prepared mail stays in the list.
}
reminder-sent = Sent to { $whom }.
reminder-not-to-one = Not to one account: { $why }
reminder-failed = Not sent and not noted: { $why }
reminder-unsure = Uncertain whether the mail arrived; not noted, and no second one leaves today. { $why }
reminder-already = A mail left for this school today already; it can be reminded again tomorrow.
reminder-nobody = No account of the school that may answer gave a mail address. Nothing was sent.
reminder-not-begun = Its turn has not come: the mail server is slow. Please start it once more.
reminder-no-server = No mail server is named (settings); nothing was sent.
reminder-subject = Rundgang { $traeger }: answers missing in “{ $title }”
reminder-missing = { $school } still has answers to give in the survey “{ $title }”.
reminder-due = Last day: { $due }.
reminder-how = Most of it is filled in; the open questions come first:
reminder-end = { $traeger } had this mail sent; to a school one a day at most. You change the address in your account.
