// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package importtest

// room gives a floor to the packages whose path in the module matches a
// pattern. "." is the root package, "*" stands for one path element or a part of
// one, and a closing "/..." takes in everything below, so that these packages
// are one room.
type room struct {
	pattern string
	floor   int
}

// rooms is the table of floors. The longest pattern that matches a package
// decides, so internal/analytics is a contract and internal/analytics/duckdb an
// adapter.
var rooms = []room{
	// 0: vocabulary. Types, validation, error codes.
	{".", 0},

	// 1: pure knowledge, without I/O.
	{"internal/avatar/...", 1},
	{"internal/consent/...", 1},
	{"internal/employer/...", 1},
	{"internal/enrich/...", 1},
	{"internal/identity/...", 1},
	{"internal/impact/...", 1},
	{"internal/maildomain/...", 1},
	{"internal/orbit/...", 1},
	{"internal/query/...", 1},
	{"internal/quiet", 1},
	{"internal/retryafter", 1},
	{"internal/sampletext/...", 1},
	{"internal/schedule/...", 1},
	{"internal/text/...", 1},

	// 2: contracts.
	{"connector", 2},
	{"connector/connectortest/...", 2},
	{"internal/action", 2},
	{"internal/asof", 2},
	{"internal/analytics", 2},
	{"internal/brand", 2},
	{"internal/outbox", 2},
	{"internal/priority", 2},
	{"internal/config", 2},
	{"internal/job", 2},
	{"internal/list", 2},
	{"internal/metric", 2},
	{"internal/seal", 2},
	{"internal/task", 2},

	// 3: features, each declaring the few store methods that it needs.
	{"internal/alert/...", 3},
	{"internal/ask/...", 3},
	{"internal/assistant/...", 3},
	{"internal/auth/...", 3},
	{"internal/bounce/...", 3},
	{"internal/business/...", 3},
	{"internal/connect/...", 3},
	{"internal/conversation/...", 3},
	{"internal/digest/...", 3},
	{"internal/enrichment/...", 3},
	{"internal/event/...", 3},
	{"internal/finder/...", 3},
	{"internal/goal/...", 3},
	{"internal/proof/...", 3},
	{"internal/recognition/...", 3},
	{"internal/export/...", 3},
	{"internal/health/...", 3},
	{"internal/inbox/...", 3},
	{"internal/ingest/...", 3},
	{"internal/knowledge/...", 3},
	{"internal/matching/...", 3},
	{"internal/maturity/...", 3},
	{"internal/member/...", 3},
	{"internal/organization/...", 3},
	{"internal/pictures", 3},
	{"internal/process/...", 3},
	{"internal/program/...", 3},
	{"internal/projection/...", 3},
	{"internal/report/...", 3},
	{"internal/reported/...", 3},
	{"internal/request/...", 3},
	{"internal/roadmap/...", 3},
	{"internal/search/...", 3},
	{"internal/segment/...", 3},
	{"internal/stack/...", 3},
	{"internal/survey/...", 3},
	{"internal/team/...", 3},
	{"internal/tool/...", 3},
	{"internal/understand/...", 3},
	{"internal/topic/...", 3},
	{"internal/workflow/...", 3},
	{"internal/writeback/...", 3},

	// 4: adapters to what is outside the process, or stands in for it.
	{"connector/*/...", 4},
	{"internal/analytics/*/...", 4},
	{"internal/deliver/...", 4},
	{"internal/fetch/...", 4},
	{"internal/llm/...", 4},
	{"internal/lookup/...", 4},
	{"internal/mail/...", 4},
	{"internal/sample/...", 4},
	{"internal/store/...", 4},

	// 5: faces.
	{"internal/api/...", 5},
	{"internal/auth/authhttp", 5},
	{"internal/front/...", 5},
	{"internal/mcp/...", 5},
	{"internal/web/...", 5},

	// 6: wiring, and the tests of the whole.
	{"cmd/greenroom", 6},
	{"connector/all", 6},
	{"internal/bench/...", 6},
	{"internal/browsertest/...", 6},
	{"internal/cli/...", 6},
	{"internal/importtest", 6},
	{"internal/server/...", 6},
}

// pair lets one package import another of its own floor.
type pair struct{ importer, imported string }

// pairs are the imports along a floor that are meant. A pair has one direction
// and a reason; before adding one, ask whether the importer could declare an
// interface instead, or whether what both need belongs a floor lower.
var pairs = []pair{
	// main hands over to the commands, which start the server and the benchmark.
	{"cmd/greenroom", "internal/cli"},
	{"internal/cli", "internal/server"},
	{"internal/cli", "internal/bench"},
	{"internal/cli", "connector/all"},

	// The server, the benchmark and the browser tests run with every connector.
	{"internal/server", "connector/all"},
	{"internal/bench", "connector/all"},
	{"internal/bench", "internal/server"},
	{"internal/browsertest", "connector/all"},
	{"internal/browsertest", "internal/server"},
	{"internal/server/servertest", "internal/browsertest"},

	// The pages draw what signing in looks like; the guard serves it.
	{"internal/web", "internal/auth/authhttp"},

	// Public pages answer errors with the same statuses as all others.
	{"internal/front", "internal/auth/authhttp"},

	// A digest is what changed, as health says it, in a mail.
	{"internal/digest", "internal/health"},

	// Figures that nobody waits for give way to those that somebody does.
	{"internal/analytics", "internal/priority"},

	// Connectors of one platform share its wire types.
	{"connector/*", "connector/internal"},

	// All adapters reach the outside by the one client that paces and retries.
	{"connector/*", "internal/fetch"},
	{"internal/mail", "internal/fetch"},
	{"internal/deliver", "internal/fetch"},
	{"internal/deliver", "internal/mail"},
}

// fence restricts who may import what, beyond the floors.
type fence struct {
	// what and everything below it may be imported only by the packages that
	// match one of only. The paths of the module are relative to it.
	what string
	only []string
	// why ends the message of a finding.
	why string
}

// fences hold for the code that is shipped; tests may use real engines.
var fences = []fence{
	{"database/sql", sqlRooms, "SQL lives in internal/store and internal/analytics"},
	{"github.com/jackc/pgx", append([]string{"connector/postgres"}, sqlRooms...), "SQL lives in internal/store and internal/analytics; connector/postgres reads other people's databases"},
	{"github.com/mattn/go-sqlite3", sqlRooms, "SQL lives in internal/store and internal/analytics"},
	{"modernc.org/sqlite", sqlRooms, "SQL lives in internal/store and internal/analytics"},
	{"github.com/duckdb", sqlRooms, "SQL lives in internal/store and internal/analytics"},
	{"github.com/spf13/cobra", []string{"internal/cli/..."}, "commands live in internal/cli"},
	{"testing", []string{"connector/connectortest/...", "*/*test", "*/*/*test", "*/*/*/*test"}, "of the code, only conformance suites (packages named …test) know of tests"},
}

var sqlRooms = []string{"internal/store/...", "internal/analytics/..."}

// diets restrict what the packages of a room may import from outside the module.
type diet struct {
	room string
	// third lists what is allowed beside the standard library.
	third []string
	// not lists what of the standard library is refused.
	not []string
	why string
}

var diets = []diet{
	{".", nil, outside, "the vocabulary needs the standard library only, and no I/O"},
	{"internal/enrich/...", nil, outside, "what profiles say is pure knowledge: standard library only, no I/O"},
	{"internal/identity/...", []string{"golang.org/x/text"}, outside, "who is who is pure knowledge: standard library and x/text, no I/O"},
	{"internal/query/...", []string{"golang.org/x/text"}, outside, "the language is pure knowledge: standard library and x/text, no I/O"},
	{"internal/text/...", []string{"golang.org/x/text"}, outside, "what is said is pure knowledge: standard library and x/text, no I/O"},
	{"internal/impact/...", nil, outside, "statistics are pure knowledge: standard library only, no I/O"},
	{"internal/maildomain/...", []string{"golang.org/x/text", "golang.org/x/net/publicsuffix"}, outside, "mail domains are pure knowledge: no I/O"},
	{"internal/employer/...", []string{"golang.org/x/text", "golang.org/x/net/publicsuffix"}, outside, "which organizations are one is pure knowledge: no I/O"},
	{"internal/orbit/...", nil, outside, "scores are pure knowledge: standard library only, no I/O"},
	{"internal/schedule/...", nil, outside, "when things are done is pure knowledge: standard library only, no I/O"},
	{"internal/sampletext/...", []string{"golang.org/x/text"}, outside, "the sample's words are pure knowledge: no I/O"},
}

// outside is what reaches out of the process.
var outside = []string{"database/sql", "log", "net", "os", "syscall"}

// notIO is below outside by its path, but does no I/O.
var notIO = []string{"net/mail", "net/netip", "net/textproto", "net/url"}
