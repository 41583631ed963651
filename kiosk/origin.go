package kiosk

import "context"

// Origin is how a filled form came about: what its answers alone do not say. It
// travels in the context of the call, since every action with a form hands it on
// unread.
type Origin struct {
	Pack   *Catalogue // the pack that the pages were shown from; nil = what is offered now
	Helped bool       // somebody else filled it in, and the resident confirmed it
	Paper  string     // the number of the paper form that staff typed in; "" = none
}

type originKey struct{}

// From returns a context for the calls of a visit that has that origin. A visit ends
// on the pack that it began with, whatever the city offers in the meantime.
func From(ctx context.Context, o Origin) context.Context {
	return context.WithValue(ctx, originKey{}, o)
}

// originOf returns the context's origin, or the zero one.
func originOf(ctx context.Context) Origin {
	o, _ := ctx.Value(originKey{}).(Origin)
	return o
}

// CatalogueFor returns the catalogue that a call of this context works by.
func (b *Booth) CatalogueFor(ctx context.Context) *Catalogue {
	if c := originOf(ctx).Pack; c != nil {
		return c
	}
	return b.Catalogue()
}
