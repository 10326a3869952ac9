// Package scene is the talk between the page and its picture: what a picture is told
// (State, and the tables Model, Text, Maps, Loss and Recall) and what it answers (Drag,
// Hover, Select and the other events). Package viz draws these values, package wire carries
// any of them between the programs, and the page owns one State: nothing is described twice.
//
// The table Scenes holds what everybody has to know of a scene. A new one is a row there, a
// panel in package viz with its test, and its words and numbers in package page.
package scene
