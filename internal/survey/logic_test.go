// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package survey

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"greenroom"
)

// drawDefinition draws any definition that is valid.
func drawDefinition(t *rapid.T) *Definition {
	d := &Definition{Language: "en", Title: Plain("t")}
	var before []*Question
	pages := rapid.IntRange(1, 6).Draw(t, "pages")
	condition := func(from []*Question) *Condition {
		q := rapid.SampledFrom(from).Draw(t, "about")
		c := &Condition{Question: q.ID}
		low, high, scaled := q.Scale()
		switch rapid.IntRange(0, 3).Draw(t, "how") {
		case 0:
			yes := rapid.Bool().Draw(t, "answered")
			c.Answered = &yes
		case 1:
			if scaled {
				n := rapid.IntRange(low, high).Draw(t, "n")
				c.AtMost = &n
				return c
			}
			fallthrough
		default:
			switch {
			case scaled:
				n := rapid.IntRange(low, high).Draw(t, "n")
				c.AtLeast = &n
			case len(q.Choices) > 0 && q.Type != Matrix:
				c.Is = []string{rapid.SampledFrom(q.Choices).Draw(t, "is").ID}
			default:
				no := false
				c.Answered = &no
			}
		}
		return c
	}
	for i := range pages {
		p := Page{ID: "p" + strconv.Itoa(i)}
		for j := range rapid.IntRange(1, 3).Draw(t, "questions") {
			q := Question{ID: fmt.Sprintf("q%d-%d", i, j), Type: rapid.SampledFrom(Types()).Draw(t, "type"), Text: Plain("x"), Required: rapid.Bool().Draw(t, "required")}
			if q.Type == Single || q.Type == Multiple || q.Type == Matrix {
				q.Choices = []Choice{{"a", Plain("A")}, {"b", Plain("B")}}
			}
			if q.Type == Matrix {
				q.Rows = []Choice{{"r", Plain("R")}, {"s", Plain("S")}}
			}
			if len(before) > 0 && rapid.Bool().Draw(t, "conditional") {
				q.ShowIf = condition(before)
			}
			p.Questions = append(p.Questions, q)
		}
		d.Pages = append(d.Pages, p)
		for j := range d.Pages[i].Questions {
			before = append(before, &d.Pages[i].Questions[j])
		}
		for range rapid.IntRange(0, 2).Draw(t, "jumps") {
			to := End
			if i+1 < pages && rapid.Bool().Draw(t, "forward") {
				to = "p" + strconv.Itoa(rapid.IntRange(i+1, pages-1).Draw(t, "to"))
			}
			d.Pages[i].Next = append(d.Pages[i].Next, Jump{*condition(before), to})
		}
	}
	return d
}

// drawValue draws an answer that is one; empty ones only where they may be.
func drawValue(t *rapid.T, q *Question) Value {
	if !q.Required && rapid.IntRange(0, 3).Draw(t, "skip") == 0 {
		return Value{}
	}
	if low, high, ok := q.Scale(); ok {
		n := rapid.IntRange(low, high).Draw(t, "number")
		return Value{Number: &n}
	}
	one := func() string { return rapid.SampledFrom(q.Choices).Draw(t, "choice").ID }
	switch q.Type {
	case Single:
		return Value{Choices: []string{one()}}
	case Multiple:
		return Value{Choices: slices.Compact(slices.Sorted(slices.Values([]string{one(), one()})))}
	case Matrix:
		return Value{Rows: map[string]string{"r": one(), "s": one()}}
	default:
		return Value{Text: "words"}
	}
}

// TestNoDeadEnd holds that whatever a survey asks and whatever somebody answers, also when they go back and change their
// mind, they come to the end, no page has nothing on it, and what they were not asked does not count.
func TestNoDeadEnd(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := drawDefinition(t)
		if err := d.Validate(); err != nil {
			t.Fatalf("a definition that ought to be valid: %v", err)
		}
		a := make(Answers)
		page, back := d.Path(a)[0], rapid.IntRange(0, 3).Draw(t, "back")
		for steps := 0; ; steps++ {
			if steps > 10*len(d.Pages) {
				t.Fatal("it does not end")
			}
			visible := d.Visible(page, d.Counted(a))
			if len(visible) == 0 {
				t.Fatalf("page %d has nothing on it", page)
			}
			for _, q := range visible {
				v := drawValue(t, q)
				if problem := q.Check(&v); problem != "" {
					t.Fatalf("%+v does not take %+v: %s", q, v, problem)
				}
				if v.empty() {
					delete(a, q.ID)
				} else {
					a[q.ID] = v
				}
			}
			if back > 0 && rapid.Bool().Draw(t, "go back") {
				if before, none := d.Previous(page, d.Counted(a)); !none {
					page, back = before, back-1
					continue
				}
			}
			next, done := d.Next(page, a)
			if done {
				if open, all := d.Open(a); !all {
					next, done = open, false
				}
			}
			if done {
				break
			}
			page = next
		}
		counted := d.Counted(a)
		path := d.Path(counted)
		for id := range counted {
			if !slices.ContainsFunc(path, func(p int) bool {
				return slices.ContainsFunc(d.Visible(p, counted), func(q *Question) bool { return q.ID == id })
			}) {
				t.Fatalf("the answer to %s counts, which was not asked", id)
			}
		}
	})
}

// TestDefinitionErrors holds that each mistake is told with its place.
func TestDefinitionErrors(t *testing.T) {
	const q = `{"id": "a", "type": "nps", "text": "?"}`
	page := func(rest string) string {
		return `{"title": "t", "pages": [{"id": "one", "questions": [` + q + `]` + rest + `}, {"id": "two", "questions": [{"id": "b", "type": "single", "text": "?", "choices": [{"id": "x", "text": "X"}, {"id": "y", "text": "Y"}]}]}]}`
	}
	for text, want := range map[string]string{
		`{`:                           "line 1 is not as a survey is written",
		`{"titel": "x"}`:              `unknown field "titel"`,
		`{"title": "t"} {}`:           "something follows",
		`{"pages": []}`:               "title: there is no text",
		`{"title": "t", "pages": []}`: "there are 0 pages",
		`{"title": {"not a tag!": "x"}, "pages": []}`:                                          "is no language tag",
		page(`, "next": [{"if": {"question": "a", "at_least": 3}, "to": "one"}]`):              `page 1, jump 1: it leads back to "one"`,
		page(`, "next": [{"if": {"question": "a", "at_least": 3}, "to": "three"}]`):            `there is no page "three"`,
		page(`, "next": [{"if": {"question": "b", "answered": true}, "to": "end"}]`):           `it asks about "b", which is not asked before`,
		page(`, "next": [{"if": {"question": "a"}, "to": "end"}]`):                             "it asks nothing",
		page(`, "next": [{"if": {"question": "a", "is": ["11"]}, "to": "end"}]`):               `"a" cannot be answered with "11"`,
		strings.Replace(page(""), `"id": "b"`, `"id": "a"`, 1):                                 `page 2, question 1: the id "a" is there twice`,
		strings.Replace(page(""), `"type": "nps"`, `"type": "stars"`, 1):                       `there is no type "stars"`,
		strings.Replace(page(""), `"type": "single"`, `"type": "matrix"`, 1):                   "there are 0 rows",
		strings.Replace(page(""), `"id": "a"`, `"id": "A b"`, 1):                               `"A b" is no id`,
		strings.Replace(page(""), `"type": "nps"`, `"type": "rating", "min": 1, "max": 99`, 1): "a rating from 1 to 99",
	} {
		if _, err := Parse([]byte(text)); greenroom.ErrorCode(err) != greenroom.CodeInvalid || !strings.Contains(greenroom.ErrorMessage(err), want) {
			t.Errorf("%s\ngives  %v\nwant %s", text, err, want)
		}
	}
	for _, tmpl := range Templates() {
		if _, err := Parse(tmpl.New.Definition); err != nil {
			t.Errorf("the template %s: %v", tmpl.Name, err)
		}
	}
}

func TestTexts(t *testing.T) {
	text := Texts{"en": "Yes", "de": "Ja", "pt-br": "Sim"}
	for tag, want := range map[string]string{"de": "Ja", "de-AT": "Ja", "pt-BR": "Sim", "pt": "Yes", "": "Yes", "fr": "Yes"} {
		if got := text.In(tag, "en"); got != want {
			t.Errorf("in %s it is %q, want %q", tag, got, want)
		}
	}
	var back Texts
	for _, in := range []string{`"Yes"`, `{"de":"Ja","en":"Yes"}`} {
		if err := json.Unmarshal([]byte(in), &back); err != nil {
			t.Fatal(err)
		}
		if out, err := json.Marshal(back); err != nil || string(out) != in {
			t.Errorf("%s became %s, %v", in, out, err)
		}
	}
}

// FuzzParse holds that no text makes the parser panic, and that what it takes can be written, read again, and answered to
// its end.
func FuzzParse(f *testing.F) {
	for _, t := range Templates() {
		f.Add(string(t.New.Definition))
	}
	f.Add(`{"title": "t", "pages": [{"id": "one", "questions": [{"id": "a", "type": "rating", "min": 0, "max": 3, "text": {"en": "?"}}], "next": [{"if": {"question": "a", "is": ["2"]}, "to": "end"}]}]}`)
	f.Add(`{"title": {"": "t"}, "pages": [{"id": "one", "questions": [{"id": "a", "type": "text", "text": "x", "show_if": {"question": "a"}}]}]}`)
	f.Fuzz(func(t *testing.T, text string) {
		d, err := Parse([]byte(text))
		if err != nil {
			if greenroom.ErrorCode(err) != greenroom.CodeInvalid {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		out, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Parse(out); err != nil {
			t.Fatalf("%s became %s: %v", text, out, err)
		}
		page := d.Path(nil)[0]
		for steps := 0; ; steps++ {
			if steps > len(d.Pages) {
				t.Fatalf("%s does not end", text)
			}
			next, done := d.Next(page, nil)
			if done {
				return
			}
			page = next
		}
	})
}
