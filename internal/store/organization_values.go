// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"greenroom/internal/business"
)

// organizationValues is what an organization is said to be. An organization that others are part of has these twice: in its row
// as they are with its parts, and in organization.own as they are without, so that undoing a merge takes away just what the
// others brought.
type organizationValues struct {
	Name      string            `json:"name"`
	From      string            `json:"from,omitempty"` // organization.name_from
	Lifecycle string            `json:"lifecycle,omitempty"`
	Size      int64             `json:"size,omitempty"`
	Country   string            `json:"country,omitempty"`
	Fields    map[string]string `json:"fields,omitempty"`
}

// take puts what counts of what sources say over the values. What nobody says stays as it is.
func (v *organizationValues) take(origins []business.Origin) error {
	for i := range origins {
		o := &origins[i]
		said := o.Value()
		switch o.Field {
		case business.OriginName:
			if v.From != "hand" {
				v.Name, v.From = said, "record"
			}
		case business.OriginLifecycle:
			v.Lifecycle = said
		case business.OriginCountry:
			v.Country = said
		case business.OriginSize:
			n, err := strconv.ParseInt(said, 10, 64)
			if err != nil {
				return fmt.Errorf("reading a size: %w", err)
			}
			v.Size = n
		default:
			v.Fields[strings.TrimPrefix(o.Field, business.OriginField(""))] = said
		}
	}
	return nil
}

// fill takes from a part what is missing, and its name where that is from a better place.
func (v *organizationValues) fill(part *organizationValues) {
	better := []string{"domain", "record", "hand"}
	if slices.Index(better, part.From) > slices.Index(better, v.From) {
		v.Name, v.From = part.Name, part.From
	}
	if v.Lifecycle == "" {
		v.Lifecycle = part.Lifecycle
	}
	if v.Size == 0 {
		v.Size = part.Size
	}
	if v.Country == "" {
		v.Country = part.Country
	}
	for name, value := range part.Fields {
		if v.Fields[name] == "" {
			v.Fields[name] = value
		}
	}
}

// values reads what the row of an organization says.
func (w *writer) values(id int64) (*organizationValues, error) {
	v := &organizationValues{Fields: make(map[string]string)}
	if err := w.row("SELECT name, name_from, lifecycle, size, country FROM organization WHERE id = ?", []any{id}, &v.Name, &v.From, &v.Lifecycle, &v.Size, &v.Country); err != nil {
		return nil, err
	}
	rows, err := w.query("SELECT name, value FROM organization_field WHERE organization_id = ?", id)
	if err != nil {
		return nil, err
	}
	return v, scan(rows, func() error {
		var name, value string
		err := rows.Scan(&name, &value)
		v.Fields[name] = value
		return err
	})
}

// setValues writes what an organization is said to be into its row.
func (w *writer) setValues(id int64, v *organizationValues) error {
	have, err := w.values(id)
	if err != nil {
		return err
	}
	if have.Name != v.Name || have.From != v.From || have.Lifecycle != v.Lifecycle || have.Size != v.Size || have.Country != v.Country {
		if _, err := w.exec("UPDATE organization SET name = ?, name_from = ?, lifecycle = ?, size = ?, country = ? WHERE id = ?", v.Name, v.From, v.Lifecycle, v.Size, v.Country, id); err != nil {
			return err
		}
	}
	if have.Name != v.Name || have.From != v.From { // it is found by another name
		if _, err := w.exec("INSERT INTO organization_dirty (organization_id) SELECT CASE WHEN merged_into > 0 THEN merged_into ELSE id END FROM organization WHERE id = ? ON CONFLICT DO NOTHING", id); err != nil {
			return err
		}
	}
	for name := range have.Fields {
		if _, ok := v.Fields[name]; ok {
			continue
		}
		if _, err := w.exec("DELETE FROM organization_field WHERE organization_id = ? AND name = ?", id, name); err != nil {
			return err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(v.Fields)) {
		if old, ok := have.Fields[name]; ok && old == v.Fields[name] {
			continue
		}
		if _, err := w.exec("INSERT INTO organization_field (organization_id, name, value) VALUES (?, ?, ?) ON CONFLICT (organization_id, name) DO UPDATE SET value = excluded.value", id, name, v.Fields[name]); err != nil {
			return err
		}
	}
	return nil
}

// own is what an organization is said to be without its parts, and whether that is kept beside its row.
func (w *writer) own(id int64) (v *organizationValues, beside bool, err error) {
	var text string
	if err := w.row("SELECT own FROM organization WHERE id = ?", []any{id}, &text); err != nil {
		return nil, false, err
	}
	if text == "" {
		v, err = w.values(id)
		return v, false, err
	}
	v = &organizationValues{Fields: make(map[string]string)}
	if err := json.Unmarshal([]byte(text), v); err != nil {
		return nil, false, fmt.Errorf("decoding what organization %d is by itself: %w", id, err)
	}
	return v, true, nil
}

func (w *writer) keepOwn(id int64, v *organizationValues) error {
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encoding what organization %d is by itself: %w", id, err)
	}
	_, err = w.exec("UPDATE organization SET own = ? WHERE id = ?", string(text), id)
	return err
}

// settleOrganization has what counts of what sources say of an organization, as it was told, as its values, and as those of
// the one that it is part of.
func (w *writer) settleOrganization(id int64) error {
	root, told, err := w.stands(id)
	if err != nil {
		return err
	}
	profiles, chosen, err := w.profilesTold(root, id)
	if err != nil {
		return err
	}
	v, beside, err := w.own(id)
	if err != nil {
		return err
	}
	if err := v.take(business.Origins(profiles, chosen)); err != nil {
		return fmt.Errorf("organization %d: %w", id, err)
	}
	if beside {
		err = w.keepOwn(id, v)
	} else {
		err = w.setValues(id, v)
	}
	if err != nil || !beside && told == 0 {
		return err
	}
	return w.settleGroup(root)
}

// profilesTold is what sources say of an organization as it was told, without what they say of others that are one with it.
func (w *writer) profilesTold(root, id int64) (profiles []business.OrganizationProfile, chosen []business.OriginChoice, err error) {
	rows, err := w.query(`SELECT r.source_id, s.name, r.external_id, 0, r.told, r.told_at FROM organization_ref r JOIN source s ON s.id = r.source_id
		WHERE r.organization_id = ? AND `+asTold+` = ? AND r.told <> '' ORDER BY r.source_id, r.external_id`, root, id)
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
	if rows, err = w.query("SELECT field, source_id, actor, at FROM organization_origin WHERE organization_id = ? ORDER BY field", id); err == nil {
		err = scan(rows, func() error {
			c, err := scanChoice(rows)
			chosen = append(chosen, c)
			return err
		})
	}
	return profiles, chosen, err
}

// settleGroup brings the values of an organization to which parts it has, and whether it is one itself.
func (w *writer) settleGroup(id int64) error {
	v, beside, err := w.own(id)
	if err != nil {
		return err
	}
	parts, err := w.ints("SELECT id FROM organization WHERE merged_into = ? AND merged_into > 0 ORDER BY id", id)
	if err != nil {
		return err
	}
	if len(parts) == 0 {
		if !beside {
			return nil
		}
		if _, err := w.exec("UPDATE organization SET own = '' WHERE id = ?", id); err != nil {
			return err
		}
		return w.setValues(id, v)
	}
	if !beside {
		if err := w.keepOwn(id, v); err != nil {
			return err
		}
	}
	for _, part := range parts {
		p, _, err := w.own(part)
		if err != nil {
			return err
		}
		v.fill(p)
	}
	profiles, chosen, err := w.profiles(id)
	if err != nil {
		return err
	}
	if err := v.take(business.Origins(profiles, chosen)); err != nil {
		return fmt.Errorf("organization %d: %w", id, err)
	}
	return w.setValues(id, v)
}
