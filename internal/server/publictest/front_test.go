// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package publictest_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"greenroom/internal/brand"
	"greenroom/internal/browsertest"
	"greenroom/internal/consent"
	"greenroom/internal/front"
	"greenroom/internal/server/servertest"
	"greenroom/internal/task"
)

// tokenOf is the token in a link.
func tokenOf(t *testing.T, link string, err error) string {
	t.Helper()
	u, perr := url.Parse(link)
	if err != nil || perr != nil {
		t.Fatalf("the link %q: %v %v", link, err, perr)
	}
	return u.Query().Get("t")
}

// TestPreferences holds what a member can do by the links that they were sent, and that looking changes nothing.
func TestPreferences(t *testing.T) {
	l, member := house.Lumen(t)
	links, nobody := l.App.Links(), servertest.Visitor(t)
	chosen := func() (all []consent.Choice) {
		t.Helper()
		known, err := l.App.Store.Contacts(t.Context(), []int64{member}, l.App.Now())
		if err != nil {
			t.Fatal(err)
		}
		return known[member].Choices
	}
	link, err := links.Unsubscribe(t.Context(), member, consent.Survey)
	leave := url.Values{"t": {tokenOf(t, link, err)}}
	if !strings.HasPrefix(link, "http://lumen.example/c/unsubscribe?t=") {
		t.Errorf("the link is %s", link)
	}
	res := l.Send(t, nobody, "GET", "/c/unsubscribe?"+leave.Encode(), nil)
	if res.Code != 200 || !strings.Contains(res.Body, "No more surveys from us?") || len(chosen()) != 0 {
		t.Errorf("looking: %d, chosen %v\n%s", res.Code, chosen(), res.Body)
	}
	for name, want := range map[string]string{"Content-Security-Policy": "default-src 'none'", "X-Robots-Tag": "noindex", "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store", "Content-Language": "en"} {
		if got := res.Header.Get(name); !strings.Contains(got, want) {
			t.Errorf("%s is %q", name, got)
		}
	}
	// As a mail program does it (RFC 8058): no cookie, no origin, the link's own address.
	res = l.Send(t, nobody, "POST", "/c/unsubscribe?"+leave.Encode(), url.Values{"List-Unsubscribe": {"One-Click"}})
	if c := chosen(); res.Code != 200 || len(c) == 0 || c[0].Purpose != consent.Survey || c[0].Allowed || c[0].How != "link in a mail" {
		t.Errorf("one click: %d, chosen %+v", res.Code, c)
	}
	// The link of one page opens no other.
	if res = l.Send(t, nobody, "GET", "/c/preferences?"+leave.Encode(), nil); res.Code != 404 {
		t.Errorf("the unsubscribe link on the preferences: %d", res.Code)
	}
	if res = l.Send(t, nobody, "GET", "/c/unsubscribe?t=nonsense", nil); res.Code != 404 || !strings.Contains(res.Body, "does not open") {
		t.Errorf("no link: %d", res.Code)
	}

	link, err = links.Preferences(t.Context(), member)
	form := url.Values{"t": {tokenOf(t, link, err)}}
	if res = l.Send(t, nobody, "GET", "/c/preferences?"+form.Encode(), nil); res.Code != 200 || strings.Contains(res.Body, `name="survey" checked`) || !strings.Contains(res.Body, `name="care" checked`) || strings.Contains(res.Body, `name="news" checked`) {
		t.Errorf("the preferences: %d\n%s", res.Code, res.Body)
	}
	before := len(chosen())
	yes := url.Values{"t": form["t"], "care": {"on"}, "survey": {"on"}, "program": {"on"}, "event": {"on"}, "research": {"on"}}
	if res = l.Send(t, nobody, "POST", "/c/preferences", yes); res.Code != http.StatusSeeOther {
		t.Errorf("saving: %d", res.Code)
	}
	if now := chosen(); len(now) == before || now[len(now)-1].Purpose != consent.Survey || !now[len(now)-1].Allowed {
		t.Errorf("after saving, chosen %+v", now)
	}
	if res = l.Send(t, nobody, "POST", "/c/preferences", url.Values{"t": form["t"], "nothing": {"on"}}); res.Code != http.StatusSeeOther {
		t.Errorf("saving: %d", res.Code)
	}
	if v := (&consent.Rules{}).Judge(&consent.Case{Purpose: consent.Answer, Choices: chosen(), Now: l.App.Now()}); v.May {
		t.Error("somebody who wants nothing may be written to")
	}

	var data struct{ Identities []any }
	if res = l.Send(t, nobody, "POST", "/c/preferences/data", form); res.Code != 200 || json.Unmarshal([]byte(res.Body), &data) != nil || len(data.Identities) == 0 {
		t.Errorf("my data: %d, %.200s", res.Code, res.Body)
	}
	sure := url.Values{"t": form["t"], "sure": {"on"}}
	if res = l.Send(t, nobody, "POST", "/c/preferences/erase", form); res.Code != 422 {
		t.Errorf("erasing without being sure: %d", res.Code)
	}
	if res = l.Send(t, nobody, "POST", "/c/preferences/erase", sure); res.Code != 200 {
		t.Errorf("asking to be erased: %d", res.Code)
	}
	if tasks, err := l.App.Store.Tasks(t.Context(), task.Filter{Member: member}); err != nil || len(tasks) != 1 || !strings.HasPrefix(tasks[0].Title, "Erase ") {
		t.Errorf("the team's tasks are %+v, %v", tasks, err)
	}
	if err := l.App.Brand().SetBrand(t.Context(), brand.Brand{Erase: true}, "ana"); err != nil {
		t.Fatal(err)
	}
	if res = l.Send(t, nobody, "POST", "/c/preferences/erase", sure); res.Code != 200 || !strings.Contains(res.Body, "is erased") {
		t.Errorf("being erased: %d", res.Code)
	}
	if res = l.Send(t, nobody, "GET", "/c/preferences?"+form.Encode(), nil); res.Code != 404 {
		t.Errorf("the preferences of somebody who is gone: %d", res.Code)
	}
	// Guessing is slowed down.
	for range 30 {
		res = l.Send(t, nobody, "GET", "/c/preferences?t=guess", nil)
	}
	if res.Code != http.StatusTooManyRequests || res.Header.Get("Retry-After") == "" {
		t.Errorf("after many guesses: %d", res.Code)
	}
}

// mostBytes is what a public page may weigh with all that it loads.
const mostBytes = 60_000

// weigh says how many bytes a public page takes with everything that it loads.
func weigh(t *testing.T, l *servertest.Live, path string) int {
	t.Helper()
	c := servertest.Visitor(t)
	res := l.Send(t, c, "GET", path, nil)
	all := len(res.Body)
	for _, part := range strings.Split(res.Body, `"`) {
		if strings.HasPrefix(part, "/c/") && strings.Contains(part, "?v=") {
			all += len(l.Send(t, c, "GET", strings.ReplaceAll(part, "&amp;", "&"), nil).Body)
		}
	}
	if strings.Contains(res.Body, "<script") || strings.Contains(res.Body, " style=") {
		t.Errorf("%s has a script or a style of its own", path)
	}
	return all
}

// TestFrontLooks looks at the public pages.
func TestFrontLooks(t *testing.T) {
	browser := house.Browser(t)
	l, member := house.Lumen(t)
	p, err := l.App.Links().Token(front.KindPreferences, front.Claim{Member: member}, 1e15)
	if err != nil {
		t.Fatal(err)
	}
	u, err := l.App.Links().Token(front.KindUnsubscribe, front.Claim{Member: member, Purpose: consent.Survey}, 1e15)
	if err != nil {
		t.Fatal(err)
	}
	lookPublic(t, l, browser, map[string]string{"preferences": "/c/preferences?saved=1&t=" + p, "unsubscribe": "/c/unsubscribe?t=" + u})
}

// lookPublic looks at public pages at a desk and on a phone, in light and dark, and weighs them.
func lookPublic(t *testing.T, l *servertest.Live, browser browsertest.Browser, paths map[string]string) {
	t.Helper()
	for name, path := range paths {
		for mode, v := range map[string]browsertest.Viewport{"desk": browsertest.Desktop(false), "dark": browsertest.Desktop(true), "phone": browsertest.Phone(false)} {
			t.Run(name+"/"+mode, func(t *testing.T) {
				k := servertest.Keyboard{T: t, Tab: browsertest.Open(t, browser, v, l.URL+path)}
				k.Look(v.Width)
				servertest.Shot(t, k.Tab, "public-"+name+"-"+mode)
			})
		}
		if n := weigh(t, l, path); n > mostBytes {
			t.Errorf("%s takes %d bytes", name, n)
		} else {
			t.Logf("%s takes %d bytes", name, n)
		}
	}
}
