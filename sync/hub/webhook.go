package hub

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"net/netip"
	"net/url"
	"time"

	"redstation/kiosk"
	"redstation/sync/hub/sqldb"
)

// maxWebhooks bounds what the hub sends at once.
const maxWebhooks = 32

// WebhookOpts say what a webhook is sent and where it may lead.
type WebhookOpts struct {
	Kinds        []kiosk.Kind // none = all
	Lane         *kiosk.Lane  // nil = both
	After        int64        // records after this cursor; below 0 = those from now on
	AllowHTTP    bool         // without TLS: the records can be read on the way
	AllowPrivate bool         // into a private network
}

// Webhook is an address that new records are sent to.
type Webhook struct {
	ID      string
	URL     string
	Kinds   []kiosk.Kind
	Lane    *kiosk.Lane
	Created time.Time
	Cursor  int64 // what is up to here was delivered or given up
	Behind  int64 // records behind the cursor, of any kind
	Dead    int   // deliveries that were given up

	Tries     int       // at the delivery that is next; 0 = it has not failed
	Next      time.Time // next attempt at it
	LastError string    // why it failed
}

// AddWebhook makes a webhook and returns it with its secret, which signs what is
// sent and is shown this once. The error has CodeInvalid.
func (h *Hub) AddWebhook(ctx context.Context, address string, o WebhookOpts) (w Webhook, secret string, err error) {
	u, err := checkWebhookURL(address, o)
	if err != nil {
		return w, "", err
	}
	row := sqldb.Webhook{ID: "wh_" + randomHex(4), URL: address, Secret: make([]byte, 32), Kinds: sorted(o.Kinds), Lane: o.Lane, Private: o.AllowPrivate, Pos: o.After}
	rand.Read(row.Secret)
	err = h.db.Update(ctx, func(tx *sqldb.Tx) error {
		now := h.now()
		hooks, err := tx.Webhooks(ctx)
		if err != nil {
			return err
		}
		if len(hooks) >= maxWebhooks {
			return kiosk.Errorf(kiosk.CodeInvalid, "error.webhook", "there are %d webhooks already: remove one", len(hooks))
		}
		if err := checkKinds(ctx, tx, o.Kinds); err != nil {
			return err
		}
		last, err := tx.LastPos(ctx)
		if err != nil {
			return err
		}
		if o.After > last {
			return kiosk.Errorf(kiosk.CodeInvalid, "error.webhook", "cursor %d lies behind the last record, which is %d", o.After, last)
		}
		if o.After < 0 {
			row.Pos = last
		}
		row.Created = sqldb.Millis(now)
		return errors.Join(tx.SaveWebhook(ctx, row),
			tx.AddAudit(ctx, kiosk.AuditLine{At: now, Who: actor(ctx), Deed: "webhook_added", Object: "webhook " + row.ID + " to " + u.Host}))
	})
	if err != nil {
		return w, "", err
	}
	return asWebhook(row), "whsec_" + base64.StdEncoding.EncodeToString(row.Secret), nil
}

func asWebhook(row sqldb.Webhook) Webhook {
	return Webhook{ID: row.ID, URL: row.URL, Kinds: kindsOf(row.Kinds), Lane: row.Lane, Created: sqldb.Time(row.Created), Cursor: row.Pos}
}

// checkWebhookURL refuses what must not be sent to. Where a name leads is looked at
// when it is connected to, each time.
func checkWebhookURL(address string, o WebhookOpts) (*url.URL, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Hostname() == "" || (u.Scheme != "https" && u.Scheme != "http") || u.Fragment != "" {
		return nil, kiosk.Errorf(kiosk.CodeInvalid, "error.webhook", "webhook address %.64q: want one like https://city.example.cn/hooks/red-station", address)
	}
	if u.User != nil {
		return nil, kiosk.Errorf(kiosk.CodeInvalid, "error.webhook", "a webhook address holds no name and password: the receiver knows us by the signature")
	}
	if len(address) > 2048 {
		return nil, kiosk.Errorf(kiosk.CodeInvalid, "error.webhook", "a webhook address has at most 2048 bytes")
	}
	if u.Scheme == "http" && !o.AllowHTTP && !loopbackHost(u.Hostname()) {
		return nil, kiosk.Errorf(kiosk.CodeInvalid, "error.webhook", "webhook address %s is not https: what is sent there can be read on the way; use https or say --allow-http", u.Host)
	}
	if a, err := netip.ParseAddr(u.Hostname()); err == nil {
		if why := reach(a, loopbackHost(u.Hostname()), o.AllowPrivate); why != "" {
			return nil, kiosk.Errorf(kiosk.CodeInvalid, "error.webhook", "webhook address %s %s", u.Host, why)
		}
	}
	return u, nil
}

func randomHex(n int) string {
	b := make([]byte, n)
	rand.Read(b)
	return hex.EncodeToString(b)
}

// Webhooks lists the webhooks, the oldest first.
func (h *Hub) Webhooks(ctx context.Context) (out []Webhook, err error) {
	err = h.db.View(ctx, func(tx *sqldb.Tx) error {
		out, err = hookStates(ctx, tx)
		return err
	})
	return out, err
}

func hookStates(ctx context.Context, tx *sqldb.Tx) ([]Webhook, error) {
	rows, err := tx.Webhooks(ctx)
	if err != nil {
		return nil, err
	}
	last, err := tx.LastPos(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]Webhook, len(rows))
	for i, row := range rows {
		w := asWebhook(row)
		w.Behind = last - row.Pos
		if w.Dead, err = tx.CountDeliveries(ctx, row.ID, sqldb.DeliveryDead); err != nil {
			return nil, err
		}
		next, err := firstDelivery(ctx, tx, row.ID, sqldb.DeliveryPending)
		if err != nil {
			return nil, err
		}
		if next != nil {
			w.Tries, w.Next, w.LastError = next.Tries, sqldb.Time(next.Due), next.Error
		}
		out[i] = w
	}
	return out, nil
}

// RemoveWebhook ends a webhook and forgets what was noted of it. The error has
// CodeNotFound.
func (h *Hub) RemoveWebhook(ctx context.Context, id string) error {
	return h.db.Update(ctx, func(tx *sqldb.Tx) error {
		if _, err := webhookOf(ctx, tx, id); err != nil {
			return err
		}
		return errors.Join(tx.DeleteWebhook(ctx, id),
			tx.AddAudit(ctx, kiosk.AuditLine{At: h.now(), Who: actor(ctx), Deed: "webhook_removed", Object: "webhook " + id}))
	})
}

func webhookOf(ctx context.Context, tx *sqldb.Tx, id string) (sqldb.Webhook, error) {
	row, err := tx.Webhook(ctx, id)
	if errors.Is(err, sqldb.ErrNoRow) {
		err = kiosk.Errorf(kiosk.CodeNotFound, "error.webhook", "there is no webhook %q: see redstation hub webhook list", id)
	}
	return row, err
}

// maxListed is how many deliveries and attempts are listed.
const maxListed = 1000

// DeadDeliveries lists what was given up for a webhook, in the order of its records.
// The error has CodeNotFound.
func (h *Hub) DeadDeliveries(ctx context.Context, id string) (out []sqldb.Delivery, err error) {
	err = h.db.View(ctx, func(tx *sqldb.Tx) error {
		if _, err := webhookOf(ctx, tx, id); err != nil {
			return err
		}
		out, err = tx.Deliveries(ctx, id, sqldb.DeliveryDead, maxListed)
		return err
	})
	return out, err
}

// DeliveryAttempts lists the last attempts at a webhook's deliveries, newest first. The
// error has CodeNotFound.
func (h *Hub) DeliveryAttempts(ctx context.Context, id string, limit int) (out []sqldb.DeliveryAttempt, err error) {
	err = h.db.View(ctx, func(tx *sqldb.Tx) error {
		if _, err := webhookOf(ctx, tx, id); err != nil {
			return err
		}
		out, err = tx.DeliveryAttempts(ctx, id, min(limit, maxListed))
		return err
	})
	return out, err
}

// RetryDeliveries has deliveries that were given up sent once more, all of the
// webhook where none is named, and returns how many. They do not hold up what comes
// after them; one that fails again is given up again. The error has CodeNotFound.
func (h *Hub) RetryDeliveries(ctx context.Context, id string, deliveries ...string) (n int, err error) {
	err = h.db.Update(ctx, func(tx *sqldb.Tx) error {
		n = 0
		if _, err := webhookOf(ctx, tx, id); err != nil {
			return err
		}
		dead, err := tx.Deliveries(ctx, id, sqldb.DeliveryDead, maxListed)
		if err != nil {
			return err
		}
		if len(deliveries) > 0 {
			if dead, err = named(dead, deliveries); err != nil {
				return err
			}
		}
		for _, d := range dead {
			d.State, d.Due = sqldb.DeliveryAgain, sqldb.Millis(h.now())
			if err := tx.SaveDelivery(ctx, d); err != nil {
				return err
			}
			n++
		}
		return tx.AddAudit(ctx, kiosk.AuditLine{At: h.now(), Who: actor(ctx), Deed: "webhook_retried", Object: "webhook " + id})
	})
	return n, err
}

func named(dead []sqldb.Delivery, ids []string) (out []sqldb.Delivery, err error) {
	byID := map[string]sqldb.Delivery{}
	for _, d := range dead {
		byID[d.ID] = d
	}
	for _, id := range ids {
		d, ok := byID[id]
		if !ok {
			return nil, kiosk.Errorf(kiosk.CodeNotFound, "error.webhook", "there is no delivery %q that was given up: see redstation hub webhook dead", id)
		}
		out = append(out, d)
	}
	return out, nil
}
