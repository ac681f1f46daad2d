// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package servertest

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"greenroom/internal/brand"
	"greenroom/internal/browsertest"
	"greenroom/internal/server"
)

// House is what the tests of one package share. Its zero value is ready; Run has to run the tests.
type House struct {
	mu      sync.Mutex
	folder  string               // everything that it keeps on disk; "" until it is needed
	browser *browsertest.Program // nil until it is needed
	filled  map[string]string    // data folders into which parts of the sample were read, by the parts
}

// Run runs the tests of a package, for its TestMain, and cleans up behind them. It returns the code to exit with.
func (h *House) Run(m *testing.M) int {
	code := m.Run()
	if h.browser != nil {
		if err := h.browser.Close(); err != nil {
			_, _ = fmt.Fprintf(os.Stderr, "close the browser: %v\n", err)
		}
	}
	if h.folder != "" {
		if err := os.RemoveAll(h.folder); err != nil {
			_, _ = fmt.Fprintf(os.Stderr, "remove what the tests shared: %v\n", err)
		}
	}
	return code
}

// Browser is a browser with cookies and storage of its own, in the one program that the tests of the package share. It
// skips the test where there is none.
func (h *House) Browser(tb testing.TB) browsertest.Browser {
	tb.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.browser == nil {
		h.browser = browsertest.Launch(tb)
	}
	return h.browser.Browser(tb)
}

// Community is the folder of the sample community, only to be read.
func (h *House) Community(tb testing.TB) string {
	tb.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.community(tb)
}

func (h *House) community(tb testing.TB) string {
	tb.Helper()
	if h.folder == "" {
		folder, err := os.MkdirTemp("", "greenroom-house-") //nolint:usetesting // it outlasts the test
		if err != nil {
			tb.Fatal(err)
		}
		h.folder = folder
		writeCommunity(tb, filepath.Join(folder, "community"))
	}
	return filepath.Join(h.folder, "community")
}

// Start starts a server over a copy of the data that parts of the sample were read into, which happens once in a package;
// prepare adds to it before it answers.
func (h *House) Start(tb testing.TB, o server.ServeOptions, parts []Part, prepare ...func(*server.App)) *Live {
	tb.Helper()
	data := tb.TempDir()
	if err := os.CopyFS(data, os.DirFS(h.fill(tb, parts))); err != nil {
		tb.Fatal(err)
	}
	if err := os.Chmod(filepath.Join(data, "key"), 0o600); err != nil { // the copy has more rights than it, and is refused
		tb.Fatal(err)
	}
	return startIn(tb, data, time.Now, o, prepare...)
}

// fill reads parts of the sample into a data folder, once.
func (h *House) fill(tb testing.TB, parts []Part) string {
	tb.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	dir, key := h.community(tb), fmt.Sprint(parts)
	if data, ok := h.filled[key]; ok {
		return data
	}
	data := filepath.Join(h.folder, fmt.Sprintf("data-%d", len(h.filled)))
	app, err := server.Open(tb.Context(), server.Options{Data: data, Log: slog.New(slog.DiscardHandler), Now: time.Now})
	if err != nil {
		tb.Fatal(err)
	}
	Imported(tb, app, dir, parts...)
	if err := app.Close(); err != nil {
		tb.Fatal(err)
	}
	if h.filled == nil {
		h.filled = make(map[string]string)
	}
	h.filled[key] = data
	return data
}

// Lumen is a server over what a forum and a CRM know, reached at an address of its own, and its busiest member.
func (h *House) Lumen(tb testing.TB) (l *Live, member int64) {
	tb.Helper()
	l = h.Start(tb, server.ServeOptions{Community: "Lumen"}, Whole()[1:], func(app *server.App) {
		if err := app.Brand().SetBrand(tb.Context(), brand.Brand{Address: "http://lumen.example", Privacy: "https://lumen.example/privacy"}, "ana"); err != nil {
			tb.Fatal(err)
		}
	})
	member, err := strconv.ParseInt(Person(tb, l), 10, 64)
	if err != nil {
		tb.Fatal(err)
	}
	return l, member
}
