// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"greenroom"
	"greenroom/internal/outbox"
	"greenroom/internal/server"
	"greenroom/internal/task"
	"greenroom/internal/workflow"
)

// letterbox is a mail server that remembers to whom it was given mails.
type letterbox struct {
	mu sync.Mutex
	to []string
}

type letters struct{ *letterbox }

func (b *letterbox) NewSession(*smtp.Conn) (smtp.Session, error) { return letters{b}, nil }
func (letters) Reset()                                           {}
func (letters) Logout() error                                    { return nil }
func (letters) Mail(string, *smtp.MailOptions) error             { return nil }

func (s letters) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.to = append(s.to, strings.ToLower(to))
	return nil
}

func (letters) Data(r io.Reader) error {
	_, err := io.Copy(io.Discard, r)
	return err
}

// empty gives to whom mails came since it was asked last.
func (b *letterbox) empty() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	to := b.to
	b.to = nil
	slices.Sort(to)
	return slices.Compact(to)
}

// listen opens a letterbox and gives its port.
func listen(t *testing.T) (*letterbox, string) {
	t.Helper()
	box := &letterbox{}
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := smtp.NewServer(box)
	s.Domain = "localhost"
	go func() { _ = s.Serve(listener) }()
	t.Cleanup(func() { _ = s.Close() })
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return box, port
}

// answering is how many in a hundred of those who get a mail write in the community on the day after.
const answering = 55

// season is a quarter in the sample community: what the CRM and Slack tell by and by, mails that are approved and go out, and
// people who answer.
type season struct {
	t     *testing.T
	app   *server.App
	dir   string // of the sample
	box   *letterbox
	out   *server.Outbox
	flows *server.Workflows

	known     time.Time // up to when Slack was read
	companies [][]string
	users     []map[string]any
	address   map[string]string // Slack's id of a mail address
	said      map[string][]map[string]any
	answered  map[string]bool
}

func newSeason(t *testing.T, app *server.App, dir string, box *letterbox, begin time.Time) *season {
	t.Helper()
	s := &season{t: t, app: app, dir: dir, box: box, known: begin, address: map[string]string{}, said: map[string][]map[string]any{}, answered: map[string]bool{}}
	acts, err := app.Acts(app.Importer, nil)
	if err != nil {
		t.Fatal(err)
	}
	mail := app.Digests(app.Health(nil), acts, server.ServeOptions{}).Service
	if s.out, err = app.Outbox(mail, nil); err != nil {
		t.Fatal(err)
	}
	if s.flows, err = app.Workflows(s.out, mail, app.WorkflowParts(app.Surveys(s.out, ""), acts, "")); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, "business", "organizations.csv"))
	if err != nil {
		t.Fatal(err)
	}
	if s.companies, err = csv.NewReader(bytes.NewReader(text)).ReadAll(); err != nil {
		t.Fatal(err)
	}
	s.load(filepath.Join(dir, "slack", "users.json"), &s.users)
	for _, u := range s.users {
		profile, _ := u["profile"].(map[string]any)
		email, _ := profile["email"].(string)
		id, _ := u["id"].(string)
		if email != "" {
			s.address[strings.ToLower(email)] = id
		}
	}
	return s
}

func (s *season) load(file string, to any) {
	s.t.Helper()
	text, err := os.ReadFile(file)
	if err == nil {
		err = json.Unmarshal(text, to)
	}
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *season) store(file string, v any) {
	s.t.Helper()
	text, err := json.Marshal(v)
	if err == nil {
		err = os.MkdirAll(filepath.Dir(file), 0o755)
	}
	if err == nil {
		err = os.WriteFile(file, text, 0o600)
	}
	if err != nil {
		s.t.Fatal(err)
	}
}

// crm reads the companies as the CRM would export them on a day: nobody knows trials that have not begun, and while one lasts
// nobody knows what will come of it.
func (s *season) crm(at time.Time) {
	s.t.Helper()
	head, today := s.companies[0], at.Format(time.DateOnly)
	state, from, to := slices.Index(head, "lifecycle"), slices.Index(head, "trial_started"), slices.Index(head, "trial_ends")
	dir := s.t.TempDir()
	f, err := os.Create(filepath.Join(dir, "organizations.csv"))
	if err != nil {
		s.t.Fatal(err)
	}
	w := csv.NewWriter(f)
	for i, o := range s.companies {
		o = slices.Clone(o)
		switch {
		case i == 0 || o[from] == "":
		case o[from] > today:
			o[state], o[from], o[to] = "prospect", "", ""
		case today < o[to]:
			o[state] = "trial"
		}
		_ = w.Write(o)
	}
	w.Flush()
	if err := f.Close(); err != nil {
		s.t.Fatal(err)
	}
	imported(s.t, s.app, dir, [3]string{"csv", "companies", "organizations.csv"})
}

// slack reads what was said since the last time, with the answers to mails.
func (s *season) slack(at time.Time) {
	s.t.Helper()
	dir := s.t.TempDir()
	until(s.t, filepath.Join(s.dir, "slack"), dir, s.known.Format(time.DateOnly), at.Format(time.DateOnly))
	s.store(filepath.Join(dir, "users.json"), s.users)
	for day, list := range s.said {
		if day > at.Format(time.DateOnly) {
			continue
		}
		file := filepath.Join(dir, "help", day+".json")
		if _, err := os.Stat(file); err == nil {
			var before []map[string]any
			s.load(file, &before)
			list = append(before, list...)
		}
		s.store(file, list)
		delete(s.said, day)
	}
	imported(s.t, s.app, dir, [3]string{"slack-export", "slack", "."})
	s.known = at
}

// step has workflows do what is to be done now. The server does the same beside it, and may be first.
func (s *season) step() workflow.Work {
	s.t.Helper()
	step, err := s.flows.Step(s.t.Context())
	if greenroom.ErrorCode(err) == greenroom.CodeConflict {
		return workflow.Work{Advanced: 1}
	}
	if err != nil {
		s.t.Fatal(err)
	}
	return step
}

// work has workflows and the outbox do all that is to be done now, and approves what waits for that.
func (s *season) work() {
	s.t.Helper()
	ctx := s.t.Context()
	for range 200 {
		step := s.step()
		drafts, err := s.out.List(ctx, outbox.Filter{States: []outbox.State{outbox.Draft}, Limit: 500})
		if err != nil {
			s.t.Fatal(err)
		}
		if len(drafts) > 0 {
			ids := make([]int64, len(drafts))
			for i := range drafts {
				ids[i] = drafts[i].ID
			}
			if _, err := s.out.Approve(ctx, ids, "ana@example.org"); err != nil {
				s.t.Fatal(err)
			}
		}
		sent, err := s.out.Drain(ctx)
		if err != nil {
			s.t.Fatal(err)
		}
		counts, err := s.out.Counts(ctx, outbox.Filter{})
		if err != nil {
			s.t.Fatal(err)
		}
		if counts[outbox.Sending] > 0 { // by the server, which must be through before the clock moves
			time.Sleep(20 * time.Millisecond)
		} else if step.Entered+step.Advanced+len(drafts)+sent == 0 {
			return
		}
	}
}

// answers has some of those who got a mail write in the community on the next day. Whether somebody does is a matter of their
// address only.
func (s *season) answers(at time.Time) {
	for _, to := range s.box.empty() {
		h := fnv.New32a()
		_, _ = io.WriteString(h, to)
		if s.answered[to] || h.Sum32()%100 >= answering {
			continue
		}
		s.answered[to] = true
		id := s.address[to]
		if id == "" {
			id = fmt.Sprintf("U9%07d", len(s.address))
			s.address[to] = id
			name, _, _ := strings.Cut(to, "@")
			s.users = append(s.users, map[string]any{"id": id, "name": name, "real_name": name, "profile": map[string]any{"email": to, "real_name": name}})
		}
		when := at.Add(20 * time.Hour).Add(time.Duration(len(s.answered)) * time.Second)
		day := when.Format(time.DateOnly)
		s.said[day] = append(s.said[day], map[string]any{
			"type": "message", "user": id, "ts": strconv.FormatInt(when.Unix(), 10) + fmt.Sprintf(".%06d", len(s.answered)),
			"text": "Thank you for asking! We got the first pipeline to run. How do we load only what has changed since yesterday?",
		})
	}
}

// stop is a day on which somebody looks: what is new is read, mails are approved and go out, and people answer.
func (s *season) stop(at time.Time) {
	s.t.Helper()
	s.crm(at)
	s.slack(at)
	s.work()
	s.answers(at)
}

// told asks whether those came in whose trial began on the way, and whether the last step, a call, came to the team.
func (s *season) told(begin time.Time) {
	s.t.Helper()
	f, err := s.flows.Get(s.t.Context(), "trial-check-ins")
	if err != nil {
		s.t.Fatal(err)
	}
	runs, err := s.flows.Runs(s.t.Context(), workflow.Filter{Workflow: f.ID, Limit: 1000})
	if err != nil {
		s.t.Fatal(err)
	}
	later := 0
	for i := range runs {
		if runs[i].EnteredAt.After(begin.AddDate(0, 0, 2)) {
			later++
		}
	}
	calls, err := s.app.Store.Tasks(s.t.Context(), task.Filter{Limit: 1000})
	if err != nil {
		s.t.Fatal(err)
	}
	n := 0
	for i := range calls {
		if strings.Contains(calls[i].Title, "day 26 of the trial") {
			n++
		}
	}
	s.t.Logf("%d came in by their trial's first day of %d in all, %d answered, %d calls on day 26", later, len(runs), len(s.answered), n)
	if later < 20 || n < 5 || len(s.answered) < 20 {
		s.t.Error("too few for a story")
	}
}
