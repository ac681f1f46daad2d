// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package survey

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"greenroom"
)

// Validate says what is wrong with a definition, as an error of CodeInvalid that names the place.
func (d *Definition) Validate() error {
	if d.Language = strings.ToLower(strings.TrimSpace(d.Language)); d.Language == "" {
		d.Language = "en"
	}
	if !tag(d.Language) {
		return wrong("language", "%q is no language tag such as en or pt-br", d.Language)
	}
	if err := texts("title", d.Title, true); err != nil {
		return err
	}
	if err := texts("intro", d.Intro, false); err != nil {
		return err
	}
	if err := texts("thanks", d.Thanks, false); err != nil {
		return err
	}
	if len(d.Pages) == 0 || len(d.Pages) > maxPages {
		return wrong("pages", "there are %d pages; expected 1 to %d", len(d.Pages), maxPages)
	}
	c := &checker{d: d, pages: make(map[string]int), asked: make(map[string]int)}
	return c.check()
}

func wrong(where, format string, args ...any) error {
	return greenroom.Errorf(greenroom.CodeInvalid, where+": "+format, args...)
}

func tag(s string) bool {
	return len(s) <= 20 && s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == "" && s[0] >= 'a' && s[0] <= 'z'
}

// validID reports whether an id can be one: it becomes part of form fields, queries and columns.
func validID(s string) bool {
	return s != "" && len(s) <= maxID && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789_-") == ""
}

func texts(where string, t Texts, needed bool) error {
	some := false
	for lang, text := range t {
		if lang != "" && !tag(lang) {
			return wrong(where, "%q is no language tag such as en or pt-br", lang)
		}
		if utf8.RuneCountInString(text) > maxText {
			return wrong(where, "a text has at most %d characters", maxText)
		}
		some = some || strings.TrimSpace(text) != ""
	}
	if needed && !some {
		return wrong(where, "there is no text")
	}
	return nil
}

// checker goes through a definition in its order, so that it knows what was asked before.
type checker struct {
	d         *Definition
	pages     map[string]int // id → number
	asked     map[string]int // question → page
	questions int
}

func (c *checker) check() error {
	for i := range c.d.Pages {
		p := &c.d.Pages[i]
		where := "page " + strconv.Itoa(i+1)
		if !validID(p.ID) || p.ID == End {
			return wrong(where, "%q is no id; expected lower-case letters, digits, - and _, and not %q", p.ID, End)
		}
		if _, twice := c.pages[p.ID]; twice {
			return wrong(where, "the id %q is there twice", p.ID)
		}
		c.pages[p.ID] = i
		if err := texts(where+", title", p.Title, false); err != nil {
			return err
		}
		if len(p.Questions) == 0 {
			return wrong(where, "there is no question")
		}
		for j := range p.Questions {
			q := &p.Questions[j]
			if err := c.question(where+", question "+strconv.Itoa(j+1), q, i); err != nil {
				return err
			}
		}
		for j := range p.Questions {
			c.asked[p.Questions[j].ID] = i
		}
		for j := range p.Next {
			if err := c.condition(where+", jump "+strconv.Itoa(j+1), &p.Next[j].If); err != nil {
				return err
			}
		}
	}
	return c.jumps()
}

// jumps makes sure that all of them lead forward, and so to the end.
func (c *checker) jumps() error {
	for i := range c.d.Pages {
		for j := range c.d.Pages[i].Next {
			to := c.d.Pages[i].Next[j].To
			n, ok := c.pages[to]
			where := "page " + strconv.Itoa(i+1) + ", jump " + strconv.Itoa(j+1)
			switch {
			case to == End:
			case !ok:
				return wrong(where, "there is no page %q", to)
			case n <= i:
				return wrong(where, "it leads back to %q; a survey goes forward only, so that everybody comes to its end", to)
			}
		}
	}
	return nil
}

func (c *checker) question(where string, q *Question, page int) error {
	if !validID(q.ID) {
		return wrong(where, "%q is no id; expected lower-case letters, digits, - and _", q.ID)
	}
	if _, twice := c.asked[q.ID]; twice {
		return wrong(where, "the id %q is there twice", q.ID)
	}
	for i := range c.d.Pages[page].Questions {
		if other := &c.d.Pages[page].Questions[i]; other != q && other.ID == q.ID {
			return wrong(where, "the id %q is there twice", q.ID)
		}
	}
	if c.questions++; c.questions > maxQuestions {
		return wrong(where, "there are more than %d questions", maxQuestions)
	}
	if !slices.Contains(Types(), q.Type) {
		return wrong(where, "there is no type %q; expected one of nps, csat, ces, rating, single, multiple, text, matrix", q.Type)
	}
	for _, t := range []struct {
		name   string
		texts  Texts
		needed bool
	}{{"text", q.Text, true}, {"help", q.Help, false}, {"low", q.Low, false}, {"high", q.High, false}} {
		if err := texts(where+", "+t.name, t.texts, t.needed); err != nil {
			return err
		}
	}
	if err := c.choices(where, q); err != nil {
		return err
	}
	if low, high, ok := q.Scale(); ok && (low < 0 || high <= low || high-low >= maxSteps) {
		return wrong(where, "a rating from %d to %d; expected 2 to %d steps from 0 or more", low, high, maxSteps)
	}
	if q.Type != Rating && (q.Min != 0 || q.Max != 0) {
		return wrong(where, "only a rating has min and max")
	}
	if q.ShowIf != nil {
		return c.condition(where+", show_if", q.ShowIf)
	}
	return nil
}

func (c *checker) choices(where string, q *Question) error {
	takes := q.Type == Single || q.Type == Multiple || q.Type == Matrix
	switch {
	case takes && (len(q.Choices) < 2 || len(q.Choices) > maxChoices):
		return wrong(where, "there are %d choices; expected 2 to %d", len(q.Choices), maxChoices)
	case !takes && len(q.Choices) > 0:
		return wrong(where, "a question of type %s has no choices", q.Type)
	case q.Type == Matrix && (len(q.Rows) == 0 || len(q.Rows) > maxRows):
		return wrong(where, "there are %d rows; expected 1 to %d", len(q.Rows), maxRows)
	case q.Type != Matrix && len(q.Rows) > 0:
		return wrong(where, "a question of type %s has no rows", q.Type)
	}
	for _, list := range []struct {
		name string
		all  []Choice
	}{{"choice", q.Choices}, {"row", q.Rows}} {
		seen := make(map[string]bool)
		for i := range list.all {
			at := where + ", " + list.name + " " + strconv.Itoa(i+1)
			one := &list.all[i]
			if !validID(one.ID) || seen[one.ID] {
				return wrong(at, "%q is no id, or there twice; expected lower-case letters, digits, - and _", one.ID)
			}
			seen[one.ID] = true
			if err := texts(at, one.Text, true); err != nil {
				return err
			}
		}
	}
	return nil
}

// condition checks one that may ask about what was asked up to now. Questions of the same page are known to jumps only:
// a page is shown whole.
func (c *checker) condition(where string, cond *Condition) error {
	page, ok := c.asked[cond.Question]
	if !ok {
		return wrong(where, "it asks about %q, which is not asked before", cond.Question)
	}
	i := slices.IndexFunc(c.d.Pages[page].Questions, func(q Question) bool { return q.ID == cond.Question })
	q := &c.d.Pages[page].Questions[i]
	low, high, scaled := q.Scale()
	switch {
	case len(cond.Is) == 0 && cond.AtLeast == nil && cond.AtMost == nil && cond.Answered == nil:
		return wrong(where, "it asks nothing; expected is, at_least, at_most or answered")
	case (cond.AtLeast != nil || cond.AtMost != nil) && !scaled:
		return wrong(where, "%q is answered without a number", q.ID)
	case len(cond.Is) > maxChoices:
		return wrong(where, "there are %d values; at most %d can be", len(cond.Is), maxChoices)
	}
	for _, v := range cond.Is {
		n, err := strconv.Atoi(v)
		known := slices.ContainsFunc(q.Choices, func(c Choice) bool { return c.ID == v })
		if scaled && (err != nil || n < low || n > high) || !scaled && (!known || q.Type == Matrix) {
			return wrong(where, "%q cannot be answered with %q", q.ID, v)
		}
	}
	return nil
}
