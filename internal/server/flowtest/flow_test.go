// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package flowtest_test

import (
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"greenroom/internal/browsertest"
	"greenroom/internal/server"
	"greenroom/internal/server/servertest"
)

// TestFlow is the main job with the keyboard alone, on a desk and on a phone: come in by the printed link, import an
// own export, find the five oldest questions that wait, open one and its author, merge two members and undo it.
func TestFlow(t *testing.T) {
	browser := house.Browser(t)
	export := servertest.Zipped(t, filepath.Join(house.Community(t), "slack"))
	for name, v := range map[string]browsertest.Viewport{"1440": browsertest.Desktop(false), "390": browsertest.Phone(false)} {
		t.Run(name, func(t *testing.T) {
			l := servertest.Start(t, server.ServeOptions{Community: "Lumen"})
			k := servertest.Keyboard{T: t, Tab: browsertest.Open(t, browser, v, l.Link)}
			k.Look(v.Width)
			servertest.ComeIn(k)
			k.Look(v.Width)
			bringIn(k, export)
			k.Look(v.Width)
			oldestQuestions(k)
			k.Look(v.Width)
			openAuthor(k)
			k.Look(v.Width)
			mergeAndUndo(k)
			k.Look(v.Width)
		})
	}
}

func bringIn(k servertest.Keyboard, export string) {
	k.T.Helper()
	k.Reach("Tab", ".guide-now a[href='/start']")
	k.Press("Enter")
	k.Arrive("location.pathname === '/start'")
	k.Reach("j", "[data-row=slack-export]")
	k.Press("Enter")
	k.Arrive("location.pathname === '/start/slack-export'")
	k.Reach("Tab", "input[type=file]")
	// the window in which the system lets one choose a file is not the page's
	browsertest.Run(k.T, k.Tab, chromedp.SetUploadFiles("input[type=file]", []string{export}))
	k.Reach("Tab", "button:not([type])")
	k.Press("Enter")
	k.Arrive("location.pathname === '/sources/slack'")
	if k.Is("location.search") {
		k.T.Errorf("the message stays in the address: %s", k.Say("location.search"))
	}
	// the page asks how far the reading is, and shows by itself what came in
	k.Arrive("document.querySelector('.head .pill')?.textContent === 'complete'")
	k.Press("m")
	k.Arrive("location.pathname === '/members'")
	for range 100 { // who is who follows in a moment
		if k.Is("document.querySelectorAll('main tbody tr').length > 20") {
			return
		}
		browsertest.Visit(k.T, k.Tab, k.Say("location.href"))
	}
	k.T.Fatal("no members have come in")
}

func oldestQuestions(k servertest.Keyboard) {
	k.T.Helper()
	k.Press("Ctrl+k")
	k.Write("go to conv")
	browsertest.WaitFor(k.T, k.Tab, "document.querySelector('.palette-item[aria-selected=true]')?.textContent.includes('Go to Conversations')")
	k.Press("Enter")
	k.Arrive("location.pathname === '/conversations'")
	opened := strings.Fields(k.Say("[...document.querySelectorAll('.pick time')].map(t => t.dateTime).join(' ')"))
	if len(opened) < 5 {
		k.T.Fatalf("%d questions wait, want five and more", len(opened))
	}
	for i := 1; i < len(opened); i++ {
		if opened[i] < opened[i-1] {
			k.T.Errorf("%s stands below %s, want the oldest first", opened[i], opened[i-1])
		}
	}
	if got := k.Say("[...document.querySelectorAll('.pick .row-foot')].filter(f => f.textContent.includes('waits')).length"); got != strconv.Itoa(len(opened)) {
		k.T.Errorf("%s of %d rows say how long they wait", got, len(opened))
	}
	if k.Is("document.querySelector('.panes-main').checkVisibility()") != (browsertest.Eval[int64](k.T, k.Tab, "innerWidth") > 1000) {
		k.T.Error("a phone shows the list alone, a desk the place for a conversation too")
	}
	title := k.Say("document.querySelector('.pick .row-link').textContent")
	k.Reach("j", ".pick [data-row]")
	k.Press("Enter")
	k.Arrive("/^\\/conversations\\/\\d+$/.test(location.pathname)")
	if got := k.Say("document.querySelector('.panes-main h1').textContent"); !strings.HasPrefix(got, strings.TrimSuffix(title, "…")) { // a list cuts long ones shorter
		k.T.Errorf("%q opens %q", title, got)
	}
	if k.Is("document.querySelector('.panes-list').checkVisibility()") != (browsertest.Eval[int64](k.T, k.Tab, "innerWidth") > 1000) {
		k.T.Error("a phone shows the conversation alone, a desk the list beside it")
	}
}

func openAuthor(k servertest.Keyboard) {
	k.T.Helper()
	k.Reach("Tab", ".panes-side a[href^='/members/']")
	name := k.Say("document.activeElement.textContent")
	k.Press("Enter")
	k.Arrive("location.pathname.startsWith('/members/')")
	if got := k.Say("document.querySelector('h1').textContent"); got != name {
		k.T.Errorf("%q opens %q", name, got)
	}
}

func mergeAndUndo(k servertest.Keyboard) {
	k.T.Helper()
	other := browsertest.Eval[string](k.T, k.Tab, `fetch("/api/v1/members?limit=100").then(r => r.json()).then(d => d.items
		.find(m => /^[A-Za-z]+ [A-Za-z]+$/.test(m.name) && "/members/" + m.id !== location.pathname && !m.staff && !m.bot).name)`)
	if !strings.Contains(other, " ") {
		k.T.Fatalf("nobody to merge: %q", other)
	}
	k.Press("m")
	browsertest.WaitFor(k.T, k.Tab, "document.getElementById('merge').open && document.activeElement.name === 'other'")
	k.Write(other)
	browsertest.WaitFor(k.T, k.Tab, "[...document.querySelectorAll('.choose li span:first-child')].some(s => s.textContent === "+servertest.Quote(other)+")")
	browsertest.Axe(k.T, k.Tab)
	k.Press("ArrowDown", "Enter")
	browsertest.WaitFor(k.T, k.Tab, "/^\\d+$/.test(document.activeElement.value)")
	k.Press("Enter")
	k.Arrive("document.querySelector('main > .flash')?.textContent.includes('is now part of this member')")
	browsertest.WaitFor(k.T, k.Tab, "document.querySelectorAll('.identities > li').length === 2")
	k.Look(browsertest.Eval[int64](k.T, k.Tab, "innerWidth"))
	k.Reach("Tab", ".flash form button")
	k.Press("Enter")
	k.Arrive("document.querySelector('main > .flash')?.textContent.includes('was undone')")
	if got := k.Say("document.querySelectorAll('.identities > li').length"); got != "1" {
		k.T.Errorf("after the undoing there are %s identities, want 1", got)
	}
	if !k.Is("[...document.querySelectorAll('main .row-item > .pill')].some(p => p.textContent === 'undone')") {
		k.T.Error("the history does not say that the merge was undone")
	}
}
