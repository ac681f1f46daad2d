// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package jsonfile_test

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"greenroom/connector/internal/jsonfile"
)

func opener(s string) jsonfile.Opener {
	return func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(s)), nil }
}

func readAll(t *testing.T, s string) (records []string, err error) {
	t.Helper()
	f, err := jsonfile.Open(opener(s))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	for {
		v, err := f.Next()
		if errors.Is(err, io.EOF) {
			return records, nil
		}
		if err != nil {
			return records, err
		}
		records = append(records, string(v))
	}
}

func TestNext(t *testing.T) {
	for _, tt := range []struct {
		name, in string
		want     []string
		bad      bool
	}{
		{"array", `[{"a":1}, 2, "x"]`, []string{`{"a":1}`, "2", `"x"`}, false},
		{"byte order mark", "\xef\xbb\xbf[1]", []string{"1"}, false},
		{"lines", "{\"a\":1}\n{\"a\":2}\n", []string{`{"a":1}`, `{"a":2}`}, false},
		{"empty array", "[]", nil, false},
		{"empty file", "", nil, false},
		{"cut off", `[{"a":1}, {"a":`, []string{`{"a":1}`}, true},
		{"not JSON", `<html>`, nil, true},
		{"two arrays", `[1][2]`, []string{"1", "[2]"}, false},
		{"invalid UTF-8 and double names", "[{\"a\":\"\xff\",\"a\":2}]", []string{"{\"a\":\"\xff\",\"a\":2}"}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := readAll(t, tt.in)
			if diff := cmp.Diff(tt.want, got); diff != "" || (err != nil) != tt.bad {
				t.Errorf("error %v, records (-want +got):\n%s", err, diff)
			}
		})
	}
}

func TestRejectNamesTheLine(t *testing.T) {
	f, err := jsonfile.Open(opener("[\n {\"a\":1},\n {\"a\":\"x\"}\n]"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	for {
		v, err := f.Next()
		if err != nil {
			t.Fatal(err)
		}
		var rec struct {
			A int `json:"a"`
		}
		if err := jsonfile.Unmarshal(v, &rec); err != nil {
			r := f.Reject("x.json", v, err, "a number")
			if r.Line != 3 || r.Reason != `the field "a" holds a text` || r.Excerpt != `{"a":"x"}` {
				t.Errorf("got %+v", r)
			}
			return
		}
	}
}

func TestPlace(t *testing.T) {
	want := jsonfile.Place{File: "a/b \"c\".json", Record: 7}
	got, err := jsonfile.ParsePlace(want.String())
	if err != nil || got != want {
		t.Errorf("got %+v, %v", got, err)
	}
	if _, err := jsonfile.ParsePlace("[]"); err == nil {
		t.Error("a foreign cursor was accepted")
	}
}

func FuzzNext(f *testing.F) {
	for _, s := range []string{`[{"a":1}]`, `{"a":[1,2,{"b":null}]}`, "[1,", "\xef\xbb\xbf[]", "[\"\xff\\u0000\"]", "1 2 3"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		records, err := readAll(t, s)
		total := 0
		for _, r := range records {
			total += len(r)
		}
		if total > len(s) {
			t.Errorf("%d bytes of records in %d bytes of input (%v)", total, len(s), err)
		}
	})
}
