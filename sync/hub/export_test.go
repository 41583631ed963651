package hub

// APIRoutes returns what is served under /api/v1/ and with which parameters.
func (h *Hub) APIRoutes() map[string][]string {
	out := map[string][]string{}
	for _, r := range h.apiRoutes() {
		out[r.path] = r.parameters
	}
	return out
}
