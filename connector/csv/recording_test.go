// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package csv

import (
	"bytes"
	stdcsv "encoding/csv"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"greenroom/connector"
	"greenroom/connector/connectortest"
)

// TestRecordings reads real CSV files, whose texts run over many lines, and counts their rows with another parser.
func TestRecordings(t *testing.T) {
	rec := connectortest.Recordings(t)
	files, err := filepath.Glob(filepath.Join(rec, "discord", "komodo-csv", "*", "*", "*", "*.csv"))
	more, err2 := filepath.Glob(filepath.Join(rec, "discord", "komodo-csv", "*", "*", "*.csv"))
	if files = append(files, more...); err != nil || err2 != nil || len(files) == 0 {
		t.Skip("the recording of CSV files is not here")
	}
	for _, path := range files {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		other := stdcsv.NewReader(bytes.NewReader(bytes.TrimPrefix(data, []byte("\xEF\xBB\xBF"))))
		other.Comma = ';'
		rows, err := other.ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		f := connectortest.Collect(t, Spec(), connector.Values{optPath: path}, nil, "", 0)
		if want := len(rows) - 1; len(f.Activities) != want || f.Read != int64(want) || len(f.Rejects) != 0 {
			t.Errorf("%s: got %d activities of %d rows, rejected %+v; want %d", path, len(f.Activities), f.Read, f.Rejects, want)
		}
	}
	t.Logf("%d files", len(files))
}

// TestRoundTrip writes rows with the standard library and reads them back, whatever they hold.
func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		delim := rapid.SampledFrom([]rune{',', ';', '\t', '|'}).Draw(rt, "delimiter")
		width := rapid.IntRange(2, 5).Draw(rt, "columns")
		field := rapid.StringOfN(rapid.SampledFrom([]rune("ab \",;\t|\nä€'\\")), 0, 12, -1)
		rows := rapid.SliceOfN(rapid.SliceOfN(field, width, width), 1, 20).Draw(rt, "rows")
		var b bytes.Buffer
		w := stdcsv.NewWriter(&b)
		w.Comma, w.UseCRLF = delim, rapid.Bool().Draw(rt, "crlf")
		if err := w.WriteAll(rows); err != nil {
			rt.Fatal(err)
		}
		s := newScanner(&b, byte(delim))
		s.want = width
		for i, want := range rows {
			got, err := s.next()
			if err != nil || got.bad != "" {
				rt.Fatalf("row %d %q: %v %s", i, want, err, got.bad)
			}
			for j := range want {
				if trimmed := strings.TrimSpace(want[j]); got.fields[j] != trimmed {
					rt.Fatalf("row %d column %d: got %q, want %q", i, j, got.fields[j], trimmed)
				}
			}
		}
		if _, err := s.next(); !errors.Is(err, io.EOF) {
			rt.Fatalf("there is more: %v", err)
		}
	})
}
