// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"embed"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"greenroom"
	"greenroom/internal/auth"
	"greenroom/internal/auth/authhttp"
	"greenroom/internal/query"
	"greenroom/internal/seal"
	"greenroom/internal/web/static"
	"greenroom/internal/web/ui"
)

//go:embed templates/*.html
var templates embed.FS

// Overviewer counts the whole, for the navigation.
type Overviewer interface {
	Overview(ctx context.Context) (greenroom.Overview, error)
}

// Person is who looks at a page.
type Person struct {
	Name, Role, Seed string
	Actor            string // how the audit log calls them
	MayWrite         bool   // merge, tag, edit
	MayConnect       bool   // sources and imports
	MayAdminister    bool   // people, settings
}

// person reads who is signed in from the request.
func person(r *http.Request) Person {
	c, _ := auth.From(r.Context())
	return Person{
		Name: firstText(c.User.Name, c.User.Email), Role: string(c.User.Role), Seed: c.User.Email, Actor: c.Actor(),
		MayWrite: c.Can(auth.Write), MayConnect: c.Can(auth.Connect), MayAdminister: c.Can(auth.Administer),
	}
}

// Zones is the time zone in which the community's days begin. It can change while the pages are served.
type Zones interface {
	Zone() *time.Location
	UsualZone() *time.Location // while nothing is set
	SetZone(ctx context.Context, name string) error
}

// Config is what the pages need.
type Config struct {
	Log         *slog.Logger
	Now         func() time.Time
	Zones       Zones    // of the community's days
	Community   string   // its name
	Sample      bool     // this is the sample community
	PublicURL   *url.URL // where people reach Greenroom; nil = where a request came to
	MaxUpload   int64    // bytes that a browser may send at once; 0 = any
	Overview    Overviewer
	Lists       Lists
	Objects     Objects
	Calendar    Calendar
	Finder      Finder
	Members     MemberWork
	Employers   Employers // nil = none
	Privacy     Privacy
	Talks       ConversationWork
	Sources     Sources
	Imports     Imports
	Connect     Connections
	Figures     Figures     // nil while analytics are not available
	Health      Health      // nil = the pages on health are left out
	Stack       Stack       // nil = sources say no more than how they were read
	Deliveries  Deliveries  // nil = what platforms pushed is not shown
	Mappings    Mappings    // nil = mappings cannot be tried
	Actions     Actions     // nil = nothing is written to other systems
	WriteBack   WriteBack   // with Actions
	Matches     Matches     // nil = only what is certain makes members
	Segments    Segments    // nil = there are none
	Reading     Reading     // nil = messages are not read
	Topics      Topics      // nil = there are no topics
	Annotations Annotations // nil = nothing is noted on charts
	Pushes      Pushes      // with Actions
	Assistant   Assistant   // nil = there is no language model to be set
	Enrichment  Enrichment  // nil = nobody is looked up at an outside service
	Pictures    Pictures    // nil = profile pictures are not looked at
	Reported    Reported    // nil = figures are shown as they are today only
	Writing     Writing     // nil = nobody is written to
	Bounces     Bounces     // nil = mail that comes back is not read
	Digests     Digests     // nil = nothing is sent to people; with Actions
	Inbox       Inbox       // nil = there is none
	Tasks       Tasks       // nil = people are given no tasks and told nothing
	Workflows   Workflows   // nil = there are none
	Outbox      Outbox      // nil = what is sent is not shown
	Alerts      Alerts      // nil = there are none
	Sending     Sending     // nil = nothing is sent to destinations and members
	// Programs, with their tasks, and events with the content schedule; nil = there are none.
	Programs     Programs
	ProgramTasks ProgramTasks
	Events       Events
	People       People
	Account      Account
	AuditLog     AuditLog
	Team         TeamDomains
	Guard        *authhttp.Guard
	Public       PublicPages // nil = there are no pages that members see
	Recognition  Recognition // nil = nobody is thanked here
	Requests     Requests    // nil = what members ask for is not kept
	Goals        Goals       // nil = nothing is aimed at
	Plans        Plans       // nil = there is no roadmap
	Surveys      Surveys     // nil = there are none
	// Accounts are what customer success and sales look at; nil = they are left out. AccountTopics may be nil.
	Organizations       Organizations       // nil = organizations are not merged
	OrganizationMatches OrganizationMatches // nil = it is not said which organizations may be one
	Origins             Origins             // nil = it is not said what which source says of an organization
	Accounts            Accounts
	AccountTopics       AccountTopics
	Proof               Proof     // nil = nothing is said of impact
	Knowledge           Knowledge // nil = there is no register of documents
	Tools               Tools     // nil = there is no inventory of tools
	Maturity            Maturity  // nil = nobody says where the community stands
	Processes           Processes // nil = processes are not kept
	Crew                Crew      // nil = nothing is said of the team
	Reports             Reports   // nil = nothing is reported
	SQL                 SQL       // nil = nothing is asked in SQL
	Studies             Studies   // nil = nobody is looked for
}

// Site is all pages together.
type Site struct {
	cfg     Config
	kit     *ui.Kit
	assets  *static.Set
	schemas map[query.Entity]*query.Schema
	mux     *http.ServeMux
	errors  *ui.View[errorBody]

	seal  []byte     // key that marks flash messages as Greenroom's own; new with every start
	forms *seal.Keys // seals what must not be read on its way through a form; new with every start

	counts *counter
	news   *news
}

// New builds the pages.
func New(cfg Config) (*Site, error) {
	assets, err := static.New()
	if err != nil {
		return nil, fmt.Errorf("loading browser assets: %w", err)
	}
	kit, err := ui.New(assets, cfg.Now)
	if err != nil {
		return nil, fmt.Errorf("loading page components: %w", err)
	}
	s := &Site{cfg: cfg, kit: kit, assets: assets, mux: http.NewServeMux(), schemas: make(map[query.Entity]*query.Schema), counts: newCounter(&cfg)}
	s.news = newNews(s.standsOut(), cfg.Log, cfg.Now)
	s.seal = make([]byte, sha256.Size)
	if _, err := rand.Read(s.seal); err != nil {
		return nil, fmt.Errorf("making a key: %w", err)
	}
	if s.forms, err = seal.Fresh(rand.Reader); err != nil {
		return nil, err
	}
	kinds := make([]string, 0, len(greenroom.Kinds()))
	for _, k := range greenroom.Kinds() {
		kinds = append(kinds, k.String())
	}
	for _, e := range query.Entities() {
		s.schemas[e] = query.NewSchema(e, kinds)
	}
	if s.errors, err = ui.Parse[errorBody](kit, templates, "templates/error.html"); err != nil {
		return nil, err
	}
	s.mux.Handle("GET "+static.Prefix, assets)
	for _, add := range []func() error{
		s.addToday, s.addMembers, s.addMember, s.addMatches, s.addPictures, s.addOrganizations, s.addOrganizationMatches, s.addSegments, s.addPrograms, s.addEvents, s.addGoals, s.addRoadmap, s.addSurveys, s.addConversations, s.addActivities, s.addInsights, s.addReading, s.addHealth, s.addTopics, s.addSources, s.addMapping, s.addActions, s.addDigest, s.addAlerts, s.addWorkflows, s.addOutbox, s.addSearch, s.addSettings, s.addAssistant, s.addEnrichment,
		s.addInbox, s.addTasks, s.addRecognition, s.addRequests,
		s.addAccounts,
		s.addImpact,
		s.addKnowledge,
		s.addTools, s.addMaturity,
		s.addTimeline, s.addPlanLife,
		s.addProcesses, s.addCrew,
		s.addReports,
		s.addSQL, s.addFinder,
	} {
		if err := add(); err != nil {
			return nil, err
		}
	}
	pages, err := s.access()
	if err != nil {
		return nil, err
	}
	cfg.Guard.Routes(s.mux, pages)
	s.mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		s.fail(w, r, greenroom.Errorf(greenroom.CodeNotFound, "there is no page at this address"))
	})
	return s, nil
}

// ServeHTTP serves the pages.
func (s *Site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	defer func() {
		if v := recover(); v == http.ErrAbortHandler { //nolint:errorlint // it is panicked with as it is
			panic(v)
		} else if v != nil {
			s.survive(w, r, v)
		}
	}()
	s.mux.ServeHTTP(w, r)
}

// Deny answers a request that the guard lets no further.
func (s *Site) Deny(w http.ResponseWriter, r *http.Request, err error) { s.fail(w, r, err) }

// Kit is what pages of other packages are rendered with.
func (s *Site) Kit() *ui.Kit { return s.kit }

// handle registers a page whose handler may fail.
func (s *Site) handle(pattern string, h func(http.ResponseWriter, *http.Request) error) {
	s.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		if inPlace(r) {
			w = &placeWriter{ResponseWriter: w}
		}
		if err := h(w, r); err != nil {
			s.fail(w, r, err)
		}
	})
}

// change registers a POST that needs the right to write.
func (s *Site) change(pattern string, may func(Person) bool, h func(http.ResponseWriter, *http.Request) error) {
	s.handle(pattern, func(w http.ResponseWriter, r *http.Request) error {
		if !may(person(r)) {
			return greenroom.Errorf(greenroom.CodeForbidden, "your role does not allow this; ask an owner or a manager of this Greenroom")
		}
		return h(w, r)
	})
}

func mayWrite(p Person) bool      { return p.MayWrite }
func mayAdminister(p Person) bool { return p.MayAdminister }

// referer is the page of this server that a form was sent from; nothing for other requests.
func referer(r *http.Request) string {
	u, err := url.Parse(r.Referer())
	if r.Method != http.MethodPost || err != nil || u.Host != r.Host || u.Path == r.URL.Path {
		return ""
	}
	return inside(u.RequestURI()).String()
}

// sentence makes a message one: a capital at the start, a period at the end.
func sentence(s string) string {
	if s == "" {
		return s
	}
	return title(strings.TrimRight(s, ".")) + "."
}

// render writes a page inside the shell.
func render[T any](s *Site, w http.ResponseWriter, r *http.Request, v *ui.View[T], title string, body T) error {
	return send(w, http.StatusOK, func(to io.Writer) error { return v.Render(to, s.shell(r, title), body) })
}

// send writes a page with a status. The page is made whole first, so that one that cannot be made becomes an error page.
func send(w http.ResponseWriter, code int, write func(io.Writer) error) error {
	var page bytes.Buffer
	if err := write(&page); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(code)
	_, _ = page.WriteTo(w) // who has left needs no answer
	return nil
}

// shell is what stands around every page.
func (s *Site) shell(r *http.Request, title string) ui.Shell {
	o := s.counts.get(r.Context())
	p := person(r)
	sh := ui.Shell{
		Title: title, Community: s.cfg.Community, Search: "/search",
		Nav:      s.nav(r, &o),
		Settings: []ui.NavItem{{Label: "Settings", Href: "/settings", Active: within(r, "/settings")}},
		Bell:     s.bell(r),
		User:     ui.User{Name: p.Name, Role: p.Role, Seed: p.Seed, Href: "/settings/account", SignOut: "/sign-out"},
	}
	if s.cfg.Sample {
		sh.Banner = &ui.Banner{
			Text:   "This is a sample community: invented people and companies.",
			Action: &ui.Action{Label: "Start with your own data", Href: "/start"},
		}
	}
	if f := s.flashOf(r); f != nil {
		sh.Flashes = append(sh.Flashes, *f)
	}
	return sh
}

// some is a count for the navigation; nothing for zero.
func some(n int64) string {
	if n == 0 {
		return ""
	}
	return ui.Number(int(n))
}

// pathID reads the id from the path.
func pathID(r *http.Request) (int64, error) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil || id <= 0 {
		return 0, greenroom.Errorf(greenroom.CodeNotFound, "there is no page at this address")
	}
	return id, nil
}

func idText(id int64) string { return strconv.FormatInt(id, 10) }
