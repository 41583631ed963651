package escpos

import (
	"errors"

	"redstation/kiosk"
)

// Encode lays r out for the printer p and returns the bytes to send.
func Encode(r kiosk.Receipt, p Profile) ([]byte, error) {
	return nil, errors.New("encode: not there yet")
}
