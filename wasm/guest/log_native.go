//go:build !wasip1

package guest

// Log hands a message to the host; outside of a host it goes to standard error.
func Log(level Level, msg string) {
	println([...]string{"debug:", "info:", "warn:", "error:"}[min(max(level, Debug), Error)], msg)
}
