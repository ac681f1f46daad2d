// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/all"
	"greenroom/internal/connect"
	"greenroom/internal/ingest"
)

// hookPrefix is where platforms push to: /hooks/NAME and what a platform adds to it.
const hookPrefix = "/hooks/"

// maxDelivery is how large a delivery may be, in bytes: GitHub's limit, the largest of the platforms', is 25 MB.
const maxDelivery = 25 << 20

// pushedTo is where a source's platform pushes to, and the secret that the source has for it; no address where it is not
// known how the server is reached from elsewhere, and no secret for a source that is not stored.
func (a *App) pushedTo(source string) (address, key string) {
	if a.public != "" {
		address = a.public + connect.HookPath(source)
	}
	if source == "" {
		return address, ""
	}
	key, err := a.keys.Derive("hook/" + source)
	if err != nil {
		a.Log.Error("reading the key for secrets", "error", err)
		return "", ""
	}
	return address, key
}

// hookStore is what taking deliveries needs of the record store.
type hookStore interface {
	Source(ctx context.Context, name string) (greenroom.Source, error)
	// Former returns the source that had a name before it was renamed.
	Former(ctx context.Context, name string) (greenroom.Source, error)
	Sources(ctx context.Context) ([]greenroom.Source, error)
	KeepDelivery(ctx context.Context, sourceID int64, d *connector.Delivery) error
	DueDeliveries(ctx context.Context) (sources []int64, next time.Time, err error)
}

// Hooks takes what platforms push: it lets the connector check each delivery, stores it, and only then acknowledges it.
// A loop of its own turns stored deliveries into facts.
type Hooks struct {
	store    hookStore
	importer *ingest.Importer
	hook     func(source string) (address, key string)
	derive   func() // tells the projector that there is something new
	log      *slog.Logger
	now      func() time.Time

	mu   sync.Mutex
	open map[string]openSource // by source name
	wake chan struct{}
}

// openSource is a source that takes deliveries, as it was configured.
type openSource struct {
	config   map[string]string
	key      string // that it was opened with; it changes where the server's key is rotated
	receiver connector.Receiver
}

// NewHooks returns what takes deliveries, over an importer that opens sources.
func NewHooks(a *App, importer *ingest.Importer) *Hooks {
	return &Hooks{store: a.Store, importer: importer, hook: a.pushedTo, derive: a.Projector.Wake, log: a.Log, now: a.Now, open: make(map[string]openSource), wake: make(chan struct{}, 1)}
}

// before answers at the addresses that take deliveries, and hands everything else on. They stand outside of the guard for
// people's requests: what they ask for is the platform's signature.
func (h *Hooks) before(next http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc(hookPrefix+"{source}", h.one)
	mux.HandleFunc(hookPrefix+"{source}/{rest...}", h.one)
	prefixes := []string{hookPrefix}
	for _, spec := range all.Specs() {
		if spec.Push == nil || spec.Push.Mount == "" {
			continue
		}
		for _, prefix := range append([]string{spec.Push.Mount}, spec.Push.Beside...) {
			mux.HandleFunc(prefix, func(w http.ResponseWriter, r *http.Request) { h.mounted(w, r, spec) })
			prefixes = append(prefixes, prefix)
		}
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(r.URL.Path, p) }) {
			mux.ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// one takes a delivery for the source that its address names.
func (h *Hooks) one(w http.ResponseWriter, r *http.Request) {
	d, ok := h.read(w, r, r.PathValue("rest"))
	if !ok {
		return
	}
	src, err := h.store.Source(r.Context(), r.PathValue("source"))
	if greenroom.ErrorCode(err) == greenroom.CodeNotFound { // it may have been renamed since the platform was told
		src, err = h.store.Former(r.Context(), r.PathValue("source"))
	}
	if err == nil {
		var receiver connector.Receiver
		if receiver, err = h.receiver(&src); err == nil {
			if spec, ferr := all.Find(src.Kind); ferr == nil && spec.Push != nil && spec.Push.Mount != "" && preflight(w, r) {
				return
			}
			h.take(w, r, &src, receiver, d)
			return
		}
	}
	h.refuse(w, err)
}

// mounted takes a delivery whose source is found by the credential that it carries.
func (h *Hooks) mounted(w http.ResponseWriter, r *http.Request, spec connector.Spec) {
	if preflight(w, r) {
		return
	}
	d, ok := h.read(w, r, strings.TrimPrefix(strings.TrimPrefix(r.URL.Path, spec.Push.Mount), "/"))
	if !ok {
		return
	}
	sources, err := h.store.Sources(r.Context())
	if err != nil {
		h.refuse(w, err)
		return
	}
	err = greenroom.Errorf(greenroom.CodeForbidden, "no source has this key; connect %s first", spec.Title)
	for i := range sources {
		if sources[i].Kind != spec.Kind || !sources[i].DisconnectedAt.IsZero() {
			continue
		}
		receiver, oerr := h.receiver(&sources[i])
		if oerr != nil {
			err = oerr
			continue
		}
		probe := *d
		if _, verr := receiver.Verify(&probe); greenroom.ErrorCode(verr) == greenroom.CodeForbidden {
			continue
		}
		h.take(w, r, &sources[i], receiver, d)
		return
	}
	h.refuse(w, err)
}

// preflight answers a browser that asks whether a page elsewhere may send: for connectors whose senders are other
// people's pages, and who know the source's key. Which headers a library adds changes with its versions (RudderStack's has
// AnonymousId, Segment's X-Retry-Count once a request has failed), and none of them does anything here, so that all are
// allowed. A * would not do: it leaves Authorization out (Fetch standard, CORS-preflight).
func preflight(w http.ResponseWriter, r *http.Request) bool {
	w.Header().Set("Access-Control-Allow-Origin", "*")
	if r.Method != http.MethodOptions {
		return false
	}
	headers := "Authorization, Content-Type"
	if asked := strings.Join(r.Header.Values("Access-Control-Request-Headers"), ", "); asked != "" {
		headers = asked
	}
	w.Header().Set("Access-Control-Allow-Methods", "POST, GET")
	w.Header().Set("Access-Control-Allow-Headers", headers)
	w.Header().Set("Access-Control-Max-Age", "86400")
	w.Header().Set("Vary", "Access-Control-Request-Headers")
	w.WriteHeader(http.StatusNoContent)
	return true
}

func (h *Hooks) read(w http.ResponseWriter, r *http.Request, rest string) (*connector.Delivery, bool) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxDelivery))
	if err != nil {
		code, text := http.StatusBadRequest, "the body broke off"
		if large := new(http.MaxBytesError); errors.As(err, &large) {
			code, text = http.StatusRequestEntityTooLarge, "a delivery may hold 25 MB"
		}
		http.Error(w, text, code)
		return nil, false
	}
	header := maps.Clone(r.Header)
	header.Del("Cookie")
	scheme := "http"
	if r.TLS != nil || strings.EqualFold(r.Header.Get("X-Forwarded-Proto"), "https") { // the answer is the sender's own
		scheme = "https"
	}
	return &connector.Delivery{
		ReceivedAt: h.now(), Method: r.Method, Path: rest, Query: r.URL.Query(), Header: header, Body: body, Origin: scheme + "://" + r.Host,
	}, true
}

// take checks, stores and acknowledges a delivery.
func (h *Hooks) take(w http.ResponseWriter, r *http.Request, src *greenroom.Source, receiver connector.Receiver, d *connector.Delivery) {
	reply, err := receiver.Verify(d)
	if err != nil {
		h.log.InfoContext(r.Context(), "a delivery was refused", "source", src.Name, "error", err)
		h.refuse(w, err)
		return
	}
	if !reply.Drop {
		d.ID = reply.ID
		if err := h.store.KeepDelivery(r.Context(), src.ID, d); err != nil {
			h.log.ErrorContext(r.Context(), "storing a delivery", "source", src.Name, "error", err)
			http.Error(w, "the delivery could not be stored; send it again", http.StatusServiceUnavailable)
			return
		}
		h.Wake()
	}
	if reply.ContentType != "" {
		w.Header().Set("Content-Type", reply.ContentType)
	}
	w.Header().Set("X-Content-Type-Options", "nosniff")
	if reply.Status != 0 {
		w.WriteHeader(reply.Status)
	}
	_, _ = w.Write(reply.Body)
}

// refuse answers a delivery that is not taken.
func (h *Hooks) refuse(w http.ResponseWriter, err error) {
	status := http.StatusInternalServerError
	switch greenroom.ErrorCode(err) { //nolint:exhaustive // the rest is our fault
	case greenroom.CodeInvalid:
		status = http.StatusBadRequest
	case greenroom.CodeForbidden, greenroom.CodeUnauthorized:
		status = http.StatusUnauthorized
	case greenroom.CodeNotFound:
		status = http.StatusNotFound
	case greenroom.CodeLimited, greenroom.CodeUnavailable, greenroom.CodeConflict:
		status = http.StatusServiceUnavailable
	}
	if status == http.StatusInternalServerError {
		h.log.Error("taking a delivery", "error", err)
	}
	http.Error(w, greenroom.ErrorMessage(err), status)
}

// receiver opens a source for deliveries, or takes the one that is open with the same configuration.
func (h *Hooks) receiver(src *greenroom.Source) (connector.Receiver, error) {
	if !src.DisconnectedAt.IsZero() {
		return nil, greenroom.Errorf(greenroom.CodeNotFound, "the source %q is disconnected", src.Name)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	_, key := h.hook(src.Name)
	if o, ok := h.open[src.Name]; ok && o.key == key && maps.Equal(o.config, src.Config) {
		return o.receiver, nil
	}
	spec, err := all.Find(src.Kind)
	if err != nil {
		return nil, err
	}
	opened, _, err := h.importer.Open(spec, src.Name, src.Config)
	if err != nil {
		return nil, err
	}
	r, ok := opened.(connector.Receiver)
	if !ok || spec.Push == nil && !spec.Streams {
		return nil, greenroom.Errorf(greenroom.CodeNotFound, "the source %q takes no deliveries", src.Name)
	}
	h.open[src.Name] = openSource{config: maps.Clone(src.Config), key: key, receiver: r}
	return r, nil
}

// Wake says that there are deliveries to take in.
func (h *Hooks) Wake() {
	select {
	case h.wake <- struct{}{}:
	default:
	}
}

// settle is how long after the last one the loop takes deliveries in again at the soonest, so that a burst becomes facts in few
// transactions, and a single delivery at once.
const settle = 200 * time.Millisecond

// Run turns stored deliveries into facts until ctx ends. One that was stored before the process died is taken in first.
func (h *Hooks) Run(ctx context.Context) {
	for {
		begun := h.now()
		wait := h.takeIn(ctx)
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		case <-h.wake:
			timer.Stop()
			pause := time.NewTimer(min(settle, settle-h.now().Sub(begun)))
			select {
			case <-ctx.Done():
			case <-pause.C:
			}
		}
	}
}

// idle is how long the loop waits at most.
const idle = time.Minute

// takeIn takes in what is due and says how long to wait for the next.
func (h *Hooks) takeIn(ctx context.Context) time.Duration {
	ids, next, err := h.store.DueDeliveries(ctx)
	if err != nil {
		if ctx.Err() == nil {
			h.log.Error("looking for deliveries", "error", err)
		}
		return idle
	}
	sources, err := h.store.Sources(ctx)
	if err != nil {
		return idle
	}
	for _, id := range ids {
		for i := range sources {
			if sources[i].ID == id {
				h.source(ctx, &sources[i])
			}
		}
	}
	if !next.IsZero() {
		return max(time.Second, min(idle, next.Sub(h.now())))
	}
	return idle
}

func (h *Hooks) source(ctx context.Context, src *greenroom.Source) {
	r, err := h.receiver(src)
	if err == nil {
		_, err = h.importer.Receive(ctx, *src, r, func(greenroom.Run) { h.derive() })
		h.derive()
	}
	if err != nil && ctx.Err() == nil && greenroom.ErrorCode(err) != greenroom.CodeConflict {
		h.log.Warn("taking in deliveries", "source", src.Name, "error", err)
	}
}
