package wasmcode

import (
	"bytes"
	"encoding/binary"
	"testing"
)

// Numbers in LEB128 against the standard library's decoder, and the examples of the DWARF
// specification (version 4, figures 22 and 23).
func TestLEB128(t *testing.T) {
	for _, v := range []uint32{0, 1, 2, 127, 128, 129, 130, 12857, 624485, 1<<32 - 1} {
		b := unsigned(nil, v)
		if got, n := binary.Uvarint(b); n != len(b) || got != uint64(v) {
			t.Errorf("%d is %x", v, b)
		}
	}
	for v, want := range map[int32]string{2: "\x02", -2: "\x7e", 127: "\xff\x00", -127: "\x81\x7f", 128: "\x80\x01", -128: "\x80\x7f", 129: "\x81\x01", -129: "\xff\x7e"} {
		if got := signed(nil, v); string(got) != want {
			t.Errorf("%d is %x, want %x", v, got, want)
		}
	}
}

// A module taken apart by hand: one function that stores i32.const 7 splat at the imported address.
func TestModuleBytes(t *testing.T) {
	var m Module
	f := m.Function("go")
	at, v := f.Int(), f.Vector()
	f.Base()
	f.Set(at)
	f.Const(7)
	f.V(IntSplat)
	f.Set(v)
	f.Get(at)
	f.Get(v)
	f.Store(0)
	want := []byte("\x00asm\x01\x00\x00\x00" +
		"\x01\x04\x01\x60\x00\x00" + // type () -> ()
		"\x02\x1b\x02\x03env\x06memory\x02\x00\x01" + // memory of a page or more
		"\x03env\x04base\x03\x7f\x00" + // an i32 that stays
		"\x03\x02\x01\x00" + // function 0 has type 0
		"\x07\x06\x01\x02go\x00\x00" + // exported
		"\x0a\x1a\x01\x18" + // code: one body of 24 bytes
		"\x02\x01\x7f\x01\x7b" + // an i32 and a v128
		"\x23\x00\x21\x00" + "\x41\x07\xfd\x11\x21\x01" + // the variables
		"\x20\x00\x20\x01\xfd\x0b\x00\x00" + "\x0b")
	if got := m.Bytes(); !bytes.Equal(got, want) {
		t.Errorf("the module is\n%x, want\n%x", got, want)
	}
}
