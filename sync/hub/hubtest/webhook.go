package hubtest

import (
	"context"
	"errors"
	"reflect"
	"testing"

	"redstation/kiosk"
	"redstation/sync/hub/sqldb"
)

// webhooks is the part of the suite that holds webhooks, their deliveries and
// attempts.
func webhooks(t *testing.T, db *sqldb.DB) {
	urgent := kiosk.LaneUrgent
	hook := sqldb.Webhook{ID: "wh_1", URL: "https://city.example.cn/in", Secret: []byte("s"), Kinds: []string{"a.b", "c.d"}, Lane: &urgent, Private: true, Pos: 1 << 40, Created: 5}
	ahead := hook
	ahead.Pos++
	kept(t, db, "webhook", hook, ahead, (*sqldb.Tx).SaveWebhook, func(ctx context.Context, tx *sqldb.Tx) (sqldb.Webhook, error) { return tx.Webhook(ctx, "wh_1") })
	d := sqldb.Delivery{ID: "msg_1", Hook: "wh_1", From: 1, To: 1 << 41, N: 3, State: sqldb.DeliveryPending, Created: 6, Due: 7}
	done := d
	done.State, done.Due, done.Ended, done.Tries, done.Error = sqldb.DeliveryDelivered, 8, 9, 2, "e"
	kept(t, db, "delivery", d, done, (*sqldb.Tx).SaveDelivery, func(ctx context.Context, tx *sqldb.Tx) (sqldb.Delivery, error) { return tx.Delivery(ctx, "msg_1") })
	plain := sqldb.Webhook{ID: "wh_2", URL: "http://127.0.0.1/", Secret: []byte("t"), Created: 9}
	dead := []sqldb.Delivery{{ID: "msg_2", Hook: "wh_2", To: 20, State: sqldb.DeliveryDead}, {ID: "msg_3", Hook: "wh_2", To: 10, State: sqldb.DeliveryDead}}
	first, second := sqldb.DeliveryAttempt{Delivery: "msg_2", At: 1, MS: 2, Status: 500, Error: "no"}, sqldb.DeliveryAttempt{Delivery: "msg_3", At: 1, MS: 3}
	update(t, db, func(ctx context.Context, tx *sqldb.Tx) error {
		return errors.Join(tx.SaveWebhook(ctx, plain), tx.SaveDelivery(ctx, dead[0]), tx.SaveDelivery(ctx, dead[1]),
			tx.AddDeliveryAttempt(ctx, sqldb.DeliveryAttempt{Delivery: "msg_1"}), tx.AddDeliveryAttempt(ctx, first), tx.AddDeliveryAttempt(ctx, second))
	})
	view(t, db, func(ctx context.Context, tx *sqldb.Tx) error {
		hooks, err := tx.Webhooks(ctx)
		if want := []sqldb.Webhook{ahead, plain}; !reflect.DeepEqual(hooks, want) {
			t.Errorf("webhooks %+v, want %+v", hooks, want)
		}
		got, err2 := tx.Deliveries(ctx, "wh_2", sqldb.DeliveryDead, 9)
		if want := []sqldb.Delivery{dead[1], dead[0]}; !reflect.DeepEqual(got, want) {
			t.Errorf("dead deliveries %+v, want %+v", got, want)
		}
		n, err3 := tx.CountDeliveries(ctx, "wh_2", sqldb.DeliveryDead)
		attempts, err4 := tx.DeliveryAttempts(ctx, "wh_2", 9)
		if want := []sqldb.DeliveryAttempt{second, first}; n != 2 || !reflect.DeepEqual(attempts, want) {
			t.Errorf("%d dead, attempts %+v, want %+v", n, attempts, want)
		}
		return errors.Join(err, err2, err3, err4)
	})
	update(t, db, func(ctx context.Context, tx *sqldb.Tx) error {
		return errors.Join(tx.PurgeDeliveries(ctx, 10), tx.DeleteWebhook(ctx, "wh_2"))
	})
	view(t, db, func(ctx context.Context, tx *sqldb.Tx) error {
		for _, id := range []string{"msg_1", "msg_2", "msg_3"} {
			if _, err := tx.Delivery(ctx, id); !errors.Is(err, sqldb.ErrNoRow) {
				t.Errorf("delivery %s is still there: %v", id, err)
			}
		}
		hooks, err := tx.Webhooks(ctx)
		if len(hooks) != 1 {
			t.Errorf("webhooks %+v", hooks)
		}
		return err
	})
}
