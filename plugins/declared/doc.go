// Package declared interprets search spaces that are written as JSON documents.
package declared
