package hub_test

import (
	"net/netip"
	"strings"
	"testing"

	"redstation/kiosk"
	"redstation/sync/hub"
	"redstation/sync/hub/hubtest"
	"redstation/sync/hub/sqldb"
)

func TestWebhookAddressesThatAreRefused(t *testing.T) {
	c := hubtest.New(t)
	for _, address := range []string{"ftp://city.example.cn/", "city.example.cn", "https://", "https://a:b@city.example.cn/", "https://city.example.cn/#x",
		"http://city.example.cn/", "https://10.1.2.3/", "https://[fd00::1]/", "https://169.254.169.254/latest", "https://[::ffff:192.168.0.1]/", "https://0.0.0.0/", "https://" + strings.Repeat("x", 2048)} {
		if _, _, err := c.AddWebhook(t.Context(), address, hub.WebhookOpts{}); kiosk.CodeOf(err) != kiosk.CodeInvalid || strings.Contains(err.Error(), "\n") {
			t.Errorf("%.60s: %v", address, err)
		}
	}
	for address, o := range map[string]hub.WebhookOpts{"http://city.example.cn/": {AllowHTTP: true}, "https://10.1.2.3/": {AllowPrivate: true}, "http://127.0.0.1:9/": {}, "http://localhost:9/": {}, "http://[::1]:9/": {}} {
		if _, _, err := c.AddWebhook(t.Context(), address, o); err != nil {
			t.Errorf("%s: %v", address, err)
		}
	}
	if _, _, err := c.AddWebhook(t.Context(), "https://city.example.cn/", hub.WebhookOpts{Kinds: []kiosk.Kind{"no.such"}}); kiosk.CodeOf(err) != kiosk.CodeInvalid {
		t.Errorf("an unknown kind: %v", err)
	}
	for _, tt := range []struct {
		addr              string
		loopback, private bool
		want              bool
	}{
		{"127.0.0.1", false, true, false}, {"127.0.0.1", true, false, true}, {"::ffff:127.0.0.1", false, true, false}, {"::1", false, false, false},
		{"10.0.0.1", false, false, false}, {"10.0.0.1", false, true, true}, {"172.31.0.1", true, false, false}, {"fd12::1", false, false, false},
		{"169.254.169.254", true, true, false}, {"fe80::1%eth0", true, true, false}, {"224.0.0.1", true, true, false}, {"255.255.255.255", false, true, false}, {"::", false, true, false},
		{"100.64.0.1", false, false, false}, {"64:ff9b::a00:1", false, false, false}, {"2002:a00:1::", false, false, false}, {"0.1.2.3", false, false, false},
		{"203.0.114.5", false, false, true}, {"2400:3200::1", false, false, true},
	} {
		if why := hub.Reach(netip.MustParseAddr(tt.addr), tt.loopback, tt.private); (why == "") != tt.want {
			t.Errorf("%s with loopback %v, private %v: %q", tt.addr, tt.loopback, tt.private, why)
		}
	}
}

// TestWebhookAddressIsLookedAtWhenItIsConnectedTo stores a webhook that AddWebhook
// would refuse, as one whose name leads elsewhere by now.
func TestWebhookAddressIsLookedAtWhenItIsConnectedTo(t *testing.T) {
	c := hubtest.New(t)
	err := c.DB.Update(t.Context(), func(tx *sqldb.Tx) error {
		return tx.SaveWebhook(t.Context(), sqldb.Webhook{ID: "wh_1", URL: "https://10.255.255.1:9/?key=s3cret", Secret: []byte("x")})
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := c.TestWebhook(t.Context(), "wh_1"); err == nil || !strings.Contains(err.Error(), "private network") || strings.Contains(err.Error(), "s3cret") {
		t.Errorf("got %v", err)
	}
}
