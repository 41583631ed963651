package kiosk

import (
	"errors"
	"fmt"
)

// Code says what kind of trouble an error is, for machines. Codes cross the wire
// and are append-only: a code keeps its meaning for ever.
type Code string

// The codes.
const (
	CodeInvalid     Code = "invalid"     // the input breaks a rule; the caller can mend it
	CodeNotFound    Code = "not_found"   // no such thing here
	CodeConflict    Code = "conflict"    // it contradicts what is already stored
	CodeDenied      Code = "denied"      // the caller may not do this
	CodeUnavailable Code = "unavailable" // not now: busy, full, or switched off
	CodeOffline     Code = "offline"     // it needs the line, and the line is down
	CodeInternal    Code = "internal"    // a fault of ours
)

// Error is the one error type of the house. Code is for machines, Key names the
// sentence that a person reads (a translation key such as "error.phone"), Err is
// the cause for the log. Field names the form field that is wrong, if one is.
type Error struct {
	Code  Code
	Key   string
	Field string
	Err   error
}

// Error returns the sentence for the log: the cause if there is one, else the key.
func (e *Error) Error() string {
	if e.Err != nil {
		return e.Err.Error()
	}
	if e.Field != "" {
		return fmt.Sprintf("%s: %s (%s)", e.Code, e.Key, e.Field)
	}
	return fmt.Sprintf("%s: %s", e.Code, e.Key)
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Errorf makes an Error with a cause made by fmt.Errorf, so that %w keeps chains whole.
func Errorf(code Code, key, format string, args ...any) error {
	return &Error{Code: code, Key: key, Err: fmt.Errorf(format, args...)}
}

// CodeOf returns the code of the first Error in err's chain, CodeInternal for any
// other error, and "" for nil.
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return CodeInternal
}

// KeyOf returns the translation key of the first Error in err's chain, or
// "error.internal" where there is none.
func KeyOf(err error) string {
	var e *Error
	if errors.As(err, &e) && e.Key != "" {
		return e.Key
	}
	return "error.internal"
}
