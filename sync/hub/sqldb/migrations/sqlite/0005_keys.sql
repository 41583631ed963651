-- The last attempts of each booth that failed or broke off, in as many slots as are
-- kept, and how many there were of each sort.
CREATE TABLE attempt (
	booth   TEXT    NOT NULL,
	slot    INTEGER NOT NULL,
	n       BIGINT  NOT NULL,  -- grows with each
	at      BIGINT  NOT NULL,
	what    TEXT    NOT NULL,  -- hello, log, urgent, rekey, enrol
	trouble TEXT    NOT NULL,
	detail  TEXT    NOT NULL,
	bytes   BIGINT  NOT NULL,  -- of the body that had come
	took_ms BIGINT  NOT NULL,
	PRIMARY KEY (booth, slot)
);

CREATE TABLE attempt_count (
	booth   TEXT   PRIMARY KEY,
	good    BIGINT NOT NULL,
	bad     BIGINT NOT NULL,
	written BIGINT NOT NULL    -- numbers the rows of attempt
);

-- The keys that a booth has had, with the time from which on each held: what was
-- signed with an older one can be checked for ever.
CREATE TABLE booth_key (
	booth  TEXT   NOT NULL,
	pubkey BLOB   NOT NULL,
	since  BIGINT NOT NULL,
	PRIMARY KEY (booth, pubkey)
);
INSERT INTO booth_key (booth, pubkey, since) SELECT id, pubkey, enrolled FROM booth WHERE pubkey IS NOT NULL;
INSERT INTO attempt_count (booth, good, bad, written) SELECT id, 0, 0, 0 FROM booth WHERE pubkey IS NOT NULL;
