// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package rowmap

import (
	"net/url"
	"slices"
	"strings"

	"greenroom"
)

// IsNothing reports whether a value only says that there is none.
func IsNothing(s string) bool {
	switch strings.ToLower(s) {
	case "", "-", "--", "—", "–", "n/a", "#n/a", "null", "(null)", "nil", "none", "(none)", "undefined", "nan", "\\n":
		return true
	}
	return false
}

// IsNoDate reports whether a value stands for a date that never was.
func IsNoDate(s string) bool {
	switch strings.ToLower(s) {
	case "never", "unknown", "0", "0000-00-00", "0000-00-00 00:00:00", "open", "nie":
		return true
	}
	return false
}

// Emails reads one or more addresses, as "Ada <ada@example.com>" too. bad is the first that is none.
func Emails(s string) (list []string, bad string) {
	for part := range strings.FieldsFuncSeq(s, func(r rune) bool { return r == ';' || r == ',' || r == '|' || r == '\n' }) {
		part = strings.TrimSpace(part)
		if i := strings.LastIndexByte(part, '<'); i >= 0 && strings.HasSuffix(part, ">") {
			part = part[i+1 : len(part)-1]
		}
		address := strings.ToLower(strings.TrimPrefix(strings.TrimSpace(part), "mailto:"))
		if address == "" {
			continue
		}
		if !isAddress(address) {
			return nil, part
		}
		if !slices.Contains(list, address) {
			list = append(list, address)
		}
	}
	return list, ""
}

func isAddress(s string) bool {
	local, domain, ok := strings.Cut(s, "@")
	return ok && local != "" && len(s) < 255 && strings.Contains(strings.Trim(domain, "."), ".") && !strings.ContainsAny(s, " \t\n<>()[],;:\"\\") &&
		!strings.Contains(domain, "@") && s == strings.ToLower(s)
}

// SplitList cuts a value at semicolons, or at commas where there are none.
func SplitList(s string) []string {
	sep := ","
	for _, c := range []string{";", "|", "\n"} {
		if strings.Contains(s, c) {
			sep = c
			break
		}
	}
	var out []string
	for part := range strings.SplitSeq(s, sep) {
		if part = strings.TrimSpace(part); part != "" && !slices.Contains(out, part) {
			out = append(out, part)
		}
	}
	return out
}

// Domain reads a domain from "https://www.example.com/about", "@example.com" or "Example.com"; "" where there is none.
func Domain(s string) string {
	s = strings.ToLower(strings.TrimSpace(s))
	if _, after, ok := strings.Cut(s, "://"); ok {
		s = after
	}
	s = strings.TrimPrefix(strings.TrimPrefix(s, "@"), "www.")
	if i := strings.IndexAny(s, "/?#:"); i >= 0 {
		s = s[:i]
	}
	s = strings.Trim(s, ".")
	if !strings.Contains(s, ".") || strings.ContainsAny(s, " \t@\"<>(),;\\_") || len(s) > 253 {
		return ""
	}
	return s
}

// WebAddress makes a whole address of "www.example.com/x" too; "" where it is none.
func WebAddress(s string) string {
	s = strings.TrimSpace(s)
	if !strings.Contains(s, "://") && Domain(s) != "" && !strings.HasPrefix(s, "/") {
		s = "https://" + s
	}
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return ""
	}
	return s
}

// Lifecycle brings the words of CRM systems to Greenroom's.
//
//nolint:misspell // words of other languages
func Lifecycle(s string) (word string, known bool) {
	switch fold(s) {
	case "":
		return "", true
	case "prospect", "lead", "opportunity", "salesqualifiedlead", "marketingqualifiedlead", "sql", "mql", "interessent", "target", "subscriber", "prospecto":
		return "prospect", true
	case "trial", "trialing", "free", "evaluation", "poc", "pilot", "test", "testkunde", "essai", "prueba":
		return "trial", true
	case "customer", "client", "active", "activecustomer", "paying", "paid", "kunde", "bestandskunde", "cliente", "klant", "won", "evangelist", "enterprise", "aktiv", "actif", "activo":
		return "customer", true
	case "churned", "churn", "former", "formercustomer", "lost", "cancelled", "canceled", "inactive", "ehemalig", "gekundigt", "perdu", "perdido", "inaktiv":
		return "churned", true
	case "partner", "reseller", "vendor", "supplier", "partenaire", "socio", "parceiro":
		return "partner", true
	case "other", "competitor", "andere", "autre", "otro", "altro":
		return "other", true
	}
	return "other", false
}

// RecordType brings the words of CRM and ticket systems to Greenroom's.
//
//nolint:misspell // words of other languages
func RecordType(s string) (word string, known bool) {
	switch fold(s) {
	case "deal", "opportunity", "sale", "sales", "angebot", "auftrag", "newbusiness", "existingbusiness", "renewal", "upsell", "order", "negocio", "affaire":
		return "deal", true
	case "case", "ticket", "incident", "problem", "question", "task", "supportcase", "supportticket", "request", "issue", "fall", "anfrage", "caso", "demande":
		return "case", true
	case "subscription", "plan", "contract", "abo", "abonnement", "vertrag", "suscripcion", "assinatura", "license", "licence":
		return "subscription", true
	}
	return "", false
}

// ParseKind reads a kind of activity, by Greenroom's name or a usual word; KindUnknown where it is none.
//
//nolint:misspell // words of other languages
func ParseKind(s string) greenroom.Kind {
	if k, err := greenroom.ParseKind(s); err == nil {
		return k
	}
	switch fold(s) {
	case "post", "mail", "email", "thread", "topic", "nachricht", "beitrag", "mensaje", "chat", "tweet", "messages", "call", "meeting", "note":
		return greenroom.KindMessage
	case "antwort", "response", "respuesta", "reponse", "replies":
		return greenroom.KindReply
	case "frage", "pregunta":
		return greenroom.KindQuestion
	case "kommentar", "commentaire", "comentario", "comments":
		return greenroom.KindComment
	case "like", "liked", "emoji", "gefalltmir", "reactions":
		return greenroom.KindReaction
	case "upvote", "downvote":
		return greenroom.KindVote
	case "joined", "signup", "signedup", "registration", "register", "registered", "beitritt":
		return greenroom.KindJoin
	case "left", "unsubscribe", "unsubscribed":
		return greenroom.KindLeave
	case "pr", "mr", "mergerequest":
		return greenroom.KindPullRequest
	case "event", "attended", "attend", "attendee", "rsvp", "webinar", "teilnahme", "checkin", "checkedin", "participation":
		return greenroom.KindAttendance
	case "login", "pageview", "session", "usageevent", "nutzung", "active", "signin":
		return greenroom.KindUsage
	case "survey", "nps", "feedback", "umfrage", "surveyresponse":
		return greenroom.KindSurveyAnswer
	case "followed", "subscribed", "subscribe", "newsletter":
		return greenroom.KindFollow
	case "starred", "bookmark":
		return greenroom.KindStar
	}
	return greenroom.KindUnknown
}
