package kiosk

import "encoding/json"

// Salvaged is the facts of a record of kind record.salvaged: one that was found in a
// damaged book behind one that is lost, so that its own stream cannot go on, and that
// is sent inside a record of the stream after it. What was sealed in it is the outer
// record's sealed bytes, as it was, and opens with the inner header.
type Salvaged struct {
	Epoch      ID     `json:"epoch"`
	Lane       string `json:"lane"`
	Seq        uint64 `json:"seq"`
	Kind       Kind   `json:"kind"`
	Header     []byte `json:"header"` // base64, as are those below
	Facts      []byte `json:"facts,omitempty"`
	FactsSalt  []byte `json:"facts_salt,omitempty"`
	SealedSalt []byte `json:"sealed_salt,omitempty"`
}

// SealedHeader returns the header that a record's sealed bytes were sealed for: its
// own, or the one that it carries. The error has CodeInvalid.
func SealedHeader(h *Header, facts []byte) (*Header, error) {
	if h.Kind != KindRecordSalvaged {
		return h, nil
	}
	var s Salvaged
	if err := json.Unmarshal(facts, &s); err != nil {
		return nil, Errorf(CodeInvalid, "error.sealed", "read salvaged record: %w", err)
	}
	inner, err := DecodeHeader(s.Header)
	if err != nil {
		return nil, err
	}
	return &inner, nil
}
