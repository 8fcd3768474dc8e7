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
survey-lacking = { $count ->
    [one] One is still lacking
   *[other] { $count } are still lacking
}
survey-formula = Formula version { $version }
survey-drift = When you confirmed, the machine’s value was “{ $then }”, now it is “{ $now }”. Your answer stands.
answer-unknown = unknown
answer-yes = yes
answer-no = no
answer-level = Level { $level }
bounds-between = between { $lower } and { $upper }
bounds-open = at least { $lower }, open above
bounds-at-most = at most { $upper }
coverage-none = No network declared yet; everything the machine would have to see is unknown.
coverage-networks = { $covered } of { $expected } networks were walked.
coverage-last-round = Last walk: { $moment }.
coverage-silent = Silent: { $agents }.
reason-never-walked = There was no walk yet.
reason-segments-missing = Only { $covered } of { $expected } networks were walked.
reason-agent-silent = The agent “{ $agent }” is silent.
reason-kind-may-hide = { $kind }: need not be in the network, and the list is not confirmed as complete.
reason-unrecognised = { $count } devices are not recognised with certainty.
reason-not-seen = { $count } devices are not seen at present.
reason-unplaced = { $count } devices have no room.
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
