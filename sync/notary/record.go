package notary

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/mod/sumdb/tlog"

	"redstation/kiosk"
	"redstation/sync/wire"
)

// record is one line of an export that agrees with itself.
type record struct {
	Place
	line   int
	pos    int64
	id     string
	header []byte
	facts  []byte // nil where they are not there
	salt   []byte // of the facts
	erased int    // parts that are not there
}

// fields are the members of a line by name.
type fields map[string]json.RawMessage

// readRecord reads a line and compares everything in it that the header speaks of
// with the header. Where the line is not even JSON, the fault's place is what can be
// made out of it.
func readRecord(n int, line []byte) (*record, *Fault) {
	f, err := members(line)
	if err != nil {
		return nil, &Fault{salvage(line), n, err.Error()}
	}
	r := &record{}
	r.header, err = f.bytes("header")
	h, headErr := kiosk.DecodeHeader(r.header)
	leaf, leafErr := f.bytes("leaf")
	sum := tlog.RecordHash(r.header)
	if err != nil || headErr != nil || leafErr != nil || !bytes.Equal(leaf, sum[:]) {
		// It is not known which of the two was changed: the line says which record it was.
		return nil, &Fault{salvage(line), n, "was changed: header and leaf do not belong together"}
	}
	r.Place = Place{h.Booth, kiosk.Stream{Epoch: h.Epoch, Lane: h.Lane}, h.Seq}
	r.id = h.ID.String()
	if err := r.compare(f, &h); err != nil {
		return nil, &Fault{r.Place, n, "was changed: " + err.Error()}
	}
	return r, nil
}

// members reads a JSON object and refuses a name that no record has, or twice.
func members(line []byte) (fields, error) {
	d := json.NewDecoder(bytes.NewReader(line))
	f := fields{}
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, fmt.Errorf("is not a record")
	}
	for d.More() {
		t, err := d.Token()
		name, ok := t.(string)
		if err != nil || !ok {
			return nil, fmt.Errorf("was changed: it is no JSON any more")
		}
		var v json.RawMessage
		if err := d.Decode(&v); err != nil {
			return nil, fmt.Errorf("was changed: it is no JSON any more")
		}
		if _, twice := f[name]; twice || !columns[name] {
			return nil, fmt.Errorf("was changed: no record has %.40q there", name)
		}
		f[name] = v
	}
	if _, err := d.Token(); err != nil || d.More() {
		return nil, fmt.Errorf("was changed: it is no JSON any more")
	}
	return f, nil
}

// columns are the names that a line may have.
var columns = func() map[string]bool {
	known, row := map[string]bool{}, reflect.TypeFor[wire.Row]()
	for i := range row.NumField() {
		name, _, _ := strings.Cut(row.Field(i).Tag.Get("json"), ",")
		known[name] = true
	}
	return known
}()

// bytes returns a member that is base64; nil where it is not there. One value has
// one way to be written.
func (f fields) bytes(name string) ([]byte, error) {
	raw, ok := f[name]
	if !ok {
		return nil, nil
	}
	text, ok := strings.CutPrefix(string(raw), `"`)
	text, ok2 := strings.CutSuffix(text, `"`)
	b, err := base64.StdEncoding.Strict().DecodeString(text)
	if !ok || !ok2 || err != nil || strings.ContainsAny(text, "\r\n") {
		return nil, fmt.Errorf("%s is not base64", name)
	}
	return b, nil
}

// compare holds the line against the header.
func (r *record) compare(f fields, h *kiosk.Header) error {
	want := map[string]string{
		"booth": text(h.Booth), "epoch": text(h.Epoch.String()), "lane": text(h.Lane.String()), "seq": strconv.FormatUint(h.Seq, 10),
		"id": text(h.ID.String()), "clock_state": strconv.Itoa(int(h.ClockState)),
	}
	if len(h.Ref) > 0 {
		want["ref"] = text(hex.EncodeToString(h.Ref))
	}
	if kind := string(f["kind"]); kind != `""` { // one without the form of a kind is not shown
		want["kind"] = text(string(h.Kind))
	}
	if y := h.Wall().Year(); y >= 0 && y <= 9999 {
		want["wall"] = text(h.Wall().Format(time.RFC3339Nano))
	}
	for name, value := range want {
		if got := string(f[name]); got != value {
			return fmt.Errorf("%s is %.40s, the header says %s", name, got, value)
		}
	}
	if _, ok := f["ref"]; ok && len(h.Ref) == 0 {
		return fmt.Errorf("it has a ref, the header has none")
	}
	var err error
	if r.pos, err = strconv.ParseInt(string(f["pos"]), 10, 64); err != nil {
		return fmt.Errorf("pos is no number")
	}
	if err := r.compareFacts(f, h); err != nil {
		return err
	}
	return r.compareSealed(f, h)
}

// text returns s as the hub writes it in JSON.
func text(s string) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.Encode(s) //nolint:errcheck // a string into memory
	return strings.TrimSuffix(b.String(), "\n")
}

func (r *record) compareFacts(f fields, h *kiosk.Header) error {
	facts, ok := f["facts"]
	if !ok {
		return fmt.Errorf("facts are not there, not even as null")
	}
	salt, err := f.bytes("facts_salt")
	if err != nil {
		return err
	}
	exact, err := f.bytes("facts_bytes")
	switch {
	case err != nil:
		return err
	case string(facts) == "null":
		if salt != nil || exact != nil {
			return fmt.Errorf("facts were taken out and something of them was left")
		}
		r.erased++
		return nil
	case exact != nil:
		r.facts = exact
		if factsOf(exact) != string(facts) {
			return fmt.Errorf("facts are others than facts_bytes")
		}
	case string(facts) == `""` && bytes.Equal(kiosk.Commit("facts", salt, nil), h.FactsCommit):
		r.facts = []byte{}
	default:
		r.facts = facts
	}
	r.salt = salt
	if !bytes.Equal(kiosk.Commit("facts", salt, r.facts), h.FactsCommit) {
		return fmt.Errorf("facts do not match the header's commitment")
	}
	return nil
}

// factsOf returns what the hub shows of facts that cannot stand in a line as they are.
func factsOf(exact []byte) string {
	var b bytes.Buffer
	if utf8.Valid(exact) && json.Compact(&b, exact) == nil {
		return b.String()
	}
	shown, err := json.Marshal(string(exact))
	if err != nil {
		return ""
	}
	return string(shown)
}

func (r *record) compareSealed(f fields, h *kiosk.Header) error {
	sealed, err := f.bytes("sealed")
	if err != nil {
		return err
	}
	salt, err := f.bytes("sealed_salt")
	switch {
	case err != nil:
		return err
	case sealed == nil && salt != nil:
		return fmt.Errorf("sealed bytes were taken out and their salt was left")
	case sealed == nil && len(h.SealedCommit) > 0:
		r.erased++
		return nil
	case sealed == nil:
		return nil
	case !bytes.Equal(kiosk.Commit("sealed", salt, sealed), h.SealedCommit):
		return fmt.Errorf("sealed bytes do not match the header's commitment")
	}
	return nil
}

// salvage finds out which record a broken line was: from what it says of itself, or
// else from its header. A zero place means that neither can be read.
func salvage(line []byte) Place {
	names := regexp.MustCompile(`"booth":"([0-9A-Za-z-]{1,16})".*"epoch":"([0-9a-f]{32})","lane":"(log|urgent)","seq":([0-9]{1,19}),`)
	if m := names.FindSubmatch(line); m != nil {
		epoch, err := kiosk.ParseID(string(m[2]))
		lane, laneErr := kiosk.ParseLane(string(m[3]))
		seq, seqErr := strconv.ParseUint(string(m[4]), 10, 64)
		if err == nil && laneErr == nil && seqErr == nil {
			return Place{string(m[1]), kiosk.Stream{Epoch: epoch, Lane: lane}, seq}
		}
	}
	if m := regexp.MustCompile(`"header":"([0-9A-Za-z+/=]+)"`).FindSubmatch(line); m != nil {
		b, err := base64.StdEncoding.DecodeString(string(m[1]))
		if h, headErr := kiosk.DecodeHeader(b); err == nil && headErr == nil {
			return Place{h.Booth, kiosk.Stream{Epoch: h.Epoch, Lane: h.Lane}, h.Seq}
		}
	}
	return Place{}
}
