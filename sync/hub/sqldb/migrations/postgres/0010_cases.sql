-- What the city makes of what residents filed: one row for each filing, by the alias
-- under which the headers of records speak of it. Times are milliseconds since 1970 UTC.
CREATE TABLE cases (
	ref      BYTEA  PRIMARY KEY,
	booth    TEXT   NOT NULL,
	number   TEXT   NOT NULL,
	service  TEXT   NOT NULL,
	action   TEXT   NOT NULL,
	pos      BIGINT NOT NULL,    -- of the record that filed it
	record   BYTEA  NOT NULL,    -- that record's id
	received BIGINT NOT NULL,
	face     TEXT   NOT NULL,    -- kiosk.CaseFace, JSON; what follows stands in it too, to be looked for
	step     TEXT   NOT NULL,    -- '': not a request
	ending   TEXT   NOT NULL,    -- '': open
	owner    TEXT   NOT NULL,
	level    BIGINT NOT NULL,
	due      BIGINT NOT NULL,    -- 0: none
	wish     TEXT   NOT NULL,    -- about data, not met yet
	since    BIGINT NOT NULL
);
CREATE UNIQUE INDEX cases_number ON cases (booth, number);
CREATE        INDEX cases_pos    ON cases (pos);
CREATE        INDEX cases_due    ON cases (due) WHERE ending = '' AND due > 0;
CREATE        INDEX cases_record ON cases (record);
CREATE        INDEX cases_ended  ON cases (since) WHERE ending <> '';

-- What happened to each, in its order. Nothing is ever changed but for an erasure.
CREATE TABLE case_event (
	ref    BYTEA  NOT NULL,
	n      BIGINT NOT NULL,
	at     BIGINT NOT NULL,
	record BYTEA,                 -- id of the record that said it; null: of none
	event  TEXT   NOT NULL,      -- kiosk.CaseEvent, JSON
	PRIMARY KEY (ref, n)
);
CREATE UNIQUE INDEX case_event_record ON case_event (record) WHERE record IS NOT NULL;

-- Records that speak of a filing which is not here yet.
CREATE TABLE case_waiting (
	pos BIGINT PRIMARY KEY,
	ref BYTEA  NOT NULL
);
CREATE INDEX case_waiting_ref ON case_waiting (ref);
