// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package linkedin

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/internal/rest"
	"greenroom/connector/internal/signature"
)

const pushHelp = `Without it, comments come in with the next read. LinkedIn pushes to apps whose use of webhooks it has approved; others have no
*Webhooks* tab.

1. Enter the **client secret** and the **App ID** in this source's options: LinkedIn signs with the one, and subscriptions name the other.
2. At the [app](https://www.linkedin.com/developers/apps), **Webhooks → Create webhook**: paste the address below. LinkedIn checks it at
   once, and every two hours from then on. It has to begin with https.
3. Greenroom subscribes to what happens on the pages with the next read, and again each day. A subscription lasts as long as the
   token's consent, and as the person who gave it is an administrator.`

// subscription is what is kept of the last time at which pushes were asked for.
type subscription struct {
	At time.Time `json:"at"`
	Of string    `json:"of"` // the address, the app and the pages
}

// resubscribe is after how long pushes are asked for again, which changes nothing where they are on.
const resubscribe = 24 * time.Hour

// subscribe asks LinkedIn to push what happens on the pages, where that is due. What comes of it concerns pushes alone: a
// refusal is a warning, and the read goes on.
func (s *source) subscribe(ctx context.Context, pages []wireOrganization) error {
	app := s.set.Text(optApp)
	if app == "" || !strings.HasPrefix(s.env.Hook, "https://") || s.env.HookKey == "" { // it is not stored, or cannot be reached
		return nil
	}
	parts := []string{s.env.Hook, app}
	for i := range pages {
		parts = append(parts, strconv.FormatInt(pages[i].ID, 10))
	}
	of := strings.Join(parts, " ")
	now := s.env.Now().UTC().Truncate(time.Second)
	if p := s.note.Pushes; p != nil && p.Of == of && now.Sub(p.At).Abs() < resubscribe {
		return nil
	}
	me, err := s.administrator(ctx)
	for i := 0; i < len(pages) && err == nil; i++ {
		err = s.subscribeTo(ctx, app, me, pages[i].ID)
	}
	if ctx.Err() != nil {
		return err
	}
	if err != nil {
		s.env.Meter.Warn("LinkedIn does not push what happens on the pages (" + greenroom.ErrorMessage(err) + "). The app's use of webhooks has to be approved, and the address of this source entered at the app. Comments come in with each read.")
	}
	s.note.Pushes = &subscription{At: now, Of: of}
	s.keep()
	return nil
}

// administrator is the URN of the person whose token this is.
func (s *source) administrator(ctx context.Context) (string, error) {
	var l wireList
	if err := s.ask(ctx, "FINDER", "/organizationAcls?q=roleAssignee&role=ADMINISTRATOR&state=APPROVED&start=0&count=1", &l); err != nil {
		return "", err
	}
	var acl struct {
		Person string `json:"roleAssignee"`
	}
	if len(l.Elements) == 0 || rest.Unmarshal(l.Elements[0], &acl) != nil || !strings.HasPrefix(acl.Person, personURN) {
		return "", greenroom.Errorf(greenroom.CodeForbidden, "the token's owner administers no page")
	}
	return acl.Person, nil
}

func (s *source) subscribeTo(ctx context.Context, app, me string, page int64) error {
	body, err := json.Marshal(map[string]string{"webhook": s.env.Hook})
	if err != nil {
		return greenroom.Errorf(greenroom.CodeInvalid, "the address of the source is not text")
	}
	_, err = s.client.Do(ctx, rest.Request{Method: http.MethodPut, Body: body, Type: "application/json", Path: "/eventSubscriptions/(developerApplication:" + enc("urn:li:developerApplication:"+app) +
		",user:" + enc(me) + ",entity:" + enc(organizationURN+strconv.FormatInt(page, 10)) + ",eventType:ORGANIZATION_SOCIAL_ACTION_NOTIFICATIONS)"})
	return err
}

// Verify answers LinkedIn's challenge, and checks the signature of notifications.
func (s *source) Verify(d *connector.Delivery) (connector.Reply, error) {
	secret := s.set.Text(optSecret)
	if secret == "" {
		return connector.Reply{}, greenroom.Errorf(greenroom.CodeForbidden, "the source has no client secret, with which LinkedIn signs; enter it in the settings of the source")
	}
	if d.Method == http.MethodGet {
		return challenge(secret, d.Query.Get("challengeCode"))
	}
	want := signature.Hex256(secret, append([]byte("hmacsha256="), d.Body...))
	if !signature.Equal(want, strings.TrimPrefix(d.Header.Get("X-Li-Signature"), "hmacsha256=")) {
		return connector.Reply{}, signature.Wrong(title)
	}
	var b batch
	if err := rest.Unmarshal(d.Body, &b); err != nil {
		return connector.Reply{}, greenroom.Errorf(greenroom.CodeInvalid, "this is not a delivery of %s: %v", title, err)
	}
	ids := make([]string, 0, len(b.Notices))
	for _, raw := range b.Notices {
		var n wireNotice
		if rest.Unmarshal(raw, &n) == nil && len(n.ID) > 0 {
			ids = append(ids, string(n.ID))
		}
	}
	return connector.Reply{ID: strings.Join(ids, ",")}, nil
}

// challenge proves that this server knows the client secret.
func challenge(secret, code string) (connector.Reply, error) {
	if code == "" {
		return connector.Reply{}, signature.Wrong(title)
	}
	body, err := json.Marshal(struct {
		Code     string `json:"challengeCode"`
		Response string `json:"challengeResponse"`
	}{code, signature.Hex256(secret, []byte(code))})
	if err != nil {
		return connector.Reply{}, greenroom.Errorf(greenroom.CodeInvalid, "the challenge is not text")
	}
	return connector.Reply{ContentType: "application/json", Body: body, Drop: true}, nil
}

// batch is a delivery: up to ten notifications.
type batch struct {
	Type    string           `json:"type"`
	Notices []jsontext.Value `json:"notifications"`
}

// Receive takes notifications. What a notification does not tell in full, comments and reactions, is asked for, so that it
// comes out as a read would tell it.
func (s *source) Receive(ctx context.Context, d *connector.Delivery, out *connector.Sink) error {
	var b batch
	if rest.Unmarshal(d.Body, &b) != nil {
		reject(out, "webhook", 0, d.Body, "this is not a list of notifications")
		return nil //nolint:nilerr // it is rejected
	}
	if b.Type != "ORGANIZATION_SOCIAL_ACTION_NOTIFICATIONS" {
		out.LeftOut("events of type "+b.Type, 1)
		return nil
	}
	liked := map[string]bool{}
	var people []string
	for i, raw := range b.Notices {
		out.Read(1)
		var n wireNotice
		if err := rest.Unmarshal(raw, &n); err != nil || n.Action == "" || !strings.HasPrefix(n.Organization, organizationURN) {
			reject(out, "webhook", i+1, raw, "this is not a notification with a page and an action")
			continue
		}
		if !s.wants(n.Organization) {
			out.LeftOut("notifications of other pages", 1)
			continue
		}
		switch n.Action {
		case noticeComment, noticeOwnComment, noticeEdit:
			if err := s.commented(ctx, &n, out); err != nil {
				return err
			}
		case noticeLike:
			if err := s.liked(ctx, &n, liked, out); err != nil {
				return err
			}
		default:
			if !s.set.On(optNotices) {
				out.LeftOut("mentions, shares and deletions, which are not wanted", 1)
				continue
			}
			if who := s.noticed(&n, n.Organization, raw, out); who != "" {
				people = append(people, who)
			}
		}
	}
	return s.names(ctx, people, out)
}

// wants reports whether a page is one of the source's.
func (s *source) wants(urn string) bool {
	pages := s.set.List(optPages)
	for _, id := range pages {
		if urn == organizationURN+id {
			return true
		}
	}
	return len(pages) == 0
}

// around is where the walk over a page's posts would stand when it reads what a notification is about.
func (s *source) around(n *wireNotice, out *connector.Sink) *reading {
	id, _ := strconv.ParseInt(last(n.Organization), 10, 64) // a page's, as its prefix says
	return &reading{s: s, o: &wireOrganization{ID: id, Name: "page " + last(n.Organization)}, out: out}
}

// commented asks for a comment that was made or edited.
func (s *source) commented(ctx context.Context, n *wireNotice, out *connector.Sink) error {
	post := n.post()
	urn, id := n.comment()
	if post == "" || urn == "" {
		out.LeftOut("comments whose post LinkedIn does not name, which come in with the next read", 1)
		return nil
	}
	var raw jsontext.Value
	err := s.ask(ctx, "GET", "/socialActions/"+enc(post)+"/comments/"+id, &raw)
	switch {
	case rest.Gone(err), rest.Refused(err):
		out.LeftOut("comments that LinkedIn no longer shows", 1)
		return nil
	case err != nil:
		return err
	}
	_, people := s.around(n, out).comment(raw, post, post, "webhook", 0)
	return s.names(ctx, people, out)
}

// liked asks for the newest reactions to a post, once for all that a delivery tells of it.
func (s *source) liked(ctx context.Context, n *wireNotice, done map[string]bool, out *connector.Sink) error {
	post := n.post()
	switch {
	case !s.set.On(optReactions):
		out.LeftOut("reactions, which are not wanted", 1)
	case post == "":
		out.LeftOut("reactions whose post LinkedIn does not name, which come in with the next read", 1)
	case !done[post]:
		done[post] = true
		_, err := s.reactions(ctx, s.around(n, out), post, "0")
		return err
	}
	return nil
}
