// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package slack

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"greenroom"
	"greenroom/connector/internal/rest"
)

// How many entries a page holds. Slack advises 200 for messages and gives up to 1,000 people or channels.
const (
	pageMessages = 200
	pageSlow     = 15 // what it gives apps that are distributed outside of its Marketplace
	pageLists    = 500
)

// status is what every answer has.
type status struct {
	OK       bool   `json:"ok"`
	Error    string `json:"error"`
	Needed   string `json:"needed"`
	Provided string `json:"provided"`
	Warning  string `json:"warning"`
}

type more struct {
	NextCursor string `json:"next_cursor"`
}

type wireChannel struct {
	ID         string `json:"id"`
	Name       string `json:"name"`
	IsPrivate  bool   `json:"is_private"`
	IsMember   bool   `json:"is_member"`
	IsArchived bool   `json:"is_archived"`
	IsIM       bool   `json:"is_im"`
	IsMPIM     bool   `json:"is_mpim"`
	NumMembers int64  `json:"num_members"`
}

// account is what auth.test says of a token.
type account struct {
	URL    string `json:"url"` // of the workspace, with a slash at the end
	Team   string `json:"team"`
	TeamID string `json:"team_id"`
	User   string `json:"user"`
	UserID string `json:"user_id"`
	BotID  string `json:"bot_id"` // "" = the token is a person's

	scopes []string // by the header of the answer; nil where it has none
}

// auth asks who the token is. Slack's contract has the token in a header of its own for this method.
func (s *source) auth(ctx context.Context) (account, error) {
	var a account
	ans, err := s.client.Do(ctx, rest.Request{Path: "/auth.test", Header: http.Header{"Token": {s.set.Text(optToken)}}})
	if err == nil {
		err = s.client.Decode(ans, &a)
	}
	if err != nil {
		return a, err
	}
	if list, ok := ans.Header["X-Oauth-Scopes"]; ok {
		a.scopes = strings.FieldsFunc(strings.Join(list, ","), func(r rune) bool { return r == ',' || r == ' ' })
	}
	return a, nil
}

// channels lists what the token sees. A token without the scope for private channels is asked for public ones.
func (s *source) channels(ctx context.Context) ([]jsontext.Value, error) {
	types := "public_channel"
	if s.set.On(optPrivate) {
		types += ",private_channel"
	}
	var all []jsontext.Value
	for cursor := ""; ; {
		var page struct {
			Channels []jsontext.Value `json:"channels"`
			Meta     more             `json:"response_metadata"`
		}
		q := url.Values{"types": {types}, "limit": {strconv.Itoa(pageLists)}, "exclude_archived": {"false"}}
		if cursor != "" {
			q.Set("cursor", cursor)
		}
		_, err := s.client.Into(ctx, "/conversations.list", q, &page)
		if rest.Refused(err) && strings.Contains(types, ",") {
			s.env.Meter.Warn("The app lacks the scope groups:read, so private channels do not come in.")
			types, cursor, all = "public_channel", "", nil
			continue
		}
		if err != nil {
			return nil, err
		}
		all = append(all, page.Channels...)
		if cursor = page.Meta.NextCursor; cursor == "" {
			return all, nil
		}
	}
}

// users asks for one page of people, and returns the cursor of the next.
func (s *source) users(ctx context.Context, cursor string) ([]jsontext.Value, string, error) {
	var page struct {
		Members []jsontext.Value `json:"members"`
		Meta    more             `json:"response_metadata"`
	}
	q := url.Values{"limit": {strconv.Itoa(pageLists)}}
	if cursor != "" {
		q.Set("cursor", cursor)
	}
	_, err := s.client.Into(ctx, "/users.list", q, &page)
	return page.Members, page.Meta.NextCursor, err
}

// messages is a page of a channel or a thread.
type messages struct {
	Messages []jsontext.Value `json:"messages"`
	HasMore  bool             `json:"has_more"`
	Meta     more             `json:"response_metadata"`
}

// messages asks for a page of a channel (conversations.history) or of a thread (conversations.replies).
func (s *source) messages(ctx context.Context, method string, q url.Values) (*messages, error) {
	asked, err := s.slow.turn(ctx, s, method)
	if err != nil {
		return nil, err
	}
	q.Set("limit", strconv.Itoa(asked))
	var page messages
	if _, err := s.client.Into(ctx, "/"+method, q, &page); err != nil {
		return nil, err
	}
	s.slow.judge(s, asked, &page)
	if !page.HasMore {
		page.Meta.NextCursor = ""
	}
	return &page, nil
}

// pace keeps to one request a minute once Slack was seen to give fifteen messages where it was asked for more.
type pace struct {
	on   bool
	last map[string]time.Time // by method
}

const tooSlow = "Slack gives this app 15 messages a request and one request a minute, as it does with apps that are distributed outside of its Marketplace. " +
	"Make an app of your own from the manifest, or import an export for the past."

// turn waits until a method may be asked again, and says for how many messages.
func (p *pace) turn(ctx context.Context, s *source, method string) (int, error) {
	if !p.on {
		return pageMessages, nil
	}
	now := s.env.Now()
	if d := p.last[method].Add(time.Minute + time.Second).Sub(now); d > 0 {
		s.env.Meter.Wait(d)
		if err := s.env.Sleep(ctx, d); err != nil {
			return 0, err //nolint:wrapcheck // the environment's own words
		}
	}
	p.last[method] = s.env.Now()
	return pageSlow, nil
}

// judge looks at how many messages came of those asked for.
func (p *pace) judge(s *source, asked int, page *messages) {
	n := len(page.Messages)
	if p.on || asked <= pageSlow || !page.HasMore || n != pageSlow && n != pageSlow+1 { // a thread's page repeats its first message
		return
	}
	p.on, p.last = true, map[string]time.Time{}
	s.env.Meter.Warn(tooSlow)
}

// The errors that Slack puts into answers with status 200, by what they mean.
var meanings = map[string]int{
	"invalid_auth": http.StatusUnauthorized, "not_authed": http.StatusUnauthorized, "account_inactive": http.StatusUnauthorized,
	"token_revoked": http.StatusUnauthorized, "token_expired": http.StatusUnauthorized, "org_login_required": http.StatusUnauthorized,
	"user_removed_from_team": http.StatusUnauthorized, "team_access_not_granted": http.StatusUnauthorized,

	"missing_scope": http.StatusForbidden, "not_allowed_token_type": http.StatusForbidden, "no_permission": http.StatusForbidden,
	"access_denied": http.StatusForbidden, "restricted_action": http.StatusForbidden, "ekm_access_denied": http.StatusForbidden,

	"channel_not_found": http.StatusNotFound, "not_in_channel": http.StatusNotFound, "thread_not_found": http.StatusNotFound,
	"user_not_found": http.StatusNotFound, "user_not_visible": http.StatusNotFound, "message_not_found": http.StatusNotFound,
	"users_not_found": http.StatusNotFound, "is_archived": http.StatusNotFound,

	"internal_error": http.StatusInternalServerError, "fatal_error": http.StatusInternalServerError,
	"service_unavailable": http.StatusInternalServerError, "request_timeout": http.StatusInternalServerError,
	"team_added_to_org": http.StatusInternalServerError,

	"ratelimited": http.StatusTooManyRequests, "rate_limited": http.StatusTooManyRequests,
}

// refuse reads the errors in answers: {"ok":false,"error":"missing_scope","needed":"groups:read"}.
func refuse(ans *rest.Answer) error {
	begin := bytes.ReplaceAll(ans.Body[:min(len(ans.Body), 512)], []byte(" "), nil)
	if ans.Status >= http.StatusBadRequest || !bytes.Contains(begin, []byte(`"ok":false`)) {
		return nil
	}
	var st status
	if rest.Unmarshal(ans.Body, &st) != nil || st.OK || st.Error == "" {
		return nil //nolint:nilerr // cut short, which is judged next
	}
	says := st.Error
	if st.Needed != "" {
		says += ", needed: " + st.Needed
	}
	code := meanings[st.Error]
	cause := &rest.StatusError{Platform: title, Status: code, Path: ans.Path, Says: says}
	method := ans.Path[strings.LastIndexByte(ans.Path, '/')+1:]
	fail := func(code greenroom.Code, message string) error {
		return &greenroom.Error{Code: code, Message: message, Err: cause}
	}
	switch code {
	case http.StatusUnauthorized:
		return fail(greenroom.CodeUnauthorized, "Slack refuses the token ("+st.Error+"); install the app again, and enter its new token in the settings of the source")
	case http.StatusForbidden:
		return fail(greenroom.CodeForbidden, "Slack does not allow "+method+" with this token ("+says+"); add the scope under OAuth & Permissions and install the app again")
	case http.StatusNotFound:
		return fail(greenroom.CodeNotFound, "Slack has nothing to show for "+method+" ("+st.Error+")")
	case http.StatusInternalServerError:
		return rest.ErrAgain
	case http.StatusTooManyRequests:
		return &rest.Limit{}
	}
	cause.Status = http.StatusBadRequest
	return fail(greenroom.CodeInvalid, "Slack answers "+method+" with the error "+says)
}
