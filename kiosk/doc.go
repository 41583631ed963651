// Package kiosk is the domain of a neighbourhood service booth: the nouns that
// residents, volunteers and the city use, and the rules that hold between them.
//
// A booth offers twelve functions, each with a handful of services. A resident
// taps through one of them; the booth writes what happened into its book,
// an append-only sequence of records, and only then shows a number and prints a
// slip. The records travel to the city when the line is up. Nothing in this
// package knows about HTTP, SQL, files or devices: those live in the wings (web,
// sync, hardware) and in the child packages catalog, sqlite and migrate, and
// package cmd joins them.
//
// The centre is Booth: it holds the use cases (take a ticket, file a request,
// print a leaflet, note that the door opened). What it needs from outside are
// small interfaces that stand beside their use: Book, Printer, Clock.
package kiosk
