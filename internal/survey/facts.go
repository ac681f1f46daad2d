// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package survey

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"greenroom"
	"greenroom/connector"
)

// The source that answers become activities of.
const (
	SourceKind = "surveys"
	SourceName = "surveys"
)

// AccountReason says why an account among the answers and another one are one person.
const AccountReason = "answered a survey by a link that was sent to them"

// AccountKey is the key that the account by which a member is known shares with their account among the answers.
func AccountKey(anchor int64) string { return "greenroom account " + strconv.FormatInt(anchor, 10) }

// Told lists complete answers by the number of their telling.
type Told interface {
	ResponsesAfter(ctx context.Context, seq int64, limit int) ([]Response, error)
	SurveyList(ctx context.Context) ([]Survey, error)
}

// Facts describes the connector over the answers. It is no platform's, and so in no gallery.
func Facts(store Told) connector.Spec {
	return connector.Spec{
		Kind: SourceKind, Title: "Surveys", Platform: "greenroom", Summary: "What members answered to your surveys.", Incremental: true,
		New: func(connector.Env, connector.Values) (connector.Source, error) { return &facts{store}, nil },
	}
}

type facts struct{ store Told }

// at most so many answers are looked at at once.
const factsAtOnce = 500

type factsCursor struct {
	Seq int64 `json:"seq"`
}

// Read tells answers as activities, in the order in which they became complete.
func (f *facts) Read(ctx context.Context, from connector.Cursor, out *connector.Sink) error {
	var at factsCursor
	if from != "" {
		if err := json.Unmarshal([]byte(from), &at); err != nil {
			return fmt.Errorf("decoding the cursor %q: %w", from, err)
		}
	}
	all, err := f.store.SurveyList(ctx)
	if err != nil {
		return fmt.Errorf("listing surveys: %w", err)
	}
	surveys := make(map[int64]*Survey, len(all))
	for i := range all {
		surveys[all[i].ID] = &all[i]
	}
	for {
		some, err := f.store.ResponsesAfter(ctx, at.Seq, factsAtOnce)
		if err != nil {
			return fmt.Errorf("reading answers: %w", err)
		}
		for i := range some {
			out.Read(1)
			tell(out, surveys[some[i].SurveyID], &some[i])
			at.Seq = some[i].Seq
			cursor, err := json.Marshal(at)
			if err != nil {
				return fmt.Errorf("encoding a cursor: %w", err)
			}
			if err := out.Checkpoint(connector.Cursor(cursor), connector.Progress{Done: at.Seq, Unit: "answers"}); err != nil {
				return err //nolint:wrapcheck // the sink's own
			}
		}
		if len(some) < factsAtOnce {
			return nil
		}
	}
}

// tell tells one answer.
func tell(out *connector.Sink, v *Survey, r *Response) {
	id := "answer/" + strconv.FormatInt(r.ID, 10)
	if r.Deleted || v == nil {
		out.Activity(connector.Activity{ExternalID: id, Kind: greenroom.KindSurveyAnswer, Deleted: true, EditedAt: r.UpdatedAt})
		return
	}
	out.Channel(connector.Channel{ExternalID: v.Key, Name: v.Name})
	a := connector.Activity{ExternalID: id, Kind: greenroom.KindSurveyAnswer, Channel: v.Key, OccurredAt: r.CompletedAt, Title: headline(v, r), Body: ownWords(v.Definition, r.Answers)}
	if r.UpdatedAt.After(r.CompletedAt) {
		a.EditedAt = r.UpdatedAt
	}
	switch {
	case r.Anchor > 0:
		a.Author = "account/" + strconv.FormatInt(r.Anchor, 10)
		out.Identity(connector.Identity{ExternalID: a.Author, Name: r.Member})
		out.Same(connector.Same{A: a.Author, BKey: "same:" + AccountKey(r.Anchor), Reason: AccountReason})
	case r.Email != "" || r.Name != "":
		sum := sha256.Sum256([]byte(strings.ToLower(r.Email + "\x00" + r.Name)))
		a.Author = "said/" + hex.EncodeToString(sum[:8])
		who := connector.Identity{ExternalID: a.Author, Name: r.Name}
		if who.Name == "" {
			who.Name, _, _ = strings.Cut(r.Email, "@")
		}
		if r.Email != "" {
			who.Emails = []greenroom.Email{{Address: r.Email}}
		}
		out.Identity(who)
	}
	out.Activity(a)
}

// headline says what was answered with numbers, such as "Community NPS: 9".
func headline(v *Survey, r *Response) string {
	var parts []string
	for _, q := range v.Definition.Questions() {
		if value, ok := r.Answers[q.ID]; ok && value.Number != nil {
			parts = append(parts, strconv.Itoa(*value.Number))
		}
	}
	if len(parts) == 0 {
		return v.Name
	}
	return v.Name + ": " + strings.Join(parts, ", ")
}

// ownWords is what somebody wrote in their own words.
func ownWords(d *Definition, a Answers) string {
	var parts []string
	for _, q := range d.Questions() {
		if v := a[q.ID]; q.Type == Text && v.Text != "" {
			parts = append(parts, v.Text)
		}
	}
	return strings.Join(parts, "\n\n")
}
