-- Papers whose place another one took: whoever holds one is told so.
CREATE TABLE void_paper (
	lock BLOB PRIMARY KEY
) WITHOUT ROWID;

-- What residents said about what they had filed, by a receipt, here: until the city
-- has taken it up, their screen says that it is on its way.
CREATE TABLE intent (
	n        INTEGER PRIMARY KEY,  -- their order
	id       BLOB NOT NULL UNIQUE, -- the submission's key
	ref      BLOB NOT NULL,    -- of the filing: kiosk.RefOf
	record   BLOB NOT NULL,    -- id of the record that says it
	kind     TEXT NOT NULL,
	based_on INTEGER NOT NULL, -- version of the case that the resident saw
	slip     BLOB,             -- the paper that confirms it, where there is one
	wish     TEXT NOT NULL,    -- what that paper says, '' where there is none
	at_ms    INTEGER NOT NULL
);

CREATE INDEX intent_ref ON intent (ref, n);
CREATE INDEX intent_slip ON intent (slip) WHERE slip IS NOT NULL;
