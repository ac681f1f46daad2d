// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package snowflake reads members, organizations, product usage or business records from a Snowflake account by a query,
// over Snowflake's SQL API.
//
// A read submits one statement, waits until it is done (the API answers 202 until then) and fetches the answer partition
// by partition. Greenroom puts the query into one of its own, which orders the rows by the watermark column and, the next
// time, leaves out what was read. Which column holds what is told by the columns' names, as in the CSV and PostgreSQL
// connectors (package rowmap). A place in the answer is a watermark and a number of rows, so that a read can go on in
// another statement.
//
// It signs in with a key pair: a token signed by the private key, good for an hour and made anew as needed (token.go), or
// with a programmatic access token.
package snowflake

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/internal/rest"
	"greenroom/connector/internal/rowmap"
)

// Kind is what the connector is called.
const Kind = "snowflake"

const title = "Snowflake"

// The names of the options that are this connector's own.
const (
	optAddress   = "address"
	optAccount   = "account"
	optUser      = "user"
	optKey       = "private-key"
	optToken     = "token"
	optRole      = "role"
	optWarehouse = "warehouse"
	optDatabase  = "database"
	optSchema    = "schema"
	optTimeout   = "timeout"
	optWrite     = "write"
	optWriteTo   = "write-schema"
)

const help = `1. Have your Snowflake administrator make a user and a role that may only read what is to come in:

       CREATE ROLE greenroom;
       GRANT USAGE ON WAREHOUSE small TO ROLE greenroom;
       GRANT USAGE ON DATABASE app TO ROLE greenroom;
       GRANT USAGE ON SCHEMA app.public TO ROLE greenroom;
       GRANT SELECT ON VIEW app.public.greenroom_users TO ROLE greenroom;
       CREATE USER greenroom TYPE = SERVICE DEFAULT_ROLE = greenroom DEFAULT_WAREHOUSE = small;
       GRANT ROLE greenroom TO USER greenroom;

2. Make a key pair, on any computer with OpenSSL:

       openssl genrsa 2048 | openssl pkcs8 -topk8 -nocrypt -out greenroom.p8
       openssl rsa -in greenroom.p8 -pubout

3. Give the public key to the user, without its first and last line: ` + "`ALTER USER greenroom SET RSA_PUBLIC_KEY = 'MII…'`" + `.
4. Enter the account's address, the user and the whole text of greenroom.p8 as the private key. (A programmatic access token works instead of a key.)
5. Write the query so that its columns have the names of fields: ` + "`SELECT id, email, name, company AS organization, updated_at FROM greenroom_users`" + `.
6. Name the column that grows with every change as the watermark, e.g. ` + "`updated_at`" + `.
7. *Test connection* shows which column is taken for what.`

// Spec describes the connector.
func Spec() connector.Spec {
	return connector.Spec{
		Kind: Kind, Title: title, Platform: "snowflake", Primary: optAddress, Help: help, Group: connector.GroupBusiness, Business: true,
		Summary:  "Members, organizations, product usage or business records from Snowflake, by a query on a schedule.",
		Keywords: []string{"sql", "warehouse", "data", "product usage", "crm"},
		Options:  options(), New: New, Incremental: true, Rhythm: 6 * time.Hour,
		Scopes: []connector.Scope{
			{Name: "USAGE on the warehouse", Why: "To run the query."},
			{Name: "USAGE on database and schema", Why: "To see the tables of the query."},
			{Name: "SELECT on the tables or views", Why: "To read them. Nothing is written unless you turn it on."},
			{Name: "USAGE and CREATE TABLE on a schema of its own", Why: "Pushing members into the warehouse, which happens only when somebody does so.", Optional: true},
		},
		Limits: "Each read wakes the warehouse, which Snowflake bills for at least a minute. The rhythm of six hours means four minutes of the smallest warehouse a day. Answers can be of any size: they come in parts.",
	}
}

func options() []connector.Option {
	own := []connector.Option{
		{Name: optAddress, Label: "Address of the account", Type: connector.Address, Required: true, Example: "https://acme-analytics.snowflakecomputing.com", Help: "The account's address, as in the browser: organization and account with a dash between."},
		{Name: optUser, Label: "User", Type: connector.Text, Example: "GREENROOM", Help: "The name of the user that the key belongs to."},
		{Name: optKey, Label: "Private key", Type: connector.Secret, Help: "The whole text of the private key, from -----BEGIN PRIVATE KEY----- on, without a passphrase."},
		{Name: optToken, Label: "Access token", Type: connector.Secret, Help: "A programmatic access token, instead of a key."},
		{Name: optRole, Label: "Role", Type: connector.Text, Example: "GREENROOM", Help: "The role to read with; the user's default where empty."},
		{Name: optWarehouse, Label: "Warehouse", Type: connector.Text, Example: "SMALL", Help: "What runs the query; the user's default where empty."},
		{Name: optDatabase, Label: "Database", Type: connector.Text, Example: "APP", Help: "Where tables without a database in their name are found."},
		{Name: optSchema, Label: "Schema", Type: connector.Text, Example: "PUBLIC", Help: "Where tables without a schema in their name are found."},
	}
	own = append(own, rowmap.QueryOptions()...)
	return append(own,
		connector.Option{Name: optTimeout, Label: "Time limit", Type: connector.Number, Default: "900", Help: "How many seconds the query may take before Snowflake stops it."},
		connector.Option{Name: optWrite, Label: "May be written to", Type: connector.Bool, Help: "Lets members be pushed into tables of this account, when somebody does so. The role then needs USAGE and CREATE TABLE on the schema that is written to."},
		connector.Option{Name: optWriteTo, Label: "Schema for what is written", Type: connector.Text, Default: "greenroom", Help: "A schema that is there already, in the database above; tables are made in it."},
		connector.Option{Name: optAccount, Label: "Account identifier", Type: connector.Text, Example: "ACME-ANALYTICS", Help: "Only where the address does not tell it, such as a private link's, or the account's name has an underscore."},
	)
}

// source is one query on one account.
type source struct {
	set       connector.Settings
	query     *rowmap.Query
	watermark string // as SQL
	timeout   int64  // seconds
	loads     string // the schema that is written to; "" = none
	client    *rest.Client
}

// New opens a source; nothing is asked yet.
func New(env connector.Env, v connector.Values) (connector.Source, error) {
	set, err := connector.ReadSettings(title, options(), v, env.Now())
	if err != nil {
		return nil, err
	}
	s := &source{set: set, timeout: int64(set.Number(optTimeout))}
	if s.timeout < 1 || s.timeout > 86_400 {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "the time limit of %s is between 1 second and a day", title)
	}
	if set.On(optWrite) {
		if s.loads = set.Text(optWriteTo); !tableName.MatchString(s.loads) {
			return nil, greenroom.Errorf(greenroom.CodeInvalid, "%q cannot be the schema that is written to; expected lower case letters, digits and underscores", s.loads)
		}
	}
	if s.query, err = rowmap.ReadQuery(set, v); err != nil {
		return nil, err //nolint:wrapcheck // it says which option is wrong
	}
	if name := set.Text(optWatermark); name != "" {
		if s.watermark, err = identifier(name); err != nil {
			return nil, err
		}
	}
	c := rest.Config{
		Name: title, Base: set.Text(optAddress), Env: env, Token: "key", MaxBody: 512 << 20, Refuse: refuse,
		Header: http.Header{"X-Snowflake-Authorization-Token-Type": {"KEYPAIR_JWT"}},
	}
	switch {
	case set.Text(optToken) != "":
		c.Token = "access token"
		c.Header.Set("X-Snowflake-Authorization-Token-Type", "PROGRAMMATIC_ACCESS_TOKEN")
		c.Authorize = func(_ context.Context, r *http.Request) error {
			r.Header.Set("Authorization", "Bearer "+set.Text(optToken))
			return nil
		}
	case set.Text(optKey) == "" || set.Text(optUser) == "":
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "%s needs a user with a private key, or an access token", title)
	default:
		signer, err := newSigner(account(set), set.Text(optUser), set.Text(optKey), env.Now)
		if err != nil {
			return nil, err
		}
		c.Authorize = func(_ context.Context, r *http.Request) error {
			token, err := signer.token()
			if err == nil {
				r.Header.Set("Authorization", "Bearer "+token)
			}
			return err
		}
	}
	s.client, err = rest.New(c)
	return s, err
}

const optWatermark = rowmap.OptWatermark

// account is the identifier that tokens name: without the region, and without Snowflake's domain.
func account(set connector.Settings) string {
	name := set.Text(optAccount)
	if name == "" {
		if u, err := url.Parse(set.Text(optAddress)); err == nil {
			name = u.Hostname()
		}
	}
	name, _, _ = strings.Cut(name, ".")
	return strings.ToUpper(name)
}

// identifier is a column's name as SQL: as it is where it is plain or in quotation marks.
func identifier(name string) (string, error) {
	if inner, ok := strings.CutPrefix(name, `"`); ok && strings.HasSuffix(inner, `"`) && len(inner) > 1 {
		return `"` + strings.ReplaceAll(inner[:len(inner)-1], `"`, `""`) + `"`, nil
	}
	for i, r := range name {
		if r != '_' && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (i == 0 || r != '$' && (r < '0' || r > '9')) {
			return "", greenroom.Errorf(greenroom.CodeInvalid, "the watermark %q is not the name of a column; a name with other signs than letters, digits and _ stands in quotation marks", name)
		}
	}
	return name, nil
}

// Test says who the key is, and which column is taken for what.
func (s *source) Test(ctx context.Context) (connector.Check, error) {
	var check connector.Check
	var who []string
	err := s.run(ctx, "SELECT CURRENT_USER() AS U, CURRENT_ROLE() AS R, COALESCE(CURRENT_WAREHOUSE(), '') AS W, CURRENT_VERSION() AS V", nil, func(_ *answer, row []string) error {
		who = append([]string{}, row...)
		return nil
	})
	if err != nil {
		return check, err
	}
	if len(who) == 4 {
		check.Account = fmt.Sprintf("%s as %s", who[0], who[1])
		check.Notes = append(check.Notes, "Snowflake "+who[3]+".")
		if who[2] == "" {
			check.Missing = append(check.Missing, connector.Missing{Name: "warehouse", Then: "The query cannot run.", Do: "Name a warehouse that the role may use.", Must: true})
			return check, nil
		}
		if who[1] == "ACCOUNTADMIN" {
			check.Notes = append(check.Notes, "This role may do anything. Make one that may only read the tables of the query.")
		}
	}
	tell, err := s.shape(ctx)
	if err != nil {
		return check, err
	}
	check.Notes = append(check.Notes, tell.Mapper.Describe())
	if s.query.Watermark == "" {
		check.Missing = append(check.Missing, connector.Missing{
			Name: "watermark", Then: "Every read asks for all rows.", Do: "Name the column that grows with every change, such as updated_at.",
		})
	}
	return check, nil
}

// Survey counts the rows of the answer.
func (s *source) Survey(ctx context.Context) (connector.Survey, error) {
	var v connector.Survey
	tell, err := s.shape(ctx)
	if err != nil {
		return v, err
	}
	sql, args := s.ordered("")
	err = s.run(ctx, "SELECT COUNT(*) AS N FROM (\n"+sql+"\n)", args, func(_ *answer, row []string) error {
		_, err := fmt.Sscan(row[0], &v.Items)
		return err //nolint:wrapcheck // a number by its type
	})
	if err != nil {
		return v, err
	}
	v.Requests = v.Items/10_000 + 3
	v.Cost = "at least a minute of the warehouse for each read"
	v.Counts = tell.Mapper.Counts(v.Items)
	return v, nil
}

var _ interface {
	connector.Source
	connector.Tester
	connector.Surveyor
} = (*source)(nil)
