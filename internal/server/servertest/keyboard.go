// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package servertest

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"greenroom/internal/browsertest"
)

// Keyboard is a person at a tab who has no mouse.
type Keyboard struct {
	T   *testing.T
	Tab browsertest.Tab
}

// Press presses keys, as browsertest.Press.
func (k Keyboard) Press(keys ...string) {
	k.T.Helper()
	browsertest.Press(k.T, k.Tab, keys...)
}

// Write types a text.
func (k Keyboard) Write(text string) {
	k.T.Helper()
	for _, r := range text {
		browsertest.Press(k.T, k.Tab, string(r))
	}
}

// Reach presses a key until what has the focus fits a selector.
func (k Keyboard) Reach(key, selector string) {
	k.T.Helper()
	at := "document.activeElement?.matches(" + Quote(selector) + ")"
	for range 120 {
		if k.Is(at) {
			return
		}
		k.Press(key)
	}
	k.T.Fatalf("%s never gets to %s; it is at %s", key, selector, k.Say("document.activeElement.outerHTML.slice(0, 200)"))
}

// Is says whether a script's value is true.
func (k Keyboard) Is(script string) bool {
	k.T.Helper()
	return browsertest.Eval[bool](k.T, k.Tab, "Boolean("+script+")")
}

// Say is a script's value as a text.
func (k Keyboard) Say(script string) string {
	k.T.Helper()
	return browsertest.Eval[string](k.T, k.Tab, "String("+script+")")
}

// Arrive waits until another page is there whole.
func (k Keyboard) Arrive(condition string) {
	k.T.Helper()
	browsertest.WaitFor(k.T, k.Tab, "document.readyState === 'complete' && document.fonts.status === 'loaded' && ("+condition+")")
}

// Look checks the page as it stands: nothing for axe-core to find, nothing wider than the window.
func (k Keyboard) Look(width int64) {
	k.T.Helper()
	browsertest.WaitFor(k.T, k.Tab, "!document.querySelector('[data-chart]:not([data-drawn])')")
	browsertest.Axe(k.T, k.Tab)
	if wide := browsertest.Eval[int64](k.T, k.Tab, "document.documentElement.scrollWidth"); wide > width {
		k.T.Errorf("%s is %d pixels wide in a window of %d", k.Say("location.pathname"), wide, width)
	}
	if k.T.Failed() {
		k.T.Logf("seen at %s", k.Say("location.href"))
	}
}

// Quote is a text as a script has it.
func Quote(s string) string { return fmt.Sprintf("%q", s) }

// ComeIn signs the first person up, at the page that the printed link opens.
func ComeIn(k Keyboard) {
	k.T.Helper()
	k.Reach("Tab", "input[name=email]")
	k.Write("ana@example.org")
	k.Reach("Tab", "input[name=name]")
	k.Write("Ana")
	k.Reach("Tab", "input[name=password]")
	k.Write(Password)
	k.Press("Enter")
	k.Arrive("location.pathname === '/'")
}

// Shot writes a picture of the page, for whoever wants to see what a test saw.
func Shot(tb testing.TB, tab browsertest.Tab, name string) {
	tb.Helper()
	if folder := os.Getenv("GREENROOM_SHOTS"); folder != "" {
		browsertest.Screenshot(tb, tab, filepath.Join(folder, name+".png"))
	}
}

// Dark looks at the page in dark mode, in which only the colors differ.
func Dark(k Keyboard) {
	k.T.Helper()
	found := browsertest.Eval[string](k.T, k.Tab, `(document.documentElement.dataset.theme = "dark", document.dispatchEvent(new CustomEvent("greenroom:theme")), axe.run(document, {resultTypes: ["violations"], runOnly: {type: "rule", values: ["color-contrast"]}}))
		.then(r => r.violations.flatMap(v => v.nodes.map(n => n.html.slice(0, 160) + " " + n.failureSummary)).join("\n"))`)
	if found != "" {
		k.T.Errorf("in dark mode: %s", found)
	}
}
