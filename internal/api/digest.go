// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"net/http"
	"time"

	"greenroom/internal/action"
	"greenroom/internal/analytics"
	"greenroom/internal/auth"
	"greenroom/internal/digest"
	"greenroom/internal/reported"
)

// Digests sends what changed by mail and to Slack; digest.Service does.
type Digests interface {
	Show(ctx context.Context) (*digest.Digest, error)
	Settings(ctx context.Context) (digest.Settings, error)
	SetRhythm(ctx context.Context, r digest.Settings, slack *string) error
	Send(ctx context.Context, by string, again bool) ([]action.Action, error)
}

// Reported keeps figures as they were reported; reported.Service does.
type Reported interface {
	Points(ctx context.Context, r analytics.Request, res *analytics.Result) ([]reported.Point, error)
}

// Digest is what would be sent now.
type Digest struct {
	Week    string `json:"week" doc:"The ISO week in which it is sent."`
	Subject string `json:"subject" doc:"The subject of the mail."`
	Text    string `json:"text" doc:"The digest as plain text."`
	HTML    string `json:"html" doc:"The digest as a page for mail programs."`
}

// DigestRhythm is when a digest goes to whom. Secrets are not in it.
type DigestRhythm struct {
	On         bool     `json:"on" doc:"It is sent each week; otherwise it is paused."`
	Weekday    int      `json:"weekday" doc:"0 (Sunday) to 6."`
	Hour       int      `json:"hour" doc:"0 to 23, in the community's time zone."`
	Team       bool     `json:"team" doc:"It goes to everybody who can sign in."`
	Recipients []string `json:"recipients" doc:"And to these addresses."`
}

func (a *api) digestOps() []op {
	if a.Digests == nil {
		return nil
	}
	rhythm := content{of: DigestRhythm{}, example: DigestRhythm{On: true, Weekday: 1, Hour: 8, Recipients: []string{"ana@example.com"}}}
	read := func(c *call) (answer, error) {
		set, err := a.Digests.Settings(c.ctx())
		if set.Recipients == nil {
			set.Recipients = []string{}
		}
		return given(DigestRhythm{set.On, int(set.Weekday), set.Hour, set.Team, set.Recipients}, err)
	}
	return []op{
		{
			method: http.MethodGet, path: "/digest", id: "getDigest", tag: "Health", need: auth.Read, summary: "The weekly digest", text: "The digest as it would be sent now.",
			reply: content{of: Digest{}, example: Digest{Week: "2026-W48", Subject: "Acme: nothing beyond noise changed", Text: "What changed: week of 16 November 2026, against the week before", HTML: "<!DOCTYPE html>"}},
			do: func(c *call) (answer, error) {
				d, err := a.Digests.Show(c.ctx())
				if err != nil {
					return answer{}, err
				}
				return ok(Digest{d.Week, d.Subject, d.Text, d.HTML})
			},
		},
		{
			method: http.MethodGet, path: "/digest/rhythm", id: "getDigestRhythm", tag: "Health", need: auth.Read, summary: "When the digest goes to whom", text: "The digest's rhythm and recipients.", reply: rhythm, do: read,
		},
		{
			method: http.MethodPut, path: "/digest/rhythm", id: "setDigestRhythm", tag: "Health", need: auth.Administer, summary: "Set when the digest goes to whom", text: "Sets rhythm and recipients, or pauses it. Mail server and webhook are set on the pages.",
			body: &content{of: DigestRhythm{}, text: "When, and to whom.", example: rhythm.example}, reply: rhythm,
			do: func(c *call) (answer, error) {
				r, err := decode[DigestRhythm](c)
				if err != nil {
					return answer{}, err
				}
				if err := a.Digests.SetRhythm(c.ctx(), digest.Settings{On: r.On, Weekday: time.Weekday(r.Weekday), Hour: r.Hour, Team: r.Team, Recipients: r.Recipients}, nil); err != nil {
					return answer{}, err
				}
				return read(c)
			},
		},
		{
			method: http.MethodPost, path: "/digest/send", id: "sendDigest", tag: "Health", need: auth.Administer, status: http.StatusAccepted, summary: "Send the digest now", text: "Makes an action for each recipient. Who has got this week's digest already gets no other; to whom it failed it is sent anew.",
			reply: content{of: Items[action.Action]{}, example: Items[action.Action]{Items: []action.Action{exampleDigestAction()}}},
			do: func(c *call) (answer, error) {
				all, err := a.Digests.Send(c.ctx(), c.by(), true)
				if err != nil {
					return answer{}, err
				}
				return itemsOf(all)
			},
		},
	}
}

func exampleDigestAction() action.Action {
	return action.Action{
		ID: 7, Key: "digest-2026-W48-ana@example.com", Kind: digest.Kind, Title: "Send the digest of 2026-W48 to ana@example.com", Plan: []byte(`{"week":"2026-W48","to":"ana@example.com"}`),
		State: action.Approved, CreatedBy: "ana@example.com", ApprovedBy: "ana@example.com", CreatedAt: exampleTime(20), ApprovedAt: exampleTime(20), Items: 1,
	}
}
