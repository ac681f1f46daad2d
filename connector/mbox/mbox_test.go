// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package mbox

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/connectortest"
)

// update is the flag of golden files.
var update = flag.Bool("update", false, "write the golden files anew")

func TestConformance(t *testing.T) {
	connectortest.Run(t, Spec(), connector.Values{optPath: "testdata/lists"}, nil)
}

func TestGolden(t *testing.T) {
	f := connectortest.Collect(t, Spec(), connector.Values{optPath: "testdata/lists"}, nil, "", 0)
	f.Payloads = nil // they are the messages
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

func TestRecording(t *testing.T) {
	dir := filepath.Join(connectortest.Recordings(t), "mail", "r-package-devel")
	if _, err := os.Stat(dir); err != nil {
		t.Skip("the recording of r-package-devel is not here")
	}
	f := connectortest.Collect(t, Spec(), connector.Values{optPath: dir}, nil, "", 0)
	ids := make(map[string]bool)
	threads := make(map[string]bool)
	roots := make(map[string]bool)
	for i := range f.Activities {
		a := &f.Activities[i]
		ids[a.ExternalID], threads[a.Thread] = true, true
		if a.Kind == greenroom.KindMessage {
			roots[a.ExternalID] = true
		}
	}
	if len(f.Activities) != 200 || len(ids) != 200 || f.Read != 200 || len(f.Rejects) != 0 {
		t.Errorf("got %d messages with %d ids, %d read, rejected %+v; want 200 each and none rejected", len(f.Activities), len(ids), f.Read, f.Rejects)
	}
	for i := range f.Channels {
		if f.Channels[i].Name != "r-package-devel" {
			t.Errorf("channel %+v", f.Channels[i])
		}
	}
	// The archive of 2026 hides the address that the one of 2015 shows.
	edd := 0
	for i := range f.Activities {
		if f.Activities[i].Author == "edd@debian.org" {
			edd++
		}
	}
	if edd != 33 {
		t.Errorf("got %d messages by edd@debian.org, want the 25 of 2015 and the 8 of 2026", edd)
	}
	t.Logf("kinds %v, %d threads, %d of them with their root, %d identities", f.Kinds(), len(threads), len(roots), len(f.Identities))
}

// TestAwkwardRecordings reads the awkward files of other projects: nothing may stop the read, and no message is missed.
func TestAwkwardRecordings(t *testing.T) {
	rec := connectortest.Recordings(t)
	for name, want := range map[string]struct{ messages, rejected, doubles int }{
		"mail/mimekit/issue1189.mbox.txt":                 {4, 0, 0},
		"mail/mimekit/simple.mbox.txt":                    {3, 0, 0},
		"mail/mimekit/unmunged.mbox.txt":                  {0, 2, 0}, // they have no date
		"perceval/mbox/mbox_complex.mbox":                 {2, 0, 0},
		"perceval/mbox/mbox_iso8859_encoding.mbox":        {1, 0, 0},
		"perceval/mbox/mbox_multipart.mbox":               {2, 0, 0},
		"perceval/mbox/mbox_no_fields.mbox":               {3, 0, 3},
		"perceval/mbox/mbox_single.mbox":                  {1, 0, 0},
		"perceval/mbox/mbox_unixfrom_encoding.mbox":       {1, 0, 0},
		"perceval/mbox/mbox_unknown_encoding.mbox":        {1, 0, 0},
		"perceval/pipermail/pipermail_2015_november.mbox": {4, 0, 0},
		"perceval/pipermail/pipermail_2016_april.mbox":    {3, 0, 0},
		"perceval/pipermail/pipermail_2016_march.mbox":    {1, 0, 0},
		"perceval/hyperkitty/hyperkitty_2016_april.mbox":  {3, 0, 0},
		"perceval/hyperkitty/hyperkitty_2016_march.mbox":  {1, 0, 0},
	} {
		path := filepath.Join(rec, filepath.FromSlash(name))
		if _, err := os.Stat(path); err != nil {
			t.Skip("the recording is not here")
		}
		f := connectortest.Collect(t, Spec(), connector.Values{optPath: path}, nil, "", 0)
		if len(f.Activities) != want.messages || len(f.Rejects) != want.rejected || f.LeftOut[leftDoubles] != int64(want.doubles) {
			t.Errorf("%s: got %d messages, rejected %+v, left out %v; want %+v", name, len(f.Activities), f.Rejects, f.LeftOut, want)
		}
	}
}
