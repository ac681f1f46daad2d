// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"greenroom/connector"
	"greenroom/connector/csv"
	"greenroom/internal/browsertest"
	"greenroom/internal/ingest"
	"greenroom/internal/server"
	"greenroom/internal/understand/understandtest"
)

// talkative is a server over a community of a few messages, of which the rules get some wrong.
func talkative(t *testing.T) *live {
	t.Helper()
	var talk strings.Builder
	talk.WriteString("Id,Kind,Author,E-mail,Time,Channel,Text\n")
	for i, line := range []string{
		"The export is broken since the outage of this morning", "Please add a dark mode to the settings page", "Where do I find the signing keys?", "I love how quick the search became",
		"Nothing arrives in the webhook since Tuesday", "Nothing arrives in the digest since Friday", "Nothing arrives in the inbox since noon", "Nothing arrives in the archive any more", "Nothing arrives in the mirror either",
		"The zeppelin has landed on the field", "See you all on Thursday then", "Version four was released an hour ago",
	} {
		fmt.Fprintf(&talk, "%d,message,Ana,ana@harbor.example,2026-11-20T10:%02d:00Z,help,%q\n", i+1, i, line)
	}
	file := filepath.Join(t.TempDir(), "talk.csv")
	if err := os.WriteFile(file, []byte(talk.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return start(t, server.ServeOptions{Community: "Lumen", Sample: true}, func(app *server.App) {
		app.School = understandtest.School{Version: "1"}
		req := ingest.Request{Spec: csv.Spec(), Name: "talk", Values: connector.Values{"path": file, "type": "activities"}}
		if _, run, err := app.Importer.Import(t.Context(), req); err != nil || run.Rejected > 0 {
			t.Fatal(run, err)
		}
		if err := app.Projector.CatchUp(t.Context()); err != nil {
			t.Fatal(err)
		}
	})
}

// TestReadingFlow corrects five labels with the keyboard, retrains, and sees the figures change; then takes back a
// correction, and corrects one in a conversation and in the list of activities.
func TestReadingFlow(t *testing.T) {
	browser := browsertest.Start(t)
	l := talkative(t)
	k := keyboard{t, browsertest.Open(t, browser, browsertest.Desktop(false), l.link)}
	k.arrive("location.pathname === '/'")
	open := func() {
		for range 100 {
			browsertest.Visit(t, k.tab, l.url+"/reading")
			if k.is("document.querySelectorAll('#queue [data-row]').length === 12") {
				return
			}
		}
		t.Fatal("nothing was read")
	}
	open()
	k.look(1440)
	shot(t, k.tab, "reading-first")
	for range 5 {
		row := `[...document.querySelectorAll('#queue [data-row]')].find(r => r.textContent.includes('Nothing arrives') && !r.textContent.includes('✓'))`
		k.reach("j", "[data-row='"+k.say(row+".dataset.row")+"']")
		id := k.say("document.activeElement.dataset.row")
		k.press("2")
		browsertest.WaitFor(t, k.tab, "document.querySelector('#said-"+id+" .pill')?.textContent === 'bug ✓'")
	}
	k.look(1440)
	browsertest.Visit(t, k.tab, l.url+"/reading")
	if got := k.say("document.querySelector('.kpi .kpi-value').textContent"); !strings.HasPrefix(got, "0") {
		t.Errorf("before the training the base model has %s right, want 0 %%", got)
	}
	browsertest.Eval[bool](t, k.tab, "(setTimeout(() => document.querySelector('form[action=\"/reading/retrain\"] button').click()), true)")
	k.arrive("document.querySelector('main > .flash')?.textContent.includes('Training has begun')")
	for range 100 {
		if k.is("document.querySelector('.kpi .kpi-value')?.textContent.startsWith('100') && document.querySelector('.delta')?.textContent.includes('100')") {
			break
		}
		browsertest.Visit(t, k.tab, l.url+"/reading")
	}
	if got := k.say("document.querySelector('.kpi .kpi-value').textContent"); !strings.HasPrefix(got, "100") {
		t.Errorf("after the training %s are right, want 100 %%", got)
	}
	k.look(1440)
	shot(t, k.tab, "reading")
	dark(k)
	shot(t, k.tab, "reading-dark")
	phone := keyboard{t, browsertest.Open(t, browser, browsertest.Phone(false), l.url+"/reading")}
	phone.look(390)
	shot(t, phone.tab, "reading-phone")

	menu := func(k keyboard, width int64, path, name string) {
		browsertest.Visit(t, k.tab, l.url+path)
		k.look(width)
		k.reach("Tab", ".label summary")
		k.press("Enter")
		browsertest.WaitFor(t, k.tab, "document.querySelector('.label[open] button')?.checkVisibility()")
		k.look(width)
		shot(t, k.tab, name)
		if !k.is("(b => b.left >= 0 && b.right <= innerWidth)(document.querySelector('.label[open] .def-body').getBoundingClientRect())") {
			t.Errorf("on %s the menu does not fit", path)
		}
		box := k.say("document.activeElement.closest('.label-box').id")
		k.press("Tab", "Enter")
		browsertest.WaitFor(t, k.tab, "document.querySelector('#"+box+" .pill').textContent === 'question ✓'")
		browsertest.WaitFor(t, k.tab, "document.querySelector('.toasts .flash')")
		k.look(width)
	}
	menu(k, 1440, "/activities?q=category:feature", "activities-label")
	menu(k, 1440, "/activities/1", "conversation-label") // its conversation
	menu(phone, 390, "/activities?q=category:bug", "activities-label-phone")
	browsertest.Eval[bool](t, k.tab, "(setTimeout(() => document.querySelector('.toasts form button').click()), true)")
	k.arrive("document.querySelector('#said-1 .pill').textContent === 'bug'")
}
