# Keeping the register up: binding, differences, due dates, tasks, offers, contacts.
bind-system = Is documented as
bind-device = Is this found device
bind-others = others of this kind
bind-this = Bind
alike-serial = same serial number
alike-mac = same MAC address
alike-name = same name
alike-model = same model
alike-room = room in its name
alike-kind = same kind
keep-or-take = What holds
keep-take = Take over from the device
keep-take-hint = The value of the device goes into the entry; the log keeps what stood there.
keep-mine = Keep my own
keep-hint = The line comes back when the device says something else.
keep-which = Which differences
keep-ticked = those that are ticked
keep-all = { $count ->
    [one] all of the one entry
   *[other] all of the { $count } entries (on further pages, too)
}
keep-kept = { $count ->
    [one] One value of your own that differs on purpose
   *[other] { $count } values of your own that differ on purpose
}
keep-against = The device says "{ $value }"
keep-again = Show again
audit-keep = own value kept, or no longer
due-day = To be dealt with by (empty: no day)
due-hint = The day stands in the list of findings, in the weekly mail and in the API.
due-save = Keep the day
due-until = to be dealt with by { $date }
due-since = overdue since { $date }
column-due = Due by
digest-due-finding = To be dealt with
finding-history = History
happened-opened = found
happened-reopened = came back
happened-changed = changed
happened-closed = mended
happened-due = day set
happened-due-gone = day taken away
tasks-title = Tasks
tasks-lead = Who does what for the school's technology, and how many hours a week. Enter functions, not names.
tasks-sums = Shared out and needed
tasks-assigned = Tasks that something is said of
tasks-hours = Hours a week
tasks-thumb = Rule of thumb
tasks-thumb-of = hours a week: half an hour for every hundred pupils ({ $count })
tasks-thumb-unknown = The number of pupils is not entered yet.
column-task = Task
task-who = Who (function)
task-hours = Hours a week
task-hours-short = { $hours } hours
task-priority = Priority
task-by = Done by
task-other = Kept now: { $value }
task-area-technical = Technology
task-area-policy = Policy and vision
task-area-administration = Administration
task-area-teaching = Teaching
priority-short = short term
priority-long = long term
done-by-school = School
done-by-traeger = Träger
done-by-provider = Provider
done-by-nobody = not said
error-hours = Hours a week are a number up to 80 with at most two decimals, such as 0.5.
