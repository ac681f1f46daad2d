// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package knowledge

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"greenroom"
	"greenroom/internal/text/alike"
)

// Question is a conversation that somebody began by asking.
type Question struct {
	Conversation int64     `json:"conversation_id" doc:"The conversation."`
	Title        string    `json:"title" doc:"What was asked."`
	Body         string    `json:"-"`
	At           time.Time `json:"asked_at" doc:"When."`
	Open         bool      `json:"open" doc:"It waits for an answer."`
	Topics       []int64   `json:"-"`
	Share        float64   `json:"share,omitempty" doc:"How much its words are those of the document, from 0 to 1."`
}

// Subject is a topic that the community talks about.
type Subject struct {
	ID    int64
	Name  string
	Terms []string
}

// Gap is a topic that is asked about and that no document answers.
type Gap struct {
	Topic     int64    `json:"topic_id" doc:"The topic."`
	Name      string   `json:"name" doc:"Its name."`
	Terms     []string `json:"terms" doc:"Its words."`
	Questions int64    `json:"questions" doc:"Questions about it in the last 90 days."`
	Open      int64    `json:"questions_open" doc:"Those that wait for an answer."`
	Covered   int64    `json:"covered" doc:"Those whose words are those of a document."`
	Nearest   int64    `json:"nearest_id,omitempty" doc:"The document that most of these belong to; left out where there is none."`
}

// What makes a gap.
const (
	fewAsked   = 3   // fewer questions are chance
	coveredMax = .34 // up to this share of the questions may be covered
	// LeastAlike is how much of a question's words have to be those of a document for it to be about it.
	LeastAlike = .15
)

// gaps finds topics that are asked about and that documents do not cover, those with most uncovered questions first. about gives the
// document that a question belongs to; 0 = none.
func gaps(subjects []Subject, questions []Question, about map[int64]int64) []Gap {
	byID := make(map[int64]*Gap, len(subjects))
	for _, s := range subjects {
		byID[s.ID] = &Gap{Topic: s.ID, Name: s.Name, Terms: s.Terms}
	}
	near := make(map[int64]map[int64]int)
	for i := range questions {
		q := &questions[i]
		for _, id := range q.Topics {
			g := byID[id]
			if g == nil {
				continue
			}
			g.Questions++
			if q.Open {
				g.Open++
			}
			if d := about[q.Conversation]; d > 0 {
				g.Covered++
				if near[id] == nil {
					near[id] = make(map[int64]int)
				}
				near[id][d]++
			}
		}
	}
	var all []Gap
	for _, s := range subjects {
		g := byID[s.ID]
		if g.Questions < fewAsked || float64(g.Covered) > coveredMax*float64(g.Questions) {
			continue
		}
		most := 0
		for d, n := range near[s.ID] {
			if n > most || n == most && d < g.Nearest {
				g.Nearest, most = d, n
			}
		}
		all = append(all, *g)
	}
	slices.SortFunc(all, func(a, b Gap) int {
		return cmp.Or(cmp.Compare(b.Questions-b.Covered, a.Questions-a.Covered), cmp.Compare(a.Topic, b.Topic))
	})
	return all
}

// Reply is what was answered to a question.
type Reply struct {
	Activity     int64
	Conversation int64
	Question     string // what was asked
	Body         string
	Accepted     bool
	Thanked      bool
	Likes        int64
	URL          string
}

// Outline is the draft of a document, made of what was answered. Every line of it was written by somebody; nothing is made up.
type Outline struct {
	Title    string    `json:"title" doc:"The topic."`
	Sections []Section `json:"sections" doc:"A question each, the most asked first."`
	Markdown string    `json:"markdown" doc:"The same as a text to begin with."`
}

// Section is a question with the best of what was answered.
type Section struct {
	Question string   `json:"question" doc:"As it was asked."`
	Asked    int      `json:"asked" doc:"How many questions were much like it."`
	Lines    []Quoted `json:"lines" doc:"Sentences of the best answers."`
}

// Quoted is a sentence of an answer.
type Quoted struct {
	Text         string `json:"text" doc:"As it was written."`
	Conversation int64  `json:"conversation_id" doc:"Where it was written."`
	Why          string `json:"why" doc:"Why this answer: accepted, thanked, liked or the longest."`
}

// Limits of an outline.
const (
	maxSections  = 6
	maxQuoted    = 5
	maxSentence  = 300
	leastSame    = .3 // questions this much alike are one section
	leastWords   = 4
	sentencesPer = 3 // of one answer
)

// MakeOutline makes the draft of a document from questions and the replies to them.
func MakeOutline(title string, questions []Question, replies []Reply) Outline {
	o := Outline{Title: title, Sections: []Section{}}
	byTalk := make(map[int64][]Reply)
	for i := range replies {
		byTalk[replies[i].Conversation] = append(byTalk[replies[i].Conversation], replies[i])
	}
	docs := make([]alike.Doc, len(questions))
	for i := range questions {
		docs[i] = alike.Doc{ID: questions[i].Conversation, Title: questions[i].Title, Body: questions[i].Body}
	}
	x := alike.NewIndex(docs)
	used := make(map[int64]bool)
	type group struct {
		lead  *Question
		talks []int64
	}
	var groups []group
	for i := range questions {
		q := &questions[i]
		if used[q.Conversation] {
			continue
		}
		g := group{lead: q, talks: []int64{q.Conversation}}
		used[q.Conversation] = true
		for _, a := range x.Find(q.Title, q.Body, q.Conversation, leastSame, len(questions)) {
			if !used[a.ID] {
				used[a.ID] = true
				g.talks = append(g.talks, a.ID)
			}
		}
		groups = append(groups, g)
	}
	slices.SortStableFunc(groups, func(a, b group) int { return cmp.Compare(len(b.talks), len(a.talks)) })
	for _, g := range groups {
		var best []Reply
		for _, talk := range g.talks {
			best = append(best, byTalk[talk]...)
		}
		if s := (Section{Question: cut(oneLine(g.lead.Title), 200), Asked: len(g.talks), Lines: quote(best)}); len(s.Lines) > 0 && len(o.Sections) < maxSections {
			o.Sections = append(o.Sections, s)
		}
	}
	o.Markdown = o.markdown()
	return o
}

// rank is how much an answer was worth to others.
func (r *Reply) rank() (int, string) {
	switch {
	case r.Accepted:
		return 1000, "accepted"
	case r.Thanked:
		return 500, "thanked"
	case r.Likes > 0:
		return int(min(400, r.Likes)), "liked"
	default:
		return 0, "answered"
	}
}

// quote picks the telling sentences of the best answers.
func quote(all []Reply) []Quoted {
	slices.SortStableFunc(all, func(a, b Reply) int {
		x, _ := a.rank()
		y, _ := b.rank()
		return cmp.Or(cmp.Compare(y, x), cmp.Compare(len(b.Body), len(a.Body)), cmp.Compare(a.Activity, b.Activity))
	})
	lines, seen := []Quoted{}, make(map[string]bool)
	for i := range all {
		_, why := all[i].rank()
		n := 0
		for _, s := range sentences(all[i].Body) {
			if len(lines) == maxQuoted || n == sentencesPer {
				break
			}
			if seen[s] {
				continue
			}
			seen[s] = true
			n++
			lines = append(lines, Quoted{Text: s, Conversation: all[i].Conversation, Why: why})
		}
	}
	return lines
}

// sentences cuts a message into sentences that say something: no code, quotes, greetings or questions.
func sentences(body string) []string {
	var all []string
	fence := false
	for line := range strings.Lines(body) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "```") {
			fence = !fence
			continue
		}
		if fence || line == "" || line[0] == '>' || line[0] == '|' {
			continue
		}
		line = oneLine(strings.TrimLeft(line, "-*#0123456789. "))
		for line != "" {
			end := strings.IndexAny(line, ".!?")
			for end >= 0 && end+1 < len(line) && line[end+1] != ' ' {
				next := strings.IndexAny(line[end+1:], ".!?")
				if next < 0 {
					end = -1
					break
				}
				end += 1 + next
			}
			s := line
			if end >= 0 {
				s, line = line[:end+1], strings.TrimSpace(line[end+1:])
			} else {
				line = ""
			}
			if len(strings.Fields(s)) >= leastWords && !strings.HasSuffix(s, "?") && len(s) <= maxSentence && !strings.HasPrefix(s, "@") {
				all = append(all, s)
			}
		}
	}
	return all
}

func (o *Outline) markdown() string {
	var out strings.Builder
	fmt.Fprintf(&out, "# %s\n", plain(o.Title))
	for _, s := range o.Sections {
		fmt.Fprintf(&out, "\n## %s\n\n", plain(s.Question))
		for _, l := range s.Lines {
			fmt.Fprintf(&out, "- %s (conversation %d, %s)\n", plain(l.Text), l.Conversation, l.Why)
		}
	}
	return out.String()
}

// plain keeps what people wrote from becoming markup of another kind.
func plain(s string) string { return strings.NewReplacer("<", "&lt;", "\n", " ").Replace(s) }

// Outline drafts a document about a topic.
func (s *Service) Outline(ctx context.Context, topic int64) (Outline, error) {
	subjects, err := s.store.Subjects(ctx)
	if err != nil {
		return Outline{}, fmt.Errorf("listing topics: %w", err)
	}
	at := slices.IndexFunc(subjects, func(x Subject) bool { return x.ID == topic })
	if at < 0 {
		return Outline{}, greenroom.Errorf(greenroom.CodeNotFound, "there is no topic %d", topic)
	}
	questions, err := s.store.TopicQuestions(ctx, topic, s.now().Add(-4*Window), maxOutlined)
	if err != nil {
		return Outline{}, fmt.Errorf("reading questions: %w", err)
	}
	ids := make([]int64, len(questions))
	for i := range questions {
		ids[i] = questions[i].Conversation
	}
	replies, err := s.store.Replies(ctx, ids)
	if err != nil {
		return Outline{}, fmt.Errorf("reading answers: %w", err)
	}
	return MakeOutline(subjects[at].Name, questions, replies), nil
}

// maxOutlined is how many questions an outline looks at.
const maxOutlined = 200

// Gaps lists topics that are asked about and that no document answers.
func (s *Service) Gaps(ctx context.Context) ([]Gap, error) {
	subjects, err := s.store.Subjects(ctx)
	if err != nil {
		return nil, fmt.Errorf("listing topics: %w", err)
	}
	k, err := s.known(ctx)
	if err != nil {
		return nil, err
	}
	return gaps(subjects, k.questions, k.about), nil
}
