// Package server ships the page: go-app's handler for the page itself, its
// manifest and its service worker, and around it what go-app leaves out, which
// is compression, security headers, a base path, and the list of models.
package server
