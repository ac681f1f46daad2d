// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package git

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/connectortest"
)

// update is the flag of golden files.
var update = flag.Bool("update", false, "write the golden files anew")

// run runs git for a test, and skips the test where there is none.
func run(t *testing.T, stdin string, args ...string) string {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("the program git is not installed")
	}
	cmd := exec.CommandContext(t.Context(), "git", args...)
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_NOSYSTEM=1", "LC_ALL=C")
	if stdin != "" {
		f, err := os.Open(stdin)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close() //nolint:errcheck // only read
		cmd.Stdin = f
	}
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("git %s: %v", strings.Join(args, " "), err)
	}
	return string(out)
}

// sample makes a repository out of testdata.
func sample(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "widgets.git")
	run(t, "", "init", "-q", "--bare", dir)
	run(t, "testdata/sample.fastimport", "-C", dir, "fast-import", "--quiet")
	run(t, "", "-C", dir, "symbolic-ref", "HEAD", "refs/heads/main")
	run(t, "", "-C", dir, "config", "remote.origin.url", "https://token:x@github.com/acme/widgets.git")
	return dir
}

func TestConformance(t *testing.T) {
	connectortest.Run(t, Spec(), connector.Values{optPath: sample(t)}, nil)
}

func TestGolden(t *testing.T) {
	dir := sample(t)
	f := connectortest.Collect(t, Spec(), connector.Values{optPath: dir}, nil, "", 0)
	f.Cursors = nil // they hold the fingerprint
	for i := range f.Rejects {
		f.Rejects[i].File = strings.Replace(f.Rejects[i].File, dir, "widgets.git", 1)
	}
	got, err := json.MarshalIndent(f, "", "\t")
	if err != nil {
		t.Fatal(err)
	}
	got = append(got, '\n')
	if *update {
		if err := os.WriteFile("testdata/golden.json", got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("testdata/golden.json")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("the facts differ from testdata/golden.json (-want +got):\n%s", diff)
	}
}

// TestMailmapAsGit compares who is who with what git itself makes of a mailmap, over real files.
func TestMailmapAsGit(t *testing.T) {
	rec := connectortest.Recordings(t)
	for _, name := range []string{"jquery-ui.metadata.mailmap", "moby_moby.mailmap"} {
		text, err := os.ReadFile(filepath.Join(rec, "git", name))
		if err != nil {
			t.Skip("the recording is not here")
		}
		mm, rejects := parseMailmap(name, string(text))
		if len(rejects) != 0 {
			t.Errorf("%s: rejected %+v", name, rejects)
		}
		// Every commit name and address that the file knows, and each address under a name that it does not.
		var in []string
		for address, a := range mm.byAddress {
			in = append(in, "Somebody Else <"+address+">")
			for n := range a.byName {
				in = append(in, n+" <"+strings.ToUpper(address)+">")
			}
		}
		list := filepath.Join(t.TempDir(), "in")
		if err := os.WriteFile(list, []byte(strings.Join(in, "\n")+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		dir := sample(t)
		out := run(t, list, "-C", dir, "-c", "mailmap.file="+filepath.Join(rec, "git", name), "-c", "mailmap.blob=", "check-mailmap", "--stdin")
		for i, want := range strings.Split(strings.TrimSpace(out), "\n") {
			n, address, _ := nameAddress(in[i])
			w := mm.resolve(n, address)
			email := w.proper
			if email == "" {
				email = strings.ToLower(address)
			}
			if got := w.name + " <" + email + ">"; !strings.EqualFold(got, want) {
				t.Errorf("%s: %s resolves to %s, git says %s", name, in[i], got, want)
			}
		}
	}
}

func TestRecording(t *testing.T) {
	rec := connectortest.Recordings(t)
	bundles, err := filepath.Glob(filepath.Join(rec, "git", "jquery-ui*.bundle"))
	if err != nil || len(bundles) == 0 {
		t.Skip("the recording of jquery-ui is not here")
	}
	dir := filepath.Join(t.TempDir(), "jquery-ui.git")
	run(t, "", "clone", "-q", "--bare", bundles[0], dir)
	f := connectortest.Collect(t, Spec(), connector.Values{
		optPath: dir, optMailmap: strings.TrimSuffix(bundles[0], ".bundle") + ".mailmap",
	}, nil, "", 0)
	authors := make(map[string]bool)
	for i := range f.Activities {
		if a := &f.Activities[i]; a.Kind == greenroom.KindCommit {
			authors[a.Author] = true
		}
	}
	if got := f.Kinds()["commit"]; got != 7414 || len(authors) != 385 || f.Read != 7414 || len(f.Rejects) != 0 {
		t.Errorf("got %d commits by %d addresses, %d read, rejected %v; want 7414 by 385 and none rejected", got, len(authors), f.Read, f.Rejects)
	}
	t.Logf("kinds %v, %d identities, %d of them the same as another", f.Kinds(), len(f.Identities), len(f.Sames))
	if len(f.Channels) == 0 || f.Channels[0].Name != "jquery-ui" {
		t.Errorf("the channel is %+v", f.Channels)
	}
}

func TestWorkTreeAndBranch(t *testing.T) {
	dir := sample(t)
	tree := filepath.Join(t.TempDir(), "tree")
	run(t, "", "clone", "-q", dir, tree)
	if err := os.WriteFile(filepath.Join(tree, ".mailmap"), []byte("Changed Name <ada@example.com>\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	f := connectortest.Collect(t, Spec(), connector.Values{optPath: tree, optBranch: "main~8", optCoAuthors: "false"}, nil, "", 0)
	if got := f.Kinds(); !cmp.Equal(got, map[string]int{"commit": 6}) {
		t.Errorf("kinds of main~8: got %v, want 6 commits", got)
	}
	if got := f.Identities["ada@example.com"].Name; got != "Changed Name" {
		t.Errorf("the mailmap of the work tree was not used: got %q", got)
	}
	inner := filepath.Join(tree, "inner")
	if err := os.Mkdir(inner, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, v := range []connector.Values{
		{optPath: inner},
		{optPath: tree, optBranch: "nowhere"},
		{optPath: tree, optBranch: "--output=x"},
		{optPath: filepath.Join(tree, "gone")},
		{optPath: filepath.Join(tree, ".mailmap")},
		{optPath: tree, optWebURL: "widgets"},
		{optPath: tree, optMailmap: inner},
	} {
		src, err := Spec().New(connectortest.Env(t, nil), v)
		if err == nil {
			err = src.Read(t.Context(), "", connector.NewSink(t.Context(), 0, nil))
		}
		if greenroom.ErrorCode(err) != greenroom.CodeInvalid {
			t.Errorf("%v: got %v, want an invalid error", v, err)
		}
	}
}

// TestOtherHistory goes on from a cursor of a history that has changed since: it starts over and loses nothing.
func TestOtherHistory(t *testing.T) {
	values := connector.Values{optPath: sample(t)}
	whole := connectortest.Collect(t, Spec(), values, nil, "", 0)
	got := connectortest.Collect(t, Spec(), values, nil, `{"history":"old","people":3,"commits":4}`, 0)
	if diff := cmp.Diff(whole.Activities, got.Activities); diff != "" {
		t.Errorf("activities differ (-whole +again):\n%s", diff)
	}
}

// TestHostile reads a repository whose configuration wants programs to run, in an environment that points elsewhere.
func TestHostile(t *testing.T) {
	dir := sample(t)
	trap := filepath.Join(t.TempDir(), "trap")
	script := filepath.Join(t.TempDir(), "run.sh")
	if err := os.WriteFile(script, []byte("#!/bin/sh\ntouch "+trap+"\n"), 0o700); err != nil { //nolint:gosec // it has to be able to run
		t.Fatal(err)
	}
	for _, key := range []string{"gpg.program", "core.fsmonitor", "core.pager", "pager.log", "core.sshCommand", "core.editor", "diff.external", "credential.helper"} {
		run(t, "", "-C", dir, "config", key, script)
	}
	run(t, "", "-C", dir, "config", "log.showSignature", "true")
	signed := filepath.Join(t.TempDir(), "signed")
	tree := strings.TrimSpace(run(t, "", "-C", dir, "rev-parse", "main^{tree}"))
	text := "tree " + tree + "\nauthor A <a@example.com> 1736935200 +0000\ncommitter A <a@example.com> 1736935200 +0000\n" +
		"gpgsig -----BEGIN PGP SIGNATURE-----\n \n abc\n -----END PGP SIGNATURE-----\n\nSigned\n"
	if err := os.WriteFile(signed, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	sha := strings.TrimSpace(run(t, signed, "-C", dir, "hash-object", "-t", "commit", "-w", "--stdin"))
	run(t, "", "-C", dir, "update-ref", "refs/heads/signed", sha)
	t.Setenv("GIT_DIR", "/nonexistent")
	t.Setenv("GIT_PAGER", script)
	f := connectortest.Collect(t, Spec(), connector.Values{optPath: dir}, nil, "", 0)
	if got := f.Kinds()["commit"]; got != 15 {
		t.Errorf("got %d commits, want the 14 of the sample and the signed one", got)
	}
	if _, err := os.Stat(trap); err == nil {
		t.Error("the repository's configuration made a program run")
	}
}

func TestCancelled(t *testing.T) {
	src, err := Spec().New(connectortest.Env(t, nil), connector.Values{optPath: sample(t)})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	out := connector.NewSink(ctx, 1, func(_ context.Context, b *connector.Batch) error {
		if len(b.Activities) > 0 {
			cancel()
		}
		return nil
	})
	if err := src.Read(ctx, "", out); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the context's error", err)
	}
}

func TestDescribe(t *testing.T) {
	for _, tt := range []struct{ folder, origin, name, commit string }{
		{"/data/x.git", "git@github.com:acme/widgets.git", "acme/widgets", "https://github.com/acme/widgets/commit/"},
		{"/data/x", "ssh://git@gitlab.com:22/acme/sub/widgets.git/", "acme/sub/widgets", "https://gitlab.com/acme/sub/widgets/-/commit/"},
		{"/data/x", "https://user:secret@bitbucket.org/acme/widgets", "acme/widgets", "https://bitbucket.org/acme/widgets/commits/"},
		{"/data/x", "https://codeberg.org/acme/widgets", "acme/widgets", "https://codeberg.org/acme/widgets/commit/"},
		{"/data/x", "https://git.example.org/acme/widgets", "acme/widgets", ""},
		{"/data/x.git", "/srv/bundles/y.bundle", "x", ""},
		{"/data/x.git", `C:\repos\y`, "x", ""},
		{"/data/x/.git", "", "x", ""},
	} {
		r := describe(tt.folder, tt.origin, "", "")
		if r.name != tt.name || r.commit != tt.commit {
			t.Errorf("%s from %q: got %+v, want name %q and commits at %q", tt.folder, tt.origin, r, tt.name, tt.commit)
		}
	}
}

// TestDocs holds the options table of the documentation against the spec.
func TestDocs(t *testing.T) {
	doc, err := os.ReadFile("../../docs/connectors/git.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range Spec().Options {
		if row := "| `" + o.Name + "` | " + o.Help + " | " + o.Default + " |"; !strings.Contains(string(doc), row) {
			t.Errorf("docs/connectors/git.md lacks the row\n%s", row)
		}
	}
}
