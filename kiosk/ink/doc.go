// Package ink reads handwriting: it says which Chinese characters the strokes of a
// finger may stand for.
//
// It compares directions, not strokes. What was drawn is laid on a grid of 8 by 8
// cells; in each cell it counts how much of the line runs in each of 8 directions.
// The way of the finger between two strokes counts as a faint line of its own, so
// that a character whose strokes are joined, as most people write, looks nearly like
// one whose strokes are not. How many strokes there were, and in which order, hardly
// matters.
//
// The patterns to compare with are made from the middle lines of strokes in npm's
// hanzi-writer-data by inkgen and embedded here: one for each of some 9,700
// characters, and a second, more cursive one where the radical is usually run
// together. Characters of names that the data lacks are put together from parts that
// it has. ARPHICPL.TXT is the licence of the data; `make typing` makes it anew.
//
// A Matcher holds about 6 MB and takes some ten milliseconds to make.
package ink
