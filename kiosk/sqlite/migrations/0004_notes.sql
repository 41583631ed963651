-- The last checkpoint of a stream that the city cosigned: a signed note. Whoever holds
-- it can show what the city once said to have.
ALTER TABLE stream ADD COLUMN note BLOB;
