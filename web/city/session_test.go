package city_test

import (
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"redstation/kiosk"
	"redstation/web/city"
)

func TestNothingIsShownWithoutASession(t *testing.T) {
	v := newVisit(t)
	v.fill()
	for path, back := range map[string]string{
		"/":                                   "/login",
		"/log?booth=07&since=2026-11-23":      "/login?next=" + url.QueryEscape("/log?booth=07&since=2026-11-23"),
		"/log.csv":                            "/login?next=%2Flog.csv",
		"/log.ndjson?kind=door.opened":        "/login?next=" + url.QueryEscape("/log.ndjson?kind=door.opened"),
		"/log/1":                              "/login?next=%2Flog%2F1",
		"/audit":                              "/login?next=%2Faudit",
		"/password":                           "/login?next=%2Fpassword",
		"/audit?before=" + longNumber + "999": "/login",
	} {
		w := v.get(path)
		if got := w.Header().Get("Location"); w.Code != http.StatusSeeOther || got != back {
			t.Errorf("GET %.40s: got %d to %q, want 303 to %q", path, w.Code, got, back)
		}
		if w.Body.Len() > 0 {
			t.Errorf("GET %.40s: the answer has a body", path)
		}
	}
	w := v.post("/log/1/open", "reason", "because I can")
	if got := w.Header().Get("Location"); w.Code != http.StatusSeeOther || got != "/login?next=%2Flog%2F1" {
		t.Errorf("POST open: got %d to %q, want 303 to the login page and back to the record", w.Code, got)
	}
	if len(v.lines) > 0 {
		t.Errorf("audit has %v", v.lines)
	}
	v.cookies["city_session"] = "guessed"
	if w := v.get("/"); w.Code != http.StatusSeeOther {
		t.Errorf("a guessed session: got %d, want 303", w.Code)
	}
	if _, still := v.cookies["city_session"]; still {
		t.Error("a session that has ended keeps its cookie")
	}
}

var longNumber = strings.Repeat("9", 700)

func TestSignInAndOut(t *testing.T) {
	v := newVisit(t)
	v.fill()
	v.cookies["city_session"] = "planted"
	want(t, v.page("/login?next=%2Flog%3Fbooth%3D07"), `name="next" value="/log?booth=07"`, `autocomplete="current-password"`, "not:审计")
	w := v.post("/login", "name", " wang ", "password", "right", "next", "/log?booth=07")
	if got := w.Header().Get("Location"); w.Code != http.StatusSeeOther || got != "/log?booth=07" {
		t.Fatalf("got %d to %q, want 303 back", w.Code, got)
	}
	secret := v.cookies["city_session"]
	if secret == "planted" || v.sessions[secret] != "wang" {
		t.Errorf("session is %q, want a new one", secret)
	}
	want(t, v.page("/"), "wang", "退出")
	if w := v.post("/sign-out"); w.Header().Get("Location") != "/login" {
		t.Errorf("sign out: got %d, want to the login page", w.Code)
	}
	if len(v.sessions) > 0 || len(v.cookies) > 0 {
		t.Errorf("after signing out: sessions %v, cookies %v", v.sessions, v.cookies)
	}
}

func TestSignInRefused(t *testing.T) {
	tests := []struct {
		name           string
		user, password string
		locked         time.Duration
		status         int
		says           string
	}{
		{"a wrong password", "wang", "wrong", 0, 403, "用户名或密码不对"},
		{"an unknown name says the same", "nobody", "right", 0, 403, "用户名或密码不对"},
		{"an empty password", "wang", "", 0, 422, "用户名或密码不对"},
		{"a password without end", "wang", strings.Repeat("x", 401), 0, 422, "用户名或密码不对"},
		{"locked says how long", "wang", "right", 272 * time.Second, 429, "请 4 分 32 秒后再试"},
		{"a part of a second counts whole", "wang", "right", 200 * time.Millisecond, 429, "请 1 秒后再试"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			v := newVisit(t)
			v.locked = tt.locked
			w := v.post("/login", "name", tt.user, "password", tt.password, "next", "/audit")
			if w.Code != tt.status {
				t.Errorf("got %d, want %d", w.Code, tt.status)
			}
			want(t, w.Body.String(), tt.says, `role="alert"`, `value="`+tt.user+`"`, `name="next" value="/audit"`, "not:wrong\"")
			if tt.locked > 0 && w.Header().Get("Retry-After") == "" {
				t.Error("no Retry-After")
			}
			if len(v.cookies) > 0 {
				t.Errorf("cookies were set: %v", v.cookies)
			}
			want(t, v.console.String(), "not:wang", "not:wrong", "not:nobody")
		})
	}
	t.Run("a password in the address counts for nothing", func(t *testing.T) {
		v := newVisit(t)
		if w := v.post("/login?name=wang&password=right"); w.Code != http.StatusUnprocessableEntity {
			t.Errorf("got %d, want 422", w.Code)
		}
	})
}

func TestOneTimePasswordMustBeChanged(t *testing.T) {
	v := newVisit(t)
	v.fill()
	v.accounts["wang"].MustChange = true
	v.post("/login", "name", "wang", "password", "right", "next", "/log")
	for _, path := range []string{"/", "/log", "/log.csv", "/log/1", "/audit"} {
		if w := v.get(path); w.Header().Get("Location") != "/password" {
			t.Errorf("GET %s: got %d to %q, want to the change of password", path, w.Code, w.Header().Get("Location"))
		}
	}
	if w := v.post("/log/1/open", "reason", "because I can"); w.Header().Get("Location") != "/password" {
		t.Errorf("POST open: got %d, want to the change of password", w.Code)
	}
	want(t, v.page("/password"), "一次性密码", "not:<nav")
	tests := []struct {
		name            string
		old, new, again string
		status          int
		says            string
	}{
		{"a wrong old one", "wrong", "correct horse", "correct horse", 403, "这个密码不对"},
		{"too short", "right", "short", "short", 422, "至少 10 个字符"},
		{"nine characters in Chinese", "right", "一二三四五六七八九", "一二三四五六七八九", 422, "至少 10 个字符"},
		{"two that differ", "right", "correct horse", "correct house", 422, "两遍输入的不一样"},
		{"one that the accounts find too short", "right", "kurz kurz kurz", "kurz kurz kurz", 422, "请写长一些"},
		{"one that the accounts refuse", "right", "password123", "password123", 422, "这个密码不能用"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := v.post("/password", "old", tt.old, "new", tt.new, "again", tt.again)
			if w.Code != tt.status {
				t.Errorf("got %d, want %d", w.Code, tt.status)
			}
			want(t, w.Body.String(), tt.says, `aria-invalid="true"`, "not:correct")
		})
	}
	before := v.cookies["city_session"]
	w := v.post("/password", "old", "right", "new", "correct horse", "again", "correct horse")
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/" {
		t.Fatalf("got %d, want 303 to the booths", w.Code)
	}
	if v.cookies["city_session"] == before {
		t.Error("the session was not renewed")
	}
	want(t, v.page("/"), "<nav", "北山")
}

func TestSamePasswordIsNotANewOne(t *testing.T) {
	v := newVisit(t)
	v.accounts["wang"].password = "correct horse"
	v.post("/login", "name", "wang", "password", "correct horse")
	w := v.post("/password", "old", "correct horse", "new", "correct horse", "again", "correct horse")
	want(t, w.Body.String(), "不能和现在的一样")
}

func TestOtherSitesCannotPost(t *testing.T) {
	v := signedIn(t)
	for _, path := range []string{"/login", "/sign-out", "/lang", "/password", "/log/1/open"} {
		r := httptest.NewRequest(http.MethodPost, path, strings.NewReader("reason=because"))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "cross-site")
		if w := v.do(r); w.Code != http.StatusForbidden {
			t.Errorf("POST %s: got %d, want 403", path, w.Code)
		}
	}
	if len(v.lines) > 0 || len(v.sessions) != 1 {
		t.Error("something happened")
	}
}

func TestCookieIsSecureOverTLS(t *testing.T) {
	v := newVisit(t)
	r := httptest.NewRequest(http.MethodPost, "/login", strings.NewReader("name=wang&password=right"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.TLS = &tls.ConnectionState{}
	if w := v.do(r); w.Code != http.StatusSeeOther { // do checks the cookies
		t.Errorf("got %d, want 303", w.Code)
	}
}

func TestReturnPathsStayHere(t *testing.T) {
	for path, want := range map[string]string{
		"/log?booth=07&kind=a.b":  "/log?booth=07&kind=a.b",
		"/log/12":                 "/log/12",
		"":                        "/",
		"log":                     "/",
		"//evil.example":          "/",
		`/\evil.example`:          "/",
		`\\evil.example`:          "/",
		"/\t/evil.example":        "/",
		"http://evil.example/":    "/",
		"https:evil.example":      "/",
		"javascript:alert(1)":     "/",
		"/log\r\nSet-Cookie: a=b": "/",
		"/" + longNumber:          "/",
	} {
		if got := city.LocalPath(path); got != want {
			t.Errorf("%.40q: got %q, want %q", path, got, want)
		}
	}
}

func TestLanguage(t *testing.T) {
	v := signedIn(t)
	want(t, v.page("/log?booth=01"), `lang="zh-CN"`, "记录", `name="return" value="/log?booth=01"`)
	w := v.post("/lang", "to", "en", "return", "/log?booth=01")
	if got := w.Header().Get("Location"); got != "/log?booth=01" {
		t.Errorf("back to %q", got)
	}
	want(t, v.page("/log?booth=01"), `lang="en"`, "Records", "Report a worry", "Stairway lights", "Beijing time (UTC&#43;08:00)", "not:记录")
	v.post("/lang", "to", "<script>", "return", "//evil.example")
	want(t, v.page("/"), `lang="zh-CN"`)
}

func TestFaults(t *testing.T) {
	v := signedIn(t)
	w := v.get("/nowhere")
	if w.Code != http.StatusNotFound {
		t.Errorf("got %d, want 404", w.Code)
	}
	want(t, w.Body.String(), "没有找到这一页", "</html>")
	v.trouble = &kiosk.Error{Code: kiosk.CodeInternal, Key: "city.nothing.like.it", Err: http.ErrBodyNotAllowed}
	w = v.get("/log")
	if w.Code != http.StatusInternalServerError {
		t.Errorf("got %d, want 500", w.Code)
	}
	want(t, w.Body.String(), "系统出了一点问题", "编号", "not:city.nothing", "not:not allowed")
	if w := v.get("/healthz"); w.Code != http.StatusOK {
		t.Errorf("healthz: got %d, want 200", w.Code)
	}
	if w := v.get("/v1/batch"); w.Code != http.StatusTeapot {
		t.Errorf("mounted handler: got %d, want its answer", w.Code)
	}
}
