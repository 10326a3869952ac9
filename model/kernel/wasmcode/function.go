package wasmcode

import (
	"encoding/binary"
	"math"
)

const (
	opLoop, opIf, opElse, opEnd, opBrIf = 0x03, 0x04, 0x05, 0x0b, 0x0d

	noResult     = 0x40
	vectorPrefix = 0xfd
)

// Local is a variable of a function.
type Local uint32

// Function is a function being written: every method appends an instruction, which takes its
// operands from the stack, those written last being on top.
type Function struct {
	name   string
	locals []byte // types
	code   []byte
}

func (f *Function) local(kind byte) Local {
	f.locals = append(f.locals, kind)
	return Local(len(f.locals) - 1)
}

// Int, Float and Vector declare variables, which begin as 0.
func (f *Function) Int() Local { return f.local(0x7f) }

// Float declares a float32.
func (f *Function) Float() Local { return f.local(0x7d) }

// Vector declares a vector of 128 bits.
func (f *Function) Vector() Local { return f.local(0x7b) }

// Get pushes a variable.
func (f *Function) Get(l Local) { f.code = unsigned(append(f.code, 0x20), uint32(l)) }

// Set takes a variable's value off the stack.
func (f *Function) Set(l Local) { f.code = unsigned(append(f.code, 0x21), uint32(l)) }

// Tee sets a variable and leaves its value.
func (f *Function) Tee(l Local) { f.code = unsigned(append(f.code, 0x22), uint32(l)) }

// Base pushes the imported address.
func (f *Function) Base() { f.code = append(f.code, 0x23, 0) }

// Const pushes an integer, Floats a vector of four times x.
func (f *Function) Const(v int) { f.code = signed(append(f.code, 0x41), int32(v)) }

// Floats pushes four times x.
func (f *Function) Floats(x float32) { f.Ints(math.Float32bits(x)) }

// Ints pushes four times the 32 bits of v.
func (f *Function) Ints(v uint32) {
	f.Lanes(v, v, v, v)
}

// Lanes pushes a vector of four times 32 bits.
func (f *Function) Lanes(a, b, c, d uint32) {
	f.vector(0x0c)
	for _, v := range []uint32{a, b, c, d} {
		f.code = binary.LittleEndian.AppendUint32(f.code, v)
	}
}

// Float32 pushes a float32.
func (f *Function) Float32(x float32) {
	f.code = binary.LittleEndian.AppendUint32(append(f.code, 0x43), math.Float32bits(x))
}

// Op appends instructions of one byte.
func (f *Function) Op(codes ...byte) { f.code = append(f.code, codes...) }

// Instructions of one byte, for Op, on integers and on float32.
const (
	Eqz, Less, Greater, GreaterEqual byte = 0x45, 0x48, 0x4a, 0x4e
	Add, Sub, IntMul, And, Shl, ShrU byte = 0x6a, 0x6b, 0x6c, 0x71, 0x74, 0x76

	FloatGreater, FloatNotEqual, FloatAdd, FloatSub, FloatMul, FloatDiv, FloatMax byte = 0x5e, 0x5c, 0x92, 0x93, 0x94, 0x95, 0x97

	// BitsToFloat makes a float32 of the bits of an integer.
	BitsToFloat byte = 0xbe

	Select byte = 0x1b
)

func (f *Function) memory(offset int) {
	f.code = unsigned(append(f.code, 0), uint32(offset)) // no alignment is promised
}

// LoadInt loads 32 bits at the address on the stack and offset.
func (f *Function) LoadInt(offset int) { f.Op(0x28); f.memory(offset) }

// LoadFloat loads a float32.
func (f *Function) LoadFloat(offset int) { f.Op(0x2a); f.memory(offset) }

// StoreFloat stores the float32 on top of the address.
func (f *Function) StoreFloat(offset int) { f.Op(0x38); f.memory(offset) }

func (f *Function) vector(op uint32) { f.code = unsigned(append(f.code, vectorPrefix), op) }

// Load loads 16 bytes.
func (f *Function) Load(offset int) { f.vector(0x00); f.memory(offset) }

// LoadSplat loads one float32 into every lane.
func (f *Function) LoadSplat(offset int) { f.vector(0x09); f.memory(offset) }

// LoadInt8s loads eight int8 as int16.
func (f *Function) LoadInt8s(offset int) { f.vector(0x01); f.memory(offset) }

// Store stores 16 bytes.
func (f *Function) Store(offset int) { f.vector(0x0b); f.memory(offset) }

// Lane takes a float32 out of a vector.
func (f *Function) Lane(i byte) { f.vector(0x1f); f.Op(i) }

// Shuffle makes a vector of four floats or integers out of two vectors: 0 to 3 are those of the first, 4 to 7 of the second.
func (f *Function) Shuffle(lanes ...byte) {
	f.vector(0x0d)
	for _, l := range lanes {
		f.Op(4*l, 4*l+1, 4*l+2, 4*l+3)
	}
}

// IntLane takes an integer out of a vector.
func (f *Function) IntLane(i byte) { f.vector(0x1b); f.Op(i) }

// StoreShort stores the first 16 bits of a vector.
func (f *Function) StoreShort(offset int) { f.vector(0x59); f.memory(offset); f.Op(0) }

// V appends instructions on vectors.
func (f *Function) V(codes ...VectorOp) {
	for _, c := range codes {
		f.vector(uint32(c))
	}
}

// VectorOp is an instruction on vectors.
type VectorOp uint32

// Instructions for V on four integers or floats. PseudoMax(a, b) is b where a < b, else a. FromInt makes floats of integers.
// BitSelect(a, b, mask) is a where mask is set, else b.
const (
	IntSplat, Splat, IntLess, Equal, BitAnd, BitSelect VectorOp = 0x11, 0x13, 0x39, 0x41, 0x4e, 0x52

	// DotPairs multiplies eight int16 by eight and adds neighbours.
	DotPairs VectorOp = 0xba

	// Narrow makes eight int16 of two times four int32.
	Narrow VectorOp = 0x85

	IntShl, IntShr, IntAdd, IntMin, UnsignedMin, IntMax VectorOp = 0xab, 0xac, 0xae, 0xb6, 0xb7, 0xb8
	VAdd, VSub, VMul, PseudoMax, FromInt                VectorOp = 0xe4, 0xe5, 0xe6, 0xeb, 0xfa
)

// Loop does body, and again while the condition is not 0 that body leaves on the stack.
func (f *Function) Loop(body func()) {
	f.Op(opLoop, noResult)
	body()
	f.Op(opBrIf, 0, opEnd)
}

// If does body where the condition on the stack is not 0.
func (f *Function) If(body func()) {
	f.Op(opIf, noResult)
	body()
	f.Op(opEnd)
}

// IfElse does yes where the condition on the stack is not 0, else no.
func (f *Function) IfElse(yes, no func()) {
	f.Op(opIf, noResult)
	yes()
	f.Op(opElse)
	no()
	f.Op(opEnd)
}

// Advance adds n to an integer variable.
func (f *Function) Advance(l Local, n int) {
	f.Get(l)
	f.Const(n)
	f.Op(Add)
	f.Set(l)
}

// AdvanceBy adds one integer variable to another.
func (f *Function) AdvanceBy(l, by Local) {
	f.Get(l)
	f.Get(by)
	f.Op(Add)
	f.Set(l)
}

// Copy sets one variable to another.
func (f *Function) Copy(to, from Local) {
	f.Get(from)
	f.Set(to)
}
