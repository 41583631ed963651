-- The last checkpoint of each stream: a signed note with the booth's signature and
-- the hub's.
CREATE TABLE checkpoint (
	booth  TEXT    NOT NULL,
	epoch  BYTEA   NOT NULL,
	lane   BIGINT  NOT NULL,
	size   BIGINT  NOT NULL,
	note   BYTEA   NOT NULL,
	pubkey BYTEA   NOT NULL,  -- the booth's key that signed it
	hubkey BYTEA   NOT NULL,  -- the hub's
	PRIMARY KEY (booth, epoch, lane)
);

-- What the booth signed for records that were set aside: with the checkpoint of the
-- stream it proves that one key signed two histories.
CREATE TABLE fork_note (
	booth    TEXT    NOT NULL,
	epoch    BYTEA   NOT NULL,
	lane     BIGINT  NOT NULL,
	size     BIGINT  NOT NULL,
	root     BYTEA   NOT NULL,
	received BIGINT  NOT NULL,
	note     BYTEA   NOT NULL,
	PRIMARY KEY (booth, epoch, lane, size, root)
);

-- Forks that somebody has looked into: they are no alarm any more. A row goes when
-- more is set aside.
CREATE TABLE fork_done (
	booth TEXT    NOT NULL,
	epoch BYTEA   NOT NULL,
	lane  BIGINT  NOT NULL,
	at    BIGINT  NOT NULL,
	PRIMARY KEY (booth, epoch, lane)
);
