// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package intercom

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/internal/htmltext"
)

// text is an id that is written as a text or as a number; null is none.
type text string

// UnmarshalJSON reads either.
func (t *text) UnmarshalJSON(data []byte) error {
	switch {
	case len(data) > 1 && data[0] == '"':
		*t = text(data[1 : len(data)-1])
	case string(data) != "null":
		*t = text(data)
	}
	return nil
}

// seconds is a Unix time; 0 and null are none.
type seconds int64

func (s seconds) time() time.Time {
	if s <= 0 {
		return time.Time{}
	}
	return time.Unix(int64(s), 0).UTC()
}

type wireAdmin struct {
	ID     text   `json:"id"`
	Name   string `json:"name"`
	Email  string `json:"email"`
	Title  string `json:"job_title"`
	Avatar any    `json:"avatar"` // an object or an address, by version
}

type wireContact struct {
	ID         string         `json:"id"`
	Role       string         `json:"role"` // user or lead
	ExternalID string         `json:"external_id"`
	Email      string         `json:"email"`
	Name       string         `json:"name"`
	Avatar     any            `json:"avatar"`
	CreatedAt  seconds        `json:"created_at"`
	SignedUpAt seconds        `json:"signed_up_at"`
	UpdatedAt  seconds        `json:"updated_at"`
	Owner      text           `json:"owner_id"`
	Attributes map[string]any `json:"custom_attributes"`
	Location   struct {
		City    string `json:"city"`
		Region  string `json:"region"`
		Country string `json:"country"`
	} `json:"location"`
	Social struct {
		Data []struct {
			URL string `json:"url"`
		} `json:"data"`
	} `json:"social_profiles"`
	Companies struct {
		Data []struct {
			ID string `json:"id"`
		} `json:"data"`
	} `json:"companies"`
	Merged []struct {
		ID string `json:"source_contact_id"`
	} `json:"merge_history"` // contacts that are part of this one now, of users where they are asked for
}

type wireCompany struct {
	ID         string         `json:"id"`
	Own        string         `json:"company_id"` // as the workspace calls it
	Name       string         `json:"name"`
	Size       float64        `json:"size"`
	Website    string         `json:"website"`
	Industry   string         `json:"industry"`
	Spend      float64        `json:"monthly_spend"`
	UpdatedAt  seconds        `json:"updated_at"`
	Attributes map[string]any `json:"custom_attributes"`
	Plan       struct {
		Name string `json:"name"`
	} `json:"plan"`
	Tags struct {
		Tags []struct {
			Name string `json:"name"`
		} `json:"tags"`
	} `json:"tags"`
}

type wireAuthor struct {
	Type  string `json:"type"` // user, lead, contact, admin, team, bot
	ID    text   `json:"id"`
	Name  string `json:"name"`
	Email string `json:"email"`
}

type wireConversation struct {
	ID         text           `json:"id"`
	Title      string         `json:"title"`
	State      string         `json:"state"`    // open, closed, snoozed
	Priority   string         `json:"priority"` // none, low, medium, high, urgent
	CreatedAt  seconds        `json:"created_at"`
	UpdatedAt  seconds        `json:"updated_at"`
	Assignee   text           `json:"admin_assignee_id"`
	Attributes map[string]any `json:"custom_attributes"`
	Tags       struct {
		Tags []struct {
			Name string `json:"name"`
		} `json:"tags"`
	} `json:"tags"`
	Source struct {
		Type     string     `json:"type"` // conversation, email, facebook, …
		Subject  string     `json:"subject"`
		Body     string     `json:"body"`
		Author   wireAuthor `json:"author"`
		Redacted bool       `json:"redacted"`
	} `json:"source"`
	Company struct {
		ID string `json:"id"`
	} `json:"company"`
	Contacts struct {
		Contacts []struct {
			ID string `json:"id"`
		} `json:"contacts"`
	} `json:"contacts"`
	Rating *struct {
		Rating    int64   `json:"rating"` // 1 to 5
		Remark    string  `json:"remark"`
		CreatedAt seconds `json:"created_at"` // when it was asked for
		UpdatedAt seconds `json:"updated_at"`
		Contact   struct {
			ID string `json:"id"`
		} `json:"contact"`
	} `json:"conversation_rating"`
	Fin *struct {
		Rating    int64   `json:"rating"` // 1 to 5
		Remark    string  `json:"rating_remark"`
		CreatedAt seconds `json:"created_at"` // of the rating
		UpdatedAt seconds `json:"updated_at"`
	} `json:"ai_agent"`
	Statistics struct {
		FirstReply seconds `json:"first_admin_reply_at"`
		FirstClose seconds `json:"first_close_at"`
		LastClose  seconds `json:"last_close_at"`
		Reopens    int64   `json:"count_reopens"`
	} `json:"statistics"`
	Parts struct {
		Parts []wirePart `json:"conversation_parts"`
		Total int64      `json:"total_count"`
	} `json:"conversation_parts"`
}

type wirePart struct {
	ID        text       `json:"id"`
	Type      string     `json:"part_type"`
	Body      string     `json:"body"`
	CreatedAt seconds    `json:"created_at"`
	UpdatedAt seconds    `json:"updated_at"`
	Author    wireAuthor `json:"author"`
	Redacted  bool       `json:"redacted"`
}

func (s *source) teammate(a *wireAdmin, out *connector.Sink) {
	who := connector.Identity{ExternalID: "admin/" + string(a.ID), Name: a.Name, JobTitle: a.Title, AvatarURL: picture(a.Avatar), Staff: true}
	who.Emails = mail(a.Email, true) // teammates sign in with it
	out.Identity(who)
}

// picture is the address of an avatar, which some versions put into an object.
func picture(v any) string {
	if o, ok := v.(map[string]any); ok {
		v = o["image_url"]
	}
	address, _ := v.(string) // no text is no address
	return address
}

func (s *source) contact(c *wireContact, raw []byte, out *connector.Sink) {
	who := connector.Identity{
		ExternalID: c.ID, Name: c.Name, Emails: mail(c.Email, false), AvatarURL: picture(c.Avatar), JoinedAt: c.SignedUpAt.time(), Raw: out.Raw(raw), Fields: s.attributes(c.Attributes),
		Location: strings.Join(slices.DeleteFunc([]string{c.Location.City, c.Location.Region, c.Location.Country}, func(p string) bool { return p == "" }), ", "),
	}
	if who.JoinedAt.IsZero() {
		who.JoinedAt = c.CreatedAt.time()
	}
	for name, v := range map[string]string{"role": c.Role, "external id": c.ExternalID, "owner": s.admin(string(c.Owner))} {
		if v != "" {
			who.Fields[name] = v
		}
	}
	for _, profile := range c.Social.Data {
		if strings.HasPrefix(profile.URL, "http") {
			who.Links = append(who.Links, profile.URL)
		}
	}
	out.Identity(who)
	for _, old := range c.Merged {
		s.merged(c.ID, old.ID, out)
	}
	if len(c.Companies.Data) > 0 && c.Companies.Data[0].ID != "" {
		out.Membership(connector.Membership{Identity: c.ID, Organization: c.Companies.Data[0].ID})
	}
}

// merged says that a contact is part of another one.
func (s *source) merged(id, old string, out *connector.Sink) {
	if old != "" && old != id {
		out.Same(connector.Same{A: id, B: old, Reason: "merged in Intercom"})
	}
}

func (s *source) company(c *wireCompany, raw []byte, out *connector.Sink) {
	o := connector.Organization{ExternalID: c.ID, Name: c.Name, Raw: out.Raw(raw), Fields: s.attributes(c.Attributes)}
	for name, v := range map[string]string{"industry": c.Industry, "plan": c.Plan.Name, "external id": c.Own, "monthly spend": number(c.Spend)} {
		if v != "" {
			o.Fields[name] = v
		}
	}
	if c.Size > 0 && c.Size < 1e12 {
		o.Size = int64(c.Size)
	}
	for _, t := range c.Tags.Tags {
		o.Tags = append(o.Tags, t.Name)
	}
	if d := domain(c.Website); d != "" {
		o.Domains = []string{d}
	}
	out.Organization(o)
}

// conversation pushes the case, and its messages where they are wanted and were asked for.
func (s *source) conversation(c *wireConversation, raw []byte, out *connector.Sink) {
	id := string(c.ID)
	r := connector.Record{
		ExternalID: id, Type: "case", Name: subject(c), Organization: c.Company.ID, Stage: c.State, OpenedAt: c.CreatedAt.time(), UpdatedAt: c.UpdatedAt.time(),
		Stages: []connector.StageChange{{Stage: "open", At: c.CreatedAt.time()}}, Fields: s.attributes(c.Attributes),
	}
	if len(c.Contacts.Contacts) > 0 {
		r.Identity = c.Contacts.Contacts[0].ID
	}
	st := &c.Statistics
	if st.FirstClose > 0 {
		r.Stages = append(r.Stages, connector.StageChange{Stage: "closed", At: st.FirstClose.time()})
	}
	if c.State == "closed" {
		if r.ClosedAt = max(st.LastClose, st.FirstClose).time(); r.ClosedAt.IsZero() { // closes are told behind a reply of the customer only
			r.ClosedAt = r.UpdatedAt
			r.Stages = append(r.Stages, connector.StageChange{Stage: "closed", At: r.ClosedAt})
		}
	}
	if st.FirstReply > c.CreatedAt {
		r.Fields["first reply minutes"] = strconv.FormatInt(int64(st.FirstReply-c.CreatedAt)/60, 10)
	}
	if st.Reopens > 0 {
		r.Fields["reopened"] = strconv.FormatInt(st.Reopens, 10)
	}
	var tags []string
	for _, t := range c.Tags.Tags {
		tags = append(tags, t.Name)
	}
	for name, v := range map[string]string{"owner": s.admin(string(c.Assignee)), "came by": c.Source.Type, "tags": strings.Join(tags, ", ")} {
		if v != "" {
			r.Fields[name] = v
		}
	}
	if c.Priority != "none" && c.Priority != "" {
		r.Fields["priority"] = c.Priority
	}
	if c.Rating != nil && c.Rating.Rating > 0 {
		r.Fields["satisfaction"] = strconv.FormatInt(c.Rating.Rating, 10)
	}
	if c.Fin != nil && c.Fin.Rating > 0 {
		r.Fields["satisfaction with Fin"] = strconv.FormatInt(c.Fin.Rating, 10)
	}
	r.Raw = out.Raw(conversationPayload(raw, s.set.On(optMessages)))
	out.Record(r)
	s.ratings(c, r.Raw, out)
	if s.set.On(optMessages) {
		s.messages(c, &r, out)
	}
}

// channel is the place that conversations stand in.
const channel = "conversations"

// messages pushes the message that began a conversation, and the replies.
func (s *source) messages(c *wireConversation, r *connector.Record, out *connector.Sink) {
	out.Channel(connector.Channel{ExternalID: channel, Name: channel})
	thread := "conversation/" + r.ExternalID
	talk := connector.Conversation{Thread: thread, Title: r.Name, URL: s.link(r.ExternalID), State: greenroom.StateOpen, UpdatedAt: r.UpdatedAt}
	if c.State == "closed" {
		talk.State, talk.ResolvedAt = greenroom.StateResolved, r.ClosedAt
	}
	out.Conversation(talk)
	first := connector.Activity{
		ExternalID: thread, Kind: greenroom.KindMessage, Channel: channel, Author: s.author(&c.Source.Author, out), OccurredAt: c.CreatedAt.time(), Thread: thread,
		Title: htmltext.Text(c.Source.Subject), Body: htmltext.Text(c.Source.Body), URL: talk.URL, Raw: r.Raw,
	}
	if c.Source.Redacted { // what stands there says only that it was
		first.Body, first.EditedAt = "", r.UpdatedAt
	}
	out.Activity(first)
	for i := range c.Parts.Parts {
		p := &c.Parts.Parts[i]
		switch {
		case internal(p.Type):
			out.LeftOut("internal notes", 1)
			continue
		case p.Body == "" && !p.Redacted:
			out.LeftOut("steps without words: "+p.Type, 1)
			continue
		case p.ID == "" || p.CreatedAt == 0:
			out.Reject(greenroom.Reject{File: thread, Line: int64(i) + 1, Reason: invalid("part").Error(), Expected: "a part as Intercom's API describes it"})
			continue
		}
		a := connector.Activity{
			ExternalID: "part/" + string(p.ID), Kind: greenroom.KindReply, Channel: channel, Author: s.author(&p.Author, out), OccurredAt: p.CreatedAt.time(), Thread: thread,
			Body: htmltext.Text(p.Body), URL: talk.URL, Raw: r.Raw,
		}
		if p.Redacted {
			a.Body, a.EditedAt = "", p.UpdatedAt.time()
		}
		out.Activity(a)
	}
	if n := int64(len(c.Parts.Parts)); c.Parts.Total > n {
		s.env.Meter.Warn("Intercom shows the last 500 parts of a conversation only; some are longer.")
	}
}

// author pushes who wrote something, as far as it is told there.
func (s *source) author(a *wireAuthor, out *connector.Sink) string {
	if a.ID == "" {
		return ""
	}
	who := connector.Identity{ExternalID: string(a.ID), Name: a.Name}
	switch a.Type {
	case "admin":
		who.ExternalID, who.Staff = "admin/"+who.ExternalID, true
	case "team":
		who.ExternalID, who.Staff = "team/"+who.ExternalID, true
	case "bot":
		who.ExternalID, who.Bot = "bot/"+who.ExternalID, true
	default:
		who.Emails = mail(a.Email, false)
	}
	out.Identity(who)
	return who.ExternalID
}

// ratings pushes what the customer thought of the help of teammates, and of Fin's.
func (s *source) ratings(c *wireConversation, raw connector.RawRef, out *connector.Sink) {
	id := "rating/" + string(c.ID)
	if r := c.Rating; r != nil {
		s.rating(c, &rated{id, "Satisfaction", r.Contact.ID, r.Remark, r.Rating, r.CreatedAt, r.UpdatedAt}, raw, out)
	}
	if r := c.Fin; r != nil {
		s.rating(c, &rated{id + "/fin", "Satisfaction with Fin", "", r.Remark, r.Rating, r.CreatedAt, r.UpdatedAt}, raw, out)
	}
}

// rated is what a customer thought of something.
type rated struct {
	id, title, author, remark string
	score                     int64 // 1 to 5; 0 = it was asked for and not given
	at, changed               seconds
}

func (s *source) rating(c *wireConversation, r *rated, raw connector.RawRef, out *connector.Sink) {
	if r.score == 0 || r.at == 0 {
		return
	}
	out.Channel(connector.Channel{ExternalID: channel, Name: channel})
	a := connector.Activity{
		ExternalID: r.id, Kind: greenroom.KindSurveyAnswer, Channel: channel, Author: r.author, OccurredAt: r.at.time(),
		Title: r.title + ": " + strconv.FormatInt(r.score, 10) + " of 5", Body: strings.TrimSpace(r.remark), Raw: raw,
	}
	if a.Author == "" && len(c.Contacts.Contacts) > 0 {
		a.Author = c.Contacts.Contacts[0].ID
	}
	if r.changed > r.at {
		a.EditedAt = r.changed.time()
	}
	if s.set.On(optMessages) {
		a.Thread = "conversation/" + string(c.ID)
	}
	out.Activity(a)
}

// subject is what a conversation is about: its title, its subject or its first words.
func subject(c *wireConversation) string {
	body := c.Source.Body
	if c.Source.Redacted { // what stands there says only that it was
		body = ""
	}
	for _, t := range []string{c.Title, c.Source.Subject, body} {
		line, _, _ := strings.Cut(strings.TrimSpace(htmltext.Text(t)), "\n")
		if len(line) > 120 {
			line = strings.ToValidUTF8(line[:120], "") + "…"
		}
		if line != "" {
			return line
		}
	}
	return "Conversation " + string(c.ID)
}

func (s *source) attributes(all map[string]any) map[string]string {
	f := map[string]string{}
	for _, key := range s.set.List(optAttributes) {
		switch v := all[key].(type) {
		case string:
			if v = strings.TrimSpace(v); v != "" {
				f[key] = v
			}
		case bool:
			f[key] = strconv.FormatBool(v)
		case float64:
			f[key] = strconv.FormatFloat(v, 'f', -1, 64)
		}
	}
	return f
}

func number(v float64) string {
	if v == 0 {
		return ""
	}
	return strconv.FormatFloat(v, 'f', -1, 64)
}

func mail(address string, verified bool) []greenroom.Email {
	address = strings.ToLower(strings.TrimSpace(address))
	if strings.Count(address, "@") != 1 {
		return nil
	}
	return []greenroom.Email{{Address: address, Verified: verified}}
}

func domain(v string) string {
	v = strings.ToLower(strings.TrimSpace(v))
	if _, rest, ok := strings.Cut(v, "://"); ok {
		v = rest
	}
	v, _, _ = strings.Cut(v, "/")
	v = strings.TrimPrefix(v, "www.")
	if !strings.Contains(v, ".") || strings.ContainsAny(v, " @") {
		return ""
	}
	return v
}
