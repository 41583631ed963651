package hub

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"redstation/kiosk"
	"redstation/sync/hub/sqldb"
)

// The API of cases, for the city's own systems: they are read, and done to, with a token
// of the scope "cases". What a token does is audited under its name.

// caseParameters are those of GET /api/v1/cases.
func caseParameters() []string {
	return []string{"booth", "number", "owner", "step", "state", "before", "limit"}
}

// casesAnswer is what GET /api/v1/cases says.
type casesAnswer struct {
	Cases []kiosk.CaseItem `json:"cases"`
	Next  int64            `json:"next,omitempty"` // give it as before for the page that follows
}

// caseOrder is what is to be done to a case.
type caseOrder struct {
	Booth   string `json:"booth"`
	Number  string `json:"number"`
	Version uint64 `json:"version"`
	kiosk.CaseEvent
}

// maxOrder is the most bytes that an order may have.
const maxOrder = 16 << 10

func (h *Hub) caseToken(r *http.Request) (sqldb.Token, error) {
	t, err := h.bearer(r.Context(), r.Header.Get("Authorization"), ScopeCases)
	if err != nil {
		return t, err
	}
	return t, h.pulls.admit(t.Name)
}

// mayCase refuses a booth that the token is not for.
func mayCase(t *sqldb.Token, booth string) error {
	if len(t.Booths) > 0 && !slices.Contains(t.Booths, booth) {
		return &refusal{http.StatusForbidden, kiosk.CodeDenied, "the token is for some booths: name one of them as booth", 0}
	}
	return nil
}

// serveCases answers GET /api/v1/cases: a page of them, or one with what happened to it.
func (h *Hub) serveCases(w http.ResponseWriter, r *http.Request) error {
	t, err := h.caseToken(r)
	if err != nil {
		return err
	}
	q, number, err := readCaseQuery(r.URL.Query())
	if err != nil {
		return err
	}
	if err := mayCase(&t, q.Booth); err != nil {
		return err
	}
	answer := casesAnswer{Cases: []kiosk.CaseItem{}}
	if number != "" {
		one, err := h.Case(r.Context(), q.Booth, number)
		if err != nil {
			return refused(err)
		}
		answer.Cases = append(answer.Cases, one)
	} else {
		if answer.Cases, err = h.Cases(r.Context(), q); err != nil {
			return err
		}
		if n := len(answer.Cases); n == q.Limit {
			answer.Next = answer.Cases[n-1].Pos
		}
	}
	return writeJSON(w, answer)
}

func readCaseQuery(v url.Values) (q kiosk.CaseQuery, number string, err error) {
	q.Limit = 50
	for name, values := range v {
		value := values[0]
		bad := func(why string) (kiosk.CaseQuery, string, error) {
			return q, "", badParameter(name, errors.New(why))
		}
		switch name {
		case "booth":
			q.Booth = value
		case "number":
			number = value
		case "owner":
			q.Owner = value
		case "step":
			if q.Step = kiosk.Step(value); !slices.Contains(kiosk.Steps(), q.Step) {
				return bad("want survey, team, gather, consult, carry or rate")
			}
		case "state":
			if q.State = kiosk.CaseState(value); !slices.Contains(kiosk.CaseStates(), q.State) {
				return bad("want open, overdue, wish or closed")
			}
		case "before":
			if q.Before, err = strconv.ParseInt(value, 10, 63); err != nil {
				return bad("want the number next of the page before")
			}
		case "limit":
			if q.Limit, err = strconv.Atoi(value); err != nil || q.Limit < 1 || q.Limit > maxCases {
				return bad("want 1 to " + strconv.Itoa(maxCases))
			}
		default:
			return bad("there is no such parameter")
		}
	}
	if number != "" && q.Booth == "" {
		return q, "", badParameter("number", errors.New("a number is of one booth: name it as booth"))
	}
	return q, number, nil
}

// serveCaseDo answers POST /api/v1/cases/do: it does to a case what the city can.
func (h *Hub) serveCaseDo(w http.ResponseWriter, r *http.Request) error {
	t, err := h.caseToken(r)
	if err != nil {
		return err
	}
	var o caseOrder
	dec := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxOrder))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&o); err != nil {
		return &refusal{http.StatusBadRequest, kiosk.CodeInvalid, "the body is no order: " + err.Error(), 0}
	}
	if err := mayCase(&t, o.Booth); err != nil {
		return err
	}
	one, err := h.DoCase(As(r.Context(), "token "+t.Name), o.Booth, o.Number, o.Version, o.CaseEvent)
	if err != nil {
		return refused(err)
	}
	return writeJSON(w, casesAnswer{Cases: []kiosk.CaseItem{one}})
}

// refused turns what is wrong with an order into an answer.
func refused(err error) error {
	status, ok := map[kiosk.Code]int{kiosk.CodeInvalid: http.StatusBadRequest, kiosk.CodeNotFound: http.StatusNotFound,
		kiosk.CodeConflict: http.StatusConflict, kiosk.CodeDenied: http.StatusForbidden}[kiosk.CodeOf(err)]
	if !ok {
		return err
	}
	return &refusal{status, kiosk.CodeOf(err), err.Error(), 0}
}

func writeJSON(w http.ResponseWriter, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.Write(body) //nolint:errcheck // the caller asks again
	return nil
}
