package gpu

import (
	"context"
	"slices"
)

// recorder is a device that only notes what it was given: kernels, what was uploaded, the groups bound, the words of the latest submit.
type recorder struct {
	Driver
	adapter  Adapter
	list     []Shader
	uploaded [][]byte
	groups   [][]Buffer
	words    []uint32
}

func (d *recorder) Adapter() Adapter                     { return d.adapter }
func (d *recorder) Upload(b Buffer, data []byte)         { d.uploaded[b] = slices.Clone(data) }
func (d *recorder) Free(...Buffer)                       {}
func (d *recorder) Uniforms(Buffer, Buffer) Group        { return d.Bind(nil) }
func (d *recorder) Wait(context.Context) ([]byte, error) { return nil, nil }

func (d *recorder) Alloc(_ context.Context, sizes ...int) ([]Buffer, error) {
	out := make([]Buffer, len(sizes))
	for i := range sizes {
		out[i] = Buffer(len(d.uploaded))
		d.uploaded = append(d.uploaded, nil)
	}
	return out, nil
}

func (d *recorder) Compile(_ context.Context, list []Shader) ([]Pipeline, []error, error) {
	made := make([]Pipeline, len(list))
	for i := range list {
		made[i] = Pipeline(len(d.list))
		d.list = append(d.list, list[i])
	}
	return made, make([]error, len(list)), nil
}

func (d *recorder) Bind(_ *Shader, buffers ...Buffer) Group {
	d.groups = append(d.groups, buffers)
	return Group(len(d.groups) - 1)
}

func (d *recorder) Submit(c *Commands) Pending {
	d.words = slices.Clone(c.Words())
	return d
}

// dispatch is one that was recorded.
type dispatch struct {
	kernel  string
	group   Group
	x, y, z int
}

// dispatches are those of a submit.
func (d *recorder) dispatches(words []uint32) (all []dispatch) {
	operands := []int{opPipeline: 1, opGroup: 1, opUniforms: 2, opDispatch: 3, opRead: 3, opClear: 3, opWrite: 3}
	var at dispatch
	for len(words) > 0 {
		op, o := words[0], words[1:]
		n := operands[op]
		switch op {
		case opPipeline:
			at.kernel = d.list[o[0]].Name
		case opGroup:
			at.group = Group(o[0])
		case opDispatch:
			at.x, at.y, at.z = int(o[0]), int(o[1]), int(o[2])
			all = append(all, at)
		case opWrite:
			n += int(o[2])
		}
		words = o[n:]
	}
	return all
}
