package hub

import (
	"context"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"net"
	"net/http"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"redstation/kiosk"
	"redstation/sync/hub/sqldb"
	"redstation/sync/wire"
)

// The life of an enrolment code.
const (
	inviteLife  = 24 * time.Hour
	inviteTries = 5 // wrong codes after which the right one is worth nothing
)

// CreateEnrolment makes the booth if it is new, gives it a fresh enrolment code in
// place of any older one, and returns the enrolment string. For a booth that has a
// key already, its key holds until the code is used. name may be empty for a booth
// that has one. The error has CodeInvalid.
func (h *Hub) CreateEnrolment(ctx context.Context, booth, name, hubURL string) (string, error) {
	if !wire.ValidBooth(booth) {
		return "", kiosk.Errorf(kiosk.CodeInvalid, "error.booth", "booth id %q: want 1 to 16 letters, digits and dashes, not beginning with a dash (and not %q)", booth, kiosk.UnenrolledBooth)
	}
	base, err := wire.BaseURL(hubURL)
	if err != nil {
		return "", err
	}
	name = strings.TrimSpace(name)
	if utf8.RuneCountInString(name) > 64 || strings.ContainsFunc(name, unicode.IsControl) || !utf8.ValidString(name) {
		return "", kiosk.Errorf(kiosk.CodeInvalid, "error.name", "name of booth %s: want at most 64 printable characters", booth)
	}
	code := wire.NewCode()
	err = h.db.Update(ctx, func(tx *sqldb.Tx) error {
		now := h.now()
		b, err := tx.Booth(ctx, booth)
		if errors.Is(err, sqldb.ErrNoRow) {
			b, err = sqldb.Booth{ID: booth, Created: sqldb.Millis(now)}, nil
		}
		if err != nil {
			return err
		}
		if name != "" {
			b.Name = name
		}
		if b.Name == "" {
			return kiosk.Errorf(kiosk.CodeInvalid, "error.name", "booth %s is new and needs a name", booth)
		}
		return errors.Join(tx.SaveBooth(ctx, b),
			tx.SaveInvite(ctx, sqldb.Invite{Booth: booth, Code: h.codeHash(booth, code), Expires: sqldb.Millis(now.Add(inviteLife))}),
			tx.AddAudit(ctx, kiosk.AuditLine{At: now, Who: actor(ctx), Deed: "enrolment_created", Object: "booth " + booth}))
	})
	if err != nil {
		return "", err
	}
	return wire.Invitation{Hub: base, Booth: booth, Code: code, Fingerprint: wire.Fingerprint(h.keys.Public())}.String(), nil
}

// RevokeBooth refuses the booth's key from now on. What it sent stays. The error has
// CodeInvalid where no reason is given, CodeNotFound where there is no such booth.
func (h *Hub) RevokeBooth(ctx context.Context, booth, reason string) error {
	reason = strings.TrimSpace(reason)
	if utf8.RuneCountInString(reason) < minReason || !utf8.ValidString(reason) {
		return kiosk.Errorf(kiosk.CodeInvalid, "error.reason", "reason %q: say in a few words why the booth is revoked", reason)
	}
	defer h.roll.drop(booth)
	return h.db.Update(ctx, func(tx *sqldb.Tx) error {
		now := h.now()
		b, err := tx.Booth(ctx, booth)
		if errors.Is(err, sqldb.ErrNoRow) {
			return kiosk.Errorf(kiosk.CodeNotFound, "error.booth", "there is no booth %q", booth)
		}
		if err != nil {
			return err
		}
		b.Revoked = sqldb.Millis(now)
		return errors.Join(tx.SaveBooth(ctx, b), tx.SaveInvite(ctx, sqldb.Invite{Booth: booth, Code: []byte{}}),
			tx.AddAudit(ctx, kiosk.AuditLine{At: now, Who: actor(ctx), Deed: "booth_revoked", Object: "booth " + booth, Reason: reason}))
	})
}

// codeHash is what is stored of a code. It is keyed with a secret of the hub, so
// that a copy of the database alone does not tell 50 bits.
func (h *Hub) codeHash(booth, code string) []byte {
	m := hmac.New(sha256.New, h.keys.derive("enrolment"))
	m.Write([]byte(booth + "\x00" + code))
	return m.Sum(nil)
}

// serveEnrol takes a booth in. The request is signed with the key that it brings.
func (h *Hub) serveEnrol(d *desk) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s, a := h.challenged(r)
		if s == nil {
			h.send(w, r, "", a)
			return
		}
		source := sourceOf(r)
		if wait := h.enrols.wait(source, h.now()); wait > 0 && a.message == nil {
			a = problem(http.StatusTooManyRequests, wire.Problem{Trouble: wire.TroubleBusy, HubTimeMS: sqldb.Millis(h.now()),
				Detail: "too many wrong enrolment codes from this address", RetryAfterMS: wait.Milliseconds() + 1})
		}
		var body []byte
		if a.message == nil {
			body, a = h.readSmall(w, r, d, s)
		}
		if a.message == nil {
			v := &visit{what: d.what, began: time.Now(), bytes: int64(len(body))}
			a = h.enrol(v.in(r.Context()), s, body)
			if a.status == http.StatusForbidden {
				h.enrols.fail(source, h.now())
			}
		}
		h.send(w, r, s.Nonce, a)
	}
}

func (h *Hub) enrol(ctx context.Context, s *wire.Signed, body []byte) answer {
	var in wire.Enrol
	raw, err := h.codec.Decompress(body)
	if err == nil {
		if err := wire.SpeaksMessage(raw); err != nil {
			return h.refuse(http.StatusBadRequest, wire.TroubleProto, err)
		}
		err = wire.Unmarshal(raw, &in)
	}
	if err != nil || s.KeyID != wire.KeyIDEnrol || len(in.Key) != ed25519.PublicKeySize || len(in.Code) > 64 || !wire.ValidBooth(in.Booth) {
		return h.refuse(http.StatusBadRequest, wire.TroubleMalformed, errors.New("this is not an enrolment"))
	}
	if err := s.Verify(body, in.Key); err != nil {
		return h.refuse(http.StatusUnauthorized, wire.TroubleSignature, err)
	}
	var a answer
	err = h.group.do(ctx, func(ctx context.Context, tx *sqldb.Tx) (err error) {
		a, err = h.redeem(ctx, tx, &in)
		return err
	})
	if err != nil {
		return h.fault(ctx, in.Booth, err)
	}
	if p, ok := a.message.(*wire.Problem); ok {
		h.note(ctx, in.Booth, string(p.Trouble), p.Detail)
	}
	return a
}

// redeem spends a code. The same booth may ask again with the same code while it
// has not expired: the answer may have been lost.
func (h *Hub) redeem(ctx context.Context, tx *sqldb.Tx, in *wire.Enrol) (answer, error) {
	now := h.now()
	unknown := h.refuse(http.StatusForbidden, wire.TroubleCode, errors.New("no such enrolment code"))
	v, err := tx.Invite(ctx, in.Booth)
	if errors.Is(err, sqldb.ErrNoRow) {
		return unknown, nil
	}
	if err != nil {
		return answer{}, err
	}
	if !hmac.Equal(v.Code, h.codeHash(in.Booth, wire.FoldCode(in.Code))) {
		v.Tries++
		return unknown, tx.SaveInvite(ctx, v)
	}
	switch again := v.Used != 0 && hmac.Equal(v.Key, in.Key); {
	case v.Tries >= inviteTries:
		return h.refuse(http.StatusForbidden, wire.TroubleSpent, errors.New("enrolment code was tried too often")), nil
	case v.Used != 0 && !again:
		return h.refuse(http.StatusForbidden, wire.TroubleSpent, errors.New("enrolment code was used before")), nil
	case sqldb.Millis(now) > v.Expires:
		return h.refuse(http.StatusForbidden, wire.TroubleExpired, errors.New("enrolment code is older than a day")), nil
	}
	b, err := tx.Booth(ctx, in.Booth)
	if err != nil {
		return answer{}, err
	}
	b.Key, b.Enrolled, b.Revoked, b.Error = in.Key, sqldb.Millis(now), 0, ""
	v.Used, v.Key = sqldb.Millis(now), in.Key
	err = errors.Join(tx.SaveBooth(ctx, b), tx.SaveInvite(ctx, v), tx.NoteKey(ctx, b.ID, in.Key, sqldb.Millis(now)), tx.BeginTally(ctx, b.ID),
		tx.AddAudit(ctx, kiosk.AuditLine{At: now, Who: "booth " + b.ID, Deed: "booth_enrolled", Object: "booth " + b.ID, Reason: plain(in.Hardware)}))
	if err != nil {
		return answer{}, err
	}
	h.log.InfoContext(ctx, "booth enrolled", "booth", b.ID)
	city := h.keys.now.Load().city
	return answer{status: http.StatusOK, message: &wire.EnrolAnswer{Booth: b.ID, Name: b.Name, HubTimeMS: sqldb.Millis(now),
		CityKeyID: city.ID, CityKey: city.Public().Bytes()}}, nil
}

// sourceOf returns the address that a request came from, without its port.
func sourceOf(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}
