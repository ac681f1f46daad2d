// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"greenroom/internal/auth"
	"greenroom/internal/proof"
)

// proofFake has no subjects.
type proofFake struct{ Proof }

// Subjects has none.
func (proofFake) Subjects(context.Context) ([]proof.Subject, error) { return nil, nil }

// TestWrongAddresses opens forms by addresses that hold what makes no sense: the page says so beside the field.
func TestWrongAddresses(t *testing.T) {
	s := full(t).site(func(c *Config) { c.Proof = proofFake{} })
	for address, want := range map[string][]string{
		"/impact/studies/new?exposure=nonsense":                    {"There is no kind of exposure “nonsense”", "1. What it is about"},
		"/impact/studies/new?of=community&among=(bad":              {`id="f-among-error">This query cannot be read`, `value="(bad"`},
		"/impact/studies/new?kind=program&control=is:nonsense":     {`id="f-control-error">This query cannot be read`},
		"/impact/studies/new?kind=activity&what=kind:&on=nonsense": {`id="f-what-error">This query cannot be read`, `id="f-outcome-error">There is no “nonsense” to choose here.`},
		"/impact/studies/new?kind=activity&from=soon&days=x":       {`id="f-from-error">“soon” is no day`, `id="f-days-error">“x” is no whole number.`},
		"/impact/studies/new?kind=activity&what=kind:reply":        {`value="kind:reply"`},
		"/alerts/new?q=" + url.QueryEscape(`"unclosed`):            {`id="query-error"`, `aria-invalid="true"`, `value="&#34;unclosed"`},
		"/alerts/new?watch=nonsense":                               {"Nothing is watched by the name “nonsense”"},
		"/alerts/new?q=is:question":                                {`value="is:question"`},
		"/segments/new?q=" + url.QueryEscape(`"unclosed`):          {`class="query-error"`, "No count: the query has a mistake."},
	} {
		w := visit(t, s, auth.RoleOwner, "GET", address, nil)
		body := w.Body.String()
		if w.Code != http.StatusOK {
			t.Errorf("%s: %d", address, w.Code)
		}
		for _, text := range want {
			if !strings.Contains(body, text) {
				t.Errorf("%s lacks %q", address, text)
			}
		}
		if sound := strings.HasSuffix(address, "kind:reply") || strings.HasSuffix(address, "is:question"); sound && strings.Contains(body, `aria-invalid="true"`) {
			t.Errorf("%s: a sound query is refused", address)
		}
	}
}
