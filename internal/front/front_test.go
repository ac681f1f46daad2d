// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package front

import (
	"context"
	"crypto/rand"
	"strings"
	"testing"
	"time"

	"github.com/jba/templatecheck"

	"greenroom"
	"greenroom/internal/consent"
	"greenroom/internal/seal"
)

// checked checks a page's template against the struct that it shows.
func checked[T any](t *testing.T, name string) {
	t.Helper()
	v, err := parse[T](name)
	if err != nil {
		t.Fatal(err)
	}
	if err := templatecheck.CheckHTML(v.t, &page[T]{}); err != nil {
		t.Errorf("%s: %v", name, err)
	}
}

func TestTemplatesAreTyped(t *testing.T) {
	checked[errorBody](t, "error")
	checked[noticeBody](t, "notice")
	checked[preferencesBody](t, "preferences")
	checked[unsubscribeBody](t, "unsubscribe")
	checked[surveyBody](t, "survey")
}

// TestLinks holds that a link opens what it was made for, until its time is over, and nothing else.
func TestLinks(t *testing.T) {
	keys, err := seal.Fresh(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	now, base := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC), "https://lumen.example"
	links := NewLinks(keys, func(context.Context) (string, error) { return base, nil }, func() time.Time { return now })
	link, err := links.Unsubscribe(t.Context(), 42, consent.News)
	path, token, _ := strings.Cut(link, "?t=")
	if err != nil || path != "https://lumen.example/c/unsubscribe" {
		t.Fatalf("the link is %s, %v", link, err)
	}
	if c, err := links.Open(KindUnsubscribe, token); err != nil || c.Member != 42 || c.Purpose != consent.News {
		t.Errorf("it opens %+v, %v", c, err)
	}
	for what, open := range map[string]func() (Claim, error){
		"another page": func() (Claim, error) { return links.Open(KindPreferences, token) },
		"cut off":      func() (Claim, error) { return links.Open(KindUnsubscribe, token[:len(token)-3]) },
		"another key": func() (Claim, error) {
			other, err := seal.Fresh(rand.Reader)
			if err != nil {
				t.Fatal(err)
			}
			return NewLinks(other, nil, func() time.Time { return now }).Open(KindUnsubscribe, token)
		},
	} {
		if _, err := open(); greenroom.ErrorCode(err) != greenroom.CodeNotFound {
			t.Errorf("%s: %v", what, err)
		}
	}
	now = now.Add(unsubscribeLife + time.Minute)
	if _, err := links.Open(KindUnsubscribe, token); !strings.Contains(greenroom.ErrorMessage(err), "too old") {
		t.Errorf("too late: %v", err)
	}
	if base = ""; greenroom.ErrorCode(second(links.Preferences(t.Context(), 42))) != greenroom.CodeUnavailable {
		t.Error("there are links though nobody knows where to")
	}
}

func second(_ string, err error) error { return err }

// TestLimiter holds that guessing is slowed down, that time gives back, and that a network of IPv6 counts as one.
func TestLimiter(t *testing.T) {
	now := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	l := newLimiter(func() time.Time { return now })
	n := 0
	for ; l.take("192.0.2.1", costGuess) == 0; n++ {
	}
	if n != most/costGuess {
		t.Errorf("%d guesses at once", n)
	}
	if l.take("192.0.2.2", costLook) > 0 || l.take("::ffff:192.0.2.1", costLook) == 0 {
		t.Error("another address waits, or the same one in another spelling does not")
	}
	now = now.Add(10 * time.Second)
	if l.take("192.0.2.1", costGuess) > 0 {
		t.Error("time gives nothing back")
	}
	for range int(most) {
		l.take("2001:db8::1", costLook)
	}
	if l.take("2001:db8::2", costLook) == 0 || l.take("2001:db8:1::1", costLook) > 0 {
		t.Error("a network is not counted as one, or two are")
	}
}

func TestSpeak(t *testing.T) {
	have := []string{"en", "de", "pt-br"}
	for in, want := range map[[2]string]string{
		{"", ""}: "en", {"de", "en"}: "de", {"fr", "de-AT,en;q=0.8"}: "de", {"", "pt-BR,en"}: "pt-br", {"", "fr,it"}: "en", {"", strings.Repeat("x,", 2000) + "de"}: "en",
	} {
		if got := speak(have, in[0], in[1]); got != want {
			t.Errorf("%q is answered in %s, want %s", in, got, want)
		}
	}
}
