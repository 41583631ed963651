-- What residents asked for is kept for 90 days, too.
INSERT INTO retention (kind, days) VALUES ('request.', 90) ON CONFLICT DO NOTHING;
