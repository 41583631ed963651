-- What the city publishes to its booths. Times are milliseconds since 1970 UTC.

CREATE TABLE feed (
	name  TEXT   PRIMARY KEY,
	ver   BIGINT NOT NULL,             -- of the last item
	floor BIGINT NOT NULL DEFAULT 0,   -- pages begin behind this version; what is older stands in segments only
	sums  BLOB   NOT NULL,             -- checksum of each bucket, 256 times 16 bytes
	at    BIGINT NOT NULL              -- when it was last published in
);
CREATE INDEX feed_at ON feed (at);

-- An item stays when a later one of its name has come, until it is compacted.
CREATE TABLE feed_item (
	feed        TEXT    NOT NULL,
	ver         BIGINT  NOT NULL,
	bucket      INTEGER NOT NULL,
	type        TEXT    NOT NULL,
	id          TEXT    NOT NULL,
	op          INTEGER NOT NULL,
	min_version BIGINT  NOT NULL,
	body        BLOB,
	record      BLOB,                  -- id of the record that it was made from; null: of none
	at          BIGINT  NOT NULL,
	live        INTEGER NOT NULL,      -- 1: there is no later one of its name
	PRIMARY KEY (feed, ver)
);
CREATE UNIQUE INDEX feed_item_live   ON feed_item (feed, bucket, type, id) WHERE live = 1;
CREATE        INDEX feed_item_record ON feed_item (record) WHERE record IS NOT NULL;

-- How far each booth has carried out each feed, by its own word.
CREATE TABLE feed_reach (
	booth TEXT   NOT NULL,
	feed  TEXT   NOT NULL,
	ver   BIGINT NOT NULL,
	at    BIGINT NOT NULL,             -- when it said so first
	PRIMARY KEY (booth, feed)
);

-- Records whose body was erased: it is not taken again, whoever brings it.
CREATE TABLE erasure (
	booth  TEXT    NOT NULL,
	epoch  BLOB    NOT NULL,
	lane   INTEGER NOT NULL,
	seq    BIGINT  NOT NULL,
	record BLOB    NOT NULL,           -- the record's id
	at     BIGINT  NOT NULL,
	PRIMARY KEY (booth, epoch, lane, seq)
);

-- The items that tell booths of an erasure.
CREATE TABLE erasure_item (
	record BLOB   NOT NULL,
	feed   TEXT   NOT NULL,
	ver    BIGINT NOT NULL,
	PRIMARY KEY (record, feed, ver)
);
