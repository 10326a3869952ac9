package gpu

import (
	"context"
	"fmt"
	"strings"
)

// Driver is a device that runs shaders: WebGPU by way of syscall/js, or a stand-in in
// tests. Handles are small numbers. Nothing waits but Compile, Alloc and Pending.
type Driver interface {
	Adapter() Adapter
	// Alloc makes buffers of the given sizes in bytes, multiples of 4, zeroed.
	// The error tells when the device has no memory left.
	Alloc(ctx context.Context, sizes ...int) ([]Buffer, error)
	// Upload writes data, whole words, to the start of a buffer.
	Upload(b Buffer, data []byte)
	// Compile makes pipelines, all at once; refused says, for those that the device
	// does not take, why. The error is trouble with the device itself.
	Compile(ctx context.Context, list []Shader) (made []Pipeline, refused []error, err error)
	// Bind makes a group of buffers for a shader, in the order of its bindings.
	Bind(s *Shader, buffers ...Buffer) Group
	// Uniforms makes the group 0 of every shader.
	Uniforms(params, encoding Buffer) Group
	// Submit sends commands, which it copies; Pending waits for them.
	Submit(c *Commands) Pending
	// Free gives buffers back.
	Free(list ...Buffer)
	// Close gives everything back. Destroy takes the device away as a reset driver would, for tests.
	Close()
	Destroy()
}

// Buffer, Pipeline and Group are handles of a Driver.
type (
	Buffer   uint32
	Pipeline uint32
	Group    uint32
)

// Pending is work under way.
type Pending interface {
	// Wait waits until it is done and returns the bytes that were read, in the order asked for.
	Wait(ctx context.Context) ([]byte, error)
}

// Adapter describes a device.
type Adapter struct {
	// Name is what the adapter calls itself, for a person.
	Name string
	// Software is set when no graphics processor stands behind it.
	Software bool
	// Subgroups and ShaderF16 are set when shaders may use subgroup operations and 16-bit floats.
	Subgroups, ShaderF16 bool
	Limits               Limits
}

// extras are the features of shaders that not every device has, and this one does.
func (a Adapter) extras() (list []string) {
	if a.Subgroups {
		list = append(list, subgroups)
	}
	if a.ShaderF16 {
		list = append(list, shaderF16)
	}
	return list
}

// Label is the adapter's name, marked if it is only software.
func (a Adapter) Label() string {
	if a.Software {
		return a.Name + " (software adapter)"
	}
	return a.Name
}

// Limits are those limits of a device that the kernels come near.
type Limits struct {
	// BindingBytes bounds one bound buffer, WorkgroupBytes the shared memory of a workgroup.
	BindingBytes, WorkgroupBytes int
	// StorageBuffers bounds the storage buffers of a kernel, Invocations a workgroup.
	StorageBuffers, Invocations int
}

// DefaultLimits are what every WebGPU device has; the kernels need no more.
var DefaultLimits = Limits{BindingBytes: 128 << 20, WorkgroupBytes: 16 << 10, StorageBuffers: 8, Invocations: 256}

// SoftwareAdapter reports whether an adapter that calls itself so computes on the
// CPU, whatever its flag says.
func SoftwareAdapter(name string, flagged bool) bool {
	name = strings.ToLower(name)
	for _, s := range []string{"swiftshader", "llvmpipe", "lavapipe", "software", "basic render", "warp"} {
		if strings.Contains(name, s) {
			return true
		}
	}
	return flagged
}

// Kind says what is wrong with a device.
type Kind uint8

// The kinds of trouble; replay.js knows the numbers.
const (
	// Missing: no WebGPU here, or no adapter.
	Missing Kind = iota
	// Unfit: the model cannot run on it.
	Unfit
	// Lost: the device went away.
	Lost
	// Memory: it has none left.
	Memory
	// Invalid: it refused a command.
	Invalid
	// Wrong: it computes wrong numbers.
	Wrong
)

// String says the kind in words for a person.
func (k Kind) String() string {
	switch k {
	case Missing:
		return "no GPU to use"
	case Unfit:
		return "not for this model"
	case Lost:
		return "the GPU was lost"
	case Memory:
		return "the GPU ran out of memory"
	case Invalid:
		return "the GPU refused a command"
	case Wrong:
		return "the GPU computes wrong numbers"
	}
	return fmt.Sprintf("Kind(%d)", uint8(k))
}

// Error is trouble with a device: the work it had is to be done elsewhere.
type Error struct {
	Kind Kind
	Text string
}

// Error implements error.
func (e *Error) Error() string { return e.Kind.String() + ": " + e.Text }

func unfit(format string, args ...any) error {
	return &Error{Kind: Unfit, Text: fmt.Sprintf(format, args...)}
}
