// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package contract_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"greenroom/connector/connectortest/contract"
)

// TestCheck reads the contracts and asks of each one request that is allowed and one that is not.
func TestCheck(t *testing.T) {
	for _, c := range []struct {
		name, good, bad string
		options         contract.Options
	}{
		{"github/api.github.com.community-subset.json", "/repos/acme/website/issues?state=all", "/repos/acme/website/issues?state=none", contract.Options{}},
		{"slack/slack_web_openapi_v2.json", "/api/conversations.history?channel=C1", "/api/conversations.histories", contract.Options{Swagger2: true, Prefix: "/api"}},
		{"youtube/youtube-v3-swagger2.converted.json", "/youtube/v3/commentThreads?part=snippet", "/youtube/v3/commentThreads?part=snippet&nonsense=1", contract.Options{Swagger2: true}},
		{"discord/openapi.json", "/guilds/123456789012345678/channels", "/guilds/123456789012345678/channel", contract.Options{}},
		{"x/openapi.json", "/2/users/2244994945/mentions?max_results=100", "/2/users/2244994945/mentions?max_results=1000", contract.Options{}},
		{"discourse/openapi.json", "/latest.json", "/latests.json", contract.Options{}},
		{"zendesk/support-openapi.yaml", "/api/v2/incremental/tickets?start_time=1", "/api/v2/incremental/tickets", contract.Options{}},
		{"hubspot/contacts.v3.json", "/crm/v3/objects/contacts?limit=100", "/crm/v3/objects/contacts?limit=many", contract.Options{}},
		{"snowflake/sqlapi.yaml", "/api/v2/statements/abc", "/api/v2/statement/abc", contract.Options{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			spec := contract.Open(t, c.name, c.options)
			good := httptest.NewRequestWithContext(t.Context(), http.MethodGet, c.good, nil)
			for _, name := range []string{"Api-Key", "Api-Username", "User-Agent"} { // which some contracts ask for
				good.Header.Set(name, "x")
			}
			if err := spec.Check(good, nil); err != nil {
				t.Errorf("%s: %v", c.good, err)
			}
			if err := spec.Check(httptest.NewRequestWithContext(t.Context(), http.MethodGet, c.bad, nil), nil); err == nil {
				t.Errorf("%s is allowed", c.bad)
			}
		})
	}
}
