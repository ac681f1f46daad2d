// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package folder_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/connectortest"
	"greenroom/connector/csv"
	"greenroom/connector/folder"
	"greenroom/connector/mbox"
)

func spec() connector.Spec { return folder.Spec([]connector.Spec{csv.Spec(), mbox.Spec()}) }

// put writes a file as it was at a time before the tests'.
func put(t *testing.T, dir, name, text string, age time.Duration) {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	at := connectortest.Now().Add(-age)
	if err := os.Chtimes(path, at, at); err != nil {
		t.Fatal(err)
	}
}

func members(from, to int) string {
	var b strings.Builder
	b.WriteString("email,name,company\n")
	for i := from; i < to; i++ {
		fmt.Fprintf(&b, "person%d@example.org,Person %d,Initech\n", i, i)
	}
	return b.String()
}

func values(dir string) connector.Values {
	return connector.Values{"path": dir, "kind": "csv", "pattern": "*.csv", "options": "# as tried\ntype = members\nverified=true"}
}

func TestConformance(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, "b.csv", members(0, 30), 3*time.Hour)
	put(t, dir, "a.csv", members(30, 35)+"broken,x\n", 2*time.Hour)
	put(t, dir, "again.csv", members(0, 30), time.Hour)
	put(t, dir, "odd.csv", "zig,zag\n1,2\n", time.Hour)
	put(t, dir, "notes.txt", "nothing", time.Hour)
	put(t, dir, ".hidden.csv", members(90, 95), time.Hour)
	put(t, dir, "new.csv", members(80, 85), 5*time.Second)
	connectortest.Run(t, spec(), values(dir), nil)
	f := connectortest.Collect(t, spec(), values(dir), nil, "", 0)
	if len(f.Identities) != 35 || len(f.Rejects) != 2 || f.LeftOut["files with contents that came before"] != 1 {
		t.Errorf("%d people, %d rejects, left out %v", len(f.Identities), len(f.Rejects), f.LeftOut)
	}
	if !f.Identities["person3@example.org"].Emails[0].Verified {
		t.Error("the options of the files are not used")
	}
}

// TestAgain reads each contents once, whatever happens to its file.
func TestAgain(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, "a.csv", members(0, 5), 3*time.Hour)
	var from connector.Cursor
	read := func(what string, want int) {
		t.Helper()
		f := connectortest.Collect(t, spec(), values(dir), nil, from, 0)
		if len(f.Identities) != want {
			t.Errorf("%s: %d people come in, want %d", what, len(f.Identities), want)
		}
		from = f.Cursors[len(f.Cursors)-1]
	}
	read("first", 5)
	read("nothing new", 0)
	put(t, dir, "b.csv", members(0, 5), 2*time.Hour)
	read("a copy", 0)
	put(t, dir, "a.csv", members(0, 7), 2*time.Hour)
	read("changed", 7)
	put(t, dir, "a.csv", members(0, 5), time.Hour)
	read("changed back", 0)
	for _, name := range []string{"a.csv", "b.csv"} {
		if err := os.Remove(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	read("removed", 0)
	put(t, dir, "c.csv", members(0, 7), time.Hour)
	read("there once more", 0)
	put(t, dir, "d.csv", members(10, 12), time.Hour)
	read("a new one", 2)
	if err := os.Symlink("/etc/passwd", filepath.Join(dir, "e.csv")); err != nil {
		t.Fatal(err)
	}
	read("a link", 0)
}

func TestRefused(t *testing.T) {
	dir := t.TempDir()
	for name, change := range map[string]connector.Values{
		"no folder":      {"path": filepath.Join(dir, "none")},
		"another kind":   {"kind": "slack"},
		"another option": {"options": "shoes = 3"},
		"the path":       {"options": "path = /etc/passwd"},
		"no line":        {"options": "type members"},
		"a pattern":      {"pattern": "../*"},
	} {
		v := values(dir)
		for k, x := range change {
			v[k] = x
		}
		if _, err := spec().New(connectortest.Env(t, nil), v); greenroom.ErrorCode(err) != greenroom.CodeInvalid {
			t.Errorf("%s: got %v, want an error with code %q", name, err, greenroom.CodeInvalid)
		}
	}
}
