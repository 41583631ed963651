-- Places in slots: bookings, registrations, and their waiting lists. Who has one
-- nobody at the booth can tell.
CREATE TABLE booking (
	n       INTEGER PRIMARY KEY, -- the running part of its number: its row in request
	number  TEXT NOT NULL UNIQUE,
	slip    BLOB,                -- NULL where only the records were saved from damage
	action  TEXT NOT NULL,       -- book, register
	service TEXT NOT NULL,
	slot    TEXT NOT NULL,       -- '' = the service's list
	date    TEXT NOT NULL,       -- of the slot, in the city's zone; '' = none
	time    TEXT NOT NULL,
	state   TEXT NOT NULL,       -- booked, waiting, cancelled
	ord     INTEGER NOT NULL,    -- who waits moves up in this order
	rev     INTEGER NOT NULL,    -- how often the row was written: a book that is made of records takes the latest
	arrived INTEGER NOT NULL     -- 1: whoever booked was there
);

CREATE INDEX booking_slot ON booking (service, slot, state, ord);
CREATE INDEX booking_date ON booking (date, time, n) WHERE state <> 'cancelled';
CREATE UNIQUE INDEX booking_slip ON booking (slip) WHERE slip IS NOT NULL;

-- The sealed names stay as long as somebody may still be expected.
INSERT INTO retention (kind, days) VALUES ('booking.', 90), ('registration.', 90), ('attendance.', 90);
