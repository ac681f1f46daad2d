// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server_test

import (
	"bytes"
	"cmp"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"greenroom/internal/auth"
	"greenroom/internal/browsertest"
	"greenroom/internal/list"
	"greenroom/internal/query"
	"greenroom/internal/sample"
	"greenroom/internal/server"
	"greenroom/internal/understand/understandtest"
)

// mild is the server with answers of 200 where it says that something is not there: to a browser's console those are
// errors, and here they are pages to be looked at.
func mild(t *testing.T, l *live) string {
	t.Helper()
	to, err := url.Parse(l.url)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httptest.NewServer(&httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(to) },
		ModifyResponse: func(r *http.Response) error {
			if r.StatusCode >= http.StatusBadRequest {
				r.StatusCode, r.Status = http.StatusOK, ""
			}
			return nil
		},
	})
	t.Cleanup(proxy.Close)
	return proxy.URL
}

// shot writes a picture of the page, for whoever wants to see what a test saw.
func shot(t *testing.T, tab browsertest.Tab, name string) {
	t.Helper()
	if folder := os.Getenv("GREENROOM_SHOTS"); folder != "" {
		browsertest.Screenshot(t, tab, filepath.Join(folder, name+".png"))
	}
}

// TestLooks looks at every page: on a desk in light and dark, on a phone in light. axe-core finds nothing, nothing is
// wider than the window, and the browser reports no error. With GREENROOM_SHOTS=folder it leaves pictures there.
func TestLooks(t *testing.T) {
	browser := browsertest.Start(t)
	dir := community(t)
	l := start(t, server.ServeOptions{Community: "Lumen", Sample: true}, func(app *server.App) {
		app.School = understandtest.School{Version: "1"}
		imported(t, app, dir, [3]string{"slack-export", "slack", "slack"}, [3]string{"discourse", "forum", "discourse"}, [3]string{"csv", "crm", "business/members.csv"})
		address, _ := forge(t)
		connect(t, app, address)
	})
	calm := mild(t, l)
	const pagesPerTab = 7 // a tab has its time
	tabs, used := make(map[string]browsertest.Tab), make(map[string]int)
	look := func(name, url string) {
		for mode, v := range map[string]browsertest.Viewport{"desk": browsertest.Desktop(false), "phone": browsertest.Phone(false)} {
			if used[mode]%pagesPerTab == 0 {
				tabs[mode] = browsertest.Open(t, browser, v, url)
			} else {
				browsertest.Visit(t, tabs[mode], url)
			}
			used[mode]++
			t.Run(name+"/"+mode, func(t *testing.T) {
				k := keyboard{t, tabs[mode]}
				k.look(v.Width)
				shot(t, k.tab, name+"-"+mode)
				if mode == "desk" {
					dark(k)
					shot(t, k.tab, name+"-dark")
				}
			})
		}
	}
	look("sign-in", l.url+"/sign-in")
	look("a link that was used", calm+"/join/nothing")
	come := keyboard{t, browsertest.Open(t, browser, browsertest.Desktop(false), l.link)}
	come.arrive("location.pathname === '/'")
	l.as(t, auth.RoleViewer) // so that there is somebody else whose role can be changed
	for name, path := range map[string]string{
		"today": "/", "conversations": "/conversations", "no conversations": "/conversations?q=title:zzzz", "conversation": "/conversations/" + talk(t, l) + "?q=is:question",
		"members": "/members", "matches": "/members/matches", "matches, narrowed": "/members/matches?at_least=50&kind=handle", "no match": "/members/matches?at_least=99.99", "matches to check": "/members/matches/check", "matching rules": "/members/matches/rules?auto=95&suggest=20", "members, mistaken": "/members?q=lst_active:3", "no members": "/members?q=name:zzzz", "member": "/members/" + person(t, l), "member, no activity": "/members/" + person(t, l) + "?q=title:zzzz",
		"segments, none": "/segments", "programs, none": "/programs", "events, none": "/events", "month": "/calendar", "content, none": "/calendar/content", "calendar, shared": "/calendar/share", "workflows, none": "/workflows", "workflow, fresh": "/workflows/new", "outbox, empty": "/outbox", "surveys, none": "/surveys", "segment, new": "/segments/new", "organizations": "/organizations", "organization": "/organizations/1", "activities": "/activities", "insights": "/insights", "digest": "/digest", "alerts, none": "/alerts", "alert, new": "/alerts/new?watch=metric", "sending": "/settings/sending", "mail settings": "/settings/mail", "public pages": "/settings/public-pages", "insight by category": "/insights/messages?breakdown=category", "reading": "/reading", "insight by source": "/insights/active_members?breakdown=source",
		"insight": "/insights/time_to_first_response?by=month", "retention": "/insights/retention", "topics": "/topics", "annotations": "/annotations", "sources": "/sources", "source": "/sources/slack", "start": "/start", "start, nothing found": "/start?q=zzzz", "form": "/start/slack-export", "form of CSV": "/start/csv", "form, live": "/start/gitea", "settings of a source": "/sources/code/settings", "pushes": "/sources/code/push",
		"inbox": "/inbox", "inbox item": "/inbox/" + talk(t, l), "inbox, past target": "/inbox?view=overdue&q=channel:help", "inbox, nothing": "/inbox?view=mine", "inbox settings": "/inbox/settings", "wait times": "/inbox/waits?weeks=26&day=1&hour=14", "my work, none": "/tasks", "notices, none": "/notices",
		"settings": "/settings", "people": "/settings/people", "account": "/settings/account", "audit log": "/settings/audit",
	} {
		look(name, l.url+path)
	}
	look("error", calm+"/members/999999")
	for button, path := range map[string]string{"[data-dialog=edit]": "/members/" + person(t, l), "[data-dialog^=role]": "/settings/people", "[data-popover] summary": "/insights", ".plot-alt summary": "/insights/questions"} {
		t.Run("open "+button, func(t *testing.T) {
			k := keyboard{t, browsertest.Open(t, browser, browsertest.Desktop(false), l.url+path)}
			k.reach("Tab", button)
			k.press("Enter")
			browsertest.WaitFor(t, k.tab, "document.querySelector('dialog[open], details[open]')")
			k.look(1440)
			shot(t, k.tab, "open "+strings.Trim(button, "[]"))
		})
	}
	t.Run("definition/phone", func(t *testing.T) {
		k := keyboard{t, browsertest.Open(t, browser, browsertest.Phone(false), l.url+"/insights")}
		k.reach("Tab", "[data-popover] summary")
		k.press("Enter")
		browsertest.WaitFor(t, k.tab, "document.querySelector('details[open] .def-body')")
		if !k.is("(b => b.left >= 0 && b.right <= innerWidth && b.bottom <= innerHeight)(document.querySelector('details[open] .def-body').getBoundingClientRect())") {
			t.Error("a definition does not fit on a phone")
		}
		k.look(390)
	})
}

// dark looks at the page in dark mode, in which only the colors differ.
func dark(k keyboard) {
	k.t.Helper()
	found := browsertest.Eval[string](k.t, k.tab, `(document.documentElement.dataset.theme = "dark", document.dispatchEvent(new CustomEvent("greenroom:theme")), axe.run(document, {resultTypes: ["violations"], runOnly: {type: "rule", values: ["color-contrast"]}}))
		.then(r => r.violations.flatMap(v => v.nodes.map(n => n.html.slice(0, 160) + " " + n.failureSummary)).join("\n"))`)
	if found != "" {
		k.t.Errorf("in dark mode: %s", found)
	}
}

// busiest are the conversations in which most was said.
const busiest = "is:question channel:help replies:>=3 sort:-opened"

// talk is the id of the latest of them.
func talk(t *testing.T, l *live) string {
	t.Helper()
	q, err := query.Parse(query.NewSchema(query.Conversations, nil), busiest)
	if err != nil {
		t.Fatal(err)
	}
	found, err := l.app.Store.ListConversations(t.Context(), list.Request{Query: q, Limit: 1})
	if err != nil || len(found.Items) == 0 {
		t.Fatalf("no conversation: %v", err)
	}
	return strconv.FormatInt(found.Items[0].ID, 10)
}

// person is the id of the busiest member with the most accounts, of whose page there is most to see.
func person(t *testing.T, l *live) string {
	t.Helper()
	q, err := query.Parse(query.NewSchema(query.Members, nil), "org:* identities:>1 sort:-activities")
	if err != nil {
		t.Fatal(err)
	}
	found, err := l.app.Store.ListMembers(t.Context(), list.Request{Query: q, Limit: 1})
	if err != nil || len(found.Items) == 0 {
		t.Fatalf("no member with several accounts: %v", err)
	}
	return strconv.FormatInt(found.Items[0].ID, 10)
}

// TestDocumentationPictures looks at the pages that the documentation shows. With GREENROOM_DOCS_SHOTS=folder it writes
// their pictures there, from the whole sample community, each below 200 kB:
//
//	GREENROOM_DOCS_SHOTS=$PWD/docs/images go test ./internal/server -run TestDocumentationPictures
func TestDocumentationPictures(t *testing.T) {
	folder := os.Getenv("GREENROOM_DOCS_SHOTS")
	if folder == "" {
		return // TestLooks has looked at the pages
	}
	browser := browsertest.Start(t)
	dir := t.TempDir()
	morning := time.Now().UTC().Truncate(24 * time.Hour).Add(9*time.Hour + 12*time.Minute)
	if _, err := sample.Write(dir, sample.Options{Seed: 1, End: morning.Truncate(time.Hour)}); err != nil {
		t.Fatal(err)
	}
	l := startAt(t, func() time.Time { return morning }, server.ServeOptions{Community: "Lumen"}, func(app *server.App) {
		imported(t, app, dir, [3]string{"slack-export", "slack", "slack"}, [3]string{"discourse", "forum", "discourse"}, [3]string{"gharchive", "github", "gharchive"}, [3]string{"stackexchange", "stack-overflow", "stackexchange"},
			[3]string{"discord-export", "discord", "discord"}, [3]string{"mbox", "mailing-list", "mail"}, [3]string{"csv", "crm-companies", "business/organizations.csv"}, [3]string{"csv", "crm-people", "business/members.csv"})
	})
	comeIn(keyboard{t, browsertest.Open(t, browser, browsertest.Desktop(false), l.link)})
	for name, path := range map[string]string{
		"today": "/", "conversations": "/conversations/" + talk(t, l) + "?q=" + url.QueryEscape(busiest), "member": "/members/" + person(t, l),
		"insights": "/insights", "sources": "/sources",
	} {
		tab := browsertest.Open(t, browser, browsertest.Desktop(false), l.url+path)
		picture, err := chromedp.Run(tab, chromedp.CaptureScreenshot())
		if err != nil {
			t.Fatal(err)
		}
		small := compressed(t, picture)
		if len(small) > 200_000 {
			t.Errorf("the picture of %s has %d bytes", name, len(small))
		}
		if err := os.MkdirAll(folder, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, name+".png"), small, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// compressed writes a picture with the 256 colors that it has most of; pages have few.
func compressed(t *testing.T, picture []byte) []byte {
	t.Helper()
	full, err := png.Decode(bytes.NewReader(picture))
	if err != nil {
		t.Fatal(err)
	}
	counts := make(map[color.RGBA]int)
	b := full.Bounds()
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			c, ok := color.RGBAModel.Convert(full.At(x, y)).(color.RGBA)
			if !ok {
				t.Fatal("a color is none")
			}
			counts[c]++
		}
	}
	most := slices.SortedFunc(maps.Keys(counts), func(a, b color.RGBA) int {
		return cmp.Or(counts[b]-counts[a], int(a.R)-int(b.R), int(a.G)-int(b.G), int(a.B)-int(b.B))
	})
	palette := make(color.Palette, 0, 256)
	for _, c := range most[:min(len(most), 256)] {
		palette = append(palette, c)
	}
	small := image.NewPaletted(b, palette)
	draw.Draw(small, b, full, b.Min, draw.Src)
	var out bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&out, small); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
