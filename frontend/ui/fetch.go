package ui

import (
	"encoding/json"
	"fmt"

	"github.com/espalier-nas/espalier/frontend/client"
)

// fetch gets something as JSON. done is called with what came, or with why
// nothing did; then the templates are rendered.
func fetch[T any](a *App, address string, done func(v T, err error)) {
	a.Get(address, func(answer client.Answer) {
		var v T
		err := client.Check(answer)
		if err == nil {
			if err = json.Unmarshal(answer.Body, &v); err != nil {
				err = fmt.Errorf("the server's answer cannot be read: %w", err)
			}
		}
		done(v, err)
		a.Rebuild()
	})
}
