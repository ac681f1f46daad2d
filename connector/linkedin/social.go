// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package linkedin

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"greenroom/connector"
	"greenroom/connector/internal/rest"
)

// comments reads a page of the comments on a post, or on a comment of it, and reports whether another follows.
func (s *source) comments(ctx context.Context, r *reading, on, post, start string) (more bool, _ error) {
	var l wireList
	err := s.ask(ctx, "FINDER", fmt.Sprintf("/socialActions/%s/comments?start=%s&count=%d", enc(on), start, pageComments), &l)
	switch {
	case rest.Refused(err):
		s.env.Meter.Warn("LinkedIn does not show the comments on posts of " + r.o.Name + " to this token; it needs r_organization_social.")
		return false, nil
	case rest.Gone(err):
		return false, nil
	case err != nil:
		return false, err
	}
	file := "comments on " + on
	var people []string
	for i, raw := range l.Elements {
		r.out.Read(1)
		c, who := r.comment(raw, on, post, file, i+1)
		people = append(people, who...)
		if on == post && c.Replies.Count > 0 {
			if err := s.replies(ctx, r, c.URN, post); err != nil {
				return false, err
			}
		}
	}
	return l.more(), s.names(ctx, people, r.out)
}

// comment reads a comment and pushes it, unless it has expired; people are whose names are worth asking for. One that
// cannot be read is rejected, and comes back empty.
func (r *reading) comment(raw []byte, on, post, file string, line int) (c wireComment, people []string) {
	if err := rest.Unmarshal(raw, &c); err != nil || c.Created.Time == 0 || c.URN == "" && (c.ID == "" || c.Object == "") {
		reject(r.out, file, line, raw, "this is not a comment with an id and a time")
		return wireComment{}, nil
	}
	if c.URN == "" {
		c.URN = "urn:li:comment:(" + c.Object + "," + c.ID + ")"
	}
	if c.Parent == "" && on != post {
		c.Parent = on
	}
	if r.s.expired(c.Actor, c.Created.Time, r.out) {
		return c, nil
	}
	comment(&c, r.urn(), post, raw, r.out)
	return c, []string{c.Actor}
}

// expired reports whether LinkedIn's terms no longer let us keep what somebody did, and counts it then.
func (s *source) expired(actor string, at int64, out *connector.Sink) bool {
	if !strings.HasPrefix(actor, expiry().Accounts) || !when(at).Before(s.from) {
		return false
	}
	out.LeftOut("older than the 48 hours that LinkedIn's terms allow", 1)
	return true
}

// replies reads all replies to a comment.
func (s *source) replies(ctx context.Context, r *reading, to, post string) error {
	for start := 0; ; start += pageComments {
		more, err := s.comments(ctx, r, to, post, strconv.Itoa(start))
		if err != nil || !more {
			return err
		}
	}
}

// reactions reads a page of the reactions to a post.
func (s *source) reactions(ctx context.Context, r *reading, on, start string) (more bool, _ error) {
	var l wireList
	err := s.ask(ctx, "FINDER", fmt.Sprintf("/reactions/(entity:%s)?q=entity&sort=(value:REVERSE_CHRONOLOGICAL)&start=%s&count=%d", enc(on), start, pageComments), &l)
	switch {
	case rest.Refused(err), rest.Gone(err):
		return false, nil
	case err != nil:
		return false, err
	}
	var people []string
	for i, raw := range l.Elements {
		r.out.Read(1)
		var v wireReaction
		if err := rest.Unmarshal(raw, &v); err != nil || v.Created.Time == 0 || v.Created.Actor == "" {
			reject(r.out, "reactions to "+on, i+1, raw, "this is not a reaction with a person and a time")
			continue
		}
		if s.expired(v.Created.Actor, v.Created.Time, r.out) {
			continue
		}
		reaction(&v, r.urn(), on, raw, r.out)
		people = append(people, v.Created.Actor)
	}
	return l.more(), s.names(ctx, people, r.out)
}

// names asks for the names of people and companies where the option says so. One who does not show them stays an id.
func (s *source) names(ctx context.Context, urns []string, out *connector.Sink) error {
	if !s.set.On(optNames) {
		return nil
	}
	slices.Sort(urns)
	var persons, companies []string
	for _, urn := range slices.Compact(urns) {
		if id, is := strings.CutPrefix(urn, personURN); is {
			persons = append(persons, "(id:"+enc(id)+")")
		} else if id, is := strings.CutPrefix(urn, organizationURN); is {
			companies = append(companies, enc(id))
		}
	}
	for some := range slices.Chunk(persons, pagePeople) {
		err := s.lookup(ctx, "/people?ids=List("+strings.Join(some, ",")+")", out, func(_ string, raw jsontext.Value) {
			var p wirePerson
			if rest.Unmarshal(raw, &p) != nil || p.ID == "" {
				return
			}
			who := connector.Identity{ExternalID: personURN + p.ID, Name: strings.TrimSpace(p.First + " " + p.Last), Bio: p.Headline, Handle: p.Vanity, Raw: out.Raw(raw)}
			if p.Vanity != "" {
				who.ProfileURL = "https://www.linkedin.com/in/" + p.Vanity
			}
			out.Identity(who)
		})
		if err != nil {
			return err
		}
	}
	for some := range slices.Chunk(companies, pagePeople) {
		err := s.lookup(ctx, "/organizationsLookup?ids=List("+strings.Join(some, ",")+")", out, func(key string, raw jsontext.Value) {
			var o wireOrganization
			if rest.Unmarshal(raw, &o) != nil {
				return
			}
			if o.ID == 0 {
				n, err := strconv.ParseInt(key, 10, 64)
				if err != nil {
					return
				}
				o.ID = n
			}
			who := company(&o)
			who.Raw = out.Raw(raw)
			out.Identity(who)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// lookup asks for several objects by their ids and passes them on in the order of these.
func (s *source) lookup(ctx context.Context, path string, out *connector.Sink, each func(key string, raw jsontext.Value)) error {
	var batch struct {
		Results map[string]jsontext.Value `json:"results"`
		Errors  map[string]jsontext.Value `json:"errors"`
	}
	err := s.ask(ctx, "BATCH_GET", path, &batch)
	if rest.Refused(err) {
		s.env.Meter.Warn("LinkedIn does not show names to this token; it needs r_basicprofile. People are told apart by their ids.")
		return nil
	}
	if err != nil {
		return err
	}
	keys := make([]string, 0, len(batch.Results))
	for key := range batch.Results {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	for _, key := range keys {
		each(key, batch.Results[key])
	}
	if n := len(batch.Errors); n > 0 {
		out.LeftOut("names that LinkedIn does not show", n)
	}
	return nil
}
