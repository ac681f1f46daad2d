// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package githubevent

import (
	"errors"
	"fmt"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// errNotObject is what ReadEvent returns for JSON that is no object.
var errNotObject = errors.New("it is JSON of another sort")

// ReadEvent decodes one line of GH Archive, whichever year it is from. The error says what is wrong with the JSON; an
// event whose fields are missing is left to Map.
//
// The current form is scanned straight into Event (fast.go). The years before 2015 wrote the actor as a bare login, the repository
// as "repository" with name and owner apart, an issue or a comment as a bare number, a push as a list of lists, and no
// id. What does not decode as the current form is read as one of those, value by value: a type that is not as expected
// counts as absent. What e held before is overwritten, so that one Event serves for many lines.
func ReadEvent(line []byte, e *Event) error {
	*e = Event{}
	if scanEvent(line, e) && (e.Repo.ID != 0 || e.Repo.Name != "") {
		return nil
	}
	*e = Event{}
	if err := Decode(line, e); err == nil && (e.Repo.ID != 0 || e.Repo.Name != "") {
		return nil
	}
	var anything map[string]any
	if err := Decode(line, &anything); err != nil {
		return problem(err)
	}
	*e = timeline(anything)
	return nil
}

// problem says what is wrong with a JSON text in words that stay the same: the decoder's own vary on purpose.
func problem(err error) error {
	if syntax, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		return fmt.Errorf("it breaks off or is malformed at byte %d", syntax.ByteOffset)
	}
	return errNotObject
}

// loose is an object of which nothing is certain.
type loose map[string]any

func (l loose) str(names ...string) string {
	for _, name := range names {
		if s, ok := l[name].(string); ok && s != "" {
			return s
		}
	}
	return ""
}

func (l loose) num(names ...string) int64 {
	for _, name := range names {
		if n, ok := l[name].(float64); ok && n == float64(int64(n)) {
			return int64(n)
		}
	}
	return 0
}

func (l loose) obj(name string) loose {
	if o, ok := l[name].(map[string]any); ok {
		return o
	}
	return nil
}

func (l loose) list(name string) []any {
	if a, ok := l[name].([]any); ok {
		return a
	}
	return nil
}

func timeline(l loose) Event {
	e := Event{
		ID:        l.str("id"),
		Type:      l.str("type"),
		CreatedAt: l.str("created_at"),
		URL:       l.str("url"),
		Actor:     looseActor(l),
		Repo:      looseRepo(l),
	}
	p := l.obj("payload")
	e.Payload = Payload{
		Action:      p.str("action"),
		Number:      p.num("number"),
		Ref:         p.str("ref", "object_name"),
		Head:        p.str("head"),
		RefType:     p.str("ref_type", "object"),
		Description: p.str("description"),
		Size:        p.num("size"),
		Commits:     looseCommits(p),
		Issue:       looseItem(p, "issue"),
		PullRequest: looseItem(p, "pull_request"),
		Discussion:  looseItem(p, "discussion"),
		Comment:     looseComment(p),
		CommentID:   p.num("comment_id"),
		CommitID:    p.str("commit"),
		Member:      looseUser(p, "member"),
		Target:      looseUser(p, "target"),
		Pages:       loosePages(p),
	}
	if r := p.obj("release"); r != nil {
		e.Payload.Release = &Release{
			ID: r.num("id"), Name: r.str("name"), TagName: r.str("tag_name"), Body: r.str("body"), HTMLURL: r.str("html_url"),
			PublishedAt: r.str("published_at"), CreatedAt: r.str("created_at"),
		}
	}
	if r := p.obj("review"); r != nil {
		e.Payload.Review = &Review{
			ID: r.num("id"), Body: r.str("body"), State: r.str("state"), HTMLURL: r.str("html_url"), SubmittedAt: r.str("submitted_at"),
		}
	}
	if r := p.obj("forkee"); r != nil {
		e.Payload.Forkee = &Repo{ID: r.num("id"), Name: r.str("full_name", "name"), HTMLURL: r.str("html_url"), CreatedAt: r.str("created_at")}
	} else if id := p.num("forkee"); id != 0 {
		e.Payload.Forkee = &Repo{ID: id, HTMLURL: e.URL}
	}
	g := p.obj("gist")
	if g == nil && e.Type == "GistEvent" {
		g = p
	}
	if g != nil {
		e.Payload.Gist = &Gist{Description: g.str("desc", "description"), HTMLURL: g.str("url", "html_url")}
	}
	return e
}

// looseActor reads the actor. In many files GH Archive has replaced the part of the e-mail address before the @ by a
// hash; such an address is left alone.
func looseActor(l loose) User {
	var u User
	if one := looseUser(l, "actor"); one != nil {
		u = *one
	}
	if a := l.obj("actor_attributes"); a != nil {
		if u.Login == "" {
			u.Login = a.str("login")
		}
		u.Type, u.Name, u.Company = a.str("type"), a.str("name"), a.str("company")
		u.Location, u.Blog = a.str("location"), a.str("blog")
		if local, _, ok := strings.Cut(a.str("email"), "@"); ok && (len(local) < 32 || !isHex(strings.ToLower(local))) {
			u.Email = a.str("email")
		}
	}
	return u
}

func looseUser(l loose, name string) *User {
	if o := l.obj(name); o != nil {
		return &User{ID: o.num("id"), Login: o.str("login"), AvatarURL: o.str("avatar_url"), Type: o.str("type")}
	}
	if s := l.str(name); s != "" {
		return &User{Login: s}
	}
	return nil
}

func looseRepo(l loose) Repo {
	r := l.obj("repository")
	if r == nil {
		r = l.obj("repo")
	}
	repo := Repo{ID: r.num("id"), Name: r.str("full_name", "name")}
	if strings.Contains(repo.Name, "/") || repo.Name == "" {
		return repo
	}
	owner := r.str("owner")
	if o := r.obj("owner"); o != nil {
		owner = o.str("login", "name")
	}
	if owner != "" {
		repo.Name = owner + "/" + repo.Name
	}
	return repo
}

func looseItem(p loose, name string) *Item {
	o := p.obj(name)
	if o == nil {
		return nil
	}
	it := &Item{
		ID: o.num("id"), Number: o.num("number"), Title: o.str("title"), Body: o.str("body"),
		HTMLURL: o.str("html_url"), State: o.str("state"), User: looseUser(o, "user"),
		CreatedAt: o.str("created_at"), ClosedAt: o.str("closed_at"), MergedAt: o.str("merged_at"),
	}
	if links := o.obj("_links"); it.HTMLURL == "" && links != nil {
		it.HTMLURL = links.obj("html").str("href")
	}
	it.Merged, _ = o["merged"].(bool)
	return it
}

func looseComment(p loose) *Comment {
	o := p.obj("comment")
	if o == nil {
		return nil
	}
	return &Comment{
		ID: o.num("id"), Body: o.str("body"), HTMLURL: o.str("html_url"), User: looseUser(o, "user"),
		CreatedAt: o.str("created_at"), UpdatedAt: o.str("updated_at"), CommitID: o.str("commit_id"),
		InReplyTo: o.num("in_reply_to_id"), ParentID: o.num("parent_id"),
	}
}

// looseCommits reads the commits of a push: objects, or lists of hash, address, message and name.
func looseCommits(p loose) []Commit {
	var commits []Commit
	for _, c := range append(p.list("commits"), p.list("shas")...) {
		switch c := c.(type) {
		case map[string]any:
			commits = append(commits, Commit{SHA: loose(c).str("sha", "id"), Message: loose(c).str("message")})
		case []any:
			if len(c) < 3 {
				continue
			}
			sha, _ := c[0].(string)
			message, _ := c[2].(string)
			commits = append(commits, Commit{SHA: sha, Message: message})
		}
	}
	return commits
}

func loosePages(p loose) []Page {
	var pages []Page
	for _, v := range p.list("pages") {
		if o, ok := v.(map[string]any); ok {
			l := loose(o)
			pages = append(pages, Page{PageName: l.str("page_name"), Title: l.str("title"), Summary: l.str("summary"), Action: l.str("action"), HTMLURL: l.str("html_url")})
		}
	}
	if len(pages) == 0 && p.str("page_name", "title") != "" {
		pages = append(pages, Page{PageName: p.str("page_name"), Title: p.str("title"), Summary: p.str("summary")})
	}
	return pages
}
