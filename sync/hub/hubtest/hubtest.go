// Package hubtest is the conformance suite of the hub's store.
package hubtest
