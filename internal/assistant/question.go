// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package assistant

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"greenroom"
	"greenroom/internal/query"
)

// Found is a query for a question in plain words. Entity and Query are empty before the model was asked.
type Found struct {
	Question string       `json:"question"`
	Entity   query.Entity `json:"list,omitempty"`  // the list to ask
	Query    string       `json:"query,omitempty"` // canonical; nothing has been run
	Preview  string       `json:"request"`         // what is sent, to the letter
}

// Limits of a question and its answer.
const (
	longestQuestion = 500 // characters
	queryTokens     = 300
)

// Ask returns the query that a question in plain words asks for. It is not run: a person looks at it and follows it.
// Without ask it only says what would be sent, with the query that is kept, where there is one.
func (s *Service) Ask(ctx context.Context, question, by string, ask bool) (*Found, error) {
	question = strings.Join(strings.Fields(question), " ")
	if question == "" || len([]rune(question)) > longestQuestion {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "ask something in at most %d characters, such as: who has asked in #help and not come back?", longestQuestion)
	}
	schemas := make(map[query.Entity]*query.Schema)
	for _, e := range query.Entities() {
		schemas[e] = query.NewSchema(e, kinds())
	}
	hide := NewRedactor(nil)
	a, err := s.begin(ctx, Question, by, describe(schemas), "Question: "+hide.Hide(question), queryTokens)
	if err != nil {
		return nil, err
	}
	a.hide = hide
	f := &Found{Question: question}
	if f.Preview, err = a.Preview(); err != nil {
		return nil, err
	}
	var wrong error // the last mistake of the model
	a.check = func(answer string) error {
		f.Entity, f.Query, wrong = parseAnswer(schemas, hide.Restore(answer))
		return wrong
	}
	if !ask {
		answer, err := s.kept(ctx, a)
		if err == nil && answer != "" {
			err = a.check(answer)
		}
		return f, err
	}
	answer, err := s.ask(ctx, a)
	if err == nil {
		return f, nil
	}
	if wrong == nil || !errors.Is(err, wrong) {
		return nil, err
	}
	// One more try, with what was wrong.
	first := a.req.Messages
	a.req.Messages = append(append([]Message(nil), first...), Message{"assistant", answer}, Message{"user", "That is not a query: " + hide.Hide(wrong.Error()) + "\nAnswer again, as JSON."})
	if answer, err = s.send(ctx, a); err != nil {
		if errors.Is(err, wrong) {
			return nil, &greenroom.Error{Code: greenroom.CodeUnavailable, Message: "the language model found no query for this question; ask it in other words, or write the query yourself", Err: err}
		}
		return nil, err
	}
	a.req.Messages = first
	key, err := a.key()
	if err != nil {
		return nil, err
	}
	now := s.now()
	return f, s.keep.KeepAnswer(ctx, key, answer, now, now.Add(keptFor))
}

func kinds() []string {
	all := make([]string, 0, len(greenroom.Kinds()))
	for _, k := range greenroom.Kinds() {
		all = append(all, k.String())
	}
	return all
}

// parseAnswer reads {"list": ..., "query": ...} out of what the model said.
func parseAnswer(schemas map[query.Entity]*query.Schema, answer string) (query.Entity, string, error) {
	from, to := strings.Index(answer, "{"), strings.LastIndex(answer, "}")
	if from < 0 || to < from {
		return "", "", errors.New(`there is no JSON object such as {"list": "members", "query": "is:new"}`)
	}
	var said struct{ List, Query string }
	if err := json.Unmarshal([]byte(answer[from:to+1]), &said); err != nil {
		return "", "", fmt.Errorf("the JSON cannot be read: %w", err)
	}
	e := query.Entity(strings.ToLower(said.List))
	schema, ok := schemas[e]
	if !ok {
		return "", "", fmt.Errorf("there is no list %q; there are members, organizations, activities and conversations", said.List)
	}
	if strings.TrimSpace(said.Query) == "" {
		return "", "", errors.New("the query is empty")
	}
	q, err := query.Parse(schema, said.Query)
	if err != nil {
		return "", "", err
	}
	return e, q.String(), nil
}

// describe tells the model of the language: every list with its own fields. Those of related lists are named once.
func describe(schemas map[query.Entity]*query.Schema) string {
	var sb strings.Builder
	sb.WriteString(`You turn a question about an online community into one query of its query language. Answer with one JSON object and nothing else: {"list": "members", "query": "..."}.

A query is terms that all have to hold: field:value. field:a,b is either. -field:value is not. OR and parentheses combine. Values with spaces stand in double quotes. Numbers and dates compare with >, >=, <, <= and a..b. Ages are such as 30d, 12w, 6m, 1y or 24h: last_active:<30d is within the last 30 days, last_active:>30d longer ago. Days are such as 2026-03-31, months 2026-03, years 2026. field:* is any value. sort:field, or sort:-field for descending, orders. Bare words search texts. After did:KIND may stand in:#channel, source:NAME, since:30d, until:30d and count:>=3, which belong to it.
Fields of members can be asked of activities and conversations as member.FIELD, those of organizations of all others as org.FIELD. Ask for staff and bots only when the question does.
`)
	for _, e := range query.Entities() {
		sb.WriteString("\nList " + string(e) + ":\n")
		for _, f := range schemas[e].Fields() {
			if f.Owner != e && f.Owner != "" && strings.Contains(f.Name, ".") {
				continue
			}
			sb.WriteString("- " + f.Name + " (" + string(f.Type) + "): " + f.Doc)
			if len(f.Values) > 0 && f.Name != "has" {
				sb.WriteString(" Values: " + strings.Join(f.Values, ", ") + ".")
			}
			sb.WriteString(" Example: " + f.Example + "\n")
		}
	}
	return sb.String()
}
