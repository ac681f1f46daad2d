// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package webhook

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/internal/rowmap"
)

// Reasons for leaving something out.
const leftCondition = "payloads that no part of the mapping is for"

// madeUp begins the ids of what the sender gives none.
const madeUp = "made:"

// run makes facts of a payload.
func (m *mapping) run(payload any, d *connector.Delivery, out *connector.Sink) (problems []Problem) {
	h := &here{m: m, payload: payload, item: payload, headers: headers(d.Header)}
	told := false
	for i := range m.blocks {
		b := &m.blocks[i]
		items := []any{payload}
		if b.each != nil {
			v, p := b.each.eval(h)
			if p != nil {
				problems = append(problems, *p)
				continue
			}
			switch v := v.(type) {
			case nil:
				items = nil
			case []any:
				items = v
				if len(v) == 1 {
					if inner, ok := v[0].([]any); ok { // $.items instead of $.items[*] behind a wildcard
						items = inner
					}
				}
			default:
				items = []any{v}
			}
		}
		for _, item := range items {
			at := *h
			at.item = item
			wanted, p := b.wanted(&at)
			if p != nil {
				problems = append(problems, *p)
				continue
			}
			if !wanted {
				continue
			}
			told = true
			problems = append(problems, b.tell(&at, d, out)...)
		}
	}
	if !told && len(problems) == 0 {
		out.LeftOut(leftCondition, 1)
	}
	return problems
}

// wanted evaluates the condition: whatever is neither empty nor false holds.
func (b *block) wanted(h *here) (bool, *Problem) {
	if b.when == nil {
		return true, nil
	}
	v, p := b.when.eval(h)
	if p != nil {
		return false, p
	}
	yes, ok := truth(v)
	return yes || !ok, nil
}

// values are what the lines of a block give for one payload or entry.
type values struct {
	of       map[string]any
	at       map[string]int // the line
	problems []Problem
}

func (v *values) text(field string) string { return text(v.of[field]) }

func (v *values) bad(field, format string, args ...any) {
	text, expected, _ := strings.Cut(fmt.Sprintf(format, args...), "; expected ")
	v.problems = append(v.problems, Problem{v.at[field], text, expected})
}

func (v *values) time(field string) time.Time {
	raw := first(v.of[field])
	switch n := raw.(type) {
	case time.Time:
		return n.UTC().Truncate(time.Microsecond)
	case float64: // seconds with a fraction
		if n > 1e8 && n < 1e11 {
			return time.UnixMicro(int64(n * 1e6)).UTC()
		}
	}
	s := text(raw)
	if s == "" || rowmap.IsNoDate(s) {
		return time.Time{}
	}
	if whole, fraction, ok := strings.Cut(s, "."); ok && len(whole) == 10 && strings.Trim(whole+fraction, "0123456789") == "" {
		s = whole // as Slack writes times
	}
	t, problem := rowmap.ParseTime(s)
	if problem != "" {
		v.bad(field, "%s: %q %s; expected a time such as 2025-12-31T14:05:00Z, or seconds since 1970", field, cut(s, 60), problem)
	}
	return t.Truncate(time.Microsecond)
}

func (v *values) truth(field string) bool {
	yes, ok := truth(v.of[field])
	if !ok {
		v.bad(field, "%s: %q is neither yes nor no; expected true or false", field, cut(v.text(field), 60))
	}
	return yes
}

func (v *values) address(field string) string {
	s := v.text(field)
	if s == "" {
		return ""
	}
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		v.bad(field, "%s: %q is not a web address; expected one such as https://example.org/1", field, cut(s, 60))
		return ""
	}
	return s
}

// fields are the custom fields of a group.
func (v *values) fields(group string) map[string]string {
	var out map[string]string
	for name := range v.of {
		if field, ok := strings.CutPrefix(name, group); ok {
			if s := v.text(name); s != "" {
				if out == nil {
					out = make(map[string]string)
				}
				out[field] = s
			}
		}
	}
	return out
}

// tell makes the facts of one payload or entry: all of them, or, where a value cannot be read, none.
func (b *block) tell(h *here, d *connector.Delivery, out *connector.Sink) []Problem {
	v := &values{of: make(map[string]any, len(b.lines)), at: make(map[string]int, len(b.lines))}
	for i := range b.lines {
		l := &b.lines[i]
		v.at[l.field] = l.number
		got, p := l.eval(h)
		if p != nil {
			v.problems = append(v.problems, *p)
			continue
		}
		v.of[l.field] = got
	}
	raw, err := json.Marshal(h.item, json.Deterministic(true), jsontext.AllowInvalidUTF8(true))
	if err != nil {
		raw = []byte("null")
	}
	f := rowmap.Facts{}
	v.organization(&f)
	v.author(&f)
	kind, record := v.text(fKind), v.text(fRecord)
	switch {
	case record != "":
		v.record(&f, record, raw, d)
	case kind != "":
		v.activity(&f, kind, raw, d)
	case v.at[fKind] > 0:
		v.bad(fKind, "kind is empty; expected a kind such as message, or a condition in a line if = …")
	case v.at[fRecord] > 0:
		v.bad(fRecord, "record is empty; expected deal, case or subscription")
	case f.Identity == nil && f.Organization == nil:
		v.problems = append(v.problems, Problem{b.first, "the payload names neither a person nor an organization", "an id, an e-mail address or a name"})
	}
	if len(v.problems) > 0 {
		return v.problems
	}
	f.Push(out, out.Raw(raw))
	return nil
}

func (v *values) author(f *rowmap.Facts) {
	id := &connector.Identity{
		ExternalID: v.text("author.id"), Name: v.text("author.name"), Handle: strings.TrimPrefix(v.text("author.handle"), "@"),
		AvatarURL: v.address("author.avatar"), ProfileURL: v.address("author.profile"), Company: v.text("author.company"), JobTitle: v.text("author.title"),
		Location: v.text("author.location"), Bio: v.text("author.bio"), TimeZone: v.text("author.time_zone"), JoinedAt: v.time("author.joined_at"),
		Bot: v.truth("author.bot"), Staff: v.truth("author.staff"), Fields: v.fields("author.fields."),
	}
	for _, t := range list(v.of["author.tags"]) {
		id.Tags = append(id.Tags, rowmap.SplitList(t)...)
	}
	for _, l := range list(v.of["author.links"]) {
		if l = rowmap.WebAddress(l); l != "" {
			id.Links = append(id.Links, l)
		}
	}
	verified := v.truth("author.email_verified")
	for _, s := range list(v.of["author.email"]) {
		emails, bad := rowmap.Emails(s)
		if bad != "" {
			v.bad("author.email", "%q is not an e-mail address; expected one such as ada@example.com, or nothing", cut(bad, 60))
		}
		for _, e := range emails {
			id.Emails = append(id.Emails, greenroom.Email{Address: e, Verified: verified})
		}
	}
	switch {
	case id.ExternalID != "":
	case len(id.Emails) > 0:
		id.ExternalID = id.Emails[0].Address
	case id.Handle != "":
		id.ExternalID = "@" + strings.ToLower(id.Handle)
	case id.Name != "":
		id.ExternalID = strings.ToLower(strings.Join(strings.Fields(id.Name), " "))
	default:
		return
	}
	f.Identity = id
	if f.Organization != nil {
		f.Membership = &connector.Membership{Identity: id.ExternalID, Organization: f.Organization.ExternalID}
		if id.Company == "" {
			id.Company = f.Organization.Name
		}
	}
}

func (v *values) organization(f *rowmap.Facts) {
	o := &connector.Organization{
		ExternalID: v.text("organization.id"), Name: v.text("organization.name"), Country: v.text("organization.country"), Fields: v.fields("organization.fields."),
	}
	for _, s := range list(v.of["organization.domain"]) {
		for _, part := range rowmap.SplitList(s) {
			d := rowmap.Domain(part)
			if d == "" {
				v.bad("organization.domain", "%q is not a domain; expected one such as example.com", cut(part, 60))
			} else if !slices.Contains(o.Domains, d) {
				o.Domains = append(o.Domains, d)
			}
		}
	}
	for _, t := range list(v.of["organization.tags"]) {
		o.Tags = append(o.Tags, rowmap.SplitList(t)...)
	}
	stage := v.text("organization.lifecycle")
	var ok bool
	if o.Lifecycle, ok = rowmap.Lifecycle(stage); !ok {
		if o.Fields == nil {
			o.Fields = make(map[string]string)
		}
		o.Fields["lifecycle"] = stage
	}
	if s := v.text("organization.size"); s != "" {
		if o.Size, ok = rowmap.ParseSize(s); !ok {
			v.bad("organization.size", "%q is not a number of people; expected one such as 250", cut(s, 60))
		}
	}
	switch {
	case o.ExternalID != "":
	case len(o.Domains) > 0:
		o.ExternalID = o.Domains[0]
	case o.Name != "":
		o.ExternalID = strings.ToLower(strings.Join(strings.Fields(o.Name), " "))
	default:
		return
	}
	f.Organization = o
}

func (v *values) activity(f *rowmap.Facts, kind string, raw []byte, d *connector.Delivery) {
	a := &connector.Activity{
		ExternalID: v.text("external_id"), Kind: rowmap.ParseKind(kind), OccurredAt: v.time("occurred_at"), EditedAt: v.time("edited_at"), Deleted: v.truth("deleted"),
		Title: v.text("title"), Body: v.text("body"), URL: v.address("url"), Thread: v.text("thread"), ReplyTo: v.text("reply_to"), Question: v.truth("question"),
		Mentions: list(v.of["mentions"]),
	}
	if l, ok := v.of["body"].([]any); ok {
		a.Body = strings.Join(list(l), "\n")
	}
	if a.Kind == greenroom.KindUnknown {
		v.bad(fKind, "there is no kind of activity %q; expected one such as message, reply, reaction, attendance, survey_answer or usage", cut(kind, 40))
	}
	if f.Identity != nil {
		a.Author = f.Identity.ExternalID
	}
	if a.ExternalID == "" {
		a.ExternalID = v.madeUp(kind, raw, d)
	}
	received := d.ReceivedAt.UTC().Truncate(time.Microsecond)
	if a.OccurredAt.IsZero() {
		a.OccurredAt = received
	}
	if a.Deleted && a.EditedAt.IsZero() {
		a.EditedAt = received
	}
	if id, name := v.text("channel.id"), strings.TrimPrefix(v.text("channel"), "#"); id != "" || name != "" {
		c := &connector.Channel{ExternalID: id, Name: name, URL: v.address("channel.url")}
		if c.ExternalID == "" {
			c.ExternalID = name
		}
		f.Channel, a.Channel = c, c.ExternalID
	}
	f.Activity = a
}

func (v *values) record(f *rowmap.Facts, typ string, raw []byte, d *connector.Delivery) {
	r := &connector.Record{
		ExternalID: v.text("external_id"), Name: v.text("record.name"), Stage: v.text("record.stage"), OpenedAt: v.time("record.opened_at"),
		ClosedAt: v.time("record.closed_at"), UpdatedAt: v.time("edited_at"), Deleted: v.truth("deleted"), Fields: v.fields("record.fields."),
	}
	var ok bool
	if r.Type, ok = rowmap.RecordType(typ); !ok {
		v.bad(fRecord, "there is no type of record %q; expected deal, case or subscription", cut(typ, 40))
	}
	if s := v.text("record.amount"); s != "" {
		if r.Amount, r.Currency, ok = rowmap.ParseAmount(s, false); !ok {
			v.bad("record.amount", "%q is not an amount; expected a number such as 1234.56", cut(s, 60))
		}
	}
	if s := v.text("record.currency"); s != "" {
		if r.Currency = strings.ToUpper(s); len(r.Currency) != 3 {
			v.bad("record.currency", "%q is not a currency; expected a code of three letters such as EUR", cut(s, 60))
		}
	}
	if r.Name == "" {
		r.Name = v.text("title")
	}
	if f.Organization != nil {
		r.Organization = f.Organization.ExternalID
	}
	if f.Identity != nil {
		r.Identity = f.Identity.ExternalID
	}
	if r.ExternalID == "" {
		r.ExternalID = v.madeUp(typ, raw, d)
	}
	if r.UpdatedAt.IsZero() {
		r.UpdatedAt = d.ReceivedAt.UTC().Truncate(time.Microsecond)
	}
	f.Record = r
}

// madeUp is the id of what the sender gives none: what it says. Where that has no time either, two payloads that look the
// same are two things, and when they came tells them apart.
func (v *values) madeUp(what string, raw []byte, d *connector.Delivery) string {
	if v.text("occurred_at") != "" || v.text("edited_at") != "" {
		return madeUp + digest(what, string(raw))
	}
	return madeUp + digest(what, string(raw), d.ReceivedAt.UTC().Format(time.RFC3339Nano))
}

func digest(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:12])
}
