// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"greenroom"
	"greenroom/connector"
	"greenroom/internal/business"
	"greenroom/internal/list"
	"greenroom/internal/store"
)

// TestTwoCRMs has a company of HubSpot and an account of Salesforce with one domain as one organization, with what each says:
// the newest telling counts, until somebody chooses; the choice lives through later reads, and goes with its source.
func TestTwoCRMs(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		tell(t, s, "chat", func(out *connector.Sink) {
			out.Identity(connector.Identity{ExternalID: "ana", Name: "Ana", Emails: []greenroom.Email{{Address: "ana@acme.example"}}})
		})
		hubspot := func(size int64) func(out *connector.Sink) {
			return func(out *connector.Sink) {
				out.Organization(connector.Organization{
					ExternalID: "9012", Name: "Acme", Domains: []string{"acme.example"}, Lifecycle: "Customer", Size: size, URL: "https://hub.example/9012", Fields: map[string]string{"Owner": "Kim", "segment": "gold"},
				})
			}
		}
		tell(t, s, "hubspot", hubspot(250))
		tell(t, s, "salesforce", func(out *connector.Sink) {
			out.Organization(connector.Organization{
				ExternalID: "001A", Name: "Acme Holding Inc.", Domains: []string{"acme.example"}, Lifecycle: "prospect", Country: "DE", URL: "https://force.example/001A", Fields: map[string]string{"owner": "Lee"},
			})
		})
		acme := func() greenroom.Organization {
			t.Helper()
			all, err := s.ListOrganizations(t.Context(), list.Request{Limit: 10})
			if err != nil || len(all.Items) != 1 {
				t.Fatalf("there are %+v, %v; want one organization", all.Items, err)
			}
			return all.Items[0]
		}
		is := func(when, want string) {
			t.Helper()
			o := acme()
			if got := o.Name + ", " + o.Lifecycle + ", " + strconv.FormatInt(o.Size, 10) + ", " + o.Country + ", " + o.Fields["owner"] + ", " + o.Fields["segment"]; got != want {
				t.Errorf("%s it is %q; want %q", when, got, want)
			}
		}
		is("told by both,", "Acme Holding Inc., prospect, 250, DE, Lee, gold")
		id := acme().ID
		profiles, chosen, err := s.OrganizationProfiles(t.Context(), id)
		var links []string
		for i := range profiles {
			links = append(links, profiles[i].Source+" "+profiles[i].URL)
		}
		if diff := cmp.Diff([]string{"hubspot https://hub.example/9012", "salesforce https://force.example/001A"}, links); diff != "" || len(chosen) != 0 || err != nil {
			t.Errorf("(-want +got):\n%s%v, %v", diff, chosen, err)
		}
		hub, err := s.Source(t.Context(), "hubspot")
		if err != nil {
			t.Fatal(err)
		}
		choose := func(field string, source int64) error {
			return s.SetOrganizationOrigin(t.Context(), id, business.OriginChoice{Field: field, SourceID: source, By: "kim", At: clock()})
		}
		for _, field := range []string{business.OriginLifecycle, business.OriginField("owner")} {
			if err := choose(field, hub.ID); err != nil {
				t.Fatal(err)
			}
		}
		if err := choose(business.OriginCountry, hub.ID); greenroom.ErrorCode(err) != greenroom.CodeInvalid {
			t.Errorf("choosing a source that says nothing of the country: %v", err)
		}
		is("with HubSpot's lifecycle and owner chosen,", "Acme Holding Inc., customer, 250, DE, Kim, gold")
		tell(t, s, "salesforce", func(out *connector.Sink) {
			out.Organization(connector.Organization{ExternalID: "001A", Name: "Acme Inc.", Domains: []string{"acme.example"}, Lifecycle: "churned", Size: 300, Fields: map[string]string{"owner": "Max"}})
		})
		is("when Salesforce changes,", "Acme Inc., customer, 300, DE, Kim, gold")
		if err := choose(business.OriginLifecycle, 0); err != nil {
			t.Fatal(err)
		}
		is("with the choice of the lifecycle taken back,", "Acme Inc., churned, 300, DE, Kim, gold")
		if err := s.AskRemoval(t.Context(), hub.ID, map[string]string{}, "ana"); err != nil {
			t.Fatal(err)
		}
		if err := s.RemoveSource(t.Context(), hub.ID); err != nil {
			t.Fatal(err)
		}
		is("with HubSpot removed,", "Acme Inc., churned, 300, DE, Max, gold")
		if left, err := s.RowsOf(t.Context(), hub.ID); err != nil || len(left) > 0 {
			t.Errorf("of HubSpot is left %v, %v", left, err)
		}
	})
}
