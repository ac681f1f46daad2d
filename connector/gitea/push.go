// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package gitea

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"greenroom/connector"
	"greenroom/connector/internal/rest"
	"greenroom/connector/internal/signature"
)

// Verify checks the signature: HMAC-SHA256 of the body, under either server's name for it.
func (s *source) Verify(d *connector.Delivery) (connector.Reply, error) {
	want, given := signature.Hex256(s.set.Text(optSecret), d.Body), either(d.Header, "X-Gitea-Signature", "X-Forgejo-Signature")
	if s.set.Text(optSecret) == "" || !signature.Equal(want, given) {
		return connector.Reply{}, signature.Wrong("the server")
	}
	return connector.Reply{ID: either(d.Header, "X-Gitea-Delivery", "X-Forgejo-Delivery")}, nil
}

// either is a header under Gitea's name, or under Forgejo's, which sends both.
func either(h http.Header, gitea, forgejo string) string { return cmp.Or(h.Get(gitea), h.Get(forgejo)) }

// delivery is a webhook's body: the event's objects, each raw.
type delivery struct {
	Action      string         `json:"action"`
	Repository  *wireRepo      `json:"repository"`
	Sender      *wireUser      `json:"sender"`
	IsPull      bool           `json:"is_pull"`
	Issue       jsontext.Value `json:"issue"`
	PullRequest jsontext.Value `json:"pull_request"`
	Comment     jsontext.Value `json:"comment"`
	Review      *struct {
		Type    string `json:"type"`
		Content string `json:"content"`
	} `json:"review"`
	Release jsontext.Value `json:"release"`
	Forkee  *wireRepo      `json:"forkee"`
}

// Receive turns a delivery into facts.
func (s *source) Receive(ctx context.Context, d *connector.Delivery, out *connector.Sink) error {
	event := either(d.Header, "X-Gitea-Event", "X-Forgejo-Event")
	out.Read(1)
	if s.staff == nil { // once in the life of this source
		if err := s.team(ctx); err != nil {
			return err
		}
	}
	var b delivery
	if err := rest.Unmarshal(d.Body, &b); err != nil {
		reject(out, "webhook "+event, 0, d.Body, err)
		return nil
	}
	r, made := b.Repository, b.Repository
	if event == "fork" && b.Forkee != nil { // Forkee is what was forked, Repository the new one
		r = b.Forkee
	}
	if r == nil || r.ID == 0 || made == nil || made.ID == 0 {
		out.LeftOut("event "+event+" without a repository", 1)
		return nil
	}
	switch chosen, err := s.chosen(ctx, r); {
	case err != nil:
		return err
	case !chosen:
		out.LeftOut("events of repositories that are not chosen", 1)
		return nil
	}
	out.Channel(channel(r))
	if r != made {
		s.fork(r, made, d.Body, out)
		return nil
	}
	err := s.happened(ctx, event, r, &b, d, out)
	if errors.Is(err, errRecord) {
		reject(out, "webhook "+event+" "+b.Action, 0, d.Body, err)
		return nil
	}
	return err
}

// chosen reports whether a repository is one of those that come in: the webhook of an owner or of a whole server tells of
// others, too. One that is entered by a name which it had before is found by asking.
func (s *source) chosen(ctx context.Context, r *wireRepo) (bool, error) {
	for _, wanted := range s.set.List(optRepos) {
		owner, _, _ := strings.Cut(r.FullName, "/")
		if strings.EqualFold(wanted, owner) || strings.EqualFold(wanted, r.FullName) {
			return true, nil
		}
	}
	if s.wanted == nil { // once in the life of this source
		repos, err := s.repositories(ctx)
		if err != nil {
			return false, err
		}
		s.wanted = map[int64]bool{}
		for i := range repos {
			s.wanted[repos[i].ID] = true
		}
	}
	return s.wanted[r.ID], nil
}

// happened passes on what a delivery is about.
func (s *source) happened(ctx context.Context, event string, r *wireRepo, b *delivery, d *connector.Delivery, out *connector.Sink) error {
	gone := b.Action == "deleted"
	switch {
	case strings.Contains(event, "comment") && len(b.Comment) > 0:
		var c wireComment
		if err := read(b.Comment, &c, func() bool { return c.ID != 0 }); err != nil {
			return err
		}
		if gone {
			deleted("comment/"+id(c.ID), d.ReceivedAt, out)
			return nil
		}
		if b.IsPull {
			if done, err := s.ofReview(ctx, r, &c, out); done || err != nil {
				return err
			}
		}
		return read(b.Comment, &c, func() bool { return !c.CreatedAt.IsZero() && s.comment(r, &c, "", b.Comment, out) })
	case event == "release" && len(b.Release) > 0:
		var v wireRelease
		err := read(b.Release, &v, func() bool { return v.ID != 0 })
		if err == nil && !gone {
			gone, err = s.releaseAgain(ctx, r, v.ID, out)
		}
		if err == nil && gone {
			deleted("release/"+id(v.ID), d.ReceivedAt, out)
		}
		return err
	case strings.HasPrefix(event, "pull_request") && len(b.PullRequest) > 0:
		return s.touched(ctx, &place{repo: r, pull: true}, b, b.PullRequest, d.ReceivedAt, out)
	case strings.HasPrefix(event, "issue") && len(b.Issue) > 0:
		return s.touched(ctx, &place{repo: r}, b, b.Issue, d.ReceivedAt, out)
	}
	out.LeftOut("event "+event, 1)
	return nil
}

// ofReview finds whether a comment on a pull request is a review's text or a remark on lines. Deliveries of answers to
// remarks, and of remarks and reviews that were edited, look like those of other comments; asked for one of these by its
// number, the server answers with nothing. Then the pull request's reviews are read again.
func (s *source) ofReview(ctx context.Context, r *wireRepo, c *wireComment, out *connector.Sink) (bool, error) {
	ans, err := s.client.Get(ctx, "/repos/"+r.FullName+"/issues/comments/"+id(c.ID), nil)
	switch {
	case rest.Gone(err): // deleted meanwhile, which another delivery says
		out.LeftOut("events of what the server does not show", 1)
		return true, nil
	case rest.Refused(err):
		return false, nil
	case err != nil || ans.Status != http.StatusNoContent:
		return false, err
	case !s.set.On(optReviews):
		out.LeftOut("reviews and remarks on lines", 1)
		return true, nil
	}
	number, ok := c.number()
	if !ok {
		return false, nil
	}
	return true, s.again(ctx, &place{repo: r, item: &wireIssue{Number: number}, pull: true}, out)
}

// touched passes on an issue or a pull request. That it was opened or edited, the delivery says; who did what else, such as
// closing it or handing in a review, is in the timeline and the reviews, which the API is asked for.
func (s *source) touched(ctx context.Context, p *place, b *delivery, raw []byte, at time.Time, out *connector.Sink) error {
	var it wireIssue
	if err := read(raw, &it, it.good); err != nil {
		return err
	}
	p.item = &it
	switch b.Action {
	case "deleted":
		deleted(p.root(), at, out)
		out.Conversation(connector.Conversation{Thread: p.thread(), Deleted: true, UpdatedAt: at})
		return nil
	case "opened", "edited", "synchronized":
		if it.State == "open" {
			s.opened(p, out.Raw(raw), out)
			p.conversation("", out)
			return nil
		}
	}
	return s.again(ctx, p, out)
}

var _ interface {
	connector.Receiver
	connector.Tester
	connector.Surveyor
} = (*source)(nil)
