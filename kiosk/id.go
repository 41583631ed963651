package kiosk

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"

	"github.com/google/uuid"
)

// ID is 128 opaque bits: a record's id (a UUIDv7, whose time part is not to be
// read: the clock may be wrong), an epoch, a boot, a submission.
type ID [16]byte

// NewID returns a fresh UUIDv7 (RFC 9562).
func NewID() ID { return ID(uuid.Must(uuid.NewV7())) }

// RandomID returns 128 random bits: for epochs and aliases, which must tell nothing.
func RandomID() ID {
	var id ID
	rand.Read(id[:]) // never fails (crypto/rand)
	return id
}

// ParseID reads 32 hex digits. The error has CodeInvalid.
func ParseID(s string) (ID, error) {
	var id ID
	if hex.DecodedLen(len(s)) != len(id) {
		return ID{}, Errorf(CodeInvalid, "error.id", "id has %d characters, want 32", len(s))
	}
	if _, err := hex.Decode(id[:], []byte(s)); err != nil {
		return ID{}, Errorf(CodeInvalid, "error.id", "id: %w", err)
	}
	return id, nil
}

// String returns 32 hex digits.
func (id ID) String() string { return hex.EncodeToString(id[:]) }

// IsZero reports whether the id is unset.
func (id ID) IsZero() bool { return id == ID{} }

// MarshalText makes the id hex in JSON.
func (id ID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// UnmarshalText reads hex.
func (id *ID) UnmarshalText(b []byte) error {
	v, err := ParseID(string(b))
	if err != nil {
		return fmt.Errorf("read id: %w", err)
	}
	*id = v
	return nil
}
