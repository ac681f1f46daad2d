// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"math"

	"github.com/klauspost/compress/zstd"

	"greenroom"
	"greenroom/internal/alert"
	"greenroom/internal/consent"
	"greenroom/internal/enrichment"
	"greenroom/internal/finder"
	"greenroom/internal/inbox"
	"greenroom/internal/ingest"
	"greenroom/internal/knowledge"
	"greenroom/internal/outbox"
	"greenroom/internal/pictures"
	"greenroom/internal/proof"
	"greenroom/internal/segment"
	"greenroom/internal/task"
	"greenroom/internal/understand"
	"greenroom/internal/workflow"
)

// personalData is everything that is stored about a member.
type personalData struct {
	Member     greenroom.Member      `json:"member"`
	Identities []greenroom.Identity  `json:"identities"`
	History    []greenroom.Decision  `json:"history"`
	Stints     []greenroom.Stint     `json:"stints"`     // where they have worked, if they have moved
	Placements []greenroom.Placement `json:"placements"` // what the team said of that
	Activities []personalActivity    `json:"activities"`
	Segments   []segment.Event       `json:"segments"` // entered and left
	Messages   []outbox.Message      `json:"messages"` // that were sent to them, or are to be
	Choices    []consent.Choice      `json:"choices"`  // on being written to
	Tasks      []task.Task           `json:"tasks"`    // of the team, about them
	Programs   personalPrograms      `json:"programs"`
	Events     personalEvents        `json:"events"`
	Alerts     []alert.Firing        `json:"alerts"` // of which they were the reason
	Workflows  []workflow.Run        `json:"workflows,omitempty"`
	Inbox      []inbox.Event         `json:"inbox"` // what the team did with what they asked, and when it asked them
	Recognized recognized            `json:"recognized"`
	Surveys    []personalSurvey      `json:"surveys,omitempty"`
	Compared   []proof.Compared      `json:"compared,omitempty"`  // in studies
	Documents  []knowledge.Document  `json:"documents,omitempty"` // of the knowledge base, that they wrote
	Team       []personalTeam        `json:"team,omitempty"`      // where they are one of the team
	Reports    []quotedIn            `json:"reports,omitempty"`   // that quote them
	Studies    []finder.Ask          `json:"studies,omitempty"`   // that they were asked for
	Lookups    []enrichment.Lookup   `json:"lookups,omitempty"`   // of outside services
	Outside    []enrichment.Outside  `json:"outside,omitempty"`   // what these said
	Pictures   []pictures.Listed     `json:"pictures,omitempty"`  // what their profile pictures look like
}

type personalActivity struct {
	greenroom.Activity
	Raw     json.RawMessage     `json:"raw,omitempty"`     // what the source said; a JSON string where it is not JSON
	Reading *understand.Reading `json:"reading,omitempty"` // what Greenroom made of it, and what the team said of that
}

// ExportMember writes everything that is stored about a member as one JSON object.
func (s *Store) ExportMember(ctx context.Context, id int64, w io.Writer) error {
	m, err := s.Member(ctx, id)
	if err != nil {
		return err
	}
	d := personalData{Member: m}
	if d.Identities, err = s.MemberIdentities(ctx, m.ID); err != nil {
		return err
	}
	if d.History, err = s.Decisions(ctx, m.ID); err != nil {
		return err
	}
	if d.Stints, err = s.Stints(ctx, m.ID); err != nil {
		return err
	}
	if d.Placements, err = s.Placements(ctx, m.ID); err != nil {
		return err
	}
	if err := s.dealings(ctx, m.ID, &d); err != nil {
		return err
	}
	all, err := s.activitiesWhere(ctx, "i.member_id = ? ORDER BY a.id", m.ID)
	if err != nil {
		return fmt.Errorf("reading the activities of member %d: %w", id, err)
	}
	ids := make([]int64, len(all))
	for i := range all {
		ids[i] = all[i].ID
	}
	readings, err := s.Readings(ctx, ids)
	if err != nil {
		return err
	}
	for i := range all {
		p := personalActivity{Activity: all[i]}
		if r, ok := readings[all[i].ID]; ok {
			p.Reading = &r
		}
		raw, err := s.ActivityPayload(ctx, all[i].ID)
		switch {
		case greenroom.ErrorCode(err) == greenroom.CodeNotFound:
		case err != nil:
			return err
		case json.Valid(raw):
			p.Raw = raw
		default:
			if p.Raw, err = json.Marshal(string(raw)); err != nil {
				return fmt.Errorf("encoding a payload: %w", err)
			}
		}
		d.Activities = append(d.Activities, p)
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	if err := enc.Encode(d); err != nil {
		return fmt.Errorf("writing the data of member %d: %w", id, err)
	}
	return nil
}

// dealings adds to a member's data what the team has had to do with them.
func (s *Store) dealings(ctx context.Context, id int64, d *personalData) (err error) {
	if err := s.contactData(ctx, id, d); err != nil {
		return err
	}
	if d.Workflows, err = s.memberRuns(ctx, id); err != nil {
		return err
	}
	if d.Segments, err = s.SegmentEventsOf(ctx, segment.Filter{Member: id, Limit: math.MaxInt32}); err != nil {
		return err
	}
	if d.Programs, err = s.personalPrograms(ctx, id); err != nil {
		return err
	}
	if d.Events, err = s.personalEvents(ctx, id); err != nil {
		return err
	}
	if d.Alerts, err = s.alertFiringsOf(ctx, id); err != nil {
		return err
	}
	if d.Inbox, err = s.inboxData(ctx, id); err != nil {
		return fmt.Errorf("reading what the inbox keeps of member %d: %w", id, err)
	}
	if d.Recognized, err = s.recognizedOf(ctx, id); err != nil {
		return err
	}
	if d.Surveys, err = s.surveysFor(ctx, id); err != nil {
		return err
	}
	if d.Compared, err = s.proofOf(ctx, id); err != nil {
		return err
	}
	if d.Documents, err = s.documentsOf(ctx, id); err != nil {
		return err
	}
	if d.Team, err = s.teamOf(ctx, id); err != nil {
		return err
	}
	if d.Reports, err = s.reportsOf(ctx, id); err != nil {
		return err
	}
	if d.Studies, err = s.Asks(ctx, 0, id); err != nil {
		return err
	}
	if d.Lookups, err = s.Lookups(ctx, id, math.MaxInt32); err != nil {
		return err
	}
	if d.Outside, err = s.OutsideOf(ctx, id); err != nil {
		return err
	}
	d.Pictures, err = s.PicturesOf(ctx, id)
	return err
}

// digest stands for an account of an erased person without saying who it is.
func digest(external string) string {
	sum := sha256.Sum256([]byte(external))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// eraseWindow is how much derived state is brought up to date at once after erasing.
const eraseWindow = 10_000

// EraseMember removes a member with everything that was made of them: accounts, activities, raw payloads, full-text
// entries, tags, fields and decisions. Importing the same source again does not bring them back. What others wrote
// about them stays.
func (s *Store) EraseMember(ctx context.Context, id int64) error {
	if err := s.overwrite(ctx); err != nil {
		return err
	}
	err := s.write(ctx, func(w *writer) error {
		if err := w.wholeMember(id); err != nil {
			return err
		}
		e := &eraser{writer: w, at: micros(s.now())}
		return e.member(id)
	})
	if err != nil {
		return fmt.Errorf("erasing member %d: %w", id, err)
	}
	return s.scrub(ctx)
}

// overwrite has what is deleted from here on overwritten, until scrub.
func (s *Store) overwrite(ctx context.Context) error {
	if s.d.postgres {
		return nil
	}
	if err := s.maintain(ctx, "PRAGMA secure_delete = ON"); err != nil {
		return fmt.Errorf("preparing to erase: %w", err)
	}
	return nil
}

// scrub takes what was erased out of everything that was made of it.
func (s *Store) scrub(ctx context.Context) error {
	s.wmu.Lock()
	s.known.forget()
	s.names.forget()
	s.wmu.Unlock()
	for more := true; more; { // titles and sums that were made of what is gone
		var err error
		if _, more, err = s.Derive(ctx, eraseWindow); err != nil {
			return err
		}
	}
	if s.d.postgres {
		return nil
	}
	// A deleted word stays readable in the index's pages, and deleted pages in the log, until both are written anew.
	for _, q := range []string{
		"INSERT INTO activity_search(activity_search) VALUES('optimize')", "INSERT INTO member_search(member_search) VALUES('optimize')", "PRAGMA secure_delete = FAST", "PRAGMA wal_checkpoint(TRUNCATE)",
	} {
		if err := s.maintain(ctx, q); err != nil {
			return fmt.Errorf("cleaning up after erasing: %w", err)
		}
	}
	return nil
}

// maintain runs a statement outside of a transaction.
func (s *Store) maintain(ctx context.Context, q string) error {
	s.wmu.Lock()
	defer s.wmu.Unlock()
	_, err := s.w.conn.ExecContext(ctx, q)
	return err
}

// eraser erases inside one transaction.
type eraser struct {
	*writer
	at int64
}

// place is where a raw payload is kept.
type place struct{ block, pos int64 }

func (e *eraser) member(id int64) error {
	identities, err := e.ints("SELECT id FROM identity WHERE member_id = ? ORDER BY id", id)
	if err != nil {
		return err
	}
	var raw []place
	for _, identity := range identities {
		more, err := e.identity(identity)
		if err != nil {
			return err
		}
		raw = append(raw, more...)
	}
	if err := e.payloads(raw); err != nil {
		return err
	}
	var org int64
	if err := e.row("SELECT organization_id FROM member WHERE id = ?", []any{id}, &org); err != nil {
		return err
	}
	if org > 0 {
		if _, err := e.exec("INSERT INTO organization_dirty (organization_id) VALUES (?) ON CONFLICT DO NOTHING", org); err != nil {
			return err
		}
	}
	return e.person(id)
}

// person erases what is kept of a member itself, whose accounts are erased.
func (e *eraser) person(id int64) error {
	if err := e.mark("member"); err != nil {
		return err
	}
	if err := e.accountItems(id); err != nil {
		return err
	}
	if err := e.actionItems(id); err != nil {
		return err
	}
	if err := e.mark("task"); err != nil {
		return err
	}
	if err := e.alertsOf(id); err != nil {
		return err
	}
	if err := e.outboxOf(id); err != nil {
		return err
	}
	if err := e.programsOf(id); err != nil {
		return err
	}
	if err := e.eventsOf(id); err != nil {
		return err
	}
	if err := e.studiesOf(id); err != nil {
		return err
	}
	if err := e.workflowsOf(id); err != nil {
		return err
	}
	if err := e.inboxAsks(id); err != nil {
		return err
	}
	if err := e.forgetTeamMember(id); err != nil {
		return err
	}
	if err := e.unrecognize(id); err != nil {
		return err
	}
	if err := e.surveysOf(id); err != nil {
		return err
	}
	if err := e.proofOf(id); err != nil {
		return err
	}
	if err := e.unquote(id); err != nil {
		return err
	}
	if err := e.mark("segment_event"); err != nil {
		return err
	}
	if _, err := e.exec("UPDATE segment SET size = size - 1, revision = revision + 1 WHERE id IN (SELECT segment_id FROM segment_member WHERE member_id = ?)", id); err != nil {
		return err
	}
	for _, q := range []string{
		"DELETE FROM member_search WHERE rowid = ?", "DELETE FROM member_tag WHERE member_id = ?", "DELETE FROM member_field WHERE member_id = ?", "DELETE FROM member_score WHERE member_id = ?",
		"DELETE FROM member_tag_set WHERE member_id = ?", "DELETE FROM member_tag_set WHERE member_id IN (SELECT id FROM member WHERE merged_into = ?)",
		"DELETE FROM member_field_set WHERE member_id = ?", "DELETE FROM member_field_set WHERE member_id IN (SELECT id FROM member WHERE merged_into = ?)",
		"DELETE FROM member_organization_set WHERE member_id = ?", "DELETE FROM member_organization_set WHERE member_id IN (SELECT id FROM member WHERE merged_into = ?)",
		"INSERT INTO organization_dirty (organization_id) SELECT DISTINCT organization_id FROM member_stint WHERE organization_id > 0 AND member_id = ? ON CONFLICT DO NOTHING", "DELETE FROM member_stint WHERE member_id = ?",
		"DELETE FROM segment_member WHERE member_id = ?", "DELETE FROM segment_event WHERE member_id = ?",
		"DELETE FROM segment_event WHERE member_id IN (SELECT id FROM member WHERE merged_into = ?)",
		"DELETE FROM enrichment_lookup WHERE member_id = ?", "DELETE FROM enrichment_lookup WHERE member_id IN (SELECT id FROM member WHERE merged_into = ?)",
		"DELETE FROM member WHERE merged_into > 0 AND merged_into = ?", "DELETE FROM member WHERE id = ?",
	} {
		if _, err := e.exec(q, id); err != nil {
			return err
		}
	}
	// The topics' model has words of what they wrote: it is made anew, without these, as soon as a server looks.
	if _, err := e.exec("UPDATE topic_fit SET fitted_at = 0"); err != nil {
		return err
	}
	// Answers of the language model may rest on what they wrote.
	if _, err := e.exec("DELETE FROM llm_cache"); err != nil {
		return err
	}
	// Decisions name nobody, but they explain members that are gone.
	_, err := e.exec("DELETE FROM decision WHERE member_id = ? OR other_id = ?", id, id)
	return err
}

// identity erases an account with its activities, and returns where their payloads are.
func (e *eraser) identity(id int64) ([]place, error) {
	var source int64
	var external string
	var own place
	if err := e.row("SELECT source_id, external_id, raw_block, raw_pos FROM identity WHERE id = ?", []any{id}, &source, &external, &own.block, &own.pos); err != nil {
		return nil, err
	}
	raw := []place{own}
	rows, err := e.query("SELECT id, raw_block, raw_pos FROM activity WHERE identity_id = ? ORDER BY id", id)
	if err != nil {
		return nil, err
	}
	var activities []int64
	if err := scan(rows, func() error {
		var a int64
		var p place
		err := rows.Scan(&a, &p.block, &p.pos)
		activities, raw = append(activities, a), append(raw, p)
		return err
	}); err != nil {
		return nil, err
	}
	if err := e.mark("activity"); err != nil {
		return nil, err
	}
	if err := e.mark("identity"); err != nil {
		return nil, err
	}
	for _, a := range activities {
		if err := e.activity(a); err != nil {
			return nil, err
		}
	}
	if _, err := e.exec("INSERT INTO erased (source_id, digest, erased_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING", source, digest(external), e.at); err != nil {
		return nil, err
	}
	return raw, e.account(id)
}

// account erases an account that has no activities any more.
func (e *eraser) account(id int64) error {
	if err := e.eventsOfAccount(id); err != nil {
		return err
	}
	if err := e.inboxOf(id); err != nil {
		return err
	}
	if err := e.documentsBy(id); err != nil {
		return err
	}
	if err := e.unrecognizeAccount(id); err != nil {
		return err
	}
	// Others that had a key in common with it may now be one person, since one name less disagrees.
	if _, err := e.exec(`INSERT INTO identity_dirty (identity_id) SELECT DISTINCT k.identity_id FROM identity_key mine
		JOIN identity_key k ON k.kind = mine.kind AND k.value = mine.value WHERE mine.identity_id = ? ON CONFLICT DO NOTHING`, id); err != nil {
		return err
	}
	for _, q := range []string{
		"DELETE FROM contact_choice WHERE identity_id = ?", "DELETE FROM identity_key WHERE identity_id = ?", "DELETE FROM identity_dirty WHERE identity_id = ?", "DELETE FROM apart WHERE a = ?", "DELETE FROM apart WHERE b = ?",
		"DELETE FROM together WHERE a = ?", "DELETE FROM together WHERE b = ?", "DELETE FROM match_link WHERE a = ?", "DELETE FROM match_link WHERE b = ?",
		"DELETE FROM match_suggestion WHERE a = ?", "DELETE FROM match_suggestion WHERE b = ?", "DELETE FROM match_review WHERE a = ?", "DELETE FROM match_review WHERE b = ?",
		// A member that it stood for, and that it is no part of, is stood for by another.
		`UPDATE member SET anchor = coalesce((SELECT min(i.id) FROM identity i WHERE i.member_id = member.id AND i.id <> member.anchor), 0) WHERE anchor = ?`,
		"UPDATE business_record SET identity_id = 0, raw_block = 0, raw_pos = 0 WHERE identity_id = ?",
		// What was pushed may be about anybody; what has become facts is kept only to try mappings on.
		"DELETE FROM delivery WHERE state <> 0 AND source_id = (SELECT source_id FROM identity WHERE id = ?)",
		"DELETE FROM identity_move WHERE identity_id = ?", "DELETE FROM picture WHERE identity_id = ?", "DELETE FROM identity WHERE id = ?",
	} {
		if _, err := e.exec(q, id); err != nil {
			return err
		}
	}
	return nil
}

func (e *eraser) activity(id int64) error {
	if err := e.beforeChange(id); err != nil {
		return err
	}
	if err := e.forgetMessage(id); err != nil {
		return err
	}
	if err := e.unrecognizeActivity(id); err != nil {
		return err
	}
	for _, q := range []string{"DELETE FROM topic_activity WHERE activity_id = ?", "DELETE FROM annotation_hidden WHERE activity_id = ?", "DELETE FROM activity WHERE id = ?"} {
		if _, err := e.exec(q, id); err != nil {
			return err
		}
	}
	last, err := e.lastID2("activity_change", "seq")
	if err != nil {
		return err
	}
	_, err = e.exec("INSERT INTO activity_change (seq, activity_id) VALUES (?, ?)", last+1, id)
	return err
}

// mark keeps ids of erased rows from being given again.
func (e *eraser) mark(table string) error {
	last, err := e.lastID(table)
	if err != nil {
		return err
	}
	return e.setFollowed("last:"+table, last)
}

// payloads empties raw payloads inside their blocks.
func (e *eraser) payloads(all []place) error {
	byBlock := make(map[int64]map[int]bool)
	for _, p := range all {
		if p.block == 0 {
			continue
		}
		if byBlock[p.block] == nil {
			byBlock[p.block] = make(map[int]bool)
		}
		byBlock[p.block][int(p.pos)] = true
	}
	dec, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1))
	if err != nil {
		return fmt.Errorf("preparing decompression: %w", err)
	}
	defer dec.Close()
	for block, drop := range byBlock {
		var data []byte
		err := e.row("SELECT data FROM raw_block WHERE id = ?", []any{block}, &data)
		if greenroom.ErrorCode(err) == greenroom.CodeNotFound {
			continue
		}
		if err != nil {
			return err
		}
		emptied, size, err := ingest.EmptyPayloads(dec, data, drop)
		if err != nil {
			return err
		}
		if _, err := e.exec("UPDATE raw_block SET data = ?, size = ? WHERE id = ?", emptied, size, block); err != nil {
			return err
		}
	}
	return nil
}

// ForgetPayloads removes raw payloads that were stored before a time, and returns how many blocks that were.
func (s *Store) ForgetPayloads(ctx context.Context, before int64) (blocks int64, err error) {
	err = s.write(ctx, func(w *writer) error {
		if err := (&eraser{writer: w}).mark("raw_block"); err != nil {
			return err
		}
		blocks, err = w.exec("DELETE FROM raw_block WHERE stored_at < ?", before)
		return err
	})
	return blocks, err
}
