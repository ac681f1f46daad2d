// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package front

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"greenroom"
	"greenroom/internal/auth/authhttp"
	"greenroom/internal/brand"
)

//go:embed templates/*.html
var templates embed.FS

//go:embed style.css
var style []byte

// Where the pages are.
const (
	Prefix          = "/c/"
	PreferencesPath = "/c/preferences"
	UnsubscribePath = "/c/unsubscribe"
	SurveyPath      = "/c/survey/"
)

// policy lets a page load its own style sheets and pictures, and send its form here. Nothing else: no script at all.
const policy = "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// maxForm is the size of a form in bytes.
const maxForm = 256 << 10

// Config is what the pages need.
type Config struct {
	Log       *slog.Logger
	Now       func() time.Time
	Community string // its name while the team has set none for these pages
	Brand     Brands
	Links     *Links
	Choices   Choices
	Members   Members
	Privacy   Privacy
	Tasks     Tasks
	Programs  Programs                     // nil = there are no pages of programs
	Events    Events                       // nil = there are no pages of events
	Mailbox   Mailbox                      // nil = no links are sent
	Surveys   Surveys                      // nil = there are none
	Address   func(r *http.Request) string // network address of whoever asks

	Testimonials Testimonials // nil = the page is left out
	Requests     Requests     // nil = the pages are left out
	Documents    Documents    // nil = views of documents are not counted
	Plans        Planner      // nil = requests do not say what is planned
	Reports      Reports      // nil = reports are not shared
}

// Site is all pages together.
type Site struct {
	cfg    Config
	mux    *http.ServeMux
	limit  *limiter
	styled string // changes with the style sheet
	errors *view[errorBody]
	notice *view[noticeBody]
}

// New builds the pages.
func New(cfg Config) (*Site, error) {
	s := &Site{cfg: cfg, mux: http.NewServeMux(), limit: newLimiter(cfg.Now), styled: version(style)}
	var err error
	if s.errors, err = parse[errorBody]("error"); err != nil {
		return nil, err
	}
	if s.notice, err = parse[noticeBody]("notice"); err != nil {
		return nil, err
	}
	s.mux.HandleFunc("GET /c/style.css", s.style)
	s.handle("GET /c/brand.css", s.colors)
	s.handle("GET /c/logo", s.logo)
	for _, add := range []func() error{s.addPreferences, s.addUnsubscribe, s.addProgram, s.addEvents, s.addTestimonial, s.addRequests, s.addSurvey, s.addDocuments, s.addReport} {
		if err := add(); err != nil {
			return nil, err
		}
	}
	s.mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		s.fail(w, r, greenroom.Errorf(greenroom.CodeNotFound, "there is no page at this address"))
	})
	return s, nil
}

// ServeHTTP serves the pages.
func (s *Site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Robots-Tag", "noindex, nofollow")
	h.Set("Cache-Control", "no-store")
	s.mux.ServeHTTP(w, r)
}

// handle registers a page whose handler may fail. What it costs is taken before, and its form read.
func (s *Site) handle(pattern string, do func(http.ResponseWriter, *http.Request) error) {
	s.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		cost := costLook
		if r.Method == http.MethodPost {
			cost = costSend
		}
		err := s.spend(w, r, cost)
		if err == nil {
			r.Body = http.MaxBytesReader(w, r.Body, maxForm)
			if perr := r.ParseForm(); perr != nil {
				err = &greenroom.Error{Code: greenroom.CodeInvalid, Message: "the form could not be read; go back and send it again", Err: perr}
			}
		}
		if err == nil {
			err = do(w, r)
		}
		if err != nil {
			s.fail(w, r, err)
		}
	})
}

// spend takes what a request costs from whoever asks.
func (s *Site) spend(w http.ResponseWriter, r *http.Request, cost float64) error {
	wait := s.limit.take(s.cfg.Address(r), cost)
	if wait == 0 {
		return nil
	}
	w.Header().Set("Retry-After", strconv.Itoa(int(wait.Seconds())+1))
	return greenroom.Errorf(greenroom.CodeLimited, "there were many requests from your network; please try again in %s", max(time.Second, wait.Round(time.Second)))
}

// open opens the link that a request came by. Links that do not open are counted as guesses.
func (s *Site) open(w http.ResponseWriter, r *http.Request, k Kind) (Claim, error) {
	c, err := s.cfg.Links.Open(k, r.FormValue("t"))
	if err != nil {
		if limited := s.spend(w, r, costGuess); limited != nil {
			return c, limited
		}
	}
	return c, err
}

// page is what stands around a page's own part.
type page[T any] struct {
	Title    string
	Language string // of its texts, BCP 47
	Name     string // of the community
	Logo     string // address of the picture
	Styles   [2]string
	Privacy  string
	Imprint  string
	Body     T
}

type view[T any] struct{ t *template.Template }

// parse reads a page's template into the frame.
func parse[T any](name string) (*view[T], error) {
	t, err := template.New("frame.html").ParseFS(templates, "templates/frame.html", "templates/"+name+".html")
	if err != nil {
		return nil, fmt.Errorf("reading the template of public page %s: %w", name, err)
	}
	return &view[T]{t}, nil
}

// render writes a page. It is made whole first, so that one that cannot be made becomes an error page.
func render[T any](s *Site, w http.ResponseWriter, r *http.Request, v *view[T], status int, language, title string, body T) error {
	b, err := s.cfg.Brand.Brand(r.Context())
	if err != nil {
		return err
	}
	p := page[T]{Title: title, Language: language, Name: s.name(&b), Privacy: b.Privacy, Imprint: b.Imprint, Body: body, Styles: [2]string{"/c/style.css?v=" + s.styled, "/c/brand.css?v=" + version([]byte(b.Accent))}}
	if len(b.Logo) > 0 {
		p.Logo = "/c/logo?v=" + version(b.Logo)
	}
	var out bytes.Buffer
	if err := v.t.Execute(&out, &p); err != nil {
		return fmt.Errorf("making the page %q: %w", title, err)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Language", language)
	w.WriteHeader(status)
	_, _ = out.WriteTo(w) // who has left needs no answer
	return nil
}

func (s *Site) name(b *brand.Brand) string {
	switch {
	case b.Name != "":
		return b.Name
	case s.cfg.Community != "":
		return s.cfg.Community
	}
	return "Community"
}

// errorBody is what error.html shows.
type errorBody struct{ Text string }

// noticeBody is what notice.html shows: that something was done.
type noticeBody struct {
	Title, Text string
	Link        string // where to go on
	LinkText    string
}

// fail answers a request that did not work out.
func (s *Site) fail(w http.ResponseWriter, r *http.Request, err error) {
	code := greenroom.ErrorCode(err)
	title, text := "That did not work", sentence(greenroom.ErrorMessage(err))
	switch code {
	case greenroom.CodeInternal:
		s.cfg.Log.ErrorContext(r.Context(), "serving a public page", "path", r.URL.Path, "error", err)
		text = "Something went wrong on our side. Nothing that you sent before is lost; please try again in a moment."
	case greenroom.CodeNotFound:
		title = "This page does not open"
	case greenroom.CodeLimited:
		title = "One moment, please"
	default:
	}
	if rerr := render(s, w, r, s.errors, authhttp.Status(err), english, title, errorBody{text}); rerr != nil {
		s.cfg.Log.ErrorContext(r.Context(), "making an error page", "error", rerr)
		http.Error(w, text, authhttp.Status(err))
	}
}

const english = "en"

// sentence makes a message one: a capital at the start, a period at the end.
func sentence(text string) string {
	if text == "" {
		return text
	}
	if c := text[0]; c >= 'a' && c <= 'z' {
		text = string(c-32) + text[1:]
	}
	if last := text[len(text)-1]; last == '.' || last == '?' || last == '!' {
		return text
	}
	return text + "."
}

// version is a few characters that change with a file.
func version(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:5])
}

// lasting lets browsers keep what has its version in its address.
func lasting(w http.ResponseWriter, kind string) {
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Cache-Control", "public, max-age=604800")
}

func (*Site) style(w http.ResponseWriter, _ *http.Request) {
	lasting(w, "text/css; charset=utf-8")
	_, _ = w.Write(style)
}

// colors is the style sheet with the team's color.
func (s *Site) colors(w http.ResponseWriter, r *http.Request) error {
	b, err := s.cfg.Brand.Brand(r.Context())
	if err != nil {
		return err
	}
	light, dark := b.Colors()
	lasting(w, "text/css; charset=utf-8")
	_, _ = fmt.Fprintf(w, ":root{--accent:%s;--ink:%s}\n@media (prefers-color-scheme:dark){:root{--accent:%s;--ink:%s}}\n", light.Accent, light.Ink, dark.Accent, dark.Ink)
	return nil
}

func (s *Site) logo(w http.ResponseWriter, r *http.Request) error {
	b, err := s.cfg.Brand.Brand(r.Context())
	if err != nil {
		return err
	}
	kind := b.LogoType()
	if kind == "" {
		return greenroom.Errorf(greenroom.CodeNotFound, "there is no logo")
	}
	lasting(w, kind)
	_, _ = w.Write(b.Logo)
	return nil
}
