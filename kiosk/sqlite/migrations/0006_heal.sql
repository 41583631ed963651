-- A book that was found damaged is set aside as book.db.damaged-<n>, and a new one
-- is made of what could be read. epoch is the first of the new book, and missing
-- until it has begun.
CREATE TABLE damaged (
	n     INTEGER PRIMARY KEY,
	epoch INTEGER,
	facts TEXT NOT NULL -- JSON: why, what was kept and what was lost
);

-- Records that were found in a damaged book behind one that is lost: their own
-- stream cannot go on, so they are sent inside records of the new one.
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

-- How long the bodies of records stay at the booth once the city has them. kind is
-- the kind of a record, or its first word with the dot, or empty for all others.
CREATE TABLE retention (
	kind TEXT PRIMARY KEY,
	days INTEGER NOT NULL
) WITHOUT ROWID;

INSERT INTO retention (kind, days) VALUES ('', 180), ('request.', 30), ('slip.', 90), ('door.', 90), ('staff.', 1095);
