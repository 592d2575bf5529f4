package ui

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// Route is the part of the page's address after '#': a path, and settings of
// the view after a '?', such as
//
//	study/cifar-7/trials?filter=reward>0.8&sort=-reward
type Route struct {
	Path  []string
	Query url.Values
}

// ParseRoute reads an address. What cannot be read is left out.
func ParseRoute(address string) Route {
	path, query, _ := strings.Cut(address, "?")
	r := Route{Query: url.Values{}}
	for part := range strings.SplitSeq(strings.Trim(path, "/"), "/") {
		if text, err := url.PathUnescape(part); err == nil && text != "" {
			r.Path = append(r.Path, text)
		}
	}
	if values, err := url.ParseQuery(query); err == nil {
		r.Query = values
	}
	return r
}

// To is a route.
func To(path ...string) Route { return Route{Path: path, Query: url.Values{}} }

// String writes the route as an address.
func (r Route) String() string {
	parts := make([]string, len(r.Path))
	for i, p := range r.Path {
		parts[i] = url.PathEscape(p)
	}
	s := strings.Join(parts, "/")
	if len(r.Query) > 0 {
		s += "?" + r.Query.Encode()
	}
	return s
}

// Href writes the route as a link within the page.
func (r Route) Href() string { return "#" + r.String() }

// At is part i of the path, "" if it is shorter.
func (r Route) At(i int) string {
	if i >= len(r.Path) {
		return ""
	}
	return r.Path[i]
}

// Number is part i of the path as a number that is at least 1, or 0.
func (r Route) Number(i int) int {
	n, err := strconv.Atoi(r.At(i))
	if err != nil || n < 1 {
		return 0
	}
	return n
}

// With is the route with a setting changed; "" takes it away.
func (r Route) With(key, value string) Route {
	q := url.Values{}
	for k, v := range r.Query {
		q[k] = slices.Clone(v)
	}
	if value == "" {
		q.Del(key)
	} else {
		q.Set(key, value)
	}
	return Route{Path: r.Path, Query: q}
}
