// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"context"
	"fmt"

	"greenroom/internal/enrichment"
)

type fakeEnrichment struct{ *fake }

func (f fakeEnrichment) Status(context.Context) (enrichment.Status, error) {
	return enrichment.Status{Settings: enrichment.Settings{On: true, Name: "registry", Address: "https://lookup.acme.example/person", Consent: "tag:lookup-ok", Month: 200}, Since: now}, f.err
}

func (f fakeEnrichment) Save(_ context.Context, set enrichment.Settings, _ *string) error {
	f.did = append(f.did, "looks up at "+set.Address)
	return f.err
}

func (f fakeEnrichment) Lookups(context.Context, int64, int) ([]enrichment.Lookup, error) {
	return []enrichment.Lookup{{ID: 1, At: now, Member: 12, Provider: "registry", Outcome: enrichment.Found, Fields: []string{"role"}}}, f.err
}

func (f fakeEnrichment) LookUp(_ context.Context, member int64, by string) (enrichment.Lookup, error) {
	f.did = append(f.did, fmt.Sprintf("%s looks %d up", by, member))
	return enrichment.Lookup{ID: 2, At: now, Member: member, Provider: "registry", By: by, Outcome: enrichment.Nobody, Fields: []string{}}, f.err
}

func (f fakeEnrichment) Said(context.Context, int64, int) ([]enrichment.Told, error) {
	return []enrichment.Told{{Account: 31, Member: 12, Name: "Ana", Provider: "registry", At: now, Fields: []enrichment.Saying{{Field: "country", Value: "PT"}}}}, f.err
}

func (f fakeEnrichment) Forget(context.Context) (int, error) { return 7, f.err }
