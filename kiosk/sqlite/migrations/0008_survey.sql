-- How often each listed answer of a survey was given at this booth.
CREATE TABLE survey_tally (
	service TEXT    NOT NULL,
	field   TEXT    NOT NULL,
	option  TEXT    NOT NULL,
	n       INTEGER NOT NULL,
	PRIMARY KEY (service, field, option)
) WITHOUT ROWID;
