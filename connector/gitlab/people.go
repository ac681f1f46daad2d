// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package gitlab

import (
	"context"
	"net/url"
	"strconv"
	"strings"

	"greenroom"
	"greenroom/connector"
)

// people remembers whose profile was read. Lists carry name and picture of a person only; the rest is asked for in GraphQL,
// a hundred people at once, when they were first seen in a read. One number a person is all that is kept.
type people struct {
	known map[int64]bool // false = seen and not asked for yet
	open  []int64        // those, in the order in which they were seen
	short bool           // the server does not know all fields
	one   bool           // it knows no people in GraphQL, and is asked for one after the other
	off   bool           // it shows no profiles
}

// profilesAtOnce is how many people GitLab lets one query name.
const profilesAtOnce = 100

func (p *people) saw(number int64) {
	if _, seen := p.known[number]; seen || number <= 0 {
		return
	}
	if p.known == nil {
		p.known = make(map[int64]bool)
	}
	p.known[number] = false
	p.open = append(p.open, number)
}

// The fields of a person that every server of the last years knows, and those that came later.
const (
	fewFields  = "id username name bot publicEmail location webUrl avatarUrl"
	moreFields = fewFields + " bio jobTitle organization createdAt pronouns linkedin twitter discord"
)

type wireProfile struct {
	ID           string `json:"id"` // "gid://gitlab/User/17"
	Username     string `json:"username"`
	Name         string `json:"name"`
	Bot          bool   `json:"bot"`
	PublicEmail  string `json:"publicEmail"`
	Location     string `json:"location"`
	WebURL       string `json:"webUrl"`
	AvatarURL    string `json:"avatarUrl"`
	Bio          string `json:"bio"`
	JobTitle     string `json:"jobTitle"`
	Organization string `json:"organization"`
	CreatedAt    moment `json:"createdAt"`
	LinkedIn     string `json:"linkedin"`
	Twitter      string `json:"twitter"`
}

// profiles reads the profiles of those who were seen since it was last called.
func (s *source) profiles(ctx context.Context, out *connector.Sink) error {
	p := &s.people
	if s.set.Text(optToken) == "" { // strangers see no profiles
		p.off = true
	}
	for len(p.open) > 0 && !p.off {
		if p.one {
			if err := s.singly(ctx, out); err != nil {
				return err
			}
			continue
		}
		n := min(len(p.open), profilesAtOnce)
		ids := make([]string, n)
		for i, number := range p.open[:n] {
			ids[i] = `"gid://gitlab/User/` + id(number) + `"`
		}
		found, err := s.ask(ctx, ids)
		if err != nil {
			return err
		}
		if p.one {
			continue
		}
		for i := range found {
			s.profile(&found[i], out)
		}
		p.open = p.open[n:]
	}
	p.open = nil
	return nil
}

// ask asks for profiles. A server that does not know all fields is asked for fewer; one that shows none is left alone.
func (s *source) ask(ctx context.Context, ids []string) ([]wireProfile, error) {
	p := &s.people
	for {
		fields := moreFields
		if p.short {
			fields = fewFields
		}
		var answer struct {
			Data struct {
				Users *struct {
					Nodes []wireProfile `json:"nodes"`
				} `json:"users"`
			} `json:"data"`
			Errors []struct {
				Message string `json:"message"`
			} `json:"errors"`
		}
		question := map[string]string{"query": "{users(ids:[" + strings.Join(ids, ",") + "]){nodes{" + fields + "}}}"}
		_, err := s.client.Post(ctx, s.site+"/api/graphql", question, &answer)
		switch {
		case err != nil && !s.unseen(err) && greenroom.ErrorCode(err) != greenroom.CodeInvalid:
			return nil, err
		case err == nil && answer.Data.Users != nil:
			return answer.Data.Users.Nodes, nil
		case err == nil && len(answer.Errors) > 0 && strings.Contains(answer.Errors[0].Message, "'users' doesn't exist"):
			p.one = true // the server is older than the list of users in GraphQL
			return nil, nil
		case p.short || err != nil:
			p.off = true
			s.env.Meter.Warn("GitLab does not show the profiles of people, so that only their names and pictures come in.")
			return nil, nil //nolint:nilerr // the read goes on without them
		}
		p.short = true
	}
}

// singly asks for the profile of the first who was seen.
func (s *source) singly(ctx context.Context, out *connector.Sink) error {
	number := s.people.open[0]
	var v struct {
		wireProfile

		ID          int64  `json:"id"`
		PublicEmail string `json:"public_email"`
		WebURL      string `json:"web_url"`
		AvatarURL   string `json:"avatar_url"`
		JobTitle    string `json:"job_title"`
		CreatedAt   moment `json:"created_at"`
	}
	_, err := s.client.Into(ctx, "/users/"+id(number), nil, &v)
	if err != nil && !s.unseen(err) {
		return err
	}
	if s.people.open = s.people.open[1:]; v.ID != number { // deleted meanwhile, or not for this token
		return nil
	}
	p := v.wireProfile
	p.ID, p.PublicEmail, p.WebURL, p.AvatarURL, p.JobTitle, p.CreatedAt = id(number), v.PublicEmail, v.WebURL, v.AvatarURL, v.JobTitle, v.CreatedAt
	s.profile(&p, out)
	return nil
}

func (s *source) profile(v *wireProfile, out *connector.Sink) {
	number, err := strconv.ParseInt(v.ID[strings.LastIndexByte(v.ID, '/')+1:], 10, 64)
	if err != nil {
		return
	}
	s.people.known[number] = true
	who := connector.Identity{
		ExternalID: id(number), Handle: v.Username, Name: fullName(v.Name), AvatarURL: v.AvatarURL, ProfileURL: v.WebURL, Bot: v.Bot || ownBots.MatchString(v.Username),
		Bio: clean(v.Bio), Location: clean(v.Location), Company: clean(v.Organization), JobTitle: clean(v.JobTitle), JoinedAt: v.CreatedAt.Time,
	}
	if strings.HasPrefix(who.AvatarURL, "/") {
		who.AvatarURL = s.site + who.AvatarURL
	}
	if mail := address(v.PublicEmail); mail != "" {
		who.Emails = []greenroom.Email{{Address: mail, Verified: true}}
	}
	for _, link := range []struct{ site, name string }{{"https://www.linkedin.com/in/", v.LinkedIn}, {"https://twitter.com/", v.Twitter}} {
		if whole := profileLink(link.site, link.name); whole != "" {
			who.Links = append(who.Links, whole)
		}
	}
	out.Identity(who)
}

// profileLink is a profile on another site as a whole address: people enter a name or the address itself.
func profileLink(site, name string) string {
	name = strings.TrimPrefix(strings.TrimSpace(name), "@")
	if name == "" || strings.ContainsAny(name, " \t\n") {
		return ""
	}
	if u, err := url.Parse(name); err == nil && u.Host != "" && (u.Scheme == "https" || u.Scheme == "http") {
		return name
	}
	if strings.ContainsAny(name, "/?#") {
		return ""
	}
	return site + url.PathEscape(name)
}
