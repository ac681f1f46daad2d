// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package flowtest_test

import (
	"testing"

	"greenroom/internal/browsertest"
	"greenroom/internal/server"
	"greenroom/internal/server/servertest"
)

// TestRefusedFlow enters an absence that ends before it begins: the dialog stays open with what was entered and says what
// is wrong; put right, it is taken. What one button alone asks for is refused in a message, and a member's data is a file.
func TestRefusedFlow(t *testing.T) {
	browser := house.Browser(t)
	for name, v := range map[string]browsertest.Viewport{"1440": browsertest.Desktop(false), "390": browsertest.Phone(false)} {
		t.Run(name, func(t *testing.T) {
			l := house.Start(t, server.ServeOptions{Community: "Lumen"}, servertest.Whole()[:1])
			k := servertest.Keyboard{T: t, Tab: browsertest.Open(t, browser, v, l.Link)}
			servertest.ComeIn(k)
			browsertest.Visit(t, k.Tab, l.URL+"/team")
			k.Reach("Tab", "[data-dialog=away]")
			k.Press("Enter")
			k.Say("document.querySelector('#away [name=from]').value = '2026-12-20'")
			k.Say("document.querySelector('#away [name=to]').value = '2026-12-01'")
			k.Reach("Tab", "#away button:not([type=button])")
			k.Press("Enter")
			browsertest.WaitFor(t, k.Tab, "document.querySelector('#away[open] [data-refused]')?.textContent.includes('is before its first')")
			k.Look(v.Width)
			if got := k.Say("document.querySelector('#away [name=from]').value"); got != "2026-12-20" {
				t.Errorf("the first day is %q after the refusal", got)
			}
			k.Say("document.querySelector('#away [name=to]').value = '2026-12-24'")
			k.Press("Enter")
			browsertest.WaitFor(t, k.Tab, "document.querySelector('main .flash, .flash')?.textContent.includes('Away 20 Dec 2026')")

			// A button whose work is refused: the absence is none.
			k.Say("(document.querySelector('form[action$=\"/end\"]').action = '/team/absences/999/end', 'set')")
			k.Reach("Tab", "form[action$='/end'] button")
			k.Press("Enter")
			browsertest.WaitFor(t, k.Tab, "document.querySelector('#toasts .flash-error') && location.pathname === '/team'")

			// A file that is the answer is saved, and the page stays.
			browsertest.Visit(t, k.Tab, l.URL+"/members")
			browsertest.Visit(t, k.Tab, k.Say("document.querySelector('a.row-link[href^=\"/members/\"]').href"))
			k.Say("(URL.createObjectURL = (file) => { file.text().then((text) => { window.saved = JSON.parse(text); }); return '#'; }, 'set')")
			k.Say("document.querySelector('form[action$=\"/data\"]').requestSubmit()")
			browsertest.WaitFor(t, k.Tab, "window.saved && document.querySelector('main h1')")
		})
	}
}
