// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package github

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/internal/githubevent"
	"greenroom/connector/internal/rest"
)

// run is one read.
type run struct {
	*Source
	c      cursor
	out    *connector.Sink
	done   int64            // records of this read
	repo   githubevent.Repo // the repository that is being read
	key    string           // its external id
	page   string           // its address
	since  time.Time        // what of it is wanted; zero = all
	line   int64            // of the entry in its page, for rejects
	recent recent
	people map[string]bool // whose profile was asked for
}

// Read brings what is behind the cursor: the rest of a read that was stopped, or what is new since the last one.
func (s *Source) Read(ctx context.Context, from connector.Cursor, out *connector.Sink) error {
	c, err := s.parseCursor(from)
	if err != nil {
		return err
	}
	r := &run{Source: s, c: c, out: out, people: map[string]bool{}}
	if r.c.Repo == "" {
		if err := r.team(ctx); err != nil {
			return err
		}
	}
	repos, err := r.repositories(ctx)
	if err != nil {
		return err
	}
	for i := range repos {
		name := strings.ToLower(repos[i].FullName)
		if name < r.c.Repo {
			continue
		}
		if name != r.c.Repo {
			r.c.Repo = name
			r.c.enter("")
		}
		if err := r.whole(ctx, repos[i]); err != nil {
			return err
		}
	}
	if err := r.sponsors(ctx, repos); err != nil {
		return err
	}
	r.c.finish()
	return r.checkpoint("done")
}

func (r *run) checkpoint(phase string) error {
	return r.out.Checkpoint(r.c.text(), connector.Progress{Done: r.done, Unit: "records", Phase: phase})
}

// team marks the members of the team's organization.
func (r *run) team(ctx context.Context) error {
	org := r.set.Text(optionStaff)
	if org == "" || r.c.Ended {
		return nil
	}
	r.c.enter("team")
	return r.pages(ctx, section{
		name: "team", uncounted: !r.c.Since.IsZero(), // they were counted in the first read
		path: "/orgs/" + org + "/members?per_page=100",
		item: func(_ context.Context, data []byte) (bool, error) {
			var u githubevent.User
			if !decoded(data, &u) || u.Key() == "" {
				r.reject("members of "+org, data, "not an account")
				return false, nil
			}
			id := githubevent.Identity(&u)
			id.Staff, id.Raw = true, r.out.Raw(data)
			r.out.Identity(id)
			return false, nil
		},
	})
}

// repositories lists what is to be read, in the order of the names.
func (s *Source) repositories(ctx context.Context) ([]githubevent.Repo, error) {
	var repos []githubevent.Repo
	add := func(some []githubevent.Repo, err error) error {
		repos = append(repos, some...)
		return err
	}
	var err error
	if len(s.targets) == 0 {
		err = add(s.installed(ctx))
	}
	for _, t := range s.targets {
		if t.repo != "" {
			err = add(s.repository(ctx, t))
		} else {
			err = add(s.owned(ctx, t.owner))
		}
		if err != nil {
			break
		}
	}
	if err != nil {
		return nil, err
	}
	slices.SortFunc(repos, func(a, b githubevent.Repo) int {
		return strings.Compare(strings.ToLower(a.FullName), strings.ToLower(b.FullName))
	})
	return slices.CompactFunc(repos, func(a, b githubevent.Repo) bool { return a.ID == b.ID }), nil
}

func (s *Source) repository(ctx context.Context, t target) ([]githubevent.Repo, error) {
	ans, err := s.get(ctx, "/repos/"+t.owner+"/"+t.repo)
	if gone(err) {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "GitHub has no repository %s/%s, or the token may not see it; check the name", t.owner, t.repo)
	}
	if err != nil {
		return nil, err
	}
	var repo githubevent.Repo
	if err := githubevent.Decode(ans.Body, &repo); err != nil || repo.ID == 0 {
		return nil, unexpected("the repository", err)
	}
	return []githubevent.Repo{repo}, nil
}

// owned lists the repositories of an organization or a person.
func (s *Source) owned(ctx context.Context, owner string) ([]githubevent.Repo, error) {
	kind := "public"
	if s.set.On(optionPrivate) {
		kind = "all"
	}
	var repos []githubevent.Repo
	for address := "/orgs/" + owner + "/repos?type=" + kind + "&per_page=100"; address != ""; {
		ans, err := s.get(ctx, address)
		if gone(err) && strings.HasPrefix(address, "/orgs/") {
			address = "/users/" + owner + "/repos?per_page=100" // a person
			continue
		}
		if gone(err) {
			return nil, greenroom.Errorf(greenroom.CodeInvalid, "GitHub has no organization or person %s; check the name", owner)
		}
		if err != nil {
			return nil, err
		}
		var page []githubevent.Repo
		if err := githubevent.Decode(ans.Body, &page); err != nil {
			return nil, unexpected("the list of repositories", err)
		}
		repos = append(repos, page...)
		address = ans.Link("next")
	}
	return repos, nil
}

// installed lists the repositories that the app is installed on.
func (s *Source) installed(ctx context.Context) ([]githubevent.Repo, error) {
	var repos []githubevent.Repo
	for address := "/installation/repositories?per_page=100"; address != ""; {
		var page struct {
			Repositories []githubevent.Repo `json:"repositories"`
		}
		ans, err := s.client.Into(ctx, address, nil, &page)
		if err != nil {
			return nil, err
		}
		repos = append(repos, page.Repositories...)
		address = ans.Link("next")
	}
	return repos, nil
}

func unexpected(what string, err error) error {
	return &greenroom.Error{
		Code: greenroom.CodeInvalid, Err: err,
		Message: "the answer for " + what + " is not one of GitHub's API; check the address of the API",
	}
}

// repository reads one repository from the section on that the cursor names.
func (r *run) whole(ctx context.Context, repo githubevent.Repo) error {
	r.repo, r.key, r.since = repo, repo.Key(), r.set.Since(optionSince)
	if slices.Contains(r.c.Known, repo.ID) {
		r.since = r.c.Since
	}
	channel := channelOf(&repo)
	r.page = channel.URL
	r.out.Channel(channel)
	sections := r.sections()
	start := max(0, slices.IndexFunc(sections, func(s section) bool { return s.name == r.c.Section }))
	if r.c.Ended && start < len(sections) {
		start++
	}
	for _, sec := range sections[start:] {
		r.c.enter(sec.name)
		r.recent = recent{}
		read := r.pages
		if sec.name == sectionDiscussions {
			read = r.discussionPages
		}
		if sec.off {
			continue
		}
		if err := read(ctx, sec); err != nil {
			return err
		}
	}
	r.c.Done = append(r.c.Done, repo.ID)
	r.c.Repo = strings.ToLower(repo.FullName) + " " // sorts right behind it
	r.c.enter("")
	return r.checkpoint(repo.FullName)
}

// channelOf is the channel of a repository with its own address, which is another one on GitHub Enterprise Server.
func channelOf(repo *githubevent.Repo) connector.Channel {
	channel := githubevent.Channel(repo)
	if repo.HTMLURL != "" {
		channel.URL = repo.HTMLURL
	}
	return channel
}

// pages reads a list from the page on that the cursor names.
func (r *run) pages(ctx context.Context, sec section) error {
	phase := strings.TrimPrefix(r.repo.FullName+": "+sec.name, ": ")
	address := r.c.Next
	if address == "" {
		address = sec.path
	}
	for address != "" {
		first := address == sec.path
		ask := rest.Request{Path: address}
		if sec.accept != "" {
			ask.Header = http.Header{"Accept": {sec.accept}}
		}
		if first && sec.tagged {
			ask.ETag = r.c.tag(r.repo.ID, sec.name)
		}
		ans, err := r.client.Do(ctx, ask)
		switch {
		case gone(err), rest.Refused(err), rest.Status(err) == http.StatusUnprocessableEntity:
			r.missing(ctx, sec, phase, address, err)
			return nil
		case err != nil:
			return err
		case ans.NotModified():
			return nil
		}
		if last := ans.Link("last"); sec.backwards && first && last != "" {
			address = last // what is new stands at the end
			continue
		}
		if first && sec.tagged {
			r.tag(&sec, ans)
		}
		var items []jsontext.Value
		if err := githubevent.Decode(ans.Body, &items); err != nil && len(ans.Body) > 0 { // an empty repository may answer with nothing
			return unexpected(phase, err)
		}
		r.c.Next = address
		enough, err := r.items(ctx, &sec, phase, items)
		if err != nil {
			return err
		}
		address = ans.Link("next")
		if sec.backwards {
			address = ans.Link("prev")
		}
		if enough {
			address = ""
		}
		r.c.Next, r.c.Index, r.c.Ended = address, 0, address == ""
		if err := r.checkpoint(phase); err != nil {
			return err
		}
	}
	return nil
}

// missing notes a list, or what is left of it, that GitHub does not give: it is turned off, the token may not read it while
// it may read others, or it goes on behind the 400th page.
func (r *run) missing(ctx context.Context, sec section, phase, address string, err error) {
	switch {
	case rest.Refused(err):
		r.reject(sec.name, []byte(address), greenroom.ErrorMessage(err))
	case !gone(err):
		r.env.Meter.Warn("GitHub shows only the first part of a very long list: " + phase + ".")
	default:
		if address != sec.path {
			r.reject(sec.name, []byte(address), "a page of the list is gone; what stood on it and behind it is missing")
		}
		r.env.Log.InfoContext(ctx, "nothing to read", "list", phase, "why", err.Error())
	}
}

// tag keeps the ETag of a list's first page, unless what has changed could stand on another one.
func (r *run) tag(sec *section, ans *rest.Answer) {
	tag := ans.Header.Get("ETag")
	if sec.unordered && ans.Link("next") != "" {
		tag = ""
	}
	r.c.keep(r.repo.ID, sec.name, tag)
}

// items passes on the entries of a page, and reports whether no further page is wanted.
func (r *run) items(ctx context.Context, sec *section, phase string, items []jsontext.Value) (bool, error) {
	enough := false
	for i := r.c.Index; i < len(items); i++ {
		r.line = int64(i) + 1
		old, err := sec.item(ctx, items[i])
		if err != nil {
			return false, err
		}
		r.c.Index = i + 1
		if old && sec.unordered {
			continue
		}
		if enough = enough || old; old && !sec.backwards {
			break
		}
		if old {
			continue
		}
		if !sec.uncounted {
			r.done++
			r.out.Read(1)
		}
		if !sec.costly && !r.set.On(optionProfiles) {
			continue // a page is a step small enough
		}
		if err := r.checkpoint(phase); err != nil {
			return false, err
		}
	}
	return enough, nil
}

// emit passes on the facts of one object, unless they lack what every activity needs.
func (r *run) emit(ctx context.Context, where string, data []byte, facts ...githubevent.Facts) error {
	for i := range facts {
		if a := &facts[i].Activity; a.ExternalID != "" && a.OccurredAt.IsZero() {
			r.reject(where, data, "it has no time")
			return nil
		}
	}
	if a := &facts[0].Activity; r.recent.seen(a.ExternalID) {
		r.out.LeftOut("listed twice because the list changed while it was read", 1)
		return nil
	}
	raw := r.out.Raw(data)
	for i := range facts {
		if facts[i].Activity.ExternalID != "" {
			facts[i].Emit(r.out, raw)
			if err := r.person(ctx, &facts[i].Author); err != nil {
				return err
			}
		}
	}
	return nil
}

// person asks for the profile of somebody who is seen for the first time in this read.
func (r *run) person(ctx context.Context, who *connector.Identity) error {
	if !r.set.On(optionProfiles) || who.Handle == "" || who.Bot || r.people[who.ExternalID] {
		return nil
	}
	r.people[who.ExternalID] = true
	ans, err := r.get(ctx, "/users/"+url.PathEscape(who.Handle))
	if gone(err) {
		return nil // the account was closed meanwhile
	}
	if err != nil {
		return err
	}
	var u githubevent.User
	if !decoded(ans.Body, &u) || u.Key() != who.ExternalID {
		r.reject("profile of "+who.Handle, ans.Body, "not the profile of this account")
		return nil
	}
	id := githubevent.Identity(&u)
	id.Raw = r.out.Raw(ans.Body)
	r.out.Identity(id)
	return nil
}

// decoded decodes an object and reports whether it could; why not is of no use to the reader of a reject.
func decoded(data []byte, into any) bool { return githubevent.Decode(data, into) == nil }

func (r *run) reject(where string, data []byte, reason string) {
	file := strings.TrimPrefix(r.repo.FullName+": "+where, ": ")
	r.out.Reject(greenroom.Reject{
		File: file, Line: r.line, Reason: reason,
		Expected: "an object as GitHub's REST API describes it",
		Excerpt:  strings.ToValidUTF8(string(data[:min(len(data), 200)]), "\uFFFD"),
	})
}

// recent remembers the ids of the last pages, in which a list that changes meanwhile repeats things.
type recent struct {
	ids  map[string]bool
	ring []string
	next int
}

const recentIDs = 1000

func (r *recent) seen(id string) bool {
	if r.ids[id] {
		return true
	}
	if r.ids == nil {
		r.ids, r.ring = map[string]bool{}, make([]string, recentIDs)
	}
	delete(r.ids, r.ring[r.next])
	r.ids[id], r.ring[r.next] = true, id
	r.next = (r.next + 1) % recentIDs
	return false
}
