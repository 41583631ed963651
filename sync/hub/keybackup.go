package hub

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"unicode/utf8"

	"filippo.io/age"

	"redstation/kiosk"
	"redstation/sync/keyfile"
)

// A backup of the keys is a tar of their files, encrypted with a passphrase by age
// (scrypt and ChaCha20-Poly1305): `age -d FILE | tar t` reads it without this
// program. It holds the chain, too, which is not secret but cannot be made anew.

// The least and the most that a try at a passphrase may cost, as log2 of scrypt's N:
// less is no hindrance, more no restore.
const (
	leastWork = 8
	mostWork  = 22
)

// MinPassphrase is how many characters a passphrase must have at least: whoever has
// the backup may try as many as they like.
const MinPassphrase = 12

// maxKeyFile bounds what is read of one file of a backup.
const maxKeyFile = 1 << 20

// keyFile is what a file of a backup may be called.
var keyFile = regexp.MustCompile(`^(hub\.key|hub-next\.key|hub\.chain|city-[1-9][0-9]{0,9}\.key)$`)

// BackUpKeys writes all keys to w, encrypted; each try at the passphrase then costs
// 2^work. The error has CodeInvalid for a passphrase that is too short and for work
// that is not 8 to 22. The deed is written down before anything is.
func (h *Hub) BackUpKeys(ctx context.Context, w io.Writer, passphrase string, work int) error {
	if work < leastWork || work > mostWork {
		return kiosk.Errorf(kiosk.CodeInvalid, "error.work", "work %d: want %d to %d", work, leastWork, mostWork)
	}
	if utf8.RuneCountInString(passphrase) < MinPassphrase {
		return kiosk.Errorf(kiosk.CodeInvalid, "error.passphrase", "passphrase: want at least %d characters, such as five words that have nothing to do with each other", MinPassphrase)
	}
	list, err := h.KeyList() // which reads each of them once
	if err != nil {
		return err
	}
	if err := h.Audit(ctx, kiosk.AuditLine{Who: actor(ctx), Deed: "keys_backed_up"}); err != nil {
		return err
	}
	recipient, err := age.NewScryptRecipient(passphrase)
	if err != nil {
		return fmt.Errorf("encrypt the keys: %w", err)
	}
	recipient.SetWorkFactor(work)
	sealed, err := age.Encrypt(w, recipient)
	if err != nil {
		return fmt.Errorf("encrypt the keys: %w", err)
	}
	names := make([]string, 0, len(list)+1)
	for _, k := range list {
		names = append(names, k.File)
	}
	if keyfile.Exists(filepath.Join(h.keys.dir, chainName)) {
		names = append(names, chainName)
	}
	archive := tar.NewWriter(sealed)
	for _, name := range names {
		if err := h.keys.pack(archive, name); err != nil {
			return fmt.Errorf("back up %s: %w", name, err)
		}
	}
	if err := errors.Join(archive.Close(), sealed.Close()); err != nil {
		return fmt.Errorf("write the backup: %w", err)
	}
	return nil
}

func (k *Keys) pack(archive *tar.Writer, name string) error {
	text, err := os.ReadFile(filepath.Join(k.dir, name))
	if err != nil {
		return err
	}
	err = archive.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: 0o600, Size: int64(len(text))})
	if err != nil {
		return err
	}
	_, err = archive.Write(text)
	return err
}

// RestoreKeys puts the keys of a backup into dir, which is made where it is missing,
// and returns their files. All or
// nothing is read before the first is written, and nothing that is there is ever
// overwritten: the error has CodeConflict where a file is there and is another one. A
// wrong passphrase is CodeDenied, what is no backup of keys CodeInvalid.
func RestoreKeys(dir string, r io.Reader, passphrase string) ([]string, error) {
	files, err := unpack(r, passphrase)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of the keys: %w", err)
	}
	var names []string
	for name, text := range files {
		have, err := os.ReadFile(filepath.Join(dir, name))
		if err == nil && string(have) != text {
			return nil, kiosk.Errorf(kiosk.CodeConflict, "error.keys", "%s is there already and is not the one of the backup: nothing was changed; restore into an empty folder", filepath.Join(dir, name))
		}
		if err != nil {
			names = append(names, name)
		}
	}
	// The city's keys come first: a hub that finds its own key without them says so,
	// where it would make a new one of its own beside them.
	slices.Sort(names)
	for _, name := range names {
		if err := keyfile.Create(filepath.Join(dir, name), files[name]); err != nil {
			return nil, fmt.Errorf("restore %s: %w", name, err)
		}
	}
	if _, err := LoadKeys(dir); err != nil {
		return nil, err
	}
	return names, nil
}

// unpack decrypts a backup and returns its files by name.
func unpack(r io.Reader, passphrase string) (map[string]string, error) {
	identity, err := age.NewScryptIdentity(passphrase)
	if err != nil {
		return nil, kiosk.Errorf(kiosk.CodeInvalid, "error.passphrase", "passphrase: %w", err)
	}
	plain, err := age.Decrypt(r, identity)
	if _, wrong := errors.AsType[*age.NoIdentityMatchError](err); wrong {
		return nil, kiosk.Errorf(kiosk.CodeDenied, "error.passphrase", "the passphrase does not open this backup")
	}
	if err != nil {
		return nil, notABackup(err)
	}
	files := map[string]string{}
	archive := tar.NewReader(plain)
	for {
		head, err := archive.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, notABackup(err)
		}
		if head.Typeflag != tar.TypeReg || !keyFile.MatchString(head.Name) || head.Size > maxKeyFile {
			return nil, notABackup(fmt.Errorf("it holds %q", head.Name))
		}
		text, err := io.ReadAll(archive)
		if err != nil {
			return nil, notABackup(err)
		}
		files[head.Name] = string(text)
	}
	if _, err := io.Copy(io.Discard, plain); err != nil { // to its authenticated end
		return nil, notABackup(err)
	}
	if files[hubName] == "" {
		return nil, notABackup(errors.New("it holds no hub.key"))
	}
	return files, nil
}

func notABackup(err error) error {
	return kiosk.Errorf(kiosk.CodeInvalid, "error.backup", "this is no whole backup of a hub's keys: %w", err)
}
