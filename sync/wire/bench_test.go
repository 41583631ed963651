package wire_test

import (
	"testing"

	"redstation/kiosk"
	"redstation/sync/wire"
)

// BenchmarkCheckpoint is what the signatures of a batch cost beside the request's: at
// the booth one, at the hub a check and one.
func BenchmarkCheckpoint(b *testing.B) {
	c := wire.Checkpoint{Booth: "07", Stream: kiosk.Stream{Epoch: kiosk.ID{1}}, Size: 1200, Root: [32]byte{1}}
	booth, hub := testKey(1), testKey(2)
	signed, err := c.Sign(booth)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("booth", func(b *testing.B) {
		for b.Loop() {
			if _, err := c.Sign(booth); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("hub", func(b *testing.B) {
		for b.Loop() {
			if _, err := c.Cosign(signed, public(booth), hub); err != nil {
				b.Fatal(err)
			}
		}
	})
}
