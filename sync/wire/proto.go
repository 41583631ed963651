package wire

import (
	"errors"

	"github.com/fxamacker/cbor/v2"

	"redstation/kiosk"
)

// ErrProto says that a message is of a version of the protocol that this program
// does not speak. HTTP says it as 400 with the versions that are spoken.
var ErrProto error = &kiosk.Error{Code: kiosk.CodeInvalid, Key: "error.proto",
	Err: errors.New("version of the protocol is not spoken here")}

// Spoken returns the versions of the protocol that this program speaks. One that a
// released booth has spoken is never taken out.
func Spoken() []uint { return []uint{Proto} }

func foreign(proto uint) error {
	return kiosk.Errorf(kiosk.CodeInvalid, "error.proto", "protocol %d, this hub speaks %v: %w", proto, Spoken(), ErrProto)
}

// speaksBatch looks at the version with which every batch begins, whatever follows
// in it. What is no array that begins with a number is left to the decoder.
func speaksBatch(data []byte) error {
	if len(data) == 0 || data[0]&0xe0 != 0x80 || data[0] == 0x80 || data[0]&0x1f > 23 {
		return nil
	}
	var proto uint
	if _, err := decMode.UnmarshalFirst(data[1:], &proto); err == nil && proto != Proto {
		return foreign(proto)
	}
	return nil
}

// SpeaksMessage returns ErrProto where a hello or an enrolment is of a version that
// is not spoken here. A message that names none is of version 1.
func SpeaksMessage(raw []byte) error {
	var m struct {
		Proto cbor.RawMessage `cbor:"proto"`
	}
	if decMode.Unmarshal(raw, &m) != nil || m.Proto == nil {
		return nil
	}
	var proto uint
	if decMode.Unmarshal(m.Proto, &proto) == nil && proto != Proto {
		return foreign(proto)
	}
	return nil
}
