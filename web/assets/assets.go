// Package assets holds what the screens load beside their pages: style, script,
// fonts and icons, all embedded, so that a booth with no line lacks nothing.
//
// Every file is served under a name that carries the hash of its content, and may
// therefore be kept by a browser for ever; a page names a file by its plain name
// and the template function asset turns it into the hashed one. Style and script
// are written as small files by subject and joined into one file a bundle when the
// program starts: there is no build step and no Node.
//
// The fonts are slices of Noto Sans SC and KR that a browser fetches only where the
// system has no Noto CJK of its own. They and the icons come from npm by update.sh.
package assets

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"regexp"
	"strings"
	"time"
)

//go:embed css js fonts icons fonts.css mark.svg
var files embed.FS

// Prefix is where a Set expects to be mounted.
const Prefix = "/assets/"

// Files returns the embedded files: css/tokens.css, css/touch/*.css, js/touch/*.js,
// fonts.css, fonts/*.woff2 and icons/*.svg.
func Files() fs.FS { return files }

// Bundle is a file that is made by joining others in their order. Parts are paths
// or glob patterns; a pattern's matches are joined in the order of their names.
type Bundle struct {
	Name  string
	Parts []string
}

// Set is a set of files under hashed names. It is safe for concurrent use.
type Set struct {
	urls  map[string]string // plain name -> URL
	files map[string]*file  // hashed name -> content
	fonts fs.FS
	icons map[string]icon
}

type file struct {
	kind        string
	plain, gzip []byte
}

// New makes a set of the given bundles. Parts are looked for in extra first, in
// its order, then in the embedded files. Icons are those of extra's and the
// embedded icons folders.
func New(bundles []Bundle, extra ...fs.FS) (*Set, error) {
	s := &Set{
		urls:  make(map[string]string),
		files: make(map[string]*file),
		fonts: files,
		icons: make(map[string]icon),
	}
	all := append(extra[:len(extra):len(extra)], files)
	bundles = append(bundles[:len(bundles):len(bundles)], Bundle{Name: "fonts.css", Parts: []string{"fonts.css"}})
	for _, b := range bundles {
		body, err := join(all, b)
		if err != nil {
			return nil, err
		}
		if err := s.add(b.Name, body); err != nil {
			return nil, err
		}
	}
	for _, fsys := range all {
		if err := s.addIcons(fsys); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// commentLine is a line of script that only explains: a browser need not load it.
var commentLine = regexp.MustCompile(`(?m)^[ \t]*//.*\n`)

// withoutRemarks leaves out the lines of a script that are nothing but a remark: a
// booth need not read them.
func withoutRemarks(script []byte) []byte {
	out := make([]byte, 0, len(script))
	for line := range bytes.Lines(script) {
		if !bytes.HasPrefix(bytes.TrimLeft(line, " "), []byte("//")) {
			out = append(out, line...)
		}
	}
	return out
}

// join reads the bundle's parts. A script's parts share one function scope, so
// that nothing of theirs is global.
func join(all []fs.FS, b Bundle) ([]byte, error) {
	var out bytes.Buffer
	script := path.Ext(b.Name) == ".js"
	if script {
		out.WriteString("(() => {\n'use strict';\n")
	}
	for _, part := range b.Parts {
		found := false
		for _, fsys := range all {
			names, err := fs.Glob(fsys, part)
			if err != nil {
				return nil, fmt.Errorf("bundle %s: pattern %q: %w", b.Name, part, err)
			}
			for _, name := range names {
				body, err := fs.ReadFile(fsys, name)
				if err != nil {
					return nil, fmt.Errorf("bundle %s: %w", b.Name, err)
				}
				if script {
					body = commentLine.ReplaceAll(body, nil)
				}
				if script {
					body = withoutRemarks(body)
				}
				out.Write(body)
				found = true
			}
		}
		if !found {
			return nil, fmt.Errorf("bundle %s: nothing matches %q", b.Name, part)
		}
	}
	if script {
		out.WriteString("})();\n")
	}
	return out.Bytes(), nil
}

// add names body by its hash and keeps it, compressed too where that helps.
func (s *Set) add(name string, body []byte) error {
	sum := sha256.Sum256(body)
	ext := path.Ext(name)
	hashed := strings.TrimSuffix(name, ext) + "." + hex.EncodeToString(sum[:8]) + ext
	var packed bytes.Buffer
	w, err := gzip.NewWriterLevel(&packed, gzip.BestSpeed)
	if err != nil {
		return fmt.Errorf("compress %s: %w", name, err)
	}
	if _, err := w.Write(body); err != nil {
		return fmt.Errorf("compress %s: %w", name, err)
	}
	if err := w.Close(); err != nil {
		return fmt.Errorf("compress %s: %w", name, err)
	}
	s.urls[name] = Prefix + hashed
	s.files[hashed] = &file{kind: kindOf(name), plain: body, gzip: packed.Bytes()}
	return nil
}

// URL returns the address of the file with that plain name, for example
// "touch.css". The error says which name is unknown.
func (s *Set) URL(name string) (string, error) {
	u, ok := s.urls[name]
	if !ok {
		return "", fmt.Errorf("no asset named %q", name)
	}
	return u, nil
}

// ServeHTTP serves a file under Prefix, to be kept for a year, and 404 for any other name.
func (s *Set) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimPrefix(r.URL.Path, Prefix)
	h := w.Header()
	if f, ok := s.files[name]; ok {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
		h.Set("Content-Type", f.kind)
		h.Set("Vary", "Accept-Encoding")
		body := f.plain
		if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
			h.Set("Content-Encoding", "gzip")
			body = f.gzip
		}
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
		return
	}
	if dir, _ := path.Split(name); dir == "fonts/" && fs.ValidPath(name) {
		s.serveFont(w, r, name)
		return
	}
	h.Set("Cache-Control", "no-store")
	http.Error(w, "not found", http.StatusNotFound)
}

// serveFont serves a slice straight from the program's image, without a copy in
// memory: there are a hundred of them and most are never asked for.
func (s *Set) serveFont(w http.ResponseWriter, r *http.Request, name string) {
	f, err := s.fonts.Open(name)
	if err != nil {
		w.Header().Set("Cache-Control", "no-store")
		http.Error(w, "not found", http.StatusNotFound)
		return
	}
	defer f.Close()
	body, ok := f.(io.ReadSeeker)
	if !ok {
		http.Error(w, "not found", http.StatusNotFound)
		return
	}
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	w.Header().Set("Content-Type", "font/woff2")
	http.ServeContent(w, r, "", time.Time{}, body)
}

// kindOf returns the media type for a file's name.
func kindOf(name string) string {
	switch ext := path.Ext(name); ext {
	case ".css":
		return "text/css; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	default:
		if k := mime.TypeByExtension(ext); k != "" {
			return k
		}
		return "application/octet-stream"
	}
}
