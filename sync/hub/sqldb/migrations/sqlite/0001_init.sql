-- Times are milliseconds since 1970 UTC by the hub's clock, unless said otherwise.

CREATE TABLE booth (
	id       TEXT   PRIMARY KEY,
	name     TEXT   NOT NULL,
	created  BIGINT NOT NULL,
	pubkey   BLOB,                        -- Ed25519, 32 bytes; null until enrolled
	enrolled BIGINT NOT NULL DEFAULT 0,
	revoked  BIGINT NOT NULL DEFAULT 0,   -- 0 = it is not
	contact  BIGINT NOT NULL DEFAULT 0,   -- last verified request
	version  TEXT   NOT NULL DEFAULT '',
	printer  TEXT   NOT NULL DEFAULT '',
	error    TEXT   NOT NULL DEFAULT '',  -- of the last attempt; '' = it went well
	error_at BIGINT NOT NULL DEFAULT 0
);

-- The one enrolment code that a booth has at a time.
CREATE TABLE invite (
	booth   TEXT   PRIMARY KEY REFERENCES booth (id),
	code    BLOB   NOT NULL,              -- HMAC-SHA-256 of the code, keyed with the booth
	expires BIGINT NOT NULL,
	tries   BIGINT NOT NULL DEFAULT 0,    -- wrong codes so far
	used    BIGINT NOT NULL DEFAULT 0,
	pubkey  BLOB                          -- of the booth that used it
);

CREATE TABLE stream (
	id          INTEGER PRIMARY KEY,
	booth       TEXT    NOT NULL REFERENCES booth (id),
	epoch       BLOB    NOT NULL,
	lane        INTEGER NOT NULL,
	head        BIGINT  NOT NULL DEFAULT 0,  -- seq of the last record that is stored
	edge        BLOB    NOT NULL,            -- right edge of the Merkle tree of the headers, 32 bytes a level
	frozen      BIGINT  NOT NULL DEFAULT 0,  -- when a fork was found; 0 = never
	told_last   BIGINT  NOT NULL DEFAULT 0,  -- the booth's own head, from its last hello
	told_oldest BIGINT  NOT NULL DEFAULT 0,  -- wall clock of its first record that was not acknowledged then
	UNIQUE (booth, epoch, lane)
);

-- What was accepted at once: n records of one stream, from seq first, at the
-- positions pos to pos+n-1. Rows are never deleted, so that no position comes twice.
CREATE TABLE batch (
	pos      INTEGER PRIMARY KEY,
	n        INTEGER NOT NULL,
	booth    TEXT    NOT NULL,
	lane     INTEGER NOT NULL,
	stream   INTEGER NOT NULL REFERENCES stream (id),
	first    BIGINT  NOT NULL,
	received BIGINT  NOT NULL,
	root     BLOB    NOT NULL  -- the booth's signed word for the tree after its last record
);
CREATE UNIQUE INDEX batch_stream   ON batch (stream, first);
CREATE UNIQUE INDEX batch_booth    ON batch (booth, pos);
CREATE UNIQUE INDEX batch_lane     ON batch (lane, pos);
CREATE        INDEX batch_received ON batch (received, pos);

CREATE TABLE kind (
	id   INTEGER PRIMARY KEY,
	name TEXT    NOT NULL UNIQUE
);

-- The records, as they came: the five CBOR items of the wire.
CREATE TABLE record (
	pos  INTEGER PRIMARY KEY,
	kind INTEGER NOT NULL,
	raw  BLOB    NOT NULL
);
CREATE INDEX record_kind ON record (kind, pos);

-- Records that are stored and could not be made sense of.
CREATE TABLE quarantine (
	pos     INTEGER PRIMARY KEY REFERENCES record (pos),
	reason  TEXT    NOT NULL,
	version TEXT    NOT NULL,  -- of the hub's program that tried last
	tries   INTEGER NOT NULL
);

-- Other bytes under a seq that is known: set aside for whoever looks into it.
CREATE TABLE fork (
	booth    TEXT    NOT NULL,
	epoch    BLOB    NOT NULL,
	lane     INTEGER NOT NULL,
	seq      BIGINT  NOT NULL,
	leaf     BLOB    NOT NULL,  -- hash of the header, so that a repetition is not stored twice
	received BIGINT  NOT NULL,
	raw      BLOB    NOT NULL,
	PRIMARY KEY (booth, epoch, lane, seq, leaf)
);

CREATE TABLE token (
	name    TEXT   PRIMARY KEY,
	scope   TEXT   NOT NULL,
	hash    BLOB   NOT NULL UNIQUE,       -- SHA-256
	created BIGINT NOT NULL,
	used    BIGINT NOT NULL DEFAULT 0,
	revoked BIGINT NOT NULL DEFAULT 0
);

CREATE TABLE account (
	name        TEXT    PRIMARY KEY,
	role        TEXT    NOT NULL,
	password    TEXT    NOT NULL,         -- argon2id, PHC string
	must_change INTEGER NOT NULL,
	created     BIGINT  NOT NULL,
	disabled    BIGINT  NOT NULL DEFAULT 0
);

CREATE TABLE session (
	hash    BLOB   PRIMARY KEY,           -- SHA-256
	account TEXT   NOT NULL REFERENCES account (name),
	created BIGINT NOT NULL,
	seen    BIGINT NOT NULL
);
CREATE INDEX session_account ON session (account);

CREATE TABLE audit (
	id     INTEGER PRIMARY KEY,
	at     BIGINT  NOT NULL,
	who    TEXT    NOT NULL,
	deed   TEXT    NOT NULL,
	object TEXT    NOT NULL,
	reason TEXT    NOT NULL
);

-- Facts about the store itself: 'hub_key' is the fingerprint of the key that its booths know.
CREATE TABLE meta (
	name  TEXT PRIMARY KEY,
	value TEXT NOT NULL
);
