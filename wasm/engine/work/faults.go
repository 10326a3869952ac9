//go:build faults

package work

import "clexlab/wasm/wire/jobs"

// fault causes the failure that a test asks for.
func (d *Dispatcher) fault(f jobs.Fault) {
	switch f {
	case jobs.OutOfMemory:
		go d.Exhaust()
	case jobs.LostGPU:
		d.Worker.LoseGPU()
	}
}

// LoseGPU takes the device away in the middle of whatever it does.
func (w *Worker) LoseGPU() {
	if w.backend.device != nil {
		w.backend.device.Destroy()
	}
}
