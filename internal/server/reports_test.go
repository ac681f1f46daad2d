// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"log/slog"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	netmail "net/mail"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/csv"
	"greenroom/internal/analytics"
	"greenroom/internal/auth"
	"greenroom/internal/brand"
	"greenroom/internal/ingest"
	"greenroom/internal/outbox"
	"greenroom/internal/report"
	"greenroom/internal/server"
)

// mailPart is a part of a mail that is none itself.
type mailPart struct {
	kind, name, id string
	data           []byte
}

// mailParts takes a mail apart, with what stands in what.
func mailParts(t *testing.T, kind, encoding string, name, id string, body io.Reader) []mailPart {
	t.Helper()
	media, params, err := mime.ParseMediaType(kind)
	if err != nil {
		t.Fatal(kind, err)
	}
	if !strings.HasPrefix(media, "multipart/") {
		switch strings.ToLower(encoding) {
		case "quoted-printable":
			body = quotedprintable.NewReader(body)
		case "base64":
			body = base64.NewDecoder(base64.StdEncoding, body)
		}
		data, err := io.ReadAll(body)
		if err != nil {
			t.Fatal(err)
		}
		return []mailPart{{media, name, id, data}}
	}
	var all []mailPart
	for r := multipart.NewReader(body, params["boundary"]); ; {
		p, err := r.NextRawPart()
		if err != nil {
			return all
		}
		all = append(all, mailParts(t, p.Header.Get("Content-Type"), p.Header.Get("Content-Transfer-Encoding"), p.FileName(), strings.Trim(p.Header.Get("Content-Id"), "<>"), p)...)
	}
}

// TestReportDelivered makes a monthly executive report from a template, edits it, schedules it, and has it delivered by a real
// mail server: as HTML with its charts, and as PDF. Its figures are those of the engine that the API asks, it goes out once, and
// stays as it was when more comes in.
func TestReportDelivered(t *testing.T) {
	ctx := t.Context()
	post := startExim(t)
	w := openMailing(t, post)
	engine, err := w.app.Analytics(ctx)
	if err != nil {
		t.Fatal(err)
	}
	s, err := w.app.Reports(engine, w.app.Health(engine), "Harbor", nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.app.Projector.CatchUp(ctx); err != nil {
		t.Fatal(err)
	}
	tpl, err := report.TemplateFor(report.Executive)
	if err != nil {
		t.Fatal(err)
	}
	d := tpl.New
	d.Title = "Community für Führung"
	d.Schedule = report.Schedule{On: true, Day: 2, Hour: 9, Mail: []string{"ana@example.test", "ANA@example.test", "ben@example.test"}}
	r, err := s.Add(ctx, d, "ida")
	if err != nil {
		t.Fatal(err)
	}
	step := func(at time.Time) {
		t.Helper()
		*w.now = at
		if err := s.Due(ctx); err != nil {
			t.Fatal(err)
		}
	}
	step(time.Date(2026, 12, 2, 8, 59, 0, 0, time.UTC))
	if all, err := s.Editions(ctx, r.ID); err != nil || len(all) != 0 {
		t.Fatalf("before its hour there are %d editions, %v", len(all), err)
	}
	e, err := s.Make(ctx, r.ID, "", "ida")
	if err != nil || e.Period.Key != "2026-11" || e.State != report.Drafted {
		t.Fatal(e.Period, e.State, err)
	}
	const own = "Vier neue Mitglieder – **schön!**"
	if e, err = s.Write(ctx, e.ID, e.Version, report.Comments{e.Content.Blocks[0].Block.ID: own}, "ida"); err != nil {
		t.Fatal(err)
	}
	if e, err = s.Refresh(ctx, e.ID, e.Version, "ida"); err != nil || e.Content.Blocks[0].Comment.Text != own {
		t.Fatalf("refreshing lost what was written: %q, %v", e.Content.Blocks[0].Comment.Text, err)
	}
	for range 3 { // three looks, and three servers
		step(time.Date(2026, 12, 2, 9, 1, 0, 0, time.UTC))
	}
	if n, err := w.box.Drain(ctx); n != 2 || err != nil {
		t.Fatalf("%d messages, %v", n, err)
	}
	if e, err = s.Edition(ctx, e.ID); err != nil || e.State != report.Delivered || e.DeliveredBy != "Greenroom" {
		t.Fatal(e.State, e.DeliveredBy, err)
	}
	if diff := cmp.Diff([]string{"ana@example.test", "ben@example.test"}, e.Recipients); diff != "" {
		t.Error(diff)
	}

	m, err := netmail.ReadMessage(bytes.NewReader(post.waitMail(t, "ana", 1)[0]))
	if err != nil {
		t.Fatal(err)
	}
	subject, _ := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if subject != "Community für Führung: November 2026" {
		t.Errorf("the subject is %q", subject)
	}
	var html, pdf, picture []byte
	for _, p := range mailParts(t, m.Header.Get("Content-Type"), m.Header.Get("Content-Transfer-Encoding"), "", "", m.Body) {
		switch {
		case p.kind == "text/html":
			html = p.data
		case p.kind == "application/pdf":
			pdf = p.data
		case p.kind == "image/png" && strings.HasPrefix(p.id, "chart-"):
			picture = p.data
			if !bytes.Contains(html, []byte(`src="cid:`+p.id+`"`)) {
				t.Errorf("the HTML does not show the picture %s", p.id)
			}
		}
	}
	if !bytes.HasPrefix(pdf, []byte("%PDF-")) || !bytes.HasPrefix(picture, []byte("\x89PNG")) {
		t.Fatalf("the mail carries a PDF of %d bytes and a picture of %d", len(pdf), len(picture))
	}
	if !bytes.Contains(html, []byte("<strong>schön!</strong>")) || bytes.Contains(html, []byte("http://")) || bytes.Contains(html, []byte("<script")) {
		t.Errorf("the HTML is %s", html)
	}
	looks(t, strings.ReplaceAll(string(html), "cid:", "data:,"))
	figures := reportAsTheAPI(t, engine, &e)
	t.Run("the PDF", func(t *testing.T) {
		reportPages(t, pdf, []string{"Community für Führung", "November 2026", "Vier neue Mitglieder", "schön!"}, figures)
	})

	// What comes in later changes what is restated, and nothing that was delivered.
	frozen, err := json.Marshal(e.Content)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Write(ctx, e.ID, e.Version, report.Comments{e.Content.Blocks[0].Block.ID: "other"}, "ida"); greenroom.ErrorCode(err) != greenroom.CodeConflict {
		t.Errorf("a delivered edition was edited: %v", err)
	}
	w.more(t, "9,message,Zoe,zoe@example.test,2026-11-25T10:00:00Z,help,Hello\n")
	if err := w.app.Projector.CatchUp(ctx); err != nil {
		t.Fatal(err)
	}
	all, err := s.Restate(ctx, e.ID)
	if err != nil {
		t.Fatal(err)
	}
	found := false
	for _, x := range all {
		if x.Label == "Active members" && x.Then != nil && x.Now != nil {
			found = found || *x.Then == 4 && *x.Now == 5 && !x.Same
		}
	}
	if !found {
		t.Errorf("restated: %+v", all)
	}
	again, err := s.Edition(ctx, e.ID)
	if err != nil {
		t.Fatal(err)
	}
	if now, _ := json.Marshal(again.Content); !bytes.Equal(frozen, now) {
		t.Error("the delivered edition has changed")
	}
	step(time.Date(2027, 1, 2, 9, 1, 0, 0, time.UTC)) // nothing of December is read yet
	if n, err := w.box.Drain(ctx); n != 0 || err != nil {
		t.Errorf("before December was read: %d messages, %v", n, err)
	}
	// The month after: one more, and no second of the old one. Nothing came in since, so it does not wait for good.
	step(time.Date(2027, 1, 2, 15, 1, 0, 0, time.UTC))
	if n, err := w.box.Drain(ctx); n != 2 || err != nil {
		t.Errorf("the month after: %d messages, %v", n, err)
	}
	sent, err := w.box.List(ctx, outbox.Filter{Origin: "report"})
	if err != nil || len(sent) != 4 {
		t.Errorf("%d messages in all, %v", len(sent), err)
	}
}

// reportAsTheAPI asks for each figure by itself, as the API does, and compares. It returns them as a reader sees them, by title.
func reportAsTheAPI(t *testing.T, engine *analytics.Engine, e *report.Edition) map[string]string {
	t.Helper()
	shown, compared := make(map[string]string), 0
	for i := range e.Content.Blocks {
		b := &e.Content.Blocks[i]
		if b.Figure == nil || b.Block.Kind == report.Proof { // those are TestReportProof
			continue
		}
		res, err := engine.Compute(t.Context(), analytics.Request{Metric: b.Block.Metric, From: e.Period.From, To: e.Period.To, Granularity: analytics.Month, Zone: time.UTC})
		if err != nil || len(res.Series) != 1 {
			t.Fatal(b.Block.Metric, res, err)
		}
		if diff := cmp.Diff(res.Series[0].Value, b.Figure.Value); diff != "" {
			t.Errorf("%s is not what the API says:\n%s", b.Title, diff)
		}
		compared++
		if b.Block.Kind == report.Metric {
			shown[b.Title] = report.ValueText(b.Figure.Unit, res.Series[0].Value)
		}
	}
	if compared < 5 {
		t.Errorf("only %d figures were compared", compared)
	}
	return shown
}

// reportPages reads the PDF's text with another program: words, and figures each right below its title. It leaves pictures of
// the pages where they are wanted.
func reportPages(t *testing.T, pdf []byte, words []string, figures map[string]string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "report.pdf")
	if err := os.WriteFile(file, pdf, 0o600); err != nil {
		t.Fatal(err)
	}
	folder := os.Getenv("GREENROOM_SHOTS")
	if folder != "" {
		if err := os.WriteFile(filepath.Join(folder, "report-mail.pdf"), pdf, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	read, err := exec.LookPath("pdftotext")
	if err != nil {
		t.Skip("there is no pdftotext; Debian has it in poppler-utils")
	}
	text := func(way string) string {
		t.Helper()
		text, err := exec.CommandContext(t.Context(), read, way, file, "-").Output() //nolint:gosec // a program of the test's
		if err != nil {
			t.Fatal(err)
		}
		return strings.ReplaceAll(string(text), "\u00a0", " ")
	}
	for _, want := range words {
		if !strings.Contains(text("-layout"), want) {
			t.Errorf("the PDF does not say %q:\n%s", want, text("-layout"))
		}
	}
	if len(figures) < 3 {
		t.Errorf("the figures are %v", figures)
	}
	written := "\n" + text("-raw")
	for title, value := range figures {
		if want := "\n" + title + "\n" + strings.ReplaceAll(value, "\u00a0", " ") + "\n"; !strings.Contains(written, want) {
			t.Errorf("the PDF does not say %q:\n%s", want, written)
		}
	}
	draw, err := exec.LookPath("pdftoppm")
	if folder == "" || err != nil {
		return
	}
	if err := exec.CommandContext(t.Context(), draw, "-png", "-r", "80", file, filepath.Join(folder, "report-mail")).Run(); err != nil { //nolint:gosec // the same
		t.Error(err)
	}
}

// TestReportShared opens an edition by its link: with its password only, not after its time, and not when it was taken back.
func TestReportShared(t *testing.T) {
	ctx := t.Context()
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	w := bareMailing(t, &now)
	engine, err := w.app.Analytics(ctx)
	if err != nil {
		t.Fatal(err)
	}
	s, err := w.app.Reports(engine, nil, "Harbor", nil)
	if err != nil {
		t.Fatal(err)
	}
	tpl, _ := report.TemplateFor(report.Support)
	r, err := s.Add(ctx, tpl.New, "ida")
	if err != nil {
		t.Fatal(err)
	}
	e, err := s.Make(ctx, r.ID, "2026-W47", "ida")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Share(ctx, e.ID, report.NewShare{Password: "short"}, "ida"); greenroom.ErrorCode(err) != greenroom.CodeInvalid {
		t.Errorf("a short password: %v", err)
	}
	sh, err := s.Share(ctx, e.ID, report.NewShare{Label: "the board", Password: "correct horse", Days: 7}, "ida")
	if err != nil {
		t.Fatal(err)
	}
	if u, err := url.Parse(sh.URL); err != nil || u.Path != "/c/report" || strings.Contains(sh.Hash, "horse") {
		t.Errorf("the link is %s, the hash %s", sh.URL, sh.Hash)
	}
	got, err := s.Visit(ctx, sh.ID)
	if err != nil || !got.Locked {
		t.Fatal(got, err)
	}
	if err := s.Unlock(ctx, &got, "wrong horse"); greenroom.ErrorCode(err) != greenroom.CodeUnauthorized {
		t.Errorf("a wrong password: %v", err)
	}
	if err := s.Unlock(ctx, &got, "correct horse"); err != nil {
		t.Error(err)
	}
	if _, err := s.Opened(ctx, &got, "page"); err != nil {
		t.Fatal(err)
	}
	opened, err := s.Openings(ctx, e.ID)
	if err != nil || len(opened) != 1 || opened[0].Who != "the board" {
		t.Errorf("opened by %+v, %v", opened, err)
	}
	if err := s.Revoke(ctx, sh.ID, "ida"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Visit(ctx, sh.ID); greenroom.ErrorCode(err) != greenroom.CodeNotFound {
		t.Errorf("a link that was taken back: %v", err)
	}
	other, err := s.Share(ctx, e.ID, report.NewShare{Days: 1}, "ida")
	if err != nil {
		t.Fatal(err)
	}
	now = now.Add(25 * time.Hour)
	if _, err := s.Visit(ctx, other.ID); greenroom.ErrorCode(err) != greenroom.CodeNotFound {
		t.Errorf("a link whose time is over: %v", err)
	}
}

// more imports rows beside those that are there.
func (w *mailing) more(t *testing.T, rows string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "more.csv")
	if err := os.WriteFile(file, []byte("Id,Kind,Author,E-mail,Time,Channel,Text\n"+rows), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, run, err := w.app.Importer.Import(t.Context(), ingest.Request{Spec: csv.Spec(), Name: "more", Values: connector.Values{"path": file, "type": "activities"}}); err != nil || run.Rejected > 0 {
		t.Fatal(run, err)
	}
}

// bareMailing is a community of two without a mail server.
func bareMailing(t *testing.T, now *time.Time) *mailing {
	t.Helper()
	w := &mailing{t: t, now: now}
	var err error
	if w.app, err = server.Open(t.Context(), server.Options{Data: t.TempDir(), Log: slog.New(slog.NewTextHandler(t.Output(), nil)), Now: func() time.Time { return *now }}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.app.Close() })
	if err := w.app.Brand().SetBrand(t.Context(), brand.Brand{Accent: brand.DefaultAccent, Address: "https://members.example.test"}, "ida"); err != nil {
		t.Fatal(err)
	}
	w.more(t, "1,message,Ana,ana@example.test,2026-11-17T10:00:00Z,help,Hello\n2,message,Ben,ben@example.test,2026-11-18T10:00:00Z,help,How?\n")
	if err := w.app.Projector.CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	return w
}

// TestReportProof sees that a report's measures of the business, and what a study found, are what the API gives for the same
// time, with how well it is known and what is not; and that an edition without such data says so.
func TestReportProof(t *testing.T) {
	dir := community(t)
	l := start(t, server.ServeOptions{Community: "Lumen"}, func(app *server.App) {
		imported(t, app, dir, [3]string{"slack-export", "slack", "slack"}, [3]string{"csv", "crm-companies", "business/organizations.csv"}, [3]string{"csv", "crm", "business/members.csv"}, [3]string{"csv", "deals", "business/deals.csv"})
	})
	l.as(t, auth.RoleOwner)
	ctx := t.Context()
	engine, err := l.app.Analytics(ctx)
	if err != nil {
		t.Fatal(err)
	}
	s := l.app.Reporting
	all, err := s.Measures(ctx)
	if err != nil || len(all) == 0 {
		t.Fatal(all, err)
	}
	d := report.Draft{Title: "Proof", For: report.Executive, Rhythm: report.Quarterly}
	for _, m := range all {
		d.Blocks = append(d.Blocks, report.Block{Kind: report.Proof, Measure: m.Key})
	}
	d.Blocks = append(d.Blocks, report.Block{Kind: report.Proof, Measure: "study-99"}, report.Block{Kind: report.Unknown})
	r, err := s.Add(ctx, d, "ida")
	if err != nil {
		t.Fatal(err)
	}
	e, err := s.Make(ctx, r.ID, "", "ida")
	if err != nil {
		t.Fatal(err)
	}
	told := 0
	for i, m := range all {
		b := &e.Content.Blocks[i]
		want, err := l.app.Proof(engine).Measure(ctx, m.Key, e.Period.From, e.Period.To)
		if err != nil || b.Figure == nil {
			t.Fatalf("%s: %v, %s", m.Key, err, b.Problem)
		}
		if diff := cmp.Diff([]any{want.Value, want.Low, want.High, string(want.Verdict), want.Records}, []any{b.Figure.Value, b.Figure.Low, b.Figure.High, b.Figure.Verdict, b.Figure.Path}); diff != "" {
			t.Errorf("%s: %s", m.Key, diff)
		}
		if (b.Problem == "") != (want.Value != nil) {
			t.Errorf("%s: the problem is %q", m.Key, b.Problem)
		}
		if want.Value != nil {
			told++
		}
	}
	if told < 5 || e.Content.Blocks[len(all)].Problem == "" {
		t.Errorf("%d figures, a study that is not there: %+v", told, e.Content.Blocks[len(all)])
	}
	if u := e.Content.Blocks[len(all)+1]; len(u.Lines) < 3 {
		t.Errorf("what is not known: %+v", u.Lines)
	}
}
