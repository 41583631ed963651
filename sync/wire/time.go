package wire

// TimeAnswer is the answer to GET /v1/time: the hub's time, signed like every answer
// and bound to the nonce of the one who asked, so that no old one can be passed off
// as new. A booth that woke up in 1970 finds no certificate valid, and so asks before
// it believes any; the hub's key, which it has pinned, is enough for that.
type TimeAnswer struct {
	HubTimeMS int64 `cbor:"hub_time_ms"`
}
