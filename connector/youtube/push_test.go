// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package youtube_test

import (
	"context"
	"crypto/sha1" //nolint:gosec // what Google's hub signs with
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"greenroom/connector"
	"greenroom/connector/connectortest"
	"greenroom/connector/internal/signature"
	"greenroom/connector/internal/websub"
	"greenroom/connector/youtube"
)

const topic = "https://www.youtube.com/xml/feeds/videos.xml?channel_id=" + acme

// said is what the hub sends, as the guide shows it.
func said(entries ...string) string {
	return `<?xml version='1.0' encoding='UTF-8'?><feed xmlns:yt="http://www.youtube.com/xml/schemas/2015" xmlns="http://www.w3.org/2005/Atom"><link rel="hub" href="https://pubsubhubbub.appspot.com"/><link rel="self" href="` +
		topic + `"/><title>YouTube video feed</title><updated>2026-11-20T19:05:24.552394234+00:00</updated>` + strings.Join(entries, "") + `</feed>`
}

func published(id, channel string) string {
	return `<entry><id>yt:video:` + id + `</id><yt:videoId>` + id + `</yt:videoId><yt:channelId>` + channel + `</yt:channelId><title>T</title><link rel="alternate" href="https://www.youtube.com/watch?v=` + id +
		`"/><author><name>Acme</name></author><published>2026-09-01T08:00:00+00:00</published><updated>2026-11-20T19:05:24.5+00:00</updated></entry>`
}

func deleted(id string) string {
	return `<at:deleted-entry xmlns:at="http://purl.org/atompub/tombstones/1.0" ref="yt:video:` + id + `" when="2026-11-21T10:00:00+00:00"><link href="https://www.youtube.com/watch?v=` + id + `"/><at:by><name>Acme</name></at:by></at:deleted-entry>`
}

// pushes are what the hub tells: of two videos, of one of them again, and that one which the fake does not have was deleted.
func pushes(names ...string) []connector.Delivery {
	s := websub.New(connector.Env{HookKey: connectortest.HookKey}, []string{"@acme"})
	path := s.Path("@acme", acme, topic)
	if len(names) == 0 {
		names = []string{said(published("V1", acme)), said(published("V2", acme)), said(deleted("V9")), said(published("V9", acme)), said(published("V1", acme))}
	}
	var all []connector.Delivery
	for _, body := range names {
		all = append(all, connector.Delivery{Method: http.MethodPost, Path: path, Body: []byte(body), ReceivedAt: connectortest.Now(), Header: http.Header{
			"X-Hub-Signature": {"sha1=" + signature.Hex(sha1.New, s.Secret(path), []byte(body))},
		}})
	}
	return all
}

// lost is the fake, of which V9 and others that it does not know are gone.
func lost(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if id := r.URL.Query().Get("id"); strings.HasSuffix(r.URL.Path, "/videos") && strings.HasPrefix(id, "V9") {
			give(w, object{"items": []object{}})
			return
		}
		h.ServeHTTP(w, r)
	})
}

// TestReceive takes in the videos of a push as a read does, one unit each, and leaves out what is not to be taken in.
func TestReceive(t *testing.T) {
	fake := &fake{n: 10, edited: map[int]bool{}}
	srv := httptest.NewServer(lost(fake))
	defer srv.Close()
	values := live().Values(srv.URL)
	whole := connectortest.Collect(t, youtube.Spec(), values, srv.Client(), "", 0)
	r := open(t, values).(connector.Receiver) //nolint:errcheck,forcetypeassert // the compiler has checked it
	fake.units = 0
	f := connectortest.Receive(t, r, pushes(said(published("V2", acme), published("V3", acme)))...)
	var want []connector.Activity
	for i := range whole.Activities {
		if id := whole.Activities[i].ExternalID; id == "video:V2" || id == "video:V3" {
			want = append([]connector.Activity{whole.Activities[i]}, want...)
		}
	}
	if diff := cmp.Diff(want, f.Activities); diff != "" || fake.units != 1 {
		t.Errorf("%d units were used; the videos (-read +pushed):\n%s", fake.units, diff)
	}
	if diff := cmp.Diff(f.Payloads["video:V2"], whole.Payloads["video:V2"]); diff != "" {
		t.Errorf("the payload (-read +pushed):\n%s", diff)
	}
	for name, c := range map[string]struct {
		body    string
		gone    string // what is deleted
		leftOut string
		rejects int
	}{
		"a deletion":                     {body: said(deleted("V9")), gone: "video:V9"},
		"a deletion of what is there":    {body: said(deleted("V1"))},
		"a video that is gone":           {body: said(published("V9", acme)), leftOut: "videos that are not public or no longer there"},
		"a video of another channel":     {body: said(published("V1", "UCother")), leftOut: "pushes about other channels"},
		"a video that is none":           {body: said(published("V1&amp;id=V2", acme)), leftOut: "pushes that name no video"},
		"a deletion of what is none":     {body: said(deleted("")), leftOut: "pushes that name no video"},
		"what is no feed":                {body: "hello", rejects: 1},
		"a feed of nothing":              {body: said()},
		"what another hub may have sent": {body: `<rss version="2.0"><channel/></rss>`},
	} {
		f := connectortest.Receive(t, r, pushes(c.body)...)
		got := ""
		for i := range f.Activities {
			if f.Activities[i].Deleted {
				got = f.Activities[i].ExternalID
				if want := time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC); !f.Activities[i].EditedAt.Equal(want) {
					t.Errorf("%s: deleted at %v, want %v", name, f.Activities[i].EditedAt, want)
				}
			}
		}
		if got != c.gone || len(f.Rejects) != c.rejects || c.leftOut != "" && f.LeftOut[c.leftOut] != 1 || c.leftOut == "" && len(f.LeftOut) > 0 {
			t.Errorf("%s: deleted %q, left out %v, rejected %v", name, got, f.LeftOut, f.Rejects)
		}
	}
	values["since"] = "2026-10-01"
	r = open(t, values).(connector.Receiver) //nolint:errcheck,forcetypeassert // the compiler has checked it
	fake.units = 0
	if f := connectortest.Receive(t, r, pushes(said(published("V1", acme)))...); len(f.Activities) > 0 || fake.units > 0 || f.LeftOut["videos from before what is wanted"] != 1 {
		t.Errorf("of a video from before what is wanted came %+v with %d units", f.Activities, fake.units)
	}
}

// TestPushedUnits leaves to the next read what would take more than a twentieth of the day's units.
func TestPushedUnits(t *testing.T) {
	fake := &fake{n: 10, edited: map[int]bool{}}
	srv := httptest.NewServer(fake)
	defer srv.Close()
	values := live().Values(srv.URL)
	values["units-a-day"] = "60"
	r := open(t, values).(connector.Receiver) //nolint:errcheck,forcetypeassert // the compiler has checked it
	one := said(published("V1", acme))
	f := connectortest.Receive(t, r, pushes(one, one, one, one, one)...)
	if fake.units != 3 || len(f.Activities) != 3 || f.LeftOut["pushes that are left to the next read, to save units"] != 2 {
		t.Errorf("%d units of 60 were used for %d activities; left out %v", fake.units, len(f.Activities), f.LeftOut)
	}
}

// hub is Google's hub in front of the network.
type hub struct {
	asked []url.Values
	down  bool
}

func (h *hub) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Host != "pubsubhubbub.appspot.com" {
		return http.DefaultTransport.RoundTrip(r)
	}
	w := httptest.NewRecorder()
	_ = r.ParseForm()
	h.asked = append(h.asked, r.PostForm)
	w.WriteHeader(http.StatusAccepted)
	if h.down {
		w = httptest.NewRecorder()
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	return w.Result(), nil
}

// TestSubscribes asks the hub with each day's first read, over the ends of quotas and hours in which the hub is down, and
// answers what it asks.
func TestSubscribes(t *testing.T) {
	srv := httptest.NewServer(newFake(3))
	defer srv.Close()
	h := &hub{}
	now := connectortest.Now()
	env := connectortest.LiveEnv(t)
	env.Hook, env.HTTP, env.Now = "https://greenroom.example/hooks/yt", &http.Client{Transport: h}, func() time.Time { return now }
	src, err := youtube.New(env, live().Values(srv.URL))
	if err != nil {
		t.Fatal(err)
	}
	at := connector.Cursor("")
	for _, step := range []struct {
		after time.Duration
		down  bool
		asked int
	}{{0, false, 1}, {6 * time.Hour, false, 1}, {18 * time.Hour, true, 2}, {time.Hour, true, 2}, {5 * time.Hour, false, 3}, {6 * time.Hour, false, 3}} {
		now, h.down = now.Add(step.after), step.down
		out := connector.NewSink(t.Context(), 1, func(_ context.Context, b *connector.Batch) error {
			at = b.Cursor
			return nil
		})
		if err := src.Read(t.Context(), at, out); err != nil {
			t.Fatal(err)
		}
		if err := out.Flush(); err != nil {
			t.Fatal(err)
		}
		if len(h.asked) != step.asked {
			t.Fatalf("after %v more the hub was asked %d times, want %d", step.after, len(h.asked), step.asked)
		}
	}
	if n := len(env.Meter.Metered().Warnings); n != 1 {
		t.Errorf("%d warnings, want one: %v", n, env.Meter.Metered().Warnings)
	}
	form := h.asked[0]
	if form.Get("hub.topic") != topic || form.Encode() != h.asked[2].Encode() {
		t.Errorf("the hub was asked %v", form)
	}
	path, _ := strings.CutPrefix(form.Get("hub.callback"), "https://greenroom.example/hooks/yt/")
	r := src.(connector.Receiver) //nolint:errcheck,forcetypeassert // the compiler has checked it
	for asked, want := range map[string]string{topic: "yes", topic + "x": ""} {
		reply, err := r.Verify(&connector.Delivery{Method: http.MethodGet, Path: path, Header: http.Header{}, Query: url.Values{"hub.mode": {"subscribe"}, "hub.topic": {asked}, "hub.challenge": {"yes"}}})
		if string(reply.Body) != want || (err != nil) != (want == "") {
			t.Errorf("the question for %s is answered %q, %v", asked, reply.Body, err)
		}
	}
	check, err := src.(connector.Tester).Test(t.Context()) //nolint:errcheck,forcetypeassert // the compiler has checked it
	if err != nil || !strings.Contains(fmt.Sprint(check.Notes), "at once") {
		t.Errorf("the test says %+v, %v", check, err)
	}
}

// FuzzReceive checks that no push makes the connector panic, and that nothing comes of one but videos of the channel.
func FuzzReceive(f *testing.F) {
	for _, body := range []string{said(published("V1", acme), deleted("V2")), "hello", said(deleted("")), `<feed xmlns="http://www.w3.org/2005/Atom"><entry/></feed>`} {
		f.Add(body)
	}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { give(w, object{"items": []object{}}) }))
	f.Cleanup(srv.Close)
	values := live().Values(srv.URL)
	f.Fuzz(func(t *testing.T, body string) {
		r := open(t, values).(connector.Receiver) //nolint:errcheck,forcetypeassert // the compiler has checked it
		facts := connectortest.Receive(t, r, pushes(body)...)
		for i := range facts.Activities {
			if a := &facts.Activities[i]; !a.Deleted || !strings.HasPrefix(a.ExternalID, "video:") {
				t.Errorf("of %q came %+v", body, a)
			}
		}
	})
}
