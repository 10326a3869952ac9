package page

import (
	"sync/atomic"

	"clexlab/web/state"
)

// Shipped is what the server knows when it draws a document: the models on offer, and the still that the build measured on
// the first of them, as JSON, "" for none.
type Shipped struct {
	Models []state.Model
	Still  string
}

var shipped atomic.Pointer[Shipped]

// SetShipped has documents show it.
func SetShipped(s Shipped) { shipped.Store(&s) }
