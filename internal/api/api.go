// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"

	"greenroom"
	"greenroom/internal/query"
)

// Prefix is where the API is mounted.
const Prefix = "/api/v1"

// api holds what the operations share.
type api struct {
	Deps
	schemas  map[query.Entity]*query.Schema
	replays  *replays
	editing  sync.Mutex    // held while a change with If-Match looks and writes
	exports  chan struct{} // a place for each export that may go on at a time
	document []byte        // OpenAPI
	page     []byte        // the same for people
}

// maxExports is how many exports can go on at a time.
const maxExports = 4

// New returns the handler of everything at and below Prefix. Mount it at Prefix and at Prefix + "/".
func New(d Deps) (http.Handler, error) {
	if err := d.check(); err != nil {
		return nil, err
	}
	a := &api{
		Deps: d, schemas: make(map[query.Entity]*query.Schema), replays: newReplays(d.Now),
		exports: make(chan struct{}, maxExports),
	}
	kinds := kindNames()
	for _, e := range query.Entities() {
		a.schemas[e] = query.NewSchema(e, kinds)
	}
	ops := a.ops()
	var err error
	if a.document, err = openAPI(ops); err != nil {
		return nil, fmt.Errorf("writing the OpenAPI document: %w", err)
	}
	if a.page, err = docsPage(ops); err != nil {
		return nil, fmt.Errorf("writing the page about the API: %w", err)
	}
	mux := http.NewServeMux()
	methods := make(map[string][]string)
	for i := range ops {
		o := &ops[i]
		mux.Handle(o.method+" "+Prefix+o.route(), a.serve(o))
		methods[o.route()] = append(methods[o.route()], o.method)
	}
	for path, allowed := range methods {
		mux.Handle(Prefix+path, a.refuse(allowed))
	}
	mux.HandleFunc(Prefix+"/", func(w http.ResponseWriter, r *http.Request) {
		a.writeProblem(w, r, greenroom.Errorf(greenroom.CodeNotFound, "there is nothing at %s; %s lists what there is", r.URL.Path, Prefix))
	})
	return a.outermost(mux), nil
}

// check says what is missing.
func (d *Deps) check() error {
	for name, missing := range map[string]bool{
		"Log": d.Log == nil, "Now": d.Now == nil, "Lists": d.Lists == nil, "Objects": d.Objects == nil, "Sources": d.Sources == nil,
		"Counts": d.Counts == nil, "Search": d.Search == nil, "Lookup": d.Lookup == nil, "Members": d.Members == nil,
		"Conversations": d.Conversations == nil, "Imports": d.Imports == nil, "Metrics": d.Metrics == nil, "Rebuild": d.Rebuild == nil,
		"People": d.People == nil, "Tokens": d.Tokens == nil, "Audit": d.Audit == nil,
	} {
		if missing {
			return errors.New("the API needs Deps." + name)
		}
	}
	return nil
}

// ops is the table.
func (a *api) ops() []op {
	return slices.Concat(a.rootOps(), a.listOps(), a.memberOps(), a.employerOps(), a.matchOps(), a.enrichmentOps(), a.pictureOps(), a.originOps(), a.organizationOps(), a.organizationMatchOps(), a.conversationOps(), a.activityOps(), a.sourceOps(), a.stackOps(), a.connectOps(), a.actionOps(), a.segmentOps(), a.surveyOps(), a.goalOps(), a.sqlOps(), a.researchOps(), a.planOps(), a.proofOps(), a.knowledgeOps(), a.toolOps(), a.maturityOps(), a.reportOps(), a.inboxOps(), a.taskOps(), a.programOps(), a.eventOps(), a.topicOps(), a.assistantOps(), a.pushOps(), a.workflowOps(), a.outboxOps(), a.importOps(),
		a.metricOps(), a.readingOps(), a.healthOps(), a.digestOps(), a.bounceOps(), a.contactOps(), a.alertOps(), a.sendingOps(), a.queryOps(), a.exportOps(), a.privacyOps(), a.settingsOps(), a.publicPageOps(), a.recognitionOps(), a.requestOps(), a.accountOps(), a.peopleOps(), a.tokenOps(), a.auditOps(), a.processOps(), a.crewOps())
}

// route is the path as the router takes it.
func (o *op) route() string {
	if o.pattern != "" {
		return o.pattern
	}
	return o.path
}

func kindNames() []string {
	var names []string
	for _, k := range greenroom.Kinds() {
		names = append(names, k.String())
	}
	return names
}

// refuse answers methods that a path does not have.
func (a *api) refuse(allowed []string) http.Handler {
	if slices.Contains(allowed, http.MethodGet) {
		allowed = append(allowed, http.MethodHead)
	}
	allow := strings.Join(append(allowed, http.MethodOptions), ", ")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Allow", allow)
		if r.Method == http.MethodOptions {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		a.writeProblem(w, r, &fault{as: typeMethod, err: greenroom.Errorf(greenroom.CodeInvalid, "%s does not take %s; it takes %s", r.URL.Path, r.Method, allow)})
	})
}

// requestID names a request in the log.
func requestID() string {
	var b [8]byte
	rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}

// address is the address of something below Prefix; parts are escaped.
func address(parts ...string) string {
	var sb strings.Builder
	sb.WriteString(Prefix)
	for _, p := range parts {
		sb.WriteByte('/')
		sb.WriteString(url.PathEscape(p))
	}
	return sb.String()
}
