-- The ledger of consents: one line for each filing that asked for one, made from
-- the records. It names nobody: the number is that of the resident's receipt. A
-- withdrawal may arrive before what it withdraws, from another booth: pos is 0 until
-- that comes. The lines stay when the records are erased: they prove the consent.
CREATE TABLE consent (
	number        TEXT    PRIMARY KEY,
	booth         TEXT    NOT NULL DEFAULT '',
	service       TEXT    NOT NULL DEFAULT '',
	given         INTEGER NOT NULL DEFAULT 0,
	wording       TEXT    NOT NULL DEFAULT '',  -- fingerprint of the text that was shown
	lang          TEXT    NOT NULL DEFAULT '',
	pack          TEXT    NOT NULL DEFAULT '',  -- version of the content pack
	helped        INTEGER NOT NULL DEFAULT 0,   -- somebody else filled the form in
	paper         TEXT    NOT NULL DEFAULT '',  -- number of the paper form
	pos           BIGINT  NOT NULL DEFAULT 0,   -- of the record
	withdrawn     BIGINT  NOT NULL DEFAULT 0,   -- ms: when the withdrawal arrived; 0 = it stands
	withdrawn_pos BIGINT  NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE INDEX consent_pos ON consent (pos);
