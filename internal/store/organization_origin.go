// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"greenroom"
	"greenroom/connector"
	"greenroom/internal/business"
)

// This file keeps what each source says of an organization, and has what counts of it (business.Origins) as the
// organization's values: HubSpot and Salesforce may both tell of Acme, and not the same.

// toldOrganization is how what a source says is stored.
type toldOrganization struct {
	Name      string            `json:"name,omitempty"`
	Lifecycle string            `json:"lifecycle,omitempty"`
	Size      int64             `json:"size,omitempty"`
	Country   string            `json:"country,omitempty"`
	URL       string            `json:"url,omitempty"`
	Fields    map[string]string `json:"fields,omitempty"`
	Domains   []string          `json:"domains,omitempty"` // also those that were another organization's before
}

func toldText(o *connector.Organization) (string, error) {
	t := toldOrganization{Name: o.Name, Lifecycle: strings.ToLower(o.Lifecycle), Size: max(0, o.Size), Country: o.Country, URL: o.URL, Fields: make(map[string]string, len(o.Fields))}
	for _, d := range o.Domains {
		if d = strings.ToLower(strings.TrimSpace(d)); d != "" {
			t.Domains = append(t.Domains, d)
		}
	}
	for name, v := range o.Fields {
		t.Fields[strings.ToLower(name)] = v
	}
	text, err := json.Marshal(t)
	if err != nil {
		return "", fmt.Errorf("encoding what a source says: %w", err)
	}
	return string(text), nil
}

const (
	profilesOf = `SELECT r.source_id, s.name, r.external_id, CASE WHEN r.organization_told > 0 THEN 1 ELSE 0 END, r.told, r.told_at FROM organization_ref r JOIN source s ON s.id = r.source_id
		WHERE r.organization_id = ? AND r.told <> '' ORDER BY r.source_id, r.external_id`
	// What was chosen of an organization itself comes last, and so holds over what was chosen of one that is part of it.
	choicesOf = `SELECT c.field, c.source_id, c.actor, c.at FROM organization_origin c WHERE c.organization_id = ? OR c.organization_id IN (SELECT o.id FROM organization o WHERE o.merged_into = ? AND o.merged_into > 0)
		ORDER BY CASE WHEN c.organization_id = ? THEN 1 ELSE 0 END, c.organization_id DESC, c.field`
)

func scanProfile(rows rowScanner) (business.OrganizationProfile, error) {
	var p business.OrganizationProfile
	var text string
	var part, at int64
	if err := rows.Scan(&p.SourceID, &p.Source, &p.ExternalID, &part, &text, &at); err != nil {
		return p, err
	}
	var t toldOrganization
	if err := json.Unmarshal([]byte(text), &t); err != nil {
		return p, fmt.Errorf("decoding what %s says of %s: %w", p.Source, p.ExternalID, err)
	}
	p.Part = part != 0
	p.Name, p.Lifecycle, p.Size, p.Country, p.URL, p.Fields, p.At = t.Name, t.Lifecycle, t.Size, t.Country, t.URL, t.Fields, fromMicros(at)
	return p, nil
}

func scanChoice(rows rowScanner) (business.OriginChoice, error) {
	var c business.OriginChoice
	var at int64
	err := rows.Scan(&c.Field, &c.SourceID, &c.By, &at)
	c.At = fromMicros(at)
	return c, err
}

// OrganizationProfiles lists what each source says of an organization, and which was chosen for which field.
func (s *Store) OrganizationProfiles(ctx context.Context, organization int64) ([]business.OrganizationProfile, []business.OriginChoice, error) {
	profiles, chosen := []business.OrganizationProfile{}, []business.OriginChoice{}
	rows, err := s.query(ctx, profilesOf, organization)
	if err == nil {
		err = scan(rows, func() error {
			p, err := scanProfile(rows)
			profiles = append(profiles, p)
			return err
		})
	}
	if err != nil {
		return nil, nil, err
	}
	if rows, err = s.query(ctx, choicesOf, organization, organization, organization); err == nil {
		err = scan(rows, func() error {
			c, err := scanChoice(rows)
			chosen = append(chosen, c)
			return err
		})
	}
	return profiles, chosen, err
}

// SetOrganizationOrigin has a source count for a field of an organization; source 0 = the newest telling counts again.
// CodeInvalid where the source says nothing of it.
func (s *Store) SetOrganizationOrigin(ctx context.Context, organization int64, c business.OriginChoice) error {
	return s.write(ctx, func(w *writer) error {
		profiles, _, err := w.profiles(organization)
		if err != nil {
			return err
		}
		said := false
		for _, o := range business.Origins(profiles, nil) {
			for i := range o.Values {
				said = said || o.Field == c.Field && (o.Values[i].SourceID == c.SourceID || c.SourceID == 0)
			}
		}
		if !said {
			return greenroom.Errorf(greenroom.CodeInvalid, "this source says nothing of %s of the organization; choose one that does", c.Field)
		}
		if _, err := w.exec(`DELETE FROM organization_origin WHERE (organization_id = ? OR organization_id IN (SELECT o.id FROM organization o WHERE o.merged_into = ? AND o.merged_into > 0)) AND field = ?`,
			organization, organization, c.Field); err != nil {
			return err
		}
		if c.SourceID > 0 {
			if _, err := w.exec("INSERT INTO organization_origin (organization_id, field, source_id, actor, at) VALUES (?, ?, ?, ?, ?)", organization, c.Field, c.SourceID, c.By, micros(c.At)); err != nil {
				return err
			}
		}
		return w.settleOrganization(organization)
	})
}

func (w *writer) profiles(organization int64) (profiles []business.OrganizationProfile, chosen []business.OriginChoice, err error) {
	rows, err := w.query(profilesOf, organization)
	if err == nil {
		err = scan(rows, func() error {
			p, err := scanProfile(rows)
			profiles = append(profiles, p)
			return err
		})
	}
	if err != nil {
		return nil, nil, err
	}
	if rows, err = w.query(choicesOf, organization, organization, organization); err == nil {
		err = scan(rows, func() error {
			c, err := scanChoice(rows)
			chosen = append(chosen, c)
			return err
		})
	}
	return profiles, chosen, err
}

// unsettle forgets what the source that is removed said of organizations, of which others say something too.
func (r *remover) unsettle() error {
	ids, err := r.ints(`SELECT DISTINCT CASE WHEN r.organization_told > 0 THEN r.organization_told ELSE r.organization_id END AS t FROM organization_ref r JOIN organization_ref o ON o.organization_id = r.organization_id
		WHERE r.source_id = ? AND r.told <> '' AND o.source_id <> ? AND o.told <> '' ORDER BY t`, r.source, r.source)
	if err != nil {
		return err
	}
	for _, q := range []string{"DELETE FROM organization_origin WHERE source_id = ?", "DELETE FROM organization_ref WHERE source_id = ?"} {
		if _, err := r.exec(q, r.source); err != nil {
			return err
		}
	}
	for _, id := range ids {
		if err := r.settleOrganization(id); err != nil {
			return err
		}
	}
	return nil
}
