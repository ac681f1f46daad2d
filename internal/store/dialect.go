// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"net/url"
	"strconv"
	"strings"
	"sync"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
	_ "github.com/mattn/go-sqlite3"    // the driver "sqlite3"
)

// dialect names every difference between the two engines.
type dialect struct {
	name      string
	driver    string
	postgres  bool
	opened    []string // sets the writing connection up
	begin     []string // begins the writing transaction and takes the writer's place in the queue
	writeDSN  func(string) string
	readDSN   func(string) string
	behindDSN func(string) string // for work in the background
	// readers is how many queries run at a time. On SQLite each has a cache of its own, so few with much are better than many.
	readers int

	// searchMatch is the condition for a full-text match of table.rowid; its one argument comes from searchArgument.
	searchMatch string
	// searchPutActivity and searchPutMember index a text under a rowid.
	searchPutActivities string // arguments: after, up to and including (activity ids)
	searchPutActivity   string // argument: activity id
	searchPutMember     string // arguments: rowid, words
	// greatest and least of two values.
	greatest, least string
	// like compares without regard to case; falseValue is a boolean constant; collate orders texts by their bytes.
	like, falseValue, collate string
	// activityColumn is what searchMatch applies to in activity_search.
	activityColumn string
	// searchTerm writes words that stand next to each other, the last one perhaps only begun; "" when there are none.
	searchTerm func(words string, prefix bool) string
	searchAnd  string // between terms that all have to be there
	// joined is all values of a column of whole numbers in one text, with commas between.
	joined func(column string) string
	// numeric reads a text column as a number, NULL where it is none.
	numeric func(column string) string

	mu    *sync.Mutex
	bound map[string]string
}

func sqliteDialect() *dialect {
	return &dialect{
		name:   "sqlite",
		driver: "sqlite3", readers: 4,
		// Pages go from the log to the database beside the writer (checkpoint.go). Only where the log has grown to 256 MB
		// because writing did not pause, the writer moves the last ones itself, so that the log begins anew.
		opened: []string{"PRAGMA wal_autocheckpoint = 65536"},
		begin:  []string{"BEGIN IMMEDIATE"},
		writeDSN: func(path string) string {
			return sqliteDSN(path, url.Values{
				"_journal_mode": {"WAL"}, "_synchronous": {"NORMAL"}, "_busy_timeout": {"60000"}, "_cache_size": {"-98304"},
				"_foreign_keys": {"0"}, "_txlock": {"immediate"}, "_secure_delete": {"FAST"}, "_mutex": {"no"},
			})
		},
		readDSN: func(path string) string {
			return sqliteDSN(path, url.Values{"_busy_timeout": {"20000"}, "_synchronous": {"NORMAL"}, "_query_only": {"1"}, "_cache_size": {"-32768"}})
		},
		// Work in the background reads most pages once.
		behindDSN: func(path string) string {
			return sqliteDSN(path, url.Values{"_busy_timeout": {"20000"}, "_synchronous": {"NORMAL"}, "_query_only": {"1"}, "_cache_size": {"-8192"}})
		},
		searchMatch: "MATCH ?",
		searchPutActivities: `INSERT INTO activity_search(docid, title, body)
			SELECT id, title, body FROM activity WHERE id > ? AND id <= ? AND deleted = 0 AND (title <> '' OR body <> '') ORDER BY id`,
		searchPutActivity: `INSERT INTO activity_search(docid, title, body)
			SELECT id, title, body FROM activity WHERE id = ? AND deleted = 0 AND (title <> '' OR body <> '')`,
		searchPutMember: `INSERT OR REPLACE INTO member_search(docid, words) VALUES (?, ?)`,
		greatest:        "max", least: "min", like: "LIKE", falseValue: "0", activityColumn: "activity_search",
		searchAnd: " AND ",
		searchTerm: func(words string, prefix bool) string {
			w := searchWords(words)
			if len(w) == 0 {
				return ""
			}
			return `"` + strings.Join(w, " ") + pick(prefix, "*", "") + `"`
		},
		joined: func(column string) string { return "group_concat(" + column + ")" },
		numeric: func(column string) string {
			return "CASE WHEN " + column + " GLOB '[0-9-]*' THEN CAST(" + column + " AS REAL) END"
		},
		mu: &sync.Mutex{}, bound: make(map[string]string),
	}
}

func sqliteDSN(path string, v url.Values) string {
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + v.Encode()
}

// postgresWriterLock is the key of the advisory lock that makes writers take turns.
const postgresWriterLock = "7306086967541"

func postgresDialect() *dialect {
	same := func(dsn string) string { return dsn }
	const vector = `to_tsvector('simple', left(title, 2000) || ' ' || left(body, 200000))`
	return &dialect{
		name:     "postgres",
		driver:   "pgx",
		readers:  8,
		postgres: true,
		// A new database has no statistics: without these two the planner reads whole tables for each look-up of an import.
		opened:      []string{"SET plan_cache_mode = force_custom_plan", "SET enable_seqscan = off"},
		begin:       []string{"BEGIN", "SELECT pg_advisory_xact_lock(" + postgresWriterLock + ")"},
		writeDSN:    same,
		readDSN:     same,
		behindDSN:   same,
		searchMatch: "@@ to_tsquery('simple', ?)",
		searchPutActivities: `INSERT INTO activity_search(rowid, words)
			SELECT id, ` + vector + ` FROM activity WHERE id > ? AND id <= ? AND deleted = 0 AND (title <> '' OR body <> '')`,
		searchPutActivity: `INSERT INTO activity_search(rowid, words)
			SELECT id, ` + vector + ` FROM activity WHERE id = ? AND deleted = 0 AND (title <> '' OR body <> '')`,
		searchPutMember: `INSERT INTO member_search(rowid, words) VALUES (?, to_tsvector('simple', ?)) ON CONFLICT (rowid) DO UPDATE SET words = excluded.words`,
		greatest:        "greatest", least: "least", like: "ILIKE", falseValue: "false", collate: ` COLLATE "C"`, activityColumn: "words",
		searchAnd: " & ",
		searchTerm: func(words string, prefix bool) string {
			w := searchWords(words)
			if len(w) == 0 {
				return ""
			}
			return strings.Join(w, " <-> ") + pick(prefix, ":*", "")
		},
		joined: func(column string) string { return "string_agg(CAST(" + column + " AS TEXT), ',')" },
		numeric: func(column string) string {
			return "CASE WHEN " + column + ` ~ '^-{0,1}[0-9]+(\.[0-9]+){0,1}$' THEN CAST(` + column + " AS DOUBLE PRECISION) END"
		},
		mu: &sync.Mutex{}, bound: make(map[string]string),
	}
}

// rebind writes the placeholders of a statement the way the engine wants them: "?" stays on SQLite and becomes "$1",
// "$2" on PostgreSQL. No statement of ours has a question mark inside a string.
func (d *dialect) rebind(q string) string {
	if !d.postgres {
		return q
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if b, ok := d.bound[q]; ok {
		return b
	}
	var sb strings.Builder
	n := 0
	for i := range len(q) {
		if q[i] != '?' {
			sb.WriteByte(q[i])
			continue
		}
		n++
		sb.WriteByte('$')
		sb.WriteString(strconv.Itoa(n))
	}
	if len(d.bound) < 2000 {
		d.bound[q] = sb.String()
	}
	return sb.String()
}
