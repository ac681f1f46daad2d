// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package stackoverflow

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/internal/rest"
)

// pageSize is how many entries a page holds; the API gives no more.
const pageSize = 100

// fields are what a filter adds to what the API gives by itself: texts, edits and closings, answers and comments with their
// numbers.
const fields = "question.answers;question.body;question.comments;question.comment_count;question.last_edit_date;question.closed_date;" +
	"answer.body;answer.comments;answer.comment_count;answer.last_edit_date;comment.body_markdown;user.about_me;user.location;user.website_url;shallow_user.account_id"

// answer is what stands around every answer of the API.
type answer struct {
	Items          []jsontext.Value `json:"items"`
	HasMore        bool             `json:"has_more"`
	Backoff        float64          `json:"backoff"` // seconds to leave this method alone
	QuotaMax       int64            `json:"quota_max"`
	QuotaRemaining int64            `json:"quota_remaining"`

	ErrorID int64  `json:"error_id"`
	Error   string `json:"error_message"`
}

// The API's own numbers of errors, which come with status 400.
const (
	errorBadParameter = 400
	errorNeedsToken   = 401
	errorInvalidToken = 402
	errorNeedsKey     = 405
	errorLeakedToken  = 406
	errorInternal     = 500
	errorThrottled    = 502
	errorUnavailable  = 503
)

// seconds finds how long a throttled address has to wait: "too many requests from this IP, more requests available in 81 seconds".
var seconds = regexp.MustCompile(`in (\d+) seconds?`)

// refuse reads the API's way of refusing.
func refuse(ans *rest.Answer) error {
	if ans.Status != http.StatusBadRequest {
		return nil
	}
	var a answer
	if rest.Unmarshal(ans.Body, &a) != nil {
		return nil //nolint:nilerr // it is not the API that speaks: the usual reading is right
	}
	switch {
	case a.ErrorID == errorThrottled:
		l := &rest.Limit{Why: "the site asks to be left alone"}
		if m := seconds.FindStringSubmatch(a.Error); m != nil {
			if n, err := strconv.Atoi(m[1]); err == nil {
				l.Wait = time.Duration(n) * time.Second
			}
		}
		return l
	case a.ErrorID == errorUnavailable, a.ErrorID == errorInternal:
		return rest.ErrAgain
	case a.ErrorID == errorNeedsToken, a.ErrorID == errorInvalidToken, a.ErrorID == errorNeedsKey, a.ErrorID == errorLeakedToken,
		a.ErrorID == errorBadParameter && strings.Contains(a.Error, "key"):
		return greenroom.Errorf(greenroom.CodeUnauthorized, "%s refuses the key; register an application at stackapps.com and enter its key in the settings of the source (it says: %s)", title, a.Error)
	case a.ErrorID == errorBadParameter && strings.Contains(a.Error, "site"):
		return greenroom.Errorf(greenroom.CodeNotFound, "there is no such site in the Stack Exchange network; expected an address such as stackoverflow.com (it says: %s)", a.Error)
	}
	return nil
}

// anonymous is how many requests a day the API allows without a key.
const anonymous = 300

// authorize puts the key on. It stands in a header: since June 2026 the API refuses requests that have it in the address.
func (s *source) authorize(_ context.Context, r *http.Request) error {
	if key := s.set.Text(optKey); key != "" {
		r.Header.Set("Authorization", "Bearer "+key)
	}
	return nil
}

// ask sends a request, after the pause that the one before asked for, and reads what is left of the day's requests.
func (s *source) ask(ctx context.Context, path string, q url.Values) (*answer, error) {
	if s.empty {
		return nil, s.usedUp()
	}
	if d := s.wait; d > 0 {
		if d > s.client.MaxWait {
			return nil, greenroom.Errorf(greenroom.CodeLimited, "%s asks to be left alone for %s; nothing was lost, the next sync goes on from here", title, d)
		}
		s.wait = 0
		s.client.Env.Meter.Wait(d)
		if err := s.client.Env.Sleep(ctx, d); err != nil {
			return nil, err
		}
	}
	all := url.Values{"site": {s.domain}}
	for name, values := range q {
		all[name] = values
	}
	if all.Get("site") == "" { // filters belong to no site
		all.Del("site")
	}
	if s.overlooked {
		all.Set("key", s.set.Text(optKey))
	}
	var a answer
	if _, err := s.client.Into(ctx, path, all, &a); err != nil {
		return nil, err
	}
	s.wait = time.Duration(a.Backoff * float64(time.Second))
	if a.QuotaMax > 0 {
		// A server from before that change does not see the header, and takes the request for one without a key.
		blind := !s.overlooked && s.set.Text(optKey) != "" && a.QuotaMax <= anonymous
		s.overlooked = s.overlooked || blind
		s.empty = a.QuotaRemaining <= 0 && !blind
		s.client.Env.Meter.Budget(connector.Budget{
			Name: "requests a day", Limit: a.QuotaMax, Remaining: a.QuotaRemaining, ResetAt: s.midnight(), At: s.now(),
		})
	}
	return &a, nil
}

func (s *source) midnight() time.Time { return s.now().UTC().Truncate(24*time.Hour).AddDate(0, 0, 1) }

func (s *source) usedUp() error {
	at := s.midnight()
	return &greenroom.Error{
		Code:    greenroom.CodeLimited,
		Message: title + ": the requests of the day are used up until " + at.Format("2006-01-02 15:04 UTC") + "; nothing was lost, the next sync goes on from here",
		Err:     &rest.Limit{Wait: at.Sub(s.now())},
	}
}

// makeFilter makes the filter that brings texts, answers and comments. A filter lasts for good and should be made once, so
// the cursor keeps it, with the fields that it was made for.
func (s *source) makeFilter(ctx context.Context) error {
	if filter, of, ok := strings.Cut(s.note, " "); ok && of == fields && filter != "" {
		s.filter = filter
	}
	if s.filter != "" {
		return nil
	}
	a, err := s.ask(ctx, "/filters/create", url.Values{"base": {"default"}, "include": {fields}, "unsafe": {"false"}, "site": {""}})
	if err != nil {
		return err
	}
	var f struct {
		Filter string `json:"filter"`
	}
	if len(a.Items) > 0 {
		err = rest.Unmarshal(a.Items[0], &f)
	}
	if err != nil || f.Filter == "" {
		return &greenroom.Error{Code: greenroom.CodeInvalid, Message: title + " makes no filter of fields; check the address of the API", Err: err}
	}
	s.filter, s.note = f.Filter, f.Filter+" "+fields
	return nil
}

// unix is a time as the API writes it: seconds since 1970.
type unix int64

func (u unix) time() time.Time {
	if u <= 0 {
		return time.Time{}
	}
	return time.Unix(int64(u), 0).UTC()
}

type wireUser struct {
	ID        int64  `json:"user_id"`
	AccountID int64  `json:"account_id"`
	Type      string `json:"user_type"` // registered, unregistered, moderator, does_not_exist
	Name      string `json:"display_name"`
	Avatar    string `json:"profile_image"`

	Location string `json:"location"` // these in profiles only
	Website  string `json:"website_url"`
	About    string `json:"about_me"`
	Created  unix   `json:"creation_date"`
}

type wireQuestion struct {
	ID       int64         `json:"question_id"`
	Owner    *wireUser     `json:"owner"`
	Title    string        `json:"title"`
	Body     string        `json:"body"`
	Tags     []string      `json:"tags"`
	Created  unix          `json:"creation_date"`
	Edited   unix          `json:"last_edit_date"`
	Activity unix          `json:"last_activity_date"`
	Closed   unix          `json:"closed_date"`
	Accepted int64         `json:"accepted_answer_id"`
	Answers  []wireAnswer  `json:"answers"`
	Comments []wireComment `json:"comments"`
	Answered *int          `json:"answer_count"`
	Remarks  *int          `json:"comment_count"`
}

// whole reports whether the question came with as many answers and comments as it says to have.
func (q *wireQuestion) whole() bool {
	is := func(n *int, listed int) bool { return n != nil && *n == listed }
	return is(q.Answered, len(q.Answers)) && is(q.Remarks, len(q.Comments)) &&
		!slices.ContainsFunc(q.Answers, func(a wireAnswer) bool { return !is(a.Remarks, len(a.Comments)) })
}

type wireAnswer struct {
	ID       int64         `json:"answer_id"`
	Owner    *wireUser     `json:"owner"`
	Body     string        `json:"body"`
	Created  unix          `json:"creation_date"`
	Edited   unix          `json:"last_edit_date"`
	Accepted bool          `json:"is_accepted"`
	Comments []wireComment `json:"comments"`
	Remarks  *int          `json:"comment_count"`
}

type wireComment struct {
	ID      int64     `json:"comment_id"`
	Owner   *wireUser `json:"owner"`
	Text    string    `json:"body_markdown"`
	Created unix      `json:"creation_date"`
}

// errRecord is a record that cannot be read; reading goes on behind it.
var errRecord = errors.New("not a question: its number, its time or its last activity is missing")

// plural writes a number of things, with a space behind.
func plural(n int64, thing string) string {
	text := strconv.FormatInt(n, 10) + " "
	if thing == "" {
		return text
	}
	if n != 1 {
		thing += "s"
	}
	return text + thing + " "
}
