package main

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"rsc.io/qr"

	"redstation/hardware/escpos"
	"redstation/kiosk"
)

// fullSlip is what a resident gets for a request: all that a slip can have.
func fullSlip() kiosk.Receipt {
	return kiosk.Receipt{Lines: []kiosk.Line{
		{Text: "红色驿站 · 北山街道", Bold: true, Align: kiosk.Center},
		{Text: "烦心事登记", Align: kiosk.Center},
		{Text: "补 打", Size: kiosk.Large, Bold: true, Align: kiosk.Center},
		{Feed: 1},
		{Text: "您的编号", Align: kiosk.Center},
		{Text: "07-218", Size: kiosk.Huge, Bold: true, Align: kiosk.Center},
		{Text: "2026-11-23 09:41", Align: kiosk.Center},
		{Feed: 1},
		{QR: slipCode},
		{Text: "7K3Q F9TZ 2M4X W8AB", Align: kiosk.Center},
		{Rule: true},
		{Pair: &kiosk.Pair{Name: "等候处", Value: "一号窗口"}},
		{Text: "接下来", Bold: true},
		{Text: "社区工作人员两个工作日内回复，按您选的方式联系您。"},
		{Text: "请妥善保管，凭此票查询", Align: kiosk.Center},
		{Text: "票上没有您的姓名和电话", Align: kiosk.Center},
	}}
}

const slipCode = "RS1:07-218.7K3QF9TZ2M4XW8AB"

// slip measures the making of a slip's bytes, with type as characters and as
// pictures, beside a loop that copies the same bytes; and a QR code for the printer
// beside rsc.io/qr, whose modules a bare loop makes as large.
func (r *rig) slip(ctx context.Context) error {
	text, raster := escpos.Paper80(), escpos.Paper80()
	raster.Text = escpos.TextRaster
	for _, part := range []struct {
		what    string
		profile escpos.Profile
	}{{"encode a receipt", text}, {"  with all type as pictures", raster}} {
		job, err := escpos.Encode(fullSlip(), part.profile)
		if err != nil {
			return err
		}
		err = r.duel(ctx, fmt.Sprintf("%s (%.0f kB)", part.what, float64(len(job))/1000), func() error {
			_, err := escpos.Encode(fullSlip(), part.profile)
			return err
		}, func() error { return copied(job) })
		if err != nil {
			return err
		}
	}
	alone := kiosk.Receipt{Lines: []kiosk.Line{{QR: slipCode}}}
	return r.duel(ctx, "a QR code, beside rsc.io/qr", func() error {
		_, err := escpos.Encode(alone, text)
		return err
	}, bareQR)
}

// copied is the reference for the encoder.
func copied(job []byte) error {
	var out bytes.Buffer
	for _, b := range job {
		out.WriteByte(b)
	}
	if out.Len() != len(job) {
		return fmt.Errorf("copied %d bytes of %d", out.Len(), len(job))
	}
	return nil
}

// bareQR is the reference for a QR code: 8 dots a module, one bit a dot.
func bareQR() error {
	code, err := qr.Encode(slipCode, qr.M)
	if err != nil {
		return err
	}
	var out []byte
	for y := range code.Size {
		row := make([]byte, code.Size)
		for x := range row {
			if code.Black(x, y) {
				row[x] = 0xff
			}
		}
		for range 8 {
			out = append(out, row...)
		}
	}
	if len(out) != 8*code.Size*code.Size {
		return fmt.Errorf("QR code of %d bytes", len(out))
	}
	return nil
}

// duel runs two things in turn, three times each, and prints how often a second
// they were done at best.
func (r *rig) duel(ctx context.Context, what string, ours, bare func() error) error {
	var best [2]float64
	for range 3 {
		for i, do := range []func() error{ours, bare} {
			begin, n := time.Now(), 0
			for time.Since(begin) < r.load/8 && ctx.Err() == nil {
				if err := do(); err != nil {
					return err
				}
				n++
			}
			best[i] = max(best[i], float64(n)/time.Since(begin).Seconds())
		}
	}
	row(what, "/s", best[0], best[1], true)
	return ctx.Err()
}
