package wire

import (
	"encoding/binary"
	"fmt"
	"math"

	"clexlab/viz/scene"
)

// FactorSize is how many bytes t alone takes on its way.
const FactorSize = 16

// factorMark begins such a message: "t", the version, two bytes more.
var factorMark = [3]byte{'t', Version, 0}

// EncodeFactor writes t with its place in a drag: mark, phase, sequence number, t, little-endian.
func EncodeFactor(f scene.Factor) (b [FactorSize]byte) {
	copy(b[:], factorMark[:])
	b[3] = byte(f.Phase)
	binary.LittleEndian.PutUint32(b[4:], f.Seq)
	binary.LittleEndian.PutUint64(b[8:], math.Float64bits(f.T))
	return b
}

// solvedMark begins what is said of a solve, which comes while t is dragged as well: "s", the version, two bytes more.
var solvedMark = [4]byte{'s', Version, 0, 0}

// EncodeSolved writes evaluations, steps and milliseconds behind a mark, the last two as 32 bits, little-endian.
func EncodeSolved(s scene.Solved) (b [FactorSize]byte) {
	copy(b[:], solvedMark[:])
	binary.LittleEndian.PutUint32(b[4:], uint32(s.Evaluations))
	binary.LittleEndian.PutUint32(b[8:], uint32(s.Steps))
	binary.LittleEndian.PutUint32(b[12:], math.Float32bits(float32(s.Ms)))
	return b
}

// DecodeShort reads a message that is no frame again.
func DecodeShort(b []byte) (any, error) {
	if len(b) == FactorSize && [4]byte(b[:4]) == solvedMark {
		s := &scene.Solved{Evaluations: int(binary.LittleEndian.Uint32(b[4:])), Steps: int(binary.LittleEndian.Uint32(b[8:])), Ms: float64(math.Float32frombits(binary.LittleEndian.Uint32(b[12:])))}
		if !(s.Ms >= 0) || math.IsInf(s.Ms, 0) {
			return nil, fmt.Errorf("wire: a solve of %v ms", s.Ms)
		}
		return s, nil
	}
	f, err := DecodeFactor(b)
	return &f, err
}

// DecodeFactor reads it again.
func DecodeFactor(b []byte) (scene.Factor, error) {
	if len(b) != FactorSize || [3]byte(b[:3]) != factorMark {
		return scene.Factor{}, fmt.Errorf("wire: %d bytes that are no t of version %d: reload the page", len(b), Version)
	}
	f := scene.Factor{Phase: scene.Phase(b[3]), Seq: binary.LittleEndian.Uint32(b[4:]), T: math.Float64frombits(binary.LittleEndian.Uint64(b[8:]))}
	if f.Phase > scene.LetGo || !(f.T >= 1) || math.IsInf(f.T, 0) {
		return scene.Factor{}, fmt.Errorf("wire: t = %v in phase %d: want a finite number, at least 1", f.T, f.Phase)
	}
	return f, nil
}
