// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package csv

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/internal/rowmap"
)

// FuzzFile reads a file whole, and previews it: each row is told, rejected or left out, and all text is clean.
func FuzzFile(f *testing.F) {
	for _, name := range samples() {
		data, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data, "")
	}
	f.Add([]byte("a,b\n1,2\n"), `email=a,name="b"`)
	f.Add([]byte("when,\"\n\",,\n1,2"), "kind=#9")
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, data []byte, mapping string) {
		values := connector.Values{optPath: filepath.Join(dir, "a.csv"), rowmap.OptMapping: mapping}
		if err := os.WriteFile(values[optPath], data, 0o600); err != nil {
			t.Fatal(err)
		}
		table, previewErr := Preview(bytes.NewReader(data), values, 5)
		if previewErr == nil && len(table.Columns) == 0 {
			t.Error("a table without columns")
		}
		src, err := Spec().New(connector.Env{}, values)
		if err != nil {
			if previewErr == nil {
				t.Errorf("the preview passed and the source not: %v", err)
			}
			return
		}
		out := connector.NewSink(t.Context(), 50, func(_ context.Context, b *connector.Batch) error {
			for i := range b.Activities {
				a := &b.Activities[i]
				if s := a.ExternalID + a.Title + a.Body + a.Author; !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
					t.Errorf("not clean: %+v", a)
				}
			}
			for i := range b.Identities {
				for _, e := range b.Identities[i].Emails {
					if strings.Count(e.Address, "@") != 1 || e.Address != strings.ToLower(e.Address) {
						t.Errorf("bad address %q", e.Address)
					}
				}
			}
			if n := int64(len(b.Activities)+len(b.Identities)+len(b.Organizations)+len(b.Records)+len(b.Rejects)) + b.LeftOut[leftDoubles] + b.LeftOut[leftEmpty]; n < b.Read {
				t.Errorf("%d rows read, only %d facts", b.Read, n)
			}
			return nil
		})
		err = src.Read(t.Context(), "", out)
		if (err == nil) != (previewErr == nil) || err != nil && greenroom.ErrorCode(err) != greenroom.CodeInvalid {
			t.Errorf("the preview gives %v, reading %v", previewErr, err)
		}
		if err := out.Flush(); err != nil {
			t.Fatal(err)
		}
	})
}

// FuzzScan cuts a file into rows, at once and byte by byte: the rows are the same and none of the file is lost.
func FuzzScan(f *testing.F) {
	f.Add([]byte("a,b\n\"c\nd\",\"e\"\"f\"\n\"g,h\n\r\n\"i\" j,k"), byte(','), uint8(2))
	f.Add([]byte("\"\r\"\r\n;\r"), byte(';'), uint8(0))
	f.Fuzz(func(t *testing.T, data []byte, delim byte, want uint8) {
		if delim == '"' || delim == '\n' || delim == '\r' {
			return
		}
		rows := func(r io.Reader) (all []string) {
			s := newScanner(r, delim)
			s.want = int(want)
			s.buf = make([]byte, 0, 16)
			for {
				row, err := s.next()
				if errors.Is(err, io.EOF) {
					if s.line != int64(bytes.Count(data, []byte{'\n'}))+1 {
						t.Errorf("the last line is %d", s.line)
					}
					return all
				}
				if err != nil || len(all) > len(data) {
					t.Fatal(len(all), err)
				}
				all = append(all, fmt.Sprintf("%d %q %s", row.line, row.fields, row.bad))
			}
		}
		whole, bytewise := rows(bytes.NewReader(data)), rows(iotest.OneByteReader(bytes.NewReader(data)))
		if strings.Join(whole, "\n") != strings.Join(bytewise, "\n") {
			t.Errorf("at once:\n%s\nbyte by byte:\n%s", strings.Join(whole, "\n"), strings.Join(bytewise, "\n"))
		}
	})
}

func BenchmarkRead(b *testing.B) {
	const rows = 50000
	var data bytes.Buffer
	data.WriteString("Date,Kind,Email,Author,Channel,Title,Text,URL,ID\n")
	for i := range rows {
		fmt.Fprintf(&data, "2025-01-%02d %02d:%02d:%02d,message,p%d@example.com,Person %d,help,Topic %d,\"A text, with \"\"quotes\"\" and some forty letters more\",https://example.org/%d,%d\n",
			i%28+1, i/3600%24, i/60%60, i%60, i%997, i%997, i, i, i)
	}
	path := filepath.Join(b.TempDir(), "a.csv")
	if err := os.WriteFile(path, data.Bytes(), 0o600); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(data.Len()))
	b.ReportAllocs()
	for b.Loop() {
		src, err := Spec().New(connector.Env{}, connector.Values{optPath: path})
		if err != nil {
			b.Fatal(err)
		}
		out := connector.NewSink(b.Context(), 0, func(context.Context, *connector.Batch) error { return nil })
		if err := src.Read(b.Context(), "", out); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(rows*float64(b.N)/b.Elapsed().Seconds(), "facts/s")
}
