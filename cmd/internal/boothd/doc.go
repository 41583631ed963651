// Package boothd assembles a booth: it opens the book, the catalogue, the devices,
// the sync agent and the touch screen in the order of their needs, runs their
// loops, and closes them in reverse. It is one of the few places where the wings
// meet.
//
// A booth stands in the street and must serve whoever walks in. So a printer, a
// door or a scanner that cannot be opened is told and shown as offline, and the booth starts
// all the same; only what nobody could serve with (no book, no catalogue, no
// address to listen on) and what a person mistyped keeps it from starting.
package boothd
