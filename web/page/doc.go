// Package page is the face of clexlab: go-app components over the values of
// package state. Page owns the state and carries out its effects; every other
// component gets plain values in and sends messages back through a sender, one component a file.
//
// The same components render on the server, so that the page stands before its
// program has come; what needs a browser is in the files named _js.go.
package page
