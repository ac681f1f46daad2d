// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"encoding/json"
	"fmt"

	"greenroom"
	"greenroom/connector"
)

// storedRecord is what has to be known of a business record that is there already.
type storedRecord struct {
	id, hash, updated int64
	stage             string
}

// records stores deals, cases and subscriptions.
func (a *appender) records() error {
	for i := range a.p.Records {
		r := &a.p.Records[i]
		var have storedRecord
		err := a.row("SELECT id, hash, updated_at, stage FROM business_record WHERE source_id = ? AND type = ? AND external_id = ?",
			[]any{a.run.SourceID, r.Type, r.ExternalID}, &have.id, &have.hash, &have.updated, &have.stage)
		known := err == nil
		switch {
		case err != nil && greenroom.ErrorCode(err) != greenroom.CodeNotFound:
			return err
		case known && !r.UpdatedAt.IsZero() && micros(r.UpdatedAt) < have.updated:
			if err := a.stages(have.id, "", r); err != nil { // late, but the stage was gone through
				return err
			}
			a.unchanged++
			continue
		case known && have.hash == a.p.RecordHash[i]:
			a.unchanged++
			continue
		case !known && r.Deleted:
			a.leftOut["deleted at the source before it was ever stored"]++
			continue
		}
		if err := a.writeRecord(&have, r, a.p.RecordHash[i]); err != nil {
			return fmt.Errorf("%s %q: %w", r.Type, r.ExternalID, err)
		}
		a.stored++
	}
	return nil
}

// writeRecord stores a business record. A telling that it was deleted leaves the rest of it as it is.
func (a *appender) writeRecord(have *storedRecord, r *connector.Record, hash int64) error {
	if r.Deleted {
		_, err := a.exec("UPDATE business_record SET deleted = 1, hash = ?, updated_at = CASE WHEN ? > updated_at THEN ? ELSE updated_at END WHERE id = ?",
			hash, micros(r.UpdatedAt), micros(r.UpdatedAt), have.id)
		return err
	}
	org, err := a.organizationNamed(r.Organization)
	if err != nil {
		return err
	}
	org, told, err := a.stands(org)
	if err != nil {
		return err
	}
	fields, err := json.Marshal(r.Fields)
	if err != nil {
		return fmt.Errorf("encoding fields: %w", err)
	}
	who, _ := a.known.identities.get(r.Identity)
	id := have.id
	if id == 0 {
		last, err := a.lastID("business_record")
		if err != nil {
			return err
		}
		id = last + 1
	}
	block, pos := a.raw(r.Raw)
	if _, err := a.exec(`INSERT INTO business_record (id, source_id, type, external_id, name, organization_id, organization_told, identity_id, stage, amount, currency,
		opened_at, closed_at, updated_at, fields, hash, raw_block, raw_pos) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (source_id, type, external_id) DO UPDATE SET name = excluded.name, organization_id = excluded.organization_id, organization_told = excluded.organization_told,
		identity_id = excluded.identity_id, stage = excluded.stage, amount = excluded.amount, currency = excluded.currency,
		opened_at = excluded.opened_at, closed_at = excluded.closed_at, updated_at = excluded.updated_at, fields = excluded.fields,
		hash = excluded.hash, raw_block = excluded.raw_block, raw_pos = excluded.raw_pos, deleted = 0`,
		id, a.run.SourceID, r.Type, r.ExternalID, r.Name, org, told, who.id, r.Stage, r.Amount, r.Currency,
		micros(r.OpenedAt), micros(r.ClosedAt), micros(r.UpdatedAt), string(fields), hash, block, pos); err != nil {
		return err
	}
	if err := a.revenue(id, r); err != nil {
		return err
	}
	return a.stages(id, have.stage, r)
}

// stages keeps the steps that a record went through: those that the source tells, and, where it tells none, that the stage
// is another one than before, as of the source's last change.
func (a *appender) stages(id int64, before string, r *connector.Record) error {
	steps := r.Stages
	if len(steps) == 0 && r.Stage != "" && r.Stage != before && !r.UpdatedAt.IsZero() {
		steps = []connector.StageChange{{Stage: r.Stage, At: r.UpdatedAt}}
	}
	for _, step := range steps {
		if step.Stage == "" || step.At.IsZero() {
			continue
		}
		if _, err := a.exec("INSERT INTO record_stage (record_id, at, stage) VALUES (?, ?, ?) ON CONFLICT DO NOTHING", id, micros(step.At), step.Stage); err != nil {
			return err
		}
	}
	return nil
}
