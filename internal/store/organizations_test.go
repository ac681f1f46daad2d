// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"context"
	"log/slog"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"greenroom"
	"greenroom/connector"
	"greenroom/internal/ingest"
	"greenroom/internal/list"
	"greenroom/internal/query"
	"greenroom/internal/store"
)

// ledgers is a business system: facts that name companies, each in a record of its own.
type ledgers []func(*connector.Sink)

func (b ledgers) Read(_ context.Context, _ connector.Cursor, out *connector.Sink) error {
	for i, fact := range b {
		out.Read(1)
		fact(out)
		if err := out.Checkpoint(connector.Cursor(strconv.Itoa(i+1)), connector.Progress{}); err != nil {
			return err
		}
	}
	return nil
}

func take(t *testing.T, s *store.Store, name string, b ledgers, batch int) {
	t.Helper()
	spec := connector.Spec{Kind: "crm", Title: "CRM", Platform: "crm", Business: true, New: func(connector.Env, connector.Values) (connector.Source, error) { return b, nil }}
	if _, _, err := ingest.New(s, slog.New(slog.DiscardHandler), clock, nil, nil).Import(t.Context(), ingest.Request{Spec: spec, Name: name, Batch: batch}); err != nil {
		t.Fatal(err)
	}
	derive(t, s, 1000)
}

func drawBusiness(t *rapid.T) ledgers {
	var b ledgers
	ref := func(name string) string { return draws(t, name, "1", "2", "A1", "Acme", "acme.io", "Beta Ltd") }
	for i := range rapid.IntRange(1, 10).Draw(t, "facts") {
		n := strconv.Itoa(i)
		who := draws(t, "who", "u1", "u2", "u3")
		switch draws(t, "fact", "company", "deal", "person", "job") {
		case "company":
			o := connector.Organization{ExternalID: draws(t, "id", "", "1", "2", "A1"), Name: draws(t, "company", "", "Acme", "Beta Ltd"), Parent: draws(t, "parent", "", "", "1", "2")}
			if d := draws(t, "domain", "", "acme.io", "beta.io"); d != "" {
				o.Domains = []string{d}
			}
			b = append(b, func(out *connector.Sink) { out.Organization(o) })
		case "deal":
			r := connector.Record{Type: "deal", ExternalID: draws(t, "deal", "d1", "d2", n), Name: "Deal", Organization: ref("of")}
			b = append(b, func(out *connector.Sink) { out.Record(r) })
		case "person":
			id := connector.Identity{ExternalID: who, Name: "Ann Lee", Company: draws(t, "works", "", "@beta", "Acme"), Emails: []greenroom.Email{{Address: draws(t, "address", "a@acme.io", "b@beta.io", "c@gmail.com", "d@delta.io")}}}
			b = append(b, func(out *connector.Sink) { out.Identity(id) })
		case "job":
			m := connector.Membership{Identity: who, Organization: ref("at")}
			b = append(b, func(out *connector.Sink) {
				out.Identity(connector.Identity{ExternalID: m.Identity})
				out.Membership(m)
			})
		}
	}
	return b
}

// TestOrganizationsDoNotDependOnBatches takes in the same business facts in other batches, and wants the same companies
// with the same ids.
func TestOrganizationsDoNotDependOnBatches(t *testing.T) {
	const worlds = 40
	done := 0
	eachWorld(t, func(t *testing.T, r *rapid.T, open func() *store.Store) {
		if done++; done > worlds {
			return
		}
		one, other := drawBusiness(r), drawBusiness(r)
		whole, cut := open(), open()
		batch := rapid.IntRange(1, 4).Draw(r, "batch")
		take(t, whole, "crm", one, 0)
		take(t, cut, "crm", one, batch)
		take(t, whole, "desk", other, 0)
		take(t, cut, "desk", other, batch)
		differ(r, everything(t, whole), everything(t, cut))
	})
}

// TestIdsOfOthersAreNoNames takes in two systems that both number their companies: what one calls 1 is not what the other
// does, while a name is one company in both.
func TestIdsOfOthersAreNoNames(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		take(t, s, "crm", ledgers{
			func(out *connector.Sink) { out.Organization(connector.Organization{ExternalID: "1", Name: "Acme"}) },
			func(out *connector.Sink) { out.Organization(connector.Organization{ExternalID: "2", Name: "Beta Ltd"}) },
		}, 0)
		take(t, s, "desk", ledgers{
			func(out *connector.Sink) {
				out.Record(connector.Record{Type: "case", ExternalID: "c1", Name: "Broken", Organization: "1"})
			},
			func(out *connector.Sink) { out.Organization(connector.Organization{ExternalID: "1"}) },
			func(out *connector.Sink) { out.Organization(connector.Organization{ExternalID: "7", Name: "ACME"}) },
			func(out *connector.Sink) { out.Organization(connector.Organization{ExternalID: "1", Name: "Gamma"}) },
		}, 1)
		p, err := s.ListOrganizations(t.Context(), list.Request{Query: parseQuery(t, query.Organizations, "sort:name"), Limit: 10})
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for i := range p.Items {
			names = append(names, p.Items[i].Name)
		}
		if len(names) != 3 {
			t.Errorf("the companies are %q; want Acme, known to both, Beta Ltd and Gamma", names)
		}
	})
}
