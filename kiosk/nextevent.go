package kiosk

import (
	"cmp"
	"context"
)

// NextEvent returns the event with a day that comes next at this booth, full ones
// too; ok is false where none is planned.
func (b *Booth) NextEvent(ctx context.Context) (next Slot, ok bool, err error) {
	c := b.Catalogue()
	for i := range c.Functions {
		for j := range c.Functions[i].Services {
			s := &c.Functions[i].Services[j]
			if !b.Offers(s, ActionRegister) {
				continue
			}
			open, err := b.Openings(ctx, s)
			if err != nil {
				return next, false, err
			}
			for _, o := range open {
				if o.Slot.Name != nil && o.Slot.Date != "" && (!ok || cmp.Less(o.Slot.Date+o.Slot.Time, next.Date+next.Time)) {
					next, ok = o.Slot, true
				}
			}
		}
	}
	return next, ok, nil
}
