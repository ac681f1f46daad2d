// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package connector_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"greenroom"
	"greenroom/connector"
)

var noon = time.Date(2026, 3, 31, 12, 30, 0, 0, time.UTC)

var options = []connector.Option{
	{Name: "where", Label: "Where", Help: "The place.", Type: connector.Text, Required: true},
	{Name: "token", Label: "Token", Type: connector.Secret},
	{Name: "on", Label: "On", Type: connector.Bool, Default: "true"},
	{Name: "number", Label: "Number", Type: connector.Number, Example: "12.5"},
	{Name: "address", Label: "Address", Type: connector.Address},
	{Name: "choice", Label: "Choice", Type: connector.Choice, Choices: []string{"one", "two"}, Default: "one"},
	{Name: "list", Label: "List", Type: connector.List},
	{Name: "since", Label: "Since", Type: connector.Since, Default: "90d"},
	{Name: "long", Label: "Long", Type: connector.Long},
}

func read(t *testing.T, pairs ...string) connector.Settings {
	t.Helper()
	v := connector.Values{"where": "here"}
	for i := 0; i+1 < len(pairs); i += 2 {
		v[pairs[i]] = pairs[i+1]
	}
	s, err := connector.ReadSettings("Acme", options, v, noon)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestReadSettings holds what options become.
func TestReadSettings(t *testing.T) {
	s := read(t, "where", " here ", "unknown", "x")
	if s.Text("where") != "here" || !s.On("on") || s.Text("choice") != "one" || s.Number("number") != 0 || s.List("list") != nil || s.Text("unknown") != "" {
		t.Errorf("the defaults are %+v", s)
	}
	s = read(t, "on", "No", "number", "-2.5", "address", "https://x.example/a/", "choice", "two", "list", "a, b\r\n\nc,a,", "long", "one\ntwo")
	if s.On("on") || s.Number("number") != -2.5 || s.Text("address") != "https://x.example/a" || s.Text("choice") != "two" || s.Text("long") != "one\ntwo" {
		t.Errorf("the values are %+v", s)
	}
	if diff := cmp.Diff([]string{"a", "b", "c"}, s.List("list")); diff != "" {
		t.Errorf("the list (-want +got):\n%s", diff)
	}
}

// TestRefusedSettings holds that an error names the option, what was given unless it is secret, and what was expected.
func TestRefusedSettings(t *testing.T) {
	for _, tt := range []struct{ name, value, want string }{
		{"where", " ", "Acme needs Where: The place."},
		{"on", "perhaps", `On of Acme is "perhaps"; expected yes or no`},
		{"number", "many", `Number of Acme is "many"; expected a number such as 12.5`},
		{"number", "NaN", `Number of Acme is "NaN"; expected a number such as 12.5`},
		{"number", "+Inf", `Number of Acme is "+Inf"; expected a number such as 12.5`},
		{"address", "x.example", `Address of Acme is "x.example"; expected a web address such as https://example.org`},
		{"address", "file:///etc/passwd", `Address of Acme is "file:///etc/passwd"; expected a web address such as https://example.org`},
		{"choice", "Two", `Choice of Acme is "Two"; expected one of one, two`},
		{"since", "yesterday", `Since of Acme is "yesterday"; expected a day such as 2025-01-31, a span such as 90d, 12w, 6m or 2y, or "all"`},
	} {
		_, err := connector.ReadSettings("Acme", options, connector.Values{"where": "here", tt.name: tt.value}, noon)
		if greenroom.ErrorCode(err) != greenroom.CodeInvalid || greenroom.ErrorMessage(err) != tt.want {
			t.Errorf("%s=%q:\n got %v\nwant %s", tt.name, tt.value, err, tt.want)
		}
	}
	secret := []connector.Option{{Name: "token", Label: "Token", Type: connector.Secret, Choices: nil}}
	if _, err := connector.ReadSettings("Acme", secret, connector.Values{"token": "s3cret"}, noon); err != nil {
		t.Error(err)
	}
}

// TestSince holds what the spans mean: whole days, never later than the same day of the month.
func TestSince(t *testing.T) {
	day := func(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }
	for text, want := range map[string]time.Time{
		"": day(2025, 12, 31), "all": {}, "ALL": {}, "2025-01-31": day(2025, 1, 31), "1d": day(2026, 3, 30), "2w": day(2026, 3, 17), "6M": day(2025, 9, 30),
		"1m": day(2026, 2, 28), "2y": day(2024, 3, 31), "10000y": {}, "1960-01-01": {}, "10000d": day(1998, 11, 13),
	} {
		if got := read(t, "since", text).Since("since"); !got.Equal(want) {
			t.Errorf("%q is %s, want %s", text, got, want)
		}
	}
	if got := read(t).Since("list"); !got.IsZero() {
		t.Errorf("an option without a value is %s", got)
	}
}

// FuzzSince reads any text: either it is refused or it is a day between 1970 and now, or one that was given as a day.
func FuzzSince(f *testing.F) {
	for _, s := range []string{"all", "90d", "12w", "6m", "2y", "2025-01-31", "0d", "-1d", "10001d", "d", "ü", "+5d", "9999-12-31", "0000-01-01", "1ü"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := connector.ReadSettings("Acme", options, connector.Values{"where": "here", "since": text}, noon)
		if err != nil {
			if greenroom.ErrorCode(err) != greenroom.CodeInvalid {
				t.Error(err)
			}
			return
		}
		at := s.Since("since")
		if at.IsZero() {
			return
		}
		if at.Year() < 1970 || at.Year() > 9999 || at.Hour() != 0 || !strings.Contains(text, "-") && at.After(noon) {
			t.Errorf("%q is %s", text, at)
		}
	})
}
