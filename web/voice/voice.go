// Package voice says the screen's words aloud, out of clips that were made before:
// no booth has the power for a speech engine, and no system's engine speaks Chinese
// that an old ear understands.
//
// A clip belongs to a text in a language and is found by the hash of both (IDOf), so
// that a word which changes falls silent until somebody has said it anew, and a text
// that two pages share is recorded once. A set is a folder with one Ogg Opus file a
// clip, named <id>.opus, and a list of them, manifest.tsv, which says who speaks: an
// engine or a person. The program carries a set; a booth may have a folder of its
// own before it (the city's content pack, recordings by people). Package render
// makes what is missing.
//
// Numbers, times, dates and ticket labels are put together of parts (Say).
package voice

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"strings"
	"sync"
	"time"

	"redstation/kiosk"
)

//go:embed clips
var embedded embed.FS

// Clips returns the set that the program carries.
func Clips() fs.FS {
	clips, err := fs.Sub(embedded, "clips")
	if err != nil {
		panic(err) // the folder's name is a constant
	}
	return clips
}

// ID names a clip: 16 hexadecimal digits.
type ID string

// IDOf returns the name of the clip that says text in lang: the first 8 bytes of the
// SHA-256 of the language, a line feed and the text, in which each run of white
// space is one space and none stands at an end.
func IDOf(lang kiosk.Lang, text string) ID {
	sum := sha256.Sum256([]byte(string(lang) + "\n" + normal(text)))
	return ID(hex.EncodeToString(sum[:8]))
}

// File returns the name of the clip's file in a set.
func (id ID) File() string { return string(id) + extension }

const extension = ".opus"

// fileID is the other way round; "" for a file that is no clip.
func fileID(name string) ID {
	id, ok := strings.CutSuffix(name, extension)
	if !ok || len(id) != 16 || strings.Trim(id, "0123456789abcdef") != "" {
		return ""
	}
	return ID(id)
}

func normal(text string) string { return strings.Join(strings.Fields(text), " ") }

// lookEvery is how long a set trusts what it knows of its folders.
const lookEvery = 30 * time.Second

// Set is one or more folders of clips, the first that has one counting. It is safe
// for concurrent use.
type Set struct {
	folders []fs.FS
	now     func() time.Time

	mu     sync.Mutex
	looked time.Time
	have   map[ID]fs.FS
	said   map[string][]ID // by language and text; bounded
}

// New returns a set of the folders; now is the time of day, nil = time.Now. A folder
// that cannot be read has no clips until it can.
func New(now func() time.Time, folders ...fs.FS) *Set {
	if now == nil {
		now = time.Now
	}
	return &Set{folders: folders, now: now}
}

// look reads the folders' names again where that was long ago. The lock is held.
func (s *Set) look() {
	if now := s.now(); s.have == nil || now.Sub(s.looked) > lookEvery || now.Before(s.looked) {
		have := map[ID]fs.FS{}
		for i := len(s.folders) - 1; i >= 0; i-- {
			entries, err := fs.ReadDir(s.folders[i], ".")
			if err != nil {
				continue // it may come: a stick, a share
			}
			for _, e := range entries {
				if id := fileID(e.Name()); id != "" {
					have[id] = s.folders[i]
				}
			}
		}
		if len(have) != len(s.have) {
			s.said = nil
		}
		s.have, s.looked = have, now
	}
}

// Open returns a clip's Ogg Opus bytes. The error is fs.ErrNotExist where there is none.
func (s *Set) Open(id ID) ([]byte, error) {
	s.mu.Lock()
	s.look()
	folder := s.have[id]
	s.mu.Unlock()
	if folder == nil {
		return nil, fs.ErrNotExist
	}
	return fs.ReadFile(folder, id.File())
}
