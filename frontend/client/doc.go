// Package client keeps the state of a study in step with its server: one
// snapshot over HTTP, then events over a websocket, each exactly once. What the
// server sends is described in package host/server.
package client
