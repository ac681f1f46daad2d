// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"context"
	"net/url"
	"strings"
	"testing"

	"github.com/andybalholm/cascadia"
	"github.com/google/go-cmp/cmp"

	"greenroom"
	"greenroom/internal/auth"
	"greenroom/internal/business"
	"greenroom/internal/enrichment"
)

// bureau is a fake of an outside service that is connected.
type bureau struct{ *house }

func (b bureau) Status(context.Context) (enrichment.Status, error) {
	return enrichment.Status{Settings: enrichment.Settings{On: true, Name: "registry", Address: "https://lookup.example/p", Consent: "tag:lookup-ok", Month: 20}, HasKey: true, Since: now, Used: 12, Accounts: 1}, nil
}

func (b bureau) Save(_ context.Context, set enrichment.Settings, key *string) error {
	if set.On && set.Consent == "" {
		return greenroom.Errorf(greenroom.CodeInvalid, "say who agreed")
	}
	b.note("on %v, %s at %s for %s, %d a month, key %v", set.On, set.Name, set.Address, set.Consent, set.Month, key != nil)
	return nil
}

func (b bureau) Lookups(context.Context, int64, int) ([]enrichment.Lookup, error) {
	return []enrichment.Lookup{
		{ID: 3, At: now, Member: 9, Provider: payload, By: payload, Addresses: 1, Links: 2, Outcome: enrichment.Failed, Problem: payload},
		{ID: 2, At: now, Member: 99, Provider: "registry", Outcome: enrichment.Nobody},
		{ID: 1, At: now, Member: 7, Provider: "registry", Outcome: enrichment.Found, Fields: []string{"time_zone", payload}},
	}, nil
}

func (b bureau) LookUp(_ context.Context, member int64, by string) (enrichment.Lookup, error) {
	b.note("look %d up by %s", member, by)
	return enrichment.Lookup{Member: member, Provider: "registry", Outcome: enrichment.Found, Fields: []string{"role"}}, nil
}

func (b bureau) Said(context.Context, int64, int) ([]enrichment.Told, error) {
	return []enrichment.Told{{Account: 1, Member: 7, Name: payload, Provider: payload, At: now, Fields: []enrichment.Saying{{Field: "role", Value: payload}}}}, nil
}

func (b bureau) Forget(context.Context) (int, error) {
	b.note("forget")
	return 1, nil
}

// twice is a fake of an organization that two systems tell of.
type twice struct{ *house }

func (w twice) OrganizationStanding(context.Context, int64) (business.OrganizationOrigins, error) {
	profiles := []business.OrganizationProfile{
		{SourceID: 1, Source: "hubspot", ExternalID: payload, URL: script, At: now.AddDate(0, 0, -1), Name: payload, Lifecycle: "customer", Size: 250},
		{SourceID: 2, Source: "salesforce", ExternalID: "001A", URL: "https://force.example/001A", At: now, Name: "Acme", Lifecycle: "prospect", Size: 250},
	}
	chosen := []business.OriginChoice{{Field: business.OriginName, SourceID: 2, By: payload, At: now}}
	return business.OrganizationOrigins{Profiles: profiles, Origins: business.Origins(profiles, chosen)}, nil
}

func (w twice) ChooseOrigin(_ context.Context, organization int64, field, source, by string) error {
	w.note("%s counts for %s of %d by %s", source, field, organization, by)
	return nil
}

// TestEnrichmentPage has everybody see what leaves, lookups by those who may write, and settings by owners; forgetting
// switches lookups off first.
func TestEnrichmentPage(t *testing.T) {
	h := full(t)
	s := h.site()
	for role, want := range map[auth.Role][3]int{auth.RoleViewer: {0, 0, 0}, auth.RoleContributor: {0, 1, 0}, auth.RoleOwner: {1, 1, 1}} {
		page := parse(t, visit(t, s, role, "GET", enrichmentPath, nil))
		for i, selector := range []string{"form[action='" + enrichmentPath + "']", "form[action='" + enrichmentPath + "/try']", "form[action='" + enrichmentPath + "/forget']"} {
			if got := len(cascadia.QueryAll(page, cascadia.MustCompile(selector))); got != want[i] {
				t.Errorf("%s sees %d of %s, want %d", role, got, selector, want[i])
			}
		}
		if got := len(cascadia.QueryAll(page, cascadia.MustCompile("#lookups tbody a[href^='/members/']"))); got != 3 {
			t.Errorf("%s sees %d members in the log, want 3", role, got)
		}
	}
	form := url.Values{"on": {"on"}, "name": {"registry"}, "address": {"https://lookup.example/p"}, "consent": {"tag:lookup-ok"}, "month": {"1,000"}}
	for _, step := range []struct {
		role   auth.Role
		path   string
		form   url.Values
		code   int
		change string
	}{
		{auth.RoleManager, "", form, 403, ""},
		{auth.RoleOwner, "", form, 303, "on true, registry at https://lookup.example/p for tag:lookup-ok, 1000 a month, key false"},
		{auth.RoleOwner, "", url.Values{"on": {"on"}}, 422, ""},
		{auth.RoleOwner, "", url.Values{"month": {"many"}}, 422, ""},
		{auth.RoleViewer, "/try", url.Values{"member": {"7"}}, 403, ""},
		{auth.RoleContributor, "/try", url.Values{"member": {"7"}}, 303, "look 7 up by ana@example.org"},
		{auth.RoleContributor, "/try", url.Values{"member": {" "}}, 422, ""},
		{auth.RoleOwner, "/forget", nil, 303, "on false, registry at https://lookup.example/p for tag:lookup-ok, 20 a month, key false|forget"},
	} {
		h.did = nil
		w := visit(t, s, step.role, "POST", enrichmentPath+step.path, step.form)
		if got := strings.Join(h.did, "|"); w.Code != step.code || got != step.change {
			t.Errorf("%s posts %v to %s: %d and %q, want %d and %q", step.role, step.form, step.path, w.Code, got, step.code, step.change)
		}
	}
}

// TestOriginsCard shows both records of an organization, only the fields on which they differ, and stores what was chosen anew.
func TestOriginsCard(t *testing.T) {
	h := full(t)
	s := h.site()
	page := parse(t, visit(t, s, auth.RoleContributor, "GET", "/organizations/5", nil))
	if got := len(cascadia.QueryAll(page, cascadia.MustCompile("#origins a[href='https://force.example/001A']"))); got != 1 {
		t.Errorf("%d links to the record in the CRM", got)
	}
	var names []string
	for _, n := range cascadia.QueryAll(page, cascadia.MustCompile("form[action='/organizations/5/origins'] select")) {
		for _, a := range n.Attr {
			if a.Key == "name" {
				names = append(names, a.Val)
			}
		}
	}
	if diff := cmp.Diff([]string{"origin-name", "origin-lifecycle"}, names); diff != "" {
		t.Errorf("what can be chosen (-want +got):\n%s", diff)
	}
	w := visit(t, s, auth.RoleContributor, "POST", "/organizations/5/origins", url.Values{"origin-name": {"salesforce"}, "origin-lifecycle": {"hubspot"}})
	if got := strings.Join(h.did, "|"); w.Code != 303 || got != "hubspot counts for lifecycle of 5 by ana@example.org" {
		t.Errorf("%d and %q", w.Code, got)
	}
	if w := visit(t, s, auth.RoleViewer, "POST", "/organizations/5/origins", url.Values{"origin-name": {""}}); w.Code != 403 {
		t.Errorf("a viewer chooses: %d", w.Code)
	}
}
