// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"greenroom"
	"greenroom/internal/proof"
	"greenroom/internal/query"
	"greenroom/internal/workflow"
)

// proofMember is who a member is now, of the row m.
const proofMember = "CASE WHEN m.merged_into > 0 THEN m.merged_into ELSE m.id END"

// StudyExposed gives the first exposure of each member up to a time, the earliest first.
func (s *Store) StudyExposed(ctx context.Context, e proof.Exposure, activities query.Node, until time.Time) ([]proof.Exposed, error) {
	var all []proof.Exposed
	var err error
	switch e.Kind {
	case proof.ByWorkflow:
		all, err = s.proofEntered(ctx, e.Ref, until)
	case proof.ByProgram:
		all, err = s.proofSimply(ctx, "SELECT "+proofMember+", x.since FROM program_enrollment x JOIN member m ON m.id = x.member_id WHERE x.program_id = ? AND x.since < ?", e.Ref, micros(until))
	case proof.ByEvent:
		all, err = s.proofSimply(ctx, "SELECT "+proofMember+", v.starts_at FROM event_registration x JOIN event v ON v.id = x.event_id JOIN member m ON m.id = x.member_id WHERE x.event_id = ? AND x.state = 'attended' AND v.starts_at < ?", e.Ref, micros(until))
	case proof.BySurvey:
		all, err = s.proofSimply(ctx, "SELECT "+proofMember+", x.at FROM survey_invitation x JOIN member m ON m.id = x.member_id WHERE x.survey_id = ? AND x.at > 0 AND x.at < ?", e.Ref, micros(until))
	case proof.ByActivity:
		all, err = s.proofDid(ctx, activities, until)
	default:
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "nobody is listed for the exposure %q", e.Kind)
	}
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(all, func(a, b proof.Exposed) int {
		if c := a.At.Compare(b.At); c != 0 {
			return c
		}
		return int(a.Member - b.Member)
	})
	seen := make(map[int64]bool, len(all))
	return slices.DeleteFunc(all, func(x proof.Exposed) bool {
		was := seen[x.Member]
		seen[x.Member] = true
		return was
	}), nil
}

func (s *Store) proofSimply(ctx context.Context, q string, args ...any) ([]proof.Exposed, error) {
	rows, err := s.query(ctx, q, args...)
	if err != nil {
		return nil, err
	}
	var all []proof.Exposed
	err = scan(rows, func() error {
		x := proof.Exposed{Taken: true}
		var at int64
		err := rows.Scan(&x.Member, &at)
		x.At = fromMicros(at)
		all = append(all, x)
		return err
	})
	return all, err
}

// proofEntered lists who entered a workflow, or would have.
func (s *Store) proofEntered(ctx context.Context, id int64, until time.Time) ([]proof.Exposed, error) {
	rows, err := s.query(ctx, "SELECT version, definition FROM workflow_version WHERE workflow_id = ?", id)
	if err != nil {
		return nil, err
	}
	percent := make(map[int64]int)
	if err := scan(rows, func() error {
		var version int64
		var text string
		if err := rows.Scan(&version, &text); err != nil {
			return err
		}
		var d workflow.Definition
		if err := json.Unmarshal([]byte(text), &d); err != nil {
			return fmt.Errorf("decoding version %d of workflow %d: %w", version, id, err)
		}
		percent[version] = d.HoldOut.Percent
		return nil
	}); err != nil {
		return nil, err
	}
	if rows, err = s.query(ctx, "SELECT "+proofMember+", x.entered_at, x.version, x.state FROM workflow_run x JOIN member m ON m.id = x.member_id WHERE x.workflow_id = ? AND x.entered_at < ?", id, micros(until)); err != nil {
		return nil, err
	}
	var all []proof.Exposed
	err = scan(rows, func() error {
		var x proof.Exposed
		var at, version int64
		var state string
		err := rows.Scan(&x.Member, &at, &version, &state)
		x.At, x.Percent, x.Held, x.Taken = fromMicros(at), percent[version], state == string(workflow.Held), state == string(workflow.Done)
		all = append(all, x)
		return err
	})
	return all, err
}

// proofTimes goes over who did when what a query over activities finds.
func (s *Store) proofTimes(ctx context.Context, activities query.Node, each func(member, at int64)) error {
	var ids []int64
	for id, err := range s.ActivityIDs(ctx, activities) {
		if err != nil {
			return err
		}
		ids = append(ids, id)
	}
	return inLists(ctx, s, "SELECT i.member_id, a.occurred_at FROM activity a JOIN identity i ON i.id = a.identity_id WHERE a.deleted = 0 AND a.id IN (%IN%)", ids, func(row rowScanner) error {
		var id, at int64
		if err := row.Scan(&id, &at); err != nil {
			return err
		}
		each(id, at)
		return nil
	})
}

// StudyDid gives by member the times at which they did in [from, until) what a query over activities finds, ascending.
func (s *Store) StudyDid(ctx context.Context, activities query.Node, from, until time.Time) (map[int64][]time.Time, error) {
	all := make(map[int64][]time.Time)
	err := s.proofTimes(ctx, activities, func(member, at int64) {
		if at >= micros(from) && at < micros(until) {
			all[member] = append(all[member], fromMicros(at))
		}
	})
	for _, times := range all {
		slices.SortFunc(times, time.Time.Compare)
	}
	return all, err
}

// proofDid lists who did what a query over activities finds.
func (s *Store) proofDid(ctx context.Context, activities query.Node, until time.Time) ([]proof.Exposed, error) {
	first := make(map[int64]int64)
	if err := s.proofTimes(ctx, activities, func(id, at int64) {
		if have, there := first[id]; at < micros(until) && (!there || at < have) {
			first[id] = at
		}
	}); err != nil {
		return nil, err
	}
	all := make([]proof.Exposed, 0, len(first))
	for id, at := range first {
		all = append(all, proof.Exposed{Member: id, At: fromMicros(at), Taken: true})
	}
	return all, nil
}

// StudyAsked gives the first question of each member in a time.
func (s *Store) StudyAsked(ctx context.Context, from, until time.Time) ([]proof.Asked, error) {
	rows, err := s.query(ctx, `SELECT i.member_id, c.opened_at, c.first_response, c.first_staff FROM conversation c JOIN identity i ON i.id = c.author_id
		WHERE c.question = 1 AND c.ignored = 0 AND c.opened_at >= ? AND c.opened_at < ? ORDER BY c.opened_at, c.id`, micros(from), micros(until))
	if err != nil {
		return nil, err
	}
	seen := make(map[int64]bool)
	var all []proof.Asked
	err = scan(rows, func() error {
		var id, at, answered, team int64
		if err := rows.Scan(&id, &at, &answered, &team); err != nil || seen[id] {
			return err
		}
		seen[id] = true
		all = append(all, proof.Asked{Member: id, At: fromMicros(at), Answered: fromMicros(answered), Team: fromMicros(team)})
		return nil
	})
	return all, err
}

// proofKinds lists the kinds of acts, or of posts and answers, as SQL has them.
func proofKinds(says bool) string {
	var all []string
	for _, k := range greenroom.Kinds() {
		if i := k.Info(); i.Active && (!says || i.Opens || i.Answers) {
			all = append(all, strconv.Itoa(int(k)))
		}
	}
	return strings.Join(all, ", ")
}

// microsADay is a day in the store's time.
const microsADay = int64(24 * time.Hour / time.Microsecond)

// proofMoments writes moments as a table u(n, member_id, at, since, till).
func proofMoments(part []proof.Moment) string {
	var b strings.Builder
	b.WriteString("WITH u(n, member_id, at, since, till) AS (VALUES ")
	for i, m := range part {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "(%d, %d, %d, %d, %d)", i, m.Member, micros(m.At), micros(m.Since), micros(m.Until))
	}
	b.WriteString(") ")
	return b.String()
}

// proofChunk is how many moments are asked for at once.
const proofChunk = 400

// StudyPast says what members did in the year before a moment, and what followed. Nothing of the past lies at or after the moment.
func (s *Store) StudyPast(ctx context.Context, moments []proof.Moment) ([]proof.Past, error) {
	all := make([]proof.Past, len(moments))
	acts, says := proofKinds(false), proofKinds(true)
	d := strconv.FormatInt(microsADay, 10)
	before := func(from, to string) string {
		return "a.occurred_at >= u.at - " + from + " * " + d + " AND a.occurred_at < u.at - " + to + " * " + d
	}
	sum := func(cond string) string { return "sum(CASE WHEN " + cond + " THEN 1 ELSE 0 END)" }
	said := " AND a.kind IN (" + says + ")"
	follows := "a.occurred_at >= u.since AND a.occurred_at < u.till"
	q := "SELECT u.n, " + strings.Join([]string{
		sum(before("30", "0")), sum(before("90", "30")), sum(before("365", "90")),
		"count(DISTINCT CASE WHEN " + before("90", "0") + " THEN a.occurred_at / " + d + " END)",
		sum(before("90", "0") + said), sum(before("90", "0") + " AND a.question = 1"),
		"count(DISTINCT CASE WHEN " + before("90", "0") + " THEN a.source_id END)",
		"coalesce(max(CASE WHEN a.occurred_at < u.at THEN a.occurred_at END), 0)",
		sum(follows), sum(follows + said),
	}, ", ") + " FROM u JOIN identity i ON i.member_id = u.member_id JOIN activity a ON a.identity_id = i.id AND a.occurred_at >= u.at - 365 * " + d + " AND a.occurred_at < u.till WHERE a.deleted = 0 AND a.kind IN (" + acts + ") GROUP BY u.n"
	for start := 0; start < len(moments); start += proofChunk {
		part := moments[start:min(len(moments), start+proofChunk)]
		rows, err := s.query(ctx, proofMoments(part)+q)
		if err != nil {
			return nil, err
		}
		if err := scan(rows, func() error {
			var n, last int64
			var p proof.Past
			err := rows.Scan(&n, &p.Recent, &p.Quarter, &p.Older, &p.Days, &p.Said, &p.Asked, &p.Sources, &last, &p.Acts, &p.Says)
			p.Last = fromMicros(last)
			all[start+int(n)] = p
			return err
		}); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// StudyDays gives of each moment the times of acts, or of posts and answers, in [Since, Until): the first of each day, ascending.
func (s *Store) StudyDays(ctx context.Context, moments []proof.Moment, says bool) ([][]time.Time, error) {
	all := make([][]time.Time, len(moments))
	d := strconv.FormatInt(microsADay, 10)
	q := "SELECT u.n, min(a.occurred_at) FROM u JOIN identity i ON i.member_id = u.member_id JOIN activity a ON a.identity_id = i.id AND a.occurred_at >= u.since AND a.occurred_at < u.till WHERE a.deleted = 0 AND a.kind IN (" +
		proofKinds(says) + ") GROUP BY u.n, a.occurred_at / " + d + " ORDER BY 1, 2"
	for start := 0; start < len(moments); start += proofChunk {
		rows, err := s.query(ctx, proofMoments(moments[start:min(len(moments), start+proofChunk)])+q)
		if err != nil {
			return nil, err
		}
		if err := scan(rows, func() error {
			var n, at int64
			err := rows.Scan(&n, &at)
			all[start+int(n)] = append(all[start+int(n)], fromMicros(at))
			return err
		}); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// StudyPeriods counts acts of members in n periods of a length.
func (s *Store) StudyPeriods(ctx context.Context, members []int64, from time.Time, length time.Duration, n int) (map[int64][]float64, error) {
	all := make(map[int64][]float64, len(members))
	begin, long := micros(from), length.Microseconds()
	period := fmt.Sprintf("(a.occurred_at - %d) / %d", begin, long)
	for part := range slices.Chunk(members, inChunk) {
		rows, err := s.query(ctx, "SELECT i.member_id, "+period+", count(*) FROM identity i JOIN activity a ON a.identity_id = i.id AND a.occurred_at >= ? AND a.occurred_at < ? WHERE a.deleted = 0 AND a.kind IN ("+
			proofKinds(false)+") AND "+among("i.member_id", part)+" GROUP BY i.member_id, "+period, begin, begin+int64(n)*long)
		if err != nil {
			return nil, err
		}
		if err := scan(rows, func() error {
			var id, at, count int64
			if err := rows.Scan(&id, &at, &count); err != nil {
				return err
			}
			if all[id] == nil {
				all[id] = make([]float64, n)
			}
			all[id][at] = float64(count)
			return nil
		}); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// StudyPeople tells of members what studies need.
func (s *Store) StudyPeople(ctx context.Context, members []int64) (map[int64]proof.Person, error) {
	all := make(map[int64]proof.Person, len(members))
	err := inLists(ctx, s, "SELECT id, name, organization_id, first_active, staff + bot + hidden + contact FROM member WHERE id IN (%IN%)", members, func(row rowScanner) error {
		var id, first, out int64
		var p proof.Person
		err := row.Scan(&id, &p.Name, &p.Organization, &first, &out)
		p.First, p.Out = fromMicros(first), out > 0
		all[id] = p
		return err
	})
	return all, err
}

// StudyAccounts tells of organizations what studies need.
func (s *Store) StudyAccounts(ctx context.Context, ids []int64) (map[int64]proof.Account, error) {
	all := make(map[int64]proof.Account, len(ids))
	err := inLists(ctx, s, "SELECT id, name, size FROM organization WHERE id IN (%IN%)", ids, func(row rowScanner) error {
		var id int64
		var x proof.Account
		err := row.Scan(&id, &x.Name, &x.Size)
		all[id] = x
		return err
	})
	return all, err
}

// StudyLatest is when the latest activity up to a time was; zero where there is none.
func (s *Store) StudyLatest(ctx context.Context, now time.Time) (time.Time, error) {
	var at int64
	err := s.queryRow(ctx, "SELECT coalesce(max(occurred_at), 0) FROM activity WHERE occurred_at <= ?", []any{micros(now)}, &at)
	return fromMicros(at), err
}

// proofSubjects are the tables of what studies can be about.
var proofSubjects = []struct {
	kind  proof.ExposureKind
	query string
}{
	{proof.ByWorkflow, "SELECT id, name, (SELECT count(*) FROM workflow_run r WHERE r.workflow_id = x.id AND r.state = 'held') FROM workflow x WHERE 1 = 1"},
	{proof.ByProgram, "SELECT id, name, 0 FROM program x WHERE 1 = 1"},
	{proof.ByEvent, "SELECT id, title, 0 FROM event x WHERE 1 = 1"},
	{proof.BySurvey, "SELECT id, name, 0 FROM survey x WHERE 1 = 1"},
}

// StudySubjects lists workflows, programs, events and surveys.
func (s *Store) StudySubjects(ctx context.Context) ([]proof.Subject, error) {
	all := []proof.Subject{}
	for _, t := range proofSubjects {
		rows, err := s.query(ctx, t.query+" ORDER BY id DESC")
		if err != nil {
			return nil, err
		}
		if err := scan(rows, func() error {
			x := proof.Subject{Kind: t.kind}
			err := rows.Scan(&x.Ref, &x.Name, &x.Held)
			all = append(all, x)
			return err
		}); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// StudySubject is what a workflow, program, event or survey is called.
func (s *Store) StudySubject(ctx context.Context, kind proof.ExposureKind, ref int64) (string, error) {
	for _, t := range proofSubjects {
		if t.kind != kind {
			continue
		}
		rows, err := s.query(ctx, t.query+" AND x.id = ?", ref)
		if err != nil {
			return "", err
		}
		name, found := "", false
		if err := scan(rows, func() error {
			var id, held int64
			found = true
			return rows.Scan(&id, &name, &held)
		}); err != nil {
			return "", err
		}
		if found {
			return name, nil
		}
	}
	return "", greenroom.Errorf(greenroom.CodeNotFound, "there is no %s %d", kind, ref)
}
