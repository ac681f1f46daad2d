// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"greenroom"
)

const settingTeamDomains = "team_domains"

// TeamDomains lists the e-mail domains of the team.
func (s *Store) TeamDomains(ctx context.Context) ([]string, error) {
	var text string
	err := s.queryRow(ctx, "SELECT value FROM setting WHERE key = ?", []any{settingTeamDomains}, &text)
	if greenroom.ErrorCode(err) == greenroom.CodeNotFound {
		return []string{}, nil
	}
	if err != nil {
		return nil, err
	}
	return parseDomains(text)
}

func parseDomains(text string) ([]string, error) {
	var domains []string
	if err := json.Unmarshal([]byte(text), &domains); err != nil {
		return nil, fmt.Errorf("decoding the team's domains: %w", err)
	}
	return domains, nil
}

// SetTeamDomains sets the e-mail domains of the team: everybody with an address there counts as staff from the next
// moment on, and everybody whose domain was taken away no longer does.
func (s *Store) SetTeamDomains(ctx context.Context, domains []string) error {
	return s.write(ctx, func(w *writer) error {
		before, err := w.teamDomains()
		if err != nil {
			return err
		}
		text, err := json.Marshal(domains)
		if err != nil {
			return fmt.Errorf("encoding the team's domains: %w", err)
		}
		if _, err := w.exec("INSERT INTO setting (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", settingTeamDomains, string(text)); err != nil {
			return err
		}
		for _, d := range append(before, domains...) {
			if _, err := w.exec(`INSERT INTO identity_dirty (identity_id) SELECT identity_id FROM identity_key
				WHERE kind IN ('email', 'address') AND (value LIKE ? ESCAPE '\' OR value LIKE ? ESCAPE '\') ON CONFLICT DO NOTHING`,
				"%@"+likeEscape.Replace(d), "%."+likeEscape.Replace(d)); err != nil {
				return err
			}
		}
		return nil
	})
}

func (w *writer) teamDomains() ([]string, error) {
	var text string
	err := w.row("SELECT value FROM setting WHERE key = ?", []any{settingTeamDomains}, &text)
	if greenroom.ErrorCode(err) == greenroom.CodeNotFound {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return parseDomains(text)
}

// ofTeam reports whether one of the addresses is at one of the domains or below it.
func ofTeam(emails []greenroom.Email, domains []string) bool {
	return slices.ContainsFunc(emails, func(e greenroom.Email) bool {
		_, host, _ := strings.Cut(e.Address, "@")
		return slices.ContainsFunc(domains, func(d string) bool { return host == d || strings.HasSuffix(host, "."+d) })
	})
}
