// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package clickhouse

import (
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"greenroom"
)

// Config says where ClickHouse is, and how its tables are to be made.
type Config struct {
	Hosts    []string // HOST:PORT of the HTTP interface; the first that answers is asked
	Secure   bool     // by https
	User     string
	Password string
	Database string // made where it is not there
	// Cluster is the name of a cluster in the servers' configuration; "" = one server. With one host, tables are made by
	// ON CLUSTER, which takes ZooKeeper; with several, on each of them, so these have to be all shards and replicas.
	Cluster    string
	Replicated bool // tables are ReplicatedMergeTree, by the servers' macros {shard} and {replica}
	Quorum     int  // replicas that have to have a row before it counts; 0 = one
}

// Schemes that an address of ClickHouse begins with.
const (
	scheme       = "clickhouse"
	schemeSecure = "clickhouses"
)

var (
	name = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
	// A cluster may have other letters in its name; it is quoted.
	port        = regexp.MustCompile(`:\d+$`)
	clusterName = regexp.MustCompile(`^[A-Za-z0-9_.-]+$`)
)

// ParseURL reads clickhouse://USER:PASSWORD@HOST:PORT,HOST:PORT/DATABASE?cluster=NAME&replicated=1&quorum=2; clickhouses:// is
// by https. The error has CodeInvalid and does not repeat the password.
func ParseURL(text string) (Config, error) {
	invalid := func(format string, args ...any) (Config, error) {
		return Config{}, greenroom.Errorf(greenroom.CodeInvalid, "the address of ClickHouse "+format, args...)
	}
	proto, rest, ok := strings.Cut(text, "://")
	if !ok || proto != scheme && proto != schemeSecure {
		return invalid("must look like clickhouse://user:password@host:8123/database")
	}
	// net/url takes one host, so all but the first are put aside.
	authority, path, _ := strings.Cut(rest, "/")
	login, hosts := "", authority
	if i := strings.LastIndex(authority, "@"); i >= 0 {
		login, hosts = authority[:i+1], authority[i+1:]
	}
	all := strings.Split(hosts, ",")
	u, err := url.Parse("http://" + login + all[0] + "/" + path)
	if err != nil {
		return invalid("cannot be read; letters such as @ and / in a password are written as %%40 and %%2F")
	}
	c := Config{Secure: proto == schemeSecure, User: u.User.Username(), Database: strings.Trim(u.Path, "/")}
	c.Password, _ = u.User.Password()
	for _, h := range all {
		if h == "" {
			return invalid("names no host")
		}
		if !port.MatchString(h) {
			h += ":" + map[bool]string{false: "8123", true: "8443"}[c.Secure]
		}
		c.Hosts = append(c.Hosts, h)
	}
	if c.Database == "" {
		c.Database = "greenroom"
	}
	if !name.MatchString(c.Database) {
		return invalid("names the database %q; use letters, digits and _", c.Database)
	}
	return c, c.options(u.Query())
}

// options reads what stands behind the question mark.
func (c *Config) options(values url.Values) error {
	invalid := func(format string, args ...any) error {
		return greenroom.Errorf(greenroom.CodeInvalid, "the address of ClickHouse "+format, args...)
	}
	known := []string{"cluster", "quorum", "replicated"}
	var err error
	for key := range values {
		v := values.Get(key)
		switch key {
		case "cluster":
			if c.Cluster = v; !clusterName.MatchString(v) {
				return invalid("names the cluster %q; use letters, digits, . - and _", v)
			}
		case "replicated":
			if c.Replicated, err = strconv.ParseBool(v); err != nil {
				return invalid("says replicated=%s; it is 1 or 0", v)
			}
		case "quorum":
			if c.Quorum, err = strconv.Atoi(v); err != nil || c.Quorum < 0 {
				return invalid("says quorum=%s; it is a number of replicas", v)
			}
		default:
			return invalid("says %s=; known are %s", key, strings.Join(known, ", "))
		}
	}
	switch {
	case c.Cluster == "" && len(c.Hosts) > 1:
		return invalid("names several hosts but no cluster; add ?cluster=NAME")
	case c.Quorum > 0 && !c.Replicated:
		return invalid("asks for a quorum of replicas, but not for replicated=1")
	}
	return nil
}

// String is the address without the password.
func (c Config) String() string {
	return fmt.Sprintf("%s/%s", strings.Join(c.Hosts, ","), c.Database)
}
