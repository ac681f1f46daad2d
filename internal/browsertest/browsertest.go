// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package browsertest drives a real browser in tests: it opens pages in a headless Chromium at a chosen width and color
// mode, presses keys, takes pictures, and checks accessibility with axe-core.
//
// A test starts one browser with Start, or shares a running program with others of its package (Launch), and opens as many
// tabs as it wants with Open. Whatever a tab writes to the
// console as an error, be it an exception, a missing file or something the content security policy refused, fails the
// test when it ends; so every browser test also is a test that the page is sound. Where no Chromium is installed,
// Start skips the test and says so.
package browsertest

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

//go:embed axe/axe.min.js
var axe string

// patience is how long a tab may take for all that a test does with it.
const patience = 5 * time.Minute

// Browser is a running browser, as the context that chromedp keeps it in.
type Browser = context.Context

// Tab is an open tab of a Browser, as the context that chromedp keeps it in.
type Tab = context.Context

// Program is a running Chromium that several tests share.
type Program struct {
	root   context.Context //nolint:containedctx // it is what chromedp keeps a browser in
	finish func() error
}

// Launch starts a Chromium that runs until it is closed, for tests that share one. It skips the test where there is none.
func Launch(tb testing.TB) *Program {
	tb.Helper()
	path := find()
	if path == "" {
		tb.Skip("no Chromium found: install the package chromium, or name its program in GREENROOM_TEST_CHROMIUM")
	}
	profile, err := os.MkdirTemp("", "greenroom-chromium-") //nolint:usetesting // it outlasts the test
	if err != nil {
		tb.Fatalf("make folder for the browser: %v", err)
	}
	options := append(
		chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(profile),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("hide-scrollbars", true),
	)
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
	root, end := chromedp.NewContext(allocator)
	p := &Program{root: root, finish: func() error {
		err := chromedp.Cancel(root)
		end()
		stop()
		return errors.Join(err, os.RemoveAll(profile))
	}}
	if err := chromedp.Do(root); err != nil {
		tb.Fatalf("start %s: %v", path, errors.Join(err, p.finish()))
	}
	return p
}

// Close ends the program and every tab in it.
func (p *Program) Close() error { return p.finish() }

// Browser is a browser with cookies and storage of its own, which ends with the test.
func (p *Program) Browser(tb testing.TB) Browser {
	tb.Helper()
	browser, end := chromedp.NewContext(p.root, chromedp.WithNewBrowserContext())
	tb.Cleanup(func() {
		if err := chromedp.Cancel(browser); err != nil {
			tb.Logf("close browser: %v", err)
		}
		end()
	})
	if err := chromedp.Do(browser); err != nil {
		tb.Fatalf("open browser: %v", err)
	}
	return browser
}

// Start starts a browser that ends with the test. It skips the test where there is none.
func Start(tb testing.TB) Browser {
	tb.Helper()
	p := Launch(tb)
	tb.Cleanup(func() {
		if err := p.Close(); err != nil {
			tb.Logf("close browser: %v", err)
		}
	})
	return p.root
}

// find looks for a Chromium; "" if there is none.
func find() string {
	for _, name := range []string{os.Getenv("GREENROOM_TEST_CHROMIUM"), "chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if name == "" {
			continue
		}
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// Viewport is how a tab sees a page.
type Viewport struct {
	Width, Height int64 // in CSS pixels
	Dark          bool  // the system prefers dark colors
}

// Desktop is the width of a desk: 1440 by 900.
func Desktop(dark bool) Viewport { return Viewport{Width: 1440, Height: 900, Dark: dark} }

// Phone is a telephone held upright: 390 by 844.
func Phone(dark bool) Viewport { return Viewport{Width: 390, Height: 844, Dark: dark} }

// Open opens url in a new tab and waits until it has loaded, fonts included. The tab closes with the test, which
// then fails if the tab has reported errors.
func Open(tb testing.TB, browser Browser, v Viewport, url string) Tab {
	tb.Helper()
	tab, closeTab := chromedp.NewContext(browser)
	tab, giveUp := context.WithTimeout(tab, patience)
	var seen problems
	if err := chromedp.Listen(tab, seen.listen); err != nil {
		tb.Fatalf("open tab: %v", err)
	}
	tb.Cleanup(func() {
		giveUp()
		closeTab()
		for _, problem := range seen.all() {
			tb.Errorf("%s reported: %s", url, problem)
		}
	})
	call(tb, tab, log.Enable, cdp.Empty{})
	call(tb, tab, runtime.Enable, cdp.Empty{})
	scheme := "light"
	if v.Dark {
		scheme = "dark"
	}
	call(tb, tab, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"},
	}})
	call(tb, tab, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: v.Width, Height: v.Height, DeviceScaleFactor: 1, Mobile: v.Width < 600})
	Visit(tb, tab, url)
	return tab
}

// Visit loads url in a tab and waits until fonts are there and charts are drawn.
func Visit(tb testing.TB, tab Tab, url string) {
	tb.Helper()
	Run(tb, tab, chromedp.Navigate(url))
	WaitFor(tb, tab, "document.readyState === 'complete' && document.fonts.status === 'loaded' && !document.querySelector('[data-chart]:not([data-drawn])')")
}

func call[P, R any](tb testing.TB, tab Tab, command cdp.Command[P, R], params P) {
	tb.Helper()
	if _, err := chromedp.Call(tab, command, params); err != nil {
		tb.Fatalf("in the browser: %s: %v", command.Method, err)
	}
}

// WithoutScripts keeps the pages that the tab visits from now on from running scripts of theirs.
func WithoutScripts(tb testing.TB, tab Tab) {
	tb.Helper()
	call(tb, tab, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
}

// Run runs chromedp actions in a tab, such as chromedp.Click, and fails the test if one does not succeed.
func Run(tb testing.TB, tab Tab, actions ...chromedp.Action[chromedp.Void]) {
	tb.Helper()
	if err := chromedp.Do(tab, actions...); err != nil {
		tb.Fatalf("in the browser: %v", err)
	}
}

// Press presses keys one after another, as in Press(tb, tab, "j", "Enter", "Ctrl+k", "Shift+Tab", "Alt+ArrowLeft"). Names are those of
// KeyboardEvent.key. What a page does about a key-down holds back the character, as with a real keyboard.
func Press(tb testing.TB, tab Tab, keys ...string) {
	tb.Helper()
	named := map[string]string{
		"Enter": kb.Enter, "Escape": kb.Escape, "Tab": kb.Tab, "Backspace": kb.Backspace, "Delete": kb.Delete, "End": kb.End, "Home": kb.Home,
		"ArrowDown": kb.ArrowDown, "ArrowUp": kb.ArrowUp, "ArrowLeft": kb.ArrowLeft, "ArrowRight": kb.ArrowRight,
	}
	for _, key := range keys {
		name := key
		var held kb.Modifier
		for prefix, modifier := range map[string]kb.Modifier{"Ctrl+": kb.ModifierCtrl, "Shift+": kb.ModifierShift, "Alt+": kb.ModifierAlt} {
			if rest, ok := strings.CutPrefix(name, prefix); ok {
				name, held = rest, modifier
			}
		}
		if code, ok := named[name]; ok {
			name = code
		}
		code, ok := kb.Keys[[]rune(name)[0]]
		if !ok {
			tb.Fatalf("no key is called %q", key)
		}
		down := input.DispatchKeyEventParams{
			Type: input.DispatchKeyEventTypeKeyDown, Key: code.Key, Code: code.Code, WindowsVirtualKeyCode: code.Windows, NativeVirtualKeyCode: code.Native, Modifiers: int64(held),
		}
		if code.Shift {
			down.Modifiers |= int64(kb.ModifierShift)
		}
		if code.Print && held == kb.ModifierNone {
			down.Text, down.UnmodifiedText = code.Text, code.Unmodified
		}
		up := down
		up.Type, up.Text, up.UnmodifiedText = input.DispatchKeyEventTypeKeyUp, "", ""
		call(tb, tab, input.DispatchKeyEvent, down)
		call(tb, tab, input.DispatchKeyEvent, up)
	}
}

// Eval evaluates JavaScript in a tab and gives its value, waiting for it if it is a promise. What leads to another page has
// to be done a moment later (setTimeout), or the page may be gone before it has answered.
func Eval[T any](tb testing.TB, tab Tab, script string) T {
	tb.Helper()
	out, err := chromedp.Run(tab, chromedp.Evaluate[T](script, chromedp.EvalAwaitPromise))
	if err != nil {
		tb.Fatalf("evaluate in the browser: %v", err)
	}
	return out
}

// WaitFor waits until a JavaScript expression is true, also while the tab goes to another page.
func WaitFor(tb testing.TB, tab Tab, expression string) {
	tb.Helper()
	if _, ok := poll(tb, tab, "Boolean("+expression+")", true); !ok {
		tb.Fatalf("waited 20 s for %s", expression)
	}
}

// Becomes waits until a JavaScript expression, as text, is what is wanted, also while the tab goes to another page. An
// expression that throws is not yet what is wanted.
func Becomes(tb testing.TB, tab Tab, expression, want string) {
	tb.Helper()
	if got, ok := poll(tb, tab, "(() => { try { return String("+expression+") } catch (e) { return 'error: ' + e } })()", want); !ok {
		tb.Errorf("%s is %q, want %q", expression, got, want)
	}
}

// poll asks for the value of a script until it is what is wanted, 20 s at most, and gives the last one.
func poll[T comparable](tb testing.TB, tab Tab, script string, want T) (got T, ok bool) {
	tb.Helper()
	for range 400 {
		out, err := chromedp.Run(tab, chromedp.Evaluate[T](script, chromedp.EvalAwaitPromise))
		if err != nil && !strings.Contains(err.Error(), "navigated or closed") {
			tb.Fatalf("evaluate in the browser: %v", err)
		}
		if err == nil {
			if got = out; got == want {
				return got, true
			}
		}
		time.Sleep(50 * time.Millisecond)
	}
	return got, false
}

// Screenshot writes a picture of the whole page as PNG to a file, whose folder it makes.
func Screenshot(tb testing.TB, tab Tab, file string) {
	tb.Helper()
	picture, err := chromedp.Run(tab, chromedp.FullScreenshot(100))
	if err != nil {
		tb.Fatalf("take picture: %v", err)
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o750); err != nil {
		tb.Fatalf("make folder for picture: %v", err)
	}
	if err := os.WriteFile(file, picture, 0o600); err != nil {
		tb.Fatalf("write picture: %v", err)
	}
}

// violation is what axe-core reports.
type violation struct {
	ID     string `json:"id"`
	Impact string `json:"impact"`
	Help   string `json:"help"`
	Nodes  []struct {
		Target  []any  `json:"target"`
		HTML    string `json:"html"`
		Summary string `json:"failureSummary"`
	} `json:"nodes"`
}

// Axe checks the page as it stands against WCAG 2.2 AA and axe-core's own good practice, and fails the test with every
// violation found.
func Axe(tb testing.TB, tab Tab) {
	tb.Helper()
	if !Eval[bool](tb, tab, "Boolean(window.axe)") {
		Eval[bool](tb, tab, axe+"\n;true")
	}
	report := Eval[string](tb, tab, `axe.run(document, {resultTypes: ["violations"], runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}).then(r => JSON.stringify(r.violations))`)
	var found []violation
	if err := json.Unmarshal([]byte(report), &found); err != nil {
		tb.Fatalf("read axe-core's report: %v", err)
	}
	for _, v := range found {
		for i, n := range v.Nodes {
			if i == 8 {
				tb.Errorf("axe: %s: and %d more", v.ID, len(v.Nodes)-i)
				break
			}
			tb.Errorf("axe: %s (%s): %s\n\tat %v: %s\n\t%s", v.ID, v.Impact, v.Help, n.Target, short(n.HTML), strings.ReplaceAll(n.Summary, "\n", "\n\t"))
		}
	}
}

func short(html string) string {
	if len(html) > 160 {
		return html[:160] + "…"
	}
	return html
}

// problems collects what a tab complains about. The browser reports from its own goroutine.
type problems struct {
	mu   sync.Mutex
	list []string
}

func (p *problems) listen(event any) {
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		text := e.ExceptionDetails.Text
		if e.ExceptionDetails.Exception != nil {
			text += " " + e.ExceptionDetails.Exception.Description
		}
		p.add("exception: " + text)
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError || e.Entry.Source == log.EntrySourceSecurity {
			p.add(fmt.Sprintf("%s: %s %s", e.Entry.Source, e.Entry.Text, e.Entry.URL))
		}
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError {
			var text []string
			for _, arg := range e.Args {
				text = append(text, string(arg.Value)+arg.Description)
			}
			p.add("console: " + strings.Join(text, " "))
		}
	}
}

func (p *problems) add(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.list = append(p.list, text)
}

func (p *problems) all() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.list
}
