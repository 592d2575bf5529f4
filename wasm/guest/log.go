package guest

// Level is how important a message is.
type Level int32

const (
	Debug Level = iota
	Info
	Warn
	Error
)
