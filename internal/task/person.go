// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package task

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"greenroom"
)

// Person is somebody of the team who can sign in and change things, and so can be given tasks and conversations.
type Person struct {
	Email string `json:"email"`
	Name  string `json:"name"`
}

// Label is the name to show.
func (p Person) Label() string { return cmp.Or(p.Name, p.Email) }

// Find is the person with a mail address, in whichever case it is written.
func Find(team []Person, email string) (Person, bool) {
	i := slices.IndexFunc(team, func(p Person) bool { return strings.EqualFold(p.Email, strings.TrimSpace(email)) })
	if i < 0 {
		return Person{}, false
	}
	return team[i], true
}

// mostNamed is how many people a refusal names; more make no sentence.
const mostNamed = 8

// Nobody is the refusal of a mail address that nobody of the team has: CodeInvalid, with the field that it was given in and
// with who there is.
func Nobody(team []Person, field, email string) error {
	if len(team) == 0 {
		return greenroom.FieldErrorf(field, "nobody of the team has the mail address %q: nobody can be given anything yet; people are invited under Settings, People", email)
	}
	named := make([]string, 0, mostNamed+1)
	for i, p := range team {
		if i == mostNamed {
			named = append(named, strconv.Itoa(len(team)-i)+" more, listed under Settings, People")
			break
		}
		text := p.Email
		if p.Name != "" {
			text = p.Name + " (" + p.Email + ")"
		}
		named = append(named, text)
	}
	return greenroom.FieldErrorf(field, "nobody of the team has the mail address %q; there is %s", email, greenroom.AllOf(named))
}
