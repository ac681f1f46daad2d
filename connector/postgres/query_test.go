// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package postgres

import (
	"testing"
	"unicode/utf8"

	"github.com/jackc/pgx/v5/pgtype"
)

func TestWritten(t *testing.T) {
	for _, tt := range []struct {
		oid      uint32
		in, want string
	}{
		{pgtype.BoolOID, "t", "true"},
		{pgtype.BoolOID, "f", "false"},
		{pgtype.TimestamptzOID, "2026-01-01 10:00:00.123456+00", "2026-01-01T10:00:00.123456Z"},
		{pgtype.TimestampOID, "2026-01-01 10:00:00", "2026-01-01T10:00:00Z"},
		{pgtype.DateOID, "2026-01-01", "2026-01-01T00:00:00Z"},
		{pgtype.TimestamptzOID, "infinity", "infinity"},
		{pgtype.TextArrayOID, `{a,"b, \"c\"",NULL,"NULL",""}`, `a; b, "c"; NULL; `},
		{pgtype.Int4ArrayOID, `{{1,2},{3,4}}`, "1; 2; 3; 4"},
		{pgtype.JSONBOID, `{"a": 1}`, `{"a": 1}`},
		{pgtype.TextOID, "{x}", "{x}"},
	} {
		if got := written(tt.oid, tt.in); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.in, got, tt.want)
		}
	}
}

func FuzzWritten(f *testing.F) {
	f.Add(uint32(pgtype.TextArrayOID), `{a,"b`)
	f.Add(uint32(pgtype.DateOID), "0001-01-01 BC")
	f.Fuzz(func(t *testing.T, oid uint32, s string) {
		if got := written(oid, s); utf8.ValidString(s) && !utf8.ValidString(got) && oid != pgtype.TextArrayOID {
			t.Errorf("%q gives %q", s, got)
		}
	})
}
