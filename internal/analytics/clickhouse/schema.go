// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package clickhouse

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// The tables. Their names end in a version that grows with each change of them, so that a newer Greenroom begins with its own,
// and fills them from the record store. Times are seconds (at) or microseconds since 1970 UTC.
const (
	factTable   = "fact_v2"
	factColumns = "id UInt64, at UInt32, identity UInt32, source UInt32, channel UInt32, kind UInt8, said UInt8, batch UInt64, sign Int8"

	conversationTable = "conversation_v2"
	conversationTypes = "id UInt64, opened Int64, first Int64, staff Int64, member Int64, resolved Int64, author UInt32, source UInt32, " +
		"channel UInt32, kind UInt8, state UInt8, said UInt8, batch UInt64, sign Int8"

	stepTable   = "step_v2"
	stepColumns = "batch UInt64, after UInt64, done UInt8, fact UInt64, change UInt64, version UInt64, conversation UInt64, said UInt64, reading UInt64, written UInt32"
)

// table is a table as it is made: on one server as it is, in a cluster behind a Distributed table.
type table struct {
	name    string
	columns string // with types
	order   string
	shard   string // by what rows are given to shards
}

func tables() []table {
	return []table{
		{factTable, factColumns, "(at, identity)", "intHash64(identity)"},
		{conversationTable, conversationTypes, "(opened, id)", "intHash64(id)"},
		{stepTable, stepColumns, "(batch)", "intHash64(batch)"},
	}
}

// names lists columns without their types.
func names(columns string) string {
	parts := strings.Split(columns, ", ")
	for i, p := range parts {
		parts[i], _, _ = strings.Cut(p, " ")
	}
	return strings.Join(parts, ", ")
}

// rows is the name of the table that has the rows: on each server of a cluster it is another one.
func (t *table) rows(c *Config) string {
	if c.Cluster == "" {
		return t.name
	}
	return t.name + "_local"
}

// statements make a table.
func (t *table) statements(c *Config, on string) []string {
	engine := "MergeTree"
	if c.Replicated {
		engine = fmt.Sprintf("ReplicatedMergeTree('/clickhouse/tables/{shard}/%s/%s', '{replica}')", c.Database, t.rows(c))
	}
	all := []string{fmt.Sprintf("CREATE TABLE IF NOT EXISTS %s.%s%s (%s) ENGINE = %s ORDER BY %s", c.Database, t.rows(c), on, t.columns, engine, t.order)}
	if c.Cluster != "" {
		all = append(all, fmt.Sprintf("CREATE TABLE IF NOT EXISTS %s.%s%s (%s) ENGINE = Distributed('%s', '%s', '%s', %s)",
			c.Database, t.name, on, t.columns, c.Cluster, c.Database, t.rows(c), t.shard))
	}
	return all
}

// define runs statements on all servers: by one of them with ON CLUSTER, or on each host.
func (c *client) define(ctx context.Context, statements func(on string) []string) error {
	hosts, on := c.c.Hosts, ""
	if c.c.Cluster != "" && len(hosts) == 1 {
		on = " ON CLUSTER '" + c.c.Cluster + "'"
	}
	for _, host := range hosts {
		for _, sql := range statements(on) {
			if err := c.exec(ctx, host, sql, false); err != nil {
				return fmt.Errorf("%s on %s: %w", strings.Join(strings.Fields(sql)[:3], " "), host, err)
			}
		}
	}
	return nil
}

// create makes the database and its tables where they are not there.
func (c *client) create(ctx context.Context) error {
	return c.define(ctx, func(on string) []string {
		all := []string{"CREATE DATABASE IF NOT EXISTS " + c.c.Database + on}
		for _, t := range tables() {
			all = append(all, t.statements(&c.c, on)...)
		}
		return all
	})
}

// sweep deletes the rows of activities and conversations; no question asks for them any more.
func (c *client) sweep(ctx context.Context) error {
	return c.define(ctx, func(on string) []string {
		var all []string
		for _, t := range tables() {
			if t.name != stepTable {
				all = append(all, fmt.Sprintf("TRUNCATE TABLE %s.%s%s", c.c.Database, t.rows(&c.c), on))
			}
		}
		return all
	})
}

// answering fails where a part of the cluster does not answer.
func (c *client) answering(ctx context.Context) error {
	return c.query(ctx, fmt.Sprintf("SELECT toUInt64(count()) FROM %s WHERE batch = 0 FORMAT RowBinary", factTable), func(r *rows) error {
		if !r.next(8) {
			return errors.Join(errors.New("ClickHouse gave an empty answer"), r.err)
		}
		return nil
	})
}
