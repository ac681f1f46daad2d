// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package github

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"greenroom/connector/internal/githubevent"
)

// section is one list of a repository.
type section struct {
	name      string
	off       bool   // not wanted
	path      string // of the first page
	accept    string // the media type, where it is not the usual one
	backwards bool   // what is new stands at the end: read from the last page towards the first
	unordered bool   // what is new may stand anywhere: read to the end, old entries are passed over
	tagged    bool   // nothing new stands in it while its first page is the same
	costly    bool   // an entry costs requests of its own
	uncounted bool   // the entries only lead to others, or were counted in another list
	// item passes on one entry, and reports whether it is older than what is wanted; the list is then read no further.
	item func(ctx context.Context, data []byte) (old bool, err error)
}

const sectionDiscussions = "discussions"

// sections lists what is read of a repository, in order. Later reads ask for the newest first and stop where they meet
// what is known, rather than for what was updated since: so the address stays the same, and so does the answer's ETag
// where nothing has changed.
func (r *run) sections() []section {
	base := "/repos/" + r.repo.FullName
	updated := "&sort=updated&direction=desc&per_page=100"
	back := !slices.Contains(r.c.Known, r.repo.ID) && !r.since.IsZero() // a first read that does not go back to the beginning
	if back {
		updated += "&since=" + url.QueryEscape(r.since.UTC().Format(time.RFC3339))
	}
	return []section{
		{name: "issues", path: base + "/issues?state=all" + updated, tagged: !back, item: r.issue},
		{name: "comments", path: base + "/issues/comments?" + updated[1:], tagged: !back, item: r.issueComment},
		{name: "review comments", path: base + "/pulls/comments?" + updated[1:], tagged: !back, item: r.reviewComment},
		{
			name: "reviews", off: !r.set.On(optionReviews), path: base + "/pulls?state=all&sort=updated&direction=desc&per_page=100",
			uncounted: true, costly: true, tagged: true, item: r.reviewsOf,
		},
		{name: "releases", path: base + "/releases?per_page=100", unordered: true, tagged: true, item: r.release},
		{
			name: "stars", off: !r.set.On(optionStars), path: base + "/stargazers?per_page=100", accept: acceptStar,
			backwards: !r.since.IsZero(), item: r.star,
		},
		{name: "forks", off: !r.set.On(optionForks), path: base + "/forks?sort=newest&per_page=100", tagged: true, item: r.fork},
		{name: sectionDiscussions, off: !r.set.On(optionDiscussions) || !r.signedIn()},
	}
}

// isOld reports whether the first of the times that is one lies before what is wanted.
func (r *run) isOld(times ...string) bool {
	for _, text := range times {
		if at := githubevent.Time(text); !at.IsZero() {
			return at.Before(r.since)
		}
	}
	return false
}

func (r *run) issue(ctx context.Context, data []byte) (bool, error) {
	var it githubevent.Item
	if !decoded(data, &it) || it.Number == 0 {
		r.reject("issues", data, "not an issue")
		return false, nil
	}
	if r.isOld(it.UpdatedAt) {
		return true, nil
	}
	return false, r.emit(ctx, "issues", data, githubevent.Opened(r.key, &it), githubevent.Ended(r.key, &it))
}

func (r *run) issueComment(ctx context.Context, data []byte) (bool, error) {
	return r.comment(ctx, data, githubevent.IssueComment)
}

func (r *run) reviewComment(ctx context.Context, data []byte) (bool, error) {
	return r.comment(ctx, data, githubevent.ReviewComment)
}

func (r *run) comment(ctx context.Context, data []byte, facts func(string, *githubevent.Comment) githubevent.Facts) (bool, error) {
	var c githubevent.Comment
	if !decoded(data, &c) || c.ID == 0 {
		r.reject("comments", data, "not a comment")
		return false, nil
	}
	if r.isOld(c.UpdatedAt) {
		return true, nil
	}
	return false, r.emit(ctx, "comments", data, facts(r.key, &c))
}

// reviewsOf reads the reviews of one pull request of the list.
func (r *run) reviewsOf(ctx context.Context, data []byte) (bool, error) {
	var pull struct {
		Number    int64  `json:"number"`
		UpdatedAt string `json:"updated_at"`
	}
	if !decoded(data, &pull) || pull.Number == 0 {
		r.reject("reviews", data, "not a pull request")
		return false, nil
	}
	if r.isOld(pull.UpdatedAt) {
		return true, nil
	}
	address := "/repos/" + r.repo.FullName + "/pulls/" + strconv.FormatInt(pull.Number, 10) + "/reviews?per_page=100"
	for address != "" {
		ans, err := r.get(ctx, address)
		if gone(err) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		var reviews []jsontext.Value
		if err := githubevent.Decode(ans.Body, &reviews); err != nil {
			return false, unexpected("the reviews of pull request "+strconv.FormatInt(pull.Number, 10), err)
		}
		for _, review := range reviews {
			if err := r.review(ctx, pull.Number, review); err != nil {
				return false, err
			}
		}
		address = ans.Link("next")
	}
	return false, nil
}

func (r *run) review(ctx context.Context, number int64, data []byte) error {
	r.out.Read(1)
	r.done++
	var review githubevent.Review
	switch {
	case !decoded(data, &review) || review.ID == 0:
		r.reject("reviews", data, "not a review")
	case review.SubmittedAt == "":
		r.out.LeftOut("reviews that are not submitted yet", 1)
	default:
		return r.emit(ctx, "reviews", data, githubevent.PullReview(r.key, number, &review))
	}
	return nil
}

func (r *run) release(ctx context.Context, data []byte) (bool, error) {
	var rel githubevent.Release
	switch {
	case !decoded(data, &rel) || rel.ID == 0:
		r.reject("releases", data, "not a release")
	case r.isOld(rel.UpdatedAt, rel.PublishedAt, rel.CreatedAt):
		return true, nil
	case rel.Draft:
		r.out.LeftOut("drafts of releases", 1)
	default:
		return false, r.emit(ctx, "releases", data, githubevent.Publication(r.key, &rel))
	}
	return false, nil
}

func (r *run) star(ctx context.Context, data []byte) (bool, error) {
	var s struct {
		At   string            `json:"starred_at"`
		User *githubevent.User `json:"user"`
	}
	if !decoded(data, &s) || s.At == "" {
		r.reject("stars", data, "a star without its time")
		return false, nil
	}
	if r.isOld(s.At) {
		return true, nil
	}
	if s.User.Key() == "" {
		r.out.LeftOut("stars of closed accounts", 1)
		return false, nil
	}
	return false, r.emit(ctx, "stars", data, starOf(r.key, r.page, s.User, s.At))
}

func (r *run) fork(ctx context.Context, data []byte) (bool, error) {
	var f githubevent.Repo
	if !decoded(data, &f) || f.ID == 0 {
		r.reject("forks", data, "not a repository")
		return false, nil
	}
	if r.isOld(f.CreatedAt) {
		return true, nil
	}
	return false, r.emit(ctx, "forks", data, forkOf(r.key, &f))
}

func forkOf(repo string, f *githubevent.Repo) githubevent.Facts {
	facts := githubevent.Fork(f)
	facts.Activity.Channel = repo
	return facts
}

// starOf maps a star; it has no page of its own but the repository's.
func starOf(repo, page string, who *githubevent.User, at string) githubevent.Facts {
	facts := githubevent.Star(repo, who, at)
	facts.Activity.URL = page
	return facts
}
