package e2e_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
)

const (
	gallery       = "pictures/pages"
	galleryReadme = "../README.md"
)

// pictureFile is where the picture of a kind of page is.
func pictureFile(kind string) string {
	return strings.Trim(strings.ToLower(unfit.ReplaceAllString(kind, "-")), "-") + ".webp"
}

// TestGallery saves a picture of every kind of page: go test -run TestGallery -gallery.
// web/README.md shows them.
func TestGallery(t *testing.T) {
	if !*retake {
		t.Skip("-gallery is not given")
	}
	if err := os.MkdirAll(gallery, 0o755); err != nil {
		t.Fatal(err)
	}
	city := newCity(t)
	_, at := city.booth(t, "07", common().diagonal, "--setup", "never")
	b := open(t, common(), at)
	b.expect(`network: Failed to load resource: the server responded with a status of (403|404|409|422|503)`)
	done := map[string]bool{}
	take := func(kind string) {
		if done[kind] {
			return
		}
		done[kind] = true
		time.Sleep(400 * time.Millisecond) // what slides and fades has come to rest
		quality := int64(70)
		shot := call(b, page.CaptureScreenshot, page.CaptureScreenshotParams{Format: page.CaptureScreenshotFormatWebp, Quality: &quality})
		if err := os.WriteFile(filepath.Join(gallery, pictureFile(kind)), shot.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, p := range b.crawl() {
		if done[p.Kind] {
			continue
		}
		if p.Fields == nil {
			b.visit(p.URL)
		} else {
			b.post(p.URL, p.Fields)
		}
		if strings.HasPrefix(p.Kind, "slip") {
			b.awaitSeen(`[data-when-print="done"]`, time.Minute)
			b.await("the picture of the paper", "document.querySelector('[data-slip-picture]').naturalWidth > 300")
		}
		take(p.Kind)
	}
	b.visit("/receipt")
	take("receipt asked for")
	number, code := b.worry()
	b.show(number, code)
	take("receipt")
	b.visit("/")
	b.visit("/return")
	take("return")
	b.visit("/s/12.2")
	b.step("[data-call]")
	take("call open")
	b.step("[data-cancel]")
	b.visit("/s/3.1/form")
	b.hurry(time.Millisecond, time.Minute, time.Minute)
	b.awaitSeen("[data-idle-dialog]", patience)
	take("idle")
	b.tap("[data-idle-stay]")
	b.visit("/")
	b.staff("/staff")
	for _, p := range b.staffPages() {
		if p.Fields == nil {
			b.visit(p.URL)
		} else {
			b.post(p.URL, p.Fields)
		}
		if p.Name == "on duty" { // somebody is
			b.step(forward)
			b.fill()
			b.step(forward)
			b.visit("/staff/duty")
		}
		take("staff " + p.Name)
	}

	for _, n := range []string{
		"id: water\ntitle: {zh: 明天停水, en: No water tomorrow}\nlines:\n  - {zh: 请提前存水。, en: Store water tonight.}\n",
		"id: flood\nlevel: emergency\ntitle: {zh: 江水上涨，请到高处, en: The river rises}\nlines:\n  - {zh: 带上药和证件，去最近的学校。, en: Take medicine and papers to the nearest school.}\n  - {zh: 扶一把身边的老人和孩子。, en: Help old people and children.}\n",
	} {
		file := filepath.Join(t.TempDir(), "notice.yaml")
		if err := os.WriteFile(file, []byte(n+"until: "+time.Now().AddDate(0, 0, 2).Format("2006-01-02 15:04")+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		run(t, "hub", "--data", city.data(), "notice", "publish", file)
		if strings.Contains(n, "emergency") {
			b.awaitSeen(".urgent[open]", time.Minute)
			take("emergency")
			continue
		}
		soon(t, "the notice is at the booth", time.Minute, func() bool { return strings.Contains(string(download(t, at+"/attract")), "明天停水") })
		b.post("/staff/leave", fields())
		b.visit("/")
		b.hurry(time.Second, time.Minute, time.Minute)
		b.awaitSeen("[data-attract]", time.Minute)
		take("attract")
		b.tap("[data-attract]")
		b.hurry(time.Hour, time.Minute, time.Minute)
	}
	t.Logf("%d pictures", len(done))
}

// TestEveryKindOfPageIsShown holds web/README.md against the pictures: each is shown.
func TestEveryKindOfPageIsShown(t *testing.T) {
	text, err := os.ReadFile(galleryReadme)
	if err != nil {
		t.Fatal(err)
	}
	files, err := os.ReadDir(gallery)
	if err != nil || len(files) < 40 {
		t.Fatalf("%d pictures, %v", len(files), err)
	}
	for _, f := range files {
		if !strings.Contains(string(text), "e2e/"+gallery+"/"+f.Name()) {
			t.Errorf("%s does not show %s", galleryReadme, f.Name())
		}
	}
}

// shown fails where a kind of page has no picture.
func shown(t *testing.T, pages []screenPage) {
	t.Helper()
	for _, p := range pages {
		if _, err := os.Stat(filepath.Join(gallery, pictureFile(p.Kind))); err != nil {
			t.Errorf("the page %s is of the kind %q, of which there is no picture: make pictures", p.Name, p.Kind)
		}
	}
}
