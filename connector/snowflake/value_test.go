// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package snowflake

import (
	"testing"
	"unicode/utf8"
)

func TestWritten(t *testing.T) {
	for _, tt := range []struct{ typ, in, want string }{
		{"date", "18262", "2020-01-01T00:00:00Z"},
		{"date", "-1", "1969-12-31T00:00:00Z"},
		{"timestamp_ntz", "1611871777.123000000", "2021-01-28T22:09:37.123Z"},
		{"TIMESTAMP_TZ", "1611871777.000000000 960", "2021-01-28T22:09:37Z"},
		{"timestamp_ltz", "-1.500000000", "1969-12-31T23:59:58.5Z"},
		{"timestamp_ltz", "soon", "soon"},
		{"array", `["a","b c",null,1]`, "a; b c; 1"},
		{"variant", `"x"`, "x"},
		{"variant", `{"a":1}`, `{"a":1}`},
		{"boolean", "true", "true"},
		{"fixed", "12.50", "12.50"},
	} {
		if got := written(tt.typ, tt.in); got != tt.want {
			t.Errorf("%s %s: got %q, want %q", tt.typ, tt.in, got, tt.want)
		}
	}
}

func FuzzWritten(f *testing.F) {
	f.Add("timestamp_tz", "1611871777.000000000 960")
	f.Add("array", `["a"`)
	f.Add("variant", `"\ud800"`)
	f.Fuzz(func(t *testing.T, typ, s string) {
		if got := written(typ, s); !utf8.ValidString(got) {
			t.Errorf("%s %q gives %q", typ, s, got)
		}
	})
}
