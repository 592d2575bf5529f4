package ui

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/espalier-nas/espalier/frontend/client"
)

// again is how long a view waits before it asks again a server that did not
// answer.
const again = 2 * time.Second

// fetch gets something as JSON for the open view. done is called with what came,
// or with why nothing did; then the templates are rendered. A server that does
// not answer is asked again, for as long as the view is open; of an answer that
// comes later than that, nobody hears.
func fetch[T any](a *App, address string, done func(v T, err error)) {
	asking := a.view
	a.Get(address, func(answer client.Answer) {
		if a.view != asking {
			return
		}
		var v T
		err := client.Check(answer)
		switch {
		case answer.Err != nil:
			err = fmt.Errorf("%w; it is asked again", err)
			a.After(again, func() {
				if a.view == asking {
					fetch(a, address, done)
				}
			})
		case err == nil:
			if err = json.Unmarshal(answer.Body, &v); err != nil {
				err = fmt.Errorf("the server's answer cannot be read: %w; load the page anew", err)
			}
		}
		done(v, err)
		a.Rebuild()
	})
}
