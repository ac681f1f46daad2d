// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server_test

import (
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"greenroom/internal/browsertest"
	"greenroom/internal/server"
)

// keyboard is a person at a tab who has no mouse.
type keyboard struct {
	t   *testing.T
	tab browsertest.Tab
}

// press presses keys, as browsertest.Press.
func (k keyboard) press(keys ...string) {
	k.t.Helper()
	browsertest.Press(k.t, k.tab, keys...)
}

// write types a text.
func (k keyboard) write(text string) {
	k.t.Helper()
	for _, r := range text {
		browsertest.Press(k.t, k.tab, string(r))
	}
}

// reach presses a key until what has the focus fits a selector.
func (k keyboard) reach(key, selector string) {
	k.t.Helper()
	at := "document.activeElement?.matches(" + quote(selector) + ")"
	for range 120 {
		if k.is(at) {
			return
		}
		k.press(key)
	}
	k.t.Fatalf("%s never gets to %s; it is at %s", key, selector, k.say("document.activeElement.outerHTML.slice(0, 200)"))
}

func (k keyboard) is(script string) bool {
	k.t.Helper()
	return browsertest.Eval[bool](k.t, k.tab, "Boolean("+script+")")
}

func (k keyboard) say(script string) string {
	k.t.Helper()
	return browsertest.Eval[string](k.t, k.tab, "String("+script+")")
}

// arrive waits until another page is there whole.
func (k keyboard) arrive(condition string) {
	k.t.Helper()
	browsertest.WaitFor(k.t, k.tab, "document.readyState === 'complete' && document.fonts.status === 'loaded' && ("+condition+")")
}

// look checks the page as it stands: nothing for axe-core to find, nothing wider than the window.
func (k keyboard) look(width int64) {
	k.t.Helper()
	browsertest.WaitFor(k.t, k.tab, "!document.querySelector('[data-chart]:not([data-drawn])')")
	browsertest.Axe(k.t, k.tab)
	if wide := browsertest.Eval[int64](k.t, k.tab, "document.documentElement.scrollWidth"); wide > width {
		k.t.Errorf("%s is %d pixels wide in a window of %d", k.say("location.pathname"), wide, width)
	}
	if k.t.Failed() {
		k.t.Logf("seen at %s", k.say("location.href"))
	}
}

func quote(s string) string { return fmt.Sprintf("%q", s) }

// TestFlow is the main job with the keyboard alone, on a desk and on a phone: come in by the printed link, import an
// own export, find the five oldest questions that wait, open one and its author, merge two members and undo it.
func TestFlow(t *testing.T) {
	browser := browsertest.Start(t)
	export := zipped(t, filepath.Join(community(t), "slack"))
	for name, v := range map[string]browsertest.Viewport{"1440": browsertest.Desktop(false), "390": browsertest.Phone(false)} {
		t.Run(name, func(t *testing.T) {
			l := start(t, server.ServeOptions{Community: "Lumen"})
			k := keyboard{t, browsertest.Open(t, browser, v, l.link)}
			k.look(v.Width)
			comeIn(k)
			k.look(v.Width)
			bringIn(k, export)
			k.look(v.Width)
			oldestQuestions(k)
			k.look(v.Width)
			openAuthor(k)
			k.look(v.Width)
			mergeAndUndo(k)
			k.look(v.Width)
		})
	}
}

func comeIn(k keyboard) {
	k.t.Helper()
	k.reach("Tab", "input[name=email]")
	k.write("ana@example.org")
	k.reach("Tab", "input[name=name]")
	k.write("Ana")
	k.reach("Tab", "input[name=password]")
	k.write(password)
	k.press("Enter")
	k.arrive("location.pathname === '/'")
}

func bringIn(k keyboard, export string) {
	k.t.Helper()
	k.reach("Tab", ".guide-now a[href='/start']")
	k.press("Enter")
	k.arrive("location.pathname === '/start'")
	k.reach("j", "[data-row=slack-export]")
	k.press("Enter")
	k.arrive("location.pathname === '/start/slack-export'")
	k.reach("Tab", "input[type=file]")
	// the window in which the system lets one choose a file is not the page's
	browsertest.Run(k.t, k.tab, chromedp.SetUploadFiles("input[type=file]", []string{export}))
	k.reach("Tab", "button:not([type])")
	k.press("Enter")
	k.arrive("location.pathname === '/sources/slack'")
	if k.is("location.search") {
		k.t.Errorf("the message stays in the address: %s", k.say("location.search"))
	}
	// the page asks how far the reading is, and shows by itself what came in
	k.arrive("document.querySelector('.head .pill')?.textContent === 'complete'")
	k.press("m")
	k.arrive("location.pathname === '/members'")
	for range 100 { // who is who follows in a moment
		if k.is("document.querySelectorAll('main tbody tr').length > 20") {
			return
		}
		browsertest.Visit(k.t, k.tab, k.say("location.href"))
	}
	k.t.Fatal("no members have come in")
}

func oldestQuestions(k keyboard) {
	k.t.Helper()
	k.press("Ctrl+k")
	k.write("go to conv")
	browsertest.WaitFor(k.t, k.tab, "document.querySelector('.palette-item[aria-selected=true]')?.textContent.includes('Go to Conversations')")
	k.press("Enter")
	k.arrive("location.pathname === '/conversations'")
	opened := strings.Fields(k.say("[...document.querySelectorAll('.pick time')].map(t => t.dateTime).join(' ')"))
	if len(opened) < 5 {
		k.t.Fatalf("%d questions wait, want five and more", len(opened))
	}
	for i := 1; i < len(opened); i++ {
		if opened[i] < opened[i-1] {
			k.t.Errorf("%s stands below %s, want the oldest first", opened[i], opened[i-1])
		}
	}
	if got := k.say("[...document.querySelectorAll('.pick .row-foot')].filter(f => f.textContent.includes('waits')).length"); got != strconv.Itoa(len(opened)) {
		k.t.Errorf("%s of %d rows say how long they wait", got, len(opened))
	}
	if k.is("document.querySelector('.panes-main').checkVisibility()") != (browsertest.Eval[int64](k.t, k.tab, "innerWidth") > 1000) {
		k.t.Error("a phone shows the list alone, a desk the place for a conversation too")
	}
	title := k.say("document.querySelector('.pick .row-link').textContent")
	k.reach("j", ".pick [data-row]")
	k.press("Enter")
	k.arrive("/^\\/conversations\\/\\d+$/.test(location.pathname)")
	if got := k.say("document.querySelector('.panes-main h1').textContent"); got != title {
		k.t.Errorf("%q opens %q", title, got)
	}
	if k.is("document.querySelector('.panes-list').checkVisibility()") != (browsertest.Eval[int64](k.t, k.tab, "innerWidth") > 1000) {
		k.t.Error("a phone shows the conversation alone, a desk the list beside it")
	}
}

func openAuthor(k keyboard) {
	k.t.Helper()
	k.reach("Tab", ".panes-side a[href^='/members/']")
	name := k.say("document.activeElement.textContent")
	k.press("Enter")
	k.arrive("location.pathname.startsWith('/members/')")
	if got := k.say("document.querySelector('h1').textContent"); got != name {
		k.t.Errorf("%q opens %q", name, got)
	}
}

func mergeAndUndo(k keyboard) {
	k.t.Helper()
	other := browsertest.Eval[string](k.t, k.tab, `fetch("/api/v1/members?limit=100").then(r => r.json()).then(d => d.items
		.find(m => /^[A-Za-z]+ [A-Za-z]+$/.test(m.name) && "/members/" + m.id !== location.pathname && !m.staff && !m.bot).name)`)
	if !strings.Contains(other, " ") {
		k.t.Fatalf("nobody to merge: %q", other)
	}
	k.press("m")
	browsertest.WaitFor(k.t, k.tab, "document.getElementById('merge').open && document.activeElement.name === 'other'")
	k.write(other)
	browsertest.WaitFor(k.t, k.tab, "[...document.querySelectorAll('.choose li span:first-child')].some(s => s.textContent === "+quote(other)+")")
	browsertest.Axe(k.t, k.tab)
	k.press("ArrowDown", "Enter")
	browsertest.WaitFor(k.t, k.tab, "/^\\d+$/.test(document.activeElement.value)")
	k.press("Enter")
	k.arrive("document.querySelector('main > .flash')?.textContent.includes('is now part of this member')")
	browsertest.WaitFor(k.t, k.tab, "document.querySelectorAll('.identities > li').length === 2")
	k.look(browsertest.Eval[int64](k.t, k.tab, "innerWidth"))
	k.reach("Tab", ".flash form button")
	k.press("Enter")
	k.arrive("document.querySelector('main > .flash')?.textContent.includes('was undone')")
	if got := k.say("document.querySelectorAll('.identities > li').length"); got != "1" {
		k.t.Errorf("after the undoing there are %s identities, want 1", got)
	}
	if !k.is("[...document.querySelectorAll('main .row-item > .pill')].some(p => p.textContent === 'undone')") {
		k.t.Error("the history does not say that the merge was undone")
	}
}
