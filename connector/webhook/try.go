// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package webhook

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"greenroom"
	"greenroom/connector"
)

// Preview is what would come of a payload.
type Preview struct {
	Payload string `json:"payload"` // as it was understood, indented JSON; "" where it could not be read
	Facts   []Fact `json:"facts"`
	LeftOut string `json:"left_out,omitempty"` // why nothing comes of it, where that is meant
}

// Fact is one thing that would be stored, for a person to look at.
type Fact struct {
	What   string  `json:"what"` // "message", "deal", "person", "organization", "channel"
	Values []Value `json:"values"`
}

// Value is a field of a fact and what stands in it.
type Value struct {
	Name string `json:"name"`
	Text string `json:"text"`
}

// Check says what is wrong with a mapping by itself.
func Check(text string) []Problem {
	_, problems := parse(text)
	return problems
}

// Try says what would come of a delivery by a mapping, and what is wrong: with the mapping alone where it cannot be read,
// else with what it makes of the payload. Nothing is stored.
func Try(text string, d connector.Delivery) (Preview, []Problem) {
	p := Preview{Facts: []Fact{}}
	m, problems := parse(text)
	payload, err := decode(&d)
	if err != nil {
		return p, append(problems, Problem{Text: greenroom.ErrorMessage(err)})
	}
	if indented, err := json.Marshal(payload, json.Deterministic(true), jsontext.WithIndent("  "), jsontext.AllowInvalidUTF8(true)); err == nil {
		p.Payload = string(indented)
	}
	if len(problems) > 0 {
		return p, problems
	}
	var batch *connector.Batch
	out := connector.NewSink(context.Background(), 0, func(_ context.Context, b *connector.Batch) error { batch = b; return nil })
	problems = m.run(payload, &d, out)
	if err := out.Flush(); err != nil || batch == nil {
		return p, problems
	}
	if batch.LeftOut[leftCondition] > 0 {
		p.LeftOut = "no condition of the mapping holds for it"
	}
	for _, r := range batch.Rejects {
		problems = append(problems, Problem{Text: r.Reason, Expected: r.Expected})
	}
	p.Facts = append(p.Facts, facts(batch)...)
	return p, problems
}

// facts shows a batch.
func facts(b *connector.Batch) (all []Fact) {
	for i := range b.Activities {
		a := &b.Activities[i]
		f := fact(a.Kind.String())
		f.add("external_id", a.ExternalID)
		f.time("occurred_at", a.OccurredAt)
		f.time("edited_at", a.EditedAt)
		f.truth("deleted", a.Deleted)
		f.add("author", a.Author)
		f.add("channel", a.Channel)
		f.add("title", a.Title)
		f.add("body", a.Body)
		f.add("url", a.URL)
		f.add("thread", a.Thread)
		f.add("reply_to", a.ReplyTo)
		f.truth("question", a.Question)
		f.add("mentions", strings.Join(a.Mentions, ", "))
		all = append(all, f)
	}
	for i := range b.Records {
		r := &b.Records[i]
		f := fact(r.Type)
		f.add("external_id", r.ExternalID)
		f.add("name", r.Name)
		f.add("organization", r.Organization)
		f.add("contact", r.Identity)
		f.add("stage", r.Stage)
		if r.Amount != 0 {
			f.add("amount", strings.TrimSpace(strconv.FormatFloat(r.Amount, 'f', -1, 64)+" "+r.Currency))
		}
		f.time("opened_at", r.OpenedAt)
		f.time("closed_at", r.ClosedAt)
		f.truth("deleted", r.Deleted)
		f.fields(r.Fields)
		all = append(all, f)
	}
	for i := range b.Identities {
		all = append(all, person(&b.Identities[i]))
	}
	for i := range b.Organizations {
		o := &b.Organizations[i]
		f := fact("organization")
		f.add("id", o.ExternalID)
		f.add("name", o.Name)
		f.add("domain", strings.Join(o.Domains, ", "))
		f.add("lifecycle", o.Lifecycle)
		if o.Size > 0 {
			f.add("size", strconv.FormatInt(o.Size, 10))
		}
		f.add("country", o.Country)
		f.add("tags", strings.Join(o.Tags, ", "))
		f.fields(o.Fields)
		all = append(all, f)
	}
	return all
}

func person(id *connector.Identity) Fact {
	f := fact("person")
	f.add("id", id.ExternalID)
	f.add("name", id.Name)
	f.add("handle", id.Handle)
	for _, e := range id.Emails {
		f.add("email", e.Address)
	}
	f.add("avatar", id.AvatarURL)
	f.add("profile", id.ProfileURL)
	f.add("links", strings.Join(id.Links, ", "))
	f.add("company", id.Company)
	f.add("title", id.JobTitle)
	f.add("location", id.Location)
	f.add("bio", id.Bio)
	f.add("time_zone", id.TimeZone)
	f.time("joined_at", id.JoinedAt)
	f.add("tags", strings.Join(id.Tags, ", "))
	f.truth("bot", id.Bot)
	f.truth("staff", id.Staff)
	f.fields(id.Fields)
	return f
}

func fact(what string) Fact { return Fact{What: what, Values: []Value{}} }

func (f *Fact) add(name, text string) {
	if text != "" {
		f.Values = append(f.Values, Value{name, cut(text, 2000)})
	}
}

func (f *Fact) time(name string, t time.Time) {
	if !t.IsZero() {
		f.add(name, t.Format(time.RFC3339))
	}
}

func (f *Fact) truth(name string, yes bool) {
	if yes {
		f.add(name, "yes")
	}
}

func (f *Fact) fields(m map[string]string) {
	for _, name := range slices.Sorted(maps.Keys(m)) {
		f.add("field "+name, m[name])
	}
}
