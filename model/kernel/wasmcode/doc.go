// Package wasmcode writes WebAssembly modules, byte by byte: functions without parameters
// over a memory that the module imports, with loops, integers and vectors of 128 bits, relaxed ones
// included. It is what package kernel needs and no more.
//
// The format is that of the WebAssembly specification, chapter 5 (Binary Format), version 3.0.
package wasmcode
