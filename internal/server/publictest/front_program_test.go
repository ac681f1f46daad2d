// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package publictest_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"greenroom/internal/outbox"
	"greenroom/internal/program"
	"greenroom/internal/server/servertest"
)

// champions is a program that runs, shown to members.
func champions(t *testing.T, l *servertest.Live) program.Program {
	t.Helper()
	d := program.Draft{Name: "Champions", Kind: program.Champions, Plan: program.Plan{
		Purpose: "For those who help others more than anybody asked them to.", Public: true,
		Form:   []program.Question{{Key: "why", Label: "Why you?", Type: program.Text, Required: true}, {Key: "where", Label: "Where do you help?", Type: program.Choice, Options: []string{"Forum", "Chat"}}, {Key: "work", Label: "Something you wrote", Type: program.Link}},
		Stages: []program.Stage{{Key: "start", Name: "Starting", Text: "Your first month.", Steps: []program.Step{{Key: "call", Title: "Have a call with us"}, {Key: "read", Title: "Read the guide", Link: "https://docs.example.com/guide"}}}, {Key: "active", Name: "Active"}},
		Perks:  []program.Perk{{Key: "shirt", Name: "A shirt"}},
	}}
	p, err := l.App.Programs.Add(t.Context(), d, "ana")
	if err == nil {
		p, err = l.App.Programs.Start(t.Context(), p.Key, "ana")
	}
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestProgramPage goes through a program as a member does: sees what it is, asks for their link, applies, is taken in, does
// a step, leaves.
func TestProgramPage(t *testing.T) {
	l, member := house.Lumen(t)
	nobody := servertest.Visitor(t)
	p := champions(t, l)
	path := "/c/program/" + p.Key
	res := l.Send(t, nobody, "GET", path, nil)
	if res.Code != 200 || !strings.Contains(res.Body, "For those who help others") || !strings.Contains(res.Body, "Send me my link") || strings.Contains(res.Body, "Why you?") {
		t.Errorf("to anybody: %d\n%s", res.Code, res.Body)
	}
	if res = l.Send(t, nobody, "POST", path+"/apply", url.Values{"q-why": {"x"}}); res.Code != 404 {
		t.Errorf("applying without a link: %d", res.Code)
	}
	// Whether an address is known, the page does not tell; only who is known gets mail.
	contact, err := l.App.Store.Contacts(t.Context(), []int64{member}, l.App.Now())
	if err != nil || len(contact[member].Addresses) == 0 {
		t.Fatal(contact, err)
	}
	var said [2]string
	for i, address := range []string{"nobody@nowhere.example", contact[member].Addresses[0]} {
		res = l.Send(t, nobody, "POST", path+"/link", url.Values{"email": {address}})
		said[i] = res.Header.Get("Location")
	}
	mails, err := l.App.Store.MessageList(t.Context(), outbox.Filter{Origin: "program"})
	if err != nil || len(mails) != 1 || mails[0].MemberID != member || said[0] != said[1] {
		t.Fatalf("mails %+v, %v; said %v", mails, err, said)
	}
	_, rest, _ := strings.Cut(mails[0].Text, "http://lumen.example")
	own, _, _ := strings.Cut(rest, "\n")
	u, err := url.Parse(own)
	if err != nil {
		t.Fatal(err)
	}
	mine := url.Values{"t": {u.Query().Get("t")}}
	with := func(pairs ...string) url.Values {
		v := url.Values{"t": mine["t"]}
		for i := 0; i < len(pairs); i += 2 {
			v.Set(pairs[i], pairs[i+1])
		}
		return v
	}
	if res = l.Send(t, nobody, "GET", own, nil); res.Code != 200 || !strings.Contains(res.Body, "Why you?") {
		t.Errorf("by their link: %d\n%s", res.Code, res.Body)
	}
	if res = l.Send(t, nobody, "POST", path+"/apply", with("q-why", " ", "q-where", "Chat")); res.Code != 422 || !strings.Contains(res.Body, "Why you?: an answer is needed") || !strings.Contains(res.Body, `value="Chat" checked`) {
		t.Errorf("applying without an answer: %d\n%s", res.Code, res.Body)
	}
	if res = l.Send(t, nobody, "POST", path+"/apply", with("q-why", "I like it", "q-where", "Chat")); res.Code != http.StatusSeeOther {
		t.Errorf("applying: %d\n%s", res.Code, res.Body)
	}
	if res = l.Send(t, nobody, "GET", own, nil); !strings.Contains(res.Body, "Your application waits") || strings.Contains(res.Body, "Why you?") {
		t.Errorf("after applying: %s", res.Body)
	}
	open, err := l.App.Programs.Applications(t.Context(), p.Key, program.Open)
	if err != nil || len(open) != 1 || open[0].Answers["why"] != "I like it" {
		t.Fatal(open, err)
	}
	if _, err := l.App.Programs.Decide(t.Context(), open[0].ID, program.Accepted, program.Admission{Reason: "helps a lot"}, "ana"); err != nil {
		t.Fatal(err)
	}
	if res = l.Send(t, nobody, "GET", own, nil); !strings.Contains(res.Body, "you are here") || !strings.Contains(res.Body, `name="start/call"`) || strings.Contains(res.Body, "helps a lot") {
		t.Errorf("once they are in: %s", res.Body)
	}
	if res = l.Send(t, nobody, "POST", path+"/steps", with("start/call", "on")); res.Code != http.StatusSeeOther {
		t.Errorf("doing a step: %d", res.Code)
	}
	if res = l.Send(t, nobody, "GET", own, nil); !strings.Contains(res.Body, `name="start/call" checked`) || strings.Contains(res.Body, `name="start/read" checked`) {
		t.Errorf("after a step: %s", res.Body)
	}
	if res = l.Send(t, nobody, "POST", path+"/leave", mine); res.Code != 422 {
		t.Errorf("leaving without being sure: %d", res.Code)
	}
	if res = l.Send(t, nobody, "POST", path+"/leave", with("sure", "on")); res.Code != http.StatusSeeOther {
		t.Errorf("leaving: %d", res.Code)
	}
	in, err := l.App.Programs.Enrollments(t.Context(), program.PeopleFilter{Program: p.ID})
	if err != nil || len(in) != 0 {
		t.Errorf("after leaving there are %+v, %v", in, err)
	}
	// The link of one program opens no other, and a program that is not shown shows to nobody without a link.
	other, err := l.App.Programs.Add(t.Context(), program.Draft{Name: "Beta", Kind: program.Beta, Plan: program.Plan{Stages: []program.Stage{{Key: "in", Name: "In"}}}}, "ana")
	if err != nil {
		t.Fatal(err)
	}
	for _, query := range []string{"", "?" + mine.Encode()} {
		if res = l.Send(t, nobody, "GET", "/c/program/"+other.Key+query, nil); res.Code != 404 {
			t.Errorf("another program%s: %d", query, res.Code)
		}
	}
}

// TestProgramPageLooks looks at what anybody sees, an applicant, and a member of the program.
func TestProgramPageLooks(t *testing.T) {
	browser := house.Browser(t)
	l, member := house.Lumen(t)
	p := champions(t, l)
	link, err := l.App.Links().Program(t.Context(), p.Key, p.ID, member)
	own := strings.TrimPrefix(link, "http://lumen.example")
	if err != nil {
		t.Fatal(err)
	}
	lookPublic(t, l, browser, map[string]string{"program": "/c/program/" + p.Key, "program-apply": own})
	if err := l.App.Programs.Enroll(t.Context(), p.Key, member, "ana", "helps"); err != nil {
		t.Fatal(err)
	}
	lookPublic(t, l, browser, map[string]string{"program-mine": own})
}
