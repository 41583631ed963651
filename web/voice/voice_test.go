package voice_test

import (
	"errors"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"redstation/kiosk"
	"redstation/kiosk/catalog"
	"redstation/web/locale"
	"redstation/web/voice"
)

// folder returns a set that says the texts.
func folder(lang kiosk.Lang, texts ...string) fstest.MapFS {
	f := fstest.MapFS{}
	for _, t := range texts {
		f[voice.IDOf(lang, t).File()] = &fstest.MapFile{Data: []byte(t)}
	}
	return f
}

// said returns in words what Say found, "" for nothing.
func said(t *testing.T, s *voice.Set, lang kiosk.Lang, text string) string {
	t.Helper()
	var words []string
	for _, id := range s.Say(lang, text) {
		body, err := s.Open(id)
		if err != nil {
			t.Fatal(err)
		}
		words = append(words, string(body))
	}
	return strings.Join(words, "|")
}

func TestSayPutsPartsTogether(t *testing.T) {
	zh := append(voice.Parts(kiosk.Chinese), "您想办什么事？", "北山街道", "的哪里", "步，共", "步", "星期三", "来源")
	en := append(voice.Parts(kiosk.English), "Step", "of", "Beishan Street", "Where in")
	ko := append(voice.Parts(kiosk.Korean), "단계 중", "단계", "월요일")
	for _, tt := range []struct {
		lang       kiosk.Lang
		text, want string
	}{
		{"zh", "您想办什么事？", "您想办什么事？"},
		{"zh", "  您想办什么事？ ", "您想办什么事？"},
		{"zh", "第 2 步，共 14 步", "第|2|步，共|14|步"},
		{"zh", "北山街道的哪里？", "北山街道|的哪里"},
		{"zh", "A012", "A|0|1|2"},
		{"zh", "07-0042", "0|7|0|0|4|2"},
		{"zh", "11月25日（星期三）", "11|月|25|日|星期三"},
		{"zh", "09:41", "9|点|41|分"},
		{"zh", "14:05", "14|点|零5|分"},
		{"zh", "8:00", "8|点整"},
		{"zh", "来源：2026-11-03", "来源|2|0|2|6|年|11|月|3|日"},
		{"zh", "没有人录过这句话", ""},
		{"zh", "北山街道没有", ""},
		{"zh", "", ""},
		{"zh", "？！", ""},
		{"zh", "12:75", "1|2|7|5"}, // no time of day
		{"en", "Step 2 of 4", "Step|2|of|4"},
		{"en", "Where in Beishan Street?", "Where in|Beishan Street"},
		{"en", "09:05", "9|oh 5"},
		{"en", "16:00", "16|o'clock"},
		{"en", "2026-11-23", "23|November|20|26"},
		{"en", "Stepped", ""},
		{"ko", "14단계 중 2단계", "14|단계 중|2|단계"},
		{"ko", "13:07", "한|시|7|분"},
		{"ko", "00:00", "열두|시"},
	} {
		set := voice.New(nil, map[kiosk.Lang]fs.FS{"zh": folder("zh", zh...), "en": folder("en", en...), "ko": folder("ko", ko...)}[tt.lang])
		if got := said(t, set, tt.lang, tt.text); got != tt.want {
			t.Errorf("%s %q: got %q, want %q", tt.lang, tt.text, got, tt.want)
		}
	}
}

// TestAFolderComesAndGoes replaces a clip of the program's by one of the booth's folder,
// which is read again after a while.
func TestAFolderComesAndGoes(t *testing.T) {
	now := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	id := voice.IDOf("zh", "号")
	own, city := folder("zh", "号"), fstest.MapFS{"notes.txt": {}, "0123.opus": {}}
	set := voice.New(func() time.Time { return now }, city, own)
	if got, err := set.Open(id); err != nil || string(got) != "号" {
		t.Fatalf("got %q %v", got, err)
	}
	if got := set.Say("zh", "点"); got != nil {
		t.Fatalf("got %v for what nobody says", got)
	}
	city[id.File()] = &fstest.MapFile{Data: []byte("a person")}
	city[voice.IDOf("zh", "点").File()] = &fstest.MapFile{Data: []byte("点")}
	now = now.Add(time.Minute)
	if got := said(t, set, "zh", "点"); got != "点" {
		t.Errorf("a new clip: got %q", got)
	}
	if got, err := set.Open(id); err != nil || string(got) != "a person" {
		t.Errorf("got %q %v, want the folder's clip before the program's", got, err)
	}
	if _, err := set.Open("0000000000000000"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v, want ErrNotExist", err)
	}
}

func TestManifestRefusesWhatIsWrong(t *testing.T) {
	good := string(voice.IDOf("zh", "号")) + "\tzh\tperson: Wang\t号\n"
	m, err := voice.ReadManifest(fstest.MapFS{voice.ManifestFile: {Data: []byte(good)}})
	if err != nil || len(m) != 1 || !m[voice.IDOf("zh", "号")].Human() {
		t.Fatalf("got %v %v", m, err)
	}
	var out strings.Builder
	if err := m.Write(&out); err != nil || out.String() != good {
		t.Errorf("wrote %q %v, want %q", out.String(), err, good)
	}
	for name, text := range map[string]string{
		"a column too few": "x\tzh\t号\n",
		"another hash":     "0123456789abcdef\tzh\tespeak-ng\t号\n",
		"a line twice":     good + good,
	} {
		if _, err := voice.ReadManifest(fstest.MapFS{voice.ManifestFile: {Data: []byte(text)}}); err == nil {
			t.Errorf("%s was read", name)
		}
	}
}

// TestTheSetIsWhole holds the program's clips against their list: each file has a line,
// each line a file, and each is Ogg Opus.
func TestTheSetIsWhole(t *testing.T) {
	list, err := voice.ReadManifest(voice.Clips())
	if err != nil {
		t.Fatal(err)
	}
	files, err := fs.Glob(voice.Clips(), "*.opus")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != len(list) || len(files) < 2000 {
		t.Errorf("got %d files and a list of %d", len(files), len(list))
	}
	bytes := 0
	for id, e := range list {
		body, err := fs.ReadFile(voice.Clips(), id.File())
		if err != nil {
			t.Errorf("%s %q: %v", e.Lang, e.Text.Text, err)
			continue
		}
		bytes += len(body)
		if len(body) < 200 || !strings.HasPrefix(string(body), "OggS") || !strings.Contains(string(body[:64]), "OpusHead") {
			t.Errorf("%s %q: %d bytes are no Ogg Opus", e.Lang, e.Text.Text, len(body))
		}
		if e.By == "" {
			t.Errorf("%s %q: the list does not say who speaks", e.Lang, e.Text.Text)
		}
	}
	t.Logf("%d clips, %.1f MB", len(files), float64(bytes)/1e6)
}

// TestWhatIsSilent names every text of the residents' pages that has no clip. Those are
// passed over on the screen; too many of them in a language fail.
func TestWhatIsSilent(t *testing.T) {
	words, err := locale.Load(locale.Shared())
	if err != nil {
		t.Fatal(err)
	}
	c, err := catalog.Default()
	if err != nil {
		t.Fatal(err)
	}
	list, err := voice.ReadManifest(voice.Clips())
	if err != nil {
		t.Fatal(err)
	}
	leaflets := voice.Leaflets(c)
	all, silent, long := map[kiosk.Lang]int{}, map[kiosk.Lang]int{}, map[kiosk.Lang]int{}
	for _, text := range voice.Texts(words, c) {
		if _, ok := list[text.ID()]; !ok && text.Lang != kiosk.Chinese && leaflets[text.ID()] {
			long[text.Lang]++ // left out for the program's size
			continue
		}
		all[text.Lang]++
		if _, ok := list[text.ID()]; !ok {
			silent[text.Lang]++
			t.Logf("silent in %s: %s", text.Lang, text.Text)
		}
	}
	for _, lang := range kiosk.Langs() {
		t.Logf("%s: %d texts, %d of them silent, and %d lines of leaflets", lang, all[lang], silent[lang], long[lang])
		if all[lang] < 600 || silent[lang]*10 > all[lang] {
			t.Errorf("%s: %d of %d texts are silent: make voice", lang, silent[lang], all[lang])
		}
	}
}

func TestTextsAreThoseOfResidents(t *testing.T) {
	words, err := locale.Load(locale.Shared())
	if err != nil {
		t.Fatal(err)
	}
	c, err := catalog.Default()
	if err != nil {
		t.Fatal(err)
	}
	texts := voice.Texts(words, c)
	for _, want := range []voice.Text{{"zh", "您想办什么事？"}, {"ko", "무엇을 도와드릴까요?"}, {"zh", "步，共"}, {"en", "Beishan Street"},
		{"en", "About one question, answered by touch."}, {"zh", "灯不亮了。"}, {"ko", "동의함"}, {"zh", "42"}} {
		if !slices.Contains(texts, want) {
			t.Errorf("lacks %s %q", want.Lang, want.Text)
		}
	}
	for _, text := range texts {
		if text.Text == words.Say(text.Lang, "staff.pin_hint") || strings.Contains(text.Text, "{") {
			t.Errorf("has %s %q", text.Lang, text.Text)
		}
	}
}
