// Package wire holds the messages between clexlab's programs: the View… types
// between page and view here, requests to the engine's workers and their answers
// in package jobs below it. Settings and small facts travel as JSON; tables of
// numbers travel beside it as buffers that change hands instead of being copied.
// Every message carries the protocol's version, because two programs out of
// different releases can meet in one cache: each refuses the other's messages
// then and says to reload.
package wire
