// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package cli_test

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib"

	"greenroom/internal/cli"
)

// data is where a test keeps what it imports.
type data struct {
	folder   string
	database string // URL of a database on PostgreSQL; "" = SQLite in the folder
}

// flags are what points the command line at it.
func (d data) flags() []string { return []string{"--data", d.folder, "--database", d.database} }

func sqliteData(t *testing.T) data {
	t.Helper()
	return data{folder: filepath.Join(t.TempDir(), "data")}
}

var databases atomic.Int64

// postgresData makes a database, and skips the test where there is no server.
func postgresData(t *testing.T) data {
	t.Helper()
	server := os.Getenv("GREENROOM_TEST_POSTGRES")
	if server == "" {
		t.Skip("GREENROOM_TEST_POSTGRES names no server; `make check-all` starts one")
	}
	admin, err := sql.Open("pgx", server)
	if err != nil {
		t.Fatal(err)
	}
	name := fmt.Sprintf("greenroom_cli_%d_%d", os.Getpid(), databases.Add(1))
	if _, err := admin.ExecContext(t.Context(), "CREATE DATABASE "+name); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := admin.ExecContext(context.Background(), "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)"); err != nil {
			t.Error(err)
		}
		if err := admin.Close(); err != nil {
			t.Error(err)
		}
	})
	d := sqliteData(t)
	d.database = strings.Replace(server, "/greenroom?", "/"+name+"?", 1)
	return d
}

// run runs the command line in this process and returns its standard output.
func run(t *testing.T, at data, args ...string) []byte {
	t.Helper()
	var out, errs bytes.Buffer
	args = slices.Concat(args, at.flags())
	if code := cli.Run(t.Context(), args, cli.IO{In: strings.NewReader(""), Out: &out, Err: &errs}); code != 0 {
		t.Fatalf("greenroom %s ended with exit code %d\n%s", strings.Join(args, " "), code, &errs)
	}
	return out.Bytes()
}

func decode(t *testing.T, text []byte, into any) {
	t.Helper()
	if err := json.Unmarshal(text, into); err != nil {
		t.Fatalf("the output is not JSON: %v\n%s", err, text)
	}
}

// exported is what `greenroom export` writes, by file name.
func exported(t *testing.T, at data) map[string][]byte {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "export")
	run(t, at, "export", dir)
	files := make(map[string][]byte)
	for _, name := range []string{"members.jsonl", "organizations.jsonl", "activities.jsonl", "conversations.jsonl"} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		files[name] = text
	}
	return files
}

// sameLines shows the first line in which two exports differ.
func sameLines(t *testing.T, name string, want, got []byte) {
	t.Helper()
	if bytes.Equal(want, got) {
		return
	}
	w, g := bytes.Split(want, []byte("\n")), bytes.Split(got, []byte("\n"))
	for i := range min(len(w), len(g)) {
		if !bytes.Equal(w[i], g[i]) {
			t.Errorf("%s differs first in line %d of %d (want %d):\n-%s\n+%s", name, i+1, len(g), len(w), w[i], g[i])
			return
		}
	}
	t.Errorf("%s has %d lines, want %d", name, len(g), len(w))
}
