-- What is known of time beside the wall clock: one row, brought up to date when a boot
-- is counted and when an anchor is written.
CREATE TABLE timekeeping (
	only     INTEGER PRIMARY KEY CHECK (only = 1),
	floor_ms INTEGER NOT NULL, -- how late it was at least when this boot began; 0 = nobody ever said
	source   TEXT    NOT NULL, -- of the last anchor of this boot; '' = none
	boot     INTEGER NOT NULL,
	since_ns INTEGER NOT NULL,
	true_ms  INTEGER NOT NULL,
	unc_ms   INTEGER NOT NULL
);

INSERT INTO timekeeping (only, floor_ms, source, boot, since_ns, true_ms, unc_ms) VALUES (1, 0, '', 0, 0, 0, 0);

-- What papers open: the newest version of each capsule. What the papers of requests
-- from before opened was nothing.
CREATE TABLE capsule (
	lock    BLOB    PRIMARY KEY, -- index, 16 bytes
	version INTEGER NOT NULL,
	capsule BLOB    NOT NULL     -- as kiosk.Capsule.Bytes
) WITHOUT ROWID;
