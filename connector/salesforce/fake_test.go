// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package salesforce_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
)

// fake is an organization that answers as Salesforce's REST API does: n opportunities and, for every five of them, an
// account, a user, a contact, a lead and a case.
type fake struct {
	n       int
	mu      sync.Mutex
	edited  map[string]string // id → new name
	deleted map[string]string // id → the id that it was merged into, or ""
	refused map[string]bool   // objects that may not be read
	queries []string
	usage   string
	persons bool       // accounts can be persons; every fourth is one
	words   [][]object // the states and priorities of tasks; nil = the usual ones
}

func newFake(n int) http.Handler {
	return &fake{n: n, edited: map[string]string{}, deleted: map[string]string{}, refused: map[string]bool{}, usage: "api-usage=18/15000"}
}

var (
	day0  = time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)
	today = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
)

func at(i int) time.Time { return day0.Add(time.Duration(i%10_000) * time.Minute) }

type object = map[string]any

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000-0700") }

var prefixes = map[string]string{"Account": "001", "User": "005", "Contact": "003", "Lead": "00Q", "Opportunity": "006", "Case": "500"}

func id(object string, i int) string { return fmt.Sprintf("%s5g%010dAAA", prefixes[object], i) }

func (f *fake) few() int { return max(1, (f.n+4)/5) }

func (f *fake) count(object string) int {
	if object == "Opportunity" {
		return f.n
	}
	return f.few()
}

// record is a record with everything that can be selected; the number says which.
func (f *fake) record(name string, i int) object {
	key := id(name, i)
	modified := at(i)
	f.mu.Lock()
	renamed, edited := f.edited[key]
	master, deleted := f.deleted[key]
	f.mu.Unlock()
	if edited || deleted {
		modified = today
	}
	o := object{
		"attributes": object{"type": name, "url": "/services/data/v62.0/sobjects/" + name + "/" + key}, "Id": key, "SystemModstamp": stamp(modified), "CreatedDate": stamp(at(i)),
		"IsDeleted": deleted, "Name": fmt.Sprintf("%s %d", name, i), "Owner": object{"attributes": object{"type": "Name"}, "Name": "User 0"}, "OwnerId": id("User", 0),
	}
	if master != "" {
		o["MasterRecordId"] = master
	}
	company, person := id("Account", i%f.few()), id("Contact", i%f.few())
	if (name == "Opportunity" || name == "Case") && f.persons {
		o["Account"] = object{"attributes": object{"type": "Account"}, "IsPersonAccount": f.person(i % f.few()), "PersonContactId": nil}
		if f.person(i % f.few()) {
			o["Account"] = object{"IsPersonAccount": true, "PersonContactId": person}
		}
	}
	switch name {
	case "Account":
		if f.persons {
			o["IsPersonAccount"] = f.person(i)
		}
		o["Website"], o["Type"], o["NumberOfEmployees"], o["BillingCountry"] = fmt.Sprintf("https://www.c%d.example/about", i), "Customer - Direct", 40, "Germany"
		o["ParentId"] = nil
		if i == 1 {
			o["ParentId"] = id(name, 0)
		}
	case "User":
		o["Email"], o["Username"], o["IsActive"], o["TimeZoneSidKey"] = fmt.Sprintf("User%d@acme.example", i), fmt.Sprintf("user%d@acme.example", i), i%2 == 0, "Europe/Berlin"
	case "Contact":
		o["Email"], o["AccountId"], o["Title"], o["MailingCity"], o["Plan__c"] = fmt.Sprintf("P%d@c%d.example", i, i), company, "Engineer", "Berlin", "Team"
	case "Lead":
		o["Email"], o["Company"], o["Status"], o["IsConverted"] = nil, "Somewhere", "Open", i == 0
		if i == 0 {
			o["ConvertedContactId"] = id("Contact", 0)
		}
	case "Opportunity":
		o["StageName"], o["Amount"], o["AccountId"], o["IsClosed"], o["IsWon"], o["CloseDate"], o["Probability"] = "Proposal", 1200.5, company, false, false, "2026-03-31", 50.0
		if i%4 == 1 {
			o["StageName"], o["IsClosed"], o["IsWon"] = "Closed Won", true, true
		}
		if edited {
			o["Name"] = renamed
		}
	case "Case":
		delete(o, "Name")
		o["Subject"], o["Status"], o["ContactId"], o["AccountId"], o["IsClosed"], o["ClosedDate"], o["CaseNumber"] = "It does not work", "Closed", person, company, true, stamp(at(i+9)), fmt.Sprintf("%08d", i)
	}
	return o
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	w.Header().Set("Sforce-Limit-Info", f.usage)
	f.mu.Unlock()
	base := "/services/data/v62.0"
	switch path := r.URL.Path; {
	case len(r.URL.RequestURI()) > 16_384:
		w.WriteHeader(http.StatusRequestURITooLong)
	case path == "/services/oauth2/token":
		if r.FormValue("client_secret") != "secret" {
			w.WriteHeader(http.StatusBadRequest)
			give(w, object{"error": "invalid_client", "error_description": "invalid client credentials"})
			return
		}
		give(w, object{"access_token": "session", "instance_url": "https://acme.my.salesforce.com", "token_type": "Bearer"})
	case r.Header.Get("Authorization") != "Bearer session":
		refuse(w, http.StatusUnauthorized, "INVALID_SESSION_ID", "Session expired or invalid")
	case path == "/services/oauth2/userinfo":
		refuse(w, http.StatusForbidden, "Bad_OAuth_Token", "no scope")
	case path == base+"/limits":
		give(w, object{"DailyApiRequests": object{"Max": 15000, "Remaining": 14982}})
	case strings.HasSuffix(path, "/describe"):
		f.describe(w, strings.Split(path, "/")[5])
	case path == base+"/query", path == base+"/queryAll":
		f.query(w, r.URL.Query().Get("q"), strings.HasSuffix(path, "All"))
	case strings.HasPrefix(path, base+"/query/"): // of histories, in two parts
		give(w, object{"done": true, "totalSize": 1, "records": []object{{"OpportunityId": strings.TrimPrefix(path, base+"/query/"), "StageName": "Proposal", "CreatedDate": stamp(at(1))}}})
	default:
		refuse(w, http.StatusNotFound, "NOT_FOUND", "The requested resource does not exist")
	}
}

func (f *fake) describe(w http.ResponseWriter, name string) {
	if f.refused[name] || prefixes[name] == "" {
		refuse(w, http.StatusNotFound, "NOT_FOUND", "The requested resource does not exist")
		return
	}
	fields := []object{}
	for field := range f.record(name, 0) {
		if field != "attributes" && field != "Owner" && field != "Account" {
			fields = append(fields, object{"name": field})
		}
	}
	fields = append(fields, object{"name": "MasterRecordId"})
	give(w, object{"name": name, "queryable": true, "fields": fields})
}

var (
	from   = regexp.MustCompile(`FROM (\w+)`)
	since  = regexp.MustCompile(`SystemModstamp >= (\S+)`)
	behind = regexp.MustCompile(`Id > '(\w+)'`)
	within = regexp.MustCompile(`Id IN \(([^)]*)\)`)
)

func match(re *regexp.Regexp, q string) string {
	if m := re.FindStringSubmatch(q); m != nil {
		return m[1]
	}
	return ""
}

func (f *fake) query(w http.ResponseWriter, q string, all bool) {
	f.mu.Lock()
	f.queries = append(f.queries, q)
	f.mu.Unlock()
	name := match(from, q)
	switch {
	case name == "Organization":
		give(w, object{"done": true, "totalSize": 1, "records": []object{{"Name": "Acme", "IsSandbox": false, "OrganizationType": "Enterprise Edition"}}})
	case name == "TaskStatus", name == "TaskPriority":
		f.tasks(w, name)
	case strings.Contains(q, "Account.IsPersonAccount") && !f.persons:
		refuse(w, http.StatusBadRequest, "INVALID_FIELD", "No such column 'IsPersonAccount' on entity 'Account'.")
	case within.MatchString(q):
		f.history(w, name, strings.Split(strings.ReplaceAll(match(within, q), "'", ""), ","))
	case strings.Contains(q, "COUNT()"):
		give(w, object{"done": true, "totalSize": f.count(name), "records": []object{}})
	default:
		f.rows(w, name, q, all)
	}
}

func (f *fake) tasks(w http.ResponseWriter, name string) {
	words := f.words
	if words == nil {
		words = [][]object{
			{{"ApiName": "Not Started", "IsClosed": false, "IsDefault": true}, {"ApiName": "Completed", "IsClosed": true, "IsDefault": false}},
			{{"ApiName": "High", "IsHighPriority": true}, {"ApiName": "Normal", "IsHighPriority": false}},
		}
	}
	records := words[0]
	if name == "TaskPriority" {
		records = words[1]
	}
	give(w, object{"done": true, "totalSize": len(records), "records": records})
}

// person reports whether an account is a person.
func (f *fake) person(account int) bool { return f.persons && account%4 == 3 }

func (f *fake) rows(w http.ResponseWriter, name, q string, all bool) {
	modified, err := time.Parse(time.RFC3339, match(since, q))
	if err != nil && since.MatchString(q) || !strings.Contains(q, "ORDER BY Id LIMIT 2000") {
		refuse(w, http.StatusBadRequest, "MALFORMED_QUERY", "unexpected token")
		return
	}
	size := 10
	if f.n > 1000 {
		size = 2000
	}
	first := 0
	if b := match(behind, q); b != "" {
		first, _ = strconv.Atoi(b[5:15])
		first++
	}
	a := object{"done": true}
	records := []object{}
	for i := first; i < f.count(name); i++ {
		o := f.record(name, i)
		if at, err := time.Parse("2006-01-02T15:04:05.000-0700", o["SystemModstamp"].(string)); err != nil || at.Before(modified) || o["IsDeleted"] == true && !all { //nolint:errcheck,forcetypeassert // of this file
			continue
		}
		if len(records) == size {
			a["done"], a["nextRecordsUrl"] = false, "/services/data/v62.0/query/01g-2000"
			break
		}
		records = append(records, o)
	}
	a["records"], a["totalSize"] = records, len(records)
	give(w, a)
}

func (f *fake) history(w http.ResponseWriter, name string, ids []string) {
	if f.refused[name] {
		refuse(w, http.StatusBadRequest, "INVALID_TYPE", "sObject type '"+name+"' is not supported.")
		return
	}
	records := []object{}
	for _, key := range ids {
		i, err := strconv.Atoi(key[5:15])
		if err != nil {
			continue
		}
		switch name {
		case "OpportunityHistory":
			records = append(records, object{"OpportunityId": key, "StageName": "Qualification", "CreatedDate": stamp(at(i))}, object{"OpportunityId": key, "StageName": "Proposal", "CreatedDate": stamp(at(i + 1))})
			if i%4 == 1 {
				records = append(records, object{"OpportunityId": key, "StageName": "Closed Won", "CreatedDate": stamp(at(i + 5))})
			}
		case "OpportunityContactRole":
			records = append(records,
				object{"OpportunityId": key, "ContactId": id("Contact", 0), "IsPrimary": false}, object{"OpportunityId": key, "ContactId": id("Contact", i%f.few()), "IsPrimary": true})
		case "CaseHistory":
			records = append(records, object{"CaseId": key, "OldValue": "New", "NewValue": "Working", "CreatedDate": stamp(at(i + 2))}, object{"CaseId": key, "OldValue": "Working", "NewValue": "Closed", "CreatedDate": stamp(at(i + 9))})
		}
	}
	give(w, object{"done": true, "totalSize": len(records), "records": records})
}

func refuse(w http.ResponseWriter, status int, code, message string) {
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	w.WriteHeader(status)
	give(w, []object{{"errorCode": code, "message": message}})
}

func give(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	_ = json.NewEncoder(w).Encode(v)
}
