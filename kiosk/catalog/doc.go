// Package catalog reads the content pack: what a booth offers, in the words that
// residents read. A pack is a folder of YAML files. One is embedded in the program
// (Default); a city replaces it with a folder of its own (Load), without a release.
//
//	pack.yaml               name, version, languages, city, places
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
// part (sections of short lines, a source and the day they were last checked),
// ticket needs a ticket part, and request needs a form: one question a page, first
// about the matter, then the consent, then the personal questions. A loan's form has one
// question of the kind item, which lists the kinds of things that are lent; print has a
// form of numbers and choices, whose answers go on paper and nowhere else, and a print
// part with what else stands there. The actions
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
// Every text is written in each language that pack.yaml lists, Chinese and English
// at least. Another known language may be begun anywhere and is listed once it is
// whole.
//
// # What is checked
//
// Load is strict, because a pack is edited by hand and read by people in need: an
// unknown or doubled key, a missing language, a name that does not fit its tile, a
// personal question before the consent, two services with one ticket letter. Each
// finding is one line with file, line and field; up to twenty are returned at once.
package catalog
