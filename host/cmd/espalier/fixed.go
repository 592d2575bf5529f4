package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/espalier-nas/espalier/host/supply"
	"github.com/espalier-nas/espalier/plugins/bundled"
	"github.com/espalier-nas/espalier/wasm/sandbox"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// isFixed reports whether an argument names a network that a plugin has, as
// PLUGIN:SPACE?PARAM=VALUE&PARAM=VALUE, and not a run.
func isFixed(arg string) bool {
	offer, _, params := strings.Cut(arg, "?")
	plugin, space := supply.Split(offer)
	return params || supply.IsFile(plugin) && strings.HasSuffix(plugin, ".wasm") || supply.IsHash(plugin) ||
		slices.Contains(bundled.Names(), plugin) && strings.Trim(space, "0123456789") != ""
}

// fixedSubject is the network of a space whose params leave nothing to be
// chosen, made for a task.
func (a *app) fixedSubject(ctx context.Context, arg string, task spec.Task) (*subject, error) {
	offer, query, _ := strings.Cut(arg, "?")
	plugin, name := supply.Split(offer)
	g, err := a.runPlugin(ctx, plugin)
	if err != nil {
		return nil, err
	}
	defer g.close(ctx)
	spaces := g.module.Manifest().Spaces
	at := slices.IndexFunc(spaces, func(o spec.Offer) bool { return o.Name == name })
	if at < 0 {
		var names []string
		for _, o := range spaces {
			names = append(names, plugin+":"+o.Name)
		}
		return nil, usagef("%s: which space? there are %s", arg, strings.Join(names, ", "))
	}
	params, err := parseQuery(spaces[at], query)
	if err != nil {
		return nil, usagef("%s: %v", arg, err)
	}
	space, err := g.module.Space(ctx, name, params)
	if err != nil {
		return nil, pluginError(err)
	}
	if is := space.Info().Task; is != task.Type {
		return nil, usagef("%s is for the task %s, the data for %s; choose some with --data", arg, is, task.Type)
	}
	answers, label, err := onlyAnswers(ctx, space, offer, func(name string) bool { return paramOf(spaces[at], name) != nil })
	if err != nil {
		return nil, err
	}
	network, err := space.Build(ctx, answers, task)
	if err != nil {
		return nil, pluginError(err)
	}
	for assignment := range strings.SplitSeq(query, "&") {
		param, _, _ := strings.Cut(assignment, "=")
		if _, chosen := space.Info().Kind(param); !chosen && param != "" {
			label += "," + assignment // the options chosen are in the label
		}
	}
	return &subject{name: strings.ReplaceAll(label, "/", "-"), source: arg, network: network}, nil
}

// parseQuery reads PARAM=VALUE&PARAM=VALUE as the params of a space. A list is
// written as JSON or with commas; a param that is not offered is left to the
// plugin to refuse.
func parseQuery(offer spec.Offer, query string) (json.RawMessage, error) {
	params := map[string]any{}
	for query != "" {
		var assignment string
		assignment, query, _ = strings.Cut(query, "&")
		name, value, ok := strings.Cut(assignment, "=")
		if !ok || name == "" {
			return nil, fmt.Errorf("%q: want PARAM=VALUE", assignment)
		}
		if _, twice := params[name]; twice {
			return nil, fmt.Errorf("the param %s is given twice", name)
		}
		params[name] = paramValue(offer, name, value)
	}
	return json.Marshal(params)
}

// paramOf is the param of that name, if there is one.
func paramOf(offer spec.Offer, name string) *spec.Param {
	for i := range offer.Params {
		if offer.Params[i].Name == name {
			return &offer.Params[i]
		}
	}
	return nil
}

func paramValue(offer spec.Offer, name, value string) any {
	p := paramOf(offer, name)
	if p == nil {
		return parseValue(value)
	}
	one := func(text string) any {
		if p.Type == spec.ParamString || p.Type == spec.ParamStrings {
			return text
		}
		return parseValue(text)
	}
	if p.Type != spec.ParamInts && p.Type != spec.ParamStrings {
		return one(value)
	}
	if strings.HasPrefix(value, "[") {
		return parseValue(value)
	}
	list := []any{}
	for item := range strings.SplitSeq(value, ",") {
		list = append(list, one(item))
	}
	return list
}

// onlyAnswers are the answers to a space that leaves no choice, and their
// labels, which are a name for the network. isParam says whether the space has a
// param of that name.
func onlyAnswers(ctx context.Context, space *sandbox.Space, offer string, isParam func(name string) bool) (answers spec.Answers, label string, err error) {
	var labels []string
	var step spec.Step
	for {
		if step, err = space.Next(ctx, step, answers); err != nil {
			return nil, "", pluginError(err)
		}
		if step.Done {
			return answers, shortLabel(labels, offer), nil
		}
		q := step.Decision
		kind, _ := space.Info().Kind(q.Kind)
		var open []int
		for i := range kind.Options {
			if q.Mask == nil || q.Mask[i] {
				open = append(open, i)
			}
		}
		switch {
		case kind.Type == spec.Choice && len(open) == 1:
			answers, labels = append(answers, spec.Pick(open[0])), append(labels, kind.Options[open[0]])
		case kind.Type == spec.AnchorSet && len(q.Candidates) == 0:
			answers = append(answers, spec.PickSet())
		case kind.Type == spec.Pointer && len(q.Candidates) == 1:
			answers = append(answers, spec.Pick(q.Candidates[0]))
		case kind.Type == spec.Choice:
			advice := "leave one by the params"
			if isParam(q.Kind) {
				advice += fmt.Sprintf(", as in %s?%s=%s", offer, q.Kind, kind.Options[open[0]])
			}
			return nil, "", usagef("%s leaves a choice: %s may be %s; %s", offer, q.Name, strings.Join(kind.Options, ", "), advice)
		default:
			return nil, "", usagef("%s leaves a choice: %s; only a space whose params leave none is a network", offer, q.Name)
		}
	}
}

// shortLabel is a name made of labels, or of the space's if they are many.
func shortLabel(labels []string, offer string) string {
	const most = 40
	if name := strings.Join(labels, "-"); name != "" && len(name) <= most {
		return name
	}
	return offer
}
