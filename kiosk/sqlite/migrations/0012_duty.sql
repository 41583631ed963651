-- Who is on duty, and who was. The name of whose watch is over is forgotten.
CREATE TABLE duty (
	n        INTEGER PRIMARY KEY, -- in the order in which they took over
	number   TEXT    NOT NULL UNIQUE,
	service  TEXT    NOT NULL,
	name     TEXT    NOT NULL,    -- '' once it is over
	role     TEXT    NOT NULL,    -- as the content pack names it
	at_ms    INTEGER NOT NULL,
	at_state INTEGER NOT NULL,
	over     INTEGER NOT NULL
);

INSERT INTO retention (kind, days) VALUES ('duty.', 30) ON CONFLICT DO NOTHING;
