// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package webhook

import "strings"

// Field is one thing that a line of the mapping can fill.
type Field struct {
	Name    string // a name that ends in ".*" takes any custom field's behind the dot
	Meaning string
}

// The fields that steer rather than tell.
const (
	fEach   = "each"
	fIf     = "if"
	fKind   = "kind"
	fRecord = "record"
)

// Fields lists what a mapping can fill, in the order in which help shows them.
func Fields() []Field {
	return []Field{
		{fEach, "a list in the payload: what follows is done for each of its entries, which are written @"},
		{fIf, "a condition: without it being true, nothing comes of the payload or entry"},
		{fKind, "the kind of activity, such as message, reply, attendance, survey_answer or usage"},
		{"external_id", "the sender's own id of it: what comes again with the same id replaces what came before"},
		{"occurred_at", "when it happened; the time of the delivery where empty"},
		{"edited_at", "when it was last changed; of two tellings the newer one holds"},
		{"deleted", "true where it was taken back"},
		{"title", "a title"},
		{"body", "the text; HTML is turned into plain text by html(…)"},
		{"url", "where it can be seen"},
		{"channel", "the name of the place it is in"},
		{"channel.id", "the sender's id of the place, where it has one"},
		{"channel.url", "the address of the place"},
		{"thread", "what all messages of a conversation share, e.g. the id of the first one"},
		{"reply_to", "the id of what it answers"},
		{"question", "true where the sender marks it as a question"},
		{"mentions", "the ids of people it mentions"},
		{"author.id", "the sender's id of the person; the e-mail address, handle or name where empty"},
		{"author.email", "the person's e-mail address"},
		{"author.email_verified", "true where the sender has checked the address"},
		{"author.name", "the person's name"},
		{"author.handle", "the person's user name"},
		{"author.avatar", "the address of the person's picture"},
		{"author.profile", "the address of the person's profile"},
		{"author.links", "other profiles of the person"},
		{"author.company", "where the person works"},
		{"author.title", "the person's job title"},
		{"author.location", "where the person lives"},
		{"author.bio", "what the person says of themselves"},
		{"author.time_zone", "the person's time zone"},
		{"author.joined_at", "since when the person is there"},
		{"author.tags", "tags of the person"},
		{"author.bot", "true for a program"},
		{"author.staff", "true for the team"},
		{"author.fields.*", "a custom field of the person"},
		{"organization.id", "the sender's id of the organization; the domain or name where empty"},
		{"organization.name", "the name of the organization that the person belongs to, or that the record is about"},
		{"organization.domain", "its domains"},
		{"organization.lifecycle", "prospect, trial, customer, churned, partner or other"},
		{"organization.size", "how many people work there"},
		{"organization.country", "its country"},
		{"organization.tags", "its tags"},
		{"organization.fields.*", "a custom field of the organization"},
		{fRecord, "deal, case or subscription: what comes of the payload is a business record rather than an activity"},
		{"record.name", "the record's name"},
		{"record.stage", "its stage or state"},
		{"record.amount", "its amount"},
		{"record.currency", "its currency, such as EUR"},
		{"record.opened_at", "when it was opened"},
		{"record.closed_at", "when it was closed"},
		{"record.fields.*", "a custom field of the record"},
	}
}

// known reports whether a field is one, and else the one that was probably meant.
func known(name string) (ok bool, meant string) {
	best := 4 // as many letters may be wrong
	for _, f := range Fields() {
		if f.Name == name {
			return true, ""
		}
		if group, open := strings.CutSuffix(f.Name, "*"); open && strings.HasPrefix(name, group) && len(name) > len(group) {
			return true, ""
		}
		d := distance(name, f.Name)
		if _, last, nested := strings.Cut(f.Name, "."); nested && last == name {
			d = 0 // email instead of author.email
		}
		if d < best {
			best, meant = d, f.Name
		}
	}
	return false, meant
}

// distance is how many letters are to be changed, added or left out to make b of a.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		corner := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			d := corner
			if a[i-1] != b[j-1] {
				d = 1 + min(corner, row[j], row[j-1])
			}
			corner, row[j] = row[j], d
		}
	}
	return row[len(b)]
}
