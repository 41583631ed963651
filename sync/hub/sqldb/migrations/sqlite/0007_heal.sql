-- How long the hub keeps the bodies of records after it received them. kind is the
-- kind of a record, or its first word with the dot; "audit" stands for the lines of
-- the audit log. What no rule names stays until it is erased. done is the position up
-- to which the rule has been carried out.
CREATE TABLE retention (
	kind TEXT   PRIMARY KEY,
	days BIGINT NOT NULL,
	done BIGINT NOT NULL DEFAULT 0
);

INSERT INTO retention (kind, days) VALUES ('door.', 90), ('staff.', 1095), ('audit', 1095);
