package kiosk

import "time"

// Station is a booth as the city sees it.
type Station struct {
	ID          string
	Name        string
	EnrolledAt  time.Time // zero until its key is known
	Revoked     bool
	LastContact time.Time // by the hub's clock; zero if never
	Version     string    // of the booth's program
	Behind      int64     // records that the booth has and the hub has not, by the booth's own word
	Oldest      time.Time // wall clock of the oldest of them; zero if none
	Records     int64     // stored at the hub
	Printer     PrinterState
	LastError   string // why its last contact failed, in one line; empty if it did not
	Forked      int64  // streams that two books wrote, and that nobody has looked into yet
}

// Attempt is a request of a booth that failed at the hub or was broken off.
type Attempt struct {
	At      time.Time // by the hub's clock
	What    string    // "hello", "log", "urgent", "rekey", "enrol"
	Trouble string    // what kind; "aborted": the other end broke off
	Detail  string    // in one line
	Bytes   int64     // of its body that had come
	Took    time.Duration
}

// Entry is one record as the city reads it.
type Entry struct {
	Pos      int64 // place in the hub's own order: a cursor for pulls
	Booth    string
	Name     string // the booth's name
	Epoch    ID
	Lane     Lane
	Seq      uint64
	ID       ID
	Kind     Kind
	Ref      string // hex, or empty
	Wall     time.Time
	Clock    ClockState
	Received time.Time
	When     Instant // as far as the hub can tell
	Facts    []byte  // JSON, nil where erased
	Sealed   bool    // there are sealed bytes to open
	Header   []byte  // filled for one record in full, not in lists
}

// LogQuery filters the log. Zero fields do not filter.
type LogQuery struct {
	Booth    string
	Kind     Kind
	Lane     *Lane
	Since    time.Time // received at the hub at or after
	Until    time.Time // received before
	After    int64     // entries with a larger Pos, oldest first
	Before   int64     // entries with a smaller Pos, newest first
	Backward bool      // newest first, from the end or from Before
	Limit    int       // 0 = 50; at most 5000
}

// Account is someone who may sign in to the hub's console.
type Account struct {
	Name       string
	Role       string // "admin" now; the four levels come with the console
	Disabled   bool
	MustChange bool // signed in with a one-time password
	CreatedAt  time.Time
}

// AuditLine says who did what at the hub.
type AuditLine struct {
	At     time.Time
	Who    string
	Deed   string // "signed_in", "opened_sealed", "exported", ...
	Object string // "record 812", a filter; no personal data
	Reason string
}

// LoanLine is a loan that is out, as the city reads it. It names nobody: who it was is
// sealed in the record at Pos.
type LoanLine struct {
	Number  string
	Booth   string
	Service string
	Thing   string
	Tag     AssetTag
	Due     string // YYYY-MM-DD
	Doubt   Doubt
	Pos     int64
}
