-- What a token is limited to. Lists have a space between their items; '' = no limit.
ALTER TABLE token ADD COLUMN booths  TEXT   NOT NULL DEFAULT '';
ALTER TABLE token ADD COLUMN kinds   TEXT   NOT NULL DEFAULT '';
ALTER TABLE token ADD COLUMN expires BIGINT NOT NULL DEFAULT 0;   -- 0 = never

-- Who is sent new records.
CREATE TABLE webhook (
	id      TEXT    PRIMARY KEY,
	url     TEXT    NOT NULL,
	secret  BLOB    NOT NULL,           -- deliveries are signed with it
	kinds   TEXT    NOT NULL,           -- with a space between; '' = all
	lane    INTEGER NOT NULL,           -- -1 = both
	private INTEGER NOT NULL,           -- 1 = may lead into a private network
	pos     BIGINT  NOT NULL,           -- what is up to here was delivered or given up
	created BIGINT  NOT NULL
);

-- Records after from_pos up to to_pos that match, sent as one message. It is
-- written down before it is sent, so that its id stays through a power cut.
CREATE TABLE webhook_delivery (
	id       TEXT   PRIMARY KEY,
	hook     TEXT   NOT NULL REFERENCES webhook (id),
	from_pos BIGINT NOT NULL,
	to_pos   BIGINT NOT NULL,
	n        BIGINT NOT NULL,           -- records in it
	state    TEXT   NOT NULL,           -- pending, delivered, dead, again
	created  BIGINT NOT NULL,
	due      BIGINT NOT NULL,           -- next attempt
	ended    BIGINT NOT NULL,
	tries    BIGINT NOT NULL,
	error    TEXT   NOT NULL            -- of the last attempt
);
CREATE INDEX webhook_delivery_hook ON webhook_delivery (hook, state, to_pos);

CREATE TABLE webhook_attempt (
	id       INTEGER PRIMARY KEY,
	delivery TEXT   NOT NULL REFERENCES webhook_delivery (id),
	at       BIGINT NOT NULL,
	ms       BIGINT NOT NULL,
	status   BIGINT NOT NULL,           -- of HTTP; 0 = there was no answer
	error    TEXT   NOT NULL
);
CREATE INDEX webhook_attempt_delivery ON webhook_attempt (delivery, id);
