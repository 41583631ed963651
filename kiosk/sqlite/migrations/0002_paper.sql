-- The roll of paper in the printer: one row.
CREATE TABLE roll (
	only    INTEGER PRIMARY KEY CHECK (only = 1),
	printed INTEGER NOT NULL, -- since it was put in, mm
	near    TEXT NOT NULL,    -- counted, sensed, or '' while it is far from its end
	out     INTEGER NOT NULL  -- 1: the printer said that there is no paper
);

INSERT INTO roll (only, printed, near, out) VALUES (1, 0, '', 0);
