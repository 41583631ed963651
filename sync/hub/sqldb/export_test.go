package sqldb

// LogQuery lets the test look at the plans of the log's queries.
var LogQuery = logQuery
