// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package discord_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/connectortest"
	"greenroom/connector/connectortest/contract"
	"greenroom/connector/discord"
	"greenroom/connector/discordexport"
)

func values(url string) connector.Values {
	return connector.Values{"token": "good", "staff-roles": "Team", "api-address": url + "/api/v10"}
}

// whole is all that the connector can do.
type whole interface {
	connector.Streamer
	connector.Tester
	connector.Surveyor
}

func open(tb testing.TB, env connector.Env, v connector.Values) whole {
	tb.Helper()
	src, err := discord.New(env, v)
	if err != nil {
		tb.Fatal(err)
	}
	all, ok := src.(whole)
	if !ok {
		tb.Fatal("the source cannot do all that is wanted")
	}
	return all
}

func live(tb testing.TB) connectortest.Live {
	tb.Helper()
	return connectortest.Live{
		Spec: discord.Spec(), Serve: newFake, Values: values, Items: 250,
		Activities: 250 + 2*50 + 2 + 2*2, // messages, reactions, those of the thread but for the copy of its starter, posts
		Change: func(h http.Handler) {
			f, ok := h.(*fake)
			if !ok {
				panic("the handler is not the fake")
			}
			f.edited[249], f.woken = "Message 249, edited", true
		},
		Changed: func(t *testing.T, next *connectortest.Facts) {
			t.Helper()
			found := map[string]string{}
			for i := range next.Activities {
				found[next.Activities[i].ExternalID] = next.Activities[i].Body
			}
			if got := found[flake(249)]; got != "Message 249, edited" {
				t.Errorf("the next read tells %q of the edited message", got)
			}
			if got := found[flakeAt(late)]; got != "Late" {
				t.Errorf("the next read tells %q of the new message in an archived post", got)
			}
			if _, again := found[flake(312)]; again {
				t.Error("the next read asks for the messages of a post without new ones")
			}
		},
		Limited: func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "0.65")
			w.Header().Set("X-RateLimit-Scope", "user")
			w.WriteHeader(http.StatusTooManyRequests)
			give(w, object{"message": "You are being rate limited.", "retry_after": 0.65, "global": false})
		},
		Pushes: pushes(tb), Stream: true,
	}
}

func TestLive(t *testing.T) {
	c := live(t)
	values := c.Values
	c.Values = func(url string) connector.Values { // so that the edited message lies in the window
		v := values(url)
		v["reread-days"] = "30"
		return v
	}
	connectortest.RunLive(t, c)
}

func BenchmarkRead(b *testing.B) {
	c := live(b)
	c.Values = func(url string) connector.Values {
		v := values(url)
		v["reactions"] = "false"
		return v
	}
	connectortest.BenchmarkLive(b, c)
}

// pushes are events as the gateway sends them: a message is written, reacted to, edited, answered and deleted.
func pushes(tb testing.TB) []connector.Delivery {
	tb.Helper()
	message := func(i int, text string) object {
		return object{
			"id": flake(i), "channel_id": general, "guild_id": guild, "type": 0, "content": text, "timestamp": at(i).Format(time.RFC3339), "edited_timestamp": nil,
			"author": user(2), "member": object{"nick": "Two", "roles": []string{"950"}, "joined_at": "2025-01-02T03:04:05Z"}, "mentions": []object{},
		}
	}
	edited := message(600, "How do I export, <@203>?")
	edited["edited_timestamp"], edited["mentions"] = at(660).Format(time.RFC3339), []object{user(3)}
	answer := message(670, "By the menu.")
	answer["type"], answer["author"], answer["message_reference"] = 19, user(3), object{"type": 0, "message_id": flake(600), "channel_id": general}
	delete(answer, "member")
	inPost := message(690, "It works now")
	inPost["channel_id"] = flake(302)
	react := object{"user_id": "203", "channel_id": general, "message_id": flake(600), "guild_id": guild, "emoji": object{"id": nil, "name": "👀"}, "member": member(3), "type": 0}
	renamed := (&fake{}).thread()
	renamed["name"] = "Side talk, renamed"
	events := []struct {
		name string
		data object
	}{
		{"MESSAGE_CREATE", message(600, "How do I export?")},
		{"MESSAGE_REACTION_ADD", react},
		{"MESSAGE_UPDATE", edited},
		{"MESSAGE_CREATE", answer},
		{"MESSAGE_REACTION_REMOVE", react},
		{"MESSAGE_CREATE", message(680, "Spam")},
		{"MESSAGE_CREATE", message(681, "More of it")},
		{"MESSAGE_CREATE", message(682, "And more")},
		{"MESSAGE_DELETE", object{"id": flake(680), "channel_id": general, "guild_id": guild}},
		{"MESSAGE_DELETE_BULK", object{"ids": []string{flake(681), flake(682)}, "channel_id": general, "guild_id": guild}},
		{"MESSAGE_CREATE", inPost},
		{"MESSAGE_UPDATE", object{"id": flake(690), "channel_id": flake(302), "guild_id": guild, "embeds": []object{}}},
		{"THREAD_CREATE", (&fake{}).thread()},
		{"THREAD_UPDATE", renamed},
		{"GUILD_MEMBER_ADD", object{"guild_id": guild, "user": user(7), "roles": []string{}, "joined_at": "2026-11-02T09:20:00Z"}},
		{"GUILD_MEMBER_REMOVE", object{"guild_id": guild, "user": user(7)}},
		{"CHANNEL_CREATE", object{"id": "914", "type": 0, "guild_id": guild, "name": "new", "parent_id": "910"}},
		{"MESSAGE_REACTION_REMOVE_ALL", object{"channel_id": general, "message_id": flake(600), "guild_id": guild}},
		{"MESSAGE_CREATE", object{"id": flake(700), "channel_id": "1", "guild_id": "2", "type": 0, "content": "In another server"}},
	}
	all := make([]connector.Delivery, len(events))
	for i, e := range events {
		body, err := json.Marshal(object{"op": 0, "s": i + 1, "t": e.name, "d": e.data})
		if err != nil {
			tb.Fatal(err)
		}
		all[i] = connector.Delivery{ID: "session/" + strconv.Itoa(i), Path: e.name, ReceivedAt: at(2000 + i), Body: body}
	}
	return all
}

// TestFacts looks at what a person would look at: who wrote what, and in which conversation.
func TestFacts(t *testing.T) {
	srv := httptest.NewServer(newFake(10))
	defer srv.Close()
	f := connectortest.Collect(t, discord.Spec(), values(srv.URL), srv.Client(), "", 0)
	var lines []string
	for i := range f.Activities {
		a := &f.Activities[i]
		if a.Kind == greenroom.KindReaction {
			continue
		}
		lines = append(lines, strings.Join([]string{a.Kind.String(), f.Identities[a.Author].Name, a.Channel, a.Thread, a.ReplyTo, a.Title, a.Body}, "|"))
	}
	want := []string{
		"message|Person 2|911|||||", "message|Person 3|911|||||", "message|Person 4|911|||||", "message|Nick|911|" + flake(4) + "||||",
	}
	for i := range want[:3] {
		want[i] = strings.TrimSuffix(want[i], "||") + fmt.Sprintf("|Message %d for @Nick in #help", i+1)
	}
	want[3] = strings.TrimSuffix(want[3], "||") + "|Message 4 for @Nick in #help"
	for i := 5; i < 10; i++ {
		who := []string{"Nick", "Person 2", "Person 3", "Person 4"}[i%4]
		want = append(want, fmt.Sprintf("message|%s|911||||Message %d for @Nick in #help", who, i))
	}
	want = append(want,
		fmt.Sprintf("reply|Person 3|911||%s||Message 10 for @Nick in #help", flake(9)),
		fmt.Sprintf("reply|Person 2|911|%[1]s|%[1]s||Aside", flake(4)), fmt.Sprintf("reply|Person 3|911|%[1]s|%[1]s||Indeed", flake(4)),
		fmt.Sprintf("message|Nick|912|%s||How do I 1?|I wonder", flake(301)), fmt.Sprintf("reply|Person 2|912|%[1]s|%[1]s||So", flake(301)),
		fmt.Sprintf("message|Nick|912|%s||How do I 2?|I wonder", flake(302)), fmt.Sprintf("reply|Person 2|912|%[1]s|%[1]s||So", flake(302)),
	)
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Errorf("activities (-want +got):\n%s", diff)
	}
	if one := f.Identities["201"]; !one.Staff || one.JoinedAt.Year() != 2025 || !slices.Equal(one.Tags, []string{"Team"}) || f.Identities["202"].Staff {
		t.Errorf("of a member of the team came %+v", one)
	}
	if !f.Identities["209"].Bot {
		t.Error("a bot is not told as one")
	}
	states := map[string]greenroom.State{}
	for _, c := range f.Conversations {
		states[c.Title] = c.State
	}
	if want := map[string]greenroom.State{"Side talk": "", "How do I 1?": greenroom.StateResolved, "How do I 2?": ""}; !maps.Equal(states, want) {
		t.Errorf("conversations: %v, want %v", states, want)
	}
}

// TestSameAsExport maps a message as the API has it and as DiscordChatExporter writes it.
func TestSameAsExport(t *testing.T) {
	srv := httptest.NewServer(newFake(5))
	defer srv.Close()
	v := values(srv.URL)
	v["channels"] = "general"
	got := connectortest.Collect(t, discord.Spec(), v, srv.Client(), "", 0)
	want := connectortest.Collect(t, discordexport.Spec(), connector.Values{"path": "testdata/export.json", "staff-roles": "Team"}, nil, "", 0)
	byID := map[string]connector.Activity{}
	for _, a := range got.Activities {
		byID[a.ExternalID] = a
	}
	for _, a := range want.Activities {
		live := byID[a.ExternalID]
		live.EditedAt = time.Time{} // the API says when the thread was hung on the message
		if diff := cmp.Diff(a, live, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("activity (-export +live):\n%s", diff)
		}
	}
	if len(want.Activities) != 6 {
		t.Errorf("the export gives %d activities, want 6", len(want.Activities))
	}
	for id, a := range want.Identities {
		live := got.Identities[id]
		live.JoinedAt = time.Time{}
		if diff := cmp.Diff(a, live, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("identity (-export +live):\n%s", diff)
		}
	}
}

// TestRoutes waits for each route's own budget, as long as Discord says and no longer.
func TestRoutes(t *testing.T) {
	f := makeFake(20)
	f.limited = true
	srv := httptest.NewServer(f)
	defer srv.Close()
	env := connectortest.LiveEnv(t)
	src := open(t, env, values(srv.URL))
	if err := src.Read(t.Context(), "", connector.NewSink(t.Context(), 0, func(context.Context, *connector.Batch) error { return nil })); err != nil {
		t.Fatal(err)
	}
	// Each route is asked once but for the reactions of #general, four times, and the archived posts of the forum, twice.
	if m := env.Meter.Metered(); m.Waited != 4*250*time.Millisecond {
		t.Errorf("waited %v with %d requests, want four times a quarter of a second", m.Waited, m.Requests)
	}
}

// TestCounts takes reactions as counts where nobody is to be named, from reads and events alike.
func TestCounts(t *testing.T) {
	f := makeFake(5)
	srv := httptest.NewServer(f)
	defer srv.Close()
	v := values(srv.URL)
	v["reactions"] = "false"
	got := connectortest.Collect(t, discord.Spec(), v, srv.Client(), "", 0)
	if n := got.Kinds()["reaction"]; n != 2 {
		t.Errorf("%d reactions, want 2 without a person", n)
	}
	for path := range f.asked {
		if strings.Contains(path, "/reactions/") || strings.HasPrefix(path, "/channels/"+secret) {
			t.Errorf("%s was asked for", path)
		}
	}
}

// TestTestConnection names missing intents and the channels that the bot may not read.
func TestTestConnection(t *testing.T) {
	f := makeFake(3)
	f.flags = 0
	srv := httptest.NewServer(f)
	defer srv.Close()
	check := test(t, values(srv.URL))
	missing := map[string]bool{}
	for _, m := range check.Missing {
		missing[m.Name] = m.Must
	}
	if want := map[string]bool{"Message Content Intent": true, "Server Members Intent": false}; !maps.Equal(missing, want) || check.Account != "person9 in Harbor" {
		t.Errorf("account %q, missing %v; want %v", check.Account, missing, want)
	}
	if notes := strings.Join(check.Notes, "\n"); !strings.Contains(notes, "#general, #help") || !strings.Contains(notes, "may not read 1 channels: #secret") {
		t.Errorf("the notes do not say what the bot may read:\n%s", notes)
	}
	v := values(srv.URL)
	v["server"] = "901"
	if check := test(t, v); len(check.Missing) != 1 || !strings.Contains(check.Missing[0].Do, "client_id=909") {
		t.Errorf("for a server without the bot the test says %+v, want an invitation", check)
	}
}

func test(t *testing.T, v connector.Values) connector.Check {
	t.Helper()
	src := open(t, connectortest.LiveEnv(t), v)
	check, err := src.Test(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return check
}

func TestSurvey(t *testing.T) {
	srv := httptest.NewServer(newFake(300))
	defer srv.Close()
	src := open(t, connectortest.LiveEnv(t), values(srv.URL))
	v, err := src.Survey(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	covered := map[string]bool{}
	for _, p := range v.Places {
		covered[p.Name] = p.Covered
	}
	if want := map[string]bool{"general": true, "help": true, "secret": false}; !maps.Equal(covered, want) || v.Items != 300 || v.Counts[0].Platform != 5 {
		t.Errorf("places %v, want %v; items %d, counts %+v", covered, want, v.Items, v.Counts)
	}
}

// TestContract checks every request against Discord's own description. Ids are longer there than the fake's.
func TestContract(t *testing.T) {
	spec := contract.Open(t, "discord/openapi.json", contract.Options{Prefix: "/api/v10"})
	srv := httptest.NewServer(spec.Wrap(t, newFake(250)))
	defer srv.Close()
	connectortest.Collect(t, discord.Spec(), values(srv.URL), srv.Client(), "", 0)
	src := open(t, connectortest.LiveEnv(t), values(srv.URL))
	if _, err := src.Survey(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// FuzzReceive takes any bytes as an event of the gateway.
func FuzzReceive(f *testing.F) {
	for _, d := range pushes(f) {
		f.Add(d.Body)
	}
	srv := httptest.NewServer(newFake(1))
	f.Cleanup(srv.Close)
	r := open(f, connectortest.LiveEnv(f), values(srv.URL))
	f.Fuzz(func(t *testing.T, body []byte) {
		sink := connector.NewSink(t.Context(), 0, func(_ context.Context, b *connector.Batch) error {
			for i := range b.Activities {
				if a := &b.Activities[i]; a.ExternalID == "" || !a.Deleted && (a.Kind == 0 || a.OccurredAt.IsZero()) {
					t.Errorf("not whole: %+v", a)
				}
			}
			return nil
		})
		if err := r.Receive(t.Context(), &connector.Delivery{Body: body, ReceivedAt: day0}, sink); err != nil {
			t.Fatal(err)
		}
		if err := sink.Flush(); err != nil {
			t.Fatal(err)
		}
	})
}
