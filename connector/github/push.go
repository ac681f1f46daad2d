// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package github

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/internal/githubevent"
	"greenroom/connector/internal/signature"
)

// Verify checks the signature: HMAC-SHA256 of the body.
func (s *Source) Verify(d *connector.Delivery) (connector.Reply, error) {
	secret := s.set.Text(optionSecret)
	given, found := strings.CutPrefix(d.Header.Get("X-Hub-Signature-256"), "sha256=")
	if secret == "" || !found || !signature.Equal(signature.Hex256(secret, d.Body), given) {
		return connector.Reply{}, signature.Wrong(title)
	}
	event := d.Header.Get("X-Github-Event")
	if event == "" {
		return connector.Reply{}, greenroom.Errorf(greenroom.CodeInvalid, "the delivery does not say which event it is about; the header X-GitHub-Event was expected")
	}
	return connector.Reply{ID: d.Header.Get("X-Github-Delivery"), Drop: event == "ping"}, nil
}

// objects are the raw parts of a delivery that become payloads, and what githubevent.Event does not have.
type objects struct {
	Issue       jsontext.Value `json:"issue"`
	PullRequest jsontext.Value `json:"pull_request"`
	Discussion  jsontext.Value `json:"discussion"`
	Comment     jsontext.Value `json:"comment"`
	Review      jsontext.Value `json:"review"`
	Release     jsontext.Value `json:"release"`
	Forkee      jsontext.Value `json:"forkee"`
	Answer      jsontext.Value `json:"answer"`
	OldAnswer   jsontext.Value `json:"old_answer"`

	StarredAt  string `json:"starred_at"`
	Repository *struct {
		ID       int64  `json:"id"`
		FullName string `json:"full_name"`
		HTMLURL  string `json:"html_url"`
		Private  bool   `json:"private"`
	} `json:"repository"`
	Organization *githubevent.User `json:"organization"`
	Membership   *struct {
		User *githubevent.User `json:"user"`
	} `json:"membership"`
	Sponsorship *struct {
		CreatedAt   string            `json:"created_at"`
		Sponsor     *githubevent.User `json:"sponsor"`
		Sponsorable *githubevent.User `json:"sponsorable"`
	} `json:"sponsorship"`
}

// push is one delivery on its way to facts.
type push struct {
	*Source
	d    *connector.Delivery
	out  *connector.Sink
	body []byte
	name string // of the event
	e    githubevent.Event
	o    objects
	repo string // the repository's key
	page string // its address
}

// Receive turns a delivery into facts.
func (s *Source) Receive(_ context.Context, d *connector.Delivery, out *connector.Sink) error {
	out.Read(1)
	p := &push{Source: s, d: d, out: out, name: d.Header.Get("X-Github-Event"), body: payload(d)}
	wanted, err := githubevent.ReadWebhook(p.name, deliveryID(d), d.ReceivedAt, p.body, &p.e)
	if err == nil && (wanted || p.name == "repository") {
		err = githubevent.Decode(p.body, &p.o)
	}
	switch {
	case err != nil:
		p.reject(p.body, "it is not a delivery of GitHub's")
	case p.name == "repository" && p.chosen(): // it may have another name now
		p.channel()
		p.leave("event repository")
	case !wanted:
		p.leave("event " + p.name)
	case !p.chosen():
		p.leave("events of repositories and owners that are not chosen")
	case p.off():
		p.leave("event " + p.name + ", whose option is off")
	default:
		p.channel()
		p.event()
	}
	return nil
}

// payload is the JSON of a delivery, which a webhook with the other content type sends as a field of a form.
func payload(d *connector.Delivery) []byte {
	if strings.HasPrefix(d.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		if form, err := url.ParseQuery(string(d.Body)); err == nil {
			return []byte(form.Get("payload"))
		}
	}
	return d.Body
}

// deliveryID is GitHub's id of the delivery, which a repeated one has again, or else a digest of what it says.
func deliveryID(d *connector.Delivery) string {
	if id := d.Header.Get("X-Github-Delivery"); id != "" {
		return id
	}
	sum := sha256.Sum256(d.Body)
	return hex.EncodeToString(sum[:16])
}

func (p *push) leave(reason string) { p.out.LeftOut(reason, 1) }

func (p *push) reject(data []byte, reason string) {
	p.out.Reject(greenroom.Reject{
		File: "webhook " + strings.TrimSpace(p.name+" "+p.e.Payload.Action), Reason: reason, Expected: "an object as GitHub's documentation of webhooks describes it",
		Excerpt: strings.ToValidUTF8(string(data[:min(len(data), 200)]), "\uFFFD"),
	})
}

// chosen reports whether the delivery is about a repository or an owner that is wanted: an organization's webhook tells of
// all of its repositories.
func (p *push) chosen() bool {
	if r := p.o.Repository; r != nil {
		return r.ID != 0 && p.wanted(r.FullName, r.Private)
	}
	owner := p.o.Organization
	if p.o.Sponsorship != nil {
		owner = p.o.Sponsorship.Sponsorable
	}
	if owner == nil {
		return false
	}
	chosen := len(p.targets) == 0 || strings.EqualFold(owner.Login, p.set.Text(optionStaff))
	for _, t := range p.targets {
		chosen = chosen || strings.EqualFold(t.owner, owner.Login)
	}
	return chosen
}

// off reports whether an option leaves the event out.
func (p *push) off() bool {
	switch p.name {
	case "star":
		return !p.set.On(optionStars)
	case "fork":
		return !p.set.On(optionForks)
	case "discussion", "discussion_comment":
		return !p.set.On(optionDiscussions)
	case "sponsorship":
		return !p.set.On(optionSponsors)
	}
	return false
}

func (p *push) channel() {
	r := p.o.Repository
	if r == nil {
		return
	}
	channel := channelOf(&githubevent.Repo{ID: r.ID, FullName: r.FullName, HTMLURL: r.HTMLURL})
	p.repo, p.page = channel.ExternalID, channel.URL
	p.out.Channel(channel)
}

// event passes on what a delivery is about: the object as it is now, in the form in which a read finds it, and what
// happened to it where no read tells that.
func (p *push) event() {
	c := p.e.Payload.Comment
	switch p.name {
	case "issues":
		p.item(p.e.Payload.Issue, p.o.Issue)
	case "pull_request":
		p.item(pull(p.e.Payload.PullRequest), p.o.PullRequest)
	case "discussion":
		p.discussion(p.e.Payload.Discussion)
	case "issue_comment":
		p.comment("comment:", githubevent.IssueComment, p.e.Payload.Issue)
	case "pull_request_review_comment":
		p.comment("review_comment:", githubevent.ReviewComment, pull(p.e.Payload.PullRequest))
	case "commit_comment":
		p.comment("commit_comment:", githubevent.CommitComment, nil)
	case "discussion_comment":
		d := p.e.Payload.Discussion
		if c == nil || d == nil || d.Number == 0 {
			p.reject(p.body, "it has no comment of a discussion")
			return
		}
		answer := githubevent.AnswerIn(d.AnswerURL) == c.ID
		p.comment("discussion_comment:", func(repo string, c *githubevent.Comment) githubevent.Facts {
			return githubevent.DiscussionComment(repo, d.Number, c, answer, answeredAt(answer, githubevent.Time(d.AnswerChosenAt)))
		}, nil)
		p.talk(githubevent.Discussion(p.repo, d).Conversation)
	case "pull_request_review":
		p.review(p.e.Payload.Review, pull(p.e.Payload.PullRequest))
	case "release":
		p.release(p.e.Payload.Release)
	case "star":
		p.star()
	case "fork":
		if f := p.e.Payload.Forkee; f != nil && f.ID != 0 {
			p.tell(p.o.Forkee, forkOf(p.repo, f))
			return
		}
		p.reject(p.body, "it has no fork")
	case "sponsorship":
		p.sponsorship()
	default:
		p.happened()
	}
}

// pull marks an item as a pull request, as a list of issues does.
func pull(it *githubevent.Item) *githubevent.Item {
	if it != nil && it.PullRequest == nil {
		it.PullRequest = &githubevent.PullRef{HTMLURL: it.HTMLURL, MergedAt: it.MergedAt}
	}
	return it
}

// tell passes on facts that were made from an object.
func (p *push) tell(data []byte, facts githubevent.Facts) {
	if a := &facts.Activity; a.ExternalID == "" || a.OccurredAt.IsZero() {
		p.reject(data, "it has no id or no time")
		return
	}
	facts.Emit(p.out, p.out.Raw(data))
}

func (p *push) talk(c connector.Conversation) {
	if c.UpdatedAt.IsZero() {
		return
	}
	p.out.Conversation(c)
}

// happened passes on that something happened, as an activity that stands for itself.
func (p *push) happened() {
	for _, member := range []*githubevent.User{p.e.Payload.Member, p.joined()} {
		if member.Key() != "" {
			who := githubevent.Identity(member)
			who.Staff = p.e.Payload.Action == "member_added" && p.o.Organization != nil && strings.EqualFold(p.o.Organization.Login, p.set.Text(optionStaff))
			p.out.Identity(who)
		}
	}
	var f githubevent.Facts
	githubevent.Map(&p.e, &f)
	if f.LeftOut != "" {
		p.leave(f.LeftOut)
		return
	}
	f.Channel, f.Conversation = connector.Channel{}, connector.Conversation{} // both are told with a version
	p.tell(p.body, f)
}

func (p *push) joined() *githubevent.User {
	if p.o.Membership == nil {
		return nil
	}
	return p.o.Membership.User
}

func (p *push) deleted(id string) {
	p.out.Activity(connector.Activity{ExternalID: id, Deleted: true, EditedAt: p.d.ReceivedAt})
}

// takenAway passes on that an issue, a pull request or a discussion is gone, and all that was said in it.
func (p *push) takenAway(id string) {
	p.deleted(id)
	p.out.Conversation(connector.Conversation{Thread: id, Deleted: true, UpdatedAt: p.d.ReceivedAt})
}

// item passes on an issue or a pull request.
func (p *push) item(it *githubevent.Item, data []byte) {
	if it == nil || it.Number == 0 {
		p.reject(p.body, "it has no issue or pull request")
		return
	}
	switch p.e.Payload.Action {
	case "deleted", "transferred": // what it becomes elsewhere is a new one there
		p.takenAway(githubevent.ItemID(p.repo, it.Number))
		return
	}
	p.tell(data, githubevent.Opened(p.repo, it))
	switch p.e.Payload.Action {
	case "opened", "edited":
	case "closed":
		if it.ClosedBy == nil {
			it.ClosedBy = &p.e.Actor
		}
		if ended := githubevent.Ended(p.repo, it); ended.Activity.ExternalID != "" {
			p.tell(data, ended)
		}
	default:
		p.happened()
	}
}

func (p *push) discussion(it *githubevent.Item) {
	if it == nil || it.Number == 0 {
		p.reject(p.body, "it has no discussion")
		return
	}
	action := p.e.Payload.Action
	if action == "deleted" || action == "transferred" {
		p.takenAway(githubevent.DiscussionID(p.repo, it.Number))
		return
	}
	p.tell(p.o.Discussion, githubevent.Discussion(p.repo, it))
	switch action {
	case "created", "edited":
	case "answered":
		p.answer(it, p.o.Answer, true, githubevent.Time(it.AnswerChosenAt))
	case "unanswered":
		p.answer(it, p.o.OldAnswer, false, githubevent.Time(it.UpdatedAt))
	default:
		p.happened()
	}
}

// answer passes on a comment that is the answer now, or is no more.
func (p *push) answer(it *githubevent.Item, data []byte, is bool, at time.Time) {
	var c githubevent.Comment
	if !decoded(data, &c) || c.ID == 0 {
		p.reject(p.body, "it has no answer")
		return
	}
	p.tell(data, githubevent.DiscussionComment(p.repo, it.Number, &c, is, at))
}

// comment passes on a remark, with what the delivery says of the item that it is on.
func (p *push) comment(prefix string, facts func(string, *githubevent.Comment) githubevent.Facts, on *githubevent.Item) {
	c := p.e.Payload.Comment
	if c == nil || c.ID == 0 {
		p.reject(p.body, "it has no comment")
		return
	}
	if p.e.Payload.Action == "deleted" {
		p.deleted(prefix + id(c.ID))
	} else {
		p.tell(p.o.Comment, facts(p.repo, c))
	}
	if on != nil && on.Number != 0 {
		p.talk(githubevent.Talk(p.repo, on))
	}
}

// review passes on a review. It has no time of its last change: that of the pull request stands for it.
func (p *push) review(r *githubevent.Review, on *githubevent.Item) {
	switch {
	case r == nil || r.ID == 0 || on == nil || on.Number == 0:
		p.reject(p.body, "it has no review of a pull request")
		return
	case r.SubmittedAt == "":
		p.leave("reviews that are not submitted yet")
		return
	}
	facts := githubevent.PullReview(p.repo, on.Number, r)
	if p.e.Payload.Action != "submitted" {
		facts.Activity.EditedAt = p.since(on.UpdatedAt, facts.Activity.OccurredAt)
	}
	p.tell(p.o.Review, facts)
	p.talk(githubevent.Talk(p.repo, on))
}

// since is a time that GitHub gives where it lies behind another one, else when the delivery came.
func (p *push) since(text string, behind time.Time) time.Time {
	if at := githubevent.Time(text); at.After(behind) {
		return at
	}
	return p.d.ReceivedAt
}

func (p *push) release(r *githubevent.Release) {
	if r == nil || r.ID == 0 {
		p.reject(p.body, "it has no release")
		return
	}
	switch action := p.e.Payload.Action; {
	case action == "deleted", action == "unpublished":
		p.deleted("release:" + id(r.ID))
	case r.Draft:
		p.leave("drafts of releases")
	default:
		facts := githubevent.Publication(p.repo, r)
		if action == "edited" && facts.Activity.EditedAt.IsZero() {
			facts.Activity.EditedAt = p.d.ReceivedAt
		}
		p.tell(p.o.Release, facts)
	}
}

func (p *push) star() {
	facts := starOf(p.repo, p.page, &p.e.Actor, p.o.StarredAt)
	switch {
	case facts.Activity.Author == "":
		p.leave("stars of closed accounts")
	case p.e.Payload.Action == "deleted":
		p.deleted(facts.Activity.ExternalID)
	default:
		p.tell(p.body, facts)
	}
}

func (p *push) sponsorship() {
	s := p.o.Sponsorship
	switch {
	case s == nil || s.Sponsorable == nil:
		p.reject(p.body, "it has no sponsorship")
	case p.e.Payload.Action != "created":
		p.happened()
	case s.Sponsor.Key() == "":
		p.leave("sponsors who do not show who they are")
	default:
		p.tell(p.body, githubevent.Sponsorship(s.Sponsor, s.Sponsorable.Login, s.CreatedAt))
	}
}

var _ interface {
	connector.Receiver
	connector.Tester
	connector.Surveyor
} = (*Source)(nil)
