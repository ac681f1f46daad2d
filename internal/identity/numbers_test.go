// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
)

// TestNumbered keeps people apart whom only numbers tell from each other: students, seats of a customer, test users. Nothing
// else is known of them, so nothing but the numbers says that they are many.
func TestNumbered(t *testing.T) {
	for what, one := range map[string]struct{ name, mail string }{
		"name and address":              {"Student %d", "student%d@school.edu"},
		"name and free address":         {"Student %d", "student%d@gmail.com"},
		"a handle for a name":           {"java-u%d", "java-u%d@customer.com"},
		"address":                       {"", "java-u%d@customer.com"},
		"a role":                        {"user%d", "user%d@customer.com"},
		"full name":                     {"Test User %d", "x%dy@customer.com"},
		"full name, addresses in words": {"Test User %d", "test.user%d@customer.com"},
		"number in the name":            {"Jane Roebuckle%d", "jane.roebuckle%d@customer.com"},
	} {
		for _, n := range []int{2, 5, 40} {
			var all []Record
			for i := range n {
				r := Record{ID: strconv.Itoa(i), Emails: []Email{{Address: fmt.Sprintf(one.mail, i+100)}}}
				if one.name != "" {
					r.Names = []string{fmt.Sprintf(one.name, i+100)}
				}
				all = append(all, r)
			}
			r := play(t, all)
			for i := range n {
				for j := range i {
					if x, _ := r.Explain(strconv.Itoa(i), strconv.Itoa(j)); x.Together && (n > 2 || what != "name and free address") {
						t.Fatalf("%s: of %d, %d and %d are one person: %+v", what, n, i, j, x)
					}
				}
			}
		}
	}
}

// TestNumberedAgainst says why, for two namesakes whose employer numbers them.
func TestNumberedAgainst(t *testing.T) {
	r := play(t, []Record{record("a", "Jane Roebuckle", "jane.roebuckle1@customer.com"), record("b", "Jane Roebuckle", "jane.roebuckle2@customer.com")})
	x, ok := r.Explain("a", "b")
	if want := `on one domain, and apart in their numbers alone: "janeroebuckle1" and "janeroebuckle2"`; !ok || x.Together || !strings.Contains(fmt.Sprint(x.Evidence), want) {
		t.Errorf("two numbered namesakes are %+v, want them apart because of %s", x, want)
	}
}

// TestNumberBehindAHandle joins one person whose handle was taken elsewhere, so that there is a number behind it there.
func TestNumberBehindAHandle(t *testing.T) {
	r := play(t, []Record{record("a", "Jane Roebuckle", "jroebuckle@alpha.com"), record("b", "Jane Roebuckle", "jroebuckle7@gmail.com"), record("c", "Peter Quillfeather", "pq@beta.com")})
	if x, _ := r.Explain("a", "b"); !x.Together {
		t.Errorf("jroebuckle and jroebuckle7 of one name are %+v, want them together", x)
	}
}

// TestNumberedNewcomer adds one more of many to those that are there.
func TestNumberedNewcomer(t *testing.T) {
	var all []Record
	for i := range 40 {
		all = append(all, record(strconv.Itoa(i), "", fmt.Sprintf("java-u%d@customer.com", i+100)))
	}
	l, err := newEngine(t, Config{}).Index(all, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	got, err := l.Add(record("new", "", "java-u777@customer.com"))
	if err != nil || got.Joined != "" {
		t.Errorf("the newcomer is placed %+v, %v; want it on its own", got, err)
	}
}
