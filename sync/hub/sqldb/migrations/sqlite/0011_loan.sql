-- What booths lent, by the number of the receipt, as their records tell.
CREATE TABLE loan (
	number  TEXT   PRIMARY KEY,
	booth   TEXT   NOT NULL,
	service TEXT   NOT NULL,
	thing   TEXT   NOT NULL,
	tag     TEXT   NOT NULL, -- '' = it had none
	due     TEXT   NOT NULL, -- YYYY-MM-DD
	lent    BIGINT NOT NULL, -- ms
	state   TEXT   NOT NULL, -- out, back
	at      TEXT   NOT NULL, -- the booth that it came back to
	doubt   TEXT   NOT NULL,
	pos     BIGINT NOT NULL  -- of the record that tells of the loan
);

CREATE INDEX loan_tag ON loan (tag, lent);
CREATE INDEX loan_due ON loan (state, due, number);

-- Where things with a tag were seen last, and where before.
CREATE TABLE asset (
	tag    TEXT   PRIMARY KEY,
	thing  TEXT   NOT NULL,
	state  TEXT   NOT NULL, -- out, back
	booth  TEXT   NOT NULL, -- where it lies, or which booth lent it
	seen   BIGINT NOT NULL  -- ms
);

-- Returns that no loan is known for: the loan may still be on its way.
CREATE TABLE loan_back (
	pos    BIGINT PRIMARY KEY, -- of the record
	booth  TEXT   NOT NULL,
	number TEXT   NOT NULL,
	tag    TEXT   NOT NULL,
	at     BIGINT NOT NULL     -- ms
);

CREATE INDEX loan_back_tag ON loan_back (tag, at);
CREATE INDEX loan_back_number ON loan_back (number);
