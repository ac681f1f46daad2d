// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package assistant

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"greenroom"
)

// Subject is a topic that wants a name.
type Subject struct {
	Terms    []string // the words that tell it from others
	Messages []greenroom.Activity
}

// Naming is a name that the model suggests; "" before it was asked.
type Naming struct {
	Name    string `json:"name,omitempty"`
	Preview string `json:"request"` // what is sent, to the letter
}

// Limits of what is sent of a topic, and of its name.
const (
	mostSamples = 8
	longSample  = 400 // characters
	longName    = 60  // characters
	nameTokens  = 32
)

const nameTopic = untrusted + "Here the messages come with words that tell their topic from others. Answer with a name for the topic: 1 to 4 words, plain text, in the language of the messages, without any token and without the name of a person."

// SuggestName returns a name for a topic; a person accepts it or does not. Without ask it only says what would be sent,
// with the name that is kept, where there is one.
func (s *Service) SuggestName(ctx context.Context, sub Subject, by string, ask bool) (*Naming, error) {
	a, err := s.begin(ctx, Name, by, nameTopic, "", nameTokens)
	if err != nil {
		return nil, err
	}
	sub.Messages = sub.Messages[:min(len(sub.Messages), mostSamples)]
	number, people, _, err := s.people(ctx, sub.Messages)
	if err != nil {
		return nil, err
	}
	a.hide = NewRedactor(people)
	list := make([]quoted, len(sub.Messages))
	for i := range sub.Messages {
		list[i] = quoted{Number: i + 1, From: caller(number[sub.Messages[i].MemberID]), Text: cut(a.hide.Hide(words(&sub.Messages[i])), longSample)}
	}
	body, err := json.Marshal(map[string]any{"words": a.hide.Hide(strings.Join(sub.Terms, ", ")), "messages": list})
	if err != nil {
		return nil, fmt.Errorf("quoting a topic: %w", err)
	}
	a.req.Messages[1].Content = string(body)
	a.check = func(answer string) error {
		if name := nameOf(answer); name == "" || len([]rune(name)) > longName || back().MatchString(name) {
			return greenroom.Errorf(greenroom.CodeUnavailable, "the language model's answer was refused: it is no name for a topic")
		}
		return nil
	}
	n := &Naming{}
	if n.Preview, err = a.Preview(); err != nil {
		return nil, err
	}
	var answer string
	if ask {
		answer, err = s.ask(ctx, a)
	} else if answer, err = s.kept(ctx, a); a.check(answer) != nil {
		answer = ""
	}
	if err != nil {
		return nil, err
	}
	n.Name = nameOf(answer)
	return n, nil
}

// nameOf is the first line of an answer, without quotes around it.
func nameOf(answer string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(answer), "\n")
	return strings.Trim(strings.TrimSpace(line), "\"'“”„«»*. ")
}
