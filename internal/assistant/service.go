// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package assistant

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"math"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"greenroom"
)

// Service asks the model that the team has set.
type Service struct {
	keep  Keeper
	talks Talks
	model Model
	vault Vault
	log   *slog.Logger
	now   func() time.Time
	zone  func() *time.Location // in which months begin

	mu    sync.Mutex
	under Total // requests that are under way, at most
}

// New returns a service. zone says in which time zone a month of the budget begins.
func New(keep Keeper, talks Talks, model Model, vault Vault, log *slog.Logger, now func() time.Time, zone func() *time.Location) *Service {
	return &Service{keep: keep, talks: talks, model: model, vault: vault, log: log, now: now, zone: zone}
}

// Settings are the team's, with the key left out.
func (s *Service) Settings(ctx context.Context) (set Settings, hasKey bool, err error) {
	set, err = s.keep.AssistantSettings(ctx)
	hasKey, set.Key = set.Key != "", ""
	return set, hasKey, err
}

// Save stores settings. key is a new key, in clear; nil leaves the one that is there, "" forgets it. Where the address
// leads to another host, an old key is forgotten, so that it is not sent to anybody it was not meant for.
func (s *Service) Save(ctx context.Context, set Settings, key *string) error {
	old, err := s.keep.AssistantSettings(ctx)
	if err != nil {
		return err
	}
	if err := set.check(); err != nil {
		return err
	}
	set.Key = old.Key
	if before, now := origin(old.Address), origin(set.Address); before != now {
		set.Key = ""
	}
	if key != nil {
		set.Key = ""
		if k := strings.TrimSpace(*key); k != "" {
			if set.Key, err = s.vault.Seal([]byte(k), KeyPlace); err != nil {
				return fmt.Errorf("sealing the model's key: %w", err)
			}
		}
	}
	return s.keep.SetAssistantSettings(ctx, &set)
}

// origin is the scheme and host of an address.
func origin(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

// check makes settings whole.
func (s *Settings) check() error {
	s.Address, s.Model = strings.TrimRight(strings.TrimSpace(s.Address), "/"), strings.TrimSpace(s.Model)
	u, err := url.Parse(s.Address)
	switch {
	case s.Address == "" && !s.On:
	case err != nil, u.Scheme != "https" && u.Scheme != "http", u.Host == "", u.User != nil, u.RawQuery != "":
		return greenroom.Errorf(greenroom.CodeInvalid, "the address of the model is the start of an OpenAI-compatible API, such as https://api.openai.com/v1 or http://localhost:11434/v1")
	}
	if s.On && s.Model == "" {
		return greenroom.Errorf(greenroom.CodeInvalid, "say which model is asked, by the name that its server gives it")
	}
	for _, v := range []float64{s.MonthCost, s.InputPrice, s.OutputPrice} {
		if v < 0 || v > 1e6 || math.IsNaN(v) {
			return greenroom.Errorf(greenroom.CodeInvalid, "prices and the month's cost are numbers from 0 to 1,000,000")
		}
	}
	if s.MonthTokens < 0 || s.MonthTokens > 1e12 || s.On && s.MonthTokens == 0 {
		return greenroom.Errorf(greenroom.CodeInvalid, "say how many tokens may be used in a month, such as 1000000")
	}
	if s.MonthCost > 0 && s.InputPrice == 0 && s.OutputPrice == 0 {
		return greenroom.Errorf(greenroom.CodeInvalid, "a limit of cost needs the prices of a million tokens")
	}
	slices.Sort(s.Allowed)
	s.Allowed = slices.Compact(s.Allowed)
	for _, p := range s.Allowed {
		if !slices.Contains(Purposes(), p) {
			return greenroom.Errorf(greenroom.CodeInvalid, "there is no purpose %q; there are summary, question, draft and name", p)
		}
	}
	return nil
}

// micros is what tokens cost, in millionths of the currency.
func (s *Settings) micros(input, output int64) int64 {
	return int64(math.Ceil(float64(input)*s.InputPrice + float64(output)*s.OutputPrice))
}

// asked is a question to the model on its way.
type asked struct {
	set     Settings
	purpose Purpose
	by      string
	req     Request
	hide    *Redactor
	check   func(answer string) error // whether an answer is what was asked for; it is seen before names are put back
}

// begin makes a question of some texts, or says why it cannot be asked.
func (s *Service) begin(ctx context.Context, p Purpose, by, system, user string, answer int64) (*asked, error) {
	set, err := s.keep.AssistantSettings(ctx)
	if err != nil {
		return nil, err
	}
	if !set.On {
		return nil, greenroom.Errorf(greenroom.CodeForbidden, "no language model is used here; an owner can switch one on under Settings, Language model")
	}
	if !set.May(p) {
		return nil, greenroom.Errorf(greenroom.CodeForbidden, "the language model is not used for this: %s is switched off under Settings, Language model", p.Label())
	}
	return &asked{set: set, purpose: p, by: by, req: Request{
		Model: set.Model, MaxTokens: answer, Messages: []Message{{"system", system}, {"user", user}},
	}}, nil
}

// Preview is the body of the request, as it would be sent.
func (a *asked) Preview() (string, error) {
	text, err := json.MarshalIndent(&a.req, "", "  ")
	return string(text), err
}

// key is what an answer is kept under.
func (a *asked) key() (string, error) {
	body, err := json.Marshal(&a.req)
	if err != nil {
		return "", fmt.Errorf("encoding a request: %w", err)
	}
	sum := sha256.Sum256(append([]byte(a.set.Address+"\n"), body...))
	return hex.EncodeToString(sum[:]), nil
}

// keptFor is how long answers are kept.
const keptFor = 30 * 24 * time.Hour

// kept is an answer that is there already; "" where there is none.
func (s *Service) kept(ctx context.Context, a *asked) (string, error) {
	key, err := a.key()
	if err != nil {
		return "", err
	}
	return s.keep.KeptAnswer(ctx, key, s.now())
}

// ask returns an answer that was checked: a kept one, else the model's. One that was refused comes with the error.
func (s *Service) ask(ctx context.Context, a *asked) (string, error) {
	answer, err := s.kept(ctx, a)
	if err != nil {
		return "", err
	}
	if answer != "" && a.check(answer) == nil {
		return answer, s.keep.KeepUse(ctx, &Use{At: s.now(), Purpose: a.purpose, Model: a.set.Model, By: a.by, Outcome: Kept})
	}
	reply, err := s.send(ctx, a)
	if err != nil {
		return reply, err
	}
	key, err := a.key()
	if err != nil {
		return "", err
	}
	now := s.now()
	return reply, s.keep.KeepAnswer(ctx, key, reply, now, now.Add(keptFor))
}

// send asks the model within the budget, and notes what it used.
func (s *Service) send(ctx context.Context, a *asked) (string, error) {
	most := Total{Requests: 1, Tokens: a.req.size() + a.req.MaxTokens, Micros: a.set.micros(a.req.size(), a.req.MaxTokens)}
	if err := s.reserve(ctx, &a.set, most); err != nil {
		return "", err
	}
	defer s.release(most)
	to := Endpoint{Address: a.set.Address}
	if a.set.Key != "" {
		key, err := s.vault.Open(a.set.Key, KeyPlace)
		if err != nil {
			return "", fmt.Errorf("opening the model's key: %w", err)
		}
		to.Key = string(key)
	}
	reply, err := s.model.Complete(ctx, to, &a.req)
	use := Use{At: s.now(), Purpose: a.purpose, Model: a.set.Model, Input: reply.Input, Output: reply.Output, By: a.by, Outcome: Answered}
	switch {
	case err != nil:
		use.Outcome = Failed
	default:
		if use.Input == 0 && use.Output == 0 { // a server that does not count
			use.Input, use.Output = a.req.size(), tokens(reply.Text)
		}
		if err = a.check(reply.Text); err != nil {
			use.Outcome = Refused
		}
	}
	use.Micros = a.set.micros(use.Input, use.Output)
	// It was used, also when whoever asked has gone.
	if err := s.keep.KeepUse(context.WithoutCancel(ctx), &use); err != nil {
		return "", fmt.Errorf("noting what the language model used: %w", err)
	}
	return reply.Text, err
}

// size is how many tokens a request has, rather more than fewer.
func (r *Request) size() int64 {
	var n int64
	for i := range r.Messages {
		n += tokens(r.Messages[i].Content) + 8
	}
	return n
}

// tokens is how many tokens a text has, rather more than fewer: English has four letters to one, other scripts fewer.
func tokens(text string) int64 { return int64(len(text)+2) / 3 }

// Try asks the model one fixed sentence, and returns what it says.
func (s *Service) Try(ctx context.Context, by string) (string, error) {
	a, err := s.begin(ctx, Test, by, "You are being tested.", "Answer with the one word: ready", 64)
	if err != nil {
		return "", err
	}
	a.check = notEmpty
	answer, err := s.send(ctx, a)
	return cut(answer, 200), err
}
