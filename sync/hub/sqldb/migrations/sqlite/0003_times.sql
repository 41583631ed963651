-- What the hub needs to work out when a record was written. Both tables are made of
-- records alone, and can be made anew from them. Both are keyed by booth first.

-- How far each boot of a booth is known, from each stream.
CREATE TABLE boot (
	booth      TEXT    NOT NULL,
	epoch      BLOB    NOT NULL,
	lane       INTEGER NOT NULL,
	boot_count BIGINT  NOT NULL,
	boot_id    BLOB    NOT NULL,
	last_ns    BIGINT  NOT NULL,  -- since boot, of the last record
	begin_ms   BIGINT  NOT NULL,  -- it began no later: the least of receipt less time since boot
	PRIMARY KEY (booth, epoch, boot_count, boot_id, lane)
) WITHOUT ROWID;
CREATE INDEX boot_everywhere ON boot (booth, boot_count, boot_id);

-- Moments of a boot at which somebody told the time.
CREATE TABLE anchor (
	booth      TEXT   NOT NULL,
	boot_count BIGINT NOT NULL,
	boot_id    BLOB   NOT NULL,
	since_ns   BIGINT NOT NULL,  -- since boot
	source     TEXT   NOT NULL,  -- hub, ntp, hand, rtc
	true_ms    BIGINT NOT NULL,
	unc_ms     BIGINT NOT NULL,  -- give or take
	PRIMARY KEY (booth, boot_count, boot_id, since_ns, source)
) WITHOUT ROWID;

-- What the last paper of each request opens, sealed and signed by the hub. A paper
-- that was reprinted took the place of the one before.
CREATE TABLE capsule (
	booth    TEXT   NOT NULL,
	number   TEXT   NOT NULL,
	lock     BLOB   NOT NULL,  -- where the paper finds it
	service  TEXT   NOT NULL,
	received BIGINT NOT NULL,  -- when the request arrived
	pos      BIGINT NOT NULL,  -- of the record that brought it
	version  BIGINT NOT NULL,
	capsule  BLOB   NOT NULL,
	PRIMARY KEY (booth, number)
) WITHOUT ROWID;
