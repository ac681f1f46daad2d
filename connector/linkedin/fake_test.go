// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package linkedin_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"greenroom/connector/connectortest"
)

type object = map[string]any

const acme = "urn:li:organization:42"

// onEach is how many comments a post has.
const onEach = 12

// fake is LinkedIn with one page, 42, whose posts have n comments, twelve on each; every fifth comment has a reply, and
// each post two reactions. Its requests are kept as they were spelled.
type fake struct {
	n      int
	mu     sync.Mutex
	edited bool
	token  string // that is good; "" = any
	asked  []string

	hooks      []string // that were subscribed
	unapproved bool     // the app may not use webhooks
}

func newFake(n int) http.Handler { return &fake{n: n} }

func (f *fake) posts() int { return (f.n + onEach - 1) / onEach }

// at is when the ith comment was made; posts are made a day before their first comment.
func (f *fake) at(i int) int64 {
	return connectortest.Now().Add(-time.Hour - time.Duration(f.n-i)*4*time.Minute).UnixMilli()
}

func share(p int) string { return "urn:li:share:70000" + fmt.Sprintf("%06d", p) }

func commentURN(p, i int) string {
	return fmt.Sprintf("urn:li:comment:(urn:li:activity:80000%06d,%d)", p, i)
}

func (f *fake) post(p int) object {
	at := f.at(p*onEach) - 1000
	return object{
		"id": share(p), "author": acme, "commentary": `News from @[Devtestco](urn:li:organization:77) \(really\) {hashtag|\#|release}`, "publishedAt": at, "createdAt": at,
		"lastModifiedAt": at, "lifecycleState": "PUBLISHED", "content": object{"article": object{"title": "Release", "source": "https://acme.example/" + strconv.Itoa(p)}},
	}
}

// on is how many comments post p has.
func (f *fake) on(p int) int { return min(onEach, f.n-p*onEach) }

func (f *fake) comment(i int) object {
	p := i / onEach
	c := object{
		"id": strconv.Itoa(i), "commentUrn": commentURN(p, i), "actor": "urn:li:person:p" + strconv.Itoa(i%9), "object": fmt.Sprintf("urn:li:activity:80000%06d", p),
		"created": object{"time": f.at(i)}, "lastModified": object{"time": f.at(i)}, "message": object{"text": "Congratulations " + strconv.Itoa(i), "attributes": []object{}},
	}
	if i%5 == 0 {
		c["commentsSummary"] = object{"totalFirstLevelComments": 1, "aggregatedTotalComments": 1}
	}
	if f.edited && i == 3 {
		c["message"], c["lastModified"] = object{"text": "Edited"}, object{"time": connectortest.Now().UnixMilli()}
	}
	return c
}

func (f *fake) reply(i int) object {
	c := f.comment(i)
	c["id"], c["commentUrn"], c["parentComment"], c["actor"], c["commentsSummary"] = "r"+strconv.Itoa(i), commentURN(i/onEach, 5_000_000+i), commentURN(i/onEach, i), acme, object{}
	c["message"] = object{"text": "Thank you Person 1", "attributes": []object{{"start": 10, "length": 8, "value": object{"person": object{"person": "urn:li:person:p1"}}}}}
	return c
}

var (
	comments      = regexp.MustCompile(`^/rest/socialActions/(urn%3Ali%3A[^/]+)/comments$`)
	one           = regexp.MustCompile(`^/rest/socialActions/(urn%3Ali%3Ashare%3A\d+)/comments/(\d+)$`)
	noticesOf     = regexp.MustCompile(`^q=criteria&actions=List\(((?:LIKE|COMMENT|ADMIN_COMMENT|COMMENT_EDIT|COMMENT_DELETE|SHARE|SHARE_MENTION)(?:,[A-Z_]+)*)\)&organizationalEntity=urn%3Ali%3Aorganization%3A42&timeRange=\(start:(\d+),end:(\d+)\)&start=\d+&count=\d+$`)
	subscriptions = regexp.MustCompile(`^/rest/eventSubscriptions/\(developerApplication:urn%3Ali%3AdeveloperApplication%3A7,user:urn%3Ali%3Aperson%3Aboss,entity:urn%3Ali%3Aorganization%3A42,eventType:ORGANIZATION_SOCIAL_ACTION_NOTIFICATIONS\)$`)
	reactions     = regexp.MustCompile(`^/rest/reactions/\(entity:(urn%3Ali%3Ashare%3A\d+)\)$`)
)

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.n < 1000 {
		f.asked = append(f.asked, r.URL.RequestURI())
	}
	path := r.URL.EscapedPath()
	if strings.HasPrefix(path, "/rest/") && (r.Header.Get("LinkedIn-Version") == "" || r.Header.Get("X-Restli-Protocol-Version") != "2.0.0" || r.Method == http.MethodGet && r.Header.Get("X-RestLi-Method") == "") {
		http.Error(w, `{"code":"VERSION_MISSING","message":"A version must be present"}`, http.StatusBadRequest)
		return
	}
	if f.token != "" && strings.HasPrefix(path, "/rest/") && r.Header.Get("Authorization") != "Bearer "+f.token {
		http.Error(w, `{"status":401,"code":"EXPIRED_ACCESS_TOKEN","message":"The token used in the request has expired"}`, http.StatusUnauthorized)
		return
	}
	switch {
	case path == "/oauth/v2/accessToken":
		f.token = "new"
		give(w, object{"access_token": "new", "expires_in": 5184000, "refresh_token": "next"})
	case path == "/oauth/v2/introspectToken":
		give(w, object{"active": true, "scope": "r_organization_social,rw_organization_admin"})
	case path == "/rest/organizationAcls":
		list(w, r, 1, func(int) object {
			return object{"role": "ADMINISTRATOR", "roleAssignee": "urn:li:person:boss", "organization": acme, "state": "APPROVED"}
		})
	case r.Method == http.MethodPut && subscriptions.MatchString(path):
		var b struct{ Webhook string }
		if json.NewDecoder(r.Body).Decode(&b) != nil || !strings.HasPrefix(b.Webhook, "https://") || f.unapproved {
			http.Error(w, `{"status":403,"code":"ACCESS_DENIED","message":"Not enough permissions to access: eventSubscriptions"}`, http.StatusForbidden)
			return
		}
		f.hooks = append(f.hooks, b.Webhook)
		w.WriteHeader(http.StatusNoContent)
	case path == "/rest/organizations/42":
		give(w, object{"id": 42, "localizedName": "Acme", "vanityName": "acme", "localizedWebsite": "https://acme.example"})
	case path == "/rest/networkSizes/urn%3Ali%3Aorganization%3A42":
		give(w, object{"firstDegreeSize": 900})
	case path == "/rest/posts":
		list(w, r, f.posts(), func(i int) object { return f.post(f.posts() - 1 - i) })
	case path == "/rest/socialMetadata":
		f.metadata(w, r)
	case path == "/rest/people":
		give(w, object{"results": object{"(id:p1)": object{"id": "p1", "localizedFirstName": "Ana", "localizedLastName": "Lee", "vanityName": "analee"}}})
	case path == "/rest/organizationsLookup":
		give(w, object{"results": object{"42": object{"id": 42, "localizedName": "Acme"}}})
	case path == "/rest/organizationalEntityFollowerStatistics":
		list(w, r, 2, func(i int) object {
			day := connectortest.Now().Truncate(24*time.Hour).AddDate(0, 0, i-4).UnixMilli()
			return object{"timeRange": object{"start": day, "end": day + 86_400_000}, "followerGains": object{"organicFollowerGain": 2, "paidFollowerGain": i}, "organizationalEntity": acme}
		})
	case reactions.MatchString(path):
		p := f.number(reactions.FindStringSubmatch(path)[1])
		list(w, r, 2, func(i int) object {
			who := "urn:li:person:p" + strconv.Itoa(i)
			return object{"id": fmt.Sprintf("urn:li:reaction:(%s,urn:li:activity:80000%06d)", who, p), "created": object{"actor": who, "time": f.at(p*onEach + i)}, "reactionType": "PRAISE"}
		})
	case path == "/rest/organizationalEntityNotifications":
		f.notices(w, r)
	case one.MatchString(path):
		f.one(w, one.FindStringSubmatch(path))
	case comments.MatchString(path):
		f.comments(w, r, comments.FindStringSubmatch(path)[1])
	default:
		http.Error(w, `{"status":404,"message":"No virtual resource found"}`, http.StatusNotFound)
	}
}

// number is that of the post or the comment that an escaped URN names.
func (f *fake) number(escaped string) int {
	urn, err := url.QueryUnescape(escaped)
	if err != nil {
		return 0
	}
	urn = strings.TrimSuffix(urn[strings.LastIndexAny(urn, ":,")+1:], ")")
	n, err := strconv.Atoi(strings.TrimPrefix(urn, "70000"))
	if err != nil {
		return 0
	}
	return n
}

func (f *fake) comments(w http.ResponseWriter, r *http.Request, escaped string) {
	n := f.number(escaped)
	if strings.Contains(escaped, "comment") {
		list(w, r, 1, func(int) object { return f.reply(n) })
		return
	}
	list(w, r, f.on(n), func(i int) object { return f.comment(n*onEach + i) })
}

// one gives a comment by its id on its post.
func (f *fake) one(w http.ResponseWriter, m []string) {
	p := f.number(m[1])
	i, err := strconv.Atoi(m[2])
	if err != nil || i/onEach != p || i >= f.n {
		http.Error(w, `{"status":404,"code":"RESOURCE_NOT_FOUND","message":"Could not find entity"}`, http.StatusNotFound)
		return
	}
	give(w, f.comment(i))
}

// gone is a comment that somebody deleted.
const gone = 777

// notice is a notification of the page: what was done by whom, to the first post.
func (f *fake) notice(id int, action string, at int64, made string, decorated object) object {
	return object{
		"notificationId": id, "organizationalEntity": acme, "action": action, "sourcePost": "urn:li:activity:80000000000", "decoratedSourcePost": object{"entity": share(0), "owner": acme, "text": "News"},
		"lastModifiedAt": at, "generatedActivity": made, "decoratedGeneratedActivity": decorated, "subscriber": "urn:li:person:boss",
	}
}

// notices are a mention, a share with words of its own, one without, one by the page itself, and once something was edited a deletion.
func (f *fake) notices(w http.ResponseWriter, r *http.Request) {
	m := noticesOf.FindStringSubmatch(r.URL.RawQuery)
	if m == nil {
		http.Error(w, `{"status":400,"code":"ILLEGAL_ARGUMENT","message":"Invalid query parameters passed to request"}`, http.StatusBadRequest)
		return
	}
	shared := func(n int, who, text string) (string, object) {
		urn := fmt.Sprintf("urn:li:share:9%010d", n)
		return urn, object{"share": object{"entity": urn, "owner": who, "text": text}}
	}
	var all []object
	add := func(id int, action string, ago time.Duration, made string, decorated object) {
		all = append(all, f.notice(id, action, connectortest.Now().Add(-ago).UnixMilli(), made, decorated))
	}
	if f.edited {
		add(5, "COMMENT_DELETE", time.Minute, fmt.Sprintf("urn:li:comment:(activity:80000000000,%d)", gone), nil)
	}
	for i, c := range []struct{ action, who, text string }{
		{"SHARE_MENTION", "urn:li:person:p3", "We moved to @[Acme](urn:li:organization:42) today"},
		{"SHARE", "urn:li:person:p4", "Worth reading"},
		{"SHARE", "urn:li:organization:77", ""},
		{"SHARE", acme, "Again"},
	} {
		made, decorated := shared(i, c.who, c.text)
		add(i+1, c.action, 2*time.Hour, made, decorated)
	}
	wanted := []object{}
	from, _ := strconv.ParseInt(m[2], 10, 64)
	until, _ := strconv.ParseInt(m[3], 10, 64)
	for _, n := range all {
		if at := n["lastModifiedAt"].(int64); strings.Contains(","+m[1]+",", ","+n["action"].(string)+",") && at >= from && at <= until { //nolint:errcheck,forcetypeassert // notice's
			wanted = append(wanted, n)
		}
	}
	list(w, r, len(wanted), func(i int) object { return wanted[i] })
}

func (f *fake) metadata(w http.ResponseWriter, r *http.Request) {
	results := object{}
	for _, escaped := range strings.Split(strings.TrimSuffix(strings.TrimPrefix(r.URL.RawQuery, "ids=List("), ")"), ",") {
		p := f.number(escaped)
		results[share(p)] = object{"commentSummary": object{"count": f.on(p)}, "reactionSummaries": object{"PRAISE": object{"count": 2}}}
	}
	give(w, object{"results": results})
}

// list gives a page as Rest.li does, ten entries at most unless all fit.
func list(w http.ResponseWriter, r *http.Request, n int, make func(int) object) {
	start, _ := strconv.Atoi(r.URL.Query().Get("start"))
	size, err := strconv.Atoi(r.URL.Query().Get("count"))
	if err != nil {
		size = 10
	}
	elements, links := []object{}, []object{}
	for i := start; i < min(n, start+size); i++ {
		elements = append(elements, make(i))
	}
	if start+size < n {
		links = append(links, object{"rel": "next", "href": r.URL.Path})
	}
	give(w, object{"elements": elements, "paging": object{"start": start, "count": size, "total": n, "links": links}})
}

func give(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}
