-- What is lent. A loan is a filed form as a request is: its number and what its paper
-- opens stand in the table request.
CREATE TABLE loan (
	slip    BLOB PRIMARY KEY,
	number  TEXT NOT NULL UNIQUE,
	service TEXT NOT NULL,
	thing   TEXT NOT NULL,    -- as the content pack names the kind
	tag     TEXT NOT NULL,    -- of the very thing; '' = staff handed it out
	lent    TEXT NOT NULL,    -- YYYY-MM-DD, as due
	due     TEXT NOT NULL,
	renewed INTEGER NOT NULL, -- how often
	state   TEXT NOT NULL,    -- out, back
	at      TEXT NOT NULL,    -- the booth that it came back to; '' while it is out
	doubt   TEXT NOT NULL
) WITHOUT ROWID;

CREATE INDEX loan_out ON loan (due) WHERE state = 'out';
CREATE INDEX loan_tag ON loan (tag);

-- The tags that this booth made or has met, and whether the thing lies here.
CREATE TABLE asset (
	tag   TEXT PRIMARY KEY,
	thing TEXT NOT NULL,
	here  INTEGER NOT NULL
) WITHOUT ROWID;

-- How many of a kind came here less how many went, beside what the pack says.
CREATE TABLE stock (
	thing TEXT PRIMARY KEY,
	moved INTEGER NOT NULL
) WITHOUT ROWID;

-- How many tags of a kind were made here: numbers are never used again.
CREATE TABLE tag_count (
	code INTEGER PRIMARY KEY,
	made INTEGER NOT NULL
);

-- What became of a ticket, and how many were before it when it was drawn. turn counts
-- the calls of a day's queue: the one with the highest is being served.
ALTER TABLE ticket ADD COLUMN ahead INTEGER NOT NULL DEFAULT 0;
ALTER TABLE ticket ADD COLUMN state TEXT NOT NULL DEFAULT 'waiting'; -- waiting, called, skipped
ALTER TABLE ticket ADD COLUMN turn INTEGER NOT NULL DEFAULT 0;

CREATE INDEX ticket_slip ON ticket (slip);

INSERT INTO retention (kind, days) VALUES ('loan.', 30) ON CONFLICT DO NOTHING;
