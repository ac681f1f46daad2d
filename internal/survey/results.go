// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package survey

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"greenroom"
	"greenroom/internal/outbox"
	"greenroom/internal/query"
)

// leastGroup is the least number of people of whom figures are shown: fewer could be told apart.
const leastGroup = 5

// Results is what came of a survey.
type Results struct {
	Survey    Survey     `json:"survey"`
	Asked     int64      `json:"asked"`          // invitations that were sent, or are about to be
	Reached   int64      `json:"reached"`        // of these, those that used their invitation
	Rate      *Interval  `json:"rate,omitempty"` // of those who were asked, how many answered; nil where nobody was asked
	Complete  int64      `json:"complete"`
	Partial   int64      `json:"partial"`
	Few       bool       `json:"few"` // too few to show anything: it is anonymous
	Questions []Result   `json:"questions"`
	Only      string     `json:"only,omitempty"` // the query that members had to fit; "" = all answers
	Days      []DayCount `json:"days"`
}

// DayCount is how many complete answers came on a day, in UTC.
type DayCount struct {
	Day     string `json:"day"`
	Answers int64  `json:"answers"`
}

// Result is what came of one question.
type Result struct {
	Question string    `json:"question"`
	Type     Type      `json:"type"`
	Text     string    `json:"text"`
	N        int64     `json:"n"` // who answered it
	NPS      *NPSScore `json:"nps,omitempty"`
	Top      *Interval `json:"top,omitempty"`  // of CSAT the share of 4 and 5, of CES of 5 to 7
	Mean     *Interval `json:"mean,omitempty"` // of scales
	Bars     []Bar     `json:"bars,omitempty"`
	Rows     []RowBars `json:"rows,omitempty"`  // of a matrix
	Texts    []Said    `json:"texts,omitempty"` // the latest first
}

// Bar is how often an answer was given.
type Bar struct {
	Value string   `json:"value"`
	Text  string   `json:"text"`
	Count int64    `json:"count"`
	Share Interval `json:"share"` // of those who answered the question
	Query string   `json:"query,omitempty"`
}

// RowBars is a row of a matrix.
type RowBars struct {
	Row  string `json:"row"`
	Text string `json:"text"`
	Bars []Bar  `json:"bars"`
}

// Said is what somebody wrote.
type Said struct {
	Response int64     `json:"response_id"`
	MemberID int64     `json:"member_id,omitempty"`
	Member   string    `json:"member,omitempty"`
	Text     string    `json:"text"`
	At       time.Time `json:"at"`
}

// mostTexts is how many texts results have of a question.
const mostTexts = 200

// Results says what came of a survey. only is a query over members, "" = all answers.
func (s *Service) Results(ctx context.Context, key, only string) (*Results, error) {
	v, responses, err := s.Answers(ctx, key)
	if err != nil {
		return nil, err
	}
	invited, err := s.Store.SurveyInvitations(ctx, v.ID)
	if err != nil {
		return nil, fmt.Errorf("reading who was asked: %w", err)
	}
	r := &Results{Survey: v, Only: only}
	if only != "" {
		if responses, invited, err = s.narrow(ctx, &v, only, responses, invited); err != nil {
			return nil, err
		}
	}
	for i := range invited {
		if asked(&invited[i]) {
			r.Asked++
			if invited[i].Answered {
				r.Reached++
			}
		}
	}
	if r.Asked > 0 {
		rate := ShareOf(r.Reached, r.Asked)
		r.Rate = &rate
	}
	var complete []Response
	days := make(map[string]int64)
	for i := range responses {
		if responses[i].State != Complete {
			r.Partial++
			continue
		}
		complete = append(complete, responses[i])
		days[responses[i].CompletedAt.UTC().Format(time.DateOnly)]++
	}
	r.Complete = int64(len(complete))
	r.Days = daysOf(days)
	if hidden(&v, only, r.Complete) {
		r.Few, r.Days = true, []DayCount{}
		return r, nil
	}
	population := r.Asked
	if v.Settings.Open || r.Complete > r.Asked {
		population = 0 // who could have answered is not known
	}
	for _, q := range v.Definition.Questions() {
		r.Questions = append(r.Questions, resultOf(&v, q, complete, population))
	}
	return r, nil
}

// hidden reports whether figures of so many answers are not shown.
func hidden(v *Survey, only string, n int64) bool {
	return n > 0 && n < leastGroup && (v.Settings.Who == Anonymous || only != "")
}

// asked reports whether an invitation was sent or is about to be: only of those it can be said that they did not answer.
func asked(i *Invitation) bool {
	if i.Sent == outbox.Failed || i.Sent == outbox.Skipped || i.Sent == outbox.Draft {
		return i.Answered
	}
	return true
}

func daysOf(counts map[string]int64) []DayCount {
	all := []DayCount{}
	var first, last string
	for day := range counts {
		if first == "" || day < first {
			first = day
		}
		last = max(last, day)
	}
	if first == "" {
		return all
	}
	for at, err := time.Parse(time.DateOnly, first); err == nil && at.Format(time.DateOnly) <= last && len(all) < 3660; at = at.AddDate(0, 0, 1) {
		day := at.Format(time.DateOnly)
		all = append(all, DayCount{day, counts[day]})
	}
	return all
}

// narrow keeps the answers and invitations of members that a query fits.
func (s *Service) narrow(ctx context.Context, v *Survey, only string, responses []Response, invited []Invitation) ([]Response, []Invitation, error) {
	if v.Settings.Who == Anonymous {
		return nil, nil, greenroom.Errorf(greenroom.CodeInvalid, "the survey is anonymous: its answers are nobody's, and cannot be told apart by who gave them")
	}
	q, err := s.parse(only, "whose answers are counted", "q")
	if err != nil {
		return nil, nil, err
	}
	var ids []int64
	for i := range responses {
		ids = append(ids, responses[i].MemberID)
	}
	for i := range invited {
		ids = append(ids, invited[i].MemberID)
	}
	holds, err := s.Store.Holds(ctx, []query.Node{q.Root}, unique(ids), s.Now())
	if err != nil {
		return nil, nil, fmt.Errorf("finding whose answers are meant: %w", err)
	}
	fits := func(id int64) bool { return id > 0 && len(holds[id]) > 0 && holds[id][0] }
	var some []Response
	for i := range responses {
		if fits(responses[i].MemberID) {
			some = append(some, responses[i])
		}
	}
	var who []Invitation
	for i := range invited {
		if fits(invited[i].MemberID) {
			who = append(who, invited[i])
		}
	}
	return some, who, nil
}

func unique(ids []int64) []int64 {
	seen := make(map[int64]bool, len(ids))
	var all []int64
	for _, id := range ids {
		if id > 0 && !seen[id] {
			seen[id] = true
			all = append(all, id)
		}
	}
	return all
}

// resultOf counts the answers to one question.
func resultOf(v *Survey, q *Question, all []Response, population int64) Result {
	own := v.Definition.Language
	r := Result{Question: q.ID, Type: q.Type, Text: q.Text.In(own, own)}
	counts, rows := make(map[string]int64), make(map[string]map[string]int64)
	for i := len(all) - 1; i >= 0; i-- {
		value, ok := all[i].Answers[q.ID]
		if !ok || value.empty() {
			continue
		}
		r.N++
		switch q.Type {
		case Text:
			if len(r.Texts) < mostTexts {
				r.Texts = append(r.Texts, Said{all[i].ID, all[i].MemberID, all[i].Member, value.Text, all[i].CompletedAt})
			}
		case Matrix:
			for row, c := range value.Rows {
				if rows[row] == nil {
					rows[row] = make(map[string]int64)
				}
				rows[row][c]++
			}
		case NPS, CSAT, CES, Rating, Single, Multiple:
			for _, text := range value.Texts() {
				counts[text]++
			}
		}
	}
	known := v.Settings.Who != Anonymous
	bars := func(counts map[string]int64, n int64, row string) (out []Bar) {
		for _, c := range q.offered(own, own) {
			b := Bar{Value: c.ID, Text: c.Text[""], Count: counts[c.ID], Share: ShareOf(counts[c.ID], n)}
			if known {
				b.Query = AnswerQuery(v.Key, q.ID, row+c.ID)
			}
			out = append(out, b)
		}
		return out
	}
	switch q.Type {
	case Matrix:
		for i := range q.Rows {
			id := q.Rows[i].ID
			var n int64
			for _, c := range rows[id] {
				n += c
			}
			r.Rows = append(r.Rows, RowBars{id, q.Rows[i].Text.In(own, own), bars(rows[id], n, id+"=")})
		}
	case NPS, CSAT, CES, Rating, Single, Multiple:
		r.Bars = bars(counts, r.N, "")
	case Text:
	}
	if low, high, ok := q.Scale(); ok && r.N > 0 {
		scaled(&r, low, high, counts, population)
	}
	return r
}

// scaled adds what is said of scales.
func scaled(r *Result, low, high int, counts map[string]int64, population int64) {
	each := make([]int64, high-low+1)
	within := func(from, to int) (n int64) {
		for x := from; x <= to; x++ {
			n += counts[strconv.Itoa(x)]
		}
		return n
	}
	for i := range each {
		each[i] = counts[strconv.Itoa(low+i)]
	}
	mean, _ := MeanOf(low, each)
	r.Mean = &mean
	switch r.Type {
	case NPS:
		score := NPSOf(within(9, 10), within(7, 8), within(0, 6), population)
		r.NPS = &score
	case CSAT:
		top := ShareOf(within(4, 5), r.N)
		r.Top = &top
	case CES:
		top := ShareOf(within(5, 7), r.N)
		r.Top = &top
	case Rating, Single, Multiple, Text, Matrix:
	}
}

// AnswerQuery is the query over members who gave an answer.
func AnswerQuery(survey, question, value string) string {
	return "answer:" + strconv.Quote(survey+"/"+question+"/"+value)
}
