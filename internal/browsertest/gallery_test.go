// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package browsertest_test

import (
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"greenroom/internal/browsertest"
	"greenroom/internal/web/ui/gallery"
)

func serve(t *testing.T) string {
	t.Helper()
	g, err := gallery.New(time.Date(2026, 11, 21, 16, 12, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(g)
	t.Cleanup(server.Close)
	return server.URL + "/"
}

// TestLooks checks every component in both modes at both widths: no axe-core violation, nothing refused by the
// content security policy, nothing wider than the window. With GREENROOM_SHOTS=folder it leaves pictures there.
func TestLooks(t *testing.T) {
	url, browser := serve(t), browsertest.Start(t)
	for name, v := range map[string]browsertest.Viewport{
		"desktop-light": browsertest.Desktop(false), "desktop-dark": browsertest.Desktop(true), "phone-light": browsertest.Phone(false), "phone-dark": browsertest.Phone(true),
	} {
		t.Run(name, func(t *testing.T) {
			tab := browsertest.Open(t, browser, v, url)
			for _, page := range []string{"", "inbox", "signin"} {
				if page != "" {
					browsertest.Visit(t, tab, url+page)
				}
				if folder := os.Getenv("GREENROOM_SHOTS"); folder != "" {
					browsertest.Screenshot(t, tab, filepath.Join(folder, name+page+".png"))
				}
				if wide := browsertest.Eval[int64](t, tab, "document.documentElement.scrollWidth"); wide > v.Width {
					t.Errorf("page /%s is %d pixels wide in a window of %d", page, wide, v.Width)
				}
				browsertest.Axe(t, tab)
			}
		})
	}
}

// TestPalette finds a member with the keyboard alone, and goes there.
func TestPalette(t *testing.T) {
	url, browser := serve(t), browsertest.Start(t)
	tab := browsertest.Open(t, browser, browsertest.Desktop(false), url)
	browsertest.Press(t, tab, "Ctrl+k")
	browsertest.Becomes(t, tab, "document.getElementById('palette').open", "true")
	browsertest.Becomes(t, tab, "document.querySelector('.palette-item[aria-selected=true] span').textContent", "Go to Today")
	browsertest.Axe(t, tab)
	browsertest.Press(t, tab, "Escape")
	browsertest.Becomes(t, tab, "document.getElementById('palette').open", "false")
	browsertest.Press(t, tab, "Ctrl+k", "s", "i", "l", "v", "a")
	browsertest.Becomes(t, tab, "document.querySelector('.palette-item[aria-selected=true] span').textContent", "Rui Silva")
	browsertest.Press(t, tab, "Enter")
	browsertest.Becomes(t, tab, "location.search", "?member=2")
}

// TestListKeys moves through lists, selects, and opens, without a mouse; and single keys can be switched off.
func TestListKeys(t *testing.T) {
	url, browser := serve(t), browsertest.Start(t)
	tab := browsertest.Open(t, browser, browsertest.Desktop(false), url)
	browsertest.Press(t, tab, "j", "j")
	browsertest.Becomes(t, tab, "document.activeElement.dataset.row", "c2")
	browsertest.Press(t, tab, "j", "j", "x")
	browsertest.Becomes(t, tab, "[...document.querySelectorAll('.row-check input:checked')].map(i => i.value)", "t1")
	browsertest.Press(t, tab, "?")
	browsertest.Becomes(t, tab, "document.getElementById('keys').open", "true")
	browsertest.Axe(t, tab)
	browsertest.Eval[any](t, tab, "document.querySelector('[data-keys-toggle]').click()")
	browsertest.Press(t, tab, "Escape")
	browsertest.Becomes(t, tab, "document.getElementById('keys').open", "false")
	browsertest.Press(t, tab, "k")
	browsertest.Becomes(t, tab, "document.activeElement.dataset.row", "t1")
	browsertest.Visit(t, tab, url)
	browsertest.Press(t, tab, "j")
	browsertest.Becomes(t, tab, "document.activeElement.dataset.row", "undefined")
	browsertest.Eval[any](t, tab, "localStorage.clear()")
	browsertest.Visit(t, tab, url)
	browsertest.Press(t, tab, "j", "j", "j", "Enter")
	browsertest.Becomes(t, tab, "location.search", "?c=3")
}

// TestQuerySuggestions completes a query by keyboard.
func TestQuerySuggestions(t *testing.T) {
	url, browser := serve(t), browsertest.Start(t)
	tab := browsertest.Open(t, browser, browsertest.Desktop(true), url)
	browsertest.Press(t, tab, "/", "End", " ", "i", "s")
	browsertest.Becomes(t, tab, "document.querySelectorAll('#query-list li').length", "2")
	browsertest.Axe(t, tab)
	browsertest.Press(t, tab, "ArrowDown", "ArrowDown", "Enter")
	browsertest.Becomes(t, tab, "document.activeElement.id", "query")
	browsertest.Becomes(t, tab, "document.getElementById('query').value", "is:question topic:auth is:waiting ")
	browsertest.Becomes(t, tab, "document.querySelectorAll('#query-list li').length", "4")
	browsertest.Press(t, tab, "Escape")
	browsertest.Becomes(t, tab, "document.getElementById('query-list').hidden", "true")
	browsertest.Press(t, tab, "Enter")
	browsertest.Becomes(t, tab, "new URLSearchParams(location.search).get('q')", "is:question topic:auth is:waiting ")
}

// TestDialogAndToast opens a dialog by its key, and does something in place that can be undone.
func TestDialogAndToast(t *testing.T) {
	url, browser := serve(t), browsertest.Start(t)
	tab := browsertest.Open(t, browser, browsertest.Desktop(false), url)
	browsertest.Press(t, tab, "m")
	browsertest.Becomes(t, tab, "document.getElementById('merge').open", "true")
	browsertest.Axe(t, tab)
	browsertest.Becomes(t, tab, "document.activeElement.id", "f-merge-other")
	browsertest.Press(t, tab, "Escape")
	browsertest.Becomes(t, tab, "document.getElementById('merge').open", "false")
	browsertest.Press(t, tab, "s")
	browsertest.Becomes(t, tab, "document.querySelector('#toasts .flash-text')?.textContent", "Assigned to you, Mina Kovač will see it")
	browsertest.Becomes(t, tab, "document.querySelector('#toasts button').textContent", "Undo")
	browsertest.Axe(t, tab)
}

// TestThemeIsRemembered chooses dark against the system's light, and finds it again before the page is drawn.
func TestThemeIsRemembered(t *testing.T) {
	url, browser := serve(t), browsertest.Start(t)
	tab := browsertest.Open(t, browser, browsertest.Desktop(false), url)
	background := "getComputedStyle(document.body).backgroundColor"
	browsertest.Becomes(t, tab, background, "rgb(247, 247, 244)")
	browsertest.Eval[any](t, tab, "document.querySelector('[data-theme-set=dark]').click()")
	browsertest.Becomes(t, tab, background, "rgb(22, 23, 20)")
	browsertest.Visit(t, tab, url)
	browsertest.Becomes(t, tab, background, "rgb(22, 23, 20)")
	browsertest.Becomes(t, tab, "document.querySelector('[data-theme-set=dark]').getAttribute('aria-pressed')", "true")
}

// TestPhoneDrawer opens the navigation on a phone, and it closes by Escape.
func TestPhoneDrawer(t *testing.T) {
	url, browser := serve(t), browsertest.Start(t)
	tab := browsertest.Open(t, browser, browsertest.Phone(false), url)
	shown := "document.querySelector('#rail').checkVisibility()"
	browsertest.Becomes(t, tab, shown, "false")
	browsertest.Eval[any](t, tab, "document.querySelector('[popovertarget=rail]').click()")
	browsertest.Becomes(t, tab, shown, "true")
	if folder := os.Getenv("GREENROOM_SHOTS"); folder != "" {
		browsertest.Screenshot(t, tab, filepath.Join(folder, "drawer.png"))
	}
	browsertest.Axe(t, tab)
	browsertest.Press(t, tab, "Escape")
	browsertest.Becomes(t, tab, shown, "false")
}

// TestChartOpensRecords clicks on a point of a chart; and the import's bar comes to its end by itself.
func TestChartOpensRecords(t *testing.T) {
	url, browser := serve(t), browsertest.Start(t)
	tab := browsertest.Open(t, browser, browsertest.Desktop(false), url)
	browsertest.Becomes(t, tab, "document.querySelector('#import [data-live-count]').textContent", "123,600 of 123,600 records")
	browsertest.Becomes(t, tab, "document.querySelector('#import progress').value", "123600")
	box := browsertest.Eval[[]float64](t, tab, "(() => { const c = [...document.querySelectorAll('.plot-canvas')][1]; c.scrollIntoView({block: 'center'}); const r = c.getBoundingClientRect(); return [r.x + r.width - 40, r.y + 60] })()")
	browsertest.Run(t, tab, chromedp.MouseClickXY(box[0], box[1]))
	browsertest.Becomes(t, tab, "location.search", "?week=12")
}
