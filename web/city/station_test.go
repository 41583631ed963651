package city_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"redstation/kiosk"
)

func TestBoothsAreShownWorstFirst(t *testing.T) {
	v := signedIn(t)
	fresh := kiosk.Station{EnrolledAt: noon, LastContact: noon, Printer: kiosk.PrinterReady}
	with := func(id string, change func(*kiosk.Station)) kiosk.Station {
		b := fresh
		b.ID, b.Name = id, "亭"+id
		change(&b)
		return b
	}
	v.booths = []kiosk.Station{
		with("fine", func(b *kiosk.Station) {}),
		with("revoked", func(b *kiosk.Station) { b.Revoked, b.LastContact = true, noon.AddDate(0, -1, 0) }),
		with("waiting", func(b *kiosk.Station) { b.EnrolledAt, b.LastContact, b.Printer = time.Time{}, time.Time{}, "" }),
		with("behind", func(b *kiosk.Station) { b.Behind, b.Oldest = 3, noon.Add(-time.Minute) }),
		with("low", func(b *kiosk.Station) { b.Printer = kiosk.PrinterPaperLow }),
		with("late", func(b *kiosk.Station) { b.Behind, b.Oldest = 4, noon.Add(-11*time.Minute) }),
		with("printer", func(b *kiosk.Station) { b.Printer = kiosk.PrinterCover }),
		with("forked", func(b *kiosk.Station) { b.Forked = 1 }),
		with("failing", func(b *kiosk.Station) { b.LastError = "gap at 12" }),
		with("silent", func(b *kiosk.Station) { b.LastContact = noon.Add(-11 * time.Minute) }),
	}
	order := func(path string) []string {
		var ids []string
		for _, m := range regexp.MustCompile(`id="booth-([a-z]+)"`).FindAllStringSubmatch(v.page(path), -1) {
			ids = append(ids, m[1])
		}
		return ids
	}
	worst := strings.Fields("forked silent failing printer late low behind waiting fine revoked")
	if got := order("/"); !slices.Equal(got, worst) {
		t.Errorf("got %v, want %v", got, worst)
	}
	if got := order("/?sort=nonsense"); !slices.Equal(got, worst) {
		t.Errorf("an unknown order: got %v, want %v", got, worst)
	}
	if got := order("/?sort=id"); !slices.IsSorted(got) {
		t.Errorf("by id: got %v", got)
	}
	if got := order("/?sort=behind"); got[0] != "late" || got[1] != "behind" {
		t.Errorf("by backlog: got %v", got)
	}
	want(t, v.page("/"), "记录分叉", "请在服务器上运行 redstation hub forks", "失联", "联络出错", "盖子开着", "积压", "纸快用完", "正在上报", "等待登记", "正常", "已停用", "gap at 12", "从未")
}

func TestBoothsAndFigures(t *testing.T) {
	v := signedIn(t)
	page := v.page("/")
	want(t, page, "9 秒前", `<time datetime="2026-11-23T11:59:51&#43;08:00">11:59:51</time>`, "3 小时前",
		"落后 1\u202f284 条", `最早 <time datetime="2026-11-22T10:00:00&#43;08:00">11-22 10:00</time>`, "缺纸", `href="/log?booth=07"`,
		`<strong class="number">2</strong> <span>个驿站`, `<strong class="number">2</strong> <span>/ 3 个驿站`, "1\u202f120",
		"数据时间 2026-11-23 12:00:00", "&lt;script&gt;", "not:<script>alert")
	v.booths = nil
	want(t, v.page("/"), "还没有驿站", "redstation hub enrol", "not:<table")
}
