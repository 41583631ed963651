package main

import (
	"bytes"
	"crypto/ecdh"
	"crypto/sha256"
	"crypto/sha512"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"golang.org/x/text/encoding/simplifiedchinese"

	"redstation/kiosk"
	"redstation/sync/agent"
	"redstation/sync/hub"
)

// TestAStolenCardOpensNothing is the drill of a booth whose card is taken out while it
// runs: requests were filed with the line up and down, slips were printed, and the
// power was cut. The thief has every file of the booth, what it logged, and its key.
func TestAStolenCardOpensNothing(t *testing.T) {
	c := newCity(t)
	c.kill(&c.booth)
	prints := filepath.Join(c.dir, "prints")
	c.args[slices.Index(c.args, "sim:")] = "file:" + prints + "?qr=native" // so that the test can read the paper
	c.startBooth()
	client := &http.Client{Timeout: 5 * time.Second}
	const upAndDown = 4
	for i := range 2 * upAndDown {
		if i == upAndDown {
			c.kill(&c.hub) // what follows stays on the card
		}
		if _, err := submit(client, c.boothURL); err != nil {
			t.Fatal(err)
		}
	}
	codes := printedCodes(t, prints, 2*upAndDown)
	c.kill(&c.booth)

	thief := loot(t, filepath.Join(c.dir, "booth"), c.logs.Bytes())
	for _, secret := range []string{phone, surname, detail, "灯不亮了"} {
		thief.looksFor(secret)
	}
	for number, code := range codes {
		thief.looksFor(string(code))
		thief.looksFor(code.Groups())
		thief.looksFor(strings.ReplaceAll(code.Groups(), " ", "-"))
		thief.looksFor(kiosk.PaperQR(number, code))
	}
	thief.triesKeys(2 * upAndDown)
	thief.findsLocks(codes)
	// What the city's key opens is what the thief looked for: the drill can fail.
	thief.opensWith(c, phone)
}

var qrPrinted = regexp.MustCompile(`RS1:(07-[0-9]+)\.([0-9A-Z]{16})`)

// printedCodes waits for the slips and returns the code of each number.
func printedCodes(t *testing.T, dir string, n int) map[string]kiosk.PaperCode {
	t.Helper()
	codes := map[string]kiosk.PaperCode{}
	for end := time.Now().Add(30 * time.Second); len(codes) < n; time.Sleep(20 * time.Millisecond) {
		files, err := filepath.Glob(filepath.Join(dir, "*"))
		if err != nil || time.Now().After(end) {
			t.Fatalf("%d slips with a code came out, want %d: %v", len(codes), n, err)
		}
		for _, f := range files {
			b, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range qrPrinted.FindAllSubmatch(b, -1) {
				codes[string(m[1])] = kiosk.PaperCode(m[2])
			}
		}
	}
	return codes
}

// thief is somebody with all files of a booth.
type thief struct {
	t     *testing.T
	dir   string
	files map[string][]byte
	keys  [][]byte // 32 bytes each: all that could be a private key
	book  []sealedRecord
}

// sealedRecord is a record with sealed bytes, as it stands in the book.
type sealedRecord struct {
	header kiosk.Header
	sealed []byte
}

// loot copies the folder, as the card is after the power cut, with its WAL.
func loot(t *testing.T, booth string, log []byte) *thief {
	t.Helper()
	th := &thief{t: t, dir: t.TempDir(), files: map[string][]byte{"the log": log}}
	if err := os.CopyFS(th.dir, os.DirFS(booth)); err != nil {
		t.Fatal(err)
	}
	err := filepath.WalkDir(th.dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if err := os.Chmod(path, 0o600); err != nil { // a copy has other rights, and a key for all to see is not read
			return err
		}
		name, _ := filepath.Rel(th.dir, path)
		th.files[name], err = os.ReadFile(path)
		return err
	})
	for _, name := range []string{"book.db", "book.db-wal", "booth.key", "witness"} {
		if len(th.files[name]) == 0 {
			t.Errorf("%s is not among the loot: %v", name, err)
		}
	}
	return th
}

// looksFor looks for a text in every file, in all the ways in which it could be written.
func (th *thief) looksFor(secret string) {
	th.t.Helper()
	gbk, err := simplifiedchinese.GBK.NewEncoder().String(secret)
	if err != nil {
		th.t.Fatal(err)
	}
	var wide []byte
	for _, u := range utf16.Encode([]rune(secret)) {
		wide = append(wide, byte(u), byte(u>>8))
	}
	sum := sha256.Sum256([]byte(secret))
	ways := map[string][]byte{"as it is": []byte(secret), "in GBK": []byte(gbk), "in UTF-16": wide, "in hex": []byte(hex.EncodeToString([]byte(secret))),
		"in a URL": []byte(url.QueryEscape(secret)), "as JSON": []byte(strings.Trim(fmt.Sprintf("%+q", secret), `"`)), "as its bare hash": sum[:],
		"as its bare hash in hex": []byte(hex.EncodeToString(sum[:])), "in lower case": []byte(strings.ToLower(secret))}
	for shift := range 3 { // base64 of a text in which it stands somewhere
		whole := base64.StdEncoding.EncodeToString(append(make([]byte, shift), secret...))
		ways[fmt.Sprint("in base64, shifted by ", shift)] = []byte(whole[4 : len(whole)-4])
	}
	for name, b := range th.files {
		for how, way := range ways {
			if bytes.Contains(b, way) {
				th.t.Errorf("%s holds %q %s", name, secret, how)
			}
		}
	}
}

// triesKeys collects all that could be a private key and tries each on every sealed byte.
func (th *thief) triesKeys(want int) {
	th.t.Helper()
	key, err := agent.LoadKey(th.dir)
	if err != nil {
		th.t.Fatal(err)
	}
	wide := sha512.Sum512(key.Seed()) // the scalar that Ed25519 signs with, which X25519 could use, too
	sum := sha256.Sum256(key.Seed())
	th.keys = [][]byte{key.Seed(), wide[:32], wide[32:], sum[:], key[32:]}
	db, err := sql.Open("sqlite", filepath.Join(th.dir, "book.db"))
	if err != nil {
		th.t.Fatal(err)
	}
	defer db.Close()
	th.readEverything(db)
	rows, err := db.Query(`SELECT r.header, b.sealed FROM record r JOIN body b USING (epoch, lane, seq) WHERE b.sealed IS NOT NULL`)
	if err != nil {
		th.t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var header, sealed []byte
		if err := rows.Scan(&header, &sealed); err != nil {
			th.t.Fatal(err)
		}
		h, err := kiosk.DecodeHeader(header)
		if err != nil {
			th.t.Fatal(err)
		}
		th.book = append(th.book, sealedRecord{h, sealed})
	}
	if len(th.book) != want {
		th.t.Errorf("the book has %d sealed records, want %d", len(th.book), want)
	}
	for _, r := range th.book {
		for i, k := range th.keys {
			if plain, err := open(k, r); err == nil {
				th.t.Errorf("key %d of the loot opens a record: %s", i, plain)
			}
		}
	}
	th.t.Logf("%d sealed records, %d keys tried on each, %d files searched", len(th.book), len(th.keys), len(th.files))
}

// open tries 32 bytes as the city's key, by the number that the bytes were sealed to.
func open(key []byte, r sealedRecord) ([]byte, error) {
	id, err := kiosk.SealedKeyID(r.sealed)
	if err != nil {
		return nil, err
	}
	s, err := kiosk.ParseCitySecret(id, key)
	if err != nil {
		return nil, err
	}
	return s.Open(&r.header, r.sealed)
}

// readEverything takes each value of 32 bytes, and each that is that in base64, out of
// every table.
func (th *thief) readEverything(db *sql.DB) {
	th.t.Helper()
	tables, err := db.Query(`SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`)
	if err != nil {
		th.t.Fatal(err)
	}
	var names []string
	for tables.Next() {
		var name string
		if err := tables.Scan(&name); err != nil {
			th.t.Fatal(err)
		}
		names = append(names, name)
	}
	tables.Close()
	for _, name := range names {
		rows, err := db.Query(`SELECT * FROM ` + name)
		if err != nil {
			th.t.Fatal(err)
		}
		columns, _ := rows.Columns()
		values, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		for rows.Next() {
			if err := rows.Scan(into...); err != nil {
				th.t.Fatal(err)
			}
			for _, v := range values {
				th.maybeKey(v)
			}
		}
		rows.Close()
	}
}

var base64Key = regexp.MustCompile(`[A-Za-z0-9+/_-]{43}=?`)

func (th *thief) maybeKey(v any) {
	var b []byte
	switch v := v.(type) {
	case []byte:
		b = v
	case string:
		b = []byte(v)
	}
	if len(b) == 32 {
		th.keys = append(th.keys, bytes.Clone(b))
	}
	for _, text := range base64Key.FindAllString(string(b), -1) {
		text = strings.NewReplacer("-", "+", "_", "/").Replace(strings.TrimRight(text, "="))
		if k, err := base64.RawStdEncoding.DecodeString(text); err == nil && len(k) == 32 {
			th.keys = append(th.keys, k)
		}
	}
}

// findsLocks finds the public half of each code, and no private key that fits it.
func (th *thief) findsLocks(codes map[string]kiosk.PaperCode) {
	th.t.Helper()
	for number, code := range codes {
		lock, err := code.Lock(number)
		if err != nil {
			th.t.Fatal(err)
		}
		found := false
		for _, b := range th.files {
			found = found || bytes.Contains(b, lock.Public)
		}
		if !found {
			th.t.Errorf("the public half of the code of %s is not in the book: the drill looks at the wrong place", number)
		}
		for i, k := range th.keys {
			private, err := ecdh.X25519().NewPrivateKey(k)
			if err == nil && bytes.Equal(private.PublicKey().Bytes(), lock.Public) {
				th.t.Errorf("key %d of the loot opens the capsule of %s", i, number)
			}
		}
	}
}

// opensWith holds the drill itself to account: with the city's key all of it opens.
func (th *thief) opensWith(c *city, want string) {
	th.t.Helper()
	keys, err := hub.LoadKeys(filepath.Join(c.dir, "hub"))
	if err != nil {
		th.t.Fatal(err)
	}
	for _, r := range th.book {
		plain, err := keys.Open(&r.header, r.sealed)
		if err != nil || !strings.Contains(string(plain), want) {
			th.t.Errorf("the city opens a record as %.20q, %v", plain, err)
		}
	}
}
