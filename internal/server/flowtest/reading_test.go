// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package flowtest_test

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
	"greenroom/internal/server/servertest"
	"greenroom/internal/understand/understandtest"
)

// talkative is a server over a community of a few messages, of which the rules get some wrong.
func talkative(t *testing.T) *servertest.Live {
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
	return servertest.Start(t, server.ServeOptions{Community: "Lumen", Sample: true}, func(app *server.App) {
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
	browser := house.Browser(t)
	l := talkative(t)
	k := servertest.Keyboard{T: t, Tab: browsertest.Open(t, browser, browsertest.Desktop(false), l.Link)}
	k.Arrive("location.pathname === '/'")
	open := func() {
		for range 100 {
			browsertest.Visit(t, k.Tab, l.URL+"/reading")
			if k.Is("document.querySelectorAll('#queue [data-row]').length === 12") {
				return
			}
		}
		t.Fatal("nothing was read")
	}
	open()
	k.Look(1440)
	servertest.Shot(t, k.Tab, "reading-first")
	for range 5 {
		row := `[...document.querySelectorAll('#queue [data-row]')].find(r => r.textContent.includes('Nothing arrives') && !r.textContent.includes('✓'))`
		k.Reach("j", "[data-row='"+k.Say(row+".dataset.row")+"']")
		id := k.Say("document.activeElement.dataset.row")
		k.Press("2")
		browsertest.WaitFor(t, k.Tab, "document.querySelector('#said-"+id+" .pill')?.textContent === 'bug ✓'")
	}
	k.Look(1440)
	browsertest.Visit(t, k.Tab, l.URL+"/reading")
	if got := k.Say("document.querySelector('.kpi .kpi-value').textContent"); !strings.HasPrefix(got, "0") {
		t.Errorf("before the training the base model has %s right, want 0 %%", got)
	}
	browsertest.Eval[bool](t, k.Tab, "(setTimeout(() => document.querySelector('form[action=\"/reading/retrain\"] button').click()), true)")
	k.Arrive("document.querySelector('main > .flash')?.textContent.includes('Training has begun')")
	for range 100 {
		if k.Is("document.querySelector('.kpi .kpi-value')?.textContent.startsWith('100') && document.querySelector('.delta')?.textContent.includes('100')") {
			break
		}
		browsertest.Visit(t, k.Tab, l.URL+"/reading")
	}
	if got := k.Say("document.querySelector('.kpi .kpi-value').textContent"); !strings.HasPrefix(got, "100") {
		t.Errorf("after the training %s are right, want 100 %%", got)
	}
	k.Look(1440)
	servertest.Shot(t, k.Tab, "reading")
	servertest.Dark(k)
	servertest.Shot(t, k.Tab, "reading-dark")
	phone := servertest.Keyboard{T: t, Tab: browsertest.Open(t, browser, browsertest.Phone(false), l.URL+"/reading")}
	phone.Look(390)
	servertest.Shot(t, phone.Tab, "reading-phone")

	menu := func(k servertest.Keyboard, width int64, path, name string) {
		browsertest.Visit(t, k.Tab, l.URL+path)
		k.Look(width)
		k.Reach("Tab", ".label summary")
		k.Press("Enter")
		browsertest.WaitFor(t, k.Tab, "document.querySelector('.label[open] button')?.checkVisibility()")
		k.Look(width)
		servertest.Shot(t, k.Tab, name)
		if !k.Is("(b => b.left >= 0 && b.right <= innerWidth)(document.querySelector('.label[open] .def-body').getBoundingClientRect())") {
			t.Errorf("on %s the menu does not fit", path)
		}
		box := k.Say("document.activeElement.closest('.label-box').id")
		k.Press("Tab", "Enter")
		browsertest.WaitFor(t, k.Tab, "document.querySelector('#"+box+" .pill').textContent === 'question ✓'")
		browsertest.WaitFor(t, k.Tab, "document.querySelector('.toasts .flash')")
		k.Look(width)
	}
	menu(k, 1440, "/activities?q=category:feature", "activities-label")
	menu(k, 1440, "/activities/1", "conversation-label") // its conversation
	menu(phone, 390, "/activities?q=category:bug", "activities-label-phone")
	browsertest.Eval[bool](t, k.Tab, "(setTimeout(() => document.querySelector('.toasts form button').click()), true)")
	k.Arrive("document.querySelector('#said-1 .pill').textContent === 'bug'")
}
