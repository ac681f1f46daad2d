// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package survey

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
	"strconv"
	"time"

	"greenroom"
	"greenroom/internal/consent"
	"greenroom/internal/outbox"
)

// OriginKind is the kind of the origin of invitations.
const OriginKind = "survey"

// invitationLife is how long an invitation that waits for its time is worth sending.
const invitationLife = 14 * 24 * time.Hour

// Outcome is what became of asking one member.
type Outcome struct {
	Invited    bool   `json:"invited"`
	Already    bool   `json:"already"`          // they were asked by the same key before
	Reason     string `json:"reason,omitempty"` // why they were not asked
	Invitation int64  `json:"invitation_id,omitempty"`
}

// Invite asks one member, on behalf of whatever wants it: a workflow's step, a person. The origin's run and step are part of
// the invitation's key, so that a workflow may ask somebody again by another run, and a step that is done twice asks once.
func (s *Service) Invite(ctx context.Context, key string, member int64, origin outbox.Origin) (Outcome, error) {
	v, err := s.Get(ctx, key)
	if err != nil {
		return Outcome{}, err
	}
	if err := v.takes(s.Now()); err != nil {
		return Outcome{}, greenroom.Errorf(greenroom.CodeConflict, "the survey %s is not open", v.Name)
	}
	m, err := s.Store.Member(ctx, member)
	if err != nil {
		return Outcome{}, err
	}
	asked, err := s.lastAsked(ctx, &v, []int64{m.ID})
	if err != nil {
		return Outcome{}, err
	}
	return s.ask(ctx, &v, m.ID, asked, origin)
}

func (s *Service) lastAsked(ctx context.Context, v *Survey, members []int64) (map[int64]time.Time, error) {
	if v.Settings.Recontact == 0 {
		return nil, nil
	}
	asked, err := s.Store.LastAsked(ctx, members, s.Now().AddDate(0, 0, -v.Settings.Recontact))
	if err != nil {
		return nil, fmt.Errorf("reading who was asked of late: %w", err)
	}
	return asked, nil
}

// ask asks a member, whose id is the one of now.
func (s *Service) ask(ctx context.Context, v *Survey, member int64, asked map[int64]time.Time, origin outbox.Origin) (Outcome, error) {
	now := s.Now()
	key := "member " + strconv.FormatInt(member, 10)
	if origin.Run > 0 {
		key += " " + origin.Kind + " " + strconv.FormatInt(origin.ID, 10) + " run " + strconv.FormatInt(origin.Run, 10) + " " + origin.Step
	}
	to, source, reason, err := s.reach(ctx, v, member)
	if err != nil || reason != "" {
		return Outcome{Reason: reason}, err
	}
	m := outbox.Message{
		Channel: v.Settings.Channel, Purpose: consent.Survey, MemberID: member, To: to, Source: source, Origin: outbox.Origin{Kind: OriginKind, ID: v.ID}, Sender: v.Settings.Sender, ReplyTo: v.Settings.ReplyTo,
		State: outbox.Queued, CreatedAt: now, NotAfter: now.Add(invitationLife),
	}
	if !v.Settings.CloseAt.IsZero() && v.Settings.CloseAt.Before(m.NotAfter) {
		m.NotAfter = v.Settings.CloseAt
	}
	if v.Settings.Approve {
		m.State = outbox.Draft
	}
	verdict, err := s.Sender.May(ctx, &m)
	if err != nil {
		return Outcome{}, err
	}
	if !verdict.May && verdict.At.IsZero() {
		return Outcome{Reason: verdict.Reason}, nil
	}
	leave, err := s.Links.Unsubscribe(ctx, member, consent.Survey)
	if err != nil {
		return Outcome{}, err
	}
	m.Unsubscribe = leave
	name := s.Name(ctx)
	who, err := s.Store.Member(ctx, member)
	if err != nil {
		return Outcome{}, fmt.Errorf("reading member %d: %w", member, err)
	}
	// Who was asked of late is told from who was asked by this very key: asking again with that is no second question.
	late, recently := asked[member]
	i, added, err := s.Store.AddSurveyInvitation(ctx, Invitation{SurveyID: v.ID, MemberID: member, Key: key, Channel: m.Channel, Origin: origin, At: now}, func(id int64) (outbox.Message, error) {
		if recently {
			return m, &recentError{late}
		}
		link, err := s.Links.Survey(ctx, v.Key, id)
		if err != nil {
			return m, err
		}
		m.Key, m.Origin.Run = "survey invitation "+strconv.FormatInt(id, 10), id
		return m, write(&m, v, v.Definition.Spoken(who.Fields[fieldLanguage]), name, link)
	})
	var recent *recentError
	if as(err, &recent) {
		return Outcome{Reason: fmt.Sprintf("they were asked less than %d days ago", v.Settings.Recontact)}, nil
	}
	if err != nil {
		return Outcome{}, fmt.Errorf("inviting member %d to the survey %s: %w", member, v.Key, err)
	}
	if added {
		s.Sent()
	}
	return Outcome{Invited: added, Already: !added, Invitation: i.ID}, nil
}

// reach finds where a member is reached on the survey's channel; reason says why they are not.
func (s *Service) reach(ctx context.Context, v *Survey, member int64) (to, source, reason string, err error) {
	all, err := s.Store.MemberIdentities(ctx, member)
	if err != nil {
		return "", "", "", fmt.Errorf("reading the accounts of member %d: %w", member, err)
	}
	if v.Settings.Channel == outbox.Slack {
		sources, err := s.Store.Sources(ctx)
		if err != nil {
			return "", "", "", fmt.Errorf("listing sources: %w", err)
		}
		for i := range all {
			if slices.ContainsFunc(sources, func(src greenroom.Source) bool { return src.ID == all[i].SourceID && src.Kind == "slack" }) && !all[i].Deleted {
				return all[i].ExternalID, all[i].Source, "", nil
			}
		}
		return "", "", "they have no account on a connected Slack workspace", nil
	}
	known, err := s.Sender.Contact(ctx, member)
	if err != nil {
		return "", "", "", fmt.Errorf("reading where member %d is reached: %w", member, err)
	}
	for _, proven := range []bool{true, false} {
		for i := range all {
			for _, e := range all[i].Emails {
				if (e.Verified || !proven) && !known.Bounced[e.Address] {
					return e.Address, "", "", nil
				}
			}
		}
	}
	return "", "", "no mail address of theirs is known that takes mail", nil
}

// Round is what came of asking everybody whom a survey is for.
type Round struct {
	Fit     int64            `json:"fit"`               // members that the query fits
	Drawn   int64            `json:"drawn"`             // of these, in the random share
	Invited int64            `json:"invited"`           // asked now, or, before it is done, about to be
	Already int64            `json:"already"`           // asked by this survey before
	Left    map[string]int64 `json:"left_out,omitzero"` // not asked, by reason
}

// drawn reports whether a member is in the random share. It goes by survey and member, so that asking in several rounds
// draws the same ones.
func drawn(survey, member int64, share int) bool {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], uint64(survey)) //nolint:gosec // ids are above 0
	binary.BigEndian.PutUint64(b[8:], uint64(member)) //nolint:gosec // the same
	sum := sha256.Sum256(b[:])
	return binary.BigEndian.Uint64(sum[:8])%10_000 < uint64(share)*100 //nolint:gosec // 1 to 100
}

// Send asks everybody whom a survey is for: a random share of those that its query fits.
func (s *Service) Send(ctx context.Context, key, by string) (Round, error) {
	v, err := s.Get(ctx, key)
	if err != nil {
		return Round{}, err
	}
	if err := v.takes(s.Now()); err != nil {
		return Round{}, greenroom.Errorf(greenroom.CodeConflict, "the survey %s is not open; open it first", v.Name)
	}
	r, ids, asked, err := s.round(ctx, &v)
	if err != nil {
		return r, err
	}
	r.Invited, r.Already, r.Left = 0, 0, make(map[string]int64)
	for _, id := range ids {
		o, err := s.ask(ctx, &v, id, asked, outbox.Origin{Kind: OriginKind, ID: v.ID})
		if err != nil {
			return r, err
		}
		switch {
		case o.Invited:
			r.Invited++
		case o.Already:
			r.Already++
		default:
			r.Left[o.Reason]++
		}
	}
	if r.Invited == 0 && by == "greenroom" {
		return r, nil
	}
	return r, s.Audit.Audit(ctx, by, "survey.send", v.Key, fmt.Sprintf("members: %d", r.Invited))
}

// Preview says how many Send would ask. Whether each of them may be written to is judged when they are asked.
func (s *Service) Preview(ctx context.Context, key string) (Round, error) {
	v, err := s.Get(ctx, key)
	if err != nil {
		return Round{}, err
	}
	r, _, _, err := s.round(ctx, &v)
	return r, err
}

// round finds whom a survey asks.
func (s *Service) round(ctx context.Context, v *Survey) (r Round, ids []int64, asked map[int64]time.Time, err error) {
	if v.Settings.Query == "" {
		return r, nil, nil, greenroom.Errorf(greenroom.CodeInvalid, "the survey does not say whom to ask; give it a query first, or invite members one by one")
	}
	q, err := s.parse(v.Settings.Query, "whom to ask", "query")
	if err != nil {
		return r, nil, nil, err
	}
	fit, err := s.Store.SegmentFits(ctx, q.Root, s.Now())
	if err != nil {
		return r, nil, nil, fmt.Errorf("finding whom to ask: %w", err)
	}
	r.Fit = int64(len(fit))
	for _, id := range fit {
		if drawn(v.ID, id, v.Settings.Share) {
			ids = append(ids, id)
		}
	}
	r.Drawn = int64(len(ids))
	if asked, err = s.lastAsked(ctx, v, ids); err != nil {
		return r, nil, nil, err
	}
	before, err := s.Store.SurveyInvitations(ctx, v.ID)
	if err != nil {
		return r, nil, nil, fmt.Errorf("reading who was asked: %w", err)
	}
	mine := make(map[int64]bool, len(before))
	for i := range before {
		mine[before[i].MemberID] = true
	}
	r.Left = make(map[string]int64)
	for _, id := range ids {
		_, recently := asked[id]
		switch {
		case mine[id]:
			r.Already++
		case recently:
			r.Left[fmt.Sprintf("they were asked less than %d days ago", v.Settings.Recontact)]++
		default:
			r.Invited++
		}
	}
	return r, ids, asked, nil
}

// OpenLink is the address of a survey's open link. CodeUnavailable where it is not known where members reach it.
func (s *Service) OpenLink(ctx context.Context, key string) (string, error) {
	v, err := s.Get(ctx, key)
	if err != nil {
		return "", err
	}
	return s.Links.OpenSurvey(ctx, v.Key)
}
