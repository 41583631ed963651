package sqldb

// BucketQuery is bucketQuery, for tests of its plan.
const BucketQuery = bucketQuery
