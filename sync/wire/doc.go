// Package wire is the protocol between a booth and the city's hub, both ends of
// it, and the protocol by which records are pulled from the hub.
//
// A booth speaks in signed POST requests: it enrols once, says hello now and
// then, and pushes batches of records. A batch is a CBOR sequence (RFC 8742): a
// header item, then five items a record, so that the bytes that were hashed on
// the booth are the bytes that travel. All request bodies are compressed with
// zstd. Requests are signed with one fixed profile of HTTP Message Signatures
// (RFC 9421), with a nonce made of a challenge of the hub and random bits of the
// booth; there is no freshness by time, because a booth's clock cannot be
// trusted, and every request may be repeated without effect.
//
// Every answer of the hub is signed as well, over its status, its body and the
// nonce of the request it answers. An answer that does not verify must change
// nothing.
//
// Pulls are for people and their programs: NDJSON or CSV over a bearer token.
package wire

import "time"

// Proto is the version of the protocol. A batch's header begins with it.
const Proto = 1

// The paths of the hub.
const (
	PathChallenge = "/v1/challenge"
	PathTime      = "/v1/time"
	PathKeys      = "/v1/keys"
	PathEnrol     = "/v1/enrol"
	PathHello     = "/v1/hello"
	PathRekey     = "/v1/rekey"
	PathUp        = "/v1/up/" // and the lane: "log" or "urgent"
	PathAPI       = "/api/v1/"
	PathRecords   = PathAPI + "records"
	PathNotes     = PathAPI + "checkpoints"
	PathOpenAPI   = PathAPI + "openapi.json" // the description of what lies under PathAPI
	PathMetrics   = PathAPI + "metrics"
	PathCases     = PathAPI + "cases"
	PathCaseDo    = PathAPI + "cases/do"
)

// The media types of bodies.
const (
	TypeBatch    = "application/cbor-seq"
	TypeMessage  = "application/cbor"
	TypeRows     = "application/x-ndjson"
	TypeTable    = "text/csv"
	TypeProblem  = "application/problem+json" // RFC 9457
	EncodingZstd = "zstd"
)

// The limits of the hub. A request beyond them is answered with 413 and changes
// nothing; a record cannot be too large, because the book refuses it first.
const (
	MaxRecords = 5000    // records in a batch
	MaxRaw     = 4 << 20 // bytes of a body after decompression
	MaxBody    = 2 << 20 // bytes of a body on the line
	MaxAnswer  = 1 << 20 // bytes of an answer
	MaxStreams = 256     // streams in a hello

	MaxPage = 5000             // rows of a pull
	MaxAsk  = 100              // booths, and kinds, that one pull may name
	MaxWait = 30 * time.Second // longest wait of a pull for new rows
)
