// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package connect

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"greenroom"
	"greenroom/connector"
)

// desk is a store with one source, and an opener whose platform does as it is told.
type desk struct {
	source    greenroom.Source
	fromStart bool
	removed   string // by whom
	due       time.Time
	opened    connector.Values
	err       error // of the platform
}

func (d *desk) Source(_ context.Context, name string) (greenroom.Source, error) {
	if name != d.source.Name {
		return greenroom.Source{}, greenroom.Errorf(greenroom.CodeNotFound, "there is no source %q", name)
	}
	return d.source, nil
}

func (d *desk) SetOptions(_ context.Context, _ int64, config map[string]string, fromStart bool) error {
	d.source.Config, d.fromStart = config, fromStart
	return nil
}

func (d *desk) SetRhythm(_ context.Context, _, seconds int64, due time.Time) error {
	d.source.Rhythm, d.due = seconds, due
	return nil
}

func (d *desk) KeepSurvey(context.Context, int64, connector.Survey) error { return nil }

func (d *desk) Disconnect(_ context.Context, _ int64, config map[string]string) error {
	d.source.Config = config
	return nil
}

func (d *desk) Open(_ connector.Spec, _ string, values connector.Values) (connector.Source, *connector.Meter, error) {
	d.opened = maps.Clone(values)
	return platform{d.err}, nil, nil
}

func (d *desk) Credentials(_ connector.Spec, _ string, values connector.Values) (connector.Values, error) {
	return values, nil
}

func (d *desk) Client() *http.Client { return nil }

func (d *desk) Move(_, to string, config map[string]string) (map[string]string, error) {
	moved := maps.Clone(config)
	moved["token"] = "sealed for " + to
	return moved, nil
}

func (d *desk) AskRemoval(_ context.Context, _ int64, config map[string]string, by string) error {
	d.source.Config, d.removed = config, by
	return nil
}

func (d *desk) RenameSource(_ context.Context, _ int64, to string, _, after map[string]string) error {
	d.source.Name, d.source.Config = to, after
	return nil
}

func (d *desk) Seal(_ connector.Spec, _ string, values connector.Values) (connector.Values, error) {
	sealed := maps.Clone(values)
	for _, o := range []string{"token", "hook"} {
		if v := sealed[o]; v != "" && !strings.HasPrefix(v, "sealed:") {
			sealed[o] = "sealed:" + v
		}
	}
	return sealed, nil
}

type platform struct{ err error }

func (p platform) Read(context.Context, connector.Cursor, *connector.Sink) error { return nil }

func (p platform) Test(context.Context) (connector.Check, error) { return connector.Check{}, p.err }

var now = time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)

func spec() connector.Spec {
	return connector.Spec{
		Kind: "forge", Title: "Forge", Platform: "forge", Summary: "Work.", Primary: "address", Rhythm: time.Hour, Push: &connector.Push{Help: "Enter it.", Secret: "hook"},
		Manifest: []connector.Manifest{{Title: "App", Format: "json", Template: `{"name": {{printf "%q" .Name}}{{if .Hook}}, "hook": {{printf "%q" .Hook}}{{end}}}`}},
		Options: []connector.Option{
			{Name: "address", Label: "Address", Type: connector.Address},
			{Name: "token", Label: "Token", Type: connector.Secret},
			{Name: "hook", Label: "Secret", Type: connector.Secret},
			{Name: "since", Label: "How far back", Type: connector.Since},
			{Name: "staff", Label: "Team", Type: connector.Text},
			{Name: "tokens", Label: "Address for tokens", Type: connector.Address, Default: "https://id.example"},
		},
	}
}

func service(d *desk) *Service {
	d.source = greenroom.Source{ID: 1, Name: "code", Kind: "forge", Config: map[string]string{"address": "https://one.example/a", "token": "sealed:old", "hook": "sealed:h", "since": "1y", "staff": "acme"}}
	return New(d, d, func() time.Time { return now }, []connector.Spec{spec()}, func(_ context.Context, _ *connector.Spec, v connector.Values) error {
		if strings.HasPrefix(v["staff"], "/") {
			return greenroom.Errorf(greenroom.CodeForbidden, "no files")
		}
		return nil
	})
}

// TestChange changes a source in every way that keeps or replaces what is secret.
func TestChange(t *testing.T) {
	hour, often := int64(3600), int64(5)
	tests := map[string]struct {
		change Change
		want   map[string]string // what differs afterwards; "" = is gone
		start  bool
		code   greenroom.Code
	}{
		"a text":               {change: Change{Options: map[string]string{"staff": "friends"}}, want: map[string]string{"staff": "friends"}},
		"an empty text":        {change: Change{Options: map[string]string{"staff": ""}}, want: map[string]string{"staff": ""}},
		"an empty secret":      {change: Change{Options: map[string]string{"token": ""}}},
		"a new secret":         {change: Change{Options: map[string]string{"token": "new"}}, want: map[string]string{"token": "sealed:new"}},
		"a forgotten secret":   {change: Change{Forget: []string{"token"}}, want: map[string]string{"token": ""}},
		"further back":         {change: Change{Options: map[string]string{"since": "2y"}}, want: map[string]string{"since": "2y"}, start: true},
		"from the start":       {change: Change{FromStart: true}, start: true},
		"a rhythm":             {change: Change{Rhythm: &hour}},
		"too often":            {change: Change{Rhythm: &often}, code: greenroom.CodeInvalid},
		"the same host":        {change: Change{Options: map[string]string{"address": "https://ONE.example/b"}}, want: map[string]string{"address": "https://ONE.example/b"}},
		"another host":         {change: Change{Options: map[string]string{"address": "https://two.example"}}, code: greenroom.CodeInvalid},
		"another scheme":       {change: Change{Options: map[string]string{"address": "http://one.example/a"}}, code: greenroom.CodeInvalid},
		"another host, secret": {change: Change{Options: map[string]string{"address": "https://two.example", "token": "new"}}, want: map[string]string{"address": "https://two.example", "token": "sealed:new"}},
		"another host, none":   {change: Change{Options: map[string]string{"address": "https://two.example"}, Forget: []string{"token"}}, want: map[string]string{"address": "https://two.example", "token": ""}},
		"the default host":     {change: Change{Options: map[string]string{"tokens": "https://id.example/v2"}}, want: map[string]string{"tokens": "https://id.example/v2"}},
		"not the default host": {change: Change{Options: map[string]string{"tokens": "https://two.example"}}, code: greenroom.CodeInvalid},
		"an unknown option":    {change: Change{Options: map[string]string{"color": "red"}}, code: greenroom.CodeInvalid},
		"what one may not":     {change: Change{Options: map[string]string{"staff": "/etc/passwd"}}, code: greenroom.CodeForbidden},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			d := &desk{}
			s := service(d)
			want := maps.Clone(d.source.Config)
			for o, v := range tt.want {
				if want[o] = v; v == "" {
					delete(want, o)
				}
			}
			_, err := s.Change(t.Context(), "code", tt.change)
			if (err != nil) != (tt.code != "") || err != nil && greenroom.ErrorCode(err) != tt.code {
				t.Fatalf("error %v, want %q", err, tt.code)
			}
			if diff := cmp.Diff(want, d.source.Config); diff != "" || d.fromStart != tt.start {
				t.Errorf("from the start %v; options (-want +got):\n%s", d.fromStart, diff)
			}
			if tt.change.Rhythm == &hour && !d.due.Equal(now.Add(time.Hour)) {
				t.Errorf("due at %v", d.due)
			}
		})
	}
}

// TestMovedTest refuses to ask another server with the stored token, too.
func TestMovedTest(t *testing.T) {
	d := &desk{}
	s := service(d)
	if _, err := s.TestSource(t.Context(), "code", map[string]string{"address": "https://two.example"}); greenroom.ErrorCode(err) != greenroom.CodeInvalid || d.opened != nil {
		t.Errorf("error %v, opened with %v", err, d.opened)
	}
	if err := s.Disconnect(t.Context(), "code"); err != nil || d.source.Config["token"] != "" || d.source.Config["hook"] != "" || d.source.Config["staff"] != "acme" {
		t.Errorf("disconnected it has %v, %v", d.source.Config, err)
	}
}

// TestPlain shows errors of the network without the address, in which a secret may stand.
func TestPlain(t *testing.T) {
	d := &desk{err: &url.Error{Op: "Get", URL: "https://one.example/?key=s3cret", Err: errors.New("connection refused")}}
	_, err := service(d).Test(t.Context(), "forge", nil)
	if got := greenroom.ErrorMessage(err); greenroom.ErrorCode(err) != greenroom.CodeUnavailable || strings.Contains(got, "s3cret") || !strings.Contains(got, "connection refused") {
		t.Errorf("says %q", got)
	}
}

// TestBackfill estimates a first read by the pace of the survey and by the platform's budgets.
func TestBackfill(t *testing.T) {
	for _, tt := range []struct {
		requests int64
		took     time.Duration
		metered  connector.Metered
		want     time.Duration
	}{
		{0, time.Second, connector.Metered{Requests: 2}, 0},
		{100, 0, connector.Metered{}, 20 * time.Second},
		{100, 2 * time.Second, connector.Metered{Requests: 2}, 100 * time.Second},
		{100, 0, connector.Metered{Budgets: []connector.Budget{{Name: "requests an hour", Limit: 60, Remaining: 30}}}, 2 * time.Hour},
		{100, 0, connector.Metered{Budgets: []connector.Budget{{Name: "requests an hour", Limit: 5000, Remaining: 4000}}}, 20 * time.Second},
	} {
		if got := backfill(tt.requests, tt.took, &tt.metered); got != tt.want {
			t.Errorf("%d requests take %v, want %v", tt.requests, got, tt.want)
		}
	}
}

// TestManifest fills in what is pasted on the platform.
func TestManifest(t *testing.T) {
	s := spec()
	for base, want := range map[string]string{"": `{"name": "my \"code\""}`, "https://c.example/": `{"name": "my \"code\"", "hook": "https://c.example/hooks/my%20%22code%22"}`} {
		got, err := Manifests(&s, base, `my "code"`)
		if err != nil || len(got) != 1 || got[0].Text != want {
			t.Errorf("%q: %v, %v; want %s", base, got, err, want)
		}
	}
}

// TestFillSecret makes a secret only where the platform takes one of ours and none was given.
func TestFillSecret(t *testing.T) {
	ours, theirs := spec(), spec()
	theirs.Push = &connector.Push{Secret: "hook", Given: true}
	if v := (connector.Values{}); len(FillSecret(&ours, v)) != 2*secretBytes || v["hook"] == "" {
		t.Errorf("made is %v", v)
	}
	if v := (connector.Values{"hook": "mine"}); FillSecret(&ours, v) != "" || v["hook"] != "mine" {
		t.Errorf("what was given became %v", v)
	}
	if v := (connector.Values{}); FillSecret(&theirs, v) != "" || len(v) != 0 {
		t.Errorf("for a platform that makes its own, %v was made", v)
	}
}

// TestRemoveAndRename removes only what was named once more, without its secrets, and seals secrets for a new name.
func TestRemoveAndRename(t *testing.T) {
	d := &desk{}
	s := service(d)
	for _, confirm := range []string{"", "Code", "code "} {
		if err := s.Remove(t.Context(), "code", confirm, "ana"); greenroom.ErrorCode(err) != greenroom.CodeInvalid || d.removed != "" {
			t.Errorf("confirmed by %q: %v; want CodeInvalid", confirm, err)
		}
	}
	for _, to := range []string{"", "a/b", `a"b`, strings.Repeat("x", 101)} {
		if _, err := s.Rename(t.Context(), "code", to); greenroom.ErrorCode(err) != greenroom.CodeInvalid {
			t.Errorf("renamed to %q: %v; want CodeInvalid", to, err)
		}
	}
	if src, err := s.Rename(t.Context(), "code", " forge "); err != nil || src.Name != "forge" || src.Config["token"] != "sealed for forge" {
		t.Errorf("renamed it is %+v, %v", src, err)
	}
	if err := s.Remove(t.Context(), "forge", "forge", "ana"); err != nil || d.removed != "ana" || d.source.Config["token"] != "" || d.source.Config["address"] == "" {
		t.Errorf("removed by %q, %v, with %v", d.removed, err, d.source.Config)
	}
}
