// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package webhook

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// text is a value as one text: a list's entries with commas between, an object's nothing.
func text(v any) string {
	switch v := v.(type) {
	case string:
		return strings.TrimSpace(clean(v))
	case bool:
		return strconv.FormatBool(v)
	case int:
		return strconv.Itoa(v)
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case time.Time:
		return v.UTC().Format(time.RFC3339Nano)
	case time.Duration:
		return v.String()
	case []any, []string:
		return strings.Join(list(v), ", ")
	}
	return ""
}

// list is a value as texts: the entries of a list, or the one that it is. Entries that say nothing are left out.
func list(v any) []string {
	var out []string
	add := func(s string) {
		if s != "" && !slices.Contains(out, s) && len(out) < maxFound {
			out = append(out, s)
		}
	}
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			add(text(e))
		}
	case []string:
		for _, e := range v {
			add(text(e))
		}
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			add(text(v[name]))
		}
	default:
		add(text(v))
	}
	return out
}

// first is a list's first entry, or the value that is none.
func first(v any) any {
	if l, ok := v.([]any); ok {
		if len(l) == 0 {
			return nil
		}
		return first(l[0])
	}
	return v
}

// truth is a value as yes or no; ok is false where it is neither.
func truth(v any) (yes, ok bool) {
	if l, is := v.([]any); is && len(l) > 1 {
		return true, true // a path found something
	}
	switch v := first(v).(type) {
	case nil:
		return false, true
	case bool:
		return v, true
	case map[string]any:
		return true, true
	default:
		switch strings.ToLower(text(v)) {
		case "", "false", "no", "0", "off", "null":
			return false, true
		case "true", "yes", "1", "on":
			return true, true
		}
		return false, false
	}
}

// cut shortens a text to n bytes without cutting a character.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "") + "…"
}
