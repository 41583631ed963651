package kiosk_test

import (
	"testing"

	"redstation/kiosk"
)

func TestADiskIsGradedWithSlack(t *testing.T) {
	for _, tt := range []struct {
		used float64
		was  kiosk.Storage
		want kiosk.Storage
	}{
		{0, "", kiosk.StorageRoom}, {79.9, "", kiosk.StorageRoom}, {80, "", kiosk.StorageWarn}, {90, "", kiosk.StorageTight}, {95, "", kiosk.StorageFull},
		{100, kiosk.StorageRoom, kiosk.StorageFull},
		{94, kiosk.StorageFull, kiosk.StorageFull}, {92.9, kiosk.StorageFull, kiosk.StorageTight}, {50, kiosk.StorageFull, kiosk.StorageRoom},
		{94, kiosk.StorageTight, kiosk.StorageTight}, {95, kiosk.StorageTight, kiosk.StorageFull}, {88, kiosk.StorageTight, kiosk.StorageTight},
		{87, kiosk.StorageTight, kiosk.StorageWarn}, {78.5, kiosk.StorageWarn, kiosk.StorageWarn}, {77, kiosk.StorageWarn, kiosk.StorageRoom},
	} {
		if got := kiosk.StorageAt(tt.used, tt.was); got != tt.want {
			t.Errorf("%v %% after %q: got %q, want %q", tt.used, tt.was, got, tt.want)
		}
	}
}
