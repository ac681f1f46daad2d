// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package snowflake

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"greenroom/connector/internal/rest"
)

func isTime(typ string) bool {
	typ = strings.ToUpper(typ)
	return typ == "DATE" || strings.HasPrefix(typ, "TIMESTAMP")
}

func isNumber(typ string) bool {
	switch strings.ToUpper(typ) {
	case "FIXED", "NUMBER", "REAL", "FLOAT", "DECFLOAT":
		return true
	}
	return false
}

// written brings Snowflake's way of writing a value to that of texts: dates are days and times are seconds since 1970,
// a time with a zone has an offset in minutes plus 1440 behind it, arrays are JSON.
func written(typ, s string) string {
	switch typ = strings.ToUpper(typ); {
	case typ == "DATE":
		if days, err := strconv.ParseInt(s, 10, 32); err == nil {
			return time.Unix(0, 0).UTC().AddDate(0, 0, int(days)).Format(time.RFC3339Nano)
		}
	case strings.HasPrefix(typ, "TIMESTAMP"):
		seconds, _, _ := strings.Cut(s, " ")
		if t, ok := instant(seconds); ok {
			return t.Format(time.RFC3339Nano)
		}
	case typ == "ARRAY":
		var list []jsontext.Value
		if rest.Unmarshal([]byte(s), &list) == nil {
			parts := make([]string, 0, len(list))
			for _, v := range list {
				if v = jsontext.Value(plain(v)); len(v) > 0 {
					parts = append(parts, string(v))
				}
			}
			return strings.Join(parts, "; ")
		}
	case typ == "VARIANT":
		return plain([]byte(s))
	}
	return strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", ""), "\uFFFD")
}

// plain is a JSON text without its quotation marks, "" for null, and anything else as it is written.
func plain(v []byte) string {
	s := strings.TrimSpace(string(v))
	if s == "null" {
		return ""
	}
	if strings.HasPrefix(s, `"`) {
		if text, err := jsontext.AppendUnquote(nil, s); err == nil {
			return string(text)
		}
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}

// instant reads seconds since 1970 with up to nine decimals.
func instant(s string) (time.Time, bool) {
	whole, fraction, _ := strings.Cut(s, ".")
	seconds, err := strconv.ParseInt(whole, 10, 64)
	if err != nil || seconds > math.MaxInt32*100 || seconds < -math.MaxInt32*100 {
		return time.Time{}, false
	}
	nanos, err := strconv.ParseInt((fraction + "000000000")[:9], 10, 64)
	if err != nil {
		return time.Time{}, false
	}
	if strings.HasPrefix(whole, "-") {
		nanos = -nanos
	}
	return time.Unix(seconds, nanos).UTC(), true
}
