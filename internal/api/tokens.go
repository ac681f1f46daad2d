// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"net/http"
	"strconv"
	"time"

	"greenroom/internal/auth"
)

// Token is an API token, without the text that opens anything.
type Token struct {
	ID        int64      `json:"id" doc:"The token's id."`
	PersonID  int64      `json:"person_id" doc:"Whose it is."`
	Email     string     `json:"email" doc:"That person's address."`
	Name      string     `json:"name" doc:"What it is for."`
	Hint      string     `json:"hint" doc:"How its text begins, to tell tokens apart."`
	Scope     auth.Scope `json:"scope" doc:"What it may do at most; the person's role limits it further."`
	CreatedAt time.Time  `json:"created_at" doc:"When it was made."`
	ExpiresAt time.Time  `json:"expires_at,omitzero" doc:"When it stops working; left out for never."`
	LastUsed  time.Time  `json:"last_used,omitzero" doc:"When it was last used, within a minute; left out for never."`
	RevokedAt time.Time  `json:"revoked_at,omitzero" doc:"When it was revoked; left out while it works."`
}

// NewToken is a token that was just made.
type NewToken struct {
	Secret string `json:"secret" doc:"The token itself, for the header Authorization: Bearer. It is not shown again."`
	Token  Token  `json:"token" doc:"What the list shows of it."`
}

// TokenRequest says which token to make.
type TokenRequest struct {
	Name      string     `json:"name" doc:"What it is for."`
	Scope     auth.Scope `json:"scope" doc:"What it may do at most: read; write, which includes read; admin, everything that the person's role permits."`
	PersonID  int64      `json:"person_id,omitempty" doc:"Whose it is to be; without it, yours. For others it takes the permission administer."`
	ExpiresAt time.Time  `json:"expires_at,omitzero" doc:"When it is to stop working; without it, never."`
}

func (a *api) tokenOps() []op {
	return []op{
		{
			method: http.MethodGet, path: "/tokens", id: "listTokens", tag: "Access", need: auth.Read,
			summary: "API tokens", text: "Your tokens, the newest first, revoked ones too. With `all`, everybody's, which takes the permission administer.",
			params: []param{{name: "all", form: formFlag, initial: "false", text: "Everybody's instead of your own."}},
			reply:  content{of: Items[Token]{}, example: Items[Token]{Items: []Token{exampleToken()}}},
			do: func(c *call) (answer, error) {
				whose := c.caller.User.ID
				if c.flag("all") {
					whose = 0
				}
				found, err := a.Tokens.Tokens(c.ctx(), c.caller, whose)
				if err != nil {
					return answer{}, err
				}
				all := make([]Token, len(found))
				for i := range found {
					all[i] = tokenOf(&found[i])
				}
				return itemsOf(all)
			},
		},
		{
			method: http.MethodPost, path: "/tokens", id: "createToken", tag: "Access", need: auth.Read,
			summary: "Make an API token",
			text:    "Makes a token and gives its text, this once. Making one by another token takes the scope admin.",
			status:  http.StatusCreated, secret: true,
			body:  &content{of: TokenRequest{}, text: "The token to make.", example: object{"name": "weekly report", "scope": "read"}},
			reply: content{of: NewToken{}, example: NewToken{Secret: "grm_Ab3d…", Token: exampleToken()}},
			do: func(c *call) (answer, error) {
				req, err := decode[TokenRequest](c)
				if err != nil {
					return answer{}, err
				}
				secret, t, err := a.Tokens.CreateToken(c.ctx(), c.caller, auth.NewToken{UserID: req.PersonID, Name: req.Name, Scope: req.Scope, ExpiresAt: req.ExpiresAt})
				if err != nil {
					return answer{}, asInvalid(err)
				}
				return answer{body: NewToken{Secret: secret.Reveal(), Token: tokenOf(&t)}, header: http.Header{"Location": {address("tokens")}}}, nil
			},
		},
		{
			method: http.MethodDelete, path: "/tokens/{id}", id: "revokeToken", tag: "Access", need: auth.Read,
			summary: "Revoke an API token", text: "The token stops working for good. For those of others it takes the permission administer.",
			params: []param{idParam("The token's id.")}, status: http.StatusNoContent, reply: content{text: "It is revoked."},
			do: func(c *call) (answer, error) { return answer{}, a.Tokens.RevokeToken(c.ctx(), c.caller, c.id()) },
		},
	}
}

func tokenOf(t *auth.Token) Token {
	return Token{
		ID: t.ID, PersonID: t.UserID, Email: t.Email, Name: t.Name, Hint: t.Hint, Scope: t.Scope,
		CreatedAt: t.CreatedAt, ExpiresAt: t.ExpiresAt, LastUsed: t.LastUsed, RevokedAt: t.RevokedAt,
	}
}

// AuditEntry is one line of the log of who did what.
type AuditEntry struct {
	ID     int64     `json:"id" doc:"Grows with time."`
	At     time.Time `json:"at" doc:"When it was done."`
	Actor  string    `json:"actor" doc:"Who did it: an address, with the name of the token where one was used; command line; greenroom for what it does by itself."`
	Action string    `json:"action" doc:"What was done, such as member.merge."`
	Target string    `json:"target" doc:"To what."`
	Detail string    `json:"detail" doc:"More, for people to read."`
}

func (a *api) auditOps() []op {
	return []op{{
		method: http.MethodGet, path: "/audit", id: "listAudit", tag: "Access", need: auth.Administer,
		summary: "Who did what", text: "The audit log, the newest first.",
		params: append([]param{
			{name: "actor", form: formText, text: "Only what this one did.", example: "ana@acme.example"},
			{name: "action", form: formText, text: "Only this, and what begins with it and a dot.", example: "member"},
			{name: "target", form: formText, text: "Only what was done to this.", example: "member 42"},
		}, pageParams("50", 500)...),
		reply: content{of: Page[AuditEntry]{}, example: Page[AuditEntry]{Items: []AuditEntry{{
			ID: 912, At: exampleTime(22), Actor: "ana@acme.example", Action: "member.merge", Target: "member 42", Detail: "member 17 was merged into it",
		}}, Next: "912"}},
		paged: true,
		do:    a.audit,
	}}
}

func (a *api) audit(c *call) (answer, error) {
	f := auth.Filter{Actor: c.text("actor"), Action: c.text("action"), Target: c.text("target"), Limit: int(c.integer("limit"))}
	if cursor := c.text("cursor"); cursor != "" {
		var err error
		if f.Before, err = strconv.ParseInt(cursor, 10, 64); err != nil || f.Before <= 0 {
			return answer{}, wrong("cursor", "the cursor is damaged; start from the first page")
		}
	}
	entries, next, err := a.Audit.AuditPage(c.ctx(), c.caller, f)
	if err != nil {
		return answer{}, err
	}
	p := Page[AuditEntry]{Items: make([]AuditEntry, len(entries))}
	for i, e := range entries {
		p.Items[i] = AuditEntry(e)
	}
	if next > 0 {
		p.Next = number(next)
	}
	return pageOf(c, p)
}
