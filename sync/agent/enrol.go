package agent

import (
	"context"
	"crypto/ed25519"
	"time"

	"redstation/kiosk"
	"redstation/sync/wire"
)

// KeyName is the file of the booth's signing key in its data folder.
const KeyName = "booth.key"

// LoadKey returns the booth's signing key in dir/booth.key, and makes it where there
// is none. It never leaves the booth.
func LoadKey(dir string) (ed25519.PrivateKey, error) { return signingKey(keyPath(dir)) }

// Enrol spends the one-time code of an enrolment string: it introduces the booth's
// key to the hub and returns what the book must store (Book.Enrol). The same
// string with the same key may be used again while it has not expired, so that a
// power cut before the book has stored it does no harm. The errors are one clear
// line each, with CodeInvalid (malformed string), CodeDenied (code unknown, spent
// or expired; wrong fingerprint), CodeUnavailable (too many attempts) or
// CodeOffline (no answer).
func Enrol(ctx context.Context, invitation string, key ed25519.PrivateKey, o Opts) (kiosk.Enrolment, error) {
	v, err := wire.ParseInvitation(invitation)
	if err != nil {
		return kiosk.Enrolment{}, err
	}
	o = o.withDefaults()
	msg, err := wire.Marshal(&wire.Enrol{Proto: wire.Proto, Booth: v.Booth, Code: v.Code, Key: key.Public().(ed25519.PublicKey), Hardware: o.Hardware})
	if err != nil {
		return kiosk.Enrolment{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, helloTimeout)
	defer cancel()
	hub := &caller{client: o.Client, time: o.time, base: v.Hub, keyID: wire.KeyIDEnrol, key: key, trust: v.Trust, asking: make(chan struct{}, 1)}
	r, err := hub.post(ctx, wire.PathEnrol, wire.TypeMessage, o.Codec.Compress(nil, msg))
	if err != nil {
		return kiosk.Enrolment{}, err
	}
	if r.problem.Trouble != "" {
		return kiosk.Enrolment{}, refusal(v.Hub, &r.problem)
	}
	var a wire.EnrolAnswer
	if err := wire.Unmarshal(r.body, &a); err != nil {
		return kiosk.Enrolment{}, err
	}
	if _, err := kiosk.NewCityKey(a.CityKeyID, a.CityKey); err != nil || a.Booth != v.Booth {
		return kiosk.Enrolment{}, kiosk.Errorf(kiosk.CodeDenied, "error.enrolment", "hub %s answered the enrolment of booth %s with something else", v.Hub, v.Booth)
	}
	return kiosk.Enrolment{Booth: a.Booth, Name: a.Name, Hub: v.Hub, HubKey: r.signer,
		CityKeyID: a.CityKeyID, CityKey: a.CityKey, At: time.UnixMilli(a.HubTimeMS).UTC()}, nil
}

// refusal says in one line why the hub did not take the booth in.
func refusal(hub string, p *wire.Problem) error {
	denied := func(key, text string) error {
		return kiosk.Errorf(kiosk.CodeDenied, key, "enrolment at %s: %s; ask for a new enrolment string", hub, text)
	}
	switch p.Trouble {
	case wire.TroubleCode:
		return denied("error.enrol_unknown", "the hub does not know this code")
	case wire.TroubleSpent:
		return denied("error.enrol_spent", "the code has been used by another booth or tried too often")
	case wire.TroubleExpired:
		return denied("error.enrol_expired", "the code is older than a day")
	case wire.TroubleBusy:
		return kiosk.Errorf(kiosk.CodeUnavailable, "error.enrol_busy", "enrolment at %s: the hub has no time now, try again in %s", hub,
			(time.Duration(p.RetryAfterMS) * time.Millisecond).Round(time.Second))
	}
	return kiosk.Errorf(kiosk.CodeDenied, "error.enrolment", "enrolment at %s was refused: %s %s", hub, p.Trouble, p.Detail)
}
