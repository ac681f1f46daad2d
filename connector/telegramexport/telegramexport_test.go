// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package telegramexport_test

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/connectortest"
	"greenroom/connector/telegramexport"
)

var update = flag.Bool("update", false, "write testdata/golden.json anew")

const sample = "testdata/export"

func TestConformance(t *testing.T) {
	connectortest.Run(t, telegramexport.Spec(), connector.Values{"path": sample, "include-direct": "true"}, nil)
}

func TestGolden(t *testing.T) {
	f := connectortest.Collect(t, telegramexport.Spec(), connector.Values{"path": sample}, nil, "", 0)
	f.Cursors, f.Payloads = nil, nil
	got, err := json.MarshalIndent(f, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	got = append(got, '\n')
	const file = "testdata/golden.json"
	if *update {
		if err := os.WriteFile(file, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s differs (-want +got); run with -update and look at the change:\n%s", file, diff)
	}
}

// Older exports tell times by the clock of the computer alone.
func TestTimeZone(t *testing.T) {
	f := connectortest.Collect(t, telegramexport.Spec(), connector.Values{"path": filepath.Join(sample, "old", "result.json"), "time-zone": "Europe/Berlin"}, nil, "", 0)
	if len(f.Activities) != 2 || !f.Activities[0].OccurredAt.Equal(time.Date(2019, 7, 1, 10, 0, 0, 0, time.UTC)) || !f.Activities[0].EditedAt.IsZero() {
		t.Errorf("got %+v", f.Activities)
	}
	if len(f.Rejects) != 1 || f.Rejects[0].Line != 7 {
		t.Errorf("a file that breaks off: %+v, want where it does", f.Rejects)
	}
}

func TestWhatIsNoExport(t *testing.T) {
	dir := t.TempDir()
	for _, path := range []string{filepath.Join(dir, "absent.json"), dir} {
		src, err := telegramexport.Spec().New(connectortest.Env(t, nil), connector.Values{"path": path})
		if err == nil {
			err = src.Read(t.Context(), "", connector.NewSink(t.Context(), 0, nil))
		}
		if greenroom.ErrorCode(err) != greenroom.CodeInvalid || !strings.Contains(greenroom.ErrorMessage(err), path) {
			t.Errorf("%s: got %v, want an error with code %q that names it", path, err, greenroom.CodeInvalid)
		}
	}
	if _, err := telegramexport.Spec().New(connectortest.Env(t, nil), connector.Values{"path": sample, "time-zone": "Mars"}); greenroom.ErrorCode(err) != greenroom.CodeInvalid {
		t.Errorf("an unknown time zone: got %v, want code %q", err, greenroom.CodeInvalid)
	}
}
