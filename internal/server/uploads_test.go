// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server

import (
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"greenroom/connector"
	"greenroom/connector/all"
	"greenroom/internal/ingest"
)

// TestSweepUploads keeps the file that a source reads and what was sent of late, and removes the rest.
func TestSweepUploads(t *testing.T) {
	now := time.Now()
	a, err := Open(t.Context(), Options{Data: t.TempDir(), Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = a.Close() }()
	imports := NewImports(t.Context(), a, nil)
	sent := make(map[string]string)
	for _, name := range []string{"read.csv", "left.csv", "partial.csv"} {
		u, err := imports.Upload(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := u.Write([]byte("name,email\nAna,ana@example.org\n")); err != nil {
			t.Fatal(err)
		}
		if sent[name], err = u.Close(); err != nil {
			t.Fatal(err)
		}
	}
	spec, err := all.Find("csv")
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := a.Importer.Import(t.Context(), ingest.Request{Spec: spec, Name: "people", Values: connector.Values{"path": sent["read.csv"]}}); err != nil {
		t.Fatal(err)
	}
	if n, err := a.sweepUploads(t.Context()); n != 0 || err != nil {
		t.Errorf("at once %d are removed, %v", n, err)
	}
	now = now.Add(uploadRest + time.Hour)
	if n, err := a.sweepUploads(t.Context()); n != 2 || err != nil {
		t.Errorf("after a day %d are removed, %v; want 2", n, err)
	}
	left, err := filepath.Glob(filepath.Join(a.Data, "uploads", "*", "*"))
	if diff := cmp.Diff([]string{sent["read.csv"]}, left); diff != "" || err != nil {
		t.Errorf("left are (-want +got):\n%s %v", diff, err)
	}
	if _, err := os.Stat(sent["left.csv"]); !os.IsNotExist(err) {
		t.Errorf("a file that nothing reads: %v", err)
	}
}
