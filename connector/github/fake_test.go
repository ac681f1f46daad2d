// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package github

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// fake answers as GitHub does, from testdata/acme.json: pages of two with Link headers, since, newest first.
type fake struct {
	*httptest.Server
	t     *testing.T
	data  map[string]json.RawMessage
	asked []string
	// refuse answers a request in place of the data when it returns true.
	refuse func(w http.ResponseWriter, r *http.Request) bool
}

func newFake(t *testing.T) *fake {
	t.Helper()
	text, err := os.ReadFile("testdata/acme.json")
	if err != nil {
		t.Fatal(err)
	}
	f := &fake{t: t}
	if err := json.Unmarshal(text, &f.data); err != nil {
		t.Fatal(err)
	}
	f.Server = httptest.NewServer(f)
	t.Cleanup(f.Close)
	return f
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.asked = append(f.asked, r.URL.RequestURI())
	if f.refuse != nil && f.refuse(w, r) {
		return
	}
	path := strings.Trim(r.URL.Path, "/")
	parts := strings.SplitN(path, "/", 4)
	switch {
	case path == "graphql":
		f.graphql(w, r)
	case path == "orgs/acme/repos":
		f.page(w, r, f.list(f.data["repos"]))
	case path == "orgs/acme/members":
		f.page(w, r, f.list(f.data["members"]))
	case parts[0] == "users" && len(parts) == 2:
		var users map[string]json.RawMessage
		f.decode(f.data["users"], &users)
		f.one(w, users[parts[1]])
	case parts[0] == "repos" && len(parts) == 3:
		f.one(w, f.repo(parts[1]+"/"+parts[2]))
	case parts[0] == "repos" && f.data[parts[1]+"/"+parts[2]] != nil:
		var lists map[string]json.RawMessage
		f.decode(f.data[parts[1]+"/"+parts[2]], &lists)
		items := f.list(lists[parts[3]])
		if parts[3] == "stargazers" && r.Header.Get("Accept") != acceptStar {
			f.t.Errorf("the stars were asked for without their times")
		}
		f.page(w, r, f.updated(items, r.URL.Query().Get("since")))
	default:
		f.one(w, nil)
	}
}

func (f *fake) decode(data []byte, into any) {
	if len(data) == 0 {
		return
	}
	if err := json.Unmarshal(data, into); err != nil {
		f.t.Error(err)
	}
}

func (f *fake) list(data []byte) []json.RawMessage {
	items := []json.RawMessage{}
	f.decode(data, &items)
	return items
}

func (f *fake) repo(name string) json.RawMessage {
	for _, item := range f.list(f.data["repos"]) {
		if strings.Contains(string(item), `"full_name": "`+name+`"`) {
			return item
		}
	}
	return nil
}

// updated keeps what was updated since, the newest first.
func (f *fake) updated(items []json.RawMessage, since string) []json.RawMessage {
	stamp := func(item json.RawMessage) string {
		var o struct {
			UpdatedAt string `json:"updated_at"`
		}
		_ = json.Unmarshal(item, &o) // one of the entries is broken on purpose
		return o.UpdatedAt
	}
	items = slices.DeleteFunc(items, func(item json.RawMessage) bool { return stamp(item) < since })
	slices.SortStableFunc(items, func(a, b json.RawMessage) int { return strings.Compare(stamp(b), stamp(a)) })
	return items
}

func (f *fake) one(w http.ResponseWriter, item json.RawMessage) {
	if item == nil {
		w.WriteHeader(http.StatusNotFound)
		item = json.RawMessage(`{"message":"Not Found"}`)
	}
	_, _ = w.Write(item)
}

func (f *fake) page(w http.ResponseWriter, r *http.Request, items []json.RawMessage) {
	const size = 2
	n, err := strconv.Atoi(r.URL.Query().Get("page"))
	if err != nil {
		n = 1
	}
	last := max(1, (len(items)+size-1)/size)
	link := func(rel string, page int) string {
		q := r.URL.Query()
		q.Set("page", strconv.Itoa(page))
		return fmt.Sprintf(`<%s%s?%s>; rel="%s"`, f.URL, r.URL.Path, q.Encode(), rel)
	}
	var links []string
	if n > 1 {
		links = append(links, link("prev", n-1))
	}
	if n < last {
		links = append(links, link("next", n+1), link("last", last))
	}
	w.Header().Set("Link", strings.Join(links, ", "))
	items = items[min((n-1)*size, len(items)):min(n*size, len(items))]
	f.t.Helper()
	if err := json.NewEncoder(w).Encode(items); err != nil {
		f.t.Error(err)
	}
}

func (f *fake) graphql(w http.ResponseWriter, r *http.Request) {
	var q struct {
		Query     string         `json:"query"`
		Variables map[string]any `json:"variables"`
	}
	if err := json.NewDecoder(r.Body).Decode(&q); err != nil {
		f.t.Error(err)
	}
	if r.Header.Get("Authorization") == "" {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	nodes := f.list(f.data["discussions"])
	var repository any
	switch {
	case strings.Contains(q.Query, "sponsorshipsAsMaintainer"):
		if err := json.NewEncoder(w).Encode(map[string]any{"data": map[string]any{"repositoryOwner": map[string]any{
			"sponsorshipsAsMaintainer": map[string]any{"nodes": f.list(f.data["sponsors"])},
		}}}); err != nil {
			f.t.Error(err)
		}
		return
	case q.Variables["name"] != "website":
		repository = map[string]any{"discussions": map[string]any{"nodes": []any{}}}
	case strings.Contains(q.Query, "discussion(number"):
		repository = map[string]any{"discussion": map[string]any{"comments": map[string]any{"nodes": f.list(f.data["more comments"])}}}
	default:
		after, _ := q.Variables["after"].(string)
		i, _ := strconv.Atoi(after)
		repository = map[string]any{"discussions": map[string]any{
			"nodes": nodes[i : i+1], "pageInfo": map[string]any{"hasNextPage": i+1 < len(nodes), "endCursor": strconv.Itoa(i + 1)},
		}}
	}
	if err := json.NewEncoder(w).Encode(map[string]any{"data": map[string]any{"repository": repository}}); err != nil {
		f.t.Error(err)
	}
}
