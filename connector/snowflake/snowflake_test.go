// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package snowflake_test

import (
	"bytes"
	"compress/gzip"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/connectortest"
	"greenroom/connector/connectortest/contract"
	"greenroom/connector/snowflake"
)

// fake is an account that answers one query as Snowflake's SQL API does: n rows of product usage, three of one time, in
// partitions; each statement is first said to be running.
type fake struct {
	n    int
	key  *rsa.PublicKey
	part int

	mu       sync.Mutex
	edited   int // this row has another title, and a later time
	handles  map[string]statement
	polled   map[string]int
	requests map[string]string // request id → handle
	said     []string
}

type statement struct {
	Statement string
	Role      string
	Bindings  map[string]struct{ Type, Value string }
}

var keyOfTests = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

func newFake(n int) http.Handler {
	return &fake{n: n, key: &keyOfTests().PublicKey, part: max(5, min(n/10, 5000)), handles: map[string]statement{}, polled: map[string]int{}, requests: map[string]string{}}
}

func privateKey(tb testing.TB) string {
	tb.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(keyOfTests())
	if err != nil {
		tb.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

var day0 = time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)

func changed(i int) time.Time { return day0.Add(time.Duration(i/3) * time.Minute) }

// allowed checks the token as Snowflake does.
func (f *fake) allowed(r *http.Request) bool {
	if r.Header.Get("X-Snowflake-Authorization-Token-Type") == "PROGRAMMATIC_ACCESS_TOKEN" {
		return r.Header.Get("Authorization") == "Bearer a token"
	}
	parts := strings.Split(strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "), ".")
	if len(parts) != 3 {
		return false
	}
	signature, _ := base64.RawURLEncoding.DecodeString(parts[2])
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if rsa.VerifyPKCS1v15(f.key, crypto.SHA256, sum[:], signature) != nil {
		return false
	}
	text, _ := base64.RawURLEncoding.DecodeString(parts[1])
	var claims struct {
		Iss, Sub string
		Iat, Exp int64
	}
	der, _ := x509.MarshalPKIXPublicKey(f.key)
	finger := sha256.Sum256(der)
	now := connectortest.Now().Unix()
	return json.Unmarshal(text, &claims) == nil && claims.Sub == "ACME-DATA.READER" && claims.Iat <= now && claims.Exp > now && claims.Exp-claims.Iat <= 3600 &&
		claims.Iss == "ACME-DATA.READER.SHA256:"+base64.StdEncoding.EncodeToString(finger[:])
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.allowed(r) {
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = w.Write([]byte(`{"code":"390144","message":"JWT token is invalid."}`))
		return
	}
	if r.Method == http.MethodPost {
		id := r.URL.Query().Get("requestId")
		handle, known := f.requests[id]
		if !known {
			var s statement
			if json.NewDecoder(r.Body).Decode(&s) != nil {
				http.Error(w, "{}", http.StatusBadRequest)
				return
			}
			if strings.Contains(s.Statement, "missing") {
				w.WriteHeader(http.StatusUnprocessableEntity)
				_, _ = w.Write([]byte(`{"code":"002003","sqlState":"42S02","message":"SQL compilation error:\nObject 'MISSING' does not exist or not authorized.","statementHandle":"e4ce975e-f7ff-4b5e-b15e-bf25f59371ae"}`))
				return
			}
			handle = fmt.Sprintf("00000000-0000-4000-8000-%012d", len(f.handles)+1)
			f.handles[handle], f.requests[id] = s, handle
			f.said = append(f.said, s.Statement)
		}
		w.WriteHeader(http.StatusAccepted)
		_ = json.NewEncoder(w).Encode(map[string]any{"code": "333334", "message": "Asynchronous execution in progress.", "statementHandle": handle, "statementStatusUrl": "/api/v2/statements/" + handle})
		return
	}
	handle := r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]
	s, ok := f.handles[handle]
	if !ok {
		http.Error(w, `{"message":"statement not found"}`, http.StatusNotFound)
		return
	}
	if f.polled[handle]++; f.polled[handle] == 1 {
		w.WriteHeader(http.StatusAccepted)
		_ = json.NewEncoder(w).Encode(map[string]any{"code": "333334", "statementHandle": handle})
		return
	}
	f.give(w, r, handle, &s)
}

// give answers with a partition, packed from the second one on.
func (f *fake) give(w http.ResponseWriter, r *http.Request, handle string, s *statement) {
	columns, rows := f.rows(s)
	at, _ := strconv.Atoi(r.URL.Query().Get("partition"))
	body := map[string]any{"statementHandle": handle, "message": "Statement executed successfully."}
	total := len(rows)
	if at == 0 {
		var parts []any
		for i := 0; i < total || i == 0; i += f.part {
			parts = append(parts, map[string]any{"rowCount": min(f.part, total-i), "uncompressedSize": 1})
		}
		body["resultSetMetaData"] = map[string]any{"numRows": total, "format": "jsonv2", "rowType": columns, "partitionInfo": parts}
	}
	data := [][]any{}
	for i := at * f.part; i < min(total, (at+1)*f.part); i++ {
		data = append(data, rows[i]())
	}
	body["data"] = data
	text, _ := json.Marshal(body)
	if at > 0 {
		var packed bytes.Buffer
		z := gzip.NewWriter(&packed)
		_, _ = z.Write(text)
		_ = z.Close()
		text = packed.Bytes()
		w.Header().Set("Content-Encoding", "gzip")
	}
	_, _ = w.Write(text)
}

// rows are made when they are given.
func (f *fake) rows(s *statement) (columns []any, rows []func() []any) {
	column := func(name, typ string) {
		columns = append(columns, map[string]any{"name": name, "type": typ, "nullable": true})
	}
	switch {
	case strings.HasPrefix(s.Statement, "SELECT CURRENT_USER()"):
		for _, n := range []string{"U", "R", "W", "V"} {
			column(n, "text")
		}
		return columns, []func() []any{func() []any { return []any{"READER", "GREENROOM", "SMALL", "9.1"} }}
	case strings.HasPrefix(s.Statement, "SELECT COUNT(*)"):
		column("N", "fixed")
		return columns, []func() []any{func() []any { return []any{strconv.Itoa(f.n)} }}
	}
	column("ID", "fixed")
	column("MEMBER", "text")
	column("TITLE", "text")
	column("WHEN", "timestamp_tz")
	column("UPDATED_AT", "timestamp_ntz")
	if strings.HasSuffix(s.Statement, "LIMIT 0") {
		return columns, nil
	}
	column("GREENROOM_ORDER", "fixed")
	var from time.Time
	if b, ok := s.Bindings["1"]; ok {
		from, _ = time.Parse(time.RFC3339Nano, b.Value)
	}
	for i := range f.n {
		at, title := changed(i), fmt.Sprintf("Event %d", i)
		if f.edited == i && i > 0 {
			continue
		}
		if !at.Before(from) {
			rows = append(rows, func() []any { return row(i, title, at) })
		}
	}
	if f.edited > 0 {
		rows = append(rows, func() []any { return row(f.edited, "Edited", day0.AddDate(0, 6, 0)) })
	}
	return columns, rows
}

func row(i int, title string, at time.Time) []any {
	return []any{strconv.Itoa(i), fmt.Sprintf("user%d", i%7), title, fmt.Sprintf("%d.%09d 1500", day0.Unix()+int64(i), 5000), fmt.Sprintf("%d.000000000", at.Unix()), strconv.Itoa(i * 7919)}
}

const query = "SELECT id, user_id AS member, name AS title, happened AS \"WHEN\", updated_at FROM events;"

func live(tb testing.TB) connectortest.Live {
	tb.Helper()
	return connectortest.Live{
		Spec:  snowflake.Spec(),
		Serve: newFake,
		Values: func(url string) connector.Values {
			return connector.Values{
				"address": url, "account": "acme-data", "user": "reader", "private-key": privateKey(tb), "query": query, "watermark": "updated_at", "type": "activities", "kind": "usage", "warehouse": "SMALL",
			}
		},
		Activities: 25,
		Change:     func(h http.Handler) { h.(*fake).edited = 4 }, //nolint:errcheck // newFake's
		Changed: func(t *testing.T, next *connectortest.Facts) {
			t.Helper()
			last := next.Activities[len(next.Activities)-1]
			if last.ExternalID != "4" || last.Title != "Edited" || !last.EditedAt.Equal(day0.AddDate(0, 6, 0)) || len(next.Activities) > 25 {
				t.Errorf("the next read brings %d activities, the last one %+v", len(next.Activities), last)
			}
		},
	}
}

func TestLive(t *testing.T) { connectortest.RunLive(t, live(t)) }

func BenchmarkRead(b *testing.B) { connectortest.BenchmarkLive(b, live(b)) }

// TestContract holds the requests against Snowflake's own description of the API.
func TestContract(t *testing.T) {
	srv := httptest.NewServer(contract.Open(t, "snowflake/sqlapi.yaml", contract.Options{}).Wrap(t, newFake(40)))
	defer srv.Close()
	if f := connectortest.Collect(t, snowflake.Spec(), live(t).Values(srv.URL), srv.Client(), "", 0); len(f.Activities) != 40 {
		t.Errorf("%d activities", len(f.Activities))
	}
}

func TestFacts(t *testing.T) {
	h := newFake(3)
	srv := httptest.NewServer(h)
	defer srv.Close()
	f := connectortest.Collect(t, snowflake.Spec(), live(t).Values(srv.URL), srv.Client(), "", 0)
	want := connector.Activity{
		ExternalID: "1", Kind: greenroom.KindUsage, Author: "user1", Title: "Event 1", OccurredAt: day0.Add(time.Second + 5*time.Microsecond), EditedAt: changed(1),
	}
	if diff := cmp.Diff(want, f.Activities[1]); diff != "" {
		t.Errorf("activity (-want +got):\n%s", diff)
	}
	said := h.(*fake).said //nolint:errcheck // newFake's
	sql := "SELECT *, HASH(*) AS GREENROOM_ORDER FROM (\n" + strings.TrimSuffix(query, ";") + "\n) ORDER BY updated_at NULLS FIRST, GREENROOM_ORDER"
	if diff := cmp.Diff([]string{sql}, said); diff != "" {
		t.Errorf("statements (-want +got):\n%s", diff)
	}
	v := live(t).Values(srv.URL)
	v["token"], v["query"] = "a token", "SELECT * FROM events WHERE updated_at >= $since"
	if f := connectortest.Collect(t, snowflake.Spec(), v, srv.Client(), "", 0); len(f.Activities) != 3 {
		t.Errorf("with a token and $since came %d activities", len(f.Activities))
	}
}

func TestTestAndSurvey(t *testing.T) {
	srv := httptest.NewServer(newFake(12))
	defer srv.Close()
	src, err := snowflake.New(connectortest.LiveEnv(t), live(t).Values(srv.URL))
	if err != nil {
		t.Fatal(err)
	}
	check, err := src.(connector.Tester).Test(t.Context()) //nolint:errcheck // the compiler has checked it
	if err != nil || check.Account != "READER as GREENROOM" || len(check.Missing) != 0 || !strings.Contains(check.Notes[1], "WHEN as when") {
		t.Errorf("the test says %+v %v", check, err)
	}
	v, err := src.(connector.Surveyor).Survey(t.Context()) //nolint:errcheck // the compiler has checked it
	if err != nil || v.Items != 12 || len(v.Counts) != 1 {
		t.Errorf("the survey says %+v %v", v, err)
	}
}

// TestRefused says in words what does not work.
func TestRefused(t *testing.T) {
	srv := httptest.NewServer(newFake(3))
	defer srv.Close()
	for name, tt := range map[string]struct {
		change connector.Values
		code   greenroom.Code
		says   string
	}{
		"a table that is missing": {connector.Values{"query": "SELECT * FROM missing"}, greenroom.CodeInvalid, "Object 'MISSING' does not exist"},
		"another user":            {connector.Values{"user": "somebody"}, greenroom.CodeUnauthorized, "Snowflake"},
		"no key":                  {connector.Values{"private-key": ""}, greenroom.CodeInvalid, "private key"},
		"a public key":            {connector.Values{"private-key": "-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----"}, greenroom.CodeInvalid, "private key"},
		"a passphrase":            {connector.Values{"private-key": "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIB\n-----END ENCRYPTED PRIVATE KEY-----"}, greenroom.CodeInvalid, "passphrase"},
		"an odd watermark":        {connector.Values{"watermark": "a; b"}, greenroom.CodeInvalid, "watermark"},
		"another watermark":       {connector.Values{"watermark": "changed"}, greenroom.CodeInvalid, `no column "changed"`},
		"a change":                {connector.Values{"query": "DELETE FROM events"}, greenroom.CodeInvalid, "DELETE"},
	} {
		v := live(t).Values(srv.URL)
		for name, value := range tt.change {
			v[name] = value
		}
		src, err := snowflake.New(connectortest.LiveEnv(t), v)
		if err == nil {
			err = src.Read(t.Context(), "", connector.NewSink(t.Context(), 0, nil))
		}
		if greenroom.ErrorCode(err) != tt.code || !strings.Contains(greenroom.ErrorMessage(err), tt.says) {
			t.Errorf("%s: got %q %v, want %q with %q", name, greenroom.ErrorCode(err), err, tt.code, tt.says)
		}
	}
	flat := live(t).Values(srv.URL)
	flat["private-key"] = strings.ReplaceAll(flat["private-key"], "\n", " ") // as some forms give it
	if f := connectortest.Collect(t, snowflake.Spec(), flat, srv.Client(), "", 0); len(f.Activities) != 3 {
		t.Errorf("with a key on one line came %d activities", len(f.Activities))
	}
}
