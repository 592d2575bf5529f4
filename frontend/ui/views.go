package ui

// maker makes a view.
type maker func(*App) View

// kindOf names the view that a route belongs to.
func kindOf(r Route) string {
	if r.At(0) == "study" && r.At(1) != "" {
		switch r.At(2) {
		case "trial", "diff", "policy", "explain":
			return r.At(2)
		}
		return "study"
	}
	if r.At(0) == "compare" {
		return "compare"
	}
	return "studies"
}

// viewOf is the maker of a route's view.
func viewOf(r Route) maker {
	switch kindOf(r) {
	case "trial":
		return func(a *App) View { return &TrialPage{App: a} }
	case "compare":
		return func(a *App) View { return &ComparePage{App: a} }
	case "diff":
		return func(a *App) View { return &DiffPage{App: a} }
	case "explain":
		return func(a *App) View { return &ExplainPage{App: a} }
	case "policy":
		return func(a *App) View { return &PolicyPage{App: a} }
	case "study":
		return func(a *App) View { return &StudyPage{App: a} }
	}
	return func(a *App) View { return &StudyList{App: a} }
}
