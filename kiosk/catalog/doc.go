// Package catalog reads the content pack: what a booth offers, in the words that
// residents read. A pack is a folder of YAML files. One is embedded in the program
// (Default); a city replaces it with a folder of its own (Load), without a release.
//
//	pack.yaml               name, version, languages, city, places, offices
//	functions/01-policy.yaml  one file for each of the twelve functions
//	functions/...
//
// The list of functions and services in the embedded pack is a default: the real
// list is the city's to decide. So are the places, which are streets of the four
// urban districts of Jilin City.
//
// # How to add a service
//
// No Go is needed. Open the file of its function and add an entry to services:
//
//   - id: 8.5                       # the function's number, a dot, a number that is free
//     icon: bike                    # a name from lucide
//     name: {zh: 修自行车, en: Bicycle repair}
//     summary: {zh: 取号修车, en: Take a number for bicycle repair}
//     actions: [ticket]             # info, ticket, request; or book, register, checkin, loan, call, survey, print
//     data_class: 0                 # 0 nothing personal, 1 surname, 2 name and phone, 3 sensitive
//     hours: {zh: 驿站开门时间, en: While the station is open}
//     outcome: {zh: 按号修车。, en: Bicycles are taken in the order of the numbers.}
//     route: community              # who receives it
//     ticket:
//     prefix: X                   # one or two letters that no other service has
//     where: {zh: 请在门口等候。, en: Please wait at the door.}
//     limit: 30                   # numbers a day, 0 for no limit
//
// Words with a comma, a colon or a question mark stand in "quotes".
//
// What a service offers follows from its actions. The action info needs an info
// part (sections of short lines, a source and the day they were last checked; with
// `notices: true` the city's notices stand above them),
// ticket needs a ticket part, and request, book and register need a form: one question
// a page, first about the matter, then the consent, then the personal questions. The
// form of book has one question of the kind slot, which holds the calendar; that of
// register may have one of the kind event, which lists events; that of loan has one of the
// kind item, which lists the kinds of things that are lent. The action print has a form of
// numbers and choices, whose answers go on paper and nowhere else, and a print part with
// what else stands there. The action checkin has a form where staff fill it in to take
// over the watch; `duty: {name: name, role: role}` then says which of its questions, a
// text and a choice, tell who is on duty. The action
// request with `follow: true` in the place of a form leads to the page that asks for a
// receipt and shows how far it is. The actions
// that the program cannot carry out yet need nothing; a service that has only
// these is listed and not offered. A service with `closed: true` is listed and not
// offered either: its parts may stay in the file, or be missing.
//
// # How to lend a thing
//
//	items:
//	  - id: umbrella                # unique in the pack; counts are kept by it
//	    icon: umbrella
//	    name: {zh: 雨伞, en: Umbrella}
//	    code: 10                    # on its asset tags, 10 to 99, unique in the pack; do not change it later
//	    days: 7                     # for how long it is lent
//	    count: 6                    # how many each booth has
//	    at: {07: 10, 12: 0}         # but for these booths
//
// A calendar says which times a booth may give away. A booth owns them alone, so that
// it can give away the last place with the line down: where several booths share a
// room, divide its times among them under booths.
//
//   - id: slot
//     kind: slot
//     label: {zh: 哪天来？, en: Which day suits you?}
//     short: {zh: 时间, en: Time}
//     slots:
//     first: 1               # days from today to the first one; 1 if not given
//     days: 14               # so many days can be chosen from
//     weekdays: [tue, thu]
//     times: ["09:00", "09:30"]
//     minutes: 30
//     capacity: 2            # places at each time
//     waiting: 3             # how many may wait for a place; none if not given
//     closed: [2027-02-06]   # days without times
//     where: {zh: 驿站谈话间, en: The quiet room}
//     bring: {zh: 身份证, en: Identity card}
//     booths:                # what is different at some booths
//   - {booth: "07", times: ["14:00"]}
//   - {booth: "11", off: true}
//
// An event has a date, or weekdays and weeks of the month on which it comes again, or
// neither, as a team that can be joined at any time:
//
//	events:
//	- {id: talk, name: {...}, where: {...}, date: 2026-12-05, time: "14:00", minutes: 90, capacity: 40, waiting: 10}
//	- {id: cpr, name: {...}, where: {...}, weekdays: [sat], weeks: [2], time: "14:00", capacity: 20}
//	- {id: choir, name: {...}, where: {...}}
//
// Every text is written in each language that pack.yaml lists, Chinese and English
// at least. Another known language may be begun anywhere and is listed once it is
// whole.
//
// # What is checked
//
// Load is strict, because a pack is edited by hand and read by people in need: an
// unknown or doubled key, a missing language, a name that does not fit its tile, a
// personal question before the consent, two services with one ticket letter. Each
// finding is one line with file, line and field; up to two hundred are returned at once.
package catalog
