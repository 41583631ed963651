package escpos

import (
	"github.com/skip2/go-qrcode"

	"redstation/kiosk"
)

// The module of a QR code, dots. Thermal paper holds 3 dots (0.375 mm) well and
// nothing smaller; 16 is the most that printers draw by themselves.
const (
	leastModule = 3
	maxModule   = 16
	quiet       = 4 // white modules around the code (ISO/IEC 18004, section 6.3.8)
)

// Functions of GS ( k for QR codes (Epson's ESC/POS reference).
const (
	qrModel = 65
	qrSize  = 67
	qrLevel = 69
	qrStore = 80
	qrPrint = 81
)

// qr writes a QR code of level M in the middle of the paper.
func (w *writer) qr(payload string) error {
	code, err := qrcode.New(payload, qrcode.Medium)
	if err != nil {
		return kiosk.Errorf(kiosk.CodeInvalid, "error.internal", "make QR code of %d bytes: %w", len(payload), err)
	}
	grid := code.Bitmap() // with its white border
	dots := w.p.module(len(grid))
	if dots == 0 {
		return kiosk.Errorf(kiosk.CodeInvalid, "error.internal",
			"QR code of %d bytes needs %d modules a side, too many for %d dots", len(payload), len(grid), w.p.Dots)
	}
	if !w.p.NativeQR {
		width, left := place(len(grid)*dots, kiosk.Center)
		w.picture(qrBitmap(grid, dots, width, left), kiosk.Center)
		return nil
	}
	w.setAlign(kiosk.Center)
	w.chinese(false)
	w.feed(quiet * dots)
	w.symbol(qrModel, '2', 0)
	w.symbol(qrSize, byte(dots))
	w.symbol(qrLevel, '1')
	w.symbol(qrStore, append([]byte{'0'}, payload...)...)
	w.symbol(qrPrint, '0')
	w.feed(quiet * dots)
	return nil
}

// symbol writes one function of GS ( k for QR codes.
func (w *writer) symbol(fn byte, args ...byte) {
	n := len(args) + 2
	w.cmd(gs, '(', 'k', byte(n), byte(n>>8), '1', fn)
	w.cmd(args...)
}

// qrBitmap draws a QR code with so many dots a module into a picture of that width,
// left dots from its edge.
func qrBitmap(grid [][]bool, dots, width, left int) *bitmap {
	m := newBitmap(width, len(grid)*dots)
	for y, row := range grid {
		for x, ink := range row {
			if ink {
				m.fill(left+x*dots, y*dots, dots, dots)
			}
		}
	}
	return m
}

// symbols is the printer's memory for QR codes of its own.
type symbols struct {
	dots  int
	level qrcode.RecoveryLevel
	data  []byte
}

// symbol is GS ( k: a QR code in five functions. It returns false for other codes
// and functions and for arguments that mean nothing.
func (m *machine) symbol(args []byte) bool {
	if len(args) < 3 || args[0] != '1' {
		return false
	}
	n := int(args[2])
	switch args[1] {
	case qrModel:
		return n == '2' // the only one that we draw
	case qrSize:
		if n < 1 || n > maxModule {
			return false
		}
		m.qr.dots = n
	case qrLevel:
		if n < '0' || n > '3' {
			return false
		}
		m.qr.level = qrcode.RecoveryLevel(n - '0') // L, M, Q, H in both
	case qrStore:
		m.qr.data = args[3:]
	case qrPrint:
		return m.drawSymbol()
	default:
		return false
	}
	return true
}

// drawSymbol prints the stored code, without a border. A printer prints nothing
// when there is none or when it is too large, and nothing is drawn to find that out:
// what is drawn moves the paper, which ends.
func (m *machine) drawSymbol() bool {
	if len(m.qr.data) == 0 {
		return false
	}
	code, err := qrcode.New(string(m.qr.data), m.qr.level)
	if err != nil || (17+4*code.VersionNumber)*m.qr.dots > m.p.Dots {
		return false
	}
	code.DisableBorder = true
	grid := code.Bitmap()
	m.show(qrBitmap(grid, m.qr.dots, len(grid)*m.qr.dots, 0))
	return true
}
