// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package survey

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"greenroom"
)

// Type is what kind of answer a question takes.
type Type string

// The types.
const (
	NPS      Type = "nps"      // 0 to 10: how likely to recommend
	CSAT     Type = "csat"     // 1 to 5: how satisfied
	CES      Type = "ces"      // 1 to 7: how much they agree that it was easy (CES 2.0)
	Rating   Type = "rating"   // Min to Max, 1 to 5 where they are not given
	Single   Type = "single"   // one of Choices
	Multiple Type = "multiple" // any of Choices
	Text     Type = "text"     // words of their own
	Matrix   Type = "matrix"   // one of Choices for each of Rows
)

// Types lists all, in the order in which they are offered.
func Types() []Type { return []Type{NPS, CSAT, CES, Rating, Single, Multiple, Text, Matrix} }

// Label is the type's name for people.
func (t Type) Label() string {
	switch t {
	case NPS:
		return "NPS (0 to 10)"
	case CSAT:
		return "Satisfaction (1 to 5)"
	case CES:
		return "Effort (1 to 7)"
	case Rating:
		return "Rating"
	case Single:
		return "One choice"
	case Multiple:
		return "Several choices"
	case Text:
		return "Text"
	case Matrix:
		return "Table"
	}
	return string(t)
}

// Scaled reports whether answers are numbers.
func (t Type) Scaled() bool { return t == NPS || t == CSAT || t == CES || t == Rating }

// Definition is what a survey asks.
type Definition struct {
	Language string `json:"language"` // of texts that have none, BCP 47
	Title    Texts  `json:"title"`
	Intro    Texts  `json:"intro,omitempty"`
	Thanks   Texts  `json:"thanks,omitempty"`
	Pages    []Page `json:"pages"`
}

// Page is what is asked at once.
type Page struct {
	ID        string     `json:"id"`
	Title     Texts      `json:"title,omitempty"`
	Questions []Question `json:"questions"`
	Next      []Jump     `json:"next,omitempty"` // the first that holds decides; none = the page after
}

// End is where a jump leads that leaves out the rest.
const End = "end"

// Jump leads to a later page.
type Jump struct {
	If Condition `json:"if"`
	To string    `json:"to"` // id of a later page, or "end"
}

// Question asks one thing.
type Question struct {
	ID       string     `json:"id"`
	Type     Type       `json:"type"`
	Text     Texts      `json:"text"`
	Help     Texts      `json:"help,omitempty"`
	Required bool       `json:"required,omitempty"`
	Choices  []Choice   `json:"choices,omitempty"`
	Rows     []Choice   `json:"rows,omitempty"` // of a matrix
	Min      int        `json:"min,omitempty"`  // of a rating
	Max      int        `json:"max,omitempty"`
	Low      Texts      `json:"low,omitempty"` // what the ends of a scale mean
	High     Texts      `json:"high,omitempty"`
	ShowIf   *Condition `json:"show_if,omitempty"`
}

// Choice is one that can be made, or a row of a matrix.
type Choice struct {
	ID   string `json:"id"`
	Text Texts  `json:"text"`
}

// Condition holds or does not, by the answer to an earlier question. All that is set has to hold.
type Condition struct {
	Question string   `json:"question"`
	Is       []string `json:"is,omitempty"` // one of these was chosen
	AtLeast  *int     `json:"at_least,omitempty"`
	AtMost   *int     `json:"at_most,omitempty"`
	Answered *bool    `json:"answered,omitempty"`
}

// Scale gives the numbers that a question can be answered with; ok is false where it takes none.
func (q *Question) Scale() (low, high int, ok bool) {
	switch q.Type {
	case NPS:
		return 0, 10, true
	case CSAT:
		return 1, 5, true
	case CES:
		return 1, 7, true
	case Rating:
		if q.Min == 0 && q.Max == 0 {
			return 1, 5, true
		}
		return q.Min, q.Max, true
	case Single, Multiple, Text, Matrix:
	}
	return 0, 0, false
}

// Languages lists the languages that texts are in, the definition's own first.
func (d *Definition) Languages() []string {
	found := make(map[string]bool)
	d.each(func(_, _ string, t *Texts) {
		for tag, text := range *t {
			found[tag] = found[tag] || text != ""
		}
	})
	own := strings.ToLower(d.Language)
	maps.DeleteFunc(found, func(tag string, some bool) bool { return !some || tag == "" || tag == own })
	return append([]string{own}, slices.Sorted(maps.Keys(found))...)
}

// Question finds a question.
func (d *Definition) Question(id string) (*Question, bool) {
	for i := range d.Pages {
		for j := range d.Pages[i].Questions {
			if q := &d.Pages[i].Questions[j]; q.ID == id {
				return q, true
			}
		}
	}
	return nil, false
}

// Questions lists all, in their order.
func (d *Definition) Questions() []*Question {
	var all []*Question
	for i := range d.Pages {
		for j := range d.Pages[i].Questions {
			all = append(all, &d.Pages[i].Questions[j])
		}
	}
	return all
}

// First is the first question, which a mail asks; nil where it cannot be asked there, since it depends on others or takes
// no choice.
func (d *Definition) First() *Question {
	if len(d.Pages) == 0 || len(d.Pages[0].Questions) == 0 {
		return nil
	}
	if q := &d.Pages[0].Questions[0]; q.Type.Scaled() || q.Type == Single {
		return q
	}
	return nil
}

// The most that a definition holds.
const (
	maxJSON      = 200_000
	maxPages     = 40
	maxQuestions = 100
	maxChoices   = 50
	maxRows      = 20
	maxText      = 2000
	maxID        = 40
	maxSteps     = 20 // of a rating
)

// Parse reads a definition from JSON and checks it. Errors have CodeInvalid and say where.
func Parse(data []byte) (*Definition, error) {
	d, err := decode[Definition](data)
	if err != nil {
		return nil, err
	}
	return d, d.Validate()
}

func decode[T any](data []byte) (*T, error) {
	if len(data) > maxJSON {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "the survey has %d kB; at most %d kB are taken", len(data)/1000, maxJSON/1000)
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	v := new(T)
	if err := dec.Decode(v); err != nil {
		line := bytes.Count(data[:min(int(dec.InputOffset()), len(data))], []byte("\n")) + 1
		return nil, &greenroom.Error{Code: greenroom.CodeInvalid, Message: "line " + strconv.Itoa(line) + " is not as a survey is written: " + strings.TrimPrefix(err.Error(), "json: "), Err: err}
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "something follows after the survey; expected nothing")
	}
	return v, nil
}
