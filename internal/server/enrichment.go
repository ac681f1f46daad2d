// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"greenroom/internal/enrich"
	"greenroom/internal/enrichment"
	"greenroom/internal/lookup"
	"greenroom/internal/seal"
)

// lookupTimeout is how long an outside service may take to answer.
const lookupTimeout = 30 * time.Second

// Enrichment looks members up through an HTTP client, which says what may be reached.
func (a *App) Enrichment(client *http.Client) Enrichment {
	connect := func(name, address, key string) enrich.Provider { return lookup.New(client, name, address, key) }
	return Enrichment{enrichment.New(a.Store, a.Store, connect, a.keys, a.Log, a.Now, zones{a}.Zone), auditor{a.Auth}}
}

// Enrichment is the service as the API asks for it: changes of its settings are noted in the audit log.
type Enrichment struct {
	*enrichment.Service
	audit auditor
}

// Save is [enrichment.Service.Save].
func (s Enrichment) Save(ctx context.Context, set enrichment.Settings, key *string) error {
	if err := s.Service.Save(ctx, set, key); err != nil {
		return err
	}
	what := "off"
	if set.On {
		what = fmt.Sprintf("on, %s at %s for %s, %d a month", set.Name, set.Address, set.Consent, set.Month)
	}
	return s.audit.Audit(ctx, "", "enrichment.settings", "outside service", what)
}

// Forget is [enrichment.Service.Forget].
func (s Enrichment) Forget(ctx context.Context) (int, error) {
	n, err := s.Service.Forget(ctx)
	if err != nil {
		return n, err
	}
	return n, s.audit.Audit(ctx, "", "enrichment.forget", "outside service", fmt.Sprintf("what it said of %d accounts", n))
}

// resealEnrichment seals the service's key with the newest key; it returns how many secrets that were.
func (a *App) resealEnrichment(ctx context.Context, keys *seal.Keys) (int, error) {
	set, err := a.Store.EnrichmentSettings(ctx)
	if err != nil || set.Key == "" || !keys.Stale(set.Key) {
		return 0, err
	}
	if set.Key, err = keys.Reseal(set.Key, enrichment.KeyPlace); err != nil {
		return 0, fmt.Errorf("sealing the key of the outside service: %w", err)
	}
	return 1, a.Store.SetEnrichmentSettings(ctx, &set)
}
