package wasmcode

// Module collects functions of a module that imports a memory as "env"."memory" and as "env"."base" an
// address in it, which Base pushes.
type Module struct{ functions []*Function }

// Function begins a function without parameters or results, exported under name.
func (m *Module) Function(name string) *Function {
	f := &Function{name: name}
	m.functions = append(m.functions, f)
	return f
}

// Bytes is the module in the binary format.
func (m *Module) Bytes() []byte {
	out := []byte("\x00asm\x01\x00\x00\x00")
	section := func(id byte, body []byte) {
		out = append(out, id)
		out = unsigned(out, uint32(len(body)))
		out = append(out, body...)
	}
	count := func() []byte { return unsigned(nil, uint32(len(m.functions))) }
	section(1, []byte{1, 0x60, 0, 0}) // one type: nothing to nothing
	section(2, []byte("\x02\x03env\x06memory\x02\x00\x01\x03env\x04base\x03\x7f\x00"))
	types, exports, code := count(), count(), count()
	for i, f := range m.functions {
		types = append(types, 0)
		exports = unsigned(exports, uint32(len(f.name)))
		exports = append(append(exports, f.name...), 0)
		exports = unsigned(exports, uint32(i))
		body := unsigned(nil, uint32(len(f.locals)))
		for _, t := range f.locals {
			body = append(body, 1, t)
		}
		body = append(append(body, f.code...), opEnd)
		code = append(unsigned(code, uint32(len(body))), body...)
	}
	section(3, types)
	section(7, exports)
	section(10, code)
	return out
}

// unsigned appends v in LEB128.
func unsigned(b []byte, v uint32) []byte {
	for ; v >= 0x80; v >>= 7 {
		b = append(b, byte(v)|0x80)
	}
	return append(b, byte(v))
}

// signed appends v in signed LEB128.
func signed(b []byte, v int32) []byte {
	for ; v < -0x40 || v >= 0x40; v >>= 7 {
		b = append(b, byte(v)&0x7f|0x80)
	}
	return append(b, byte(v)&0x7f)
}
