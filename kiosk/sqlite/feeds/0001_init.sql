-- What the booth holds of the city's feeds. All of it can be fetched again.

-- How far each feed has been carried out.
CREATE TABLE cursor (
	feed TEXT PRIMARY KEY,
	ver  INTEGER NOT NULL
) WITHOUT ROWID;

-- The last item of each name, tombstones too, also of types that this program does
-- not know.
CREATE TABLE item (
	feed        TEXT    NOT NULL,
	bucket      INTEGER NOT NULL,
	type        TEXT    NOT NULL,
	id          TEXT    NOT NULL,
	ver         INTEGER NOT NULL,
	op          INTEGER NOT NULL,
	min_version INTEGER NOT NULL,
	body        BLOB,
	PRIMARY KEY (feed, bucket, type, id)
) WITHOUT ROWID;

-- How long there has been no contact with the city (kiosk.Lease), and to whom all
-- this belongs.
CREATE TABLE lease (
	only       INTEGER PRIMARY KEY CHECK (only = 1),
	owner      TEXT    NOT NULL,
	boot       BLOB    NOT NULL,
	since_ns   INTEGER NOT NULL,
	used_ns    INTEGER NOT NULL,
	contact_ms INTEGER NOT NULL,  -- 0: never
	floor_ms   INTEGER NOT NULL
);
