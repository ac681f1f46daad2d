// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package query_test

import (
	"errors"
	"strings"
	"testing"

	"greenroom/internal/query"
)

func TestErrors(t *testing.T) {
	const m, o, a, c = query.Members, query.Organizations, query.Activities, query.Conversations
	tests := []struct {
		entity              query.Entity
		text                string
		pos, end            int
		message, suggestion string
	}{
		{m, "tag:x lastactive:<30d", 6, 16, `there is no field "lastactive" for members`, "last_active"},
		{m, "is:stuff", 3, 8, `is: has no flag "stuff"; there are staff, bot, hidden, contact, new, active, quiet, gone, overdue`, "staff"},
		{m, "emial:x", 0, 5, `there is no field "emial" for members`, "email"},
		{m, "foo:x", 0, 3, `there is no field "foo" for members`, ""},
		{m, "note: hello", 0, 4, `there is no field "note" for members`, ""},
		{m, "tag: vip", 4, 4, "tag needs its value right after it, without a space", ""},
		{m, "tag:", 4, 4, "tag needs a value, or * for any", ""},
		{m, "tag:,x", 4, 4, "tag needs a value, or * for any", ""},
		{m, "tag:x,", 6, 6, "tag needs a value, or * for any", ""},
		{m, "(a or b", 0, 1, "this parenthesis is never closed", ""},
		{m, "a) b", 1, 2, "this parenthesis closes nothing", ""},
		{m, "()", 0, 2, "there is nothing in these parentheses", ""},
		{m, `name:"abc`, 5, 6, "this quote is never closed", ""},
		{m, `""`, 0, 2, "there is nothing in these quotes", ""},
		{m, "a or", 2, 4, "or needs a condition on both sides; put it in quotes to search for the word", ""},
		{m, "or a", 0, 2, "or needs a condition on both sides; put it in quotes to search for the word", ""},
		{m, "a or or b", 5, 7, "or needs a condition on both sides; put it in quotes to search for the word", ""},
		{m, "a and", 2, 5, "and needs a condition on both sides; put it in quotes to search for the word", ""},
		{m, "and a", 0, 3, "and needs a condition on both sides; put it in quotes to search for the word", ""},
		{m, "a and and b", 2, 5, "and needs a condition on both sides; put it in quotes to search for the word", ""},
		{m, "a (b or) c", 5, 7, "or needs a condition on both sides; put it in quotes to search for the word", ""},
		{m, "-", 0, 1, "- needs a condition right after it; put it in quotes to search for it", ""},
		{m, "a - b", 2, 3, "- needs a condition right after it; put it in quotes to search for it", ""},
		{m, "not", 0, 3, "not needs a condition right after it; put it in quotes to search for it", ""},
		{m, "not )", 0, 3, "not needs a condition right after it; put it in quotes to search for it", ""},
		{m, "a not or b", 2, 5, "not needs a condition right after it; put it in quotes to search for it", ""},
		{m, "activities:many", 11, 15, `activities takes a number such as 10 or >=3, not "many"`, ""},
		{m, "activities:10,000", 11, 17, "a comma means any of; large numbers are written without", ""},
		{m, "last_active:<6m", 13, 15, "6m can be minutes or months; minutes are min, months are mo", "6mo"},
		{m, "field.x:>6M", 9, 11, "6M can be minutes or months; minutes are min, months are mo", "6Mo"},
		{m, "activities:>10,000", 12, 18, "a comparison takes one value; large numbers are written without commas", ""},
		{m, "activities:20..10", 11, 17, "the range runs backwards", "10..20"},
		{m, "activities:..", 11, 13, "a range needs a beginning or an end", ""},
		{m, "activities:1..x", 14, 15, `activities takes a number such as 10 or >=3, not "x"`, ""},
		{m, "activities:1*", 12, 13, "* stands for any value, alone after the field, as in activities:*", ""},
		{m, "activities:>*", 12, 13, "* stands for any value, alone after the field, as in activities:*", ""},
		{m, "activities:1,2..3", 13, 17, `activities takes a number such as 10 or >=3, not "2..3"`, ""},
		{m, "activities:1..2,3", 11, 17, "a range stands alone; join several with or", ""},
		{m, "activities:>1..2", 12, 16, "a range stands alone; join several with or", ""},
		{m, "last_active:30d", 12, 15, "say <30d for less than 30d ago, or >30d for longer ago", "<30d"},
		{m, "last_active:<30", 13, 15, `last_active takes a date such as 2026-01-31, today or <30d, not "30"`, "30d"},
		{m, "last_active:soon", 12, 16, `last_active takes a date such as 2026-01-31, today or <30d, not "soon"`, ""},
		{m, "last_active:2026-02-30", 12, 22, "2026-02-30 is no date: February 2026 has 28 days", ""},
		{m, "last_active:2026-13", 12, 19, "2026-13 is no date: there is no month 13", ""},
		{m, "last_active:30d..", 12, 17, "say <30d for less long ago, or >30d for longer ago", ""},
		{m, "last_active:2026-03..2026-01", 12, 28, "the range runs backwards", "2026-01..2026-03"},
		{m, "last_active:30d,60d", 12, 15, "say <30d for less than 30d ago, or >30d for longer ago", "<30d"},
		{c, "first_response:24", 15, 17, `first_response takes a duration such as <4h or >2d, not "24"`, "24h"},
		{c, "first_response:24h", 15, 18, "say <24h for less than 24h, or >24h for more", "<24h"},
		{c, "first_response:2h..1h", 15, 21, "the range runs backwards", "1h..2h"},
		{c, "waiting:today", 8, 13, `waiting takes a duration such as <4h or >2d, not "today"`, ""},
		{m, "name:>x", 0, 6, "name cannot be compared; only numbers, dates and durations can", ""},
		{m, "country!=DE", 0, 9, "there is no operator !; a minus before the field excludes", "-country:"},
		{m, "tag:!x", 0, 5, "there is no operator !; a minus before the field excludes", "-tag:"},
		{m, "tag:-x", 4, 5, "a minus that excludes stands before the field; put the value in quotes to mean the character", ""},
		{m, "is:-staff", 3, 4, "a minus that excludes stands before the field", ""},
		{m, "name:m*r", 6, 7, "* can only stand at the end; put the value in quotes to mean the character", ""},
		{m, "*", 0, 1, "* stands at the end of a word, or alone after a field; an empty query finds everything", ""},
		{m, "a*b", 1, 2, "* can only stand at the end; put the value in quotes to mean the character", ""},
		{m, "tag:a(b)", 5, 6, "put the whole value in quotes, or a space before what follows", ""},
		{m, `tag:a"b"`, 5, 6, "put the whole value in quotes, or a space before what follows", ""},
		{m, `tag:"b"c`, 7, 8, "put the whole value in quotes, or a space before what follows", ""},
		{m, "is:*", 3, 4, "is: takes whole values: staff, bot, hidden, contact, new, active, quiet, gone, overdue", ""},
		{m, "channel:#", 8, 9, "channel needs a value, or * for any", ""},
		{m, "tag:x,*", 6, 7, "* stands for any value, alone after the field, as in tag:*", ""},
		{m, "kind:question", 0, 4, `there is no field "kind" for members`, "did"},
		{m, "domain:x", 0, 6, `there is no field "domain" for members`, "org.domain"},
		{m, "lifecycle:trial", 0, 9, `there is no field "lifecycle" for members`, "org.lifecycle"},
		{a, "email:x", 0, 5, `there is no field "email" for activities`, "member.email"},
		{a, "did:question", 0, 3, `there is no field "did" for activities`, "kind"},
		{m, "since:30d", 0, 5, "since belongs right after a did: condition, as in did:* since:30d", ""},
		{m, "count:3", 0, 5, "count belongs right after a did: condition, as in did:* count:>=3", ""},
		{a, "did:x", 0, 3, `there is no field "did" for activities`, "kind"},
		{o, "in:#help", 0, 2, "in belongs right after a did: condition, as in did:* in:#help", ""},
		{o, "is:customer", 3, 11, `is: has no flag "customer"; there are education`, ""},
		{m, "did:questoin", 4, 12, `did: has no kind of activity "questoin"; there are message, reply, question, answer, accepted_answer, reaction, issue, pull_request, star`, "question"},
		{m, "did:star in:a in:b", 14, 16, "in is given twice for one did:", ""},
		{m, "did:star -source:slack", 9, 16, `a did: condition cannot exclude; write "and" before it to make it a condition of its own`, ""},
		{m, "did:star not in:#x", 9, 15, `a did: condition cannot exclude; write "and" before it to make it a condition of its own`, ""},
		{m, "did:star count:x", 15, 16, `count takes a number such as 10 or >=3, not "x"`, ""},
		{m, "did:star count:1.5", 15, 18, "count takes a whole number from 0 on", ""},
		{m, "did:star count:<0", 9, 17, "no count is below 0", ""},
		{m, "did:star count:1,2", 15, 18, "count takes one number or a range, as in count:2..5", ""},
		{m, "did:star since:*", 9, 16, "since takes one date or age, as in since:30d", ""},
		{m, "did:star in:*", 9, 13, "in:* says nothing; leave it out", ""},
		{m, "did:star since:>30d", 9, 19, "since takes one date or age, as in since:30d", ""},
		{m, "did:star since:1d..2d", 9, 21, "since takes one date or age, as in since:30d", ""},
		{m, "did:", 4, 4, "did needs a value, or * for any", ""},
		{a, "since:30d,40d", 0, 13, "since takes one date or age, as in since:30d", ""},
		{a, "since:soon", 6, 10, `since takes a date such as 2026-01-31, today or 30d, not "soon"`, ""},
		{a, "since:*", 0, 7, "since takes one date or age, as in since:30d", ""},
		{m, "field.:x", 0, 6, "a custom field is written field. and its name, as in field.team_size", ""},
		{m, "field.a.b:x", 0, 9, "a custom field is written field. and its name, as in field.team_size", ""},
		{m, "field.x:>abc", 9, 12, `a comparison takes a number, a date or an age, not "abc"`, ""},
		{m, "field.x:1..2026-01-01", 8, 21, "both ends of a range need to be numbers, or both dates", ""},
		{m, "field.x:2..1", 8, 12, "the range runs backwards", "1..2"},
		{m, "sort:emial", 5, 10, `members cannot be sorted by "emial", but by name, last_active, first_active, joined, activities, country, identities, level, love, points`, ""},
		{m, "sort:naem", 5, 9, `members cannot be sorted by "naem", but by name, last_active, first_active, joined, activities, country, identities, level, love, points`, "name"},
		{m, "sort:-naem", 6, 10, `members cannot be sorted by "naem", but by name, last_active, first_active, joined, activities, country, identities, level, love, points`, "name"},
		{m, "(a sort:name)", 3, 12, "sort: orders the whole result; put it outside of parentheses and negations", ""},
		{m, "-sort:name", 1, 10, "sort: orders the whole result; put it outside of parentheses and negations", ""},
		{m, "sort:name,name", 10, 14, "the result is sorted by name already", ""},
		{m, "sort>=name", 0, 5, "sort takes a colon", "sort:"},
		{m, "sort:name or a", 10, 12, "or needs a condition on both sides; put it in quotes to search for the word", ""},
		{m, "has:foo", 4, 7, `has: has no field "foo"; there are email, handle, org, past_org, tag, segment, program, source, channel, country, location, level, love, points and 6 more`, ""},
		{m, "has:name", 4, 8, `has: has no field "name"; there are email, handle, org, past_org, tag, segment, program, source, channel, country, location, level, love, points and 6 more`, ""},
		{m, "kind:x or", 0, 4, `there is no field "kind" for members`, "did"},
		{m, "a\x00b", 1, 2, "a query cannot hold the control character U+0000", ""},
		{m, "é a\xffb", 4, 5, "this is not a character (the text is not UTF-8)", ""},
		{c, "state:opne", 6, 10, `state: has no value "opne"; there are open, answered, resolved, ignored`, "open"},
		{c, "is:open is:unanswered", 8, 21, `is: has no flag "unanswered"; there are question, waiting, open, answered, resolved, ignored, staff, bot`, "-is:answered"},
		{m, "lastactive<30d", 0, 10, `there is no field "lastactive" for members`, "last_active"},
	}
	all := schemas()
	for _, tt := range tests {
		_, err := query.Parse(all[tt.entity], tt.text)
		var e *query.Error
		if !errors.As(err, &e) {
			t.Errorf("%s: Parse(%q): %v, want an *Error", tt.entity, tt.text, err)
			continue
		}
		if e.Pos != tt.pos || e.End != tt.end {
			t.Errorf("%s: Parse(%q) points at [%d:%d] %q, want [%d:%d]", tt.entity, tt.text, e.Pos, e.End, tt.text[e.Pos:e.End], tt.pos, tt.end)
		}
		if e.Message != tt.message || e.Suggestion != tt.suggestion {
			t.Errorf("%s: Parse(%q)\n got %s -> %q\nwant %s -> %q", tt.entity, tt.text, e.Message, e.Suggestion, tt.message, tt.suggestion)
		}
	}
}

func TestErrorIsReadable(t *testing.T) {
	_, err := query.Parse(query.NewSchema(query.Members, kinds()), "ñandú\t lastactive:<30d")
	var e *query.Error
	if !errors.As(err, &e) {
		t.Fatalf("got %v, want an *Error", err)
	}
	if got, want := e.Error(), `column 8: there is no field "lastactive" for members; did you mean last_active?`; got != want {
		t.Errorf("Error() = %s, want %s", got, want)
	}
	if got, want := e.Caret(), "ñandú  lastactive:<30d\n       ^^^^^^^^^^"; got != want {
		t.Errorf("Caret() =\n%s\nwant\n%s", got, want)
	}
	if got, want := e.Fix(), "ñandú\t last_active:<30d"; got != want {
		t.Errorf("Fix() = %q, want %q", got, want)
	}
	_, err = query.Parse(query.NewSchema(query.Members, kinds()), "tag:")
	if !errors.As(err, &e) {
		t.Fatalf("got %v, want an *Error", err)
	}
	if got, want := e.Caret(), "tag:\n    ^"; got != want {
		t.Errorf("Caret() =\n%s\nwant\n%s", got, want)
	}
	if got := e.Fix(); got != "" {
		t.Errorf("Fix() = %q, want nothing", got)
	}
}

// Hostile texts are refused with a message, at a fixed cost.
func TestLimits(t *testing.T) {
	s := query.NewSchema(query.Members, kinds())
	deep := func(n int) string { return strings.Repeat("(", n) + "a" + strings.Repeat(")", n) }
	tests := []struct {
		name, text, want string
	}{
		{"longest", strings.Repeat("a", query.MaxLength), ""},
		{"too long", strings.Repeat("é", query.MaxLength/2) + "é", "column 4097: a query can have 8192 bytes at most, this one has 8194"},
		{"deepest", deep(query.MaxDepth), ""},
		{"too deep", deep(query.MaxDepth + 1), "column 33: parentheses are nested too deep; 32 levels are possible"},
		{"many minuses", strings.Repeat("-", 8000) + "a", ""},
		{"many nots", strings.Repeat("not ", 2000) + "a", ""},
		{"many minuses and parentheses", strings.Repeat("-(", 4000), "column 66: parentheses are nested too deep; 32 levels are possible"},
	}
	for _, tt := range tests {
		_, err := query.Parse(s, tt.text)
		got := ""
		if err != nil {
			got = err.Error()
		}
		if got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}
