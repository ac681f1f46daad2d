// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package front

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"greenroom"
	"greenroom/internal/request"
)

// Where the public board is.
const (
	RequestsPath    = "/c/requests"
	ConfirmPath     = "/c/requests/confirm"
	requestsLife    = 365 * 24 * time.Hour
	confirmVoteLife = 7 * 24 * time.Hour

	costMail = 40.0 // a mail goes out
)

// Requests is the public board at a request, or the whole of it with 0, as a member opens it; member 0 = anybody.
func (l *Links) Requests(ctx context.Context, member, id int64) (string, error) {
	path := RequestsPath
	if id > 0 {
		path += "/" + strconv.FormatInt(id, 10)
	}
	if member == 0 {
		base, err := l.Base(ctx)
		return base + path, err
	}
	return l.Make(ctx, KindRequests, path, Claim{Member: member}, requestsLife)
}

// ConfirmVote is the link that confirms that whoever reads mail to an address wants a request.
func (l *Links) ConfirmVote(ctx context.Context, id int64, address string) (string, error) {
	return l.Make(ctx, KindVote, ConfirmPath, Claim{Ref: id, Address: address}, confirmVoteLife)
}

// Requests is the public board; request.Service does it.
type Requests interface {
	Board(ctx context.Context, state request.State) (request.Settings, []request.Request, error)
	OnBoard(ctx context.Context, id int64) (request.Settings, request.Request, error)
	Propose(ctx context.Context, d request.Draft, address string) error
	RequestVotes
}

// RequestVotes takes votes.
type RequestVotes interface {
	Voted(ctx context.Context, member int64) ([]int64, error)
	VoteAs(ctx context.Context, id, member int64, want bool) error
	AskVote(ctx context.Context, id int64, address string) error
	Confirming(ctx context.Context, id int64) (request.Request, error)
	Confirm(ctx context.Context, id int64, address string, want bool) (request.Request, error)
}

// Planned is a plan of the public roadmap that serves a request.
type Planned struct {
	Title string
	State string    // for people
	By    time.Time // when it is expected to be done; zero = not known
}

// Planner says what is planned for a request; of internal plans nothing.
type Planner interface {
	PlannedFor(ctx context.Context, request int64) ([]Planned, error)
}

// requestsBody is what requests.html shows.
type requestsBody struct {
	Intro  string
	States []stateTab
	Items  []requestItem
	Open   bool // proposals are
	Query  string
	Me     string // the member who opened the page by a link of their own
}

type stateTab struct {
	Label, Href string
	Current     bool
}

type requestItem struct {
	ID    int64
	Title string
	Href  string
	State string
	Votes int64
	Voted bool
}

// requestBody is what request.html shows.
type requestBody struct {
	request.Request

	Label    string // of the state
	Token    string
	Me       string
	Voted    bool
	Problem  string
	Typed    string // address
	BoardURL string
	Planned  []Planned
}

// proposeBody is what propose.html shows.
type proposeBody struct {
	Title, Text, Address, Problem string
	MaxTitle, MaxText             int
}

// confirmBody is what confirmvote.html shows.
type confirmBody struct {
	Token, Title, Href string
	Proposal           bool // it is not on the board yet
	Done, Back         bool
}

type requestPages struct {
	*Site
	list    *view[requestsBody]
	one     *view[requestBody]
	propose *view[proposeBody]
	confirm *view[confirmBody]
}

func (s *Site) addRequests() error {
	if s.cfg.Requests == nil {
		return nil
	}
	p := &requestPages{Site: s}
	var err error
	if p.list, err = parse[requestsBody]("requests"); err != nil {
		return err
	}
	if p.one, err = parse[requestBody]("request"); err != nil {
		return err
	}
	if p.propose, err = parse[proposeBody]("propose"); err != nil {
		return err
	}
	if p.confirm, err = parse[confirmBody]("confirmvote"); err != nil {
		return err
	}
	s.handle("GET "+RequestsPath, p.board)
	s.handle("GET "+RequestsPath+"/new", p.form)
	s.handle("POST "+RequestsPath+"/new", p.add)
	s.handle("GET "+ConfirmPath, p.confirming)
	s.handle("POST "+ConfirmPath, p.confirmed)
	s.handle("GET "+RequestsPath+"/{id}", p.show)
	s.handle("POST "+RequestsPath+"/{id}", p.vote)
	return nil
}

// me is the member who came by a link of their own; none for everybody else, also by a link that is too old: they vote by
// mail then.
func (p *requestPages) me(w http.ResponseWriter, r *http.Request) (greenroom.Member, error) {
	if r.FormValue("t") == "" {
		return greenroom.Member{}, nil
	}
	c, err := p.open(w, r, KindRequests)
	if greenroom.ErrorCode(err) == greenroom.CodeNotFound {
		return greenroom.Member{}, nil
	}
	if err != nil {
		return greenroom.Member{}, err
	}
	m, err := p.cfg.Members.Member(r.Context(), c.Member)
	if greenroom.ErrorCode(err) == greenroom.CodeNotFound {
		return greenroom.Member{}, nil
	}
	return m, err
}

// address is a path with the token that a member came by.
func (p *requestPages) address(r *http.Request, m *greenroom.Member, path string, pairs ...string) string {
	if m.ID > 0 {
		pairs = append(pairs, "t", r.FormValue("t"))
	}
	if len(pairs) == 0 {
		return path
	}
	return path + "?" + values(pairs...)
}

func (p *requestPages) board(w http.ResponseWriter, r *http.Request) error {
	m, err := p.me(w, r)
	if err != nil {
		return err
	}
	state := request.State(r.FormValue("state"))
	set, all, err := p.cfg.Requests.Board(r.Context(), state)
	if err != nil {
		return err
	}
	voted, err := p.voted(r, &m)
	if err != nil {
		return err
	}
	body := requestsBody{Intro: set.Intro, Open: !set.Closed, Me: m.Name, States: []stateTab{{"All", p.address(r, &m, RequestsPath), state == ""}}}
	for _, st := range request.States() {
		body.States = append(body.States, stateTab{st.Label(), p.address(r, &m, RequestsPath, "state", string(st)), st == state})
	}
	for i := range all {
		q := &all[i]
		body.Items = append(body.Items, requestItem{q.ID, q.Title, p.address(r, &m, RequestsPath+"/"+strconv.FormatInt(q.ID, 10)), q.State.Label(), q.Votes, slices.Contains(voted, q.ID)})
	}
	return render(p.Site, w, r, p.list, http.StatusOK, english, "What we could do", body)
}

func (p *requestPages) voted(r *http.Request, m *greenroom.Member) ([]int64, error) {
	if m.ID == 0 {
		return nil, nil
	}
	return p.cfg.Requests.Voted(r.Context(), m.ID)
}

func requestID(r *http.Request) (int64, error) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil || id <= 0 {
		return 0, greenroom.Errorf(greenroom.CodeNotFound, "there is no page at this address")
	}
	return id, nil
}

func (p *requestPages) show(w http.ResponseWriter, r *http.Request) error {
	m, err := p.me(w, r)
	if err != nil {
		return err
	}
	return p.draw(w, r, &m, http.StatusOK, requestBody{})
}

func (p *requestPages) draw(w http.ResponseWriter, r *http.Request, m *greenroom.Member, status int, body requestBody) error {
	id, err := requestID(r)
	if err != nil {
		return err
	}
	_, q, err := p.cfg.Requests.OnBoard(r.Context(), id)
	if err != nil {
		return err
	}
	if q.ID != id && r.Method == http.MethodGet { // it was merged
		http.Redirect(w, r, p.address(r, m, RequestsPath+"/"+strconv.FormatInt(q.ID, 10)), http.StatusSeeOther)
		return nil
	}
	if p.cfg.Plans != nil {
		if body.Planned, err = p.cfg.Plans.PlannedFor(r.Context(), q.ID); err != nil {
			return err
		}
	}
	voted, err := p.voted(r, m)
	if err != nil {
		return err
	}
	body.Request, body.Label, body.Me, body.BoardURL, body.Voted = q, q.State.Label(), m.Name, p.address(r, m, RequestsPath), slices.Contains(voted, q.ID)
	if m.ID > 0 {
		body.Token = r.FormValue("t")
	}
	return render(p.Site, w, r, p.one, status, english, q.Title, body)
}

// vote takes the vote of a member who came by a link of their own, and sends everybody else a link that confirms theirs.
func (p *requestPages) vote(w http.ResponseWriter, r *http.Request) error {
	id, err := requestID(r)
	if err != nil {
		return err
	}
	m, err := p.me(w, r)
	if err != nil {
		return err
	}
	if m.ID > 0 {
		if err := p.cfg.Requests.VoteAs(r.Context(), id, m.ID, r.FormValue("back") == ""); err != nil {
			return err
		}
		http.Redirect(w, r, p.address(r, &m, r.URL.Path), http.StatusSeeOther)
		return nil
	}
	if err := p.spend(w, r, costMail); err != nil {
		return err
	}
	address := r.FormValue("email")
	err = p.cfg.Requests.AskVote(r.Context(), id, address)
	if greenroom.ErrorCode(err) == greenroom.CodeInvalid {
		return p.draw(w, r, &m, http.StatusUnprocessableEntity, requestBody{Problem: sentence(greenroom.ErrorMessage(err)), Typed: address})
	}
	if err != nil {
		return err
	}
	return p.mailed(w, r, "Your vote counts once you open the link in it.")
}

func (p *requestPages) mailed(w http.ResponseWriter, r *http.Request, then string) error {
	return render(p.Site, w, r, p.notice, http.StatusOK, english, "Look into your mail", noticeBody{Title: "Look into your mail", Text: "We sent you a message. " + then, Link: RequestsPath, LinkText: "Back to all ideas"})
}

func (p *requestPages) form(w http.ResponseWriter, r *http.Request) error {
	set, _, err := p.cfg.Requests.Board(r.Context(), "")
	if err != nil {
		return err
	}
	if set.Closed {
		return greenroom.Errorf(greenroom.CodeNotFound, "proposals are closed at the moment; you can still vote")
	}
	return render(p.Site, w, r, p.propose, http.StatusOK, english, "Propose something", proposeBody{MaxTitle: request.MaxTitle, MaxText: request.MaxText})
}

func (p *requestPages) add(w http.ResponseWriter, r *http.Request) error {
	if err := p.spend(w, r, costMail); err != nil {
		return err
	}
	body := proposeBody{Title: r.FormValue("title"), Text: r.FormValue("text"), Address: r.FormValue("email"), MaxTitle: request.MaxTitle, MaxText: request.MaxText}
	err := p.cfg.Requests.Propose(r.Context(), request.Draft{Title: body.Title, Text: body.Text}, body.Address)
	if greenroom.ErrorCode(err) == greenroom.CodeInvalid {
		body.Problem = sentence(greenroom.ErrorMessage(err))
		return render(p.Site, w, r, p.propose, http.StatusUnprocessableEntity, english, "Propose something", body)
	}
	if err != nil {
		return err
	}
	return p.mailed(w, r, "Once you open the link in it, the team looks at what you propose.")
}

func (p *requestPages) confirming(w http.ResponseWriter, r *http.Request) error {
	c, err := p.open(w, r, KindVote)
	if err != nil {
		return err
	}
	q, err := p.cfg.Requests.Confirming(r.Context(), c.Ref)
	if err != nil {
		return err
	}
	return p.drawConfirm(w, r, &q, confirmBody{})
}

func (p *requestPages) drawConfirm(w http.ResponseWriter, r *http.Request, q *request.Request, body confirmBody) error {
	body.Token, body.Title, body.Proposal = r.FormValue("t"), q.Title, !q.Shown
	if q.Shown {
		body.Href = RequestsPath + "/" + url.PathEscape(strconv.FormatInt(q.ID, 10))
	}
	return render(p.Site, w, r, p.confirm, http.StatusOK, english, "Your vote", body)
}

func (p *requestPages) confirmed(w http.ResponseWriter, r *http.Request) error {
	c, err := p.open(w, r, KindVote)
	if err != nil {
		return err
	}
	back := r.FormValue("back") != ""
	q, err := p.cfg.Requests.Confirm(r.Context(), c.Ref, c.Address, !back)
	if err != nil {
		return err
	}
	return p.drawConfirm(w, r, &q, confirmBody{Done: !back, Back: back})
}
