// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package assistant

import (
	"context"
	"slices"
	"time"

	"greenroom"
)

// Purpose is what a language model is asked for.
type Purpose string

// The purposes.
const (
	Summary  Purpose = "summary"  // of a conversation
	Question Purpose = "question" // in plain words, to a query
	Draft    Purpose = "draft"    // of a reply
	Name     Purpose = "name"     // for a topic
	Test     Purpose = "test"     // of the connection; always allowed
)

// Purposes lists those that have a switch.
func Purposes() []Purpose { return []Purpose{Summary, Question, Draft, Name} }

// Label is the purpose in words.
func (p Purpose) Label() string {
	switch p {
	case Summary:
		return "Summaries of conversations"
	case Question:
		return "Questions in plain words"
	case Draft:
		return "Drafts of replies"
	case Name:
		return "Names for topics"
	default:
		return "Tests of the connection"
	}
}

// Leaves says what leaves the machine for the purpose.
func (p Purpose) Leaves() string {
	switch p {
	case Summary, Draft:
		return "The messages of the conversation. Names, handles and addresses of those who took part, other addresses, phone numbers and keys are taken out first; what the messages say stays."
	case Question:
		return "The question as it is typed, without addresses, phone numbers and keys, and the list of fields that queries know. Nothing about any member, and no message."
	case Name:
		return "The words that tell the topic from others, and up to 8 of its messages. Names of those who wrote them, addresses, phone numbers and keys are taken out first."
	default:
		return "One fixed sentence."
	}
}

// Settings say which model is asked, for what, and for how much. Prices and costs are in one currency, whichever it is.
type Settings struct {
	On          bool      `json:"on"`
	Address     string    `json:"address"` // of an OpenAI-compatible API, such as https://api.openai.com/v1
	Model       string    `json:"model"`
	Key         string    `json:"key,omitempty"` // sealed; "" = none is sent
	Allowed     []Purpose `json:"allowed"`
	MonthTokens int64     `json:"month_tokens"` // that may be used in a calendar month
	MonthCost   float64   `json:"month_cost"`   // that they may cost; 0 = only tokens count
	InputPrice  float64   `json:"input_price"`  // of a million tokens that are sent
	OutputPrice float64   `json:"output_price"` // of a million tokens that are answered
}

// May reports whether a purpose is switched on.
func (s *Settings) May(p Purpose) bool {
	return s.On && (p == Test || slices.Contains(s.Allowed, p))
}

// Message is a part of a request.
type Message struct {
	Role    string `json:"role"` // system, user or assistant
	Content string `json:"content"`
}

// Request is what is sent, in the form of OpenAI's chat completions.
type Request struct {
	Model       string    `json:"model"`
	Messages    []Message `json:"messages"`
	MaxTokens   int64     `json:"max_tokens"`
	Temperature float64   `json:"temperature"`
}

// Reply is what came back. Tokens are 0 where the server does not count them.
type Reply struct {
	Text          string
	Input, Output int64 // tokens
}

// Endpoint is where a request goes.
type Endpoint struct{ Address, Key string }

// Outcome says what became of a request.
type Outcome string

// The outcomes.
const (
	Answered Outcome = "answered"
	Refused  Outcome = "refused" // the answer did not keep to what was asked for
	Failed   Outcome = "failed"  // there was none
	Kept     Outcome = "kept"    // it was answered before, and nothing was sent
)

// Use is a request that was made.
type Use struct {
	ID      int64     `json:"id"`
	At      time.Time `json:"at"`
	Purpose Purpose   `json:"purpose"`
	Model   string    `json:"model"`
	Input   int64     `json:"input_tokens"`
	Output  int64     `json:"output_tokens"`
	Micros  int64     `json:"cost_micros"` // millionths of the currency
	By      string    `json:"by"`
	Outcome Outcome   `json:"outcome"`
}

// Total is what requests used together.
type Total struct {
	Requests int64 `json:"requests"`
	Tokens   int64 `json:"tokens"`
	Micros   int64 `json:"cost_micros"` // millionths of the currency
}

// Model asks a language model; llm.Client does. CodeUnavailable where it does not answer, CodeLimited where it is busy.
type Model interface {
	Complete(ctx context.Context, to Endpoint, req *Request) (Reply, error)
}

// Keeper stores settings, answers and what was used.
type Keeper interface {
	AssistantSettings(ctx context.Context) (Settings, error)
	SetAssistantSettings(ctx context.Context, s *Settings) error
	KeepUse(ctx context.Context, u *Use) error
	Uses(ctx context.Context, limit int) ([]Use, error)
	UsedSince(ctx context.Context, since time.Time) (Total, error)
	// KeptAnswer is "" where there is none that is still good.
	KeptAnswer(ctx context.Context, key string, now time.Time) (string, error)
	KeepAnswer(ctx context.Context, key, answer string, now, until time.Time) error
}

// Talks reads conversations and who takes part in them.
type Talks interface {
	Conversation(ctx context.Context, id int64) (greenroom.Conversation, error)
	ConversationActivities(ctx context.Context, id int64, limit int) ([]greenroom.Activity, error)
	Member(ctx context.Context, id int64) (greenroom.Member, error)
	MemberIdentities(ctx context.Context, member int64) ([]greenroom.Identity, error)
}

// Vault seals the model's key.
type Vault interface {
	Seal(secret []byte, place string) (string, error)
	Open(sealed, place string) ([]byte, error)
}

// KeyPlace is where the key is sealed to.
const KeyPlace = "assistant/key"
