-- Calls for a person to come: one is open at most.
CREATE TABLE help_call (
	id       BLOB    PRIMARY KEY, -- the key of the tap
	service  TEXT    NOT NULL,
	at_ms    INTEGER NOT NULL,
	at_state INTEGER NOT NULL,
	state    TEXT    NOT NULL     -- open, answered, cancelled, unanswered
) WITHOUT ROWID;

CREATE INDEX help_call_open ON help_call (at_ms) WHERE state = 'open';
