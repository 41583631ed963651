CREATE TABLE asset (
	tag   TEXT PRIMARY KEY,
	thing TEXT NOT NULL,
	here  INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE body (
	epoch       INTEGER NOT NULL,
	lane        INTEGER NOT NULL,
	seq         INTEGER NOT NULL,
	facts       BLOB,
	facts_salt  BLOB,
	sealed      BLOB,
	sealed_salt BLOB,
	PRIMARY KEY (epoch, lane, seq)
) WITHOUT ROWID;

CREATE TABLE booking (
	n       INTEGER PRIMARY KEY, -- the running part of its number: its row in request
	number  TEXT NOT NULL UNIQUE,
	slip    BLOB,                -- NULL where only the records were saved from damage
	action  TEXT NOT NULL,       -- book, register
	service TEXT NOT NULL,
	slot    TEXT NOT NULL,       -- '' = the service's list
	date    TEXT NOT NULL,       -- of the slot, in the city's zone; '' = none
	time    TEXT NOT NULL,
	state   TEXT NOT NULL,       -- booked, waiting, cancelled
	ord     INTEGER NOT NULL,    -- who waits moves up in this order
	rev     INTEGER NOT NULL,    -- how often the row was written: a book that is made of records takes the latest
	arrived INTEGER NOT NULL     -- 1: whoever booked was there
);

CREATE TABLE boot (
	count INTEGER PRIMARY KEY,
	id    BLOB NOT NULL -- the kernel's id of that boot
);

CREATE TABLE capsule (
	lock    BLOB    PRIMARY KEY, -- index, 16 bytes
	version INTEGER NOT NULL,
	capsule BLOB    NOT NULL     -- as kiosk.Capsule.Bytes
) WITHOUT ROWID;

CREATE TABLE damaged (
	n     INTEGER PRIMARY KEY,
	epoch INTEGER,
	facts TEXT NOT NULL -- JSON: why, what was kept and what was lost
);

CREATE TABLE duty (
	n        INTEGER PRIMARY KEY, -- in the order in which they took over
	number   TEXT    NOT NULL UNIQUE,
	service  TEXT    NOT NULL,
	name     TEXT    NOT NULL,    -- '' once it is over
	role     TEXT    NOT NULL,    -- as the content pack names it
	at_ms    INTEGER NOT NULL,
	at_state INTEGER NOT NULL,
	over     INTEGER NOT NULL
);

CREATE TABLE epoch (
	n     INTEGER PRIMARY KEY,
	epoch BLOB NOT NULL UNIQUE, -- 16 random bytes
	booth TEXT NOT NULL,
	why   TEXT NOT NULL         -- created, enrolled, rolled_back
);

CREATE TABLE help_call (
	id       BLOB    PRIMARY KEY, -- the key of the tap
	service  TEXT    NOT NULL,
	at_ms    INTEGER NOT NULL,
	at_state INTEGER NOT NULL,
	state    TEXT    NOT NULL     -- open, answered, cancelled, unanswered
) WITHOUT ROWID;

CREATE TABLE intent (
	n        INTEGER PRIMARY KEY,  -- their order
	id       BLOB NOT NULL UNIQUE, -- the submission's key
	ref      BLOB NOT NULL,    -- of the filing: kiosk.RefOf
	record   BLOB NOT NULL,    -- id of the record that says it
	kind     TEXT NOT NULL,
	based_on INTEGER NOT NULL, -- version of the case that the resident saw
	slip     BLOB,             -- the paper that confirms it, where there is one
	wish     TEXT NOT NULL,    -- what that paper says, '' where there is none
	at_ms    INTEGER NOT NULL
);

CREATE TABLE loan (
	slip    BLOB PRIMARY KEY,
	number  TEXT NOT NULL UNIQUE,
	service TEXT NOT NULL,
	thing   TEXT NOT NULL,    -- as the content pack names the kind
	tag     TEXT NOT NULL,    -- of the very thing; '' = staff handed it out
	lent    TEXT NOT NULL,    -- YYYY-MM-DD, as due
	due     TEXT NOT NULL,
	renewed INTEGER NOT NULL, -- how often
	state   TEXT NOT NULL,    -- out, back
	at      TEXT NOT NULL,    -- the booth that it came back to; '' while it is out
	doubt   TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE loose (
	epoch       INTEGER NOT NULL,
	lane        INTEGER NOT NULL,
	seq         INTEGER NOT NULL,
	header      BLOB NOT NULL,
	facts       BLOB,
	facts_salt  BLOB,
	sealed      BLOB,
	sealed_salt BLOB,
	PRIMARY KEY (epoch, lane, seq)
) WITHOUT ROWID;

CREATE TABLE meta (
	key   TEXT PRIMARY KEY,
	value BLOB NOT NULL
) WITHOUT ROWID;

CREATE TABLE migration (
	number BIGINT PRIMARY KEY,
	name   TEXT NOT NULL
);

CREATE TABLE record (
	epoch  INTEGER NOT NULL,
	lane   INTEGER NOT NULL,
	seq    INTEGER NOT NULL,
	header BLOB NOT NULL,
	hashes BLOB NOT NULL,
	PRIMARY KEY (epoch, lane, seq)
) WITHOUT ROWID;

CREATE TABLE request (
	n         INTEGER PRIMARY KEY, -- the running part of its number
	number    TEXT NOT NULL,
	slip      BLOB NOT NULL,
	lock      BLOB NOT NULL,       -- where the paper's record is found
	lock_key  BLOB NOT NULL        -- X25519 public key that the paper opens
);

CREATE TABLE retention (
	kind TEXT PRIMARY KEY,
	days INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE roll (
	only    INTEGER PRIMARY KEY CHECK (only = 1),
	printed INTEGER NOT NULL, -- since it was put in, mm
	near    TEXT NOT NULL,    -- counted, sensed, or '' while it is far from its end
	out     INTEGER NOT NULL  -- 1: the printer said that there is no paper
);

CREATE TABLE service_day (
	only   INTEGER PRIMARY KEY CHECK (only = 1),
	date   TEXT NOT NULL,
	peak   TEXT NOT NULL,
	series INTEGER NOT NULL
);

CREATE TABLE setting (
	name  TEXT PRIMARY KEY,
	value TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE slip (
	id       BLOB PRIMARY KEY,
	action   TEXT NOT NULL,
	service  TEXT NOT NULL,
	number   TEXT NOT NULL,
	lang     TEXT NOT NULL,
	at_ms    INTEGER NOT NULL,
	at_state INTEGER NOT NULL,
	state    TEXT NOT NULL,
	reprints INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE staff_tries (
	only     INTEGER PRIMARY KEY CHECK (only = 1),
	wrong    INTEGER NOT NULL,
	boot     INTEGER NOT NULL, -- count of the boot in which the last one was
	until_ns INTEGER NOT NULL, -- since that boot
	pause_ns INTEGER NOT NULL
);

CREATE TABLE stock (
	thing TEXT PRIMARY KEY,
	moved INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE stream (
	epoch INTEGER NOT NULL REFERENCES epoch (n),
	lane  INTEGER NOT NULL,
	acked INTEGER NOT NULL, note BLOB,
	PRIMARY KEY (epoch, lane)
) WITHOUT ROWID;

CREATE TABLE survey_tally (
	service TEXT    NOT NULL,
	field   TEXT    NOT NULL,
	option  TEXT    NOT NULL,
	n       INTEGER NOT NULL,
	PRIMARY KEY (service, field, option)
) WITHOUT ROWID;

CREATE TABLE tag_count (
	code INTEGER PRIMARY KEY,
	made INTEGER NOT NULL
);

CREATE TABLE ticket (
	service TEXT NOT NULL,
	date    TEXT NOT NULL,
	series  INTEGER NOT NULL,
	number  INTEGER NOT NULL,
	slip    BLOB NOT NULL, ahead INTEGER NOT NULL DEFAULT 0, state TEXT NOT NULL DEFAULT 'waiting', turn INTEGER NOT NULL DEFAULT 0,
	PRIMARY KEY (service, date, series, number)
) WITHOUT ROWID;

CREATE TABLE timekeeping (
	only     INTEGER PRIMARY KEY CHECK (only = 1),
	floor_ms INTEGER NOT NULL, -- how late it was at least when this boot began; 0 = nobody ever said
	source   TEXT    NOT NULL, -- of the last anchor of this boot; '' = none
	boot     INTEGER NOT NULL,
	since_ns INTEGER NOT NULL,
	true_ms  INTEGER NOT NULL,
	unc_ms   INTEGER NOT NULL
);

CREATE TABLE void_paper (
	lock BLOB PRIMARY KEY
) WITHOUT ROWID;

CREATE INDEX booking_date ON booking (date, time, n) WHERE state <> 'cancelled';

CREATE UNIQUE INDEX booking_slip ON booking (slip) WHERE slip IS NOT NULL;

CREATE INDEX booking_slot ON booking (service, slot, state, ord);

CREATE INDEX help_call_open ON help_call (at_ms) WHERE state = 'open';

CREATE INDEX intent_ref ON intent (ref, n);

CREATE INDEX intent_slip ON intent (slip) WHERE slip IS NOT NULL;

CREATE INDEX loan_out ON loan (due) WHERE state = 'out';

CREATE INDEX loan_tag ON loan (tag);

CREATE INDEX slip_unsettled ON slip (at_ms) WHERE state = 'queued';

CREATE INDEX ticket_slip ON ticket (slip);

