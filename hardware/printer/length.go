package printer

import (
	"redstation/hardware/escpos"
	"redstation/kiosk"
)

// toCutter is the way from the head to the cutter, mm, that a printer feeds by
// itself before it cuts: 10 to 15 mm in the usual ones.
const toCutter = 12

// Length implements kiosk.Preview: the paper that the bytes move, mm, and the way
// to the cutter.
func (p *Printer) Length(r kiosk.Receipt) (int, error) {
	job, err := escpos.Encode(r, p.profile)
	if err != nil {
		return 0, err
	}
	pr, err := escpos.Interpret(job, p.profile)
	if err != nil {
		return 0, err
	}
	return (pr.Height()+dotsPerMM-1)/dotsPerMM + pr.Cuts*toCutter, nil
}

// Roll returns how much paper is on a new roll of the printer's width, mm. Rolls
// for 80 mm printers are 80 mm across and sold as 80 m; those for 58 mm printers,
// whose bays are smaller, are 50 mm across and sold as 30 m.
func (p *Printer) Roll() int {
	if p.profile.Paper < 80 {
		return 30_000
	}
	return 80_000
}
