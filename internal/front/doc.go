// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package front has the pages that members see without signing in: below /c/, outside of the wall that package authhttp
// builds around the team's pages.
//
// # What every page is
//
// A page is HTML and two small style sheets, without a script and without anything from elsewhere: it works in any
// browser, stays below 60 kB with its logo, and tells nobody else who reads it. It has the team's name, logo and color
// (package brand). Each page is a file, a struct with what it shows, and a template of the same name; what it needs from
// below is an interface in contracts.go. A page is found by whoever has its address, so it asks search engines to leave it
// out.
//
// # Who it is
//
// Nobody signs in. A page about somebody is opened by a link that was sent to them: Links seals who it is for, what for,
// and until when into the link, bound to its kind, so that the link of one page opens no other. Looking at a page changes
// nothing, since mail programs and virus scanners open links; only what is sent from its form does. A form carries the
// link's token, and so needs no other proof that it came from the page. A link is as good as the mail that it stands in:
// one that takes somebody off a list lives long and opens nothing else, one that opens what is known of somebody lives a
// month.
//
// Whoever asks too often has to wait (limiter); guessing a link costs most.
package front
