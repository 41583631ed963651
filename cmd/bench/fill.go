package main

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"redstation/kiosk"
	"redstation/kiosk/sqlite"
)

// wallClock is the machine's clock, trusted.
type wallClock struct{ begin time.Time }

func (c wallClock) Read() kiosk.Reading {
	now := time.Now()
	return kiosk.Reading{Wall: now, Since: now.Sub(c.begin), State: kiosk.ClockNTP}
}

// fillBook appends n records as a booth's days bring them: seven door events to
// two tickets and one request with sealed bytes.
func fillBook(ctx context.Context, book *sqlite.DB, n int) error {
	e, ok, err := book.Enrolment(ctx)
	if err != nil || !ok {
		return fmt.Errorf("the booth is not enrolled: %w", err)
	}
	city, err := kiosk.NewCityKey(e.CityKeyID, e.CityKey)
	if err != nil {
		return err
	}
	work := make(chan int, n)
	for i := range n {
		work <- i
	}
	close(work)
	var wg sync.WaitGroup
	errs := make(chan error, 64)
	for range cap(errs) {
		wg.Go(func() {
			for i := range work {
				d, err := oneOf(book, city, i)
				if err == nil {
					err = book.Append(ctx, d)
				}
				if err != nil {
					errs <- err
					return
				}
			}
		})
	}
	wg.Wait()
	close(errs)
	return <-errs
}

func oneOf(book *sqlite.DB, city *kiosk.CityKey, i int) (kiosk.Draft, error) {
	r := wallClock{}.Read()
	d := kiosk.Draft{ID: kiosk.NewID(), Kind: kiosk.KindDoorOpened, Schema: 1, Facts: []byte("{}"),
		Stamp: kiosk.Stamp{Boot: book.Boot(), Since: r.Since, Wall: r.Wall, State: r.State}}
	var facts any
	switch i % 10 {
	case 3, 7:
		d.Kind = kiosk.KindTicketIssued
		facts = map[string]any{"service": "5.2", "label": fmt.Sprintf("L%03d", i), "day": "2026-11-23", "series": 0, "number": i}
	case 9:
		d.Kind, d.Epoch = kiosk.KindRequestFiled, book.Epoch()
		facts = map[string]any{"service": "3.1", "number": fmt.Sprintf("07-%03d", i), "route": "community", "data_class": 2,
			"choices": map[string]string{"category": "lighting", "place": "beishan"}, "index": kiosk.RandomID()}
		sealed, err := city.Seal(book.Booth(), d.Epoch, d.ID, d.Kind, []byte(`{"matter":"灯不亮了。","name":"王女士","phone":"13843215678"}`))
		if err != nil {
			return d, err
		}
		d.Sealed = sealed
	}
	if facts == nil {
		return d, nil
	}
	var err error
	d.Facts, err = json.Marshal(facts)
	return d, err
}
