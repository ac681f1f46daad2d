// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package front

import (
	"context"
	"html/template"
	"net/http"
	"time"

	"greenroom"
	"greenroom/internal/report"
	"greenroom/internal/report/paper"
)

// Where reports are that were shared, and their style sheet.
const (
	ReportPath      = "/c/report"
	reportStylePath = "/c/report.css"
)

// The kinds of their links: the link itself, and what stands for its password once that was given.
const (
	KindReport     Kind = "report"
	kindReportPass Kind = "report-pass"
)

// reportPassLife is for how long a password is not asked for again.
const reportPassLife = 12 * time.Hour

// Report is the link that shows an edition of a report to whoever has it.
func (l *Links) Report(ctx context.Context, share int64, until time.Time) (string, error) {
	return l.Make(ctx, KindReport, ReportPath, Claim{Ref: share}, until.Sub(l.now()))
}

// Reports shows editions by link; report.Service does.
type Reports interface {
	Visit(ctx context.Context, share int64) (report.Share, error)
	Unlock(ctx context.Context, sh *report.Share, password string) error
	Opened(ctx context.Context, sh *report.Share, what string) (report.Edition, error)
}

// reportBody is what report.html shows.
type reportBody struct {
	Token, Pass string
	Locked      bool // the password is asked for
	Problem     string
	Report      template.HTML
	Draft       bool
	Until       time.Time
}

type reportPages struct {
	*Site
	view  *view[reportBody]
	press *paper.Press
}

func (s *Site) addReport() error {
	if s.cfg.Reports == nil {
		return nil
	}
	v, err := parse[reportBody]("report")
	if err != nil {
		return err
	}
	press, err := paper.New()
	if err != nil {
		return err //nolint:wrapcheck // it says what it did
	}
	p := &reportPages{s, v, press}
	s.mux.HandleFunc("GET "+reportStylePath, func(w http.ResponseWriter, _ *http.Request) {
		lasting(w, "text/css; charset=utf-8")
		_, _ = w.Write(paper.Style())
	})
	s.handle("GET "+ReportPath, p.show)
	s.handle("POST "+ReportPath, p.unlock)
	s.handle("GET "+ReportPath+"/{form}", p.file)
	return nil
}

// visit finds the link that a request came by; ok where its content may be shown.
func (p *reportPages) visit(w http.ResponseWriter, r *http.Request) (sh report.Share, ok bool, err error) {
	c, err := p.open(w, r, KindReport)
	if err != nil {
		return sh, false, err
	}
	if sh, err = p.cfg.Reports.Visit(r.Context(), c.Ref); err != nil {
		return sh, false, err
	}
	if !sh.Locked {
		return sh, true, nil
	}
	pass, err := p.cfg.Links.Open(kindReportPass, r.FormValue("p"))
	return sh, err == nil && pass.Ref == sh.ID, nil
}

func (p *reportPages) show(w http.ResponseWriter, r *http.Request) error {
	sh, ok, err := p.visit(w, r)
	if err != nil {
		return err
	}
	body := reportBody{Token: r.FormValue("t"), Pass: r.FormValue("p"), Locked: !ok, Until: sh.ExpiresAt}
	if !ok {
		return render(p.Site, w, r, p.view, http.StatusOK, english, "A report", body)
	}
	e, err := p.cfg.Reports.Opened(r.Context(), &sh, "page")
	if err != nil {
		return err
	}
	body.Draft = e.State == report.Drafted
	if body.Report, err = paper.Fragment(&e.Content, nil); err != nil {
		return err //nolint:wrapcheck // it says what it did
	}
	return render(p.Site, w, r, p.view, http.StatusOK, english, e.Content.Title+": "+e.Content.Period, body)
}

// unlock takes the password of a link. A wrong one costs as much as a guessed link.
func (p *reportPages) unlock(w http.ResponseWriter, r *http.Request) error {
	sh, _, err := p.visit(w, r)
	if err != nil {
		return err
	}
	if err := p.spend(w, r, costGuess); err != nil { // before the work that checking it is
		return err
	}
	err = p.cfg.Reports.Unlock(r.Context(), &sh, r.PostFormValue("password"))
	if greenroom.ErrorCode(err) == greenroom.CodeUnauthorized {
		return render(p.Site, w, r, p.view, http.StatusForbidden, english, "A report", reportBody{Token: r.FormValue("t"), Locked: true, Problem: sentence(greenroom.ErrorMessage(err))})
	}
	if err != nil {
		return err
	}
	pass, err := p.cfg.Links.Token(kindReportPass, Claim{Ref: sh.ID}, reportPassLife)
	if err != nil {
		return err
	}
	http.Redirect(w, r, ReportPath+"?"+values("t", r.FormValue("t"), "p", pass), http.StatusSeeOther)
	return nil
}

// file gives the same as a file, or as slides.
func (p *reportPages) file(w http.ResponseWriter, r *http.Request) error {
	form := r.PathValue("form")
	sh, ok, err := p.visit(w, r)
	if err != nil {
		return err
	}
	if !ok {
		return greenroom.Errorf(greenroom.CodeNotFound, "this link asks for a password; open the report first")
	}
	if form != "pdf" && form != "csv" && form != "html" && form != "slides" {
		return greenroom.Errorf(greenroom.CodeNotFound, "there is no page at this address")
	}
	e, err := p.cfg.Reports.Opened(r.Context(), &sh, form)
	if err != nil {
		return err
	}
	f, err := p.press.File(&e.Content, form)
	if err != nil {
		return err //nolint:wrapcheck // it says what it did
	}
	f.Write(w)
	return nil
}
