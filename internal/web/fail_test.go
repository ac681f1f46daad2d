// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/andybalholm/cascadia"

	"greenroom"
	"greenroom/internal/auth"
)

// trapdoor has one member, of whom nothing can be told.
type trapdoor struct {
	Objects
	fall func() error
}

func (d trapdoor) Member(context.Context, int64) (greenroom.Member, error) {
	return greenroom.Member{}, d.fall()
}

// TestInside holds that what goes wrong inside, also a panic, is answered with a page of the product: with a number that
// stands in the log beside what happened, and without anything of what happened.
func TestInside(t *testing.T) {
	const secret = "dsn=postgres://greenroom:swordfish@db"
	for name, fall := range map[string]func() error{
		"a panic":           func() error { panic(secret) },
		"a panic of Go's":   func() error { return []error{}[len(secret)] },
		"an error":          func() error { return errors.New(secret) },
		"an error as panic": func() error { panic(errors.New(secret)) },
	} {
		t.Run(name, func(t *testing.T) {
			h := full(t)
			s := h.site()
			var log bytes.Buffer
			s.cfg.Log = slog.New(slog.NewTextHandler(&log, nil))
			s.cfg.Objects = trapdoor{h, fall}
			fresh, err := New(s.cfg)
			if err != nil {
				t.Fatal(err)
			}
			w := visit(t, fresh, auth.RoleViewer, "GET", "/members/7", nil)
			body := w.Body.String()
			page := parse(t, w)
			number := textOf(page, "main code")
			if w.Code != 500 || number == "" || w.Header().Get("X-Request-Id") != number || w.Header().Get("Content-Type") != "text/html; charset=utf-8" {
				t.Fatalf("%d, number %q, %v", w.Code, number, w.Header())
			}
			if got := textOf(page, "main h1"); got != "Something went wrong here" {
				t.Errorf("the page is called %q", got)
			}
			if cascadia.Query(page, cascadia.MustCompile("main a[href='/']")) == nil {
				t.Error("no way on")
			}
			for _, inside := range []string{"swordfish", "panic", "goroutine", ".go:", "out of range"} {
				if strings.Contains(body, inside) {
					t.Errorf("the page shows %q", inside)
				}
			}
			if !strings.Contains(log.String(), "request_id="+number) || !strings.Contains(log.String(), "swordfish") && !strings.Contains(log.String(), "out of range") {
				t.Errorf("the log has\n%s", &log)
			}
		})
	}
}

// fallen counts nothing: the frame of every page needs it.
type fallen struct{}

func (fallen) Overview(context.Context) (greenroom.Overview, error) { panic("swordfish") }

// TestInsideTheFrame holds that an answer comes even where the page that says so cannot be made.
func TestInsideTheFrame(t *testing.T) {
	s := full(t).site()
	var log bytes.Buffer
	s.cfg.Log, s.cfg.Overview = slog.New(slog.NewTextHandler(&log, nil)), fallen{}
	fresh, err := New(s.cfg)
	if err != nil {
		t.Fatal(err)
	}
	w := visit(t, fresh, auth.RoleViewer, "GET", "/", nil)
	if w.Code != 500 || strings.Contains(w.Body.String(), "swordfish") || !strings.Contains(log.String(), "swordfish") {
		t.Errorf("%d %q, log:\n%s", w.Code, w.Body, &log)
	}
}

// TestRefusedInPlace: a form that the page's script sent gets a sentence where a page would stand, and is told where it
// would be led.
func TestRefusedInPlace(t *testing.T) {
	s := full(t).site()
	send := func(path string, form url.Values) *httptest.ResponseRecorder {
		return visit(t, s, auth.RoleOwner, "POST", path, form, func(r *http.Request) { r.Header.Set(placeAsked, "1") })
	}
	refused := send("/members/7/merge", url.Values{"other": {"nobody"}})
	if body := refused.Body.String(); refused.Code != http.StatusOK || refused.Header().Get(placeNo) == "" || !strings.HasPrefix(body, "Several members fit") || !strings.HasPrefix(refused.Header().Get("Content-Type"), "text/plain") {
		t.Errorf("a refusal is %d, %v, %q", refused.Code, refused.Header(), body)
	}
	done := send("/members/7/merge", url.Values{"other": {"8"}, "reason": {"met them"}})
	if to := done.Header().Get(placeTold); done.Code != http.StatusNoContent || !strings.HasPrefix(to, "/members/") || done.Header().Get("Location") != "" {
		t.Errorf("what is done is %d, %v", done.Code, done.Header())
	}
}

// TestNoPeriod: a period that there is none of is named, and those that there are.
func TestNoPeriod(t *testing.T) {
	w := visit(t, full(t).site(), auth.RoleViewer, "GET", "/insights/questions?by=fortnight", nil)
	if body := w.Body.String(); w.Code != http.StatusUnprocessableEntity || !strings.Contains(body, "fortnight") || !strings.Contains(body, "quarter") {
		t.Errorf("%d %.300q", w.Code, body)
	}
}

// TestWrongNumbers holds that what is no number is refused by the name that the field has on the page, and not as a fault of ours.
func TestWrongNumbers(t *testing.T) {
	for text, want := range map[string]string{"": "", " 12 ": "", "abc": `Places: expected a whole number, not "abc"`, "1.5": `Places: expected a whole number, not "1.5"`, "99999999999999999999": `Places: expected a whole number, not "99999999999999999999"`} {
		n, err := wholeNumber(text, "places", "Places")
		if greenroom.ErrorMessage(err) != want || err != nil && (greenroom.ErrorField(err) != "places" || !forPeople(err)) || text == " 12 " && n != 12 {
			t.Errorf("%q is read as %d, %v", text, n, err)
		}
	}
}
