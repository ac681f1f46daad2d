// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"greenroom"
	"greenroom/connector"
	"greenroom/internal/consent"
	"greenroom/internal/enrich"
	"greenroom/internal/enrichment"
	"greenroom/internal/lookup"
	"greenroom/internal/store"
)

// registry is an outside service that knows some people by their addresses, and what it was asked.
type registry struct {
	*httptest.Server
	knows map[string]string // address → answer
	asked []string
	keys  map[string]bool
}

func newRegistry(t *testing.T) *registry {
	t.Helper()
	r := &registry{knows: map[string]string{}, keys: map[string]bool{}}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		var q struct{ Addresses, Links []string }
		if err := json.NewDecoder(req.Body).Decode(&q); err != nil || req.Method != http.MethodPost {
			t.Errorf("asked by %s with %v", req.Method, err)
		}
		r.asked = append(r.asked, strings.Join(append(q.Addresses, q.Links...), " "))
		r.keys[req.Header.Get("Authorization")] = true
		for _, a := range q.Addresses {
			if reply := r.knows[a]; reply == "busy" {
				http.Error(w, "later", http.StatusServiceUnavailable)
				return
			} else if reply != "" {
				_, _ = w.Write([]byte(reply))
				return
			}
		}
		http.NotFound(w, req)
	}))
	t.Cleanup(r.Close)
	return r
}

// TestLookups wants nobody asked about who has not agreed, or wants to be left alone, and no more than the month allows;
// everything in the log before it is sent; and what is said to stand behind what is known.
func TestLookups(t *testing.T) {
	onBothAt(t, func(t *testing.T, s *store.Store, clock *time.Time) {
		now := func() time.Time { return *clock }
		service := newRegistry(t)
		lookups := enrichment.New(s, s, func(name, address, key string) enrich.Provider {
			return lookup.New(service.Client(), name, address, key)
		},
			plainSeal{}, slog.New(slog.DiscardHandler), now, func() *time.Location { return time.UTC })
		address := func(a string) []greenroom.Email { return []greenroom.Email{{Address: a, Verified: true}} }
		tell(t, s, "chat", func(out *connector.Sink) {
			out.Identity(connector.Identity{ExternalID: "ana", Name: "Ana Torres", Emails: address("ana@torres.example"), JobTitle: "Designer", Tags: []string{"lookup-ok"}})
			out.Identity(connector.Identity{ExternalID: "bob", Name: "Bob Roe", Emails: address("bob@roe.example")})
			out.Identity(connector.Identity{ExternalID: "cy", Name: "Cy Poe", Emails: address("cy@poe.example"), Tags: []string{"lookup-ok"}})
			out.Identity(connector.Identity{ExternalID: "dee", Name: "Dee Moe", Tags: []string{"lookup-ok"}})
			out.Identity(connector.Identity{ExternalID: "eve", Name: "Eve Doe", Emails: address("eve@doe.example"), Tags: []string{"lookup-ok"}})
		})
		id := func(name string) int64 { t.Helper(); return members(t, s, "name:"+name)[0].ID }
		refused := func(name string, code greenroom.Code) {
			t.Helper()
			if _, err := lookups.LookUp(t.Context(), id(name), "kim"); greenroom.ErrorCode(err) != code {
				t.Errorf("looking %s up: %v, want %s", name, err, code)
			}
		}
		refused("ana", greenroom.CodeConflict) // off
		set := enrichment.Settings{On: true, Name: "registry", Address: service.URL, Month: 3}
		if err := lookups.Save(t.Context(), set, nil); greenroom.ErrorCode(err) != greenroom.CodeInvalid {
			t.Errorf("on without saying who agreed: %v", err)
		}
		set.Consent = "tag:lookup-ok"
		key := "s3cret"
		if err := lookups.Save(t.Context(), set, &key); err != nil {
			t.Fatal(err)
		}
		refused("bob", greenroom.CodeForbidden) // has not agreed
		refused("dee", greenroom.CodeConflict)  // nothing to ask by
		if err := s.SetChoice(t.Context(), id("cy"), consent.Choice{Purpose: consent.All, How: "said so", By: "kim", At: *clock}); err != nil {
			t.Fatal(err)
		}
		refused("cy", greenroom.CodeForbidden) // wants to be left alone
		if len(service.asked) != 0 {
			t.Fatalf("asked about %q", service.asked)
		}

		service.knows["ana@torres.example"] = `{"known_at": "2026-03-01T00:00:00Z", "findings": [{"field": "country", "value": "PT", "words": "Lisboa"},
			{"field": "role", "value": "engineer"}, {"field": "shirt", "value": "M"}, {"field": "bad.name", "value": "x"}, {"field": "zero", "value": "a\u0000b"}, {"field": "empty", "value": " "}]}`
		l, err := lookups.LookUp(t.Context(), id("ana"), "kim")
		if err != nil || l.Outcome != enrichment.Found || strings.Join(l.Fields, " ") != "country role shirt" {
			t.Fatalf("%+v, %v", l, err)
		}
		fits := func(when, q string, n int) {
			t.Helper()
			if got := members(t, s, q); len(got) != n {
				t.Errorf("%s: %s fits %d, want %d", when, q, len(got), n)
			}
		}
		fits("looked up", "country:PT field.shirt:m field.role:designer", 1) // what the profile says stands over it
		if err := s.ForgetDerived(t.Context()); err != nil {
			t.Fatal(err)
		}
		settle(t, s, 1000)
		fits("computed anew", "country:PT field.shirt:m field.role:designer", 1)
		var data bytes.Buffer
		if err := s.ExportMember(t.Context(), id("ana"), &data); err != nil || !strings.Contains(data.String(), `"Lisboa"`) || !strings.Contains(data.String(), `"registry"`) {
			t.Errorf("their data do not say what was asked and answered: %v", err)
		}

		service.knows["eve@doe.example"] = "busy"
		if n, err := lookups.Work(t.Context()); n != 0 || greenroom.ErrorCode(err) != greenroom.CodeUnavailable {
			t.Errorf("a service that is not well: %d, %v", n, err)
		}
		delete(service.knows, "eve@doe.example")
		if _, err := lookups.LookUp(t.Context(), id("eve"), "kim"); err != nil {
			t.Errorf("somebody whom nobody knows: %v", err)
		}
		refused("eve", greenroom.CodeLimited) // the month is used up
		want := []string{"ana@torres.example", "eve@doe.example", "eve@doe.example"}
		if diff := cmp.Diff(want, service.asked); diff != "" || !service.keys["Bearer s3cret"] || len(service.keys) != 1 {
			t.Errorf("asked (-want +got):\n%swith the keys %v", diff, service.keys)
		}
		var outcomes []string
		log, err := lookups.Lookups(t.Context(), 0, 10)
		for _, l := range log {
			outcomes = append(outcomes, string(l.Outcome)+" "+l.By)
		}
		if diff := cmp.Diff([]string{"nobody kim", "failed ", "found kim"}, outcomes); diff != "" || err != nil {
			t.Errorf("the log (-want +got):\n%s%v", diff, err)
		}
		*clock = clock.AddDate(0, 7, 0)
		if n, err := lookups.Work(t.Context()); n != 2 || err != nil {
			t.Errorf("half a year later %d were looked up, %v; want ana and eve", n, err)
		}
		if n, err := lookups.Work(t.Context()); n != 0 || err != nil {
			t.Errorf("and again %d, %v", n, err)
		}
		if err := lookups.Save(t.Context(), enrichment.Settings{On: true, Name: "registry", Address: "https://other.example/x", Consent: "tag:lookup-ok", Month: 3}, nil); err != nil {
			t.Fatal(err)
		}
		if st, err := lookups.Status(t.Context()); err != nil || st.HasKey || st.Used != 2 {
			t.Errorf("another host has %+v, %v; want it without the key", st, err)
		}
		forgotten(t, s, lookups, id("ana"))
		fits("forgotten", "country:PT or field.shirt:m", 0)
	})
}

// forgotten takes away what was found, and erases somebody with what the log says of them.
func forgotten(t *testing.T, s *store.Store, lookups *enrichment.Service, member int64) {
	t.Helper()
	if n, err := lookups.Forget(t.Context()); n != 1 || err != nil {
		t.Errorf("forgot of %d accounts, %v", n, err)
	}
	if of, err := lookups.Lookups(t.Context(), member, 10); len(of) != 2 || err != nil {
		t.Errorf("%d lookups of one, %v", len(of), err)
	}
	if err := s.EraseMember(context.WithoutCancel(t.Context()), member); err != nil {
		t.Fatal(err)
	}
	if of, err := lookups.Lookups(t.Context(), member, 10); len(of) != 0 || err != nil {
		t.Errorf("the log still has %d lookups of whom was erased, %v", len(of), err)
	}
}
