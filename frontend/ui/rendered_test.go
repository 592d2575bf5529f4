package ui

import (
	"html"
	"regexp"
	"strings"

	"github.com/vugu/vugu"
)

// page is what the templates made.
type page struct {
	b     *tab
	nodes []*vugu.VGNode
}

// render builds the templates, as the browser would.
func (b *tab) render() *page {
	b.t.Helper()
	env, err := vugu.NewBuildEnv()
	if err != nil {
		b.t.Fatal(err)
	}
	results := env.RunBuild(b.app.Root)
	p := &page{b: b}
	var walk func(n *vugu.VGNode)
	walk = func(n *vugu.VGNode) {
		if n.Component != nil {
			for _, out := range results.ResultFor(n.Component).Out {
				walk(out)
			}
			return
		}
		p.nodes = append(p.nodes, n)
		for child := n.FirstChild; child != nil; child = child.NextSibling {
			walk(child)
		}
	}
	for _, out := range results.Out.Out {
		walk(out)
	}
	b.rendered = p
	return p
}

// text is all that can be read, those parts included that are drawn past the
// templates.
func (p *page) text() string {
	var parts []string
	for _, n := range p.nodes {
		switch {
		case n.Type == vugu.TextNode:
			parts = append(parts, strings.TrimSpace(n.Data))
		case n.InnerHTML != nil:
			parts = append(parts, html.UnescapeString(*n.InnerHTML))
		}
		if id := attribute(n, "id"); id != "" {
			parts = append(parts, p.b.texts[id], tags.ReplaceAllString(p.b.markups[id], " "))
		}
	}
	return strings.Join(parts, " ")
}

var tags = regexp.MustCompile(`<[^>]*>`)

func attribute(n *vugu.VGNode, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

// says fails unless every text can be read.
func (p *page) says(texts ...string) *page {
	p.b.t.Helper()
	for _, text := range texts {
		if all := p.text(); !strings.Contains(all, text) {
			p.b.t.Errorf("%s does not say %q, but: %s", p.b.Address(), text, all)
		}
	}
	return p
}

// hides fails if one of the texts can be read.
func (p *page) hides(texts ...string) *page {
	p.b.t.Helper()
	for _, text := range texts {
		if all := p.text(); strings.Contains(all, text) {
			p.b.t.Errorf("%s says %q: %s", p.b.Address(), text, all)
		}
	}
	return p
}

// find is the element with an id, or that says text; nil without one.
func (p *page) find(name string) *vugu.VGNode {
	for _, n := range p.nodes {
		if attribute(n, "id") == name {
			return n
		}
	}
	for _, n := range p.nodes {
		if n.Data != "a" && n.Data != "button" && n.Data != "input" {
			continue
		}
		if attribute(n, "aria-label") == name {
			return n
		}
		said := ""
		if n.InnerHTML != nil {
			said = html.UnescapeString(*n.InnerHTML)
		} else if n.FirstChild != nil && n.FirstChild.Type == vugu.TextNode {
			said = n.FirstChild.Data
		}
		if said == name {
			return n
		}
	}
	return nil
}

// act has an event happen on an element: a click follows a link.
func (p *page) act(name, kind, value string) *page {
	p.b.t.Helper()
	n := p.find(name)
	if n == nil {
		p.b.t.Fatalf("%s has no %q: %s", p.b.Address(), name, p.text())
	}
	if href := attribute(n, "href"); href != "" {
		return p.b.goTo(strings.TrimPrefix(href, "#"))
	}
	for _, s := range n.DOMEventHandlerSpecList {
		if s.EventType == kind {
			s.Func(typed{value: value})
			p.b.app.Rebuild()
			return p.b.settle()
		}
	}
	p.b.t.Fatalf("nothing hears %s on %q", kind, name)
	return nil
}

func (p *page) click(name string) *page { p.b.t.Helper(); return p.act(name, "click", "") }

// typed is an event in a field with a value.
type typed struct {
	vugu.DOMEvent
	value string
}

func (e typed) PropString(...string) string { return e.value }
