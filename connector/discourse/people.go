// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package discourse

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/internal/htmltext"
	"greenroom/connector/internal/jsonfile"
)

// author tells who wrote a post and returns the external id, "" where the account is gone.
func (m *mapper) author(p *post, raw connector.RawRef) string {
	if p.UserID == nil || *p.UserID == 0 {
		return ""
	}
	a := account{
		ID: *p.UserID, Username: p.Username, Name: p.Name, AvatarTemplate: p.AvatarTemplate, TrustLevel: p.TrustLevel,
		Admin: p.Admin, Moderator: p.Moderator || p.Staff,
	}
	m.tell(&a, knownSeen, raw)
	return userID(a.ID)
}

// account maps a person of a list or, with full set, a profile.
func (m *mapper) account(raw jsontext.Value, full, staff bool) {
	m.read(1)
	if !m.person(raw, full, staff) {
		m.leave(leftAgain, 1)
	}
}

// person is account without counting the record. It reports false where all of it was told before.
func (m *mapper) person(raw jsontext.Value, full, staff bool) bool {
	var a account
	err := jsonfile.Unmarshal(raw, &a)
	switch {
	case err != nil:
	case a.ID == 0:
		err = errNoID
	case a.Username == "":
		err = errNoUsername
	}
	if err != nil {
		m.refuse(raw, err, wantAccount)
		return true
	}
	a.Moderator = a.Moderator || staff
	level := uint8(knownSeen)
	if full || a.CreatedAt != "" {
		level |= knownProfile
	}
	var ref connector.RawRef
	if !m.silent && m.news(&a, level) {
		ref = m.out.Raw(raw)
	}
	return m.tell(&a, level, ref)
}

// news reports whether something is to be told of an account.
func (m *mapper) news(a *account, level uint8) bool {
	if a.Moderator || a.Admin {
		level |= knownStaff
	}
	return m.known[a.ID]|level != m.known[a.ID]
}

// tell tells of an account what was not told before, and reports whether there was anything.
func (m *mapper) tell(a *account, level uint8, raw connector.RawRef) bool {
	staff := a.Moderator || a.Admin
	if staff {
		level |= knownStaff
	}
	if !m.news(a, level) {
		return false
	}
	have := m.known[a.ID]
	m.known[a.ID] = have | level
	if have == 0 && level&knownProfile == 0 && a.ID > 0 {
		m.newAuthors = append(m.newAuthors, a.Username)
	}
	if m.silent {
		return true
	}
	id := connector.Identity{ExternalID: userID(a.ID), Staff: staff && a.ID > 0, Raw: raw}
	if have&^knownStaff|level&^knownStaff == have&^knownStaff { // only that it is staff is new
		m.out.Identity(id)
		return true
	}
	m.describe(&id, a)
	m.out.Identity(id)
	return true
}

func (m *mapper) describe(id *connector.Identity, a *account) {
	id.Handle = jsonfile.Clean(a.Username)
	id.Name = jsonfile.Clean(a.Name)
	id.AvatarURL = m.avatar(a.AvatarTemplate)
	id.Location = jsonfile.Clean(a.Location)
	id.TimeZone = jsonfile.Clean(a.Timezone)
	id.Bot = a.ID < 0 || a.Username == "system" || a.Username == "discobot"
	if m.base != "" && a.Username != "" {
		id.ProfileURL = m.base + "/u/" + url.PathEscape(jsonfile.Clean(a.Username))
	}
	id.Bio = jsonfile.Clean(a.BioRaw)
	if id.Bio == "" && a.BioCooked != "" {
		id.Bio = htmltext.Convert(a.BioCooked, m.base).Text
	}
	if site := website(a.Website); site != "" {
		id.Links = []string{site}
	}
	for _, text := range append([]string{a.Email}, a.SecondaryEmails...) {
		if address := strings.ToLower(strings.TrimSpace(jsonfile.Clean(text))); strings.Count(address, "@") == 1 {
			id.Emails = append(id.Emails, greenroom.Email{Address: address, Verified: true}) // a forum account is opened by its e-mail
		}
	}
	if a.CreatedAt != "" {
		id.JoinedAt, _ = parseTime(a.CreatedAt) // not a time: not known
	}
	if a.TrustLevel != nil && a.ID > 0 {
		id.Fields = map[string]string{"trust_level": strconv.FormatInt(*a.TrustLevel, 10)}
	}
}

// avatar makes a whole address of a template such as "/user_avatar/forum.example.com/ana/{size}/12_2.png".
func (m *mapper) avatar(template string) string {
	s := strings.ReplaceAll(jsonfile.Clean(template), "{size}", "144")
	switch {
	case strings.HasPrefix(s, "//"):
		return "https:" + s
	case strings.HasPrefix(s, "/") && m.base == "":
		return ""
	case strings.HasPrefix(s, "/"):
		return m.base + s
	}
	return s
}

// website is the address of a profile as a whole URL, "" where it is none.
func website(s string) string {
	s = strings.TrimSpace(jsonfile.Clean(s))
	if s == "" || strings.ContainsAny(s, " \n") {
		return ""
	}
	if !strings.Contains(s, "://") {
		s = "https://" + s
	}
	if u, err := url.Parse(s); err != nil || !strings.Contains(u.Host, ".") {
		return ""
	}
	return s
}
