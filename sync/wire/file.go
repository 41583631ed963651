package wire

import (
	"bytes"
	"crypto/ed25519"
	"net/http"
	"strings"

	"redstation/kiosk"
)

// A batch that is carried by hand is a file: the head of an HTTP message, an empty
// line, and the compressed body that a request would have had. It is signed in a
// profile of its own, without a challenge: there is no hub to ask for one. Nobody
// gains by bringing a file twice, because the hub has its records already.

const (
	tagFile   = "redstation-1-file"
	fileBegin = "redstation-batch/"
	fileMagic = fileBegin + "1\n"
	maxHead   = 2 << 10
)

// MaxFile is the most bytes that a batch file has.
const MaxFile = MaxBody + maxHead

// FileSuffix ends the names of batch files.
const FileSuffix = ".batch"

// fileFields are the fields of a file's head, in their order.
func fileFields() []string {
	return []string{"Content-Type", "Content-Encoding", headerDigest, headerInput, headerSignature}
}

func fileParts(h http.Header) []component {
	return []component{{"content-digest", one(h, headerDigest)}, {"content-type", one(h, "Content-Type")},
		{"content-encoding", one(h, "Content-Encoding")}}
}

// AppendFile appends a signed file with a compressed batch to dst. keyID is the
// booth's id.
func AppendFile(dst, body []byte, keyID string, key ed25519.PrivateKey) []byte {
	h := http.Header{}
	h.Set("Content-Type", TypeBatch)
	h.Set("Content-Encoding", EncodingZstd)
	h.Set(headerDigest, digest(body))
	sign(h, fileParts(h), keyID, "", tagFile, key)
	dst = append(dst, fileMagic...)
	for _, name := range fileFields() {
		dst = append(dst, name+": "+h.Get(name)+"\n"...)
	}
	return append(append(dst, '\n'), body...)
}

// File is a batch file that was read and whose signature is still to be verified.
type File struct {
	Booth string // who it says to be of
	Body  []byte // compressed; a part of what was read
	sig   signature
	parts []component
}

// ReadFile reads a batch file. The error has kiosk.CodeInvalid, and is ErrProto for
// a later version, or kiosk.CodeDenied where the head is not of our profile.
func ReadFile(data []byte) (*File, error) {
	if rest, ok := bytes.CutPrefix(data, []byte(fileBegin)); ok && !bytes.HasPrefix(data, []byte(fileMagic)) {
		version, _, _ := bytes.Cut(rest, []byte("\n"))
		return nil, kiosk.Errorf(kiosk.CodeInvalid, "error.proto", "batch file of version %.8q, this hub reads version 1: %w", version, ErrProto)
	}
	head, _, ok := bytes.Cut(data[:min(len(data), maxHead)], []byte("\n\n"))
	lines := strings.Split(string(head), "\n")
	if !ok || lines[0]+"\n" != fileMagic || len(lines) != 1+len(fileFields()) {
		return nil, malformed("it is no batch file")
	}
	body := data[len(head)+2:]
	h := http.Header{}
	for i, name := range fileFields() {
		value, ok := strings.CutPrefix(lines[i+1], name+": ")
		if !ok {
			return nil, malformed("line %d of its head is not %s", i+2, name)
		}
		h.Set(name, value)
	}
	if one(h, "Content-Type") != TypeBatch || one(h, "Content-Encoding") != EncodingZstd {
		return nil, malformed("it holds %.40q in %.20q, want a batch in %s", one(h, "Content-Type"), one(h, "Content-Encoding"), EncodingZstd)
	}
	parts := fileParts(h)
	sig, err := readSignature(h, parts, tagFile)
	if err != nil {
		return nil, err
	}
	return &File{Booth: sig.keyID, Body: body, sig: sig, parts: parts}, nil
}

// Verify checks the body against its digest and the signature against the booth's
// key. The error has kiosk.CodeDenied.
func (f *File) Verify(pub ed25519.PublicKey) error {
	if f.parts[0].value != digest(f.Body) {
		return denied("the file was changed or cut: its body does not match its digest")
	}
	if !f.sig.verify(f.parts, tagFile, pub) {
		return denied("its signature does not verify with the key of booth %s", f.Booth)
	}
	return nil
}
