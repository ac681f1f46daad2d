// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package stack

import (
	"context"
	"fmt"
	"strings"

	"greenroom"
	"greenroom/connector"
	"greenroom/internal/query"
)

// Entry sets one of the platform's own counts against ours.
type Entry struct {
	What        string                  `json:"what"`
	Place       string                  `json:"place,omitempty"` // name of the channel that it is about; "" = the whole source
	Platform    int64                   `json:"platform"`
	Ours        int64                   `json:"ours"`
	Explained   []connector.Explanation `json:"explained,omitempty"`
	Unexplained int64                   `json:"unexplained"`     // Ours − Platform − what is explained
	Query       string                  `json:"query,omitempty"` // of the list that our count opens to
	Entity      string                  `json:"entity,omitempty"`
	Problem     string                  `json:"problem,omitempty"` // why ours could not be counted
}

// reconcile sets each of the platform's counts against ours.
func (s *Service) reconcile(ctx context.Context, src *greenroom.Source, v *connector.Survey) ([]Entry, error) {
	names := make(map[string]string, len(v.Places))
	uncovered := make(map[string]string)
	for i := range v.Places {
		p := &v.Places[i]
		names[p.ExternalID] = p.Name
		if !p.Covered {
			uncovered[p.ExternalID] = p.Why
		}
	}
	entries := make([]Entry, 0, len(v.Counts))
	for i := range v.Counts {
		c := &v.Counts[i]
		e := Entry{What: c.What, Platform: c.Platform, Explained: c.Explain}
		if e.Place = names[c.Place]; e.Place == "" {
			e.Place = c.Place
		}
		if err := s.count(ctx, src, c, &e); err != nil {
			if ctx.Err() != nil {
				return nil, err
			}
			e.Problem = greenroom.ErrorMessage(err)
		}
		if why, missing := uncovered[c.Place]; missing && c.Place != "" && e.Ours == 0 && e.Platform > 0 && len(e.Explained) == 0 {
			e.Explained = []connector.Explanation{{Text: "This place is not covered: " + why, Items: -e.Platform}}
		}
		e.Unexplained = e.Ours - e.Platform
		for _, x := range e.Explained {
			e.Unexplained -= x.Items
		}
		entries = append(entries, e)
	}
	return entries, nil
}

// count counts ours.
func (s *Service) count(ctx context.Context, src *greenroom.Source, c *connector.Count, e *Entry) (err error) {
	switch c.Of {
	case "records":
		e.Ours, err = s.store.CountRecords(ctx, src.ID, strings.TrimPrefix(c.Query, "type:"))
		return err //nolint:wrapcheck // shown as it is
	case "identities", "accounts":
		l, err := s.store.Ledger(ctx, src.ID)
		e.Ours, e.Query, e.Entity = l.Accounts, "source:"+Quoted(src.Name), string(query.Members)
		return err //nolint:wrapcheck // shown as it is
	}
	entity := query.Entity(c.Of)
	e.Entity = c.Of
	e.Query = strings.TrimSpace("source:" + Quoted(src.Name) + " " + c.Query)
	schema := s.schemas[entity]
	if schema == nil {
		return greenroom.Errorf(greenroom.CodeInvalid, "there is no list of %s", c.Of)
	}
	q, err := query.Parse(schema, e.Query)
	if err != nil {
		return fmt.Errorf("the count's query: %w", err)
	}
	e.Ours, err = s.store.CountAll(ctx, entity, q)
	return err //nolint:wrapcheck // shown as it is
}

// Quoted writes a name for the query language.
func Quoted(name string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(name) + `"`
}
