// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"image"
	"image/color"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"greenroom"
	"greenroom/connector"
	"greenroom/internal/avatar/avatartest"
	"greenroom/internal/fetch"
	"greenroom/internal/matching"
	"greenroom/internal/pictures"
	"greenroom/internal/store"
)

// gallery keeps pictures as several platforms would: /photo/SEED/SIZE is one in a size of its own.
type gallery struct {
	*httptest.Server

	mu    sync.Mutex
	asked []string
	busy  bool
}

func newGallery(t *testing.T) *gallery {
	t.Helper()
	letter := image.NewRGBA(image.Rect(0, 0, 64, 64))
	for i := range 64 * 64 {
		letter.SetRGBA(i%64, i/64, color.RGBA{uint8(40 + i%64/32*180), 90, 120, 255})
	}
	g := &gallery{}
	g.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		g.mu.Lock()
		g.asked = append(g.asked, r.URL.Path)
		busy := g.busy
		g.mu.Unlock()
		parts := strings.Split(r.URL.Path, "/")
		switch {
		case busy:
			w.Header().Set("Retry-After", "3600")
			w.WriteHeader(http.StatusTooManyRequests)
		case parts[1] == "photo":
			seed, size := whole(t, parts[2]), whole(t, parts[3])
			_, _ = w.Write(avatartest.Stored(t, avatartest.Scene(uint64(seed)), size, size%3*40)) //nolint:gosec // a small number
		case parts[1] == "letter":
			_, _ = w.Write(avatartest.Stored(t, letter, 96, 0))
		case parts[1] == "page":
			_, _ = w.Write([]byte("<!doctype html><title>Sign in</title>"))
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(g.Close)
	return g
}

func whole(t *testing.T, text string) int {
	t.Helper()
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// taken gives what was asked for since it was called last, in order of the path.
func (g *gallery) taken() []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	all := g.asked
	g.asked = nil
	slices.Sort(all)
	return all
}

func (g *gallery) setBusy(on bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.busy = on
}

// TestPictures looks at pictures once they may be looked at, each once; who is who follows, and is taken back when they are
// forgotten.
func TestPictures(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		g, w, now := newGallery(t), newWorkplace(t, s), clock()
		service := pictures.New(s, g.Client(), slog.New(slog.DiscardHandler), func() time.Time { return now })
		service.Pace = 0
		work := func(step string, paths ...string) {
			t.Helper()
			n, err := service.Work(t.Context())
			if got := g.taken(); err != nil || n != len(paths) && !strings.Contains(step, "busy") || !slices.Equal(got, paths) {
				t.Errorf("%s: %d pictures looked at, %v asked for, %v; want %v", step, n, got, err, paths)
			}
		}
		w.in("people", crowd(90)...)
		w.in("chat",
			connector.Identity{ExternalID: "a", Name: "Zuzanna Brzezicka", AvatarURL: g.URL + "/photo/1/192"},
			connector.Identity{ExternalID: "b", Name: "Tomasz Wielgosz", AvatarURL: g.URL + "/letter"},
			connector.Identity{ExternalID: "robot", Name: "Robot", Bot: true, AvatarURL: g.URL + "/photo/5/80"},
		)
		w.in("code",
			connector.Identity{ExternalID: "c", Handle: "waterbird", AvatarURL: g.URL + "/photo/1/460"},
			connector.Identity{ExternalID: "d", Handle: "kestrel77", AvatarURL: g.URL + "/letter"},
			connector.Identity{ExternalID: "e", Handle: "mossy", AvatarURL: g.URL + "/page"},
			connector.Identity{ExternalID: "f", Handle: "nobody", AvatarURL: g.URL + "/gone"},
		)
		work("nobody has allowed it")
		suggested := func() []string {
			t.Helper()
			if _, err := w.matcher.Match(t.Context(), true); err != nil {
				t.Fatal(err)
			}
			all, _, err := w.reviews.Suggestions(t.Context(), matching.Query{Limit: 10, Kind: "avatar"})
			if err != nil {
				t.Fatal(err)
			}
			said := []string{}
			for i := range all {
				said = append(said, all[i].Left.Member.Name+" and "+all[i].Right.Member.Name+": "+all[i].Evidence[0].Text)
			}
			return said
		}
		if got := suggested(); len(got) > 0 {
			t.Errorf("suggested before anything was looked at: %v", got)
		}
		if err := service.Save(t.Context(), pictures.Settings{On: true}); err != nil {
			t.Fatal(err)
		}
		work("first", "/gone", "/letter", "/letter", "/page", "/photo/1/192", "/photo/1/460")
		work("again")
		want := []string{"Zuzanna Brzezicka and waterbird: same picture"}
		if diff := cmp.Diff(want, suggested()); diff != "" {
			t.Errorf("suggested (-want +got):\n%s", diff)
		}
		st, err := service.Status(t.Context())
		if diff := cmp.Diff(pictures.Status{Settings: pictures.Settings{On: true}, Accounts: 6, Told: 2, Plain: 2, None: 1, Failed: 1}, st); err != nil || diff != "" {
			t.Errorf("status, %v (-want +got):\n%s", err, diff)
		}
		failed, err := service.Pictures(t.Context(), pictures.Failed, 0, 10)
		if err != nil || len(failed) != 1 || failed[0].Name != "mossy" || !strings.Contains(failed[0].Problem, "no picture in PNG") || !failed[0].Again.Equal(now.Add(7*24*time.Hour)) {
			t.Errorf("those that could not be read: %+v, %v", failed, err)
		}

		// A picture that is another one, one that is there no more, and a host that wants to be left alone.
		w.in("code", connector.Identity{ExternalID: "c", Handle: "waterbird", AvatarURL: g.URL + "/photo/2/460"}, connector.Identity{ExternalID: "d", Handle: "kestrel77"})
		g.setBusy(true)
		work("a busy host", "/photo/2/460")
		g.setBusy(false)
		now = now.Add(59 * time.Minute)
		work("it is left alone")
		now = now.Add(time.Minute)
		work("its hour is over", "/photo/2/460")
		if got := suggested(); len(got) > 0 {
			t.Errorf("suggested with two pictures: %v", got)
		}
		now = now.Add(7 * 24 * time.Hour)
		work("a week later", "/page")

		w.in("code", connector.Identity{ExternalID: "c", Handle: "waterbird", AvatarURL: g.URL + "/photo/1/128"})
		work("the first one again", "/photo/1/128")
		if diff := cmp.Diff(want, suggested()); diff != "" {
			t.Errorf("suggested again (-want +got):\n%s", diff)
		}
		if n, err := service.Forget(t.Context()); n != 6 || err != nil {
			t.Errorf("forgets %d, %v; want 6", n, err)
		}
		if got := suggested(); len(got) > 0 {
			t.Errorf("suggested after all was forgotten: %v", got)
		}
	})
}

// TestPicturesAreForgottenAtOnce switches looking off and forgets while a picture is being read: nobody waits for it, and
// nothing of it is kept.
func TestPicturesAreForgottenAtOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		begun, done := make(chan struct{}, 10), make(chan struct{})
		slow := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			begun <- struct{}{}
			select {
			case <-r.Context().Done():
			case <-done:
			}
		}))
		defer slow.Close()
		defer close(done)
		newWorkplace(t, s).in("chat", connector.Identity{ExternalID: "a", Name: "Zuzanna Brzezicka", AvatarURL: slow.URL + "/a"}, connector.Identity{ExternalID: "b", Name: "Tomasz Wielgosz", AvatarURL: slow.URL + "/b"})
		service := pictures.New(s, slow.Client(), slog.New(slog.DiscardHandler), clock)
		if err := service.Save(t.Context(), pictures.Settings{On: true}); err != nil {
			t.Fatal(err)
		}
		worked := make(chan error, 1)
		go func() {
			_, err := service.Work(t.Context())
			worked <- err
		}()
		<-begun
		if err := service.Save(t.Context(), pictures.Settings{}); err != nil {
			t.Fatal(err)
		}
		if _, err := service.Forget(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := <-worked; err != nil {
			t.Errorf("reading ends with %v", err)
		}
		st, err := service.Status(t.Context())
		if err != nil || st.Seen() != 0 || st.Settings.On {
			t.Errorf("after that: %+v, %v", st, err)
		}
	})
}

// TestPicturesNamedAfterAddresses joins by the names of pictures alone, without reading any.
func TestPicturesNamedAfterAddresses(t *testing.T) {
	const hash = "0bc83cb571cd1c50ba6f3e8a78ef1346" // of myemailaddress@example.com
	onBoth(t, func(t *testing.T, s *store.Store) {
		w := newWorkplace(t, s)
		w.in("people", crowd(30)...)
		w.in("chat", connector.Identity{ExternalID: "a", Name: "Zuzanna Brzezicka", AvatarURL: "https://secure.gravatar.com/avatar/" + hash + ".jpg?s=192"})
		w.in("forum", connector.Identity{ExternalID: "b", Handle: "waterbird", AvatarURL: "https://www.gravatar.com/avatar/" + hash + "?d=identicon"})
		w.in("list", connector.Identity{ExternalID: "c", Name: "Z. B.", Emails: []greenroom.Email{{Address: "MyEmailAddress@example.com"}}})
		var joined string
		for _, one := range strings.Fields(w.who()) {
			if strings.Contains(one, "chat/") {
				joined = one
			}
		}
		if joined != "chat/a+forum/b+list/c" {
			t.Errorf("joined: %s", joined)
		}
	})
}

// TestPicturesOfErased has a member's data say what their picture looks like, and erasing them take it away.
func TestPicturesOfErased(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		w := newWorkplace(t, s)
		w.in("chat", connector.Identity{ExternalID: "a", Name: "Zuzanna Brzezicka", AvatarURL: "https://example.com/a.png"})
		m := members(t, s, "name:zuzanna")[0]
		seen := pictures.Seen{Account: 1, Address: "https://example.com/a.png", At: clock(), State: pictures.Told, Hash: "8000000000000005", Again: clock()}
		if err := s.KeepPictures(t.Context(), []pictures.Seen{seen, {Account: 99, State: pictures.Plain}}); err != nil {
			t.Fatal(err)
		}
		all, err := s.PicturesOf(t.Context(), m.ID)
		if diff := cmp.Diff([]pictures.Listed{{Seen: seen, Source: "chat", Member: m.ID, Name: m.Name}}, all); err != nil || diff != "" {
			t.Errorf("of the member, %v (-want +got):\n%s", err, diff)
		}
		var data strings.Builder
		if err := s.ExportMember(t.Context(), m.ID, &data); err != nil || !strings.Contains(data.String(), `"hash": "8000000000000005"`) {
			t.Errorf("the member's data lack the picture: %v %s", err, data.String())
		}
		if err := s.EraseMember(t.Context(), m.ID); err != nil {
			t.Fatal(err)
		}
		if left, err := s.Pictures(t.Context(), "", 0, 10); err != nil || len(left) > 0 {
			t.Errorf("left after erasing: %+v, %v", left, err)
		}
	})
}

// TestPicturesInside does not ask what stands in the server's own network, whatever a source names as a picture.
func TestPicturesInside(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		g := newGallery(t)
		newWorkplace(t, s).in("chat",
			connector.Identity{ExternalID: "a", Name: "Zuzanna Brzezicka", AvatarURL: g.URL + "/photo/1/192"},
			connector.Identity{ExternalID: "b", Name: "Tomasz Wielgosz", AvatarURL: "http://%zz/photo"},
		)
		service := pictures.New(s, fetch.Guarded(time.Second, nil), slog.New(slog.DiscardHandler), clock)
		service.Pace = 0
		if err := service.Save(t.Context(), pictures.Settings{On: true}); err != nil {
			t.Fatal(err)
		}
		if n, err := service.Work(t.Context()); n != 2 || err != nil {
			t.Errorf("looks at %d, %v; want 2", n, err)
		}
		all, err := service.Pictures(t.Context(), pictures.Failed, 0, 10)
		if err != nil || len(all) != 2 || !strings.Contains(all[0].Problem, "--allow-network") || !strings.Contains(all[1].Problem, "none of the web") || len(g.taken()) > 0 {
			t.Errorf("%+v, %v", all, err)
		}
	})
}
