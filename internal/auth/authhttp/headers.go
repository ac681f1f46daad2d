// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package authhttp

import (
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"greenroom/internal/auth"
)

// contentPolicy lets pages load what this server serves and nothing else, so a text of the community that slips through
// as markup can neither run nor phone home. Pictures are ours too: an avatar loaded from its platform would tell the
// platform who looks at whom.
const contentPolicy = "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// permissionsPolicy gives up what no page of ours uses.
const permissionsPolicy = "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()"

// strictTransport keeps browsers on https for a year once they have come by it.
const strictTransport = "max-age=31536000"

// referrerPolicy keeps our addresses, a link's above all, from other sites. The stricter "no-referrer" would not do:
// browsers then send "Origin: null" with our own forms, and where there is no https they send nothing else by which to
// tell these from another site's.
const referrerPolicy = "same-origin"

func (g *Guard) setHeaders(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", contentPolicy)
	h.Set("Permissions-Policy", permissionsPolicy)
	h.Set("Referrer-Policy", referrerPolicy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	if g.https(r) {
		h.Set("Strict-Transport-Security", strictTransport)
	}
}

// https reports whether whoever asks came by https.
func (g *Guard) https(r *http.Request) bool {
	return g.o.HTTPS || r.TLS != nil || g.behindProxy(r) && strings.EqualFold(r.Header.Get("X-Forwarded-Proto"), "https")
}

// Origin is scheme and host that whoever asks has reached us by: those of the request itself, or where it comes from a
// proxy of ours, those that the proxy says.
func (g *Guard) Origin(r *http.Request) *url.URL {
	u := &url.URL{Scheme: "http", Host: r.Host}
	if g.https(r) {
		u.Scheme = "https"
	}
	if host, _, _ := strings.Cut(r.Header.Get("X-Forwarded-Host"), ","); g.behindProxy(r) && host != "" {
		u.Host = strings.TrimSpace(host)
	}
	return u
}

func (g *Guard) behindProxy(r *http.Request) bool {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	return err == nil && g.isProxy(peer.Addr())
}

func (g *Guard) isProxy(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	for _, p := range g.o.Proxies {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// Address is the IP address of whoever asks. Behind a proxy of ours it is the last address in X-Forwarded-For that is
// not a proxy of ours: what stands further left may be made up. "" = unknown.
func (g *Guard) Address(r *http.Request) string {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return ""
	}
	address := peer.Addr()
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0 && g.isProxy(address); i-- {
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		address = hop
	}
	return address.Unmap().WithZone("").String()
}

// The cookie of a session. With the prefix, browsers take it only over https, for this host alone and for all its
// paths, so a neighboring subdomain cannot plant one.
const (
	secureCookie = "__Host-greenroom"
	plainCookie  = "greenroom"
)

func (g *Guard) cookieName(r *http.Request) string {
	if g.https(r) {
		return secureCookie
	}
	return plainCookie
}

// setCookie gives the browser a session's token, or takes it away with "".
func (g *Guard) setCookie(w http.ResponseWriter, r *http.Request, token auth.Secret) {
	c := &http.Cookie{
		Name: g.cookieName(r), Value: token.Reveal(), Path: "/", MaxAge: int(auth.SessionLife.Seconds()),
		Secure: g.https(r), HttpOnly: true, SameSite: http.SameSiteLaxMode,
	}
	if token == "" {
		c.MaxAge = -1
	}
	http.SetCookie(w, c)
}

// origin is where a sign-in comes from.
func (g *Guard) origin(r *http.Request) auth.Origin {
	return auth.Origin{Address: g.Address(r), Agent: agentName(r.UserAgent())}
}

// agents and systems are what to look for in a User-Agent header, in this order: most browsers also name those that they
// descend from.
var (
	agents = [][2]string{
		{"Edg/", "Edge"},
		{"EdgA/", "Edge"},
		{"OPR/", "Opera"},
		{"SamsungBrowser/", "Samsung Internet"},
		{"Vivaldi/", "Vivaldi"},
		{"Firefox/", "Firefox"},
		{"FxiOS/", "Firefox"},
		{"CriOS/", "Chrome"},
		{"Chromium/", "Chromium"},
		{"Chrome/", "Chrome"},
		{"Safari/", "Safari"},
		{"curl/", "curl"},
	}
	systems = [][2]string{
		{"iPhone", "iPhone"},
		{"iPad", "iPad"},
		{"Android", "Android"},
		{"CrOS", "ChromeOS"},
		{"Windows", "Windows"},
		{"Macintosh", "macOS"},
		{"Linux", "Linux"},
	}
)

// agentName says in words what a User-Agent header says, so that people recognize their devices, and nothing more.
func agentName(header string) string {
	find := func(list [][2]string) string {
		for _, e := range list {
			if strings.Contains(header, e[0]) {
				return e[1]
			}
		}
		return ""
	}
	agent, system := find(agents), find(systems)
	switch {
	case agent == "":
		return system
	case system == "":
		return agent
	default:
		return agent + " on " + system
	}
}
