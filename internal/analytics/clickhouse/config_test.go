// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package clickhouse_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"greenroom"
	"greenroom/internal/analytics/clickhouse"
)

func TestParseURL(t *testing.T) {
	for _, c := range []struct {
		url  string
		want clickhouse.Config
		err  string // a part of it
	}{
		{url: "clickhouse://ch.example", want: clickhouse.Config{Hosts: []string{"ch.example:8123"}, Database: "greenroom"}},
		{
			url:  "clickhouses://team:p%40ss%3Aword@a.example,b.example:9443/figures?cluster=two-b&replicated=1&quorum=2",
			want: clickhouse.Config{Hosts: []string{"a.example:8443", "b.example:9443"}, Secure: true, User: "team", Password: "p@ss:word", Database: "figures", Cluster: "two-b", Replicated: true, Quorum: 2},
		},
		{url: "http://ch.example", err: "must look like clickhouse://"},
		{url: "clickhouse:///figures", err: "names no host"},
		{url: "clickhouse://a,b/figures", err: "add ?cluster=NAME"},
		{url: "clickhouse://a/fig-ures", err: `the database "fig-ures"`},
		{url: "clickhouse://a/x?cluster=a'b", err: "names the cluster"},
		{url: "clickhouse://a/x?replicated=perhaps", err: "it is 1 or 0"},
		{url: "clickhouse://a/x?quorum=2", err: "not for replicated=1"},
		{url: "clickhouse://a/x?shards=2", err: "known are cluster, quorum, replicated"},
		{url: "clickhouse://team:secret%zz@a/x", err: "%40"},
	} {
		got, err := clickhouse.ParseURL(c.url)
		if c.err != "" {
			if greenroom.ErrorCode(err) != greenroom.CodeInvalid || !strings.Contains(err.Error(), c.err) || strings.Contains(err.Error(), "secret") {
				t.Errorf("%s: %v, want it to say %q", c.url, err, c.err)
			}
			continue
		}
		if diff := cmp.Diff(c.want, got); err != nil || diff != "" {
			t.Errorf("%s: %v %s", c.url, err, diff)
		}
	}
}
