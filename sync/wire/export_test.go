package wire

// SignatureBase lets the test of RFC 9421's own vector reach the machinery.
func SignatureBase(names, values []string, params string) []byte {
	parts := make([]component, len(names))
	for i := range names {
		parts[i] = component{names[i], values[i]}
	}
	return signatureBase(parts, innerList(parts)+params)
}
