// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package stackoverflow_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/connectortest"
	"greenroom/connector/stackexchange"
	"greenroom/connector/stackoverflow"
)

func values(url string) connector.Values {
	return connector.Values{"api": url, "site": "coffee.stackexchange.com", "key": "k", "staff": "2"}
}

func live() connectortest.Live {
	return connectortest.Live{
		Spec:       stackoverflow.Spec(),
		Serve:      newFake,
		Values:     values,
		Items:      35,
		Activities: 35 + 17 + 7 + 3,                                         // questions, answers, comments on both
		Change:     func(h http.Handler) { h.(*fake).edited[3] = "Edited" }, //nolint:errcheck // newFake's
		Changed: func(t *testing.T, next *connectortest.Facts) {
			t.Helper()
			if len(next.Activities) != 1 || next.Activities[0].ExternalID != "post:30" || next.Activities[0].Title != "Edited" || next.Activities[0].EditedAt.IsZero() {
				t.Errorf("the next read tells %+v, want the edited question alone", next.Activities)
			}
		},
		Limited: func(w http.ResponseWriter, _ *http.Request) {
			fail(w, 502, "throttle_violation", "too many requests from this IP, more requests available in 81 seconds")
		},
		Expired: func(w http.ResponseWriter, _ *http.Request) {
			fail(w, 400, "bad_parameter", "`key` doesn't match a known application")
		},
	}
}

func TestLive(t *testing.T) { connectortest.RunLive(t, live()) }

func BenchmarkRead(b *testing.B) { connectortest.BenchmarkLive(b, live()) }

// TestFacts looks at what a person would look at: who asked and answered what, when, and where it stands.
func TestFacts(t *testing.T) {
	srv := httptest.NewServer(newFake(10))
	defer srv.Close()
	f := connectortest.Collect(t, stackoverflow.Spec(), values(srv.URL), srv.Client(), "", 0)
	var lines []string
	for i := range f.Activities {
		a := &f.Activities[i]
		if a.OccurredAt.Before(day0.Add(10*time.Minute)) && a.Kind == greenroom.KindQuestion && a.ExternalID != "post:30" {
			continue
		}
		lines = append(lines, strings.Join([]string{a.OccurredAt.Format("15:04"), a.Kind.String(), f.Identities[a.Author].Name, a.ExternalID, a.Thread, a.ReplyTo, a.URL, a.Title, a.Body}, "|"))
	}
	site := "https://coffee.stackexchange.com"
	want := []string{
		"09:05|answer|Person & 4|post:21|post:20|post:20|" + site + "/a/21||Finely.",
		"09:03|question||post:30|post:30||" + site + "/q/30|Question '3'|How do I grind it?\n\nTags: grinding, beans",
		"09:07|accepted_answer|Person & 6|post:41|post:40|post:40|" + site + "/a/41||Finely.",
		"09:08|comment|Person & 7|comment:52|post:50|post:50|" + site + `/q/50#comment52_50||Which "version"?`,
		"09:09|answer|Person & 1|post:61|post:60|post:60|" + site + "/a/61||Finely.",
		"09:11|accepted_answer|Person & 3|post:81|post:80|post:80|" + site + "/a/81||Finely.",
		"09:10|question|Person & 4|post:100|post:100||" + site + "/q/100|Question '10'|How do I grind it?\n\nTags: grinding, beans",
		"09:13|comment|Person & 5|comment:102|post:100|post:100|" + site + `/q/100#comment102_100||Which "version"?`,
		"09:13|answer|Person & 5|post:101|post:100|post:100|" + site + "/a/101||Finely.",
		"09:14|comment|Person & 6|comment:103|post:100|post:101|" + site + `/q/100#comment103_101||Which "version"?`,
	}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Errorf("activities (-want +got):\n%s", diff)
	}
	who := connector.Identity{
		ExternalID: "2", Name: "Person & 2", AvatarURL: "https://i.example.org/1.png", ProfileURL: site + "/users/2", Bio: "Drinks coffee.",
		Location: "Lisbon, Portugal", Links: []string{"https://stackexchange.com/users/502", "https://person.example.org"}, Staff: true,
		JoinedAt: day0.Add(-9000 * time.Minute),
	}
	if diff := cmp.Diff(who, f.Identities["2"]); diff != "" {
		t.Errorf("identity (-want +got):\n%s", diff)
	}
	for _, c := range f.Conversations {
		if want := map[string]string{"post:30": "", "post:40": "post:41"}; c.Thread == "post:30" || c.Thread == "post:40" {
			if c.State != greenroom.StateResolved || c.ResolvedBy != want[c.Thread] {
				t.Errorf("the conversation is %+v", c)
			}
		}
	}
}

// TestDump checks that ids, channel and addresses are those of the data dump's connector.
func TestDump(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "coffee.stackexchange.com")
	if err := os.Mkdir(dir, 0o750); err != nil {
		t.Fatal(err)
	}
	for name, rows := range map[string]string{
		"Posts.xml": `<posts>
<row Id="100" PostTypeId="1" AcceptedAnswerId="101" CreationDate="2026-01-05T09:10:00.000" Title="Question '10'" Body="&lt;p&gt;How do I &lt;b&gt;grind&lt;/b&gt; it?&lt;/p&gt;" Tags="|grinding|beans|" OwnerUserId="4" />
<row Id="101" PostTypeId="2" ParentId="100" CreationDate="2026-01-05T09:13:00.000" LastEditDate="2026-01-05T09:14:00.000" Body="&lt;p&gt;Finely.&lt;/p&gt;" OwnerUserId="5" />
</posts>`,
		"Comments.xml": `<comments>
<row Id="103" PostId="101" CreationDate="2026-01-05T09:14:00.000" Text="Which &quot;version&quot;?" UserId="6" />
</comments>`,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(rows), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	dump := connectortest.Collect(t, stackexchange.Spec(), connector.Values{"path": dir}, nil, "", 0)
	srv := httptest.NewServer(newFake(10))
	defer srv.Close()
	api := connectortest.Collect(t, stackoverflow.Spec(), values(srv.URL), srv.Client(), "", 0)
	found := 0
	for i := range api.Activities {
		for j := range dump.Activities {
			if api.Activities[i].ExternalID != dump.Activities[j].ExternalID {
				continue
			}
			found++
			want := dump.Activities[j]
			if want.Kind == greenroom.KindAcceptedAnswer { // the fake's is not
				want.Kind = greenroom.KindAnswer
			}
			if diff := cmp.Diff(want, api.Activities[i]); diff != "" {
				t.Errorf("%s (-dump +API):\n%s", want.ExternalID, diff)
			}
		}
	}
	if found != 3 || !cmp.Equal(dump.Channels[0], api.Channels[0]) {
		t.Errorf("%d activities are in both, want 3; the channels are %+v and %+v", found, dump.Channels[0], api.Channels[0])
	}
}

// TestLateComments checks that a day later questions are read again for comments, and not before.
func TestLateComments(t *testing.T) {
	h := newFake(5)
	srv := httptest.NewServer(h)
	defer srv.Close()
	now := day0.Add(time.Hour)
	read := func(from connector.Cursor) (cursor connector.Cursor, comments int) {
		env := connectortest.LiveEnv(t)
		env.Now = func() time.Time { return now }
		src, err := stackoverflow.New(env, values(srv.URL))
		if err != nil {
			t.Fatal(err)
		}
		sink := connector.NewSink(t.Context(), 0, func(_ context.Context, b *connector.Batch) error {
			cursor = b.Cursor
			for i := range b.Activities {
				if b.Activities[i].Kind == greenroom.KindComment {
					comments++
				}
			}
			return nil
		})
		if err := src.Read(t.Context(), from, sink); err != nil {
			t.Fatal(err)
		}
		if err := sink.Flush(); err != nil {
			t.Fatal(err)
		}
		return cursor, comments
	}
	cursor, n := read("")
	h.(*fake).commentd[1] = true //nolint:errcheck // newFake's
	now = now.Add(3 * time.Hour)
	cursor, soon := read(cursor)
	now = now.Add(21 * time.Hour)
	_, later := read(cursor)
	if n != 1 || soon != 0 || later != 2 {
		t.Errorf("%d comments come first, %d three hours later and %d the day after, want 1, 0 and 2", n, soon, later)
	}
}

// TestQuota checks that a read ends when the day's requests are used up, and goes on the next day where it was.
func TestQuota(t *testing.T) {
	h := newFake(35)
	h.(*fake).left = 3 //nolint:errcheck // newFake's
	srv := httptest.NewServer(h)
	defer srv.Close()
	env := connectortest.LiveEnv(t)
	src, err := stackoverflow.New(env, values(srv.URL))
	if err != nil {
		t.Fatal(err)
	}
	var cursor connector.Cursor
	sink := connector.NewSink(t.Context(), 1, func(_ context.Context, b *connector.Batch) error {
		cursor = b.Cursor
		return nil
	})
	err = src.Read(t.Context(), "", sink)
	if greenroom.ErrorCode(err) != greenroom.CodeLimited || !strings.Contains(greenroom.ErrorMessage(err), "2026-11-23 00:00 UTC") || cursor == "" {
		t.Errorf("the read ended with %v at %q, want it to wait for midnight", err, cursor)
	}
	m := env.Meter.Metered()
	if len(m.Budgets) != 1 || m.Budgets[0].Limit != 10_000 || m.Waited == 0 && m.Requests > 3 {
		t.Errorf("the meter says %+v", m)
	}
}

// TestTestConnection says what is there and which tags are not.
func TestTestConnection(t *testing.T) {
	srv := httptest.NewServer(newFake(5))
	defer srv.Close()
	v := values(srv.URL)
	v["tags"] = "grinding, none"
	src, err := stackoverflow.New(connectortest.LiveEnv(t), v)
	if err != nil {
		t.Fatal(err)
	}
	check, err := src.(connector.Tester).Test(t.Context()) //nolint:errcheck // the compiler has checked it
	if err != nil || check.Account != "coffee.stackexchange.com" || len(check.Missing) != 1 || check.Missing[0].Name != "none" {
		t.Errorf("the test says %+v, %v", check, err)
	}
	v["site"] = "nowhere.example.org"
	src, err = stackoverflow.New(connectortest.LiveEnv(t), v)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := src.(connector.Tester).Test(t.Context()); greenroom.ErrorCode(err) != greenroom.CodeNotFound { //nolint:errcheck // the compiler has checked it
		t.Errorf("the test of a site that is not there says %v", err)
	}
}

// TestSurvey compares the site's own counts with what a read brings.
func TestSurvey(t *testing.T) {
	srv := httptest.NewServer(newFake(20))
	defer srv.Close()
	kinds := connectortest.Collect(t, stackoverflow.Spec(), values(srv.URL), srv.Client(), "", 0).Kinds()
	src, err := stackoverflow.New(connectortest.LiveEnv(t), values(srv.URL))
	if err != nil {
		t.Fatal(err)
	}
	v, err := src.(connector.Surveyor).Survey(t.Context()) //nolint:errcheck // the compiler has checked it
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range v.Counts {
		if n, known := kinds[c.What]; known && int(c.Platform) != n {
			t.Errorf("the site says %d of %s, the read brought %d", c.Platform, c.What, n)
		}
	}
	if len(v.Counts) != 4 || v.Cost != "2 requests of 10,000 a day" {
		t.Errorf("the survey says %+v", v)
	}
}

// TestRecordings maps answers of the API that others recorded.
func TestRecordings(t *testing.T) {
	dir := filepath.Join(connectortest.Recordings(t), "perceval", "stackexchange")
	h := newFake(0)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/2.3/questions" {
			h.ServeHTTP(w, r)
			return
		}
		name := "stackexchange_question_page"
		if r.URL.Query().Get("min") != "" {
			name = "stackexchange_question_page_2"
		}
		data, err := os.ReadFile(filepath.Join(dir, name)) //nolint:gosec // a name of this test
		if err != nil {
			t.Skip("the recording is not here: ", err)
		}
		_, _ = w.Write(data)
	}))
	defer srv.Close()
	f := connectortest.Collect(t, stackoverflow.Spec(), values(srv.URL), srv.Client(), "", 0)
	want := map[string]int{"question": 1, "answer": 1, "comment": 1} // both pages were recorded with the same question twice
	if diff := cmp.Diff(want, f.Kinds()); diff != "" || len(f.Rejects) > 0 {
		t.Errorf("rejected %+v, kinds (-want +got):\n%s", f.Rejects, diff)
	}
}
