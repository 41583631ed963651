package touch

import (
	"maps"
	"slices"
	"sync"
	"time"

	"redstation/kiosk"
)

// visitGrace is how long the program remembers a visit after its page should have
// wiped it. A page in use tells of a touch within half a minute of it, and no sooner.
const visitGrace = 40 * time.Second

// visitsKept bounds the visits that are remembered at once: a booth has one screen, a
// demo a few browsers. Beyond it the one that was quiet the longest is forgotten.
const visitsKept = 16

// draftsKept bounds the forms that were begun in one visit.
const draftsKept = 4

// visit is what is remembered of one visit.
type visit struct {
	browser string           // its name
	pack    *kiosk.Catalogue // that it began with, and ends on
	prefs   prefs
	drafts  []*draft   // at most one a service, the newest last
	filed   []kiosk.ID // keys of what was filed
	doors   uint64     // door events up to the last sign of the resident
	met     bool       // a page has listened in the meantime
	seen    time.Time
}

// visits are the visits that are remembered, the one that was seen last at the end.
// It keeps nothing but memory, and forgets by itself.
type visits struct {
	limit time.Duration // without a sign of the resident

	mu     sync.Mutex
	open   []*visit
	timer  *time.Timer
	listen map[string]int // by a browser's name, how many of its pages listen now
}

// find returns the visit at that browser, nil where there is none, and moves it to the end where the
// resident has shown up. mu must be held.
func (vs *visits) find(browser string, here bool) *visit {
	vs.sweep()
	i := slices.IndexFunc(vs.open, func(v *visit) bool { return v.browser == browser })
	if browser == "" || i < 0 {
		return nil
	}
	v := vs.open[i]
	if here {
		v.seen = time.Now()
		vs.open = append(slices.Delete(vs.open, i, i+1), v)
	}
	return v
}

// sweep forgets what is over, and comes again for the rest. mu must be held.
func (vs *visits) sweep() {
	now := time.Now()
	vs.open = slices.DeleteFunc(vs.open, func(v *visit) bool { return now.Sub(v.seen) >= vs.limit })
	switch {
	case len(vs.open) == 0:
		if vs.timer != nil {
			vs.timer.Stop()
			vs.timer = nil
		}
	case vs.timer == nil:
		vs.timer = time.AfterFunc(vs.limit-now.Sub(vs.open[0].seen), func() {
			vs.mu.Lock()
			defer vs.mu.Unlock()
			vs.timer = nil
			vs.sweep()
		})
	}
}

// enter returns the pack of the visit at that browser, and begins the fresh one where
// there is none.
func (vs *visits) enter(browser string, fresh visit) *kiosk.Catalogue {
	vs.mu.Lock()
	defer vs.mu.Unlock()
	if v := vs.find(browser, true); v != nil {
		v.doors = fresh.doors
		return v.pack
	}
	v := &fresh
	v.browser, v.seen, v.met = browser, time.Now(), vs.listen[browser] > 0
	if len(vs.open) == visitsKept {
		vs.open = slices.Delete(vs.open, 0, 1)
	}
	vs.open = append(vs.open, v)
	vs.sweep()
	return v.pack
}

// see notes a sign of the resident.
func (vs *visits) see(browser string, doors uint64) {
	vs.mu.Lock()
	defer vs.mu.Unlock()
	if v := vs.find(browser, true); v != nil {
		v.doors = doors
	}
}

// prefer remembers how the resident wants the screen.
func (vs *visits) prefer(browser string, p prefs) {
	vs.mu.Lock()
	defer vs.mu.Unlock()
	if v := vs.find(browser, true); v != nil {
		v.prefs = p
	}
}

// keep remembers the draft, in the place of the one before.
func (vs *visits) keep(browser string, d *draft) {
	vs.mu.Lock()
	defer vs.mu.Unlock()
	v := vs.find(browser, true)
	if v == nil || slices.Contains(v.filed, d.key) {
		return
	}
	v.drop(d.service.ID)
	v.drafts = append(v.drafts, d.clone())
	if len(v.drafts) > draftsKept {
		v.drafts = slices.Delete(v.drafts, 0, 1)
	}
}

func (v *visit) drop(service string) {
	v.drafts = slices.DeleteFunc(v.drafts, func(d *draft) bool { return d.service.ID == service })
}

// typed returns the newest draft with an answer, nil where there is none.
func (v *visit) typed() *draft {
	for _, d := range slices.Backward(v.drafts) {
		if len(d.answers) > 0 {
			return d.clone()
		}
	}
	return nil
}

// draft returns the draft of the service, nil where there is none.
func (vs *visits) draft(browser, service string) *draft {
	vs.mu.Lock()
	defer vs.mu.Unlock()
	if v := vs.find(browser, true); v != nil {
		for _, d := range v.drafts {
			if d.service.ID == service {
				return d.clone()
			}
		}
	}
	return nil
}

// typed returns the newest draft of the visit with an answer, nil where there is none.
func (vs *visits) typed(browser string) *draft {
	vs.mu.Lock()
	defer vs.mu.Unlock()
	if v := vs.find(browser, true); v != nil {
		return v.typed()
	}
	return nil
}

// file forgets the answers of what was filed, and remembers that it was.
func (vs *visits) file(browser string, d *draft) {
	vs.mu.Lock()
	defer vs.mu.Unlock()
	if v := vs.find(browser, true); v != nil {
		v.drop(d.service.ID)
		v.filed = append(v.filed, d.key)
	}
}

// filed reports whether the visit has filed under that key.
func (vs *visits) filed(browser string, key kiosk.ID) bool {
	vs.mu.Lock()
	defer vs.mu.Unlock()
	v := vs.find(browser, true)
	return v != nil && slices.Contains(v.filed, key)
}

// end forgets the visit.
func (vs *visits) end(browser string) {
	vs.mu.Lock()
	defer vs.mu.Unlock()
	vs.open = slices.DeleteFunc(vs.open, func(v *visit) bool { return v.browser == browser })
	vs.sweep()
}

// hear notes that a page of the browser listens, until the function is called that it
// returns.
func (vs *visits) hear(browser string) (stop func()) {
	vs.mu.Lock()
	defer vs.mu.Unlock()
	if vs.listen == nil {
		vs.listen = map[string]int{}
	}
	vs.listen[browser]++
	if v := vs.find(browser, false); v != nil {
		v.met = true
	}
	return func() {
		vs.mu.Lock()
		defer vs.mu.Unlock()
		if vs.listen[browser]--; vs.listen[browser] == 0 {
			delete(vs.listen, browser)
		}
	}
}

// adopt gives the newest visit whose page died in mid-form to another browser, or to
// the same one begun anew. A page without script cannot be seen to die. Where the
// door was opened since the resident was seen, somebody else may stand there: then
// the visit is forgotten.
func (vs *visits) adopt(browser string, doors uint64) (*draft, prefs) {
	vs.mu.Lock()
	defer vs.mu.Unlock()
	vs.sweep()
	for i, v := range slices.Backward(vs.open) {
		d := v.typed()
		if !v.met || vs.listen[v.browser] > 0 || d == nil {
			continue
		}
		vs.open = slices.Delete(vs.open, i, i+1)
		if v.doors != doors {
			break
		}
		vs.open = slices.DeleteFunc(vs.open, func(other *visit) bool { return other.browser == browser })
		v.browser, v.met, v.seen = browser, false, time.Now()
		vs.open = append(vs.open, v)
		return d, v.prefs
	}
	return nil, prefs{}
}

// clone returns a copy that shares no answers.
func (d *draft) clone() *draft {
	c := *d
	c.answers = maps.Clone(d.answers)
	return &c
}
