// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package workflow

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"

	"greenroom"
)

// PersonalField is something of a member, or of how it began, that texts can name: {{first_name|there}}. What stands
// behind the bar is written where it is not known.
type PersonalField struct {
	Name   string `json:"name"`
	Text   string `json:"text"`
	Always bool   `json:"always"` // it is always known, so that nothing need stand behind a bar
	Begun  bool   `json:"begun"`  // of the activity with which it began
}

// PersonalFields lists them; beside them there is field.NAME for each custom field.
func PersonalFields() []PersonalField {
	return []PersonalField{
		{"first_name", "Their first name", false, false},
		{"name", "Their name", true, false},
		{"organization", "Their organization", false, false},
		{"country", "Their country, as a two-letter code", false, false},
		{"conversation", "The title of the conversation with which it began", false, true},
		{"link", "The link to it", false, true},
		{"channel", "The channel that it is in", false, true},
		{"topic", "A topic that it is about", false, true},
		{"member_link", "The link to their page in Greenroom, for the team", true, false},
		{"sender", "The name of who writes", false, false},
		{"sender_first_name", "The first name of who writes", false, false},
	}
}

var mark = regexp.MustCompile(`\{\{\s*([a-z_]+(?:\.[\pL\pN_ -]+)?)\s*(?:\|([^{}]*))?\}\}`)

// checkText says what is wrong with the personal fields of a text; "" = nothing. began says whether there is an activity
// with which runs begin.
func checkText(text string, began bool) string {
	rest := mark.ReplaceAllString(text, "")
	if i := strings.Index(rest, "{{"); i >= 0 {
		shown := []rune(rest[i:])
		return fmt.Sprintf("%q cannot be read; personal fields are written like {{first_name|there}}", string(shown[:min(len(shown), 20)]))
	}
	for _, m := range mark.FindAllStringSubmatch(text, -1) {
		name, fallback := m[1], m[2] != ""
		if strings.HasPrefix(name, "field.") {
			if !fallback {
				return "{{" + name + "}} is not known of everybody; say what stands there else: {{" + name + "|…}}"
			}
			continue
		}
		known := false
		for _, f := range PersonalFields() {
			if f.Name != name {
				continue
			}
			known = true
			if !f.Always && !fallback && (!f.Begun || !began || f.Name == "topic" || f.Name == "conversation") {
				return "{{" + name + "}} is not known of everybody; say what stands there else: {{" + name + "|…}}"
			}
		}
		if !known {
			return "there is no personal field " + name
		}
	}
	return ""
}

// Texts is what personal fields are filled with.
type Texts struct {
	Person *Person
	Begun  *Begun // nil = it began with no activity
	Sender string // name of who writes
	Base   string
}

// Fill writes the personal fields of a text. A field that is not known and has nothing behind the bar is an error.
func (t *Texts) Fill(text string) (string, error) {
	var missing string
	out := mark.ReplaceAllStringFunc(text, func(found string) string {
		m := mark.FindStringSubmatch(found)
		if v := harmless(t.value(m[1])); v != "" {
			return v
		}
		if m[2] == "" && missing == "" {
			missing = m[1]
		}
		return m[2]
	})
	if missing != "" {
		return "", greenroom.Errorf(greenroom.CodeInvalid, "%s is not known of %s, and the text does not say what stands there else", missing, t.Person.Name)
	}
	return out, nil
}

func (t *Texts) value(name string) string {
	p := t.Person
	switch name {
	case "first_name":
		return FirstName(p.Name)
	case "name":
		return p.Name
	case "organization":
		return p.Organization
	case "country":
		return p.Country
	case "member_link":
		return fmt.Sprintf("%s/members/%d", t.Base, p.ID)
	case "sender":
		return t.Sender
	case "sender_first_name":
		return FirstName(t.Sender)
	}
	if own, ok := strings.CutPrefix(name, "field."); ok {
		return p.Fields[own]
	}
	if t.Begun == nil {
		return ""
	}
	switch name {
	case "conversation":
		return t.Begun.Title
	case "link":
		return t.Begun.URL
	case "channel":
		return t.Begun.Channel
	case "topic":
		return t.Begun.Topic
	}
	return ""
}

const maxFilled = 300

// harmless takes out of what members and sources wrote what would be mark-up in a message that goes out in the team's
// name, so that nobody's name becomes a link there.
func harmless(v string) string {
	v = strings.Map(func(r rune) rune {
		switch {
		case strings.ContainsRune("[]<>`*|{}", r):
			return -1
		case unicode.IsSpace(r), unicode.IsControl(r):
			return ' '
		}
		return r
	}, v)
	runes := []rune(strings.Join(strings.Fields(v), " "))
	return string(runes[:min(len(runes), maxFilled)])
}

// FirstName is the first name in a name as people write theirs; "" where it looks like none, as a handle does.
func FirstName(name string) string {
	if before, _, ok := strings.Cut(name, "("); ok {
		name = before
	}
	words := strings.Fields(name)
	if len(words) == 0 || strings.Contains(words[0], "@") {
		return ""
	}
	first := strings.Trim(words[0], ",.;:\"'")
	if len(words) > 1 && strings.HasSuffix(words[0], ",") { // "Silva, Ana"
		first = strings.Trim(words[1], ",.;:\"'")
	}
	letters := 0
	for _, r := range first {
		switch {
		case unicode.IsLetter(r), unicode.Is(unicode.Mn, r):
			letters++
		case r != '-' && r != '\'' && r != '’':
			return ""
		}
	}
	begin := []rune(first)
	switch {
	case letters < 2, unicode.IsLower(begin[0]) && len(words) == 1: // a handle, or an initial
		return ""
	}
	if strings.EqualFold(first, "dr") || strings.EqualFold(first, "prof") || strings.EqualFold(first, "mr") || strings.EqualFold(first, "ms") || strings.EqualFold(first, "mrs") {
		return ""
	}
	return first
}
