// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package web is the pages. A page is a file, a struct and a template: members.go, the struct membersPage and
// templates/members.html. The struct holds what the page needs of the rest of the house, as interfaces of a few methods;
// its methods are the handlers; the template is made of the components of package ui.
//
// What comes from a platform is text: it is escaped by the templates, and an address of it becomes a link only through
// outside, which lets http and https pass. Where a change leads back to is only ever an address of this server (inside).
//
// Every list takes a query in ?q= and a cursor in ?at=, so every view is a link. Changes are made by POST, answer with a
// redirect to the page that shows the result, and carry a flash message with a way back, sealed so that nobody else can
// make one up (flash.go). The shell around the pages
// (navigation with its counts, the sample's banner, who is signed in) is made in one place, site.go.
package web
