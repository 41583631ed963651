package wire

import (
	"redstation/kiosk"
)

// Head says how far a stream is at the end that speaks.
type Head struct {
	Epoch    kiosk.ID   `cbor:"epoch"`
	Lane     kiosk.Lane `cbor:"lane"`
	Last     uint64     `cbor:"last"`
	OldestMS int64      `cbor:"oldest_ms,omitempty"` // booth: wall clock of its first record that is not acknowledged
	Acked    uint64     `cbor:"acked,omitempty"`     // booth: how far it knows the hub to be
	Root     []byte     `cbor:"root,omitempty"`      // hub: root of the tree of the first Last headers
	Note     []byte     `cbor:"note,omitempty"`      // hub: the checkpoint of Last, cosigned, where the booth does not know of it
}

// Stream returns the stream that the head is of.
func (h *Head) Stream() kiosk.Stream { return kiosk.Stream{Epoch: h.Epoch, Lane: h.Lane} }

// Hello is what a booth says now and then: who it is and what it has.
type Hello struct {
	Proto   uint   `cbor:"proto"`
	Version string `cbor:"version"` // of the booth's program
	Printer string `cbor:"printer"` // a kiosk.PrinterState
	Heads   []Head `cbor:"heads"`
	// Feeds says how far the booth has carried out each feed, durably: an erasure up
	// to there has been done.
	Feeds []FeedAt `cbor:"feeds,omitempty"`
}

// HelloAnswer is what the hub knows of the booth. Its heads are the authority to
// resume from.
type HelloAnswer struct {
	HubTimeMS    int64  `cbor:"hub_time_ms"`
	RetryAfterMS int64  `cbor:"retry_after_ms,omitempty"`
	MaxRecords   int    `cbor:"max_records"`
	MaxBytes     int    `cbor:"max_bytes"` // of a batch before compression
	Heads        []Head `cbor:"heads"`     // of every stream of this booth that the hub has
	CityKeyID    uint32 `cbor:"city_key_id"`
	CityKey      []byte `cbor:"city_key"`
	// Next announces the key that will follow on the one that signed this answer.
	Next *Rotation `cbor:"next,omitempty"`
}

// Ack is the answer to a batch. Acked alone moves the booth's queue: the hub has
// every record of the stream up to it, durably.
type Ack struct {
	Acked        uint64 `cbor:"acked"`
	Root         []byte `cbor:"root"`           // of the tree of the first Acked headers
	Note         []byte `cbor:"note,omitempty"` // the booth's checkpoint of it, with the hub's signature
	HubTimeMS    int64  `cbor:"hub_time_ms"`
	RetryAfterMS int64  `cbor:"retry_after_ms,omitempty"`
}

// Enrol introduces a booth's key with the one-time code of its enrolment string.
type Enrol struct {
	Proto    uint   `cbor:"proto,omitempty"` // 0 = 1
	Booth    string `cbor:"booth"`
	Code     string `cbor:"code"`
	Key      []byte `cbor:"key"`                // Ed25519 public key
	Hardware string `cbor:"hardware,omitempty"` // a hint for the admin, never a proof
}

// EnrolAnswer is what makes a booth part of the city. The hub's key is the key
// that signed the answer.
type EnrolAnswer struct {
	Booth     string `cbor:"booth"`
	Name      string `cbor:"name"`
	HubTimeMS int64  `cbor:"hub_time_ms"`
	CityKeyID uint32 `cbor:"city_key_id"`
	CityKey   []byte `cbor:"city_key"`
}

// Trouble is the kind of a Problem. The list is append-only.
type Trouble string

// The kinds of trouble.
const (
	TroubleChallenge Trouble = "challenge"    // 401: ask again with the challenge of this answer
	TroubleSignature Trouble = "signature"    // 401: the signature does not verify
	TroubleRevoked   Trouble = "revoked"      // 403: the booth is not known here, or its key was revoked
	TroubleNeed      Trouble = "need"         // 409: a gap; send from seq Need on
	TroubleFork      Trouble = "fork"         // 409: other bytes under known seqs; everything up to Kept was set aside
	TroubleTooLarge  Trouble = "too_large"    // 413: send less at once
	TroubleMalformed Trouble = "malformed"    // 400: not this protocol
	TroubleBusy      Trouble = "busy"         // 429 or 503: come again after RetryAfterMS
	TroubleCode      Trouble = "code"         // 403: no such enrolment code
	TroubleSpent     Trouble = "code_spent"   // 403: the code was used, or tried too often
	TroubleExpired   Trouble = "code_expired" // 403: the code is older than a day
	TroubleCert      Trouble = "client_cert"  // 403: this hub wants a client certificate of its city's authority
	TroubleProto     Trouble = "proto"        // 400: another version of the protocol; see Spoken
)

// Problem is the body of every answer that is not a success.
type Problem struct {
	Trouble      Trouble `cbor:"trouble"`
	Detail       string  `cbor:"detail,omitempty"` // for the log
	Need         uint64  `cbor:"need,omitempty"`
	Kept         uint64  `cbor:"kept,omitempty"`
	Spoken       []uint  `cbor:"spoken,omitempty"` // the versions of the protocol that the hub speaks
	HubTimeMS    int64   `cbor:"hub_time_ms"`
	RetryAfterMS int64   `cbor:"retry_after_ms,omitempty"`
}

// Marshal encodes one of the messages of this file (CBOR, deterministic).
func Marshal(message any) ([]byte, error) {
	b, err := encMode.Marshal(message)
	if err != nil {
		return nil, kiosk.Errorf(kiosk.CodeInternal, "error.internal", "encode %T: %w", message, err)
	}
	return b, nil
}

// Unmarshal decodes a message. Unknown fields are ignored. The error has kiosk.CodeInvalid.
func Unmarshal(b []byte, message any) error {
	if err := decMode.Unmarshal(b, message); err != nil {
		return malformed("decode %T: %w", message, err)
	}
	return nil
}
