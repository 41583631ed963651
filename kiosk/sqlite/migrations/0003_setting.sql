-- What staff set at the booth, and the PINs that were wrong since the last right one.

CREATE TABLE setting (
	name  TEXT PRIMARY KEY,
	value TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE staff_tries (
	only     INTEGER PRIMARY KEY CHECK (only = 1),
	wrong    INTEGER NOT NULL,
	boot     INTEGER NOT NULL, -- count of the boot in which the last one was
	until_ns INTEGER NOT NULL, -- since that boot
	pause_ns INTEGER NOT NULL
);
